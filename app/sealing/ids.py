"""Seals the keys inside ids of what belongs to one person, so that an id tells nobody whose it is.

Theory: AES-SIV (RFC 5297) under a key made of the account's identity key. That one is never rotated and no two accounts
share it, so an id stays the same for ever, and those of another account open nothing. Nothing in it is random: a client
that keeps ids meets the same thing under the same one. The name of the type is associated data, so the key of a delivery
opens as nothing else.

    sealed = base64( SIV 16 · ciphertext )      padded, one spelling only (RFC 4648 §3.5); some 2 µs each
    key    = HKDF-SHA256( identity key, info = "assent ids" ), 64 bytes

Source: domain.md §11.
"""

from binascii import Error, a2b_base64, b2a_base64
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.sealing.keyring import SealBroken

_KEY_SIZE: Final = 64
_SIV_SIZE: Final = 16


class IdInvalid(SealBroken):
    """The key inside an id was not sealed for this account and type."""


class SealedIds:
    """Seals and opens the keys inside one account's ids."""

    def __init__(self, identity_key: bytes) -> None:
        key = HKDF(algorithm=SHA256(), length=_KEY_SIZE, salt=None, info=b"assent ids").derive(identity_key)
        self._cipher = AESSIV(key)

    def seal(self, kind: bytes, key: bytes) -> bytes:
        """The sealed key (not empty) of something of this type, in ASCII; the same every time."""
        return b2a_base64(self._cipher.encrypt(key, [kind]), newline=False)

    def open(self, kind: bytes, sealed: str) -> bytes:
        """The key again; raises IdInvalid."""
        try:
            found = a2b_base64(sealed.encode("ascii"), strict_mode=True)
        except (UnicodeEncodeError, Error):
            raise IdInvalid from None
        if len(found) <= _SIV_SIZE or b2a_base64(found, newline=False).decode() != sealed:
            raise IdInvalid
        try:
            return self._cipher.decrypt(found, [kind])
        except InvalidTag:
            raise IdInvalid from None
