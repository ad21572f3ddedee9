"""What is said of a fault in a file: in both languages, with the same values, and nothing that the code never says."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import bot
from bot.flows import plain_danish
from bot.flows.fault_words import Bilingual, said, words

PUT_TOGETHER = {  # keys that the code makes of a part, by how they begin
    "group.": "model.py, by the group",
    "plan.": "loading.py, by the field",
    "field.missing-": "file_faults.py, by the language",
}


UNEVEN = {
    "choices.two",
    "choice.says-one-thing",
    "question.profile-off",
    "taste.du",
    "taste.du-at-a-table",
    "path.full",
}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_values() -> None:
    """But for a few, where the one names a thing that the other needs not."""
    uneven = {key for key, (en, da) in words().items() if placeholders(en) != placeholders(da)}
    assert uneven == UNEVEN


def test_the_danish_is_fit_to_print_and_ends_as_a_sentence() -> None:
    for key, (_, da) in words().items():
        assert list(plain_danish.faults(da)) == [], key
        parts = key.startswith(("group.", "path.of", "plan.opens", "plan.closes", "chat.place", "line", "danish.word"))
        ends_in_what_was_written = da.endswith("}")
        assert parts or ends_in_what_was_written or da.endswith((".", "?")), key


def test_every_key_is_said_somewhere() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in Path(bot.__file__).parent.rglob("*.py"))
    unused = [key for key in words() if f'"{key}"' not in source and not key.startswith(tuple(PUT_TOGETHER))]
    assert unused == []
    asked = set(re.findall(r'\bsaid\("([^"]+)"', source))
    assert asked <= set(words())


def test_a_value_in_two_languages_is_taken_in_that_of_the_sentence() -> None:
    made = said("twice", what=Bilingual("the ending", "slutningen"))
    assert (made.to("en"), made.to("da").partition(".")[0]) == ("the ending stands twice", "slutningen står to gange")
