"""What people of a town do in many tests: lead, answer, wait for what is due."""

from __future__ import annotations

from bot.access import Role
from tests.support.chat import OnTelegram, Somebody, Town


async def has_answered(town: Town, name: str = "Anna", *, messages: str = "Ja", group: str = "Frivillig") -> OnTelegram:
    """Has told who they are, and sent the first step with nothing but a wish."""
    person = town.person(name)
    await person.says("/start plan")
    await person.taps("Jeg er med")
    await person.taps(group)
    while "gribe arbejdet an" not in person.phone.screen(2):
        labels = person.phone.buttons
        await person.taps(messages if "Ja" in labels else "Spring over")
    await person.says(f"{name} vil helst mødes om aftenen")
    while "Send" not in person.phone.buttons:
        await person.taps("Spring over")
    await person.taps("Send")
    return person


async def comes_to(town: Town, moment: int) -> None:
    """Time passes while the bot is there, and it looks for what is due."""
    await town.wait(moment - int(town.clock.now))
    await town.looks()


async def writes(town: Town, person: Somebody, text: str) -> str:
    """Something that is to be read by everybody, and what comes of it."""
    town.public.add(text)
    person.sees()
    await person.says(text)
    return seen(person)


def seen(person: Somebody) -> str:
    return "\n".join(person.sees())


async def leads(town: Town, name: str = "Lea", role: Role = Role.LEADER) -> Somebody:
    lea = town.somebody(name)
    await lea.says(f"/start {await town.invites(role)}")
    await lea.taps("Jeg er med")
    if role is Role.STEERING:
        await lea.taps("Nej")  # to messages
    lea.sees()
    return lea
