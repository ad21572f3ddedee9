"""A question as it is shown: its text, what was said so far, its choices and the ways on. With a start question
stands what a link has filled in before it, so that nothing is filled in unsaid."""

from __future__ import annotations

from itertools import takewhile

from bot.dialogue.reply import Ask, Move, Reply, Rows, Screen, Verb
from bot.dialogue.screens import button, for_others, shortened
from bot.dialogue.session import LINK, Session, Takes
from bot.dialogue.step_status import is_closed
from bot.features.joint_answers import service as joint_answers
from bot.features.joint_answers.service import MemberWords
from bot.flows import engine
from bot.flows.engine import Answer
from bot.flows.model import OTHER, PROFILE, Question, QuestionKind
from bot.process.plan import HEARING, START
from bot.texts import lists


def asked(s: Session, question: Question) -> Ask:
    """A question of the person's path, the open one or one they look at again: its choices, its answer, its place."""
    options, answer = engine.options(question), s.answers.get(question.id)
    number, total = engine.place(s.flow, s.respondent, question)
    return Ask(question, options, s.order(question), answer, number, total, s.many)


def draw(s: Session, ask: Ask) -> Reply:
    question, number, total = ask.question, ask.number, ask.total
    filled_in = _filled_in(s, question)
    members = members_words(s, question)
    drawn = Reply(
        language=s.language,
        screen=Screen.ASK,
        lead=None if s.group is None else s.say("ask.progress", number=number, total=total),
        title=question.text.to(s.language, many=s.many),
        body=(*(_told(s, each) for each in filled_in), *_body(s, ask), *_from_members(s, question, members)),
        moves=(
            *_choices(s, ask),
            *_takes(s, question, members),
            *_endings(s, ask),
            *_corrections(s, filled_in),
            *_ways(s, ask),
        ),
        links=_links(s, filled_in),
        at=(s.flow.flow, question.id),
        ask=ask,
    )
    return for_others(drawn, s)


def open_question(s: Session) -> Reply | None:
    """The question that the prompt says is open."""
    question = s.open_question
    return draw(s, asked(s, question)) if question is not None else None


def is_open(s: Session) -> bool:
    """Whether the question that was shown last is the open one still."""
    question = s.open_question if s.run is not None else None
    return question is not None and s.prompt is not None and question.id == s.prompt.question


def takes(s: Session, text: str) -> Takes:
    """What the open question would make of a text."""
    question = s.open_question if s.run is not None else None
    if question is None or is_closed(s):
        return Takes.NOTHING
    seen = engine.options(question)
    if question.is_written:
        return Takes.CHOICE if engine.match_label(text, seen) is not None else Takes.WORDS
    if engine.match_choices(text, seen):
        return Takes.CHOICE
    return Takes.WORDS if question.other else Takes.NOTHING


def _body(s: Session, ask: Ask) -> tuple[str, ...]:
    """What stands beside the question: what to read, what was said so far, how to answer."""
    question, answer = ask.question, ask.answer
    body: list[str] = []
    if question.shows is not None:
        body.append(question.shows.to(s.language, many=s.many))
    shown_in_a_field = s.visit.pages and not (question.is_written and answer is not None and not answer.parts)
    if answer is not None and not answer.is_empty and not shown_in_a_field:
        body.append(_so_far(s, question, answer))
    if awaits_other(question, answer):
        body.append(s.say("ask.other"))
    elif question.kind is not QuestionKind.SCALE and not (
        question.kind is QuestionKind.IDEAS and answer and answer.parts
    ):
        body.append(s.say(f"how.{question.kind}"))
    if question.most is not None:
        body.append(s.count("how.most", question.most))
    if s.flow.privacy_hint and _is_first_written(s, question) and (answer is None or answer.is_empty):
        body.append(s.say("hint.privacy"))
    if question.sets == "department":
        body.append(s.say("hint.department", **s.plan.file.words.department_in(s.language)))
    if question.is_need:
        body += _about_needs(s, question)
    elif question.kind is QuestionKind.CONTACT or question.apart:
        body.append(s.say("hint.apart-response" if s.flow.flow == HEARING else "hint.apart"))
    return tuple(body)


def _about_needs(s: Session, question: Question) -> list[str]:
    """Who sees what one needs and until when, before the yes to it; a flow of before there was one asks for it here."""
    if not question.is_written:
        return [s.say("needs.who"), s.say("needs.health")]
    after = question.when is not None and s.flow.question(question.when.question).apart
    return [s.say("hint.needs"), *(() if after else (s.say("hint.needs-yes"),))]


def members_words(s: Session, question: Question) -> tuple[MemberWords, ...]:
    """What the members of somebody who collects them have said at the question."""
    return joint_answers.said_by_members(s.tx, s.person, s.flow.flow, question, s.respondent, s.language)


def _from_members(s: Session, question: Question, said: tuple[MemberWords, ...]) -> tuple[str, ...]:
    """Numbered where their words can be taken over."""
    if not said:
        return ()
    listed, heading = (shortened(each.text) for each in said), s.say("joint.members-said")
    if not question.is_written:
        return (lists.bulleted(listed, heading),)
    return (lists.numbered(listed, heading), s.say("joint.take-how"))


def _takes(s: Session, question: Question, said: tuple[MemberWords, ...]) -> Rows:
    """A button for each of the members' words, by their numbers."""
    if not question.is_written:
        return ()
    moves = [
        Move(Verb.TAKE, s.say("joint.take", number=number), each.mark)
        for number, each in enumerate(said, 1)
        if each.written
    ]
    return tuple(tuple(moves[first : first + 3]) for first in range(0, len(moves), 3))


def _so_far(s: Session, question: Question, answer: Answer) -> str:
    match question.kind:
        case QuestionKind.IDEAS:
            heading = s.count("ideas.so-far", len(answer.parts))
            return lists.bulleted((shortened(part.text) for part in answer.parts), heading)
        case QuestionKind.RANKING:
            labels = {c.key: c.label.to(s.language, many=s.many) for c in engine.options(question)}
            ranked = [f"{place}. {labels[key]}" for place, key in enumerate(answer.keys, 1) if key in labels]
            return s.say("ranking.so-far") + "\n" + "\n".join(ranked)
        case _:
            said = engine.in_words(question, answer, s.language, many=s.many)
            return s.say("ask.so-far", answer=shortened(said))


def _is_first_written(s: Session, question: Question) -> bool:
    """Of those that do not ask who answers: whom an association is, it is to say."""
    return next((q.id for q in s.path if q.is_written and q.theme != PROFILE), None) == question.id


def awaits_other(question: Question, answer: Answer | None) -> bool:
    """«Andet» was pressed, and we have not been told what it is."""
    return question.other and answer is not None and answer.open and answer.keys[-1:] == (OTHER,) and not answer.parts


# --- what a link has filled in ----------------------------------------------------------------------------


def _filled_in(s: Session, asked: Question) -> tuple[Question, ...]:
    """The questions right before the one that is asked that a link has answered in the person's stead."""
    if s.flow.flow != START:
        return ()
    before = reversed(s.path[: s.path.index(asked)])
    by_link = takewhile(lambda each: each.id in s.stored and s.stored[each.id].channel == LINK, before)
    return tuple(by_link)[::-1]


def _told(s: Session, filled_in: Question) -> str:
    said = engine.in_words(filled_in, s.answers[filled_in.id], s.language, many=s.many)
    return s.say("preset.group" if filled_in.sets == "group" else "preset.area", said=said)


def _corrects(s: Session, filled_in: Question) -> str:
    return s.say("button.preset-group" if filled_in.sets == "group" else "button.preset-area")


def _corrections(s: Session, filled_in: tuple[Question, ...]) -> Rows:
    """A page has links."""
    moves = tuple(Move(Verb.EDIT, _corrects(s, each), s.path.index(each)) for each in filled_in)
    return (moves,) if moves and not s.visit.pages else ()


def _links(s: Session, filled_in: tuple[Question, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((_corrects(s, each), f"/trin/{s.flow.flow}/{each.id}") for each in filled_in)


# --- buttons ----------------------------------------------------------------------------------------------


def _choices(s: Session, ask: Ask) -> Rows:
    """A button a choice; ticked ones take back, ranked ones are out of the list. A form has its own."""
    if s.visit.pages:
        return ()
    question, answer = ask.question, ask.answer
    taken = answer.keys if answer is not None else ()
    moves: list[Move] = []
    for place in ask.order:
        choice = ask.options[place]
        label = choice.label.to(s.language, many=s.many)
        ticked = choice.key in taken
        if question.kind is QuestionKind.MULTI:
            moves.append(Move(Verb.UNPICK if ticked else Verb.PICK, lists.ticked(label, on=ticked), place))
        elif not (question.kind is QuestionKind.RANKING and ticked):
            moves.append(Move(Verb.PICK, label, place))
    match question.kind:
        case QuestionKind.SCALE:
            return (tuple(moves[:5]), tuple(moves[5:]))
        case QuestionKind.YES_NO:
            return (tuple(moves),)
        case _:
            return tuple((move,) for move in moves)


def _endings(s: Session, ask: Ask) -> Rows:
    """«Færdig», «Fortryd», «Behold svaret», where they have something to work on. A form has its own."""
    question, answer = ask.question, ask.answer
    if s.visit.pages:
        return ()
    if answer is None or (answer.is_empty and not answer.skipped):
        return ()
    match question.kind:
        case QuestionKind.IDEAS | QuestionKind.RANKING if not answer.is_empty:
            return ((button(s, Verb.DONE, "done"), button(s, Verb.UNDO, "undo")),)
        case QuestionKind.MULTI if not answer.is_empty:
            return ((button(s, Verb.DONE, "done"),),)
        case _ if answer.open and not awaits_other(question, answer):
            return ((button(s, Verb.KEEP, "keep" if not answer.skipped else "keep-skipped"),),)
        case _:
            return ()


def _ways(s: Session, ask: Ask) -> Rows:
    ways: list[Move] = []
    if s.path and s.path[0].id != ask.question.id:
        ways.append(button(s, Verb.BACK, "back"))
    answer = ask.answer
    told = answer is not None and (answer.skipped or (ask.question.collects and not answer.is_empty))
    told = told and not s.visit.pages
    if not ask.question.required and not told:
        ways.append(button(s, Verb.SKIP, "skip"))
    return (tuple(ways), (button(s, Verb.PAUSE, "pause"),)) if ways else ((button(s, Verb.PAUSE, "pause"),),)
