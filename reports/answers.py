"""The export of answers: one row per answer in force. What is kept apart (contacts, needs at a meeting) lies in a
table of its own and never comes in here. Not here: how cells are written (forms.py), SQL (storage.export).

`status` is `lapsed` for an answer that no longer counts: its question has left the person's path because an earlier
answer, whom they answer as, or the question set changed. Otherwise `sent` or, until the person sends, `draft`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

from bot.flows import engine, loader, standing
from bot.flows.engine import Answer, Part
from bot.flows.model import Flow, Group, Kind, Question, Respondent
from reports import forms, outfile
from reports.forms import Form
from storage import export as stored
from storage.sealed import Keyring, SealError

COLUMNS = (
    "answer_id", "process", "step", "flow", "flow_version", "question", "kind", "asked", "group", "participant",
    "channel", "language", "text", "value", "category", "skipped", "status", "revision", "answered_at",
)  # fmt: skip

Format = Literal["csv", "jsonl"]
Status = Literal["draft", "sent", "lapsed"]
Progress = Callable[[int, int], None]

_FORMS: dict[Format, Form] = {"csv": forms.CSV, "jsonl": forms.JSON_LINES}
_REMEMBERED = 2000  # tapped answers to one question that are kept ready written; far more than choices make


class ExportError(Exception):
    """The export could not be made; nothing of it was left behind. One line, for the operator."""


def export(
    connection: sqlite3.Connection,
    keys: Keyring,
    process_key: str,
    out: Path,
    format: Format,  # noqa: A002  # the word of the command line
    progress: Progress | None = None,
) -> int:
    """Writes every answer in force of a process to `out`, readable by the owner alone; gives their number.

    One snapshot beside a bot that writes, in constant memory. Rows come person by person, within a run as they were
    given. `progress` is called about every thousand rows with rows done and rows in all. Raises ExportError.
    """
    try:
        with stored.snapshot(connection), outfile.whole(out) as file:
            return _write(connection, keys, process_key, _FORMS[format], file.write, progress)
    except OSError as error:
        raise ExportError(f"{out} can't be written: {error.strerror}") from None
    except sqlite3.Error as error:
        raise ExportError(f"the database can't be read: {error}") from None
    except SealError as error:
        raise ExportError(str(error)) from None


def _write(
    connection: sqlite3.Connection,
    keys: Keyring,
    process_key: str,
    form: Form,
    write: Callable[[bytes], object],
    progress: Progress | None,
) -> int:
    process = stored.process_id(connection, process_key)
    if process is None:
        raise ExportError(f"there is no process called {process_key} in the database")
    total = stored.count(connection, process) if progress else 0
    versions = stored.flow_versions(connection, process)
    pages = _Pages(form, process_key, {(flow, number): loader.from_json(text) for flow, number, text in versions})
    write(form.header(COLUMNS).encode())
    rows = 0
    for lines in _gathered(pages, keys, chain.from_iterable(stored.answers(connection, process))):
        write("".join(lines).encode())
        rows += len(lines)
        if progress:
            progress(rows, total)
    return rows


def _gathered(pages: _Pages, keys: Keyring, answers: Iterable[tuple[Any, ...]]) -> Iterator[list[str]]:
    lines: list[str] = []
    for _, run in groupby(answers, key=_run_id):
        lines += pages.lines(sorted(run), keys.unseal)  # by answer id
        if len(lines) >= stored.BATCH:
            yield lines
            lines = []
    if lines:
        yield lines


_run_id = itemgetter(10)


# --- rows -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Said:
    """What an answer says, ready written (text, value, category, skipped), and its keys, which decide the path."""

    cells: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question in one version of its flow, with its cells ready written."""

    question: Question
    cells: str  # process to kind
    tapped: dict[tuple[str, int], _Said] = field(default_factory=dict)  # by content and skipped


class _Pages:
    """Rows ready to be written. What repeats itself is written once and kept: that is what makes it quick."""

    def __init__(self, form: Form, process_key: str, flows: dict[tuple[str, int], Flow]) -> None:
        self._form = form
        self._flows = flows
        self._asked = {
            (name, version, question.id): _Asked(
                question,
                self._cells(COLUMNS[1:7], (process_key, flow.step, name, version, question.id, question.kind.value)),
            )
            for (name, version), flow in flows.items()
            for question in flow.questions
        }
        self._wordings: dict[str, str] = {}
        self._places: dict[tuple[str, str], str] = {}
        self._ends: dict[tuple[Status, int], str] = {}
        self._paths: dict[tuple[str, int, str | None, int | None], _Paths] = {}

    def _cells(self, columns: Sequence[str], values: Sequence[forms.Value]) -> str:
        return "".join(map(self._form.cell, columns, values))

    def lines(self, rows: list[tuple[Any, ...]], unseal: Callable[[bytes], str]) -> Iterator[str]:
        """The answers of one run, as rows of storage.export.answers."""
        _, flow, run_version, sent_at, pseudonym, stakeholder, front = rows[0][10:]
        asked = [self._asked[flow, row[2], row[1]] for row in rows]
        said = [self._said(each, unseal(row[7]), row[8]) for each, row in zip(asked, rows, strict=True)]
        paths = self._paths.get((flow, run_version, stakeholder, front))
        if paths is None:
            paths = self._paths[flow, run_version, stakeholder, front] = _Paths(
                self._flows[flow, run_version], stakeholder, bool(front)
            )
        on_path = paths.met(
            {
                row[1]: each.keys
                for row, each in zip(rows, said, strict=True)
                if row[2] == run_version or paths.carries(row[1], each.keys, skipped=bool(row[8]))
            }
        )
        counts: Status = "draft" if sent_at is None else "sent"
        person = self._cells(COLUMNS[8:10], (stakeholder, pseudonym))
        start, cell, end, wordings, places = (
            self._form.start, self._form.cell, self._form.end, self._wordings, self._places,
        )  # fmt: skip
        for row, question, what in zip(rows, asked, said, strict=True):
            number, name, _, revision, wording, language, channel, _, _, at, *_ = row
            if (worded := wordings.get(wording)) is None:
                worded = wordings[wording] = cell("asked", wording)
            if (place := places.get((channel, language))) is None:
                place = places[channel, language] = self._cells(COLUMNS[10:12], (channel, language))
            status = counts if name in on_path else "lapsed"
            if (ended := self._ends.get((status, revision))) is None:
                ended = self._ends[status, revision] = self._cells(COLUMNS[16:18], (status, revision))
            yield (
                f"{start}{cell('answer_id', number)}{question.cells}{worded}{person}{place}{what.cells}{ended}"
                f"{end('answered_at', at)}"
            )

    def _said(self, asked: _Asked, content: str, skipped: int) -> _Said:
        known = asked.tapped.get((content, skipped))
        if known is not None:
            return known
        category, keys, parts, labels = json.loads(content)
        if parts:
            return self._opened(asked.question, category, keys, parts, "\n".join(text for text, _ in parts), skipped)
        if len(asked.tapped) >= _REMEMBERED:
            asked.tapped.clear()
        known = asked.tapped[content, skipped] = self._opened(asked.question, category, keys, parts, labels or "", skipped)
        return known

    def _opened(
        self, question: Question, category: str, keys: list[str], parts: list[list[Any]], text: str, skipped: int
    ) -> _Said:
        given = tuple(keys)
        if question.kind is Kind.TEXT and not keys and not skipped:
            value: forms.Value = text
        else:
            whole = tuple(Part(part) for part, _ in parts)
            value = engine.value(question, Answer(question.id, whole, given, skipped=bool(skipped)))
        return _Said(self._cells(COLUMNS[12:16], (text, value, category, bool(skipped))), () if skipped else given)


# --- the path ---------------------------------------------------------------------------------------------


class _Paths:
    """The paths through one version of a flow for one kind of person, by what they answered where it forks."""

    def __init__(self, flow: Flow, stakeholder: str | None, front: bool) -> None:
        self._flow = flow
        self._respondent = Respondent(group=Group(stakeholder) if stakeholder else None, front=front)
        self._forks = tuple(dict.fromkeys(question.when.question for question in flow.questions if question.when))
        self._known: dict[tuple[tuple[str, ...], ...], frozenset[str]] = {}

    def met(self, given: dict[str, tuple[str, ...]]) -> frozenset[str]:
        """The ids of the questions the person meets, of those in `given` (question → keys) that they answered."""
