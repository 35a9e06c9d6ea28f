"""An account's colour as a style sheet, and where colour and logo are served.

    address                    holds
    /look/colours/{rrggbb}.css the colour's palette, made of the address alone
    /look/logos/{digest}       the picture whose SHA-256 this is

Neither address names the account, and what is behind it never changes, so it may be kept for ever.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from app.domain.colours import DARK, LIGHT, Palette, palette

_NAME = re.compile(r"([0-9a-f]{6})\.css")


def colour_path(colour: str) -> str:
    """Where the style sheet of a colour (`#rrggbb`) is served."""
    return f"/look/colours/{colour.removeprefix('#')}.css"


def logo_path(digest: str) -> str:
    """Where the logo of that hexadecimal name is served."""
    return f"/look/logos/{digest}"


def look_of(account: str, colour: str | None, logo: str | None) -> Mapping[str, str | None]:
    """What the base template is told of an account: its name, and where its colour and its logo are."""
    return {
        "account_name": account,
        "colours": colour and colour_path(colour),
        "logo": logo and logo_path(logo),
    }


NO_ACCOUNT: Mapping[str, None] = MappingProxyType(dict.fromkeys(("account_name", "colours", "logo")))
"""The same for a page that is no account's."""


def colour_stylesheet(name: str) -> str | None:
    """The style sheet of that name; None where the name holds no colour."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    colour = f"#{found[1]}"
    light, dark = _rule(palette(colour, LIGHT)), _rule(palette(colour, DARK))
    return f"{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}\n"


def _rule(made: Palette) -> str:
    return f":root {{ --accent: {made.accent}; --on-accent: {made.on_accent}; --tint: {made.tint}; }}"
