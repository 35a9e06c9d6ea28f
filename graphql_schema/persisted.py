"""Automatic persisted queries: a client sends the SHA-256 of a query in its place, and the query itself once.

    extensions.persistedQuery     query      answer
    none                          any        as ever
    hash                          none       the query of that hash runs, or PERSISTED_QUERY_NOT_FOUND: send both
    hash                          its own    it runs and is remembered
    hash                          another    BAD_USER_INPUT
    another version               any        BAD_USER_INPUT

A query may name somebody, so each account has its own: what one of them sent, no other can ask for. Each worker remembers
by itself and forgets what was not used for the longest time; the protocol has clients send the query again.

Source: Apollo, "Automatic Persisted Queries", the protocol of Apollo Client, urql and others.
"""

import hashlib
import re
from collections import OrderedDict
from dataclasses import dataclass, field

from graphql_schema.limits import Limits
from graphql_schema.parameters import Parameters, UnreadableParameters

VERSION = 1
ROOM_CHARACTERS = 4_000_000
"""How much text of queries a worker remembers in all."""
ENTRY_CHARACTERS = 500
"""What an entry takes beside its text: without it, the shortest queries would fill any memory."""

NOT_FOUND = "PersistedQueryNotFound"
"""The message that clients look for."""


_SHA256 = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


class PersistedQueryNotFound(Exception):
    """The query of this hash is not known here; the client sends it along next."""


@dataclass(slots=True)
class PersistedQueries:
    """The queries of one worker, by account and hash. The event loop is the only reader and writer.

    What is longer than `longest` is not remembered; the guard refuses it anyway.
    """

    room: int = ROOM_CHARACTERS
    longest: int = Limits().source
    _used: int = 0
    _known: OrderedDict[tuple[int, str], str] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._known)

    def whole(self, account_id: int, parameters: Parameters) -> Parameters:
        """The parameters with their query in them.

        Args:
            account_id: Whose query it is.
            parameters: As they came.

        Raises:
            PersistedQueryNotFound: Only a hash came, and its query is not known.
            UnreadableParameters: It is another protocol, or the hash of another query.
        """
        digest = digest_of(parameters)
        if digest is None:
            return parameters
        if not parameters.query:
            parameters.query = self._find(account_id, digest)
        elif hashlib.sha256(parameters.query.encode()).hexdigest() != digest:
            raise UnreadableParameters(
                "The hash is not that of the query: it is the SHA-256 of its text, in hex."
            )
        elif len(parameters.query) <= self.longest:
            self._keep((account_id, digest), parameters.query)
        return parameters

    def _find(self, account_id: int, digest: str) -> str:
        known = self._known.get((account_id, digest))
        if known is None:
            raise PersistedQueryNotFound(NOT_FOUND)
        self._known.move_to_end((account_id, digest))
        return known

    def _keep(self, key: tuple[int, str], query: str) -> None:
        if key not in self._known:
            self._known[key] = query
            self._used += len(query) + ENTRY_CHARACTERS
        self._known.move_to_end(key)
        while self._used > self.room:
            _, forgotten = self._known.popitem(last=False)
            self._used -= len(forgotten) + ENTRY_CHARACTERS


def digest_of(parameters: Parameters) -> str | None:
    """The hash that stands for the query; None where the client does not speak of persisted queries.

    Raises:
        UnreadableParameters: It speaks of another version, or gives no SHA-256.
    """
    asked = (parameters.extensions or {}).get("persistedQuery")
    if asked is None:
        return None
    digest = asked.get("sha256Hash") if isinstance(asked, dict) and asked.get("version") == VERSION else None
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
        message = f"extensions.persistedQuery needs version {VERSION} and sha256Hash, 64 hexadecimal digits."
        raise UnreadableParameters(message)
    return digest.lower()
