"""API tokens, as they are stored and looked up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.actions.tokens import NewToken, create_token
from app.disclosure.reader import BELIEVED_SECONDS, authenticate
from app.domain.errors import InvalidValue
from app.domain.principal import Principal
from tests.world import World

READS_SETTINGS = frozenset({"settings:read"})


async def test_a_token_is_known_by_its_hash_alone(world: World) -> None:
    """The secret is shown once and stored nowhere; one that has run out is nobody's."""
    async with world.unit() as work:
        token_id, secret = await create_token(work, NewToken("CI", READS_SETTINGS))
        soon = world.now[0] + timedelta(hours=1)
        _, over = await create_token(work, NewToken("Old", READS_SETTINGS, expires_at=soon))
    world.later(hours=1)

    principal = await authenticate(world.instance, secret)

    assert principal == Principal(world.account_id, token_id, None, READS_SETTINGS)
    assert await authenticate(world.instance, over) is None
    assert await authenticate(world.instance, secret + "x") is None
    stored = await world.rows("SELECT * FROM api_token")
    assert all(secret not in str(tuple(row)) for row in stored)


async def test_a_token_with_an_unknown_scope_is_not_made(world: World) -> None:
    """The message names the scope and those that exist."""
    with pytest.raises(InvalidValue, match="settings:all"):
        async with world.unit() as work:
            await create_token(work, NewToken("CI", frozenset({"settings:all"})))


async def test_a_token_is_looked_up_again_after_half_a_second(world: World) -> None:
    """What another process revokes is believed here for that long; the clock of belief is the machine's own."""
    async with world.unit() as work:
        token_id, secret = await create_token(work, NewToken("CI", READS_SETTINGS))
    believed = await authenticate(world.instance, secret)
    async with world.unit() as work:
        await work.connection.execute("UPDATE api_token SET revoked_at = now() WHERE id = $1", token_id)
    known = world.instance.callers
    (name,) = known
    # A slow machine must not decide this: the half second is moved, not waited for.
    end = known[name].until
    known[name] = replace(known[name], until=end + 60)

    still = await authenticate(world.instance, secret)
    known[name] = replace(known[name], until=end - BELIEVED_SECONDS)
    later = await authenticate(world.instance, secret)

    assert believed == still is not None
    assert later is None
    assert known == {}
