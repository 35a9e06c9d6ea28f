"""What would be decided for a message, and why: every layer that spoke, in words."""

from typing import Annotated

import strawberry
from strawberry import ID

from app.disclosure.decisions import tracking_decision
from app.domain import decisions
from app.domain.decisions import DecisionLayer
from app.domain.explain import sentence
from app.domain.modes import Axis, TrackingMode
from graphql_schema.ids import number_of
from graphql_schema.resolving import Asked, reader_of
from graphql_schema.scopes import needs
from graphql_schema.urls import PERSONAL_INPUT


@strawberry.type(description="What one layer of a decision said.")
class DecisionStep:
    """A line of the trace."""

    layer: DecisionLayer = strawberry.field(description="Which layer spoke.")
    ceiling: TrackingMode = strawberry.field(description="The most that this layer allows.")
    reason: str = strawberry.field(description="Why, in one sentence.")


@strawberry.type(description="The decision for opens or for clicks.")
class AxisDecision:
    """One axis of a decision."""

    mode: TrackingMode = strawberry.field(description="What is done: the lowest of all ceilings.")
    bound_by: DecisionLayer = strawberry.field(
        description="The first layer with the lowest ceiling; MODE_SETTING if nothing lowered it."
    )
    trace: list[DecisionStep] = strawberry.field(
        description="Every layer that spoke, in order. It tells when people answered, so it needs personal:read.",
        metadata=needs("personal:read", size=9),
    )


@strawberry.type(description="How a message is tracked.")
class TrackingDecision:
    """Both axes."""

    opens: AxisDecision = strawberry.field(description="What is decided for opens.")
    clicks: AxisDecision = strawberry.field(description="What is decided for clicks.")


@strawberry.input(description="One message, as the precedence rule sees it.")
class TrackingDecisionInput:
    """Input of `trackingDecision`."""

    mailing_id: ID = strawberry.field(description="The mailing that it would belong to.")
    emails: list[str] = strawberry.field(
        description="Every To, Cc and Bcc address of it, at most 100.", metadata=PERSONAL_INPUT
    )


AskedDecision = Annotated[
    TrackingDecisionInput, strawberry.argument(name="input", description="The message to decide.")
]


@strawberry.type
class DecisionQueries:
    """Part of `Query`."""

    @strawberry.field(
        description="How one message to these addresses would be tracked, and why. Nothing is stored.",
        metadata=needs("mailings:read", "personal:read", each="emails"),
    )
    async def tracking_decision(self, info: Asked, message: AskedDecision) -> TrackingDecision:
        mailing_id = number_of(message.mailing_id, "Mailing", path=("mailing_id",))
        return decision(await tracking_decision(reader_of(info), mailing_id, message.emails))


def decision(seen: decisions.Decision) -> TrackingDecision:
    """A decision as the schema shows it."""
    return TrackingDecision(opens=_axis(seen, Axis.OPENS), clicks=_axis(seen, Axis.CLICKS))


def _axis(seen: decisions.Decision, axis: Axis) -> AxisDecision:
    decided = seen.on(axis)
    steps = [
        DecisionStep(layer=step.layer, ceiling=step.ceiling, reason=sentence(step, axis))
        for step in decided.trace
    ]
    return AxisDecision(mode=decided.mode, bound_by=decided.bound_by, trace=steps)
