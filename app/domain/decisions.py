"""What a decision is: the layers that may speak, why they spoke, and what came of it.

`precedence` makes decisions, `explain` puts them into words. Source: domain.md §5.
"""

from dataclasses import dataclass
from enum import StrEnum, unique

from app.domain.modes import Axis, TrackingMode
from app.domain.permission import PermissionState


@unique
class DecisionLayer(StrEnum):
    """Who may lower a mode, in the order in which they are named."""

    INSTANCE = "INSTANCE"
    ACCOUNT_ANONYMOUS = "ACCOUNT_ANONYMOUS"
    MODE_SETTING = "MODE_SETTING"
    MESSAGE_CLASS = "MESSAGE_CLASS"
    TOGGLE = "TOGGLE"
    PERMISSION = "PERMISSION"
    FROZEN = "FROZEN"
    SIGNAL = "SIGNAL"
    ERROR = "ERROR"


@unique
class DecisionReason(StrEnum):
    """Why a layer put its ceiling where it is; `explain` has the words."""

    KILL_SWITCH = "KILL_SWITCH"
    ANONYMOUS_SWITCH = "ANONYMOUS_SWITCH"
    MAILING_MODE = "MAILING_MODE"
    MAILING_PERMISSION_BASED = "MAILING_PERMISSION_BASED"
    CHANNEL_DEFAULT = "CHANNEL_DEFAULT"
    SERVICE_MAIL = "SERVICE_MAIL"
    NO_WAY_OUT = "NO_WAY_OUT"
    NOTHING_TO_TRACK = "NOTHING_TO_TRACK"
    RELAY_WITHOUT_CONSENT = "RELAY_WITHOUT_CONSENT"
    TOGGLED_OFF = "TOGGLED_OFF"
    SAID_YES = "SAID_YES"
    SAID_NO = "SAID_NO"
    NEVER_ANSWERED = "NEVER_ANSWERED"
    NOT_ASKED_HERE = "NOT_ASKED_HERE"
    FROZEN_AT_SENDING = "FROZEN_AT_SENDING"
    PRIVACY_SIGNAL = "PRIVACY_SIGNAL"
    NOBODY_ADDRESSED = "NOBODY_ADDRESSED"
    UNREADABLE = "UNREADABLE"


@dataclass(frozen=True, slots=True)
class DecisionStep:
    """What one layer said. `state` is the answer that a PERMISSION step is about."""

    layer: DecisionLayer
    ceiling: TrackingMode
    reason: DecisionReason
    state: PermissionState | None = None


@dataclass(frozen=True, slots=True)
class AxisDecision:
    """The mode in force on one axis, the layer that bound it, and every layer that spoke, in order."""

    mode: TrackingMode
    bound_by: DecisionLayer
    trace: tuple[DecisionStep, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision for both axes."""

    opens: AxisDecision
    clicks: AxisDecision

    def on(self, axis: Axis) -> AxisDecision:
        """The decision of one axis."""
        return self.opens if axis is Axis.OPENS else self.clicks


def telling_step(decision: AxisDecision) -> DecisionStep:
    """The step that explains a decision best: the person's own answer where nothing is lower, else what bound it."""
    for step in decision.trace:
        if step.layer is DecisionLayer.PERMISSION and step.ceiling is decision.mode:
            return step
    return next(step for step in decision.trace if step.layer is decision.bound_by)
