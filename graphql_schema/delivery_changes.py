"""What became of deliveries, as mail servers report it."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID

from app.actions.record_deliveries import DeliveryEvent, DeliveryEventKind, record_deliveries
from app.disclosure.personal_ids import PersonalIds
from app.domain.errors import NotFound, RequestError
from graphql_schema.errors import UserError, attempt, user_errors
from graphql_schema.resolving import Asked, given, reader_of, unit_of
from graphql_schema.scopes import needs


@strawberry.input(description="What became of one delivery.")
class DeliveryEventInput:
    """One event."""

    delivery_id: ID = strawberry.field(description="The delivery, as prepareMessages named it.")
    kind: DeliveryEventKind = strawberry.field(description="What became of it.")
    at: datetime | None = strawberry.field(default=strawberry.UNSET, description="When; now unless told.")


@strawberry.input(description="What a mail server reports.")
class RecordDeliveriesInput:
    """Input of `recordDeliveries`."""

    events: list[DeliveryEventInput] = strawberry.field(description="The events, at most 1,000 in a call.")


@strawberry.type(description="The answer of recordDeliveries.")
class RecordDeliveriesPayload:
    """Payload of `recordDeliveries`."""

    errors: list[UserError] = strawberry.field(
        default_factory=list, description="The events that were not recorded; the others were."
    )


RecordDeliveries = Annotated[
    RecordDeliveriesInput, strawberry.argument(name="input", description="What became of deliveries.")
]


@strawberry.type
class DeliveryMutations:
    """Part of `Mutation`."""

    @strawberry.mutation(
        description="Records that deliveries arrived or bounced. Saying the same again changes nothing.",
        metadata=needs("mailings:write", each="events"),
    )
    async def record_deliveries(self, info: Asked, reported: RecordDeliveries) -> RecordDeliveriesPayload:
        return await attempt(RecordDeliveriesPayload, _record(info, reported))


async def _record(info: Asked, reported: RecordDeliveriesInput) -> RecordDeliveriesPayload:
    events, places, errors = _events(reader_of(info).ids, reported)
    async with unit_of(info) as work:
        refused = await record_deliveries(work, events)
    errors.extend(_placed(error, places) for error in refused)
    errors.sort(key=lambda error: error.path[1:2])
    return RecordDeliveriesPayload(errors=user_errors(*errors))


def _events(
    ids: PersonalIds, reported: RecordDeliveriesInput
) -> tuple[list[DeliveryEvent], list[int], list[RequestError]]:
    """The events whose ids can be one, with their places in the input, and the errors of the others."""
    events, places, errors = [], [], list[RequestError]()
    for place, event in enumerate(reported.events):
        try:
            key = ids.delivery_key(event.delivery_id, path=("events", place, "delivery_id"))
        except NotFound as error:
            errors.append(error)
        else:
            events.append(DeliveryEvent(key, event.kind, given(event.at)))
            places.append(place)
    return events, places, errors


def _placed(error: RequestError, places: list[int]) -> RequestError:
    """The error with the event's place in the input instead of its place among the events that were tried."""
    match error.path:
        case ("events", int(tried), *rest):
            return type(error)(error.message, path=("events", places[tried], *rest))
        case _:
            return error
