"""The least that an answer in JSON costs here: one Litestar route on the same server."""

from litestar import Litestar, get


@get("/", media_type="application/json")
async def bare() -> dict[str, str]:
    """A constant, as JSON."""
    return {"hello": "world"}


def create_bare() -> Litestar:
    """The application for granian's factory."""
    return Litestar([bare], openapi_config=None, logging_config=None)
