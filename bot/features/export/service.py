"""What was taken out: each file of answers is noted with its check sum, by which the last one can be recognised."""

from __future__ import annotations

from dataclasses import dataclass

from storage import audit
from storage.audit import AuditLine
from storage.db import Tx

MADE = "export-made"  # in the audit log; who asked for one stands there before


@dataclass(frozen=True, slots=True)
class ExportMade:
    at: int  # UTC seconds
    format: str
    rows: int
    sha256: str  # of the whole file, in hexadecimal digits


def detail(format: str, rows: int, sha256: str) -> str:
    """As it stands in the audit log."""
    return f"{format} {rows} {sha256}"


def read(line: AuditLine) -> ExportMade:
    format, rows, sha256 = line.detail.split()
    return ExportMade(line.at, format, int(rows), sha256)


def last(tx: Tx, process_id: int) -> ExportMade | None:
    """None where no file was made, or by an older Besyv, which noted no sum."""
    line = audit.last_of(tx, process_id, MADE)
    return None if line is None else read(line)
