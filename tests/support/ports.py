"""Ports of this machine that stay one's own while nobody listens on them: beside other workers, a free port that is
let go of may be somebody else's a moment later."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def reserved(host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """A port that the system gives to nobody meanwhile; who names it may listen on it (with SO_REUSEADDR, as asyncio
    and our server do). Until then it refuses calls."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind((host, port))
        yield int(kept.getsockname()[1])
