"""What people told for somebody to act on: how to reach them, what they need at a meeting. A file of its own. A contact
stands with the hearing response that it belongs to; nothing else in it leads to what somebody answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.flows.schedule import HOUR
from reports import atomic_file
from reports.answers import Status, failures_told
from reports.cells import CSV, IN_AN_HOUR
from reports.table_words import Column, TableWords

COLUMNS: tuple[Column, ...] = (
    Column.PROCESS,
    Column.FLOW,
    Column.QUESTION,
    Column.ASKED,
    Column.RECEIPT,
    Column.PARTICIPANT,
    Column.SPEAKS_FOR,
    Column.GROUP,
    Column.AREA,
    Column.STEERING_GROUP,
    Column.TEXT,
    Column.STATUS,
    Column.ANSWERED_AT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLine:
    """One contact or need; without a text somebody who wants to hear more and did not say how to reach them."""

    flow: str
    question: str
    asked: str
    receipt: int | None = None  # of the hearing response that it belongs to; None: it belongs to none
    participant: str | None = None  # the same
    speaks_for: str | None = None  # the same
    group: str | None
    area: str | None
    steering_group: bool = False  # they want to hear more about joining it
    text: str
    sent: bool
    answered_at: int


def csv(lines: Sequence[ContactLine], process_key: str, words: TableWords) -> bytes:
    """The lines as CSV for Danish Excel, in these words."""
    form, called = CSV, words.of
    made = [form.header(words.over(COLUMNS))]
    for line in lines:
        status: Status = "sent" if line.sent else "draft"
        values = (
            process_key,
            called(Column.FLOW, line.flow),
            line.question,
            line.asked,
            line.receipt,
            line.participant,
            line.speaks_for,
            called(Column.GROUP, line.group),
            called(Column.AREA, line.area),
            line.steering_group,
            line.text,
            called(Column.STATUS, status),
        )
        cells = form.cells(COLUMNS[:-1], values)
        moment = f"{form.hour(line.answered_at // HOUR)}{IN_AN_HOUR[line.answered_at % HOUR]}{form.stop}"
        made.append(f"{form.start}{cells}{form.name(COLUMNS[-1])}{moment}")
    return "".join(made).encode()


def write(lines: Sequence[ContactLine], process_key: str, out: Path, words: TableWords) -> None:
    """The same as a file that its owner alone can read. Raises ExportError."""
    with failures_told(out), atomic_file.whole(out) as file:
        file.write(csv(lines, process_key, words))
