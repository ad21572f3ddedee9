"""Personal links: whoever opens one and says who they are comes in at its address on the web. Found by their hash; kept
encrypted besides, to be shown to their owner again."""

from __future__ import annotations

from storage.db import Tx


def put(tx: Tx, address: str, secret: str, link_hash: str, now: int) -> None:
    """A link to the address."""
    tx.run(
        """INSERT INTO personal_links (link_hash, address, secret, made_at) VALUES (:hash, :address, :secret, :now)""",
        hash=link_hash,
        address=address,
        secret=tx.keys.encrypt(secret),
        now=now,
    )


def keep(tx: Tx, secret: str, link_hash: str) -> None:
    """What a link is that was given out before links were kept; nothing where it is none."""
    if tx.one("SELECT 1 FROM personal_links WHERE link_hash = :hash AND secret IS NULL", hash=link_hash) is not None:
        sealed = tx.keys.encrypt(secret)
        tx.run("UPDATE personal_links SET secret = :secret WHERE link_hash = :hash", secret=sealed, hash=link_hash)


def newest(tx: Tx, address: str) -> str | None:
    """The secret of the link to the address that was made last."""
    row = tx.one(
        """SELECT secret FROM personal_links WHERE address = :address AND secret IS NOT NULL
           ORDER BY made_at DESC, link_hash LIMIT 1""",
        address=address,
    )
    return tx.keys.decrypt(row["secret"]) if row is not None else None


def address(tx: Tx, link_hash: str) -> str | None:
    """Where the link leads; None for one that is none, or none any more."""
    row = tx.one("SELECT address FROM personal_links WHERE link_hash = :hash", hash=link_hash)
    return None if row is None else str(row["address"])


def close_all(tx: Tx, person_id: int) -> None:
    """Every link that leads to the person."""
    tx.erase(
        """DELETE FROM personal_links WHERE address IN (
               SELECT address FROM addresses WHERE channel = 'web' AND person_id = :person)""",
        person=person_id,
    )


def made(tx: Tx, person_id: int) -> list[int]:
    """When those that lead to the person were made."""
    rows = tx.all(
        """SELECT made_at FROM personal_links WHERE address IN (
               SELECT address FROM addresses WHERE channel = 'web' AND person_id = :person) ORDER BY made_at""",
        person=person_id,
    )
    return [row["made_at"] for row in rows]
