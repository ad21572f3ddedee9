"""What is left of a conversation in the database, as far as it may not depend on the channel it was held on.

Not compared: times, ids, revisions, and the words of a choice that was typed on one channel and pressed on the other.
The order of ticks says nothing. An answer that was closed once counts as closed: on Telegram «Ret 3» opens it, on the
web it only shows its page.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from bot.flows.model import OTHER, Flow, QuestionKind
from storage import answers, capacities, people, runs
from storage.answers import StoredAnswer
from storage.db import Tx
from tests.support.chat import Town


@dataclass(frozen=True, slots=True)
class Answer:
    asked: str
    language: str
    category: tuple[str, ...]
    keys: tuple[str, ...]
    words: tuple[str, ...]
    skipped: bool
    open: bool
    apart: bool


@dataclass(frozen=True, slots=True)
class Run:
    version: int
    sent: bool
    answers: dict[str, Answer]


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """Of one person, in everything they answer as."""

    profile: tuple[object, ...]
    accepted: bool
    stopped: bool
    roles: frozenset[str]
    capacities: tuple[tuple[object, ...], ...]
    runs: dict[tuple[str, str | None], Run]  # by flow and group


async def stored_conversations(town: Town) -> list[StoredConversation]:
    """Of everybody who has begun, in the order in which they came."""
    return await town.runtime.database.read(lambda tx: _everybody(tx, town))


def _everybody(tx: Tx, town: Town) -> list[StoredConversation]:
    host = town.runtime.process_host
    plan = host.plan(tx)

    def answered_in(flow: str, version: int) -> Flow:
        return host.flow(tx, plan, flow, version)

    ids = [int(row["id"]) for row in tx.all("SELECT id FROM people ORDER BY id")]
    return [_stored_conversation(tx, person_id, answered_in) for person_id in ids if runs.of_person(tx, person_id)]


def _stored_conversation(tx: Tx, person_id: int, answered_in: Callable[[str, int], Flow]) -> StoredConversation:
    person = people.by_id(tx, person_id)
    assert person is not None
    return StoredConversation(
        profile=(
            person.language,
            person.stakeholder,
            person.reminders,
            person.came_for,
        ),
        accepted=person.notice_version is not None,
        stopped=person.stopped_at is not None,
        roles=people.roles(tx, person_id),
        capacities=tuple(
            (each.stakeholder, each.front, each.field, each.department, each.area, each.size, each.in_use)
            for each in capacities.of_person(tx, person_id)
        ),
        runs={
            (run.flow, run.stakeholder): Run(
                run.version,
                run.sent_at is not None,
                {row.question: _answer(row, answered_in(run.flow, row.version)) for row in answers.of_run(tx, run.id)},
            )
            for run in runs.of_person(tx, person_id)
        },
    )


def _answer(row: StoredAnswer, flow: Flow) -> Answer:
    question = flow.question(row.question)
    category, keys, parts, _ = json.loads(row.content)
    categories = category.split(",") if category else []
    if question.kind is QuestionKind.MULTI:
        categories, keys = sorted(categories), sorted(keys)
    own_words = question.is_written or OTHER in keys
    return Answer(
        row.asked,
        row.language,
        tuple(categories),
        tuple(keys),
        tuple(text for text, _ in parts) if own_words else (),
        row.skipped,
        row.open and not row.closed_once,
        row.apart,
    )
