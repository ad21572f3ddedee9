"""Where a person is in a flow, and what one turn does to their answers. Pure: values in, values out.

The rules, in the order they are used:
1. The path is the questions meant for the person whose condition holds for the answers so far.
2. The open question is the first on the path that has no answer, or whose answer is open.
3. An answer is open while it is being given (ideas half told, boxes half ticked) and when the person went
   back to it. Nothing that was said is dropped by being open.
4. A turn changes the open question's answer, or reopens an earlier one, or is refused. Position is never stored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from bot.flows import safeguarding, standard_choices, typed
from bot.flows.model import OTHER, UNKNOWN, Choice, Flow, Language, Question, QuestionKind, Respondent, Wording

MAX_PARTS = 60  # ideas, or messages of one answer; far more than anyone sends, and a bound for the hostile
MAX_TEXT = 20_000  # characters of one answer in all
MAX_FIELD = 10_000  # characters of one field of a form
_UNSEEN = frozenset(("Cc", "Cf", "Zs", "Zl", "Zp"))  # Unicode's categories of what leaves no mark on a screen

RefusalCode = Literal[
    "empty",
    "cpr",
    "too-long",
    "too-many",
    "too-many-chosen",
    "not-a-choice",
    "required",
    "nothing-before",
    "nothing-to-undo",
    "nothing-chosen",
    "nothing-open",
    "both",
    "written",
    "full",  # there is no room for more of the person
]


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a written answer, with the channel's own number for it, so that an edit finds it."""

    text: str
    message: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    question: str
    parts: tuple[Part, ...] = ()
    keys: tuple[str, ...] = ()
    skipped: bool = False
    open: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.parts and not self.keys


Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Said:
    text: str
    message: int | None = None


@dataclass(frozen=True, slots=True)
class Picked:
    """A choice by its place (from 0) among `options`, in whatever order they are shown. `on` says what the person saw
    it turn into."""

    place: int
    on: bool = True


@dataclass(frozen=True, slots=True)
class Finished: ...


@dataclass(frozen=True, slots=True)
class Undone: ...


@dataclass(frozen=True, slots=True)
class Skipped: ...


@dataclass(frozen=True, slots=True)
class Kept: ...


@dataclass(frozen=True, slots=True)
class WentBack: ...


@dataclass(frozen=True, slots=True)
class Reopened:
    question: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that was sent: the texts of its fields, and the places (from 0) of what is chosen, a ranking's in order.
    Not `done`: kept as far as it goes, to go on with later."""

    texts: tuple[str, ...] = ()
    places: tuple[int, ...] = ()
    done: bool = True


Turn = Said | Picked | Finished | Undone | Skipped | Kept | WentBack | Reopened


@dataclass(frozen=True, slots=True)
class Refusal:
    code: RefusalCode


@dataclass(frozen=True, slots=True)
class NotTogether(Refusal):
    """A choice that stands alone, by its key, and others. `words`: one of those is in the person's own words, which no
    tick throws away."""

    choice: str
    words: bool = False


def _not_together(choice: str, *, words: bool = False) -> NotTogether:
    return NotTogether("both", choice, words)


# --- where a person is ------------------------------------------------------------------------------------


def path(flow: Flow, respondent: Respondent, answers: Answers) -> tuple[Question, ...]:
    """The questions this person meets, given what they have answered so far."""
    audiences = respondent.audiences
    on_path: dict[str, Question] = {}
    for question in flow.questions:
        if question.retired or audiences.isdisjoint(question.who):
            continue
        condition = question.when
        if condition is not None and not (
            condition.question in on_path and condition.holds(_keys_of(answers.get(condition.question)))
        ):
            continue
        on_path[question.id] = question
    return tuple(on_path.values())


def asks(flow: Flow, respondent: Respondent) -> bool:
    """Whether the flow has a question for this person: whether their path begins anywhere."""
    if flow.by_role:
        return respondent.steering
    return not flow.audiences.isdisjoint(respondent.audiences)


def open_question(flow: Flow, respondent: Respondent, answers: Answers) -> Question | None:
    """The question to ask now, or None when every question on the path has its answer."""
    return first_open(path(flow, respondent, answers), answers)


def first_open(on_path: tuple[Question, ...], answers: Answers) -> Question | None:
    """`open_question`, of a path that is known."""
    for question in on_path:
        answer = answers.get(question.id)
        if answer is None or answer.open:
            return question
    return None


def place(flow: Flow, respondent: Respondent, question: Question) -> tuple[int, int]:
    """(3, 6) for «3 af 6». A follow-up has its parent's number, so that the total never moves."""
    audiences = respondent.audiences
    number = total = 0
    reached = False
    for each in flow.questions:
        if each.when is None and not each.retired and not audiences.isdisjoint(each.who):
            total += 1
            number += not reached
        reached = reached or each.id == question.id
    return max(number, 1), max(total, 1)


def is_sendable(on_path: tuple[Question, ...], answers: Answers) -> bool:
    """Whether anything was answered that could be sent: what is kept apart belongs to an answer and is none."""
    told = (answers.get(question.id) for question in on_path if not question.apart)
    return any(answer is not None and not answer.skipped and not answer.is_empty for answer in told)


options = standard_choices.options
OptionsSeen = Callable[[Question], tuple[Choice, ...]]  # the options in the order in which the person sees them


def _keys_of(answer: Answer | None) -> tuple[str, ...]:
    return answer.keys if answer is not None and not answer.skipped else ()


# --- one turn ---------------------------------------------------------------------------------------------


def take_turn(
    flow: Flow,
    respondent: Respondent,
    answers: Answers,
    turn: Turn,
    on_path: tuple[Question, ...] | None = None,
    shown: OptionsSeen = options,
) -> Answer | Refusal:
    """What the turn does: the one answer that changes, or why nothing does. `on_path`: the path, where it is known.
    A typed number is a place among `shown`."""
    on_path = path(flow, respondent, answers) if on_path is None else on_path
    question = first_open(on_path, answers)
    if isinstance(turn, Reopened):
        return _reopen(on_path, answers, turn.question)
    if isinstance(turn, WentBack):
        return _go_back(on_path, answers, question)
    if question is None:
        return Refusal("nothing-open")
    current = answers.get(question.id, Answer(question.id))
    match turn:
        case Said():
            return _say(question, current, turn, shown(question))
        case Picked():
            return _pick(question, current, turn)
        case Finished():
            return _finish(question, current)
        case Undone():
            return _undo(question, current)
        case Skipped():
            return skip(question, current)
        case Kept():
            return Refusal("nothing-chosen") if _is_new(current) else replace(current, open=False)


def _is_new(answer: Answer) -> bool:
    return answer.is_empty and not answer.skipped


def _reopen(on_path: tuple[Question, ...], answers: Answers, wanted: str) -> Answer | Refusal:
    if wanted not in {question.id for question in on_path} or wanted not in answers:
        return Refusal("not-a-choice")
    return replace(answers[wanted], open=True)


def _go_back(on_path: tuple[Question, ...], answers: Answers, question: Question | None) -> Answer | Refusal:
    before: Question | None = None
    for candidate in on_path:
        if question is not None and candidate.id == question.id:
            break
        before = candidate
    if before is None:
        return Refusal("nothing-before")
    return replace(answers[before.id], open=True)


def _say(question: Question, current: Answer, said: Said, seen: tuple[Choice, ...]) -> Answer | Refusal:
    text = read(said.text)
    if isinstance(text, Refusal):
        return text
    part = Part(text, said.message)
    match question.kind:
        case QuestionKind.TEXT | QuestionKind.CONTACT:
            return _in_own_words(question, (part,))
        case QuestionKind.IDEAS:
            return _with_part(replace(current, skipped=False, open=True), part)
        case QuestionKind.SINGLE | QuestionKind.MULTI | QuestionKind.RANKING | QuestionKind.SCALE | QuestionKind.YES_NO:
            return _say_choice(question, current, part, seen)


def _in_own_words(question: Question, parts: tuple[Part, ...]) -> Answer:
    """A written answer. One that is word for word a shortcut («Nej», «Husker ikke») counts as the shortcut too."""
    chosen = match_label(parts[0].text, options(question)) if len(parts) == 1 else None
    return Answer(question.id, parts, (chosen.key,) if chosen is not None else ())


def _say_choice(question: Question, current: Answer, part: Part, seen: tuple[Choice, ...]) -> Answer | Refusal:
    if (
        question.kind in (QuestionKind.MULTI, QuestionKind.RANKING)
        and len(several := match_choices(part.text, seen)) > 1
    ):
        return _choose_all(question, current, several)
    chosen = match_choice(part.text, seen)
    if chosen is None and not question.other:
        return Refusal("not-a-choice")
    match question.kind:
        case QuestionKind.MULTI | QuestionKind.RANKING if chosen is not None:
            return _choose(question, current, chosen.key, on=True)
        case QuestionKind.MULTI | QuestionKind.RANKING:
            added = _choose(question, current, OTHER, on=True)
            return added if isinstance(added, Refusal) else _with_part(added, part)
        case _ if chosen is None:
            return Answer(question.id, (part,), (OTHER,))
        case _ if chosen.key == OTHER and question.kind is QuestionKind.SINGLE:
            return Answer(question.id, (), (OTHER,), open=True)  # now tell us what
        case _:
            return Answer(question.id, (part,), (chosen.key,))


def _pick(question: Question, current: Answer, picked: Picked) -> Answer | Refusal:
    seen = options(question)
    if not 0 <= picked.place < len(seen):
        return Refusal("not-a-choice")
    if not picked.on and question.kind is not QuestionKind.MULTI:
        return Refusal("not-a-choice")  # only a tick can be taken back so; no button of ours says this
    key = seen[picked.place].key
    if question.kind is QuestionKind.SINGLE and key == OTHER:
        return Answer(question.id, (), (OTHER,), open=True)  # now tell us what
    return _choose(question, current, key, on=picked.on)


def _choose(question: Question, current: Answer, key: str, *, on: bool) -> Answer | Refusal:
    match question.kind:
        case QuestionKind.MULTI:
            return _tick(question, current, key, on=on)
        case QuestionKind.RANKING:
            keys = current.keys if key in current.keys else (*current.keys, key)
            return replace(current, keys=keys, skipped=False, open=True)
        case _:
            return Answer(question.id, (), (key,))


def _choose_all(question: Question, current: Answer, several: tuple[Choice, ...]) -> Answer | Refusal:
    """All of them, or none."""
    if (conflict := _conflict(question, tuple(choice.key for choice in several))) is not None:
        return conflict
    for choice in several:
        chosen = _choose(question, current, choice.key, on=True)
        if isinstance(chosen, Refusal):
            return chosen
        current = chosen
    return current


def _tick(question: Question, current: Answer, key: str, *, on: bool) -> Answer | Refusal:
    kept = tuple(k for k in current.keys if k != key)
    if not on:
        parts = () if key == OTHER else current.parts
        return replace(current, keys=kept, parts=parts, skipped=False, open=True)
    if key in question.exclusive:
        if current.parts and OTHER in kept:
            return _not_together(key, words=True)
        return replace(current, keys=(key,), parts=(), skipped=False, open=True)
    kept = tuple(k for k in kept if k not in question.exclusive)
    if question.most is not None and len(kept) >= question.most:
        return Refusal("too-many-chosen")
    together = tuple(k for k in current.keys if k not in question.exclusive)
    keys = together if key in together else (*together, key)
    return replace(current, keys=keys, skipped=False, open=True)


def _conflict(question: Question, keys: tuple[str, ...], *, words: bool = False) -> Refusal | None:
    """Why these can't be chosen at once where they are said at once: nobody knows which of them was meant last."""
    alone = next((key for key in keys if key in question.exclusive), None)
    return _not_together(alone, words=words) if alone is not None and len(keys) > 1 else None


def _finish(question: Question, current: Answer) -> Answer | Refusal:
    if _is_new(current):
        return skip(question, current)
    return replace(current, open=False)


def _undo(question: Question, current: Answer) -> Answer | Refusal:
    match question.kind:
        case QuestionKind.IDEAS if current.parts:
            return replace(current, parts=current.parts[:-1], open=True)
        case QuestionKind.RANKING if current.keys:
            return replace(current, keys=current.keys[:-1], open=True)
        case _:
            return Refusal("nothing-to-undo")


def skip(question: Question, current: Answer) -> Answer | Refusal:
    """On without an answer. What was told already is kept."""
    if question.required:
        return Refusal("required")
    if (
        current.open
        and not current.is_empty
        and question.kind in (QuestionKind.IDEAS, QuestionKind.MULTI, QuestionKind.RANKING)
    ):
        return replace(current, open=False)  # what was told is not thrown away by going on
    return Answer(question.id, skipped=True)


# --- a whole form at once ---------------------------------------------------------------------------------


def fill(question: Question, current: Answer, filled: Filled, shown: OptionsSeen = options) -> Answer | Refusal:
    """What a form makes of the question's answer, whichever question is open. The same form twice is as once. A typed
    number is a place among `shown`."""
    texts = read_all(filled.texts)
    if isinstance(texts, Refusal):
        return texts
    seen = options(question)
    if not all(0 <= place < len(seen) for place in filled.places):
        return Refusal("not-a-choice")
    keys = tuple(dict.fromkeys(seen[place].key for place in filled.places))
    if texts and not question.is_written:
        meant = _meant(question, texts[0], shown(question)) if not keys or not question.other else ()
        if not meant and not question.other:
            return Refusal("not-a-choice")
        keys, texts = (tuple(dict.fromkeys((*keys, *meant))), ()) if meant else (keys, texts)
    answer = _filled(question, current, _parts(current, texts), keys)
    if isinstance(answer, Refusal):
        return answer
    if sum(len(part.text) for part in answer.parts) > MAX_TEXT:
        return Refusal("too-long")
    if len(answer.parts) > MAX_PARTS:
        return Refusal("too-many")
    if _holds_cpr(answer.parts):
        return Refusal("cpr")
    if not filled.done:
        return current if answer.is_empty and _is_new(current) else replace(answer, open=True)
    if answer.is_empty:
        return Refusal("empty" if question.is_written else "nothing-chosen")
    asked_what = answer.open and current.open and current.keys == answer.keys and not answer.parts
    return Refusal("empty") if asked_what else answer


def _meant(question: Question, text: str, seen: tuple[Choice, ...]) -> tuple[str, ...]:
    """The keys of what was typed in place of a choice."""
    several = question.kind in (QuestionKind.MULTI, QuestionKind.RANKING)
    one = match_choice(text, seen)
    chosen = match_choices(text, seen) if several else (one,) if one is not None else ()
    return tuple(choice.key for choice in chosen)


def read_all(texts: Iterable[str]) -> tuple[str, ...] | Refusal:
    """The fields that have something in them, as they can be kept."""
    kept: list[str] = []
    for text in texts:
        known = read(text)
        if known == Refusal("empty"):
            continue
        if isinstance(known, Refusal):
            return known
        if len(known) > MAX_FIELD:
            return Refusal("too-long")
        kept.append(known)
    return tuple(kept)


def _parts(current: Answer, texts: tuple[str, ...]) -> tuple[Part, ...]:
    """What stands as it stood keeps its message number, so that an edited message still finds it."""
    if stands(current, texts):
        return current.parts
    known = list(current.parts)
    parts: list[Part] = []
    for text in texts:
        same = next((part for part in known if part.text == text), None)
        if same is not None:
            known.remove(same)
        parts.append(same or Part(text))
    return tuple(parts)


def stands(current: Answer, texts: tuple[str, ...]) -> bool:
    """Whether it is what was answered before, as a page holds it: with no other line ends than its own, and no NUL."""
    return _on_page("\n".join(part.text for part in current.parts)) == _on_page("\n".join(texts))


def _on_page(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def _filled(question: Question, current: Answer, parts: tuple[Part, ...], keys: tuple[str, ...]) -> Answer | Refusal:
    empty = Answer(question.id)
    match question.kind:
        case QuestionKind.TEXT | QuestionKind.CONTACT:
            if keys:
                return Refusal("both") if parts != current.parts else replace(empty, keys=keys[:1])
            if not parts and current.keys and not current.parts:
                return replace(current, open=False)  # a shortcut was picked before, and is not taken back
            return _in_own_words(question, parts) if parts else empty
        case QuestionKind.IDEAS:
            return replace(empty, parts=parts)
        case QuestionKind.SINGLE | QuestionKind.SCALE | QuestionKind.YES_NO:
            return _fill_one(question, parts, keys[:1])
        case QuestionKind.MULTI:
            return _fill_several(question, current, parts, keys)
        case QuestionKind.RANKING:
            return replace(empty, keys=keys)


def _fill_one(question: Question, parts: tuple[Part, ...], keys: tuple[str, ...]) -> Answer | Refusal:
    if not question.other or (keys and keys != (OTHER,)):
        return Refusal("both") if question.other and parts else Answer(question.id, keys=keys)
    if parts:
        return Answer(question.id, parts, (OTHER,))
    return Answer(question.id, keys=keys, open=bool(keys))  # «Andet» alone: now tell us what


def _fill_several(
    question: Question, current: Answer, parts: tuple[Part, ...], keys: tuple[str, ...]
) -> Answer | Refusal:
    if question.other and parts and OTHER not in keys:
        keys = (*keys, OTHER)  # words count; who wants them gone clears the field
    # A form has no order but the one it was shown in; what was ticked before in another stands as it was.
    keys = current.keys if set(keys) == set(current.keys) else tuple(key for key in question.keys if key in keys)
    conflict = _conflict(question, keys, words=bool(parts))
    if conflict is not None and set(keys) != set(current.keys):  # what an older version took stands as it stood
        return conflict
    if question.most is not None and len(keys) > question.most:
        return Refusal("too-many-chosen")
    return Answer(question.id, parts if question.other else (), keys)


# --- what people write ------------------------------------------------------------------------------------


def read(text: str) -> str | Refusal:
    """The text as it was written, sign for sign; or why it can't be kept. A CPR number is never kept."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # half a character can't be stored
    if all(unicodedata.category(char) in _UNSEEN for char in whole):
        return Refusal("empty")
    if safeguarding.looks_like_cpr(whole):
        return Refusal("cpr")
    if len(whole) > MAX_TEXT:
        return Refusal("too-long")
    return whole


def continue_answer(question: Question, answer: Answer, said: Said) -> Answer | Refusal:
    """The same thought in one more message: appended to the answer, which stays closed if it was."""
    text = read(said.text)
    if isinstance(text, Refusal):
        return text
    grown = _with_part(replace(answer, skipped=False), Part(text, said.message))
    if isinstance(grown, Answer) and question.kind is QuestionKind.TEXT:
        return replace(grown, keys=())  # «Nej» and then «jo, flere bænke» is no «Nej» any more
    return grown


def take_over(question: Question, answer: Answer, words: str) -> Answer | Refusal:
    """Somebody else's words, added to a written answer, which stays open to be changed. The same words twice are as
    once."""
    text = read(words)
    if isinstance(text, Refusal):
        return text
    if not question.is_written:
        return Refusal("not-a-choice")
    opened = replace(answer, keys=(), skipped=False, open=True)
    if any(part.text == text for part in answer.parts):
        return opened
    return _with_part(opened, Part(text))


def can_continue(question: Question, answer: Answer) -> bool:
    """True where the answer is in the person's own words, so that one more message can belong to it."""
    own_words = question.is_written or OTHER in answer.keys
    return not answer.skipped and (question.kind is QuestionKind.IDEAS or (own_words and bool(answer.parts)))


def correct(flow: Flow, answers: Answers, said: Said, shown: OptionsSeen = options) -> Answer | Refusal | None:
    """An edited message: the answer it was part of, corrected. None where no answer knows the message. A typed number
    is a place among `shown`."""
    for answer in answers.values():
        if any(part.message == said.message for part in answer.parts):
            text = read(said.text)
            if isinstance(text, Refusal):
                return text
            parts = tuple(Part(text, p.message) if p.message == said.message else p for p in answer.parts)
            if sum(len(part.text) for part in parts) > MAX_TEXT:
                return Refusal("too-long")
            if _holds_cpr(parts):
                return Refusal("cpr")
            question = flow.question(answer.question)
            return _reread(question, answer, parts, text, shown(question))
    return None


def _reread(
    question: Question, answer: Answer, parts: tuple[Part, ...], text: str, seen: tuple[Choice, ...]
) -> Answer | Refusal:
    """What the corrected parts mean: a typed choice is looked up anew, one's own words are taken as they are."""
    match question.kind:
        case QuestionKind.TEXT | QuestionKind.CONTACT:
            return replace(_in_own_words(question, parts), open=answer.open)
        case QuestionKind.SINGLE | QuestionKind.SCALE | QuestionKind.YES_NO if len(parts) == 1:
            chosen = match_choice(text, seen)
            if chosen is None and not question.other:
                return Refusal("not-a-choice")
            return replace(answer, parts=parts, keys=(chosen.key if chosen is not None else OTHER,))
        case _:
            return replace(answer, parts=parts)


def _with_part(answer: Answer, part: Part) -> Answer | Refusal:
    if len(answer.parts) >= MAX_PARTS:
        return Refusal("too-many")
    if sum(len(p.text) for p in answer.parts) + len(part.text) > MAX_TEXT:
        return Refusal("too-long")
    parts = (*answer.parts, part)
    return Refusal("cpr") if _holds_cpr(parts) else replace(answer, parts=parts)


def _holds_cpr(parts: tuple[Part, ...]) -> bool:
    """One half in each message, however they came to stand beside each other."""
    texts = [part.text.strip() for part in parts]
    beside = [f"{first} {second}" for first, second in pairwise(texts)]
    cut = [first + second for first, second in pairwise(texts) if first[-1:].isdigit() and second[:1].isdigit()]
    return any(map(safeguarding.looks_like_cpr, ("\n".join(texts), *beside, *cut)))


def match_label(text: str, seen: tuple[Choice, ...]) -> Choice | None:
    """The choice whose label this is, in any language and form."""
    return _labelled(typed.plain(text), seen)


def _labelled(plain: str, seen: tuple[Choice, ...]) -> Choice | None:
    return next((choice for choice in seen if plain in _forms(choice.label)), None)


@lru_cache(4096)
def _forms(label: Wording) -> frozenset[str]:
    return frozenset(typed.plain(form) for form in label.forms)


def match_choice(text: str, seen: tuple[Choice, ...]) -> Choice | None:
    """The choice a typed text means: its label, a yes or no, a range that holds the number, or its number in the list.

    Where labels are numbers themselves (a scale, ages) a number is never taken as a place.
    """
    plain = typed.plain(text)
    labelled = _labelled(plain, seen) or _labelled(typed.without_thanks(plain), seen)
    if labelled is not None:
        return labelled
    answered = typed.yes_or_no(text)
    if answered is not None:
        return next((choice for choice in seen if choice.key == answered), None)
    spans = {choice.key: span for choice in seen if (span := _range_of(choice.label.da)) is not None}
    if spans:
        return _in_range(text, seen, spans)
    number = typed.number(text)
    return _by_number(number, seen) if number is not None else _by_both(text, seen)


def match_choices(text: str, seen: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """All that a typed text means where several can be chosen: `1, 3 og 4`, `Idræt og tro`. None of them where a part
    of it is no choice."""
    one = match_choice(text, seen)
    if one is not None:
        return (one,)
    found: list[Choice] = []
    for part in filter(str.strip, _BETWEEN_CHOICES.split(text)):
        choice = match_choice(part, seen)
        parts = (choice,) if choice is not None else tuple(match_choice(each, seen) for each in _AND.split(part))
        if None in parts:
            return ()
        found += filter(None, parts)
    return tuple(dict.fromkeys(found))


_BETWEEN_CHOICES = re.compile(r"[,;\n+]|(?<=\d)\s+(?=\d)")
_AND = re.compile(r"\s+(?:og|and|samt|&)\s+|(?<=\d)\s*&\s*(?=\d)")


def _is_numbered(seen: tuple[Choice, ...]) -> bool:
    return any(choice.label.da.isdecimal() for choice in seen)


def _by_number(number: int, seen: tuple[Choice, ...]) -> Choice | None:
    if _is_numbered(seen):
        return next((choice for choice in seen if choice.label.da == str(number)), None)
    return seen[number - 1] if 1 <= number <= len(seen) else None


_NUMBER_FIRST = re.compile(r"(?P<number>\d{1,3})(?P<between>[-:.,)=( ]+)(?P<words>\D+)")
_NUMBER_LAST = re.compile(r"(?P<words>\D+?)(?P<between>[-:.,=( ]+)(?P<number>\d{1,3})")
_OUT_OF = re.compile(r"(?P<number>\d)(?:/| af | ud af | of | out of )(?P<most>\d{1,2})")
_UNSURE = re.compile(r"\b(?:eller|or|ikke|not|måske|maybe)\b")


def _by_both(text: str, seen: tuple[Choice, ...]) -> Choice | None:
    """`4 - enig`, `enig (4)`: number and label say the same. On a scale, which has no labels but numbers, the number
    alone says it, also as `4 af 5`."""
    plain = typed.plain(text)
    scale = _is_numbered(seen) and all(choice.key != OTHER for choice in seen)
    if scale and (of := _OUT_OF.fullmatch(plain)) is not None:
        most = max((int(choice.label.da) for choice in seen if choice.label.da.isdecimal()), default=0)
        return _by_number(int(of["number"]), seen) if int(of["most"]) == most else None
    found = _NUMBER_FIRST.fullmatch(plain) or _NUMBER_LAST.fullmatch(plain)
    if found is None:
        return None
    numbered, labelled = _by_number(int(found["number"]), seen), match_label(found["words"], seen)
    if labelled is not None:
        return labelled if numbered in (labelled, None) else None
    told = scale and plain[0].isdecimal() and found["between"].strip() and not _UNSURE.search(found["words"])
    return numbered if told else None


_OVER = re.compile(r"(?:over|mere end|flere end|more than|above) (.+)")
_UNDER = re.compile(r"(?:under|mindre end|færre end|less than|fewer than|below) (.+)")


def _in_range(text: str, seen: tuple[Choice, ...], spans: Mapping[str, tuple[int, int]]) -> Choice | None:
    """The range that holds it; of what is more, or less, only one that has no other beyond it."""
    plain = typed.plain(text)
    if _SPAN.fullmatch(plain):  # its label without what stands behind the numbers
        return next((choice for choice in seen if spans.get(choice.key) == _range_of(plain)), None)
    over, under = _OVER.fullmatch(plain), _UNDER.fullmatch(plain)
    number = typed.count(over[1] if over else under[1] if under else text)
    if number is None:
        return None
    wanted = number + 1 if over else number - 1 if under else number
    for choice in seen:
        least, most = spans.get(choice.key, (1, 0))
        if least <= wanted <= most:
            beyond = most == _NO_END if over else least == 0 if under else True
            return choice if beyond else None
    return None


_NO_END = 1_000_000
_SPAN = re.compile(r"\d+(?: ?- ?\d+|\+)(?: år| years)?")


def _range_of(label: str) -> tuple[int, int] | None:
    """»10-24 år« → (10, 24), »100+« and »100 eller flere« → (100, a million)."""
    if between := re.match(r"(\d+)\s*[-–]\s*(\d+)", label):
        return int(between[1]), int(between[2])
    if above := re.match(r"(\d+)(?:\s*\+| (?:år )?(?:eller|or) )", label):
        return int(above[1]), _NO_END
    return None


def fits(question: Question, before: Question, keys: Iterable[str], *, skipped: bool) -> bool:
    """Whether what was answered to `before`, the same question in another version, is an answer to this one."""
    if question.shows != before.shows:
        return False  # it was about another text
    if question.sets != before.sets:
        return False  # a yes to something else
    known = {choice.key for choice in standard_choices.choices(question)}
    return skipped or (known.issuperset(keys) and (question.is_written or any(True for _ in keys)))


# --- what an answer says ----------------------------------------------------------------------------------


def raw_text(question: Question, answer: Answer, language: Language, *, many: bool = False) -> str:
    """What the person wrote, message by message; for a tapped answer the labels they saw."""
    written = "\n".join(part.text for part in answer.parts)
    if written and question.kind is not QuestionKind.MULTI:
        return written
    labels = {choice.key: choice.label.to(language, many=many) for choice in standard_choices.choices(question)}
    separator = " > " if question.kind is QuestionKind.RANKING else ", "
    chosen = (labels.get(key, key) for key in answer.keys if not (key == OTHER and written))
    return separator.join((*chosen, written) if written else chosen)


def in_words(question: Question, answer: Answer, language: Language, *, many: bool = False) -> str:
    """How the answer is shown to the person: the label they meant, also where they wrote its number; a ranking as a
    numbered list."""
    if question.kind is QuestionKind.RANKING and answer.keys:
        labels = {choice.key: choice.label.to(language, many=many) for choice in standard_choices.choices(question)}
        return "\n".join(f"{place}. {labels.get(key, key)}" for place, key in enumerate(answer.keys, 1))
    if answer.parts and answer.keys and answer.keys[0] != OTHER and not question.is_written:
        return raw_text(
            question,
            replace(answer, parts=()) if question.kind is not QuestionKind.MULTI else answer,
            language,
            many=many,
        )
    return raw_text(question, answer, language, many=many)


def value(question: Question, answer: Answer) -> str | int | list[str] | None:
    """The answer as a value: keys of choices, a scale's number (None for «Ved ikke»), ideas one by one."""
    if answer.skipped:
        return None
    match question.kind:
        case QuestionKind.IDEAS:
            return [part.text for part in answer.parts]
        case QuestionKind.MULTI | QuestionKind.RANKING:
            return list(answer.keys)
        case QuestionKind.SCALE:
            return None if not answer.keys or answer.keys[0] == UNKNOWN else int(answer.keys[0])
        case QuestionKind.SINGLE | QuestionKind.YES_NO:
            return answer.keys[0] if answer.keys else None
        case QuestionKind.TEXT | QuestionKind.CONTACT:
            return answer.keys[0] if answer.keys else "\n".join(part.text for part in answer.parts)


def category(question: Question, answer: Answer) -> str:
    """What the answer is counted under: the bucket of its choices; for the person's own words the theme."""
    if answer.skipped:
        return ""
    if not answer.keys:
        return question.theme
    bucket_of = {key: bucket.name for bucket in question.buckets for key in bucket.keys}
    names = [bucket_of.get(key, key) for key in answer.keys]
    return ",".join(dict.fromkeys(names))
