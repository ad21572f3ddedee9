"""Flow → Markdown and a Mermaid diagram, for people who write or approve questions, and for golden tests.

The words around the texts are the field names of a flow file, so that what one reads is what one edits.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from textwrap import shorten

from bot.flows.model import Audience, Condition, Flow, Question, Wording

AUDIENCES = tuple(a for a in Audience if a not in (Audience.ALLE, Audience.ANSAT))
_STAFF = frozenset({Audience.ANSAT_FRONT, Audience.ANSAT_OEVRIG})
LABEL_LENGTH = 48  # of a box in the diagram


def asked_of(flow: Flow, audience: Audience) -> tuple[Question, ...]:
    """The questions this audience can meet, in order. Staff are asked as `ansat_front` or `ansat_oevrig`; the steering
    group nothing but its own steps, not even what all are asked."""
    if audience is Audience.STYREGRUPPE and not flow.by_role:
        return ()
    named = {Audience.ALLE, audience} | ({Audience.ANSAT} if audience in _STAFF else set())
    return tuple(question for question in flow.questions if not named.isdisjoint(question.who))


def markdown(flow: Flow) -> str:
    """Title and source, the path of each audience (follow-ups in brackets), then every question in full."""
    return "\n".join(_lines(flow)) + "\n"


def diagram(flow: Flow) -> str:
    """A Mermaid flowchart: the questions for all to go through, and what an answer leads to besides."""
    lines = ["flowchart TD"]
    for question in flow.questions:
        lines.append(f'    {_node(question.id)}["{question.id} {_short(question.text.da)}"]')
    main = [question for question in flow.questions if question.when is None]
    for before, after in pairwise(main):
        lines.append(f"    {_node(before.id)} --> {_node(after.id)}")
    for question in flow.questions:
        if question.when is not None:
            said = f'|"{_said(question.when)}"|'
            lines.append(f"    {_node(question.when.question)} -.->{said} {_node(question.id)}")
    return "\n".join(lines) + "\n"


def _lines(flow: Flow) -> Iterator[str]:
    yield f"# {flow.title.da} / {flow.title.en}"
    yield ""
    yield f"- flow: {flow.flow}"
    yield f"- step: {flow.step}"
    for group, title in flow.group_titles.items():
        yield f"- title to {group}: {title.da} / {title.en}"
    if flow.work_title is not None:
        yield f"- work title: {flow.work_title.da} / {flow.work_title.en}"
    yield f"- source: {flow.source}"
    if not flow.review:
        yield "- review: false"
    if flow.privacy_hint:
        yield "- privacy_hint: true"
    yield ""
    yield "| who | questions |"
    yield "|---|---|"
    for audience in AUDIENCES:
        if asked := asked_of(flow, audience):
            yield f"| {audience} | {' '.join(q.id if q.when is None else f'({q.id})' for q in asked)} |"
    for question in flow.questions:
        yield from _question(question)


def _question(question: Question) -> Iterator[str]:
    yield ""
    yield f"## {question.id}"
    yield ""
    yield from _wording(question.text)
    yield ""
    yield f"- kind: {question.kind}"
    yield f"- who: {', '.join(question.who)}"
    if question.when is not None:
        yield f"- when: {_condition(question.when)}"
    yield f"- theme: {question.theme}"
    yield f"- source: {question.source}"
    for name in ("other", "most", "order", "required", "apart", "sets"):
        if value := getattr(question, name):
            yield f"- {name}: {'true' if value is True else value}"
    for bucket in question.buckets:
        yield f"- bucket {bucket.name}: {', '.join(bucket.keys)}"
    for choice in question.choices:
        only = f" (only_with: {choice.only_with})" if choice.only_with else ""
        marks = "".join(f" ({mark})" for mark in ("exclusive", "last") if getattr(choice, mark))
        yield f"- [{choice.key}] {' / '.join(choice.label.forms)}{only}{marks}"
    if question.shows is not None:
        yield ""
        yield "shows:"
        yield ""
        shown = f"{question.shows.da}\n\n{question.shows.en}"
        yield from (f"    {line}".rstrip() for line in shown.split("\n"))


def _wording(wording: Wording) -> Iterator[str]:
    yield f"> {wording.da}"
    if wording.da_jer:
        yield ">"
        yield f"> {wording.da_jer}"
    yield ">"
    yield f"> *{wording.en}*"


def _condition(condition: Condition) -> str:
    return f"{condition.question} {_said(condition)}"


def _said(condition: Condition) -> str:
    return f"is {', '.join(condition.is_)}" if condition.is_ else f"is_not {', '.join(condition.is_not)}"


def _node(question: str) -> str:
    return question.replace(".", "_").replace("-", "__")


def _short(text: str) -> str:
    return shorten(text.replace('"', "'"), LABEL_LENGTH, placeholder=" …")
