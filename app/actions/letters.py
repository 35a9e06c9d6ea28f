"""Sends our own mails, after the transaction that caused them has committed and the answer has gone out."""

import logging
from collections.abc import Sequence
from email.message import EmailMessage
from functools import partial

from app.instance import Instance
from app.outbox.mailer import MailNotSent

logger = logging.getLogger(__name__)


async def post(instance: Instance, letters: Sequence[EmailMessage]) -> None:
    """Hands the letters on, by a queue. One that no server takes is logged without its address; the others still go."""
    for letter in letters:
        try:
            if await instance.posting.run(partial(_sent, instance, letter)) is None:
                logger.error("A mail of ours was not sent: too many wait")
        except MailNotSent as failure:
            logger.error("A mail of ours was not sent: %s", failure)  # noqa: TRY400  a trace would name people


async def _sent(instance: Instance, letter: EmailMessage) -> bool:
    await instance.mailer.send(letter)
    return True
