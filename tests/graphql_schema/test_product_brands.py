"""The account's look over GraphQL: name, colour and logo change, and what could not be shown safely is refused."""

import base64

import pytest

from app.domain.principal import SCOPES
from tests.graphql_schema.product import Product

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
SHOWN = "account { name colour logoUrl } warnings { code }"


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


async def test_name_colour_and_logo_change_each_on_its_own(product: Product) -> None:
    first = await product.done("updateAccount", {"name": "Acme", "colour": "#7A1FA2"}, SHOWN)
    second = await product.done("updateAccount", {"logo": encoded(PNG)}, SHOWN)
    third = await product.done("updateAccount", {"colour": None}, SHOWN)

    assert first["account"] == {"name": "Acme", "colour": "#7a1fa2", "logoUrl": None}
    assert second["account"]["colour"] == "#7a1fa2"
    assert second["account"]["logoUrl"].startswith("https://track.example.org/look/logos/")
    assert third["account"] == {**second["account"], "colour": None}
    assert (await product.data("{ viewer { account { name } } }"))["viewer"]["account"]["name"] == "Acme"


async def test_a_colour_that_cannot_be_read_is_named(product: Product) -> None:
    answer = await product.done("updateAccount", {"colour": "#ffee00"}, SHOWN)

    assert answer["warnings"] == [{"code": "COLOUR_ADJUSTED"}]


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"name": ""}, "INVALID_VALUE", ["name"]),
        ({"name": None}, "NULL_NOT_ALLOWED", ["name"]),
        ({"colour": "red;}"}, "INVALID_VALUE", ["colour"]),
        ({"logo": "not base64!"}, "INVALID_VALUE", ["logo"]),
        ({"logo": encoded(b"<svg onload='alert(1)'/>")}, "INVALID_VALUE", ["logo"]),
        ({"logo": encoded(PNG + bytes(8_192))}, "INVALID_VALUE", ["logo"]),
    ],
)
async def test_what_cannot_be_shown_is_refused_and_nothing_changes(
    product: Product, given: dict, code: str, path: list[str]
) -> None:
    assert await product.refused("updateAccount", {"colour": "#123456", **given}) == [(code, path)]

    account = (await product.data("{ viewer { account { name colour logoUrl } } }"))["viewer"]["account"]
    assert account == {"name": "Test", "colour": None, "logoUrl": None}


async def test_it_takes_the_scope_of_writing_settings(product: Product) -> None:
    answer = await product.ask(
        'mutation { updateAccount(input: {name: "X"}) { errors { code } } }',
        scopes=SCOPES - {"settings:write"},
    )

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
