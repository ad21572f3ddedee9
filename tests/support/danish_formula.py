"""What a formula of a Danish Excel comes to: as much of the language as the leader's guide uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_TOKEN = re.compile(r'\s*(?:("(?:[^"]|"")*")|(\d+)|([A-ZÆØÅ]+(?=\())|([A-Z]+\d+)|([();=]))')
_Value = str | int | bool


def worked_out(formula: str, cells: Mapping[str, str]) -> _Value:
    """Of `=HVIS(…)`, with the texts that stand in its cells, by their addresses. Raises ValueError where it is no
    formula, and KeyError for a cell that is not there."""
    begun, tokens = formula[:1], _tokens(formula[1:])
    found = _Reading([*tokens], cells)
    value = found.expression()
    if begun != "=" or found.tokens:
        raise ValueError(formula)
    return value


def _tokens(text: str) -> Iterator[str]:
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise ValueError(text[place:])
        yield found[0].strip()
        place = found.end()


class _Reading:
    def __init__(self, tokens: list[str], cells: Mapping[str, str]) -> None:
        self.tokens, self._cells = tokens, cells

    def expression(self) -> _Value:
        left = self._part()
        if self.tokens[:1] == ["="]:
            self.tokens.pop(0)
            return left == self._part()
        return left

    def _part(self) -> _Value:
        token = self.tokens.pop(0)
        if token.startswith('"'):
            return token[1:-1].replace('""', '"')
        if token.isdecimal():
            return int(token)
        if self.tokens[:1] == ["("]:
            return _called(token, self._between())
        return self._cells[token]

    def _between(self) -> list[_Value]:
        values: list[_Value] = []
        while self.tokens.pop(0) in ("(", ";"):
            values.append(self.expression())
            if self.tokens[0] == ")":
                self.tokens.pop(0)
                return values
        raise ValueError(self.tokens)


def _called(name: str, given: list[_Value]) -> _Value:
    match name, given:
        case "HVIS", [bool(condition), yes, no]:
            return yes if condition else no
        case "VENSTRE", [str(text), int(number)]:
            return text[:number]
        case "MIDT", [str(text), int(first), int(number)]:
            return text[first - 1 : first - 1 + number]
        case _:
            raise ValueError(name)
