"""The one list of what Assent reads from its environment; the README repeats it and a test compares the two."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variable:
    """One line of the table: the name, what holds when it is unset, and what it is for."""

    name: str
    unset: str
    description: str


VARIABLES = (
    Variable("DATABASE_URL", "embedded", "PostgreSQL to use, as the application's role; unset starts the embedded server."),
    Variable("ASSENT_OWNER_DATABASE_URL", "DATABASE_URL", "The same database as the role that migrates, partitions and purges."),
    Variable("ASSENT_DATA", "./var", "Folder of the database, the keys, the journal and the outbox."),
    Variable("ASSENT_HOST", "127.0.0.1", "Address that the web server listens on."),
    Variable("ASSENT_PORT", "8000", "Port that the web server listens on."),
    Variable("ASSENT_WORKERS", "1", "Number of web server processes."),
    Variable("ASSENT_PUBLIC_URL", "http://host:port", "Address under which recipients reach Assent; it stands in every link."),
    Variable("ASSENT_SECRET_KEYS", "ASSENT_DATA/keys", "Base64url keys of 32 bytes, comma separated, newest first; the rest still verify."),
    Variable("ASSENT_TRUSTED_PROXIES", "none", "Addresses or networks, comma separated, whose X-Forwarded-For counts."),
    Variable("ASSENT_GEOIP", "none", "File that tells countries of addresses (MMDB); personal events then hold theirs."),
    Variable("ASSENT_BOOTSTRAP_TOKEN", "a random one", "API token of the demo account's owner."),
    Variable("ASSENT_RELAY_PORT", "8025", "Port that the SMTP relay listens on."),
    Variable("ASSENT_SMTP_URL", "ASSENT_DATA/outbox", "Server that takes outgoing mail, smtp:// or smtps://; unset writes .eml files."),
    Variable("ASSENT_TRACKING", "on", "The kill switch of the instance: off tracks nobody."),
    Variable("ASSENT_API_BUDGET", "60000000", "Cost of GraphQL operations and of /messages that a token may spend in a minute, all workers together; 25,000 at least."),
    Variable("ASSENT_ANONYMOUS_REFRESH", "3600", "Seconds between refreshes of anonymous figures; lower is for tests and demos."),
)  # fmt: skip
"""Every variable that Assent reads, in the order in which the README shows them."""
