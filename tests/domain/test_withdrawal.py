"""A NO keeps what was promised with it, and said again it can only promise more."""

import pytest

from app.domain.permission import NEVER_ASKED, Permission, PermissionState, Reason
from app.domain.settings import Withdrawal
from app.domain.withdrawal import hides, promised

KEEP, HIDE, SEVER = Withdrawal.KEEP, Withdrawal.HIDE, Withdrawal.SEVER


def refused(withdrawal: Withdrawal | None) -> PermissionState:
    return PermissionState(Permission.NO, Reason.DENIED, withdrawal=withdrawal)


@pytest.mark.parametrize("in_force", Withdrawal)
def test_x9_a_first_no_promises_what_is_in_force(in_force: Withdrawal):
    assert promised(NEVER_ASKED, in_force) is in_force
    assert promised(PermissionState(Permission.YES, None), in_force) is in_force


@pytest.mark.parametrize(
    ("stands", "in_force", "expected"),
    [(KEEP, HIDE, HIDE), (HIDE, KEEP, HIDE), (HIDE, SEVER, SEVER), (SEVER, KEEP, SEVER), (None, KEEP, KEEP)],
)
def test_x9_a_no_said_again_promises_the_stronger(stands, in_force, expected):
    assert promised(refused(stands), in_force) is expected


@pytest.mark.parametrize(
    ("stands", "in_force", "hidden"),
    [
        (refused(KEEP), HIDE, False),
        (refused(HIDE), KEEP, True),
        (refused(SEVER), KEEP, True),
        (refused(None), KEEP, False),
        (refused(None), HIDE, True),
        (PermissionState(Permission.YES, None), HIDE, False),
        (NEVER_ASKED, SEVER, False),
    ],
)
def test_x9_only_a_no_hides_and_by_its_own_promise(stands, in_force, hidden):
    assert hides(stands, in_force) is hidden
