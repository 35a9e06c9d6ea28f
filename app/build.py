"""Builds the instance that the settings describe, for whichever process needs one."""

import logging

from app.instance import Instance
from app.networks import Trusted
from app.outbox.mailer import Mailer
from app.sealing.keyring import Keyring
from app.settings import Settings
from app.storage.database import Database


def build_instance(settings: Settings, database_url: str | None = None) -> Instance:
    """The instance of these settings; nothing is connected or written yet."""
    return Instance(
        database=Database(database_url or settings.database_url or ""),
        keyring=Keyring(settings.secret_keys),
        public_url=settings.public_url,
        mailer=Mailer(settings.smtp_url, settings.data / "outbox"),
        tracking=settings.tracking,
        trusted=Trusted(settings.trusted_proxies),
        anonymous_refresh=settings.anonymous_refresh,
        data=settings.data,
    )


def log_to_stderr() -> None:
    """Log lines of our processes: level, place, sentence; never a person, an address or a token."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    # The client of outgoing mail would name recipients at INFO.
    logging.getLogger("aiosmtplib").setLevel(logging.WARNING)
    # A database that is away is told of in one sentence; the pool would add a traceback for each attempt.
    logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)
