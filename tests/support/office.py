"""A database with the example's process, people in it, and the messages due to them. Not here: anything that talks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from bot.features import EVENTS, process_file
from bot.flows import schedule
from bot.flows.model import Group
from bot.outbox.reminders import enqueue_due
from bot.process.file import ProcessFile
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from storage import outbox, people, runs, step_overrides
from storage.db import Database, Tx
from storage.encryption import Keyring
from storage.outbox import OutboxMessage
from storage.step_overrides import StepOverride
from tests.support.danish_time import local
from tests.support.example import of_example

DAY = 24 * 3600
OPENS = local("2026-03-10 08:00")  # a Tuesday, before one may write
NINE = local("2026-03-10 09:00")
FLOW = "dialog_frivillige"  # asks volunteers and associations


def opening(opens: str, closes: str | None = None) -> ProcessFile:
    """Only two steps: one that has been answered before, and one that opens."""
    whole = of_example().model_dump(mode="json")
    whole["steps"] = [{"flow": "plan"}, {"flow": FLOW, "opens": opens, "closes": closes}]
    return ProcessFile.model_validate(whole)


@dataclass
class Office:
    """One database with the process, and people in it."""

    database: Database
    process_host: ProcessHost
    process_id: int
    _numbers: Any = field(default_factory=lambda: count(1))

    async def somebody(
        self,
        group: str = Group.FRIVILLIG,
        *,
        wants: int | None = 1,
        sent: tuple[str, ...] = ("plan",),
        begun: tuple[str, ...] = (),
        channel: str = "telegram",
        **more: Any,
    ) -> int:
        number = next(self._numbers)

        def unit(tx: Tx) -> int:
            person = people.add(tx, more.get("process", self.process_id), f"p{number}", "da", OPENS - 9 * DAY)
            people.enter(tx, channel, str(700 + number), person, OPENS - 9 * DAY)
            people.accept_notice(tx, person, "notice", OPENS - 9 * DAY)
            known = people.by_id(tx, person)
            assert known is not None
            people.set_profile(tx, replace(known, stakeholder=group, reminders=wants, news=int(wants == 1)))
            for flow in (*sent, *begun):
                run = runs.start(tx, person, flow, 1, OPENS - 8 * DAY)
                if flow in sent:
                    runs.mark_sent(tx, run.id, OPENS - 8 * DAY)
            return person

        return await self.database.write(unit)

    async def enqueue(self, now: int) -> int:
        return await self.database.write(
            lambda tx: enqueue_due(EVENTS, tx, self.process_host.plan(tx, self.process_id), now)
        )

    async def enqueued(self) -> list[tuple[int, str, str]]:
        """To whom, when, until when."""
        rows = await self.database.read(
            lambda tx: tx.all("SELECT person_id, due_at, expires_at FROM outbox ORDER BY person_id, id")
        )
        return [(row[0], shown(row[1]), shown(row[2])) for row in rows]

    async def change(self, state: str, at: int, audience: str = "") -> None:
        change = StepOverride(FLOW, audience, state, at, at, "pseudonym", "fordi")
        await self.database.write(lambda tx: step_overrides.add(tx, self.process_id, change))

    async def do(self, sql: str, **values: Any) -> None:
        await self.database.write(lambda tx: tx.run(sql, **values))


def claim(tx: Tx, now: int) -> list[OutboxMessage]:
    """What is due, of every process, at an hour at which one may write."""
    hours = [(process, 0) for (process,) in tx.all("SELECT id FROM processes")]
    return [one for rows in outbox.claim(tx, now, 20, hours) for one in rows]


def shown(at: int) -> str:
    return f"{schedule.to_local(at):%m-%d %H:%M}"


async def open_office(folder: Path, file: ProcessFile) -> Office:
    database = await Database.open(folder / "besyv.db", Keyring.open_or_create(folder / "keys"))
    process_id = await database.write(lambda tx: process_file.save(tx, file, shipped_flows(file), OPENS - 9 * DAY))
    return Office(database, ProcessHost(file.process), process_id)
