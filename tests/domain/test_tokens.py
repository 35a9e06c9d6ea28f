"""Payloads of tokens: one form for every value, one value for every form."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.layouts import LayoutError
from app.domain.modes import Anonymity, TrackingMode
from app.domain.person_links import (
    Confirmation,
    FreshPreferencesLink,
    HandedPreferencesLink,
    PreferencesLink,
    ReceiptLink,
    UnsubscribeLink,
)
from app.domain.report_links import ReportLink
from app.domain.tokens import (
    ClickDelivery,
    LinkPart,
    PixelAnonymous,
    PixelPersonal,
    Purpose,
    UnlinkedNumber,
    link_context,
    mailing_context,
)

PARTS = (
    LinkPart,
    ClickDelivery,
    PixelPersonal,
    PixelAnonymous,
    UnlinkedNumber,
    PreferencesLink,
    FreshPreferencesLink,
    HandedPreferencesLink,
    UnsubscribeLink,
    Confirmation,
    ReceiptLink,
    ReportLink,
)
SUBSCRIBER = UUID("00112233-4455-6677-8899-aabbccddeeff")

numbers = st.integers(0, 2**64 - 1)
days = st.none() | st.integers(0, 2**16 - 1)
links = st.builds(
    LinkPart,
    mailing=numbers,
    link=st.integers(1, 2**32 - 1),
    mode=st.sampled_from([TrackingMode.PERSONAL, TrackingMode.ANONYMOUS]),
    anonymity=st.sampled_from(Anonymity),
    send_day=days,
    target=st.from_regex(r"https?://[a-z]{1,9}(/[!#-;=?-~]*)?", fullmatch=True),
)
parts = st.one_of(
    links,
    st.builds(ClickDelivery, st.uuids(), numbers, st.booleans(), st.none() | numbers),
    st.builds(PixelPersonal, numbers, st.uuids(), numbers, st.booleans(), days, st.none() | numbers),
    st.builds(PixelAnonymous, numbers, st.sampled_from(Anonymity), days),
    st.builds(UnlinkedNumber, st.binary(min_size=8, max_size=8)),
    st.builds(PreferencesLink, st.uuids(), numbers, numbers),
    st.builds(FreshPreferencesLink, st.uuids(), numbers),
    st.builds(HandedPreferencesLink, st.uuids(), numbers),
    st.builds(UnsubscribeLink, st.uuids(), numbers),
    st.builds(Confirmation, numbers, st.uuids()),
    st.builds(ReceiptLink, st.uuids(), numbers),
    st.builds(ReportLink, numbers, numbers, numbers, numbers),
)


@given(parts)
def test_every_part_survives_the_round_trip(part):
    assert type(part).unpack(part.pack()) == part


@given(st.sampled_from(PARTS), st.binary(max_size=80) | parts.map(lambda part: part.pack()))
def test_what_unpacks_packs_to_the_same_bytes_and_the_rest_is_a_layout_error(kind, payload):
    try:
        part = kind.unpack(payload)
    except LayoutError:
        return

    assert part.pack() == payload


@given(parts, st.data())
def test_a_payload_cut_short_or_grown_is_no_payload_of_fixed_layouts(part, data):
    payload = part.pack()
    cut = data.draw(st.integers(0, len(payload) - 1))
    changed = [payload[:cut]] if isinstance(part, LinkPart) else [payload[:cut], payload + b"\0"]

    for other in changed:
        try:
            again = type(part).unpack(other)
        except LayoutError:
            continue
        assert isinstance(part, LinkPart)
        assert again.target != part.target


def test_sizes_are_those_of_the_table():
    link = LinkPart(1, 1, TrackingMode.PERSONAL, Anonymity.SHARED, None, "https://host/")

    assert len(link.pack()) == 10 + 13
    assert len(ClickDelivery(SUBSCRIBER, 1, yields_gpc=True).pack()) == 25
    assert len(PixelPersonal(1, SUBSCRIBER, 1, yields_gpc=False).pack()) == 33
    assert len(PixelPersonal(1, SUBSCRIBER, 1, yields_gpc=False, send_day=0).pack()) == 35
    assert len(ClickDelivery(SUBSCRIBER, 1, yields_gpc=True, keeping=7).pack()) == 33
    assert len(PixelPersonal(1, SUBSCRIBER, 1, yields_gpc=False, send_day=0, keeping=7).pack()) == 43
    assert len(PixelAnonymous(1, Anonymity.SHARED, None).pack()) == 9
    assert len(PixelAnonymous(1, Anonymity.UNLINKED, 20_000).pack()) == 11
    assert len(PreferencesLink(SUBSCRIBER).pack()) == 32
    assert len(FreshPreferencesLink(SUBSCRIBER, 1).pack()) == 24
    assert len(HandedPreferencesLink(SUBSCRIBER, 1).pack()) == 24
    assert len(UnsubscribeLink(SUBSCRIBER, 1).pack()) == 24
    assert len(Confirmation(1, SUBSCRIBER).pack()) == 24


def test_a_layout_of_today_is_read_for_ever():
    """Mails already sent hold these bytes; a change of a layout must not change what they mean."""
    payload = bytes.fromhex("07 000000000000002a ac02 4e20") + b"https://shop.example/"

    part = LinkPart.unpack(payload)

    assert part == LinkPart(
        mailing=42,
        link=300,
        mode=TrackingMode.ANONYMOUS,
        anonymity=Anonymity.UNLINKED,
        send_day=20_000,
        target="https://shop.example/",
    )


@pytest.mark.parametrize(
    "part",
    [
        LinkPart(1, 1, TrackingMode.OFF, Anonymity.SHARED, None, "https://shop.example/"),
        LinkPart(1, 0, TrackingMode.PERSONAL, Anonymity.SHARED, None, "https://shop.example/"),
        LinkPart(1, 2**32, TrackingMode.PERSONAL, Anonymity.SHARED, None, "https://shop.example/"),
        LinkPart(2**64, 1, TrackingMode.PERSONAL, Anonymity.SHARED, None, "https://shop.example/"),
        LinkPart(-1, 1, TrackingMode.PERSONAL, Anonymity.SHARED, None, "https://shop.example/"),
        LinkPart(1, 1, TrackingMode.PERSONAL, Anonymity.SHARED, 2**16, "https://shop.example/"),
        LinkPart(1, 1, TrackingMode.PERSONAL, Anonymity.SHARED, None, "javascript:alert(1)"),
        LinkPart(1, 1, TrackingMode.PERSONAL, Anonymity.SHARED, None, "https://shop.example/\r\nX: y"),
        UnlinkedNumber(b"seven by"[:7]),
    ],
)
def test_values_without_a_place_in_the_layout_are_refused(part):
    with pytest.raises(LayoutError):
        part.pack()


@pytest.mark.parametrize(
    "payload",
    [
        "08 0000000000000001 01",  # a flag that this layout does not know
        "00 0000000000000001 8100",  # link 1 in a longer form
        "00 0000000000000001 00",  # link 0 is the pixel
        "00 0000000000000001 ffffffffff01",  # a link number beyond 32 bits
        "00 0000000000000001 ff",  # a link number without its end
        "04 0000000000000001 01 4e",  # half a send day
    ],
)
def test_deviating_link_parts_are_refused(payload):
    with pytest.raises(LayoutError):
        LinkPart.unpack(bytes.fromhex(payload) + b"https://shop.example/"[: 21 if len(payload) != 28 else 0])


def test_every_part_has_a_purpose_of_its_own():
    assert {part.purpose for part in PARTS} == set(Purpose)
    assert len(PARTS) == len(Purpose)
    assert not any(b"\0" in purpose.value for purpose in Purpose)


def test_contexts_tell_mailings_and_links_apart():
    assert mailing_context(1) != mailing_context(2)
    assert len({link_context(1, 1), link_context(1, 0), link_context(2, 1)}) == 3
