"""Files that others get: there whole, or not there at all. Readable by the owner alone, as they hold answers."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from storage.disk import sync_folder


@contextmanager
def whole(out: Path) -> Iterator[IO[bytes]]:
    """A file beside `out` to write to, which takes its place when all of it is on disk. Where something is raised
    inside, `out` stays as it was and nothing is left beside it. Raises OSError."""
    _remove_left_behind(out)
    part = out.with_name(f"{out.name}.part-{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(out.parent)


def _remove_left_behind(out: Path) -> None:
    """Half files of exports that were killed: answers in the clear that nobody else would clear away."""
    for left in out.parent.iterdir():
        name, _, number = left.name.rpartition(".part-")
        if name == out.name and number.isdecimal() and (int(number) == os.getpid() or not _is_alive(int(number))):
            left.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError as error:
        return error.errno != errno.ESRCH
    return True
