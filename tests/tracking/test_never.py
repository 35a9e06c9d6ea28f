"""Whatever is sent to a real server: no redirect but to the sealed target, no cookie, no error page, no line in a log."""

import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tracking.conftest import TARGET
from tests.tracking.whole import Edge, edge

GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
NAMES = {
    *(
        "content-type",
        "content-length",
        "cache-control",
        "referrer-policy",
        "x-content-type-options",
        "x-robots-tag",
    ),
    *("pragma", "expires", "cross-origin-resource-policy", "content-security-policy", "location", "allow"),
    *("server", "date"),
}
"""Every header that an answer of the door, or of the server around it, may have."""

OF_PAGES = {"content-language", "vary", "cross-origin-opener-policy", "permissions-policy"}
"""Those that the page of a damaged link has besides."""

MALFORMED = 400
"""What the server says to bytes that are no HTTP; the door never sees them."""

FUZZ = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
raw = st.binary(max_size=120).map(lambda text: re.sub(rb"[\s\x00]", b"", text))
texts = st.one_of(
    raw,
    st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), max_size=80).map(str.encode),
    st.sampled_from([
        b"//evil.example", b"https://evil.example/", b"%0d%0aSet-Cookie:a=b", b"%0aLocation:https://evil.example",
        b"..%2f..%2fhealth", b"?u=https://evil.example", b"?lang=it&lang", b"#", b".gif", b"%00", b"%ff%fe", b"a.b.c",
    ]),
)  # fmt: skip
names = st.sampled_from([
    b"User-Agent", b"Cookie", b"X-Forwarded-For", b"X-Forwarded-Host", b"Forwarded", b"Purpose", b"Sec-Purpose",
    b"Sec-GPC", b"Range", b"If-None-Match", b"Referer", b"Origin", b"X-Original-URL", b"Accept-Encoding",
    b"Accept-Language",
])  # fmt: skip
values = st.binary(max_size=60).map(lambda text: re.sub(rb"[\r\n\x00]", b"", text))
headers = st.lists(st.tuples(names, values), max_size=4)
methods = st.sampled_from([b"GET", b"HEAD", b"POST", b"OPTIONS", b"DELETE", b"PROPFIND"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """One server for everything; at the end it has said nothing, and kept nothing of whom it met."""
    data = tmp_path_factory.mktemp("edge") / "var"
    with edge(data, ASSENT_TRUSTED_PROXIES="127.0.0.1") as running:
        yield running
    assert running.logged == ""


def asked(
    server: Edge, method: bytes, path: bytes, sent: list[tuple[bytes, bytes]]
) -> tuple[int, dict[str, str], bytes]:
    """One request as bytes; the answer's status, its headers, its body."""
    address = urlsplit(server.url)
    lines = [b"%s %s HTTP/1.1" % (method, path), b"Host: track.example", b"Connection: close"]
    lines += [b"%s: %s" % header for header in sent]
    with socket.create_connection((address.hostname, address.port), timeout=120) as wire:
        wire.sendall(b"\r\n".join(lines) + b"\r\n\r\n")
        answer = b"".join(iter(lambda: wire.recv(65_536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *fields = head.decode("latin-1").split("\r\n")
    pairs = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in fields)]
    assert len(pairs) == len(dict(pairs)), "a header came twice"
    number = int(status.split(" ")[1])
    assert dict(pairs).keys() <= {*NAMES, "connection", *(OF_PAGES if number == 404 else ())}
    return number, dict(pairs), body


@FUZZ
@given(methods, texts, headers)
def test_a_pixel_is_always_the_picture(
    server: Edge, method: bytes, path: bytes, sent: list[tuple[bytes, bytes]]
) -> None:
    status, found, body = asked(server, method, b"/o/" + path, sent)

    if status == MALFORMED:
        assert body == b""
        return
    assert (status, found["content-type"], "location" in found) == (200, "image/gif", False)
    assert body == (b"" if method == b"HEAD" else GIF)


@FUZZ
@given(methods, texts, headers)
def test_a_link_that_is_none_leads_nowhere(
    server: Edge, method: bytes, path: bytes, sent: list[tuple[bytes, bytes]]
) -> None:
    status, found, _ = asked(server, method, b"/c/" + path, sent)

    assert status in {404, 405, MALFORMED}
    assert "location" not in found


@FUZZ
@given(st.booleans(), texts, headers)
def test_a_link_leads_to_its_own_target_whatever_stands_around_it(
    server: Edge, personal: bool, behind: bytes, sent: list[tuple[bytes, bytes]]
) -> None:
    """What follows the link part, and any header, changes neither the target nor the headers."""
    link = urlsplit(server.mail.link if personal else server.mail.shared_link).path.encode()

    status, found, body = asked(server, b"GET", link + b"?" + behind.replace(b"#", b""), sent)

    assert status in {302, MALFORMED}
    if status != MALFORMED:
        assert (found["location"], body) == (TARGET, b"")


def test_x13_head_is_never_counted(server: Edge) -> None:
    before = server.hits()

    for address in (server.mail.pixel, server.mail.link, server.mail.shared_link):
        assert server.client.head(address).content == b""

    assert server.hits() == before


@pytest.mark.parametrize(
    "request_line", [(b"OPTIONS", b"*"), (b"GET", b"*"), (b"CONNECT", b"shop.example:443")]
)
def test_a_request_that_names_no_path_is_no_error(server: Edge, request_line: tuple[bytes, bytes]) -> None:
    """Proxies and scanners send them (RFC 9112 §3.2); there is no such page, and nobody has made a mistake."""
    status, found, _ = asked(server, *request_line, [])

    assert (status, "location" in found) == (404, False)
