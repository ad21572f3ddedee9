"""Answering: what a person says, taps or edits becomes one turn of the engine and is saved."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import details, details_screen, doubt, naming, screens
from bot.dialogue.dispatch import on_buttons
from bot.dialogue.navigation import proceed, redraw, show
from bot.dialogue.reply import COMMUTING, Reply, Screen, Tap, Verb
from bot.dialogue.screens import left_as
from bot.dialogue.session import Context, Session, Transition, Visit, load
from bot.dialogue.step_status import is_closed, shut
from bot.features.answering import question_screen
from bot.flows import engine
from bot.flows.engine import (
    Answer,
    Finished,
    Kept,
    NotTogether,
    Picked,
    Refusal,
    Reopened,
    Said,
    Skipped,
    Turn,
    Undone,
    WentBack,
)
from bot.flows.model import OTHER, Question, QuestionKind
from bot.process.plan import START
from storage.db import Tx


def said(s: Session, what: Said, _seen: Reply | None = None) -> Reply:
    """A written answer to the open question."""
    question = s.open_question
    if question is None or is_closed(s):
        return proceed(s)
    outcome = fitting(s, engine.take_turn(s.flow, s.respondent, s.answers, what, s.path, s.options))
    if isinstance(outcome, Refusal):
        return screens.draw(s, refusal(s, question, outcome))
    notes = naming.contact_note(s, what.text)
    if details.told_of(s, question, outcome):
        return held(s, question, outcome, *notes)
    corrected = _differs(s, outcome)
    s.save(outcome)
    continues = question.id if engine.can_continue(question, outcome) and not outcome.open else None
    return proceed(s, *notes, continues=continues, corrected=corrected)


def held(s: Session, question: Question, outcome: Answer, *notes: str, corrects: int | None = None) -> Reply:
    """What tells of somebody is asked about before it is the answer."""
    details.hold(s, question, outcome, corrects=corrects)
    return doubt.show(s, *notes)


def _differs(s: Session, outcome: Answer) -> bool:
    """Whether it says something else than before, and is not only opened or closed."""
    before = s.answers.get(outcome.question)
    return before is None or replace(before, open=outcome.open) != outcome


def continued(s: Session, what: Said, continues: str) -> Reply:
    """One more message of the same thought, sent before the next question was seen."""
    answer = s.answers.get(continues)
    if answer is None or is_closed(s):  # of another flow by now (the last of a step), or its step has closed
        return screens.draw(s, s.say("said.too-early"))
    question = s.flow.question(answer.question)
    grown = fitting(s, engine.continue_answer(question, answer, what))
    if isinstance(grown, Refusal):
        return screens.words(s, refusal(s, question, grown))
    care = naming.contact_note(s, what.text)
    if details.told_of(s, question, grown):
        return held(s, question, grown, *care)
    s.save(grown)
    notes = (*care, s.say("said.appended"))
    if s.prompt is not None and s.run is not None and (s.prompt.screen, s.prompt.run_id) == (Screen.REVIEW, s.run.id):
        return show(s, Screen.REVIEW, Transition(notes))  # which shows the answer as it was
    return screens.words(s, *notes)


def edited(tx: Tx, context: Context, visit: Visit, what: Said) -> Reply | None:
    """A message was edited on the channel: the stored answer it is part of is corrected, with history.
    None where it is part of no answer."""
    s = load(tx, context, visit)
    if s is None or not s.takes_part:
        return None
    if visit.again:
        return screens.draw(s) if _is_asked(s) else screens.words(s)
    found = details.with_message(s, what.message)
    if found is not None:
        return details_screen.corrected(s, found, what)
    for run in reversed(s.runs):
        if run.flow == START and run.capacity_id != s.person.capacity_id:
            continue  # what they told of another capacity is told there
        s.take_up(run)
        corrected = engine.correct(s.flow, s.answers, what, s.options)
        if corrected is None:
            continue
        return _correct(s, s.flow.question(_question_of(s, what)), fitting(s, corrected), what)
    return None


def _is_asked(s: Session) -> bool:
    """Whether they are asked about words of theirs: after a restart they are again."""
    return s.prompt is not None and s.prompt.screen == Screen.DOUBT and s.prompt_holds


def _question_of(s: Session, what: Said) -> str:
    return next(a.question for a in s.answers.values() if any(part.message == what.message for part in a.parts))


def _correct(s: Session, question: Question, corrected: Answer | Refusal, what: Said) -> Reply:
    if is_closed(s):
        return screens.words(s, shut(s, s.flow))
    if isinstance(corrected, Refusal):
        return screens.words(s, refusal(s, question, corrected))
    if corrected == s.answers[question.id]:
        return screens.words(s)
    if details.told_of(s, question, corrected):
        return held(s, question, corrected, *naming.contact_note(s, what.text), corrects=what.message)
    s.save(corrected)
    return screens.words(s, s.say("said.corrected"))


def tapped(s: Session, tap: Tap, seen: Reply | None) -> Reply:
    """A button of the open question. One that commutes holds on any redrawing of it: the engine checks the place, and
    the same tap twice is the same as once."""
    commutes = tap.verb in COMMUTING and s.prompt is not None and tap.number == s.prompt.number
    return _answered(s, tap, seen) if commutes else _pressed(s, tap, seen)


def _answered(s: Session, tap: Tap, seen: Reply | None) -> Reply:
    """`seen` is drawn only where the question is left: one that stays is drawn as it is now."""
    if tap.verb is Verb.PAUSE:
        was = seen or screens.draw(s)
        return left_as(show(s, Screen.PAUSED), was)
    if tap.verb is Verb.TAKE and s.open_question is not None and not is_closed(s):
        return _take_over(s, s.open_question, tap.place, seen)
    question, turn = s.open_question, _turn_of(s, tap)
    if question is None or turn is None or is_closed(s):
        return proceed(s)
    outcome = fitting(s, engine.take_turn(s.flow, s.respondent, s.answers, turn, s.path, s.options))
    if isinstance(outcome, Refusal):
        return screens.with_notes(seen or screens.draw(s), refusal(s, question, outcome))
    if outcome.question == question.id and outcome.open:
        s.save(outcome)
        return redraw(s)
    was, corrected = seen or screens.draw(s), _differs(s, outcome)
    s.save(outcome)
    if outcome.question != question.id:  # back to an earlier one
        return left_as(proceed(s), was)
    continues = question.id if engine.can_continue(question, outcome) else None
    return left_as(proceed(s, continues=continues, corrected=corrected), was, _mark(s, question, outcome))


def _take_over(s: Session, question: Question, mark: int | None, seen: Reply | None) -> Reply:
    """A member's words into the chair's draft, which stays open to be changed."""
    outcome = taken_over(s, question, s.answers.get(question.id, Answer(question.id)), mark)
    if outcome is None:
        return redraw(s, s.say("joint.words-gone"))
    if isinstance(outcome, Refusal):
        return screens.with_notes(seen or screens.draw(s), refusal(s, question, outcome))
    if details.told_of(s, question, outcome):
        return held(s, question, outcome)
    s.save(outcome)
    return redraw(s, s.say("joint.taken"))


def taken_over(s: Session, question: Question, answer: Answer, mark: int | None) -> Answer | Refusal | None:
    """The answer with the words of a member that bear the mark; None where nobody has written them any more."""
    words = next(
        (each for each in question_screen.members_words(s, question) if each.written and each.mark == mark), None
    )
    return fitting(s, engine.take_over(question, answer, words.text)) if words is not None else None


_pressed = on_buttons(_answered)


def _turn_of(s: Session, tap: Tap) -> Turn | None:
    match tap.verb:
        case Verb.PICK | Verb.UNPICK:
            return Picked(tap.place if tap.place is not None else -1, on=tap.verb is Verb.PICK)
        case Verb.DONE:
            return Finished()
        case Verb.UNDO:
            return Undone()
        case Verb.SKIP:
            return Skipped()
        case Verb.BACK:
            return WentBack()
        case Verb.KEEP:
            return Kept()
        case Verb.EDIT if tap.place is not None and tap.place < len(s.path):  # what a link has filled in
            return Reopened(s.path[tap.place].id)
        case _:
            return None


def _mark(s: Session, question: Question, answer: Answer) -> str:
    if answer.skipped:
        return s.say("mark.skipped")
    said = engine.in_words(question, answer, s.language, many=s.many)
    if question.kind is QuestionKind.IDEAS:
        return "✓ " + s.count("ideas.so-far", len(answer.parts))
    return f"✓ {screens.shortened(said)}"


# --- refusals ---------------------------------------------------------------------------------------------


def fitting(s: Session, outcome: Answer | Refusal) -> Answer | Refusal:
    """What a person's turn comes to, if there is room for it beside what else is kept of them."""
    return Refusal("full") if isinstance(outcome, Answer) and s.lacks_room(outcome) else outcome


def refusal(s: Session, question: Question, why: Refusal) -> str:
    if isinstance(why, NotTogether):
        labels = {choice.key: choice.label.to(s.language, many=s.many) for choice in engine.options(question)}
        if why.words:
            return s.say("alone.words", choice=labels[why.choice], other=labels[OTHER])
        return s.say("alone.others", choice=labels[why.choice])
    return screens.refused(s, why, question.most or 0)
