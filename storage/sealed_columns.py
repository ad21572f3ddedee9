"""Every sealed column, and what ties a value to its place: table, column and the row's own key, authenticated with the
value (associated data), so that a value that is moved to another row or column is noticed there. A place is not to be
had without naming the row; nothing is sealed or opened without a place (storage.encryption)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from storage.encryption import SealedPlace


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """`key`: the columns, or SQL in their place, that name a row, and that never change under a value. The process is
    one of them where the row has it. `of`: of what is sealed with a person's or a response's own key, whose it is, and
    `owner` where that stands (storage.person_keys); the rest is about nobody."""

    table: str
    column: str
    key: tuple[str, ...]
    joined: str = ""  # what must be joined to have the key
    sealed_in: str = ""  # the table where values are sealed that are copied here
    of: Literal["", "person", "run", "author", "chat"] = ""
    owner: str = "person_id"  # in SQL: the person, the run or the chat
    _begin: str = field(init=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "_begin", f"{self.sealed_in or self.table}.{self.column}")

    def at(self, *row: int | str) -> SealedPlace:
        if len(row) != len(self.key):
            raise TypeError(f"a row of {self.table} is named by {', '.join(self.key)}")
        return SealedPlace("\x1f".join([self._begin, *map(str, row)]).encode())

    @property
    def value(self) -> str:
        """In SQL."""
        return f"{self.table}.{self.column}"

    @property
    def source(self) -> str:
        """In SQL, after FROM: rows with their keys."""
        return f"{self.table} {self.joined}"


# An answer moves to the history as it is: it is named by run, question and revision, which go with it.
ANSWER: Final = SealedColumn("answers", "content", ("run_id", "question", "revision"), of="run", owner="run_id")
HISTORY: Final = SealedColumn(
    "answer_history",
    "content",
    ("answers.run_id", "answers.question", "answer_history.revision"),
    joined="JOIN answers ON answers.id = answer_id",
    sealed_in="answers",
    of="run",
    owner="answers.run_id",
)
APART: Final = SealedColumn("answers_apart", "content", ("run_id", "question", "revision"), of="author", owner="run_id")
UPDATE: Final = SealedColumn("inbox", "payload", ("update_id",), of="chat", owner="lane")
UPDATE_NOTES: Final = SealedColumn("inbox", "notes", ("seq",), of="chat", owner="lane")
PAGE_NOTES: Final = SealedColumn("page_notes", "content", ("person_id", "address", "left_at"), of="person")
HELD_WORDS: Final = SealedColumn("held_words", "content", ("person_id", "channel", "said_at"), of="person")
IMPORT: Final = SealedColumn("imports", "content", ("person_id",), of="person")
LABEL: Final = SealedColumn("invitations", "label", ("process_id", "code_hash"))
OVERRIDE_REASON: Final = SealedColumn("step_changes", "why", ("process_id", "flow", "audience", "made_at"))
MEETING_REASON: Final = SealedColumn("meetings", "why", ("process_id", "id"))
NEEDS: Final = SealedColumn("signups", "needs", ("meeting_id", "person_id"), of="person")
MEETING_WORDS: Final = SealedColumn("meeting_words", "content", ("meeting_id", "person_id", "kind", "at"), of="person")
MINUTES: Final = SealedColumn("minutes", "content", ("meeting_id", "version", "number"))
MEETING_DRAFT: Final = SealedColumn("meeting_drafts", "content", ("person_id", "meeting"), of="person")
QUESTION_DRAFT: Final = SealedColumn("question_drafts", "content", ("person_id",), of="person")
BROADCAST: Final = SealedColumn("sendings", "content", ("process_id", "made_by", "made_at"))
EMAIL_ADDRESS: Final = SealedColumn("mailboxes", "address", ("person_id",), of="person")
EMAIL_CODE: Final = SealedColumn("mailboxes", "code", ("person_id",), of="person")
CALENDAR_CODE: Final = SealedColumn("calendars", "code", ("person_id",), of="person")
PERSONAL_LINK: Final = SealedColumn("personal_links", "secret", ("link_hash",))
HASH_KEY: Final = SealedColumn("hash_keys", "content", ("name",))
REPLY_ADDRESS: Final = SealedColumn("erasure_requests", "address", ("process_id", "number", "asked_at"), of="person")
REFUSAL_REASON: Final = SealedColumn("erasure_requests", "reason", ("process_id", "number", "asked_at"))
OBJECTION_WORDS: Final = SealedColumn("objections", "why", ("person_id", "made_at"), of="person")
OBJECTION_REASON: Final = SealedColumn("objections", "reason", ("person_id", "made_at"), of="person")
PARTY_CONTACT: Final = SealedColumn("parties", "contact", ("process_id", "id"))
PUBLISHED_SECRET: Final = SealedColumn("publications", "secret", ("process_id",))

COLUMNS: Final = (
    ANSWER,
    APART,
    HISTORY,
    UPDATE,
    UPDATE_NOTES,
    PAGE_NOTES,
    IMPORT,
    LABEL,
    OVERRIDE_REASON,
    MEETING_REASON,
    NEEDS,
    MEETING_WORDS,
    MINUTES,
    MEETING_DRAFT,
    QUESTION_DRAFT,
    BROADCAST,
    EMAIL_ADDRESS,
    EMAIL_CODE,
    CALENDAR_CODE,
    PERSONAL_LINK,
    HASH_KEY,
    HELD_WORDS,
    REPLY_ADDRESS,
    REFUSAL_REASON,
    OBJECTION_WORDS,
    OBJECTION_REASON,
    PARTY_CONTACT,
    PUBLISHED_SECRET,
)
