"""The second half of erasing somebody: after the rows are gone, their keys are overwritten in the key store and in its
copy. Killed at any point it begins anew; what is done already is done again."""

from __future__ import annotations

import asyncio

from storage import person_keys
from storage.db import Database


async def finish(database: Database, now: int) -> int:
    """How many keys were overwritten. Raises EncryptionError, sqlite3.Error or OSError where key store or copy can't
    be written, or are read just now: it must be called again."""
    due = await database.read(person_keys.due)
    if due:
        store = database.keys.people
        await asyncio.to_thread(store.erase, due, now)
        await asyncio.to_thread(store.renew_copy)
        await database.write(lambda tx: person_keys.settle(tx, due))
    return len(due)
