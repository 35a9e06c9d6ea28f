"""Makes a demo account in an empty database, so that the first start has something to show."""

from collections.abc import Callable
from dataclasses import dataclass

from app.actions.accounts import add_account
from app.actions.answers import Asked
from app.actions.forms import NewForm, create_form
from app.actions.lists import create_list
from app.actions.mailings import NewMailing, create_mailing
from app.actions.subscribers import Profile, upsert_subscriber
from app.actions.tokens import NewToken, create_token
from app.actions.unit import Unit
from app.domain.modes import Channel
from app.domain.permission import Evidence, PermissionChange, PermissionSource
from app.domain.person_links import PreferencesLink
from app.domain.principal import SCOPES
from app.instance import Instance
from app.storage import accounts

_PEOPLE = {
    "ada@demo.example": PermissionChange.YES,
    "ben@demo.example": PermissionChange.NO,
    "cleo@demo.example": PermissionChange.UNCHANGED,
}


@dataclass(frozen=True, slots=True)
class Demo:
    """What the terminal shows of a new demo account."""

    token: str
    preferences_url: str
    form_url: str


async def make_demo(
    instance: Instance, token: str | None, keep: Callable[[Demo], None] | None = None
) -> Demo | None:
    """Makes the account, a token with all scopes, a list, a form, three people and a mailing, if there is no account.

    `token` is a secret chosen beforehand; without it one is made. All of it is one transaction, and `keep` gets what
    it made before that commits: however the process ends, the demo is whole and its token kept, or there is none.
    """
    async with instance.database.transaction() as connection:
        if await connection.fetchrow(accounts.SQL.first) is not None:
            return None
        account_id = await add_account(instance, connection, "Demo")
        demo = await _filled(Unit(instance, connection, account_id, "demo", instance.clock()), token)
        if keep is not None:
            keep(demo)
        return demo


async def _filled(work: Unit, token: str | None) -> Demo:
    _, secret = await create_token(work, NewToken("Demo", SCOPES, secret=token))
    list_id = await create_list(work, "Newsletter")
    form_id = await create_form(work, NewForm("Newsletter", list_id=list_id, locales=("en", "de")))
    evidence = Evidence(PermissionSource.IMPORT, work.now)
    profiles = [
        Profile(email, lists=(list_id,), asked=Asked(answer, evidence=evidence))
        for email, answer in _PEOPLE.items()
    ]
    people = [(await upsert_subscriber(work, profile))[0] for profile in profiles]
    await create_mailing(work, NewMailing("Welcome", Channel.CAMPAIGN, list_id))
    return Demo(
        token=secret,
        preferences_url=work.instance.addresses.preferences(PreferencesLink(people[-1])),
        form_url=f"{work.instance.public_url}/forms/{form_id}",
    )
