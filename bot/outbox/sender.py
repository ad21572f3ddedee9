"""Sender of the outbox: claims a message, composes it from how things stand now, sends it on the person's channel, and
settles it.

Killed between sending and settling, a message is sent once more when its lease is over; none is lost. What a channel
does not take now goes back into the outbox.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from bot.backoff import back_off
from bot.codes import hash_of, new_secret
from bot.dialogue import chat_message
from bot.dialogue.reply import Reply
from bot.dialogue.session import EMAIL, TELEGRAM, WEB, Context, Visit, load_person
from bot.flows import schedule
from bot.outbox import compose
from bot.outbox.compose import Composed, ComposedMessage
from bot.outbox.errors import PermanentFailure, RecipientUnreachable, RetryLater
from bot.outbox.kinds import Messages
from storage import email_addresses, erasure_requests, outbox, people, prompts
from storage.db import Database, Tx
from storage.encryption_errors import KeyUnavailable
from storage.outbox import OutboxMessage

log = logging.getLogger(__name__)
AT_ONCE = 60  # people served at the same time: at 24 messages a second two and a half seconds' worth
NOT_READY = 60  # seconds until a channel that is still coming up is tried again
MOST_ATTEMPTS = 10  # then it is the message itself that brings us down


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """A message on its way to where the person is reached. `code` stands in the links of a mail, but of one that asks
    whether the address is theirs."""

    person_id: int
    channel: str
    address: str
    reply: Reply
    code: str = ""
    asks_address: bool = False
    of_login: bool = False  # about who is logged in as them: with no way to stop it


# Returns when the message came to stand in the person's chat, by the channel's clock (UTC seconds); None where it does
# not stand in one. Raises DeliveryError.
Deliver = Callable[[OutboundMessage], Awaitable[int | None]]


@dataclass(slots=True, kw_only=True)
class Sender:
    database: Database
    context: Context
    messages: Messages
    clock: Callable[[], float]
    routes: dict[str, Deliver | None] = field(default_factory=dict)  # None: the channel is coming up
    _resting: dict[str, float] = field(default_factory=dict)  # channel → until when it is not tried
    _complete: asyncio.Event = field(default_factory=asyncio.Event)
    _again: float | None = None  # seconds until the first that was put back is due again
    _stopping: bool = False
    _idle: asyncio.Event = field(default_factory=lambda: _set(asyncio.Event()))

    def expect_channel(self, channel: str) -> None:
        """Registers a channel that is starting: people reached there do not count as unreachable."""
        self.routes.setdefault(channel, None)
        self._complete.clear()

    def connect_channel(self, channel: str, route: Deliver) -> None:
        """Connects a channel that is up: its messages go by this route."""
        self.routes[channel] = route
        if None not in self.routes.values():
            self._complete.set()

    async def _until_complete(self, patience: float) -> None:
        """Until every channel that is expected is there, or patience has run out: the others need not wait longer."""
        if None in self.routes.values():
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._complete.wait()

    async def wind_down(self) -> None:
        """Stops claiming messages and returns when those being sent are settled."""
        self._stopping = True
        await self._idle.wait()

    async def run(self, wake: asyncio.Event, patience: float = 0.0) -> None:
        """Until cancelled. `wake` is set whenever something may be due; what was put back wakes us by itself.
        `patience`: seconds for which channels that are coming up are waited for first."""
        await self._until_complete(patience)
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._again):
                    await wake.wait()
            wake.clear()
            self._idle.clear()
            self._again = None
            try:
                await self.send_due()
            except sqlite3.Error as error:
                log.error("outbox database=%s", type(error).__name__)  # what is due stays due
            finally:
                self._idle.set()

    async def send_due(self) -> int:
        """Everything that is due now; how many messages went out."""
        sent = 0
        while not self._stopping and (claimed := await self.database.write(self._claim)):
            async with asyncio.TaskGroup() as group:
                serving = [group.create_task(self._guarded(rows)) for rows in claimed]
            sent += sum(task.result() for task in serving)
        return sent

    def _claim(self, tx: Tx) -> list[list[OutboxMessage]]:
        now = int(self.clock())
        outbox.expire(tx, now)
        plans = self.context.process_host.plans(tx)
        hours = [(plan.process_id, schedule.next_sending_time(now, plan.hours)) for plan in plans]
        return [part for rows in outbox.claim(tx, now, AT_ONCE, hours) for part in self._apart(rows)]

    def _apart(self, rows: list[OutboxMessage]) -> list[list[OutboxMessage]]:
        """Separates confirmation requests, which go to the unconfirmed address, links in, which go by mail alone, and
        what goes by one channel, from everything else."""
        parts: dict[tuple[bool, bool, str | None], list[OutboxMessage]] = {}
        for row in rows:
            parts.setdefault((self._asks(row), self._lets_in(row), row.only_by), []).append(row)
        return list(parts.values())

    def _lets_in(self, row: OutboxMessage) -> bool:
        kind = self.messages.get(row.kind)
        return kind is not None and kind.lets_in > 0

    def _asks(self, row: OutboxMessage) -> bool:
        """Whether it asks if an address is theirs. An unknown kind is one person's trouble, met later."""
        kind = self.messages.get(row.kind)
        return kind is not None and kind.asks_address

    # --- one person -------------------------------------------------------------------------------------

    async def _guarded(self, rows: list[OutboxMessage]) -> int:
        """One person's trouble is not everybody's: what was not settled is tried again when its lease is over, and
        given up after so many attempts."""
        try:
            return await self._serve_one(rows)
        except (sqlite3.Error, KeyUnavailable) as error:
            log.error("outbox database=%s", type(error).__name__)
        except Exception:  # the one place where a failing message is logged and the others' place kept
            log.exception("outbox=%s", [row.id for row in rows])
        return 0

    async def _serve_one(self, rows: list[OutboxMessage]) -> int:
        """What is due to one person, in order; how many messages."""
        worn_out = [row for row in rows if row.attempts > MOST_ATTEMPTS]
        rows = [row for row in rows if row.attempts <= MOST_ATTEMPTS]
        channel, address, made = await self.database.read(lambda tx: self._made(tx, rows))
        settled = [*made.settled, *((row, "failed") for row in worn_out)]
        if settled:
            await self.database.write(lambda tx: self._settle(tx, settled))
        sent = 0
        for place, composed in enumerate(made.messages):
            code = new_secret() if channel == EMAIL else ""
            first = composed.rows[0]
            message = OutboundMessage(
                first.person_id,
                channel,
                address,
                composed.reply,
                code,
                asks_address=self._asks(first),
                of_login=self.messages[first.kind].of_login,
            )
            try:
                state, at = await self._send(message)
            except RetryLater as later:
                await self._put_back(channel, made.messages[place:], later)
                break
            await self._note(partial(self._settle_composed, composed, state, message, at))
            sent += state == "sent"
        return sent

    def _made(self, tx: Tx, rows: list[OutboxMessage]) -> tuple[str, str, Composed]:
        """Where the person is reached, and what goes there; or what has become of it, if there is nothing to send."""
        person_id = rows[0].person_id if rows else 0
        if rows and self._asks(rows[0]):
            where = self._to_be_confirmed(tx, person_id)
        elif rows and self._lets_in(rows[0]):
            where = self._by_mail(tx, person_id)
        elif rows and rows[0].only_by is not None:
            where = self._by_mail(tx, person_id) if rows[0].only_by == EMAIL else self._in_chat(tx, person_id)
        else:
            where = self._reached(tx, person_id)
        if where is None:
            return "", "", Composed((), tuple((row, "unreachable") for row in rows))
        channel, address, known_as = where
        now = int(self.clock())
        visit = Visit(channel=WEB if channel == EMAIL else channel, address=known_as, now=now, sent_at=now)
        s = load_person(tx, self.context, visit, person_id)
        made = (
            compose.compose(self.messages, s, rows)
            if s is not None
            else Composed((), tuple((row, "unwanted") for row in rows))
        )
        return channel, address, made

    def _reached(self, tx: Tx, person_id: int) -> tuple[str, str, str] | None:
        """Returns channel, address and identity there: the reachable channel the person used last."""
        found: list[tuple[int, str, str, str]] = []
        email = email_addresses.of_person(tx, person_id) if EMAIL in self.routes else None
        for each in people.addresses(tx, person_id):
            last = prompts.last(tx, person_id, each.channel)
            used = max(each.entered_at, last.shown_at if last is not None else 0)
            if each.channel == TELEGRAM and TELEGRAM in self.routes and not each.unreachable:
                found.append((used, TELEGRAM, each.address, each.address))
            if each.channel == WEB and email is not None and email.works:
                found.append((used, EMAIL, email.address, each.address))
        return max(found)[1:] if found else self._left_by_departed(tx, person_id)

    def _left_by_departed(self, tx: Tx, person_id: int) -> tuple[str, str, str] | None:
        """The same of somebody who has erased themselves and waits for an answer."""
        channel, address = erasure_requests.reached(tx, person_id) or ("", "")
        email = email_addresses.of_person(tx, person_id) if channel == EMAIL else None
        if channel not in self.routes or (channel == EMAIL and (email is None or not email.works)):
            return None
        return (channel, address if email is None else email.address, address)

    def _by_mail(self, tx: Tx, person_id: int) -> tuple[str, str, str] | None:
        """The same of a link in, which is for the pages and goes to the mailbox that is confirmed."""
        email = email_addresses.of_person(tx, person_id) if EMAIL in self.routes else None
        at = people.web_address(tx, person_id)
        return (EMAIL, email.address, at) if email is not None and email.works and at is not None else None

    def _in_chat(self, tx: Tx, person_id: int) -> tuple[str, str, str] | None:
        """The same of what goes to Telegram alone."""
        at = [each.address for each in people.addresses(tx, person_id) if each.channel == TELEGRAM]
        return (TELEGRAM, at[0], at[0]) if at and TELEGRAM in self.routes else None

    def _to_be_confirmed(self, tx: Tx, person_id: int) -> tuple[str, str, str] | None:
        """The same of whether a mail address is theirs: it is asked at that address."""
        email = email_addresses.of_person(tx, person_id) if EMAIL in self.routes else None
        return (EMAIL, email.address, "") if email is not None and email.refused_at is None else None

    async def _send(self, message: OutboundMessage) -> tuple[str, int | None]:
        """What became of it, and since when it stands in the person's chat."""
        route, now = self.routes.get(message.channel), self.clock()
        if self._stopping or route is None:
            raise RetryLater(0 if self._stopping else NOT_READY, whole_channel=False)
        if now < (until := self._resting.get(message.channel, 0.0)):
            raise RetryLater(until - now, whole_channel=False)
        try:
            return "sent", await route(message)
        except RecipientUnreachable:
            await self._note(lambda tx: self._lost(tx, message))
            return "unreachable", None
        except PermanentFailure as error:
            log.error("outbox channel=%s error=%s", message.channel, error)
            return "failed", None

    def _lost(self, tx: Tx, message: OutboundMessage) -> None:
        email = email_addresses.of_person(tx, message.person_id) if message.channel == EMAIL else None
        if email is not None and email.address == message.address:  # it may be another by now
            email_addresses.refuse(tx, message.person_id, int(self.clock()))
        if message.channel != EMAIL:
            people.set_unreachable(tx, message.channel, message.address, unreachable=True)

    # --- settled ----------------------------------------------------------------------------------------

    async def _note(self, unit: Callable[[Tx], None]) -> None:
        """Records what became of a message, retrying while the database is in trouble; otherwise it would be sent
        again."""
        waited = 0.0
        for delay in back_off():
            try:
                await self.database.write(unit)
                return
            except sqlite3.Error as error:
                if waited > outbox.LEASE / 2:
                    raise
                log.warning("outbox settle database=%s retry_in=%.1f", type(error).__name__, delay)
            await asyncio.sleep(delay)
            waited += delay

    def _settle(self, tx: Tx, settled: list[tuple[OutboxMessage, str]]) -> None:
        for row, state in settled:
            outbox.settle(tx, row.id, state, int(self.clock()))

    def _settle_composed(
        self, composed: ComposedMessage, state: str, message: OutboundMessage, at: int | None, tx: Tx
    ) -> None:
        first, *others = composed.rows
        code = message.code
        code_hash = hash_of(code) if code and state == "sent" else None
        for row in composed.rows:
            joined = first.id if row in others else None
            outbox.settle(tx, row.id, state, int(self.clock()), joined=joined, code_hash=code_hash)
        if at is not None and not self.messages[first.kind].in_dialogue:  # what is written there next may be about it
            stands = chat_message.of_reply(message.reply, at)
            prompts.interrupt(tx, message.channel, message.address, stands.written())

    async def _put_back(self, channel: str, left: tuple[ComposedMessage, ...], later: RetryLater) -> None:
        """Puts messages back until `later.after` has passed. If the whole channel is in trouble, it rests until
        then."""
        now = self.clock()
        if later.whole_channel:
            if now >= self._resting.get(channel, 0.0):
                log.warning("outbox channel=%s error=%s retry_in=%d", channel, later, later.after)
            self._resting[channel] = now + later.after
        self._again = min(later.after + 1, self._again or later.after + 1)
        ids = [row.id for composed in left for row in composed.rows]
        until = int(now + later.after) + 1
        await self.database.write(lambda tx: outbox.put_back(tx, ids, until))


def _set(event: asyncio.Event) -> asyncio.Event:
    event.set()
    return event
