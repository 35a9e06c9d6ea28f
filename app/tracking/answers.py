"""What the door answers, byte for byte; nothing but the language of a page depends on who asks, and nothing on what was recorded.

    pixel        200  43 bytes of transparent GIF
    redirect     302  Location: the target of the link part
    not found    404  a page that says that the link does not work
    not allowed  405  Allow: GET, HEAD

None may be stored or names where the reader came from. A HEAD gets the same head and no body.
Source: the contract of `GET /o/{token}.gif` and `GET /c/{token}`; RFC 9110 §9.3.2.
"""

from collections.abc import Callable, Mapping
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

LostPage = Callable[[str | None, str], tuple[Mapping[str, str], str]]
"""The headers and the HTML for a link that does not work, by the wanted language and the accepted ones (RFC 9110 §12.5.4)."""


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

NOT_ALLOWED: Final = _answer(405, (b"allow", b"GET, HEAD"))


def redirect(target: str) -> Answer:
    """302 to a target that `domain/targets` found safe, byte for byte."""
    return _answer(302, (b"location", target.encode("ascii")))


def not_found(headers: Mapping[str, str], html: str) -> Answer:
    """404 with a page that says that the link does not work; `headers` are those of pages, their length included."""
    of_page = tuple((name.lower().encode("ascii"), value.encode("ascii")) for name, value in headers.items())
    return Answer(404, ((b"content-type", b"text/html; charset=utf-8"), *of_page), html.encode())


def wordless(_wanted: str | None, _accepted: str) -> tuple[Mapping[str, str], str]:
    """The page of a door that was given none."""
    headers = ((b"content-length", b"0"), *_PRIVATE)
    return {name.decode("ascii"): value.decode("ascii") for name, value in headers}, ""
