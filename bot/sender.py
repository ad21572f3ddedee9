"""Sends what we owe on Telegram: claimed in the outbox, made from how things stand now, sent, settled.

Killed between sending and settling, a message is sent once more when its lease is over; none is lost.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from telegram.error import TelegramError

from bot.conversation import owed as messages
from bot.conversation.situation import Visit, load
from bot.desk import CHANNEL, Desk, Unreachable
from bot.reply import Reply
from storage import outbox, people
from storage.db import Tx
from storage.outbox import Owed

log = logging.getLogger(__name__)

AT_ONCE = 20  # messages claimed together


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
            for one in claimed:
                state = await self._send(one)
                sent += state == "sent"
                await self.desk.database.write(partial(self._settle, one, state))
        return sent

    def _claim(self, tx: Tx) -> list[Owed]:
        now = int(self.clock())
        outbox.expire(tx, now)
        return outbox.claim(tx, now, AT_ONCE)

    def _settle(self, one: Owed, state: str, tx: Tx) -> None:
        outbox.settle(tx, one.id, state, int(self.clock()))

    async def _send(self, one: Owed) -> str:
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
            log.error("outbox=%d error=%s", one.id, type(error).__name__)
            return "failed"
        return "sent"

    def _made(self, tx: Tx, one: Owed) -> tuple[int, Reply] | str:
        """Chat and message; or what has become of it, where there is nothing to send."""
        reached = [a for a in people.addresses(tx, one.person_id) if a.channel == CHANNEL and not a.unreachable]
        if not reached:
            return "unreachable"
        now = int(self.clock())
        address = reached[-1].address
        s = load(tx, self.desk.house, Visit(CHANNEL, address, now, now))
        if s is None or s.person.id != one.person_id:
            return "unwanted"  # at this address they are in another process, or enter answers for others, now
        reply = messages.message(s, one)
        return (int(address), reply) if reply is not None else "unwanted"
