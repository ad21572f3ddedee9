"""YAML text → plain values that remember their lines, and pydantic's complaints with file and line.

Belongs here: the strict subset of YAML that people write flows and process files in.
Not here: what such a file means (loader.py, bot.process), how a complaint is worded (file_faults.py), opening files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bot.flows import file_faults
from bot.flows.fault_words import said
from bot.flows.file_faults import FileFault, Location

M = TypeVar("M", bound=BaseModel)
Scalar = str | int | float | bool | None
YamlValue = Scalar | list["YamlValue"] | dict[str, "YamlValue"]
MAX_DEPTH = 20  # of mappings and lists in each other; ours have six
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")  # 0800 is a text: YAML 1.1 would read it as octal
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\.[0-9]+")
_SWITCHES = {"true": True, "false": False}
_UNCLEAR = frozenset({"yes", "no", "on", "off", "y", "n", "true", "false"})  # in any case but the two above
_WORD_QUOTES = "“”„"
_NAMES = ("id", "flow", "key")  # of an entry in a list
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))


class Faulty(ValueError):
    """A file that can't be used. `faults` has one «file:line: field: message» each; str() has one a line. Those that
    are a `FileFault` can be said in plain words of either language."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True, slots=True)
class Document:
    """The values of one file, and the line on which each of them stands. `elsewhere`: the parts that another file has,
    or this one in another place; the longest of them counts."""

    name: str
    values: dict[str, YamlValue]
    lines: Mapping[Location, int]
    elsewhere: Mapping[Location, tuple[Document, Location]] = field(default_factory=dict)

    def has(self, location: Sequence[str | int]) -> bool:
        home, there = self.home(location)
        return tuple(there) in home.lines

    def line(self, location: Sequence[str | int]) -> int:
        """The line of what stands there, or of the nearest thing around it."""
        home, there = self.home(location)
        known, _ = home._walk(there)
        return home.lines[known]

    def fault(self, location: Sequence[str | int], message: str) -> FileFault:
        """«file:line: field: message», the field as `questions[3].text.da`."""
        home, there = self.home(location)
        known, missing = home._walk(there)
        at = (*known, *missing)
        return FileFault(home.name, home.lines[known], at, home._place(at), message)

    def validate(self, model: type[M]) -> M:
        """Raises Faulty with every complaint of the model."""
        try:
            return model.model_validate(self.values)
        except ValidationError as error:
            fields = file_faults.fields_of(model.model_json_schema())
            raise Faulty(self.faults(error, fields=fields)) from error

    def faults(self, error: ValidationError, under: Location = (), fields: frozenset[str] = frozenset()) -> list[str]:
        """The complaints of a model that was made from what stands at `under`. `fields`: what it can have somewhere."""
        found = ((_fields(each["loc"]), file_faults.of_model(each, fields)) for each in error.errors())
        return [self.fault((*under, *at), message) for at, message in found]

    def home(self, location: Sequence[str | int]) -> tuple[Document, Location]:
        """The file that has what stands there, and where."""
        for length in range(len(location), 0, -1):
            if found := self.elsewhere.get(tuple(location[:length])):
                document, at = found
                return document, (*at, *location[length:])
        return self, tuple(location)

    def _place(self, location: Location) -> str:
        """The location as one says it: «Q1, text, da», an entry of a list by its id, key or step."""
        named: list[str] = []
        value: object = self.values
        for part in location:
            if isinstance(value, list) and isinstance(part, int):
                value = value[part] if part < len(value) else None
                if isinstance(value, dict):
                    named = _named(value, named)
            else:
                value = value.get(str(part)) if isinstance(value, dict) else None
                named.append(str(part))
        is_its_name = len(named) > 1 and named[-1] in _NAMES and value is not None
        return ", ".join(named[:-1] if is_its_name else named)

    def _walk(self, location: Sequence[str | int]) -> tuple[Location, Location]:
        """What of a location is in the file, and its last part where that is not.

        Pydantic puts names of union members between; they are passed over.
        """
        known: Location = ()
        for part in location:
            if (*known, part) in self.lines:
                known = (*known, part)
        missing = () if not location or known[-1:] == (location[-1],) else (location[-1],)
        return known, missing


def parse(text: str, name: str) -> Document:
    """The file's values: text, whole and decimal numbers, true and false, nothing, lists and mappings.

    Dates and times stay text. Raises Faulty for broken YAML, and for what is easily misread: tabs, a key that
    stands twice, unquoted yes, no, on and off, anchors, tags, and a file that is no mapping.
    """
    text = text.removeprefix("\ufeff")
    tabs = [number for number, line in enumerate(text.split("\n"), 1) if "\t" in line]
    if tabs:
        raise Faulty(FileFault(name, number, (), "", said("tab")) for number in tabs)
    try:
        root = yaml.compose(text, Loader=_Composer)
    except yaml.MarkedYAMLError as error:
        line, message = file_faults.of_yaml(error, text)
        raise Faulty([FileFault(name, line, (), "", message)]) from error
    except yaml.reader.ReaderError as error:
        raise Faulty([FileFault(name, text.count("\n", 0, error.position) + 1, (), "", said("control"))]) from error
    reading = _Reading(name)
    values = reading.value(root, ()) if root is not None else None
    if not reading.faults and not isinstance(values, dict):
        reading.faults.append(FileFault(name, 1, (), "", said("empty" if values is None else "no-fields")))
    if reading.faults or not isinstance(values, dict):
        raise Faulty(reading.faults)
    return Document(name, values, reading.lines)


class _Composer(yaml.SafeLoader):
    """Resolves nothing by itself: what a plain word means is decided in `_Reading`."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.yaml_implicit_resolvers = {}
        self.depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # untyped in the stubs
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, said("anchor"), mark)
        if self.depth == MAX_DEPTH:
            raise yaml.composer.ComposerError(None, None, said("depth"), mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _Reading:
    """One pass over a file's nodes, collecting lines and faults."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Location, int] = {(): 1}
        self.faults: list[str] = []

    def value(self, node: yaml.Node, at: Location) -> YamlValue:
        self.lines.setdefault(at, _line(node))
        if node.tag not in _PLAIN_TAGS:
            self._complain(node, at, said("tag", tag=node.tag))
            return None
        match node:
            case yaml.MappingNode():
                return self._mapping(node, at)
            case yaml.SequenceNode():
                return [self.value(item, (*at, place)) for place, item in enumerate(node.value)]
            case _:
                return self._scalar(node, at)

    def _mapping(self, node: yaml.MappingNode, at: Location) -> dict[str, YamlValue]:
        found: dict[str, YamlValue] = {}
        for key_node, value_node in node.value:
            key = self._scalar(key_node, at) if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str):
                self._complain(key_node, at, said("name"))
            elif key in found:
                self._complain(key_node, (*at, key), said("field-twice"))
            else:
                self.lines[(*at, key)] = _line(key_node)
                found[key] = self.value(value_node, (*at, key))
        return found

    def _scalar(self, node: yaml.Node, at: Location) -> Scalar:
        text = str(node.value)
        if isinstance(node, yaml.ScalarNode) and node.style is not None:
            return text
        if text in ("", "~", "null"):
            return None
        if text in _SWITCHES:
            return _SWITCHES[text]
        if text.casefold() in _UNCLEAR:
            self._complain(node, at, said("unclear", word=text))
            return text
        if text[0] in _WORD_QUOTES:
            self._complain(node, at, said("word-quotes", sign=text[0]))
        if _INTEGER.fullmatch(text) and len(text) < 19:
            return int(text)
        return float(text) if _DECIMAL.fullmatch(text) else text

    def _complain(self, node: yaml.Node, at: Location, message: str) -> None:
        place = str(at[-1]) if at and isinstance(at[-1], str) else ""
        self.faults.append(FileFault(self.name, _line(node), at, place, message))


def _named(entry: Mapping[str, object], before: list[str]) -> list[str]:
    """What leads to an entry of a list, with its name in the list's place; an id says enough by itself."""
    name = next((entry[each] for each in _NAMES if entry.get(each)), None)
    if name is None:
        return before
    return [str(name)] if "id" in entry else [*before[:-1], str(name)]


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _fields(location: Location) -> Location:
    """Without the tags of unions, `$own`, which nobody writes."""
    return tuple(part for part in location if not (isinstance(part, str) and part.startswith("$")))
