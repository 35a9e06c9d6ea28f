"""Exports: what can be taken along as a file, by whom, and for how long the file is kept.

    kind          holds                                                          needs
    ACCESS        everything about one person, for that person (GDPR 15): a zip  subscribers:write, personal:read

Whoever exports one person's data acts for the person, and sees what no other reader does: rows that a NO hides, and
what somebody else's one-to-one mail was met with. So it takes what `preferencesUrl` takes, and the job says who asked.
The other kinds of the contract are still to come. Source: contract.md (exports); domain.md §8.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum, unique


@unique
class ExportKind(StrEnum):
    """What an export holds, by the table at the top."""

    CAMPAIGN = "CAMPAIGN"
    EVENT_LOG = "EVENT_LOG"
    SUBSCRIBERS = "SUBSCRIBERS"
    ACCESS = "ACCESS"


SCOPES: Mapping[ExportKind, frozenset[str]] = {
    ExportKind.ACCESS: frozenset({"subscribers:write", "personal:read"})
}
"""What asking for an export takes, and downloading it; kinds that cannot be made are absent."""

FOLDER = "exports"
"""The folder of their files in the data folder."""

KEPT_FOR = timedelta(hours=24)
"""As long as a fresh link to one's own data works."""


def is_kept(made_at: datetime | None, now: datetime) -> bool:
    """Whether the file of an export made then is there to be downloaded."""
    return made_at is not None and now - made_at < KEPT_FOR
