"""All answers as a file, for the leader."""

from __future__ import annotations

from dataclasses import dataclass

from bot import texts
from bot.access import Right, require
from bot.conversation import entering, screens
from bot.conversation.situation import Situation
from bot.reply import Attachment, Reply, Screen
from storage import audit

FORMATS = ("csv", "jsonl")


@dataclass(frozen=True, slots=True)
class Made:
    attachment: Attachment
    rows: int


def export(s: Situation, wanted: str) -> Reply:
    """/eksport: allowed and written to the audit log here; the file is made outside the transaction."""
    s = entering.oneself(s)
    require(s.roles, Right.EXPORT)
    if wanted not in FORMATS:
        return screens.words(s, s.say("export.usage"))
    audit.note(s.tx, s.plan.process_id, s.person.pseudonym, "export", wanted, s.visit.now)
    return Reply(s.language, Screen.TEXT, notes=(s.say("export.making"),), making=s.plan.file.process)


def exported(asked: Reply, attachment: Attachment, rows: int) -> Reply:
    done = texts.say(asked.language, "export.done", name=attachment.name, rows=texts.decimal(asked.language, rows))
    return Reply(asked.language, Screen.TEXT, notes=(done,), attachment=attachment)
