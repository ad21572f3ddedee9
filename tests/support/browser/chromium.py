"""Where the real browser is found, and how it is started."""

from __future__ import annotations

import os
import shutil

NO_BROWSER = "no chromium: install Debian's, or name one in TEST_CHROMIUM"

# As root, without a graphics card, and without a word to anybody outside.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def chromium() -> str | None:
    return os.environ.get("TEST_CHROMIUM") or shutil.which("chromium")
