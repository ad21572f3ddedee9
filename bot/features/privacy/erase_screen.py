"""The question whether everything is to be deleted, and the answer to it."""

from __future__ import annotations

from collections.abc import Callable

from bot.dialogue import acting_as
from bot.dialogue.navigation import proceed
from bot.dialogue.reply import Reply, Screen, Tap, Verb
from bot.dialogue.screens import button, left_as
from bot.dialogue.session import Session
from bot.features.hearing import service as hearing
from bot.features.privacy import own_data


def draw(s: Session) -> Reply:
    planned = hearing.on_erasure(s.tx, s.plan, s.person, s.visit.now)
    if s.person.source is not None:
        whom = acting_as.whom(s, s.person)
        return Reply(
            language=s.language,
            screen=Screen.ERASE,
            title=s.say("erase.entry-sure"),
            body=(
                s.say("erase.entry-what", whom=whom),
                *own_data.responses_withdrawn(s, planned, done=False),
                *(s.say("erase.entry-asks", number=number) for number in planned.asked),
            ),
            moves=((button(s, Verb.CANCEL, "erase-no"),), (button(s, Verb.ERASE, "erase-entry"),)),
        )
    return Reply(
        language=s.language,
        screen=Screen.ERASE,
        title=s.say("erase.sure"),
        body=(
            s.say("erase.what"),
            *own_data.responses_withdrawn(s, planned, done=False),
            *own_data.responses_asked(s, planned, own_data.where_to_answer(s), done=False),
        ),
        moves=((button(s, Verb.CANCEL, "erase-no"),), (button(s, Verb.ERASE, "erase-yes"),)),
    )


def tapped(entry_erased: Callable[[Session], Reply], s: Session, tap: Tap, seen: Reply) -> Reply:
    """`entry_erased` is what becomes of somebody who erases what they entered for others."""
    if tap.verb is not Verb.ERASE:
        return left_as(proceed(s, s.say("erase.kept")), seen)
    return left_as(own_data.erase(s) if s.person.source is None else entry_erased(s), seen)
