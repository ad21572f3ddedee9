"""How it is asked whether an answer that tells of somebody is to stand: the person's own words with what was found, why
it is asked, and two buttons. In the chat and the terminal on the screen of doubts; on pages at the question's field."""

from __future__ import annotations

from collections.abc import Sequence

from bot import texts
from bot.dialogue import details, doubt, screens
from bot.dialogue.details import Waiting
from bot.dialogue.dispatch import QUOTED, Sight, chosen, may_be_a_button, not_asked, sight
from bot.dialogue.navigation import proceed
from bot.dialogue.reply import Move, Reply, Screen, Tap, Verb
from bot.dialogue.screens import button, left_as
from bot.dialogue.session import Session, somebody
from bot.flows import engine, personal_details, typed
from bot.flows.engine import Answer, Said
from bot.flows.model import Question, QuestionKind
from bot.flows.personal_details import Detail, DetailKind
from bot.process.plan import HEARING

VERBS = (Verb.KEEP_DETAILS, Verb.REWRITE)
LONGEST_SHOWN, AROUND = 400, 60  # characters of what is shown whole; of a longer text those around what was found
LONGEST_QUOTED = 2000  # characters that are given back to be copied


def draw(s: Session, found: Waiting) -> Reply:
    return Reply(
        language=s.language,
        screen=Screen.DOUBT,
        title=s.say("details.title"),
        body=(
            s.say("details.said", words=in_words(s, found.new_words, found.told)),
            f"{s.say('details.found', what=what(s, found.told))} {why(found.there)}",
            s.say("details.how"),
        ),
        # The place is the row's: what has become another since then is asked about anew.
        moves=((button(s, Verb.REWRITE, "details-fix", found.held.id), _keep(s, found)),),
    )


def _keep(s: Session, found: Waiting) -> Move:
    return button(s, Verb.KEEP_DETAILS, "details-keep", found.held.id)


def what(s: Session, told: Sequence[Detail]) -> str:
    """«et telefonnummer og navnet på en anden person», in this order."""
    kinds = [kind for kind in DetailKind if any(detail.kind is kind for detail in told)]
    *first, last = [s.say(f"details.{kind}") for kind in kinds]
    return s.say("details.and", first=", ".join(first), last=last) if first else last


def why(s: Session) -> str:
    """Who can read the answers of the step that the session is in."""
    return s.say("details.why-hearing" if s.flow.flow == HEARING else "details.why")


def in_words(s: Session, answer: Answer, told: Sequence[Detail]) -> str:
    """What was written, with what was found between quotes; of a long text what stands around it."""
    text, shown, at = personal_details.text_of(answer), "", 0
    whole = len(text) <= LONGEST_SHOWN
    for detail in told:
        if detail.start < at:
            continue
        before = text[at : detail.start]
        shown += before if whole else _cut(before, first=at == 0)
        shown += texts.quoted(s.language, detail.words)
        at = detail.end
    return shown + (text[at:] if whole else texts.shortened(text[at:], AROUND))


def _cut(before: str, *, first: bool) -> str:
    if len(before) <= 2 * AROUND:
        return before
    return ("" if first else before[:AROUND]) + "…" + before[-AROUND:]


# --- what is done -----------------------------------------------------------------------------------------


def tapped(s: Session, tap: Tap, seen: Reply) -> Reply:
    """One of the two buttons of what is asked about."""
    found = details.waiting(s)
    if found is None:
        return proceed(s, s.say("tap.stale"))
    if tap.verb is Verb.KEEP_DETAILS:
        details.keep(found)
        continues = _continues(s, found)
        return left_as(_on(s, s.say("details.kept"), continues=continues), seen, chosen(seen, tap))
    quoted = texts.shortened(personal_details.text_of(found.new_words), LONGEST_QUOTED)
    details.drop(found)
    note = "details.to-correct" if found.held.corrects is None else "details.to-correct-again"
    return left_as(_on(s, s.say(note, words=quoted)), seen, chosen(seen, tap))


def _continues(s: Session, found: Waiting) -> str | None:
    """The question that a late message would go on with, as behind any written answer."""
    here = s.run is not None and s.run.id == found.held.run_id
    ends = not found.answer.open and engine.can_continue(found.question, found.answer)
    return found.question.id if here and ends else None


def heard(seen: Reply, text: str) -> Move | None:
    """The button that a «ja» or a «nej» means: it is asked whether the answer is to stand."""
    verb = {"ja": Verb.KEEP_DETAILS, "nej": Verb.REWRITE}.get(typed.yes_or_no(text) or "")
    return next((move for move in seen.buttons if move.verb is verb), None)


def said(s: Session, found: Waiting, answered: Said) -> Reply:
    """What else is written before a button was pressed. A further idea is one of its own; of what they were writing it
    is more; what belongs to neither waits to be asked about, and what a button says is no part of any answer."""
    if _is_a_button(s, found.question, answered.text):
        return screens.draw(s, not_kept(s, answered.text))
    if not _is_more(s, found, answered):
        asked = s.prompt is not None and s.prompt.question is not None
        return doubt.ask(s, answered, None, s.say("doubt.kept")) if asked else not_asked(s, answered, None)
    more = details.said_more(found, answered)
    if isinstance(more, engine.Refusal):
        return screens.draw(s, screens.refused(s, more))
    words = texts.shortened(answered.text, QUOTED)
    return doubt.show(s, s.say("details.stands", words=words) if more.stands else s.say("details.added"))


def not_kept(s: Session, text: str) -> str:
    """That a button's words are kept nowhere while it is asked about others."""
    return s.say("doubt.choose-first", words=texts.shortened(text, QUOTED))


def _is_a_button(s: Session, question: Question, text: str) -> bool:
    """Whether it is what a button says, of any screen, or one of the question's choices: sent in the belief that there
    is one, or before it was seen what is asked."""
    if may_be_a_button(s, text) or typed.yes_or_no(text) is not None or typed.number(text) is not None:
        return True
    options = engine.options(question)
    return engine.match_label(text, options) is not None or bool(
        not question.is_written and engine.match_choices(text, options)
    )


def _is_more(s: Session, found: Waiting, answered: Said) -> bool:
    """Whether it goes on with what is held: they have come from its question, or had not seen yet that it is asked
    about (docs/decisions/0005). A correction is whole, and only ideas have a next one."""
    if s.prompt is None or (found.held.corrects is not None and found.question.kind is not QuestionKind.IDEAS):
        return False
    from_there = (s.prompt.run_id, s.prompt.question) == (found.held.run_id, found.question.id)
    unseen = s.prompt.run_id == found.held.run_id and sight(s.visit, answered, s.prompt) is not Sight.SEEN
    return from_there or unseen


def _on(s: Session, *notes: str, continues: str | None = None) -> Reply:
    """To where they were: a panel, or what comes next."""
    here = somebody(s.tx, s.context, s.visit)
    if here.prompt is not None and here.prompt.screen == Screen.DOUBT and here.prompt.about is not None:
        doubt.back_to_panel(here)
        return screens.draw(here, *notes)
    return proceed(here, *notes, continues=continues)


def corrected(s: Session, found: Waiting, what_was_said: Said) -> Reply:
    """A message of what is asked about was corrected."""
    outcome = details.corrected(found, what_was_said)
    if isinstance(outcome, engine.Refusal):
        return screens.words(s, screens.refused(s, outcome))
    here = somebody(s.tx, s.context, s.visit)
    if details.waiting(here) is not None:
        return doubt.show(here)
    return _on(here, s.say("said.corrected"))
