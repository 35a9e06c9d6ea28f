"""The running instance: the few things that everything above the hands is told, so that nobody looks around.

`actions` and `disclosure` get it from the door that calls them; the roof builds it once per process.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from uuid import UUID

from app.domain.addresses import Address
from app.domain.keyed import keyed
from app.domain.principal import Principal
from app.domain.settings import AccountSettings
from app.errands import Errands
from app.live import Feeds
from app.networks import Trusted
from app.outbox.allowance import Allowance
from app.outbox.mailer import Mailer
from app.pace import Pace
from app.sealing.ids import SealedIds
from app.sealing.keyring import Keyring
from app.sealing.links import Addresses
from app.storage.database import Database, DatabaseAway
from app.storage.hints import Hints

# Doors answer when the database is away, and enter no storage to learn its name.
__all__ = ["AccountKeys", "DatabaseAway", "Instance", "KnownCaller", "made_at", "utc_now"]

_ID_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_RANDOM_BITS = 20


def utc_now() -> datetime:
    """The clock of the real world."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class AccountKeys:
    """An account's own secrets, unwrapped: `identity` names its subscribers, `ledger` seals their answers."""

    identity: bytes
    ledger: bytes

    @cached_property
    def ids(self) -> SealedIds:
        """What seals the ids of whatever belongs to one subscriber."""
        return SealedIds(self.identity)

    def subscriber_id(self, address: Address) -> UUID:
        """The id that an address is born with: an HMAC, so that no look-up is needed (scale.md)."""
        return UUID(bytes=self.namer()(address.text))

    def namer(self) -> Callable[[str], bytes]:
        """Gives the bytes of that id for the text of an address; made once for thousands of them."""
        code = keyed(self.identity)
        return lambda text: code(text.encode())[:16]


@dataclass(frozen=True, slots=True)
class KnownCaller:
    """Whose a token was when it was last looked up, believed until this time of the monotonic clock, in seconds."""

    principal: Principal
    until: float


@dataclass(slots=True)
class Instance:
    """What is the same for the whole process.

    `anonymous_refresh` is in seconds, and `patience` how many of them a request may reckon before that becomes a job;
    `data` is the folder of all files.
    `token_uses` are the minutes in which tokens were used lately, until `actions.tokens` writes them down.
    The queues part what strangers can cause: asking for links, and signing up; a network may send either 30 times
    at once, then once every two seconds.
    """

    database: Database
    keyring: Keyring
    public_url: str
    mailer: Mailer
    tracking: bool = True
    anonymous_refresh: int = 3600
    patience: float = 5.0
    looking_up: Errands = field(default_factory=Errands)
    signing_up: Errands = field(default_factory=Errands)
    pace: Pace = field(default_factory=partial(Pace, 30, 2.0))
    link_mails: Allowance = field(default_factory=Allowance)
    confirmation_mails: Allowance = field(default_factory=Allowance)
    trusted: Trusted = field(default_factory=Trusted)
    data: Path = field(default_factory=lambda: Path("var"))
    clock: Callable[[], datetime] = utc_now
    addresses: Addresses = field(init=False)
    hints: Hints = field(init=False)
    feeds: Feeds = field(default_factory=Feeds)
    account_keys: dict[int, AccountKeys] = field(default_factory=dict)
    frozen_settings: dict[tuple[int, int], AccountSettings] = field(default_factory=dict)
    callers: dict[bytes, KnownCaller] = field(default_factory=dict)
    token_uses: dict[int, datetime] = field(default_factory=dict)
    _newest_ids: tuple[int, set[int]] = field(default_factory=lambda: (0, set()), init=False)

    def __post_init__(self) -> None:
        """Addresses follow from the keys and the public URL, hints from the database."""
        self.addresses = Addresses(self.keyring, self.public_url)
        self.hints = Hints(self.database)

    def new_id(self) -> int:
        """A positive 63-bit number that rises with time: milliseconds since 2020, then random bits."""
        milliseconds = (self.clock() - _ID_EPOCH) // timedelta(milliseconds=1)
        if milliseconds != self._newest_ids[0]:
            self._newest_ids = (milliseconds, set())
        made = self._newest_ids[1]
        # Those of other processes do not collide for a long time; many of our own in one millisecond might.
        while (number := (milliseconds << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)) in made:
            pass
        made.add(number)
        return number


def made_at(number: int) -> datetime:
    """When `new_id` made this number: the end of that millisecond."""
    return _ID_EPOCH + timedelta(milliseconds=(number >> _RANDOM_BITS) + 1)
