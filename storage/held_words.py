"""Held words: what somebody wrote and has not said of what is to become of it. Kept until they have, in no list and no
count. Words in doubt may be an answer or not (docs/decisions/0025) and wait where they were written; a held answer
tells of somebody, is to be kept or corrected (docs/decisions/0047), and waits wherever its person comes.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from sqlite3 import Row

from storage import person_keys
from storage.db import Tx
from storage.encryption_errors import EncryptionError, KeyUnavailable
from storage.sealed_columns import HELD_WORDS

log = logging.getLogger(__name__)


class Reason(StrEnum):
    """Why they are held. Values stand in the database."""

    DOUBT = "doubt"
    DETAILS = "details"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAnswer:
    """`content` is what the answer would be (JSON of bot.flows.content)."""

    id: int
    run_id: int
    question: str
    content: str
    corrects: int | None  # the message whose correction it is; None: it was written or filled in
    said_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldWords:
    text: str
    message: int | None
    said_at: int
    run_id: int | None  # None: written to a panel
    question: str | None
    wish: str | None = None  # the command that the word may ask for; None: the words came after a message
    unseen: bool = False  # nor that: the question may not have been seen when they were sent


def hold(tx: Tx, person_id: int, channel: str, words: HeldWords) -> None:
    """Words in doubt."""
    _put(
        tx,
        person_id,
        channel,
        Reason.DOUBT,
        words.text,
        run=words.run_id,
        question=words.question,
        wish=words.wish,
        message=words.message,
        said_at=words.said_at,
        unseen=int(words.unseen),
    )


def hold_answer(
    tx: Tx, person_id: int, channel: str, run_id: int, question: str, content: str, said_at: int, corrects: int | None
) -> None:
    """In place of what was held for the question before."""
    release_answer(tx, person_id, run_id, question)
    _put(
        tx,
        person_id,
        channel,
        Reason.DETAILS,
        content,
        run=run_id,
        question=question,
        wish=None,
        message=corrects,
        said_at=said_at,
        unseen=0,
    )


def _put(tx: Tx, person_id: int, channel: str, reason: Reason, content: str, *, said_at: int, **values: object) -> None:
    place = HELD_WORDS.at(person_id, channel, said_at)
    tx.run(
        """INSERT INTO held_words (person_id, channel, run_id, question, wish, content, message, said_at, unseen,
                                   reason)
           VALUES (:person, :channel, :run, :question, :wish, :content, :message, :said_at, :unseen, :reason)""",
        person=person_id,
        channel=channel,
        content=tx.keys.seal_for(person_keys.of_person(tx, person_id), place, content),
        said_at=said_at,
        reason=reason,
        **values,
    )


_COLUMNS = "id, person_id, channel, content, message, said_at, run_id, question, wish, unseen"


def of_question(
    tx: Tx, person_id: int, channel: str, run_id: int | None, question: str | None
) -> tuple[HeldWords, ...]:
    """What waits to become an answer to the question, or input of a panel (`run_id` None), in the order it was said."""
    return _read(
        tx,
        "channel = :channel AND run_id IS :run AND question IS :question",
        person=person_id,
        channel=channel,
        run=run_id,
        question=question,
    )


def of_person(tx: Tx, person_id: int) -> tuple[HeldWords, ...]:
    return _read(tx, "1", person=person_id)


def _read(tx: Tx, where: str, **values: object) -> tuple[HeldWords, ...]:
    return tuple(
        HeldWords(
            text=_opened(tx, row),
            message=row["message"],
            said_at=row["said_at"],
            run_id=row["run_id"],
            question=row["question"],
            wish=row["wish"],
            unseen=bool(row["unseen"]),
        )
        for row in _rows(tx, Reason.DOUBT, where, **values)
    )


def answers_of(tx: Tx, person_id: int) -> tuple[HeldAnswer, ...]:
    """What waits to be kept or corrected, on whichever channel it was said, in that order. One that is damaged can be
    neither: it is left out, and shuts nobody out of the rest. Raises KeyUnavailable."""
    return tuple(
        HeldAnswer(
            id=row["id"],
            run_id=row["run_id"],
            question=row["question"],
            content=content,
            corrects=row["message"],
            said_at=row["said_at"],
        )
        for row in _rows(tx, Reason.DETAILS, "1", person=person_id)
        if (content := _readable(tx, row)) is not None
    )


def _readable(tx: Tx, row: Row) -> str | None:
    try:
        return _opened(tx, row)
    except KeyUnavailable:
        raise
    except EncryptionError as error:
        log.error("held_words=%d fault=%s", row["id"], type(error).__name__)
        return None


def _rows(tx: Tx, reason: Reason, where: str, **values: object) -> list[Row]:
    return tx.all(
        f"SELECT {_COLUMNS} FROM held_words WHERE person_id = :person AND reason = :reason AND {where} ORDER BY id",
        reason=reason,
        **values,
    )


def _opened(tx: Tx, row: Row) -> str:
    return tx.keys.open(HELD_WORDS.at(row["person_id"], row["channel"], row["said_at"]), row["content"])


def release_answer(tx: Tx, person_id: int, run_id: int, question: str) -> None:
    """Forgets what was held for the question: it is an answer now, or is to be written anew."""
    tx.erase(
        """DELETE FROM held_words
           WHERE person_id = :person AND run_id = :run AND question = :question AND reason = 'details'""",
        person=person_id,
        run=run_id,
        question=question,
    )


def release(tx: Tx, person_id: int, channel: str, run_id: int | None, question: str | None) -> None:
    """Forgets them: they are an answer now, or none."""
    tx.run(
        """DELETE FROM held_words WHERE person_id = :person AND channel = :channel AND run_id IS :run
           AND question IS :question AND reason = 'doubt'""",
        person=person_id,
        channel=channel,
        run=run_id,
        question=question,
    )
