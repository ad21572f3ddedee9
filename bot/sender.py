"""Sends what we owe on Telegram: claimed in the outbox, made from how things stand now, sent, settled.

Killed between sending and settling, a message is sent once more when its lease is over; none is lost. What Telegram
does not take now goes back into the outbox.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from telegram.error import RetryAfter, TelegramError

from bot.conversation import owed as messages
from bot.conversation.situation import Visit, load_person
from bot.desk import CHANNEL, Desk, Unreachable
from bot.flows import schedule
from bot.reply import Reply
from bot.telegram import Meaning, meaning
from storage import outbox, people
from storage.db import Tx
from storage.outbox import Owed

log = logging.getLogger(__name__)

AT_ONCE = 20  # messages claimed together
RETRY = 60  # seconds until Telegram is tried again after it could not be reached
MOST_ATTEMPTS = 10  # then it is the message itself that brings us down


@dataclass(slots=True)
class Sender:
    desk: Desk
    clock: Callable[[], float]

    async def stand_by(self, wake: asyncio.Event) -> None:
        """Until cancelled. `wake` is set whenever something may be due."""
        while True:
            await wake.wait()
            wake.clear()
            try:
                await self.send_due()
            except sqlite3.Error as error:
                log.error("outbox database=%s", type(error).__name__)  # what is due stays due

    async def send_due(self) -> int:
        """Everything that is due now; how many messages went out."""
        sent = 0
        while claimed := await self.desk.database.write(self._claim):
            for place, one in enumerate(claimed):
                try:
                    state = await self._send(one)
                except RetryAfter as error:  # of this chat, which the pacer lets cool
                    await self._put_back([one], error._retry_after.total_seconds())
                    continue
                except TelegramError as error:
                    log.warning("outbox error=%s retry_in=%d", type(error).__name__, RETRY)
                    await self._put_back(claimed[place:], RETRY)
                    return sent
                sent += state == "sent"
                await self.desk.database.write(partial(self._settle, one, state))
        return sent

    async def _put_back(self, owed: list[Owed], seconds: float) -> None:
        until = int(self.clock() + seconds) + 1
        await self.desk.database.write(lambda tx: outbox.put_back(tx, [one.id for one in owed], until))

    def _claim(self, tx: Tx) -> list[Owed]:
        now = int(self.clock())
        outbox.expire(tx, now)
        return outbox.claim(tx, now, AT_ONCE) if schedule.decent(now) == now else []

    def _settle(self, one: Owed, state: str, tx: Tx) -> None:
        outbox.settle(tx, one.id, state, int(self.clock()))

    async def _send(self, one: Owed) -> str:
        if one.attempts > MOST_ATTEMPTS:
            return "failed"
        made = await self.desk.database.read(lambda tx: self._made(tx, one))
        if isinstance(made, str):
            return made
        chat, reply = made
        try:
            await self.desk.send_owed(chat, reply)
        except Unreachable:
            address = str(chat)
            await self.desk.database.write(lambda tx: people.mark_reachable(tx, CHANNEL, address, unreachable=True))
            return "unreachable"
        except TelegramError as error:
            if meaning(error) is Meaning.LATER:
                raise
            log.error("outbox=%d error=%s", one.id, type(error).__name__)
            return "failed"
        return "sent"

    def _made(self, tx: Tx, one: Owed) -> tuple[int, Reply] | str:
        """Chat and message; or what has become of it, where there is nothing to send."""
        reached = [a for a in people.addresses(tx, one.person_id) if a.channel == CHANNEL and not a.unreachable]
        if not reached:
            return "unreachable"
        now, address = int(self.clock()), max(reached, key=lambda each: each.entered_at).address
        s = load_person(tx, self.desk.house, Visit(CHANNEL, address, now, now), one.person_id)
        reply = messages.message(s, one) if s is not None else None
        return (int(address), reply) if reply is not None else "unwanted"
