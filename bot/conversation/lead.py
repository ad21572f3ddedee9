"""What a project leader and the steering group may see: numbers; and, for the leader, all answers as a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from bot import texts
from bot.access import NotAllowed, Right, require
from bot.conversation import arrive, screens
from bot.conversation.situation import Situation
from bot.process.plan import START
from bot.reply import Attachment, Reply, Screen
from storage import audit, people, runs

FORMATS = ("csv", "jsonl")


@dataclass(frozen=True, slots=True)
class Made:
    attachment: Attachment
    rows: int


def status(s: Situation) -> Reply:
    """/status: how many said yes, and per step how many began and sent. Counts people, never shows what they said."""
    require(s.roles, Right.SEE_STATUS)
    audit.note(s.tx, s.plan.process_id, s.person.pseudonym, "status", "", s.visit.now)
    begun: dict[str, int] = defaultdict(int)
    sent: dict[str, int] = defaultdict(int)
    for row in runs.counts(s.tx, s.plan.process_id):
        begun[row.flow] += row.begun
        sent[row.flow] += row.sent
    rows = [
        s.say("status.row", step=screens.step_name(s, versioned.flow), begun=begun[key], sent=sent[key])
        for key, versioned in s.plan.flows.items()
        if key != START and begun[key]
    ]
    yes = texts.count(s.language, "status.people", people.accepted(s.tx, s.plan.process_id))
    return screens.words(s, s.say("status.title"), yes, "\n".join(rows) if rows else s.say("status.none"))


def export(s: Situation, wanted: str) -> Reply:
    """/eksport: allowed and written to the audit log here; the file is made outside the transaction."""
    require(s.roles, Right.EXPORT)
    if wanted not in FORMATS:
        return screens.words(s, s.say("export.usage"))
    audit.note(s.tx, s.plan.process_id, s.person.pseudonym, "export", wanted, s.visit.now)
    return Reply(s.language, Screen.TEXT, notes=(s.say("export.making"),), making=s.plan.file.process)


def exported(asked: Reply, attachment: Attachment, rows: int) -> Reply:
    done = texts.say(asked.language, "export.done", name=attachment.name, rows=texts.decimal(asked.language, rows))
    return Reply(asked.language, Screen.TEXT, notes=(done,), attachment=attachment)


def or_unknown(use_case: Callable[[Situation], Reply]) -> Callable[[Situation], Reply]:
    """To someone without the right the command does not exist."""

    def case(s: Situation) -> Reply:
        try:
            return use_case(s)
        except NotAllowed:
            return arrive.unknown(s)

    return case
