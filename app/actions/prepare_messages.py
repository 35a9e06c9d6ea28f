"""Prepares messages: finds or makes the recipients, decides, stores the deliveries, stamps the mails.

    1  addresses → subscribers, locked; what the call says of their permission is applied (source SEND)
    2  precedence decides each message, over every To, Cc and Bcc of it
    3  deliveries are stored with the modes frozen; a key that was used before finds the old ones
    4  messages are stamped, from the frozen modes, when they are first looked at: behind the transaction

Preparing counts as sending. One call is one transaction; a message that cannot be prepared is an error beside
the others. Source: domain.md §3 (per send), §5, §6.
"""

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache

from app.actions import answers, people
from app.actions.answers import NOTHING_ASKED
from app.actions.frozen import Frozen, Targets, freeze
from app.actions.mailings import mailing_to_send, numbered
from app.actions.messages import Addressee, MessageRequest, Preparation, Prepared, PreparedMessage
from app.actions.one_to_one import Toggling, toggling
from app.actions.stamping import Letter, Stamper, recorded_target
from app.actions.unit import Unit
from app.domain.addresses import Address
from app.domain.decisions import Decision
from app.domain.errors import ErasedEarlier, InvalidValue, LimitExceeded, RequestError
from app.domain.impact import Warning as Consequence
from app.domain.modes import Axis, TrackingMode
from app.domain.permission import PermissionSource
from app.domain.precedence import Means, Sending, decide, signal_yields, with_means
from app.domain.settings import AccountSettings, WayOut
from app.domain.toggles import Toggles
from app.mail.template import Template, analyse
from app.mail.text import text_has_way_out
from app.storage.accounts import SettingsVersion
from app.storage.mailings import MailingRow
from app.storage.subscribers import SubscriberRow

MOST_MESSAGES = 1_000
MOST_ADDRESSES = 100
MOST_CHARACTERS = 64 * 1024 * 1024
"""How much one call may make of all its mails together."""
LONGEST_KEY = 200


@dataclass(slots=True)
class _Draft:
    """A message on its way: recipients found, then decided, then frozen."""

    place: int
    request: MessageRequest
    addresses: list[Address]
    toggles: Toggles
    rows: list[SubscriberRow] = field(default_factory=list)
    decision: Decision | None = None


async def prepare_messages(unit: Unit, call: Preparation) -> Prepared:
    """Prepares up to 1,000 messages. Raises `RequestError` where nothing at all can be prepared."""
    _check(call)
    mailing = await mailing_to_send(unit, call.mailing_id)
    version = await unit.settings()
    template = None if call.html is None else analysed(call.html, unit.instance.public_url)
    prepared = Prepared([None] * len(call.messages))
    toggles = await toggling(unit, mailing)
    drafts = _drafts(call, toggles, prepared)
    await toggles.remember(unit, mailing, call.idempotency_key)
    await _find_recipients(unit, drafts, prepared)
    has_way_out = (template is not None and template.has_way_out) or text_has_way_out(call.text or "")
    means = _means(template)
    for draft in drafts:
        decided = _decided(unit, mailing, version.settings, draft, has_way_out=has_way_out)
        draft.decision = with_means(decided, means)
    frozen = await _frozen(unit, call, mailing, version, drafts, template)
    stampers = await _stampers(unit, mailing, version, call, template, frozen)
    for draft, each in zip(drafts, frozen, strict=True):
        letter = _letter(unit, version.settings, draft, each)
        prepared.messages[draft.place] = PreparedMessage(
            each.message_id, each.decision, each.deliveries, letter, stampers[each.send_day]
        )
    if not has_way_out and version.settings.way_out is WayOut.REQUIRED:
        prepared.warnings.append(_NO_WAY_OUT)
    return prepared


_NO_WAY_OUT = Consequence(
    "NO_WAY_OUT",
    "The mail has no {{preferences_url}} and the account requires one, so it goes out without any tracking.",
)


def _check(call: Preparation) -> None:
    if not 0 < len(call.messages) <= MOST_MESSAGES:
        message = f"One call prepares between 1 and {MOST_MESSAGES} messages. Split it."
        raise LimitExceeded(message, path=("recipients",))
    size = len(call.html or "") + len(call.text or "")
    if size * len(call.messages) > MOST_CHARACTERS:
        message = (
            f"Template and recipients make more than {MOST_CHARACTERS // 2**20} MB of mail. "
            "Prepare fewer recipients at a time."
        )
        raise LimitExceeded(message, path=("recipients",))
    if call.html is None and call.text is None:
        message = "There is nothing to send: give html, text or both."
        raise InvalidValue(message, path=("html",))
    if call.idempotency_key is not None and not 0 < len(call.idempotency_key) <= LONGEST_KEY:
        message = f"An idempotency key has between 1 and {LONGEST_KEY} characters."
        raise InvalidValue(message, path=("idempotencyKey",))


@lru_cache(maxsize=16)
def analysed(html: str, public_url: str) -> Template:
    """The mailing's HTML, analysed once however many calls it is sent in."""
    return analyse(html, own_prefix=public_url)


def _drafts(call: Preparation, toggles: Toggling, prepared: Prepared) -> list[_Draft]:
    drafts = []
    for place, request in enumerate(call.messages):
        try:
            drafts.append(_draft(place, request, toggles))
        except RequestError as error:
            prepared.errors.append(error.under("recipients", place))
    return drafts


def _draft(place: int, request: MessageRequest | RequestError, toggles: Toggling) -> _Draft:
    if isinstance(request, RequestError):
        raise request
    addresses = _addresses(request)
    said = Toggles(request.track_opens, request.track_clicks)
    return _Draft(place, request, addresses, toggles.of_mail(said))


def _addresses(request: MessageRequest) -> list[Address]:
    if not 0 < len(request.addressees) <= MOST_ADDRESSES:
        message = f"A message has between 1 and {MOST_ADDRESSES} addresses in to, cc and bcc together."
        raise InvalidValue(message)
    found = [people.address_of(each.email, *each.path) for each in request.addressees]
    return list(dict.fromkeys(found))


async def _find_recipients(unit: Unit, drafts: list[_Draft], prepared: Prepared) -> None:
    addresses = {address.text: address for draft in drafts for address in draft.addresses}
    found = await people.found(unit, addresses.values())
    _leave_out_erased(drafts, found.erased, prepared)
    rows = found.rows
    for draft in drafts:
        for addressee in draft.request.addressees:
            if addressee.asked is not NOTHING_ASKED:
                text = people.address_of(addressee.email).text
                rows[text] = await _answered(unit, rows[text], draft, addressee, prepared)
    for draft in drafts:
        draft.rows = list({rows[address.text].id: rows[address.text] for address in draft.addresses}.values())


def _leave_out_erased(drafts: list[_Draft], erased: frozenset[str], prepared: Prepared) -> None:
    """A message to somebody who was erased is not prepared: it would be recorded who got it."""
    for draft in drafts:
        for addressee in draft.request.addressees:
            if people.address_of(addressee.email).text in erased:
                prepared.errors.append(ErasedEarlier(path=("recipients", draft.place, *addressee.path)))
    drafts[:] = [draft for draft in drafts if erased.isdisjoint(address.text for address in draft.addresses)]


async def _answered(
    unit: Unit, row: SubscriberRow, draft: _Draft, addressee: Addressee, prepared: Prepared
) -> SubscriberRow:
    path = ("recipients", draft.place, *addressee.path)
    row, errors = await answers.apply(unit, row, addressee.asked, PermissionSource.SEND)
    # An address has other names for its answer than a subscriber, and whose answer it is says enough.
    prepared.errors += [error.at(*path) for error in errors]
    return row


def _decided(
    unit: Unit, mailing: MailingRow, settings: AccountSettings, draft: _Draft, *, has_way_out: bool
) -> Decision:
    return decide(
        Sending(
            instance_tracking=unit.instance.tracking,
            settings=settings,
            channel=mailing.channel,
            mailing=mailing.tracking,
            addressed=[row.permissions for row in draft.rows],
            now=unit.now,
            has_way_out=has_way_out,
            toggle_opens=draft.toggles.opens,
            toggle_clicks=draft.toggles.clicks,
        )
    )


def _means(template: Template | None) -> Means:
    if template is None:
        return Means(pixel=False, links=False, shared_links=False)
    return Means(links=bool(template.links), shared_links=bool(_anonymous_targets(template)))


async def _frozen(
    unit: Unit,
    call: Preparation,
    mailing: MailingRow,
    version: SettingsVersion,
    drafts: list[_Draft],
    template: Template | None,
) -> list[Frozen]:
    wanted = [(draft.place, [row.id for row in draft.rows], draft.decision) for draft in drafts]
    return await freeze(
        unit,
        mailing,
        version,
        [(place, ids, decision) for place, ids, decision in wanted if decision is not None],
        content_id=_content_id(call),
        call_digest=_call_digest(call, drafts),
        targets=Targets() if template is None else Targets(template.links, _anonymous_targets(template)),
        key=call.idempotency_key,
    )


def _content_id(call: Preparation) -> int:
    digest = hashlib.blake2b(digest_size=8)
    for part in (call.html, call.text):
        digest.update(b"\x00" if part is None else b"\x01" + part.encode("utf-8", "surrogatepass"))
    return int.from_bytes(digest.digest(), "big") >> 1


def _call_digest(call: Preparation, drafts: list[_Draft]) -> bytes:
    """What a key stands for: the template, and who gets it in which place."""
    digest = hashlib.sha256(_content_id(call).to_bytes(8, "big"))
    for draft in drafts:
        people = ",".join(sorted(row.id.hex for row in draft.rows))
        digest.update(f"{draft.place}:{people};".encode())
    return digest.digest()


def _anonymous_targets(template: Template) -> tuple[str, ...]:
    return tuple(
        recorded_target(target, TrackingMode.ANONYMOUS)
        for place, target in enumerate(template.links)
        if place not in template.varying
    )


async def _stampers(
    unit: Unit,
    mailing: MailingRow,
    version: SettingsVersion,
    call: Preparation,
    template: Template | None,
    frozen: list[Frozen],
) -> dict[int, Stamper]:
    """A stamper for each send day: a repeated call may hold messages of an earlier day."""
    modes = {each.clicks for each in frozen} - {TrackingMode.OFF}
    targets = [
        recorded_target(target, mode) for mode in modes for target in (template.links if template else ())
    ]
    numbers = await numbered(unit, mailing.id, targets)
    return {
        day: Stamper(
            unit.instance.addresses,
            unit.instance.public_url,
            mailing.id,
            anonymity=version.settings.anonymity,
            send_day=day if mailing.channel.by_send_day else None,
            template=template,
            text=call.text,
            numbers=numbers,
            footer=version.settings.way_out is WayOut.FOOTER,
        )
        for day in {each.send_day for each in frozen}
    }


def _letter(unit: Unit, settings: AccountSettings, draft: _Draft, frozen: Frozen) -> Letter:
    shared = len(draft.rows) > 1
    return Letter(
        subscriber=frozen.token.subscriber_id,
        delivery=frozen.token.id,
        opens=frozen.opens,
        clicks=frozen.clicks,
        opens_yield=_yields(unit, settings, draft, Axis.OPENS),
        clicks_yield=_yields(unit, settings, draft, Axis.CLICKS),
        merge=draft.request.merge,
        locale=draft.rows[0].locale,
        shared_message=shared,
        # Whose address it would be, nobody can tell of a message to several people.
        keeping=unit.account_id if settings.keep_ip and not shared else None,
    )


def _yields(unit: Unit, settings: AccountSettings, draft: _Draft, axis: Axis) -> bool:
    states = [row.permissions.on(axis) for row in draft.rows]
    return all(signal_yields(settings, state, unit.now) for state in states)
