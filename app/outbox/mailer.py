"""Hands a finished mail on: to the SMTP server that `ASSENT_SMTP_URL` names, or to a folder of `.eml` files.

    URL                        encrypted
    smtps://host               TLS from the first byte
    smtp://user:password@host  STARTTLS, or nothing is sent: a password travels in the clear on this machine only
    smtp://host                STARTTLS where the server offers it

Certificates are verified, against the machine's own or those that `SSL_CERT_FILE` names. A server that does not
answer, or takes nobody, is left alone for a few seconds: the mails behind the first one fail at once meanwhile.
"""

import asyncio
import os
import secrets
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from ipaddress import ip_address
from pathlib import Path
from time import monotonic
from urllib.parse import SplitResult, unquote, urlsplit

import aiosmtplib

PAUSE_SECONDS = 5.0
_TIMEOUT_SECONDS = 20
_PERMANENT = 500
_OF_THE_MAIL = (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError)


class MailNotSent(Exception):
    """No server took the mail this time; it may be tried again. The text names no address."""


class MailRefused(Exception):
    """The server refuses this mail for good. The text names no address."""


class Mailer:
    """Sends one mail at a time; `outbox` is the folder of `.eml` files, `pause` how long a lost server is spared."""

    def __init__(self, smtp_url: str | None, outbox: Path, *, pause: float = PAUSE_SECONDS) -> None:
        self._url = urlsplit(smtp_url) if smtp_url else None
        self._outbox = outbox
        self._pause = pause
        self._spared_until = 0.0

    async def send(self, mail: EmailMessage) -> None:
        """Hands the mail on. Raises `MailNotSent` and `MailRefused`."""
        if self._url is None:
            await self._keep(mail)
            return
        if monotonic() < self._spared_until:
            raise MailNotSent("the server did not answer a moment ago")
        try:
            await _hand_over(mail, self._url)
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError, TimeoutError) as failure:
            raise self._said(failure) from None

    def _said(self, failure: Exception) -> MailNotSent | MailRefused:
        """What a failure means, by kind and code alone: the server's own words may repeat the address."""
        of_the_mail = _of_the_mail(failure)
        if of_the_mail is None:
            self._spared_until = monotonic() + self._pause
            return MailNotSent(type(failure).__name__)
        words = f"{type(of_the_mail).__name__} {of_the_mail.code}"
        return MailRefused(words) if of_the_mail.code >= _PERMANENT else MailNotSent(words)

    async def _keep(self, mail: EmailMessage) -> None:
        try:
            await asyncio.to_thread(self._write, mail)
        except OSError as failure:
            raise MailNotSent(type(failure).__name__) from None

    def _write(self, mail: EmailMessage) -> None:
        self._outbox.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{secrets.token_hex(8)}.eml"
        written = self._outbox / f".{name}"
        descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(mail.as_bytes(policy=SMTP))
        # A reader of the folder sees whole mails only.
        written.rename(self._outbox / name)


async def _hand_over(mail: EmailMessage, url: SplitResult) -> None:
    encrypted = url.scheme == "smtps"
    must_encrypt = not encrypted and bool(url.username) and not _is_here(url.hostname or "")
    await aiosmtplib.send(
        mail,
        hostname=url.hostname,
        port=url.port or (465 if encrypted else 587 if must_encrypt else 25),
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        use_tls=encrypted,
        start_tls=True if must_encrypt else None if not encrypted else False,
        timeout=_TIMEOUT_SECONDS,
    )


def _of_the_mail(failure: Exception) -> aiosmtplib.SMTPResponseException | None:
    """The server's answer to this very mail; None where it concerns the connection, or there was no answer."""
    if isinstance(failure, aiosmtplib.SMTPRecipientsRefused):
        return failure.recipients[0]
    return failure if isinstance(failure, _OF_THE_MAIL) else None


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
