"""The screen of held words: what somebody wrote, and two buttons that say what it was, or what is to become of it.
What else they write before they have pressed one is kept with it, but for what a button says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.dialogue import details, details_screen, doubt, screens, wishes
from bot.dialogue.dispatch import by_label, chosen, may_be_a_button, on_buttons
from bot.dialogue.navigation import proceed
from bot.dialogue.reply import Move, Reply, Screen, Tap, Verb
from bot.dialogue.screens import button, left_as, shortened
from bot.dialogue.session import Heard, ScreenType, Session, Wish, somebody
from bot.flows import engine
from bot.flows.engine import Said
from bot.flows.model import Question
from storage.held_words import HeldWords
from storage.prompts import Prompt


def draw(s: Session) -> Reply | None:
    found = details.waiting(s)
    if found is not None:
        return details_screen.draw(s, found)
    words = doubt.waiting(s)
    if not words:
        return None
    question, said = _question(s), "\n".join(each.text for each in words)
    wish = _wish(words)
    asked = () if question is None else (s.say("doubt.question", question=question.text.to(s.language, many=s.many)),)
    keep = button(s, Verb.KEEP, "doubt-answer" if question is not None else "doubt-use")
    unseen = (s.say("doubt.unseen"),) if words[0].unseen else ()
    no_answer = "doubt-no" if words[0].unseen else "doubt-message"
    other = button(s, Verb.CANCEL, no_answer) if wish is None else Move(Verb.WISH, s.say(f"wish.{wish}"))
    return Reply(
        language=s.language,
        screen=Screen.DOUBT,
        title=s.say("doubt.title" if question is not None else "doubt.title-panel"),
        body=(*unseen, s.say("doubt.said", words=shortened(said)), *asked, s.say("doubt.kept")),
        moves=((keep,), (other,)),
    )


def _question(s: Session) -> Question | None:
    return s.open_question if s.run is not None and s.prompt is not None and s.prompt.question is not None else None


def _wish(words: tuple[HeldWords, ...]) -> Wish | None:
    """What the first of them may ask for: the others came behind it."""
    return Wish(words[0].wish) if words and words[0].wish is not None else None


def holds(s: Session) -> bool:
    """Whether what the words may answer is open still. What was settled elsewhere is not asked about any more."""
    if s.prompt is None or not s.prompt.holds:
        return False
    if details.waiting(s) is not None:
        return True
    if not doubt.waiting(s):
        return False
    if s.prompt.question is None:
        return True
    question = s.open_question if s.run is not None else None
    return question is not None and question.id == s.prompt.question


def heard(s: Session, text: str) -> Heard:
    """The button by its words, or the wish once more."""
    found = by_label(s, text)
    if found.move is None and found.seen is not None and details.waiting(s) is not None:
        return replace(found, move=details_screen.heard(found.seen, text))
    wish = wishes.wish_of(s.context.tables, text) if found.move is None else None
    if wish is None or wish is not _wish(doubt.waiting(s)):
        return found
    seen = found.seen or screens.draw(s)
    return Heard(next((move for move in seen.buttons if move.verb is Verb.WISH), None), seen)


def said(s: Session, what: Said, _seen: Reply | None = None) -> Reply:
    found = details.waiting(s)
    if found is not None:
        return details_screen.said(s, found, what)
    if may_be_a_button(s, what.text):
        return screens.draw(s, details_screen.not_kept(s, what.text))
    return doubt.ask(s, what, _wish(doubt.waiting(s)))


def tapped(s: Session, tap: Tap, seen: Reply) -> Reply:
    if tap.verb in details_screen.VERBS:
        return details_screen.tapped(s, tap, seen)
    words, left = doubt.settle(s), replace(seen, body=seen.body[:-1])  # they are kept for no button any more
    return left_as(_told(s, tap, words), left, chosen(seen, tap))


def _told(s: Session, tap: Tap, words: tuple[HeldWords, ...]) -> Reply:
    wish, contacts = _wish(words), s.plan.file.contacts
    if tap.verb is Verb.KEEP:
        return _taken(s, words)
    if wish is None and words and words[0].unseen:
        return proceed(s, s.say("doubt.not-kept"))
    if wish is None:
        return proceed(s, s.say("doubt.not-read", phone=contacts.phone, email=contacts.email))
    more = words[1:]  # came behind the wish, while the question stood there
    return _granted(s, wish, _taken(s, more).notes if more else ())


def _taken(s: Session, words: tuple[HeldWords, ...]) -> Reply:
    """The words as they would have been taken without a doubt, one after the other."""
    over = s.prompt
    screen = s.screen
    if over is None or screen is None:
        raise LookupError("nothing was shown")
    reply = screen.said(s, _said(words[0]), None)
    for each in words[1:]:
        if s.prompt is not None and s.prompt.screen == Screen.DOUBT:  # the first of them tell of somebody
            reply = said(s, _said(each))
            continue
        stays = s.prompt is not None and (s.prompt.screen, s.prompt.question) == (over.screen, over.question)
        if stays or screen.continued is None:
            reply = screen.said(s, _said(each), None)
        else:
            more = _more(s, over, screen.continued, _said(each))
            notes = tuple(dict.fromkeys((*reply.notes, *more.notes)))
            reply = replace(more if more.number else reply, notes=notes)
    return reply


def _more(s: Session, over: Prompt, continued: Callable[[Session, Said, str], Reply], what: Said) -> Reply:
    """More of an answer that its first words have closed, in the run that it is in: the person may be out of that by
    now, or in the next."""
    now, its = s.run, next((run for run in s.runs if run.id == over.run_id), None)
    if its is None or over.question is None:
        return screens.words(s, s.say("said.too-early"))
    s.take_up(its)
    answer = s.answers.get(over.question)
    if answer is not None and engine.can_continue(s.flow.question(over.question), answer):
        reply = continued(s, what, over.question)
    else:
        reply = screens.words(s, s.say("said.too-early"))
    if now is None:
        s.leave_run()
    elif now.id != its.id:
        s.take_up(now)
    return reply


def _said(words: HeldWords) -> Said:
    return Said(words.text, words.message)


def _granted(s: Session, wish: Wish, notes: tuple[str, ...]) -> Reply:
    """What was wished for; where that is words alone, what was open stands below them."""
    done = wishes.grant(s, wish)
    if done.number:
        return replace(done, notes=(*notes, *done.notes))
    here = somebody(s.tx, s.context, s.visit)
    on_panel = here.prompt is not None and here.prompt.screen == Screen.PANEL
    told = (*notes, *done.notes)
    return replace(screens.draw(here, *told) if on_panel else proceed(here, *told), files=done.files)


DOUBT = ScreenType(
    draw=draw,
    tapped=on_buttons(tapped),
    heard=heard,
    said=said,
    holds=holds,
    offered_again=True,
)
