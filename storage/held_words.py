"""Held words: what somebody wrote, of which it is in doubt whether it is an answer. Kept until they have said so."""

from __future__ import annotations

from dataclasses import dataclass

from storage import person_keys
from storage.db import Tx
from storage.sealed_columns import HELD_WORDS


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
    tx.run(
        """INSERT INTO held_words (person_id, channel, run_id, question, wish, content, message, said_at, unseen)
           VALUES (:person, :channel, :run, :question, :wish, :content, :message, :said_at, :unseen)""",
        person=person_id,
        channel=channel,
        run=words.run_id,
        question=words.question,
        wish=words.wish,
        content=tx.keys.seal_for(
            person_keys.of_person(tx, person_id), HELD_WORDS.at(person_id, channel, words.said_at), words.text
        ),
        message=words.message,
        said_at=words.said_at,
        unseen=int(words.unseen),
    )


_COLUMNS = "person_id, channel, content, message, said_at, run_id, question, wish, unseen"


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
    rows = tx.all(f"SELECT {_COLUMNS} FROM held_words WHERE person_id = :person AND {where} ORDER BY id", **values)
    return tuple(
        HeldWords(
            text=tx.keys.open(HELD_WORDS.at(row["person_id"], row["channel"], row["said_at"]), row["content"]),
            message=row["message"],
            said_at=row["said_at"],
            run_id=row["run_id"],
            question=row["question"],
            wish=row["wish"],
            unseen=bool(row["unseen"]),
        )
        for row in rows
    )


def release(tx: Tx, person_id: int, channel: str, run_id: int | None, question: str | None) -> None:
    """Forgets them: they are an answer now, or none."""
    tx.run(
        """DELETE FROM held_words WHERE person_id = :person AND channel = :channel AND run_id IS :run
           AND question IS :question""",
        person=person_id,
        channel=channel,
        run=run_id,
        question=question,
    )
