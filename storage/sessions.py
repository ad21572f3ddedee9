"""Sessions on the web: which browser is whom, and for how long. A link starts a session and is none
(docs/decisions/0032).

OWASP ASVS 5.0, chapter V7: a session ends when nobody has used it for a while, and after a time in any case; sooner
where somebody at its address holds a role. Times are UTC seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from storage.db import Tx

_HOUR, _DAY = 3600, 86400
UNUSED: Final = (30 * _DAY, 12 * _HOUR)  # seconds without a request after which it ends; of who holds a role
LONGEST: Final = (90 * _DAY, 7 * _DAY)  # seconds after which it ends in any case; of who holds a role
NOTED: Final = 600  # seconds after which it is noted again that it is used
BY_MAIL: Final = "mail"  # how a session came about that a link in a mail has begun
SHORT: Final = 16  # characters of an id's hash that tell a session from the person's others
LOST_AFTER: Final = 5  # seconds without the new id, until the browser may come with the one before: it never got it

_COLUMNS = """id_hash, address, device, step, made_at, seen_at, changed_at,
              EXISTS (SELECT 1 FROM addresses JOIN roles USING (person_id)
                      WHERE channel = 'web' AND addresses.address = sessions.address) AS holds_role"""


@dataclass(frozen=True, slots=True)
class WebSession:
    id_hash: str
    address: str  # of its people on the web
    device: str
    step: str | None  # the one step it may answer; None: everything
    made_at: int
    seen_at: int
    changed_at: int | None  # when it got the id that no request has brought yet
    holds_role: int

    def is_over(self, now: int) -> bool:
        role = bool(self.holds_role)
        return now - self.seen_at >= UNUSED[role] or now - self.made_at >= LONGEST[role]

    def is_to_be_noted(self, now: int) -> bool:
        return self.changed_at is not None or now - self.seen_at >= NOTED


def find(tx: Tx, id_hash: str, now: int) -> WebSession | None:
    """The session of the id; none that is over."""
    row = tx.one(f"SELECT {_COLUMNS} FROM sessions WHERE id_hash = :hash", hash=id_hash)
    return _unless_over(WebSession(*row), now) if row is not None else None


def find_previous(tx: Tx, id_hash: str, now: int) -> WebSession | None:
    """The session of the id that it had before, where the browser has had the time to show the new one and has not."""
    row = tx.one(
        f"SELECT {_COLUMNS} FROM sessions WHERE previous = :hash AND changed_at <= :before",
        hash=id_hash,
        before=now - LOST_AFTER,
    )
    return _unless_over(WebSession(*row), now) if row is not None else None


def _unless_over(found: WebSession, now: int) -> WebSession | None:
    return None if found.is_over(now) else found


def begin(
    tx: Tx,
    id_hash: str,
    address: str,
    device: str,
    now: int,
    *,
    step: str | None = None,
    previous: str | None = None,
    came_by: str = "",
) -> None:
    """A new session. `previous`: the hash of what the browser brought before, should it never get the new id."""
    if previous is not None:
        tx.run("UPDATE sessions SET previous = NULL, changed_at = NULL WHERE previous = :previous", previous=previous)
    tx.run(
        """INSERT INTO sessions (id_hash, address, device, step, made_at, seen_at, previous, changed_at, came_by)
           VALUES (:hash, :address, :device, :step, :now, :now, :previous, :changed, :came_by)
           ON CONFLICT (id_hash) DO NOTHING""",
        hash=id_hash,
        address=address,
        device=device,
        step=step,
        now=now,
        previous=previous,
        changed=None if previous is None else now,
        came_by=came_by,
    )


def change_id(tx: Tx, old_hash: str, new_hash: str, now: int) -> None:
    """The same session under a new id; by the old one it is found only if the new one never comes. What was proven in
    it is to be proven again."""
    tx.run("DELETE FROM proofs WHERE channel = 'web' AND place = :old", old=old_hash)
    tx.run(
        "UPDATE sessions SET id_hash = :new, previous = :old, changed_at = :now WHERE id_hash = :old",
        old=old_hash,
        new=new_hash,
        now=now,
    )


def note_use(tx: Tx, found: WebSession, brought_hash: str, device: str, now: int) -> None:
    """It was used by the id that the browser brought: the other one, if there are two, is not its any more."""
    tx.run(
        """UPDATE sessions SET id_hash = :brought, previous = NULL, changed_at = NULL, seen_at = max(seen_at, :now),
                               device = :device WHERE id_hash = :hash""",
        brought=brought_hash,
        hash=found.id_hash,
        device=device,
        now=now,
    )


def came_by_mail(tx: Tx, id_hash: str) -> bool:
    row = tx.one("SELECT came_by FROM sessions WHERE id_hash = :hash", hash=id_hash)
    return row is not None and row["came_by"] == BY_MAIL


def end(tx: Tx, id_hash: str) -> None:
    tx.run("DELETE FROM sessions WHERE id_hash = :hash", hash=id_hash)


def end_all(tx: Tx, person_id: int, *, but: str | None = None) -> int:
    """Every session that leads to the person, except this one; how many."""
    return tx.run(
        """DELETE FROM sessions WHERE id_hash IS NOT :but AND address IN (
               SELECT address FROM addresses WHERE channel = 'web' AND person_id = :person)""",
        but=but,
        person=person_id,
    )


def of_person(tx: Tx, person_id: int, now: int) -> list[WebSession]:
    """Those that lead to the person and are not over, the one used last first."""
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM sessions
            WHERE address IN (SELECT address FROM addresses WHERE channel = 'web' AND person_id = :person)
            ORDER BY seen_at DESC, made_at DESC, id_hash""",
        person=person_id,
    )
    return [each for row in rows if not (each := WebSession(*row)).is_over(now)]


def prune(tx: Tx, now: int) -> None:
    """Forgets those that are over."""
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM sessions WHERE seen_at <= :unused OR made_at <= :longest",
        unused=now - min(UNUSED),
        longest=now - min(LONGEST),
    )
    for row in rows:
        if (each := WebSession(*row)).is_over(now):
            end(tx, each.id_hash)
