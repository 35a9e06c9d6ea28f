"""How fast the pages of recipients are to a person: Lighthouse's performance on a slow phone, on this machine alone.

form_performance           the sign-up form, from 0 to 1
preferences_performance    a person's own page
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.judges.pages import lighthouse
from tests.running import assent

NAME = "pages"
_FORM = """mutation { createForm(input: {asks: EACH_AXIS, fields: [{name: "city", label: "City"}]}) {
  form { url } } }"""
_PERSON = """mutation { upsertSubscriber(input: {email: "ann@example.org"}) {
  subscriber { preferencesUrl } errors { code } } }"""


async def measure(folder: Path, _rows: int, say: Callable[[str], None]) -> dict[str, float | None]:
    """The figures; the number of rows is none of theirs."""
    data = folder / "var"
    data.mkdir()
    with assent(data) as running:
        urls = {
            "form": running.gql(_FORM)["createForm"]["form"]["url"],
            "preferences": running.gql(_PERSON)["upsertSubscriber"]["subscriber"]["preferencesUrl"],
        }
        found: dict[str, float | None] = {}
        for name, url in urls.items():
            say(f"Lighthouse looks at {name} …")
            scores = await asyncio.to_thread(lighthouse, url, "performance")
            found[f"{name}_performance"] = scores["performance"]
    return found
