"""Personal details in what people write: a telephone number, a mail address, somebody's illness, a third person's name.

Pure recognition; the word lists are data in personal_details.yaml and person_names.yaml. Of illness only what is said
of somebody («min mor har demens»), not what is said of a cause, a group or an association («Kræftens Bekæmpelse»). Who
names themselves is no third person. Not here: what is done about it (bot.dialogue.details).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import islice, pairwise
from typing import Any

import yaml

from bot.flows.engine import Answer
from bot.flows.model import Question, QuestionKind

_FEWEST_DIGITS = 8
_PLAIN_WORD = re.compile(r"[^\W\d_]+")


class DetailKind(StrEnum):
    """What was found, in the order in which it is told."""

    PHONE = "phone"
    MAIL = "mail"
    ILLNESS = "illness"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Detail:
    """`start` and `end` are places in the text as `normalised`."""

    kind: DetailKind
    start: int
    end: int
    words: str

    @property
    def known_by(self) -> tuple[DetailKind, str]:
        """The same, however it is spaced or capitalised."""
        if self.kind is DetailKind.PHONE:
            return self.kind, re.sub(r"\D", "", self.words)[-_FEWEST_DIGITS:]
        return self.kind, " ".join(self.words.casefold().split())


def normalised(text: str) -> str:
    """Each letter one character: an «å» may come as two."""
    return unicodedata.normalize("NFC", text)


def found_in(text: str) -> tuple[Detail, ...]:
    """What stands in the text, in its order; of two that overlap the first."""
    text = normalised(text)
    words = frozenset(_PLAIN_WORD.findall(text.casefold()))
    lists = _lists()
    found = [*_phones(text), *_mails(text)]
    if not lists.illnesses.isdisjoint(words):
        found += _illnesses(text)
    if not lists.given.isdisjoint(words) or not lists.titles.isdisjoint(words):
        found += _names(text)
    apart: list[Detail] = []
    for detail in sorted(found, key=lambda each: (each.start, -each.end)):
        if not apart or detail.start >= apart[-1].end or detail.kind is not apart[-1].kind:
            apart.append(detail)
    return tuple(apart)


# --- in an answer -----------------------------------------------------------------------------------------

_ABOUT_WHOM = ("profile", "partner")  # themes of questions that ask what an association, a council, a place is called


def may_stand(question: Question) -> bool:
    """Whether such details are what the question asks for, or lie apart from the answers anyway."""
    named = question.is_written and question.theme in _ABOUT_WHOM
    return named or question.apart or question.kind is QuestionKind.CONTACT


def found_anew(question: Question, before: tuple[Answer, ...], after: Answer) -> tuple[Detail, ...]:
    """What stands in the answer and in none of those of before; places are those in `text_of` it."""
    if may_stand(question) or not after.parts or any(after.parts == each.parts for each in before):
        return ()
    found = found_in(text_of(after))
    if not found:
        return ()
    known = {detail.known_by for each in before for detail in found_in(text_of(each))}
    return tuple(detail for detail in found if detail.known_by not in known)


def text_of(answer: Answer) -> str:
    """The person's own words, a line a message."""
    return normalised("\n".join(part.text for part in answer.parts))


# --- telephone numbers and mail addresses -----------------------------------------------------------------

_GAP = r"[ \u00a0\u202f.\u2010-\u2013-]"
_PHONE = re.compile(
    rf"(?<![\w/+])(?<!\d{_GAP})\(?(?:(?:\+|00)45\)?{_GAP}?)?"
    rf"(?:[2-9]\d(?:{_GAP}\d\d){{3}}|[2-9]\d{{3}}{_GAP}?\d{{4}})(?![\w/]|{_GAP}\d)"
)
_ABROAD = re.compile(rf"(?<![\w/+])(?:\+|00)(?!45)[1-9]\d{{0,2}}(?:{_GAP}?\d){{7,12}}(?![\w/])")
_AMOUNT = re.compile(r" ?(?:kr\b|kroner|mio|million|pct|%|,-|borgere|medlemmer|personer|people|members)", re.IGNORECASE)
_ANOTHER = re.compile(
    r"(?:cvr|\bse|\bp|konto|\breg|giro|bank|\bkort|sags?|sagen|faktura|ordre|ean|gln|iban|isbn|medlems?|matrikel"
    r"|journal|\bj|bilag|kunde|postn(?:r|umre)|account|case|invoice)"
    r"(?:[- .]{0,2}s?(?:nr|numre|nummer(?:et)?|number|no|id))?[.:#= -]*(?:(?:er|is|på|har)\b[.:#= -]*)?"
    r"(?:(?:nr|nummer|number)[. ]*)?$",
    re.IGNORECASE,
)
_NEAR = 40  # characters before a number in which it may be said what it is


def _phones(text: str) -> Iterator[Detail]:
    if sum(map(text.count, "0123456789")) < _FEWEST_DIGITS:
        return
    for found in _PHONE.finditer(text):
        begins, ends = found.span()
        before = text[max(begins - _NEAR, 0) : begins]
        if not (_is_of_days(found[0]) or _ANOTHER.search(before) or _AMOUNT.match(text, ends)):
            yield Detail(DetailKind.PHONE, begins, ends, found[0])
    for found in _ABROAD.finditer(text):
        yield Detail(DetailKind.PHONE, *found.span(), found[0])


def _is_of_days(number: str) -> bool:
    """2018 2019, 20260312, 31122026; 21 22 23 24 is counting."""
    digits = re.sub(r"\D", "", number)
    if number[0] in "+(0" or len(digits) != _FEWEST_DIGITS:
        return False
    pairs = [int(digits[at : at + 2]) for at in range(0, _FEWEST_DIGITS, 2)]
    centuries = (19, 20)
    years = pairs[0] in centuries and pairs[2] in centuries
    by_year = pairs[0] in centuries and 1 <= pairs[2] <= 12 and 1 <= pairs[3] <= 31 and digits == number
    by_day = 1 <= pairs[0] <= 31 and 1 <= pairs[1] <= 12 and pairs[2] in centuries and digits == number
    steps = {later - earlier for earlier, later in pairwise(pairs)}
    round_numbers = digits[1:4] == "000" or digits[5:] == "000"  # 2000 4000
    return years or by_year or by_day or steps == {1} or (round_numbers and digits != number)


_MAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}(?:@| ?[(\[](?:at|snabel-?a)[)\]] ?)[\w-]{1,63}(?:\.[\w-]{1,63})*\.[^\W\d_]{2,}",
    re.IGNORECASE,
)
_AT = ("@", "(at)", "[at]", "snabel")


def _mails(text: str) -> Iterator[Detail]:
    if any(sign in text for sign in _AT):
        yield from (Detail(DetailKind.MAIL, *found.span(), found[0]) for found in _MAIL.finditer(text))


# --- somebody's illness -----------------------------------------------------------------------------------

_LONGEST_BEFORE, _LOOKED_BEHIND = 120, 30  # characters around a diagnosis in which it is said whose it is
_MOST_ILLNESSES = 40  # that are looked at in one text: a bound for the hostile


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lists:
    illnesses: frozenset[str]
    given: frozenset[str]
    surnames: frozenset[str]
    also_words: frozenset[str]
    also_nouns: frozenset[str]
    no_surname: frozenset[str]
    titles: frozenset[str]
    called: frozenset[str]  # before a given name: who it is the name of
    begin_names: frozenset[str]
    endings: tuple[str, ...]
    illness: re.Pattern[str]


def _illnesses(text: str) -> Iterator[Detail]:
    lists, at = _lists(), 0
    told = (word for word in _PLAIN_WORD.finditer(text) if word[0].casefold() in lists.illnesses)
    for word in islice(told, _MOST_ILLNESSES):
        if word.start() < at:
            continue
        before = max(at, word.start() - _LONGEST_BEFORE)
        while (found := lists.illness.search(text, before, min(word.end() + _LOOKED_BEHIND, len(text)))) is not None:
            if found["named"] is None or found["named"].casefold() in lists.given:
                yield Detail(DetailKind.ILLNESS, *found.span(), found[0])
                at = found.end()
                break
            before = found.start("named") + 1


def _somebody_ill(listed: dict[str, str]) -> re.Pattern[str]:
    """«min mor har fået demens», «så fik hun en depression», «min demente far», «hendes demens», «min søn med adhd»."""
    ill, kin, posts = (f"(?:{'|'.join(listed[each].split())})" for each in ("illnesses", "relatives", "posts"))
    between = rf"(?:[ ,]+(?:{'|'.join(listed['between'].split())})){{0,7}}"
    mine = r"(?:min|mit|mine|din|hans|hendes|vores|sin|sine|my|our|his|her)"
    one = r"(?:en|one)(?: (?:i|fra|af|hos|in|from|of)(?: [^\W\d_]+){1,3})"
    named = r"(?P<named>[^\W\d_]+)(?:[ -][^\W\d_]+\.?){0,2}?"
    kin_of = rf"{mine}(?: [^\W\d_]+)?? {kin}"
    who = rf"(?:jeg|han|hun|he|she|{kin_of}|(?:vores |our |the )?{posts}|naboen|genboen|{one}|{named})"
    verb = (
        r"(?:har|havde|fik|får|lider|led|døde|dør|er|var|blev|bliver|gik|kæmper|fejler"
        r"|has|had|got|suffers?|died|is|was|became)"
    )
    has = rf"(?:{who}{between}[ ,]+{verb}|i (?:have|had|got|am|was|suffer)|i've|i'm)"
    ends = r"(?!\w|-)(?!(?<=stress) (?:af|over)\b)(?!(?<=angst) for\b)"
    return re.compile(
        rf"\b(?:{has}{between} {ill}"
        rf"|{verb} (?:jeg|han|hun|{mine} {kin}){between} {ill}"
        rf"|{mine} {ill} {kin}"
        rf"|{mine}(?: {kin}s?)? {ill}"
        rf"|(?:{mine}|har (?:et|en|to)) (?:[^\W\d_]+ )??{kin} (?:med|with){between} {ill}){ends}",
        re.IGNORECASE,
    )


@cache
def _read(name: str) -> dict[str, Any]:
    listed: dict[str, Any] = yaml.safe_load(files("bot.flows").joinpath(f"{name}.yaml").read_text(encoding="utf-8"))
    return listed


@cache
def _lists() -> _Lists:
    listed, names = _read("personal_details"), _read("person_names")
    words = {key: frozenset(told.split()) for key, told in (listed | names).items()}
    called = words["relatives"] | words["posts"] | words["relations"]
    return _Lists(
        illnesses=words["illnesses"],
        given=words["given"],
        surnames=words["surnames"],
        also_words=words["also_words"],
        also_nouns=words["also_nouns"],
        no_surname=words["no_surname"],
        titles=words["titles"],
        called=called,
        begin_names=words["given"] | words["titles"] | called,
        endings=tuple(names["endings"].split()),
        illness=_somebody_ill(listed),
    )


# --- a third person's name --------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_MOST_SURNAMES = 3
_ONESELF = re.compile(
    r"(?:hedder jeg|jeg hedder|jeg er|mit navn er|navn:|hilsen(?: fra)?|hilsner|m ?v ?h|\bv ?h|\bk ?h|undertegnede"
    r"|my name is|i am|i'm|regards|sincerely)[\s,.:!]*$",
    re.IGNORECASE,
)
_HOLY = ("sankt", "skt", "sct", "st", "kong", "dronning", "prins", "prinsesse", "king", "queen")
_BETWEEN_NAMES = (" ", ". ")  # behind an initial


def _names(text: str) -> Iterator[Detail]:
    words, begin_one = list(_WORD.finditer(text)), _lists().begin_names
    place = 0
    while place < len(words):
        first = words[place][0].casefold().partition("-")[0]
        last = _last_of_name(text, words, place) if first in begin_one else None
        if last is None:
            place += 1
            continue
        begins, ends = words[place].start(), words[last].end()
        if not _ONESELF.search(text[max(begins - _NEAR, 0) : begins]):
            yield Detail(DetailKind.NAME, begins, ends, text[begins:ends])
        place = last + 1


def _last_of_name(text: str, words: list[re.Match[str]], place: int) -> int | None:
    """The last word of the name that begins there; None where none does."""
    lists, word = _lists(), words[place][0]
    small = word.casefold()
    if small in lists.titles:
        follows = _follows(text, words, place) and words[place + 1][0][0].isupper()
        return place + 1 if follows and not _is_no_person(words[place + 1][0]) else None
    if small in lists.called and _follows(text, words, place):
        named = words[place + 1][0]
        behind = _last_of_name(text, words, place + 1)
        alone = named[0].isupper() and named.casefold() in lists.given and not _has_place(text, words, place + 1)
        return behind or (place + 1 if alone else None)
    if small.partition("-")[0] not in lists.given:
        return None
    if place and words[place - 1][0].casefold() in _HOLY:
        return None
    return _whole_name(text, words, place)


def _whole_name(text: str, words: list[re.Match[str]], place: int) -> int | None:
    """With its surnames; a given name alone is none."""
    lists, first = _lists(), words[place][0]
    capital, last = first[0].isupper(), place
    while last - place < _MOST_SURNAMES and _follows(text, words, last):
        word = words[last + 1][0]
        if not (word[0].isupper() if capital else _is_surname(word) or word in lists.given):
            break
        last += 1
    surnames = [found[0] for found in words[place + 1 : last + 1]]
    if not surnames or all(len(word) == 1 for word in surnames) or any(map(_is_no_person, surnames)):
        return None
    known = any(map(_is_surname, surnames))
    if not capital:
        is_one = known and first not in lists.also_words and surnames[-1] not in lists.also_nouns
        return last if is_one else None
    shouted = len(first) > 1 and first.isupper()
    if (first.casefold() in lists.also_words or shouted) and not known:
        return None
    return None if _has_place(text, words, last) else last


def _follows(text: str, words: list[re.Match[str]], place: int) -> bool:
    """Whether the next word stands right behind this one."""
    if place + 1 >= len(words):
        return False
    between = text[words[place].end() : words[place + 1].start()]
    short = len(words[place][0]) == 1 or words[place][0].casefold() in _lists().titles
    return between == " " or (short and between in _BETWEEN_NAMES)


def _has_place(text: str, words: list[re.Match[str]], last: int) -> bool:
    """«Peter Bangs vej»: what it is called after somebody."""
    return _follows(text, words, last) and _is_no_person(words[last + 1][0])


def _is_surname(word: str) -> bool:
    small = word.casefold()
    surnames = _lists().surnames
    return small in surnames or small.removesuffix("s") in surnames or small.endswith(("sen", "sens", "gaard", "gård"))


def _is_no_person(word: str) -> bool:
    lists, small = _lists(), word.casefold()
    return small in lists.no_surname or (small.endswith(lists.endings) and not _is_surname(word))
