r"""An account's logo: a small picture that every browser shows and that cannot run anything.

    kind   begins with
    PNG    \x89PNG\r\n\x1a\n
    JPEG   \xff\xd8\xff
    GIF    GIF87a, GIF89a
    WebP   RIFF….WEBP

SVG is none of them: it is a document, which may hold scripts. Source: the formats' own signatures.
"""

import hashlib
from dataclasses import dataclass

from app.domain.errors import InvalidValue

LARGEST_LOGO = 8_192
"""Bytes: with its logo a page still has less than 30 kB in all."""

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture, its media type, and the name under which it is served: SHA-256 over its bytes."""

    content: bytes
    media_type: str
    digest: bytes


def checked_logo(content: bytes, *path: str | int) -> Logo:
    """The logo that these bytes are. Raises `InvalidValue` where they are none, or too many."""
    if len(content) > LARGEST_LOGO:
        message = f"A logo has at most {LARGEST_LOGO} bytes."
        raise InvalidValue(message, path=path)
    media_type = _media_type(content)
    if media_type is None:
        message = "A logo is a PNG, JPEG, GIF or WebP picture."
        raise InvalidValue(message, path=path)
    return Logo(content, media_type, hashlib.sha256(content).digest())


def _media_type(content: bytes) -> str | None:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for signature, kind in _SIGNATURES if content.startswith(signature)), None)
