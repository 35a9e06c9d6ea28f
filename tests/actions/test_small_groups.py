"""The ways in which a small group could have been shown, each closed: who counts in an audience, and when."""

import pytest

from app.actions.answers import Asked
from app.actions.drain import drains
from app.actions.messages import Addressee, MessageRequest, Preparation
from app.actions.prepare_messages import prepare_messages
from app.actions.publish import publish_anonymous
from app.domain.errors import Conflict, SwitchOff
from app.domain.modes import Channel, TrackingMode
from app.domain.permission import PermissionChange
from app.domain.presets import Preset
from app.domain.privacy import NOT_MEASURED, Basis, Shown, exact
from tests.world import HTML, World

YES, NO = PermissionChange.YES, PermissionChange.NO
PEOPLE = [f"p{number}@example.org" for number in range(12)]


async def text_only(world: World, mailing: int, *emails: str) -> None:
    """Sends these people a mail without HTML."""
    requests = [MessageRequest([Addressee(email)]) for email in emails]
    async with world.unit() as work:
        prepared = await prepare_messages(
            work, Preparation(mailing, None, "Hello {{preferences_url}}", requests)
        )
    modes = {(each.decision.opens.mode, each.decision.clicks.mode) for each in prepared.messages}
    assert modes == {(TrackingMode.OFF, TrackingMode.OFF)}


async def test_people_whose_mail_has_no_pixel_are_in_no_audience(world: World) -> None:
    """Nine text mails and one with a pixel are an audience of one, and its opens are dropped."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()

    await text_only(world, mailing, *PEOPLE[:9])
    (only,) = await world.send(mailing, "only@example.org")
    for _ in range(7):
        await world.open(only)
    await world.drain()

    assert (await world.report(mailing)).opens == NOT_MEASURED
    assert await world.rows("SELECT 1 FROM anonymous_tally") == []


async def test_a_mail_without_links_is_not_measured_for_clicks(world: World) -> None:
    """There is nothing to click, so nobody is measured, and the decision says why."""
    await world.subscriber("ada@example.org", YES)
    mailing = await world.mailing()

    (message,) = await world.send(mailing, "ada@example.org", html="<p>Hi {{preferences_url}}</p>")

    assert (message.decision.clicks.mode, message.decision.clicks.bound_by) == ("OFF", "MESSAGE_CLASS")
    assert (await world.report(mailing)).measured == (1, 0)


async def test_who_refused_late_is_not_counted_twice(world: World) -> None:
    """Five people tracked personally, refusing, then sent anonymously are five, not ten."""
    await world.preset(Preset.MAPP)
    mailing = await world.mailing()
    five = PEOPLE[:5]
    await world.send(mailing, *five)
    world.later(minutes=1)
    for email in five:
        await world.answer(email, NO)

    (message, *_) = await world.send(mailing, *five)
    for _ in range(7):
        await world.open(message)
    await world.drain()

    assert (await world.report(mailing)).opens == exact(0)
    assert await world.rows("SELECT 1 FROM anonymous_tally") == []


async def test_who_is_dropped_when_late_is_in_no_audience(world: World) -> None:
    """A delivery sent under DROP adds nobody to the audience after the account switches to COUNT."""
    await world.preset(Preset.BREVO)
    mailing = await world.mailing()
    await world.send(mailing, *PEOPLE[:5])
    world.later(minutes=1)
    for email in PEOPLE[:5]:
        await world.answer(email, NO)
    await world.preset(Preset.MAPP)
    for email in PEOPLE[5:10]:
        await world.subscriber(email, NO)

    messages = await world.send(mailing, *PEOPLE[5:10])
    for message in messages:
        await world.open(message)
    await world.drain()

    assert await world.rows("SELECT 1 FROM anonymous_tally") == []


async def test_late_clicks_are_counted_over_those_whose_mail_had_the_link(world: World) -> None:
    """Mapp: twelve refuse after sending; their clicks join the anonymous part of that link."""
    await world.preset(Preset.MAPP)
    mailing = await world.mailing()
    messages = await world.send(mailing, *PEOPLE)
    world.later(minutes=1)
    for email in PEOPLE:
        await world.answer(email, NO)
    world.later(minutes=1)

    for message in messages[:6]:
        await world.click(message)
    await world.drain()

    assert (await world.report(mailing)).clicks.value == 5


async def test_a_second_template_has_its_own_audience(world: World) -> None:
    """The same twelve people get other links later: those are counted too, each person once a link."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()
    await world.send(mailing, *PEOPLE)
    other = HTML.replace("/b", "/c")

    messages = await world.send(mailing, *PEOPLE, html=other)
    for message in messages[:10]:
        await world.click(message, 1)
    await world.drain()

    assert (await world.report(mailing)).clicks.value == 10
    rows = await world.rows("SELECT audience FROM link_rollup ORDER BY link")
    assert [row["audience"] for row in rows] == [12, 12, 12]


async def test_machines_make_nobody_unique(world: World) -> None:
    """Unlinked numbers loaded by a proxy or a scanner count in no unique figure."""
    await world.preset(Preset.BREVO)
    mailing = await world.mailing()
    for email in PEOPLE:
        await world.subscriber(email, NO)

    messages = await world.send(mailing, *PEOPLE)
    for message in messages[:11]:
        await world.open(message, **{"User-Agent": "Mozilla/5.0"})
    await world.drain()

    assert await world.rows("SELECT 1 FROM unlinked_seen") == []


async def test_the_first_opener_does_not_change_the_kind_of_figure(world: World) -> None:
    """Whether uniques exist was settled at sending, so it says nothing about anybody having opened."""
    await world.preset(Preset.BREVO)
    mailing = await world.mailing()
    for email in PEOPLE:
        await world.subscriber(email, NO)
    messages = await world.send(mailing, *PEOPLE)

    before = await world.report(mailing)
    await world.open(messages[0])
    await world.drain()
    after = await world.report(mailing)

    assert before == after
    assert (after.unique_opens.value, after.unique_opens.shown) == (0, Shown.ROUNDED)
    assert after.open_rate.basis is Basis.UNIQUE


async def test_figures_move_once_an_interval_however_often_the_drain_starts(world: World) -> None:
    """The interval is kept in the database: a second drain of the same hour publishes nothing."""
    await world.preset(Preset.INXMAIL)
    world.instance.anonymous_refresh = 3600
    mailing = await world.mailing()
    messages = await world.send(mailing, *PEOPLE)
    assert await publish_anonymous(world.instance) is True

    for message in messages[:6]:
        await world.open(message)
    for drain in drains(world.instance, world.data):
        await drain.once()

    assert await publish_anonymous(world.instance) is False
    assert (await world.report(mailing)).opens.value == 0
    world.later(hours=1)
    assert await publish_anonymous(world.instance) is True
    assert (await world.report(mailing)).opens.value == 5


async def test_a_key_that_was_used_for_other_people_is_a_conflict(world: World) -> None:
    """Places move when a recipient is left out, so the same key must mean the same call."""
    mailing = await world.mailing()
    await world.send(mailing, "ada@example.org", "bea@example.org", idempotency_key="k")

    with pytest.raises(Conflict):
        await world.send(mailing, "bea@example.org", idempotency_key="k")

    assert (await world.report(mailing)).sent == 2


async def test_p1_nobodys_toggle_tracks_a_one_to_one_mail(world: World) -> None:
    """A one-to-one mail is tracked by its user's own switch only, and an integration has none."""
    await world.subscriber("ada@example.org", YES)
    mailing = await world.mailing(Channel.ONE_TO_ONE)
    request = MessageRequest([Addressee("ada@example.org")], track_opens=True)

    async with world.unit() as work:
        prepared = await prepare_messages(work, Preparation(mailing, HTML, None, [request]))

    assert [type(error) for error in prepared.errors] == [SwitchOff]
    assert await world.rows("SELECT 1 FROM delivery") == []


async def test_an_undated_no_again_is_no_new_line(world: World) -> None:
    """A sender that repeats its NO with every mail does not grow the ledger or move the date of the refusal."""
    mailing = await world.mailing()
    request = MessageRequest([Addressee("ada@example.org", Asked(NO))])
    for _ in range(3):
        world.later(minutes=1)
        async with world.unit() as work:
            await prepare_messages(work, Preparation(mailing, HTML, None, [request]))

    assert len(await world.rows("SELECT 1 FROM permission_line")) == 2
