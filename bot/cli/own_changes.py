"""What a file of the municipality's own questions changes, in the leader's words: for `besyv questions`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bot.flows.fault_words import said
from bot.flows.model import Choice, Flow, Language, Question
from bot.flows.outline import AUDIENCES, asked_of
from bot.process import chat_questions, own_questions
from bot.process.file import ProcessFile, QuestionsText
from bot.texts import count, say


def told(
    language: Language,
    before: ProcessFile,
    after: ProcessFile,
    known: Iterable[Flow],
    flows: Iterable[Flow],
    begun: Mapping[str, int] | None,
) -> Iterator[str]:
    """Of each step that is another than before: its name, and a line for each difference. `begun`: how many are in the
    middle of each, where the file is loaded."""
    were, open_before = {flow.flow: flow for flow in known}, {times.flow for times in own_questions.times(before)}
    open_now = {times.flow for times in own_questions.times(after)}
    for flow in flows:
        there = were.get(flow.flow)
        if there == flow:
            continue
        yield _named(language, flow)
        if there is None:
            yield _line(say(language, "own.new-step", people=people(language, flow.questions)))
            continue
        lines = list(_differences(language, there, flow))
        yield from map(_line, lines or [say(language, "own.titled-anew")])
        if begun is not None:
            yield _line(count(language, "own.in-the-middle", begun.get(flow.flow, 0)))
    for gone in sorted((open_before - open_now) & were.keys()):
        yield _named(language, were[gone])
        yield _line(say(language, "own.step-off"))
        if begun is not None:
            yield _line(count(language, "own.in-the-middle-of-what-is-off", begun.get(gone, 0)))
    for back in sorted((open_now - open_before) & were.keys()):
        yield _named(language, were[back])
        yield _line(say(language, "own.step-on"))


def kept(language: Language, file: ProcessFile, loaded: QuestionsText) -> Iterator[str]:
    """A line for each question made in the chat that the loaded file does not have."""
    theirs = {each.id for each in chat_questions.made_in(loaded)}
    for question in chat_questions.made_in(file.questions):
        if question.id not in theirs:
            key = "own.kept-off" if question.switched_off else "own.kept"
            yield say(language, key, flow=question.flow, id=question.id, text=question.text.to(language))


def people(language: Language, questions: Iterable[Question]) -> str:
    """Whom they are asked of."""
    audiences = dict.fromkeys(audience for question in questions for audience in question.who)
    return ", ".join(said(f"group.{audience}").to(language) for audience in audiences)


# --- one step ---------------------------------------------------------------------------------------------


def frame(language: Language, file: ProcessFile, flow: Flow) -> Iterator[str]:
    """The step's name, what each group is asked there, follow-ups in brackets, and what is switched off."""
    yield _named(language, flow)
    yield ""
    for audience in AUDIENCES:
        if asked := asked_of(flow, audience):
            ids = " ".join(each.id if each.when is None else f"({each.id})" for each in asked)
            who = said(f"group.{audience}").to(language)
            yield _line(f"{who[:1].upper()}{who[1:]}: {ids}")
    yield _line(say(language, "own.in-brackets"))
    if off := ", ".join(_off(file, flow.flow)):
        yield _line(say(language, "own.off", listed=off))
    yield ""


def steps_off(language: Language, file: ProcessFile, flows: Iterable[Flow]) -> Iterator[str]:
    """The steps that the file switches off."""
    off = own_questions.read(file.questions)[1].steps_off if file.questions else frozenset()
    for flow in flows:
        if flow.flow in off:
            yield _named(language, flow)
            yield _line(say(language, "own.step-off"))


def _off(file: ProcessFile, flow: str) -> Iterator[str]:
    """Ids of questions, and keys of choices behind theirs, as they stand in the file."""
    own = own_questions.read(file.questions)[1] if file.questions else None
    for step in own.steps if own else ():
        for question in step.questions if step.flow == flow else ():
            if isinstance(question, own_questions.Change):
                if question.switched_off:
                    yield question.id
                yield from (f"{question.id} [{choice.key}]" for choice in question.choices if choice.switched_off)
    yield from (each.id for each in own.from_chat if each.flow == flow and each.switched_off) if own else ()


def _named(language: Language, flow: Flow) -> str:
    return f"{flow.title.to(language)} ({flow.flow})"


def _line(text: str) -> str:
    return f"- {text}"


def _differences(language: Language, before: Flow, after: Flow) -> Iterator[str]:
    were, are = {each.id: each for each in before}, {each.id: each for each in after}
    for question in after:
        there = were.get(question.id)
        if there is None:
            yield say(language, "own.new", id=question.id, people=people(language, (question,)))
            continue
        if (there.text, there.shows) != (question.text, question.shows):
            yield say(language, "own.worded-anew", id=question.id, people=people(language, (question,)))
        if there.who != question.who:
            yield say(language, "own.asked-of", id=question.id, people=people(language, (question,)))
        yield from _choices(language, there, question)
    for gone in before:
        if gone.id not in are:
            yield say(language, "own.asked-no-more", id=gone.id, people=people(language, (gone,)))
    if [each for each in were if each in are] != [each for each in are if each in were]:
        yield say(language, "own.order")


def _choices(language: Language, before: Question, after: Question) -> Iterator[str]:
    were, are = _by_key(before), _by_key(after)
    for key, choice in are.items():
        label = choice.label.to(language)
        if key not in were:
            yield say(language, "own.choice-new", id=after.id, label=label)
        elif (old := were[key].label) != choice.label:
            yield say(language, "own.choice-worded-anew", id=after.id, before=old.to(language), label=label)
    for key, choice in were.items():
        if key not in are:
            yield say(language, "own.choice-off", id=after.id, label=choice.label.to(language))


def _by_key(question: Question) -> dict[str, Choice]:
    return {choice.key: choice for choice in question.choices}
