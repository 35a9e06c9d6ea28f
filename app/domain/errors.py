"""Every error that a caller can cause, drawn once.

    RequestError                 what was asked cannot be done, and the caller can mend it
    ├── NullNotAllowed           NULL_NOT_ALLOWED
    ├── EvidenceMissing          EVIDENCE_MISSING
    ├── RefusalKept              REFUSAL_KEPT
    ├── ErasedEarlier            ERASED_EARLIER
    ├── InvalidSource            INVALID_SOURCE
    ├── InvalidEmail             INVALID_EMAIL
    ├── InvalidSetting           INVALID_SETTING
    ├── InvalidValue             INVALID_VALUE
    ├── InvalidRule              INVALID_RULE
    ├── MailingProtected         MAILING_PROTECTED
    ├── AskedRecently            ASKED_RECENTLY
    ├── DispatchRunning          DISPATCH_RUNNING
    ├── RelayNotPermissionBased  RELAY_NOT_PERMISSION_BASED
    ├── SwitchOff                SWITCH_OFF
    ├── LimitExceeded            LIMIT_EXCEEDED
    ├── Conflict                 CONFLICT
    ├── NotFound                 NOT_FOUND
    └── Forbidden                FORBIDDEN

Each leaf has a stable `code`; its docstring is its message where the raiser gives none. No HTTP status stands
here: each door has one translation table. A message never holds an address or any other personal datum.
"""

from typing import ClassVar


class RequestError(Exception):
    """The request cannot be done as it stands."""

    code: ClassVar[str] = "REQUEST_ERROR"

    def __init__(self, message: str | None = None, *, path: tuple[str | int, ...] = ()) -> None:
        """`path` names the input that is at fault, outermost first; list positions are numbers."""
        self.message = message or (type(self).__doc__ or "").strip()
        self.path = path
        super().__init__(self.message)

    def under(self, *prefix: str | int) -> "RequestError":
        """The same error, with its path seen from further out."""
        return self.at(*prefix, *self.path)

    def at(self, *path: str | int) -> "RequestError":
        """The same error, about another input."""
        return type(self)(self.message, path=path)


class NullNotAllowed(RequestError):
    """Null is not an answer. Leave the field out to change nothing, or say YES, NO or UNCHANGED."""

    code = "NULL_NOT_ALLOWED"


class EvidenceMissing(RequestError):
    """A YES needs a source and the date on which the person gave it. Send both, or ask the person."""

    code = "EVIDENCE_MISSING"


class RefusalKept(RequestError):
    """The NO that stands here is not lifted by this YES. Only a later answer of the person does that."""

    code = "REFUSAL_KEPT"


class ErasedEarlier(RequestError):
    """This person asked to be erased. The address was kept out; only the person can come back."""

    code = "ERASED_EARLIER"


class InvalidSource(RequestError):
    """This source belongs to another door. A caller may name API, FORM or IMPORT."""

    code = "INVALID_SOURCE"


class InvalidEmail(RequestError):
    """This is not an e-mail address. It needs one @, a name before it and a domain after it."""

    code = "INVALID_EMAIL"


class InvalidSetting(RequestError):
    """These settings contradict each other."""

    code = "INVALID_SETTING"


class InvalidValue(RequestError):
    """The value does not have the expected form."""

    code = "INVALID_VALUE"


class InvalidRule(RequestError):
    """This part of the rule says nothing that could be decided."""

    code = "INVALID_RULE"


class MailingProtected(RequestError):
    """This mailing was sent already, so its tracking is protected. Call liftProtection first."""

    code = "MAILING_PROTECTED"


class AskedRecently(RequestError):
    """This person said no, or was asked and kept silent, more recently than askAgainAfterDays allows. Nobody asked."""

    code = "ASKED_RECENTLY"


class DispatchRunning(RequestError):
    """This mailing is being sent right now. Wait until the call that sends it has ended."""

    code = "DISPATCH_RUNNING"


class RelayNotPermissionBased(RequestError):
    """The relay cannot see who permitted what, so it cannot be permission-based. Leave it out."""

    code = "RELAY_NOT_PERMISSION_BASED"


class SwitchOff(RequestError):
    """Your own tracking switch for this is off. Turn it on with updateMyTracking, or leave the toggle out."""

    code = "SWITCH_OFF"


class LimitExceeded(RequestError):
    """This is more than one request may bring. Split it."""

    code = "LIMIT_EXCEEDED"


class Conflict(RequestError):
    """Something else changed the same thing at the same time. Read it again and retry."""

    code = "CONFLICT"


class NotFound(RequestError):
    """There is no such thing in this account."""

    code = "NOT_FOUND"


class Forbidden(RequestError):
    """This token lacks the scope for that."""

    code = "FORBIDDEN"
