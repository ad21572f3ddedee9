"""Commands of `besyv`, a module each; `bot.__main__` is their table of contents. Here: what they share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress

from bot.app.runtime import open_runtime
from bot.app.settings import Settings
from bot.features.invitations.service import OPERATOR
from bot.flows.model import Language
from bot.process.host import ProcessHost
from reports import atomic_file
from storage import audit, processes
from storage.db import Tx

T = TypeVar("T")
err = Console(stderr=True, highlight=False)
WIDE = 200  # characters of a table: a line that a narrow terminal folds is better than one that is cut
Process = Annotated[str | None, typer.Option(help="The process's key; the first where left out.")]
English = Annotated[bool, typer.Option("--english", help="In English.")]
Folder = Annotated[Path | None, typer.Option(help="A folder for the files to hand out.")]


class Failed(Exception):
    """Something the operator can mend. One line, or one per fault of a file."""


def language_of(english: bool) -> Language:  # as typer hands it on
    return "en" if english else "da"


def execute(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


def transact(settings: Settings, unit: Callable[[Tx, ProcessHost], T]) -> T:
    """One transaction on the database of the settings."""

    async def go() -> T:
        async with open_runtime(settings) as runtime:
            return await runtime.database.write(lambda tx: unit(tx, runtime.process_host))

    return execute(go())


@contextmanager
def progress_bar(name: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr. Call what it gives with how much is done, and how much there is."""
    with Progress(console=err, transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def process_row(tx: Tx, key: str | None) -> processes.ProcessRow:
    rows = processes.every(tx)
    found = [row for row in rows if key is None or row.key == key]
    if not found:
        raise Failed(f"there is no process {key}; there are {', '.join(row.key for row in rows)}")
    return found[0]


def note(tx: Tx, process_id: int, action: str, detail: str, now: int) -> None:
    """In the audit log, as done on the command line."""
    audit.note(tx, process_id, OPERATOR, action, detail, now)


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Writes the files atomically, creating the folder if necessary. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        with atomic_file.whole(folder / name) as file:
            file.write(content)
