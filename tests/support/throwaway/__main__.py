"""What people do with the throw-away feature on each channel: `python -m tests.support.throwaway SCENE FOLDER`.

Runs on the copied house (copied_house.py). Prints JSON: what was done, and what was seen then. Not here: what is
expected of it.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bot import logs, texts
from bot.channels.terminal import Talk
from bot.dialogue import dispatch
from bot.dialogue.reply import Reply, tap_of
from bot.dialogue.session import TELEGRAM, Visit
from bot.flows.model import Language
from storage import outbox
from storage.db import Tx
from storage.outbox import NewMessage
from tests.support.botapi.server import TOKEN
from tests.support.chat import Found, InTerminal, OnTelegram, Somebody, Town, prepare
from tests.support.mail_readers import confirmed, link_of, pressed, said, served

KIND = "proeve-husk"
COMMANDS = ("proeve", "trial", "proever")
HOUR, OUTAGE = 3600, 300  # seconds; Telegram keeps taps for half as long
Seen = dict[str, Any]  # what was done → what is printed of it


# --- people -----------------------------------------------------------------------------------------------


async def arrived(town: Town, name: str = "Anna", *, language: Language = "da", payload: str = "") -> Somebody:
    """They have said yes to the notice, and have read what came then."""
    somebody = town.somebody(name, language)
    await somebody.says(f"/start {payload}".rstrip())
    await somebody.taps(texts.say(language, "button.accept"))
    somebody.sees()
    return somebody


async def phone_of(town: Town, name: str = "Anna", *, language: Language = "da") -> OnTelegram:
    """The same, on Telegram."""
    await arrived(town, name, language=language)
    return town.person(name)


async def says(somebody: Somebody, text: str) -> list[str]:
    await somebody.says(text)
    return somebody.sees()


async def taps(somebody: Somebody, label: str) -> list[str]:
    await somebody.taps(label)
    return somebody.sees()


async def forges(somebody: OnTelegram, data: str) -> list[str]:
    await somebody.forges(data)
    return somebody.sees()


async def helped(somebody: Somebody) -> list[str]:
    """The lines of the help that tell of a command of the feature's."""
    await somebody.says("/help")
    listed = "\n".join(somebody.sees()).splitlines()
    return [line for line in listed if line.startswith(tuple(f"/{name} " for name in COMMANDS))]


def noted(messages: list[str]) -> str:
    """What is said first, where people are led elsewhere."""
    return messages[-1].split("\n\n", 1)[0]


def drawn(reply: Reply) -> list[str]:
    """As people on a channel tell it, paragraph by paragraph."""
    labels = " ".join(f"[{move.label}]" for move in reply.buttons)
    return [*reply.notes, reply.title or "", *reply.body, labels]


# --- what is done -----------------------------------------------------------------------------------------


async def on_telegram(found: Found) -> Seen:
    async with found() as town:
        anna, bob = await phone_of(town), await phone_of(town, "Bob", language="en")
        seen = {
            "typed": await says(anna, "/proeve"),
            "as a Dane writes it": await says(anna, "/prøve"),
            "drawn again": await _drawn_again(town, anna),
            "by its alias, in English": await says(bob, "/trial"),
            "its help": await helped(anna),
            "its help in English": await helped(bob),
            "written as a button's words": await says(anna, "ja, mind mig om den."),
            "a stale tap": noted(await forges(anna, "1:2:0:g")),
        }
        await says(anna, "/proeve")
        anna.sees()
        await town.down()
        town.clock.now += OUTAGE
        await town.up()
        return seen | {
            "told after an outage": anna.sees(),
            "shown again": await taps(anna, "Fortsæt"),
            "tapped after a restart": await taps(anna, "Ja, mind mig om den"),
            "the other button": noted(await taps(anna, "Nej tak")),
            "due": town.rows("SELECT about, state FROM outbox WHERE kind = ?", KIND),
        }


async def _drawn_again(town: Town, somebody: OnTelegram) -> list[str]:
    """A tap whose effects were committed before a restart, and whose reply was not out."""
    now, context = int(town.clock.now), town.runtime.context
    visit = Visit(channel=TELEGRAM, address=str(somebody.phone.id), now=now, sent_at=now, again=True)
    data = somebody.phone.last.raw["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    tap = tap_of(data)
    assert tap is not None
    return drawn(await town.runtime.database.write(lambda tx: dispatch.tapped(tx, context, visit, tap)))


async def in_the_terminal(found: Found) -> Seen:
    async with found(channel="terminal") as town:
        anna = await arrived(town)
        seen = {
            "typed": await says(anna, "/proeve"),
            "as a Dane writes it": await says(anna, "/prøve"),
            "by its alias": await says(anna, "/trial"),
            "its help": await helped(anna),
            "written as a button's words": await says(anna, "ja, mind mig om den."),
        }
        await says(anna, "/proeve")
        seen |= {"tapped": await taps(anna, "Ja, mind mig om den")}
        await town.down()
        await town.up()
        anna = InTerminal(town, Talk(town.runtime.database, town.runtime.context, town.clock, "da"))
        seen |= {"its button's number written after a restart": await says(anna, "1")}
    async with found(channel="terminal") as town:
        bob = await arrived(town, "Bob", language="en")
        return seen | {"by its alias, in English": await says(bob, "/trial"), "its help in English": await helped(bob)}


async def on_the_web(found: Found) -> Seen:
    async with found(channel="web") as town:
        anna, bob = town.visitor("Anna"), await arrived(town, "Bob", language="en")
        await arrived(town)
        seen: Seen = {
            "typed": await says(anna, "/proeve"),
            "by its alias": await says(anna, "/trial"),
            "by its alias, in English": await says(bob, "/trial"),
            "tapped": await taps(anna, "Ja, mind mig om den"),
        }
        await says(anna, "/proeve")
        await anna.forges("1:2:0:g")
        seen["a stale tap"] = noted(anna.sees())
        await says(anna, "/proeve")
        await town.down()
        await town.up()
        front = await anna.browser.get("/")
        return seen | {
            "the front page after a restart": front.sight().lines(),
            "the other button": noted(await taps(anna, "Nej tak")),
        }


async def with_a_right(found: Found) -> Seen:
    """A command, and a panel in the menu of «/leder», that not everybody has."""
    seen: Seen = {}
    for channel in ("telegram", "terminal", "web"):
        async with found(channel=channel) as town:
            anna = await arrived(town)
            seen[f"{channel}: without the right"] = await says(anna, "/proever")
            seen[f"{channel}: no command at all"] = await says(anna, "/findesikke")
            if channel == "terminal":  # which has one seat
                leader = anna
                await says(leader, f"/start {await town.invites('leader')}")
            else:
                leader = await arrived(town, "Lone", payload=await town.invites("leader"))
            seen[f"{channel}: with it"] = await says(leader, "/proever")
            if channel != "web":
                seen[f"{channel}: its help"] = await helped(leader)
            await says(leader, "/leder")
            seen[f"{channel}: its panel"] = await taps(leader, "Prøven")
            if channel == "telegram":
                seen["menu"] = sorted(_menus(town))
    return seen


def _menus(town: Town) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Scope, language, and the commands of the feature's in the menu that Telegram shows there."""
    for (scope, language), listed in town.api.world.commands.items():
        ours = [(each["command"], each["description"]) for each in listed if each["command"] in COMMANDS]
        yield scope.partition(":")[0], language, ours


# --- messages ---------------------------------------------------------------------------------------------


async def enqueues(town: Town, *abouts: str) -> None:
    """To everybody; and it is sent."""

    def enqueue(tx: Tx) -> None:
        now = int(town.clock.now)
        for row in tx.all("SELECT id FROM people ORDER BY id"):
            for about in abouts:
                outbox.enqueue(tx, NewMessage(f"{KIND}:{row['id']}:{about}", row["id"], KIND, about, now, now + HOUR))

    await town.runtime.database.write(enqueue)
    await town.looks()


def states(town: Town) -> list[tuple[Any, ...]]:
    """About, what became of it, and what it went along with."""
    return town.rows(
        """SELECT row.about, row.state, first.about FROM outbox AS row
           LEFT JOIN outbox AS first ON first.id = row.joined WHERE row.kind = ? ORDER BY row.id""",
        KIND,
    )


async def a_message_on_telegram(found: Found) -> Seen:
    async with found() as town:
        anna = await phone_of(town)
        await enqueues(town, "A")
        seen: Seen = {"sent": anna.sees()}
        seen |= {
            "a button that does it": await taps(anna, "Jeg kommer"),
            "a button that leads": await taps(anna, "Se prøven"),
        }
        await enqueues(town, "B", "C")
        seen |= {"two at once": anna.sees(), "a button of both": await taps(anna, "2: Se prøven")}
        await enqueues(town, "D")
        anna.sees()
        await enqueues(town, "E")
        return seen | {"enough": anna.sees(), "outbox": states(town)}


async def a_message_by_mail(found: Found) -> Seen:
    async with served(found, steps="plan") as (town, box):
        anna = await confirmed(town, box)
        await enqueues(town, "A")
        mail = box.mails[-1]
        subject, text = mail.message["Subject"], mail.text.partition("\n\nEksempel Kommune")[0]
        seen: Seen = {"subject": subject, "text": [line.partition(": http")[0] for line in text.splitlines()]}
        seen |= {"looked at": said(await anna.browser.get(link_of(mail, "Jeg kommer"))).splitlines()}
        seen |= {
            "a button that does it": said(await pressed(town, link_of(mail, "Jeg kommer"), "Jeg kommer")).splitlines()
        }
        page = await pressed(town, link_of(mail, "Se prøven"), "Se prøven")
        seen |= {"a button that leads": said(page).splitlines()}
        await enqueues(town, "B", "C")
        return seen | {"two at once": box.mails[-1].message["Subject"], "mails": len(box.mails), "outbox": states(town)}


async def a_reminder(found: Found) -> Seen:
    """By the clock alone; and what the leader is told of it."""
    async with found() as town:
        anna = await phone_of(town)
        leader = await arrived(town, "Lone", payload=await town.invites("leader"))
        await town.looks()
        await says(leader, "/leder")
        ahead = "\n".join(await taps(leader, "Beskeder og påmindelser")).splitlines()
        anna.sees()
        await town.wait(2 * 24 * HOUR)
        await town.looks()
        return {
            "told ahead": [line for line in ahead if "prøve" in line],
            "sent": [each for each in anna.sees() if "prøve" in each],
            "outbox": states(town),
        }


SCENES: dict[str, Callable[[Found], Coroutine[Any, Any, Seen]]] = {
    scene.__name__: scene
    for scene in (
        on_telegram,
        in_the_terminal,
        on_the_web,
        with_a_right,
        a_message_on_telegram,
        a_message_by_mail,
        a_reminder,
    )
}


def _town(folder: Path, prepared: Path, log: io.StringIO, numbers: Iterator[int], **kind: Any) -> Town:
    return Town(prepared, folder / f"town-{next(numbers)}", log, **kind)


def main(scene: str, folder: Path) -> None:
    log = io.StringIO()
    logs.configure(logging.DEBUG, (TOKEN,), log)
    sys.excepthook = sys.__excepthook__  # what goes wrong here is told whoever has started us
    (folder / "prepared").mkdir()
    prepared = prepare(folder / "prepared")
    found = partial(_town, folder, prepared, log, iter(range(99)))
    print(json.dumps(asyncio.run(SCENES[scene](found))))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
