"""As a new user would: two meetings and a hearing's deadline planned from the phone, two people who sign up, one
meeting moved, the other cancelled, the machine stopped over a reminder's time; and every phone shows exactly what it
should."""

from __future__ import annotations

from bot.flows import schedule
from tests.support.chat import Found, OnTelegram, Town
from tests.support.danish_time import local
from tests.support.people import comes_to, has_answered, leads, writes

DIALOGUE, JOINT = "Dialogmøde i Nordby", "Fællesmøde på rådhuset"
HEARING = "Trin 7. Høring om udkastet (guidens trin 9): åbent"
UNASKED = ("Invitation: ", "Mødet er flyttet: ", "Mødet er aflyst: ", "Husk ")
ANSWER = "Husk at svare på »Høring om den nye politik«"


async def plans(town: Town, lea: OnTelegram, title: str, when: str) -> None:
    await lea.says("/leder")
    for label in ("Møder", "Nyt møde", "Andet møde"):
        await lea.taps(label)
    await writes(town, lea, title)
    await lea.says(when)
    await lea.taps("Mødet varer to timer")
    await writes(town, lea, "Kulturhuset")
    for label in ("Se hele mødet", "Se invitationen, før den bliver sendt", "Ja, opret mødet"):
        await lea.taps(label)
    await town.looks()


async def answers(person: OnTelegram, title: str, label: str) -> None:
    """On the invitation itself, wherever it stands by now."""
    [invitation] = [seen for seen in person.phone.sees() if f"Invitation: {title}" in seen.text]
    await person.does(lambda: person.phone.taps(label, on=invitation.id))


async def moves(town: Town, lea: OnTelegram) -> None:
    await lea.says("/leder")
    for label in ("Møder", f"24. mar.: {DIALOGUE}", "Flyt mødet"):
        await lea.taps(label)
    await lea.says("25.3.2026 kl. 18.30")
    await lea.taps("Skriv en begrundelse")
    await writes(town, lea, "Salen er lejet ud")
    await lea.taps("Ja, flyt mødet")
    await town.looks()


async def cancels(town: Town, lea: OnTelegram) -> None:
    await lea.says("/leder")
    for label in ("Møder", f"26. mar.: {JOINT}", "Aflys mødet"):
        await lea.taps(label)
    await writes(town, lea, "For få har meldt sig til")
    await lea.taps("Ja, aflys mødet")
    await town.looks()


async def sets_the_deadline(lea: OnTelegram) -> None:
    await lea.says("/leder")
    for label in ("Åbn og luk trin", HEARING, "Ændr for alle", "Luk for svar", "På et bestemt tidspunkt"):
        await lea.taps(label)
    await lea.says("14.4.2026 kl. 12")
    await lea.says("Svarene skal nå med i udkastet")


def told(person: OnTelegram) -> list[str]:
    """When it came, and the first line, of everything that came unasked."""
    return [
        f"{schedule.to_local(int(seen.date)):%d.%m. %H.%M} {seen.text.partition(chr(10))[0]}"
        for seen in person.phone.sees()
        if seen.by_bot and seen.text.startswith(UNASKED)
    ]


async def test_every_phone_shows_exactly_what_it_should(found: Found) -> None:
    async with found(steps="plan, hoering") as town:
        lea = await leads(town)
        assert isinstance(lea, OnTelegram)
        anna, bo = await has_answered(town), await has_answered(town, "Bo", group="Forening")
        await plans(town, lea, DIALOGUE, "24.3.2026 kl. 19")
        await plans(town, lea, JOINT, "26.3.2026 kl. 17")
        await answers(anna, DIALOGUE, "Ja, jeg kommer")
        await answers(anna, JOINT, "Ja, jeg kommer")
        await answers(bo, DIALOGUE, "Måske")
        await answers(bo, JOINT, "Nej")
        await moves(town, lea)
        await sets_the_deadline(lea)
        await cancels(town, lea)
        for day in ("03-04 09:00", "03-18 18:00"):
            await comes_to(town, local(f"2026-{day}"))
        await town.wait(local("2026-03-18 19:30") - int(town.clock.now))  # nobody is there when the reminder is due
        for day in ("03-24 18:30", "03-25 09:00", "03-25 18:30", "04-07 12:00"):
            await comes_to(town, local(f"2026-{day}"))
        await bo.taps("Stop beskeder")
        for day in ("04-13 09:00", "04-14 09:00", "04-14 12:00", "05-01 12:00"):
            await comes_to(town, local(f"2026-{day}"))
        both = [
            f"03.03. 19.04 Invitation: {DIALOGUE}",
            f"03.03. 19.05 Invitation: {JOINT}",
            f"03.03. 19.07 Mødet er flyttet: {DIALOGUE}",
        ]
        soon = [f"{when} Husk mødet: {DIALOGUE}" for when in ("18.03. 19.30", "24.03. 18.30", "25.03. 09.00")]
        cancelled = f"03.03. 19.08 Mødet er aflyst: {JOINT}"  # Bo had said no: he hears of it no more
        deadline = [f"{when} {ANSWER}" for when in ("07.04. 12.00", "13.04. 09.00", "14.04. 09.00")]
        assert told(anna) == [*both, cancelled, *soon, *deadline]
        assert told(bo) == [*both, *soon, *deadline[:1]]  # and then he wanted no more messages
        assert told(lea) == []
