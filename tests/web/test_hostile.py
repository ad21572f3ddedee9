"""`besyv run` as a real process, and strangers who mean no good: it goes on answering, and keeps nothing of them."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import sizes
from tests.support.patience import PATIENCE
from tests.support.raw_http import called, heard, sent
from tests.support.strangers import attack

pytestmark = pytest.mark.process
BESYV = Path(sys.executable).parent / "besyv"
FILES = 128  # file descriptors that the process may have
GROWTH = 1.2  # of the memory that it has when idle
LOGGED = 1_000_000  # bytes an hour


@dataclass(frozen=True, slots=True)
class Running:
    home: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def memory(self) -> int:
        """Kilobytes that it has in memory now."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))

    async def health(self) -> int:
        host = self.home.removeprefix("http://")
        return (await sent(self.home, f"GET /health HTTP/1.1\nHost: {host}\nConnection: close\n\n")).status


def _started(folder: Path, log: Path, port: int, files: int) -> subprocess.Popen[bytes]:
    with log.open("wb") as written:
        return subprocess.Popen(
            [BESYV, "run"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "BESYV_WEB_PORT": str(port)},
            stdout=subprocess.PIPE,
            stderr=written,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)),
        )


@asynccontextmanager
async def _running(folder: Path, port: int, files: int = FILES) -> AsyncIterator[Running]:
    """It may have so many file descriptors."""
    log, home = folder / "log", f"http://127.0.0.1:{port}"
    process = _started(folder, log, port, files)
    try:
        assert process.stdout is not None
        assert await asyncio.to_thread(process.stdout.readline)  # it says where it is
        running = Running(home, process, log)
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    assert await running.health() == 200
                    break
                except ConnectionRefusedError:
                    await asyncio.sleep(0.05)
        yield running
    finally:
        process.kill()
        process.communicate()


async def test_with_500_half_requests_open_health_answers_and_the_log_stays_small(tmp_path: Path, port: int) -> None:
    async with _running(tmp_path, port) as running:
        begun = (
            "",
            "GET / HT",
            "GET / HTTP/1.1\r\nHost: x\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx",
        )
        held = []
        for number, text in zip(range(500), itertools.cycle(begun), strict=False):
            reader, writer = await called(running.home)
            writer.write(text.encode())
            held.append((reader, writer))
            if number % 50 == 49:
                assert await running.health() == 200
        assert await running.health() == 200
        assert running.log.stat().st_size < 5000
        for _, writer in held:
            writer.transport.abort()


async def test_a_stop_with_half_requests_open_logs_no_traceback(tmp_path: Path, port: int) -> None:
    async with _running(tmp_path, port) as running:
        held = [await called(running.home) for _ in range(15)]
        for _, writer in held[:5]:
            writer.write(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nhalf")
        for _, writer in held[5:10]:
            writer.write(b"GET /hjaelp HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert await running.health() == 200
        running.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(running.process.wait, PATIENCE) == 0
        for each in held:
            await heard(*each)
        log = running.log.read_text(encoding="utf-8")
        assert "Traceback" not in log and " ERROR " not in log, log


# --- a great many -----------------------------------------------------------------------------------------


@sizes.few_and_many("requests", 1500, sizes.HOSTILE)
async def test_of_hostile_requests_neither_memory_nor_log_grows(tmp_path: Path, port: int, requests: int) -> None:
    async with _running(tmp_path, port) as running:
        await attack(running.home, 100)  # what is loaded with the first page of each kind
        idle, before = running.memory, running.log.stat().st_size
        began = asyncio.get_running_loop().time()
        await attack(running.home, requests)
        took = asyncio.get_running_loop().time() - began
        assert await running.health() == 200
        figures = {"idle": idle, "after": running.memory, "log": running.log.stat().st_size - before, "seconds": took}
        print(json.dumps({"requests": requests, **figures}))
        assert running.memory <= GROWTH * idle, figures
        # What is said once a minute is said at the beginning of the first one, too.
        assert running.log.stat().st_size - before <= LOGGED * max(took, 60) / 3600, figures
