"""GraphiQL, served from here: no CDN, no inline script, nothing that leaves the instance.

The files in `assets/` are those of the npm packages, byte for byte, named after their versions; `LICENSES.txt` beside
them says whose they are. `start.js` is ours.
"""

from pathlib import Path

from litestar import Response
from litestar.exceptions import NotFoundException

_FOLDER = Path(__file__).parent / "assets"
# Litestar adds the charset to text.
_TYPES = {".js": "text/javascript", ".css": "text/css"}
_ASSETS = {file.name: file.read_bytes() for file in _FOLDER.iterdir() if file.suffix in _TYPES}
_PAGE = (_FOLDER / "graphiql.html").read_bytes()

# GraphiQL's dialogs add a style element while they are open, and nothing in it comes from data.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def page() -> Response[bytes]:
    """The page. It holds no data and no token, so everybody may see it."""
    headers = {
        "Content-Security-Policy": _POLICY,
        "Cache-Control": "no-store",
        "Vary": "Accept",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(_PAGE, status_code=200, media_type="text/html", headers=headers)


def asset(name: str) -> Response[bytes]:
    """A script or style of the page; anything else is not found.

    Raises:
        NotFoundException: There is no such file.
    """
    if name not in _ASSETS:
        raise NotFoundException
    versioned = any(letter.isdigit() for letter in name)
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if versioned else "no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(_ASSETS[name], status_code=200, media_type=_TYPES[Path(name).suffix], headers=headers)
