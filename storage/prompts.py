"""Prompts: what a person was shown last on a channel."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from storage.db import Tx, fields_of, named

_COLUMNS = """number, revision, screen, run_id, question, continues, shown_at, message, about, interrupted, maybe_from,
              acted_at, away_since"""
_FIELDS = (*fields_of(_COLUMNS), "holds")
_HOLDS = """EXISTS (SELECT 1 FROM held_words
                    WHERE held_words.person_id = prompts.person_id
                      AND (held_words.channel = prompts.channel OR reason = 'details'))"""


_BEGAN = 1_767_225_600  # 2026: numbers stay below a thousand million, as a button's data holds them, until 2057


def number_at(at: int) -> int:
    """A number above every one that was given before then: nobody is shown a screen a second for years. Who begins
    anew, having been erased or lost with a database that was restored, has old buttons in their chat, and none of them
    may come to mean something."""
    return max(1, at - _BEGAN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    number: int
    revision: int
    screen: str
    run_id: int | None
    question: str | None
    continues: str | None
    shown_at: int  # what led to it, while it has not been shown
    message: int | None  # None: not shown yet
    about: str | None = None  # of a panel: what its buttons lead to, JSON
    maybe_from: int | None = None  # in doubt, it may have been seen since then; by `shown_at` it was
    acted_at: int | None = None  # when its person last did something that showed or redrew it
    away_since: int | None = None  # the absence before which it was shown and after which nobody has acted on it
    interrupted: str | None = None  # the message that has come since it was shown, JSON
    holds: int = 0  # words of theirs wait here to become an answer, or not; a held answer anywhere; read alone

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
            number=number_at(shown_at) if old is None else old.number + 1,
            revision=0,
            screen=screen,
            run_id=run_id,
            question=question,
            continues=continues,
            shown_at=shown_at,
            message=None,
            about=about,
            acted_at=shown_at,
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
                                message, about, interrupted, maybe_from, acted_at)
           VALUES (:person, :channel, :number, :revision, :screen, :run, :question, :continues, :shown_at, :message,
                   :about, :interrupted, :maybe_from, :acted_at)
           ON CONFLICT (person_id, channel) DO UPDATE SET
               number = excluded.number, revision = excluded.revision, screen = excluded.screen,
               run_id = excluded.run_id, question = excluded.question, continues = excluded.continues,
               shown_at = excluded.shown_at, message = excluded.message, about = excluded.about,
               interrupted = excluded.interrupted, maybe_from = excluded.maybe_from, acted_at = excluded.acted_at,
               away_since = NULL""",
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
        maybe_from=prompt.maybe_from,
        acted_at=prompt.acted_at,
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


def mark_shown(
    tx: Tx, person_id: int, channel: str, number: int, at: int, message: int, *, in_doubt: bool = False
) -> None:
    """Notes when the prompt was first seen, by the channel's clock. `in_doubt`: it may have been seen before that,
    since what led to it. A later showing of the same only tells the person, after an absence, that we are back."""
    tx.run(
        """UPDATE prompts SET message = coalesce(message, :message), away_since = NULL,
                  maybe_from = CASE WHEN message IS NULL AND :doubt THEN shown_at ELSE maybe_from END,
                  shown_at = CASE WHEN message IS NULL THEN :at ELSE shown_at END
           WHERE person_id = :person AND channel = :channel AND number = :number
             AND (message IS NULL OR away_since IS NOT NULL)""",
        person=person_id,
        channel=channel,
        number=number,
        at=at,
        message=message,
        doubt=int(in_doubt),
    )


def mark_interrupted(
    tx: Tx, process_id: int, channel: str, since: int, screens: Sequence[str], *, first: int, last: int
) -> list[int]:
    """Marks the prompts on these screens whose people acted in the time, and returns whose they are: who can be reached
    and has not said no to messages (who enters for others: themselves). Who has not acted since an earlier absence, and
    whose update is on its way, are left out."""
    rows = tx.all(
        """UPDATE prompts SET away_since = :since
           WHERE channel = :channel AND coalesce(acted_at, shown_at) BETWEEN :first AND :last AND away_since IS NULL
             AND screen IN (SELECT value FROM json_each(:screens))
             AND EXISTS (
               SELECT 1 FROM people JOIN people AS who ON who.id = coalesce(people.entered_by, people.id)
               WHERE people.id = prompts.person_id AND people.process_id = :process
                 AND people.stopped_at IS NULL AND who.stopped_at IS NULL AND coalesce(who.reminders, 1) = 1)
             AND EXISTS (
               SELECT 1 FROM addresses WHERE addresses.person_id = prompts.person_id
                 AND addresses.channel = prompts.channel AND unreachable = 0
                 AND NOT EXISTS (
                   SELECT 1 FROM inbox WHERE state IN ('new', 'applied') AND CAST(lane AS TEXT) = addresses.address))
           RETURNING person_id""",
        process=process_id,
        channel=channel,
        since=since,
        screens=json.dumps(list(screens)),
        first=first,
        last=last,
    )
    return [row["person_id"] for row in rows]
