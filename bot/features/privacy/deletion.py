"""Deletion of everybody on the deletion date: told to those who lead 30, 7 and 1 days before, and nothing goes that was
not announced a week before.

It counts as announced when the first message was out; where nobody can be told, when that was noted. While one is still
on its way the deletion waits. Time that we did not see pass does not count (privacy.clock). What the messages say:
privacy.messages.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from bot.features.export import service as export
from bot.features.hearing import service as hearing
from bot.features.invitations.service import OPERATOR
from bot.features.privacy import clock
from bot.features.privacy.clock import those_told
from bot.flows import reminder_rules, schedule
from bot.flows.schedule import DAY, WEEK
from bot.outbox.kinds import MessageKind
from bot.outbox.reminders import UpcomingMessage
from bot.process.plan import Plan, deletion_at
from storage import audit, broadcasts, invitations, outbox, people, recipients, register, reminders
from storage.db import Tx
from storage.recipients import QueuedMessage
from storage.reminders import Noted, PlannedReminder

log = logging.getLogger(__name__)
ANNOUNCED_FOR = WEEK  # before anybody goes
DAYS = (1, 7, 30)  # before, on which it is told
TOKENS = tuple(f"{days}d" for days in DAYS)
WORTH = 30 * DAY  # for which an announcement is tried: it says how things stand when it goes out
BY_ITSELF = "besyv"  # who it is in the audit log
ERASED = "erased"  # and what was done there


def erases_at(tx: Tx, plan: Plan, now: int) -> int:
    """Returns when everybody goes, as things stand: on the deletion date, and a week after the announcement at the
    earliest."""
    since = min((each.at for each in _noted(tx, plan) if each.told), default=now)
    return max(deletion_at(plan.file), since + ANNOUNCED_FOR)


def erase(tx: Tx, plan: Plan, now: int) -> int:
    """Erases everybody and everything about them, when it is time, and returns how many people; where nobody is left,
    what may name people goes on the day itself. The audit log keeps what was done and when, and the check sum of the
    last file that was taken out. For whoever comes afterwards it is announced anew."""
    if now < deletion_at(plan.file):
        return 0
    _count_what_is_out(tx, plan, now)
    everybody = people.of_process(tx, plan.process_id)
    if everybody and now < erases_at(tx, plan, now):
        return 0
    for person_id in everybody:
        people.erase(tx, person_id)
    _forget_names(tx, plan.process_id)
    if not everybody:
        return 0
    last = export.last(tx, plan.process_id)
    audit.note(tx, plan.process_id, BY_ITSELF, "erased", detail(len(everybody), last), now)
    log.warning("deletion process=%d erased=%d", plan.process_id, len(everybody))
    forget(tx, plan.process_id, now)
    return len(everybody)


def _forget_names(tx: Tx, process_id: int) -> None:
    """What may name people and is nobody's own."""
    hearing.forget_everything(tx, process_id)
    register.forget_contacts(tx, process_id)
    invitations.forget_labels(tx, process_id)
    broadcasts.forget(tx, process_id)
    audit.forget_names(tx, process_id, but=(OPERATOR, BY_ITSELF))


def detail(number: int, last: export.ExportMade | None) -> str:
    """Puts it as it stands in the audit log."""
    return f"{number} {'-' if last is None else last.sha256}"


# --- announced --------------------------------------------------------------------------------------------


def announce(tx: Tx, plan: Plan, now: int) -> int:
    """Announces what is to be told by now and was not, and returns how many messages. Not by a clock in doubt."""
    if now < _first(plan) or clock.is_doubted(tx) or not people.count(tx, plan.process_id):
        return 0
    reminders.forget(tx, plan.process_id, MessageKind.DELETION, after=now + clock.JUMP)  # by a clock that was ahead
    _count_what_is_out(tx, plan, now)
    at = erases_at(tx, plan, now)
    what = _due(plan, _noted(tx, plan), at, now)
    if what is None:
        return 0
    about = str(plan.process_id)
    outbox.withdraw(tx, (MessageKind.DELETION,), about, now)  # of two, the later says it all
    due = schedule.next_sending_time(now, plan.hours)
    row = PlannedReminder(MessageKind.DELETION, about, what, deletion_at(plan.file), plan.revision, now, at)
    message = QueuedMessage(_of(row.once, now), MessageKind.DELETION, about, due, due + WORTH)
    messages = recipients.enqueue(tx, recipients.these(those_told(tx, plan)), message)
    reminders.note(tx, plan.process_id, row, messages)
    on = f"{schedule.to_local(at):%Y-%m-%dT%H:%M}"
    log.warning("deletion process=%d on=%s told=%d", plan.process_id, on, messages)
    return messages


def ahead(tx: Tx, plan: Plan, now: int, until: int) -> list[UpcomingMessage]:
    """Lists what will be told until then."""
    if until < _first(plan) or not people.count(tx, plan.process_id):
        return []
    noted = {each.what for each in _noted(tx, plan)}
    about, number = str(plan.process_id), len(those_told(tx, plan))
    return [
        UpcomingMessage(each.due_at, MessageKind.DELETION, about, each.what, number)
        for each in reminder_rules.before(erases_at(tx, plan, now), TOKENS, now, plan.hours)
        if each.due_at <= until and each.what not in noted
    ]


def forget(tx: Tx, process_id: int, now: int) -> None:
    """Forgets what was announced: the date is another, or everybody has gone."""
    reminders.forget(tx, process_id, MessageKind.DELETION)
    outbox.withdraw(tx, (MessageKind.DELETION,), str(process_id), now)


def _first(plan: Plan) -> int:
    """Returns when it is announced for the first time, if all goes well."""
    return schedule.to_utc(schedule.to_local(deletion_at(plan.file)) - timedelta(days=max(DAYS)))


def _noted(tx: Tx, plan: Plan) -> list[Noted]:
    return reminders.noted(tx, plan.process_id, MessageKind.DELETION, deletion_at(plan.file))


def _of(once: str, noted_at: int) -> str:
    """Names the messages of an announcement: the same date may be announced again."""
    return f"{once}:{noted_at}"


def _count_what_is_out(tx: Tx, plan: Plan, now: int) -> None:
    """Counts an announcement from when its first message was out, or, where nobody can be told, from when it was made.
    What was out before nobody looked for a while counts from then on."""
    for each in (each for each in _noted(tx, plan) if not each.told):
        once = _of(each.once.partition(":")[2], each.noted_at)  # without the process
        states = outbox.states_of(tx, MessageKind.DELETION, str(plan.process_id), once)
        if "sent" in states:
            reminders.tell(tx, each.once, min(now, max(each.at, states["sent"])))
        elif not states.keys() & {"due", "held", "withdrawn"}:
            reminders.tell(tx, each.once, each.at)


def _due(plan: Plan, noted: Sequence[Noted], at: int, now: int) -> str | None:
    """Returns which of the announcements is to be made now."""
    if not noted:
        return f"{next((days for days in DAYS if at - now <= days * DAY), max(DAYS))}d"
    due = [each.what for each in reminder_rules.before(at, TOKENS, 0, plan.hours) if each.due_at <= now]
    if not due:
        return None
    as_late = TOKENS[: TOKENS.index(due[-1]) + 1]
    return due[-1] if all(each.what not in as_late for each in noted) else None
