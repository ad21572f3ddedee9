"""`besyv` as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

BESYV = Path(sys.executable).with_name("besyv")


def besyv(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    done = subprocess.run(
        [str(BESYV), *arguments],
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **environment},
        capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr
