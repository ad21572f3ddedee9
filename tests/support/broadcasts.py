"""A leader who writes to many, and the many who get it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.flows.model import Group
from storage import email_addresses, people, runs
from storage.db import Tx
from tests.support.botapi import Person
from tests.support.chat import Somebody, Town
from tests.support.people import seen

TEXT = "Kære alle\n\nVi ses i hallen på onsdag. Tag en ven med, og husk tøj til regn."
SEND = "Send besked til mange"
QUIET = 2 * 3600  # to nine that evening


async def crowd(town: Town, number: int, *, first: int = 0, **told: Any) -> list[Person]:
    """So many on Telegram, who said yes to messages where nothing else is told."""
    phones = [Person(town.api, f"Nr. {first + n}") for n in range(number)]
    for phone in phones:
        phone.starts()
        await town.rest()
    ids = [str(phone.id) for phone in phones]

    def unit(tx: Tx) -> None:
        for address in ids:
            person = people.at_address(tx, "telegram", address)
            assert person is not None
            _furnish(town, tx, person.id, **told)

    await town.runtime.database.write(unit)
    return phones


async def residents(town: Town, number: int, channel: str = "web", **told: Any) -> list[int]:
    """So many straight into the tables, as if they had come by the pages, from which mail goes out."""
    town.runtime.process_host.mails = True

    def unit(tx: Tx) -> list[int]:
        process, now = town.runtime.process_host.plan(tx).process_id, int(town.clock.now)
        made = []
        for _ in range(number):
            [count] = tx.one("SELECT count(*) FROM people") or (0,)
            person = people.add(tx, process, f"p{count:015x}", "da", now)
            people.enter(tx, channel, f"{channel}-{count}", person, now)
            _furnish(town, tx, person, **told)
            made.append(person)
        return made

    return await town.runtime.database.write(unit)


def _furnish(
    town: Town,
    tx: Tx,
    person_id: int,
    *,
    group: str = Group.FRIVILLIG,
    area: str | None = None,
    wants: int | None = 1,
    sent: str = "",
    mail: bool = False,
) -> None:
    plan, now = town.runtime.process_host.plan(tx), int(town.clock.now)
    people.accept_notice(tx, person_id, plan.notice.version, now)
    person = people.by_id(tx, person_id)
    assert person is not None
    people.set_profile(tx, replace(person, stakeholder=str(group), area=area, reminders=wants, news=int(wants == 1)))
    if sent:
        runs.mark_sent(tx, runs.start(tx, person_id, sent, 1, now).id, now)
    if mail:
        email_addresses.put(tx, person_id, f"p{person_id}@by.example", f"kode-{person_id}", f"hash-{person_id}", now)
        email_addresses.confirm(tx, person_id, now)


async def writes(lea: Somebody, text: str = TEXT, *choices: str) -> str:
    """Up to the preview: what it shows."""
    await lea.says("/leder")
    for label in (SEND, "Skriv en ny besked", *choices, "Skriv teksten"):
        await lea.taps(label)
    lea.sees()
    await lea.says(text)
    return seen(lea)


async def sends(lea: Somebody, number: int, *choices: str) -> str:
    await writes(lea, TEXT, *choices)
    await lea.taps(f"Ja, send den til {number} person{'er' if number != 1 else ''}")
    return seen(lea)
