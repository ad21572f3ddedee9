"""What one more answer costs when there are many already, and what open conversations cost in memory."""

import asyncio
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from bench import export
from bench.answers import SENTENCE
from bench.load import LoadTap, Say, resident_megabytes
from bot.app.runtime import open_runtime
from bot.app.settings import Settings
from bot.dialogue import dispatch
from bot.dialogue.reply import Reply, Screen, Tap, Verb
from bot.dialogue.session import Context, Visit
from bot.features.identity import arrival
from bot.flows.engine import Said
from storage.db import Database, Tx

TOGETHER = 50  # people who answer at once
WALK = ("Frivillig", "Vil ikke svare", "Nej")  # the start questions
SENDS = (Screen.RECEIPT, Screen.IDLE)


async def cost_of_an_answer(fewer: int = 1_000, more: int = 200_000, probes: int = 2_000) -> tuple[float, float]:
    """CPU milliseconds of one answer, committed with those of `TOGETHER` people, with so many stored before.

    The two databases take turns, three times, and the medians count: a machine that slows down slows both.
    """
    costs: dict[int, list[float]] = {fewer: [], more: []}
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        crowds = {}
        for stored in costs:
            database, key_file = Path(folder, f"{stored}.db"), Path(folder, f"{stored}.key")
            export.build(database, key_file, stored)
            settings = Settings(database=str(database), key_file=str(key_file), _env_file=None)  # type: ignore[call-arg]  # pydantic-settings' own
            runtime = await stack.enter_async_context(open_runtime(settings))
            crowds[stored] = _Crowd(runtime.database, runtime.context)
            await crowds[stored].probe(TOGETHER)  # what is read once is read now
        for _ in range(3):
            for stored, crowd in crowds.items():
                costs[stored].append(await crowd.probe(probes))
    return statistics.median(costs[fewer]), statistics.median(costs[more])


class _Crowd:
    """People who answer through the real use cases, without a channel's cost. `answers` counts what is stored."""

    def __init__(self, database: Database, context: Context) -> None:
        self._database = database
        self._context = context
        self._people = 0
        self._clock = 1_800_000_000
        self.answers = 0

    async def answer_until(self, stored: int) -> None:
        while self.answers < stored:
            await asyncio.gather(*(self._live(self._newcomer()) for _ in range(TOGETHER)))

    async def probe(self, answers: int) -> float:
        begun, before = time.process_time(), self.answers
        await self.answer_until(self.answers + answers)
        return (time.process_time() - begun) * 1000 / (self.answers - before)

    def _newcomer(self) -> str:
        self._people += 1
        return f"newcomer-{self._people}"  # nobody of the database

    async def _live(self, address: str) -> None:
        """One person: in, the start questions, a whole step, sent."""
        reply = await self._database.write(lambda tx: arrival.start(tx, self._context, self._visit(address), ""))
        while reply.screen not in SENDS:
            words, tap = _next(reply)
            reply = await self._database.write(lambda tx, w=words, t=tap: self._act(tx, address, w, t))  # type: ignore[misc]  # bound per turn
            self.answers += words is not None

    def _act(self, tx: Tx, address: str, words: str | None, tap: Tap | None) -> Reply:
        visit = self._visit(address)
        if tap is not None:
            return dispatch.tapped(tx, self._context, visit, tap)
        return dispatch.said(tx, self._context, visit, Said(words or "", visit.sent_at))

    def _visit(self, address: str) -> Visit:
        self._clock += 1
        return Visit(channel="terminal", address=address, now=self._clock, sent_at=self._clock, prompt_seen=True)


def _next(reply: Reply) -> tuple[str | None, Tap | None]:
    for verb in (Verb.ACCEPT, Verb.SEND, Verb.GO, Verb.DONE):
        for move in reply.buttons:
            if move.verb is verb:
                return None, Tap(reply.number, reply.revision, verb, move.place)
    labels = [move.label for move in reply.buttons if move.verb is Verb.PICK]
    if not labels:
        return SENTENCE, None
    return next((label for label in labels if label in WALK), labels[0]), None


def arrives(_: int, message: dict[str, Any]) -> Say | LoadTap | None:
    """Says yes to the notice, and leaves the first question open."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return LoadTap("Jeg er med") if rows and rows[0][0]["text"] == "Jeg er med" else None


async def memory(people: int) -> float:
    """MB resident in the real process with so many people in the middle of a conversation."""
    with tempfile.TemporaryDirectory() as folder:
        return await resident_megabytes(
            [sys.executable, "-m", "bench.besyv_bot"],
            people,
            arrives,
            messages=3 * people,  # the notice, its redrawing, the first question
            environment={
                "BESYV_TELEGRAM_TOKEN": "{token}",
                "BESYV_WEB_PORT": "0",
                "BESYV_TELEGRAM_API": "{api}",
                "BESYV_DATABASE": str(Path(folder) / "besyv.db"),
                "BESYV_KEY_FILE": str(Path(folder) / "besyv.key"),
            },
        )


if __name__ == "__main__":
    print("ms of CPU per answer with 1,000 and 200,000 stored:", asyncio.run(cost_of_an_answer()))
    print("MB with 100 and 20,000 open:", asyncio.run(memory(100)), asyncio.run(memory(20_000)))
