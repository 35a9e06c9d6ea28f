"""What an e-mail address is, when two spellings are the same one, and how a page shows it.

Theory: one person types one address in many ways. `normalise` maps all spellings that every mail server
treats alike to one text, and no more: dots and plus tags belong to the receiving server, so they stay.

    step          what happens                                       Anna@BÜCHER.example
    1 trim        white space around it goes
    2 lower, NFC  all lower case, one spelling per letter            anna@bücher.example
    3 split       at the only @                                      anna | bücher.example
    4 local part  letters, digits, signs; dots only between them     anna
    5 domain      UTS 46 without transition, then IDNA 2008          xn--bcher-kva.example
    6 limits      64 octets before the @, 254 in all

What fails a step is an `AddressInvalid`; its `AddressFlaw` says which, its message how to mend it. The same
rule normalises what it has normalised to itself. Spellings kept under an older rule are told apart by
`RULE_VERSION`. Quoted local parts and addresses in square brackets are refused, since hardly anybody has one
and most that are typed are pasted by mistake.

Source: domain.md §2; RFC 5321 §4.5.3.1, RFC 5322 §3.4.1, RFC 6532 §3.2; UTS 46.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum, unique
from functools import lru_cache

import idna

RULE_VERSION = 1
LONGEST_LOCAL_PART = 64
LONGEST_ADDRESS = 254

_LOCAL_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+/=?^_`{|}~-.")
_HIDDEN = "•••"


@unique
class AddressFlaw(StrEnum):
    """What is wrong with a text that is no address."""

    EMPTY = "EMPTY"
    NO_AT_SIGN = "NO_AT_SIGN"
    SEVERAL_AT_SIGNS = "SEVERAL_AT_SIGNS"
    NO_LOCAL_PART = "NO_LOCAL_PART"
    LOCAL_PART_SIGN = "LOCAL_PART_SIGN"
    LOCAL_PART_DOT = "LOCAL_PART_DOT"
    LOCAL_PART_TOO_LONG = "LOCAL_PART_TOO_LONG"
    NO_DOMAIN = "NO_DOMAIN"
    DOMAIN_INVALID = "DOMAIN_INVALID"
    DOMAIN_WITHOUT_ENDING = "DOMAIN_WITHOUT_ENDING"
    TOO_LONG = "TOO_LONG"


_MESSAGES = {
    AddressFlaw.EMPTY: "There is no address. Write one such as name@example.org.",
    AddressFlaw.NO_AT_SIGN: "The address has no @. Write it as name@example.org.",
    AddressFlaw.SEVERAL_AT_SIGNS: "There is more than one @. Give one address at a time.",
    AddressFlaw.NO_LOCAL_PART: "Nothing stands before the @. Write the name in front of it.",
    AddressFlaw.LOCAL_PART_SIGN: (
        "The part before the @ holds a character that no address has."
        " Give the bare address, without a person's name, quotes, spaces or brackets."
    ),
    AddressFlaw.LOCAL_PART_DOT: (
        "The part before the @ begins or ends with a dot, or has two in a row. Take the extra dot out."
    ),
    AddressFlaw.LOCAL_PART_TOO_LONG: "The part before the @ is longer than 64 bytes. Check it for pasted text.",
    AddressFlaw.NO_DOMAIN: "Nothing stands after the @. Write the domain behind it, such as example.org.",
    AddressFlaw.DOMAIN_INVALID: (
        "The part after the @ is no domain name."
        " Use letters, digits and hyphens, with single dots between them, as in mail.example.org."
    ),
    AddressFlaw.DOMAIN_WITHOUT_ENDING: (
        "The domain has no ending such as .org. Write the whole domain name, not a number and not a short name."
    ),
    AddressFlaw.TOO_LONG: "The address is longer than 254 bytes. Check it for pasted text.",
}


class AddressInvalid(ValueError):
    """The text is no address. The message names the flaw and how to mend it, and never the text itself."""

    def __init__(self, flaw: AddressFlaw) -> None:
        self.flaw = flaw
        super().__init__(_MESSAGES[flaw])


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """An address in its one spelling; made by `normalise`, or read back from where such a one was kept.

    Its representation is masked, so that no log line and no traceback shows the person.
    """

    local_part: str
    domain: str
    rule_version: int = RULE_VERSION

    @property
    def text(self) -> str:
        """The address as mail is sent to it: `local_part@domain`, the domain as A-label."""
        return f"{self.local_part}@{self.domain}"

    def __repr__(self) -> str:
        return f"Address({mask(self)})"


def normalise(text: str) -> Address:
    """The one spelling of the address in `text`, by the steps at the top. Raises `AddressInvalid`."""
    lowered = _one_spelling(text)
    local_part, at_sign, domain = lowered.partition("@")
    flaw = _flaw_of_shape(lowered, at_sign, domain) or _flaw_of_local_part(local_part)
    if flaw is not None:
        raise AddressInvalid(flaw)
    label = _a_label(domain)
    if label is None:
        raise AddressInvalid(AddressFlaw.DOMAIN_INVALID)
    address = Address(local_part, label)
    flaw = _flaw_of_label(label) or _flaw_of_length(address)
    if flaw is not None:
        raise AddressInvalid(flaw)
    return address


def normalise_beginning(text: str) -> str:
    """The one spelling of the beginning of an address; its domain is an A-label where it could be a whole one."""
    try:
        return normalise(text).text
    except AddressInvalid:
        return _one_spelling(text)


def mask(address: Address) -> str:
    """The address as a page shows it to somebody who may not be its owner: `a•••@e•••.org`.

    The first letter of each side and the domain's last label stay, in readable letters; the hidden part has the
    same length for everybody.
    """
    domain = _readable(address.domain)
    return f"{address.local_part[:1]}{_HIDDEN}@{domain[:1]}{_HIDDEN}.{domain.rpartition('.')[2]}"


def _one_spelling(text: str) -> str:
    # Some letters have a composed form in lower case only, so the composition comes last.
    return unicodedata.normalize("NFC", text.strip().lower())


def _flaw_of_shape(text: str, at_sign: str, domain: str) -> AddressFlaw | None:
    if not text:
        return AddressFlaw.EMPTY
    if not at_sign:
        return AddressFlaw.NO_AT_SIGN
    if "@" in domain:
        return AddressFlaw.SEVERAL_AT_SIGNS
    if not domain:
        return AddressFlaw.NO_DOMAIN
    # Whatever is this long stays too long as A-label, and the domain's rules need not walk through it.
    return AddressFlaw.TOO_LONG if len(text) > LONGEST_ADDRESS else None


def _flaw_of_local_part(local_part: str) -> AddressFlaw | None:
    if not local_part:
        return AddressFlaw.NO_LOCAL_PART
    if not _LOCAL_SIGNS.issuperset(local_part) and not all(map(_belongs_in_local_part, local_part)):
        return AddressFlaw.LOCAL_PART_SIGN
    if "" in local_part.split("."):
        return AddressFlaw.LOCAL_PART_DOT
    if len(local_part.encode()) > LONGEST_LOCAL_PART:
        return AddressFlaw.LOCAL_PART_TOO_LONG
    return None


def _belongs_in_local_part(sign: str) -> bool:
    # Printable leaves out spaces, controls, lone surrogates and signs that nobody sees.
    return sign in _LOCAL_SIGNS if sign.isascii() else sign.isprintable()


@lru_cache(maxsize=16_384)
def _a_label(domain: str) -> str | None:
    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
    except UnicodeError:
        # The text of this error quotes the address, so the caller raises its own outside of this block.
        return None


def _flaw_of_label(label: str) -> AddressFlaw | None:
    _, dot, ending = label.rpartition(".")
    if dot and not ending:
        return AddressFlaw.DOMAIN_INVALID
    # No top-level domain is a number, so what ends in one is the number of a machine.
    return None if dot and not ending.isdigit() else AddressFlaw.DOMAIN_WITHOUT_ENDING


def _flaw_of_length(address: Address) -> AddressFlaw | None:
    return AddressFlaw.TOO_LONG if len(address.text.encode()) > LONGEST_ADDRESS else None


def _readable(domain: str) -> str:
    try:
        return idna.decode(domain)
    except UnicodeError:
        # A domain that was kept under other Unicode tables is shown as it stands; a page must not fail on it.
        return domain
