"""One person on several channels: the personal link to the web pages, and the channel code, once, into Telegram.

An address on the web is the hash of a secret that only the link and the person's cookie hold.
"""

from __future__ import annotations

from bot import codes
from bot.codes import hash_of
from bot.dialogue import acting_as, screens
from bot.dialogue.navigation import proceed
from bot.dialogue.reply import Reply
from bot.dialogue.session import WEB, Context, Session, Visit, somebody
from storage import channel_codes, people, runs
from storage.db import Tx

PREFIX = "m-"  # tells a code from an invitation and from the name of a step in a link
CODE_LASTS = 30 * 60  # seconds


@acting_as.as_oneself
def to_web(s: Session) -> Reply:
    """/web: a personal link to the pages, where the same answers stand."""
    if s.process_host.web is None:
        contacts = s.plan.file.contacts
        return screens.words(s, s.say("web.off", phone=contacts.phone, email=contacts.email))
    secret = codes.new_secret()
    people.enter(s.tx, WEB, codes.address_of(secret), s.person.id, s.visit.now)
    return screens.words(s, s.say("web.link", link=personal_link(s.process_host.web, secret)), s.say("web.yours"))


def personal_link(web: str, secret: str) -> str:
    return f"{web}/s/{secret}"


def renew(s: Session) -> str:
    """A new secret for the person; every link to the pages they had before is closed."""
    s, secret = acting_as.leave(s), codes.new_secret()
    people.leave(s.tx, WEB, s.person.id)
    people.enter(s.tx, WEB, codes.address_of(secret), s.person.id, s.visit.now)
    return secret


def code_for(s: Session) -> str:
    """The start payload (24 characters) that lets another channel in as this person, once, within half an hour."""
    code = PREFIX + codes.new_secret()
    s = acting_as.leave(s)
    channel_codes.put(s.tx, s.person.id, hash_of(code), s.visit.now + CODE_LASTS)
    return code


def join(tx: Tx, context: Context, visit: Visit, code: str) -> Reply | None:
    """Comes in as the person the code was made for. None for a code that is unknown, used or too old.

    Who has answers of their own here keeps them: two sets of answers are never mixed.
    """
    person_id = channel_codes.take(tx, hash_of(code), visit.now)
    found = people.by_id(tx, person_id) if person_id is not None else None
    if found is None:
        return None
    here = people.at_address_in(tx, visit.channel, visit.address, found.process_id)
    if here is not None and here != found.id and _has_something(tx, here):
        s = _enter(tx, context, visit, here)
        return proceed(s, s.say("move.both", email=s.plan.file.contacts.email))
    if here is not None and here != found.id:
        people.erase(tx, here)
    s = _enter(tx, context, visit, found.id)
    return proceed(s, s.say("move.here"))


def _enter(tx: Tx, context: Context, visit: Visit, person_id: int) -> Session:
    people.enter(tx, visit.channel, visit.address, person_id, visit.now)
    s = somebody(tx, context, visit)
    s.leave_run()  # wherever they are in it, on this channel or another
    return s


def _has_something(tx: Tx, person_id: int) -> bool:
    return bool(people.roles(tx, person_id)) or bool(runs.of_person(tx, person_id))
