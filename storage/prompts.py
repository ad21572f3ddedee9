"""Prompts: what a person was shown last on a channel."""

from __future__ import annotations

import json
from dataclasses import dataclass

from storage.db import Tx, fields_of, named

_COLUMNS = "number, revision, screen, run_id, question, continues, shown_at, message, about, interrupted"
_FIELDS = (*fields_of(_COLUMNS), "holds")
_HOLDS = """EXISTS (SELECT 1 FROM held_words
                    WHERE held_words.person_id = prompts.person_id AND held_words.channel = prompts.channel)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    number: int
    revision: int
    screen: str
    run_id: int | None
    question: str | None
    continues: str | None
    shown_at: int
    message: int | None
    about: str | None = None  # of a panel: what its buttons lead to, JSON
    interrupted: str | None = None  # the message that has come since it was shown, JSON
    holds: int = 0  # words of theirs wait here to become an answer, or not; read alone

    @classmethod
    def next(
        cls,
        old: Prompt | None,
        screen: str,
        shown_at: int,
        *,
        run_id: int | None = None,
        question: str | None = None,
        continues: str | None = None,
        about: str | None = None,
    ) -> Prompt:
        """The prompt behind the old one, whose buttons mean nothing any more: numbers count on."""
        return cls(
            number=1 if old is None else old.number + 1,
            revision=0,
            screen=screen,
            run_id=run_id,
            question=question,
            continues=continues,
            shown_at=shown_at,
            message=None,
            about=about,
            holds=0 if old is None else old.holds,
        )


def last(tx: Tx, person_id: int, channel: str) -> Prompt | None:
    row = tx.one(
        f"SELECT {_COLUMNS}, {_HOLDS} FROM prompts WHERE person_id = :person AND channel = :channel",
        person=person_id,
        channel=channel,
    )
    return Prompt(**named(_FIELDS, row)) if row else None


def of_person(tx: Tx, person_id: int) -> list[tuple[str, str, str | None, int]]:
    """Channel, screen, question, and when, of what the person was shown last."""
    rows = tx.all(
        "SELECT channel, screen, question, shown_at FROM prompts WHERE person_id = :person ORDER BY channel",
        person=person_id,
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def put(tx: Tx, person_id: int, channel: str, prompt: Prompt) -> None:
    tx.run(
        """INSERT INTO prompts (person_id, channel, number, revision, screen, run_id, question, continues, shown_at,
                                message, about, interrupted)
           VALUES (:person, :channel, :number, :revision, :screen, :run, :question, :continues, :shown_at, :message,
                   :about, :interrupted)
           ON CONFLICT (person_id, channel) DO UPDATE SET
               number = excluded.number, revision = excluded.revision, screen = excluded.screen,
               run_id = excluded.run_id, question = excluded.question, continues = excluded.continues,
               shown_at = excluded.shown_at, message = excluded.message, about = excluded.about,
               interrupted = excluded.interrupted""",
        person=person_id,
        channel=channel,
        number=prompt.number,
        revision=prompt.revision,
        screen=prompt.screen,
        run=prompt.run_id,
        question=prompt.question,
        continues=prompt.continues,
        shown_at=prompt.shown_at,
        message=prompt.message,
        about=prompt.about,
        interrupted=prompt.interrupted,
    )


def interrupt(tx: Tx, channel: str, address: str, what: str) -> None:
    """Notes that a message has come at the address, behind whatever whoever acts there was shown last."""
    tx.run(
        """UPDATE prompts SET interrupted = :what WHERE channel = :channel AND person_id IN (
               SELECT person_id FROM addresses WHERE channel = :channel AND address = :address)""",
        channel=channel,
        address=address,
        what=what,
    )


def mark_shown(tx: Tx, person_id: int, channel: str, number: int, at: int | None, message: int) -> None:
    """Notes when the prompt was first seen, by the channel's clock; None leaves the time of what led to it.
    Later showings of the same change nothing."""
    tx.run(
        """UPDATE prompts SET shown_at = coalesce(:at, shown_at), message = :message
           WHERE person_id = :person AND channel = :channel AND number = :number AND message IS NULL""",
        person=person_id,
        channel=channel,
        number=number,
        at=at,
        message=message,
    )


def waiting_since(tx: Tx, channel: str, first: int, last: int, screens: list[str]) -> list[tuple[str, int]]:
    """(address, number) of prompts on these screens that were shown in the time, of people we can reach."""
    return [
        (row["address"], row["number"])
        for row in tx.all(
            """SELECT address, number FROM prompts JOIN addresses USING (person_id, channel)
               WHERE channel = :channel AND shown_at BETWEEN :first AND :last AND unreachable = 0
                 AND screen IN (SELECT value FROM json_each(:screens))
               ORDER BY shown_at""",
            channel=channel,
            first=first,
            last=last,
            screens=json.dumps(screens),
        )
    ]
