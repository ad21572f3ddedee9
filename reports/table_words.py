"""What stands above the columns of the files that people get, and what their values are called there. Not here: the
words themselves, which are phrases (bot.dialogue.file_words); which column holds what (answers.py, contacts.py)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Self

from bot.flows.model import Language
from reports.cells import Value


class Column(StrEnum):
    """The columns of answers and of contacts, by the keys that they have in JSON lines."""

    ANSWER_ID = "answer_id"
    PROCESS = "process"
    STEP = "step"
    FLOW = "flow"
    FLOW_VERSION = "flow_version"
    QUESTION = "question"
    KIND = "kind"
    ASKED = "asked"
    GROUP = "group"
    PARTICIPANT = "participant"
    RECEIPT = "receipt"
    SOURCE = "source"
    PEOPLE = "people"
    SPEAKS_FOR = "speaks_for"
    TIED_BY = "tied_by"
    CHANNEL = "channel"
    LANGUAGE = "language"
    TEXT = "text"
    VALUE = "value"
    CATEGORY = "category"
    SKIPPED = "skipped"
    STATUS = "status"
    REVISION = "revision"
    ANSWERED_AT = "answered_at"
    JOINT = "joint"
    MEMBERS = "members"
    MEMBERS_SENT = "members_sent"
    CAME_ON = "came_on"
    LATE = "late"
    OPTIONS_REVERSED = "options_reversed"
    AREA = "area"
    STEERING_GROUP = "steering_group"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableWords:
    """`headings`: column → what stands above it. `values`: column → key → what it is called; a key without a word, and
    a value that is no key, stands as it is. What the questions' own choices are called stands with the questions, in
    `language`. Without one the keys stand everywhere."""

    language: Language | None = None
    headings: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)

    def over(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """What stands above these columns."""
        return tuple(self.headings.get(column, column) for column in columns)

    def of(self, column: str, key: str | None) -> Value:
        """What the key is called in this column."""
        return None if key is None else self.values.get(column, {}).get(key, key)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(**json.loads(text))


KEYS = TableWords()  # for programs
