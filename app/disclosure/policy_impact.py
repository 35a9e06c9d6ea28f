"""What a change of settings would do, before it is saved: figures and words, and nobody's name (X10).

It is about campaigns first, whose mail most people get; every channel and every mailing that the change names stands
beside them. Nothing is written.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app.disclosure.reader import Reader
from app.domain.errors import NotFound, RequestError
from app.domain.global_ids import encode_id
from app.domain.impact import Warning as Consequence
from app.domain.impact import mailing_warnings, warnings
from app.domain.modes import Axis, Channel
from app.domain.principal import Principal
from app.domain.settings import AccountSettings, changed, from_document, problems, to_document
from app.domain.what_if import AnswerGroup, Moved, Policy, Shift, moves, notice, shifts
from app.instance import Instance
from app.storage import accounts, mailings
from app.storage.answer_groups import answer_groups
from app.storage.database import Connection
from app.storage.mailings import MailingRow


@dataclass(frozen=True, slots=True)
class ImpactView:
    """How many people would move, between which modes, and examples of why. `about` is a channel or a mailing's id."""

    about: Channel | int
    opens: Sequence[Shift]
    clicks: Sequence[Shift]
    samples: Sequence[Moved]


@dataclass(frozen=True, slots=True)
class PolicyImpactView:
    """A change in figures and words. The first of `channels` is CAMPAIGN."""

    channels: Sequence[ImpactView]
    mailings: Sequence[ImpactView]
    subscribers: int
    notice: str
    warnings: Sequence[Consequence]


@dataclass(frozen=True, slots=True)
class ChangeAsked:
    """A change that is not saved: own fields, fields per channel, and `permission_based` by mailing."""

    own: Mapping[str, Any]
    channels: Mapping[Channel, Mapping[str, Any]]
    mailings: Mapping[int, Mapping[str, Any]]


class SettingsRefused(Exception):
    """The settings could not be saved; `errors` says why."""

    def __init__(self, errors: Sequence[RequestError]) -> None:
        super().__init__("The settings contradict themselves.")
        self.errors = errors


class TakesLong(Exception):
    """There are too many people to wait for; `plan` is what a job needs to reckon it, as plain JSON values."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        super().__init__("The what-if takes long.")
        self.plan = plan


async def policy_impact(reader: Reader, change: ChangeAsked) -> PolicyImpactView:
    """What the change would do.

    Raises `SettingsRefused` where it could not be saved, `NotFound`, and `TakesLong` where a request may not wait so long.
    """
    async with reader.instance.database.connection() as connection:
        old = (await accounts.latest_settings(connection, reader.account_id)).settings
        new = changed(old, change.own, change.channels)
        if errors := list(problems(new)):
            raise SettingsRefused(errors)
        rows = await _mailings(reader, connection, change.mailings)
    try:
        async with asyncio.timeout(reader.instance.patience):
            return await _reckoned(reader, old, new, rows, change.mailings)
    except TimeoutError:
        raise TakesLong(_plan(reader, new, change)) from None


def _plan(reader: Reader, new: AccountSettings, change: ChangeAsked) -> dict[str, Any]:
    mailings = {str(each): dict(stated) for each, stated in change.mailings.items()}
    return {"settings": to_document(new), "mailings": mailings, "user": reader.principal.user_id}


async def planned_impact(instance: Instance, account_id: int, plan: Mapping[str, Any]) -> PolicyImpactView:
    """What a plan would do to the account as it is now, however long that takes. Raises `NotFound`."""
    reader = Reader(instance, Principal(account_id, 0, plan["user"], frozenset()))
    stated = {int(each): found for each, found in plan["mailings"].items()}
    async with instance.database.connection() as connection:
        old = (await accounts.latest_settings(connection, account_id)).settings
        rows = await _mailings(reader, connection, stated)
    return await _reckoned(reader, old, from_document(plan["settings"]), rows, stated)


async def _reckoned(
    reader: Reader,
    old: AccountSettings,
    new: AccountSettings,
    rows: Sequence[MailingRow],
    stated: Mapping[int, Mapping[str, Any]],
) -> PolicyImpactView:
    ends = (_expired(each, reader.now) for each in (old, new))
    async with reader.instance.database.snapshot() as connection:
        people, groups = await answer_groups(connection, reader.account_id, *ends)
    whole = _WhatIf(reader, old, new, groups)
    by_channel = {channel: whole.of(channel) for channel in Channel}
    return PolicyImpactView(
        channels=[_view(channel, moved) for channel, moved in by_channel.items()],
        mailings=[_view(row.id, whole.of_mailing(row, stated[row.id])) for row in rows],
        subscribers=people,
        notice=notice(by_channel, people),
        warnings=[*warnings(new), *(each for row in rows for each in _warned(new, row, stated))],
    )


async def impact_as_json(instance: Instance, account_id: int, plan: Mapping[str, Any]) -> dict[str, Any]:
    """The same as plain JSON values, named as the schema names them."""
    view = await planned_impact(instance, account_id, plan)
    return {
        **_shifts_as_json(view.channels[0]),
        "subscribers": view.subscribers,
        "notice": view.notice,
        "channels": [{"channel": str(each.about), **_shifts_as_json(each)} for each in view.channels],
        "mailings": [
            {"mailingId": encode_id("Mailing", str(each.about)), **_shifts_as_json(each)}
            for each in view.mailings
        ],
    }


def _shifts_as_json(view: ImpactView) -> dict[str, Any]:
    return {
        axis: [
            {"from": each.before.value, "to": each.after.value, "subscribers": each.people} for each in found
        ]
        for axis, found in (("opens", view.opens), ("clicks", view.clicks))
    }


async def _mailings(
    reader: Reader, connection: Connection, stated: Mapping[int, Mapping[str, Any]]
) -> list[MailingRow]:
    found = await mailings.by_ids(connection, reader.account_id, list(stated))
    rows = [found[each] for each in stated if each in found]
    if len(rows) < len(stated) or not all(_may_change(reader, row) for row in rows):
        raise NotFound(path=("mailings",))
    return rows


def _may_change(reader: Reader, row: MailingRow) -> bool:
    return row.channel is not Channel.ONE_TO_ONE or row.user_id == reader.principal.user_id


def _expired(settings: AccountSettings, now: datetime) -> datetime | None:
    days = settings.permission_lifetime_days
    return None if days is None else now - timedelta(days=days)


def _warned(
    new: AccountSettings, row: MailingRow, stated: Mapping[int, Mapping[str, Any]]
) -> list[Consequence]:
    becomes = replace(row.tracking, **stated[row.id])
    return list(mailing_warnings(new, row.channel, becomes, row.name))


@dataclass(frozen=True, slots=True)
class _WhatIf:
    reader: Reader
    old: AccountSettings
    new: AccountSettings
    groups: Sequence[AnswerGroup]

    def of(self, channel: Channel) -> list[Moved]:
        return self._moves(Policy(self.old, channel), Policy(self.new, channel))

    def of_mailing(self, row: MailingRow, stated: Mapping[str, Any]) -> list[Moved]:
        before, after = row.tracking, replace(row.tracking, **stated)
        return self._moves(Policy(self.old, row.channel, before), Policy(self.new, row.channel, after))

    def _moves(self, before: Policy, after: Policy) -> list[Moved]:
        instance = self.reader.instance
        return moves(self.groups, before, after, instance_tracking=instance.tracking, now=self.reader.now)


def _view(about: Channel | int, moved: Sequence[Moved]) -> ImpactView:
    return ImpactView(about, shifts(moved, Axis.OPENS), shifts(moved, Axis.CLICKS), moved)
