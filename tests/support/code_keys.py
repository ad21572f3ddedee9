"""The keys of the code: by these steps, groups, roles, statuses, themes and answers are known in the code and the
database, and nobody is to meet them. Not here: the keys that a municipality gives its own areas, process and questions.
Ids of questions (F6) stand for themselves: the leader's guide, outlines and the export's own column name them on
purpose, and nothing else does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.access import Role
from bot.dialogue.acting_as import SOURCES
from bot.dialogue.file_words import BUCKETS, CHANNELS, TIES
from bot.flows.check import THEMES
from bot.flows.model import Audience, Group, QuestionKind
from bot.process.flows import flow_keys
from bot.process.plan import State
from reports.answers import STATUSES
from reports.register import PartyKind, RegisterField
from reports.table_words import Column
from tests.support.example import of_example, planned

_WORD = re.compile(r"(?<![\w/{.@=-])[\w+-]+(?![\w}=])")  # no command, address, placeholder or part of a mail address

# Words that people use too, in Danish: what says one of them may mean the word.
_DANISH = frozenset(
    (
        *("aldrig", "alle", "andet", "andre", "ansat", "arbejdsplads", "borger", "center", "delvist", "enig"),
        *("forening", "frivillig", "frivilligcenter", "front", "handicap", "havnen", "integration", "ja", "job"),
        *("justering", "kendskab", "klima", "kultur", "landsbyer", "lav", "leder", "linjer", "link", "lokaler", "mail"),
        *("midt", "mobil", "motivation", "natur", "nej", "nordby", "papir", "papirarbejde", "partner", "penge", "plan"),
        *("politiker", "regler", "revision", "sammenskriv", "skole", "socialt", "spejdere", "start", "status"),
        *("styregruppe", "sundhed", "synlighed", "telefon", "terminal", "tilbagemelding", "tro", "udvalg", "uenig"),
        *("unge", "vedtagelse", "vision", "web"),
        "sent",  # «for sent»
    )
)


def every_key() -> frozenset[str]:
    of_choices = {
        choice.key
        for versioned in planned(of_example()).flows.values()
        for question in versioned.flow.questions
        for choice in question.choices
    }
    kinds = (Group, Audience, QuestionKind, Role, State, PartyKind, RegisterField, Column)
    listed = (flow_keys(), SOURCES, THEMES, BUCKETS, CHANNELS, STATUSES, TIES, of_choices)
    keys = {str(member) for kind in kinds for member in kind} | {key for each in listed for key in each}
    return frozenset(key for key in keys if not re.fullmatch(r"[\d+-]+", key))


def question_ids() -> frozenset[str]:
    """But A4 and A5, which posters are printed on."""
    asked = (each.id for versioned in planned(of_example()).flows.values() for each in versioned.flow.questions)
    return frozenset(asked) - {"A4", "A5"}


def in_no_language(keys: frozenset[str]) -> frozenset[str]:
    """Those that are words nowhere: `ansat_front`, `hoering`."""
    return frozenset(key for key in keys if "_" in key or re.search("ae|oe|aa", key))


def not_danish(keys: frozenset[str]) -> frozenset[str]:
    """Those that are no words of Danish: the others, `leader`, and these."""
    return keys - _DANISH


def shown(text: str, keys: frozenset[str]) -> Iterator[str]:
    """The keys that stand in the text, as words of their own."""
    return (word for word in _WORD.findall(text) if word in keys)
