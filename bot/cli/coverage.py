"""`besyv coverage`, and what `besyv check` recounts."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.app.settings import read_settings
from bot.cli import WIDE, Process, note, process_row, transact
from bot.features.coverage import service
from bot.features.coverage.service import TOTAL, Coverage, CoverageCell, RegisterCoverage
from bot.flows.model import Group
from bot.process.host import ProcessHost
from storage import coverage_counters, processes
from storage.db import Tx, connect, is_current
from storage.encryption import Keyring

_UNTOLD = ""  # the group of those who have not said whom they answer as


def coverage(process: Process = None) -> None:
    """Show how many have sent, by step and group, and how the register stands."""
    settings, now = read_settings(), int(time.time())

    def unit(tx: Tx, process_host: ProcessHost) -> tuple[Coverage, RegisterCoverage]:
        plan = process_host.plan(tx, process_row(tx, process).id)
        note(tx, plan.process_id, "coverage", "", now)
        return service.look(tx, plan.process_id, service.begun(plan, now)), service.of_register(tx, plan.process_id)

    seen, register = transact(settings, unit)
    Console(highlight=False, width=WIDE).print(_table(seen))
    print(
        f"register: {register.known} known, {register.invited} invited, {register.opened} opened, "
        f"{register.started} started, {register.sent} sent, {register.declined} declined, {register.silent} silent"
    )


def _table(seen: Coverage) -> Table:
    """Sent, by step; the last columns of those who told no group, and of all: people, answers, associations."""
    table = Table("sent", *Group, "not told", "people", "answers", "associations")
    for flow in seen.flows:
        places = [*(("group", group) for group in Group), ("group", _UNTOLD)]
        whole = seen.cell(flow, TOTAL)
        three = (whole.sent, whole.answers, whole.associations or whole.answers)
        table.add_row(
            flow,
            *(_numbers(seen.cell(flow, place)) for place in places),
            *(str(number.value) for number in three),
        )
    return table


def _numbers(cell: CoverageCell) -> str:
    """People; of associations those, and the people behind them where there are more."""
    heard, people = cell.heard.value, cell.sent.value
    return str(people) if heard == people else f"{heard} ({people} people)"


def miscounted(database: Path, key_file: Path) -> list[str]:
    """Where the counters of coverage are not what a recount gives, a line for each process. Nothing is written."""
    if not database.exists():
        return []
    with closing(connect(database)) as connection:
        tx = Tx(connection, Keyring(key_file))
        if not is_current(tx) or tx.one("SELECT 1 FROM sqlite_master WHERE name = 'recount'") is None:
            return []  # an older Besyv's, which is brought up to date at the next start
        tx.run("BEGIN")
        found = [row for row in processes.every(tx) if not coverage_counters.agree(tx, row.id)]
        tx.run("ROLLBACK")
    return [f"the counters of coverage of {row.key} are not what a recount gives" for row in found]
