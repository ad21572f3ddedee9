"""The tests' own mail server: a real one (aiosmtpd) on loopback, in the test's own loop, that keeps what it gets.

Here: what a server may do – refuse, be busy, hang up, ask for a password, offer encryption. Not here: what is expected.
"""

from __future__ import annotations

import asyncio
import datetime
import email.policy
import ipaddress
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, AnyStr

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.patience import PATIENCE

USER, PASSWORD = "frivillig@kommune.example", "hemmelig/kode"
HANG_UP = "hang up"  # an answer that is none: the connection is cut
SILENCE = "silence"  # nor is this one: nothing comes, for as long as the test lasts


@dataclass(frozen=True)
class Received:
    """A mail as it came: the envelope, the bytes, what a reader makes of them, and by which connection, from 1."""

    sender: str
    to: str
    raw: bytes
    message: EmailMessage
    encrypted: bool
    connection: int

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    @property
    def files(self) -> list[EmailMessage]:
        return [part for part in self.message.iter_attachments() if isinstance(part, EmailMessage)]

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


@dataclass
class Mailbox:
    """What the server does is set here, also while it runs; what it saw is kept here."""

    port: int = 0
    wants_login: bool = False  # and offers it, encrypted or not
    at_greeting: str | None = None
    at_login: str | None = None
    at_sender: list[str] = field(default_factory=list)  # one answer each, then it is content
    at_recipient: dict[str, str] = field(default_factory=dict)  # by address
    at_content: list[str] = field(default_factory=list)  # after all of it has come
    per_connection: int = 1000  # mails

    mails: list[Received] = field(default_factory=list)
    connections: int = 0
    logins: list[tuple[str, str]] = field(default_factory=list)
    in_the_clear: bytearray = field(default_factory=bytearray)  # every byte that came unencrypted
    open: set[Answering] = field(default_factory=set)
    empty: asyncio.Event = field(default_factory=asyncio.Event)  # nobody is connected any more
    silent: asyncio.Event = field(default_factory=asyncio.Event)  # somebody waits for an answer that won't come

    def url(self, scheme: str = "smtp", login: str = "", behind: str = "", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{login}{host}:{self.port}{behind}"

    def hang_up(self) -> None:
        """On everybody who is connected, as a server does that has waited long enough."""
        for answering in list(self.open):
            answering.cut()

    async def left(self) -> None:
        """Until nobody is connected. Raises TimeoutError where somebody stays."""
        async with asyncio.timeout(PATIENCE):
            await self.empty.wait()


class Answering(SMTP):
    """One connection."""

    def __init__(self, mailbox: Mailbox, **options: Any) -> None:  # Any: aiosmtpd's own
        super().__init__(Hooks(mailbox), hostname="mail.example", loop=asyncio.get_running_loop(), **options)
        self.mailbox = mailbox
        self.number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not self.number:  # otherwise it is the same one, encrypted from here on
            self.mailbox.connections += 1
            self.number = self.mailbox.connections
            self.mailbox.open.add(self)
            self.mailbox.empty.clear()
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.mailbox.open.discard(self)
        if not self.mailbox.open:
            self.mailbox.empty.set()
        super().connection_lost(error)

    def eof_received(self) -> bool:
        super().eof_received()
        return False  # theirs stays half open for a while

    def data_received(self, data: bytes) -> None:
        if not self.encrypted:
            self.mailbox.in_the_clear += data
        super().data_received(data)

    @property
    def encrypted(self) -> bool:
        return self.transport is not None and self.transport.get_extra_info("sslcontext") is not None

    async def push(self, status: AnyStr) -> None:
        greeting = self.mailbox.at_greeting
        if greeting is None or self.session is None or self.session.host_name is not None:
            await super().push(status)
        else:
            await super().push(await said(self, greeting))

    def cut(self) -> None:
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()


class Hooks:
    """What aiosmtpd asks at each command: the answer to give."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        self.taken = 0

    async def handle_EHLO(
        self, server: Answering, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return responses if self.mailbox.wants_login else [line for line in responses if "AUTH" not in line]

    async def handle_MAIL(
        self, server: Answering, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mailbox.wants_login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        if self.taken >= self.mailbox.per_connection:
            return "421 4.7.0 Too many messages in this connection"
        if self.mailbox.at_sender:
            return await said(server, self.mailbox.at_sender.pop(0))
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: Answering, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.mailbox.at_recipient:
            return await said(server, self.mailbox.at_recipient[address])
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Answering, session: Session, envelope: Envelope) -> str:
        if self.mailbox.at_content:
            return await said(server, self.mailbox.at_content.pop(0))
        self.taken += 1
        self.mailbox.mails.append(received(server, envelope))
        return "250 OK"


async def said(server: Answering, answer: str) -> str:
    if answer == HANG_UP:
        server.cut()
    if answer in (HANG_UP, SILENCE):
        server.mailbox.silent.set()
        await asyncio.Event().wait()  # until the connection is gone
    return answer


def received(server: Answering, envelope: Envelope) -> Received:
    assert envelope.mail_from is not None and envelope.original_content is not None
    (to,), raw = envelope.rcpt_tos, envelope.original_content
    message = BytesParser(EmailMessage, policy=email.policy.default).parsebytes(raw)
    return Received(envelope.mail_from, to, raw, message, server.encrypted, server.number)


@asynccontextmanager
async def mailbox(*, starttls: bool = False, smtps: bool = False) -> AsyncIterator[Mailbox]:
    """A server on a free port of 127.0.0.1, encrypted with a certificate for «localhost» that it made itself."""
    logging.getLogger(
        "mail.log"
    ).disabled = True  # aiosmtpd's: it prints addresses, and tests look for those in the log
    kept = Mailbox()

    def login(server: Answering, session: Session, envelope: Envelope, mechanism: str, given: object) -> AuthResult:
        assert isinstance(given, LoginPassword)
        kept.logins.append((given.login.decode(), given.password.decode()))
        fits = kept.logins[-1] == (USER, PASSWORD)
        return AuthResult(success=fits, handled=False, message=kept.at_login if not fits else None)

    def answering() -> Answering:
        return Answering(kept, authenticator=login, auth_require_tls=False, tls_context=serving() if starttls else None)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(answering, "127.0.0.1", 0, ssl=serving() if smtps else None)
    kept.port = server.sockets[0].getsockname()[1]
    try:
        yield kept
    finally:
        server.close()
        kept.hang_up()
        await asyncio.sleep(0)
        await server.wait_closed()


# --- a certificate of its own -----------------------------------------------------------------------------


@cache
def _certificate() -> tuple[bytes, bytes]:
    """Certificate and key, PEM: for localhost and 127.0.0.1, signed by nobody but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM), secret


@cache
def serving() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "both.pem"
        file.write_bytes(b"".join(_certificate()))
        context.load_cert_chain(file)
    return context


def trusting() -> ssl.SSLContext:
    """For a client that knows the server's certificate, and no other."""
    return ssl.create_default_context(cadata=_certificate()[0].decode())
