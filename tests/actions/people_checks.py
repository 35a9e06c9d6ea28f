"""What the state machine looks at after every step: rows, chains and decisions beside the model of them."""

from hypothesis.stateful import invariant

from app.account_keys import account_keys
from app.disclosure.decisions import tracking_decision
from app.domain.ledger import verify_chain
from app.domain.modes import Axis, TrackingMode
from app.storage import identities, ledger
from tests.actions.people_model import YES

ADDRESSES = tuple(f"{name}@example.org" for name in "abcd")


class Checks:
    """The half of the machine that changes nothing; `world`, `model`, `ids`, `refused` and `mailing` are the other's."""

    @invariant()
    def all_of_it_agrees(self):
        if hasattr(self, "mailing"):
            self.run(self._check())

    async def _check(self):
        account_id = self.world.account_id
        rows = await self.world.rows("SELECT * FROM subscriber WHERE account_id = $1", account_id)
        self._compare({row["address"]: row for row in rows})
        await self._lines(rows)
        await self._no_refusal_was_lifted()
        for address in ADDRESSES:
            number = self.model.at(address)
            decision = await tracking_decision(self.world.reader, self.mailing, [address])
            for axis in Axis:
                state = self.model.persons[number].states[axis].now(self.now) if number is not None else None
                assert (decision.on(axis).mode is TrackingMode.PERSONAL) == (state is YES)

    def _compare(self, rows):
        assert set(rows) == {person.address for person in self.model.persons.values()}
        for number, person in self.model.persons.items():
            row = rows[person.address]
            assert self.ids.setdefault(number, row["id"]) == row["id"]
            for axis, state in person.states.items():
                name = axis.value.lower()
                stored = row[f"{name}_value"], row[f"{name}_by_person"], row[f"{name}_person_time"]
                assert stored == (state.value.value, state.by_person, state.at)

    async def _lines(self, rows):
        """Every chain is whole to its head, and its last line on an axis says what stands."""
        former = await self.world.rows(
            "SELECT * FROM former_subscriber WHERE account_id = $1", self.world.account_id
        )
        buried = await self.world.rows(
            "SELECT subscriber_id AS id, ledger_length, ledger_head FROM tombstone WHERE account_id = $1",
            self.world.account_id,
        )
        async with self.world.instance.database.connection() as connection:
            key = (await account_keys(self.world.instance, connection, self.world.account_id)).ledger
            for row in (*rows, *former, *buried):
                chain = await ledger.page(connection, self.world.account_id, row["id"], after=0, limit=500)
                assert verify_chain(chain, key, row["ledger_head"] or None, row["ledger_length"]) == []
                assert len(chain) == row["ledger_length"]
                last = {kept.line.axis: kept.line for kept in chain}
                for axis, line in last.items() if "address" in row else ():
                    assert line.to_value == row[f"{axis.value.lower()}_value"]

    async def _no_refusal_was_lifted(self):
        """Without the model: who said no still does, whoever they have become."""
        now = await self.world.rows(
            "SELECT id, opens_value, clicks_value, opens_by_person, clicks_by_person FROM subscriber "
            "WHERE account_id = $1",
            self.world.account_id,
        )
        by_id = {row["id"]: row for row in now}
        async with self.world.instance.database.connection() as connection:
            here = await identities.current(connection, {known for _, known in self.refused.values()})
        for axis, known in self.refused.values():
            name = axis.value.lower()
            row = by_id[here[known]]
            assert (row[f"{name}_value"], row[f"{name}_by_person"]) == ("NO", True)
        for number in self.model.persons:
            row = by_id[self.ids[number]]
            for axis in Axis:
                name = axis.value.lower()
                if row[f"{name}_value"] == "NO" and row[f"{name}_by_person"]:
                    self.refused[number, axis] = axis, row["id"]
