"""What is said of a fault in a file that people write, in plain words of either language: the faults that we find
ourselves, those of the YAML parser, and those of pydantic. The words stand in fault_words.yaml.

Belongs here: from a parser's or a model's complaint to what to do about it. Not here: finding faults, and on which line
they stand (yamltext.py, loader.py, bot.process).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Any, Self

import yaml

from bot.flows import reminder_rules
from bot.flows.fault_words import Bilingual, said
from bot.flows.model import LANGUAGES, Language

Location = tuple[str | int, ...]
_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "é": "e", " ": "_"})
_ENTRY = re.compile(r"^( *)(-?)")
_SHOWN = 30  # characters of a line that is pointed at


class FileFault(str):
    """«file:line: field: message», the field as `questions[3].text.da`, the message in English. `to` says the same in
    either language to somebody who has the file open: the line first, and the question by its id."""

    name: str
    line: int | None  # None: it is not in the file
    location: Location
    place: str  # «Q1, who»
    message: str

    def __new__(cls, name: str, line: int | None, location: Location, place: str, message: str) -> Self:
        parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
        field = "".join(parts).removeprefix(".")
        where = name if line is None else f"{name}:{line}"
        made = super().__new__(cls, f"{where}: {field}: {message}" if field else f"{where}: {message}")
        made.name, made.line, made.location, made.place, made.message = name, line, location, place, message
        return made

    def to(self, language: Language) -> str:
        where = self.name if self.line is None else said("line", file=self.name, line=self.line).to(language)
        message = in_words(self.message, language)
        known = not self.place or re.match(rf"{re.escape(self.place.partition(',')[0])}\b", message)
        return f"{where}: {message}" if known else f"{where}: {self.place}: {message}"


def in_words(message: str, language: Language) -> str:
    """The message in the language; as it is where it is known in English alone, as in a process file."""
    if isinstance(message, (Bilingual, FileFault)):
        return message.to(language)
    return message


# --- YAML that can't be read ------------------------------------------------------------------------------


def of_yaml(error: yaml.MarkedYAMLError, text: str) -> tuple[int, Bilingual]:
    """The line that is to be mended, from 1, and what to do there."""
    lines = text.split("\n")
    at = error.problem_mark.line if error.problem_mark else 0
    begun = error.context_mark.line if error.context_mark else at
    problem, context, line = error.problem or "", error.context or "", lines[min(at, len(lines) - 1)]
    match problem.split(" ", 1)[0], context.removeprefix("while ").split(" ", 1)[0]:
        case _ if isinstance(problem, Bilingual):
            return at + 1, problem
        case _ if "<block end>, but found '<scalar>'" in problem:
            return at + 1, said("yaml.quote")
        case _ if "expected <block end>" in problem and ("start>'" in problem or "found '-'" in problem):
            return at + 1, _indented(lines, at)
        case _ if "expected '<document start>'" in problem:
            return at + 1, _indented(lines, at)
        case "mapping", _:
            return at + 1, said("yaml.colon") if re.search(r":\s.*\S:(\s|$)", line) else _indented(lines, at)
        case "sequence", _:
            return at + 1, said("yaml.dash")
        case "could", _:
            return begun + 1, _without_colon(lines[begun].strip())
        case _ if context == "while parsing a flow mapping":
            return begun + 1, said("yaml.brace", sign="}")
        case _ if context == "while parsing a flow sequence":
            return begun + 1, said("yaml.brace", sign="]")
        case _ if "quoted scalar" in context:
            return begun + 1, said("yaml.backslash") if "escape" in problem else said("yaml.open")
        case _ if "cannot start any token" in problem or "anchor" in context or "alias" in context:
            return at + 1, said("yaml.first")
        case _ if "another document" in problem:
            return at + 1, said("yaml.two")
    return at + 1, said("yaml.other")


def _indented(lines: list[str], at: int) -> Bilingual:
    """Which line above this one should begin right under: the nearest of its kind whose beginning is the nearest."""
    begins, dash = _beginning(lines[at])
    best: tuple[int, int] | None = None
    for place in range(at - 1, -1, -1):
        if not lines[place].strip() or lines[place].lstrip().startswith("#"):
            continue
        start, is_entry = _beginning(lines[place])
        starts = (start,) if is_entry == dash else (start + 2,) if is_entry else ()
        for each in starts:
            if best is None or abs(each - begins) < abs(best[0] - begins):
                best = (each, place)
    if best is None or best[0] == begins:
        return said("yaml.indent")
    like = lines[best[1]].strip()
    like = like if dash else like.removeprefix("- ")
    return said("yaml.indent-under", like=like.partition(":")[0] + ":", line=best[1] + 1)


def _beginning(line: str) -> tuple[int, bool]:
    """In which column it begins, and whether it is an entry of a list."""
    found = _ENTRY.match(line)
    return (len(found[1]), bool(found[2])) if found else (0, False)


def _without_colon(line: str) -> Bilingual:
    word = line.removeprefix("- ")
    if found := re.match(r"(\w+):\S", word):
        return said("yaml.space", word=found[1])
    return said("yaml.no-colon", word=word[:_SHOWN])


# --- what a model will not have ---------------------------------------------------------------------------

_PATTERNS = {
    r"^[a-z0-9][a-z0-9_+-]*$": "pattern.key",
    r"^[a-z0-9][a-z0-9_-]*$": "pattern.key",
    r"^egen_[a-z0-9_]+$": "pattern.own-step",
    r"^Q[0-9]{1,2}[a-z]?$": "pattern.own-id",
    r"^[A-Z][0-9]{1,2}[a-z]?(\.[a-z0-9_-]+)?$": "pattern.id",
    r"^[^\s@]+@[^\s@]+\.[^\s@]+$": "pattern.email",
    r"^(\+45 ?)?[2-9]\d( ?\d\d){3}$": "pattern.phone",
    r"^(https://\S{3,300})?$": "pattern.link",
    r"^https://\S{3,300}$": "pattern.link",
    r"^https://\S+$": "pattern.link",
    f"^({reminder_rules.TOKEN})$": "pattern.reminder",
}
_KINDS = {
    "bool_type": "switch",
    "bool_parsing": "switch",
    "string_type": "text",
    "dict_type": "fields",
    "string_too_short": "empty-text",
    "missing": "field.missing",
}


def of_model(error: Any, known: Collection[str] = ()) -> str:
    """Of one entry of pydantic's `ValidationError.errors()`. `known`: the fields that the file can have somewhere."""
    kind, given, ctx = error["type"], error["input"], error.get("ctx", {})
    match kind:
        case "value_error":
            return str(ctx["error"]) if not isinstance(ctx["error"].args[0], Bilingual) else ctx["error"].args[0]
        case "extra_forbidden":
            return _unknown(str(error["loc"][-1]), known)
        case "enum" | "literal_error":
            return _one_of(given, ctx["expected"])
        case "string_pattern_mismatch":
            return _not_as_it_must_be(error["loc"], str(given), ctx["pattern"])
        case "tuple_type" | "list_type":
            return said("list", like=given) if isinstance(given, str) else said("entries")
        case "model_type" | "model_attributes_type":
            return said("wording") if ctx.get("class_name") == "Wording" else said("fields")
        case "too_short":
            return said("too-few", least=ctx["min_length"])
        case "too_long":
            return said("too-many", most=ctx["max_length"])
        case "string_too_long":
            return said("too-long", most=ctx["max_length"])
        case "greater_than_equal":
            return said("too-low", least=ctx["ge"])
        case "less_than_equal":
            return said("too-high", most=ctx["le"])
        case "missing" if error["loc"][-1] in LANGUAGES:
            return said(f"field.missing-{error['loc'][-1]}")
        case _ if kind in _KINDS:
            return said(_KINDS[kind], given=given)
        case _ if kind.startswith("int_"):
            return said("number")
        case _ if kind.startswith("date_"):
            return said("date")
    return said("other")


def fields_of(schema: Any) -> frozenset[str]:
    """The names of the fields in a model's JSON schema, at every depth."""
    if isinstance(schema, dict):
        here = schema.get("properties")
        names = frozenset(here) if isinstance(here, dict) else frozenset()
        return names.union(*(fields_of(part) for part in schema.values()))
    return frozenset().union(*(fields_of(part) for part in schema)) if isinstance(schema, list) else frozenset()


def near(word: str, known: Iterable[str]) -> str | None:
    """What was probably meant."""
    return next(iter(get_close_matches(word, list(known), 1, 0.6)), None)


def _unknown(name: str, known: Collection[str]) -> Bilingual:
    if name in known:
        return said("field.not-here")
    meant = near(name, known)
    return said("field.unknown") if meant is None else said("field.unknown-near", near=meant)


def _one_of(given: object, expected: str) -> Bilingual:
    meant = near(given, re.findall(r"'([^']+)'", expected)) if isinstance(given, str) else None
    danish = expected.replace(" or ", " eller ").replace("'", "")
    listed = Bilingual(expected, danish)
    return said("one-of", listed=listed) if meant is None else said("one-of-near", listed=listed, near=meant)


def _not_as_it_must_be(location: Location, given: str, pattern: str) -> Bilingual:
    if location[-1] == "flow" and given[:1].isupper():
        return said("pattern.flow")
    written = re.sub(r"[^a-z0-9_]", "", given.strip().lower().translate(_LETTERS)) or "koersel"
    return said(_PATTERNS.get(pattern, "pattern.other"), like=written)
