"""The accounts' secrets move to the newest key and stay what they are."""

from pathlib import Path

from app.actions.key_rotation import Rewrapped, rewrap_accounts
from app.domain.permission import PermissionChange
from app.key_file import written_keys
from app.prepare import prepare
from app.sealing.keyring import Keyring
from app.settings import read_settings
from tests.postgres_server import TemporaryDatabase
from tests.world import World

OLD, NEW, OTHER = bytes(range(32)), b"n" * 32, b"o" * 32


async def test_secrets_are_wrapped_once_and_stay_the_same(world: World):
    """Under the new key alone the same address is the same person, and the ledger goes on."""
    person = await world.subscriber("ada@example.org", PermissionChange.YES)
    world.instance.keyring = Keyring([NEW, OLD])

    first, again = await rewrap_accounts(world.instance), await rewrap_accounts(world.instance)
    world.instance.keyring = Keyring([NEW])
    world.instance.account_keys.clear()

    assert (first, again) == (Rewrapped(1, 0), Rewrapped(0, 0))
    assert await world.subscriber("ada@example.org", PermissionChange.NO) == person


async def test_a_start_wraps_under_its_newest_key(world: World, database: TemporaryDatabase, tmp_path: Path):
    """Before anything is served, so that no process is left that has the older keys only."""
    before = await world.rows("SELECT id, identity_key FROM account")
    environment = {
        "ASSENT_DATA": str(tmp_path),
        "DATABASE_URL": database.app_dsn,
        "ASSENT_OWNER_DATABASE_URL": database.owner_dsn,
        "ASSENT_SECRET_KEYS": written_keys([NEW, OLD]),
    }

    await prepare(read_settings(environment))

    after = await world.rows("SELECT id, identity_key FROM account")
    ((account, old),), ((same, new),) = before, after
    context = b"identity" + account.to_bytes(8, "big")
    assert account == same
    assert Keyring([NEW]).unwrap(new, context) == Keyring([OLD]).unwrap(old, context)


async def test_what_no_key_opens_stays_as_it_is_and_is_counted(world: World):
    """A key that is missing is put back later, and then everything is there."""
    before = await world.rows("SELECT identity_key, ledger_key FROM account")
    world.instance.keyring = Keyring([OTHER])

    found = await rewrap_accounts(world.instance)

    assert found == Rewrapped(0, 1)
    assert await world.rows("SELECT identity_key, ledger_key FROM account") == before
