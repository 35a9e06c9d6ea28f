"""Where tracked links may lead, and how that is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.targets import TargetFlaw, UnsafeTarget, is_safe_target, safe_target


@pytest.mark.parametrize(
    "address",
    [
        "https://shop.example/",
        "http://shop.example",
        "HTTPS://Shop.Example:8443/a;b=c/%zz?x={y}|z&amp=1#top",
        "https://name:word@shop.example/?q=[1]^`~'",
        "https://[2001:db8::1]:8080/a\\b",
        "https://b%C3%BCcher.example/",
    ],
)
def test_a_valid_address_stays_as_it_is_byte_for_byte(address):
    assert safe_target(address) == address


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("https://shop.example/äpfel?ort=Köln", "https://shop.example/%C3%A4pfel?ort=K%C3%B6ln"),
        ("https://bücher.example/", "https://b%C3%BCcher.example/"),
        (' https://shop.example/a b"<c>\n', "https://shop.example/a%20b%22%3Cc%3E"),
        ("https://shop.example/\u0085\u2028", "https://shop.example/%C2%85%E2%80%A8"),
    ],
)
def test_what_a_header_cannot_carry_is_percent_encoded(address, written):
    assert safe_target(address) == written


@pytest.mark.parametrize(
    ("address", "flaw"),
    [
        ("javascript:alert(1)", TargetFlaw.NOT_A_WEB_ADDRESS),
        ("mailto:a@shop.example", TargetFlaw.NOT_A_WEB_ADDRESS),
        ("//shop.example/", TargetFlaw.NOT_A_WEB_ADDRESS),
        ("/autumn", TargetFlaw.NOT_A_WEB_ADDRESS),
        ("https:shop.example", TargetFlaw.NOT_A_WEB_ADDRESS),
        ("https:///autumn", TargetFlaw.NOT_A_WEB_ADDRESS),
        ("https://:80/", TargetFlaw.NOT_A_WEB_ADDRESS),
        ("https://name@/", TargetFlaw.NOT_A_WEB_ADDRESS),
        ("https://shop.example\\@evil.example/", TargetFlaw.NOT_A_WEB_ADDRESS),
        ("", TargetFlaw.NOT_A_WEB_ADDRESS),
        ("https://shop.example/\r\nSet-Cookie: a=b", TargetFlaw.CONTROL_CHARACTER),
        ("https://shop.example/\0", TargetFlaw.CONTROL_CHARACTER),
        ("https://shop.example/\x7f", TargetFlaw.CONTROL_CHARACTER),
        ("https://shop.example/\ud800", TargetFlaw.CONTROL_CHARACTER),
    ],
)
def test_anything_else_is_refused_with_its_flaw(address, flaw):
    with pytest.raises(UnsafeTarget) as refusal:
        safe_target(address)

    assert refusal.value.flaw is flaw


@given(st.text())
def test_a_written_target_is_safe_and_writing_it_again_changes_nothing(rest):
    try:
        written = safe_target("https://shop.example/" + rest)
    except UnsafeTarget:
        return

    assert is_safe_target(written)
    assert safe_target(written) == written
    assert all(0x20 < ord(mark) < 0x7F for mark in written)
