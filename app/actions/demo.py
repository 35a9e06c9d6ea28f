"""Makes a demo account in an empty database, so that the first start has something to show."""

from dataclasses import dataclass

from app.actions.accounts import NewToken, create_account, create_token
from app.actions.answers import Asked
from app.actions.forms import NewForm, create_form
from app.actions.lists import create_list
from app.actions.mailings import NewMailing, create_mailing
from app.actions.subscribers import Profile, upsert_subscriber
from app.actions.unit import unit
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


async def make_demo(instance: Instance, token: str | None) -> Demo | None:
    """Makes the account, a token with all scopes, a list, a form, three people and a mailing, if there is no account.

    `token` is a secret chosen beforehand; without it one is made.
    """
    if await instance.database.fetch(accounts.SQL.first):
        return None
    account_id = await create_account(instance, "Demo")
    async with unit(instance, account_id, "demo") as work:
        _, secret = await create_token(work, NewToken("Demo", SCOPES, secret=token))
        list_id = await create_list(work, "Newsletter")
        form_id = await create_form(work, NewForm("Newsletter", list_id=list_id, locales=("en", "de")))
        evidence = Evidence(PermissionSource.IMPORT, work.now)
        people = [
            await upsert_subscriber(
                work, Profile(email, lists=(list_id,), asked=Asked(answer, evidence=evidence))
            )
            for email, answer in _PEOPLE.items()
        ]
        await create_mailing(work, NewMailing("Welcome", Channel.CAMPAIGN, list_id))
    return Demo(
        token=secret,
        preferences_url=instance.addresses.preferences(PreferencesLink(people[-1])),
        form_url=f"{instance.public_url}/forms/{form_id}",
    )
