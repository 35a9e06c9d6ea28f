"""The columns of attributes in the file of subscribers, whatever anybody has called them (C9)."""

import csv
import io
import json

from tests.exports.shelf import Shelf
from tests.exports.test_subscribers import HEADER


async def test_c9_more_attributes_than_columns_are_no_error(shelf: Shelf) -> None:
    """Whoever fills in a form may make up any number of names: those of most people have columns, the rest stand together."""
    made_up = {f"a{number:04}": "=1" for number in range(1_000)}
    await shelf.product.upserted("ada@example.org", attributes={**made_up, "zip": "10115"})
    await shelf.product.upserted("joe@example.org", attributes={"zip": "3011"})

    text = await shelf.text(kind="SUBSCRIBERS")

    reader = csv.DictReader(io.StringIO(text))
    rows = {row["email"]: row for row in reader}
    assert reader.fieldnames == [*HEADER.split(","), *sorted(made_up)[:-1], "zip", "other_attributes"]
    assert (rows["ada@example.org"]["a0000"], rows["ada@example.org"]["zip"]) == ("'=1", "10115")
    assert json.loads(rows["ada@example.org"]["other_attributes"]) == {"a0999": "=1"}
    assert (rows["joe@example.org"]["zip"], rows["joe@example.org"]["other_attributes"]) == ("3011", "")


async def test_c9_no_attribute_is_taken_for_another_column(shelf: Shelf) -> None:
    """Whoever fills in a form chooses names: neither a reader of the file nor an import takes one for an answer."""
    attributes = {"email": "x@example.org", "permission_opens": "YES", "Reason": "fun", "DoNotTrack": "false"}
    await shelf.product.upserted("ada@example.org", attributes={**attributes, "attribute:city": "Bern"})

    (row,) = await shelf.rows(kind="SUBSCRIBERS")

    assert row == {
        "email": "ada@example.org",
        "permission_opens": "UNKNOWN",
        "permission_clicks": "UNKNOWN",
        "reason": "NEVER_ASKED",
        "since": "",
        "attribute:DoNotTrack": "false",
        "attribute:Reason": "fun",
        "attribute:attribute:city": "Bern",
        "attribute:email": "x@example.org",
        "attribute:permission_opens": "YES",
    }
