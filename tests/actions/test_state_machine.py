"""Any sequence of answers, imports, moves, merges, resets, erasures and time agrees with a model of it.

Permission, ledger and decision are what it says, and a NO that the person gave is only ever lifted by the person. Each example is an account of its own in one database.
"""

import asyncio
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from app.actions.answers import Asked
from app.actions.change_email import change_subscriber_email
from app.actions.erase import erase
from app.actions.expiry import write_expiries
from app.actions.import_batches import prepared, write_batch
from app.actions.import_people import Sealer
from app.actions.lists import create_list, leave
from app.actions.messages import Addressee, MessageRequest, Preparation
from app.actions.preferences import answer, persons_unit
from app.actions.prepare_messages import prepare_messages
from app.actions.reset import reset_permission
from app.actions.subscribers import Profile, upsert_subscriber
from app.disclosure.reader import Reader
from app.domain.errors import ErasedEarlier, RefusalKept
from app.domain.import_rows import RowReader
from app.domain.imports import Defaults, Dialect, columns_of
from app.domain.modes import Axis, TrackingMode
from app.domain.permission import Evidence, PermissionChange, PermissionSource
from app.domain.principal import SCOPES, Principal
from tests.actions.people_checks import ADDRESSES, Checks
from tests.actions.people_model import LIFETIME, NO, YES, People, Refused
from tests.world import HTML, World, create_account

LISTS = ("News", "Offers")
addresses = st.sampled_from(ADDRESSES)
given = st.dictionaries(st.sampled_from(Axis), st.sampled_from([YES, NO]), min_size=1)
ages = st.integers(0, 3).map(lambda days: timedelta(days=days))
some_lists = st.sets(st.sampled_from(LISTS), min_size=1)


class Answers(Checks, RuleBasedStateMachine):
    """One account and its model. `world` and `loop` are set by the test."""

    world: World
    loop: asyncio.AbstractEventLoop

    def run(self, work):
        """Runs a coroutine where the database's connections live, and lets a minute pass."""
        self.world.later(minutes=1)
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(300)

    @property
    def now(self):
        return self.world.now[0]

    @initialize()
    def begin(self):
        self.model, self.ids, self.refused = People(), {}, {}
        self.run(self._begin())

    async def _begin(self):
        world = self.world
        world.account_id = await create_account(world.instance, "Example")
        world.reader = Reader(world.instance, Principal(world.account_id, 1, None, SCOPES))
        await world.settings(permission_lifetime_days=LIFETIME.days)
        async with world.unit() as work:
            self.lists = {name: await create_list(work, name) for name in LISTS}
        self.mailing = await world.mailing()
        for address in ADDRESSES[:2]:
            await world.subscriber(address)
            self.model.found_or_made(address)

    def asked(self, given, age, source=PermissionSource.API):
        changes = {axis: PermissionChange(value) for axis, value in given.items()}
        evidence = Evidence(source, self.now - age)
        return Asked(opens=changes.get(Axis.OPENS), clicks=changes.get(Axis.CLICKS), evidence=evidence)

    def modelled(self, address, given, age, *, makes):
        """The caller's answer in the model; whether it was refused. What is refused makes somebody if it `makes`."""
        before = self.model.at(address), self.model.left.get(address)
        number = self.model.found_or_made(address)
        try:
            self.model.caller_says(number, given, self.now - age)
        except Refused:
            if before[0] is None and not makes:
                del self.model.persons[number]
                self.model.left |= {address: before[1]} if before[1] else {}
            return True
        return False

    def kept_out(self, address, work):
        """Whether the address is of somebody who was erased; then whatever is done there is refused and does nothing."""
        if address not in self.model.erased:
            return False
        try:
            codes = [error.code for error in self.run(work())]
        except ErasedEarlier as error:
            codes = [error.code]
        assert codes == ["ERASED_EARLIER"]
        return True

    @rule(address=addresses, given=given, age=ages)
    def the_api_says(self, address, given, age):
        async def say():
            async with self.world.unit() as work:
                return (await upsert_subscriber(work, Profile(address, asked=self.asked(given, age))))[1]

        if self.kept_out(address, say):
            return
        errors = self.run(say())
        refused = self.modelled(address, given, age, makes=True)
        assert [error.code for error in errors] == ["REFUSAL_KEPT"] * refused

    @rule(address=addresses, given=given, age=ages)
    def a_send_says(self, address, given, age):
        async def send():
            asked = self.asked(given, age)
            request = MessageRequest([Addressee(address, asked)])
            async with self.world.unit() as work:
                return await prepare_messages(work, Preparation(self.mailing, HTML, None, [request]))

        async def refusals():
            return (await send()).errors

        if self.kept_out(address, refusals):
            return
        sent = self.run(send())
        refused = self.modelled(address, given, age, makes=True)
        assert [error.code for error in sent.errors] == ["REFUSAL_KEPT"] * refused
        for axis, state in self.model.persons[self.model.at(address)].states.items():
            personal = sent.messages[0].decision.on(axis).mode is TrackingMode.PERSONAL
            assert personal == (state.now(self.now) is YES)

    @rule(chosen=st.permutations(ADDRESSES), given=given, age=ages)
    def an_import_says(self, chosen, given, age):
        async def bring():
            columns = columns_of(("email", "permission_opens", "permission_clicks"), Dialect.PERMISSION)
            defaults = Defaults(source="the shop", given_at=self.now - age)
            answers = [given.get(axis, "") for axis in Axis]
            reader = RowReader(columns, defaults)
            rows = [reader.read(number, [address, *answers]) for number, address in enumerate(chosen[:2], 2)]
            async with self.world.unit() as work:
                sealer = Sealer(work.account_id, await work.keys(), work.actor, work.now)
                in_force = (await work.settings()).settings.withdrawal
                return await write_batch(work, prepared(rows, sealer, in_force, mostly_new=True), None)

        written = self.run(bring())
        expected = set()
        for number, address in enumerate(chosen[:2], 2):
            if address in self.model.erased:
                expected.add((number, "ERASED_EARLIER"))
            elif self.modelled(address, given, age, makes=True):
                expected.add((number, "REFUSAL_KEPT"))
        assert {(number, flaw.code.value) for number, found in written.flaws for flaw in found} == expected

    @rule(address=addresses, given=given)
    def the_person_says(self, address, given):
        number = self.model.at(address)
        if number is None:
            return

        async def say():
            async with persons_unit(self.world.instance, self.ids[number]) as work:
                await answer(work, self.ids[number], given)

        self.run(say())
        self.model.person_says(number, given, self.now)
        self.refused = {
            key: each for key, each in self.refused.items() if self.model.now_is(key[0]) != number
        }

    @rule(address=addresses, to=addresses)
    def an_address_changes(self, address, to):
        self._change(address, to, None)

    @rule(address=addresses, to=addresses, names=some_lists)
    def an_address_changes_for_some_lists(self, address, to, names):
        self._change(address, to, names)

    def _change(self, address, to, names):
        number = self.model.at(address)
        if number is None:
            return
        list_ids = None if names is None else [self.lists[name] for name in names]

        async def change():
            async with self.world.unit() as work:
                return await change_subscriber_email(work, self.ids[number], to, list_ids)

        if self.kept_out(to, change):
            return
        became = self.run(change())
        there = self.model.change(number, to) if names is None else self.model.change_some(number, to, names)
        assert self.ids.setdefault(there, became) == became

    @rule(address=addresses, name=st.sampled_from(LISTS))
    def somebody_subscribes(self, address, name):
        async def subscribe():
            async with self.world.unit() as work:
                return (await upsert_subscriber(work, Profile(address, lists=[self.lists[name]])))[1]

        if self.kept_out(address, subscribe):
            return
        self.run(subscribe())
        self.model.join(self.model.found_or_made(address), name)

    @rule(address=addresses)
    def somebody_leaves_all_lists(self, address):
        number = self.model.at(address)
        if number is None:
            return

        async def leave_all():
            async with self.world.unit() as work:
                await leave(work, self.ids[number], None)

        self.run(leave_all())
        self.model.leave(number)

    @rule(address=addresses)
    def somebody_is_reset(self, address):
        number = self.model.at(address)
        if number is None:
            return

        async def reset():
            async with self.world.unit() as work:
                await reset_permission(work, self.ids[number], "A test")

        refused = self.raises(reset())
        try:
            self.model.reset(number)
        except Refused:
            assert refused
        else:
            assert not refused

    @rule(address=addresses)
    def somebody_is_erased(self, address):
        number = self.model.at(address)
        if number is None:
            return

        async def bury():
            async with self.world.unit() as work:
                await erase(work, self.ids[number])

        self.run(bury())
        self.model.erase(number)
        self.refused = {
            key: each for key, each in self.refused.items() if self.model.now_is(key[0]) != number
        }

    @rule(days=st.integers(1, 6))
    def time_passes_and_expiry_is_written(self, days):
        self.world.later(days=days)
        self.run(write_expiries(self.world.instance, self.world.account_id))
        self.model.expire(self.now)

    def raises(self, work):
        """Whether it was refused."""
        try:
            self.run(work)
        except RefusalKept:
            return True
        return False


async def test_c1_c2_c10_any_sequence_agrees_with_the_model(world: World) -> None:
    """Permission, ledger and decision are those of the model after every step of every sequence."""
    Answers.world, Answers.loop = world, asyncio.get_running_loop()
    few = settings(
        max_examples=20,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )

    await asyncio.to_thread(run_state_machine_as_test, Answers, settings=few)
