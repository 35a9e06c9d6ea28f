"""The pixel and the links answer always, and what is recorded is exactly what may be."""

import logging
from dataclasses import replace
from uuid import UUID

import pytest

from app.domain.modes import ClientClass, EventKind
from app.domain.person_links import PreferencesLink
from app.journal.records import AnonymousRecord, Manner, PersonalRecord
from app.metrics import Unrecorded
from app.tracking.classify import RULES_VERSION
from app.tracking.door import TrackingDoor

TARGET = "https://shop.example/coats?size=40&from=mail#top"
GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
PERSON = Manner(
    EventKind.OPENED, ClientClass.HUMAN_LIKELY, "ORDINARY_CLIENT", RULES_VERSION, client_family="Firefox"
)
OPENED = PersonalRecord(
    at_ms=1_789_992_000_123,
    mailing=5,
    link=0,
    delivery=9,
    subscriber=bytes.fromhex("00112233445566778899aabbccddeeff"),
    manner=PERSON,
)
COUNTED = AnonymousRecord(
    day=20_717,
    kind=EventKind.OPENED,
    mailing=5,
    link=0,
    send_day=None,
    client_class=ClientClass.HUMAN_LIKELY,
    lowered=False,
    number=None,
)


def is_the_pixel(answer):
    return (answer.status_code, answer.content, answer.headers["content-type"]) == (200, GIF, "image/gif")


async def test_a_personal_opening_is_answered_and_recorded(house, client):
    answer = await client.get(house.mail.pixel)

    assert is_the_pixel(answer)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-length"] == "43"
    assert "set-cookie" not in answer.headers
    assert house.personal_records() == [OPENED]
    assert house.anonymous_records() == []


async def test_a_personal_click_leads_on_and_is_recorded(house, client):
    answer = await client.get(house.mail.link)

    assert answer.status_code == 302
    assert answer.headers["location"] == TARGET
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert (answer.headers["content-length"], answer.content) == ("0", b"")
    assert "set-cookie" not in answer.headers
    assert house.personal_records() == [
        OPENED._replace(manner=PERSON._replace(kind=EventKind.CLICKED), link=2)
    ]


async def test_anonymous_hits_are_counted_apart_and_belong_to_nobody(house, client):
    for address in ("shared_pixel", "unlinked_pixel", "shared_link", "unlinked_link"):
        await client.get(getattr(house.mail, address))

    assert house.personal_records() == []
    assert house.anonymous_records() == [
        COUNTED,
        replace(COUNTED, number=b"12345678"),
        replace(COUNTED, kind=EventKind.CLICKED, link=2),
        replace(COUNTED, kind=EventKind.CLICKED, link=2, number=b"12345678"),
    ]


@pytest.mark.parametrize("address", ["bare_link", "foreign_link"])
async def test_a_link_without_its_own_delivery_part_leads_on_and_records_nothing(house, client, address):
    answer = await client.get(getattr(house.mail, address))

    assert (answer.status_code, answer.headers["location"]) == (302, TARGET)
    assert house.personal_records() == house.anonymous_records() == []
    assert house.door.metrics.why_unrecorded() == {Unrecorded.PART_MISSING: 1}


async def test_a_signal_takes_the_person_out_before_anything_is_written(house, client):
    pixel = await client.get(house.mail.pixel, headers={"sec-gpc": "1"})
    click = await client.get(house.mail.link, headers={"sec-gpc": "1"})

    assert is_the_pixel(pixel)
    assert click.headers["location"] == TARGET
    assert house.personal_records() == []
    assert house.anonymous_records() == [
        replace(COUNTED, lowered=True),
        replace(COUNTED, lowered=True, kind=EventKind.CLICKED, link=2),
    ]
    written = b"".join(path.read_bytes() for path in house.data.rglob("*.segment"))
    assert OPENED.subscriber not in written


async def test_a_lowered_hit_keeps_the_send_day_of_its_mailing(house, client):
    mail = type(house.mail)(house.addresses, send_day=20_700)

    await client.get(mail.pixel, headers={"sec-gpc": "1"})

    assert house.anonymous_records() == [replace(COUNTED, lowered=True, send_day=20_700)]


async def test_a_yes_that_beats_the_signal_is_recorded_with_the_signal(house, client):
    mail = type(house.mail)(house.addresses, yields_gpc=True)

    await client.get(mail.pixel, headers={"sec-gpc": "1"})

    assert house.personal_records() == [OPENED._replace(manner=PERSON._replace(gpc_seen=True))]
    assert house.anonymous_records() == []


@pytest.mark.parametrize("value", ["0", "", "true"])
async def test_only_the_value_one_is_the_signal(house, client, value):
    await client.get(house.mail.pixel, headers={"sec-gpc": value})

    assert house.personal_records() == [OPENED]


async def test_with_the_kill_switch_everything_is_answered_and_nothing_recorded(house):
    door = house.door_with(tracking_on=False)
    async with house.client(door) as client:
        pixel = await client.get(house.mail.pixel)
        click = await client.get(house.mail.shared_link)

    assert is_the_pixel(pixel)
    assert (click.status_code, click.headers["location"]) == (302, TARGET)
    assert not (house.data / "journal").exists()
    assert door.metrics.why_unrecorded() == {Unrecorded.TRACKING_OFF: 2}


@pytest.mark.parametrize("path", ["", ".gif", "nonsense.gif", "a.b.c.gif", "%00%ff.gif", "x" * 5_000])
async def test_a_pixel_that_is_none_looks_the_same_and_records_nothing(house, client, path):
    answer = await client.get(f"http://assent.example/o/{path}")

    assert is_the_pixel(answer)
    assert house.personal_records() == house.anonymous_records() == []


async def test_a_pixel_without_its_suffix_or_of_another_purpose_records_nothing(house, client):
    preferences = house.addresses.preferences(PreferencesLink(UUID(bytes=OPENED.subscriber)))
    token = preferences.rpartition("/")[2]

    answers = [
        await client.get(house.mail.pixel.removesuffix(".gif")),
        await client.get(f"http://assent.example/o/{token}.gif"),
        await client.get(house.mail.link.replace("/c/", "/o/") + ".gif"),
    ]

    assert all(map(is_the_pixel, answers))
    assert house.personal_records() == house.anonymous_records() == []


@pytest.mark.parametrize("path", ["", "nonsense", "%00%ff", "https://evil.example/", "x" * 5_000])
async def test_a_link_that_does_not_verify_is_a_page_and_never_leads_anywhere(house, client, path):
    answer = await client.get(f"http://assent.example/c/{path}")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "location" not in answer.headers
    assert "<h1>This link does not work</h1>" in answer.text
    assert house.personal_records() == house.anonymous_records() == []


@pytest.mark.parametrize(
    ("query", "accepted", "tag", "title"),
    [
        ("", "fr-FR,fr;q=0.9,en;q=0.5", "fr", "Ce lien ne fonctionne pas"),
        ("", "it", "it", "Questo link non funziona"),
        ("?lang=de", "it", "de", "Dieser Link funktioniert nicht"),
        ("?lang=tlh&lang=%ff", "xx;q=nothing", "en", "This link does not work"),
    ],
)
async def test_the_page_of_a_damaged_link_speaks_the_readers_language(client, query, accepted, tag, title):
    answer = await client.get(
        f"http://assent.example/c/nonsense{query}", headers={"accept-language": accepted}
    )

    assert (answer.status_code, answer.headers["content-language"]) == (404, tag)
    assert answer.headers["vary"] == "Accept-Language"
    assert f'<html lang="{tag}">' in answer.text
    assert f"<h1>{title}</h1>" in answer.text


async def test_every_changed_character_of_a_link_part_is_a_404(house, client):
    stem, _, token = house.mail.shared_link.rpartition("/")

    for place in range(0, len(token), 7):
        other = "A" if token[place] != "A" else "B"
        answer = await client.get(f"{stem}/{token[:place]}{other}{token[place + 1 :]}")
        assert answer.status_code == 404

    assert house.anonymous_records() == []


@pytest.mark.parametrize("address", ["pixel", "link", "shared_link"])
async def test_head_answers_with_the_same_head_without_a_body_and_counts_nothing(house, client, address):
    head = await client.head(getattr(house.mail, address))

    assert house.personal_records() == house.anonymous_records() == []
    get = await client.get(getattr(house.mail, address))
    assert (head.status_code, head.headers, head.content) == (get.status_code, get.headers, b"")


async def test_head_of_a_damaged_link_is_a_404_without_a_body(client):
    head = await client.head("http://assent.example/c/nonsense")

    assert (head.status_code, head.content) == (404, b"")
    assert int(head.headers["content-length"]) > 0


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_other_methods_are_refused_on_links_and_ignored_on_pixels(house, client, method):
    click = await client.request(method, house.mail.link)
    pixel = await client.request(method, house.mail.pixel)

    assert (click.status_code, click.headers["allow"]) == (405, "GET, HEAD")
    assert "location" not in click.headers
    assert is_the_pixel(pixel)
    assert house.personal_records() == []


async def test_apple_s_proxy_loads_ahead_and_is_no_opening(house, client):
    await client.get(house.mail.pixel, headers={"user-agent": "Mozilla/5.0"})
    await client.get(house.mail.shared_pixel, headers={"user-agent": "Mozilla/5.0"})

    assert house.personal_records() == [
        OPENED._replace(
            manner=PERSON._replace(
                kind=EventKind.LOADED_BY_PROXY,
                client_class=ClientClass.PROXY,
                rule="APPLE_MAIL_PRIVACY",
                client_family="Apple Mail",
            )
        )
    ]
    assert house.anonymous_records() == [
        replace(COUNTED, kind=EventKind.LOADED_BY_PROXY, client_class=ClientClass.PROXY)
    ]


async def test_even_a_mistake_of_ours_is_not_the_reader_s_and_is_logged_without_the_token(house, caplog):
    def broken_clock():
        raise OverflowError(house.mail.pixel)

    door = TrackingDoor(
        house.keyring, house.personal_journal, house.anonymous_journal, tracking_on=True, clock=broken_clock
    )
    async with house.client(door) as client:
        answer = await client.get(house.mail.pixel)

    assert is_the_pixel(answer)
    assert door.metrics.why_unrecorded() == {Unrecorded.UNEXPECTED: 1}
    (record,) = [record for record in caplog.records if record.name.startswith("app.")]
    assert (record.getMessage(), record.exc_info) == ("A hit was not recorded: OverflowError", None)


async def test_nothing_is_logged_and_no_header_of_the_reader_is_written(house, client, caplog):
    caplog.set_level(logging.DEBUG)
    secrets = {
        "user-agent": "Agent/1.0 (of somebody)",
        "referer": "https://mail.example/somebody",
        "cookie": "a=b",
    }

    await client.get(house.mail.pixel, headers=secrets)

    assert [record for record in caplog.records if record.name.startswith("app.")] == []
    written = b"".join(path.read_bytes() for path in house.data.rglob("*.segment"))
    assert b"somebody" not in written
    assert b"127.0.0.1" not in written


def test_the_door_minds_its_two_prefixes_only():
    assert [
        path
        for path in ("/o/x.gif", "/c/x", "/o", "/c", "/cx/", "/", "/preferences/x")
        if TrackingDoor.minds(path)
    ] == [
        "/o/x.gif",
        "/c/x",
    ]
