"""Links in an e-mail: whoever has the code may press that mail's buttons as its recipient, and do nothing else. The
code is 128 random bits; only its hash is stored."""

from __future__ import annotations

from dataclasses import dataclass

from bot.codes import hash_of
from bot.dialogue.reply import Reply, Verb
from bot.dialogue.session import Context, Session, Visit, load_person, somebody
from bot.flows.schedule import DAY
from bot.outbox import compose
from bot.outbox.kinds import Messages
from storage import outbox, people
from storage.db import Tx
from storage.outbox import OutboxMessage

HOLDS = 30 * DAY  # for which the links of a mail work


@dataclass(frozen=True, slots=True)
class OpenedMail:
    """What went out in one mail, and the person it was to, as they stand now."""

    s: Session
    rows: tuple[OutboxMessage, ...]

    @property
    def is_closed(self) -> bool:
        """Its links do nothing any more: the address was deleted or is another, or a new personal link was made."""
        return any(row.links_closed for row in self.rows)

    def row(self, place: int) -> OutboxMessage | None:
        """The message whose button it is; none of anybody else's."""
        return next((row for row in self.rows if row.id == place), None)


def open_mail(tx: Tx, context: Context, visit: Visit, code: str) -> OpenedMail | None:
    """None where the link holds no more."""
    rows = outbox.by_code(tx, hash_of(code), visit.now - HOLDS)
    s = load_person(tx, context, visit, rows[0].person_id) if rows else None
    return OpenedMail(s, tuple(rows)) if s is not None else None


def current_content(messages: Messages, opened: OpenedMail) -> tuple[Reply, ...]:
    """Each thing the mail spoke of, with what can be done still; of two messages about the same thing one."""
    s = opened.s
    if not s.takes_part or opened.is_closed:
        return ()
    told: dict[str, Reply] = {}
    for row in opened.rows:
        shown = None if row.about in told else compose.message(messages, s, row) or _afterwards(messages, s, row)
        if shown is not None:
            told[row.about] = shown
    return tuple(told.values())


def _afterwards(messages: Messages, s: Session, row: OutboxMessage) -> Reply | None:
    """Of what a message that would not be sent any more was about."""
    return messages[row.kind].afterwards(s, row) if row.kind in messages else None


def is_offered(messages: Messages, opened: OpenedMail, row: OutboxMessage, verb: Verb) -> bool:
    """Whether the message, as it stands now, has this very button. That no more should come can be said as long as the
    links do anything."""
    if row.kind not in messages or messages[row.kind].press_of(verb) is None:
        return False
    if verb is Verb.DECLINE:
        return not opened.is_closed
    replies = current_content(messages, opened)
    return (verb, row.id) in {(move.verb, move.place) for reply in replies for move in reply.buttons}


def is_at_once(messages: Messages, row: OutboxMessage, verb: Verb) -> bool:
    """Whether the button does what it does without the person coming in."""
    return row.kind in messages and verb in messages[row.kind].at_once


def press(messages: Messages, opened: OpenedMail, row: OutboxMessage, verb: Verb) -> Reply:
    """A button that `is_at_once`, as the person the mail was to, wherever they are."""
    return compose.pressed(messages, opened.s, row, verb)


def is_here(opened: OpenedMail) -> bool | None:
    """Whether this browser is the person's own; None: it is nobody's."""
    s = opened.s
    at = (s.visit.channel, s.visit.address)
    if any((each.channel, each.address) == at for each in people.addresses(s.tx, s.person.id)):
        return True
    return None if people.at_address(s.tx, *at) is None else False


def step_to_open(messages: Messages, opened: OpenedMail, row: OutboxMessage) -> str | None:
    """The step that the button leads to, where it may be answered by the mail alone. A mail can be forwarded, and never
    carries a role: who holds one comes in by their personal link."""
    return row.about if messages[row.kind].to_step and not people.roles(opened.s.tx, opened.s.person.id) else None


def lets_in(messages: Messages, opened: OpenedMail, row: OutboxMessage) -> bool:
    """Whether the button lets its reader in altogether: it was just asked for, and they hold no role."""
    return messages[row.kind].lets_in > 0 and not people.roles(opened.s.tx, opened.s.person.id)


def come_in(messages: Messages, opened: OpenedMail, row: OutboxMessage, verb: Verb) -> Reply:
    """What a button does that leads somewhere, where the person is now."""
    here = somebody(opened.s.tx, opened.s.context, opened.s.visit)
    return compose.pressed(messages, here, row, verb)
