"""What people told for somebody to act on: how to reach them, what they need at a meeting. A file of its own, with no
pseudonym in it, so that it can't be laid beside the answers."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from bot.flows import content
from bot.flows.schedule import HOUR
from reports import atomic_file
from reports.answers import failures_told
from reports.cells import CSV, IN_AN_HOUR
from storage import export
from storage.encryption import Keyring

COLUMNS = ("process", "flow", "question", "asked", "group", "text", "answered_at")


def export_contacts(connection: sqlite3.Connection, keys: Keyring, process_key: str, out: Path) -> int:
    """Writes everything kept apart in a process as CSV, oldest first; gives the number of rows. Raises ExportError."""
    form, rows = CSV, 0
    with failures_told(out), export.snapshot(connection), atomic_file.whole(out) as file:
        file.write(form.header(COLUMNS).encode())
        for flow, question, asked, group, encrypted, at in export.kept_apart(connection, process_key):
            text = content.read(keys.decrypt(encrypted)).said
            cells = form.cells(COLUMNS[:-1], (process_key, flow, question, asked, group, text))
            moment = f"{form.hour(at // HOUR)}{IN_AN_HOUR[at % HOUR]}{form.stop}"
            file.write(f"{form.start}{cells}{form.name(COLUMNS[-1])}{moment}".encode())
            rows += 1
    return rows
