"""Addresses: one spelling for what is one address, a mending message for what is none."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.addresses import Address, AddressFlaw, AddressInvalid, mask, normalise


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("anna@example.org", "anna@example.org"),
        (" \tAnna@Example.ORG\r\n", "anna@example.org"),
        ("Anna@BÜCHER.example", "anna@xn--bcher-kva.example"),
        ("anna@xn--bcher-kva.example", "anna@xn--bcher-kva.example"),
        ("anna@bu\u0308cher.example", "anna@xn--bcher-kva.example"),
        ("anna@straße.de", "anna@xn--strae-oqa.de"),
        ("anna@example。org", "anna@example.org"),
        ("Jose\u0301@example.org", "josé@example.org"),
        ("J\u030c@example.org", "ǰ@example.org"),
        ("ΑΣ@example.org", "ας@example.org"),
        ("anna@\uff45xample.org", "anna@example.org"),
        ("a.n.n.a+news@example.org", "a.n.n.a+news@example.org"),
        ("o'neil!#$%&*/=?^_`{|}~-@example.org", "o'neil!#$%&*/=?^_`{|}~-@example.org"),
        ("a@b.c", "a@b.c"),
        ("почта@пример.рф", "почта@xn--e1afmkfd.xn--p1ai"),
        ("l" * 64 + "@example.org", "l" * 64 + "@example.org"),
        ("é" * 32 + "@example.org", "é" * 32 + "@example.org"),
    ],
)
def test_each_spelling_becomes_the_one_that_is_kept(typed: str, kept: str):
    address = normalise(typed)

    assert address.text == kept
    assert address.rule_version == 1


@pytest.mark.parametrize(
    ("typed", "flaw"),
    [
        ("", AddressFlaw.EMPTY),
        (" \n ", AddressFlaw.EMPTY),
        ("anna.example.org", AddressFlaw.NO_AT_SIGN),
        ("anna@home@example.org", AddressFlaw.SEVERAL_AT_SIGNS),
        ("a@example.org, b@example.org", AddressFlaw.SEVERAL_AT_SIGNS),
        ("@example.org", AddressFlaw.NO_LOCAL_PART),
        ("Anna <anna@example.org>", AddressFlaw.LOCAL_PART_SIGN),
        ("an na@example.org", AddressFlaw.LOCAL_PART_SIGN),
        ('"anna"@example.org', AddressFlaw.LOCAL_PART_SIGN),
        ("an\u200bna@example.org", AddressFlaw.LOCAL_PART_SIGN),
        ("an\x00na@example.org", AddressFlaw.LOCAL_PART_SIGN),
        ("\ud800@example.org", AddressFlaw.LOCAL_PART_SIGN),
        (".anna@example.org", AddressFlaw.LOCAL_PART_DOT),
        ("anna.@example.org", AddressFlaw.LOCAL_PART_DOT),
        ("an..na@example.org", AddressFlaw.LOCAL_PART_DOT),
        ("l" * 65 + "@example.org", AddressFlaw.LOCAL_PART_TOO_LONG),
        ("é" * 33 + "@example.org", AddressFlaw.LOCAL_PART_TOO_LONG),
        ("anna@", AddressFlaw.NO_DOMAIN),
        ("anna@example..org", AddressFlaw.DOMAIN_INVALID),
        ("anna@example.org.", AddressFlaw.DOMAIN_INVALID),
        ("anna@-example.org", AddressFlaw.DOMAIN_INVALID),
        ("anna@exam_ple.org", AddressFlaw.DOMAIN_INVALID),
        ("anna@xn--a.org", AddressFlaw.DOMAIN_INVALID),
        ("anna@[192.0.2.1]", AddressFlaw.DOMAIN_INVALID),
        ("anna@" + "d" * 64 + ".org", AddressFlaw.DOMAIN_INVALID),
        ("anna@localhost", AddressFlaw.DOMAIN_WITHOUT_ENDING),
        ("anna@192.0.2.1", AddressFlaw.DOMAIN_WITHOUT_ENDING),
        ("a" * 60 + "@" + "d." * 98 + "org", AddressFlaw.TOO_LONG),
        ("é" * 32 + "@" + "d." * 94 + "org", AddressFlaw.TOO_LONG),
    ],
)
def test_what_is_no_address_is_refused_with_its_flaw(typed: str, flaw: AddressFlaw):
    with pytest.raises(AddressInvalid) as refused:
        normalise(typed)

    assert refused.value.flaw is flaw
    assert refused.value.__context__ is None


def test_the_longest_address_has_254_bytes():
    longest = "a" * 64 + "@" + "d." * 93 + "org"

    assert len(normalise(longest).text) == 254
    with pytest.raises(AddressInvalid, match="254"):
        normalise(longest.replace("@", "@d"))


@pytest.mark.parametrize("flaw", AddressFlaw)
def test_every_flaw_has_a_message_of_two_sentences(flaw: AddressFlaw):
    """The first sentence says what is wrong, the second how to mend it."""
    message = str(AddressInvalid(flaw))

    assert message.count(". ") == 1
    assert message.endswith(".")


@given(st.text(alphabet="aB@. é\u0308+<", max_size=20) | st.text(max_size=40) | st.emails())
def test_any_text_is_an_address_or_refused_and_normalising_twice_changes_nothing(typed: str):
    with contextlib.suppress(AddressInvalid):
        once = normalise(typed)

        assert normalise(once.text) == once
        assert once.text == once.text.lower().strip()
        assert once.domain.isascii()


@given(st.emails())
def test_case_and_white_space_make_no_second_person(typed: str):
    with contextlib.suppress(AddressInvalid):
        assert normalise(f" {typed.upper()} ") == normalise(typed.lower())


@given(st.text(alphabet="qxz@.<> ", min_size=3, max_size=12).map("Wjk{}".format))
def test_a_refusal_never_repeats_what_was_typed(typed: str):
    with contextlib.suppress(AddressInvalid):
        normalise(typed)
        return

    with pytest.raises(AddressInvalid) as refused:
        normalise(typed)

    assert "wjk" not in f"{refused.value!r} {refused.value}".lower()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("anna@example.org", "a•••@e•••.org"),
        ("a@mail.example.co.uk", "a•••@m•••.uk"),
        ("josé@bücher.example", "j•••@b•••.example"),
        ("почта@пример.рф", "п•••@п•••.рф"),
    ],
)
def test_a_page_shows_first_letters_and_the_ending(text: str, masked: str):
    assert mask(normalise(text)) == masked


def test_a_domain_that_cannot_be_read_any_more_is_masked_as_it_stands():
    assert mask(Address("anna", "xn--a.org")) == "a•••@x•••.org"


def test_neither_log_nor_traceback_shows_the_person():
    address = normalise("anna@example.org")

    assert repr(address) == str(address) == "Address(a•••@e•••.org)"
