"""`besyv reminders`: what will be sent, when and to how many, as the leader sees it under «Beskeder og påmindelser»."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.app.runtime import Runtime, open_runtime
from bot.app.settings import read_settings
from bot.cli import WIDE, Failed, Process, execute, process_row
from bot.dialogue.commands import nobody
from bot.dialogue.session import TERMINAL, Visit
from bot.features import EVENTS, MESSAGES
from bot.features.broadcasts import schedule_panel
from bot.flows import schedule
from bot.flows.schedule import DAY
from bot.outbox import forecast
from bot.outbox.reminders import plan_anew
from bot.texts import moment, say
from storage.db import Tx, connect

FURTHEST = 3660  # days
Row = tuple[str, str, str]


def reminders(
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day; in two weeks where left out.")
    ] = None,
    process: Process = None,
) -> None:
    """Show what will be sent in the next days, and to how many as things stand, in Danish, as the leader sees it.
    Nothing is changed."""
    settings, now = read_settings(), int(time.time())
    ends = _end(until, now)

    async def go() -> list[Row]:
        async with open_runtime(settings) as runtime:
            return _looked_through(runtime, process, now, ends)

    rows = execute(go())
    if not rows:
        print(say("da", "messages.none-until", moment=moment("da", ends)))
        return
    table = Table(*(say("da", f"messages.column.{column}") for column in ("when", "what", "whom")))
    for row in rows:
        table.add_row(*row)
    Console(highlight=False, markup=False, width=WIDE).print(table)


def _end(until: datetime | None, now: int) -> int:
    """UTC seconds up to which is looked: to the end of the day, Danish time."""
    if until is None:
        return now + schedule_panel.DAYS * DAY
    today = schedule.to_local(now)
    if until.date() < today.date():
        raise Failed(f"--until {until:%Y-%m-%d} has passed: give a later day")
    if until.date() > today.date() + timedelta(days=FURTHEST):
        raise Failed(f"--until {until:%Y-%m-%d} is more than {FURTHEST} days away")
    return schedule.start_of(until.date() + timedelta(days=1)) - 1


def _looked_through(runtime: Runtime, process: str | None, now: int, until: int) -> list[Row]:
    """With the reminders of the process as it stands: planned anew where the bot has not done so yet, and rolled
    back."""
    with closing(connect(runtime.database.path)) as connection:
        tx = Tx(connection, runtime.database.keys)
        tx.run("BEGIN IMMEDIATE")
        try:
            plan = runtime.process_host.plan(tx, process_row(tx, process).id)
            if not forecast.is_planned(tx, plan):
                plan_anew(EVENTS, tx, plan, now)
            s = nobody(tx, runtime.context, Visit(channel=TERMINAL, address="", now=now, sent_at=now), plan.process_id)
            coming = [*forecast.waiting(tx, plan, now), *forecast.coming(EVENTS, tx, plan, now, until)]
            return [
                (
                    moment("da", each.at),
                    schedule_panel.named(MESSAGES, s, each.kind, each.about, each.what),
                    schedule_panel.to_people(s, each.people),
                )
                for each in sorted(coming, key=lambda each: each.at)
            ]
        finally:
            tx.run("ROLLBACK")
