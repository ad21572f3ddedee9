"""The privacy notice sentence by sentence: what keeps each, and what shows that it is kept (docs/privacy.md)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from bot import texts
from bot.flows.model import LANGUAGES, Language
from bot.process import notice

ROOT = Path(__file__).parents[1]
SENTENCE_ENDS = re.compile(r"(?<=[.!?:])\s+(?=[A-ZÆØÅÉ{•])")
BY_THE_MUNICIPALITY = re.compile(r"the municipality: \w.{10,}")
PLACE = re.compile(r"`([\w/.]+\.py)::(\w+)`")


def _keys(language: Language) -> list[str]:
    parts = (*notice.SHORT, *(part for _, told in notice.SECTIONS for part in told))
    found = [f"notice.{part}{on}" for part in parts for on in ("", "@web")]
    return [key for key in found if texts.has(language, key)]


def _sentences(language: Language, key: str) -> list[str]:
    found = SENTENCE_ENDS.split(" ".join(texts.say(language, key).split()))
    return [sentence.removeprefix("• ") for sentence in found]


def _rows() -> list[tuple[str, str, str]]:
    lines = (ROOT / "docs" / "privacy.md").read_text("utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines if line.startswith("| ")]
    assert cells[0] == ["sentence", "kept by", "shown by"]
    return [(sentence, kept, shown) for sentence, kept, shown in cells[1:]]


def _defines(file: str, name: str) -> bool:
    """Whether the module has a function, a class or a value of the name at its outermost level."""
    for node in ast.parse((ROOT / file).read_text("utf-8")).body:
        match node:
            case ast.FunctionDef(name=found) | ast.AsyncFunctionDef(name=found) | ast.ClassDef(name=found):
                names = {found}
            case ast.Assign(targets=targets):
                names = {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=found)):
                names = {found}
            case _:
                names = set()
        if name in names:
            return True
    return False


def test_every_sentence_has_its_row_and_every_row_its_sentence() -> None:
    told = {sentence for key in _keys("da") for sentence in _sentences("da", key)}
    listed = [sentence for sentence, _, _ in _rows()]
    assert sorted(told - set(listed)) == []
    assert sorted(set(listed) - told) == []
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize(("sentence", "kept", "shown"), _rows())
def test_what_keeps_a_sentence_is_there_and_so_is_what_shows_it(sentence: str, kept: str, shown: str) -> None:
    if BY_THE_MUNICIPALITY.fullmatch(kept):
        assert shown == "–", sentence
        return
    for cell in (kept, shown):
        place = PLACE.fullmatch(cell)
        assert place is not None, f"{sentence} {cell}"
        assert _defines(place[1], place[2]), cell
    assert shown.startswith("`tests/") and "::test_" in shown
    assert not kept.startswith("`tests/")


def test_the_languages_tell_it_in_as_many_sentences() -> None:
    assert _keys("da") == _keys("en")
    different = [key for key in _keys("da") if len({len(_sentences(language, key)) for language in LANGUAGES}) > 1]
    assert different == []


def test_what_the_assessment_of_security_refers_to_is_there() -> None:
    places = PLACE.findall((ROOT / "docs" / "security.md").read_text("utf-8"))
    assert [f"{file}::{name}" for file, name in places if not _defines(file, name)] == []
    assert len(places) > 40
