"""Machines among the clicks, as the API's reports show them."""

import re

from app.domain import scanners
from app.tracking import classify
from graphql_schema.ids import number_of
from tests.graphql_schema.product import Product

LINKS = "".join(f'<a href="https://shop.example.com/{number}">{number}</a>' for number in range(9))
MAIL = f'<html><body>{LINKS} <a href="{{{{preferences_url}}}}">Choose</a></body></html>'
REPORT = """query ($id: ID!) { mailing(id: $id) { report {
  opens { value } clicks { value } uniqueClicks { value } clickRate { value }
  links { clicks { value } uniqueClicks { value } } } } }"""


async def test_x13_a_scanner_that_follows_every_link_at_once_clicks_for_nobody(product: Product) -> None:
    """Its browser looks like a person's. What it shows by its ninth link counts for the first eight as well."""
    world = product.world
    await product.upserted("ada@example.org", **product.said_yes())
    mailing = await product.mailing()
    (message,) = await product.prepared(mailing, "ada@example.org", html=MAIL)
    links = re.findall(r'"https://track\.example\.org(/c/[^"]+)"', message["html"])
    assert len(links) == 9

    for link in links[:7]:
        assert (await world.browser.get(link)).status_code == 302
    await world.drain()
    before = (await product.data(REPORT, {"id": mailing}))["mailing"]["report"]
    for link in links[7:]:
        assert (await world.browser.get(link)).status_code == 302
    await world.drain()
    after = (await product.data(REPORT, {"id": mailing}))["mailing"]["report"]
    world.later(hours=1)
    await world.browser.get(links[0])
    await world.drain()
    later = (await product.data(REPORT, {"id": mailing}))["mailing"]["report"]

    assert (before["clicks"]["value"], before["uniqueClicks"]["value"]) == (7, 1)
    assert (after["clicks"]["value"], after["uniqueClicks"]["value"], after["clickRate"]["value"]) == (
        0,
        0,
        0.0,
    )
    assert {link["clicks"]["value"] for link in after["links"]} == {0}
    assert (later["clicks"]["value"], later["uniqueClicks"]["value"], later["clickRate"]["value"]) == (
        1,
        1,
        1.0,
    )
    rows = await world.rows(
        "SELECT client_class, rule, rule_version, count(*)::integer AS n FROM event WHERE mailing_id = $1 "
        "GROUP BY 1, 2, 3 ORDER BY 4",
        number_of(mailing, "Mailing"),
    )
    assert [tuple(row) for row in rows] == [
        ("HUMAN_LIKELY", "ORDINARY_CLIENT", classify.RULES_VERSION, 1),
        ("SCANNER", "MANY_LINKS", scanners.RULES_VERSION, 9),
    ]
