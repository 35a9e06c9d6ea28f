"""The same server and the same application, whose tracking door answers a constant: nothing is opened or recorded.

What it does is what any answer costs here. `ASSENT_DATA` and the rest are set as for the real one.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, replace
from typing import Any

from app.main import Front, create_application
from app.tracking.answers import PIXEL, redirect
from app.tracking.door import CLICK_PATH, PIXEL_PATH

LINK = redirect("https://shop.example.com/coats/winter/long?size=40&from=mail")


@dataclass(frozen=True, slots=True)
class Constant:
    """A door that knows its answers beforehand."""

    def minds(self, path: str) -> bool:
        """The same paths as the real one's."""
        return path.startswith((PIXEL_PATH, CLICK_PATH))

    async def __call__(
        self, scope: MutableMapping[str, Any], _receive: Any, send: Callable[[Any], Awaitable[None]]
    ) -> None:
        """Answers as the real one does when all is well."""
        answer = PIXEL if scope["path"].startswith(PIXEL_PATH) else LINK
        await send(answer.start)
        await send(answer.end)


def create_ceiling() -> Front:
    """The application for granian's factory."""
    return replace(create_application(), tracking=Constant())  # type: ignore[arg-type]
