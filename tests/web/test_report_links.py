"""Links to report pages: who can make one, and when it ends. Whatever ended answers like what never was."""

from app.actions.tokens import NewToken, create_token, revoke_token
from app.actions.unit import unit
from app.domain.person_links import PreferencesLink
from app.domain.principal import SCOPES as ALL_SCOPES
from app.domain.report_links import ReportLink
from app.storage.database import Database
from tests.graphql_schema.product import Product
from tests.web.report_pages import ReportPages
from tests.world import PUBLIC_URL, create_account

LINK = "query ($id: ID!) { mailing(id: $id) { reportUrl } }"


async def test_a_client_gets_a_link_and_whoever_has_it_sees_the_page(product: Product, pages: ReportPages):
    """The link needs no token of its own; asking for it takes the scopes of what it shows."""
    mailing = await product.mailing("Spring")

    url = (await product.data(LINK, {"id": mailing}))["mailing"]["reportUrl"]

    assert url.startswith(f"{PUBLIC_URL}/reports/")
    answer = await pages.browser.get(url)
    assert answer.status_code == 200
    assert "Spring" in answer.text
    for scope in ("reports:read", "mailings:read"):
        (error,) = (await product.ask(LINK, {"id": mailing}, scopes=ALL_SCOPES - {scope}))["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert scope in error["message"]


async def test_one_to_one_mail_has_no_page(product: Product, pages: ReportPages):
    """Its report is about single people: there is no link, and a forged one leads nowhere."""
    mailing = await product.mailing(channel="ONE_TO_ONE")

    url = (await product.data(LINK, {"id": mailing}))["mailing"]["reportUrl"]
    ((number,),) = await product.world.rows("SELECT id FROM mailing WHERE channel = 'ONE_TO_ONE'")

    assert url is None
    assert await status(pages, await sealed(pages, mailing=number)) == 404


async def sealed(pages: ReportPages, **other: int) -> str:
    """A link of ours with other contents; it is sealed all the same."""
    world = pages.world
    contents = {
        "account": world.account_id,
        "token": pages.token_id,
        "expires_at": int(world.now[0].timestamp()) + 60,
        **other,
    }
    return world.instance.addresses.report(ReportLink(**contents))


async def status(pages: ReportPages, url: str) -> int:
    """The answer's status; what is not found says the same, whatever it was."""
    answer = await pages.browser.get(url)
    if answer.status_code == 404:
        nowhere = await pages.browser.get("/reports/nowhere")
        assert answer.content == nowhere.content
        assert answer.headers["cache-control"] == "no-store"
        assert "There is no such page." in answer.text
    return answer.status_code


async def test_a_link_ends_after_thirty_days(pages: ReportPages):
    path = await pages.path(await pages.world.mailing())

    pages.world.later(days=29, hours=23)
    before = await status(pages, path)
    pages.world.later(hours=1)

    assert (before, await status(pages, path)) == (200, 404)


async def test_a_link_ends_with_the_token_that_made_it(pages: ReportPages):
    """When that is revoked, and when it runs out, which the page says before."""
    revoked = await pages.path(await pages.world.mailing())
    before = await status(pages, revoked)
    async with pages.world.unit() as work:
        await revoke_token(work, pages.token_id)
    assert (before, await status(pages, revoked)) == (200, 404)

    async with pages.world.unit() as work:
        expires = pages.world.now[0].replace(hour=13, minute=0, second=0, microsecond=0)
        wanted = NewToken("short", ALL_SCOPES, expires_at=expires)
        pages.token_id, _ = await create_token(work, wanted)
    mailing = await pages.world.mailing()
    path = await pages.path(mailing)

    assert "13:00 UTC at most" in (await pages.page(mailing)).text
    pages.world.later(hours=1)

    assert await status(pages, path) == 404


async def test_a_link_leads_to_its_own_account_only_and_no_further_than_its_token(pages: ReportPages):
    """Such links are never made; those that are sealed all the same lead nowhere."""
    world = pages.world
    mailing = await world.mailing()
    other = await create_account(world.instance, "Other")
    async with unit(world.instance, other, "test") as work:
        token, _ = await create_token(work, NewToken("other", ALL_SCOPES))

    for contents in (
        {"account": other, "token": token},
        {"account": other},
        {"token": token},
        {"mailing": 1},
    ):
        assert await status(pages, await sealed(pages, **{"mailing": mailing, **contents})) == 404


async def test_what_was_not_sealed_for_this_leads_nowhere(pages: ReportPages):
    """Damaged links, links for other purposes, and whatever somebody types."""
    path = await pages.path(await pages.world.mailing())
    person = await pages.world.subscriber("ada@example.org")
    preferences = pages.world.instance.addresses.preferences(PreferencesLink(person, 0, 0))

    for other in (
        path[:-1],
        path + "A",
        path.replace("/reports/", "/reports/A"),
        f"{path}/more",
        preferences.replace("/preferences/", "/reports/"),
        "/reports/%00",
        "/reports/" + "x" * 4000,
        "/reports/é",
    ):
        assert await status(pages, other) == 404, other
    assert (await pages.browser.get(path.replace("/reports/", "/preferences/"))).status_code == 404


async def test_while_the_database_is_away_the_page_says_to_come_back(pages: ReportPages):
    path = await pages.path(await pages.world.mailing())
    instance = pages.world.instance
    there, instance.database = instance.database, Database("postgresql://nobody@/none?host=/nowhere")

    answer = await pages.browser.get(path)
    nowhere = await pages.browser.get("/reports/nowhere")
    instance.database = there

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "try again in a minute" in answer.text
    assert nowhere.status_code == 404


async def test_a_page_only_shows(pages: ReportPages):
    """It has a HEAD, which gets the headers alone, and takes nothing."""
    path = await pages.path(await pages.world.mailing())

    head = await pages.browser.head(path)

    assert (head.status_code, head.content, head.headers["cache-control"]) == (200, b"", "no-store")
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert (await pages.browser.request(method, path)).status_code == 405
