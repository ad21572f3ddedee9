"""Recipients of a message: a query of people that can be counted, and turned into messages in one statement.

Who has stopped, never said yes, or was entered by somebody else is in none of them. Whether people can be reached is
found when a message is sent.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from storage.db import Tx
from storage.people import TAKES_PART

_TAKES_PART = f"people.process_id = :process AND {TAKES_PART}"

_HERE = f"{_TAKES_PART} AND people.stopped_at IS NULL"

_WANTS = "people.reminders = 1"  # to be reminded of meetings and deadlines

_WANTS_NEWS = "people.news = 1"  # and of the rest

# In any of the capacities they answer in; the steering group by its role.
_OF_GROUPS = """(EXISTS (SELECT 1 FROM capacities WHERE capacities.person_id = people.id
                         AND stakeholder IN (SELECT value FROM json_each(:groups)))
                 OR ('styregruppe' IN (SELECT value FROM json_each(:groups))
                     AND EXISTS (SELECT 1 FROM roles WHERE roles.person_id = people.id AND role = 'steering')))"""

_AUDIENCE = """((:groups = '[]' AND :areas = '[]')
                OR EXISTS (SELECT 1 FROM capacities WHERE capacities.person_id = people.id
                           AND (:groups = '[]' OR stakeholder IN (SELECT value FROM json_each(:groups)))
                           AND (:areas = '[]' OR area IN (SELECT value FROM json_each(:areas))))
                OR ('styregruppe' IN (SELECT value FROM json_each(:groups)) AND :areas = '[]'
                    AND EXISTS (SELECT 1 FROM roles WHERE roles.person_id = people.id AND role = 'steering')))"""

_STEERING = (
    "EXISTS (SELECT 1 FROM roles WHERE roles.person_id = people.id AND role IN ('steering', 'leader', 'deputy'))"
)

_SIGNUP = "SELECT 1 FROM signups WHERE signups.person_id = people.id AND signups.meeting_id = :meeting"


@dataclass(frozen=True, slots=True)
class Recipients:
    """`sql` selects people's ids."""

    sql: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """What goes to each of them; `once` is made each one's own."""

    once: str
    kind: str
    about: str
    due_at: int
    expires_at: int
    rank: int = 0
    urgent: int = 0


def these(people: Sequence[int]) -> Recipients:
    """Exactly these, by their ids."""
    return Recipients("SELECT value AS id FROM json_each(:people)", {"people": json.dumps(people)})


def count(tx: Tx, whom: Recipients) -> int:
    return tx.count(f"SELECT count(*) AS people FROM ({whom.sql})", **whom.values)


def includes(tx: Tx, whom: Recipients, person_id: int) -> bool:
    return tx.one(f"SELECT 1 FROM ({whom.sql}) WHERE id = :person", person=person_id, **whom.values) is not None


def enqueue(tx: Tx, whom: Recipients, message: QueuedMessage) -> int:
    """A message to each, to nobody twice; how many."""
    return tx.run(
        f"""INSERT INTO outbox (once, person_id, kind, about, due_at, expires_at, rank, urgent)
            SELECT :once || ':' || id, id, :kind, :about, :due, :expires, :rank, :urgent FROM ({whom.sql}) WHERE true
            ON CONFLICT (once) DO NOTHING""",
        once=message.once,
        kind=message.kind,
        about=message.about,
        due=message.due_at,
        expires=message.expires_at,
        rank=message.rank,
        urgent=message.urgent,
        **whom.values,
    )


# --- meetings ---------------------------------------------------------------------------------------------


def _meeting(process_id: int, meeting_id: int, groups: Sequence[str], areas: Sequence[str]) -> dict[str, Any]:
    return {"process": process_id, "meeting": meeting_id, "groups": json.dumps(groups), "areas": json.dumps(areas)}


def audience(
    process_id: int, meeting_id: int, groups: Sequence[str], areas: Sequence[str], *, steering: bool
) -> Recipients:
    """Everybody a meeting is for, whatever they have said to it and to messages."""
    whose = _STEERING if steering else _AUDIENCE
    values = _meeting(process_id, meeting_id, groups, areas)
    return Recipients(f"SELECT people.id FROM people WHERE {_TAKES_PART} AND {whose}", values)


def to_invite(everyone: Recipients) -> Recipients:
    """Of a meeting's audience those who want messages and have not said whether they come."""
    return Recipients(f"{everyone.sql} AND {_WANTS} AND NOT EXISTS ({_SIGNUP})", everyone.values)


def to_remind(everyone: Recipients, *, unanswered: bool) -> Recipients:
    """Who has a place or may come; with `unanswered` also those it is for who have not said."""
    signed = f"SELECT people.id FROM people WHERE {_HERE} AND {_WANTS} AND EXISTS ({_SIGNUP} AND {_COMING})"
    both = f"{signed} UNION {to_invite(everyone).sql}" if unanswered else signed
    return Recipients(both, everyone.values)


_COMING = "(answer = 'maybe' OR (answer = 'yes' AND placed = 1))"


def to_tell_of_change(process_id: int, meeting_id: int, kinds: Sequence[str]) -> Recipients:
    """Those who said yes or maybe, whatever they said to other messages; and those who were told of the meeting (or may
    have been: tried and not settled, or held), want messages, and have not said no."""
    told = """EXISTS (SELECT 1 FROM outbox WHERE outbox.person_id = people.id AND about = :told_of
                      AND kind IN (SELECT value FROM json_each(:kinds))
                      AND (state IN ('sent', 'held') OR (state = 'due' AND attempts > 0)))"""
    sql = f"""SELECT people.id FROM people WHERE {_HERE}
              AND (EXISTS ({_SIGNUP} AND answer IN ('yes', 'maybe'))
                   OR ({_WANTS} AND NOT EXISTS ({_SIGNUP}) AND {told}))"""
    return Recipients(
        sql, {"process": process_id, "meeting": meeting_id, "told_of": str(meeting_id), "kinds": json.dumps(kinds)}
    )


def coming(process_id: int, meeting_id: int) -> Recipients:
    """Who has a place."""
    sql = f"SELECT people.id FROM people WHERE {_HERE} AND EXISTS ({_SIGNUP} AND answer = 'yes' AND placed = 1)"
    return Recipients(sql, {"process": process_id, "meeting": meeting_id})


# --- steps ------------------------------------------------------------------------------------------------


def not_answered(process_id: int, flow: str, groups: Sequence[str]) -> Recipients:
    """Of the groups those who want messages and have neither sent the flow nor taken it back."""
    sql = f"""SELECT people.id FROM people WHERE {_HERE} AND {_WANTS}
              AND {_OF_GROUPS}
              AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.person_id = people.id AND flow = :flow
                              AND (sent_at IS NOT NULL OR withdrawn_at IS NOT NULL))"""
    return Recipients(sql, {"process": process_id, "flow": flow, "groups": json.dumps(groups)})


def unfinished(process_id: int, flow: str, groups: Sequence[str], quiet_since: int, begun_since: int) -> Recipients:
    """Of the groups those who want messages, have begun the flow after `begun_since`, not sent it, and told nothing
    since `quiet_since`."""
    sql = f"""SELECT DISTINCT people.id FROM people JOIN runs ON runs.person_id = people.id AND runs.flow = :flow
              WHERE {_HERE} AND {_WANTS}
              AND runs.stakeholder IN (SELECT value FROM json_each(:groups))
              AND runs.sent_at IS NULL AND runs.withdrawn_at IS NULL
              AND runs.started_at <= :quiet AND runs.started_at > :begun
              AND NOT EXISTS (SELECT 1 FROM answers WHERE answers.run_id = runs.id AND answered_at > :quiet)
              AND NOT EXISTS (SELECT 1 FROM answers_apart WHERE run_id = runs.id AND answered_at > :quiet)"""
    return Recipients(
        sql,
        {"process": process_id, "flow": flow, "groups": json.dumps(groups), "quiet": quiet_since, "begun": begun_since},
    )


def to_tell_of_opening(
    process_id: int, flow: str, groups: Sequence[str], *, told_since: int, newcomers: bool
) -> Recipients:
    """Of the groups those who want news, have sent something before (`newcomers`: or nothing yet), and have not
    begun this flow; not where they were told of the same flow since then or are about to be."""
    sql = f"""SELECT people.id FROM people WHERE {_HERE} AND {_WANTS_NEWS}
              AND {_OF_GROUPS}
              AND (:newcomers = 1 OR EXISTS (SELECT 1 FROM runs WHERE runs.person_id = people.id AND flow <> 'start'
                                             AND sent_at IS NOT NULL))
              AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.person_id = people.id AND flow = :flow)
              AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.person_id = people.id AND kind = 'step-opened'
                              AND about = :flow
                              AND (state IN ('due', 'held') OR (state = 'sent' AND done_at > :told_since)))"""
    return Recipients(
        sql,
        {
            "process": process_id,
            "flow": flow,
            "groups": json.dumps(groups),
            "told_since": told_since,
            "newcomers": int(newcomers),
        },
    )


# --- messages to many -------------------------------------------------------------------------------------


def to_remind_of_something(process_id: int) -> Recipients:
    """Everybody who wants to be written to, if only to be reminded."""
    return Recipients(f"SELECT people.id FROM people WHERE {_HERE} AND {_WANTS}", {"process": process_id})


@dataclass(frozen=True, slots=True)
class ChosenAudience:
    """An audience that the leader has put together; what is empty does not limit it."""

    groups: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    has_sent: str = ""  # a flow
    has_not_sent: str = ""
    coming_to: int = 0  # a meeting


def chosen(process_id: int, to: ChosenAudience, *, wanting: bool = True) -> Recipients:
    """Those of the audience who want news; or those of it who have not said yes to any. Answers that are set aside
    choose nobody: whose they are is written to with everybody, and by the meeting they come to."""
    wants = _WANTS_NEWS if wanting else "people.news = 0"
    sent = "EXISTS (SELECT 1 FROM runs WHERE runs.person_id = people.id AND flow = :{} AND sent_at IS NOT NULL)"
    everybody = "(:groups = '[]' AND :areas = '[]' AND :sent = '' AND :unsent = '')"
    sql = f"""SELECT people.id FROM people WHERE {_HERE} AND {wants} AND {_AUDIENCE}
              AND (counted_in IS NOT NULL OR {everybody})
              AND (:sent = '' OR {sent.format("sent")}) AND (:unsent = '' OR NOT {sent.format("unsent")})
              AND (:meeting = 0 OR EXISTS ({_SIGNUP} AND {_COMING}))"""
    return Recipients(
        sql,
        {
            "process": process_id,
            "groups": json.dumps(to.groups),
            "areas": json.dumps(to.areas),
            "sent": to.has_sent,
            "unsent": to.has_not_sent,
            "meeting": to.coming_to,
        },
    )


@dataclass(frozen=True, slots=True)
class Unreached:
    """How many can't be written to as things stand."""

    blocked: int = 0  # on Telegram, and have blocked us there
    without_mail: int = 0  # on the web alone, without an address that works

    @property
    def people(self) -> int:
        return self.blocked + self.without_mail


def out_of_reach(tx: Tx, whom: Recipients, *, mails: bool) -> Unreached:
    """`mails`: whether e-mail goes out at all."""
    telegram = "SELECT 1 FROM addresses WHERE addresses.person_id = those.id AND channel = 'telegram'"
    row = tx.one(
        f"""SELECT count(*) FILTER (WHERE EXISTS ({telegram})) AS blocked,
                   count(*) FILTER (WHERE NOT EXISTS ({telegram})) AS others
            FROM ({whom.sql}) AS those
            WHERE NOT EXISTS ({telegram} AND unreachable = 0) AND NOT EXISTS (
                SELECT 1 FROM addresses JOIN mailboxes ON mailboxes.person_id = addresses.person_id
                WHERE :mails = 1 AND addresses.person_id = those.id AND channel = 'web'
                  AND confirmed_at IS NOT NULL AND refused_at IS NULL)""",
        mails=int(mails),
        **whom.values,
    )
    return Unreached(row["blocked"], row["others"]) if row else Unreached()
