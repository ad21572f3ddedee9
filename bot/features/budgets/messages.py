"""The message to who leads that a budget is used up: what it means, and what to do."""

from __future__ import annotations

from bot import texts
from bot.budgets import Budget, Budgets
from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import Session
from bot.features.budgets import service
from bot.outbox.compose import go_to_panel
from storage import budgets
from storage.outbox import OutboxMessage

LINKS = "links"  # the panel where links are closed
_SETTINGS = {
    Budget.PEOPLE: "BESYV_NEW_PEOPLE_PER_HOUR",
    Budget.PEOPLE_FROM_ONE: "BESYV_NEW_PEOPLE_PER_ADDRESS",
    Budget.VERSIONS: "BESYV_VERSIONS_PER_ANSWER",
    Budget.BYTES: "BESYV_BYTES_PER_PERSON",
}
_NEW_PEOPLE = (Budget.PEOPLE, Budget.PEOPLE_FROM_ONE)


def used_up(s: Session, row: OutboxMessage) -> Reply | None:
    """As it stands now: since when, how often, and which setting is to be raised if it is meant."""
    used = next((each for each in budgets.exceeded(s.tx, s.plan.process_id) if each.budget == row.about), None)
    if used is None or not s.may(service.TOLD):
        return None
    budget = Budget(used.budget)
    moment, most = texts.moment(s.language, used.since), texts.decimal(s.language, _most(s.context.budgets, budget))
    links = (Move(Verb.GO, s.say("lead.links"), row.id),) if budget in _NEW_PEOPLE else ()
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        title=s.say(f"budget.{budget}"),
        body=(
            s.say(f"budget.{budget}.what", most=most),
            texts.count(s.language, f"budget.{budget}.times", used.times, moment=moment),
            s.say(f"budget.{budget}.how", setting=_SETTINGS[budget]),
        ),
        moves=(links,) if links else (),
    )


def _most(most: Budgets, budget: Budget) -> float:
    match budget:
        case Budget.PEOPLE:
            return most.new_people
        case Budget.PEOPLE_FROM_ONE:
            return most.new_people_per_client
        case Budget.VERSIONS:
            return most.versions
        case Budget.BYTES:
            return most.bytes_per_person / 1_000_000


def see_links(s: Session, row: OutboxMessage, _verb: Verb) -> Reply:
    return go_to_panel(s, row, LINKS)


def named(s: Session, about: str) -> str:
    """Which budget."""
    return s.say(f"budget.{Budget(about)}")
