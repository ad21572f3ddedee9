"""Answering by form: every question has a page of its own, which can be looked at and sent again at any time.

A form says which answer it was drawn over (`seen`). Sent twice it does what it does once; sent over an answer that
has become another since then, it changes nothing, says so, and keeps what was typed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Set
from dataclasses import dataclass, replace

from bot.dialogue import details, details_screen, naming, screens, wishes
from bot.dialogue.consent import Reached, start_run
from bot.dialogue.details import Waiting
from bot.dialogue.dispatch import may_be_a_button, way_among
from bot.dialogue.navigation import proceed, show
from bot.dialogue.reply import FormWay, QuestionPage, Reply, Screen, Verb
from bot.dialogue.session import Context, Session, Visit, Wish, load
from bot.dialogue.step_status import is_closed, shut
from bot.features.answering import question_screen
from bot.features.answering.answers import refusal, taken_over
from bot.flows import content, engine
from bot.flows.engine import Answer, Filled, Refusal
from bot.flows.model import OF_MESSAGES, YES, Question, QuestionKind
from bot.flows.personal_details import Detail
from bot.process.plan import START
from storage.db import Tx

LIVE = (Screen.MENU, Screen.IDLE)  # not shown again as they were: a step may have opened since


@dataclass(frozen=True, slots=True)
class QuestionForm:
    flow: str
    question: str
    seen: str  # the digest that stood in the form
    filled: Filled
    way: FormWay
    is_meant: bool = False  # its word is the answer, whatever it may ask for
    is_kept: bool = False  # what was held is the answer, whatever it tells of somebody
    takes: int | None = None  # the mark of a member's words that are to be taken over


class NotAsked(LookupError):
    """The question is not the person's to answer now: another answer leads past it, or they have stopped."""


def current_page(s: Session) -> Reply | None:
    """What the person was shown last, read without writing; None where that is no longer where they are."""
    if s.prompt is None or s.screen is None:
        return None
    if not s.prompt_holds or not (s.accepted or s.screen.without_consent):
        return None
    found = details.waiting(s) if s.accepted else None
    if found is not None and (page := details.on_its_page(s, found)) is not None:
        return page
    if s.prompt.screen in LIVE or (s.prompt.screen == Screen.ASK and (is_closed(s) or s.offers_newer)):
        return None
    drawn = screens.draw(s)
    closed = drawn.screen is Screen.PANEL and not drawn.moves and not drawn.links  # to them, by now
    return None if closed else drawn


def question_page(s: Session, flow: str, question: str) -> QuestionPage | None:
    """A question with its answer; None where it is not, or not yet, the person's to answer."""
    found = _find(s, flow, question) if s.accepted else None
    if found is None or is_closed(s):
        return None
    waits = details.of_question(s, found)
    return _page(s, found) if waits is None else _asked_about(s, waits, stays=found.kind is QuestionKind.IDEAS)


def about_oneself(s: Session, sets: str) -> Reply | None:
    """The page of the start question that sets this of a person; None while they have not answered so far."""
    if s.person.source is not None and sets == "messages":  # nobody is reminded of what was entered
        return None
    page = question_page(s, START, s.plan.start_question(sets).id)
    if page is None:
        return None
    return replace(page.reply, notes=(s.say("role.stays"),)) if sets == "group" else page.reply


def submit(
    tx: Tx, context: Context, visit: Visit, form: QuestionForm, reached: Callable[[Session, bool], Reached]
) -> Reply | QuestionPage | Wish | None:
    """Applies the form and returns where it leads; or its page again, with the reason it cannot be used; or what its
    word asks for. `reached` says how somebody is reached who has just agreed to messages, or has not, and takes the
    address they gave. Returns None for a stranger. Raises NotAsked."""
    s = load(tx, context, visit)
    if s is None:
        return None
    found = _find(s, form.flow, form.question) if form.seen.rpartition(":")[0] == _whose(s, form.question) else None
    if found is None or not s.takes_part:
        raise NotAsked(form.question)
    if is_closed(s):
        return _page(s, found, error=shut(s, s.flow))
    current, waits = s.answers.get(found.id, Answer(found.id)), details.of_question(s, found)
    if form.way is FormWay.REWRITE:
        details.release(s, found)
        return _page(s, found, note=s.say("details.rewrite"))
    known = {part.text for part in (*current.parts, *(() if waits is None else waits.answer.parts))}
    form = _as_typed(s, found, known, form)
    if waits is not None and not form.is_meant:
        word = next((text for text in _new_words(known, form) if may_be_a_button(s, text)), None)
        if word is not None:
            asked = _asked_about(s, waits, stays=found.kind is QuestionKind.IDEAS)
            return replace(asked, error=details_screen.not_kept(s, word))
    wish = _wish(s, found, known, form)
    if wish is not None:
        return wish if form.way is FormWay.WISH else _asked_what(s, found, wish)
    outcome = _outcome(s, found, current, form)
    if form.takes is not None and isinstance(outcome, Answer):
        taken = taken_over(s, found, outcome, form.takes)
        if taken is None:
            return _page(s, found, error=s.say("joint.words-gone"))
        outcome = taken
    if isinstance(outcome, Refusal):
        return _page(s, found, error=refusal(s, found, outcome))
    differs = _differs(s, found, outcome)
    if differs and form.seen != digest(s, found):
        return _page(s, found, error=_changed(s, found, current))
    if differs and s.lacks_room(outcome):
        return _page(s, found, error=refusal(s, found, Refusal("full")))
    looked_only = form.way in (FormWay.BACK, FormWay.PAUSE) and (outcome.is_empty or not differs)
    of_somebody = () if looked_only else details.told_of(s, found, outcome, *_kept_now(form, waits))
    if of_somebody:
        return _held(s, found, form, outcome, of_somebody)
    asks = found.sets in OF_MESSAGES and differs and form.way is FormWay.NEXT
    told = reached(s, YES in outcome.keys) if asks else Reached()
    if told.wrong is not None:
        return _page(s, found, error=told.wrong)
    if not looked_only:
        if waits is not None:
            details.release(s, found)
        s.save(outcome)
    notes = _care(s, current, outcome)
    if form.takes is not None:
        notes = (*notes, s.say("joint.taken"))
    notes = (*notes, *told.notes)
    if form.way in (FormWay.NEXT, FormWay.SKIP) and not outcome.open:
        return proceed(s, *notes, corrected=differs)
    return _stayed(s, found, form.way, notes)


def _care(s: Session, current: Answer, outcome: Answer) -> tuple[str, ...]:
    new = [part.text for part in outcome.parts if part not in current.parts]
    return next((note for text in new if (note := naming.contact_note(s, text))), ())


# --- what tells of somebody -------------------------------------------------------------------------------


def _kept_now(form: QuestionForm, waits: Waiting | None) -> tuple[Answer, ...]:
    """What the person has just been asked about, and says is to stand."""
    return (waits.answer,) if form.is_kept and waits is not None else ()


def _held(
    s: Session, question: Question, form: QuestionForm, outcome: Answer, told: tuple[Detail, ...]
) -> Reply | QuestionPage:
    """Kept aside until it is said that it is to stand. Who goes back or takes a break is asked when they come again."""
    care = _care(s, s.answers.get(question.id, Answer(question.id)), outcome)
    details.hold(s, question, outcome)
    if form.way in (FormWay.BACK, FormWay.PAUSE):
        aside = s.say("details.aside", what=details_screen.what(s, told))
        return _stayed(s, question, form.way, (*care, aside))
    waits = details.of_question(s, question)
    if waits is None:
        raise LookupError("what was held is not there")
    page = _asked_about(s, waits, stays=not form.filled.done)
    return replace(page, reply=replace(page.reply, notes=care))


def _asked_about(s: Session, waits: Waiting, *, stays: bool) -> QuestionPage:
    """The page of a question for which something waits: it stands in the field, and why it is not the answer yet."""
    told = waits.told
    error = s.say(
        "details.form",
        what=details_screen.what(s, told),
        words=details_screen.in_words(s, waits.new_words, told),
        why=details_screen.why(s),
    )
    keep = FormWay.KEEP_STAY if stays else FormWay.KEEP
    ask = replace(question_screen.asked(s, waits.question), answer=waits.answer)
    return QuestionPage(
        question_screen.draw(s, ask),
        ask,
        digest(s, waits.question),
        error,
        offers=((FormWay.REWRITE, s.say("button.details-fix")), (keep, s.say("button.details-keep"))),
    )


# --- a word that may be no answer -------------------------------------------------------------------------

_TYPED_WAYS = {
    Verb.BACK: FormWay.BACK,
    Verb.SKIP: FormWay.SKIP,
    Verb.PAUSE: FormWay.PAUSE,
    Verb.DONE: FormWay.NEXT,
}


def _new_words(known: Set[str], form: QuestionForm) -> list[str]:
    """The texts of the form that stand neither in the answer already nor in what waits to become it."""
    return [text for text in form.filled.texts if text.strip() and text not in known]


def _as_typed(s: Session, question: Question, known: Set[str], form: QuestionForm) -> QuestionForm:
    """The form as if «Spring over», «Færdig» or «Tilbage» had been pressed, where it was written. A word that is the
    answer after all goes on like any other."""
    if form.way is FormWay.MEANT:
        adds = question.kind is QuestionKind.IDEAS
        on = FormWay.STAY if adds else FormWay.NEXT
        return replace(form, way=on, filled=replace(form.filled, done=not adds), is_meant=True)
    if form.way in (FormWay.KEEP, FormWay.KEEP_STAY):
        stays = form.way is FormWay.KEEP_STAY
        on = FormWay.STAY if stays else FormWay.NEXT
        form = replace(form, way=on, filled=replace(form.filled, done=not stays), is_kept=True)
    if form.way not in (FormWay.NEXT, FormWay.STAY):
        return form
    for text in _new_words(known, form):
        way = _typed_way(s, question, text)
        if way is not None:
            texts = tuple(each for each in form.filled.texts if each != text)
            filled = replace(form.filled, texts=texts, done=way in (FormWay.NEXT, FormWay.SKIP))
            return replace(form, way=way, filled=filled)
    return form


def _typed_way(s: Session, question: Question, text: str) -> FormWay | None:
    """Where the button leads whose words were written into a field."""
    if not may_be_a_button(s, text):
        return None
    move = way_among(s, question_screen.draw(s, question_screen.asked(s, question)), text)
    return _TYPED_WAYS.get(move.verb) if move is not None else None


def _wish(s: Session, question: Question, known: Set[str], form: QuestionForm) -> Wish | None:
    """What the form's one new word may ask for, until it is said that it is the answer."""
    new = [] if form.is_meant else _new_words(known, form)
    if len(new) != 1 or form.way not in (FormWay.NEXT, FormWay.STAY, FormWay.WISH):
        return None
    is_choice = engine.match_label(new[0], engine.options(question)) is not None
    return None if is_choice else wishes.wish_of(s.context.tables, new[0])


def _asked_what(s: Session, question: Question, wish: Wish) -> QuestionPage:
    """The word stays in its field until one of the two is pressed."""
    offers = ((FormWay.MEANT, s.say("button.doubt-answer")), (FormWay.WISH, s.say(f"wish.{wish}")))
    return replace(_page(s, question, error=s.say("doubt.asked")), offers=offers)


def _outcome(s: Session, question: Question, current: Answer, form: QuestionForm) -> Answer | Refusal:
    if form.way is not FormWay.SKIP:
        return engine.fill(question, current, form.filled, s.options)
    texts = engine.read_all(form.filled.texts)
    unsent = current.open and question.kind is not QuestionKind.IDEAS  # a draft: not even the history has it
    if isinstance(texts, Refusal) or (texts and (unsent or not engine.stands(current, texts))):
        return Refusal("written")  # going on without an answer is one thing, losing one another
    return engine.skip(question, current)


def _stayed(s: Session, question: Question, way: FormWay, notes: tuple[str, ...]) -> Reply:
    match way:
        case FormWay.BACK:
            return _led_to(s, _reopened(s, question), notes)
        case FormWay.PAUSE:
            return replace(show(s, Screen.PAUSED), notes=notes)
        case _:
            return _led_to(s, question, notes)


def _led_to(s: Session, question: Question, notes: tuple[str, ...]) -> Reply:
    return Reply(language=s.language, screen=Screen.ASK, notes=notes, at=(s.flow.flow, question.id))


def _find(s: Session, flow: str, wanted: str) -> Question | None:
    """A question of the person's path that is answered already or is the open one; its run is taken up."""
    of_the_person = flow == START and s.plan.is_about_messages(wanted)
    if s.run is None or s.run.flow != flow or of_the_person:  # mostly it is the one they are in
        run = start_run(s) if of_the_person else s.run_of(flow)
        if run is None or flow not in s.plan.flows:
            return None
        s.take_up(run)
    told = of_the_person and wanted in s.answers  # in another capacity, or when they came by a role
    for question in s.path:
        if question.id == wanted:
            return question
        if question.id not in s.answers and not told:
            return None  # not before those that come first
    return None


def _reopened(s: Session, question: Question) -> Question:
    """The question before; going on from there, one comes by this one again, as on every channel."""
    earlier = [candidate for candidate in s.path[: s.path.index(question)] if candidate.id in s.answers]
    if not earlier:
        return question
    s.save(replace(s.answers[earlier[-1].id], open=True))
    return earlier[-1]


def _page(s: Session, question: Question, error: str | None = None, *, note: str | None = None) -> QuestionPage:
    ask = question_screen.asked(s, question)
    drawn = question_screen.draw(s, ask)
    reply = drawn if note is None else replace(drawn, notes=(note,))
    return QuestionPage(reply, ask, digest(s, question), error)


def digest(s: Session, question: Question) -> str:
    """Tells one state of a stored answer from another, and oneself from those one enters for."""
    row = s.stored.get(question.id)
    state = "" if row is None else hashlib.sha256(f"{int(row.skipped)}{row.content}".encode()).hexdigest()[:16]
    whose = _whose(s, question.id)
    return f"{whose}:{state}" if whose else state


def _whose(s: Session, question: str) -> str:
    """The entry a form stands in, the run of who answers in several capacities, or another process than the one that
    most come to; empty for one's own answers there."""
    if s.person.source is not None:
        return str(s.person.id)
    of_the_person = s.plan.is_about_messages(question)
    if s.run is None or of_the_person or sum(run.flow == START for run in s.runs) < 2:
        return "" if s.process_host.is_default(s.plan) else f"p{s.plan.process_id}"
    return f"r{s.run.id}"


def _differs(s: Session, question: Question, outcome: Answer) -> bool:
    row = s.stored.get(question.id)
    written = content.write(question, outcome, s.language, many=s.many)
    return row is None or row.content != written or row.skipped != outcome.skipped


def _changed(s: Session, question: Question, current: Answer) -> str:
    if current.skipped or current.is_empty:
        return s.say("form.changed-skipped")
    return s.say("form.changed", answer=engine.in_words(question, current, s.language, many=s.many))
