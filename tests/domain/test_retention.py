"""Retention is set per kind of data, and contradictions name their path."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.retention import DataKind, kept_since, retention_problems

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        (DataKind.EVENTS, None),
        (DataKind.DELIVERIES, None),
        (DataKind.SIGN_UPS, 30),
        (DataKind.BATCHES, 30),
        (DataKind.JOBS, 90),
    ],
)
def test_what_is_kept_unless_something_else_is_set(kind, days):
    assert kept_since({}, kind, NOW) == (None if days is None else NOW - timedelta(days=days))
    assert kept_since({kind.value: 5}, kind, NOW) == NOW - timedelta(days=5)


@pytest.mark.parametrize(
    ("retention", "path"),
    [
        ({"ledger": 5}, "ledger"),
        ({"events": 0}, "events"),
        ({"sign_ups": 36_501}, "sign_ups"),
        ({"deliveries": 60}, "events"),
        ({"deliveries": 60, "events": 61}, "events"),
    ],
)
def test_what_cannot_be_names_its_path(retention, path):
    (problem,) = retention_problems(retention)

    assert (problem.code, problem.path) == ("INVALID_SETTING", ("retentionDays", path))


def test_what_can_be():
    assert list(retention_problems({"events": 60, "deliveries": 60, "sign_ups": 1, "batches": 1})) == []
