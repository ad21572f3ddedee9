"""Messages to those who lead: when everybody is deleted, and what of it was taken out; that the clock is in doubt."""

from __future__ import annotations

from collections.abc import Iterator

from bot import texts
from bot.access import Right
from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import Session
from bot.features.export import service as export
from bot.features.privacy import clock
from bot.features.privacy import deletion as rules
from bot.outbox.compose import go_to_panel
from storage import answers, audit, people, person_keys
from storage.outbox import OutboxMessage

FILES = "filer"  # the panel where the answers are taken out


def erasure_late(s: Session, row: OutboxMessage) -> Reply | None:
    """Not where it is done by now."""
    since = person_keys.waiting_since(s.tx)
    if since is None or str(since) != row.about or not s.may(Right.KEEP_CASE):
        return None
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        title=s.say("erasure-late.title"),
        body=(
            s.say("erasure-late.what", moment=texts.moment(s.language, since)),
            s.say("erasure-late.means"),
            s.say("erasure-late.how"),
        ),
    )


def deletion(s: Session, row: OutboxMessage) -> Reply | None:
    """When everybody goes as things stand now, what was taken out and what was not."""
    number = people.count(s.tx, s.plan.process_id)
    if not number or not s.may(Right.EXPORT):
        return None
    at = rules.erases_at(s.tx, s.plan, s.visit.now)
    last = texts.deadline(s.language, at)
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        title=s.say("deletion.title", moment=last),
        body=(
            texts.count(s.language, "deletion.what", number, moment=last),
            " ".join(_answers(s)),
            *_contacts(s),
            s.say("deletion.stays"),
            s.say("deletion.how"),
        ),
        moves=((Move(Verb.GO, s.say("lead.filer"), row.id),),),
        why=s.say("deletion.why"),
    )


def _answers(s: Session) -> Iterator[str]:
    at = _taken_out(s)
    if at is None:
        yield s.say("deletion.not-exported")
        return
    yield s.say("deletion.exported", moment=texts.moment(s.language, at))
    since = answers.given_since(s.tx, s.plan.process_id, at)
    yield texts.count(s.language, "deletion.since", since) if since else s.say("deletion.none-since")


def _taken_out(s: Session) -> int | None:
    """When the answers were last; an older Besyv noted that they were asked for, and no more."""
    made = export.last(s.tx, s.plan.process_id)
    if made is not None:
        return made.at
    asked = audit.last_of(s.tx, s.plan.process_id, "export")
    return None if asked is None else asked.at


def _contacts(s: Session) -> tuple[str, ...]:
    """What is kept apart is in no export of the answers."""
    if not answers.count_apart(s.tx, s.plan.process_id):
        return ()
    taken = audit.last_of(s.tx, s.plan.process_id, "contacts")
    if taken is None:
        return (s.say("deletion.no-contacts"),)
    return (s.say("deletion.contacts", moment=texts.moment(s.language, taken.at)),)


def clock_in_doubt(s: Session, _row: OutboxMessage) -> Reply | None:
    """What the clock says, what it said last, and until when nothing is erased."""
    doubt = clock.doubted(s.tx)
    if doubt is None or not s.may(Right.EXPORT):
        return None
    now, last = texts.moment(s.language, s.visit.now), texts.moment(s.language, doubt.last)
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        title=s.say("clock.title"),
        body=(
            s.say("clock.what", now=now, last=last),
            s.say("clock.waits", moment=texts.moment(s.language, doubt.ends_at)),
            s.say("clock.how"),
        ),
        why=s.say("deletion.why"),
    )


def take_out(s: Session, row: OutboxMessage, _verb: Verb) -> Reply:
    """To the panel where the answers are taken out."""
    return go_to_panel(s, row, FILES)
