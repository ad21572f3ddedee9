"""Question drafts: what somebody who leads the work has told so far of a question they make of a proposal. One to a
person; what is in it is not known here."""

from __future__ import annotations

from storage import person_keys
from storage.db import Tx
from storage.encryption import UNREADABLE
from storage.sealed_columns import QUESTION_DRAFT


def of_person(tx: Tx, person_id: int) -> str | None:
    """JSON. None also of one that is damaged: it is told anew."""
    row = tx.one("SELECT content FROM question_drafts WHERE person_id = :person", person=person_id)
    if row is None:
        return None
    told = tx.keys.open_or_mark(QUESTION_DRAFT.at(person_id), row["content"], waits=True)
    return told if told != UNREADABLE else None


def put(tx: Tx, person_id: int, content: str, now: int) -> None:
    """In place of the person's draft of before."""
    tx.run(
        """INSERT INTO question_drafts (person_id, content, told_at) VALUES (:person, :content, :now)
           ON CONFLICT (person_id) DO UPDATE SET content = excluded.content, told_at = excluded.told_at""",
        person=person_id,
        content=tx.keys.seal_for(person_keys.of_person(tx, person_id), QUESTION_DRAFT.at(person_id), content),
        now=now,
    )


def drop(tx: Tx, person_id: int) -> None:
    tx.erase("DELETE FROM question_drafts WHERE person_id = :person", person=person_id)


def prune(tx: Tx, before: int) -> None:
    """Those that nobody has gone on with since then."""
    tx.erase("DELETE FROM question_drafts WHERE told_at < :before", before=before)
