"""Subscribers and settings, as callers of the API change them."""

import pytest

from app.actions.accounts import SettingsChange, update_settings
from app.actions.answers import Asked
from app.actions.lists import create_list, leave
from app.actions.mailing_changes import MailingChange
from app.actions.mailings import NewMailing, create_mailing
from app.actions.subscribers import Profile, set_permission, upsert_subscriber
from app.disclosure.lists import memberships_of
from app.disclosure.reader import Reader
from app.disclosure.settings import settings, settings_history
from app.disclosure.subscribers import (
    SubscriberPage,
    page_of_subscribers,
    subscriber_by_address,
    subscribers_by_id,
)
from app.domain.errors import (
    EvidenceMissing,
    Forbidden,
    InvalidEmail,
    InvalidSetting,
    InvalidSource,
    InvalidValue,
    MailingProtected,
    NotFound,
    RefusalKept,
    RelayNotPermissionBased,
)
from app.domain.ledger import verify_chain
from app.domain.modes import Channel, MembershipStatus, TrackingMode
from app.domain.permission import Evidence, Permission, PermissionChange, PermissionSource, Reason
from app.domain.precedence import MailingTracking
from app.domain.principal import SCOPES, Principal
from app.storage import ledger
from tests.world import World, create_account

YES, NO = PermissionChange.YES, PermissionChange.NO


async def test_c2_one_address_has_one_answer_however_it_is_spelled(world: World) -> None:
    """Case, white space and IDN spellings are one subscriber; dots and plus tags are not."""
    first = await world.subscriber("Ada@BÜCHER.example", YES)

    same = await world.subscriber("  ada@xn--bcher-kva.example ")
    other = await world.subscriber("a.da@bücher.example")

    assert same == first
    assert other != first
    view = await subscriber_by_address(world.reader, "ADA@bücher.example")
    assert (view.id, view.opens.value) == (first, Permission.YES)


async def test_every_change_is_a_sealed_line(world: World) -> None:
    """YES then NO on both axes are four lines, and the chain proves itself."""
    subscriber = await world.subscriber("ada@example.org", YES)
    world.later(minutes=1)
    await world.answer("ada@example.org", NO)

    async with world.instance.database.connection() as connection:
        lines = await ledger.page(connection, world.account_id, subscriber, after=0, limit=10)
    keys = world.instance.account_keys[world.account_id]
    (row,) = await world.rows("SELECT ledger_length, ledger_head FROM subscriber")

    assert [(each.line.number, each.line.to_value, each.line.reason) for each in lines] == [
        (1, Permission.YES, None),
        (2, Permission.YES, None),
        (3, Permission.NO, Reason.WITHDRAWN),
        (4, Permission.NO, Reason.WITHDRAWN),
    ]
    assert verify_chain(lines, keys.ledger, row["ledger_head"], row["ledger_length"]) == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Asked(YES), EvidenceMissing),
        (Asked(YES, evidence=Evidence(PermissionSource.PREFERENCE_CENTER)), InvalidSource),
    ],
)
async def test_an_answer_without_its_proof_changes_nothing(
    world: World, asked: Asked, expected: type[Exception]
) -> None:
    """A YES needs source and date, and sources of other doors are refused; no line is written."""
    await world.subscriber("ada@example.org")

    async with world.unit() as work:
        _, errors = await set_permission(work, asked, email="ada@example.org")

    assert [type(error) for error in errors] == [expected]
    assert await world.rows("SELECT 1 FROM permission_line") == []


async def test_an_unknown_wording_is_not_found(world: World) -> None:
    """An answer under a wording that nobody has is refused whole."""
    await world.subscriber("ada@example.org")

    with pytest.raises(NotFound):
        async with world.unit() as work:
            await set_permission(work, Asked(NO, wording_id=77), email="ada@example.org")

    assert await world.rows("SELECT 1 FROM permission_line") == []


async def test_a_no_always_counts_whatever_else_is_refused(world: World) -> None:
    """A NO with a foreign source, or beside a YES without evidence, is written; the rest is reported."""
    await world.subscriber("ada@example.org", YES)
    await world.subscriber("bea@example.org", YES)
    world.later(minutes=1)
    foreign = Asked(NO, evidence=Evidence(PermissionSource.PREFERENCE_CENTER))

    async with world.unit() as work:
        _, first = await set_permission(work, foreign, email="ada@example.org")
        _, second = await set_permission(work, Asked(opens=NO, clicks=YES), email="bea@example.org")

    assert [type(error) for error in (*first, *second)] == [InvalidSource, EvidenceMissing]
    ada = await subscriber_by_address(world.reader, "ada@example.org")
    bea = await subscriber_by_address(world.reader, "bea@example.org")
    assert (ada.opens.value, ada.opens.source) == (Permission.NO, PermissionSource.API)
    assert (bea.opens.value, bea.clicks.value) == (Permission.NO, Permission.YES)


async def test_an_older_yes_does_not_lift_a_newer_no(world: World) -> None:
    """API: a YES lifts a NO of the API only if it is dated later."""
    await world.subscriber("ada@example.org", NO)
    older = Asked(YES, evidence=Evidence(PermissionSource.API, world.now[0]))
    world.later(minutes=1)

    async with world.unit() as work:
        _, errors = await set_permission(work, older, email="ada@example.org")
    await world.answer("ada@example.org", YES)

    assert [type(error) for error in errors] == [RefusalKept]
    view = await subscriber_by_address(world.reader, "ada@example.org")
    assert view.opens.value is Permission.YES


async def test_coming_to_another_list_after_leaving_the_last_lets_a_yes_lapse(world: World) -> None:
    """Who left every list and turns up on another one has come back, too; who is still on one has not."""
    ids = {}
    for email, names in (("ada@example.org", ("A", "B")), ("bob@example.org", ("C",))):
        async with world.unit() as work:
            joined = [await create_list(work, name) for name in names]
            asked = Asked(YES, evidence=Evidence(PermissionSource.API, world.now[0]))
            ids[email], _ = await upsert_subscriber(work, Profile(email, lists=joined, asked=asked))
            await leave(work, ids[email], joined[-1])
    async with world.unit() as work:
        other = await create_list(work, "Other")

    async with world.unit() as work:
        for email in ids:
            await upsert_subscriber(work, Profile(email, lists=(other,)))

    views = await subscribers_by_id(world.reader, list(ids.values()))
    stands = {email: views[each].opens.value for email, each in ids.items()}
    assert stands == {"ada@example.org": Permission.YES, "bob@example.org": Permission.UNKNOWN}


async def test_coming_back_to_a_list_lets_a_yes_lapse(world: World) -> None:
    """Who left the only list and is put back is UNKNOWN(LAPSED), unless the same call brings a new yes."""
    async with world.unit() as work:
        news = await create_list(work, "News")
        asked = Asked(YES, evidence=Evidence(PermissionSource.API, world.now[0]))
        ada, _ = await upsert_subscriber(work, Profile("ada@example.org", lists=(news,), asked=asked))
    async with world.unit() as work:
        await leave(work, ada, None)
    world.later(days=1)

    async with world.unit() as work:
        await upsert_subscriber(work, Profile("ada@example.org", lists=(news,)))

    view = (await subscribers_by_id(world.reader, [ada]))[ada]
    assert (view.opens.value, view.opens.reason) == (Permission.UNKNOWN, Reason.LAPSED)
    places = (await memberships_of(world.reader, [ada]))[ada]
    assert [(place.list.name, place.status) for place in places] == [("News", MembershipStatus.SUBSCRIBED)]


async def test_bad_profiles_leave_nothing_behind(world: World) -> None:
    """An address that is none, a foreign list, attributes without end: refused whole."""
    for profile, expected in (
        (Profile("nobody"), InvalidEmail),
        (Profile("ada@example.org", lists=(5,)), NotFound),
        (Profile("ada@example.org", attributes={"x": "y" * 20_000}), InvalidValue),
    ):
        with pytest.raises(expected):
            async with world.unit() as work:
                await upsert_subscriber(work, profile)

    assert await world.rows("SELECT 1 FROM subscriber") == []


async def test_without_personal_read_a_contact_is_anonymised(world: World) -> None:
    """Addresses and attributes read anonymised, and looking up, filtering or sorting by address is forbidden."""
    ada = await world.subscriber("ada@example.org")
    reader = Reader(world.instance, Principal(world.account_id, 2, None, SCOPES - {"personal:read"}))

    view = (await subscribers_by_id(reader, [ada]))[ada]

    assert (view.email, view.attributes) == ("Anonymized contact", None)
    with pytest.raises(Forbidden):
        await subscriber_by_address(reader, "ada@example.org")
    for page in (SubscriberPage(10, text="ada"), SubscriberPage(10, by_email=True)):
        with pytest.raises(Forbidden):
            await page_of_subscribers(reader, page)


async def test_no_id_of_another_account_resolves(world: World) -> None:
    """The other account sees neither the subscriber nor a page with it."""
    ada = await world.subscriber("ada@example.org")
    other = await create_account(world.instance, "Other")
    reader = Reader(world.instance, Principal(other, 3, None, SCOPES))

    assert await subscribers_by_id(reader, [ada]) == {}
    assert await page_of_subscribers(reader, SubscriberPage(10)) == []


async def test_settings_are_versions_and_the_newest_counts(world: World) -> None:
    """Only what is named changes; every version stays readable with who and when."""
    async with world.unit() as work:
        change = SettingsChange(
            {"minimum_audience": 20}, {Channel.CAMPAIGN: {"default_clicks": TrackingMode.OFF}}, {}
        )
        version, errors = await update_settings(work, change)

    view = await settings(world.reader)
    assert (version, errors, view.version, view.actor) == (2, [], 2, "token:1")
    assert view.settings.minimum_audience == 20
    assert view.settings.channel(Channel.CAMPAIGN).default_opens is TrackingMode.PERSONAL
    history = await settings_history(world.reader, before=100, limit=10)
    assert [each.version for each in history] == [2, 1]


async def test_settings_that_contradict_themselves_are_not_saved(world: World) -> None:
    """All contradictions are reported at once, with their paths, and nothing is written."""
    async with world.unit() as work:
        change = SettingsChange(
            {"refused_opens": TrackingMode.ANONYMOUS, "minimum_audience": 0},
            {Channel.RELAY: {"permission_based": True}},
            {},
        )
        version, errors = await update_settings(work, change)

    assert version == 1
    assert [(type(error), error.path) for error in errors] == [
        (InvalidSetting, ("refusedOpens",)),
        (InvalidSetting, ("minimumAudience",)),
        (RelayNotPermissionBased, ("channels", "RELAY", "permissionBased")),
    ]
    assert (await settings(world.reader)).version == 1


async def test_a_sent_mailing_is_protected(world: World) -> None:
    """The first send protects; changing its permission_based through the settings is then refused (I4)."""
    mailing = await world.mailing()
    await world.send(mailing, "ada@example.org")

    with pytest.raises(MailingProtected):
        async with world.unit() as work:
            await update_settings(
                work, SettingsChange({}, {}, [MailingChange(mailing, {"permission_based": True})])
            )


async def test_a_mailing_may_not_undercut_required_permission(world: World) -> None:
    """Under the strict preset a mailing cannot state permission_based: false; a relay stream never true (I6)."""
    for channel, stated, expected in (
        (Channel.CAMPAIGN, False, InvalidSetting),
        (Channel.RELAY, True, RelayNotPermissionBased),
    ):
        wanted = NewMailing("X", channel, tracking=MailingTracking(permission_based=stated))
        with pytest.raises(expected):
            async with world.unit() as work:
                await create_mailing(work, wanted)
