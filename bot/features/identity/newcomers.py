"""Whether somebody new can come in now, or is asked to come back: so many an hour, and of them so many from one client
(docs/decisions/0042). Who has an invitation of their own always can; so can who is known already."""

from __future__ import annotations

from bot import texts
from bot.budgets import Budget
from bot.dialogue import used_up
from bot.dialogue.reply import Reply, Screen
from bot.dialogue.session import Context, Visit
from bot.features.invitations import service as invitations
from bot.flows.schedule import HOUR
from bot.process.plan import Plan
from storage import budgets
from storage.db import Tx


def may_come(tx: Tx, context: Context, visit: Visit, payload: str) -> bool:
    """Whether there is room for one more, who counts from now on. Where there is none, that is told to who leads."""
    if invitations.is_ones_own(tx, payload, visit.now):
        return True
    plan = plan_of(tx, context, payload)
    used = _used_up(tx, context, visit, plan)
    if used is None:
        budgets.note_arrival(tx, plan.process_id, visit.now)
        return True
    used_up.note(tx, plan.process_id, used, visit.now)
    return False


def _used_up(tx: Tx, context: Context, visit: Visit, plan: Plan) -> Budget | None:
    if budgets.arrivals(tx, plan.process_id, visit.now - HOUR, visit.now) >= context.budgets.new_people:
        return Budget.PEOPLE
    return None if context.budgets.people_by_client.take(visit.client, visit.now) else Budget.PEOPLE_FROM_ONE


def plan_of(tx: Tx, context: Context, payload: str) -> Plan:
    """Of the process that they come to."""
    wanted, _ = invitations.resolve_payload(tx, payload)
    return context.process_host.plan(tx, wanted)


def come_back(plan: Plan, visit: Visit) -> Reply:
    """Nothing is stored of them. The link they came by holds still."""
    return Reply(language=visit.language, screen=Screen.TEXT, body=(why(plan, visit),))


def why(plan: Plan, visit: Visit) -> str:
    key = texts.on_channel(visit.language, "newcomers.later", visit.channel)
    return texts.say(visit.language, key, phone=plan.file.contacts.phone)
