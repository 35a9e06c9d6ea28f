"""A link that a caller of the API was handed: it opens like one from a mail, and the ledger names the caller."""

import re

from tests.preference_center.conftest import Center

BY_TOKEN_7 = "person, by a link of token:7"


async def actors(center: Center) -> list[str]:
    rows = await center.world.rows("SELECT actor FROM permission_line ORDER BY number")
    return [row["actor"] for row in rows]


async def test_the_lines_of_what_is_answered_by_it_name_the_token(center: Center):
    person = await center.person()

    saved = await center.browser.post(center.handed_link(person, 7), data={"tracking": "yes"})
    await center.browser.post(center.link(person), data={"opens": "no"})

    assert saved.status_code == 200
    assert await center.standing() == "NO/WITHDRAWN/PREFERENCE_CENTER YES//PREFERENCE_CENTER"
    assert await actors(center) == [BY_TOKEN_7, BY_TOKEN_7, "person"]


async def test_it_has_the_rights_of_a_link_from_a_mail(center: Center):
    """The address is masked, and coming back to a list takes a fresh link."""
    list_id = await center.add_list()
    person = await center.person(lists=[list_id])
    link = center.handed_link(person, 7)

    shown = await center.browser.get(link)
    left = await center.browser.post(link, data={"leave": str(list_id)})
    refused = await center.browser.post(link, data={"return": str(list_id)})

    assert "ada@example.org" not in shown.text
    assert "a•••@e•••.org" in shown.text
    assert (left.status_code, refused.status_code) == (200, 403)
    assert await center.memberships() == {"ada@example.org Letters": "UNSUBSCRIBED"}


async def test_stopping_by_it_names_the_token_and_leads_on_by_a_link_that_does_too(center: Center):
    person = await center.person()

    stopped = await center.browser.post(
        f"{center.handed_link(person, 7)}/stop-tracking", data={"Tracking": "Stop"}
    )
    (onward,) = re.findall(r'href="(/preferences/[^?"]+)', stopped.text)
    await center.browser.post(onward, data={"tracking": "yes"})

    assert await center.standing() == "YES//PREFERENCE_CENTER YES//PREFERENCE_CENTER"
    assert await actors(center) == [BY_TOKEN_7] * 4
