"""The whole of one's answers before they are sent, and the receipt afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from bot import texts
from bot.dialogue import details, receipt_check
from bot.dialogue.naming import step_name
from bot.dialogue.navigation import proceed, show
from bot.dialogue.reply import Move, Reply, ReviewLine, Screen, Tap, Verb
from bot.dialogue.screens import button, left_as, shortened
from bot.dialogue.session import Session
from bot.dialogue.step_status import ahead, aside, is_closed, open_unsent, until
from bot.features.answering.commands import correct
from bot.features.answering.gates import begin
from bot.features.answering.menu_screens import flow_at
from bot.features.hearing import service as hearing
from bot.features.joint_answers import service as joint_answers
from bot.features.late_answers import service as lateness
from bot.features.register import service as register
from bot.flows import engine
from bot.flows.engine import Answer, Reopened
from bot.flows.model import QuestionKind
from bot.process import policy_words
from bot.process.plan import HEARING
from storage import late_answers


def tapped(s: Session, tap: Tap, seen: Reply) -> Reply:
    """A button of the review."""
    if tap.verb is Verb.PAUSE:
        return left_as(show(s, Screen.PAUSED), seen)
    if tap.verb is Verb.CANCEL:
        s.leave_run()
        return left_as(proceed(s), seen)
    if tap.verb is Verb.WITHDRAW:
        return left_as(show(s, Screen.WITHDRAW), seen)
    if is_closed(s) or (tap.verb is Verb.SEND and details.waiting(s) is not None):
        return left_as(proceed(s), seen)
    if tap.verb is Verb.EDIT:
        line = seen.review[tap.place or 0]
        outcome = engine.take_turn(s.flow, s.respondent, s.answers, Reopened(line.question.id), s.path)
        if isinstance(outcome, Answer):
            s.save(outcome)
        return left_as(proceed(s), seen)
    return _send(s, seen)


def _send(s: Session, seen: Reply) -> Reply:
    s.send()
    if s.run is not None:
        joint_answers.sent(s.tx, s.person, s.run)
        register.at_sending(s.tx, s.plan.process_id, s.run.id)
        lateness.sent(s.tx, s.plan, s.run, s.visit.sent_at)
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
    apart = [line for line in lines if line.question.apart and is_hearing(s)]
    sent, sendable = receipt_holds(s), engine.is_sendable(s.path, s.answers)
    edits = [Move(Verb.EDIT, s.say("button.edit", number=n + 1), n) for n in range(len(lines))]
    rows: list[tuple[Move, ...]] = []
    if sent or not s.flow.review or not lines:
        rows.append((button(s, Verb.CANCEL, "review-done"),))
    elif sendable:
        rows.append((button(s, Verb.SEND, "send-response" if is_hearing(s) else "send"),))
    rows += [tuple(edits[i : i + 4]) for i in range(0, len(edits), 4)]
    if can_withdraw(s):
        rows.append((button(s, Verb.WITHDRAW, "withdraw"),))
    if not sent:
        rows.append((button(s, Verb.PAUSE, "pause"),))
    about_themselves = not s.flow.review
    return Reply(
        language=s.language,
        screen=Screen.REVIEW,
        lead=step_name(s, s.flow),
        title=s.say("review.title"),
        body=(
            *_written_out(s, (line for line in lines if line not in apart), lines),
            *_public(s, sent=sent, sendable=sendable),
            *((s.say("hint.apart-response"),) if apart and not s.visit.pages else ()),
            *_written_out(s, apart, lines),
            *_state(s, sent=sent, sendable=sendable),
            *(() if about_themselves else until(s)),
        ),
        moves=tuple(rows),
        review=lines,
    )


def _state(s: Session, *, sent: bool, sendable: bool) -> tuple[str, ...]:
    """Whether it is sent, and what to do if it is not."""
    if not s.flow.review:
        return (s.say("review.about-you"),)
    if sent:
        return (s.say("review.sent-response" if is_hearing(s) else "review.sent"),)
    if not sendable:
        return (s.say("review.empty"),)
    return (s.say("review.ready-response" if is_hearing(s) else "review.ready"),)


def _public(s: Session, *, sent: bool, sendable: bool) -> tuple[str, ...]:
    """Of a hearing response that is to be sent, who will read it."""
    return (s.say("review.public"),) if is_hearing(s) and sendable and not sent else ()


def _written_out(s: Session, some: Iterable[ReviewLine], lines: tuple[ReviewLine, ...]) -> Iterator[str]:
    """These of the lines, each with the number it is corrected by. A page has them in a list beside its body."""
    if not s.visit.pages:
        yield from (_numbered(s, lines.index(line) + 1, line) for line in some)


def can_withdraw(s: Session) -> bool:
    """Whether what they are in is a hearing response that they can take back."""
    if s.run is None or s.run.sent_at is None or not is_hearing(s):
        return False
    return hearing.may_withdraw(s.tx, s.plan, s.run, s.visit.now)


def is_hearing(s: Session) -> bool:
    """Whether what they are in becomes a hearing response."""
    return s.flow.flow == HEARING


def _numbered(s: Session, number: int, line: ReviewLine) -> str:
    said = shortened(line.said) if line.said else s.say("review.skipped")
    under = bool(line.said) and line.question.kind is QuestionKind.RANKING  # a list begins on a line of its own
    return "".join((f"{number}. {line.asked}\n→", "\n" if under else " ", said))


def receipt(coming: Callable[[Session], tuple[str, ...]], s: Session) -> Reply | None:
    """What was sent, until when it can be changed, and what comes next; `coming` tells of the person's next meeting.
    Only what was sent has a receipt."""
    sent_at = s.run.sent_at if s.run is not None else None
    if s.run is None or sent_at is None:
        return None
    further = open_unsent(s)
    body = [
        _what_for(s, sent_at),
        *aside(s),
        *_received(s),
        *_check(s),
        *_as_one(s),
        *until(s),
        *(() if further else ahead(s)),
        *coming(s),
        *((s.say("receipt.more"),) if further else ()),  # right above the buttons it speaks of
    ]
    rows = [(Move(Verb.GO, step_name(s, flow), place),) for place, flow in further]
    rows.append((button(s, Verb.EDIT, "correct"),))
    if can_withdraw(s):
        rows.append((button(s, Verb.WITHDRAW, "withdraw"),))
    return Reply(
        language=s.language,
        screen=Screen.RECEIPT,
        lead=step_name(s, s.flow),
        title=s.say("receipt.title-response", number=s.run.number) if is_hearing(s) else s.say("receipt.title"),
        body=tuple(body),
        moves=tuple(rows),
        links=((s.say("check.title"), CHECK_PAGE),),
    )


def _as_one(s: Session) -> tuple[str, ...]:
    """How many members stood behind a joint answer."""
    members = joint_answers.stood_behind(s.tx, s.run) if s.run is not None else None
    return (s.count("receipt.joint", members),) if members is not None else ()


def _received(s: Session) -> tuple[str, ...]:
    """On which day a letter or a mail came, and that what was sent is late."""
    reception = late_answers.reception(s.tx, s.run.id) if s.run is not None else late_answers.IN_TIME
    came_on = reception.came_on
    return (
        *((s.say("receipt.came", day=texts.day(s.language, came_on)),) if came_on is not None else ()),
        *((s.say("receipt.late"),) if reception.late else ()),
    )


CHECK_PAGE = "/kontrol"


def _what_for(s: Session, sent_at: int) -> str:
    """What was sent, under which number, and when."""
    file, number = s.plan.file, s.run.number if s.run is not None else None
    moment = texts.moment(s.language, sent_at)
    if not is_hearing(s):
        return s.say("receipt.what", number=number, step=step_name(s, s.flow), moment=moment)
    the_policy, municipality = policy_words.the_policy(file, s.language), file.municipality.name
    return s.say("receipt.response", number=number, the_policy=the_policy, municipality=municipality, moment=moment)


def _check(s: Session) -> tuple[str, ...]:
    """A check of the text, with a code that is made here and kept nowhere: each receipt that is shown has its own."""
    if not receipt_check.is_whole(s):
        return (s.say("check.damaged"),)
    code = receipt_check.new_code()
    return s.say("receipt.check", code=code, check=receipt_check.check_of(s, code)), s.say("receipt.check-how")


def receipt_tapped(s: Session, tap: Tap, _seen: Reply) -> Reply:
    """On to another step, or back to what was sent. The receipt stays as it is: its code is not drawn twice."""
    if tap.verb is Verb.GO:
        return begin(s, flow_at(s, tap))
    if tap.verb is Verb.WITHDRAW:
        return show(s, Screen.WITHDRAW)
    return correct(s)
