"""Answers in force, their history, and what is kept apart from them. Contents are encrypted."""

from __future__ import annotations

from dataclasses import dataclass

from storage.db import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An answer as it lies here; `content` is opened (JSON of bot.flows.content)."""

    id: int
    question: str
    version: int
    revision: int
    asked: str
    language: str
    channel: str
    content: str
    skipped: int
    open: int
    closed_once: int
    answered_at: int
    apart: int


def of_run(tx: Tx, run_id: int) -> list[Stored]:
    """Every answer of a run, those kept apart too."""
    decrypt = tx.keys.decrypt
    rows = tx.all(
        """SELECT id, question, version, revision, asked, language, channel, content, skipped, open, closed_once,
                  answered_at, 0 FROM answers WHERE run_id = :run
           UNION ALL
           SELECT id, question, version, revision, asked, language, channel, content, skipped, open, closed_once,
                  answered_at, 1 FROM answers_apart WHERE run_id = :run""",
        run=run_id,
    )
    return [
        Stored(
            id=id_,
            question=question,
            version=version,
            revision=revision,
            asked=asked,
            language=language,
            channel=channel,
            content=decrypt(content),
            skipped=skip,
            open=open_,
            closed_once=closed,
            answered_at=at,
            apart=apart,
        )
        for id_, question, version, revision, asked, language, channel, content, skip, open_, closed, at, apart in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToStore:
    run_id: int
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


_PUT = """INSERT INTO {table} (run_id, question, version, revision, asked, language, channel, content, skipped, open,
                               closed_once, answered_at)
          VALUES (:run, :question, :version, :revision, :asked, :language, :channel, :content, :skipped, :open,
                  :closed_once, :answered_at)
          ON CONFLICT (run_id, question) DO UPDATE SET
              version = excluded.version, revision = excluded.revision, asked = excluded.asked,
              language = excluded.language, channel = excluded.channel, content = excluded.content,
              skipped = excluded.skipped, open = excluded.open, closed_once = excluded.closed_once,
              answered_at = excluded.answered_at"""

_PUT_ANSWER = _PUT.format(table="answers")
_PUT_APART = _PUT.format(table="answers_apart")


def put(tx: Tx, new: ToStore, *, apart: bool) -> None:
    """Writes the answer in force in place of the one before."""
    tx.run(
        _PUT_APART if apart else _PUT_ANSWER,
        run=new.run_id,
        question=new.question,
        version=new.version,
        revision=new.revision,
        asked=new.asked,
        language=new.language,
        channel=new.channel,
        content=tx.keys.encrypt(new.content),
        skipped=int(new.skipped),
        open=int(new.open),
        closed_once=int(new.closed_once),
        answered_at=new.answered_at,
    )


def remember(tx: Tx, run_id: int, question: str) -> None:
    """Copies the answer in force to the history, before a new revision takes its place."""
    tx.run(
        """INSERT INTO answer_history (answer_id, revision, version, asked, language, channel, content, skipped,
                                       answered_at)
           SELECT id, revision, version, asked, language, channel, content, skipped, answered_at FROM answers
           WHERE run_id = :run AND question = :question""",
        run=run_id,
        question=question,
    )


@dataclass(frozen=True, slots=True)
class Earlier:
    question: str
    revision: int
    content: str
    answered_at: int


def history(tx: Tx, run_id: int) -> list[Earlier]:
    rows = tx.all(
        """SELECT question, answer_history.revision, answer_history.content, answer_history.answered_at
           FROM answer_history JOIN answers ON answers.id = answer_id WHERE run_id = :run
           ORDER BY question, answer_history.revision""",
        run=run_id,
    )
    return [Earlier(row[0], row[1], tx.keys.decrypt(row[2]), row[3]) for row in rows]


def forget_apart(tx: Tx, process_id: int, flow: str) -> int:
    """Deletes what was kept apart in one flow of a process; the number of answers deleted."""
    return tx.run(
        """DELETE FROM answers_apart WHERE run_id IN (
               SELECT runs.id FROM runs JOIN people ON people.id = person_id
               WHERE process_id = :process AND flow = :flow)""",
        process=process_id,
        flow=flow,
    )


def sent_to(tx: Tx, process_id: int, question: str) -> list[str]:
    """The contents of every answer to one question in what people have sent."""
    rows = tx.all(
        """SELECT content FROM answers JOIN runs ON runs.id = run_id JOIN people ON people.id = person_id
           WHERE process_id = :process AND question = :question AND sent_at IS NOT NULL AND skipped = 0
           ORDER BY answers.id""",
        process=process_id,
        question=question,
    )
    return [tx.keys.decrypt(row["content"]) for row in rows]
