"""The fetcher: raw getUpdates, committed to the inbox before the offset moves, and an eye on how long we were away.

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

from bot.delivery.lanes import Lanes
from bot.delivery.outside import back_off
from bot.delivery.stripped import KINDS, Raw, stripped
from storage import inbox
from storage.db import Database
from storage.inbox import Incoming

log = logging.getLogger(__name__)

LONG_POLL = 45  # seconds
TAPS_LIVE = 150  # seconds for which Telegram keeps a tap
BEAT_EVERY = 10  # seconds between heartbeats
HEARTBEAT = "fetched"


class Fetcher:
    """Brings updates in until it is cancelled.

    `tapped` gets each fresh tap's query id at once, before it is handled. `away` is called with the time of
    the last fetch when nothing was fetched for longer than Telegram keeps taps, once what had waited is handled.
    """

    def __init__(
        self,
        bot: Bot,
        database: Database,
        lanes: Lanes,
        clock: Callable[[], float],
        *,
        tapped: Callable[[str], None],
        away: Callable[[int], Awaitable[None]],
    ) -> None:
        self._bot = bot
        self._database = database
        self._lanes = lanes
        self._clock = clock
        self._tapped = tapped
        self._away = away
        self._offset = 0  # never one of an earlier run: update ids may start lower after a quiet week
        self._last_beat = 0

    async def run(self) -> None:
        # PTB would rather parse; raw is the point: one faulty update must not stop the others.
        warnings.filterwarnings("ignore", "Please use 'Bot.getUpdates'", PTBUserWarning)
        for update in await self._database.read(inbox.unsettled):
            self._lanes.put(update)
        last_beat = await self._database.read(lambda tx: inbox.last_beat(tx, HEARTBEAT))
        self._last_beat = last_beat or 0
        delays = back_off(1.0)
        while True:
            try:
                await self._lanes.room()
                raws = await self._fetch()
                await self._take_in(raws)
                await self._note_presence()
                delays = back_off(1.0)
            except RetryAfter as error:
                log.warning("getUpdates retry_after=%s", error._retry_after)
                await asyncio.sleep(error._retry_after.total_seconds())
            except (TelegramError, sqlite3.Error) as error:
                delay = next(delays)
                log.warning("getUpdates error=%s retry_in=%.1f", type(error).__name__, delay)
                await asyncio.sleep(delay)

    async def _fetch(self) -> list[Raw]:
        raws: list[Raw] = await self._bot.do_api_request(
            "getUpdates",
            api_kwargs={"offset": self._offset, "timeout": LONG_POLL, "limit": 100, "allowed_updates": list(KINDS)},
            read_timeout=LONG_POLL + 15,
        )
        return raws

    async def _take_in(self, raws: list[Raw]) -> None:
        if not raws:
            return
        batch = [incoming(raw) for raw in raws]
        now = int(self._clock())
        added = await self._database.write(lambda tx: inbox.add(tx, batch, now))
        self._offset = max(new.update_id for new in batch) + 1
        for raw in raws:
            query = raw.get("callback_query")
            if isinstance(query, dict) and isinstance(query.get("id"), str):
                self._tapped(query["id"])
        for update in added:
            self._lanes.put(update)

    async def _note_presence(self) -> None:
        now = int(self._clock())
        before = self._last_beat
        if now - before < BEAT_EVERY:
            return
        if before and now - before > TAPS_LIVE:
            log.warning("away_seconds=%d", now - before)
            await self._away(before)  # first the offers, then the beat: a crash in between offers again
        await self._database.write(lambda tx: inbox.beat(tx, HEARTBEAT, now))
        self._last_beat = now


def incoming(raw: Raw) -> Incoming:
    """The update with the lane it belongs to: who acted, or the group it happened in; 0 where that can't be told."""
    return Incoming(int(raw["update_id"]), lane_of(raw), stripped(raw))


def lane_of(raw: Raw) -> int:
    for kind in KINDS:
        part = raw.get(kind)
        if not isinstance(part, dict):
            continue
        for name in ("from", "chat"):
            actor = part.get(name)
            if isinstance(actor, dict) and isinstance(actor.get("id"), int):
                return int(actor["id"])
    return 0
