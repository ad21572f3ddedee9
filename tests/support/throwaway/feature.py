"""A rehearsal that people can be reminded of: a feature to be thrown away again, written as any other is.

In a copy of the house this is `bot/features/throwaway.py` (tests/support/throwaway/copied_house.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.dialogue.navigation import proceed, redraw, show
from bot.dialogue.panel import Args, Panel, PanelInput, column
from bot.dialogue.panel_parts import back
from bot.dialogue.reply import Move, Reply, Screen, Tap, Verb
from bot.dialogue.screens import button, left_as, words
from bot.dialogue.session import Session
from bot.flows.schedule import DAY
from bot.outbox.compose import as_recipient, go_as_recipient
from bot.outbox.reminders import Event
from bot.process.plan import Plan
from storage import outbox, recipients
from storage.db import Tx
from storage.outbox import NewMessage, OutboxMessage
from storage.recipients import Recipients
from storage.reminders import PlannedReminder, Reminder

SCREEN, KIND = "proeve", "proeve-husk"
AT = 1772820000  # Friday 6 March 2026 at 19.00


# --- the screen -------------------------------------------------------------------------------------------


def ask(s: Session) -> Reply:
    return show(s, SCREEN)


def draw(s: Session) -> Reply:
    yes, no = button(s, Verb.GO, "rehearsal-remind"), button(s, Verb.CANCEL, "rehearsal-no")
    return Reply(
        language=s.language,
        screen=SCREEN,
        title=s.say("rehearsal.title"),
        body=(s.say("rehearsal.what"),),
        moves=((yes, no),),
    )


def tapped(s: Session, tap: Tap, seen: Reply) -> Reply:
    if tap.verb is Verb.CANCEL:
        return left_as(proceed(s, s.say("rehearsal.not")), seen)
    once = f"{KIND}:{s.person.id}:{s.visit.now}"
    outbox.enqueue(s.tx, NewMessage(once, s.person.id, KIND, "salen", AT - DAY, AT))
    return redraw(s, s.say("rehearsal.noted"))


# --- the panel --------------------------------------------------------------------------------------------


def panel(s: Session, _args: Args, _sent: PanelInput) -> Panel:
    return Panel(
        at=SCREEN, title=s.say("lead.proeve"), body=(s.say("rehearsal.planned"),), rows=column(back(s, "leder"))
    )


# --- the message ------------------------------------------------------------------------------------------


def compose(s: Session, row: OutboxMessage) -> Reply | None:
    if s.visit.now >= AT:
        return None
    moves = (
        (Move(Verb.GO, s.say("rehearsal.see"), row.id), Move(Verb.AGREES, s.say("rehearsal.coming"), row.id)),
        (Move(Verb.DECLINE, s.say("opened.stop"), row.id),),
    )
    title, why = s.say("rehearsal.soon", name=row.about), s.say("rehearsal.why")
    return Reply(
        language=s.language, screen=Screen.TEXT, title=title, body=(s.say("rehearsal.there"),), why=why, moves=moves
    )


def see(s: Session, row: OutboxMessage, _verb: Verb) -> Reply:
    return go_as_recipient(s, row, ask)


def comes(s: Session, row: OutboxMessage, _verb: Verb) -> Reply:
    them = as_recipient(s, row)
    return words(them, them.say("rehearsal.thanks"))


# --- when it is due ---------------------------------------------------------------------------------------


def events(_tx: Tx, plan: Plan, _now: int) -> Iterator[Event]:
    """A reminder the day before, to everybody."""
    yield Event(KIND, "fredag", AT, (PlannedReminder(KIND, "fredag", "1d", AT, plan.revision, AT - DAY, AT),))


def everybody(_tx: Tx, plan: Plan, _row: Reminder, _at: int) -> Recipients:
    return recipients.audience(plan.process_id, 0, (), (), steering=False)
