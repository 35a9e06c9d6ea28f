"""Mail is handed to real servers: encrypted where it can be, never with a password in the clear, never in silence."""

from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pytest

from app.outbox import mailer
from app.outbox.mailer import Mailer, MailNotSent, MailRefused
from tests.outbox.servers import PASSWORD, USER, certificate, sink
from tests.running import free_port

LOGIN = f"{USER}:{quote(PASSWORD, safe='')}"
REPEATING = "{address} is not known here"


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "noreply@example.org", "ada@example.org", "Grüße"
    message.set_content("Hallo")
    message.add_alternative("<p>Hallo</p>", subtype="html")
    return message


async def test_a_plain_server_gets_the_mail_whole(tmp_path: Path):
    async with sink() as server:
        await Mailer(f"smtp://127.0.0.1:{server.port}", tmp_path).send(mail())

    (taken,) = server.taken
    assert (taken["To"], taken["Subject"]) == ("ada@example.org", "Grüße")
    assert [part.get_content_type() for part in taken.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_password_travels_encrypted(scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """By STARTTLS or by TLS from the first byte, with a certificate that `SSL_CERT_FILE` vouches for."""
    context, vouching = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(vouching))
    monkeypatch.setattr(mailer, "_is_here", lambda _host: False)
    kind = {"tls": context} if scheme == "smtps" else {"starttls": context}

    async with sink(**kind, login=True) as server:
        await Mailer(f"{scheme}://{LOGIN}@127.0.0.1:{server.port}", tmp_path).send(mail())

    assert len(server.taken) == 1
    assert server.sessions[0].authenticated


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_certificate_that_nobody_vouches_for_is_no_server(scheme: str, tmp_path: Path):
    context, _ = certificate(tmp_path)
    kind = {"tls": context} if scheme == "smtps" else {"starttls": context}

    async with sink(**kind) as server:
        with pytest.raises(MailNotSent):
            await Mailer(f"{scheme}://127.0.0.1:{server.port}", tmp_path).send(mail())

    assert server.taken == []


async def test_no_password_goes_to_a_server_elsewhere_that_offers_no_encryption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(mailer, "_is_here", lambda _host: False)

    async with sink(login=True) as server:
        with pytest.raises(MailNotSent):
            await Mailer(f"smtp://{LOGIN}@127.0.0.1:{server.port}", tmp_path).send(mail())

    assert server.taken == []


async def test_a_wrong_password_is_the_operators_to_mend_and_no_fault_of_the_mail(tmp_path: Path):
    async with sink(login=True) as server:
        with pytest.raises(MailNotSent):
            await Mailer(f"smtp://{USER}:wrong@127.0.0.1:{server.port}", tmp_path).send(mail())


@pytest.mark.parametrize(
    ("recipient", "text", "kind"),
    [
        (f"450 {REPEATING}", "250 OK", MailNotSent),
        (f"550 {REPEATING}", "250 OK", MailRefused),
        ("250 OK", f"451 {REPEATING}", MailNotSent),
        ("250 OK", f"554 {REPEATING}", MailRefused),
        ("421 going down", "250 OK", MailNotSent),
    ],
)
async def test_4xx_is_for_now_5xx_for_good_and_neither_repeats_the_address(
    tmp_path: Path, recipient: str, text: str, kind: type[Exception]
):
    async with sink() as server:
        server.says = [recipient, text]
        with pytest.raises(kind) as failed:
            await Mailer(f"smtp://127.0.0.1:{server.port}", tmp_path).send(mail())

    assert "ada" not in str(failed.value)
    assert failed.value.__suppress_context__


async def test_a_server_that_is_not_there_is_spared_for_a_moment_and_then_asked_again(tmp_path: Path):
    """Behind the first mail others fail without a knock at its door."""
    port = free_port()
    sending = Mailer(f"smtp://127.0.0.1:{port}", tmp_path, pause=3_600)
    with pytest.raises(MailNotSent):
        await sending.send(mail())

    async with sink(port) as server:
        with pytest.raises(MailNotSent, match="a moment ago"):
            await sending.send(mail())
        sending._spared_until = 0.0
        await sending.send(mail())

    assert len(server.taken) == 1


async def test_one_refused_mail_does_not_spare_the_server(tmp_path: Path):
    async with sink() as server:
        sending = Mailer(f"smtp://127.0.0.1:{server.port}", tmp_path)
        server.says = ["550 no", "250 OK"]
        with pytest.raises(MailRefused):
            await sending.send(mail())
        server.says = ["250 OK", "250 OK"]
        await sending.send(mail())

    assert len(server.taken) == 1


async def test_without_a_server_mails_are_files_that_their_owner_alone_reads(tmp_path: Path):
    await Mailer(None, tmp_path / "outbox").send(mail())

    (file,) = (tmp_path / "outbox").iterdir()
    assert (file.suffix, oct(file.stat().st_mode & 0o777)) == (".eml", "0o600")


async def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path):
    (tmp_path / "outbox").write_text("in the way")

    with pytest.raises(MailNotSent):
        await Mailer(None, tmp_path / "outbox").send(mail())
