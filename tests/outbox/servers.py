"""Real mail servers in this process: plain, with STARTTLS, with TLS; willing, unwilling, and with a password."""

import asyncio
import datetime as dt
import ipaddress
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.running import free_port

USER, PASSWORD = "assent", "s3cret/with:signs"


@dataclass
class Sink:
    """A mail server that keeps what it takes. `says` is its answer to a recipient, and then to a text."""

    port: int
    says: list[str] = field(default_factory=lambda: ["250 OK", "250 OK"])
    taken: list[EmailMessage] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.says[0].startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.says[0].format(address=address)

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.says[1].startswith("250"):
            self.sessions.append(session)
            content = envelope.original_content or b""
            self.taken.append(message_from_bytes(content, policy=policy.default))
        return self.says[1].format(address=envelope.rcpt_tos[0])


def authenticator(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: LoginPassword
) -> AuthResult:
    """Knows one user."""
    return AuthResult(
        success=(given.login, given.password) == (USER.encode(), PASSWORD.encode()), handled=False
    )


@asynccontextmanager
async def sink(
    port: int | None = None,
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    login: bool = False,
) -> AsyncIterator[Sink]:
    """A server until the block ends; `login` asks for the password."""
    kept = Sink(port or free_port())
    options: dict[str, Any] = {
        "hostname": "sink",
        "tls_context": starttls,
        "require_starttls": bool(starttls),
    }
    if login:
        options |= {"authenticator": authenticator, "auth_required": True, "auth_require_tls": bool(starttls)}
    loop = asyncio.get_running_loop()

    def connection() -> SMTP:
        with warnings.catch_warnings():
            # Asking for a password without STARTTLS is what some of these servers are for.
            warnings.simplefilter("ignore", UserWarning)
            return SMTP(kept, loop=loop, **options)

    server = await loop.create_server(connection, "127.0.0.1", kept.port, ssl=tls)
    try:
        yield kept
    finally:
        server.close()
        await server.wait_closed()


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS with a certificate of our own making for 127.0.0.1, and the file that vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    vouching, whole = folder / "ca.pem", folder / "server.pem"
    vouching.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    whole.write_bytes(secret + vouching.read_bytes())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(whole)
    return context, vouching
