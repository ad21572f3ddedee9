"""The register of whom to hear, and what became of names that people gave. No private people are in it; how to reach an
entry may name one, and is sealed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from sqlite3 import Row
from typing import Final

from storage import person_keys
from storage.db import Tx, fields_of, named
from storage.encryption import UNREADABLE
from storage.sealed_columns import IMPORT, PARTY_CONTACT

_COLUMNS = (
    "id, name, folded, kind, area, department, size, tags, contact IS NOT NULL AS has_contact, must, source, "
    "invited_at, declined_at"
)
_FIELDS = fields_of(_COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    id: int
    name: str
    folded: str
    kind: str
    area: str | None
    department: str | None
    size: str | None
    tags: tuple[str, ...]
    has_contact: int
    must: int
    source: str
    invited_at: int | None
    declined_at: int | None


def _party(row: Row) -> Party:
    return Party(**named(_FIELDS, row) | {"tags": tuple(json.loads(row["tags"]))})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewParty:
    name: str
    folded: str
    kind: str
    source: str
    area: str | None = None
    department: str | None = None
    size: str | None = None
    tags: tuple[str, ...] = ()
    contact: str | None = None
    must: bool = False


def put(tx: Tx, process_id: int, new: NewParty, now: int) -> int:
    """A new entry's id; of one that is there already its empty fields are filled, and what stands stays."""
    row = tx.only(
        """INSERT INTO parties (process_id, name, folded, kind, area, department, size, tags, must, source, added_at)
           VALUES (:process, :name, :folded, :kind, :area, :department, :size, :tags, :must, :source, :now)
           ON CONFLICT (process_id, folded) DO UPDATE SET
               area = coalesce(area, excluded.area), department = coalesce(department, excluded.department),
               size = coalesce(size, excluded.size), tags = CASE WHEN tags = '[]' THEN excluded.tags ELSE tags END,
               must = max(must, excluded.must)
           RETURNING id, contact IS NOT NULL AS has_contact""",
        process=process_id,
        name=new.name,
        folded=new.folded,
        kind=new.kind,
        area=new.area,
        department=new.department,
        size=new.size,
        tags=json.dumps(new.tags, ensure_ascii=False),
        must=int(new.must),
        source=new.source,
        now=now,
    )
    if new.contact and not row["has_contact"]:
        set_contact(tx, process_id, row["id"], new.contact)
    return int(row["id"])


def of_process(tx: Tx, process_id: int) -> list[Party]:
    rows = tx.all(f"SELECT {_COLUMNS} FROM parties WHERE process_id = :process", process=process_id)
    return [_party(row) for row in rows]


def by_id(tx: Tx, process_id: int, party_id: int) -> Party | None:
    row = tx.one(
        f"SELECT {_COLUMNS} FROM parties WHERE process_id = :process AND id = :id", process=process_id, id=party_id
    )
    return _party(row) if row else None


def set_contact(tx: Tx, process_id: int, party_id: int, contact: str) -> None:
    tx.run(
        "UPDATE parties SET contact = :contact WHERE process_id = :process AND id = :id",
        contact=tx.keys.seal(PARTY_CONTACT.at(process_id, party_id), contact),
        process=process_id,
        id=party_id,
    )


def contact(tx: Tx, process_id: int, party_id: int) -> str | None:
    """How an entry is reached."""
    return contacts(tx, process_id, party_id).get(party_id)


def contacts(tx: Tx, process_id: int, party_id: int | None = None) -> dict[int, str]:
    """How each entry is reached that has anything there, UNREADABLE where that is damaged; of one alone, if it is
    named."""
    rows = tx.all(
        """SELECT id, contact FROM parties
           WHERE process_id = :process AND contact IS NOT NULL AND (:id IS NULL OR id = :id)""",
        process=process_id,
        id=party_id,
    )
    return {row["id"]: tx.keys.open_or_mark(PARTY_CONTACT.at(process_id, row["id"]), row["contact"]) for row in rows}


def count(tx: Tx, process_id: int) -> int:
    return tx.count("SELECT count(*) AS parties FROM parties WHERE process_id = :process", process=process_id)


def mark_invited(tx: Tx, process_id: int, party_id: int | None, now: int) -> int:
    """One entry, or with None all that are not: the number of those that were not before."""
    return tx.run(
        """UPDATE parties SET invited_at = :now
           WHERE process_id = :process AND invited_at IS NULL AND (:id IS NULL OR id = :id)""",
        process=process_id,
        id=party_id,
        now=now,
    )


def mark_declined(tx: Tx, process_id: int, party_id: int, at: int | None) -> None:
    tx.run(
        "UPDATE parties SET declined_at = :at WHERE process_id = :process AND id = :id",
        process=process_id,
        id=party_id,
        at=at,
    )


def set_kind(tx: Tx, process_id: int, party_id: int, kind: str) -> None:
    tx.run(
        "UPDATE parties SET kind = :kind WHERE process_id = :process AND id = :id",
        process=process_id,
        id=party_id,
        kind=kind,
    )


def rename(tx: Tx, process_id: int, party_id: int, name: str, folded: str) -> None:
    """What was sent in its name keeps the name that was its own then."""
    tx.run(
        "UPDATE parties SET name = :name, folded = :folded WHERE process_id = :process AND id = :id",
        process=process_id,
        id=party_id,
        name=name,
        folded=folded,
    )


def by_folded(tx: Tx, process_id: int, folded: str) -> Party | None:
    row = tx.one(
        f"SELECT {_COLUMNS} FROM parties WHERE process_id = :process AND folded = :folded",
        process=process_id,
        folded=folded,
    )
    return _party(row) if row else None


def names(tx: Tx, process_id: int) -> dict[str, int]:
    """Folded name → the entry."""
    rows = tx.all("SELECT folded, id FROM parties WHERE process_id = :process", process=process_id)
    return {row["folded"]: row["id"] for row in rows}


def remove(tx: Tx, process_id: int, party_id: int) -> None:
    """Those who speak for it are not deleted; they speak for nobody then. What was sent keeps the name it had."""
    tx.erase("DELETE FROM parties WHERE process_id = :process AND id = :id", process=process_id, id=party_id)


def forget_contacts(tx: Tx, process_id: int) -> None:
    """On the deletion date: they may name people."""
    tx.erase("UPDATE parties SET contact = NULL WHERE process_id = :id AND contact IS NOT NULL", id=process_id)


@dataclass(frozen=True, slots=True)
class PartyProgress:
    """An entry in one flow: whether anybody came in who speaks for it, and began and sent in its name."""

    party: Party
    came: bool
    started: bool
    sent: bool


# How far anybody got in an entry's name: 3 sent, 2 began, 1 came. It looks no further than the first of them.
_REACHED = """CASE WHEN EXISTS (SELECT 1 FROM runs JOIN people ON people.id = person_id
                        WHERE party_id = parties.id AND counted_in = parties.process_id
                        AND flow <> 'start' AND (:flow = '' OR flow = :flow) AND sent_at IS NOT NULL) THEN 3
                   WHEN EXISTS (SELECT 1 FROM runs JOIN people ON people.id = person_id
                        WHERE party_id = parties.id AND counted_in = parties.process_id
                        AND flow <> 'start' AND (:flow = '' OR flow = :flow)) THEN 2
                   WHEN EXISTS (SELECT 1 FROM capacities JOIN people ON people.id = person_id
                        WHERE party_id = parties.id AND counted_in = parties.process_id) THEN 1 ELSE 0 END"""


def progress(tx: Tx, process_id: int, flow: str) -> list[PartyProgress]:
    """Every entry, with what the people who speak for it did; without a flow, in any."""
    rows = tx.all(
        f"SELECT {_COLUMNS}, {_REACHED} AS reached FROM parties WHERE process_id = :process",
        process=process_id,
        flow=flow,
    )
    return [PartyProgress(_party(row), *(row["reached"] >= far for far in (1, 2, 3))) for row in rows]


@dataclass(frozen=True, slots=True)
class PartyCount:
    """How many entries stand alike in one flow."""

    entries: int
    invited: bool
    declined: bool
    came: bool
    started: bool
    sent: bool


SPLITS: Final = ("kind", "area", "size", "department")  # in which entries are counted


def party_counts(
    tx: Tx, process_id: int, flow: str, split: str = "", without: str = ""
) -> list[tuple[str, PartyCount]]:
    """The same counted, by the split's key («» where an entry has none, or without a split); without a flow, in any,
    and without the entries of one kind."""
    key = f"coalesce({split}, '')" if split in SPLITS else "''"
    rows = tx.all(
        f"""SELECT {key} AS part, count(*) AS entries, invited_at IS NOT NULL AS invited,
                   declined_at IS NOT NULL AS declined, {_REACHED} AS reached
            FROM parties WHERE process_id = :process AND kind <> :without GROUP BY 1, 3, 4, 5""",
        process=process_id,
        flow=flow,
        without=without,
    )
    return [
        (
            row["part"],
            PartyCount(
                row["entries"],
                bool(row["invited"]),
                bool(row["declined"]),
                *(row["reached"] >= far for far in (1, 2, 3)),
            ),
        )
        for row in rows
    ]


# --- names that people gave -------------------------------------------------------------------------------


def decide(tx: Tx, process_id: int, name_hash: str, party_id: int | None) -> None:
    tx.run(
        """INSERT INTO name_decisions (process_id, name_hash, party_id) VALUES (:process, :hash, :party)
           ON CONFLICT DO UPDATE SET party_id = excluded.party_id""",
        process=process_id,
        hash=name_hash,
        party=party_id,
    )


def decided(tx: Tx, process_id: int) -> dict[str, int | None]:
    """Hash of a name → the entry it means; None where it was left out."""
    rows = tx.all("SELECT name_hash, party_id FROM name_decisions WHERE process_id = :process", process=process_id)
    return {row["name_hash"]: row["party_id"] for row in rows}


def decided_of(tx: Tx, process_id: int, name_hash: str) -> int | None:
    """The entry that one name means; None also where it was left out."""
    return tx.number(
        "SELECT party_id FROM name_decisions WHERE process_id = :process AND name_hash = :hash",
        process=process_id,
        hash=name_hash,
    )


# --- a file on its way in ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegisterImport:
    content: bytes
    mapping: str


def keep_import(tx: Tx, person_id: int, kept: RegisterImport, now: int) -> None:
    tx.run(
        """INSERT INTO imports (person_id, content, mapping, made_at)
           VALUES (:person, :content, :mapping, :now)
           ON CONFLICT DO UPDATE SET content = excluded.content, mapping = excluded.mapping,
               made_at = excluded.made_at""",
        person=person_id,
        content=tx.keys.seal_for(person_keys.of_person(tx, person_id), IMPORT.at(person_id), kept.content.hex()),
        mapping=kept.mapping,
        now=now,
    )


def kept_import(tx: Tx, person_id: int) -> RegisterImport | None:
    """None also of one that is damaged: the file is sent again."""
    row = tx.one("SELECT content, mapping FROM imports WHERE person_id = :person", person=person_id)
    if row is None:
        return None
    content = tx.keys.open_or_mark(IMPORT.at(person_id), row["content"], waits=True)
    return RegisterImport(bytes.fromhex(content), row["mapping"]) if content != UNREADABLE else None


def drop_import(tx: Tx, person_id: int) -> None:
    tx.erase("DELETE FROM imports WHERE person_id = :person", person=person_id)


def prune_imports(tx: Tx, before: int) -> None:
    tx.erase("DELETE FROM imports WHERE made_at < :before", before=before)
