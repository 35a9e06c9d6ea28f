"""Strangers can have few mails sent to one address, and memory holds neither addresses nor more than it should."""

from datetime import UTC, datetime, timedelta

from app.outbox.allowance import Allowance

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_three_mails_in_any_hour_go_to_an_address_and_refused_ones_do_not_count():
    allowance = Allowance()

    taken = [
        allowance.take("ada@example.org", NOON + timedelta(minutes=minute)) for minute in range(0, 81, 20)
    ]

    assert taken == [True, True, True, True, True]
    assert [allowance.take("ada@example.org", NOON + timedelta(minutes=81)) for _ in range(2)] == [
        False,
        False,
    ]
    assert allowance.take("ada@example.org", NOON + timedelta(minutes=100))


def test_each_address_and_each_kind_of_mail_is_counted_for_itself():
    allowance, other = Allowance(), Allowance()
    for _ in range(4):
        allowance.take("ada@example.org", NOON)

    assert not allowance.take("ada@example.org", NOON)
    assert allowance.take("ben@example.org", NOON)
    assert other.take("ada@example.org", NOON)


def test_memory_is_bounded_and_forgets_who_was_mailed_to_the_longest_time_ago():
    allowance = Allowance(most_addresses=2)
    for _ in range(3):
        allowance.take("first@example.org", NOON)
    for name in ("second", "third"):
        allowance.take(f"{name}@example.org", NOON)

    assert len(allowance._sent) == 2
    assert allowance.take("first@example.org", NOON)


def test_what_is_over_is_forgotten_and_no_address_is_held():
    allowance = Allowance()
    for number in range(10):
        allowance.take(f"{number}@example.org", NOON)

    allowance.take("ada@example.org", NOON + timedelta(hours=1))

    assert [len(name) for name in allowance._sent] == [32]
    assert b"ada" not in b"".join(allowance._sent)
