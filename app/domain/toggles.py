"""Toggles of one-to-one mail: a user's switches, the mail at hand, and what the next mail starts with.

    switch   toggle of the mail   that mail    remembered for the next mail
    off      on                   SWITCH_OFF   as before
    off      off, or left out     not tracked  off where it was said, else as before
    on       on or off            as said      as said
    on       left out             as the last  as before

The first mail starts with its toggles off. A switch that is turned off does not forget the last choice. A toggle
only ever lowers: the settings of the account and the answer of each recipient still count.
Source: domain.md §4 (P1, P2).
"""

from dataclasses import dataclass, replace

from app.domain.errors import SwitchOff
from app.domain.modes import Axis

_FIELD = {Axis.OPENS: "trackOpens", Axis.CLICKS: "trackClicks"}


@dataclass(frozen=True, slots=True)
class Switches:
    """A user's own switches, all off at first, and the toggles of the last mail."""

    opens: bool = False
    clicks: bool = False
    notifications: bool = False
    last_opens: bool = False
    last_clicks: bool = False

    def on(self, axis: Axis) -> bool:
        """Whether the user has switched tracking on, on one axis."""
        return self.opens if axis is Axis.OPENS else self.clicks

    def starts(self, axis: Axis) -> bool:
        """What the toggle of the next mail starts with."""
        return self.on(axis) and (self.last_opens if axis is Axis.OPENS else self.last_clicks)


ALL_OFF = Switches()
"""What mail goes by that belongs to no user: nobody could see its events."""


@dataclass(frozen=True, slots=True)
class Toggles:
    """The toggles of one mail; None where the mail does not say."""

    opens: bool | None = None
    clicks: bool | None = None


def toggled(switches: Switches, said: Toggles) -> tuple[Toggles, Switches]:
    """The toggles that hold for a one-to-one mail, and what is remembered. Raises `SwitchOff` with the input's name."""
    for axis, wanted in ((Axis.OPENS, said.opens), (Axis.CLICKS, said.clicks)):
        if wanted and not switches.on(axis):
            raise SwitchOff(path=(_FIELD[axis],))
    opens = switches.starts(Axis.OPENS) if said.opens is None else said.opens
    clicks = switches.starts(Axis.CLICKS) if said.clicks is None else said.clicks
    remembered = replace(
        switches,
        last_opens=switches.last_opens if said.opens is None else said.opens,
        last_clicks=switches.last_clicks if said.clicks is None else said.clicks,
    )
    return Toggles(opens, clicks), remembered
