"""Hands a finished mail on: to the SMTP server that `ASSENT_SMTP_URL` names, or to a folder of `.eml` files.

A URL is `smtp://` (plain, STARTTLS where offered) or `smtps://` (TLS), with user and password where needed.
"""

import asyncio
import os
import secrets
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib


class MailNotSent(Exception):
    """The mail server did not take the mail. Nothing else failed."""


class Mailer:
    """Sends one mail at a time; `outbox` is the folder of `.eml` files."""

    def __init__(self, smtp_url: str | None, outbox: Path) -> None:
        self._url = urlsplit(smtp_url) if smtp_url else None
        self._outbox = outbox

    async def send(self, mail: EmailMessage) -> None:
        """Hands the mail on. Raises `MailNotSent`; its text names no address."""
        if self._url is None:
            await asyncio.to_thread(self._keep, mail)
            return
        try:
            await aiosmtplib.send(
                mail,
                hostname=self._url.hostname,
                port=self._url.port,
                username=unquote(self._url.username) if self._url.username else None,
                password=unquote(self._url.password) if self._url.password else None,
                use_tls=self._url.scheme == "smtps",
                timeout=20,
            )
        except (aiosmtplib.SMTPException, OSError) as failure:
            # The server's own words may repeat the address, so only the kind of failure is passed on.
            raise MailNotSent(type(failure).__name__) from None

    def _keep(self, mail: EmailMessage) -> None:
        self._outbox.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{secrets.token_hex(8)}.eml"
        written = self._outbox / f".{name}"
        descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(mail.as_bytes(policy=SMTP))
        # A reader of the folder sees whole mails only.
        written.rename(self._outbox / name)
