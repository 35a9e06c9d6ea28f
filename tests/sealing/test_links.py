"""Addresses in mails: composed from sealed parts, opened again, and worth nothing when pieced together."""

import re
from dataclasses import replace
from uuid import UUID

import pytest

from app.domain.modes import Anonymity, TrackingMode
from app.domain.person_links import (
    Confirmation,
    FreshPreferencesLink,
    HandedPreferencesLink,
    PreferencesLink,
    UnsubscribeLink,
)
from app.domain.tokens import (
    PIXEL_LINK,
    ClickDelivery,
    LinkPart,
    PixelAnonymous,
    PixelPersonal,
    Purpose,
    UnlinkedNumber,
)
from app.sealing.keyring import Keyring, TokenInvalid
from app.sealing.links import (
    Addresses,
    AnonymousHit,
    Click,
    MailOpener,
    PersonalHit,
    TokenExpired,
    joined,
    open_confirmation,
    open_preferences,
    open_unsubscribe,
)

SUBSCRIBER = UUID("00112233-4455-6677-8899-aabbccddeeff")
TARGET = "https://shop.example/autumn/coats-and-jackets?from=newsletter"[:60]
DELIVERY = ClickDelivery(SUBSCRIBER, 9, yields_gpc=True)
NUMBER = UnlinkedNumber(b"12345678")

keyring = Keyring([b"the secret of these tests"])
addresses = Addresses(keyring, "https://host/")


def link(mode, anonymity=Anonymity.SHARED, mailing=5, number=2, send_day=None):
    return LinkPart(mailing, number, mode, anonymity, send_day, TARGET)


def personal_link(part, delivery):
    return joined(addresses.link(part), addresses.delivery_part(delivery, part.mailing))


def token(address, door):
    assert re.fullmatch(r"https://host[A-Za-z0-9._~/-]+", address)
    return address.removeprefix(f"https://host/{door}/").removesuffix(".gif")


def test_a_personal_link_is_a_hit_of_its_delivery():
    address = personal_link(link(TrackingMode.PERSONAL, send_day=20_000), DELIVERY)

    click = MailOpener(keyring).click(token(address, "c"))

    assert click == Click(TARGET, PersonalHit(5, 2, SUBSCRIBER.bytes, 9, yields_gpc=True, send_day=20_000))


def test_an_anonymous_link_is_a_hit_of_nobody():
    shared = addresses.link(link(TrackingMode.ANONYMOUS, send_day=20_000))
    unlinked = joined(
        addresses.link(link(TrackingMode.ANONYMOUS, Anonymity.UNLINKED)),
        addresses.unlinked_part(NUMBER, 5, 2),
    )

    assert MailOpener(keyring).click(token(shared, "c")) == Click(TARGET, AnonymousHit(5, 2, 20_000, None))
    assert MailOpener(keyring).click(token(unlinked, "c")) == Click(
        TARGET, AnonymousHit(5, 2, None, b"12345678")
    )


def test_links_are_as_short_as_the_documentation_says():
    """A 60-byte target, without the public URL itself."""
    personal = personal_link(link(TrackingMode.PERSONAL), DELIVERY)
    shared = addresses.link(link(TrackingMode.ANONYMOUS))
    unlinked = joined(shared, addresses.unlinked_part(NUMBER, 5, 2))

    assert len(TARGET) == 60
    assert [len(address.removeprefix("https://host")) for address in (shared, unlinked, personal)] == [
        119,
        154,
        176,
    ]


def test_a_keeping_account_costs_eleven_characters():
    """Of a personal link and of a personal pixel, and of nothing else; both open as what they are."""
    keeping = replace(DELIVERY, keeping=7)
    click = personal_link(link(TrackingMode.PERSONAL), keeping)
    pixel = addresses.personal_pixel(PixelPersonal(5, SUBSCRIBER, 9, yields_gpc=True, keeping=7))

    assert [len(address.removeprefix("https://host")) for address in (click, pixel)] == [176 + 11, 74 + 11]
    assert MailOpener(keyring).click(token(click, "c")).hit == PersonalHit(
        5, 2, SUBSCRIBER.bytes, 9, yields_gpc=True, send_day=None, keeping=7
    )
    assert MailOpener(keyring).pixel(token(pixel, "o").removesuffix(".gif")) == PersonalHit(
        5, PIXEL_LINK, SUBSCRIBER.bytes, 9, yields_gpc=True, send_day=None, keeping=7
    )


PERSONAL = addresses.link(link(TrackingMode.PERSONAL))
SHARED = addresses.link(link(TrackingMode.ANONYMOUS))
UNLINKED = addresses.link(link(TrackingMode.ANONYMOUS, Anonymity.UNLINKED))


@pytest.mark.parametrize(
    "address",
    [
        PERSONAL,
        joined(PERSONAL, ""),
        joined(PERSONAL, addresses.delivery_part(DELIVERY, 6)),
        joined(PERSONAL, addresses.delivery_part(DELIVERY, 5)[:-1]),
        joined(PERSONAL, addresses.delivery_part(DELIVERY, 5)) + ".more",
        joined(PERSONAL, addresses.unlinked_part(NUMBER, 5, 2)),
        joined(SHARED, ""),
        joined(SHARED, addresses.delivery_part(DELIVERY, 5)),
        joined(SHARED, addresses.unlinked_part(NUMBER, 5, 2)),
        UNLINKED,
        joined(UNLINKED, addresses.unlinked_part(NUMBER, 5, 3)),
        joined(UNLINKED, addresses.unlinked_part(NUMBER, 6, 2)),
        joined(UNLINKED, addresses.unlinked_part(NUMBER, 5, PIXEL_LINK)),
    ],
)
def test_a_missing_damaged_or_foreign_second_part_leads_on_and_is_no_hit(address):
    assert MailOpener(keyring).click(token(address, "c")) == Click(TARGET, None)


@pytest.mark.parametrize(
    "path_token",
    [
        "",
        ".",
        "nonsense",
        token(PERSONAL, "c")[:-1],
        "." + addresses.delivery_part(DELIVERY, 5),
        addresses.delivery_part(DELIVERY, 5),
        token(addresses.personal_pixel(PixelPersonal(5, SUBSCRIBER, 9, yields_gpc=True)), "o"),
        token(addresses.preferences(PreferencesLink(SUBSCRIBER)), "preferences"),
    ],
)
def test_without_a_link_part_that_verifies_there_is_no_click(path_token):
    with pytest.raises(TokenInvalid):
        MailOpener(keyring).click(path_token)


def test_a_sealed_payload_that_is_no_link_part_is_no_click():
    with pytest.raises(TokenInvalid):
        MailOpener(keyring).click(keyring.seal(Purpose.LINK, b"\x00" * 9 + b"\x01javascript:alert(1)"))


def test_pixels_open_as_what_they_are():
    personal = addresses.personal_pixel(PixelPersonal(5, SUBSCRIBER, 9, yields_gpc=True, send_day=20_000))
    shared = addresses.anonymous_pixel(PixelAnonymous(5, Anonymity.SHARED, 20_000))
    unlinked = addresses.anonymous_pixel(PixelAnonymous(5, Anonymity.UNLINKED, None), NUMBER)

    assert all(address.endswith(".gif") for address in (personal, shared, unlinked))
    assert MailOpener(keyring).pixel(token(personal, "o")) == PersonalHit(
        5, PIXEL_LINK, SUBSCRIBER.bytes, 9, yields_gpc=True, send_day=20_000
    )
    assert MailOpener(keyring).pixel(token(shared, "o")) == AnonymousHit(5, PIXEL_LINK, 20_000, None)
    assert MailOpener(keyring).pixel(token(unlinked, "o")) == AnonymousHit(5, PIXEL_LINK, None, b"12345678")


def test_a_pixel_with_the_wrong_company_is_no_hit():
    shared = token(addresses.anonymous_pixel(PixelAnonymous(5, Anonymity.SHARED, None)), "o")
    unlinked = token(addresses.anonymous_pixel(PixelAnonymous(5, Anonymity.UNLINKED, None)), "o")
    of_a_link = addresses.unlinked_part(NUMBER, 5, 2)

    assert MailOpener(keyring).pixel(unlinked) is None
    assert MailOpener(keyring).pixel(joined(unlinked, of_a_link)) is None
    assert MailOpener(keyring).pixel(joined(shared, addresses.unlinked_part(NUMBER, 5, PIXEL_LINK))) is None
    with pytest.raises(TokenInvalid):
        MailOpener(keyring).pixel(token(SHARED, "c"))


def test_preferences_links_from_mails_last_and_fresh_ones_expire():
    lasting = PreferencesLink(SUBSCRIBER, 5, 9)
    fresh = FreshPreferencesLink(SUBSCRIBER, expires_at=1_000)

    lasting_token = token(addresses.preferences(lasting), "preferences")
    fresh_token = token(addresses.preferences(fresh), "preferences")

    assert open_preferences(keyring, lasting_token, now=10**12) == lasting
    assert open_preferences(keyring, fresh_token, now=999) == fresh
    with pytest.raises(TokenExpired):
        open_preferences(keyring, fresh_token, now=1_000)
    assert addresses.stop_tracking(lasting) == f"https://host/preferences/{lasting_token}/stop-tracking"


def test_a_handed_preferences_link_lasts_and_opens_with_the_token_that_it_names():
    handed = HandedPreferencesLink(SUBSCRIBER, token=7)

    handed_token = token(addresses.preferences(handed), "preferences")

    assert open_preferences(keyring, handed_token, now=10**12) == handed
    with pytest.raises(TokenInvalid):
        open_unsubscribe(keyring, handed_token)


def test_unsubscribing_and_confirming_open_as_themselves_only():
    unsubscribe = token(addresses.unsubscribe(UnsubscribeLink(SUBSCRIBER, 5)), "unsubscribe")
    confirmation = token(addresses.confirmation(Confirmation(3, SUBSCRIBER)), "forms/3/confirm")

    assert open_unsubscribe(keyring, unsubscribe) == UnsubscribeLink(SUBSCRIBER, 5)
    assert open_confirmation(keyring, confirmation) == Confirmation(3, SUBSCRIBER)
    for opener, other in [(open_unsubscribe, confirmation), (open_confirmation, unsubscribe)]:
        with pytest.raises(TokenInvalid):
            opener(keyring, other)
    with pytest.raises(TokenInvalid):
        open_preferences(keyring, unsubscribe, now=0)
