"""The pace of strangers: a burst, then one at a time; bounded memory that names nobody."""

from app.pace import Pace


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_let_through_and_then_one_after_each_pause():
    clock = Clock()
    pace = Pace(3, 2.0, ticks=clock)

    assert [pace.wait(b"a") for _ in range(5)] == [0, 0, 0, 2.0, 2.0]
    clock.now += 1.5
    assert pace.wait(b"a") == 0.5
    clock.now += 0.5
    assert [pace.wait(b"a"), pace.wait(b"a")] == [0, 2.0]
    clock.now += 60
    assert [pace.wait(b"a") for _ in range(4)] == [0, 0, 0, 2.0]


def test_each_is_counted_for_themselves():
    pace = Pace(1, 60.0)

    assert pace.wait(b"a") == 0
    assert pace.wait(b"a") > 0
    assert pace.wait(b"b") == 0


def test_memory_is_bounded_names_nobody_and_forgets_who_came_the_longest_time_ago():
    clock = Clock()
    pace = Pace(1, 60.0, most_known=100, ticks=clock)

    for number in range(10_000):
        clock.now += 0.001
        assert pace.wait(f"198.51.100.{number}".encode()) == 0

    assert len(pace._used) == 100
    assert {len(name) for name in pace._used} == {16}
    assert pace.wait(b"198.51.100.0") == 0
    assert pace.wait(b"198.51.100.9999") > 0


def test_what_is_over_is_forgotten():
    clock = Clock()
    pace = Pace(1, 1.0, ticks=clock)
    for number in range(50):
        pace.wait(b"%d" % number)
    clock.now += 10

    for _ in range(60):
        pace.wait(b"again")
        clock.now += 2

    assert len(pace._used) == 1
