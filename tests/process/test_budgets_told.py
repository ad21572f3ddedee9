"""Who leads is told that a budget is used up: on every channel at once, not again and again, and nobody else."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

import pytest

from bot.access import Role
from bot.budgets import Budget, Budgets
from bot.dialogue import used_up
from bot.dialogue.session import Context, Visit, load_person
from bot.features import MESSAGES, TABLES, process_file
from bot.features.budgets import service
from bot.flows.model import LANGUAGES, Language
from bot.flows.schedule import DAY, HOUR
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from storage import budgets, email_addresses, outbox, people
from storage.db import Tx, connect, migrate
from tests.support.bureau import FILE, NOW
from tests.support.proven import proven
from tests.support.rows import keys

NIGHT = NOW + 7 * HOUR


@dataclass
class House:
    tx: Tx
    context: Context
    leader: int
    others: list[int]

    def told(self, now: int) -> list[tuple[int, str, str]]:
        """To whom, by which channel, about what: what a look at that moment enqueues."""
        before = self.tx.count("SELECT coalesce(max(id), 0) FROM outbox")
        service.enqueue(self.tx, self.context.process_host.plan(self.tx), now)
        rows = self.tx.all(
            "SELECT person_id, only_by, about, due_at FROM outbox WHERE id > :before ORDER BY id", before=before
        )
        assert {row["due_at"] for row in rows} <= {now}  # at any hour
        return [(row["person_id"], row["only_by"], row["about"]) for row in rows]


@pytest.fixture
def house() -> House:
    connection: sqlite3.Connection = connect(":memory:")  # type: ignore[arg-type]  # in memory
    migrate(connection)
    tx = Tx(connection, keys())
    process_file.save(tx, FILE, shipped_flows(FILE), NOW)
    ids = []
    for number, role in enumerate((Role.LEADER, Role.DEPUTY, Role.STEERING, Role.FACILITATOR, None)):
        person = people.add(tx, 1, f"p{number}", "da", NOW)
        people.enter(tx, "telegram", str(700 + number), person, NOW)
        if role is not None:
            people.grant(tx, person, role, NOW)
        ids.append(person)
    email_addresses.put(tx, ids[0], "lea@kommune.example", "code", "hash", NOW)
    email_addresses.confirm(tx, ids[0], NOW)
    return House(tx, Context(ProcessHost(FILE.process), TABLES, proven, Budgets()), ids[0], ids[1:])


def test_leader_and_deputies_are_told_at_once_on_every_channel_and_nobody_else(house: House) -> None:
    assert house.told(NIGHT) == []
    used_up.note(house.tx, 1, Budget.PEOPLE, NIGHT)
    assert house.told(NIGHT) == [
        (house.leader, "email", "people"),
        (house.leader, "telegram", "people"),
        (house.others[0], "telegram", "people"),
    ]


def test_of_the_same_budget_they_are_told_every_six_hours_while_it_lasts_and_of_another_at_once(house: House) -> None:
    told = []
    for minutes in range(0, 24 * 60, 20):
        used_up.note(house.tx, 1, Budget.BYTES, NOW + 60 * minutes)
        told.append(len(house.told(NOW + 60 * minutes)))
    assert sum(told) == 4 * 3
    used_up.note(house.tx, 1, Budget.VERSIONS, NOW + DAY)
    assert {about for *_, about in house.told(NOW + DAY)} == {"versions", "bytes"}
    assert house.told(NOW + 3 * DAY) == []  # it is over
    used_up.note(house.tx, 1, Budget.BYTES, NOW + 3 * DAY)
    assert len(house.told(NOW + 3 * DAY)) == 3
    assert [each.times for each in budgets.exceeded(house.tx, 1)] == [1, 1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("budget", Budget)
def test_each_says_since_when_which_setting_to_raise_and_where_links_are_closed(
    house: House, budget: Budget, language: Language
) -> None:
    people.set_language(house.tx, house.leader, language)
    for _ in range(3):
        used_up.note(house.tx, 1, budget, NOW)
    house.told(NOW)
    [row, *_] = outbox.claim(house.tx, NOW, 1, ())[0]
    assert row.person_id == house.leader
    visit = Visit(channel="telegram", address="700", now=NOW, sent_at=NOW)
    s = load_person(house.tx, house.context, visit, house.leader)
    assert s is not None
    reply = MESSAGES[row.kind].compose(s, row)
    assert reply is not None
    said = "\n".join((reply.title or "", *reply.body))
    assert "BESYV_" in said and " 3 " in said and "{" not in said
    assert bool(reply.moves) is (budget in (Budget.PEOPLE, Budget.PEOPLE_FROM_ONE))
    people.take_role(house.tx, house.leader, Role.LEADER)
    s.forget_roles()
    assert MESSAGES[row.kind].compose(s, row) is None
