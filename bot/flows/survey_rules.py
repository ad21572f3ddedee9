"""What makes a Danish question hard to answer, or its answers hard to use: two questions in one, a leading one, one
without an object, ends of a scale that do not answer each other, a negation.

Belongs here: general rules of the language, decided from the question's text alone. Not here: the words that the rules
look for, and what is said of a finding (survey_rules.yaml), how hard a text is to read (plain_danish.py), what is wrong
with a question's choices (check.py). Reason and proposal are advice: a finding refuses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import yaml

from bot.flows.model import Wording

_SENTENCE = re.compile(r"[^.?!]*[.?!]+|[^.?!]+$")
_WORD = re.compile(r"[\w§-]+|,")
_END = re.compile(r"\b(\d) er ([^,.;]+)")
_NEAR = 4  # words between a verb and its »ikke«, or between »hvilke« and the »og« that joins two things


class SurveyFault(StrEnum):
    TWO_QUESTIONS = "two_questions"
    LEADING = "leading"
    WITHOUT_OBJECT = "without_object"
    TWO_SCALES = "two_scales"
    NEGATION = "negation"


@dataclass(frozen=True, slots=True)
class Finding:
    """`reason` and `proposal` in both languages, for whoever writes the question."""

    code: SurveyFault
    reason: Wording
    proposal: Wording


def findings(question: str, *, shown: bool = False) -> list[Finding]:
    """What is wrong with a Danish question, its instructions and scale included. `shown`: it stands under a text that
    it is about, so that it need not name it."""
    sentences = [_Sentence.of(part) for part in _SENTENCE.findall(question) if part.strip()]
    asked = [sentence for sentence in sentences if sentence.asks]
    ends = [(number, end) for number, end in _END.findall(question) if end.strip()]
    found = [*_two_questions(asked, scaled=bool(ends)), *_leading(sentences), *_two_scales(asked, ends)]
    if not shown:
        found += _without_object(sentences)
    found += _negations(asked)
    denied = any(_rule(name)["kind"] == SurveyFault.NEGATION for name, _ in found)
    return [_finding(name, words) for name, words in dict.fromkeys(found) if not (denied and name == "asks_agreement")]


# --- a question, its words and their kinds ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sentence:
    words: tuple[str, ...]  # in lower case but »I«, commas among them
    asks: bool

    @classmethod
    def of(cls, text: str) -> _Sentence:
        words = _WORD.findall(text)
        lowered = tuple(word if word == "I" and place > 0 else word.lower() for place, word in enumerate(words))
        return cls(lowered, text.rstrip().endswith("?"))

    @property
    def first(self) -> str:
        return self.words[0] if self.words else ""

    @property
    def is_open(self) -> bool:
        """Begins with a question word: »Hvad …«, »I hvilken …«."""
        return any(word in _words("question_words") for word in self.words[:2])

    @property
    def is_yes_or_no(self) -> bool:
        """Begins with its verb: »Er du …«, »Mener I …«."""
        return self.asks and not self.is_open and _is_verb(self.first)

    @property
    def text(self) -> str:
        return " ".join(self.words).replace(" ,", ",")


_RuleHit = tuple[str, str]  # the rule's name, and the words it was found in


def _is_verb(word: str) -> bool:
    known = _words("modals") | _words("auxiliaries") | _words("attitude_verbs")
    return word in known or word.endswith(("r", "de", "te"))


def _is_named(word: str) -> bool:
    """May be a noun, an adjective or a participle: no word of the closed classes."""
    closed = ("question_words", "pronouns", "modals", "auxiliaries", "subjunctions", "empty")
    return word != "," and not any(word in _words(name) for name in closed)


# --- two questions in one ---------------------------------------------------------------------------------


def _two_questions(asked: Sequence[_Sentence], *, scaled: bool) -> Iterator[_RuleHit]:
    if len(asked) > 1:
        yield "question_marks", ""
    for sentence in asked:
        if not scaled:  # of a scale it is said by two_degrees
            yield from _joined(sentence)
        yield from _two_objects(sentence)
        yield from _two_judgements(sentence)


def _joined(sentence: _Sentence) -> Iterator[_RuleHit]:
    """»…, og hvad skal vi lave om?«, »… eller hvor er du aktiv?«, »…, og bruger I det?«. What is asked about in a row,
    »om frister, møder og hvad der sker«, has no comma and no question word to begin with."""
    words = sentence.words
    for place, word in enumerate(words[1:], 1):
        if word not in ("og", "eller", "samt"):
            continue
        after, with_comma = words[place + 1 : place + 3], words[place - 1] == ","
        asks_more = (with_comma or sentence.is_open) and any(each in _words("question_words") for each in after)
        turned = with_comma and any(_is_verb(verb) and one in _words("pronouns") for verb, one in pairwise(after))
        if asks_more or turned:
            yield "joined_questions", " ".join(words[place : place + 3])


def _two_objects(sentence: _Sentence) -> Iterator[_RuleHit]:
    """»Hvilke mål og værdier«; »tilfreds med støtten fra kommunen og frivilligcentret«."""
    words = sentence.words
    for place in (number for number, word in enumerate(words) if word == "og"):
        before, after = words[:place], words[place + 1 : place + 2]
        if not after or not _is_named(after[0]) or not _is_named(before[-1]) or _are_opposites(before[-1], after[0]):
            continue
        opened = sentence.first.startswith("hvilk") and len(before) <= _NEAR and all(map(_is_named, before[1:]))
        judged = _judged(sentence, before)
        if opened or judged:
            yield "two_objects", f"{before[-1]} og {after[0]}"


def _judged(sentence: _Sentence, before: Sequence[str]) -> bool:
    """Whether what is joined is what an opinion is asked about. »Mellem frivillige og kommunen« is one thing."""
    if not (sentence.is_yes_or_no or sentence.first == "hvor"):
        return False
    places = [place for place, word in enumerate(before) if word in _words("attitudes")]
    return bool(places) and places[-1] < len(before) - 1 and "mellem" not in before


def _two_judgements(sentence: _Sentence) -> Iterator[_RuleHit]:
    """»store nok og nemme at komme til«."""
    words = sentence.words
    for place in (number for number, word in enumerate(words) if word == "og"):
        before = [word for word in words[max(place - 2, 0) : place] if word in _words("judging")]
        after = [word for word in words[place + 1 : place + 3] if word in _words("judging")]
        if sentence.is_yes_or_no and before and after and not _are_opposites(before[-1], after[0]):
            yield "two_judgements", f"{before[-1]} og {after[0]}"


# --- leading ----------------------------------------------------------------------------------------------


def _leading(sentences: Sequence[_Sentence]) -> Iterator[_RuleHit]:
    for sentence in sentences:
        if _END.search(sentence.text):
            continue
        yield from _taking_a_side(sentence)
        yield from _asking_for_a_yes(sentence)
        yield from _judging_already(sentence)
        said = [phrase for phrase in _phrases("appeals") if _has(sentence, phrase)]
        if said and (not sentence.asks or sentence.is_yes_or_no):
            yield "appeal", said[0]


def _taking_a_side(sentence: _Sentence) -> Iterator[_RuleHit]:
    words = sentence.words
    if sentence.first != "hvor" or len(words) <= _NEAR - 2:
        return
    if words[1] in _words("one_sided") and words[2] != "eller":
        yield "one_sided", f"hvor {words[1]}"
    elif words[2] in _words("feeling_verbs"):
        yield "feeling", " ".join(words[:3])


def _asking_for_a_yes(sentence: _Sentence) -> Iterator[_RuleHit]:
    if not sentence.is_yes_or_no:
        return
    near = sentence.words[1:_NEAR]
    agrees = "også" in near and (sentence.first in _words("attitude_verbs") or "enig" in near)
    if agrees or ("ikke" in near and "," not in near[: near.index("ikke")]):
        yield "asks_agreement", " ".join(sentence.words[:_NEAR])


def _judging_already(sentence: _Sentence) -> Iterator[_RuleHit]:
    words = sentence.words
    for place, (one, other) in enumerate(pairwise(words)):
        definite = one in ("det", "den", "de", "jeres", "kommunens") and other in _words("praise_and_blame")
        if definite or (one == "så" and other in _words("judging")):
            yield "presumes", f"{one} {other}"
        if one == "for" and other in _words("too_much") and words[place - 1] != "brug":
            yield "presumes", f"{one} {other}"
    yield from (("loaded", word) for word in words if word in _words("loaded"))
    yield from (("loaded", phrase) for phrase in _phrases("loaded_phrases") if _has(sentence, phrase))


# --- without an object ------------------------------------------------------------------------------------


def _without_object(sentences: Sequence[_Sentence]) -> Iterator[_RuleHit]:
    """»Hvad drømmer du om?«: neither the question nor what stands beside it has a word for what it is about."""
    asked = next((sentence for sentence in sentences if sentence.asks), None)
    if asked is None or not _wants_an_object(asked):
        return
    if not any(_content(sentence) for sentence in sentences if not _END.search(sentence.text)):
        yield "no_object", ""


def _wants_an_object(sentence: _Sentence) -> bool:
    words = sentence.words
    if sentence.first == "hvad":
        return words[1:2] != () and words[1] not in _words("name_themselves")
    if sentence.first in ("hvordan", "hvor"):  # »hvordan går det«, »hvor godt fungerer det«
        states = [place for place, word in enumerate(words[:3]) if word in _words("of_a_state")]
        return bool(states) and words[states[0] + 1 : states[0] + 2] == ("det",)
    return words[:3] == ("er", "der", "noget") and any(word in _words("unsure") for word in words)


def _content(sentence: _Sentence) -> list[str]:
    """The words that say what a sentence is about. The verb of an open question stands second and says not of what."""
    words = list(sentence.words)
    if sentence.asks and sentence.is_open and len(words) > 1:
        del words[1]
    verbs, others = _words("empty_verbs"), ("instructions", "unsure", "of_a_state")
    return [
        word
        for before, word in zip(("", *words), words, strict=False)
        if (_is_named(word) and word not in verbs and not any(word in _words(name) for name in others))
        or (word in verbs and before in _words("possessives"))  # »i jeres arbejde«: no verb there
    ]


# --- two scales in one ------------------------------------------------------------------------------------


def _two_scales(asked: Sequence[_Sentence], ends: Sequence[tuple[str, str]]) -> Iterator[_RuleHit]:
    if not ends:
        return
    for sentence in asked:
        joined = re.search(r"\bhvor \w+(?: \w+)*?,? og (?:hvor )?\w+", sentence.text)
        if joined and (sentence.text.count("hvor ") > 1 or re.match(r"hvor \w+ og \w+", sentence.text)):
            yield "two_degrees", joined[0]
    low, high = ends[0][1].strip().lower(), ends[-1][1].strip().lower()
    if len(ends) == 1 or not _answer_each_other(low, high) or not _measures(asked, low, high):
        yield "ends", f"{low} – {high}"


def _answer_each_other(low: str, high: str) -> bool:
    """Two opposites that go equally far, »meget svært – meget let«; or from nothing to all of one thing."""
    if any(low.startswith(phrase) for phrase in _phrases("not_at_all")):
        return any(high.startswith(phrase) for phrase in _phrases("fully"))
    lows, highs = low.split(), high.split()
    if {"nej", "ja"} & {*lows, *highs}:
        return False
    pair = _pair(lows[-1]) or _pair(highs[-1])
    if pair is None:  # words of the matter itself, which nobody can list
        return (lows[0] in _words("degrees")) == (highs[0] in _words("degrees"))
    both_far = lows[0] in _words("degrees") and lows[:-1] == highs[:-1] and highs[0] in _words("degrees") | {highs[-1]}
    return both_far and _are_opposites(lows[-1], highs[-1])


def _measures(asked: Sequence[_Sentence], low: str, high: str) -> bool:
    """Whether the ends measure what is asked for, where the question says what that is: »Hvor let … 5 er enig«."""
    of_ends = {_pair(low.rsplit(maxsplit=1)[-1]), _pair(high.rsplit(maxsplit=1)[-1])} - {None}
    named = {_pair(sentence.words[1]) for sentence in asked if sentence.first == "hvor" and len(sentence.words) > 1}
    amounts = {_pair("meget"), _pair("altid"), _pair("ofte")}
    return not (of_ends and named - {None}) or bool(of_ends & named) or bool(of_ends & amounts and named & amounts)


# --- negation ---------------------------------------------------------------------------------------------


def _negations(asked: Sequence[_Sentence]) -> Iterator[_RuleHit]:
    for sentence in asked:
        words = [word for place, word in enumerate(sentence.words) if not _is_a_choice(sentence.words, place)]
        plain = [word for word in words if word in _words("negations")]
        turned = [word for word in words if word in _words("turned_words")]
        turned += [phrase for phrase in _phrases("turned_phrases") if _has(sentence, phrase)]
        if plain and len(plain) + len(turned) > 1:
            yield "double_negation", " … ".join([*plain, *turned])
        elif sentence.is_open and (denied := _denied_demand(sentence.words)):
            yield "negated_demand", denied


def _is_a_choice(words: Sequence[str], place: int) -> bool:
    """One side of »enig eller uenig«."""
    sides = (words[place - 2 : place - 1] if words[place - 1] == "eller" else ()) or (
        words[place + 2 : place + 3] if words[place + 1 : place + 2] == ("eller",) else ()
    )
    return bool(sides) and _are_opposites(words[place], sides[0])


def _denied_demand(words: Sequence[str]) -> str:
    """»Hvad skal frivillige ikke …«: the verb of the question itself is denied, and not what stands after a comma."""
    clause = words[: words.index(",")] if "," in words else words
    for place, word in enumerate(clause):
        if word in _words("demands"):
            for further in range(place + 1, min(place + _NEAR, len(clause))):
                if clause[further] in ("ikke", "aldrig") and clause[further - 1] not in ("og", "men"):
                    return " ".join(clause[place : further + 1])
    return ""


# --- the lists of words -----------------------------------------------------------------------------------


@cache
def _listed() -> dict[str, Any]:
    text = files("bot.flows").joinpath("survey_rules.yaml").read_text(encoding="utf-8")
    listed: dict[str, Any] = yaml.safe_load(text)
    return listed


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(_listed()[name].split())


def _phrases(name: str) -> tuple[str, ...]:
    return tuple(_listed()[name])


def _has(sentence: _Sentence, phrase: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", sentence.text) is not None


@cache
def _ends_of_pairs() -> dict[str, tuple[int, int]]:
    """Of each word that may be an end of a scale: which pair it is of, and which end."""
    return {
        form: (number, side)
        for number, pair in enumerate(_listed()["opposites"])
        for side, forms in enumerate(pair)
        for form in forms.split("|")
    }


def _pair(word: str) -> int | None:
    known = _ends_of_pairs().get(word)
    return None if known is None else known[0]


def _are_opposites(one: str, other: str) -> bool:
    known = _ends_of_pairs()
    if one in known and other in known:
        return known[one][0] == known[other][0] and known[one][1] != known[other][1]
    return one == f"u{other}" or other == f"u{one}"


def _rule(name: str) -> dict[str, Any]:
    rule: dict[str, Any] = _listed()["rules"][name]
    return rule


def _finding(name: str, words: str) -> Finding:
    rule = _rule(name)
    reason = {language: said.replace("{found}", words) for language, said in rule["reason"].items()}
    return Finding(SurveyFault(rule["kind"]), Wording(**reason), Wording(**rule["proposal"]))
