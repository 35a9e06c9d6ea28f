"""The settings: the environment, read once, checked wholly, frozen.

Theory: `variables` lists what is read. `read_settings` looks at every variable before it complains, so that one
start shows all mistakes. An empty variable counts as unset, because compose files pass empty ones on.

Only the standard library is imported, here and in `key_file`: the supervisor and the command line must start in milliseconds.
Who names a file of countries waits a moment longer, until it is known to be one.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

from app.key_file import KeysWrong, kept_keys, read_keys

KEY_FILE = "keys"
"""The file of the data folder that holds the secret keys, unless the environment does."""

LEAST_BUDGET = 25_000
"""What the dearest answer costs with the reading of its document: less would refuse what the limits allow, for ever."""

_HIGHEST_PORT = 65535
_MOST_DIGITS = 20
_DIGITS = re.compile(rf"[0-9]{{1,{_MOST_DIGITS}}}")
_HOST_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?")
# What may stand in an address unescaped (RFC 3986 §2), without what parts a query, a fragment or a user off.
_ADDRESS = re.compile(r"[A-Za-z0-9._~:/\[\]!$&()*+,;=%-]+")
_MAPPED_PREFIX = 96
_YEAR = 365 * 86400
_PRIVATE_FOLDER = 0o700

Network = IPv4Network | IPv6Network
_Value = TypeVar("_Value")


class SettingsInvalid(Exception):
    """The environment is wrong; `sentences` holds one sentence for each mistake, never a secret value."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says, checked. `database_url` is None when the embedded server is meant."""

    database_url: str | None = field(repr=False)
    owner_database_url: str | None = field(repr=False)
    data: Path
    host: str
    port: int
    workers: int
    public_url: str
    secret_keys: tuple[bytes, ...] = field(repr=False)
    trusted_proxies: tuple[Network, ...]
    geoip: Path | None
    bootstrap_token: str | None = field(repr=False)
    relay_port: int
    smtp_url: str | None = field(repr=False)
    tracking: bool
    anonymous_refresh: int
    api_budget: int


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this environment (`os.environ` unless told); makes the data folder and its keys.

    Raises:
        SettingsInvalid: with every mistake at once; nothing was written then.
    """
    reading = _Reading(os.environ if environment is None else environment)
    settings = _settings(reading)
    reading.complain()
    try:
        return _with_folder(settings)
    except OSError as error:
        raise SettingsInvalid([f"ASSENT_DATA cannot be used: {error}; give a folder of your own."]) from error


def _with_folder(settings: Settings) -> Settings:
    settings.data.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    path = settings.data / KEY_FILE
    try:
        return replace(settings, secret_keys=settings.secret_keys or kept_keys(path))
    except KeysWrong as wrong:
        raise SettingsInvalid([f"ASSENT_DATA/keys {wrong}."]) from wrong


def _settings(reading: "_Reading") -> Settings:
    host = reading.read("ASSENT_HOST", _host) or "127.0.0.1"
    port = reading.number("ASSENT_PORT", unset=8000, highest=_HIGHEST_PORT)
    database_url = reading.read("DATABASE_URL", _postgres_url)
    relay_port = reading.number("ASSENT_RELAY_PORT", unset=8025, highest=_HIGHEST_PORT)
    reading.part_ports(port, relay_port)
    return Settings(
        database_url=database_url,
        owner_database_url=reading.owner(database_url),
        data=reading.folder("ASSENT_DATA", unset="./var"),
        host=host,
        port=port,
        workers=reading.number("ASSENT_WORKERS", unset=1, highest=1024),
        public_url=reading.read("ASSENT_PUBLIC_URL", _public_url) or _own_address(host, port),
        secret_keys=reading.read("ASSENT_SECRET_KEYS", _keys) or (),
        trusted_proxies=reading.read("ASSENT_TRUSTED_PROXIES", _networks) or (),
        geoip=reading.read("ASSENT_GEOIP", _countries),
        bootstrap_token=reading.read("ASSENT_BOOTSTRAP_TOKEN", _token),
        relay_port=relay_port,
        smtp_url=reading.read("ASSENT_SMTP_URL", _smtp_url),
        tracking=reading.read("ASSENT_TRACKING", _on_or_off) != "off",
        anonymous_refresh=reading.number("ASSENT_ANONYMOUS_REFRESH", unset=3600, highest=_YEAR),
        api_budget=reading.number("ASSENT_API_BUDGET", unset=60_000_000, lowest=LEAST_BUDGET, highest=10**12),
    )


class _Wrong(Exception):
    """What is wrong with a value and how to mend it, without the name of its variable."""


class _Reading:
    """One look at the environment, which collects its mistakes."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._mistakes: list[str] = []

    def value(self, name: str) -> str | None:
        """The trimmed value, or None when the variable is unset or empty."""
        return self._environment.get(name, "").strip() or None

    def read(self, name: str, parse: Callable[[str], _Value]) -> _Value | None:
        """The parsed value; None when unset or wrong, and wrong is noted."""
        text = self.value(name)
        return None if text is None else self._parsed(name, text, parse)

    def _parsed(self, name: str, text: str, parse: Callable[[str], _Value]) -> _Value | None:
        try:
            return parse(text)
        except _Wrong as wrong:
            self._mistakes.append(f"{name} {wrong}.")
            return None

    def number(self, name: str, *, unset: int, highest: int, lowest: int = 1) -> int:
        """A whole number from `lowest` to `highest`."""

        def parse(text: str) -> int:
            number = int(text) if _DIGITS.fullmatch(text) else None
            if number is None or not lowest <= number <= highest:
                raise _Wrong(f"is {text[:_MOST_DIGITS]!r}: give a whole number from {lowest} to {highest}")
            return number

        return self.read(name, parse) or unset

    def folder(self, name: str, *, unset: str) -> Path:
        """The path of a folder; the default is checked as well, and never used when it is wrong."""
        return self._parsed(name, self.value(name) or unset, _folder) or Path(unset)

    def owner(self, database_url: str | None) -> str | None:
        """The owner's URL, which is the application's where only that is given."""
        owner_url = self.read("ASSENT_OWNER_DATABASE_URL", _postgres_url)
        if owner_url and self.value("DATABASE_URL") is None:
            self._mistakes.append(
                "ASSENT_OWNER_DATABASE_URL is set without DATABASE_URL: set both, or neither for the embedded server.",
            )
        return owner_url or database_url

    def part_ports(self, port: int, relay_port: int) -> None:
        """Notes it when the relay would listen where the web server does."""
        if port == relay_port:
            mistake = f"ASSENT_RELAY_PORT is {port} like ASSENT_PORT: give each a port of its own."
            self._mistakes.append(mistake)

    def complain(self) -> None:
        """Raises what was noted.

        Raises:
            SettingsInvalid: if there was any mistake.
        """
        if self._mistakes:
            raise SettingsInvalid(self._mistakes)


def _postgres_url(text: str) -> str:
    if _split(text).scheme not in {"postgresql", "postgres"}:
        raise _Wrong("is no PostgreSQL address: write postgresql://role:password@host:5432/database")
    return text


def _smtp_url(text: str) -> str:
    parts = _split(text)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise _Wrong(
            "is no mail server: write smtp://user:password@host:587 or smtps://user:password@host:465"
        )
    return text


def _public_url(text: str) -> str:
    """It stands in every link and in headers of mails: nothing in it needs escaping, and nothing but a path follows it."""
    parts = _split(text)
    if _ADDRESS.fullmatch(text) is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _Wrong(
            "is no address that recipients see: write one such as https://mail.example.org, in ASCII "
            "(a domain as xn--…), without blanks, user, query and fragment"
        )
    return text.rstrip("/")


def _host(text: str) -> str:
    """An IP address without brackets, or a host name; whether it is one of this machine shows when the server binds it."""
    if _HOST_NAME.fullmatch(text) is None:
        try:
            ip_address(text)
        except ValueError:
            message = f"is {text!r}: give an IP address or a host name, without port and brackets"
            raise _Wrong(message) from None
    return text


def _split(text: str) -> SplitResult:
    """The parts of an address whose port, if there is one, is a number."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise _Wrong("is no address: check its host, its port and its brackets") from error
    return parts


def _own_address(host: str, port: int) -> str:
    """Where a browser on this machine finds the server; an address of all interfaces is none of a server."""
    name = "localhost" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(_network(part) for part in text.replace(",", " ").split())


def _network(text: str) -> Network:
    try:
        network = ip_network(text, strict=False)
    except ValueError as error:
        message = f"holds {text!r}: write addresses or networks such as 10.0.0.0/8, comma separated"
        raise _Wrong(message) from error
    # Clients are compared as IPv4 where they come as IPv4 within IPv6, and so are proxies.
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if mapped is not None and network.prefixlen >= _MAPPED_PREFIX:
        return ip_network((mapped, network.prefixlen - _MAPPED_PREFIX))
    return network


def _countries(text: str) -> Path:
    path = Path(text).expanduser().resolve()
    if not path.is_file():
        raise _Wrong(f"is {text!r}, and no such file exists: give the path of one, or unset it")
    # Late: who names no file shall not wait for its library.
    from app.countries import Countries, CountriesUnreadable

    try:
        Countries(path).check()
    except CountriesUnreadable as unreadable:
        message = f"is {text!r}, which {unreadable}: give a file of countries or cities, or unset it"
        raise _Wrong(message) from unreadable
    except OSError as error:
        raise _Wrong(f"is {text!r}, which cannot be read: {error.strerror}") from error
    return path


def _folder(text: str) -> Path:
    """A folder that exists, or can be made, and can be written to; a mistake here must not make it."""
    path = Path(text).expanduser().resolve()
    nearest = next(folder for folder in (path, *path.parents) if os.access(folder, os.F_OK))
    if not (os.access(nearest, os.W_OK | os.X_OK) and nearest.is_dir()):
        raise _Wrong(f"is {text!r}, and this user cannot write to {nearest}: give a folder of your own")
    return path


def _token(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text:
        raise _Wrong("holds blanks or signs outside ASCII: give letters, digits and marks only")
    return text


def _on_or_off(text: str) -> str:
    if text not in {"on", "off"}:
        raise _Wrong(f"is {text!r}: write on or off")
    return text


def _keys(text: str) -> tuple[bytes, ...]:
    try:
        return read_keys(text)
    except KeysWrong as wrong:
        raise _Wrong(str(wrong)) from wrong
