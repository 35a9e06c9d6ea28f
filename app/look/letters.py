"""Our own mails: one short text, one link, as plain text and as HTML. They are never tracked.

The HTML has no picture and no style sheet; what stands in it stands in the text, too.
"""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from urllib.parse import urlsplit

from app.domain.addresses import Address
from app.look.languages import Language
from app.look.pages import Pages

_PAGES = Pages(Path(__file__).parent / "templates")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one person. `words` is `confirm`, `link` or `ask`; `url` is its one link.

    `question` is asked word for word, in a mail that asks.
    """

    words: str
    account: str
    url: str
    question: str | None = None


def compose(letter: Letter, to: Address, spoken: Language, public_url: str, now: datetime) -> EmailMessage:
    """The mail, multipart text and HTML. It comes from `noreply` at the host of the public URL."""
    host = urlsplit(public_url).hostname or "localhost"
    mail = EmailMessage()
    mail["From"] = Mailbox(_one_line(letter.account), "noreply", _mail_domain(host))
    mail["To"] = to.text
    mail["Subject"] = _one_line(spoken.say(f"mail.{letter.words}.subject", account=letter.account))
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = make_msgid(domain=_mail_domain(host))
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_text(letter, spoken))
    html = _PAGES.render("letter.html", spoken, public_url, letter=letter)
    mail.add_alternative(html, subtype="html")
    return mail


def _text(letter: Letter, spoken: Language) -> str:
    parts = (
        spoken.say(f"mail.{letter.words}.text", account=letter.account),
        *([] if letter.question is None else [letter.question]),
        letter.url,
        spoken.say(f"mail.{letter.words}.else"),
        f"{_one_line(letter.account)} · {spoken.say('mail.untracked')}",
    )
    return "\n\n".join(parts) + "\n"


def _one_line(text: str) -> str:
    """A header has one line, whatever an account is called."""
    return " ".join(text.split())


def _mail_domain(host: str) -> str:
    # A bare IPv6 address is no domain of a mailbox; it only occurs on a developer's machine.
    return "localhost" if ":" in host else host
