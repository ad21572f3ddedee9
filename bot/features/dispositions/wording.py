"""Wording of a response that is treated differently, as somebody may see it."""

from __future__ import annotations

from bot.dialogue.session import Session
from bot.features.dispositions import service
from bot.features.dispositions.service import Difference
from bot.texts import lists


def seen(s: Session) -> list[Difference]:
    """What of the differences the person is told."""
    return service.seen_by(service.differences(s.tx, s.plan), s.person.id, s.roles)


def of(s: Session, difference: Difference) -> str:
    """The response; to who leads how many chose what, to a member what they chose themselves."""
    labels = {choice.key: choice.label.to(s.language) for choice in difference.question.choices}
    name = difference.question.item(s.language)
    if s.roles & service.LEADING:
        chosen = difference.numbers
        counts = (
            s.say("dispositions.number", choice=label, count=chosen[key])
            for key, label in labels.items()
            if chosen[key]
        )
        return lists.bulleted(counts, name)
    mine = labels.get(difference.chosen[s.person.id], "")
    return f"{name}\n{s.say('dispositions.yours', choice=mine)}"
