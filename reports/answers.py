"""The export of answers: one row per answer in force. What is kept apart (contacts, needs at a meeting) lies in a
table of its own and never comes in here. Not here: how cells are written (cells.py), SQL (storage.export).

`status` is `lapsed` for an answer that no longer counts: its question has left the person's path because an earlier
answer, whom they answer as, or the question set changed. It is `damaged` for one whose stored value can't be opened.
Otherwise `sent` or, until the person sends, `draft`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

from bot.flows import engine, loader, schedule, standard_choices
from bot.flows.engine import Answer, Part
from bot.flows.model import Flow, Group, Question, QuestionKind, Respondent
from bot.flows.schedule import HOUR
from reports import atomic_file
from reports.cells import CSV, IN_AN_HOUR, JSON_LINES, KEPT, CellFormat, Memo, Value
from reports.table_words import KEYS, Column, TableWords
from storage import export
from storage.encryption import Keyring, SealedPlace
from storage.encryption_errors import EncryptionError
from storage.export import ExportStretch
from storage.sealed_columns import ANSWER

COLUMNS: tuple[Column, ...] = (
    Column.ANSWER_ID,
    Column.PROCESS,
    Column.STEP,
    Column.FLOW,
    Column.FLOW_VERSION,
    Column.QUESTION,
    Column.KIND,
    Column.ASKED,
    Column.GROUP,
    Column.PARTICIPANT,
    Column.RECEIPT,
    Column.SOURCE,
    Column.PEOPLE,
    Column.SPEAKS_FOR,
    Column.TIED_BY,
    Column.CHANNEL,
    Column.LANGUAGE,
    Column.TEXT,
    Column.VALUE,
    Column.CATEGORY,
    Column.SKIPPED,
    Column.STATUS,
    Column.REVISION,
    Column.ANSWERED_AT,
    Column.JOINT,
    Column.MEMBERS,
    Column.MEMBERS_SENT,
    Column.CAME_ON,
    Column.LATE,
    Column.OPTIONS_REVERSED,
)

Format = Literal["csv", "jsonl"]
Status = Literal["draft", "sent", "lapsed", "damaged"]
Joint = Literal["joint", "member"]  # one answer of an association; the own answer of somebody who stood behind one
BY_THEMSELVES = "self"  # not entered for others by a facilitator
STATUSES: tuple[Status, ...] = ("draft", "sent", "lapsed", "damaged")
Progress = Callable[[int, int], None]
_FORMS: dict[Format, CellFormat] = {"csv": CSV, "jsonl": JSON_LINES}


@dataclass(frozen=True, slots=True)
class Exported:
    """How many rows were written, and of which answers the stored value can't be opened (`answer_id`): their rows say
    so in place of what was said."""

    rows: int = 0
    damaged: tuple[int, ...] = ()

    def __add__(self, other: Exported) -> Exported:
        return Exported(self.rows + other.rows, self.damaged + other.damaged)


class ExportError(Exception):
    """The export could not be made; nothing of it was left behind. One line, for the operator."""


def export_answers(
    connection: sqlite3.Connection,
    keys: Keyring,
    process_key: str,
    out: Path,
    format: Format,
    words: TableWords = KEYS,
    progress: Progress | None = None,
) -> Exported:
    """Writes every answer in force of a process to `out`, readable by the owner alone, in these words.

    One snapshot beside a bot that writes, in constant memory. Rows come person by person, within a run as they were
    given. `progress` is called about every thousand rows with rows done and rows in all. Raises ExportError.
    """
    with failures_told(out), export.snapshot(connection), atomic_file.whole(out) as file:
        file.write(header(format, words))
        return readable(write(connection, keys, process_key, format, file.write, words, progress=progress), keys)


def readable(done: Exported, keys: Keyring) -> Exported:
    """Raises ExportError where not one of several answers can be opened: that is no damage, but another key file."""
    if done.rows > 1 and len(done.damaged) == done.rows:
        raise ExportError(f"no answer can be opened with the keys in {keys.path.name}")
    return done


@contextmanager
def failures_told(out: Path) -> Iterator[None]:
    """Turns file, database and key errors into ExportError."""
    try:
        yield
    except OSError as error:
        raise ExportError(f"{out} can't be written: {error.strerror}") from None
    except sqlite3.Error as error:
        raise ExportError(f"the database can't be read: {error}") from None
    except EncryptionError as error:
        raise ExportError(str(error)) from None


def header(format: Format, words: TableWords = KEYS) -> bytes:
    return _FORMS[format].header(words.over(COLUMNS)).encode()


def process_id(connection: sqlite3.Connection, process_key: str) -> int:
    found = export.process_id(connection, process_key)
    if found is None:
        raise ExportError(f"there is no process called {process_key} in the database")
    return found


def write(
    connection: sqlite3.Connection,
    keys: Keyring,
    process_key: str,
    format: Format,
    put: Callable[[bytes], object],
    words: TableWords = KEYS,
    of: ExportStretch = ExportStretch(),  # noqa: B008  # frozen
    progress: Progress | None = None,
) -> Exported:
    """Puts the rows of these people, without the header, in the snapshot that is open."""
    process, form = process_id(connection, process_key), _FORMS[format]
    total = export.count(connection, process) if progress else 0
    versions = export.flow_versions(connection, process)
    flows = {(flow, version): loader.from_json(text) for flow, version, text in versions}
    table = _AnswerTable(form, process_key, _Named(words, flows), keys.open)
    rows = 0
    for rows, pieces in table.rows(export.runs(connection, process, of), export.answers(connection, process, of)):
        put("".join(pieces).encode())
        if progress:
            progress(rows, total)
    return Exported(rows, tuple(table.damaged))


# --- rows -------------------------------------------------------------------------------------------------

# What stands in the rows of one run between its answers: a question as it was put, and where.
_Put = tuple[str, int, str, str, str, str]  # flow, version, question, wording, channel, language

# Of a run: how many members stood behind it, how many of them have sent their own, whether it is one of such a member,
# when the day began on which it came, whether it is late.
_Sent = tuple[int | None, int, int, int | None, int]

# What an answer says, ready written (channel to skipped), and its keys, which decide the path.
_Said = tuple[str, tuple[str, ...]]
_SAID = (Column.TEXT, Column.VALUE, Column.CATEGORY, Column.SKIPPED)
_PIECES = 10_000  # about a thousand rows are passed on at a time
_run_of = itemgetter(10)
_from_json = json.JSONDecoder().raw_decode


class _AnswerTable:
    """The rows of one process in one form. What is the same in many rows is written once and kept; that is what
    makes it quick enough."""

    def __init__(
        self,
        form: CellFormat,
        process_key: str,
        named: _Named,
        opened: Callable[[SealedPlace, bytes], str],
    ) -> None:
        self._form = form
        self._named = named
        self._lead = f"{form.start}{form.name(Column.ANSWER_ID)}{form.quote}"
        self._process_key = process_key
        self._flows = named.flows
        self._opened = opened
        self.damaged: list[int] = []  # answer ids
        self._asked = Memo[_Put, _Asked](self._ask)
        self._paths = Memo[tuple[str, int, str | None, int | None], _Paths](self._path)
        self._groups = Memo[str | None, str](self._of_group)
        self._behind = Memo[tuple[str | None, int, str | None, str | None], str](self._stood_behind)
        self._stops = Memo[tuple[_Sent, int | None], str](self._stop)
        self._ends = {status: Memo[int, str](partial(self._end, status)) for status in STATUSES}
        self._hours = Memo[int, str](form.hour)

    def _of_group(self, group: str | None) -> str:
        called = self._named.words.of(Column.GROUP, group)
        return self._form.cells((Column.GROUP,), (called,)) + self._form.name(Column.PARTICIPANT)

    def _ask(self, put: _Put) -> _Asked:
        name, version, question_id, wording, channel, language = put
        flow, form, called = self._flows[name, version], self._form, self._named.words.of
        question = flow.question(question_id)
        step, kind = called(Column.STEP, flow.step), called(Column.KIND, question.kind.value)
        named = (self._process_key, step, self._named.flow(name), version, question_id, kind, wording)
        cells = f"{form.quote}{form.between}{form.cells(COLUMNS[1:8], named)}"
        given = (called(Column.CHANNEL, channel), called(Column.LANGUAGE, language))
        place = form.cells((Column.CHANNEL, Column.LANGUAGE), given)
        return _Asked(form, question, cells, place, self._named.counted_as(name, question))

    def _stood_behind(self, told: tuple[str | None, int, str | None, str | None]) -> str:
        """Where the answers come from, how many stand behind them, whom of the register they are for, by what."""
        source, people, party, tied_by = told
        behind = (Column.SOURCE, Column.PEOPLE, Column.SPEAKS_FOR, Column.TIED_BY)
        called = self._named.words.of
        values = (called(Column.SOURCE, source or BY_THEMSELVES), people, party, called(Column.TIED_BY, tied_by))
        return self._form.cells(behind, values)

    def _stop(self, of: tuple[_Sent, int | None]) -> str:
        """Closes the time, and says what is joint in the answer, when it came, whether it is late, and in which order
        its options were shown."""
        (members, members_sent, is_member, came_on, late), is_reversed = of
        joint: Joint | None = "joint" if members is not None else "member" if is_member else None
        day = None if came_on is None else schedule.to_local(came_on).date().isoformat()
        order = None if is_reversed is None else bool(is_reversed)
        kind = self._named.words.of(Column.JOINT, joint)
        told = (kind, members, members_sent if members is not None else None, day, bool(late), order)
        return self._form.after_time(COLUMNS[-6:], told)

    def _path(self, of: tuple[str, int, str | None, int | None]) -> _Paths:
        flow, version, stakeholder, front = of
        return _Paths(self._flows[flow, version], stakeholder, bool(front))

    def _end(self, status: Status, revision: int) -> str:
        called = self._named.words.of(Column.STATUS, status)
        cells = self._form.cells((Column.STATUS, Column.REVISION), (called, revision))
        return cells + self._form.name(Column.ANSWERED_AT)

    def rows(
        self, runs: Iterator[tuple[Any, ...]], answers: Iterator[list[tuple[Any, ...]]]
    ) -> Iterator[tuple[int, list[str]]]:
        """What storage.export reads → the table: how many rows have been made, and the text added since then, in
        pieces."""
        pieces: list[str] = []
        rows = 0
        for run_id, given in groupby(chain.from_iterable(answers), key=_run_of):
            run = next(run for run in runs if run[0] == run_id)
            by_id = sorted(given)
            self._add_run(run, by_id, pieces)
            rows += len(by_id)
            if len(pieces) >= _PIECES:
                yield rows, pieces
                pieces = []
        if pieces:
            yield rows, pieces

    def _add_run(self, run: tuple[Any, ...], answers: list[tuple[Any, ...]], pieces: list[str]) -> None:
        """Adds the rows of one run to the pieces. Long and flat because every answer passes through it."""
        opened, place_of, asked_of = self._opened, ANSWER.at, self._asked
        hours, lapsed, damaged = self._hours, self._ends["lapsed"], self._ends["damaged"]
        lead = self._lead
        run_id, flow, run_version, sent_at, pseudonym, stakeholder, front, *told = run
        *told, receipt, members, members_sent, is_member, came_on, late = told
        sent = (members, members_sent, is_member, came_on, late)
        stops = {order: self._stops[sent, order] for order in (None, 0, 1)}
        named = f"{self._groups[stakeholder]}{self._form.text(pseudonym)}{self._form.between}"
        person = f"{named}{self._form.cells((Column.RECEIPT,), (receipt,))}{self._behind[tuple(told)]}"
        path = self._paths[flow, run_version, stakeholder, front]
        ends = self._ends["draft" if sent_at is None else "sent"]
        turns: dict[str, tuple[str, ...]] = {}
        status_at: list[tuple[str, int, int]] = []
        for (
            number,
            question,
            version,
            revision,
            wording,
            language,
            channel,
            encrypted,
            skipped,
            at,
            _,
            order,
        ) in answers:
            asked = asked_of[flow, version, question, wording, channel, language]
            try:
                content = opened(place_of(run_id, question, revision), encrypted)
            except EncryptionError:
                self.damaged.append(number)
                said = asked.unreadable()
                keys: tuple[str, ...] = ()
            else:
                said, keys = asked.tapped[skipped].get(content) or asked.say(content, skipped)
            pieces += (
                lead,
                str(number),
                asked.cells,
                person,
                said,
                ends[revision],
                hours[at // HOUR],
                IN_AN_HOUR[at % HOUR],
                stops[order],
            )
            if self.damaged and self.damaged[-1] == number:
                pieces[-4] = damaged[revision]
                continue
            if version != run_version and not path.carries(asked.question, keys, skipped=bool(skipped)):
                pieces[-4] = lapsed[revision]
                continue
            if question in path.forks:
                turns[question] = keys
            if question not in path.always:
                status_at.append((question, len(pieces) - 4, revision))
        if status_at:
            met = path.met(turns)
            for question, place, revision in status_at:
                if question not in met:
                    pieces[place] = lapsed[revision]


@dataclass(frozen=True, slots=True)
class _CountedAs:
    """What the answers to a question are counted as: what its choices are called, what they are counted under, and
    what it is about. Empty where the keys stand."""

    choices: Mapping[str, str]  # by their keys; as the newest version calls them that has them
    buckets: frozenset[str]
    words: TableWords

    def value(self, value: Value, *, chosen: bool) -> Value:
        """What was chosen, called by the same words in every version."""
        match value:
            case str() if chosen:
                return self.choices.get(value, value)
            case list() if chosen:
                return [self.choices.get(key, key) for key in value]
            case _:
                return value

    def category(self, category: str, *, chosen: bool) -> Value:
        """The categories one by one; the theme of what was written."""
        if self.words.language is None or not category:
            return category
        if not chosen:
            return self.words.of(Column.CATEGORY, category)
        return " | ".join([self._called(name) for name in category.split(",")])

    def _called(self, name: str) -> str:
        return str(self.words.of(Column.CATEGORY, name)) if name in self.buckets else self.choices.get(name, name)


class _Named:
    """What steps, and the choices of questions, are called in the words of the file."""

    def __init__(self, words: TableWords, flows: dict[tuple[str, int], Flow]) -> None:
        """`flows` by their versions, the oldest first."""
        self.words, self.flows = words, flows
        self._titles: dict[str, str] = {}
        self._choices: dict[tuple[str, str], dict[str, str]] = {}
        if words.language is not None:
            for (name, _), flow in flows.items():
                self._titles[name] = flow.title_at_work.to(words.language)
                for question in flow.questions:
                    called = {c.key: c.label.to(words.language) for c in standard_choices.choices(question)}
                    self._choices.setdefault((name, question.id), {}).update(called)

    def flow(self, name: str) -> Value:
        """As those who lead the work know it; a step that the process does not have any more by its last title."""
        called = self.words.of(Column.FLOW, name)
        return self._titles.get(name, name) if called == name else called

    def counted_as(self, flow: str, question: Question) -> _CountedAs:
        buckets = frozenset(bucket.name for bucket in question.buckets)
        return _CountedAs(self._choices.get((flow, question.id), {}), buckets, self.words)


class _Asked:
    """A question as it was put: the cells behind the answer id, and those of what was answered to it there."""

    __slots__ = (
        "_begin",
        "_counted",
        "_form",
        "_is_list",
        "_is_written",
        "_middle",
        "_place",
        "_unchanged",
        "cells",
        "question",
        "tapped",
    )

    def __init__(self, form: CellFormat, question: Question, cells: str, place: str, counted: _CountedAs) -> None:
        self.cells = cells
        self._counted = counted
        self.tapped: tuple[dict[str, _Said], dict[str, _Said]] = ({}, {})  # by content; not skipped, skipped
        self._form = form
        self.question = question
        self._is_written, self._is_list = question.is_written, question.kind is QuestionKind.IDEAS
        self._place = place
        self._begin, self._middle = place + form.name(Column.TEXT), form.between + form.name(Column.VALUE)
        self._unchanged = Memo[str, str](
            lambda category: (
                form.between
                + form.cells((Column.CATEGORY, Column.SKIPPED), (counted.category(category, chosen=False), False))
            )
        )

    def unreadable(self) -> str:
        return self._place + self._form.cells(_SAID, (None, None, None, None))

    def say(self, content: str, skipped: int) -> _Said:
        """What bot.flows.content.write wrote; read here without its objects, for there are millions. Kept where nothing
        was typed: the choices are few."""
        (category, keys, parts, labels), _ = _from_json(content)
        if parts and not keys and self._is_written:  # typed: commonest by far, so as engine.value, but short
            texts = [part[0] for part in parts]
            text = self._form.text("\n".join(texts) if len(texts) > 1 else texts[0])
            value = self._form.value(texts) if self._is_list else text
            return f"{self._begin}{text}{self._middle}{value}{self._unchanged[category]}", ()
        written = tuple([Part(part[0]) for part in parts])
        answer = Answer(self.question.id, written, tuple(keys), skipped=bool(skipped))
        text = labels if labels is not None else "\n".join([part.text for part in written])
        chosen = bool(keys)
        counted = self._counted.value(engine.value(self.question, answer), chosen=chosen)
        values = (text, counted, self._counted.category(category, chosen=chosen), bool(skipped))
        said = (
            self._place + self._form.cells(_SAID, values),
            () if skipped else answer.keys,
        )
        if not parts:
            kept = self.tapped[skipped]
            if len(kept) >= KEPT:
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
        self.always = frozenset(
            question.id for question in engine.path(flow, self._respondent, {}) if question.when is None
        )
        self._met = Memo(self._walk)

    def met(self, given: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
        """The ids of the questions on the path of somebody who answered so: question → keys."""
        return self._met[tuple([given.get(fork, ()) for fork in self.forks])]

    def _walk(self, turns: tuple[tuple[str, ...], ...]) -> frozenset[str]:
        answers = {fork: Answer(fork, keys=keys) for fork, keys in zip(self.forks, turns, strict=True)}
        return frozenset(question.id for question in engine.path(self._flow, self._respondent, answers))

    def carries(self, before: Question, keys: tuple[str, ...], *, skipped: bool) -> bool:
        """Whether an answer given on another version still is one here. One that is not is asked again."""
        question = next((each for each in self._flow.questions if each.id == before.id), None)
        return question is not None and engine.fits(question, before, keys, skipped=skipped)
