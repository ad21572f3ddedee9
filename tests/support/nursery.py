"""A process that has imported the bot and forks it on demand: a start costs a tenth of a second, not one.

`python -m tests.support.nursery`: a line of JSON in (`env`, `log`, by how many seconds its clock is `ahead`), the
child's pid out. Linux only.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time
from functools import partial

import bot.__main__
import bot.app.run
import bot.logs

_PR_SET_PDEATHSIG = 1


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children leave no zombies: whoever killed them sees them gone
    libc = ctypes.CDLL(None)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        wanted = json.loads(line)
        child = os.fork()
        if child == 0:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            _be_the_bot(wanted["env"], wanted["log"], wanted["ahead"])
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


def _be_the_bot(env: dict[str, str], log: str, ahead: float) -> None:
    """`besyv run` in this process. Does not return."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.environ.update(env)
    sys.argv = ["besyv", "run"]
    vars(bot.app.run)["run"] = partial(bot.app.run.run, clock=lambda: time.time() + ahead)
    code = 1
    try:
        bot.__main__.main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
