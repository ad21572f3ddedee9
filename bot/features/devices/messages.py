"""To whom holds a role: somebody has come in as them, by a browser or a chat. On every channel they have, with a way to
end it."""

from __future__ import annotations

from bot import texts
from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import TELEGRAM, WEB, Context, Session, Visit, load
from bot.features.devices.wording import name_of
from bot.flows.schedule import DAY
from bot.outbox import compose
from bot.outbox.kinds import MessageKind
from storage import channel_codes, outbox, people, personal_links, proof_links, proofs, sessions
from storage.db import Tx
from storage.outbox import NewMessage, OutboxMessage
from storage.sessions import WebSession

WORTH = DAY  # for which it is tried to tell them
_CHAT = TELEGRAM  # in place of a session's, of a chat that was connected


def came_in(tx: Tx, context: Context, visit: Visit) -> None:
    """Somebody has come in here just now. Who holds a role is told where else they are reached."""
    s = load(tx, context, visit)
    if s is None or not s.roles:
        return
    about = visit.session[: sessions.SHORT] if visit.channel == WEB else _CHAT
    elsewhere = [each for each in people.channels(tx, s.person.id) if each != visit.channel]
    if not elsewhere and len(sessions.of_person(tx, s.person.id, visit.now)) <= 1:
        return  # the first place they are at
    once = f"{MessageKind.NEW_DEVICE}:{s.person.id}:{about}:{visit.now}"
    new = NewMessage(once, s.person.id, MessageKind.NEW_DEVICE, about, visit.now, visit.now + WORTH, urgent=2)
    outbox.enqueue_on(tx, new, elsewhere)
    s.audit("device-new")


def new_device(s: Session, row: OutboxMessage) -> Reply | None:
    """Nothing of one that is logged out again."""
    moment = texts.moment(s.language, row.due_at)
    municipality = s.plan.file.municipality.name
    if row.about == _CHAT:
        what = s.say("new-device.chat", municipality=municipality, moment=moment)
    else:
        found = _session(s, row)
        if found is None:
            return None
        what = s.say("new-device.what", municipality=municipality, device=name_of(s, found), moment=moment)
    body = (what, s.say("new-device.you"), s.say("new-device.not-you"))
    moves = ((not_me_button(s, row),),)
    return Reply(language=s.language, screen=Screen.TEXT, title=s.say("new-device.title"), body=body, moves=moves)


def not_me_button(s: Session, row: OutboxMessage) -> Move:
    return Move(Verb.NOT_ME, s.say("new-device.not-me"), row.id)


def _session(s: Session, row: OutboxMessage) -> WebSession | None:
    """The one that it is about."""
    found = sessions.of_person(s.tx, s.person.id, s.visit.now)
    return next((each for each in found if row.about and each.id_hash.startswith(row.about)), None)


def not_me(s: Session, row: OutboxMessage, _verb: Verb) -> Reply:
    """What has come in is out, and the links by which it may have come lead nowhere. It gives nobody anything."""
    own = compose.as_recipient(s, row)
    if (found := _session(own, row)) is not None:
        sessions.end(own.tx, found.id_hash)
    if row.about == _CHAT:
        for each in people.addresses(own.tx, own.person.id):
            if each.channel == TELEGRAM:
                people.step_out(own.tx, TELEGRAM, each.address, own.person.id)
    personal_links.close_all(own.tx, own.person.id)
    channel_codes.forget(own.tx, own.person.id)
    proofs.close_code(own.tx, own.person.id)
    proof_links.close(own.tx, own.person.id)
    own.audit("device-denied")
    contacts = own.plan.file.contacts
    what = own.say("new-device.ended", email=contacts.email, phone=contacts.phone)
    return Reply(language=own.language, screen=Screen.TEXT, title=own.say("new-device.ended-title"), body=(what,))
