"""E-mail: a message as SMTP takes it, the connection it goes by, and what a server's refusal means for the person.

Here: headers, parts, one kept connection. Not here: addresses (bot.texts.email_address), what a mail says
(bot.channels.email.render), when it is sent and how often it is tried (the caller). Nothing is logged here, and no
exception quotes an address or the server's words.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from ipaddress import ip_address
from urllib.parse import unquote

import aiosmtplib

from bot.outbox.errors import RecipientUnreachable, RetryLater
from bot.texts.email_address import sender_of, wire_of

SECONDS_A_STEP = 20.0  # to be connected, to get an answer
_GOODBYE = 2.0  # seconds for an answer to QUIT, when the container is about to be killed


@dataclass(frozen=True, slots=True)
class MailFile:
    name: str
    content: bytes
    type: str  # "text/calendar; method=PUBLISH"; text is UTF-8 unless it says otherwise


@dataclass(frozen=True, slots=True)
class Mail:
    """`headers` are printable ASCII, one line each: List-Unsubscribe and List-Unsubscribe-Post (RFC 8058)."""

    to: str
    subject: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...] = ()
    files: tuple[MailFile, ...] = ()


# --- the server -------------------------------------------------------------------------------------------

_SERVER = re.compile(
    r"(?P<scheme>smtps?)://(?:(?P<user>[^:/?#\s]+):(?P<password>[^/?#\s]+)@)?"
    r"(?P<host>[\w-]{1,63}(?:\.[\w-]{1,63})*|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?/?"
    r"(?:\?starttls=(?P<starttls>required|never))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Server:
    """`starttls`: True, or nothing is sent; None, where the server offers it; False, never."""

    host: str
    port: int
    tls: bool  # from the first byte
    starttls: bool | None
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def proves_itself(self) -> bool:
        """Whether the certificate is verified. Where plaintext would be accepted anyway, any certificate is better than
        none: relays inside an organisation often use self-signed ones (RFC 7435)."""
        return self.tls or self.starttls is True


def server_of(url: str) -> Server:
    """`smtp://[user:password@]host[:port][?starttls=required|never]` or `smtps://…`. Without a port 465 for smtps,
    587 with a password (RFC 6409), else 25. Raises ValueError in words that hold nothing of the address."""
    found = _SERVER.fullmatch(url)
    if found is None:
        raise ValueError(
            "is not an address like smtp://user:password@mail.example:587; a password's / ? # % are %2F %3F %23 %25"
        )
    tls, password = found["scheme"] == "smtps", unquote(found["password"] or "")
    host = found["host"].strip("[]").lower()
    port = int(found["port"] or (465 if tls else 587 if password else 25))
    if not 0 < port < 65536:
        raise ValueError("has no port between 1 and 65535")
    if tls and found["starttls"]:
        raise ValueError("smtps is encrypted from the start: leave out starttls")
    elsewhere = bool(password) and not _is_loopback(host)
    if found["starttls"] == "never" and elsewhere:
        raise ValueError("starttls=never would send the password in the clear")
    starttls = _starttls(found["starttls"], must=elsewhere) if not tls else False
    return Server(host, port, tls, starttls, unquote(found["user"] or ""), password)


def _starttls(wanted: str | None, *, must: bool) -> bool | None:
    if wanted == "never":
        return False
    return True if must or wanted == "required" else None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


# --- a message --------------------------------------------------------------------------------------------

# Parts are made by the email package, headers here: of Python 3.11 to 3.13 it takes an address with a comma apart,
# and encodes a List-Unsubscribe longer than a line so that no reader knows it any more.
_BODY = policy.SMTP.clone(cte_type="7bit")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_PRINTABLE = re.compile(r"[ -~]{1,900}")  # a line is no longer than 998 (RFC 5322 § 2.1.1)
_OURS = ("from", "to", "subject", "date", "message-id", "auto-submitted", "x-auto-response-suppress", "mime-version")


def serialise(mail: Mail, wire: str, sender: Address, now: float) -> bytes:
    """The message with CRLF, in ASCII. `wire`: `mail.to` as it goes over the wire; `now` in seconds UTC.

    Raises ValueError for a header that is not printable ASCII or is one of ours. Control characters in subject and
    file names become blanks.
    """
    lines = "".join(f"{name}: {value}\r\n" for name, value in _headers(mail, wire, sender, now))
    return lines.encode("ascii") + _body(mail).as_bytes()


def _headers(mail: Mail, wire: str, sender: Address, now: float) -> Iterator[tuple[str, str]]:
    yield "From", _mailbox(sender)
    yield "To", wire
    yield "Subject", _words(mail.subject)
    yield "Date", format_datetime(datetime.fromtimestamp(int(now), UTC))
    yield "Message-ID", f"<{secrets.token_hex(16)}@{sender.domain}>"
    # That no machine should answer: RFC 3834 for everybody, the other for Exchange ([MS-OXCMAIL] 2.1.3.2.20).
    # No `Precedence: bulk`: it says nothing more, is no standard, and some filters put what has it out of sight,
    # while this is a message to one person who asked for it.
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "OOF, AutoReply"
    for name, value in mail.headers:
        if not re.fullmatch(r"[A-Za-z0-9-]+", name) or name.lower() in _OURS or not _PRINTABLE.fullmatch(value):
            raise ValueError("a header of a mail is ours to write, or is not one printable line")
        yield name, value


def _mailbox(sender: Address) -> str:
    name = sender.display_name
    return formataddr((name, sender.addr_spec)) if name.isascii() else f"{_words(name)} <{sender.addr_spec}>"


def _words(text: str) -> str:
    """Free text in a header: one line to the reader, folded and encoded on the wire (RFC 2047)."""
    line = _one_line(text)
    if line.isascii() and len(line) <= 60 and "=?" not in line:
        return line
    return Header(line, "utf-8", header_name="Subject").encode(splitchars="", linesep="\r\n")


def _one_line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split(" ")).strip()


def _body(mail: Mail) -> EmailMessage:
    message = EmailMessage(_BODY)
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    for file in mail.files:
        _attach(message, file)
    return message


def _attach(message: EmailMessage, file: MailFile) -> None:
    kind = EmailMessage(_BODY)
    kind["Content-Type"] = file.type
    parameters = dict(kind["Content-Type"].params)
    if kind.get_content_maintype() == "text":
        parameters.setdefault("charset", "utf-8")
    message.add_attachment(
        file.content,
        maintype=kind.get_content_maintype(),
        subtype=kind.get_content_subtype(),
        params=parameters,
        filename=_one_line(file.name),
    )


# --- sending ----------------------------------------------------------------------------------------------


class Mailer:
    """Sends one mail after the other over one connection, which is opened by the first and anew when it is gone.

    `url` and `sender` are those of the settings; `patience` is in seconds, for each step; `context` takes the place
    of the system's certificates. Raises ValueError for a url or sender that is none.
    """

    def __init__(
        self,
        url: str,
        sender: str,
        *,
        clock: Callable[[], float] = time.time,
        patience: float = SECONDS_A_STEP,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server_of(url)
        self._sender = sender_of(sender)
        self._clock = clock
        self._patience = patience
        self._context = context
        self._lock = asyncio.Lock()
        self._smtp: aiosmtplib.SMTP | None = None

    async def send(self, mail: Mail) -> None:
        """Returns when the server has taken it. Raises DeliveryError; killed or cancelled in between, or where
        the connection breaks before the last answer, it may have gone out all the same."""
        wire = wire_of(mail.to)
        if wire is None:
            raise RecipientUnreachable("not an address")
        message = serialise(mail, wire, self._sender, self._clock())
        async with self._lock:
            try:
                with _cancellable():
                    failure = await self._attempt(wire, message)
            except BaseException:  # cancelled half-way: what comes next must not be taken for the rest of this one
                self._drop()
                raise
        # Raised out here, so that the server's answer, which may quote the address, is not even its __context__.
        if failure is not None:
            raise failure

    async def close(self) -> None:
        """Says goodbye. May be called between batches: the next mail connects anew."""
        async with self._lock:
            try:
                if self._smtp is not None:
                    with _cancellable(), suppress(aiosmtplib.SMTPException, OSError):
                        await self._smtp.quit(timeout=_GOODBYE)
            finally:
                self._drop()

    async def _attempt(self, to: str, message: bytes) -> RecipientUnreachable | RetryLater | None:
        try:
            return await self._hand_in(await self._begun(), to, message)
        except (aiosmtplib.SMTPException, OSError) as error:
            self._drop()
            return RetryLater(what=_kind(error), whole_channel=True, setting=_setting(error))

    async def _hand_in(
        self, smtp: aiosmtplib.SMTP, to: str, message: bytes
    ) -> RecipientUnreachable | RetryLater | None:
        try:
            await smtp.rcpt(to)
            await smtp.data(message)
        except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as error:
            await self._reset(smtp)
            return _meaning(error)
        return None

    async def _begun(self) -> aiosmtplib.SMTP:
        """A connection whose server has taken the sender. The kept one may be gone, or have carried enough: then a
        new one, for nothing has been sent yet."""
        if self._smtp is not None:
            try:
                await self._smtp.mail(self._sender.addr_spec)
            except (aiosmtplib.SMTPException, OSError):
                self._drop()
            else:
                return self._smtp
        smtp = self._unconnected()
        await smtp.connect()
        self._smtp = smtp
        await smtp.mail(self._sender.addr_spec)
        return smtp

    def _unconnected(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.tls,
            start_tls=server.starttls,
            tls_context=self._context,
            validate_certs=server.proves_itself,
            timeout=self._patience,
            local_hostname=self._sender.domain,  # this machine's own name may be none that a server takes
        )

    async def _reset(self, smtp: aiosmtplib.SMTP) -> None:
        """This mail was not wanted, the connection is good for the next."""
        try:
            await smtp.rset()
        except (aiosmtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        """At once: what is still unsent goes nowhere."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        if isinstance(smtp.transport, asyncio.WriteTransport):
            smtp.transport.abort()
        smtp.close()


@contextmanager
def _cancellable() -> Iterator[None]:
    """Whatever aiosmtplib waits for: asyncio.wait_for of Python 3.11 swallows a cancellation that comes together with
    what it waits for (https://github.com/python/cpython/issues/86296, mended in 3.12), and the bot would never stop."""
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    yield
    if task is not None and task.cancelling() > before:
        raise asyncio.CancelledError


# RFC 3463 and IANA's list: that the address is none, is no more, or takes no mail at all. Everything else is about our
# server, our sender, our words, what we may, or for now; one block list must not switch off everybody's mail.
_CODE = re.compile(r"\b[245]\.(\d{1,3}\.\d{1,3})\b")
_NO_RECIPIENT = {"1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "4.1"}
_NO_RECIPIENT_IN_WORDS = re.compile(
    r"\bno such (?:user|mailbox|recipient|address|person|account)"
    r"|\b(?:user|recipient|mailbox|account|address)\b.{0,40}\b(?:unknown|not found|does(?:n't| not) exist)"
    r"|\b(?:unknown|invalid|non-?existent) (?:user|recipient|mailbox|account|local[ -]part)",
    re.IGNORECASE,
)
_ABOUT_US = re.compile(
    r"sender|\bfrom\b|\brbl\b|block|blacklist|spam|junk|reputation|relay|authenticat|policy|client host"
    r"|helo|\bspf\b|dmarc",
    re.IGNORECASE,
)
_ABOUT_THE_SENDER = re.compile(r"\b5\.1\.[078]\b|sender", re.IGNORECASE)
_ABOUT_THE_SERVER = re.compile(r"relay|authenticat|\b5\.7\.\d|\brbl\b|block|reputation|client host", re.IGNORECASE)
_SERVER_SETTING, _SENDER_SETTING = "BESYV_SMTP_URL", "BESYV_MAIL_FROM"


def _meaning(error: aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError) -> RecipientUnreachable | RetryLater:
    """RFC 5321 § 4.2.1: 4yz is for now, 5yz for good; 50z and 53z are about the command and about us."""
    good = 500 <= error.code < 600 and error.code // 10 not in (50, 53)
    if isinstance(error, aiosmtplib.SMTPRecipientRefused) and good and _is_no_recipient(error.message):
        return RecipientUnreachable(_kind(error))
    everybody = error.code == aiosmtplib.SMTPStatus.domain_unavailable
    return RetryLater(what=_kind(error), whole_channel=everybody, setting=_setting(error))


def _is_no_recipient(answer: str) -> bool:
    """By its code where it has one (RFC 2034); else by its words."""
    code = _CODE.search(answer)
    if code is not None:
        return code[1] in _NO_RECIPIENT and not _ABOUT_US.search(_without_addresses(answer))
    return bool(_NO_RECIPIENT_IN_WORDS.search(answer)) and not _ABOUT_US.search(_without_addresses(answer))


def _without_addresses(answer: str) -> str:
    """What is refused may be called anything: <relay@…>."""
    return re.sub(r"\S*@\S*", "", answer)


def _setting(error: Exception) -> str:
    """The setting to look at, where the trouble is with the relay and not with one mail."""
    match error:
        case aiosmtplib.SMTPRecipientRefused() | aiosmtplib.SMTPDataError():
            if error.code < 500:
                return ""
            said = _without_addresses(error.message)
            if _ABOUT_THE_SENDER.search(said):
                return _SENDER_SETTING
            return _SERVER_SETTING if error.code == 530 or _ABOUT_THE_SERVER.search(said) else ""
        case aiosmtplib.SMTPSenderRefused():
            return _SERVER_SETTING if error.code == 530 else _SENDER_SETTING if error.code >= 500 else ""
        case aiosmtplib.SMTPReadTimeoutError() | aiosmtplib.SMTPServerDisconnected():
            return ""  # it answered before
        case _:
            return _SERVER_SETTING


def _kind(error: Exception) -> str:
    """What went wrong, without a word of the server's."""
    match error:
        case aiosmtplib.SMTPResponseException():
            return f"{type(error).__name__} {error.code}"
        case aiosmtplib.SMTPConnectError() if isinstance(error.__cause__, OSError):
            return f"{type(error).__name__} {type(error.__cause__).__name__}"
        case aiosmtplib.SMTPException() if type(error) is aiosmtplib.SMTPException:
            return error.message  # aiosmtplib's own words: the server has no STARTTLS, no AUTH
        case _:
            return type(error).__name__
