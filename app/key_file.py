"""The secret keys of an instance, and the file that holds them: base64url, one a line, newest first, for its owner alone.

The file is replaced whole or not at all, and two who change it at once wait for each other. Only the standard library is
imported here, as in `settings`.
"""

import base64
import binascii
import contextlib
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

KEY_BYTES = 32
"""The length of a secret key."""

_PRIVATE_FILE = 0o600


class KeysWrong(ValueError):
    """What is wrong with keys and how to mend it, without any of them."""


def read_keys(text: str) -> tuple[bytes, ...]:
    """Keys parted by commas or lines. Raises `KeysWrong`, which counts them, for a key must not be printed."""
    return tuple(
        _key(number, part.strip()) for number, part in enumerate(text.replace("\n", ",").split(","), 1)
    )


def written_keys(keys: Sequence[bytes]) -> str:
    """Keys as the variable holds them, newest first."""
    return ",".join(base64.urlsafe_b64encode(key).decode() for key in keys)


def kept_keys(path: Path) -> tuple[bytes, ...]:
    """The keys of a file, which is made with one key where there is none. Raises `KeysWrong`."""
    if not path.exists():
        _make(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        message = f"can be read by others: make it private with chmod 600 {path}"
        raise KeysWrong(message)
    return read_keys(path.read_text(encoding="utf-8").strip())


def add_key(path: Path) -> tuple[bytes, ...]:
    """Puts a new key in front of those of the file, and returns all of them. Raises `KeysWrong`."""
    with _held(path):
        keys = (secrets.token_bytes(KEY_BYTES), *kept_keys(path))
        draft = _draft(path, keys)
        _give(draft, path.stat())
        draft.replace(path)
        _sync_folder(path.parent)
    return keys


def _key(number: int, text: str) -> bytes:
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        message = (
            f"has a key {number} that is not base64url: make one with `openssl rand -base64 32 | tr +/ -_`"
        )
        raise KeysWrong(message) from error
    if len(key) != KEY_BYTES:
        message = f"has a key {number} of {len(key)} bytes: give {KEY_BYTES} bytes in base64url"
        raise KeysWrong(message)
    return key


def _make(path: Path) -> None:
    draft = _draft(path, [secrets.token_bytes(KEY_BYTES)])
    # Two processes may start at once: the one that links second keeps the keys of the first.
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _draft(path: Path, keys: Sequence[bytes]) -> Path:
    draft = path.with_name(f"keys.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE_FILE), "w") as file:
        file.write(written_keys(keys).replace(",", "\n") + "\n")
        file.flush()
        os.fsync(file.fileno())
    return draft


def _give(draft: Path, owner: os.stat_result) -> None:
    """Whoever owns the file goes on owning it: an administrator's command must not lock the service out."""
    if os.geteuid() != owner.st_uid:
        os.chown(draft, owner.st_uid, owner.st_gid)


@contextlib.contextmanager
def _held(path: Path) -> Iterator[None]:
    """Holds the file against others who add a key. Who waited may hold one that was replaced meanwhile: then again."""
    while True:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if path.stat().st_ino == os.fstat(file.fileno()).st_ino:
                yield
                return


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
