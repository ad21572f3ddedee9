"""A message due to thousands at once: how quickly it becomes rows, how quickly it goes out at Telegram's own limits,
and how long whoever answers meanwhile waits for their next question. Each invitation carries its calendar file.

`python -m bench.fan_out` as `make bench` does it; with `--trouble` an outage of two minutes and a storm of refusals
come in the middle, and what each got is counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.answers import walks
from bench.load import Say
from bot.features import process_file
from bot.features.meetings.service import announcements, scheduling
from bot.outbox.kinds import MessageKind
from bot.process.flows import shipped_flows
from bot.process.loading import example, parse_file
from storage import meetings, recipients
from storage.db import Tx, connect, migrate
from storage.encryption import Keyring
from storage.recipients import QueuedMessage
from tests.support import crowd
from tests.support.botapi import Fault, LocalBotApi, Person
from tests.support.world import Bot, ForkServer

ROWS, MANY, ANSWERING = 20_000, 3_000, 20
READS = (3.0, 7.0)  # seconds, before anybody answers
OUTAGE = 120.0  # seconds


# --- rows -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rows:
    """Rows a second: ours, chosen and written in one statement; and the same rows given to bare sqlite3."""

    ours: float
    bare: float


def rows(rounds: int = 3) -> Rows:
    with tempfile.TemporaryDirectory() as folder, closing(connect(Path(folder) / "besyv.db")) as connection:
        migrate(connection)
        tx = Tx(connection, Keyring.open_or_create(Path(folder) / "keys"))
        whom = _town(tx)
        ours, bare = [], []
        for number in range(rounds):
            tx.run("BEGIN IMMEDIATE")
            began = time.perf_counter()
            assert (
                recipients.enqueue(tx, whom, QueuedMessage(f"bench:{number}", MessageKind.INVITED, "1", 0, 1)) == ROWS
            )
            ours.append(ROWS / (time.perf_counter() - began))
            tx.run("ROLLBACK")
            bare.append(_bare(connection, number))
        return Rows(statistics.median(ours), statistics.median(bare))


def _town(tx: Tx) -> recipients.Recipients:
    """A fifth of the people want no messages, live elsewhere, or have said already."""
    file = parse_file(example(), "example.yaml")
    process = process_file.save(tx, file, shipped_flows(file), 0)
    details = meetings.MeetingDetails(title="Fællesmøde", place="Medborgerhuset")
    areas = ("nordby", "havnen")
    facts = meetings.MeetingFacts(
        kind="other",
        details=details,
        starts_at=10**9,
        ends_at=10**9 + 7200,
        invites_at=0,
        groups=("frivillig",),
        areas=areas,
    )
    meeting = meetings.by_id(tx, process, scheduling.make(tx, process, facts, 0))
    assert meeting is not None
    tx.run("BEGIN")
    for number in range(ROWS * 5 // 4):
        spared = number % 5 == 4
        person = tx.insert(
            """INSERT INTO people (process_id, pseudonym, language, reminders, news, notice_version, notice_at,
                                   created_at)
               VALUES (:process, :pseudonym, 'da', :wants, :wants, 'n', 0, 0)""",
            process=process,
            pseudonym=f"p{number}",
            wants=int(not spared),
        )
        tx.run(
            "INSERT INTO capacities (person_id, in_use, stakeholder, area) VALUES (:person, 1, 'frivillig', :area)",
            person=person,
            area=areas[number % 2],
        )
    tx.run("COMMIT")
    return recipients.to_invite(announcements.everyone(meeting))


def _bare(connection: sqlite3.Connection, number: int) -> float:
    connection.execute(
        "CREATE TEMP TABLE IF NOT EXISTS bare (once TEXT UNIQUE, person INTEGER, kind TEXT, due INTEGER)"
    )
    made = [(f"bare:{number}:{person}", person, "meeting-invited", 0) for person in range(ROWS)]
    connection.execute("BEGIN IMMEDIATE")
    began = time.perf_counter()
    connection.executemany("INSERT INTO bare VALUES (?, ?, ?, ?)", made)
    taken = time.perf_counter() - began
    connection.execute("ROLLBACK")
    return ROWS / taken


# --- out, beside people who answer ------------------------------------------------------------------------


@dataclass(frozen=True)
class Out:
    """`a_second`: from the first to the last that went out. Delays in seconds: from what somebody did to the next
    message in their chat."""

    sent: int
    seconds: float
    a_second: float
    answers: int
    median: float
    ninety_ninth: float
    longest: float
    refused: int
    violations: int
    wrongly_told: int  # people who were told never, or more than once


@dataclass
class _Answering:
    """People who walk through a step, and how long each thing they did took to be answered."""

    api: LocalBotApi
    numbers: dict[int, int]
    people: list[Person]
    delays: list[float] = field(default_factory=list)
    out: list[float] = field(default_factory=list)  # when invitations went out
    _acted: dict[int, float] = field(default_factory=dict)

    def got(self, chat: int, message: dict[str, Any]) -> None:
        number, now = self.numbers.get(chat), time.monotonic()
        if number is None:
            self.out.append(now)
            return
        if "edit_date" in message or "text" not in message or crowd.TITLE in message["text"]:
            return
        if (acted := self._acted.pop(chat, None)) is not None:
            self.delays.append(now - acted)
        what = walks(number, message)
        if what is not None:
            asyncio.get_running_loop().call_later(random.uniform(*READS), self._act, number, what)

    def _act(self, number: int, what: Any) -> None:
        person = self.people[number]
        self._acted[person.id] = time.monotonic()
        if isinstance(what, Say):
            person.says(what.text)
        elif what.button in person.buttons:
            person.taps(what.button)

    def begin(self) -> None:
        for number in range(len(self.people)):
            asyncio.get_running_loop().call_later(random.uniform(0, READS[1]), self._act, number, Say("/start"))


async def out(many: int = MANY, *, trouble: bool = False, patience: float = 1200.0) -> Out:
    ahead = crowd.until_a_tuesday_morning(time.time())
    fork_server = ForkServer()
    try:
        with tempfile.TemporaryDirectory() as folder:
            async with LocalBotApi(clock=lambda: time.time() + ahead) as api:
                bot = Bot(api, Path(folder), fork_server)
                bot.ahead = ahead
                await bot.start()
                return await _watched(bot, many, trouble, patience)
    finally:
        fork_server.close()


async def _watched(bot: Bot, many: int, trouble: bool, patience: float) -> Out:
    api = bot.api
    everybody = crowd.gathered(api, many)
    crowd.known(bot, everybody)
    people = [Person(api, f"Svarer {number}") for number in range(ANSWERING)]
    answering = _Answering(api, {person.id: number for number, person in enumerate(people)}, people)
    meeting = crowd.invited(bot)
    await bot.kill()
    api.on_send = answering.got
    await bot.start()
    answering.begin()
    try:
        if trouble:
            await bot.until(lambda: len(answering.out) > many // 3, "a third", 600, every=0.1)
            await _trouble(api)
        await bot.until(lambda: _left(bot, meeting) == 0, "all out", patience, every=0.5)
        await bot.until(lambda: answering.delays != [], "an answer beside them, though few are out at once", patience)
    finally:
        await bot.kill()
    told = crowd.got(api, everybody, f"Invitation: {crowd.TITLE}")
    delays, seconds = sorted(answering.delays), answering.out[-1] - answering.out[0]
    return Out(
        len(answering.out),
        seconds,
        len(answering.out) / seconds,
        len(delays),
        statistics.median(delays),
        delays[int(len(delays) * 0.99)],
        delays[-1],
        sum(r.status == 429 for r in api.refusals),
        len(api.violations),
        sum(times != 1 for times in told.values()),
    )


async def _trouble(api: LocalBotApi) -> None:
    """Nobody gets through for two minutes; then a third of the calls are refused for a while."""
    away = Fault(None, times=10**9, drop_connection_before=True)
    api.inject(away)
    await asyncio.sleep(OUTAGE)
    api.faults.remove(away)
    await asyncio.sleep(5)
    api.inject(Fault("sendDocument", times=20, status=429, retry_after=3))


def _left(bot: Bot, meeting: int) -> int:
    states: Counter[str] = Counter(
        dict(bot.sql("SELECT state, count(*) FROM outbox WHERE about = :it GROUP BY state", it=str(meeting)))
    )
    return states["due"] if states else 1


def report(made: Rows, sent: Out) -> list[str]:
    return [
        f"- {made.ours:,.0f} rows of the outbox a second, chosen and written, against {made.bare:,.0f} by bare "
        f"sqlite3, which is given them: {made.ours / made.bare:.2f}.",
        f"- {sent.sent:,} invitations with their calendar files at Telegram's limits: {sent.a_second:.1f} a second for "
        f"{sent.seconds:.0f} s, beside {ANSWERING} people who answer: {sent.answers:,} replies, the median after "
        f"{sent.median * 1000:.0f} ms, the 99th percentile {sent.ninety_ninth * 1000:.0f} ms, the longest "
        f"{sent.longest * 1000:.0f} ms. Refused with 429: {sent.refused}; violations: {sent.violations}; people told "
        f"never or twice: {sent.wrongly_told}.",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fan_out", description=__doc__)
    parser.add_argument("--many", type=int, default=MANY)
    parser.add_argument("--trouble", action="store_true")
    given = parser.parse_args()
    sent = asyncio.run(out(given.many, trouble=given.trouble))
    print("\n".join(report(rows(), sent)))
    print(json.dumps(sent.__dict__))


if __name__ == "__main__":
    main()
