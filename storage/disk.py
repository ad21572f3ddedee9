"""What was written is on the disk, not on its way there: it outlives a power cut."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def sync(path: Path) -> None:
    """The content of a file, or which files are in a folder. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """As `sync`, if it can be: not every file system can, and what was done in the folder is done all the same."""
    with suppress(OSError):
        sync(folder)
