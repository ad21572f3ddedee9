"""Deletion of everybody on the deletion date: told to those who lead 30, 7 and 1 days before, and nothing goes that was
not announced a week before.

It counts as announced when the first message was out; where nobody can be told, when that was noted. While one is still
on its way the deletion waits. What the messages say: privacy.messages.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

from bot.access import Right, Role, rights
from bot.features.export import service as export
from bot.flows import reminder_rules, schedule
from bot.flows.schedule import DAY, WEEK
from bot.outbox.kinds import MessageKind
from bot.outbox.reminders import Coming, Event
from bot.process.plan import Plan, deletion_at
from storage import audit, outbox, people, recipients, reminders
from storage.db import Tx
from storage.recipients import QueuedMessage
from storage.reminders import PlannedReminder

log = logging.getLogger(__name__)
ANNOUNCED_FOR = WEEK  # before anybody goes
DAYS = (1, 7, 30)  # before, on which it is told
TOKENS = tuple(f"{days}d" for days in DAYS)
WORTH = 30 * DAY  # for which an announcement is tried: it says how things stand when it goes out
BY_ITSELF = "besyv"  # who it is in the audit log
ERASED = "erased"  # and what was done there


def erases_at(tx: Tx, plan: Plan, now: int) -> int:
    """When everybody goes, as things stand: on the deletion date, and a week after it was announced at the earliest."""
    since = _announced(tx, plan, now)
    return max(deletion_at(plan.file), (now if since is None else since) + ANNOUNCED_FOR)


def erase(tx: Tx, plan: Plan, now: int) -> int:
    """Everybody and everything about them, when it is time; how many people. The audit log keeps when, how many, and
    the check sum of the last file that was taken out. For whoever comes afterwards it is announced anew."""
    if now < deletion_at(plan.file) or now < erases_at(tx, plan, now):
        return 0
    everybody = people.of_process(tx, plan.process_id)
    if not everybody:
        return 0
    for person_id in everybody:
        people.erase(tx, person_id)
    last = export.last(tx, plan.process_id)
    audit.note(tx, plan.process_id, BY_ITSELF, "erased", detail(len(everybody), last), now)
    log.warning("deletion process=%d erased=%d", plan.process_id, len(everybody))
    forget(tx, plan.process_id, now)
    return len(everybody)


def detail(number: int, last: export.ExportMade | None) -> str:
    """As it stands in the audit log."""
    return f"{number} {'-' if last is None else last.sha256}"


# --- announced --------------------------------------------------------------------------------------------


def announce(tx: Tx, plan: Plan, now: int) -> int:
    """What is to be told by now and was not; how many messages."""
    if now < _first(plan) or not people.count(tx, plan.process_id):
        return 0
    reminders.forget(tx, plan.process_id, MessageKind.DELETION, after=now)  # noted by a clock that was ahead then
    told = _told(tx, plan, now)
    at = erases_at(tx, plan, now)
    what = _due(plan, told, at, now)
    if what is None:
        return 0
    about, event = str(plan.process_id), deletion_at(plan.file)
    outbox.withdraw(tx, (MessageKind.DELETION,), about, now)  # of two, the later says it all
    due = schedule.decent(now, plan.hours)
    row = PlannedReminder(MessageKind.DELETION, about, what, event, plan.revision, now, at)
    message = QueuedMessage(f"{row.once}:{now}", MessageKind.DELETION, about, due, due + WORTH)
    messages = recipients.enqueue(tx, recipients.these(those_told(tx, plan)), message)
    reminders.note_told(tx, plan.process_id, row, messages, now)
    log.warning(
        "deletion process=%d on=%s told=%d", plan.process_id, f"{schedule.to_local(at):%Y-%m-%dT%H:%M}", messages
    )
    return messages


def events(_tx: Tx, plan: Plan, _now: int) -> Iterator[Event]:
    """So that what was announced of it, and is on its way, stays."""
    yield Event(MessageKind.DELETION, str(plan.process_id), deletion_at(plan.file))


def ahead(tx: Tx, plan: Plan, now: int, until: int) -> list[Coming]:
    """What will be told until then."""
    if until < _first(plan) or not people.count(tx, plan.process_id):
        return []
    told, about, number = _told(tx, plan, now), str(plan.process_id), len(those_told(tx, plan))
    return [
        Coming(each.due_at, MessageKind.DELETION, about, each.what, number)
        for each in reminder_rules.before(erases_at(tx, plan, now), TOKENS, now, plan.hours)
        if each.due_at <= until and each.what not in told
    ]


def forget(tx: Tx, process_id: int, now: int) -> None:
    """As if nothing had been announced: the date is another, or everybody has gone."""
    reminders.forget(tx, process_id, MessageKind.DELETION)
    outbox.withdraw(tx, (MessageKind.DELETION,), str(process_id), now)


def those_told(tx: Tx, plan: Plan) -> list[int]:
    """Those who can take out the answers."""
    table = people.role_table(tx, plan.process_id)
    return sorted({holder.person_id for holder in table if Right.EXPORT in rights(frozenset({Role(holder.role)}))})


def _first(plan: Plan) -> int:
    """When it is announced for the first time, if all goes well."""
    return schedule.to_utc(schedule.to_local(deletion_at(plan.file)) - timedelta(days=max(DAYS)))


def _told(tx: Tx, plan: Plan, now: int) -> dict[str, int]:
    """What was announced of this date, and when. What a clock noted that was ahead then does not count."""
    return reminders.told(tx, plan.process_id, MessageKind.DELETION, deletion_at(plan.file), now)


def _announced(tx: Tx, plan: Plan, now: int) -> int | None:
    """Since when it counts as announced."""
    told = _told(tx, plan, now)
    if not told:
        return None
    first, about = min(told.values()), str(plan.process_id)
    sent = outbox.first_sent(tx, MessageKind.DELETION, about, first, now)
    if sent is not None:
        return sent
    return now if outbox.is_waiting(tx, MessageKind.DELETION, about) else first


def _due(plan: Plan, told: dict[str, int], at: int, now: int) -> str | None:
    """Which of the announcements is to be made now."""
    if not told:
        return f"{next((days for days in DAYS if at - now <= days * DAY), max(DAYS))}d"
    due = [each.what for each in reminder_rules.before(at, TOKENS, 0, plan.hours) if each.due_at <= now]
    later = {what for what in TOKENS if due and TOKENS.index(what) <= TOKENS.index(due[-1])}
    return due[-1] if due and not later & told.keys() else None
