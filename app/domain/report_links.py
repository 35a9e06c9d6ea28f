"""The token that stands for reading one mailing's report, and nothing else.

    purpose  layout (bytes, big-endian)                                                                total
    REPORT   account 8, mailing 8, API token 8 (the id of the one that made it), expiry 8 (epoch s)    32

It names no person. Whoever opens it asks again what that API token may still read. Source: domain.md §11.
"""

from dataclasses import dataclass
from struct import Struct
from typing import ClassVar, Self

from app.domain.layouts import packed, unpacked
from app.domain.tokens import Purpose

_REPORT = Struct(">QQQQ")


@dataclass(frozen=True, slots=True)
class ReportLink:
    """The way to one mailing's report page; valid before `expires_at` (epoch s)."""

    purpose: ClassVar[Purpose] = Purpose.REPORT

    account: int
    mailing: int
    token: int
    expires_at: int

    def pack(self) -> bytes:
        """The payload, 32 bytes."""
        return packed(_REPORT, self.account, self.mailing, self.token, self.expires_at)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """The link of this payload; LayoutError for any other bytes."""
        return cls(*unpacked(_REPORT, payload))
