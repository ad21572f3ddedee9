"""The whole of one's answers before they are sent, and the receipt afterwards."""

from __future__ import annotations

from collections.abc import Callable

from bot import texts
from bot.dialogue.naming import step_name
from bot.dialogue.navigation import proceed, show
from bot.dialogue.reply import Move, Reply, ReviewLine, Screen, Tap, Verb
from bot.dialogue.screens import button, left_as, shortened
from bot.dialogue.session import Session
from bot.dialogue.step_status import ahead, is_closed, open_unsent, until
from bot.features.answering.commands import correct
from bot.features.answering.gates import begin
from bot.features.answering.menu_screens import flow_at
from bot.features.joint_answers import service as joint_answers
from bot.features.late_answers import service as late_answers
from bot.flows import engine
from bot.flows.engine import Answer, Reopened


def tapped(s: Session, tap: Tap, seen: Reply) -> Reply:
    """A button of the review."""
    if tap.verb is Verb.PAUSE:
        return left_as(show(s, Screen.PAUSED), seen)
    if tap.verb is Verb.CANCEL:
        s.leave_run()
        return left_as(proceed(s), seen)
    if is_closed(s):
        return left_as(proceed(s), seen)
    if tap.verb is Verb.EDIT:
        line = seen.review[tap.place or 0]
        outcome = engine.take_turn(s.flow, s.respondent, s.answers, Reopened(line.question.id), s.path)
        if isinstance(outcome, Answer):
            s.save(outcome)
        return left_as(proceed(s), seen)
    return _send(s, seen)


def _send(s: Session, seen: Reply) -> Reply:
    if not engine.is_sendable(s.flow, s.answers) and s.flow.send_when is not None:
        s.save(Answer(s.flow.send_when.question, keys=s.flow.send_when.is_[:1]))
        if s.open_question is not None:
            return left_as(proceed(s), seen)
    s.send()
    if s.run is not None:
        joint_answers.sent(s.tx, s.person, s.run)
        late_answers.sent(s.tx, s.plan, s.run, s.visit.sent_at)
    return left_as(show(s, Screen.RECEIPT), seen, s.say("mark.sent"))


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


def holds(s: Session) -> bool:
    return s.run is not None and s.open_question is None


def receipt_holds(s: Session) -> bool:
    return s.run is not None and s.run.sent_at is not None


def draw(s: Session) -> Reply:
    lines = review_lines(s)
    sent, sendable = receipt_holds(s), engine.is_sendable(s.flow, s.answers)
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
        language=s.language,
        screen=Screen.REVIEW,
        lead=step_name(s, s.flow),
        title=s.say("review.title"),
        body=(
            *(() if s.visit.pages else (_numbered(s, n, line) for n, line in enumerate(lines, 1))),
            s.say(key),
            *(() if about_themselves else until(s)),
        ),
        moves=tuple(rows),
        review=lines,
    )


def _numbered(s: Session, number: int, line: ReviewLine) -> str:
    return f"{number}. {line.asked}\n→ {shortened(line.said) if line.said else s.say('review.skipped')}"


def receipt(coming: Callable[[Session], tuple[str, ...]], s: Session) -> Reply | None:
    """What was sent, until when it can be changed, and what comes next; `coming` tells of the person's next meeting.
    Only what was sent has a receipt."""
    sent_at = s.run.sent_at if s.run is not None else None
    if sent_at is None:
        return None
    further = open_unsent(s)
    body = [
        s.say("receipt.what", moment=texts.moment(s.language, sent_at), number=receipt_number(s)),
        *_as_one(s),
        *until(s),
        *((s.say("receipt.more"),) if further else ahead(s)),
        *coming(s),
    ]
    rows = [(Move(Verb.GO, step_name(s, flow), place),) for place, flow in further]
    rows.append((button(s, Verb.EDIT, "correct"),))
    return Reply(
        language=s.language,
        screen=Screen.RECEIPT,
        lead=step_name(s, s.flow),
        title=s.say("receipt.title"),
        body=tuple(body),
        moves=tuple(rows),
    )


def _as_one(s: Session) -> tuple[str, ...]:
    """How many members stood behind a joint answer."""
    members = joint_answers.stood_behind(s.tx, s.run) if s.run is not None else None
    return (texts.count(s.language, "receipt.joint", members),) if members is not None else ()


def receipt_number(s: Session) -> str:
    """The `answer_id` of the first answer sent, as the leader finds it in the export."""
    return str(min(row.id for row in s.stored.values() if row.id is not None and not row.apart))


def receipt_tapped(s: Session, tap: Tap, seen: Reply) -> Reply:
    """On to another step, or back to what was sent."""
    if tap.verb is Verb.GO:
        return left_as(begin(s, flow_at(s, tap)), seen)
    return correct(s)
