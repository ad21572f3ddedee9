"""Messages to many: who gets one, once; and whatever becomes of them, the outcomes add up to the audience."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.features import process_file
from bot.features.broadcasts import service
from bot.features.broadcasts.service import WORTH, BroadcastProgress
from bot.flows import schedule
from bot.flows.model import Group
from bot.process.host import ProcessHost
from storage import broadcasts, email_addresses, outbox, people, recipients, runs
from storage.broadcasts import Broadcast
from storage.db import Database, Tx
from storage.encryption import Keyring
from storage.people import Person
from storage.recipients import ChosenAudience, Unreached
from tests.support.example import of_example

NOON = schedule.to_utc(datetime(2026, 3, 10, 12))  # a Tuesday
NIGHT = schedule.to_utc(datetime(2026, 3, 14, 23))  # a Saturday
MONDAY = schedule.to_utc(datetime(2026, 3, 16, 9))
DAY = 24 * 3600


@dataclass
class Office:
    database: Database
    process_host: ProcessHost
    process_id: int

    async def somebody(
        self,
        *,
        group: str = Group.FRIVILLIG,
        area: str | None = None,
        wants: int | None = 1,
        sent: str = "",
        channels: tuple[str, ...] = ("telegram",),
        blocked: bool = False,
        mail: str = "",
    ) -> int:
        def unit(tx: Tx) -> int:
            [number] = tx.one("SELECT coalesce(max(id), 0) FROM people") or (0,)
            person = people.add(tx, self.process_id, f"p{number}", "da", 0)
            people.accept_notice(tx, person, "notice", 0)
            known = people.by_id(tx, person)
            assert known is not None
            people.set_profile(
                tx, replace(known, stakeholder=str(group), area=area, reminders=wants, news=int(wants == 1))
            )
            for channel in channels:
                people.enter(tx, channel, f"{channel}-{number}", person, 0)
            if blocked:
                people.set_unreachable(tx, "telegram", f"telegram-{number}", unreachable=True)
            if mail:
                email_addresses.put(tx, person, "a@by.example", f"c{number}", f"h{number}", 0)
                email_addresses.confirm(tx, person, 0) if mail != "asked" else None
                email_addresses.refuse(tx, person, 0) if mail == "refused" else None
            if sent:
                runs.mark_sent(tx, runs.start(tx, person, sent, 1, 0).id, 0)
            return person

        return await self.database.write(unit)

    async def do(self, unit: Callable[[Tx], object]) -> None:
        await self.database.write(unit)

    async def drafts(self, to: ChosenAudience = ChosenAudience(), text: str = "Kom og vær med") -> Broadcast:  # noqa: B008  # frozen
        def unit(tx: Tx) -> Broadcast:
            author = tx.one("SELECT id FROM people WHERE pseudonym = 'lea'")
            by = author["id"] if author else people.add(tx, self.process_id, "lea", "da", 0)
            found = broadcasts.by_id(
                tx, self.process_id, broadcasts.put_draft(tx, self.process_id, by, "lea", to, text, NOON)
            )
            assert found is not None
            return found

        return await self.database.write(unit)

    async def starts(self, broadcast: Broadcast, now: int = NOON) -> int:
        def unit(tx: Tx) -> int:
            return service.start(tx, self.process_host.plan(tx, self.process_id), broadcast, _lea(tx), now)

        return await self.database.write(unit)

    async def stops(self, broadcast: Broadcast, now: int) -> int:
        def unit(tx: Tx) -> int:
            known = broadcasts.by_id(tx, self.process_id, broadcast.id)
            assert known is not None
            return service.stop(tx, self.process_host.plan(tx, self.process_id), known, _lea(tx), now)

        return await self.database.write(unit)

    async def progress(self, broadcast: Broadcast, now: int = NOON) -> BroadcastProgress:
        def unit(tx: Tx) -> BroadcastProgress:
            known = broadcasts.by_id(tx, self.process_id, broadcast.id)
            assert known is not None
            return service.progress(tx, self.process_host.plan(tx, self.process_id), known, now)

        return await self.database.read(unit)

    async def rows(self, sql: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in await self.database.read(lambda tx: tx.all(sql))]


def _lea(tx: Tx) -> Person:
    row = tx.one("SELECT id FROM people WHERE pseudonym = 'lea'")
    found = people.by_id(tx, row["id"]) if row else None
    assert found is not None
    return found


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    database = await Database.open(tmp_path / "besyv.db", Keyring.open_or_create(tmp_path / "keys"))
    file = of_example()
    process = await database.write(lambda tx: process_file.save(tx, file, [], 0))
    yield Office(database, ProcessHost(file.process), process)
    await database.close()


# --- whom -------------------------------------------------------------------------------------------------


async def test_everybody_of_the_audience_who_wants_messages_gets_one_behind_everything_else(office: Office) -> None:
    wanting = [await office.somebody(), await office.somebody(group=Group.BORGER)]
    for wants in (0, None):
        await office.somebody(wants=wants)
    broadcast = await office.drafts()
    assert await office.starts(broadcast) == 2
    assert await office.rows("SELECT person_id, kind, about, rank, due_at, expires_at FROM outbox") == [
        (person, "bulk", "1", 1, NOON, NOON + WORTH) for person in wanting
    ]


@pytest.mark.parametrize(
    ("to", "whom"),
    [
        (ChosenAudience(), "abcd"),
        (ChosenAudience(groups=("forening",)), "bd"),
        (ChosenAudience(groups=("forening", "frivillig")), "abcd"),
        (ChosenAudience(groups=("politiker",)), ""),
        (ChosenAudience(areas=("nordby",)), "ab"),
        (ChosenAudience(groups=("forening",), areas=("nordby",)), "b"),
        (ChosenAudience(has_sent="linjer"), "ad"),
        (ChosenAudience(has_not_sent="linjer"), "bc"),
        (ChosenAudience(has_sent="linjer", groups=("forening",)), "d"),
    ],
)
async def test_what_is_chosen_limits_it_and_what_is_not_does_not(office: Office, to: ChosenAudience, whom: str) -> None:
    named = {
        await office.somebody(area="nordby", sent="linjer"): "a",
        await office.somebody(area="nordby", group=Group.FORENING): "b",
        await office.somebody(area="havnen"): "c",
        await office.somebody(group=Group.FORENING, sent="linjer"): "d",
    }
    await office.starts(await office.drafts(to))
    rows = await office.rows("SELECT person_id FROM outbox ORDER BY id")
    assert "".join(named[int(str(person))] for (person,) in rows) == whom


@pytest.mark.parametrize(
    ("person", "lost"),
    [
        ({}, Unreached()),
        ({"blocked": True}, Unreached(blocked=1)),
        ({"channels": ("web",)}, Unreached(without_mail=1)),
        ({"channels": ("web",), "mail": "asked"}, Unreached(without_mail=1)),
        ({"channels": ("web",), "mail": "refused"}, Unreached(without_mail=1)),
        ({"channels": ("web",), "mail": "yes"}, Unreached()),
        ({"channels": ("telegram", "web"), "blocked": True}, Unreached(blocked=1)),
        ({"channels": ("telegram", "web"), "blocked": True, "mail": "yes"}, Unreached()),
        ({"channels": ("telegram", "web")}, Unreached()),
        ({"wants": 0, "blocked": True}, Unreached()),  # nothing would be sent to them
    ],
)
async def test_who_cannot_be_reached_is_counted_beforehand(
    office: Office, person: dict[str, Any], lost: Unreached
) -> None:
    await office.somebody(**person)
    found = await office.database.read(
        lambda tx: service.reach(tx, office.process_host.plan(tx, office.process_id), ChosenAudience(), mails=True)
    )
    assert (found.out_of_reach, found.wanting + found.not_wanting) == (lost, 1)
    assert found.reached == found.wanting - lost.people


async def test_where_no_mail_goes_out_nobody_is_reached_by_it(office: Office) -> None:
    await office.somebody(channels=("web",), mail="yes")
    found = await office.database.read(
        lambda tx: service.reach(tx, office.process_host.plan(tx, office.process_id), ChosenAudience(), mails=False)
    )
    assert (found.reached, found.out_of_reach) == (0, Unreached(without_mail=1))


# --- once -------------------------------------------------------------------------------------------------


async def test_confirmed_twice_it_is_sent_once(office: Office) -> None:
    await office.somebody()
    broadcast = await office.drafts()
    assert [await office.starts(broadcast) for _ in range(3)] == [1, 0, 0]
    assert await office.rows("SELECT action, detail, actor FROM audit") == [("sending", "1", "lea")]


async def test_a_new_draft_is_in_place_of_the_old_one_and_never_has_its_number(office: Office) -> None:
    await office.somebody()
    old, new = await office.drafts(text="Gammel"), await office.drafts(text="Ny")
    assert await office.rows("SELECT count(*) FROM sendings") == [(1,)]
    assert old.id != new.id
    assert (await office.starts(old), await office.starts(new)) == (0, 1)


async def test_at_night_it_waits_until_one_may_write_and_is_worth_a_week_from_then(office: Office) -> None:
    await office.somebody()
    broadcast = await office.drafts()
    await office.starts(broadcast, NIGHT)
    assert await office.rows("SELECT due_at, expires_at FROM outbox") == [(MONDAY, MONDAY + 7 * DAY)]
    assert (await office.progress(broadcast, NIGHT)).next_at == MONDAY
    assert (await office.progress(broadcast, MONDAY)).next_at is None


async def test_how_long_it_takes_is_foretold_at_the_pace_at_which_messages_go_out(office: Office) -> None:
    for _ in range(45):
        await office.somebody()
    broadcast = await office.drafts()
    await office.starts(broadcast)
    assert (await office.progress(broadcast)).seconds_left == 3  # 22 a second


async def test_stopped_what_is_not_out_is_withdrawn_and_stopping_again_does_nothing(office: Office) -> None:
    for _ in range(3):
        await office.somebody()
    broadcast = await office.drafts()
    assert await office.stops(broadcast, NOON) == 0  # a draft is not under way
    await office.starts(broadcast)
    await office.do(lambda tx: outbox.settle(tx, 1, "sent", NOON))
    assert [await office.stops(broadcast, NOON + 1) for _ in range(2)] == [2, 0]
    assert (await office.progress(broadcast)).outcomes == {"sent": 1, "withdrawn": 2}
    assert [action for (action,) in await office.rows("SELECT action FROM audit")] == ["sending", "sending-stopped"]


async def test_what_was_on_its_way_when_it_was_stopped_is_out(office: Office) -> None:
    await office.somebody()
    broadcast = await office.drafts()
    await office.starts(broadcast)
    await office.do(lambda tx: outbox.claim(tx, NOON, 9, [(office.process_id, 0)]))
    await office.stops(broadcast, NOON + 1)
    await office.do(lambda tx: outbox.settle(tx, 1, "sent", NOON + 2))
    assert (await office.progress(broadcast)).outcomes == {"sent": 1}


# --- what became of it ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
async def test_whatever_happens_the_outcomes_add_up_to_the_audience(office: Office, seed: int) -> None:
    chance = random.Random(seed)
    everybody = [await office.somebody(wants=chance.choice((1, 1, 0))) for _ in range(12)]
    broadcast = await office.drafts()
    went_to = await office.starts(broadcast)
    happened: dict[str, int] = {}
    row_ids = [int(str(number)) for (number,) in await office.rows("SELECT id FROM outbox ORDER BY id")]
    for number in row_ids:
        fate = chance.choice(("sent", "unreachable", "failed", "unwanted", "gone", "due", "due"))
        if fate == "gone":
            [(person,)] = await office.rows(f"SELECT person_id FROM outbox WHERE id = {number}")
            await office.do(lambda tx, person=person: people.erase(tx, person))  # type: ignore[misc]  # a default in a lambda
        elif fate != "due":
            await office.do(lambda tx, at=number, to=fate: outbox.settle(tx, at, to, NOON + 1))  # type: ignore[misc]  # as above
        happened[fate] = happened.get(fate, 0) + 1
    assert (await office.progress(broadcast)).outcomes == _in_order(happened)
    how = chance.choice(("stop", "expire", "nothing"))
    waiting = happened.get("due", 0)
    if how == "stop" and waiting:
        await office.stops(broadcast, NOON + 2)
        happened["withdrawn"] = happened.pop("due")
    if how == "expire" and waiting:
        await office.do(lambda tx: outbox.expire(tx, NOON + WORTH))
        happened["expired"] = happened.pop("due")
    told = await office.progress(broadcast)
    assert (told.outcomes, told.people) == (_in_order(happened), went_to)
    assert sum(told.outcomes.values()) == told.people <= len(everybody)
    await office.do(lambda tx: broadcasts.keep_outcome(tx, NOON + 100 * DAY))
    await office.do(lambda tx: outbox.prune(tx, NOON + 100 * DAY))
    kept = await office.progress(broadcast)
    assert kept.outcomes == told.outcomes or how == "nothing"  # while somebody waits nothing is forgotten
    assert sum(kept.outcomes.values()) == kept.people


def _in_order(outcomes: dict[str, int]) -> dict[str, int]:
    return {each: outcomes[each] for each in service.OUTCOMES if outcomes.get(each)}


async def test_the_text_is_encrypted_and_a_draft_nobody_goes_on_with_is_forgotten(office: Office) -> None:
    await office.somebody()
    sent, _ = await office.drafts(text="Den hemmelige besked"), None
    await office.starts(sent)
    await office.drafts(text="Den hemmelige kladde")
    [(content,), (draft,)] = await office.rows("SELECT content FROM sendings ORDER BY id")
    assert b"hemmelige" not in bytes(str(content) + str(draft), "utf-8")
    await office.do(lambda tx: broadcasts.forget_drafts(tx, NOON + 1))
    assert await office.rows("SELECT id FROM sendings") == [(sent.id,)]
    people_of = await office.database.read(
        lambda tx: recipients.count(tx, recipients.chosen(office.process_id, ChosenAudience()))
    )
    assert people_of == 1
