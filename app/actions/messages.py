"""What a call of prepareMessages brings, and what it gives back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from app.actions.answers import NOTHING_ASKED, Asked
from app.actions.stamping import Letter, Stamped, Stamper
from app.domain.decisions import Decision
from app.domain.errors import RequestError
from app.domain.impact import Warning as Consequence
from app.mail.tags import NO_MERGE, Merge
from app.storage.deliveries import DeliveryKey


@dataclass(frozen=True, slots=True)
class Addressee:
    """One To, Cc or Bcc, and what the sender says of its permission."""

    email: str
    asked: Asked = NOTHING_ASKED
    path: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageRequest:
    """One message to be prepared: its addressees, its merge values, its toggles."""

    addressees: Sequence[Addressee]
    merge: Merge = field(default_factory=lambda: NO_MERGE)
    track_opens: bool | None = None
    track_clicks: bool | None = None


@dataclass(frozen=True, slots=True)
class Preparation:
    """One call of prepareMessages. A message that its door could not read keeps its place as the error."""

    mailing_id: int
    html: str | None
    text: str | None
    messages: Sequence[MessageRequest | RequestError]
    idempotency_key: str | None = None


@dataclass(frozen=True)
class PreparedMessage:
    """A message as it was decided and stored, and the deliveries that it is."""

    message_id: UUID
    decision: Decision
    deliveries: tuple[DeliveryKey, ...]
    letter: Letter
    stamper: Stamper

    @cached_property
    def stamped(self) -> Stamped:
        """The finished mail, made when it is first asked for: once the call's transaction holds nobody up any more."""
        return self.stamper.stamp(self.letter)


@dataclass(slots=True)
class Prepared:
    """What became of a call; `messages` keeps the order and has None where `errors` says why."""

    messages: list[PreparedMessage | None]
    errors: list[RequestError] = field(default_factory=list)
    warnings: list[Consequence] = field(default_factory=list)
