"""`besyv rekey`: everything encrypted anew with a new key."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing

from bot.app.runtime import open_keys
from bot.app.settings import read_settings
from bot.cli import Failed, progress_bar
from storage import in_use
from storage.db import AT_A_TERMINAL_SECONDS, connect


def rekey() -> None:
    """Encrypt everything anew with a new key, and drop the old one."""
    from storage import key_rotation  # noqa: PLC0415  # only this command needs it

    settings = read_settings()
    if not settings.database_path.exists():
        raise Failed(f"there is no database {settings.database}")
    keys = open_keys(settings)
    with (
        in_use.shared(settings.database_path),
        closing(connect(settings.database_path, AT_A_TERMINAL_SECONDS)) as connection,
        progress_bar("rekey") as progress,
    ):
        try:
            done = key_rotation.rotate(connection, keys, progress)
        except (sqlite3.Error, OSError) as error:
            raise Failed(
                f"rekey is not finished: {error}. The old keys stay; run it again, it goes on from there"
            ) from None
    print(f"{done.sealed} {'value' if done.sealed == 1 else 'values'} encrypted with a new key")
    if done.damaged:
        for line in done.damaged:
            sys.stderr.write(f"besyv: {line}\n")
        raise Failed(f"{len(done.damaged)} values can't be opened. They are as they were, and the old keys stay")
