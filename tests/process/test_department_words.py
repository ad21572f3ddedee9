"""What a part of the administration is called: the municipality's word, in every form that a sentence needs."""

from __future__ import annotations

import json
import re

import pytest

from bot import texts
from bot.flows.model import LANGUAGES, Language
from bot.flows.yamltext import Faulty
from bot.process import department_words
from bot.process.file import ProcessFile, stored
from bot.process.flows import shipped_flows
from bot.process.loading import example, parse_file
from tests.support.example import of_example

WORD = '  department: "en forvaltning"  # eller et center, en magistratsafdeling, en afdeling, et område …\n'
LINE = example()[: example().index(WORD)].count("\n") + 1
FIXED = {"da": re.compile(r"forvaltning|afdeling", re.IGNORECASE), "en": re.compile(r"department", re.IGNORECASE)}


def called(*lines: str) -> ProcessFile:
    """The example with these lines for the word. Raises Faulty."""
    return parse_file(example().replace(WORD, "".join(f"  {line}\n" for line in lines), 1), "example.yaml")


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("en forvaltning", ("forvaltningen", "forvaltninger", "hvilken forvaltning", "hver forvaltning")),
        ("et center", ("centret", "centre", "hvilket center", "hvert center")),
        (
            "en magistratsafdeling",
            ("magistratsafdelingen", "magistratsafdelinger", "hvilken magistratsafdeling", "hver magistratsafdeling"),
        ),
        ("et direktørområde", ("direktørområdet", "direktørområder", "hvilket direktørområde", "hvert direktørområde")),
        ("en sektor", ("sektoren", "sektorer", "hvilken sektor", "hver sektor")),
        ("et fagcenter", ("fagcentret", "fagcentre", "hvilket fagcenter", "hvert fagcenter")),
        ("en stab", ("staben", "stabe", "hvilken stab", "hver stab")),
    ],
)
def test_the_usual_words_and_what_ends_in_one_are_inflected(word: str, forms: tuple[str, ...]) -> None:
    filling = called(f'department: "{word}"').words.department_in("da")
    named = ("the_department", "department_plural", "which_department", "each_department")
    assert tuple(filling[name] for name in named) == forms
    assert filling["Department_plural"] == forms[1].capitalize()
    assert filling["department"] == word.partition(" ")[2]


def test_another_word_is_taken_with_its_forms() -> None:
    file = called('department: "et hjørne"', 'the_department: "hjørnet"', 'departments: "hjørner"')
    told = texts.say("da", "advice.across", **file.words.department_in("da"))
    assert told == "Politikken er drøftet på tværs af hjørner"


def test_a_usual_word_may_be_inflected_as_the_municipality_does() -> None:
    words = called('department: "et center"', 'the_department: "centeret"').words.department_in("da")
    assert (words["the_department"], words["department_plural"]) == ("centeret", "centre")


NOT_KNOWN = (
    "is inflected is not known here: write `the_department` and `departments` too, "
    'as "forvaltningen" and "forvaltninger"'
)


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (('department: "et hjørne"',), f"how *et hjørne* {NOT_KNOWN}"),
        (('department: "et hjørne"', 'departments: "hjørner"'), f"how *et hjørne* {NOT_KNOWN}"),
        (('department: "en stor forvaltning"',), f"how *en stor forvaltning* {NOT_KNOWN}"),
        (('department: "en center"',), "it is called *et center*"),
        (('department: "et forvaltning"',), "it is called *en forvaltning*"),
    ],
)
def test_a_word_that_is_not_known_is_refused_at_its_line_with_what_to_write(lines: tuple[str, ...], fault: str) -> None:
    with pytest.raises(Faulty) as refused:
        called(*lines)
    assert refused.value.faults == (f"example.yaml:{LINE}: words.department: {fault}",)


def test_a_word_that_an_earlier_besyv_took_stays_and_the_phrases_speak_as_they_did() -> None:
    before = json.loads(of_example().model_dump_json())
    before["words"] = {"council": "byråd", "department": "et hjørne"}
    file = stored(json.dumps(before))
    start = next(flow for flow in shipped_flows(file) if flow.flow == "start")
    assert start.question("S4").text.da.startswith("Hvilket hjørne arbejder du i?")
    assert file.words.department_in("da") == of_example().words.department_in("da")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_has_a_fixed_word_for_a_department(language: Language) -> None:
    fixed = []
    for message in texts.catalogue(language):
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        bare = [re.sub(r"\{\w+\}", "", form) for form in forms] if message.id else []
        fixed += [str(message.id) for form in bare if FIXED[language].search(form)]
    assert fixed == []


def test_no_question_has_one_either() -> None:
    file = called('department: "et center"')
    said = [form for flow in shipped_flows(file) for question in flow for form in question.text.forms]
    assert [form for form in said if FIXED["da"].search(form)] == []


def test_english_speaks_of_departments_whatever_they_are_called() -> None:
    assert called('department: "et center"').words.department_in("en") == department_words.english().filling()
