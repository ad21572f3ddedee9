"""A database that was put back to an earlier moment: what everybody outside it holds from the time that is lost must
not come to mean something else, and what may have gone out is not sent again by itself (docs/decisions/0037)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from storage import inbox, prompts
from storage.db import Tx
from storage.heartbeats import BACKED_UP, COPIED, FETCHED, LOOKED, RESTORED, WRITTEN

_MINUTE = 60
LEAST_RECEIPTS: Final = 1000  # numbers of receipts that are left out, in each step
LEAST_IDS: Final = 1_000_000  # of messages and answers
IDS_A_SECOND: Final = 10  # and for each second that is lost
SCREENS: Final = 1000  # that somebody can have been shown, besides one for each second that is lost
CHANGES: Final = 100  # of a meeting: calendars take no entry whose number is lower than that of theirs
_BEATS = (COPIED, LOOKED, FETCHED, WRITTEN, BACKED_UP, RESTORED)


def moment(tx: Tx) -> int | None:
    """When the copy was made, or, where it does not say, when its bot was alive for the last time."""
    return tx.number(
        "SELECT max(at) FROM heartbeats WHERE name IN (SELECT value FROM json_each(:names))", names=json.dumps(_BEATS)
    )


def end_sessions(tx: Tx, now: int) -> None:
    """Everybody is logged out, and a holder of a role shows again in a chat who they are. What can be used but once may
    have been used: codes, links of mails, links that give a role."""
    tx.erase("DELETE FROM sessions")
    tx.erase("DELETE FROM proofs")
    tx.erase("DELETE FROM proof_codes")
    tx.erase("DELETE FROM proof_links")
    tx.erase("DELETE FROM moves")
    tx.run("UPDATE outbox SET links_closed = 1 WHERE code_hash IS NOT NULL")
    tx.run(
        """UPDATE invitations SET revoked_at = :now
           WHERE kind = 'role' AND used_at IS NULL AND revoked_at IS NULL""",
        now=now,
    )


def count_on(tx: Tx, lost: int, now: int) -> None:
    """No number that a person, a file or a calendar may hold from the seconds that are lost is given again."""
    tx.run("UPDATE receipt_numbers SET last = last + :more", more=LEAST_RECEIPTS + lost // _MINUTE)
    tx.run("UPDATE meetings SET version = version + :more", more=CHANGES)
    for table in ("outbox", "answers", "sendings"):
        _count_on_ids(tx, table, LEAST_IDS + lost * IDS_A_SECOND)
    _count_on_prompts(tx, lost, now)


def _count_on_ids(tx: Tx, table: str, more: int) -> None:
    if not tx.run("UPDATE sqlite_sequence SET seq = seq + :more WHERE name = :table", more=more, table=table):
        tx.run("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :more)", more=more, table=table)


def _count_on_prompts(tx: Tx, lost: int, now: int) -> None:
    """Every button from before is an old one, and words are not taken for the answer to a question that their writer
    has passed long since: it is shown first. Except to who had done something that was not settled yet."""
    least, more, under_way = prompts.number_at(now), lost + SCREENS, inbox.unsettled(tx)
    for update in under_way:
        _carry_over_tap(tx, update, least, more)
    tx.run("UPDATE prompts SET number = max(number, :least) + :more", least=least, more=more)
    tx.run(
        """UPDATE prompts SET message = NULL, continues = NULL, interrupted = NULL, maybe_from = NULL
           WHERE channel = 'telegram' AND person_id NOT IN (
               SELECT person_id FROM addresses WHERE channel = 'telegram'
               AND address IN (SELECT value FROM json_each(:chats)))""",
        chats=json.dumps([str(update.chat) for update in under_way]),
    )


def _carry_over_tap(tx: Tx, update: inbox.InboxUpdate, least: int, more: int) -> None:
    """A tap that was stored and not yet acted on goes on to mean the button that was tapped."""
    tap = update.update.get("callback_query")
    if update.state != "new" or not isinstance(tap, dict):
        return
    version, _, rest = str(tap.get("data", "")).partition(":")
    number, _, what = rest.partition(":")
    if not number.isdecimal() or int(number) not in _numbers_at(tx, update.chat):
        return
    moved: dict[str, Any] = {**tap, "data": f"{version}:{max(int(number), least) + more}:{what}"}
    inbox.rewrite(tx, update.update_id, update.chat, {**update.update, "callback_query": moved})


def _numbers_at(tx: Tx, chat: int) -> set[int]:
    rows = tx.all(
        """SELECT number FROM prompts JOIN addresses USING (channel, person_id)
           WHERE channel = 'telegram' AND address = :chat""",
        chat=str(chat),
    )
    return {row["number"] for row in rows}


@dataclass(frozen=True, slots=True)
class Figures:
    people: int
    answers: int
    sent: int  # times that somebody has sent their answers to a step
    due: int  # messages in the outbox


def figures(tx: Tx) -> Figures:
    return Figures(
        people=tx.count("SELECT count(*) FROM people"),
        answers=tx.count("SELECT (SELECT count(*) FROM answers) + (SELECT count(*) FROM answers_apart)"),
        sent=tx.count("SELECT count(*) FROM runs WHERE sent_at IS NOT NULL"),
        due=tx.count("SELECT count(*) FROM outbox WHERE state IN ('due', 'held')"),
    )


# --- what may have gone out -------------------------------------------------------------------------------


def hold(tx: Tx, now: int, but: Sequence[str], *, after: int) -> int:
    """Holds what was due by now, and what was enqueued after the message of that number; how many. Not messages of the
    kinds in `but`."""
    return tx.run(
        """UPDATE outbox SET state = 'held', leased_until = 0
           WHERE state = 'due' AND (due_at <= :now OR id > :after)
             AND kind NOT IN (SELECT value FROM json_each(:but))""",
        now=now,
        after=after,
        but=json.dumps(list(but)),
    )


def last_message(tx: Tx) -> int:
    """The number of the message that was enqueued last."""
    return tx.count("SELECT max(id) FROM outbox")
