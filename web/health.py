"""/health: whether this process does its work, for containers and for who watches over them. Says nothing of anyone."""

from __future__ import annotations

import sqlite3
from typing import TypedDict

from starlette.requests import Request
from starlette.responses import JSONResponse

from storage import db, inbox
from storage.db import Tx
from web.site import Site

OLDEST_UPDATE = 300  # seconds an update may wait
SILENT = 300  # seconds without a sign of the fetcher


class Health(TypedDict):
    """Ages in seconds; None where there is nothing to tell."""

    status: str  # ok, or what is wrong
    database: bool
    migrations: bool
    fetcher_age: int | None
    oldest_update_age: int | None


async def look(site: Site, _: Request) -> JSONResponse:
    try:
        found = await site.database.read(lambda tx: _health(tx, int(site.clock()), telegram=site.telegram_expected))
    except sqlite3.Error:
        found = Health(status="database", database=False, migrations=False, fetcher_age=None, oldest_update_age=None)
    return JSONResponse(found, 200 if found["status"] == "ok" else 503)


def _health(tx: Tx, now: int, *, telegram: bool) -> Health:
    fetched, oldest = inbox.last_beat(tx, "fetched"), inbox.oldest_unsettled(tx)
    health = Health(
        status="ok",
        database=True,
        migrations=db.is_current(tx),
        fetcher_age=now - fetched if telegram and fetched is not None else None,
        oldest_update_age=now - oldest if oldest is not None else None,
    )
    if not health["migrations"]:
        health["status"] = "migrations"
    elif health["fetcher_age"] is not None and health["fetcher_age"] > SILENT:
        health["status"] = "fetcher"
    elif health["oldest_update_age"] is not None and health["oldest_update_age"] > OLDEST_UPDATE:
        health["status"] = "updates"
    return health
