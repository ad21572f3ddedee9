"""Messages about an objection: to who decides it, and what was decided to who has objected."""

from __future__ import annotations

from bot import texts
from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import Session
from bot.features.objections import panel, requests_panel, service
from bot.outbox.compose import go_to_panel
from storage import objections
from storage.objections import Objection
from storage.outbox import OutboxMessage


def _objection(s: Session, row: OutboxMessage) -> Objection | None:
    return objections.by_id(s.tx, s.plan.process_id, int(row.about))


def made(s: Session, row: OutboxMessage) -> Reply | None:
    """Once when it is made, and again if it still waits after a fortnight."""
    found = _objection(s, row)
    if found is None or not found.waits or not s.may(service.DECIDES):
        return None
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        title=s.say("objections.made"),
        body=(
            s.say("objections.made-what", moment=texts.moment(s.language, found.made_at)),
            s.say("objections.until", day=texts.day(s.language, found.made_at + service.DECIDED_WITHIN)),
        ),
        moves=((Move(Verb.GO, s.say("objections.see"), row.id),),),
        why=s.say("deletion.why"),
    )


def see(s: Session, row: OutboxMessage, _verb: Verb) -> Reply:
    return go_to_panel(s, row, f"{requests_panel.AT}/{row.about}/se")


def decided(s: Session, row: OutboxMessage) -> Reply | None:
    """The answer in writing; it also stands where they see what is theirs."""
    found = _objection(s, row)
    if found is None or found.decided_at is None or found.taken_back_at is not None:
        return None
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        title=s.say("objection.answer"),
        body=panel.decided(s, found),
    )
