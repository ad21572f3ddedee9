"""/health: reports whether this process does its work, for containers and monitoring. Contains no personal data."""

from __future__ import annotations

import sqlite3
from typing import TypedDict

from starlette.requests import Request
from starlette.responses import JSONResponse

from bot.channels.web.context import WebContext
from bot.dialogue.session import Context
from bot.outbox import monitor
from storage import db, heartbeats, inbox
from storage.db import Tx

OLDEST_UPDATE = 300  # seconds an update may wait
SILENT = 300  # seconds without a sign of the poller


class HealthReport(TypedDict):
    """Ages in seconds; None where there is nothing to tell."""

    status: str  # ok, or what is wrong
    database: bool
    migrations: bool
    poller_age: int | None
    oldest_update_age: int | None
    overdue_messages: int  # due for over five minutes and not out; not those to many
    oldest_overdue_age: int | None


_UNREADABLE = HealthReport(
    status="database",
    database=False,
    migrations=False,
    poller_age=None,
    oldest_update_age=None,
    overdue_messages=0,
    oldest_overdue_age=None,
)


async def look(web: WebContext, _: Request) -> JSONResponse:
    try:
        found = await web.database.read(
            lambda tx: _health(tx, web.context, int(web.clock()), telegram=web.telegram_expected)
        )
    except sqlite3.Error:
        found = _UNREADABLE
    return JSONResponse(found, 200 if found["status"] == "ok" else 503)


def _health(tx: Tx, context: Context, now: int, *, telegram: bool) -> HealthReport:
    fetched, oldest = heartbeats.last(tx, heartbeats.FETCHED), inbox.oldest_unsettled(tx)
    current = db.is_current(tx)
    overdue = [monitor.overdue(tx, plan, now) for plan in context.process_host.plans(tx)] if current else []
    health = HealthReport(
        status="ok",
        database=True,
        migrations=current,
        poller_age=now - fetched if telegram and fetched is not None else None,
        oldest_update_age=now - oldest if oldest is not None else None,
        overdue_messages=sum(each.late.messages for each in overdue),
        oldest_overdue_age=max((age for each in overdue if (age := each.age(now)) is not None), default=None),
    )
    if not health["migrations"]:
        health["status"] = "migrations"
    elif health["poller_age"] is not None and health["poller_age"] > SILENT:
        health["status"] = "poller"
    elif health["oldest_update_age"] is not None and health["oldest_update_age"] > OLDEST_UPDATE:
        health["status"] = "updates"
    elif any(each.is_trouble for each in overdue):  # much that goes out in its order is told as a number alone
        health["status"] = "outbox"
    return health
