"""A process that has imported the bot and forks it on demand: a start costs a tenth of a second, not one.

`python -m tests.support.fork_server`: a line of JSON in (`env`, `log`, the `clock` of fast_clock.py, the bot's
`patience`), the child's pid out. Once it has ended its exit code lies beside its log, in `<log>.<pid>`. Linux only.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import Any

import bot.__main__
import bot.app.run
import bot.logs
from bot.backoff import Patience
from bot.flows import loader
from bot.process.flows import shipped_flows
from bot.process.loading import example, parse_file
from tests.support.fast_clock import FastClock

_PR_SET_PDEATHSIG = 1
_SIGCHLD = {signal.SIGCHLD}
_logs: dict[int, str] = {}  # by pid


def main() -> None:
    for flow in shipped_flows(parse_file(example(), "example.yaml")):
        loader.from_json(loader.to_json(flow))  # which every child would have to read for itself
    signal.signal(signal.SIGCHLD, _note_who_ended)
    libc = ctypes.CDLL(None)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        wanted = json.loads(line)
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGCHLD)
        child = os.fork()
        if child == 0:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGCHLD)
            _be_the_bot(wanted)
            return
        _logs[child] = wanted["log"]
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGCHLD)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


def _note_who_ended(*_: object) -> None:
    while _logs:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        Path(f"{_logs.pop(pid)}.{pid}").write_text(str(os.waitstatus_to_exitcode(status)), encoding="ascii")


def _be_the_bot(wanted: dict[str, Any]) -> None:
    """`besyv run` in this process."""
    descriptor = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.environ.update(wanted["env"])
    sys.argv = ["besyv", "run"]
    clock = FastClock(**wanted["clock"])
    vars(bot.app.run)["run"] = partial(
        bot.app.run.run, clock=clock, rate_limiter=clock.rate_limiter(), patience=Patience(**wanted["patience"])
    )
    bot.__main__.main()


if __name__ == "__main__":
    main()
