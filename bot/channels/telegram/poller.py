"""The poller: raw getUpdates, committed to the inbox before the offset moves, and an eye on how long we were away.

Raw, so that one faulty update can't stop the others; own, so that nothing is acknowledged before it is stored
(docs/decisions/0003). https://core.telegram.org/bots/api#getupdates
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import warnings
from collections.abc import Awaitable, Callable

from telegram import Bot
from telegram.error import RetryAfter, TelegramError
from telegram.warnings import PTBUserWarning

from bot.backoff import PATIENT, Patience, back_off
from bot.channels.telegram.minimise import UPDATE_KINDS, Raw, minimise
from bot.channels.telegram.queues import Queues, Spawn
from storage import heartbeats, inbox
from storage.db import Database
from storage.inbox import IncomingUpdate

log = logging.getLogger(__name__)
LONG_POLL = 45  # seconds
BEAT_EVERY = 10  # seconds between heartbeats
TAPS_LIVE = 150  # seconds for which Telegram keeps a tap
MOST_AT_ONCE = 100  # updates in one answer of Telegram's
BIGGEST = 2**63  # of what the database can hold


class Poller:
    """Fetches updates until it is cancelled.

    `tapped` is called with each tap's query id before the update is stored. After an absence longer than Telegram keeps
    taps, `away` is called once the backlog is stored, with the time of the last fetch and with now; it must note the
    heartbeat with what it does, so that each absence is one.
    """

    def __init__(
        self,
        bot: Bot,
        database: Database,
        queues: Queues,
        clock: Callable[[], float],
        spawn: Spawn,
        *,
        tapped: Callable[[str], None],
        away: Callable[[int, int], Awaitable[None]],
        patience: Patience = PATIENT,
    ) -> None:
        self._bot = bot
        self._database = database
        self._queues = queues
        self._clock = clock
        self._spawn = spawn
        self._tapped = tapped
        self._away = away
        self._patience = patience
        self._offset = 0  # never one of an earlier run: update ids may start lower after a quiet week
        self._last_beat = 0
        self._taken_up = asyncio.Event()  # what an earlier run left is in the queues
        self._last_of_ours = 0  # place in the inbox
        self._long_poll = 0  # at once after a start or trouble, so that an absence is noticed at once

    async def run(self) -> None:
        # PTB would rather parse; raw is the point: one faulty update must not stop the others.
        warnings.filterwarnings("ignore", "Please use 'Bot.getUpdates'", PTBUserWarning)
        delays = back_off(self._patience.call)
        while True:
            try:
                if not self._taken_up.is_set():
                    await self._take_up()
                await self._queues.room()
                raws = await self._fetch()
                await self._take_in(raws)
                if len(raws) < MOST_AT_ONCE:
                    await self._note_presence()
                self._long_poll = LONG_POLL
                delays = back_off(self._patience.call)
            except (TelegramError, sqlite3.Error) as error:
                self._long_poll = 0
                delay = max(next(delays), wanted_delay(error))
                log.warning("getUpdates error=%s retry_in=%.1f", type(error).__name__, delay)
                await asyncio.sleep(delay)

    async def _take_up(self) -> None:
        """What an earlier run left in the inbox comes first."""
        left = await self._database.read(inbox.unsettled)
        self._last_beat = await self._database.read(lambda tx: heartbeats.last(tx, heartbeats.FETCHED) or 0)
        for update in left:
            self._queues.put(update)
        self._last_of_ours = max((update.seq for update in left), default=0)
        self._taken_up.set()

    async def take_up_ours(self, wake: asyncio.Event) -> None:
        """Puts what we have added to the inbox ourselves into the queues, whenever `wake` is set; until cancelled."""
        await self._taken_up.wait()
        delays = back_off(self._patience.call)
        while True:
            await wake.wait()
            wake.clear()
            try:
                await self._put_ours()
                delays = back_off(self._patience.call)
            except sqlite3.Error as error:
                log.error("inbox database=%s", type(error).__name__)
                await asyncio.sleep(next(delays))
                wake.set()

    async def _put_ours(self) -> None:
        for update in await self._database.read(lambda tx: inbox.ours_since(tx, self._last_of_ours)):
            self._queues.put(update)
            self._last_of_ours = update.seq

    async def _fetch(self) -> list[Raw]:
        raws: list[Raw] = await self._bot.do_api_request(
            "getUpdates",
            api_kwargs={
                "offset": self._offset,
                "timeout": self._long_poll,
                "limit": MOST_AT_ONCE,
                "allowed_updates": list(UPDATE_KINDS),
            },
            read_timeout=LONG_POLL + 15,
        )
        return raws

    async def _take_in(self, raws: list[Raw]) -> None:
        batch = [incoming(raw) for raw in raws if is_numbered(raw)]
        if not batch:
            return
        for raw in raws:
            query = raw.get("callback_query")
            if isinstance(query, dict) and isinstance(query.get("id"), str):
                self._tapped(query["id"])
        now = int(self._clock())
        added = await self._database.write(lambda tx: inbox.add(tx, batch, now))
        self._offset = max(new.update_id for new in batch) + 1
        for update in added:
            self._queues.put(update)

    async def _note_presence(self) -> None:
        now = int(self._clock())
        if 0 <= now - self._last_beat < BEAT_EVERY:
            return
        if self._last_beat and now - self._last_beat > TAPS_LIVE:
            await self._away(self._last_beat, now)
            log.warning("away_seconds=%d", now - self._last_beat)
        else:
            await self._database.write(lambda tx: heartbeats.beat(tx, heartbeats.FETCHED, now))
        self._last_beat = now


def wanted_delay(error: Exception) -> float:
    """The seconds that Telegram asks us to wait; 0 where it does not say."""
    return error._retry_after.total_seconds() if isinstance(error, RetryAfter) else 0.0


def is_numbered(raw: Raw) -> bool:
    """Whether the update has a number it can be confirmed by. Telegram's always have."""
    number = raw.get("update_id")
    return isinstance(number, int) and 0 <= number < BIGGEST


def incoming(raw: Raw) -> IncomingUpdate:
    """What we store of the update, and the queue it belongs to."""
    return IncomingUpdate(raw["update_id"], queue_of(raw), minimise(raw))


def queue_of(raw: Raw) -> int:
    """Who acted, or the chat it happened in; 0 where that can't be told."""
    for kind in UPDATE_KINDS:
        part = raw.get(kind)
        if not isinstance(part, dict):
            continue
        for name in ("from", "chat"):
            actor = part.get(name)
            number = actor.get("id") if isinstance(actor, dict) else None
            if isinstance(number, int) and abs(number) < BIGGEST:
                return number
    return 0
