"""The e-mail channel: sends messages of the outbox as mail, with a link for each button.

Not here: what a message says (bot.outbox.compose), how a mail looks (render), SMTP (smtp), when and how often it is
tried (bot.outbox.sender).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from bot import texts
from bot.backoff import back_off
from bot.channels.email import render
from bot.channels.email.smtp import Mail, Mailer, MailFile
from bot.dialogue.reply import Move, Reply
from bot.dialogue.session import Context
from bot.flows.model import Language
from bot.outbox.errors import RetryLater
from bot.outbox.sender import OutboundMessage
from bot.process.file import ProcessFile
from storage import email_addresses, people
from storage.db import Database, Tx
from storage.email_addresses import EmailAddress

log = logging.getLogger(__name__)
FIRST_WAIT, LONGEST_WAIT = 5.0, 300.0  # seconds until a server in trouble is tried again
THIS_ONE = 600.0  # seconds until a server that took others is tried again with one it did not take
CHANGED = 1.0  # seconds: the address is another by now


@dataclass(slots=True)
class EmailChannel:
    mailer: Mailer
    database: Database
    context: Context
    clock: Callable[[], float]
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _waits: Iterator[float] = field(default_factory=lambda: back_off(FIRST_WAIT, LONGEST_WAIT))
    _away_until: float = 0.0

    async def deliver(self, message: OutboundMessage) -> None:
        """Sends the message to the address, if it still belongs to the person. Raises DeliveryError."""
        found = await self.database.read(lambda tx: self._to(tx, message.person_id))
        if found is None or found[0].address != message.address:  # or a stranger would get their links
            raise RetryLater(CHANGED, whole_channel=False)
        mail = self._mail(*found, message)
        # so that mails behind a failed one fail at once instead of each trying the server
        async with self._one_at_a_time:
            if 0 < (left := self._away_until - self.clock()) <= LONGEST_WAIT:  # more: the clock was put back
                raise RetryLater(left, whole_channel=True)
            await self._send(mail)

    async def _send(self, mail: Mail) -> None:
        try:
            await self.mailer.send(mail)
        except RetryLater as later:
            if later.setting:
                log.warning("mail error=%s look_at=%s", later, later.setting)
            seconds = next(self._waits) if later.whole_channel else THIS_ONE
            if later.whole_channel:
                self._away_until = self.clock() + seconds
            else:
                log.info("mail error=%s retry_in=%d", later, seconds)
            raise RetryLater(seconds, whole_channel=later.whole_channel, what=str(later)) from None
        self._waits = back_off(FIRST_WAIT, LONGEST_WAIT)

    def _to(self, tx: Tx, person_id: int) -> tuple[EmailAddress, ProcessFile] | None:
        email, person = email_addresses.of_person(tx, person_id), people.by_id(tx, person_id)
        if email is None or person is None:
            return None
        return email, self.context.process_host.plan(tx, person.process_id).file

    def _mail(self, email: EmailAddress, file: ProcessFile, message: OutboundMessage) -> Mail:
        web, reply, asks = self.context.process_host.web, message.reply, message.asks_address
        stops = not message.of_login
        of_address = f"{web}/mail/{email.code}"
        stop = f"{of_address}/stop"

        def link(move: Move) -> str:
            return of_address if asks else f"{web}/besked/{message.code}/{move.verb}{move.place}"

        drawn = render.draw(
            reply,
            link,
            footer=_footer(reply.language, file, alone=asks or message.of_login),
            municipality=file.municipality.name,
            aside=((texts.say(reply.language, "confirm.no" if asks else "mail.stop"), stop),) if stops else (),
        )
        one_click = (("List-Unsubscribe", f"<{stop}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
        return Mail(email.address, drawn.subject, drawn.text, drawn.html, one_click if stops else (), _files(reply))


def _files(reply: Reply) -> tuple[MailFile, ...]:
    file = reply.files.attachment
    return () if file is None else (MailFile(file.name, file.content, file.type or "application/octet-stream"),)


def _footer(language: Language, file: ProcessFile, *, alone: bool) -> tuple[str, ...]:
    """Returns the footer: why they receive this, that the links are personal, and a contact. `alone`: the contact
    only; a confirmation request may have reached a stranger, and what is about a login was not said yes to."""
    say = partial(texts.say, language)
    contact = say("letter.contact", phone=file.contacts.phone, email=file.contacts.email)
    return (contact,) if alone else (say("letter.why"), say("letter.yours"), contact)
