"""`besyv run` with its pages, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from tests.support.chat import Town
from tests.support.patience import PATIENCE

NO_SERVER = "no caddy or nginx: apt-get install caddy nginx-light"
BESYV = Path(sys.executable).parent / "besyv"


def settings(port: int, **more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "BESYV_WEB_PORT": str(port), **more}


@contextmanager
def serving(folder: Path, port: int, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """Up, and killed at the end. What it logs is in the file «log» of the folder."""
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen([BESYV, "run"], cwd=folder, env=settings(port, **more), stdout=log, stderr=log)
        try:
            until_up(f"http://127.0.0.1:{port}/health", process)
            yield process
        finally:
            process.kill()
            process.wait()


def until_up(address: str, process: subprocess.Popen[bytes]) -> None:
    """Until it answers, whatever it says."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        try:
            urlopen(address, timeout=PATIENCE).close()
            return
        except HTTPError:
            return
        except (URLError, ConnectionError):
            assert process.poll() is None, process.args
            time.sleep(0.05)
    raise TimeoutError(address)


def visited(home: str) -> Town:
    """As much of a town as a visitor needs."""
    return cast(Town, SimpleNamespace(home=home, browsers=[]))
