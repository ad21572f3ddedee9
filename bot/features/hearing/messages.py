"""Messages about a request to erase a hearing response: to who answers it, and to who has asked."""

from __future__ import annotations

from bot import texts
from bot.access import Right
from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import Session
from bot.features.hearing import service
from bot.outbox.compose import go_to_panel
from storage import erasure_requests
from storage.erasure_requests import ErasureRequest
from storage.outbox import OutboxMessage


def _request(s: Session, row: OutboxMessage) -> ErasureRequest | None:
    return erasure_requests.by_id(s.tx, s.plan.process_id, int(row.about))


def asked(s: Session, row: OutboxMessage) -> Reply | None:
    request = _request(s, row)
    if request is None or request.answered_at is not None or not s.may(Right.KEEP_CASE):
        return None
    until = texts.day(s.language, request.asked_at + service.ANSWERED_WITHIN)
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        title=s.say("responses.request", number=request.number),
        body=(
            s.say("request.what", number=request.number, moment=texts.moment(s.language, request.asked_at)),
            s.say("request.until", day=until),
        ),
        moves=((Move(Verb.GO, s.say("request.see"), row.id),),),
        why=s.say("deletion.why"),
    )


def see(s: Session, row: OutboxMessage, _verb: Verb) -> Reply:
    return go_to_panel(s, row, f"hoeringssvar/anmodning/{row.about}")


def answered(s: Session, row: OutboxMessage) -> Reply | None:
    """The last thing that somebody hears who has erased themselves: where it went is forgotten when it is out."""
    request = _request(s, row)
    if request is None or request.answered_at is None:
        return None
    email = s.plan.file.contacts.email
    told = (
        (s.say("request.own-granted"),)
        if request.granted
        else (s.say("request.own-refused", reason=request.reason), s.say("request.complain", email=email))
    )
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        title=s.say("request.own", number=request.number),
        body=(*told, s.say("request.forgotten")),
    )
