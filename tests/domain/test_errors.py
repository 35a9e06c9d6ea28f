"""Errors: one tree, each leaf with a code of its own and words that a caller can act on."""

import re

import pytest

from app.domain import errors
from app.domain.errors import Conflict, EvidenceMissing, InvalidValue, RequestError

LEAVES = sorted(
    (
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, RequestError) and kind is not RequestError
    ),
    key=lambda kind: kind.code,
)
OF_THE_CONTRACT = {
    "NULL_NOT_ALLOWED",
    "EVIDENCE_MISSING",
    "REFUSAL_KEPT",
    "ERASED_EARLIER",
    "INVALID_SETTING",
    "MAILING_PROTECTED",
    "RELAY_NOT_PERMISSION_BASED",
    "NOT_FOUND",
    "INVALID_EMAIL",
    "LIMIT_EXCEEDED",
    "CONFLICT",
    "INVALID_SOURCE",
    "SWITCH_OFF",
}


def test_every_leaf_has_a_code_of_its_own():
    codes = [leaf.code for leaf in LEAVES]

    assert len(codes) == len(set(codes))
    assert RequestError.code not in codes


def test_the_codes_of_the_contract_are_all_there():
    assert OF_THE_CONTRACT - {leaf.code for leaf in LEAVES} == set()


@pytest.mark.parametrize("leaf", LEAVES)
def test_a_leaf_is_named_and_drawn_after_its_code(leaf: type[RequestError]):
    """The tree at the top of the file shows each leaf beside its code."""
    assert leaf.code == re.sub(r"(?<!^)(?=[A-Z])", "_", leaf.__name__).upper()
    assert re.search(rf"── {leaf.__name__} +{leaf.code}\n", errors.__doc__ or "")


@pytest.mark.parametrize("leaf", LEAVES)
def test_the_docstring_of_a_leaf_is_its_message(leaf: type[RequestError]):
    raised = leaf()

    assert leaf.__doc__
    assert raised.message == str(raised) == leaf.__doc__.strip()
    assert raised.message.endswith(".")
    assert "\n" not in raised.message


def test_a_raiser_may_say_it_better():
    raised = InvalidValue("The html is empty.", path=("html",))

    assert (raised.message, str(raised), raised.path) == (
        "The html is empty.",
        "The html is empty.",
        ("html",),
    )


def test_an_error_seen_from_further_out_keeps_all_but_its_path():
    inner = EvidenceMissing("Say when.", path=("at",))

    outer = inner.under("recipients", 3)

    assert (type(outer), outer.message, outer.path) == (EvidenceMissing, "Say when.", ("recipients", 3, "at"))
    assert inner.path == ("at",)
    assert Conflict().under().path == ()
