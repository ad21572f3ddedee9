"""From where a person stands to what they see. Draws the screen a prompt names; decides and stores nothing."""

from __future__ import annotations

from dataclasses import replace

from bot import texts
from bot.dialogue import acting_as, panel_navigation
from bot.dialogue.naming import step_name
from bot.dialogue.reply import Ask, Move, Reply, ReviewLine, Screen, Verb
from bot.dialogue.session import Session
from bot.features.joint_answers import service as joint_answers
from bot.features.meetings import wording as meeting_wording
from bot.features.register import speaks_for
from bot.flows import engine
from bot.flows.engine import Answer
from bot.flows.model import LANGUAGES, Flow, Language, Question, QuestionKind
from bot.process.plan import START, Plan, State
from storage import runs

LONGEST_IN_REVIEW = 240  # characters of one answer in the review, so that nine fit one message
Rows = tuple[tuple[Move, ...], ...]


def draw(s: Session, *notes: str) -> Reply:
    """The screen of the person's prompt as it looks now. `notes` tell what just happened."""
    assert s.prompt is not None, "nothing was ever shown"  # noqa: S101  # a programmer's mistake
    match Screen(s.prompt.screen):
        case Screen.NOTICE:
            drawn = notice(s.plan, s.language)
        case Screen.ASK:
            question = s.open_question
            assert question is not None  # noqa: S101  # the prompt says it is open
            drawn = ask(s, question)
        case Screen.REVIEW:
            drawn = _review(s)
        case Screen.RECEIPT:
            drawn = _receipt(s)
        case Screen.MENU:
            drawn = _menu(s)
        case Screen.IDLE:
            drawn = _idle(s)
        case Screen.CORRECT:
            drawn = _correct(s)
        case Screen.PAUSED:
            drawn = _paused(s)
        case Screen.NEWER:
            drawn = _newer(s)
        case Screen.LANGUAGE:
            drawn = _languages(s)
        case Screen.ERASE:
            drawn = _erase(s)
        case Screen.PANEL:
            drawn = panel_navigation.view(s)
        case Screen.PARTY:
            drawn = _parties(s)
        case Screen.READING:
            drawn = _reading(s)
        case Screen.JOIN:
            drawn = _join(s)
        case Screen.TEXT:
            drawn = Reply(s.language, Screen.TEXT)
    return _with(drawn, s, notes)


def words(s: Session, *paragraphs: str) -> Reply:
    """Words alone, beside the prompt, which stays as it is."""
    return Reply(s.language, Screen.TEXT, notes=paragraphs)


def _with(drawn: Reply, s: Session, notes: tuple[str, ...]) -> Reply:
    assert s.prompt is not None  # noqa: S101  # draw checked it
    drawn = drawn if drawn.screen is Screen.ASK else _for_others(drawn, s)  # a question has said so itself
    return replace(drawn, notes=notes, number=s.prompt.number, revision=s.prompt.revision, person_id=s.person.id)


def _for_others(drawn: Reply, s: Session) -> Reply:
    """Answers entered for others say so all along; between questions one can leave them."""
    if s.person.source is None:
        return drawn
    lead = s.say("entering.for", whom=acting_as.whom(s, s.person))
    lead = lead if drawn.lead is None else f"{lead} · {drawn.lead}"
    leave = ((button(s, Verb.LEAVE, "entering-leave"),),) if drawn.screen in acting_as.LEAVABLE else ()
    return replace(drawn, lead=lead, moves=(*drawn.moves, *leave))


def button(s: Session, verb: Verb, key: str, place: int | None = None) -> Move:
    return Move(verb, s.say(f"button.{key}"), place)


# --- the notice, and small choices ------------------------------------------------------------------------


def notice(plan: Plan, language: Language) -> Reply:
    """The privacy notice and the yes to it; for somebody we do not know yet, too."""
    others = tuple(
        Move(Verb.SPEAK, texts.say(other, "language.name"), place)
        for place, other in enumerate(LANGUAGES)
        if other != language
    )
    accept = Move(Verb.ACCEPT, texts.say(language, "button.accept"))
    return Reply(language, Screen.NOTICE, body=plan.notice[language], moves=((accept,), others))


def _languages(s: Session) -> Reply:
    rows = tuple(
        (Move(Verb.SPEAK, texts.say(language, "language.name"), place),) for place, language in enumerate(LANGUAGES)
    )
    return Reply(s.language, Screen.LANGUAGE, title=s.say("language.which"), moves=rows)


def _erase(s: Session) -> Reply:
    if s.person.source is not None:
        whom = acting_as.whom(s, s.person)
        return Reply(
            s.language,
            Screen.ERASE,
            title=s.say("erase.entry-sure"),
            body=(s.say("erase.entry-what", whom=whom, email=s.plan.file.contacts.email),),
            moves=((button(s, Verb.CANCEL, "erase-no"),), (button(s, Verb.ERASE, "erase-entry"),)),
        )
    return Reply(
        s.language,
        Screen.ERASE,
        title=s.say("erase.sure"),
        body=(s.say("erase.what", email=s.plan.file.contacts.email),),
        moves=((button(s, Verb.CANCEL, "erase-no"),), (button(s, Verb.ERASE, "erase-yes"),)),
    )


# --- a question -------------------------------------------------------------------------------------------


def ask(s: Session, question: Question) -> Reply:
    """A question of the person's path: the open one, or one they look at again."""
    answer = s.answers.get(question.id)
    seen = engine.options(question, s.respondent)
    number, total = engine.place(s.flow, s.respondent, question)
    ask = Ask(s.flow.flow, question, seen, answer, number, total, s.many)
    drawn = Reply(
        s.language,
        Screen.ASK,
        lead=None if s.person.stakeholder is None else s.say("ask.progress", number=number, total=total),
        title=question.text.to(s.language, many=s.many),
        body=_around(s, ask),
        moves=(*_choices(s, ask), *_endings(s, ask), *_ways(s, ask)),
        ask=ask,
    )
    return _for_others(drawn, s)


def _around(s: Session, ask: Ask) -> tuple[str, ...]:
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
        body.append(texts.count(s.language, "how.most", question.most))
    if s.flow.privacy_hint and _is_first_written(s, question) and (answer is None or answer.is_empty):
        body.append(s.say("hint.privacy"))
    if question.kind is QuestionKind.CONTACT or question.apart:
        body.append(s.say("hint.apart"))
    members = joint_answers.said_by_members(s, ask.flow, question)
    if members:
        body.append(s.say("joint.members-said") + "\n" + "\n".join(f"• {shortened(text)}" for text in members))
    return tuple(body)


def _so_far(s: Session, question: Question, answer: Answer) -> str:
    match question.kind:
        case QuestionKind.IDEAS:
            ideas = "\n".join(f"• {shortened(part.text)}" for part in answer.parts)
            return texts.count(s.language, "ideas.so-far", len(answer.parts)) + "\n" + ideas
        case QuestionKind.RANKING:
            labels = {c.key: c.label.to(s.language, many=s.many) for c in engine.options(question, s.respondent)}
            ranked = [f"{place}. {labels[key]}" for place, key in enumerate(answer.keys, 1) if key in labels]
            return s.say("ranking.so-far") + "\n" + "\n".join(ranked)
        case _:
            said = engine.in_words(question, answer, s.language, many=s.many)
            return s.say("ask.so-far", answer=shortened(said))


def _is_first_written(s: Session, question: Question) -> bool:
    return question.is_written and next((q.id for q in s.path if q.is_written), None) == question.id


def awaits_other(question: Question, answer: Answer | None) -> bool:
    """«Andet» was pressed, and we have not been told what it is."""
    return question.other and answer is not None and answer.open and answer.keys[-1:] == ("andet",) and not answer.parts


def _choices(s: Session, ask: Ask) -> Rows:
    """A button a choice; ticked ones take back, ranked ones are out of the list. A form has its own."""
    if s.visit.pages:
        return ()
    question, answer = ask.question, ask.answer
    taken = answer.keys if answer is not None else ()
    moves: list[Move] = []
    for place, choice in enumerate(ask.options):
        label = choice.label.to(s.language, many=s.many)
        ticked = choice.key in taken
        if question.kind is QuestionKind.MULTI:
            moves.append(Move(Verb.UNPICK if ticked else Verb.PICK, f"{'☑' if ticked else '☐'} {label}", place))
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
    collecting = ask.question.kind in (QuestionKind.IDEAS, QuestionKind.MULTI, QuestionKind.RANKING)
    answer = ask.answer
    told = answer is not None and (answer.skipped or (collecting and not answer.is_empty)) and not s.visit.pages
    if not ask.question.required and not told:
        ways.append(button(s, Verb.SKIP, "skip"))
    return (tuple(ways), (button(s, Verb.PAUSE, "pause"),)) if ways else ((button(s, Verb.PAUSE, "pause"),),)


# --- the whole of one's answers ---------------------------------------------------------------------------


def review_lines(s: Session) -> tuple[ReviewLine, ...]:
    """The questions on the person's path with what they said, in order."""
    lines = []
    for question in s.path:
        answer = s.answers.get(question.id)
        said = None
        if answer is not None and not answer.skipped:
            said = engine.in_words(question, answer, s.language, many=s.many)
        lines.append(ReviewLine(s.flow.flow, question, question.asked(s.language, many=s.many), said))
    return tuple(lines)


def _review(s: Session) -> Reply:
    assert s.run is not None  # noqa: S101  # a review is of a run
    lines = review_lines(s)
    sent, sendable = s.run.sent_at is not None, engine.is_sendable(s.flow, s.answers)
    edits = [Move(Verb.EDIT, s.say("button.edit", number=n + 1), n) for n in range(len(lines))]
    rows: list[tuple[Move, ...]] = []
    if sent or not s.flow.review:
        rows.append((button(s, Verb.CANCEL, "review-done"),))
    elif sendable:
        rows.append((button(s, Verb.SEND, "send"),))
    else:
        rows.append((button(s, Verb.SEND, "send-after-all"),))
    rows += [tuple(edits[i : i + 4]) for i in range(0, len(edits), 4)]
    if not sent:
        rows.append((button(s, Verb.PAUSE, "pause"),))
    about_themselves = not s.flow.review
    key = (
        "review.about-you"
        if about_themselves
        else "review.sent"
        if sent
        else "review.ready"
        if sendable
        else "review.draft"
    )
    return Reply(
        s.language,
        Screen.REVIEW,
        lead=step_name(s, s.flow),
        title=s.say("review.title"),
        body=(
            *(() if s.visit.pages else (_numbered(s, n, line) for n, line in enumerate(lines, 1))),
            s.say(key),
            *(() if about_themselves else _until(s)),
        ),
        moves=tuple(rows),
        review=lines,
    )


def _numbered(s: Session, number: int, line: ReviewLine) -> str:
    return f"{number}. {line.asked}\n→ {shortened(line.said) if line.said else s.say('review.skipped')}"


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST_IN_REVIEW else text[: LONGEST_IN_REVIEW - 1].rstrip() + "…"


def _until(s: Session) -> tuple[str, ...]:
    group = s.person.stakeholder
    closes = s.plan.closes_at(s.flow.flow, s.visit.now, group)
    if s.plan.state(s.flow.flow, s.visit.now, group) is not State.OPEN:
        return (shut(s, s.flow),)
    if closes is None:
        return (s.say("change.open"),)
    return (s.say("change.until", moment=texts.moment(s.language, closes)),)


def shut(s: Session, flow: Flow) -> str:
    """Why a step takes no answers: not yet, or no longer (U10: the deadline, and whom to write to)."""
    group, now, email = s.person.stakeholder, s.visit.now, s.plan.file.contacts.email
    state, opens, closed = (
        s.plan.state(flow.flow, now, group),
        s.plan.opens_at(flow.flow, now, group),
        s.plan.closes_at(flow.flow, now, group),
    )
    if state in (State.AHEAD, State.READING) and opens is not None:
        return s.say("step.ahead", step=step_name(s, flow), moment=texts.moment(s.language, opens))
    if state is State.READING:
        return s.say("step.reading", step=step_name(s, flow))
    if state is State.CLOSED and closed is not None:
        return s.say("step.closed-at", moment=texts.moment(s.language, closed), email=email)
    return s.say("step.closed", email=email)


def _receipt(s: Session) -> Reply:
    assert s.run is not None and s.run.sent_at is not None  # noqa: S101  # only what was sent has a receipt
    further = _open_unsent(s)
    body = [
        s.say("receipt.what", moment=texts.moment(s.language, s.run.sent_at), number=receipt_number(s)),
        *_until(s),
        *((s.say("receipt.more"),) if further else _ahead(s)),
        *meeting_wording.next_one(s),
    ]
    rows = [(Move(Verb.GO, step_name(s, flow), place),) for place, flow in further]
    rows.append((button(s, Verb.EDIT, "correct"),))
    return Reply(
        s.language,
        Screen.RECEIPT,
        lead=step_name(s, s.flow),
        title=s.say("receipt.title"),
        body=tuple(body),
        moves=tuple(rows),
    )


def receipt_number(s: Session) -> str:
    """The `answer_id` of the first answer sent, as the leader finds it in the export."""
    return str(min(row.id for row in s.stored.values() if not row.apart))


# --- between the steps ------------------------------------------------------------------------------------


def _open_unsent(s: Session) -> list[tuple[int, Flow]]:
    """What is open for the person and not sent yet, with its place in the plan."""
    sent = {run.flow for run in runs.of_person(s.tx, s.person.id) if run.sent_at is not None}
    places = {key: place for place, key in enumerate(s.plan.flows)}
    return [(places[flow.flow], flow) for flow in s.plan.open_for(s.respondent, s.visit.now) if flow.flow not in sent]


def _menu(s: Session) -> Reply:
    rows = tuple((Move(Verb.GO, step_name(s, flow), place),) for place, flow in _open_unsent(s)) + _to_read(s)
    return Reply(s.language, Screen.MENU, title=s.say("menu.which"), body=(s.say("menu.how"),), moves=rows)


def _idle(s: Session) -> Reply:
    answered = [run for run in runs.of_person(s.tx, s.person.id) if run.flow != START]
    moves = _to_read(s) + (((button(s, Verb.EDIT, "correct"),),) if answered else ())
    title = s.say("idle.thanks") if answered else s.say("idle.nothing")
    return Reply(s.language, Screen.IDLE, title=title, body=(*_ahead(s), *meeting_wording.next_one(s)), moves=moves)


def _ahead(s: Session) -> tuple[str, ...]:
    following = s.plan.next_for(s.respondent, s.visit.now)
    if following is None:
        return (s.say("ahead.nothing", email=s.plan.file.contacts.email),)
    flow, opens = following
    return (s.say("ahead.next", step=step_name(s, flow), moment=texts.moment(s.language, opens)),)


def _correct(s: Session) -> Reply:
    places = {key: place for place, key in enumerate(s.plan.flows)}
    rows = tuple(
        (Move(Verb.EDIT, step_name(s, s.plan.flows[run.flow].flow), places[run.flow]),)
        for run in runs.of_person(s.tx, s.person.id)
        if run.flow in places
    )
    return Reply(s.language, Screen.CORRECT, title=s.say("correct.which"), moves=rows)


def _paused(s: Session) -> Reply:
    return Reply(
        s.language,
        Screen.PAUSED,
        title=s.say("paused.title"),
        body=(s.say("paused.how"), *(_until(s) if s.run is not None and s.run.flow != START else ())),
        moves=((button(s, Verb.RESUME, "resume"),),),
    )


def _newer(s: Session) -> Reply:
    return Reply(
        s.language,
        Screen.NEWER,
        title=s.say("newer.title"),
        body=(s.say("newer.what"),),
        moves=((button(s, Verb.DECLINE, "newer-no"),), (button(s, Verb.ADOPT, "newer-yes"),)),
    )


def _to_read(s: Session) -> Rows:
    """The steps whose questions may be read and not answered yet."""
    places = {key: place for place, key in enumerate(s.plan.flows)}
    return tuple(
        (Move(Verb.READ, s.say("reading.step", step=step_name(s, flow)), places[flow.flow]),)
        for flow in s.plan.readable_for(s.respondent, s.visit.now)
    )


def _reading(s: Session) -> Reply:
    """The questions of a step, to think about or talk over before it opens."""
    assert s.prompt is not None  # noqa: S101  # draw checked it
    flow = s.plan.flows[s.prompt.about or START].flow
    asked = [q.asked(s.language, many=s.many) for q in engine.path(flow, s.respondent, {})]
    listed = "\n".join(f"{place}. {text}" for place, text in enumerate(asked, 1))
    moves = ((button(s, Verb.RESUME, "resume"),),)
    return Reply(s.language, Screen.READING, title=step_name(s, flow), body=(shut(s, flow), listed), moves=moves)


# --- whom one speaks for, and who may see -----------------------------------------------------------------


def _parties(s: Session) -> Reply:
    return Reply(
        s.language, Screen.PARTY, title=s.say("party.which"), body=(s.say("party.why"),), moves=speaks_for.moves(s)
    )


def _join(s: Session) -> Reply:
    return Reply(
        s.language, Screen.JOIN, title=s.say("joint.ask"), body=(joint_answers.what(s),), moves=joint_answers.moves(s)
    )
