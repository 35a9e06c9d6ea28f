"""How an operation loads things by their keys, many at once."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from strawberry.dataloader import DataLoader

from app.disclosure.reader import Reader
from app.domain.errors import NotFound
from graphql_schema.context import Context

Key = TypeVar("Key")
Value = TypeVar("Value")


class Loader(DataLoader[Key, Value | None], Generic[Key, Value]):
    """Loads what is asked for in one turn of the event loop at once; what the caller may not see is None."""

    def __init__(self, context: Context) -> None:
        super().__init__(load_fn=self._in_order)
        self.reader = Reader(context.services, context.principal)

    async def one(self, key: Key) -> Value:
        """The value where there must be one. Raises `NotFound`."""
        value = await self.load(key)
        if value is None:
            raise NotFound
        return value

    async def some_of(self, keys: Iterable[Key]) -> list[Value | None]:
        """The values of many keys, in order, without a future for each; they are not remembered."""
        wanted = list(keys)
        return await self._in_order(list(dict.fromkeys(wanted)), wanted)

    async def all_of(self, keys: Iterable[Key]) -> list[Value]:
        """The same where there must be all of them. Raises `NotFound`."""
        values = await self.some_of(keys)
        if None in values:
            raise NotFound
        return values  # type: ignore[return-value]  # None is not among them.

    @abstractmethod
    async def found(self, keys: list[Key]) -> Mapping[Key, Value]:
        """What there is of these keys."""

    async def _in_order(self, keys: list[Key], wanted: list[Key] | None = None) -> list[Value | None]:
        values = await self.found(keys)
        return [values.get(key) for key in wanted or keys]
