"""Navigation: what comes next for a person, and the prompt that goes with it. Every use case ends here."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import screens
from bot.dialogue.reply import Delivery, Reply, Screen
from bot.dialogue.session import Display, Session, Transition
from storage.prompts import Prompt


def proceed(s: Session, *notes: str, continues: str | None = None, corrected: bool = True) -> Reply:
    """Asks the gates in order what to show next: the notice, the open question, the review, or whatever else there is.

    `continues` is the question whose written answer a late message would belong to. `corrected`: say that an earlier
    answer about oneself has changed.
    """
    transition = Transition(notes, continues, corrected)
    for gate in s.context.tables.gates:
        found = gate(s, transition)
        if isinstance(found, Reply):
            return found
        transition = found
    raise LookupError("no gate shows anything")


def show(s: Session, screen: str, transition: Transition | None = None, *, about: str | None = None) -> Reply:
    """A new prompt. Where the same is shown once more, the time it was first shown stays."""
    transition, old = transition or Transition(), s.prompt
    question = s.open_question if screen == Screen.ASK else None
    asked = question.id if question else None
    run_id = s.run.id if s.run is not None else None
    new = Prompt.next(
        old, screen, s.visit.sent_at, run_id=run_id, question=asked, continues=transition.continues, about=about
    )
    if old is not None and (old.screen, old.run_id, old.question) == (screen, run_id, asked):
        new = replace(
            new,
            continues=transition.continues or old.continues,
            shown_at=old.shown_at,
            message=old.message,
            maybe_from=old.maybe_from,
        )
    s.put_prompt(new)
    led = s.visit.display is Display.ADDRESS
    return screens.undrawn(s, new, *transition.notes) if led else screens.draw(s, *transition.notes)


def redraw(s: Session, *notes: str) -> Reply:
    """The same prompt in a new state, in place of the message that was tapped."""
    if s.prompt is None:
        return proceed(s, *notes)
    s.put_prompt(replace(s.prompt, revision=s.prompt.revision + 1, acted_at=s.visit.sent_at))
    return replace(screens.draw(s, *notes), delivery=Delivery(redraw=True))
