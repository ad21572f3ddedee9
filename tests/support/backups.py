"""A town that is backed up, and put back to that moment."""

from __future__ import annotations

from pathlib import Path

from bot.app import restore
from bot.app.restore import Opened
from storage import backup
from storage.backup import Backup
from tests.support.chat import Town


def backed_up(town: Town) -> Backup:
    """As `besyv backup --out`, while the bot runs."""
    folder = town.folder / "copies"
    folder.mkdir(exist_ok=True)
    # the keys lie in the folder above: in a town they are beside the database
    return backup.make(town.folder / "besyv.db", folder, town._settings.key_paths, int(town.clock.now))


async def put_back(town: Town, file: Path) -> Opened:
    """As `besyv restore FILE`; the bot is down."""
    database, now = town.folder / "besyv.db", int(town.clock.now)
    with restore.nobody_else(database), restore.beside(town.folder) as folder:
        opened = await restore.open_backup(town._settings, file, folder, now)
        restore.put_in_place(opened, database, now)
    return opened


async def crashes_and_is_put_back(town: Town, file: Path, after: int = 3600) -> Opened:
    await town.down()
    town.clock.now += after
    opened = await put_back(town, file)
    await town.up()
    return opened
