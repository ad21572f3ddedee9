"""How long a test waits for what should come, before it says that it did not."""

from __future__ import annotations

from typing import Final

# Seconds. Where it comes they cost nothing, and on a busy machine everything takes its time: more than the minute after
# which Besyv itself gives up on a heavy file.
PATIENCE: Final = 150.0
