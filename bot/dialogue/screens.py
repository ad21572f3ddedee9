"""Screens: from where a person stands to what they see. Draws what a prompt names; decides and stores nothing."""

from __future__ import annotations

from dataclasses import replace

from bot import texts
from bot.dialogue import acting_as
from bot.dialogue.reply import Delivery, Move, Reply, Screen, Verb
from bot.dialogue.session import Session
from bot.flows.engine import Refusal
from storage.prompts import Prompt

LONGEST_SHORTENED = 240  # characters of one answer in the review, so that nine fit one message


def draw(s: Session, *notes: str) -> Reply:
    """Draws the screen of the person's prompt as it looks now. `notes` tell what just happened."""
    drawn = s.screen.draw(s) if s.screen is not None else None
    if s.prompt is None or drawn is None:
        raise LookupError("there is nothing to draw: the person has seen nothing, or is there no more")
    drawn = drawn if drawn.ask is not None else for_others(drawn, s)  # a question has said so itself
    return replace(drawn, notes=notes, number=s.prompt.number, revision=s.prompt.revision, person_id=s.person.id)


def undrawn(s: Session, prompt: Prompt, *notes: str) -> Reply:
    """The screen of the prompt for a channel that leads there, and draws it when the person has come."""
    at = (s.flow.flow, prompt.question) if prompt.question is not None else None
    return Reply(
        language=s.language, screen=prompt.screen, notes=notes, number=prompt.number, person_id=s.person.id, at=at
    )


def with_notes(drawn: Reply, *notes: str) -> Reply:
    """The same drawing, with what just happened."""
    return replace(drawn, notes=notes)


def refused(s: Session, why: Refusal, most: int = 0) -> str:
    """What is said of what is not kept. `most`: how many may be chosen, where too many were."""
    return s.say(f"refusal.{why.code}", most=most, email=s.plan.file.contacts.email)


def words(s: Session, *paragraphs: str) -> Reply:
    """Words alone, beside the prompt, which stays as it is."""
    return Reply(language=s.language, screen=Screen.TEXT, notes=paragraphs)


def for_others(drawn: Reply, s: Session) -> Reply:
    """Answers entered for others say so all along; between questions one can leave them."""
    if s.person.source is None:
        return drawn
    lead = s.say("entering.for", whom=acting_as.whom(s, s.person))
    lead = lead if drawn.lead is None else f"{lead} · {drawn.lead}"
    can_leave = s.context.tables.screens[drawn.screen].leave is not None
    leave = ((button(s, Verb.LEAVE, "entering-leave"),),) if can_leave else ()
    return replace(drawn, lead=lead, moves=(*drawn.moves, *leave))


def button(s: Session, verb: Verb, key: str, place: int | None = None) -> Move:
    return Move(verb, s.say(f"button.{key}"), place)


def shortened(text: str) -> str:
    return texts.shortened(text, LONGEST_SHORTENED)


def left_as(reply: Reply, seen: Reply, mark: str | None = None) -> Reply:
    """The message that was tapped keeps its question, loses its buttons, and says what was chosen."""
    kept = seen.body
    if seen.ask is not None:
        shows = seen.ask.question.shows
        kept = (shows.to(seen.language, many=seen.ask.many),) if shows is not None else ()
    left = replace(seen, notes=(), moves=(), lead=None, body=(*kept, mark) if mark else kept)
    left = replace(left, delivery=Delivery(redraw=True))
    return replace(reply, delivery=replace(reply.delivery, left=left))
