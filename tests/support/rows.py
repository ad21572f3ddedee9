"""A small database in memory, and people in it, written by storage's own functions. Not here: conversations."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from storage import db, people, runs
from storage.db import Tx
from storage.encryption import Keyring

NOW = 1_772_500_000

# Of people with what they answer as now.
PEOPLE = "people JOIN capacities ON capacities.person_id = people.id AND in_use = 1"
_numbers = count(1)


_folder = tempfile.TemporaryDirectory()  # for as long as this process: the key store is made with the first person


@cache
def keys() -> Keyring:
    return Keyring.open_or_create(Path(_folder.name, "besyv.key"))


def standing(*, at: int | None = None, processes: tuple[int, ...] = (1,)) -> Tx:
    """Empty but for the processes; made by all migrations, or by those up to `at`. Gone when nobody holds it."""
    connection = db.connect(Path(":memory:"))
    if at is None:
        db.migrate(connection)
    else:
        for number, script in db.migrations():
            if number <= at:
                for statement in db.statements(script):
                    connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {at}")
    for process in processes:
        connection.execute("INSERT INTO processes VALUES (?, ?, '{}', 1, 0)", (process, f"process-{process}"))
    return Tx(connection, keys())


def came(tx: Tx, process: int = 1, **profile: Any) -> int:
    """Somebody who has said yes to the notice and told about themselves: `came(tx, stakeholder="borger")`."""
    person = people.add(tx, process, f"person-{next(_numbers)}", "da", NOW)
    people.accept_notice(tx, person, "v", NOW)
    tell(tx, person, **profile)
    return person


def tell(tx: Tx, person: int, **profile: Any) -> None:
    told = people.by_id(tx, person)
    assert told is not None
    people.set_profile(tx, replace(told, **profile))


def began(tx: Tx, person: int, flow: str = "plan", at: int = NOW) -> int:
    return runs.start(tx, person, flow, 1, at).id


def sent(tx: Tx, person: int, flow: str = "plan", at: int = NOW) -> int:
    run = began(tx, person, flow, at)
    runs.mark_sent(tx, run, at)
    return run
