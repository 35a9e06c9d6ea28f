"""What the tests of templates share: a mail analysed for our own address, and stamped with its ways out."""

from app.mail.template import Template, analyse

OWN = "https://assent.example"
WAYS_OUT = {"preferences_url": "https://assent.example/p/1", "unsubscribe_url": "https://assent.example/u/1"}


def template_of(html: str) -> Template:
    return analyse(html, own_prefix=OWN)


def stamped(html: str, **how: object) -> str:
    return template_of(html).stamp(**WAYS_OUT, **how)
