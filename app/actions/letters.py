"""Sends our own mails, after the transaction that caused them has committed and the answer has gone out."""

import logging
from collections.abc import Sequence
from email.message import EmailMessage

from app.instance import Instance
from app.outbox.mailer import MailNotSent

logger = logging.getLogger(__name__)


async def post(instance: Instance, letters: Sequence[EmailMessage]) -> None:
    """Hands the letters on. A letter that no server takes is logged without its address; the others still go."""
    for letter in letters:
        try:
            await instance.mailer.send(letter)
        except MailNotSent as failure:
            logger.error("A mail of ours was not sent: %s", failure)  # noqa: TRY400  a trace would name people
