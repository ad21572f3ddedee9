"""What came of large files, kept in memory for a while: names alike among many are sought outside the transaction,
which asks for it then, and the leader says yes to it. Names and how to reach people stand in it, so it is gone ten
minutes after it was last asked for, and there is never more of it than of two of the largest files.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from reports.register import Preview
from reports.register_reading import MOST_ROWS

KEPT_FOR: Final = 600  # seconds after it was last asked for
MOST: Final = 2 * MOST_ROWS  # entries, and rows that something is said of


@dataclass(slots=True)
class _Kept:
    preview: Preview
    size: int
    asked_at: int


class Previews:
    """By a sum of what was asked. Used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()  # who was asked for last is last

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: bytes, now: int) -> Preview | None:
        with self._lock:
            self._drop_old(now)
            found = self._kept.get(key)
            if found is None:
                return None
            found.asked_at = max(found.asked_at, now)
            self._kept.move_to_end(key)
            return found.preview

    def keep(self, key: bytes, preview: Preview, now: int) -> None:
        """The newest is kept however large it is: somebody waits for it."""
        with self._lock:
            self._kept.pop(key, None)
            size = _size(preview)
            while self._kept and size + sum(each.size for each in self._kept.values()) > MOST:
                self._kept.popitem(last=False)
            self._kept[key] = _Kept(preview, size, now)

    def drop_old(self, now: int) -> None:
        with self._lock:
            self._drop_old(now)

    def _drop_old(self, now: int) -> None:
        """By a clock that was put back far too: who began just before somebody else's is no such clock."""
        for key in [key for key, each in self._kept.items() if abs(now - each.asked_at) >= KEPT_FOR]:
            del self._kept[key]


PREVIEWS: Final = Previews()


def _size(preview: Preview) -> int:
    return sum(map(len, (preview.entries, preview.updates, preview.bad, preview.merged, preview.doubts)))
