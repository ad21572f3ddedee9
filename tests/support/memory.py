"""Where tests keep their files: in memory, if there is room. A commit waits for the disk, and a test's need not outlive
it. Proofs stay on the disk: their files are large."""

from __future__ import annotations

import os
from pathlib import Path

from tests.support import sizes

SHARED = Path("/dev/shm")  # Linux; a container may have little of it
ENOUGH = 2 << 30  # bytes; a run leaves a tenth of that


def folder() -> Path | None:
    if sizes.CHOSEN != "test" or not SHARED.is_dir():
        return None
    found = os.statvfs(SHARED)
    return SHARED if found.f_bavail * found.f_frsize >= ENOUGH else None
