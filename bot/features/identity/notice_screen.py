"""The privacy notice as a screen, with the yes to it, and its gate: nothing is asked of anybody before."""

from __future__ import annotations

from dataclasses import replace

from bot import texts
from bot.dialogue import consent
from bot.dialogue.navigation import proceed, redraw, show
from bot.dialogue.reply import Move, Reply, Screen, Tap, Verb
from bot.dialogue.screens import left_as
from bot.dialogue.session import Session, Transition
from bot.flows.model import LANGUAGES, Language
from bot.process.plan import Plan
from storage import people


def gate(s: Session, transition: Transition) -> Reply | Transition:
    """The notice as it stands now; that it is another than the one they said yes to is told."""
    if s.accepted:
        return transition
    changed = (s.say("notice.changed"),) if s.person.notice_version is not None else ()
    return show(s, Screen.NOTICE, Transition((*transition.notes, *changed), transition.continues))


def draw(s: Session) -> Reply:
    return notice(s.plan, s.language, s.visit.channel)


def notice(plan: Plan, language: Language, channel: str) -> Reply:
    """The privacy notice in five lines, the way to the whole of it, and the yes; for a stranger, too."""
    others = tuple(
        Move(Verb.SPEAK, texts.say(other, "language.name"), place)
        for place, other in enumerate(LANGUAGES)
        if other != language
    )
    accept = Move(Verb.ACCEPT, texts.say(language, "button.accept"))
    read = Move(Verb.READ, texts.say(language, "button.read-notice"))
    body = plan.notice.short(language, channel)
    return Reply(language=language, screen=Screen.NOTICE, body=body, moves=((accept,), (read,), others))


def _whole(s: Session) -> Reply:
    """The whole notice, and the yes under it."""
    whole = s.plan.notice.whole(s.language, s.visit.channel)
    return replace(show(s, Screen.NOTICE, Transition(whole)), body=(s.say("notice.short-yes"),))


def tapped(s: Session, tap: Tap, seen: Reply) -> Reply:
    """The yes, the whole of it, or the same in another language."""
    if tap.verb is Verb.SPEAK:
        people.set_language(s.tx, s.person.id, LANGUAGES[tap.place or 0])
        s.read_person()
        return redraw(s)
    if tap.verb is Verb.READ:
        return left_as(_whole(s), seen)
    people.accept_notice(s.tx, s.person.id, s.plan.notice.version, s.visit.now)
    s.read_person()
    consent.ask_again(s)
    return left_as(proceed(s), seen, s.say("mark.accepted"))
