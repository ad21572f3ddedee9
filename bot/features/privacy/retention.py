"""Retention: what is deleted by itself when its time is up, as the privacy notice promises."""

from __future__ import annotations

from bot.features.hearing import service as hearing
from bot.features.meetings import service as meetings
from bot.features.privacy import deletion
from bot.flows.schedule import DAY, WEEK
from bot.process.plan import Plan
from storage import email_addresses, people, signups
from storage.db import Tx

NEVER_ACCEPTED = 30 * DAY  # someone who came in and never said yes is forgotten after this
IDLE = 30 * DAY  # someone who said yes and then did nothing, after this
NEVER_CONFIRMED = WEEK  # a mail address that nobody confirmed


def forget_what_is_due(tx: Tx, plan: Plan, now: int) -> int:
    """Deletes what was promised to be deleted by now; the number of people and answers that went.

    Needs told for a meeting go when it is over, or when its step has closed and has no meeting; people who never said
    yes, or said yes and did nothing, after 30 days; a mail address that nobody confirmed, after a week; where somebody
    who has erased themselves waited for an answer, how they are reached, when it is out; everything about everyone on
    the process's deletion date, if that was announced a week before.
    """
    gone = people.erase_never_accepted(tx, plan.process_id, now - NEVER_ACCEPTED)
    gone += people.erase_idle(tx, plan.process_id, now - IDLE)
    gone += signups.forget_needs(tx, plan.process_id, now)
    gone += hearing.forget_told(tx, plan)
    email_addresses.forget_unconfirmed(tx, now - NEVER_CONFIRMED)
    gone += meetings.forget_needs(tx, plan, now)
    return gone + deletion.erase(tx, plan, now)
