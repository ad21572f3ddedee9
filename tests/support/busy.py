"""A busy machine: loops that want all of it, beside a command.

`python -m tests.support.busy 8 .venv/bin/pytest -m process`: eight loops; the command's exit code. `make test-busy`.
"""

from __future__ import annotations

import os
import subprocess
import sys


def main() -> int:
    loops, *command = sys.argv[1:]
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(int(loops))]
    try:
        code = subprocess.run(command, check=False).returncode
        print(f"load average at the end: {os.getloadavg()[0]:.1f}")
        return code
    finally:
        for loop in busy:
            loop.kill()
            loop.wait()


if __name__ == "__main__":
    sys.exit(main())
