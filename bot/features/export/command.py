"""The command «/eksport»: all answers as a file, for the leader. It is made outside the transaction, in a process of
its own."""

from __future__ import annotations

import hashlib
import logging

from bot import texts
from bot.access import Right, require
from bot.dialogue import acting_as, panel_navigation, screens
from bot.dialogue.commands import command_for_known
from bot.dialogue.file_words import table_words
from bot.dialogue.reply import Files, Reply, Screen
from bot.dialogue.session import Context, Session, Visit
from bot.features.export import job, service
from bot.flows.model import Language
from reports.answers import Exported
from reports.table_words import KEYS, Column, TableWords
from storage import audit, people
from storage.db import Database, Tx

log = logging.getLogger(__name__)
FORMATS = ("csv", "jsonl")
AT = "filer"  # the panel
NAMED = 10  # damaged answers that are named; more are told as a number


def _damaged(language: Language, words: TableWords, exported: Exported) -> tuple[str, ...]:
    """Names the answers that could not be read, and how they are marked in the file."""
    if not exported.damaged:
        return ()
    listed = ", ".join(map(str, exported.damaged[:NAMED])) + (" …" if len(exported.damaged) > NAMED else "")
    status = texts.quoted(language, str(words.of(Column.STATUS, "damaged")))
    return (texts.count(language, "export.damaged", len(exported.damaged), listed=listed, status=status),)


def left_out(s: Session) -> tuple[str, ...]:
    """How many people's answers are set aside, and how many answers that is."""
    people_aside = people.count_set_aside(s.tx, s.plan.process_id)
    if not people_aside:
        return ()
    number = texts.decimal(s.language, people.count_answers_set_aside(s.tx, s.plan.process_id))
    return (texts.count(s.language, "files.aside", people_aside, answers=number),)


def run(tx: Tx, context: Context, visit: Visit, rest: str) -> Reply:
    """`/eksport jsonl`; without a format CSV."""
    return command_for_known(lambda s: begin(s, rest.casefold() or "csv"))(tx, context, visit, rest)


def begin(s: Session, wanted: str) -> Reply:
    """Makes the file, or asks for the proof that it needs. Raises NotAllowed."""
    own = acting_as.oneself(s)
    require(own.roles, Right.EXPORT)
    if wanted not in FORMATS:
        return screens.words(s, s.say("export.usage"))
    path = f"{AT}/hent/{wanted}"
    shown = panel_navigation.too_little(own, path)
    if shown is not None:
        return acting_as.as_oneself(lambda there: panel_navigation.ask_first(there, path, shown))(s)
    return make(own, wanted)


def make(s: Session, wanted: str) -> Reply:
    """Written to the audit log. What follows makes the file."""
    s.audit("export", wanted)
    language, process = s.language, s.plan.file.process
    words = table_words(s.plan, language) if wanted == "csv" else KEYS
    aside = left_out(s)
    process_id, who, now = s.plan.process_id, s.person.pseudonym, s.visit.now

    async def made(database: Database) -> Reply:
        file, exported = await job.write_export(database, process, wanted, words)
        told = service.detail(wanted, exported.rows, hashlib.sha256(file.content).hexdigest())
        await database.write(lambda tx: audit.note(tx, process_id, who, "export-made", told, now))
        done = texts.count(language, "export.done", exported.rows, name=file.name)
        if exported.damaged:
            log.warning("export process=%d damaged=%s", process_id, ",".join(map(str, exported.damaged[:NAMED])))
        return Reply(
            language=language,
            screen=Screen.TEXT,
            notes=(done, *aside, *_damaged(language, words, exported)),
            files=Files(attachment=file),
        )

    return Reply(language=s.language, screen=Screen.TEXT, notes=(s.say("export.making"),), files=Files(follows=made))
