"""All answers as a file, for the leader."""

from __future__ import annotations

from dataclasses import dataclass

from bot import texts
from bot.access import Right, require
from bot.dialogue import acting_as, screens
from bot.dialogue.reply import Attachment, Reply, Screen
from bot.dialogue.session import Session
from storage import audit

FORMATS = ("csv", "jsonl")


@dataclass(frozen=True, slots=True)
class ExportedFile:
    attachment: Attachment
    rows: int


def begin_export(s: Session, wanted: str) -> Reply:
    """/eksport: allowed and written to the audit log here; the file is made outside the transaction."""
    s = acting_as.oneself(s)
    require(s.roles, Right.EXPORT)
    if wanted not in FORMATS:
        return screens.words(s, s.say("export.usage"))
    audit.note(s.tx, s.plan.process_id, s.person.pseudonym, "export", wanted, s.visit.now)
    return Reply(s.language, Screen.TEXT, notes=(s.say("export.making"),), making=s.plan.file.process)


def finished_export(asked: Reply, attachment: Attachment, rows: int) -> Reply:
    done = texts.say(asked.language, "export.done", name=attachment.name, rows=texts.decimal(asked.language, rows))
    return Reply(asked.language, Screen.TEXT, notes=(done,), attachment=attachment)
