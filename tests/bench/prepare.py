"""How many mails are made a second once a mailing is analysed, beside pytracking on the same mail.

    messages_per_s   mails of 30 kB with 20 links, PERSONAL, ready to be sent, on one core
    peer_per_s       pytracking's HTML adaptation of the same mail, links and pixel encrypted, on one core
    times_peer       the one by the other

Ours has a pixel, twenty links, a preferences link and the List-Unsubscribe headers of each person. Decisions and
deliveries belong to the call, not to the mail, and have figures of their own. The peer comes from PyPI into an
environment of its own; that each of its mails holds what it claims is checked, and so is each kind of ours.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from app.actions.stamping import Letter, Stamped, Stamper
from app.domain.modes import Anonymity, TrackingMode
from app.mail.template import analyse
from app.sealing.keyring import Keyring
from app.sealing.links import Addresses, MailOpener

NAME = "prepare"
PUBLIC_URL = "https://track.example.org"
LINKS = 20
_SIZE = 30_000
_SECONDS = 3.0
_PACKAGES = ("pytracking[html,crypto]==0.2.2",)
_PEER = """
import json, sys, time
from importlib.metadata import version
import pytracking
from pytracking.html import adapt_html
how = pytracking.Configuration(base_open_tracking_url="https://track.example.org/o/",
    base_click_tracking_url="https://track.example.org/c/", encryption_bytestring_key=pytracking.tracking.Fernet.generate_key())
mail, seconds = open(sys.argv[1]).read(), float(sys.argv[2])
made, began = 0, time.perf_counter()
while time.perf_counter() - began < seconds:
    adapted = adapt_html(mail, extra_metadata={"subscriber": made, "mailing": 5}, configuration=how)
    made += 1
took = time.perf_counter() - began
print(json.dumps({"per_s": made / took, "links": adapted.count("https://track.example.org/c/"),
    "pixels": adapted.count("https://track.example.org/o/"),
    "versions": {name: version(name) for name in ("pytracking", "lxml", "cryptography")}}))
"""


async def measure(folder: Path, rows: int, say: Callable[[str], None]) -> dict[str, object]:
    """All figures; each side works for three seconds, whatever the number of rows."""
    mail = made_up_mail()
    say("prepare: mails of our own")
    ours = _ours(mail)
    say("prepare: pytracking from PyPI, in an environment of its own")
    peer = _peer(folder, mail)
    return {
        "bytes": len(mail),
        "messages_per_s": round(ours),
        "peer_per_s": round(peer["per_s"]),
        "times_peer": round(ours / peer["per_s"], 1),
        "peer": ", ".join(f"{name} {version}" for name, version in peer["versions"].items()),
    }


def made_up_mail() -> str:
    """30 kB of a newsletter: tables, styles, text, twenty links and a way out."""
    links = "".join(
        f'<tr><td style="padding:8px 16px;font:16px/1.5 Arial,sans-serif;color:#222"><h2>Offer {number}</h2>'
        f"<p>{'Warm coats for cold days, made to last. ' * 30}</p>"
        f'<a href="https://shop.example.com/coats/{number}?from=mail">Look at it</a></td></tr>'
        for number in range(LINKS)
    )
    head = "<!doctype html><html><head><title>News</title></head><body><table>"
    tail = '</table><p><a href="{{preferences_url}}">Choose</a></p></body></html>'
    return head + links + f"<tr><td>{'x' * (_SIZE - len(head + links + tail) - 17)}</td></tr>" + tail


def _ours(mail: str) -> float:
    keyring = Keyring([bytes(range(32))])
    template = analyse(mail, own_prefix=PUBLIC_URL)
    stamper = Stamper(
        Addresses(keyring, PUBLIC_URL),
        PUBLIC_URL,
        5,
        anonymity=Anonymity.SHARED,
        send_day=None,
        template=template,
        text=None,
        numbers={target: number for number, target in enumerate(template.links, 1)},
        footer=True,
    )
    _checked(keyring, stamper.stamp(_letter(7)))
    made, began = 0, time.perf_counter()
    while time.perf_counter() - began < _SECONDS:
        stamper.stamp(_letter(made))
        made += 1
    return made / (time.perf_counter() - began)


def _letter(number: int) -> Letter:
    return Letter(
        subscriber=UUID(int=number),
        delivery=number,
        opens=TrackingMode.PERSONAL,
        clicks=TrackingMode.PERSONAL,
        opens_yield=False,
        clicks_yield=False,
        merge={},
        locale="en",
        shared_message=False,
        keeping=None,
    )


def _checked(keyring: Keyring, stamped: Stamped) -> None:
    """Every link and the pixel lead to the person of the letter."""
    html = stamped.html or ""
    opener = MailOpener(keyring)
    clicks = [opener.click(part.split('"')[0]) for part in html.split(f"{PUBLIC_URL}/c/")[1:]]
    pixel = opener.pixel(html.split(f"{PUBLIC_URL}/o/")[1].split(".gif")[0])
    assert len(clicks) == LINKS
    assert {getattr(each, "subscriber", None) for each in (pixel, *(click.hit for click in clicks))} == {
        UUID(int=7).bytes
    }
    assert [name for name, _ in stamped.headers] == ["List-Unsubscribe", "List-Unsubscribe-Post"]


def _peer(folder: Path, mail: str) -> dict[str, object]:
    python = folder / "peer" / "bin" / "python"
    uv = str(Path(sys.executable).with_name("uv"))
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(folder / "peer")], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), *_PACKAGES], check=True)
    (folder / "mail.html").write_text(mail)
    said = subprocess.run(
        [str(python), "-c", _PEER, str(folder / "mail.html"), str(_SECONDS)], check=True, capture_output=True
    )
    found: dict[str, object] = json.loads(said.stdout)
    assert (found["links"], found["pixels"]) == (LINKS, 1), found
    return found
