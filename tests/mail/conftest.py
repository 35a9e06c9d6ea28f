"""What the tests of the mail room share: mails to read, and the way back from a stamped mail to the original."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.mail.scan import scan
from app.mail.targets import target_of
from app.mail.template import PIXEL_END, PIXEL_START, Template

OWN = "https://assent.example"
OWN_MAILS = Path(__file__).parent.parent / "mails"
FOOTER = '<p class="assent-footer">Your choices: https://assent.example/p/footer</p>'
PIXEL_URL = "https://assent.example/o/pixel.gif"
MARK = re.compile(r"https://assent\.example/[cs]/(\d+)\.mark")


def folders() -> Iterator[Path]:
    yield OWN_MAILS
    if corpus := os.environ.get("ASSENT_MAIL_CORPUS"):
        yield Path(corpus)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name, ending in (("mail", "html"), ("plain_mail", "txt")):
        if name in metafunc.fixturenames:
            paths = [path for folder in folders() for path in sorted(folder.glob(f"*.{ending}"))]
            metafunc.parametrize(name, [_exact(p) for p in paths], ids=[p.stem for p in paths])


def _exact(path: Path) -> str:
    return path.read_bytes().decode()


@pytest.fixture(scope="session")
def newsletter() -> str:
    return _exact(OWN_MAILS / "newsletter.html")


@pytest.fixture(scope="session")
def receipt() -> str:
    return _exact(OWN_MAILS / "receipt.html")


@pytest.fixture(scope="session")
def letter() -> str:
    return _exact(OWN_MAILS / "letter.html")


@pytest.fixture(scope="session")
def fully_stamped() -> Callable[..., str]:
    """Stamps everything that can be stamped, with marks that `original_of` finds again."""

    def stamp(template: Template, **more: object) -> str:
        arguments = {
            "preferences_url": f"{OWN}/p/way-out",
            "unsubscribe_url": f"{OWN}/u/way-out",
            "links": [f"{OWN}/c/{number}.mark" for number in range(len(template.links))],
            "seal": lambda number, _target: f"{OWN}/s/{number}.mark",
            "pixel_url": PIXEL_URL,
            "footer_html": FOOTER,
        }
        return template.stamp(**{**arguments, **more})

    return stamp


@pytest.fixture(scope="session")
def original_of() -> Callable[[str, str, Template], str]:
    """Takes off what stamping added, and nothing else: footer and pixel once, each mark for the link it replaced."""

    def take_off(stamped: str, html: str, template: Template) -> str:
        added = FOOTER + PIXEL_START + PIXEL_URL + PIXEL_END
        assert stamped.count(added) == 1
        targets = {target for number, target in enumerate(template.links) if number not in template.varying}
        values = (html[at.start : at.end] for at in scan(html).links if target_of(at.value) in targets)
        return MARK.sub(lambda _mark: next(values), stamped.replace(added, ""))

    return take_off
