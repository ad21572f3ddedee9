"""Invitations: public campaigns, and personal and role links whose codes are kept as hashes alone."""

from __future__ import annotations

from dataclasses import dataclass
from sqlite3 import Row

from storage.db import Tx, fields_of, named
from storage.sealed_columns import LABEL

_COLUMNS = """id, process_id, kind, code, label, role, stakeholder, flow, area, party_id, made_by, expires_at,
              used_at, revoked_at, answers_until, code_hash"""
_FIELDS = fields_of(_COLUMNS)[:-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    id: int
    process_id: int
    kind: str
    code: str | None
    label: str
    role: str | None
    stakeholder: str | None
    flow: str | None
    area: str | None
    party_id: int | None
    made_by: str
    expires_at: int | None
    used_at: int | None
    revoked_at: int | None
    answers_until: int | None = None  # of a late link: its step can be answered until then

    @property
    def tells(self) -> bool:
        """Whether it tells anything of whoever comes by it."""
        return (self.stakeholder, self.area, self.party_id) != (None, None, None)

    def is_open(self, now: int) -> bool:
        """Whether it can still be used: by many, or by one who has not yet. A late link, while one may answer by it:
        not once its entry is off the register."""
        if self.revoked_at is not None or (self.expires_at is not None and self.expires_at <= now):
            return False
        if self.answers_until is not None and self.party_id is None:
            return False
        return self.kind == "campaign" or self.used_at is None or self.answers_until is not None


def _invitation(tx: Tx, row: Row) -> Invitation:
    values, label = named(_FIELDS, row), row["label"]
    place = LABEL.at(row["process_id"], row["code_hash"])
    return Invitation(**values | {"label": tx.keys.open_or_mark(place, label) if label is not None else ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvitation:
    """An invitation to be made; `code` only where it is public."""

    process_id: int
    kind: str
    code_hash: str
    made_by: str
    code: str | None = None
    label: str = ""
    role: str | None = None
    stakeholder: str | None = None
    flow: str | None = None
    area: str | None = None
    party_id: int | None = None
    expires_at: int | None = None
    answers_until: int | None = None


def add(tx: Tx, new: NewInvitation, now: int) -> int:
    return tx.insert(
        """INSERT INTO invitations (process_id, kind, code, code_hash, label, role, stakeholder, flow, area, party_id,
                                    made_by, created_at, expires_at, answers_until)
           VALUES (:process, :kind, :code, :hash, :label, :role, :stakeholder, :flow, :area, :party, :made_by, :now,
                   :expires, :until)""",
        process=new.process_id,
        kind=new.kind,
        code=new.code,
        hash=new.code_hash,
        label=tx.keys.seal(LABEL.at(new.process_id, new.code_hash), new.label) if new.label else None,
        role=new.role,
        stakeholder=new.stakeholder,
        flow=new.flow,
        area=new.area,
        party=new.party_id,
        made_by=new.made_by,
        now=now,
        expires=new.expires_at,
        until=new.answers_until,
    )


def by_hash(tx: Tx, code_hash: str) -> Invitation | None:
    row = tx.one(f"SELECT {_COLUMNS} FROM invitations WHERE code_hash = :hash", hash=code_hash)
    return _invitation(tx, row) if row else None


def by_id(tx: Tx, process_id: int, invitation_id: int) -> Invitation | None:
    row = tx.one(
        f"SELECT {_COLUMNS} FROM invitations WHERE process_id = :process AND id = :id",
        process=process_id,
        id=invitation_id,
    )
    return _invitation(tx, row) if row else None


def use(tx: Tx, code_hash: str, process_id: int, now: int) -> Invitation | None:
    """An invitation to this process, unused, in time and not revoked, now used where it can be used but once."""
    row = tx.one(
        f"""UPDATE invitations SET used_at = coalesce(used_at, :now)
            WHERE code_hash = :hash AND process_id = :process AND revoked_at IS NULL
              AND (kind = 'campaign' OR used_at IS NULL) AND (expires_at IS NULL OR expires_at > :now)
              AND (answers_until IS NULL OR party_id IS NOT NULL)
            RETURNING {_COLUMNS}""",
        hash=code_hash,
        process=process_id,
        now=now,
    )
    return _invitation(tx, row) if row else None


def can_be_used(tx: Tx, code_hash: str, now: int) -> bool:
    """Whether there is an invitation that `use` would use, to whatever process."""
    return (
        tx.one(
            """SELECT 1 FROM invitations WHERE code_hash = :hash AND revoked_at IS NULL
               AND (kind = 'campaign' OR used_at IS NULL) AND (expires_at IS NULL OR expires_at > :now)
               AND (answers_until IS NULL OR party_id IS NOT NULL)""",
            hash=code_hash,
            now=now,
        )
        is not None
    )


def revoke(tx: Tx, process_id: int, invitation_id: int, now: int) -> bool:
    """False where there is nothing to revoke: no such invitation, revoked before, or a single one that is used and is
    no late link."""
    return tx.changed(
        """UPDATE invitations SET revoked_at = :now
           WHERE process_id = :process AND id = :id AND revoked_at IS NULL
             AND (kind = 'campaign' OR used_at IS NULL OR answers_until IS NOT NULL)""",
        process=process_id,
        id=invitation_id,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class InvitationUse:
    invitation: Invitation
    came: int  # people who came by it


def of_process(tx: Tx, process_id: int) -> list[InvitationUse]:
    """Newest first."""
    rows = tx.all(
        f"""SELECT {_COLUMNS}, (SELECT count(*) FROM people WHERE came_by = invitations.id AND counted_in IS NOT NULL)
            FROM invitations WHERE process_id = :process ORDER BY id DESC""",
        process=process_id,
    )
    return [InvitationUse(_invitation(tx, row), row[-1]) for row in rows]


def came(tx: Tx, invitation_id: int) -> int:
    """How many people came by it."""
    return tx.count(
        "SELECT count(*) AS came FROM people WHERE came_by = :id AND counted_in IS NOT NULL", id=invitation_id
    )


def note_failure(tx: Tx, who: str, now: int) -> None:
    tx.run("INSERT INTO failed_codes VALUES (:who, :now)", who=who, now=now)


def failures(tx: Tx, who: str, since: int) -> int:
    return tx.count("SELECT count(*) AS tried FROM failed_codes WHERE who = :who AND at > :since", who=who, since=since)


def prune_failures(tx: Tx, before: int) -> None:
    tx.run("DELETE FROM failed_codes WHERE at <= :before", before=before)


def forget_labels(tx: Tx, process_id: int) -> None:
    """On the deletion date: what the leader called a link may name people."""
    tx.erase("UPDATE invitations SET label = NULL WHERE process_id = :id AND label IS NOT NULL", id=process_id)
