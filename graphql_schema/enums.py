"""The closed lists of words, as the contract names them. Each is the domain's own enum, told in the API's words."""

from enum import Enum

import strawberry

from app.actions.record_deliveries import DeliveryEventKind
from app.disclosure.report_times import TimelineBucket
from app.domain.attributes import AttributeOperator, AttributeType
from app.domain.decisions import DecisionLayer
from app.domain.engagement import Engagement
from app.domain.exports import ExportKind
from app.domain.forms import FormQuestion, Purpose
from app.domain.jobs import JobStatus
from app.domain.modes import Anonymity, Axis, Channel, ClientClass, MembershipStatus, TrackingMode
from app.domain.permission import Permission, PermissionChange, PermissionSource, Reason
from app.domain.presets import Preset
from app.domain.privacy import Basis, Shown
from app.domain.retention import DataKind
from app.domain.segments import Answer, ContactMetric
from app.domain.settings import GpcRule, LateRefusal, WayOut, Withdrawal


def declare(kind: type[Enum], description: str, *, name: str | None = None, **values: str) -> None:
    """Makes a domain enum an enum of the schema.

    Raises:
        KeyError: A value has no description.
    """
    strawberry.enum(kind, name=name, description=description)
    for value in kind.__strawberry_definition__.values:  # type: ignore[attr-defined]  # Strawberry has just set it.
        value.description = values[value.name]


declare(
    TrackingMode,
    "How far a recipient is tracked on one axis. OFF is less than ANONYMOUS, which is less than PERSONAL.",
    OFF="No pixel and no rewritten link in the mail at all.",
    ANONYMOUS="Counted, and linked to nobody.",
    PERSONAL="Linked to the delivery.",
)
declare(
    Permission,
    "What a subscriber said about being tracked, on one axis.",
    YES="Yes.",
    NO="No. It holds for mails that were sent before, too.",
    UNKNOWN="No answer stands.",
)
declare(
    PermissionChange,
    "What a caller says of a permission.",
    YES="Yes. It needs a source and a date.",
    NO="No.",
    UNCHANGED="Nothing. For a new address that means UNKNOWN.",
)
declare(
    Channel,
    "The kind of sending that a mailing belongs to.",
    CAMPAIGN="A mailing to a list.",
    TRANSACTIONAL="A template that is sent when something happens.",
    ONE_TO_ONE="Mail of one user to single people.",
    RELAY="A stream that goes through the SMTP relay.",
)
declare(
    Preset,
    "Settings that can be chosen in one step.",
    STRICT="Nobody is tracked in any way without a YES. New accounts start with it.",
    ITALY="Opens of people without a YES are counted anonymously, and clicks not at all.",
    BREVO="People are tracked unless they said no; those are counted anonymously, by unlinked numbers.",
    MAPP="People are tracked unless they said no; those are counted anonymously, late hits included.",
    CAMPAIGN_MONITOR="People are tracked unless they said no; those are not counted at all.",
    INXMAIL="Everybody is counted anonymously.",
    PIPEDRIVE="Only one-to-one mail is tracked, as its user switches it.",
)
declare(
    DecisionLayer,
    "Who may lower a tracking mode, in the order in which they are named.",
    INSTANCE="The kill switch of the whole instance.",
    ACCOUNT_ANONYMOUS="The anonymous tracking of the channel.",
    MODE_SETTING="The mailing's own mode, or the default of its channel.",
    MESSAGE_CLASS="What the message is for, and whether it may be tracked at all.",
    TOGGLE="The toggle of the mail at hand.",
    PERMISSION="What each addressed person said.",
    FROZEN="The mode that was frozen when the mail was sent.",
    SIGNAL="The Global Privacy Control signal of the browser.",
    ERROR="Something that could not be read. Any doubt means no tracking.",
)
declare(
    PermissionSource,
    "Where an answer comes from. Callers may name API, FORM and IMPORT.",
    FORM="A sign-up form.",
    PREFERENCE_CENTER="The preference center.",
    ONE_CLICK="The one-click link of a mail.",
    REQUEST_MAIL="The answer to a mail that asked for permission.",
    IMPORT="An import.",
    API="A call of the API.",
    SEND="What a sender said with a message.",
    MERGE="The merging of two addresses.",
    RESUBSCRIBE="Subscribing again after leaving every list.",
    EXPIRY="The end of a permission's lifetime.",
    RESET="A reset with a reason.",
    ERASURE="The erasure of the person.",
)
declare(
    Axis,
    "What a tracking decision is about.",
    OPENS="Opens, which a pixel shows.",
    CLICKS="Clicks, which rewritten links show.",
)
declare(
    Anonymity,
    "How anonymous mail is anonymous.",
    SHARED="The same pixel and links for everybody; there are totals only.",
    UNLINKED="A random number in each mail, kept nowhere at sending; there are unique opens as well.",
)
declare(
    LateRefusal,
    "What becomes of a hit of somebody who has said no since the mail was sent.",
    DROP="It is dropped.",
    COUNT="It joins the anonymous part of the mailing.",
)
declare(
    Withdrawal,
    "What becomes of what was recorded before somebody said no.",
    KEEP="It stays visible.",
    HIDE="Totals stay; whatever is about the person is hidden.",
    SEVER="It is deleted.",
)
declare(
    GpcRule,
    "What the Global Privacy Control signal does to a hit.",
    CEILING="The hit counts anonymously at most.",
    YIELDS_TO_PERSONS_YES="The same, unless the person said yes to us.",
)
declare(
    WayOut,
    "What happens to a tracked mail without a preferences link.",
    FOOTER="It gets one line with the link.",
    REQUIRED="It goes out without any tracking, and a warning says so.",
)
declare(
    Shown,
    "How a figure came about.",
    EXACT="It was counted.",
    ROUNDED="Its anonymous part is rounded down to a multiple of 5.",
    SUPPRESSED="It is withheld, since it would tell about single people.",
    NOT_MEASURED="Nothing was measured, which is not zero.",
)
declare(
    Basis,
    "What a rate counts.",
    UNIQUE="People who did it.",
    TOTAL="How often it was done; it may exceed 1.",
)
declare(
    ClientClass,
    "Who stood behind a hit, as far as rules can tell.",
    HUMAN_LIKELY="A mail client or browser, as people use them.",
    PROXY="A proxy of a mail service, which may have loaded it before anybody looked.",
    SCANNER="A machine that looks into mail or follows every link.",
    UNKNOWN="Nothing that a rule knows.",
)
declare(
    TimelineBucket,
    "How wide a bucket of a timeline is. Both begin by UTC.",
    HOUR="An hour; only what was measured personally.",
    DAY="A day.",
)
declare(
    MembershipStatus,
    "A subscriber's place on a list.",
    UNCONFIRMED="Signed up, and not confirmed yet.",
    SUBSCRIBED="On the list.",
    UNSUBSCRIBED="Left the list.",
    BOUNCED="Taken off, since mail could not be delivered.",
)
declare(
    DeliveryEventKind,
    "What became of a delivery.",
    DELIVERED="It arrived.",
    BOUNCED="It could not be delivered.",
)
declare(
    Reason,
    "Why there is no answer, or how a NO came about.",
    name="UnknownReason",
    NEVER_ASKED="UNKNOWN: nobody has asked.",
    ASKED_NO_ANSWER="UNKNOWN: asked, and not answered.",
    NOTIFIED_NO_OBJECTION="UNKNOWN: notified, and not objected.",
    LAPSED="UNKNOWN: an earlier yes does not hold any more.",
    DENIED="NO: said without having said yes before.",
    WITHDRAWN="NO: takes back a yes.",
)
declare(
    FormQuestion,
    "Whether a sign-up form asks about tracking.",
    NOTHING="It does not ask.",
    BOTH_TOGETHER="One question about opens and clicks together.",
    EACH_AXIS="One question about opens, one about clicks.",
)
declare(
    AttributeType,
    "What kind of value an attribute is, and so the answer to a form's own field.",
    TEXT="1 to 500 characters.",
    NUMBER="A number such as 12 or -1.5.",
    DATE="A day such as 2026-11-22.",
    BOOLEAN="A tick: yes, or nothing.",
)
declare(
    Purpose,
    "What tracking is asked for. A YES covers the purposes of its wording and no others.",
    MEASURE="To measure how mailings do.",
    SEGMENT="To choose who gets which mailing.",
    NOTIFY="To tell a user when a mail is opened or clicked.",
)
declare(
    JobStatus,
    "Where a job stands.",
    QUEUED="It waits for its turn.",
    RUNNING="It is being done.",
    DONE="All of it was done.",
    FAILED="It could not be done; what was finished before stays.",
    CANCELLED="It was called off; what was finished before stays.",
)
declare(
    ExportKind,
    "What an export holds.",
    CAMPAIGN="The people of a mailing; not possible yet.",
    EVENT_LOG="The events of a time; not possible yet.",
    SUBSCRIBERS="Subscribers with their permission; not possible yet.",
    ACCESS="Everything about one person, for that person (GDPR 15): a zip of JSON and CSV.",
)
declare(
    DataKind,
    "What is kept for a time.",
    EVENTS="What people did, hit by hit; for ever unless set.",
    DELIVERIES="Who was sent what, and what became of it; for ever unless set.",
    SIGN_UPS="Sign-ups that wait, or have waited, to be confirmed; 30 days unless set.",
    BATCHES="Idempotency keys of prepared messages; 30 days unless set.",
    JOBS="Jobs that have ended, and the errors of imports; 90 days unless set.",
)
declare(
    Answer,
    "What a segment says of one subscriber.",
    YES="The rule holds.",
    NO="The rule does not hold.",
    UNMEASURED="Nobody can say, since something that the rule asks for was not measured.",
)
declare(
    ContactMetric,
    "A figure of a report that leads to people.",
    SENT="Who was sent it, whatever was tracked.",
    DELIVERED="Whose mail did not bounce, whatever was tracked.",
    BOUNCED="Whose mail bounced, whatever was tracked.",
    OPENS="Who opened it, of those who were measured personally.",
    CLICKS="Who clicked in it, of those who were measured personally.",
)
declare(
    Engagement,
    "How long ago a subscriber last opened or clicked, as far as that was measured personally.",
    ACTIVE="At most 30 days ago.",
    ENGAGED="At most 90 days ago.",
    UNENGAGED="At most 180 days ago.",
    DORMANT="At most 365 days ago.",
    GHOST="Longer ago, or never.",
    NOT_MEASURED="Nobody can say: permission is not PERSONAL now, or nothing PERSONAL was sent in 90 days.",
)
declare(
    AttributeOperator,
    "How an attribute is compared. An attribute that somebody does not have is never as it should be.",
    EQ="Equal.",
    NE="There, and not equal.",
    LT="Less, or earlier.",
    LE="Less or equal.",
    GT="Greater, or later.",
    GE="Greater or equal.",
    CONTAINS="A text that has this text in it; upper and lower case differ.",
    EXISTS="There, whatever it is. It has no value.",
)
