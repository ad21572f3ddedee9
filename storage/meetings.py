"""Meetings, what was written about them, and their minutes. Who comes: storage.signups."""

from __future__ import annotations

import json
from dataclasses import dataclass
from sqlite3 import Row

from storage import person_keys
from storage.db import Tx
from storage.encryption import UNREADABLE
from storage.sealed_columns import MEETING_DRAFT, MEETING_REASON, MEETING_WORDS, MINUTES

_COLUMNS = """id, process_id, key, uid, version, file_digest, kind, flow, details, groups, areas, starts_at, ends_at,
              invites_at, signup_until, capacity, most_per_party, reminders, facilitator_id, made_at, changed_at,
              cancelled_at, why, attended, minutes_at"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingDetails:
    """What people read about a meeting. All of it may stand on a notice board."""

    title: str
    title_en: str = ""
    purpose: str = ""
    agenda: str = ""
    place: str = ""
    address: str = ""
    directions: str = ""
    link: str = ""
    led_by: str = ""

    @property
    def where(self) -> str:
        """Place and address on one line."""
        return ", ".join(part for part in (self.place, self.address) if part)

    def title_in(self, language: str) -> str:
        """The title in the language, where it has one in it; else the Danish."""
        return self.title_en if language == "en" and self.title_en else self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingFacts:
    """A meeting as somebody plans it. Times are UTC seconds."""

    kind: str
    details: MeetingDetails
    starts_at: int
    ends_at: int
    invites_at: int
    flow: str | None = None
    groups: tuple[str, ...] = ()  # empty: everybody
    areas: tuple[str, ...] = ()  # empty: everywhere
    signup_until: int | None = None
    capacity: int | None = None
    most_per_party: int | None = None
    reminders: tuple[str, ...] | None = None  # None: as the process says

    @property
    def signup_ends(self) -> int:
        return self.starts_at if self.signup_until is None else self.signup_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    id: int
    process_id: int
    key: str
    uid: str
    version: int
    file_digest: str | None
    facts: MeetingFacts
    facilitator_id: int | None
    made_at: int
    changed_at: int
    cancelled_at: int | None
    why: str
    attended: int | None
    minutes_at: int | None

    @classmethod
    def planned(
        cls, process_id: int, facts: MeetingFacts, now: int, *, facilitator_id: int | None = None, why: str = ""
    ) -> Meeting:
        """One that is not there yet, as it would be if it were made now. Its number is 0."""
        return cls(
            id=0,
            process_id=process_id,
            key="",
            uid="",
            version=0,
            file_digest=None,
            facts=facts,
            facilitator_id=facilitator_id,
            made_at=now,
            changed_at=now,
            cancelled_at=None,
            why=why,
            attended=None,
            minutes_at=None,
        )

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None


def _of(tx: Tx, row: Row) -> Meeting:
    facts = MeetingFacts(
        kind=row["kind"],
        details=MeetingDetails(**json.loads(row["details"])),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        invites_at=row["invites_at"],
        flow=row["flow"],
        groups=tuple(json.loads(row["groups"])),
        areas=tuple(json.loads(row["areas"])),
        signup_until=row["signup_until"],
        capacity=row["capacity"],
        most_per_party=row["most_per_party"],
        reminders=tuple(json.loads(row["reminders"])) if row["reminders"] else None,
    )
    return Meeting(
        id=row["id"],
        process_id=row["process_id"],
        key=row["key"],
        uid=row["uid"],
        version=row["version"],
        file_digest=row["file_digest"],
        facts=facts,
        facilitator_id=row["facilitator_id"],
        made_at=row["made_at"],
        changed_at=row["changed_at"],
        cancelled_at=row["cancelled_at"],
        why=tx.keys.open_or_mark(MEETING_REASON.at(row["process_id"], row["id"]), row["why"]) if row["why"] else "",
        attended=row["attended"],
        minutes_at=row["minutes_at"],
    )


def add(tx: Tx, process_id: int, key: str, uid: str, facts: MeetingFacts, now: int, *, file_digest: str | None) -> int:
    return tx.insert(
        """INSERT INTO meetings (process_id, key, uid, file_digest, kind, flow, details, groups, areas, starts_at,
                                 ends_at, invites_at, signup_until, capacity, most_per_party, reminders, made_at,
                                 changed_at)
           VALUES (:process, :key, :uid, :digest, :kind, :flow, :details, :groups, :areas, :starts, :ends,
                   :invites, :until, :capacity, :per_party, :reminders, :now, :now)""",
        process=process_id,
        key=key,
        uid=uid,
        digest=file_digest,
        now=now,
        **_written(facts),
    )


def change(tx: Tx, meeting_id: int, facts: MeetingFacts, version: int, why: str, changed_at: int) -> None:
    """`changed_at`: when time or place were changed last."""
    tx.run(
        """UPDATE meetings SET kind = :kind, flow = :flow, details = :details, groups = :groups, areas = :areas,
               starts_at = :starts, ends_at = :ends, invites_at = :invites, signup_until = :until,
               capacity = :capacity, most_per_party = :per_party, reminders = :reminders, version = :version,
               why = CASE WHEN :unreadable THEN why ELSE :why END, changed_at = :changed
           WHERE id = :id""",
        id=meeting_id,
        version=version,
        why=None if why == UNREADABLE else _sealed_reason(tx, meeting_id, why),
        unreadable=int(why == UNREADABLE),
        changed=changed_at,
        **_written(facts),
    )


def _sealed_reason(tx: Tx, meeting_id: int, why: str) -> bytes | None:
    if not why:
        return None
    process_id = tx.only("SELECT process_id FROM meetings WHERE id = :id", id=meeting_id)["process_id"]
    return tx.keys.seal(MEETING_REASON.at(process_id, meeting_id), why)


def _written(facts: MeetingFacts) -> dict[str, object]:
    details = {field: getattr(facts.details, field) for field in MeetingDetails.__slots__}
    return {
        "kind": facts.kind,
        "flow": facts.flow,
        "details": json.dumps(details, ensure_ascii=False),
        "groups": json.dumps(facts.groups),
        "areas": json.dumps(facts.areas),
        "starts": facts.starts_at,
        "ends": facts.ends_at,
        "invites": facts.invites_at,
        "until": facts.signup_until,
        "capacity": facts.capacity,
        "per_party": facts.most_per_party,
        "reminders": None if facts.reminders is None else json.dumps(facts.reminders),
    }


def note_file(tx: Tx, meeting_id: int, digest: str) -> None:
    """What the process file says of it now has been taken in."""
    tx.run("UPDATE meetings SET file_digest = :digest WHERE id = :id", id=meeting_id, digest=digest)


def cancel(tx: Tx, meeting_id: int, version: int, why: str, now: int) -> None:
    tx.run(
        """UPDATE meetings SET cancelled_at = :now, changed_at = :now, version = :version, why = :why
           WHERE id = :id AND cancelled_at IS NULL""",
        id=meeting_id,
        version=version,
        why=_sealed_reason(tx, meeting_id, why),
        now=now,
    )


def set_facilitator(tx: Tx, meeting_id: int, person_id: int | None) -> None:
    tx.run("UPDATE meetings SET facilitator_id = :person WHERE id = :id", id=meeting_id, person=person_id)


def set_attended(tx: Tx, meeting_id: int, attended: int) -> None:
    tx.run("UPDATE meetings SET attended = :attended WHERE id = :id", id=meeting_id, attended=attended)


def by_id(tx: Tx, process_id: int, meeting_id: int) -> Meeting | None:
    row = tx.one(
        f"SELECT {_COLUMNS} FROM meetings WHERE id = :id AND process_id = :process", id=meeting_id, process=process_id
    )
    return _of(tx, row) if row else None


def by_key(tx: Tx, process_id: int, key: str) -> Meeting | None:
    row = tx.one(
        f"SELECT {_COLUMNS} FROM meetings WHERE process_id = :process AND key = :key", process=process_id, key=key
    )
    return _of(tx, row) if row else None


def of_process(tx: Tx, process_id: int) -> list[Meeting]:
    """Every one, cancelled ones too; the earliest first."""
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM meetings WHERE process_id = :process ORDER BY starts_at, id", process=process_id
    )
    return [_of(tx, row) for row in rows]


def facilitated(tx: Tx, person_id: int) -> list[str]:
    """Keys of the meetings somebody leads."""
    return [
        row["key"] for row in tx.all("SELECT key FROM meetings WHERE facilitator_id = :id ORDER BY id", id=person_id)
    ]


# --- what was written about a meeting ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MeetingWords:
    id: int
    meeting_id: int
    person_id: int
    kind: str  # question, absent, objection
    point: int | None
    text: str
    at: int


_WORDS = "id, meeting_id, person_id, kind, point, content, at"


def _words(tx: Tx, row: Row) -> MeetingWords:
    id_, meeting_id, person_id, kind, point, content, at = row
    text = tx.keys.open_or_mark(MEETING_WORDS.at(meeting_id, person_id, kind, at), content)
    return MeetingWords(id_, meeting_id, person_id, kind, point, text, at)


def add_words(
    tx: Tx, meeting_id: int, person_id: int, kind: str, text: str, now: int, *, point: int | None = None
) -> None:
    tx.run(
        """INSERT INTO meeting_words (meeting_id, person_id, kind, point, content, at)
           VALUES (:meeting, :person, :kind, :point, :content, :now)""",
        meeting=meeting_id,
        person=person_id,
        kind=kind,
        point=point,
        content=tx.keys.seal_for(
            person_keys.of_person(tx, person_id), MEETING_WORDS.at(meeting_id, person_id, kind, now), text
        ),
        now=now,
    )


def take_back(tx: Tx, words_id: int, person_id: int) -> bool:
    return bool(
        tx.erase("DELETE FROM meeting_words WHERE id = :id AND person_id = :person", id=words_id, person=person_id)
    )


def words(tx: Tx, meeting_id: int) -> list[MeetingWords]:
    """Everybody's, oldest first."""
    rows = tx.all(f"SELECT {_WORDS} FROM meeting_words WHERE meeting_id = :meeting ORDER BY id", meeting=meeting_id)
    return [_words(tx, row) for row in rows]


def words_of(tx: Tx, person_id: int) -> list[MeetingWords]:
    rows = tx.all(f"SELECT {_WORDS} FROM meeting_words WHERE person_id = :person ORDER BY id", person=person_id)
    return [_words(tx, row) for row in rows]


# --- minutes ----------------------------------------------------------------------------------------------

_BEING_WRITTEN = 0  # the version of a draft
_CHANGE = 0  # the number under which a version says what has changed in it


@dataclass(frozen=True, slots=True)
class MinutesVersion:
    """Minutes as they were sent out. Never changed, and kept as long as the meeting is."""

    version: int  # from 1
    sent_at: int
    confirmed: int | None  # how many had confirmed it when the next took its place; None: it is in force
    objected: int | None


def minutes_versions(tx: Tx, meeting_id: int) -> list[MinutesVersion]:
    """Oldest first; the last is in force."""
    return [
        MinutesVersion(*row)
        for row in tx.all(
            """SELECT version, sent_at, confirmed, objected FROM minutes_versions WHERE meeting_id = :meeting
               ORDER BY version""",
            meeting=meeting_id,
        )
    ]


def latest_minutes(tx: Tx, meeting_id: int) -> int:
    """The version that is in force; 0 where none was sent."""
    versions = minutes_versions(tx, meeting_id)
    return versions[-1].version if versions else 0


def minutes(tx: Tx, meeting_id: int) -> list[str]:
    """The points as they were sent out last, in order."""
    latest = latest_minutes(tx, meeting_id)
    return points(tx, meeting_id, latest) if latest else []


def written(tx: Tx, meeting_id: int) -> list[str]:
    """The points as they are being written."""
    return points(tx, meeting_id, _BEING_WRITTEN)


def points(tx: Tx, meeting_id: int, version: int) -> list[str]:
    """Of one version, in order."""
    rows = tx.all(
        """SELECT number, content FROM minutes WHERE meeting_id = :meeting AND version = :version AND number > 0
           ORDER BY number""",
        meeting=meeting_id,
        version=version,
    )
    return [tx.keys.open_or_mark(MINUTES.at(meeting_id, version, row["number"]), row["content"]) for row in rows]


def what_changed(tx: Tx, meeting_id: int, version: int = _BEING_WRITTEN) -> str:
    """In words, what the version changes; of the draft if no version is given. Empty where nothing is said."""
    row = tx.one(
        "SELECT content FROM minutes WHERE meeting_id = :meeting AND version = :version AND number = :number",
        meeting=meeting_id,
        version=version,
        number=_CHANGE,
    )
    return tx.keys.open_or_mark(MINUTES.at(meeting_id, version, _CHANGE), row["content"]) if row else ""


def write_minutes(tx: Tx, meeting_id: int, points: list[str]) -> None:
    """In place of those that were being written. Nobody else sees them before they are sent."""
    tx.run(
        "DELETE FROM minutes WHERE meeting_id = :meeting AND version = :version AND number > 0",
        meeting=meeting_id,
        version=_BEING_WRITTEN,
    )
    for number, point in enumerate(points, 1):
        _put(tx, meeting_id, number, point)


def write_what_changed(tx: Tx, meeting_id: int, text: str) -> None:
    """Of the draft, in place of what was written before."""
    _put(tx, meeting_id, _CHANGE, text)


def _put(tx: Tx, meeting_id: int, number: int, text: str, version: int = _BEING_WRITTEN) -> None:
    tx.run(
        """INSERT INTO minutes (meeting_id, version, number, content) VALUES (:meeting, :version, :number, :content)
           ON CONFLICT (meeting_id, version, number) DO UPDATE SET content = excluded.content""",
        meeting=meeting_id,
        version=version,
        number=number,
        content=tx.keys.seal(MINUTES.at(meeting_id, version, number), text),
    )


def publish_minutes(tx: Tx, meeting_id: int, now: int) -> int:
    """As they are written now, as the next version. Returns its number. Those being written stay, to be gone on with,
    without what they say has changed."""
    version = latest_minutes(tx, meeting_id) + 1
    if changed := what_changed(tx, meeting_id):
        _put(tx, meeting_id, _CHANGE, changed, version)
    for number, point in enumerate(written(tx, meeting_id), 1):
        _put(tx, meeting_id, number, point, version)
    tx.run(
        "DELETE FROM minutes WHERE meeting_id = :meeting AND version = :draft AND number = :number",
        meeting=meeting_id,
        draft=_BEING_WRITTEN,
        number=_CHANGE,
    )
    tx.run(
        "INSERT INTO minutes_versions (meeting_id, version, sent_at) VALUES (:meeting, :version, :now)",
        meeting=meeting_id,
        version=version,
        now=now,
    )
    tx.run("UPDATE meetings SET minutes_at = :now WHERE id = :id", id=meeting_id, now=now)
    return version


def count_minutes_replies(tx: Tx, meeting_id: int, version: int, confirmed: int, objected: int) -> None:
    """What those who had a place said to a version that another takes the place of."""
    tx.run(
        """UPDATE minutes_versions SET confirmed = :confirmed, objected = :objected
           WHERE meeting_id = :meeting AND version = :version""",
        meeting=meeting_id,
        version=version,
        confirmed=confirmed,
        objected=objected,
    )


# --- under way --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """What somebody has told of a meeting and not said yes to: JSON."""

    meeting: int  # 0: a new one
    content: str


def draft_of(tx: Tx, person_id: int, meeting: int) -> StoredDraft | None:
    """None also of one that is damaged: it is told anew."""
    row = tx.one(
        "SELECT meeting, content FROM meeting_drafts WHERE person_id = :person AND meeting = :meeting",
        person=person_id,
        meeting=meeting,
    )
    return _draft(tx, person_id, row) if row else None


def _draft(tx: Tx, person_id: int, row: Row) -> StoredDraft | None:
    told = tx.keys.open_or_mark(MEETING_DRAFT.at(person_id, row["meeting"]), row["content"], waits=True)
    return StoredDraft(row["meeting"], told) if told != UNREADABLE else None


def drafts_of(tx: Tx, person_id: int) -> list[StoredDraft]:
    rows = tx.all(
        "SELECT meeting, content FROM meeting_drafts WHERE person_id = :person ORDER BY meeting",
        person=person_id,
    )
    return [draft for row in rows if (draft := _draft(tx, person_id, row)) is not None]


def put_draft(tx: Tx, person_id: int, meeting: int, content: str, now: int) -> None:
    tx.run(
        """INSERT INTO meeting_drafts (person_id, meeting, content, told_at) VALUES (:person, :meeting, :content, :now)
           ON CONFLICT (person_id, meeting) DO UPDATE SET content = excluded.content, told_at = excluded.told_at""",
        person=person_id,
        meeting=meeting,
        content=tx.keys.seal_for(person_keys.of_person(tx, person_id), MEETING_DRAFT.at(person_id, meeting), content),
        now=now,
    )


def drop_draft(tx: Tx, person_id: int, meeting: int) -> None:
    tx.run(
        "DELETE FROM meeting_drafts WHERE person_id = :person AND meeting = :meeting",
        person=person_id,
        meeting=meeting,
    )
