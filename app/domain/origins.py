"""The websites whose scripts may speak to an account's API.

    https://host[:port]                     taken
    http://localhost, 127.0.0.1, [::1]      taken, for whoever builds a front end on their own machine
    http:// anything else                   refused: whoever is on the way could read the token
    *, null, paths, wildcards               refused: an origin is compared as a whole

Source: Fetch, "CORS protocol"; RFC 6454 §6.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from app.domain.errors import InvalidValue
from app.domain.forms import checked_origin

MOST_ORIGINS = 20
_OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


def checked_origins(origins: Sequence[str], path: str) -> tuple[str, ...]:
    """The origins as browsers send them, each once. Raises `InvalidValue` for the first that cannot be allowed."""
    if len(origins) > MOST_ORIGINS:
        raise InvalidValue(f"An account allows at most {MOST_ORIGINS} origins.", path=(path,))
    return tuple(dict.fromkeys(_checked(each, path, place) for place, each in enumerate(origins)))


def _checked(text: str, path: str, place: int) -> str:
    origin = checked_origin(text, path, place)
    if origin.startswith("http:") and urlsplit(origin).hostname not in _OWN_MACHINE:
        message = "A token is only sent from pages that came encrypted: https://, or http://localhost."
        raise InvalidValue(message, path=(path, place))
    return origin
