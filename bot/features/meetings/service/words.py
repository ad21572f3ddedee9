"""What people write about a meeting."""

from __future__ import annotations

from enum import StrEnum


class WordsKind(StrEnum):
    """The values stand in the database."""

    QUESTION = "question"  # sent in beforehand
    ABSENT = "absent"  # to be said for somebody who cannot come
    OBJECTION = "objection"  # to a point of the minutes
