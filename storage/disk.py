"""What was written is on the disk, not on its way there: it outlives a power cut."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def sync(file: Path) -> None:
    """Its content. Raises OSError."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Which files are in it. Not every file system can, and what was done in the folder is done all the same."""
    with suppress(OSError):
        sync(folder)
