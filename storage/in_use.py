"""Who works with a database: everybody shares a lock on a file beside it, and who puts another database in its place
has that alone. The kernel lets go of it when a process ends, however that ends; the file itself says nothing, and
stays."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class InUse(Exception):
    """Somebody else works with the database, or puts another in its place."""


def share(database: Path) -> int:
    """Takes part; returns what `leave` takes. Raises InUse while the database is being replaced, OSError."""
    return _locked(database, fcntl.LOCK_SH)


def leave(held: int) -> None:
    os.close(held)


@contextmanager
def shared(database: Path) -> Iterator[None]:
    """Raises InUse, OSError."""
    held = share(database)
    try:
        yield
    finally:
        leave(held)


@contextmanager
def alone(database: Path) -> Iterator[None]:
    """Nobody else works with it meanwhile. Raises InUse where somebody does, OSError."""
    held = _locked(database, fcntl.LOCK_EX)
    try:
        yield
    finally:
        leave(held)


def _locked(database: Path, how: int) -> int:
    there = database.resolve()  # who comes by a link meets who does not
    descriptor = os.open(there.with_name(f"{there.name}-lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise InUse(f"{database.name} is in use") from None
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
