"""The export of answers: one row per answer in force. What is kept apart (contacts, needs at a meeting) lies in a
table of its own and never comes in here. Not here: how cells are written (forms.py), SQL (storage.export).

`status` is `lapsed` for an answer that no longer counts: its question has left the person's path because an earlier
answer, whom they answer as, or the question set changed. Otherwise `sent` or, until the person sends, `draft`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

from bot.flows import engine, loader, standing
from bot.flows.engine import Answer, Part
from bot.flows.model import Flow, Group, Kind, Question, Respondent
from reports import forms, outfile
from reports.forms import HOUR, IN_AN_HOUR, Form, Kept
from storage import export as stored
from storage.sealed import Keyring, SealError

COLUMNS = (
    "answer_id", "process", "step", "flow", "flow_version", "question", "kind", "asked", "group", "participant",
    "channel", "language", "text", "value", "category", "skipped", "status", "revision", "answered_at",
)  # fmt: skip

Format = Literal["csv", "jsonl"]
Status = Literal["draft", "sent", "lapsed"]
STATUSES: tuple[Status, ...] = ("draft", "sent", "lapsed")
Progress = Callable[[int, int], None]

_FORMS: dict[Format, Form] = {"csv": forms.CSV, "jsonl": forms.JSON_LINES}


class ExportError(Exception):
    """The export could not be made; nothing of it was left behind. One line, for the operator."""


def export(
    connection: sqlite3.Connection,
    keys: Keyring,
    process_key: str,
    out: Path,
    format: Format,
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
    flows = {(flow, version): loader.from_json(text) for flow, version, text in versions}
    table = _Table(form, process_key, flows, keys.unseal)
    write(form.header(COLUMNS).encode())
    rows = 0
    lines: list[str] = []
    for _, run in groupby(chain.from_iterable(stored.answers(connection, process)), key=_run_of):
        table.add(sorted(run), lines)  # by answer id
        if len(lines) >= stored.BATCH:
            rows += _hand_over(lines, write)
            if progress:
                progress(rows, total)
    rows += _hand_over(lines, write)
    if progress:
        progress(rows, total)
    return rows


_run_of = itemgetter(10)


def _hand_over(lines: list[str], write: Callable[[bytes], object]) -> int:
    write("".join(lines).encode())
    written = len(lines)
    lines.clear()
    return written


# --- rows -------------------------------------------------------------------------------------------------

# What stands in the rows of one run between its answers: a question as it was put, and where.
_Put = tuple[str, int, str, str, str, str]  # flow, version, question, wording, channel, language

# What an answer says, ready written (channel to skipped), and its keys, which decide the path.
_Said = tuple[str, tuple[str, ...]]

_from_json = json.JSONDecoder().raw_decode


class _Table:
    """The rows of one process in one form. What is the same in many rows is written once and kept; that is what
    makes it quick enough."""

    def __init__(
        self, form: Form, process_key: str, flows: dict[tuple[str, int], Flow], unseal: Callable[[bytes], str]
    ) -> None:
        self._form = form
        self._process_key = process_key
        self._flows = flows
        self._unseal = unseal
        self._asked = Kept[_Put, _Asked](self._ask)
        self._paths = Kept[tuple[str, int, str | None, int | None], _Paths](self._path)
        self._groups = Kept[str | None, str](
            lambda group: form.cells(("group",), (group,)) + form.name("participant")
        )
        self._ends = {status: Kept[int, str](partial(self._end, status)) for status in STATUSES}
        self._hours = Kept[int, str](form.hour)

    def _ask(self, put: _Put) -> _Asked:
        name, version, question_id, wording, channel, language = put
        flow, form = self._flows[name, version], self._form
        question = flow.question(question_id)
        named = (self._process_key, flow.step, name, version, question_id, question.kind.value, wording)
        return _Asked(form, question, form.cells(COLUMNS[1:8], named), form.cells(COLUMNS[10:12], (channel, language)))

    def _path(self, of: tuple[str, int, str | None, int | None]) -> _Paths:
        flow, version, stakeholder, front = of
        return _Paths(self._flows[flow, version], stakeholder, bool(front))

    def _end(self, status: Status, revision: int) -> str:
        return self._form.cells(COLUMNS[16:18], (status, revision)) + self._form.name("answered_at")

    def add(self, run: list[tuple[Any, ...]], lines: list[str]) -> None:
        """Adds the answers of one run to the lines. They are rows of storage.export.answers."""
        form, unseal, asked_of, hours, stop = self._form, self._unseal, self._asked, self._hours, self._form.stop
        _, flow, run_version, sent_at, pseudonym, stakeholder, front = run[0][10:]
        lead, after = f"{form.start}{form.name('answer_id')}{form.quote}", f"{form.quote}{form.between}"
        person = f"{self._groups[stakeholder]}{form.text(pseudonym)}{form.between}"
        paths = self._paths[flow, run_version, stakeholder, front]
        given: dict[str, tuple[str, ...]] = {}
        begun: list[str] = []
        for number, question, version, _, wording, language, channel, sealed, skipped, *_ in run:
            asked = asked_of[flow, version, question, wording, channel, language]
            content = unseal(sealed)
            said, keys = asked.tapped[skipped].get(content) or asked.say(content, skipped)
            if version == run_version or paths.carries(question, keys, skipped=bool(skipped)):
                given[question] = keys
            begun.append(f"{lead}{number}{after}{asked.cells}{person}{said}")
        on_path = paths.met(given) if paths.forks else paths.straight
        ends = self._ends["draft" if sent_at is None else "sent"]
        for begin, row in zip(begun, run, strict=True):
            question, revision, at = row[1], row[3], row[9]
            end = ends[revision] if question in on_path and question in given else self._ends["lapsed"][revision]
            lines.append(f"{begin}{end}{hours[at // HOUR]}{IN_AN_HOUR[at % HOUR]}{stop}")


class _Asked:
    """A question as it was put: the cells up to its wording, and those of what was answered to it there."""

    __slots__ = ("_begin", "_form", "_middle", "_place", "_question", "_unchanged", "cells", "tapped")

    def __init__(self, form: Form, question: Question, cells: str, place: str) -> None:
        self.cells = cells
        self.tapped: tuple[dict[str, _Said], dict[str, _Said]] = ({}, {})  # by content; not skipped, skipped
        self._form = form
        self._question = question
        self._place = place
        self._begin, self._middle = place + form.name("text"), form.between + form.name("value")
        self._unchanged = Kept[str, str](
            lambda category: form.between + form.cells(("category", "skipped"), (category, False))
        )

    def say(self, content: str, skipped: int) -> _Said:
        """What bot.conversation.situation.encode wrote. Kept where nothing was typed: the choices are few."""
        (category, keys, parts, labels), _ = _from_json(content)
        if parts and not keys and self._question.kind is Kind.TEXT:  # the value is the text: commonest by far
            text = self._form.text("\n".join([part[0] for part in parts]) if len(parts) > 1 else parts[0][0])
            return f"{self._begin}{text}{self._middle}{text}{self._unchanged[category]}", ()
        written = tuple([Part(part[0]) for part in parts])
        answer = Answer(self._question.id, written, tuple(keys), skipped=bool(skipped))
        text = "\n".join([part.text for part in written]) if written else labels
        values = (text, engine.value(self._question, answer), category, bool(skipped))
        said = self._place + self._form.cells(COLUMNS[12:16], values), () if skipped else answer.keys
        if not parts:
            kept = self.tapped[skipped]
            if len(kept) >= forms.KEPT:
                kept.clear()
            kept[content] = said
        return said


# --- the path ---------------------------------------------------------------------------------------------


class _Paths:
    """The paths of one kind of person through one version of a flow, by what they answered where it forks."""

    def __init__(self, flow: Flow, stakeholder: str | None, front: bool) -> None:
        self._flow = flow
        self._respondent = Respondent(group=Group(stakeholder) if stakeholder else None, front=front)
        self.forks = tuple(dict.fromkeys(question.when.question for question in flow.questions if question.when))
        self.straight = self._walk(tuple(() for _ in self.forks))
        self._met = Kept(self._walk)

    def met(self, given: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
        """The ids of the questions on the path of somebody who answered so: question → keys."""
        return self._met[tuple([given.get(fork, ()) for fork in self.forks])]

    def _walk(self, turns: tuple[tuple[str, ...], ...]) -> frozenset[str]:
        answers = {fork: Answer(fork, keys=keys) for fork, keys in zip(self.forks, turns, strict=True)}
        return frozenset(question.id for question in engine.path(self._flow, self._respondent, answers))

    def carries(self, question_id: str, keys: Iterable[str], *, skipped: bool) -> bool:
        """Whether an answer given on another version still says something here, as the conversation sees it
        (bot.conversation.situation). What it does not see as answered is asked again."""
        question = next((each for each in self._flow.questions if each.id == question_id), None)
        if question is None or skipped:
            return question is not None
        known = {choice.key for choice in standing.choices(question)}
        return known.issuperset(keys) and (bool(tuple(keys)) or question.is_written)
