"""How something came that was sent, in words: on which day by letter or mail, and after the deadline."""

from __future__ import annotations

from bot import texts
from bot.dialogue.session import Session
from storage import late_answers


def how_it_came(s: Session, run_id: int) -> tuple[str, ...]:
    """Nothing of what was sent here and in time."""
    reception, told = late_answers.reception(s.tx, run_id), []
    if reception.came_on is not None:
        told.append(s.say("responses.came", day=texts.day(s.language, reception.came_on)))
    if reception.late:
        told.append(s.say("responses.late"))
    return tuple(told)
