"""Every phrase in every language: asked for by the code, filled in alike, easy to read, short enough."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import bot
from bot import texts
from bot.access import Role
from bot.channels import web
from bot.channels.telegram.menu import LONGEST_DESCRIPTION, LONGEST_SHORT_DESCRIPTION
from bot.channels.web import render
from bot.features import COMMANDS, MESSAGES, PANELS
from bot.features.invitations.service import InvitationKind
from bot.features.meetings.service import drafts
from bot.flows import plain_danish
from bot.flows.check import THEMES
from bot.flows.engine import MAX_FIELD, MAX_TEXT
from bot.flows.loader import PolicyKind
from bot.flows.model import LANGUAGES, Language
from bot.process.loading import example, parse_file
from bot.process.notice import FORMS, Channels, notice_of
from bot.process.policy_words import makes_policy, the_policy
from tests.support.key_families import Untyped, families

KEY = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[a-z_-]+)*")
IN_A_TEMPLATE = re.compile(r"""say\(["']([a-z.-]+)["']((?:, \w+=)?)""")
ON_PAGES = "@web"  # what a phrase is called on the web, where it says something else there
TO_SEVERAL = "@jer"  # the same, where it speaks to an association
DU = re.compile(r"\b(?:du|dig|din|dit|dine)\b", re.IGNORECASE)
ME = re.compile(r"\b(?:jeg|mig|min|mit|mine)\b", re.IGNORECASE)
OF_NONE = ".zero"  # and of a phrase with a plural, where none is told in a sentence of its own
QUOTED: dict[Language, str] = {"da": "»([^{]+?)«", "en": "“([^{]+?)”"}
LONGEST_BUTTON = 24  # characters: three in a row are still whole on a small phone
LONGEST_NOTICE = 4000  # UTF-16 units, with the longest names there are
EARLIER = frozenset({"status"})  # what an older Besyv noted
COMMAND_LINE = frozenset({"export", "contacts", "deletion-moved", "questions-loaded", "clock-confirmed"})
HANDED_ON = frozenset({"action", "page.audited"})  # actions that come from elsewhere: the command line, a panel's line


def _sources() -> list[Path]:
    root = Path(bot.__file__).parents[1]
    return sorted(file for room in ("bot", "web", "reports") for file in (root / room).rglob("*.py"))


def _noted() -> Iterator[ast.expr]:
    """What the log of rights used is told, wherever it is told it: the action in each call that notes one."""
    for file in _sources():
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if ast.unparse(node.func) == "audit.note":
                    yield node.args[3]
                elif node.func.attr == "audit":
                    yield node.args[0]


def _actions(noted: ast.expr) -> frozenset[str]:
    """The action, or one of two; none where it does not stand there."""
    match noted:
        case ast.Constant(value=str(action)):
            return frozenset({action})
        case ast.IfExp(body=ast.Constant(value=str(one)), orelse=ast.Constant(value=str(other))):
            return frozenset({one, other})
        case _:
            return frozenset()


COMMAND_NAMES = frozenset(name for command in COMMANDS for name in command.names)

# Keys put together from what a table of ours holds, where a type would say no more than that it is text.
FROM_TABLES: dict[str, frozenset[str]] = {
    "command.": frozenset(command.name for command in COMMANDS),
    "message.": frozenset(MESSAGES),
    "theme.": frozenset(THEMES),
    "lead.": frozenset(page for page, panel in PANELS.items() if panel.in_menu),
    "log.": EARLIER
    | COMMAND_LINE
    | frozenset(action for noted in _noted() for action in _actions(noted))
    | frozenset(panel.audited for panel in PANELS.values() if panel.audited),
}

# What the type has and nobody is ever shown.
NEVER_SAID: dict[str, frozenset[str]] = {
    "role.": frozenset({Role.PARTICIPANT}),  # never stored
    "role-granted.": frozenset({Role.PARTICIPANT}),
    "links.kind.": frozenset({InvitationKind.CAMPAIGN}),  # has its code, and that is shown
    "planning.warn.": frozenset({"short"}),  # of a hearing, which has phrases of its own
    "planning.field.": frozenset({drafts.MeetingField.WHY, drafts.MeetingField.CANCELLED}),  # asked for, never listed
}


def _members(family: str) -> frozenset[str]:
    """What a key that is put together can end in (or have in its middle)."""
    if family in FROM_TABLES:
        return FROM_TABLES[family]
    derived = families()[family]
    if isinstance(derived, Untyped):
        return frozenset({f"{{{derived}: make it an enum or a Literal}}"})  # and no phrase is called so
    return derived - NEVER_SAID.get(family, frozenset())


PANEL_BUTTONS = (
    "lead.",
    "coverage.by.",
    "links.",
    "confirm.no",
    "page.next",
    "send.",
    "register.",
    "steps.to.",
    "together.title",
    "objection.go",
    "menu.leder",
    "menu.link",
    "menu.reminders",
    "meeting.look",
    "new-device.not-me",
    "command.privatliv",
    "enter.one",
    "confirm.no",
)

# What the phrases are filled with. Names and addresses are not ours to make easier: here they are short.
FILLING: dict[str, object] = {
    "process": "eksempel",
    "flow": "plan",
    "id": "Q1",
    "first": "et telefonnummer",
    "asked": "Hvad skal vi tale om på møderne?",
    "how": "Med deres egne ord",
    "found": "»senest«",
    "instead": "dagen",
    "setting": "BESYV-NAVN",
    "municipality": "Eksempel Kommune",
    "policy": "frivilligpolitik",
    "the_policy": "den reviderede frivilligpolitik",
    "makes_policy": "er ved at revidere sin frivilligpolitik",
    "department": "forvaltning",
    "the_department": "forvaltningen",
    "department_plural": "forvaltninger",
    "Department_plural": "Forvaltninger",
    "which_department": "hvilken forvaltning",
    "each_department": "hver forvaltning",
    "email": "post@by.example",
    "device": "Firefox på Android",
    "pseudonym": "p0123456789abcdef",
    "apart": "Eksempel Kommune",
    "copies": "30 dage",
    "left": 2,
    "browser": "Firefox",
    "system": "Android",
    "until": "den 2. april 2026",
    "phone": "20 30 40 50",
    "dpo": "dpo@by.example",
    "supplier": "Eksempel Drift ApS",
    "deletion_day": "den 1. juni 2031",
    "moment": "tirsdag den 3. marts 2026 kl. 19.00",
    "step": "Hvordan skal vi gribe arbejdet an?",
    "title": "Læg en plan",
    "answer": "Vi mangler et sted at være.",
    "name": "besyv-eksempel.csv",
    "listed": "47, 52",
    "status": "»Beskadiget«",
    "number": 3,
    "minutes": "cirka 5 minutter",
    "total": 6,
    "answers": "38 svar",
    "associations": "12",
    "guide": 9,
    "most": 3,
    "link": "https://by.example/s/1",
    "label": "Idræt",
    "thing": "billedet",
    "words": "Flere lokaler.",
    "question": "Hvad ønsker du dig?",
    "count": 12,
    "format": "CSV",
    "rows": 1200,
    "begun": 12,
    "sent": 9,
    "due": 3,
    "missed": 2,
    "roles": "Projektleder",
    "people": "12 personer",
    "known": 300,
    "invited": 290,
    "opened": 120,
    "missing": 120,
    "started": 90,
    "declined": 4,
    "silent": 170,
    "fewest": 5,
    "target": 40,
    "place": "Havnen",
    "size": "0-9",
    "where": "alle trin",
    "letter": "Kom og vær med.",
    "links": "https://by.example/i/1",
    "members": 7,
    "civil": 4,
    "municipal": 3,
    "volunteers": 2,
    "small": 6,
    "single": 20,
    "departments": 3,
    "front": 8,
    "code": "abcd-efgh",
    "check": "0123-4567-89ab-cdef",
    "example": "abcd-efgh",
    "case": "24-1234",
    "reason": "Svaret er del af sagen.",
    "group": "Forening",
    "said": "Havnen",
    "way": "på nettet",
    "other": "Koret",
    "columns": "Noter, CVR",
    "sheet": "Ark1",
    "others": "»Vejledning«, »Lister«",
    "row": 14,
    "added": 3,
    "changed": 2,
    "what": "mangler navn og springes over",
    "value": "Vestby",
    "state": "åbent",
    "audience": "alle",
    "why": "Vi fik flere svar.",
    "signs": "a1b2",
    "role": "Styregruppen",
    "who": "Styregruppen",
    "day": "mandag",
    "hour": "09.00",
    "mark": "8e91",
    "whom": "Telefon",
    "split": "Type",
    "names": "FDF, Nord IF",
    "when": "Nu",
    "end": "21.00",
    "directions": "Gå ind fra gården.",
    "purpose": "Vi taler om planen.",
    "agenda": "Kaffe",
    "needs": "En rampe",
    "version": 2,
    "choice": "Imødekommes delvist",
    "confirmed": 12,
    "objected": 1,
    "point": 2,
    "more": "12",
    "text": "Kom og vær med.",
    "date": "3.3.2026",
    "all": "30 personer",
    "clock": "09.00",
    "weekday": "tirsdag",
    "outcomes": "12 sendt, 2 kunne ikke nås",
    "which": "7 dage før",
    "told": "Husk mødet",
    "address": "anna@post.example",
    "typed": "anna at post",
    "before": "kl. 19.00",
    "after": "kl. 20.00",
    "sum": "3f9a0c77d21b",
    "now": "tirsdag den 3. marts 2026 kl. 19.00",
    "last": "mandag den 2. marts 2026 kl. 19.00",
}


# --- the catalogues ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Phrase:
    key: str
    forms: tuple[str, ...]  # one, or one and many

    @property
    def placeholders(self) -> frozenset[str]:
        return frozenset().union(*map(_placeholders, self.forms))


def _placeholders(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)


@cache
def phrases(language: Language) -> dict[str, Phrase]:
    found: dict[str, Phrase] = {}
    for message in texts.catalogue(language):
        if not message.id:
            continue  # the header
        key = message.id if isinstance(message.id, str) else message.id[0]
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        found[key] = Phrase(key, tuple(str(form) for form in forms))
    return found


def each(*beginnings: str, language: Language = "da") -> list[Phrase]:
    return [phrase for key, phrase in phrases(language).items() if key.startswith(beginnings or ("",))]


def filled(text: str) -> str:
    return text.format(**FILLING)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


# --- what the code asks for -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A call of say(), count() or button(): the keys it can mean, and the values it fills in."""

    where: str
    keys: frozenset[str]
    values: frozenset[str]
    one_key: bool
    known: bool = True


@cache
def asked() -> tuple[Asked, ...]:
    found: list[Asked] = []
    root = Path(bot.__file__).parents[1]
    for file in _sources():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                found += _asked_in(function, str(file.relative_to(root)))
    return tuple(dict.fromkeys(found))


@cache
def asked_in_templates() -> frozenset[str]:
    folder = Path(web.__file__).parent / "templates"
    return frozenset(key for file in folder.glob("*.html") for key, _ in IN_A_TEMPLATE.findall(file.read_text("utf-8")))


def _asked_in(function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> Iterator[Asked]:
    bound = {
        target.id: node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in ast.walk(function):
        if not isinstance(call, ast.Call):
            continue
        called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if called in (
            "page_of_words",
            "bare_page",
            "_ask_first",
            "unknown_link",
        ):  # a heading, what to do now, and perhaps a button
            headings = {key for argument in call.args for key in _keys(argument, bound)}
            endings = ("", "-what", "-use") if called == "_ask_first" else ("", "-what")
            told = frozenset(key + ending for key in headings for ending in endings)
            yield Asked(f"{name}:{call.lineno}", told, frozenset({"phone", "email"}), one_key=False)
        if called not in ("say", "count", "button", "on_channel"):
            continue
        prefix = "button." if called == "button" else ""
        keys = {prefix + key for argument in call.args for key in _keys(argument, bound)}
        values = {keyword.arg for keyword in call.keywords if keyword.arg}
        # `**` fills in what only the running code knows, and on_channel() nothing.
        known = all(keyword.arg for keyword in call.keywords) and called != "on_channel"
        if called == "count":
            values.add("number")
        if keys:
            yield Asked(f"{name}:{call.lineno}", frozenset(keys), frozenset(values), len(keys) == 1, known)


def _keys(argument: ast.expr, bound: dict[str, ast.expr]) -> Iterator[str]:
    match argument:
        case ast.Constant(value=str() as key) if KEY.fullmatch(key) and key not in LANGUAGES:
            yield key
        case ast.IfExp():
            yield from _keys(argument.body, bound)
            yield from _keys(argument.orelse, bound)
        case ast.Name() if argument.id in bound:
            value = bound[argument.id]
            if isinstance(value, ast.Constant | ast.IfExp | ast.JoinedStr):
                yield from _keys(value, {})
        case ast.JoinedStr(values=[ast.Constant(value=str() as beginning), ast.FormattedValue()]):
            if beginning != "button." and beginning[0] != "/":  # that one is button() itself; and no address is a key
                yield from (beginning + member for member in _members(beginning))
        case ast.JoinedStr(
            values=[ast.Constant(value=str() as beginning), ast.FormattedValue(), ast.Constant(value=str() as end)]
        ) if KEY.fullmatch(f"{beginning}x{end}"):
            yield from (beginning + member + end for member in _members(f"{beginning}…{end}"))


def test_every_phrase_the_code_asks_for_is_there_in_every_language() -> None:
    missing = [
        f"{call.where}: {key} ({language})"
        for call in asked()
        for key in sorted(call.keys)
        for language in LANGUAGES
        if key not in phrases(language)
    ]
    assert missing == []


def test_what_could_be_anything_makes_no_key() -> None:
    assert isinstance(families()["button."], Untyped)  # button() itself: its callers say which
    assert any(key.startswith("button.{str: ") for key in ("button." + member for member in _members("button.")))


def test_every_phrase_is_asked_for_somewhere() -> None:
    wanted = {key for call in asked() for key in call.keys} | asked_in_templates() | {key for _, key in render.MENU}
    bare = {key.removesuffix(TO_SEVERAL).removesuffix(ON_PAGES).removesuffix(OF_NONE) for key in phrases("da")}
    assert bare - wanted == set()


def test_every_phrase_the_pages_ask_for_is_there() -> None:
    assert {key for _, key in render.MENU} | asked_in_templates() <= set(phrases("da"))


def test_a_phrase_of_the_pages_stands_beside_the_one_it_replaces_and_fills_in_no_more() -> None:
    danish = phrases("da")
    wrong = [
        key
        for key, phrase in danish.items()
        if key.endswith(ON_PAGES)
        and (
            (replaced := danish.get(key.removesuffix(ON_PAGES))) is None or phrase.placeholders - replaced.placeholders
        )
    ]
    assert wrong == []


def test_what_several_are_told_stands_beside_what_one_is_told_and_says_i() -> None:
    """Only where it says something else: what one person is told says »du«, or their button »jeg«, and what several are
    told says neither."""
    danish = phrases("da")
    wrong = []
    for key, phrase in danish.items():
        if key.endswith(TO_SEVERAL):
            one = danish.get(key.removesuffix(TO_SEVERAL))
            stands = one is not None and phrase.placeholders == one.placeholders and not says(DU, phrase)
            if one is None or not stands or not (says(DU, one) or (says(ME, one) and not says(ME, phrase))):
                wrong.append(key)
        elif key.endswith(ON_PAGES) and key.removesuffix(ON_PAGES) + TO_SEVERAL in danish and says(DU, phrase):
            wrong += [key] if key + TO_SEVERAL not in danish else []
    assert wrong == []


def says(whom: re.Pattern[str], phrase: Phrase) -> bool:
    """Not in what a button is called: that is to whoever presses it."""
    return any(whom.search(re.sub("»[^«]*«", "", form)) for form in phrase.forms)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_of_none_belongs_to_a_phrase_with_a_plural_and_has_no_number(language: Language) -> None:
    listed = phrases(language)
    wrong = [
        key
        for key, phrase in listed.items()
        if key.endswith(OF_NONE)
        and (
            (counted := listed.get(key.removesuffix(OF_NONE))) is None
            or len(counted.forms) != 2
            or len(phrase.forms) != 1
            or phrase.placeholders - counted.placeholders
            or "number" in phrase.placeholders
        )
    ]
    assert wrong == []


def test_the_languages_have_the_same_phrases() -> None:
    assert [key for key in phrases("da") if not key.endswith(TO_SEVERAL)] == list(phrases("en"))


def test_a_phrase_has_the_same_placeholders_in_both_languages() -> None:
    english = phrases("en")
    wrong = [
        key
        for key, phrase in phrases("da").items()
        if [_placeholders(form) for form in phrase.forms]
        != [_placeholders(form) for form in english[key.removesuffix(TO_SEVERAL)].forms]
    ]
    assert wrong == []


def test_the_code_fills_in_what_the_phrase_asks_for_and_nothing_else() -> None:
    wrong = [
        f"{call.where}: {key} has {sorted(phrases('da')[key].placeholders)}, gets {sorted(call.values)}"
        for call in asked()
        if call.known
        for key in sorted(call.keys & set(phrases("da")))
        if not (
            phrases("da")[key].placeholders == call.values
            if call.one_key
            else phrases("da")[key].placeholders <= call.values
        )
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_is_empty_or_fuzzy(language: Language) -> None:
    assert [message.id for message in texts.catalogue(language) if message.fuzzy and message.id] == []
    wrong = [
        key
        for key, phrase in phrases(language).items()
        if any(form.strip() != form or not form for form in phrase.forms)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_says_what_it_is(language: Language) -> None:
    catalogue = texts.catalogue(language)
    assert (catalogue.charset, catalogue.num_plurals, catalogue.plural_expr) == ("utf-8", 2, "(n != 1)")


# --- easy to read -----------------------------------------------------------------------------------------


def test_no_danish_text_is_hard_to_read_or_uses_a_word_that_we_never_use() -> None:
    wrong = [
        f"{key}: {fault}"
        for key, phrase in phrases("da").items()
        for text in map(filled, phrase.forms)
        for fault in plain_danish.faults(text)
    ]
    assert wrong == []


@pytest.mark.parametrize("channel", ["telegram", "web"])
def test_the_notice_is_easy_to_read_as_a_whole_too(channel: str) -> None:
    found = notice_of(parse_file(example(), "example.yaml"))
    for page in (found.whole("da", channel), found.short("da", channel)):
        assert list(plain_danish.faults_of_page("\n".join(page))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrases_are_plain_text(language: Language) -> None:
    """No markup: everything is escaped before it is shown. And nobody is shouted at."""
    wrong = [
        key for key, phrase in phrases(language).items() if set("".join(map(filled, phrase.forms))) & set("<>&*_`!")
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_button_named_in_a_text_is_called_so(language: Language) -> None:
    labels = {_bare(phrase.forms[0]) for phrase in each("button.", *PANEL_BUTTONS, language=language)}
    wrong = [
        f"{key}: {named}"
        for key, phrase in phrases(language).items()
        for form in phrase.forms
        for named in re.findall(QUOTED[language], form)  # »{name}« names no button
        if named not in labels
    ]
    assert wrong == []


def _bare(label: str) -> str:
    return re.sub(r"\{\w+\}", "", label).strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_large_figure_in_a_text_is_filled_in_or_the_limit_that_the_code_keeps(language: Language) -> None:
    """A phrase of the pages fills in no more than the one of the chat, so one has its two limits in words."""
    limits = {texts.decimal(language, limit) for limit in (MAX_FIELD, MAX_TEXT)}
    figures = {
        key: set(found)
        for key, phrase in phrases(language).items()
        if (found := re.findall(r"\d+[.,]\d{3}\b", " ".join(phrase.forms)))
    }
    several = {"refusal.too-long@web@jer"} if language == "da" else set()
    assert figures == dict.fromkeys(("refusal.too-long@web", *several), limits)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_command_named_in_a_text_exists(language: Language) -> None:
    wrong = [
        f"{key}: /{name}"
        for key, phrase in phrases(language).items()
        for form in phrase.forms
        for name in re.findall(r"(?<![\w/.])/([a-z]+)", form)
        if name not in COMMAND_NAMES
    ]
    assert wrong == []


def test_a_field_of_a_panel_has_a_button_that_says_what_happens() -> None:
    """Wherever a panel asks for words, its button is called by what it does: none closes a step under «Gem»."""
    asking = [
        (f"{file.name}:{call.lineno}", {keyword.arg for keyword in call.keywords})
        for file in _sources()
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "Panel"
        if any(keyword.arg == "asks" for keyword in call.keywords)
    ]
    assert len(asking) > 25
    assert [where for where, given in asking if "send" not in given] == []


# --- short enough -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_are_short_and_differ(language: Language) -> None:
    labels = [phrase.forms[0] for phrase in each("button.", "group.open", "language.name", language=language)]
    fields = [phrase.forms[0] for phrase in each("send.", language=language)]
    assert [label for label in map(filled, labels + fields) if len(label) > LONGEST_BUTTON] == []
    doubled = {label for label in labels if labels.count(label) > 1}
    assert doubled == {phrases(language)["button.done"].forms[0]}  # in a question and in the review


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_telegram_shows_of_the_bot_is_within_its_limits(language: Language) -> None:
    """https://core.telegram.org/bots/api#setmydescription, #setmyshortdescription, #botcommand"""
    file = parse_file(example(), "example.yaml")
    for kind in PolicyKind:
        policy = file.policy.model_copy(update={"kind": kind, "da": "medborgerskabspolitik"})
        named = file.model_copy(update={"policy": policy})
        filling = {"municipality": "Ringkøbing-Skjern Kommune", "the_policy": the_policy(named, language)}
        makes = makes_policy(named, language)
        assert units(texts.say(language, "bot.description", **filling, makes_policy=makes)) <= LONGEST_DESCRIPTION
        assert units(texts.say(language, "bot.short", **filling)) <= LONGEST_SHORT_DESCRIPTION
    described = [phrase.forms[0] for phrase in each("command.", language=language)]
    assert [text for text in described if not 3 <= len(text) <= 60] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_fits_one_message_whatever_it_is_filled_with(language: Language) -> None:
    file = parse_file(example(), "example.yaml")
    long_mail = "frivilligpolitik-og-medborgerskab@ringkoebing-skjern-kommune.example"
    contacts = file.contacts.model_copy(update={"email": long_mail, "dpo": long_mail, "supplier": "S" * 200})
    named = file.municipality.model_copy(update={"name": "K" * 200})
    filled_in = file.model_copy(update={"contacts": contacts, "municipality": named})
    for channel in ("telegram", "web", "terminal"):
        assert units("\n\n".join(notice_of(filled_in).short(language, channel))) <= LONGEST_NOTICE


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_is_five_lines_first_and_no_part_of_it_is_empty(language: Language) -> None:
    found = notice_of(parse_file(example(), "example.yaml"))
    assert found.short(language, "telegram")[1].count("\n• ") == 4
    assert all(text.strip() == text != "" for text in found.everything())


def test_the_notice_names_everyone_and_everything_the_law_asks_for() -> None:
    """GDPR art. 13: who, the DPO, on what ground, who sees it, where it goes, for how long, one's rights."""
    file = parse_file(example(), "example.yaml")
    said = "\n".join(notice_of(file).whole("da", "telegram"))
    wanted = [
        *("Eksempel Kommune er dataansvarlig", "frivillig@eksempel-kommune.example", "20 30 40 50"),
        *("dpo@eksempel-kommune.example", "databeskyttelsesrådgiver", "Eksempel Drift ApS", "den 1. juni 2031"),
        *("artikel 6, stk. 1, litra e", "Styregruppen", "aktindsigt", "arkivloven", "uden for EU", "18 år"),
        *("indsigt", "rette", "slette", "indsigelse", "begrænse", "Datatilsynet", "automatiske afgørelser", "cookies"),
        *("/mine", "/ret", "/slet", "/stop", "datatilsynet.dk", "CPR"),
    ]
    assert [word for word in wanted if word not in said] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_tells_of_no_channel_that_there_is_not(language: Language) -> None:
    """On the web nobody is asked to write a command; where there is no bot, nothing is said of Telegram."""
    file = parse_file(example(), "example.yaml")
    on_the_web = "\n".join((*notice_of(file).short(language, "web"), *notice_of(file).whole(language, "web")))
    assert re.findall(r"(?<!\w)/[a-z]+", on_the_web) == []
    for channel in ("web", "terminal"):
        assert "Telegram" not in "\n".join(notice_of(file, Channels(telegram=False)).whole(language, channel))
    alone = "\n".join(notice_of(file, Channels(pages=False)).whole(language, "telegram"))
    assert "cookie" not in alone and "/web" not in alone


@pytest.mark.parametrize("channel", FORMS)
def test_the_notice_tells_of_copies_and_of_the_municipalitys_login_where_they_are(channel: str) -> None:
    file = parse_file(example(), "example.yaml")
    without = "\n".join(notice_of(file).whole("da", channel))
    assert "kommunens eget login" not in without and "Hver dag gemmer vi" not in without
    for days, said in ((1, "efter 1 dag."), (30, "efter 30 dage.")):
        told = "\n".join(notice_of(file, Channels(login=True, copies_kept=days)).whole("da", channel))
        assert "Logger du ind med kommunens eget login" in told
        assert f"Hver dag gemmer vi en sikkerhedskopi, som vi sletter igen {said}" in told


# --- looking up -------------------------------------------------------------------------------------------


def test_a_phrase_that_is_not_there_is_a_programmers_mistake() -> None:
    with pytest.raises(KeyError, match="no phrase said\\.nonsense in da"):
        texts.say("da", "said.nonsense")
    with pytest.raises(KeyError, match="no phrase said\\.nonsense in en"):
        texts.count("en", "said.nonsense", 2)


@pytest.mark.parametrize(
    ("language", "number", "said"),
    [
        ("da", 0, "0 punkter er gemt"),
        ("da", 1, "1 punkt er gemt"),
        ("da", 2, "2 punkter er gemt"),
        ("da", 1200, "1.200 punkter er gemt"),
        ("en", 0, "0 points are saved"),
        ("en", 1, "1 point is saved"),
        ("en", 1200, "1,200 points are saved"),
    ],
)
def test_one_and_many(language: Language, number: int, said: str) -> None:
    assert texts.count(language, "ideas.so-far", number) == said


@pytest.mark.parametrize(
    ("language", "number", "said"),
    [
        ("da", 0, "Ingen har brugt linket endnu"),
        ("da", 1, "1 person har brugt linket"),
        ("da", 1200, "1.200 personer har brugt linket"),
        ("en", 0, "Nobody has used the link yet"),
        ("en", 1, "1 person has used the link"),
    ],
)
def test_none_is_told_in_a_sentence_of_its_own(language: Language, number: int, said: str) -> None:
    assert texts.count(language, "links.came", number) == said


@pytest.mark.parametrize(
    ("language", "at", "said"),
    [
        ("da", datetime(2026, 3, 3, 18, 0, tzinfo=UTC), "tirsdag den 3. marts 2026 kl. 19.00"),
        ("en", datetime(2026, 3, 3, 18, 0, tzinfo=UTC), "Tuesday 3 March 2026 at 19:00"),
        ("da", datetime(2026, 6, 30, 22, 5, tzinfo=UTC), "onsdag den 1. juli 2026 kl. 00.05"),
        ("en", datetime(2026, 6, 30, 22, 5, tzinfo=UTC), "Wednesday 1 July 2026 at 00:05"),
    ],
)
def test_a_moment_is_told_in_danish_time(language: Language, at: datetime, said: str) -> None:
    assert texts.moment(language, int(at.timestamp())) == said


@pytest.mark.parametrize(
    ("language", "at", "said"),
    [
        ("da", datetime(2026, 12, 9, 23, 0, tzinfo=UTC), "onsdag den 9. december 2026 ved midnat"),
        ("en", datetime(2026, 12, 9, 23, 0, tzinfo=UTC), "Wednesday 9 December 2026 at midnight"),
        ("da", datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "torsdag den 31. december 2026 ved midnat"),
        ("da", datetime(2026, 6, 30, 22, 0, tzinfo=UTC), "tirsdag den 30. juni 2026 ved midnat"),
        ("da", datetime(2026, 12, 9, 22, 59, tzinfo=UTC), "onsdag den 9. december 2026 kl. 23.59"),
        ("da", datetime(2026, 12, 9, 23, 1, tzinfo=UTC), "torsdag den 10. december 2026 kl. 00.01"),
    ],
)
def test_a_deadline_at_midnight_is_told_as_the_evening_before(language: Language, at: datetime, said: str) -> None:
    assert texts.deadline(language, int(at.timestamp())) == said


@pytest.mark.parametrize(("language", "said"), [("da", "den 1. juli 2026"), ("en", "1 July 2026")])
def test_a_day_is_told_in_danish_time(language: Language, said: str) -> None:
    assert texts.day(language, int(datetime(2026, 6, 30, 22, 5, tzinfo=UTC).timestamp())) == said


@pytest.mark.parametrize(("language", "said"), [("da", "1. jul."), ("en", "1 Jul")])
def test_a_day_on_a_button_is_short(language: Language, said: str) -> None:
    assert texts.short_day(language, int(datetime(2026, 6, 30, 22, 5, tzinfo=UTC).timestamp())) == said


@pytest.mark.parametrize(("language", "said"), [("da", "1.234,5"), ("en", "1,234.5")])
def test_numbers_are_written_as_people_write_them(language: Language, said: str) -> None:
    assert texts.decimal(language, 1234.5) == said
