"""The message that a hearing response is treated differently."""

from __future__ import annotations

from bot import texts
from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import Session
from bot.features.dispositions import panel, service, wording
from bot.outbox.compose import go_to_panel
from storage.outbox import OutboxMessage

MOST_NAMED = 5  # responses in one message; the panel has them all


def differs(s: Session, row: OutboxMessage) -> Reply | None:
    """Nothing where they agree by now."""
    found = [each for each in wording.seen(s) if each.flow == row.about]
    if not found:
        return None
    leads = bool(s.roles & service.LEADING)
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        title=s.say("dispositions.title"),
        body=(
            texts.count(s.language, "dispositions.count", len(found)),
            *(wording.of(s, each) for each in found[:MOST_NAMED]),
            s.say("dispositions.what-leads" if leads else "dispositions.what"),
        ),
        moves=((Move(Verb.GO, s.say("dispositions.look"), row.id),),),
        why=s.say("dispositions.why-leads" if leads else "dispositions.why"),
    )


def look(s: Session, row: OutboxMessage, _verb: Verb) -> Reply:
    return go_to_panel(s, row, panel.PANEL)
