"""A small schema on the machinery of the door, and an app that serves it: `granian tests.graphql_schema.toy:app`."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry
from litestar import Litestar
from strawberry import ID, Info
from strawberry.scalars import JSON

from app.domain.errors import Conflict, Forbidden, InvalidEmail, NotFound
from app.domain.principal import Principal
from graphql_schema.build import build_schema
from graphql_schema.connections import LARGEST_COUNT, Connection, Edge, page_of, total
from graphql_schema.context import Context
from graphql_schema.endpoint import make_controller
from graphql_schema.errors import UserError, attempt
from graphql_schema.ids import encode_id, number_of, parse_id
from graphql_schema.scopes import PUBLIC, may_read, needs, requires
from graphql_schema.selection import selected

EVERYTHING = ("mailings:read", "mailings:write", "subscribers:read", "personal:read")


def caller(*scopes: str) -> Principal:
    return Principal(account_id=1, token_id=1, user_id=None, scopes=frozenset(scopes))


@dataclass
class Services:
    """What the toy's resolvers use, and what the tests look at afterwards."""

    titles: dict[int, str] = field(default_factory=lambda: {n: f"Book {n}" for n in range(1, 251)})
    counted: int = 0
    ran: int = 0
    loaders_made: int = 0
    revoked: set[str] = field(default_factory=set)


TOKENS = {
    "all": caller(*EVERYTHING),
    "mailings": caller("mailings:read"),
    "none": caller(),
}
EVERYBODY = TOKENS["all"]
ToyInfo = Info[Context, None]


class Titles:
    """Stands for a DataLoader."""

    def __init__(self, context: Context) -> None:
        context.services.loaders_made += 1
        self.titles = context.services.titles


@strawberry.enum(description="Where a book stands.")
class Shelf(Enum):
    FICTION = "FICTION"
    SCIENCE = "SCIENCE"


@strawberry.interface(description="Anything with an id.")
class Node:
    id: ID = strawberry.field(description="The global id.")


@strawberry.type(description="Who lent a book.")
@requires("subscribers:read")
class Reader(Node):
    email: str = strawberry.field(description="The address.", metadata=needs("personal:read"))

    @strawberry.field(description="What the reader lent.")
    def books(self) -> list["Book"]:
        return []


@strawberry.type(description="A book.")
@requires("mailings:read")
class Book(Node):
    title: str = strawberry.field(description="The title.")

    @strawberry.field(description="Who lent it.")
    def reader(self) -> Reader:
        return Reader(id=ID(encode_id("Reader", 7)), email="ada@example.org")

    @strawberry.field(description="Fails as only a bug does.")
    def broken(self) -> str | None:
        raise LookupError(f"row of {self.title} is gone")


def book(number: int, title: str) -> Book:
    return Book(id=ID(encode_id("Book", number)), title=title)


@strawberry.type(description="A book in a page.")
class BookEdge(Edge):
    node: Book = strawberry.field(description="The book.")


@strawberry.type(description="A page of books.")
class BookConnection(Connection):
    edges: list[BookEdge] = strawberry.field(description="The books.")


@strawberry.type(description="What addBook answers.")
class AddBookPayload:
    book: Book | None = strawberry.field(default=None, description="The new book.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="What was not done.")


@strawberry.input(description="A new book.")
class AddBookInput:
    title: str = strawberry.field(description="Its title.")
    reader_emails: list[str] = strawberry.field(default_factory=list, description="Who wants it.")


async def add(title: str, services: Services) -> AddBookPayload:
    match title:
        case "taken":
            raise Conflict
        case "bad address":
            raise InvalidEmail(path=("reader_emails", 0)).under("input")
        case "forbidden":
            raise Forbidden
        case "bug":
            raise LookupError("ada@example.org")
    services.ran += 1
    return AddBookPayload(book=book(999, title))


Text = Annotated[str, strawberry.argument(description="Any text.")]


@strawberry.type(description="The toy's queries.")
class Query:
    @strawberry.field(description="A greeting.", metadata=PUBLIC)
    def hello(self, name: Text = "world") -> str:
        return f"Hello {name}"

    @strawberry.field(description="Anything.", metadata=PUBLIC)
    def node(self, info: ToyInfo, id: ID) -> Node | None:  # noqa: A002  GraphQL's name
        kind, key = parse_id(id)
        if kind != "Book" or not may_read(info.context.principal.scopes, Book):
            return None
        return book(int(key), f"Book {key}")

    @strawberry.field(description="One book.", metadata=needs("mailings:read"))
    def book(self, id: ID) -> Book | None:  # noqa: A002  GraphQL's name
        number = number_of(id, "Book")
        return book(number, f"Book {number}")

    @strawberry.field(description="Some books.", metadata=needs("mailings:read", size=3))
    def favourites(self) -> list[Book]:
        return [book(1, "Book 1")]

    @strawberry.field(description="Costs much.", metadata=needs("mailings:read", cost=6_000))
    def dear(self) -> int:
        return 1

    @strawberry.field(description="All books.", metadata=needs("mailings:read"))
    def books(
        self,
        info: ToyInfo,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> BookConnection:
        page = page_of(tuple[int], first=first, after=after, last=last, before=before)
        services: Services = info.context.services
        numbers = sorted(info.context.loader(Titles).titles, reverse=page.backward)
        if page.keys:
            numbers = [n for n in numbers if (n < page.keys[0]) == page.backward and n != page.keys[0]]
        count = None
        if selected(info, "totalCount", "totalCountCapped"):
            services.counted += 1
            count = min(len(services.titles), LARGEST_COUNT + 1)
        cut = page.cut(numbers[: page.fetch], key=lambda n: (n,))
        edges = [BookEdge(cursor=cursor, node=book(n, f"Book {n}")) for cursor, n in cut.rows]
        return BookConnection(edges=edges, page_info=cut.page_info, **total(count))

    @strawberry.field(description="Fails as only a bug does.", metadata=PUBLIC)
    async def bug(self) -> str | None:
        raise LookupError("the address ada@example.org is gone")

    @strawberry.field(description="Fails as a domain error does.", metadata=PUBLIC)
    async def missing(self) -> str | None:
        raise NotFound(path=("mailing_id",))

    @strawberry.field(description="A result that its type cannot hold.", metadata=PUBLIC)
    def overflowing(self) -> int | None:
        return 2**40

    @strawberry.field(description="The same again.", metadata=PUBLIC)
    def echo(self, value: JSON) -> JSON:
        return value

    @strawberry.field(description="The same shelf.", metadata=PUBLIC)
    def shelf(self, of: Shelf) -> Shelf:
        return of

    @strawberry.field(description="The same point in time.", metadata=PUBLIC)
    def moment(self, at: datetime) -> datetime:
        return at


@strawberry.type(description="The toy's mutations.")
class Mutation:
    @strawberry.mutation(description="Adds a book.", metadata=needs("mailings:write"))
    async def add_book(self, info: ToyInfo, input: AddBookInput) -> AddBookPayload:  # noqa: A002  GraphQL's name
        return await attempt(AddBookPayload, add(input.title, info.context.services))


@strawberry.type(description="The toy's subscriptions.")
class Subscription:
    @strawberry.subscription(description="Counts.", metadata=needs("mailings:read"))
    async def ticks(self, info: ToyInfo, to: int = 3) -> AsyncGenerator[int, None]:
        for number in range(1, to + 1):
            info.context.loader(Titles)
            yield number
            await asyncio.sleep(0)

    @strawberry.subscription(description="Fails at once.", metadata=PUBLIC)
    async def broken_ticks(self) -> AsyncGenerator[int, None]:
        yield 1
        raise LookupError("ada@example.org")


schema = build_schema(Query, Mutation, Subscription, types=(Book, Reader))


def make_app(services: Services, **more: Any) -> Litestar:
    async def authenticate(token: str) -> Principal | None:
        if token == "database is down":
            raise OSError("password=hunter2")
        return None if token in services.revoked else TOKENS.get(token)

    return Litestar([make_controller(schema, authenticate, services, **more)], openapi_config=None)


app = make_app(Services())
