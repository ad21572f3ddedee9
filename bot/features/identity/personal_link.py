"""One person on several channels: the personal link to the web pages, and the channel code, once, into Telegram.

An address on the web is the hash of a secret that only the link and the person's cookie hold.
"""

from __future__ import annotations

from bot import codes
from bot.codes import hash_of
from bot.dialogue import acting_as, panel_navigation, screens
from bot.dialogue.navigation import proceed
from bot.dialogue.reply import Reply, Screen
from bot.dialogue.session import WEB, Context, Session, Visit, somebody
from bot.features.invitations import service as invitations
from storage import calendar_feeds, channel_codes, outbox, people, personal_links, runs, sessions
from storage.db import Tx

PREFIX = invitations.CHANNEL  # tells a code from an invitation and from the name of a step in a link
CODE_LASTS = 30 * 60  # seconds


@acting_as.as_oneself
def asked_to_web(s: Session) -> Reply:
    """/web. A holder of a role shows first who they are: who has their phone alone is not to get their link too."""
    asked = panel_navigation.asked_first(s, "enheder/link") if s.process_host.web is not None and s.accepted else None
    return asked or to_web(s)


@acting_as.as_oneself
def to_web(s: Session) -> Reply:
    """The personal link to the pages, where the same answers stand."""
    if s.process_host.web is None:
        contacts = s.plan.file.contacts
        return screens.words(s, s.say("web.off", phone=contacts.phone, email=contacts.email))
    return screens.words(s, s.say("web.link", link=own(s) or make(s)), s.say("web.yours"))


def own(s: Session) -> str | None:
    """The personal link that was made last: the same each time it is shown. None before one is made."""
    at = _place(s)
    secret = personal_links.newest(s.tx, at) if at is not None else None
    return None if secret is None else written(s, secret)


def make(s: Session) -> str:
    """A personal link to where the person is on the web, or will be."""
    secret, at = codes.new_secret(), _place(s)
    if at is None:
        at = codes.address_of(codes.new_secret())
        people.enter(s.tx, WEB, at, acting_as.oneself(s).person.id, s.visit.now)
    keep(s.tx, at, secret, s.visit.now)
    return written(s, secret)


def keep(tx: Tx, at: str, secret: str, now: int) -> None:
    personal_links.put(tx, at, secret, codes.address_of(secret), now)


def _place(s: Session) -> str | None:
    return s.visit.address if s.visit.channel == WEB else people.web_address(s.tx, s.person.id)


def written(s: Session, secret: str) -> str:
    return f"{s.process_host.web}/s/{secret}"


def address_of(tx: Tx, secret: str) -> str | None:
    """Where a personal link leads on the web; None for one that is none, or none any more."""
    return personal_links.address(tx, codes.address_of(secret))


@acting_as.as_oneself
def renew(s: Session) -> Reply:
    """A new personal link. The old ones, the links in mails and the calendar's address lead nowhere any more, and every
    other browser is logged out."""
    close(s, but=s.visit.session)
    make(s)
    return Reply(language=s.language, screen=Screen.TEXT, notes=(s.say("link.renewed"),))


def close(s: Session, *, but: str | None = None) -> None:
    """Every way in from outside that somebody may have, except the session `but`."""
    sessions.end_all(s.tx, s.person.id, but=but)
    personal_links.close_all(s.tx, s.person.id)
    outbox.close_links(s.tx, s.person.id)
    calendar_feeds.forget(s.tx, s.person.id)
    channel_codes.forget(s.tx, s.person.id)


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
    if here != found.id:
        context.tables.came_in(tx, context, visit)
    return proceed(s, s.say("move.here"))


def _enter(tx: Tx, context: Context, visit: Visit, person_id: int) -> Session:
    people.enter(tx, visit.channel, visit.address, person_id, visit.now)
    s = somebody(tx, context, visit)
    s.leave_run()  # wherever they are in it, on this channel or another
    return s


def _has_something(tx: Tx, person_id: int) -> bool:
    return bool(people.roles(tx, person_id)) or bool(runs.of_person(tx, person_id))
