"""The rules over several clicks, as laws and at their edges."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.scanners import EPOCH_SHIFT, Click, ScannerRule, final_before, scanned

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CLICKS = st.lists(
    st.builds(
        Click,
        at=st.integers(0, 300_000).map(lambda ms: NOON + timedelta(milliseconds=ms)),
        link=st.integers(1, 12),
        network=st.none() | st.integers(0, 4),
    ),
    max_size=40,
)


def click(seconds: float, link: int = 1, network: int | None = None) -> Click:
    return Click(NOON + timedelta(seconds=seconds), link, network)


def test_x13_eight_links_within_ten_seconds_are_a_machines() -> None:
    """Ten seconds to the millisecond; a ninth link before them is somebody's own."""
    clicks = [click(-2, 9), *(click(place * 10 / 7, place + 1) for place in range(8))]

    assert scanned(clicks) == dict.fromkeys(range(1, 9), ScannerRule.MANY_LINKS)


def test_seven_links_or_eleven_seconds_are_a_quick_readers() -> None:
    assert scanned([click(0, link) for link in (1, 2, 3, 4, 5, 6, 7, 7, 7)]) == {}
    assert scanned([*(click(0, link) for link in range(1, 8)), click(10.001, 8)]) == {}


def test_x13_one_link_from_three_networks_within_two_minutes_is_a_machines() -> None:
    """The same link only: what somebody else clicked in the meantime stays theirs."""
    clicks = [click(0, 1, 11), click(60, 1, 12), click(61, 2, 12), click(120, 1, 13)]

    assert scanned(clicks) == dict.fromkeys((0, 1, 3), ScannerRule.MANY_NETWORKS)


def test_two_networks_an_unknown_one_and_a_third_too_late_are_a_persons() -> None:
    """At home, on the way, and somewhere behind a proxy that names nobody."""
    assert scanned([click(0, 1, 11), click(1, 1, 12), click(2, 1, None), click(121, 1, 13)]) == {}


def test_tags_of_two_keys_are_not_compared() -> None:
    """The key changes between two clicks from one network: its two tags are no two networks."""
    later = 1 << EPOCH_SHIFT
    assert scanned([click(0, 1, 11), click(1, 1, 12), click(2, 1, later + 5), click(3, 1, later + 6)]) == {}


def test_both_rules_name_the_links() -> None:
    clicks = [*(click(0, link, 11) for link in range(1, 9)), click(1, 1, 12), click(2, 1, 13)]

    assert set(scanned(clicks).values()) == {ScannerRule.MANY_LINKS}


def test_a_class_is_final_two_minutes_after_the_hit() -> None:
    assert final_before(NOON) == NOON - timedelta(seconds=120)


@given(clicks=CLICKS, chance=st.randoms())
def test_the_order_in_which_clicks_become_known_makes_no_difference(clicks, chance) -> None:
    """What decides is when they were."""
    order = list(range(len(clicks)))
    chance.shuffle(order)

    shuffled = scanned([clicks[place] for place in order])

    assert {order[place]: rule for place, rule in shuffled.items()} == scanned(clicks)


@given(clicks=CLICKS)
def test_the_verdict_is_that_of_every_stretch_of_time(clicks) -> None:
    """The quick walk finds what looking at each pair of ends finds."""
    expected: dict[int, ScannerRule] = {}
    for rule, span, value, least in (
        (ScannerRule.MANY_NETWORKS, 120, lambda each: each.network, 3),
        (ScannerRule.MANY_LINKS, 10, lambda each: each.link, 8),
    ):
        for start in clicks:
            for link in {each.link for each in clicks} if least == 3 else {None}:
                inside = [
                    place
                    for place, each in enumerate(clicks)
                    if start.at <= each.at <= start.at + timedelta(seconds=span)
                    and link in {None, each.link}
                    and value(each) is not None
                ]
                if len({value(clicks[place]) for place in inside}) >= least:
                    expected |= dict.fromkeys(inside, rule)

    assert scanned(clicks) == expected
