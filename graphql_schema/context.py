"""What a resolver knows about the request: who asks, what it may use, and what was loaded already."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from graphql import GraphQLError

from app.domain.principal import Principal
from graphql_schema.errors import Code, refusal

Loaded = TypeVar("Loaded")


Authenticate = Callable[[str], Awaitable[Principal | None]]
"""Answers who a bearer token belongs to; None if it is unknown, revoked or run out."""


Meter = Callable[[Principal, int], list[GraphQLError]]
"""Takes the cost of an operation from somebody's budget, and says why it may not run yet if there is not enough left."""


@dataclass(slots=True)
class Context:
    """One operation's surroundings; a resolver finds it as `info.context`.

    `services` is what `make_controller` was given. `caller` is None only on a socket that has not said its token yet,
    and nothing runs there. `connection_params` is the payload of a socket's `connection_init`. `confirm` asks again who
    the token belongs to; streams do before each event. Without a `meter`, operations cost nothing. `in_url` says
    that the request came in a URL, where no person may be named.
    """

    services: Any
    caller: Principal | None = None
    connection_params: Mapping[str, Any] | None = None
    confirm: Callable[[], Awaitable[Principal | None]] | None = None
    meter: Meter | None = None
    in_url: bool = False
    _loaders: dict[Any, Any] = field(default_factory=dict)

    @property
    def principal(self) -> Principal:
        """Who asks. The guard has refused everybody else before a resolver runs."""
        if self.caller is None:
            raise refusal(Code.UNAUTHENTICATED, "This needs a token.")
        return self.caller

    def loader(self, make: Callable[["Context"], Loaded]) -> Loaded:
        """The operation's one instance of `make(context)`: DataLoaders that live as long as the operation.

        In a subscription, loaders are forgotten after each event, so that no event shows what an earlier one loaded.
        """
        if make not in self._loaders:
            self._loaders[make] = make(self)
        return self._loaders[make]  # type: ignore[no-any-return]  # The key decides the type.

    def pay(self, cost: int) -> list[GraphQLError]:
        """Takes the cost of an operation from the caller's budget; RATE_LIMITED if there is not enough left."""
        return [] if self.meter is None else self.meter(self.principal, cost)

    def forget(self) -> None:
        """Drops all loaders."""
        self._loaders.clear()

    async def still_welcome(self) -> bool:
        """Whether the token still holds what it held: it may have been revoked, or lost scopes, since the stream began."""
        if self.confirm is None:
            return True
        now = await self.confirm()
        return (
            now is not None and now.user_id == self.principal.user_id and self.principal.scopes <= now.scopes
        )

    def paid(self) -> "Context":
        """The same surroundings, with loaders of its own, for an operation that is paid for and begins again."""
        again = self.fresh()
        again.meter = None
        return again

    def fresh(self) -> "Context":
        """The same surroundings with loaders of its own, for one operation among several on a socket."""
        return Context(
            self.services, self.caller, self.connection_params, self.confirm, self.meter, self.in_url
        )


def bearer_token(authorization: str | None) -> str | None:
    """The token of an `Authorization: Bearer …` value (RFC 6750 §2.1); None for anything else."""
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and token and len(token) <= LONGEST_TOKEN else None


LONGEST_TOKEN = 512
