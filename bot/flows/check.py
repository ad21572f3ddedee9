"""What makes a flow pleasant and safe to answer, beyond what model.py can insist on. For authors and tests.

Belongs here: rules about wording, length and labels, and the list of themes. Not here: the flow's logic.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from bot.flows import option_order, plain_danish, standard_choices
from bot.flows.fault_words import said
from bot.flows.model import Audience, Flow, Group, Question, QuestionKind, Wording
from bot.flows.text_length import utf16_units
from bot.flows.typed import plain

LONGEST_LABEL = 60  # characters on a button that a phone still shows whole
LONGEST_MESSAGE = 3500  # UTF-16 units; Telegram takes 4096, and «3 af 6» and hints come on top
MOST_TO_RANK = 5
MANY_CHOICES = 5  # from which what stands first is chosen for standing there
_GRADED = re.compile(  # a word of a scale, a frequency, a size
    r"\d|^(?:få|mange|let|svært)\b|\b(?:aldrig|sjældent|sjældnere|af og til|nogle gange|ofte|altid|"
    r"hver (?:dag|uge|måned)|dagligt|ugentligt|månedligt|årligt|uenig|enig|godt|dårligt|meget|lidt|tilfreds|utilfreds|"
    r"i høj grad|i nogen grad|slet ikke|delvist)\b",
    re.IGNORECASE,
)
_LAST = re.compile(r"(?:alle|andet|anden|ved ikke|vil ikke|ingen|intet)\b", re.IGNORECASE)

THEMES = {
    "vision": "what the policy is to lead to",
    "value": "what we build on, and what matters most",
    "cooperation": "how it goes between people, associations and the municipality",
    "need": "what someone lacks in order to do it well",
    "wish": "what someone hopes the policy will bring",
    "idea": "something to try out",
    "proposal": "words that could stand in the policy",
    "concern": "doubt, worry, and what could make people stop",
    "recognition": "how what volunteers do is seen and thanked for",
    "money": "grants, and the applications and accounts that go with them",
    "recruitment": "how more people come to volunteer",
    "rules": "insurance, confidentiality and other rules, and whom to ask about them",
    "inclusion": "whom the policy is for above all, and who finds it hard to take part",
    "process": "how the policy is made, and who takes part how",
    "scope": "what the policy covers, and what it must not become",
    "partner": "who is in it, and who is missing",
    "knowledge": "what works today and has been learned",
    "motivation": "why people help each other",
    "evaluation": "marks given to the work",
    "draft": "whether the draft says what people said",
    "hearing": "responses to the hearing",
    "disposition": "what is done about a hearing response, and why",
    "profile": "who answers",
    "contact": "how someone may be reached",
    "meeting": "coming to a meeting",
    "open": "whatever else there is to say",
}

_TO_SEVERAL = frozenset({Audience.ALLE, Audience.FORENING, Audience.RAAD_CENTER})
_ONE_BY_ONE = frozenset({Audience.STYREGRUPPE})  # of all others several may be asked at once, at a meeting
_ONE = re.compile(r"\b(?:du|dig|din|dit|dine|jeg|min|mit|mine)\b", re.IGNORECASE)


def faults(flow: Flow) -> list[str]:
    """Everything to mend, each as «question: what is wrong»; empty for a flow that is fit to publish."""
    found = [f"{flow.flow}: {message}" for message in faults_of_the_whole(flow)]
    for question in flow.questions:
        found += [f"{question.id}: {message}" for message in faults_of(question)]
    return found


def doubts(flow: Flow) -> list[str]:
    """What is allowed and may not be meant, each as «question: what it is»: an order of choices that looks like the
    other kind. Who answers is told in one order for all."""
    return [f"{question.id}: {doubt}" for question in flow.questions for doubt in doubts_of(question)]


def doubts_of(question: Question) -> Iterator[str]:
    """As `doubts`, of one question."""
    if question.kind not in (QuestionKind.SINGLE, QuestionKind.MULTI) or question.sets is not None:
        return
    labels = [choice.label.da for choice in question.choices if not option_order.stays_last(choice)]
    graded = [label for label in labels if _GRADED.search(label)]
    if question.order == "free" and len(graded) > 1:
        yield said("taste.scale", labels=", ".join(graded))
    if question.order is None and len(labels) >= MANY_CHOICES and len(graded) < 2:
        yield said("taste.order", number=len(labels))
    if question.order == "free":
        yield from (said("taste.last", label=label) for label in labels if _LAST.match(label))


def danish(flow: Flow, *, many: bool = False) -> str:
    """Every question's Danish, a line each, in the «du» or the «I» form. Repeated questions stand once."""
    lines = (question.text.to("da", many=many) for question in flow.questions)
    return "\n".join(dict.fromkeys(lines))


def faults_of_the_whole(flow: Flow) -> Iterator[str]:
    for form, many in (("du", False), ("I", True)):
        for fault in plain_danish.faults_of_page(danish(flow, many=many)):
            yield said("taste.page", fault=fault, form=form)
    if not flow.source:
        yield "no source"


def faults_of(question: Question) -> Iterator[str]:
    """As `faults`, of one question."""
    yield from _faults_of_wording(question)
    yield from _faults_of_labels(question)
    if question.theme not in THEMES:
        yield f"{question.theme} is no theme"
    if not question.source:
        yield "no source"
    if question.kind is QuestionKind.RANKING and len(question.choices) > MOST_TO_RANK:
        yield said("taste.rank", number=len(question.choices), most=MOST_TO_RANK)
    counted = [key for bucket in question.buckets for key in bucket.keys]
    if len(set(counted)) != len(counted):
        yield "an answer is counted in two buckets"
    if question.sets == "group" and not {choice.key for choice in question.choices} <= set(Group):
        yield "sets the group, and has a choice that is no group"
    if question.sets in ("front", "reminders", "messages") and question.kind is not QuestionKind.YES_NO:
        yield f"sets {question.sets}, and is no yes_no"


def _faults_of_wording(question: Question) -> Iterator[str]:
    text = question.text
    if text.da == text.en:
        yield said("taste.same")
    for form in text.forms:
        if not form.endswith((".", "?", "!")):
            yield said("taste.sentence", text=form)
    for wording in (text, *(choice.label for choice in question.choices)):
        if _lacks_the_other_form(question, wording):
            theirs = not _TO_SEVERAL.isdisjoint(question.who)
            yield said("taste.du" if theirs else "taste.du-at-a-table", text=wording.da)
        for form in filter(None, (wording.da, wording.da_jer)):
            yield from plain_danish.faults(form)
    shown = question.shows.forms if question.shows else ("",)
    longest = max(map(utf16_units, shown)) + max(map(utf16_units, text.forms))
    if longest > LONGEST_MESSAGE:
        yield said("taste.long", number=longest, most=LONGEST_MESSAGE)


def _lacks_the_other_form(question: Question, wording: Wording) -> bool:
    return wording.da_jer is None and not _ONE_BY_ONE.issuperset(question.who) and speaks_to_one(wording.da)


def speaks_to_one(danish: str) -> bool:
    """Whether it says »du«, which is not said to several."""
    return bool(_ONE.search(danish))


def _faults_of_labels(question: Question) -> Iterator[str]:
    for place, choice in enumerate(question.choices, 1):
        for label in choice.label.forms:
            if len(label) > LONGEST_LABEL:
                yield said("taste.label-long", number=len(label), most=LONGEST_LABEL, label=label)
            if label.isdecimal() and label != str(place):
                yield said("taste.label-number", label=label, place=place)
            if label.startswith("/"):
                yield said("taste.label-command", label=label)
    names = {choice.key: {plain(form) for form in choice.label.forms} for choice in standard_choices.choices(question)}
    for one, other in combinations(names, 2):  # a typed label is looked up in every form at once
        if both := names[one] & names[other]:
            yield said("taste.label-twice", one=one, other=other, label=", ".join(sorted(both)))
