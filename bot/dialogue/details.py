"""Held answers: what tells of somebody's telephone, mail, illness or name is no answer before its person has said that
it is to stand (docs/decisions/0047). Here: holding it, and where it is asked about; not how (details_screen,
bot.features.answering.form)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.dialogue import doubt
from bot.dialogue.reply import Reply, Screen
from bot.dialogue.session import Session, Transition
from bot.dialogue.step_status import is_closed
from bot.flows import content, engine, personal_details
from bot.flows.engine import Answer, Part, Refusal, Said
from bot.flows.model import Question, QuestionKind
from bot.flows.personal_details import Detail
from storage import held_words
from storage.held_words import HeldAnswer


@dataclass(frozen=True, slots=True)
class Waiting:
    """An answer that is held. `there`: the session in its run."""

    held: HeldAnswer
    there: Session
    question: Question
    answer: Answer

    @property
    def stored(self) -> Answer:
        """What stands, and stays if it is not kept."""
        return self.there.answers.get(self.question.id, Answer(self.question.id))

    @property
    def new_words(self) -> Answer:
        """What was said of it; of things told one by one without those that stand."""
        parts = self.answer.parts
        if self.question.collects:
            parts = tuple(part for part in parts if part not in self.stored.parts)
        return replace(self.answer, parts=parts)

    @property
    def told(self) -> tuple[Detail, ...]:
        """What was found; places are those in the text of `new_words`."""
        return personal_details.found_anew(self.question, (self.stored,), self.new_words)


def told_of(s: Session, question: Question, outcome: Answer, *known: Answer) -> tuple[Detail, ...]:
    """What the answer would tell of somebody that does not stand in it already, nor in those `known`."""
    stored = s.answers.get(question.id, Answer(question.id))
    return personal_details.found_anew(question, (stored, *known), outcome)


def hold(s: Session, question: Question, outcome: Answer, *, corrects: int | None = None) -> None:
    """Keeps aside what the answer would be. `corrects`: the number of the message that was corrected."""
    if s.run is None:
        raise LookupError("no run is loaded")
    written = content.write(question, outcome, s.language, many=s.many)
    held_words.hold_answer(
        s.tx, s.person.id, s.visit.channel, s.run.id, question.id, written, s.visit.sent_at, corrects
    )
    if s.prompt is not None:
        s.prompt = replace(s.prompt, holds=1)


def release(s: Session, question: Question) -> None:
    if s.run is not None:
        held_words.release_answer(s.tx, s.person.id, s.run.id, question.id)


# --- what waits -------------------------------------------------------------------------------------------


def waiting(s: Session) -> Waiting | None:
    """The first that can become an answer now: its step is open, and its question is asked or was answered."""
    return next(iter(_all(s)), None)


def of_question(s: Session, question: Question) -> Waiting | None:
    """What waits for the question, in the run they are in."""
    of_run = s.run.id if s.run is not None else None
    return next((each for each in _all(s) if (each.held.run_id, each.question.id) == (of_run, question.id)), None)


def with_message(s: Session, message: int | None) -> Waiting | None:
    """The one that a message is part of."""
    return next((each for each in _all(s) if any(part.message == message for part in each.answer.parts)), None)


def _all(s: Session) -> list[Waiting]:
    if not _may_wait(s):
        return []
    found = (_waiting(s, held) for held in held_words.answers_of(s.tx, s.person.id))
    return [each for each in found if each is not None]


def _may_wait(s: Session) -> bool:
    """What was shown last knows; where nothing was, somebody without a run has nothing that could wait."""
    return bool(s.prompt.holds) if s.prompt is not None else bool(s.runs)


def _waiting(s: Session, held: HeldAnswer) -> Waiting | None:
    run = next((each for each in s.runs_now if each.id == held.run_id), None)
    if run is None or run.flow not in s.plan.flows:
        return None
    there = s
    if s.run is None or s.run.id != run.id:
        there = replace(s)
        there.take_up(run)
    question = _reached(there, held.question)
    if question is None or is_closed(there):
        return None
    told = content.read(held.content)
    if not (question.is_written or question.other) or not set(told.keys) <= set(question.keys):
        return None  # another version asks for something else
    stored = there.answers.get(question.id)
    answer = Answer(question.id, told.parts, told.keys, open=question.collects and (stored is None or stored.open))
    return Waiting(held, there, question, answer)


def _reached(there: Session, wanted: str) -> Question | None:
    """The question, where everything before it has an answer."""
    for question in there.path:
        if question.id == wanted:
            return question
        if question.id not in there.answers:
            return None
    return None


# --- where it is asked about ------------------------------------------------------------------------------


def gate(s: Session, transition: Transition) -> Reply | Transition:
    """Who comes back is asked again before anything else; on pages at the question, in the step they are in."""
    found = waiting(s)
    if found is None:
        return transition
    if not s.visit.pages:
        return doubt.show(s, *transition.notes)
    page = on_its_page(s, found, transition.notes)
    return transition if page is None else page


def on_its_page(s: Session, found: Waiting, notes: tuple[str, ...] = ()) -> Reply | None:
    """The way to the page of its question; None where they are in another step."""
    if s.run is not None and s.run.id != found.held.run_id:
        return None
    at = (found.there.flow.flow, found.question.id)
    return Reply(language=s.language, screen=Screen.ASK, notes=notes, at=at)


# --- what becomes of it -----------------------------------------------------------------------------------


def keep(found: Waiting) -> None:
    """It is the answer."""
    release(found.there, found.question)
    found.there.save(found.answer)


def drop(found: Waiting) -> None:
    """It is to be written anew: the question is open for it. What a correction was of stands as it did."""
    there, stored = found.there, found.there.answers.get(found.question.id)
    release(there, found.question)
    if found.held.corrects is None and stored is not None and not stored.open:
        there.save(replace(stored, open=True))


@dataclass(frozen=True, slots=True)
class More:
    """What became of words that were said while something waits: of an idea that tells of nobody, that it stands."""

    stands: bool


def said_more(found: Waiting, what: Said) -> More | Refusal:
    """More of the same, before it was said what is to become of it. A further idea is one of its own: told of nobody it
    is an answer at once, and waits for no button."""
    there, question = found.there, found.question
    grown = engine.continue_answer(question, found.answer, what)
    if isinstance(grown, Refusal):
        return grown
    if there.lacks_room_for(what.text):
        return Refusal("full")
    stood = found.stored
    _let_stand(there, question, grown.parts[-1:])
    hold(there, question, grown, corrects=found.held.corrects)
    return More(stands=found.stored != stood)


def _let_stand(there: Session, question: Question, told: tuple[Part, ...]) -> None:
    """Those of the ideas that tell of nobody become part of the answer; of any other question nothing does."""
    if question.kind is not QuestionKind.IDEAS:
        return
    for part in told:
        stored = there.answers.get(question.id, Answer(question.id, open=True))
        grown = replace(stored, parts=(*stored.parts, part), skipped=False)
        if part not in stored.parts and not told_of(there, question, grown):
            there.save(grown)


def corrected(found: Waiting, what: Said) -> Answer | Refusal:
    """The held answer after one of its messages was corrected; one that tells of nobody any more is the answer. What
    stands already is corrected where it stands, and waits for no button."""
    there, question = found.there, found.question
    outcome = engine.correct(there.flow, {question.id: found.answer}, what)
    if outcome is None:
        raise LookupError("no message of the answer")
    if isinstance(outcome, Refusal):
        return outcome
    standing = engine.correct(there.flow, {question.id: found.stored}, what)
    if isinstance(standing, Answer) and not told_of(there, question, standing):
        there.save(standing)
    if not told_of(there, question, outcome):
        release(there, question)
        there.save(outcome)
        return outcome
    _let_stand(there, question, tuple(part for part in outcome.parts if part.message == what.message))
    hold(there, question, outcome, corrects=found.held.corrects)
    return outcome
