"""Mails that ask whether an address is somebody's: how many went to it, and whether it has said no. By a keyed hash of
the address, from which it can't be read, and which is no use without the key file."""

from __future__ import annotations

import hmac

from storage import hash_keys
from storage.db import Tx

_KEY = "mail recipients"


def recipient_of(tx: Tx, address: str) -> str:
    """Whose mailbox it is: the same for anna@…, ANNA@… and anna+1@…."""
    local, _, domain = address.casefold().rpartition("@")
    whole = f"{local.partition('+')[0] or local}@{domain}"
    return hmac.digest(hash_keys.of(tx, _KEY), whole.encode(), "sha256").hex()


def note(tx: Tx, recipient: str, now: int) -> None:
    tx.run(
        "INSERT INTO confirmation_mails (recipient, asked_at) VALUES (:recipient, :now)", recipient=recipient, now=now
    )


def take_back(tx: Tx, recipient: str) -> None:
    """The last one was not sent after all."""
    tx.run(
        """DELETE FROM confirmation_mails
           WHERE id = (SELECT max(id) FROM confirmation_mails WHERE recipient = :recipient)""",
        recipient=recipient,
    )


def to_recipient(tx: Tx, recipient: str, since: int) -> int:
    return tx.count(
        "SELECT count(*) FROM confirmation_mails WHERE recipient = :recipient AND asked_at > :since",
        recipient=recipient,
        since=since,
    )


def in_all(tx: Tx, since: int) -> int:
    return tx.count("SELECT count(*) FROM confirmation_mails WHERE asked_at > :since", since=since)


def decline(tx: Tx, recipient: str, now: int) -> None:
    tx.run(
        """INSERT INTO declined_recipients (recipient, declined_at) VALUES (:recipient, :now)
           ON CONFLICT (recipient) DO UPDATE SET declined_at = excluded.declined_at""",
        recipient=recipient,
        now=now,
    )


def has_declined(tx: Tx, recipient: str) -> bool:
    return tx.one("SELECT 1 FROM declined_recipients WHERE recipient = :recipient", recipient=recipient) is not None


def forget(tx: Tx, recipient: str) -> None:
    """It is confirmed: no mail was in vain."""
    tx.run("DELETE FROM confirmation_mails WHERE recipient = :recipient", recipient=recipient)


def prune(tx: Tx, asked_before: int, declined_before: int) -> None:
    tx.run("DELETE FROM confirmation_mails WHERE asked_at < :before", before=asked_before)
    tx.run("DELETE FROM declined_recipients WHERE declined_at < :before", before=declined_before)
