"""Questions that were made in the chat, as part of the municipality's own: how they are written into the text of the
file, which ids are free, and what a file that is loaded does to them (docs/decisions/0048).

Pure: texts in, texts out. Not here: what such a question may say, and how it changes a step (own_questions.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import cast

from bot.flows.fault_words import Bilingual, danish, said, together
from bot.flows.file_faults import FileFault, Location
from bot.flows.yamltext import Faulty
from bot.process import own_questions
from bot.process.file import QuestionsText
from bot.process.own_questions import CHAT, OWN_STEP, ChangedStep, ChatQuestion, OwnQuestion, OwnQuestions, OwnStep

NAME = "egne-spoergsmaal.yaml"  # of the text where no file was loaded
NOTHING = "steps: []\n"
MOST = 99  # ids, Q1 to Q99
_HEADING = "# Made in the chat or on the pages by those who lead the work, who switch them on and off there."
_SECTION = re.compile(  # with the comments inside it, but not those before what comes next
    rf"^(?:{re.escape(_HEADING)}\n)?{CHAT}:.*\n(?:(?:#.*\n|\n)*[ \-].*\n)*", re.MULTILINE
)


def made_in(questions: QuestionsText | None) -> tuple[ChatQuestion, ...]:
    """Those that stand in the text, switched off or not. Raises Faulty."""
    return () if questions is None else own_questions.read(questions)[1].from_chat


def free_id(taken: Collection[str]) -> str | None:
    """The lowest that nobody has used, a letter behind it included; None where all are taken."""
    numbers = {re.sub(r"[a-z]$", "", each) for each in taken}
    return next((f"Q{number}" for number in range(1, MOST + 1) if f"Q{number}" not in numbers), None)


def written(questions: QuestionsText | None, made: Sequence[ChatQuestion]) -> QuestionsText:
    """The text with these questions made in the chat, in place of those that stand in it. What else the file says, its
    comments too, stays as somebody wrote it. Raises Faulty where the text was not in order before."""
    before = questions or QuestionsText(name=NAME, text=NOTHING)
    document, own = own_questions.read(before)
    rest = _SECTION.sub("", f"{before.text}\n").rstrip() + "\n"
    wanted = own.model_copy(update={"from_chat": tuple(made)})
    for base in (rest, f"steps: {json.dumps(document.values['steps'], ensure_ascii=False)}\n"):
        # The second, of a file that nothing can be put behind: one in braces, or with a mark at its end.
        after = QuestionsText(name=before.name, text=base + _section(made))
        try:
            if own_questions.read(after)[1] == wanted:
                return after
        except Faulty:
            continue
    raise Faulty([f"{before.name}: the questions made in the chat can't be written into it"])


def _section(made: Sequence[ChatQuestion]) -> str:
    return "\n".join(["", _HEADING, f"{CHAT}:", *(line for each in made for line in _lines(each)), ""]) if made else ""


def _lines(question: ChatQuestion) -> Iterator[str]:
    """What is not as it is by itself; values as JSON, which YAML reads."""
    values = question.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)
    first = {name: values.pop(name) for name in ("flow", "id", "kind", "who", "text")}
    for place, (name, value) in enumerate({**first, **values}.items()):
        start = "  - " if place == 0 else "    "
        if name == "text":
            yield f"{start}text:"
            yield from (f"      {form}: {json.dumps(said, ensure_ascii=False)}" for form, said in value.items())
        elif isinstance(value, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", value):
            yield f"{start}{name}: {value}"
        elif name == "who":
            yield f"{start}who: [{', '.join(value)}]"
        else:
            yield f"{start}{name}: {json.dumps(value, ensure_ascii=False)}"


# --- a file is loaded ----------------------------------------------------------------------------------------


def carried_over(before: QuestionsText | None, loaded: QuestionsText) -> QuestionsText:
    """The loaded file with the questions made in the chat that are in place and that it says nothing of. One that it
    asks itself, word for word in the same step and of the same people, is the file's from then on: what it says of it
    besides, where it stands, counts. Raises Faulty where it uses the id of one for another, or leaves out the step of
    the municipality's own in which one is asked."""
    document, own = own_questions.read(loaded)
    theirs = {each.id: each for each in made_in(before)}
    taken = {*theirs, *_ids(own)}
    faults: list[str] = []
    for place, step in enumerate(own.steps):
        for number, question in enumerate(step.questions):
            known = theirs.get(question.id)
            if isinstance(question, OwnQuestion) and known is not None:
                del theirs[question.id]
                if not _is_the_same(known, step, question):
                    at = ("steps", place, "questions", number, "id")
                    faults.append(document.fault(at, _is_anothers(known, taken)))
    for place, told in enumerate(own.from_chat):
        known = theirs.pop(told.id, None)
        if known is not None and (known.flow, known.kind) != (told.flow, told.kind):
            faults.append(document.fault((CHAT, place, "id"), _is_anothers(known, taken)))
    steps = {step.flow for step in own.own_steps}
    for kept in theirs.values():
        if kept.flow.startswith(OWN_STEP) and kept.flow not in steps and not kept.switched_off:
            faults.append(document.fault(("steps",), _has_lost_its_step(kept)))
    if faults:
        raise Faulty(faults)
    return written(loaded, (*own.from_chat, *theirs.values())) if theirs else loaded


def in_loaded(faults: Iterable[str], loaded: QuestionsText, whole: QuestionsText) -> list[str]:
    """What is said of the loaded file with the questions made in the chat behind it (`carried_over`), with the lines of
    the loaded file. What is said of a question that it does not have names that, and no line."""
    return [_in_loaded(each, loaded, whole) if isinstance(each, FileFault) else each for each in faults]


def _in_loaded(fault: FileFault, loaded: QuestionsText, whole: QuestionsText) -> FileFault:
    (document, own), made = own_questions.read(loaded), made_in(whole)
    if fault.name != loaded.name or loaded == whole:
        return fault
    location, message = fault.location, fault.message
    if isinstance(message, Bilingual) and message.key == "path.full":
        ids = list(cast("Iterable[str]", message.values["ids"]))
        there = [each.id for each in made if each.id in ids and each not in own.from_chat]
        message = together([message, said("chat.made", ids=", ".join(there))]) if there else message
        location = _last_asked(own, ids) or location
    match location:
        case (str(section), int(place), *rest) if section == CHAT:
            here = next((at for at, each in enumerate(own.from_chat) if each.id == made[place].id), None)
            if here is None:
                told = said("chat.place", id=made[place].id)
                message = Bilingual(f"{told}: {message}", f"{told.danish}: {danish(message)}")
                return FileFault(loaded.name, None, (), "", message)
            location = (CHAT, here, *rest)
    return document.fault(location, message)


def _last_asked(own: OwnQuestions, ids: Collection[str]) -> Location | None:
    """Where the last of these stands that the file asks itself."""
    asked = [
        ("steps", place, "questions", number)
        for place, step in enumerate(own.steps)
        for number, question in enumerate(step.questions)
        if isinstance(question, OwnQuestion) and question.id in ids
    ]
    return asked[-1] if asked else None


def _ids(own: OwnQuestions) -> Iterator[str]:
    yield from (question.id for step in own.steps for question in step.questions)
    yield from (question.id for question in own.from_chat)


def _is_the_same(made: ChatQuestion, step: ChangedStep | OwnStep, asked: OwnQuestion) -> bool:
    """Whether what the file asks there is the question that was made in the chat: an answer to the one is an answer to
    the other."""
    who = asked.who or (step.who if isinstance(step, OwnStep) else None)
    return (made.flow, made.kind, made.text.da, set(made.who or ())) == (
        step.flow,
        asked.kind,
        asked.text.da,
        set(who or ()),
    )


def _is_anothers(question: ChatQuestion, taken: Collection[str]) -> Bilingual:
    return said("chat.number", id=question.id, text=question.text.da, free=free_id(taken) or "Q…")


def _has_lost_its_step(question: ChatQuestion) -> Bilingual:
    return said("chat.step-gone", flow=question.flow, id=question.id, text=question.text.da)
