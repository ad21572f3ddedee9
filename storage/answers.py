"""Answers in force, their history, and what is kept apart from them. Contents are encrypted."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from sqlite3 import Row

from storage import person_keys
from storage.db import Tx, fields_of, named
from storage.encryption import UNREADABLE, SealedPlace
from storage.encryption_errors import EncryptionError, KeyUnavailable
from storage.sealed_columns import ANSWER, APART, HISTORY

log = logging.getLogger(__name__)
_COLUMNS = """id, question, version, revision, asked, language, channel, content, skipped, open, closed_once,
              answered_at"""
_FIELDS = (*fields_of(_COLUMNS), "options_reversed", "apart")
_FLAGS = ("skipped", "open", "closed_once", "apart")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """An answer as it lies here; `content` is opened (JSON of bot.flows.content), or UNREADABLE where it is damaged."""

    id: int | None = None  # None before it is put here
    question: str
    version: int
    revision: int
    asked: str
    language: str
    channel: str
    content: str
    skipped: bool
    open: bool
    closed_once: bool
    answered_at: int
    apart: bool
    options_reversed: bool | None = None  # the order in which the options were shown; None where there was one for all


def of_run(tx: Tx, run_id: int, *, waits: bool = True) -> list[StoredAnswer]:
    """Every answer of a run, those kept apart too. With `waits`, for its author, raises KeyUnavailable; for others
    what a lost key hides is as what is damaged."""
    rows = tx.all(
        f"""SELECT {_COLUMNS}, options_reversed, 0 FROM answers WHERE run_id = :run
            UNION ALL
            SELECT {_COLUMNS}, NULL, 1 FROM answers_apart WHERE run_id = :run""",
        run=run_id,
    )
    return [_stored(tx, run_id, row, waits=waits) for row in rows]


def count(tx: Tx, run_id: int) -> int:
    """How many those are."""
    return tx.count(
        """SELECT (SELECT count(*) FROM answers WHERE run_id = :run)
                + (SELECT count(*) FROM answers_apart WHERE run_id = :run)""",
        run=run_id,
    )


def _stored(tx: Tx, run_id: int, row: Row, *, waits: bool) -> StoredAnswer:
    values = named(_FIELDS, row)
    column = APART if values["apart"] else ANSWER
    place = column.at(run_id, values["question"], values["revision"])
    values["content"] = _content(tx, run_id, values["question"], place, values["content"], waits=waits)
    for flag in _FLAGS:
        values[flag] = bool(values[flag])
    if values["options_reversed"] is not None:
        values["options_reversed"] = bool(values["options_reversed"])
    return StoredAnswer(**values)


def _content(tx: Tx, run_id: int, question: str, place: SealedPlace, sealed: bytes, *, waits: bool = True) -> str:
    """UNREADABLE where it is damaged: one value shuts nobody out of their own. A key that is not there is waited for:
    what it opens is whole. Raises KeyUnavailable then."""
    try:
        return tx.keys.open(place, sealed)
    except EncryptionError as error:
        if waits and isinstance(error, KeyUnavailable):
            raise
        log.error("run=%d question=%s fault=%s", run_id, question, type(error).__name__)
        return UNREADABLE


_PUT = """INSERT INTO {table} (run_id, question, version, revision, asked, language, channel, content, skipped, open,
                               closed_once, answered_at{column})
          VALUES (:run, :question, :version, :revision, :asked, :language, :channel, :content, :skipped, :open,
                  :closed_once, :answered_at{value})
          ON CONFLICT (run_id, question) DO UPDATE SET
              version = excluded.version, revision = excluded.revision, asked = excluded.asked,
              language = excluded.language, channel = excluded.channel, content = excluded.content,
              skipped = excluded.skipped, open = excluded.open, closed_once = excluded.closed_once,
              answered_at = excluded.answered_at{set}"""

_PUT_ANSWER = _PUT.format(
    table="answers",
    column=", options_reversed",
    value=", :options_reversed",
    set=", options_reversed = excluded.options_reversed",
)
_PUT_APART = _PUT.format(table="answers_apart", column="", value="", set="")  # they have one order


def put(tx: Tx, run_id: int, new: StoredAnswer) -> None:
    """Writes the answer in force in place of the one before. One that could not be read stays as it lies."""
    if new.content == UNREADABLE:
        return
    column = APART if new.apart else ANSWER
    key_id = person_keys.of_author(tx, run_id) if new.apart else person_keys.of_run(tx, run_id)
    order = {} if new.apart else {"options_reversed": new.options_reversed}
    tx.run(
        _PUT_APART if new.apart else _PUT_ANSWER,
        run=run_id,
        question=new.question,
        version=new.version,
        revision=new.revision,
        asked=new.asked,
        language=new.language,
        channel=new.channel,
        content=tx.keys.seal_for(key_id, column.at(run_id, new.question, new.revision), new.content),
        skipped=int(new.skipped),
        open=int(new.open),
        closed_once=int(new.closed_once),
        answered_at=new.answered_at,
        **order,
    )


def remember(tx: Tx, run_id: int, question: str) -> None:
    """Copies the answer in force to the history, before a new revision takes its place."""
    tx.run(
        """INSERT INTO answer_history (answer_id, revision, version, asked, language, channel, content, skipped,
                                       answered_at, options_reversed)
           SELECT id, revision, version, asked, language, channel, content, skipped, answered_at, options_reversed
           FROM answers
           WHERE run_id = :run AND question = :question""",
        run=run_id,
        question=question,
    )


def count_versions(tx: Tx, run_id: int, question: str) -> int:
    """How many are in the history."""
    return tx.count(
        """SELECT count(*) FROM answer_history
           WHERE answer_id = (SELECT id FROM answers WHERE run_id = :run AND question = :question)""",
        run=run_id,
        question=question,
    )


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    question: str
    revision: int
    content: str
    answered_at: int


def history(tx: Tx, run_id: int) -> list[EarlierAnswer]:
    rows = tx.all(
        """SELECT question, answer_history.revision, answer_history.content, answer_history.answered_at
           FROM answer_history JOIN answers ON answers.id = answer_id WHERE run_id = :run
           ORDER BY question, answer_history.revision""",
        run=run_id,
    )
    return [
        EarlierAnswer(row[0], row[1], _content(tx, run_id, row[0], HISTORY.at(run_id, row[0], row[1]), row[2]), row[3])
        for row in rows
    ]


def last_given(tx: Tx, run_id: int) -> int | None:
    """When the newest of a run's answers was given or corrected."""
    return tx.number("SELECT max(answered_at) FROM answers WHERE run_id = :run", run=run_id)


def keep_as_sent(tx: Tx, run_id: int) -> None:
    """Of a run whose author is erased: neither what was said before it was corrected, nor what was kept apart."""
    tx.erase("DELETE FROM answer_history WHERE answer_id IN (SELECT id FROM answers WHERE run_id = :run)", run=run_id)
    tx.erase("DELETE FROM answers_apart WHERE run_id = :run", run=run_id)


def take_back_apart(tx: Tx, run_id: int, question: str) -> None:
    """What was kept apart under a yes that its person has taken back."""
    tx.erase("DELETE FROM answers_apart WHERE run_id = :run AND question = :question", run=run_id, question=question)


@dataclass(frozen=True, slots=True)
class AskedApart:
    """A question as it was asked where the answer is kept apart: in which version of its flow."""

    flow: str
    version: int
    question: str


def asked_apart(tx: Tx, process_id: int) -> list[AskedApart]:
    """Under which questions a process has anything kept apart."""
    rows = tx.all(
        """SELECT DISTINCT flow, answers_apart.version, question
           FROM answers_apart JOIN runs ON runs.id = run_id JOIN people ON people.id = person_id
           WHERE process_id = :process ORDER BY flow, answers_apart.version, question""",
        process=process_id,
    )
    return [AskedApart(*row) for row in rows]


def forget_apart(tx: Tx, process_id: int, asked: AskedApart) -> int:
    """Deletes what was kept apart under one question of a process; the number of answers deleted."""
    return tx.erase(
        """DELETE FROM answers_apart WHERE question = :question AND version = :version AND run_id IN (
               SELECT runs.id FROM runs JOIN people ON people.id = person_id
               WHERE process_id = :process AND flow = :flow)""",
        process=process_id,
        flow=asked.flow,
        version=asked.version,
        question=asked.question,
    )


def given_since(tx: Tx, process_id: int, since: int) -> int:
    """How many answers of a process in force were given or corrected after then."""
    return tx.count(
        """SELECT count(*) AS answers FROM answers JOIN runs ON runs.id = run_id JOIN people ON people.id = person_id
           WHERE counted_in = :process AND answered_at > :since""",
        process=process_id,
        since=since,
    )


def count_apart(tx: Tx, process_id: int) -> int:
    """How many of a process are kept apart: how to reach somebody, and what they need."""
    return tx.count(
        """SELECT (SELECT count(*) FROM answers_apart JOIN runs ON runs.id = run_id
                   JOIN people ON people.id = person_id WHERE counted_in = :process)
                + (SELECT count(*) FROM signups JOIN people ON people.id = person_id
                   WHERE process_id = :process AND needs IS NOT NULL) AS told""",
        process=process_id,
    )


def sent_to(tx: Tx, process_id: int, question: str) -> list[str]:
    """The contents of every answer to one question in what people have sent."""
    rows = tx.all(
        """SELECT run_id, question, revision, content
           FROM answers JOIN runs ON runs.id = run_id JOIN people ON people.id = person_id
           WHERE counted_in = :process AND question = :question AND sent_at IS NOT NULL AND skipped = 0
           ORDER BY answers.id""",
        process=process_id,
        question=question,
    )
    return [told for _, told in readable(tx, rows)]


def readable(tx: Tx, rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    """Rows with their content, as `opened`; without those that can't be opened: nobody's lost key hides the others'."""
    for row in rows:
        try:
            yield row, opened(tx, row)
        except EncryptionError as error:
            log.error("run=%d question=%s fault=%s", row["run_id"], row["question"], type(error).__name__)


def opened(tx: Tx, row: Row) -> str:
    """The content of an answer in force; the row has `run_id`, `question` and `revision` too."""
    return tx.keys.open(ANSWER.at(row["run_id"], row["question"], row["revision"]), row["content"])
