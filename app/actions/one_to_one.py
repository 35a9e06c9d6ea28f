"""One-to-one mail goes by its user's switches, and each mail starts with the toggles of the last (domain.toggles)."""

from app.actions.unit import Unit
from app.domain.modes import Channel
from app.domain.toggles import ALL_OFF, Switches, Toggles, toggled
from app.storage import deliveries, users
from app.storage.mailings import MailingRow


class Toggling:
    """The toggles of the mails of one call, one after the other."""

    def __init__(self, switches: Switches | None) -> None:
        """`switches` are None where a mail has no toggles but those that it brings."""
        self._before = self.now = switches

    def of_mail(self, said: Toggles) -> Toggles:
        """The toggles that hold for the next mail of the call. Raises `SwitchOff`."""
        if self.now is None:
            return said
        holding, self.now = toggled(self.now, said)
        return holding

    async def remember(self, unit: Unit, mailing: MailingRow, key: str | None) -> None:
        """Keeps the last choice for the user's next mail. A call that was made before under its key chose already."""
        if self.now is None or self.now == self._before or mailing.user_id is None:
            return
        if key is not None and await deliveries.known_batch(
            unit.connection, unit.account_id, mailing.id, key
        ):
            return
        await unit.connection.execute(
            users.SQL.remember, mailing.user_id, self.now.last_opens, self.now.last_clicks
        )


async def toggling(unit: Unit, mailing: MailingRow) -> Toggling:
    """The toggles of a mailing's mails; a one-to-one mailing's user is locked until the transaction ends."""
    if mailing.channel is not Channel.ONE_TO_ONE:
        return Toggling(None)
    user_id = mailing.user_id
    row = None if user_id is None else await users.locked(unit.connection, unit.account_id, user_id)
    return Toggling(ALL_OFF if row is None else row.switches)
