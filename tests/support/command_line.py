"""`besyv` as a process of its own: forked from one that has imported it already, which takes a tenth of the time.

`python -m tests.support.command_line`: a line of JSON in, the exit code out. The program as it is installed is started
in tests/web/test_run.py. Linux only.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 150  # seconds, as in patience.py


def besyv(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    server = _server()
    assert server.stdin is not None and server.stdout is not None
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        wanted = {
            "arguments": arguments,
            "environment": environment,
            "folder": str(Path.cwd()),
            "files": (out.name, err.name),
        }
        server.stdin.write(json.dumps(wanted) + "\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        return code, out.read().decode(), err.read().decode()


@cache
def _server() -> subprocess.Popen[str]:
    server = subprocess.Popen(
        [sys.executable, "-m", __name__],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(server.communicate)  # the end of its input ends it
    return server


def _serve() -> None:
    import bot.__main__

    for line in sys.stdin:
        wanted = json.loads(line)
        child = os.fork()
        if child == 0:
            _stand_where_they_stood(wanted["folder"], wanted["files"])
            os.environ.update(wanted["environment"])
            sys.argv = ["besyv", *wanted["arguments"]]
            bot.__main__.main()
            return
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _stand_where_they_stood(folder: str, files: tuple[str, str]) -> None:
    signal.alarm(PATIENCE)  # ends it
    os.chdir(folder)
    for descriptor, name in enumerate((os.devnull, *files)):
        os.dup2(os.open(name, os.O_RDWR), descriptor)


if __name__ == "__main__":
    _serve()
