"""A register's file read in a process of its own, niced and limited, so that a file made to cost (a few kilobytes can
hold a hundred megabytes, or keep an XML parser of before expat 2.6 busy for minutes) costs neither the bot nor those
who wait for a reply. `python -m reports.register_process` is that process. Not here: reading
(reports.register_reading).

What comes in: the file's name as a line of JSON, then the file. What goes out: a FileTable, or the code of what is
wrong, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import traceback
from dataclasses import dataclass
from types import TracebackType
from weakref import WeakKeyDictionary

from pydantic import TypeAdapter

from reports.register import FileTable
from reports.register_reading import LARGEST, UnreadableCode, UnreadableFile, read

LARGEST_TABLE = 20_000_000  # bytes of what comes out: a shared text can stand in a million cells
NICENESS = 10


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """What a file may cost: twice what the largest register does, 10,000 rows of 25 texts: 3.6 s, 200 MB [measured]."""

    cpu_seconds: int = 8
    wall_seconds: float = 60.0  # the same on a machine that has much else to do
    memory: int = 600_000_000  # bytes of address space, of which what is mapped and never used is a part


LIMITS = ReadingLimits()


_TABLE: TypeAdapter[FileTable] = TypeAdapter(FileTable)
_FAULT: TypeAdapter[UnreadableCode] = TypeAdapter(UnreadableCode)
_EXHAUSTED = 3  # the exit code where the memory was not enough
_SIGNALS = range(-64, 0)  # ended from outside: by the limit of CPU time, by the system out of memory, at our own word
_ENVIRONMENT = {"OPENPYXL_DEFUSEDXML": "True", "OPENPYXL_LXML": "False"}  # reads alike whatever else is installed

_one_at_a_time: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def read_apart(content: bytes, name: str, limits: ReadingLimits = LIMITS) -> FileTable:
    """As reports.register_reading.read. Raises UnreadableFile, with `too-costly` where the limits were reached, and
    RuntimeError for a fault of ours. One file at a time: the limits are the machine's then too."""
    if len(content) > LARGEST:
        raise UnreadableFile("too-large")
    turn = _one_at_a_time.setdefault(asyncio.get_running_loop(), asyncio.Semaphore())
    async with turn:
        code, printed, complained = await _run(json.dumps(name).encode() + b"\n" + content, limits)
    if code in (_EXHAUSTED, *_SIGNALS):
        raise UnreadableFile("too-costly")
    if code != 0:
        raise RuntimeError(f"reading a register failed: {complained.decode(errors='replace').strip()[:500]}")
    return await asyncio.to_thread(_told, printed)


async def _run(sent: bytes, limits: ReadingLimits) -> tuple[int, bytes, bytes]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "reports.register_process", str(limits.cpu_seconds), str(limits.memory)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **_ENVIRONMENT},
    )
    printed = complained = b""
    try:
        async with asyncio.timeout(limits.wall_seconds):
            printed, complained = await child.communicate(sent)
    except TimeoutError:
        child.kill()
    finally:
        if child.returncode is None:  # too long, or nobody waits any more
            child.kill()
            await child.wait()
    if child.returncode is None:
        raise RuntimeError("a process that was waited for has no exit code")
    return child.returncode, printed, complained


def _told(printed: bytes) -> FileTable:
    told = json.loads(printed)
    if isinstance(told, str):
        raise UnreadableFile(_FAULT.validate_python(told))
    return _TABLE.validate_python(told)


# --- the process itself -----------------------------------------------------------------------------------


def main() -> int:
    sys.excepthook = _places_alone
    cpu_seconds, memory = map(int, sys.argv[1:])
    _limit(cpu_seconds, memory)
    name = json.loads(sys.stdin.buffer.readline())
    try:
        printed = _TABLE.dump_json(read(sys.stdin.buffer.read(), name))
    except UnreadableFile as unreadable:
        printed = json.dumps("too-costly" if _is_out_of_memory(unreadable) else unreadable.code).encode()
    except MemoryError:
        return _EXHAUSTED
    if len(printed) > LARGEST_TABLE:
        printed = json.dumps("too-large").encode()
    sys.stdout.buffer.write(printed)
    return 0


def _limit(cpu_seconds: int, memory: int) -> None:
    """Before anything of the file is looked at. SIGXCPU ends the process when its time is up."""
    os.nice(NICENESS)
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (allowed, allowed))


def _is_out_of_memory(unreadable: UnreadableFile) -> bool:
    """expat says so as a fault of the file's, pyexpat and zlib by a MemoryError on the way."""
    cause: BaseException | None = unreadable
    while cause is not None:
        if isinstance(cause, MemoryError) or "out of memory" in str(cause):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _places_alone(kind: type[BaseException], _error: BaseException, trace: TracebackType | None) -> None:
    """Where it failed and how, without what the exception says: it may hold what stands in the file."""
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(traceback.extract_tb(trace)[-5:]))
    sys.stderr.write(f"{kind.__name__} {places}\n")


if __name__ == "__main__":
    sys.exit(main())
