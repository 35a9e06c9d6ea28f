"""Who calls: a user or an integration of one account, with scopes.

    scope                allows
    settings:read/write  the account's settings and their history
    subscribers:read     subscribers as rows with their answers, and nothing that names them; :write changes them
    personal:read        addresses, attributes, who did and got what, who is on which list, who said what when
    mailings:read/write  mailings, deliveries, preparing messages
    reports:read         figures
    tokens:write         users and API tokens

Source: contract.md, domain.md §11.
"""

import hashlib
from dataclasses import dataclass

SCOPES = frozenset(
    {
        "settings:read",
        "settings:write",
        "subscribers:read",
        "subscribers:write",
        "personal:read",
        "mailings:read",
        "mailings:write",
        "reports:read",
        "tokens:write",
    }
)


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller of the API. `user_id` is None for an integration that acts for the whole account."""

    account_id: int
    token_id: int
    user_id: int | None
    scopes: frozenset[str]

    @property
    def actor(self) -> str:
        """How the ledger and the history of settings name this caller."""
        return f"token:{self.token_id}" if self.user_id is None else f"user:{self.user_id}"

    def may(self, scope: str) -> bool:
        """Whether the caller holds a scope."""
        return scope in self.scopes


def hash_of(secret: str) -> bytes:
    """What is stored of a token, and looked up. The secret has 256 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(secret.encode()).digest()
