"""The rules about people's answers once more, as plainly as they can be said: what the state machine compares with.

Nothing here is shared with the application but its enums. Addresses and lists are short names, people are numbers.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.domain.modes import Axis, MembershipStatus
from app.domain.permission import Permission

UNKNOWN, YES, NO = Permission.UNKNOWN, Permission.YES, Permission.NO
SUBSCRIBED, UNSUBSCRIBED = MembershipStatus.SUBSCRIBED, MembershipStatus.UNSUBSCRIBED
RANK = {UNKNOWN: 0, YES: 1, NO: 2}
LIFETIME = timedelta(days=10)
RENEWED_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class State:
    """What stands on one axis: the answer, whether the person gave it to us, and when they answered."""

    value: Permission = UNKNOWN
    by_person: bool = False
    at: datetime | None = None

    def now(self, now: datetime) -> Permission:
        """What it is worth: a yes has a lifetime."""
        over = self.value is YES and now - self.at >= LIFETIME
        return UNKNOWN if over else self.value


@dataclass
class Person:
    """Somebody at an address."""

    address: str
    states: dict[Axis, State] = field(default_factory=lambda: dict.fromkeys(Axis, State()))
    places: dict[str, MembershipStatus] = field(default_factory=dict)


class Refused(Exception):
    """The answer of a caller does not count."""


@dataclass
class People:
    """Everybody, the NOs on addresses that were left, with who left them, and the addresses of who was erased."""

    persons: dict[int, Person] = field(default_factory=dict)
    became: dict[int, int] = field(default_factory=dict)
    left: dict[str, tuple[int, dict[Axis, State]]] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    made: int = 0

    def at(self, address: str) -> int | None:
        """Who is there."""
        return next((number for number, each in self.persons.items() if each.address == address), None)

    def found_or_made(self, address: str) -> int:
        """Who is there, or somebody new, who meets the NO that stayed there."""
        there = self.at(address)
        if there is not None:
            return there
        self.made = (number := self.made) + 1
        _, states = self.left.pop(address, (None, {}))
        self.persons[number] = Person(address, dict.fromkeys(Axis, State()) | states)
        return number

    def caller_says(self, number: int, answers: dict[Axis, Permission], at: datetime) -> None:
        """The rule for everybody but the person; each axis for itself, and told if one was refused."""
        refused = False
        states = self.persons[number].states
        for axis, value in answers.items():
            try:
                states[axis] = _by_caller(states[axis], value, at)
            except Refused:
                refused = True
        if refused:
            raise Refused

    def person_says(self, number: int, answers: dict[Axis, Permission], now: datetime) -> None:
        """The last write wins; to say again what one has said already is nothing new."""
        states = self.persons[number].states
        for axis, value in answers.items():
            stands = states[axis]
            said = stands.by_person and stands.now(now) is value
            if not said or (value is YES and now - stands.at >= RENEWED_AFTER):
                states[axis] = State(value, by_person=True, at=now)

    def reset(self, number: int) -> None:
        """Unknown, unless the person said no."""
        states = self.persons[number].states
        if any(state.value is NO and state.by_person for state in states.values()):
            raise Refused
        self.persons[number].states = dict.fromkeys(Axis, State())

    def erase(self, number: int) -> None:
        """Gone, and nobody but the person can bring the address back."""
        self.erased.add(self.persons.pop(number).address)

    def join(self, number: int, name: str) -> None:
        """On a list; who comes back after leaving every list is asked anew."""
        person = self.persons[number]
        if person.places and SUBSCRIBED not in person.places.values():
            self._forget(person, lambda _: True)
        person.places[name] = SUBSCRIBED

    def leave(self, number: int) -> None:
        """Off all lists."""
        places = self.persons[number].places
        places.update({name: UNSUBSCRIBED for name, status in places.items() if status is SUBSCRIBED})

    def expire(self, now: datetime) -> None:
        """What is over is over."""
        for person in self.persons.values():
            self._forget(person, lambda state: state.now(now) is UNKNOWN)

    @staticmethod
    def _forget(person: Person, over) -> None:
        for axis, state in person.states.items():
            if state.value is YES and over(state):
                person.states[axis] = State()

    def change(self, number: int, address: str) -> int:
        """Another address for all lists."""
        person, there = self.persons[number], self.at(address)
        if there == number:
            return number
        refusals = {axis: state for axis, state in person.states.items() if state.value is NO}
        if there is None:
            by, met = self.left.pop(address, (number, {}))
            if self.now_is(by) != number:
                person.states = {a: merged(s, met.get(a, State())) for a, s in person.states.items()}
                refusals = {axis: state for axis, state in person.states.items() if state.value is NO}
        if refusals:
            self.left[person.address] = number, refusals
        if there is None:
            person.address = address
            return number
        self._give(person, self.persons[there], set(person.places))
        del self.persons[number]
        self.became[number] = there
        return there

    def change_some(self, number: int, address: str, names: set[str]) -> int:
        """Another address for some lists."""
        person, there = self.persons[number], self.at(address)
        moving = names & set(person.places)
        if there == number or not moving:
            return number if there is None else there
        there = self.found_or_made(address)
        self._give(person, self.persons[there], moving)
        return there

    def now_is(self, number: int) -> int:
        """Whom somebody has become."""
        while number in self.became:
            number = self.became[number]
        return number

    @staticmethod
    def _give(person: Person, other: Person, names: set[str]) -> None:
        other.states = {axis: merged(state, person.states[axis]) for axis, state in other.states.items()}
        for name in names:
            status = person.places.pop(name)
            stays = UNSUBSCRIBED in {status, other.places.get(name)}
            other.places[name] = UNSUBSCRIBED if stays else SUBSCRIBED


def merged(one: State, other: State) -> State:
    """The clash table."""
    if one.value is not other.value:
        return max(one, other, key=lambda state: RANK[state.value])
    times = [state.at for state in (one, other) if state.at]
    return replace(one, by_person=one.by_person or other.by_person, at=max(times, default=None))


def _by_caller(stands: State, value: Permission, at: datetime) -> State:
    newer = stands.at is None or at > stands.at
    match stands.value, value:
        case Permission.NO, Permission.YES if stands.by_person or not newer:
            raise Refused
        case Permission.NO, Permission.NO if stands.by_person or not newer:
            return stands
        case Permission.YES, Permission.YES if not newer:
            return stands
        case _:
            return State(value, by_person=False, at=at)
