"""`besyv backup`, `besyv restore` and `besyv drill`: a copy of the database, put back, and the same for practice."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from bot.app import lost_keys, restore
from bot.app.restore import Opened, RestoreError
from bot.app.runtime import open_keys
from bot.app.settings import Settings, SettingsError, read_settings
from bot.cli import Failed, execute
from bot.features.backups import service
from bot.flows import schedule
from storage import backup, heartbeats
from storage.backup import Backup, BackupError
from storage.encryption_errors import EncryptionError
from storage.in_use import InUse, alone

SHOWN = 20  # lines of what waits, and of what will be sent


def make_backup(
    out: Annotated[Path, typer.Option(help="The folder for it; not where the keys lie.")],
    keep: Annotated[str | None, typer.Option(help="Remove those made longer ago than this, like 30d.")] = None,
) -> None:
    """Make a backup of the database, also while Besyv runs. The keys are not in it."""
    settings = read_settings()
    try:
        seconds = None if keep is None else service.seconds_of(keep)
    except ValueError as error:
        raise Failed(f"--keep: {error}") from None
    made = _made(settings, out, seconds)
    print(f"{made.path}: {made.size} bytes")


def restore_backup(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    check: Annotated[bool, typer.Option("--check", help="Look through it and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put a backup in the database's place, while Besyv is stopped. What may have been sent since then waits for the
    leader's word."""
    settings, now = read_settings(), int(time.time())
    try:
        if check:
            with TemporaryDirectory(prefix="besyv-restore-") as folder:
                opened = execute(restore.open_backup(settings, file, Path(folder), now))
                _show(opened, file)
        else:
            opened = _restored(settings, file, now, ask=not yes)
    except RestoreError as error:
        raise Failed(str(error)) from None
    for line in opened.unopened:
        sys.stderr.write(f"besyv: {line}\n")
    if opened.unopened:
        raise Failed(f"{len(opened.unopened)} of the values that were tried can't be opened; see `besyv check`")


def _restored(settings: Settings, file: Path, now: int, *, ask: bool) -> Opened:
    database = settings.database_path
    with restore.nobody_else(database), restore.beside(database.resolve().parent) as folder:
        opened = execute(restore.open_backup(settings, file, folder, now))
        _show(opened, file)
        if ask and not typer.confirm(f"Put it in the place of {database}?"):
            raise Failed("nothing was changed")
        left = restore.put_in_place(opened, database, now)
    print(f"restored: {database}")
    for path in left:
        print(f"what was there: {path}. Delete it when nobody needs it any more")
    with _said(f"{database} was restored; whose keys nobody has any more can't be told"):
        _tell_lost(settings, left)
    return opened


def _tell_lost(settings: Settings, left: list[Path]) -> None:
    """Keys of who came after the backup: they stay until the operator drops them."""
    lost = lost_keys.of_nobody(settings)
    names = [name for path in left for name in lost_keys.named_in(path, lost)]
    if names:
        _listed("lost with what came after the backup:", names)
    if lost:
        print(
            f"{_of_nobody(len(lost))}: lost with what came after the backup, or never used. "
            "They stay until you drop them: besyv lost-keys --drop"
        )


def lost(
    drop: Annotated[bool, typer.Option("--drop", help="Overwrite them, while Besyv is stopped.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Count the keys that nobody in the database has: of people who were lost in a restore, and such as were never
    used. Nothing drops them by itself, for another backup may know their people."""
    settings, now = read_settings(), int(time.time())
    if not settings.database_path.exists():
        raise Failed(f"there is no database {settings.database}")
    if not drop:
        print(_of_nobody(len(lost_keys.of_nobody(settings))))
        return
    with _stopped(settings.database_path):
        found = lost_keys.of_nobody(settings)
        question = f"Overwrite {_keys(len(found))}? What only they open, in any backup, is gone for good"
        if found and not yes and not typer.confirm(question):
            raise Failed("nothing was changed")
        lost_keys.drop(settings, found, now)
    print(f"{_keys(len(found))} overwritten" if found else "there was no key to overwrite")


def _keys(number: int) -> str:
    return "1 key" if number == 1 else f"{number} keys"


def _of_nobody(number: int) -> str:
    if number == 0:
        return "every key belongs to somebody in this database"
    return f"{_keys(number)} {'belongs' if number == 1 else 'belong'} to nobody in this database"


@contextmanager
def _stopped(database: Path) -> Iterator[None]:
    """A bot that works has keys ready that nobody has yet."""
    try:
        with alone(database):
            yield
    except InUse:
        raise Failed(f"{database} is in use: stop Besyv first") from None


def drill(
    out: Annotated[Path | None, typer.Option(help="Make the backup here, and keep it.")] = None,
) -> None:
    """Practise: make a backup, restore it into a folder of its own, look through it, and say how long that took."""
    settings, began = read_settings(), time.monotonic()
    now = int(time.time())
    with TemporaryDirectory(prefix="besyv-drill-") as folder:
        made = _made(settings, out or Path(folder), None, is_kept=out is not None)
        backed_up = time.monotonic()
        with _said(f"{made.path} was made, but could not be restored for practice"):
            (work := Path(folder) / "restored").mkdir(mode=0o700)
            opened = execute(restore.open_backup(settings, made.path, work, now))
            _show(opened, made.path)
            _require_nothing_lost(made, opened)
    print(f"backup: {made.size} bytes in {backed_up - began:.1f} s; restore: {time.monotonic() - backed_up:.1f} s")
    if opened.unopened:
        raise Failed(f"{len(opened.unopened)} values can't be opened: {opened.unopened[0]}")
    with _said("the drill went well, but the database does not know of it"):
        backup.note(settings.database_path, heartbeats.DRILLED, now)


def _made(settings: Settings, folder: Path, keep: int | None, *, is_kept: bool = True) -> Backup:
    """Made, noted if it is kept, the copy of the keys renewed, older ones removed. Raises Failed, which says how far it
    came."""
    now = int(time.time())
    try:
        made = backup.make(settings.database_path, folder, settings.key_paths, now)
    except BackupError as error:
        raise Failed(str(error)) from None
    if is_kept:
        with _said(f"{made.path} was made and is whole, but the database does not know of it"):
            backup.note(settings.database_path, heartbeats.BACKED_UP, made.at)
    with _said(f"{made.path} was made and is whole, but the copy of the key store was not renewed"):
        open_keys(settings).people.renew_copy()  # so that no backup is newer than its keys
    if keep is not None:
        with _said(f"{made.path} was made and is whole"):
            backup.remove_older(folder, now - keep, made)
    return made


@contextmanager
def _said(done: str) -> Iterator[None]:
    """What was done before it went wrong is said with what went wrong."""
    try:
        yield
    except (BackupError, RestoreError, SettingsError, EncryptionError, InUse, sqlite3.Error, OSError) as error:
        raise Failed(f"{done}: {error}") from None


def _require_nothing_lost(made: Backup, opened: Opened) -> None:
    """What was made safe holds as many people and answers as the backup."""
    before = backup.counted(made.path)
    after = (opened.figures.people, opened.figures.answers, opened.figures.sent)
    if before != after:
        raise Failed(f"the backup holds {before} people, answers and sent; restored it holds {after}")


def _show(opened: Opened, file: Path) -> None:
    found = opened.figures
    print(f"{file}: a backup of {_shown(opened.copied_at)}, schema {opened.version}, whole")
    print(f"{found.people} people, {found.answers} answers, {found.sent} times sent, {found.due} messages due")
    _listed(
        "may have been sent since, and wait for the leader's word:",
        [f"{each.messages} x {each.kind} {each.about}".rstrip() for each in opened.held],
    )
    _listed(
        "will be sent by themselves in two weeks:",
        [f"{_shown(each.at)}: {each.people} x {each.kind} {each.about}".rstrip() for each in opened.coming],
    )


def _listed(title: str, lines: list[str]) -> None:
    print(title, *([] if lines else ["nothing"]))
    for line in lines[:SHOWN]:
        print(f"  {line}")
    if len(lines) > SHOWN:
        print(f"  and {len(lines) - SHOWN} more")


def _shown(at: int) -> str:
    return f"{schedule.to_local(at):%Y-%m-%d %H:%M}"
