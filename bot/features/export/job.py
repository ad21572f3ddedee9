"""An export made beside the running bot: in a process of its own, niced, so that nobody's reply waits for it."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from bot.dialogue.reply import Attachment
from reports.answers import Exported
from reports.table_words import TableWords
from storage.db import Database


async def write_export(database: Database, process: str, wanted: str, words: TableWords) -> tuple[Attachment, Exported]:
    """The answers of the process in the wanted format and words, and what they are. Raises RuntimeError where it
    fails."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / f"besyv-{process}.{wanted}"
        named = Path(folder) / "words.json"
        named.write_text(words.to_json(), encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "reports",
            "--database",
            str(database.path),
            "--key-file",
            str(database.keys.path),
            "--key-store",
            str(database.keys.people.path),
            "--process",
            process,
            "--format",
            wanted,
            "--out",
            str(out),
            "--words",
            str(named),
        ]
        child = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        printed, complained = await child.communicate()
        if child.returncode != 0:
            raise RuntimeError(f"export failed: {complained.decode(errors='replace').strip()[:200]}")
        rows, *damaged = map(int, printed.splitlines()[-1].split())
        return Attachment(out.name, out.read_bytes()), Exported(rows, tuple(damaged))
