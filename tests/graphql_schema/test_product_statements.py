"""What each operation of the README asks of the database: so many statements, whether there are 2 rows of everything or 40.

The operations are read out of the README, so one that is added there has to be added to the table here; a statement more
for each row, or one that nobody meant to add, changes a number of it.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import FieldNode, OperationDefinitionNode, OperationType, parse

from graphql_schema.guard import chosen
from tests.graphql_schema.product import Product
from tests.presets.sender import Sender

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
OPERATION = re.compile(r"\b(?:query|mutation|subscription)\b[ \"]*[:({$A-Z]|^\{ \w+\(", re.MULTILINE)

STATEMENTS = {
    "query viewer+settings": 2,
    "mutation upsertSubscriber": 11,
    "mutation upsertSubscriber #2": 11,
    "mutation createMailing": 7,
    "query trackingDecision": 6,
    "mutation prepareMessages": 13,
    "query mailing": 2,
    "query segmentPreview": 9,
    "query mailing #2": 2,
    "mutation createForm": 11,
    "query mailings": 1,
    "mutation upsertSubscriber #3": 11,
    "query subscribers": 2,
    "mutation updateAccount": 5,
    "query mailing+report": 13,
    "mutation defineAttribute+createSegment": 15,
    "query eventLog": 6,
    "mutation createExport": 8,
}
"""How many statements each takes when it is asked again, what is said of the transaction included."""

LIVE = {"subscription jobProgress", "subscription trackingEvents"}
"""What goes on for as long as somebody listens: one look for all who follow, counted by `tests/actions/test_live.py`."""


def documents(block: str, language: str) -> Iterator[str]:
    """The GraphQL documents that a block of the README shows, whatever language they stand in."""
    if language == "graphql":
        yield block
    for found in re.findall(r'"query": ("(?:[^"\\]|\\.)*")', block):
        yield json.loads(found)
    yield from re.findall(r"graphql\(`(.*?)`\)", block, re.DOTALL)
    yield from re.findall(r'const query = "(.*?)";', block)
    for found in re.findall(r"\bgql\(\s*((?:\"[^\n]*\"\s*)+)\)", block):
        yield ast.literal_eval(f"({found})")


def shown() -> dict[str, OperationDefinitionNode]:
    """Every operation of the README with its document, by its kind and its root fields."""
    return {name: operation for name, (_, operation) in _shown().items()}


def _shown() -> dict[str, tuple[str, OperationDefinitionNode]]:
    found: dict[str, tuple[str, OperationDefinitionNode]] = {}
    for language, block in BLOCK.findall(README.read_text(encoding="utf-8")):
        texts = list(documents(block, language))
        assert texts or not OPERATION.search(block), f"An operation is not found in:\n{block}"
        for text in texts:
            operation = chosen(parse(text), None)
            assert operation is not None
            fields = [each for each in operation.selection_set.selections if isinstance(each, FieldNode)]
            name = f"{operation.operation.value} {'+'.join(each.name.value for each in fields)}"
            same = sum(1 for each in found if each.split(" #")[0] == name)
            found[f"{name} #{same + 1}" if same else name] = text, operation
    return found


def test_every_operation_of_the_readme_is_in_the_table() -> None:
    live = {name for name, each in shown().items() if each.operation is OperationType.SUBSCRIPTION}

    assert live == LIVE
    assert shown().keys() - live == STATEMENTS.keys()


async def test_each_operation_takes_its_statements_however_much_there_is(sender: Sender) -> None:
    await sender.product.done("defineAttribute", {"name": "city", "type": "text"})
    known = await filled(sender, 2)
    few = await counted(sender.product, known)

    known = await filled(sender, 40)
    many = await counted(sender.product, known)

    assert few == STATEMENTS
    assert many == STATEMENTS


async def filled(sender: Sender, number: int) -> dict[str, Any]:
    """So many people, lists, mailings, messages and events more; what the operations are asked with, by variable."""
    people = [f"{number}-{each}@example.org" for each in range(number)]
    for each in people:
        await sender.says(each, "YES")
        await sender.product.done("createList", {"name": each})
        await sender.mailing()
    mailing = await sender.mailing()
    for chosen_mailing in (mailing, await sender.mailing("TRANSACTIONAL")):
        mails = await sender.send(chosen_mailing, *people)
        for mail in mails:
            await sender.open(mail)
            await sender.click(mail)
    await sender.world.drain()
    return {
        "m": mailing,
        "id": mailing,
        "mailing": mailing,
        "first": 100,
        "after": None,
        "h": "<p>Hello</p>",
        "input": {"email": people[0]},
    }


async def counted(product: Product, known: dict[str, Any]) -> dict[str, int]:
    """How many statements each operation takes."""
    found: dict[str, int] = {}
    for name, (text, operation) in _shown().items():
        if operation.operation is not OperationType.SUBSCRIPTION:
            names = [each.variable.name.value for each in operation.variable_definitions or ()]
            given = {each: known[each] for each in names}
            assert "errors" not in await product.ask(text, given), name
            found[name] = len(await product.statements(text, variables=given))
    return found
