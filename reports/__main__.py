"""`python -m reports`: an export in a process of its own, so that replies do not wait for it. Prints the row count,
and after it the ids of answers whose stored value can't be opened."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
from pathlib import Path

from reports.answers import ExportError
from reports.parallel import export_in_two
from reports.table_words import KEYS, TableWords
from storage.encryption import Keyring
from storage.encryption_errors import EncryptionError

NICENESS = 10


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m reports")
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--key-file", type=Path, required=True)
    parser.add_argument("--key-store", type=Path)
    parser.add_argument("--process", required=True)
    parser.add_argument("--format", choices=("csv", "jsonl"), required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--words", type=Path, help="a file of TableWords; without it the keys stand")
    wanted = parser.parse_args()
    os.nice(NICENESS)
    gc.disable()  # a short life that makes no cycles: looking for them is a tenth of the time
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the half file is cleared away
    try:
        keys = Keyring(wanted.key_file, store=wanted.key_store)
        words = KEYS if wanted.words is None else TableWords.from_json(wanted.words.read_text(encoding="utf-8"))
        done = export_in_two(wanted.database, keys, wanted.process, wanted.out, wanted.format, words)
    except (ExportError, EncryptionError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(" ".join(map(str, (done.rows, *done.damaged))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
