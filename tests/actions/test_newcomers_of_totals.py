"""Few people who join an audience do not move a total either, though it is made of counters that show nothing yet."""

from random import Random

import pytest

from app.disclosure.reports import ReportView
from app.domain.modes import Channel
from app.domain.presets import Preset
from app.domain.privacy import SUPPRESSED, Figure, Shown
from tests.world import HTML, World

PEOPLE = [f"p{number}@example.org" for number in range(12)]


def rounded(value: int) -> Figure:
    return Figure(value, Shown.ROUNDED)


async def clicked_by_ten(world: World) -> int:
    """A mailing to ten people, all of whom clicked link a."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()
    for message in await world.send(mailing, *PEOPLE[:10]):
        await world.click(message, 0)
    await world.drain()
    return mailing


async def clicked_by_a_newcomer(world: World, mailing: int) -> None:
    """Another person gets it, and clicks link b five times."""
    (late,) = await world.send(mailing, PEOPLE[10])
    for _ in range(5):
        await world.click(late, 1)
    await world.drain()


async def test_x5_a_link_that_nobody_clicked_yet_does_not_tell_of_who_joined(world: World) -> None:
    """Ten people clicked link a; the eleventh is the first to click b. Its zero and the total stay until the day is over."""
    mailing = await clicked_by_ten(world)

    await clicked_by_a_newcomer(world, mailing)
    same_day = await world.report(mailing)
    world.later(days=1)
    await world.drain()
    day_after = await world.report(mailing)

    assert (same_day.clicks, [each.clicks for each in same_day.links]) == (
        rounded(10),
        [rounded(10), rounded(0)],
    )
    assert (day_after.clicks, [each.clicks for each in day_after.links]) == (
        rounded(15),
        [rounded(10), rounded(5)],
    )


async def test_x5_a_link_of_few_newcomers_waits_though_many_joined_the_total(world: World) -> None:
    """Ten more people move the total by link a at once; of link b, which showed zero, the eleventh alone would tell."""
    mailing = await clicked_by_ten(world)

    others = [f"q{number}@example.org" for number in range(10)]
    for message in await world.send(mailing, *others, html=HTML.replace("/b", "/c")):
        await world.click(message, 0)
    await clicked_by_a_newcomer(world, mailing)
    same_day = await world.report(mailing)
    world.later(days=1)
    await world.drain()

    assert [each.clicks for each in same_day.links] == [rounded(20), rounded(0), rounded(0)]
    assert [each.clicks for each in (await world.report(mailing)).links] == [
        rounded(20),
        rounded(5),
        rounded(0),
    ]


async def test_x5_links_that_show_nothing_each_may_show_something_together(world: World) -> None:
    """Three clicks on each link read zero, and five in all; so nobody who joins moves them unseen."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing()
    for message in (await world.send(mailing, *PEOPLE[:10]))[:3]:
        await world.click(message, 0)
        await world.click(message, 1)
    await world.drain()
    before = await world.report(mailing)

    (late,) = await world.send(mailing, PEOPLE[10])
    for _ in range(2):
        await world.click(late, 0)
        await world.click(late, 1)
    await world.drain()

    assert (before.clicks, [each.clicks for each in before.links]) == (rounded(5), [rounded(0), rounded(0)])
    assert (await world.report(mailing)).clicks == rounded(5)


async def test_x5_who_joins_a_send_day_without_hits_moves_no_total_of_all_days(world: World) -> None:
    """Ten people of the second day did nothing when the total moved last; what the eleventh does waits for the day's end."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing(Channel.TRANSACTIONAL)
    first = await world.send(mailing, *PEOPLE[:10])
    world.later(days=1)
    await world.send(mailing, *PEOPLE[:10])
    for message in first:
        await world.open(message)
    await world.drain()

    (late,) = await world.send(mailing, PEOPLE[10])
    for _ in range(5):
        await world.open(late)
    await world.drain()
    same_day = await world.report(mailing)
    world.later(days=1)
    await world.drain()

    assert same_day.opens == rounded(10)
    assert (await world.report(mailing)).opens == rounded(15)


async def test_a_send_day_whose_people_become_enough_moves_the_total_at_once(world: World) -> None:
    """They are ten newcomers, not one: nine of them were counted nowhere."""
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing(Channel.TRANSACTIONAL)
    for message in await world.send(mailing, *PEOPLE[:10]):
        await world.open(message)
    await world.drain()
    world.later(days=1)
    mails = await world.send(mailing, *PEOPLE[:9])
    mails += await world.send(mailing, PEOPLE[9])

    for message in mails:
        await world.open(message)
    await world.drain()

    assert (await world.report(mailing)).opens == rounded(20)


TEMPLATES = ("ab", "b", "abc")


@pytest.mark.parametrize("seed", range(12))
async def test_x5_whatever_a_few_newcomers_do_moves_no_total_that_day(world: World, seed: int) -> None:
    """Whichever mails they get, and whatever was done before: a total that says something stays, and so do its parts.

    A part may be withheld now, since few others had the link; only the newcomers' own link is new.
    """
    chance = Random(seed)  # noqa: S311  Nothing is secret here.
    await world.preset(Preset.INXMAIL)
    mailing = await world.mailing(chance.choice([Channel.CAMPAIGN, Channel.TRANSACTIONAL]))
    await lived(world, mailing, chance, 10, chance.randint(1, 3))
    world.later(days=1)
    await lived(world, mailing, chance, 10, chance.randint(1, 3))
    before = await world.report(mailing)

    await lived(world, mailing, chance, chance.randint(1, 9), 3)
    after = await world.report(mailing)

    for shown, now in zip(totals(before), totals(after), strict=True):
        if shown[0].value:
            kept = [each for each, later in zip(shown, now, strict=False) if later in {each, SUPPRESSED}]
            assert kept == shown
            assert all(not later.value for later in now[len(shown) :])


def totals(report: ReportView) -> list[list[Figure]]:
    """Of opens and of clicks: the total first, then what it is made of."""
    return [
        [report.opens, *(each.opens for each in report.classes)],
        [report.clicks, *(each.clicks for each in report.classes), *(each.clicks for each in report.links)],
    ]


async def lived(world: World, mailing: int, chance: Random, people: int, busy: int) -> None:
    """So many people get a mail for the first time, all by the same template, and do up to so much with it."""
    links = chance.choice(TEMPLATES)
    html = "".join(f"<a href='https://shop.example.com/{each}'>x</a>" for each in links)
    emails = [f"{chance.getrandbits(40)}@example.org" for _ in range(people)]
    for message in await world.send(mailing, *emails, html=f"<body>{html}{{{{preferences_url}}}}</body>"):
        for _ in range(chance.randint(0, busy)):
            await world.open(message)
        for _ in range(chance.randint(0, busy)):
            await world.click(message, chance.randrange(len(links)))
    await world.drain()
