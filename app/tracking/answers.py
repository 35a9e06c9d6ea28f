"""What the door answers, byte for byte. Nothing in here depends on who asks or on what was recorded.

    pixel        200  43 bytes of transparent GIF
    redirect     302  Location: the target of the link part
    not found    404  a page that says that the link does not work
    not allowed  405  Allow: GET, HEAD

None may be stored or names where the reader came from. A HEAD gets the same head and no body.
Source: the contract of `GET /o/{token}.gif` and `GET /c/{token}`; RFC 9110 §9.3.2.
"""

from dataclasses import dataclass, field
from typing import Any, Final

GIF: Final = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
"""One transparent pixel, 43 bytes."""

Headers = tuple[tuple[bytes, bytes], ...]

_PRIVATE: Headers = (
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex, nofollow"),
)

_PAGE = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>This link does not work</title>
</head>
<body>
<main>
<h1>This link does not work</h1>
<p>It is incomplete or damaged. Please open it again from the e-mail, or ask its sender.</p>
</main>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer; header names in lower case, as ASGI wants them. Its ASGI messages are made once."""

    status: int
    headers: Headers
    body: bytes = b""
    start: dict[str, Any] = field(init=False, repr=False, compare=False)
    end: dict[str, Any] = field(init=False, repr=False, compare=False)
    head_end: dict[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """The messages: one for the head, one for the body, one for the end of a HEAD."""
        start = {"type": "http.response.start", "status": self.status, "headers": self.headers}
        object.__setattr__(self, "start", start)
        object.__setattr__(self, "end", {"type": "http.response.body", "body": self.body})
        object.__setattr__(self, "head_end", {"type": "http.response.body", "body": b""})


def _answer(status: int, *headers: tuple[bytes, bytes], body: bytes = b"") -> Answer:
    length = (b"content-length", str(len(body)).encode("ascii"))
    return Answer(status, (*headers, length, *_PRIVATE), body)


PIXEL: Final = _answer(
    200,
    (b"content-type", b"image/gif"),
    (b"pragma", b"no-cache"),
    (b"expires", b"0"),
    # Web mail that isolates its pages loads pictures only from those who say that they may be shown anywhere.
    (b"cross-origin-resource-policy", b"cross-origin"),
    body=GIF,
)

NOT_FOUND: Final = _answer(
    404,
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    body=_PAGE,
)

NOT_ALLOWED: Final = _answer(405, (b"allow", b"GET, HEAD"))


def redirect(target: str) -> Answer:
    """302 to a target that `domain/targets` found safe, byte for byte."""
    return _answer(302, (b"location", target.encode("ascii")))
