"""Keys that nobody in the database has: of people and responses that were lost in a restore, and such as were made and
never used. They are dropped by the operator alone, for another copy of the data may know whose they are."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.app.runtime import open_keys
from bot.app.settings import Settings
from storage import key_watch, person_keys
from storage.db import AT_A_TERMINAL_SECONDS, Tx, connect


def of_nobody(settings: Settings) -> list[bytes]:
    """Their ids. Not those that are about to be overwritten. While a bot works, some are ready for who comes next.
    Raises EncryptionError, sqlite3.Error, SettingsError."""
    keys = open_keys(settings)
    with closing(connect(settings.database_path, AT_A_TERMINAL_SECONDS)) as connection:
        tx = Tx(connection, keys)
        had = {key_id for rows in key_watch.named(tx).values() for key_id, _ in rows}
        waiting = person_keys.due(tx)
    return sorted(keys.people.ids().live.difference(had, waiting))


def named_in(database: Path, key_ids: list[bytes]) -> list[str]:
    """Pseudonyms of those in another copy of the data, which nobody writes to any more, who have such a key; nobody
    where it can't be read."""
    wanted = json.dumps([each.hex() for each in key_ids])
    unchanged = f"{database.resolve().as_uri()}?mode=ro&immutable=1"  # otherwise a log is left beside it
    try:
        with closing(sqlite3.connect(unchanged, uri=True)) as connection:
            rows = connection.execute(
                """SELECT pseudonym FROM people
                   WHERE lower(hex(key_id)) IN (SELECT value FROM json_each(?)) ORDER BY id""",
                (wanted,),
            ).fetchall()
    except sqlite3.Error:  # it is why a backup was restored
        return []
    return [str(pseudonym) for (pseudonym,) in rows]


def drop(settings: Settings, key_ids: list[bytes], now: int) -> None:
    """Overwrites them, in the copy of the key store too. Raises EncryptionError, sqlite3.Error, OSError: then it
    must be done again."""
    store = open_keys(settings).people
    if key_ids:
        store.erase(key_ids, now)
        store.renew_copy()
