"""A budget is used up: it is noted, said in the log, and told to those who lead by bot.features.budgets."""

from __future__ import annotations

import logging

from bot.budgets import Budget
from bot.flows.schedule import DAY
from storage import budgets
from storage.db import Tx

QUIET = DAY  # after which it counts from one again


def note(tx: Tx, process_id: int, budget: Budget, now: int) -> None:
    budgets.note_exceeded(tx, process_id, budget, now, QUIET)
    # A logger to each: the same stands in the log once a minute, and one budget must not hide another (bot.logs).
    log = logging.getLogger(f"bot.budgets.{budget}")
    log.warning("budget=%s process=%d used_up", budget, process_id)
