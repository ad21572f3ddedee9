"""Whose key seals what: a person's own, made with the first thing that is sealed for them, or a response's own where
it must outlive its author. A key that nobody has any more is to be overwritten: triggers note it in `keys_to_erase`
with whatever takes its row away, and it stays there until that is done in the key store and its copy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from storage import resealing
from storage.db import Tx
from storage.sealed_columns import ANSWER, HISTORY, SealedColumn

_OF_RUN = """SELECT runs.key_id, people.key_id, people.id FROM runs JOIN people ON people.id = person_id
             WHERE runs.id = :run"""


def of_person(tx: Tx, person_id: int) -> bytes:
    """The id of the person's key."""
    known = tx.only("SELECT key_id FROM people WHERE id = :person", person=person_id)[0]
    return known if known is not None else _give(tx, person_id)


def of_run(tx: Tx, run_id: int) -> bytes:
    """The id of the key of the answers in force: the response's own, or its author's."""
    own, authors, author = tx.only(_OF_RUN, run=run_id)
    return own or authors or _give(tx, author)


def of_author(tx: Tx, run_id: int) -> bytes:
    """Of what is kept apart: it goes with the author whatever becomes of the answers."""
    _, authors, author = tx.only(_OF_RUN, run=run_id)
    return authors or _give(tx, author)


def of_chat(tx: Tx, chat: int) -> bytes | None:
    """Of who writes from there; None where they have none yet."""
    row = tx.one(
        """SELECT key_id FROM addresses JOIN people ON people.id = person_id
           WHERE channel = 'telegram' AND address = :chat AND source IS NULL
           ORDER BY entered_at DESC, people.id DESC LIMIT 1""",
        chat=str(chat),
    )
    return None if row is None else row[0]


def _give(tx: Tx, person_id: int) -> bytes:
    new = tx.keys.people.new()
    tx.run("UPDATE people SET key_id = :key WHERE id = :person", key=new, person=person_id)
    return new


def drop(tx: Tx, person_id: int) -> None:
    """Of somebody of whom nothing is left that it sealed."""
    tx.erase("UPDATE people SET key_id = NULL WHERE id = :person AND key_id IS NOT NULL", person=person_id)


_OWNERS: Final[dict[str, Callable[[Tx, int], bytes | None]]] = {
    "person": of_person,
    "run": of_run,
    "author": of_author,
    "chat": of_chat,
}


def of_value(tx: Tx, column: SealedColumn, owner: int | None) -> bytes | None:
    """Whose key a value of the column is sealed with; None: the key file's."""
    return _OWNERS[column.of](tx, owner) if column.of and owner is not None else None


# --- a response's own -------------------------------------------------------------------------------------


def give_own(tx: Tx, run_id: int) -> None:
    """The run gets a key of its own, if it has none: what was answered in it can outlive its author."""
    if tx.only(_OF_RUN, run=run_id)[0] is None:
        _seal_anew(tx, run_id, tx.keys.people.new())


def take_own(tx: Tx, run_id: int) -> None:
    """The run goes with its author again; the key it had is overwritten."""
    if tx.only(_OF_RUN, run=run_id)[0] is not None:
        _seal_anew(tx, run_id, None)


def _seal_anew(tx: Tx, run_id: int, own: bytes | None) -> None:
    key_id = own or of_author(tx, run_id)
    for column in (ANSWER, HISTORY):
        batch = resealing.values(tx, column, "answers.run_id = :run", run=run_id)
        resealing.seal_anew(tx, column, batch, lambda _: key_id)
    tx.erase("UPDATE runs SET key_id = :own WHERE id = :run", own=own, run=run_id)


def give_own_to_responses(tx: Tx) -> int:
    """Those that were sent before responses had keys of their own; how many."""
    runs = tx.all("SELECT run_id FROM hearing_responses JOIN runs ON runs.id = run_id WHERE key_id IS NULL")
    for row in runs:
        give_own(tx, row["run_id"])
    return len(runs)


# --- to be overwritten ------------------------------------------------------------------------------------


def due(tx: Tx) -> list[bytes]:
    """Those that must be overwritten."""
    return [row[0] for row in tx.all("SELECT key_id FROM keys_to_erase")]


def settle(tx: Tx, key_ids: list[bytes]) -> None:
    """They are overwritten, in the key store and in its copy."""
    for each in key_ids:
        tx.run("DELETE FROM keys_to_erase WHERE key_id = :key", key=each)


def note_since(tx: Tx, now: int) -> None:
    """From when those wait that nobody has seen before."""
    tx.run("UPDATE keys_to_erase SET since = :now WHERE since IS NULL", now=now)


def waiting_since(tx: Tx) -> int | None:
    """When the one that has waited longest was seen first; None where there is none."""
    return tx.number("SELECT min(since) FROM keys_to_erase")
