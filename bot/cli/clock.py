"""`besyv clock`: whether the clock may be trusted with erasing, and that it is right."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from bot.app.settings import read_settings
from bot.cli import note, transact
from bot.features.privacy import clock as rules
from bot.flows import schedule
from bot.process.host import ProcessHost
from storage import processes
from storage.db import Tx


def clock(
    confirm: Annotated[bool, typer.Option("--confirm", help="The clock is right: erase again what is due.")] = False,
) -> None:
    """Show whether the clock is in doubt, and what waits for that; confirm that it is right."""
    settings, now = read_settings(), int(time.time())

    def unit(tx: Tx, _: ProcessHost) -> rules.ClockDoubt | None:
        if confirm:
            _confirm(tx, now)
        return rules.doubted(tx)

    doubt = transact(settings, unit)
    print(f"the clock says {_shown(now)}")
    if doubt is None:
        print("it is not in doubt")
        return
    print(f"before that it said {_shown(doubt.last)}: nothing is erased by itself until {_shown(doubt.ends_at)}")
    print("if it is right: besyv clock --confirm")


def _confirm(tx: Tx, now: int) -> None:
    rules.confirm(tx, now)
    for row in processes.every(tx):
        note(tx, row.id, "clock-confirmed", "", now)


def _shown(at: int) -> str:
    return f"{schedule.to_local(at):%Y-%m-%d %H:%M}"
