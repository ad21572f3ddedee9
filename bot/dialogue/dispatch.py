"""Answering: what a person says, taps or edits becomes one turn of the engine, is saved, and leads onward."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from bot import texts
from bot.access import NotAllowed
from bot.dialogue import acting_as, commands, naming, panel_navigation, screens
from bot.dialogue.navigation import begin, choose, onward, open_panel, redraw, show
from bot.dialogue.panel import PanelInput
from bot.dialogue.reply import COMMUTING, STANDING, Move, Reply, Screen, Tap, Verb
from bot.dialogue.session import Session, Visit, load
from bot.dialogue.upload import Upload
from bot.features.joint_answers import service as joint_answers
from bot.features.on_behalf import service as on_behalf
from bot.features.privacy import own_data
from bot.features.register import speaks_for
from bot.flows import engine, safeguarding
from bot.flows.engine import Answer, Finished, Kept, Picked, Refusal, Reopened, Said, Skipped, Turn, Undone, WentBack
from bot.flows.model import LANGUAGES, Language, Question, QuestionKind
from bot.outbox import compose
from bot.process.host import ProcessHost
from bot.process.plan import START, State
from storage import people, runs
from storage.db import Tx

GRACE = 1  # seconds: Telegram dates messages in whole seconds
DOUBLE_TAP = 3  # seconds in which a second tap on the button that led here is a trembling finger
WITHOUT_CONSENT = (Screen.NOTICE, Screen.LANGUAGE, Screen.ERASE)  # what one may do before saying yes, or after /stop
LONGEST_LABEL = 80  # characters; a longer text is surely no button's label


# --- what was written -------------------------------------------------------------------------------------


def said(tx: Tx, house: ProcessHost, visit: Visit, what: Said) -> Reply:
    """A written message: an answer to the open question, more of the one before, or the words on a button."""
    s = load(tx, house, visit)
    if s is None:
        return commands.start(tx, house, visit, "")
    if s.prompt is None:
        return onward(s)
    if visit.again and s.prompt_holds:  # what needs care is said again too
        return screens.draw(s, *naming.concern(s, what.text))
    if not s.takes_part and s.prompt.screen not in WITHOUT_CONSENT:
        return onward(s, s.say("said.not-asked"))
    if not s.prompt_holds:
        return onward(s, s.say("said.moved-on"))
    too_early = not visit.prompt_seen and visit.sent_at <= s.prompt.shown_at + GRACE
    if too_early and s.prompt.continues is not None:
        return _continue(s, what)
    move = _spoken(s, what.text)
    if move is not None:
        return tapped(tx, house, visit, Tap(s.prompt.number, s.prompt.revision, move.verb, move.place))
    if s.prompt.screen == Screen.PANEL:
        return _panel_said(s, what.text)
    if s.prompt.screen != Screen.ASK:
        return screens.draw(s, s.say("said.not-asked"))
    if too_early and visit.sent_at < s.prompt.shown_at:
        return screens.draw(s, s.say("said.too-early"))
    return _answer(s, what)


def _answer(s: Session, what: Said) -> Reply:
    question = s.open_question
    if question is None or is_closed(s):
        return onward(s)
    outcome = engine.take_turn(s.flow, s.respondent, s.answers, what)
    if isinstance(outcome, Refusal):
        return screens.draw(s, refusal(s, question, outcome))
    s.save(outcome)
    continues = question.id if engine.can_continue(question, outcome) and not outcome.open else None
    return onward(s, *care_for(s, what.text, question), continues=continues)


def _continue(s: Session, what: Said) -> Reply:
    """One more message of the same thought, sent before the next question was seen."""
    assert s.prompt is not None and s.prompt.continues is not None  # noqa: S101  # said() checked it
    answer = s.answers.get(s.prompt.continues)
    if answer is None or is_closed(s):
        return _not_continued(s)
    question = s.flow.question(answer.question)
    grown = engine.continue_answer(question, answer, what)
    if isinstance(grown, Refusal):
        return screens.words(s, refusal(s, question, grown))
    s.save(grown)
    notes = (*care_for(s, what.text, question), s.say("said.appended"))
    if s.prompt.screen == Screen.REVIEW:  # which shows the answer as it was
        return show(s, Screen.REVIEW, *notes)
    return screens.words(s, *notes)


def _not_continued(s: Session) -> Reply:
    """The answer it continues is of another flow by now (the last of a step), or its step has closed."""
    assert s.prompt is not None  # noqa: S101  # said() checked it
    return screens.draw(s, s.say("said.too-early"))


def _spoken(s: Session, text: str) -> Move | None:
    """The button whose words the person wrote instead of tapping it. Choices are the engine's matter."""
    if len(text) > LONGEST_LABEL or s.prompt is None:
        return None
    plain = _plain(text)
    if s.prompt.screen == Screen.ASK:
        if plain not in _button_words(s.language):
            return None
        moves = [m for row in screens.draw(s).moves for m in row if m.verb not in (Verb.PICK, Verb.UNPICK)]
        return next((move for move in moves if _plain(move.label) == plain), None)
    moves = [move for row in screens.draw(s).moves for move in row]
    if s.prompt.screen == Screen.PANEL:  # a number may be what it waits for
        return next((move for move in moves if _plain(move.label) == plain), None)
    if plain.isdecimal() and len(plain) <= 3 and 1 <= int(plain) <= len(moves) and s.prompt.screen != Screen.ERASE:
        return moves[int(plain) - 1]
    return next((move for move in moves if _plain(move.label) == plain), None)


@cache
def _button_words(language: Language) -> frozenset[str]:
    keys = [str(message.id) for message in texts.catalogue(language) if str(message.id).startswith("button.")]
    return frozenset(_plain(texts.say(language, key)) for key in keys)


def _plain(text: str) -> str:
    return " ".join(text.casefold().strip(" \t\n.!«»\"'").split())


def edited(tx: Tx, house: ProcessHost, visit: Visit, what: Said) -> Reply | None:
    """A message was edited on the channel: the stored answer it is part of is corrected, with history.
    None where it is part of no answer."""
    s = load(tx, house, visit)
    if s is None or visit.again or not s.takes_part:
        return None
    for run in reversed(runs.of_person(tx, s.person.id)):
        s.take_up(run)
        corrected = engine.correct(s.flow, s.respondent, s.answers, what)
        if corrected is None:
            continue
        return _correct(s, s.flow.question(_question_of(s, what)), corrected)
    return None


def _question_of(s: Session, what: Said) -> str:
    return next(a.question for a in s.answers.values() if any(part.message == what.message for part in a.parts))


def _correct(s: Session, question: Question, corrected: Answer | Refusal) -> Reply:
    if is_closed(s):
        return screens.words(s, screens.shut(s, s.flow))
    if isinstance(corrected, Refusal):
        return screens.words(s, refusal(s, question, corrected))
    if corrected == s.answers[question.id]:
        return screens.words(s)
    s.save(corrected)
    return screens.words(s, s.say("said.corrected"))


# --- what was tapped --------------------------------------------------------------------------------------


def tapped(tx: Tx, house: ProcessHost, visit: Visit, tap: Tap) -> Reply:
    """A button was pressed. One that does not belong to what the person was shown last changes nothing."""
    s = load(tx, house, visit)
    if s is None:  # done once before a restart, it was the tap that erased them
        return own_data.gone(tx, house, visit) if visit.again else commands.start(tx, house, visit, "")
    if tap.number == STANDING:
        return compose.tapped(s, tap)
    if visit.again and s.prompt_holds:
        return screens.draw(s)
    if s.prompt is None:
        return onward(s, s.say("tap.stale"))
    if not s.takes_part and s.prompt.screen not in WITHOUT_CONSENT:
        return onward(s)
    if not s.prompt_holds:
        return onward(s, s.say("tap.stale"))
    if s.prompt.screen == Screen.PANEL:
        return _panel_tapped(s, tap)
    if not _belongs(s, tap):
        if tap.number == s.prompt.number - 1 and visit.now - s.prompt.shown_at <= DOUBLE_TAP:
            return screens.words(s)
        return onward(s, s.say("tap.stale"))
    seen = screens.draw(s)
    match Screen(s.prompt.screen):
        case Screen.ASK:
            return _tap_answer(s, tap, seen)
        case Screen.REVIEW:
            return _tap_review(s, tap, seen)
        case _:
            return _tap_other(s, tap, seen)


def _belongs(s: Session, tap: Tap) -> bool:
    """Whether the button was on what was shown last, as it was shown last."""
    assert s.prompt is not None  # noqa: S101  # tapped() checked it
    if tap.number != s.prompt.number:
        return False
    if tap.verb in COMMUTING and s.prompt.screen == Screen.ASK:
        return True  # the engine checks the place; the same tap twice is the same as once
    if tap.revision != s.prompt.revision:
        return False
    return any(move.verb is tap.verb and move.place == tap.place for row in screens.draw(s).moves for move in row)


def _tap_answer(s: Session, tap: Tap, seen: Reply) -> Reply:
    if tap.verb is Verb.PAUSE:
        return _left_as(show(s, Screen.PAUSED), seen)
    question, turn = s.open_question, _turn_of(tap)
    if question is None or turn is None or is_closed(s):
        return onward(s)
    outcome = engine.take_turn(s.flow, s.respondent, s.answers, turn)
    if isinstance(outcome, Refusal):
        return screens.draw(s, refusal(s, question, outcome))
    s.save(outcome)
    if outcome.question == question.id and outcome.open:
        return redraw(s)
    if outcome.question != question.id:  # back to an earlier one
        return _left_as(onward(s), seen)
    continues = question.id if engine.can_continue(question, outcome) else None
    return _left_as(onward(s, continues=continues), seen, _mark(s, question, outcome))


def _turn_of(tap: Tap) -> Turn | None:
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
        case _:
            return None


def _mark(s: Session, question: Question, answer: Answer) -> str:
    if answer.skipped:
        return s.say("mark.skipped")
    said = engine.in_words(question, answer, s.language, many=s.many)
    if question.kind is QuestionKind.IDEAS:
        return "✓ " + texts.count(s.language, "ideas.so-far", len(answer.parts))
    return f"✓ {screens.shortened(said)}"


def _left_as(reply: Reply, seen: Reply, mark: str | None = None) -> Reply:
    """The message that was tapped keeps its question, loses its buttons, and says what was chosen."""
    kept = seen.body
    if seen.ask is not None:
        shows = seen.ask.question.shows
        kept = (shows.to(seen.language, many=seen.ask.many),) if shows is not None else ()
    left = replace(seen, notes=(), moves=(), lead=None, body=(*kept, mark) if mark else kept, redraw=True)
    return replace(reply, left=left)


def _tap_review(s: Session, tap: Tap, seen: Reply) -> Reply:
    if tap.verb is Verb.PAUSE:
        return _left_as(show(s, Screen.PAUSED), seen)
    if tap.verb is Verb.CANCEL:
        s.run = None
        return _left_as(choose(s), seen)
    if tap.verb is Verb.LEAVE:
        return _left_as(_oneself_again(s), seen)
    if is_closed(s):
        return _left_as(onward(s), seen)
    if tap.verb is Verb.EDIT:
        line = seen.review[tap.place or 0]
        outcome = engine.take_turn(s.flow, s.respondent, s.answers, Reopened(line.question.id))
        if isinstance(outcome, Answer):
            s.save(outcome)
        return _left_as(onward(s), seen)
    return _send(s, seen)


def _send(s: Session, seen: Reply) -> Reply:
    assert s.run is not None  # noqa: S101  # a review is of a run
    if not engine.is_sendable(s.flow, s.answers) and s.flow.send_when is not None:
        s.save(Answer(s.flow.send_when.question, keys=s.flow.send_when.is_[:1]))
        if s.open_question is not None:
            return _left_as(onward(s), seen)
    runs.mark_sent(s.tx, s.run.id, s.visit.sent_at)
    found = runs.by_id(s.tx, s.run.id)
    s.run = found
    return _left_as(show(s, Screen.RECEIPT), seen, s.say("mark.sent"))


def _tap_other(s: Session, tap: Tap, seen: Reply) -> Reply:
    flows = list(s.plan.flows.values())
    match tap.verb:
        case Verb.ACCEPT:
            people.accept_notice(s.tx, s.person.id, s.plan.notice_version, s.visit.now)
            s.read_person()
            return _left_as(onward(s), seen, s.say("mark.accepted"))
        case Verb.SPEAK:
            people.speak(s.tx, s.person.id, LANGUAGES[tap.place or 0])
            s.read_person()
            if seen.screen is Screen.NOTICE:
                return redraw(s)
            return _left_as(onward(s, s.say("language.chosen")), seen)
        case Verb.GO:
            return _left_as(begin(s, flows[tap.place or 0].flow), seen)
        case Verb.EDIT:
            return commands.correct(s) if tap.place is None else commands.review(s, flows[tap.place].flow.flow)
        case Verb.RESUME:
            return _left_as(onward(s), seen)
        case Verb.ADOPT | Verb.DECLINE:
            return _left_as(_version(s, adopt=tap.verb is Verb.ADOPT), seen)
        case Verb.ERASE if s.person.source is not None:
            return _left_as(_entry_erased(s), seen)
        case Verb.ERASE:
            return _left_as(own_data.erase(s), seen)
        case Verb.SPEAK_FOR:
            speaks_for.choose(s, tap.place)
            return _left_as(onward(s, corrected=False), seen, _chosen(seen, tap))
        case Verb.READ:
            return _left_as(show(s, Screen.READING, about=flows[tap.place or 0].flow.flow), seen)
        case Verb.JOIN:
            joint_answers.answer(s, yes=tap.place == 1)
            return _left_as(onward(s, corrected=False), seen, _chosen(seen, tap))
        case Verb.LEAVE:
            return _left_as(_oneself_again(s), seen)
        case _:
            return _left_as(onward(s, s.say("erase.kept")), seen)


def _chosen(seen: Reply, tap: Tap) -> str:
    return "✓ " + next(
        move.label for row in seen.moves for move in row if (move.verb, move.place) == (tap.verb, tap.place)
    )


def _version(s: Session, *, adopt: bool) -> Reply:
    assert s.run is not None  # noqa: S101  # a newer version is offered of a run
    newest = s.plan.flows[s.run.flow].version
    (runs.move_to_version if adopt else runs.decline_version)(s.tx, s.run.id, newest)
    return begin(s, s.plan.flows[s.run.flow].flow)


# --- panels -----------------------------------------------------------------------------------------------


def _panel_tapped(s: Session, tap: Tap) -> Reply:
    """A panel's button means what it meant when it was drawn. Pressed again after that, it does nothing more."""
    assert s.prompt is not None  # noqa: S101  # tapped() checked it
    to = panel_navigation.about(s).to
    if tap.number != s.prompt.number:
        return screens.draw(s, s.say("tap.stale"))
    if tap.revision != s.prompt.revision or tap.verb is not Verb.OPEN or not 0 <= (tap.place or 0) < len(to):
        return screens.draw(s)
    return _opened(s, to[tap.place or 0], in_place=not panel_navigation.about(s).once)


def _opened(s: Session, path: str, sent: PanelInput | None = None, *, in_place: bool = False) -> Reply:
    """The path's panel; to somebody who may not any more, where they are instead."""
    try:
        return open_panel(s, path, sent, in_place=in_place)
    except NotAllowed:
        return onward(s, s.say("panel.closed"))


def typed(s: Session, number: int, revision: int, text: str) -> Reply | None:
    """What was written in a panel's own field; None where another panel, or none that asks, stands there by now."""
    return (
        _panel_said(s, text) if _is_open(s, number, revision) and panel_navigation.about(s).asks is not None else None
    )


def _is_open(s: Session, number: int, revision: int) -> bool:
    """Whether this very panel is what the person was shown last."""
    prompt = s.prompt
    return (
        prompt is not None
        and s.accepted
        and (prompt.screen, prompt.number, prompt.revision) == (Screen.PANEL, number, revision)
    )


def _panel_said(s: Session, text: str) -> Reply:
    asks = panel_navigation.about(s).asks
    if asks is None:
        return screens.draw(s, s.say("said.not-asked"))
    return _opened(s, asks, PanelInput(text.strip()))


def _oneself_again(s: Session) -> Reply:
    """What was entered for others is left; back to the panel it was begun from."""
    return commands.panel(on_behalf.PANEL)(acting_as.leave(s))


def _entry_erased(s: Session) -> Reply:
    reply = commands.panel(on_behalf.PANEL)(on_behalf.erase(s))
    return replace(reply, notes=(s.say("enter.erased"), *reply.notes))


def handed_in(s: Session, handed: Upload) -> Reply:
    """A file was sent. Where no panel waits for one it is not looked at."""
    asks_file = _asks_file(s)
    return commands.not_text(s) if asks_file is None else _opened(s, asks_file, PanelInput(handed=handed))


def waits_for_file(s: Session) -> bool:
    return _asks_file(s) is not None


def _asks_file(s: Session) -> str | None:
    """The path that takes a file, of the panel the person was shown last."""
    on_panel = s.prompt is not None and s.prompt.screen == Screen.PANEL
    return panel_navigation.about(s).asks_file if on_panel else None


# --- around an answer -------------------------------------------------------------------------------------


def is_closed(s: Session) -> bool:
    """Judged by when the person acted, not by when we got round to it."""
    if s.run is None or s.run.flow == START:
        return False
    return s.plan.state(s.run.flow, s.visit.sent_at, s.person.stakeholder) is not State.OPEN


def refusal(s: Session, question: Question, why: Refusal) -> str:
    return s.say(f"refusal.{why.code}", most=question.most or 0)


def care_for(s: Session, text: str, question: Question) -> tuple[str, ...]:
    """The municipality's contact where words call for a person; a hint where contact details stand in an answer."""
    concern = naming.concern(s, text)
    if concern:
        return concern
    if question.kind is not QuestionKind.CONTACT and safeguarding.has_contact_details(text):
        return (s.say("hint.contact"),)
    return ()
