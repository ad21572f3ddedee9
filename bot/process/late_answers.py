"""Who may answer a step after its deadline, and until when: a party by a late link of its own, and who enters what came
by letter or mail. Not here: what is late (bot.features.late_answers)."""

from __future__ import annotations

from bot.access import Right, rights
from storage import hearing_responses, late_answers, people
from storage.db import Tx
from storage.people import Person
from storage.runs import Run


def may(tx: Tx, person: Person, flow: str, run: Run | None, at: int) -> bool:
    """Whether the person may answer the step though it is closed. `run`: theirs of it."""
    return by_link_until(tx, person, flow, run, at) is not None or _may_enter(tx, person, flow, run)


def by_link_until(tx: Tx, person: Person, flow: str, run: Run | None, at: int) -> int | None:
    """The moment until which their late link holds for what is not sent yet, or was sent late. What was sent in time is
    as it stood then."""
    if person.came_by is None:
        return None
    until = late_answers.open_until(tx, person.id, flow, run.id if run is not None else None, at)
    if until is None or run is None:
        return until
    sent_in_time = run.sent_at is not None and not late_answers.reception(tx, run.id).late
    return None if sent_in_time or _is_journalised(tx, run) else until


def _may_enter(tx: Tx, person: Person, flow: str, run: Run | None) -> bool:
    """An entry of a letter or a mail, as long as who entered it may enter such."""
    if person.entered_by is None or late_answers.came_on(tx, person.id, flow) is None:
        return False
    if Right.ENTER_POSTED not in rights(people.roles(tx, person.entered_by)):
        return False
    return run is None or not _is_journalised(tx, run)


def _is_journalised(tx: Tx, run: Run) -> bool:
    response = hearing_responses.of_run(tx, run.id)
    return response is not None and response.journalised_at is not None
