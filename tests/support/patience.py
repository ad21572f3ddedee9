"""How long a test waits for what should come, before it says that it did not."""

from __future__ import annotations

from typing import Final

PATIENCE: Final = 60.0  # seconds; where it comes they cost nothing, and on a busy machine everything takes its time
