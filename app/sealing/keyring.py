"""Seals payloads into tokens and opens them again, under several keys at once.

Theory: AES-SIV (RFC 5297) encrypts and authenticates at once and needs no nonce, so the same payload under
the same key is the same token: everybody's anonymous link is identical, and a link part is sealed once. The
purpose and an optional context are associated data; a token opens only where both are the same.

    token   = base64url( key id 1 · SIV 16 · ciphertext )      no padding, one spelling only (RFC 4648 §3.5)
    wrapped =            key id 1 · SIV 16 · ciphertext        bytes, for secrets kept at rest
    subkeys = HKDF-SHA256( secret, info = use )                64 bytes each for tokens and wrapping, 1 for the id

The newest key seals, all of them open. The key id only saves trying every key: where two keys share an id,
each is tried.

    SealBroken
    ├── TokenInvalid   a token that nobody here sealed for this purpose and context
    ├── SecretInvalid  a wrapped secret that none of the keys opens
    └── IdInvalid      an id that was not sealed for this account and type (`ids`)
"""

from base64 import urlsafe_b64encode
from binascii import Error, a2b_base64
from collections.abc import Sequence
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.domain.tokens import Purpose

SHORTEST_SECRET: Final = 16
"""Bytes that a secret must have at least."""

TOKEN_OVERHEAD: Final = 17
"""Bytes that sealing adds to a payload: the key id and the SIV."""

_SECRET = b"secret"
_SUBKEY_SIZE = 64
# The two characters that only the standard alphabet has are none of ours.
_STANDARD_ALPHABET = bytes.maketrans(b"-_+/", b"+/!!")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# By the length's rest: what pads it, and which characters may end it. No token leaves a rest of one.
_PADDING = (b"", b"", b"==", b"=")
_LAST_CHARACTERS = (_ALPHABET, "", _ALPHABET[::16], _ALPHABET[::4])


class SealBroken(ValueError):
    """What was to be opened was not sealed here, or not for this."""


class TokenInvalid(SealBroken):
    """The token was not sealed by these keys for this purpose and context."""


class SecretInvalid(SealBroken):
    """The wrapped secret was not wrapped by these keys for this context."""


class _Key(NamedTuple):
    number: bytes
    tokens: AESSIV
    secrets: AESSIV


class Keyring:
    """The instance's secrets (`ASSENT_SECRET_KEYS`), newest first; raises ValueError without a usable one."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or min(map(len, keys)) < SHORTEST_SECRET:
            raise ValueError(f"a keyring needs at least one secret, each of {SHORTEST_SECRET} bytes or more")
        ring = [_derived(key) for key in keys]
        self._newest = ring[0]
        self._numbered: dict[int, list[_Key]] = {}
        for key in ring:
            self._numbered.setdefault(key.number[0], []).append(key)

    def seal(self, purpose: Purpose, payload: bytes, context: bytes = b"") -> str:
        """The token of a payload (not empty), under the newest key; the same every time."""
        sealed = self._newest.tokens.encrypt(payload, associated(purpose, context))
        return _spelled(self._newest.number + sealed)

    def open(self, purpose: Purpose, token: str, context: bytes = b"") -> bytes:
        """The payload of a token, whichever key sealed it; raises TokenInvalid."""
        return self.opened(token, associated(purpose, context))

    def opened(self, token: str, bound_to: list[bytes]) -> bytes:
        """As `open`, for who opens many that are bound to the same (`associated`)."""
        sealed = _read(token)
        for key in self._numbered.get(sealed[0], ()):
            try:
                return key.tokens.decrypt(sealed[1:], bound_to)
            except InvalidTag:
                continue
        raise TokenInvalid

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """The secret (not empty) as it is kept at rest, bound to whose it is (`context`)."""
        return self._newest.number + self._newest.secrets.encrypt(secret, _joined(_SECRET, context))

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The secret again; raises SecretInvalid. `wrap(unwrap(…))` moves it to the newest key."""
        for key in self._numbered.get(wrapped[0], ()) if wrapped else ():
            try:
                return key.secrets.decrypt(wrapped[1:], _joined(_SECRET, context))
            except InvalidTag:
                continue
        raise SecretInvalid


def _derived(secret: bytes) -> _Key:
    def subkey(use: bytes, size: int) -> bytes:
        return HKDF(algorithm=SHA256(), length=size, salt=None, info=b"assent " + use).derive(secret)

    tokens, secrets = subkey(b"tokens", _SUBKEY_SIZE), subkey(b"secrets", _SUBKEY_SIZE)
    return _Key(subkey(b"key id", 1), AESSIV(tokens), AESSIV(secrets))


def associated(purpose: Purpose, context: bytes = b"") -> list[bytes]:
    """What a token is bound to."""
    return _joined(purpose.value, context)


def _joined(purpose: bytes, context: bytes) -> list[bytes]:
    """One string for both; unambiguous, since no purpose holds a zero byte."""
    return [purpose + b"\0" + context]


def _spelled(sealed: bytes) -> str:
    return urlsafe_b64encode(sealed).rstrip(b"=").decode("ascii")


def _read(token: str) -> bytes:
    """The bytes of a token in its one spelling; the bits left over in the last character must be zero."""
    try:
        standard = token.encode("ascii").translate(_STANDARD_ALPHABET)
        sealed = a2b_base64(standard + _PADDING[len(standard) % 4], strict_mode=True)
    except (UnicodeEncodeError, Error):
        raise TokenInvalid from None
    if len(sealed) <= TOKEN_OVERHEAD or token[-1] not in _LAST_CHARACTERS[len(token) % 4]:
        raise TokenInvalid
    return sealed
