"""Signing up by a form, and confirming it: `domain/forms` says what each answer does at which moment.

What a submission does shows in nothing that the submitter gets back (`submissions`). Who is unknown becomes a
subscriber; who is known keeps profile and memberships, until the confirmation shows that the mailbox is theirs.

Whoever was erased comes back by confirming alone, whatever the form says.

    sign-up waits for its confirmation    where
    always                                the form is double opt-in, or the account requires permission
    for who left                          the form is single opt-in, and this person has left its list, or has left
                                          lists and is on none: nobody else may bring them back

An address gets few confirmation mails in an hour; a submission beyond them changes what it may and mails nothing.
Source: domain.md §3 (forms).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from app.actions import answers, lists, people
from app.actions.letters import Writers, Written, ask_for, mailbox
from app.actions.unit import Unit
from app.domain.addresses import Address
from app.domain.errors import NotFound
from app.domain.form_fields import Value
from app.domain.forms import (
    Answers,
    FormAnswer,
    FormQuestion,
    at_confirmation,
    at_submission,
    is_double_opt_in,
)
from app.domain.letters import LetterKind
from app.domain.modes import MembershipStatus
from app.domain.permission import PermissionSource
from app.domain.person_links import Confirmation
from app.look.languages import language
from app.look.letters import Letter, compose
from app.storage import accounts, forms, subscribers
from app.storage import lists as stored_lists
from app.storage.forms import FormRow, PendingSignUp
from app.storage.letters import LetterRow
from app.storage.subscribers import SubscriberRow


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody sent, read and checked by the door. `locale` is their language tag, where it was named.

    `wording_id` is what they were asked with, None where the form asks nothing.
    """

    email: str
    answers: Answers
    wording_id: int | None = None
    locale: str | None = None
    attributes: Mapping[str, Value] = field(default_factory=dict)


async def must_confirm(unit: Unit, form: FormRow) -> bool:
    """Whether every sign-up of this form waits for its confirmation."""
    required = (await unit.settings()).settings.permission_required
    return is_double_opt_in(form_says_so=form.double_opt_in, permission_required=required)


def check(submission: Submission) -> Address:
    """The address of a submission that can be taken. Raises `InvalidEmail`."""
    return people.address_of(submission.email, "email")


async def sign_up(unit: Unit, form: FormRow, submission: Submission) -> None:
    """Takes a submission, and asks for the letter where there is one. Raises what `check` raises, before any change."""
    address = check(submission)
    known = await people.found(unit, [address], submission.locale)
    if known.erased:
        await _ask_to_confirm(unit, form, None, address, submission)
        return
    row = known.rows[address.text]
    waits = await must_confirm(unit, form) or await _has_left(unit, form, row)
    if row.created_at == unit.now and submission.attributes:
        attributes = dict(submission.attributes)
        await unit.connection.execute(subscribers.SQL.save_profile, row.id, attributes, None)
    row = await _answered(unit, row, submission, waits=waits)
    if not waits:
        await _join(unit, form, row)
        return
    await _wait_on_list(unit, form, row)
    await _ask_to_confirm(unit, form, row, address, submission)


async def take_no(unit: Unit, submission: Submission) -> None:
    """Takes what a submission refuses and nothing else: nobody joins a list, and nothing is mailed. Raises as `check`."""
    address = check(submission)
    known = await people.found(unit, [address], submission.locale)
    row = known.rows.get(address.text)
    if row is not None:
        refused = {
            axis: each if each is FormAnswer.NO else FormAnswer.NOT_ASKED
            for axis, each in submission.answers.items()
        }
        await _answered(unit, row, replace(submission, answers=refused), waits=True)


async def _has_left(unit: Unit, form: FormRow, row: SubscriberRow) -> bool:
    places = (await stored_lists.memberships(unit.connection, unit.account_id, [row.id])).get(row.id, ())
    ended = {place.list_id for place in places if place.status in lists.ENDED}
    is_on_one = any(place.status is MembershipStatus.SUBSCRIBED for place in places)
    return form.list_id in ended or (bool(ended) and not is_on_one)


async def _answered(unit: Unit, row: SubscriberRow, given: Submission, *, waits: bool) -> SubscriberRow:
    lifetime = (await unit.settings()).settings.permission_lifetime_days
    states = answers.changed(
        row,
        lambda state, axis: at_submission(
            state, given.answers[axis], unit.now, double_opt_in=waits, lifetime_days=lifetime
        ),
    )
    return await answers.write(unit, row, states, PermissionSource.FORM, wording_id=given.wording_id)


async def _join(unit: Unit, form: FormRow, row: SubscriberRow) -> None:
    if form.list_id is not None:
        asked = form.asks is not FormQuestion.NOTHING
        await lists.join(unit, row, [form.list_id], MembershipStatus.SUBSCRIBED, asked_again=asked)


async def _wait_on_list(unit: Unit, form: FormRow, row: SubscriberRow) -> None:
    """UNCONFIRMED for who never was on the list. Anybody can submit an address, so who is or was on it stays so."""
    places = await stored_lists.memberships(unit.connection, unit.account_id, [row.id])
    if form.list_id is not None and form.list_id not in {place.list_id for place in places.get(row.id, ())}:
        status = MembershipStatus.UNCONFIRMED
        await stored_lists.set_status(
            unit.connection, unit.account_id, row.id, [form.list_id], status, unit.now
        )


async def _ask_to_confirm(
    unit: Unit, form: FormRow, row: SubscriberRow | None, address: Address, submission: Submission
) -> None:
    """Asks for the letter that asks for the confirmation; `row` is None for a person who was erased."""
    if not unit.instance.confirmation_mails.take(address.text, unit.now):
        return
    address_id = (await unit.keys()).subscriber_id(address)
    waiting = PendingSignUp(
        id=UUID(bytes=secrets.token_bytes(16)),
        account_id=unit.account_id,
        form_id=form.id,
        subscriber_id=address_id if row is None else row.id,
        answers=submission.answers,
        wording_id=submission.wording_id,
        created_at=unit.now,
        address=address.text if row is None else None,
    )
    await forms.add_pending(unit.connection, waiting)
    # The letter goes to the address that was typed, and speaks the form's language, whoever is behind it.
    spoken = language(submission.locale, known=next(iter(form.locales), None))
    person = (waiting.subscriber_id, address_id)
    await ask_for(unit, LetterKind.CONFIRM, person, spoken.tag, sign_up_id=waiting.id)


async def write_confirmation(unit: Unit, row: LetterRow) -> Written | None:
    """The letter that asks for a confirmation; none where the sign-up is gone or confirmed, or the address is not theirs any more."""
    waiting = None
    if row.sign_up_id is not None:
        waiting = await forms.pending_of_letter(unit.connection, unit.account_id, row.sign_up_id)
    if waiting is None or waiting.confirmed_at is not None:
        return None
    address = waiting.address or await _address_of(unit, row)
    if address is None:
        return None
    account = await unit.connection.fetchrow(accounts.SQL.by_id, unit.account_id)
    url = unit.instance.addresses.confirmation(Confirmation(waiting.form_id, waiting.id))
    letter = Letter("confirm", account["name"] if account else "", url)
    spoken, public_url = language(row.language), unit.instance.public_url
    return Written(compose(letter, mailbox(address), spoken, public_url, unit.now))


async def _address_of(unit: Unit, row: LetterRow) -> str | None:
    people = await subscribers.by_ids(unit.connection, unit.account_id, [row.subscriber_id])
    person = people.get(row.subscriber_id)
    return person.address if person is not None and person.address_id == row.address_id else None


async def confirm_sign_up(unit: Unit, form: FormRow, pending_id: UUID) -> bool:
    """Confirms a sign-up; False where that had happened already, and then nothing changes.

    A confirmation counts once: an old mail must not bring back a yes that was taken back since. Raises `NotFound`.
    """
    waiting = await forms.locked_pending(unit.connection, form.id, pending_id)
    if waiting is None:
        raise NotFound(path=("confirmation",))
    if waiting.confirmed_at is not None:
        return False
    if waiting.address is None:
        row = await people.locked(unit, waiting.subscriber_id)
    else:
        row = await people.come_back(unit, people.address_of(waiting.address))
    states = answers.changed(row, lambda state, axis: at_confirmation(state, waiting.answers[axis], unit.now))
    row = await answers.write(unit, row, states, PermissionSource.FORM, wording_id=waiting.wording_id)
    await _join(unit, form, row)
    await unit.connection.execute(forms.SQL.confirm, pending_id, unit.now, row.id)
    return True


WRITERS: Writers = {LetterKind.CONFIRM: write_confirmation}
