"""One of each role in one town, something to leak to them, and who may open which page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot import codes
from bot.access import Role
from bot.channels.web.session import COOKIE
from bot.dialogue.session import TELEGRAM, WEB, Display, Session, Visit, load
from bot.features import process_file
from bot.features.invitations import service as invitations
from bot.features.invitations.service import LinkPreset
from bot.features.register import service as register
from bot.process.flows import shipped_flows
from storage import broadcasts, outbox, people
from storage.db import Tx
from storage.outbox import NewMessage
from storage.recipients import ChosenAudience
from tests.support.chat import Found, OnTelegram, Somebody, Town
from tests.support.pages import OnPages

SECRET = "Det siger jeg kun, fordi ingen ved, hvem jeg er."
PARTY = "Foreningen for Sjældne Violer"
LABEL = "Seddel i frisørens vindue"
WRITTEN = "Kun lederne ser dette"  # to many
OURS, THEIRS = "eksempel", "nabo"

# Page → who may open it. Everybody else is answered as to an unknown command.
LEAD = frozenset({"deputy", "leader"})
PARTICIPANTS = ("frivillig", "forening", "ansat", "raad_center", "borger", "politiker")
ROLES = ("facilitator", "steering", "deputy", "leader")
ANYBODY = frozenset({*PARTICIPANTS, *ROLES})

TABLE: dict[str, frozenset[str]] = {
    "leder": LEAD | {"steering", "facilitator"},
    "daekning": LEAD | {"steering"},
    "mangler": LEAD | {"steering"},
    "tilstand": LEAD | {"steering"},
    "raad": LEAD | {"steering"},
    "indstillinger": LEAD | {"steering"},
    "overblik": LEAD | {"steering"},
    "hoeringssvar": LEAD,
    "indsigelser": LEAD,
    "kontakter": LEAD,
    "kontrol": ANYBODY,
    "del": LEAD | {"steering"},
    "indtast": LEAD | {"facilitator"},
    "maal": LEAD,
    "links": LEAD,
    "liste": LEAD,
    "fil": LEAD,
    "navne": LEAD,
    "trin": LEAD,
    "spoergsmaal": LEAD,
    "moedeplan": LEAD | {"facilitator"},
    "filer": LEAD,
    "log": LEAD,
    "skriv": LEAD,
    "beskeder": LEAD,
    "venter": LEAD,
    "roller": frozenset({"leader"}),
    "moeder": ANYBODY,  # what is for whom is asked meeting by meeting
    "mail": ANYBODY,
    "enheder": ANYBODY,
    "tilside": ANYBODY,
    "bevis": LEAD | {"steering", "facilitator"},
    "sammen": frozenset({"forening", "raad_center"}),  # an association's chair, by whom they answer as
}


@dataclass
class Cast:
    town: Town
    people: dict[str, Somebody]

    def address(self, name: str) -> tuple[str, str]:
        person = self.people[name]
        if isinstance(person, OnTelegram):
            return TELEGRAM, str(person.phone.id)
        assert isinstance(person, OnPages)
        [(address,)] = self.town.rows("SELECT address FROM sessions WHERE id_hash = ?", self.web_session(name))
        return WEB, str(address)

    def session(self, tx: Tx, name: str) -> Session:
        channel, address = self.address(name)
        now = int(self.town.clock.now)
        s = load(
            tx,
            self.town.runtime.context,
            Visit(
                channel=channel,
                address=address,
                now=now,
                sent_at=now,
                display=Display.PAGES if channel == WEB else Display.MESSAGES,
                session=self.web_session(name),
            ),
        )
        assert s is not None
        return s

    def web_session(self, name: str) -> str:
        """As it stands in the database; "" in a chat."""
        person = self.people[name]
        return codes.address_of(person.browser.cookies()[COOKIE]) if isinstance(person, OnPages) else ""


async def said_to(person: Somebody) -> tuple[int, str]:
    """What they see now: on the web with the status of the page."""
    if isinstance(person, OnPages):
        assert person.page is not None
        return person.page.status, "\n".join(person.page.sight().lines())
    return 0, "\n".join(person.sees())


async def comes(town: Town, name: str, payload: str) -> Somebody:
    person = town.somebody(name)
    await person.says(f"/start {payload}".rstrip())
    await person.taps("Jeg er med")
    return person


@asynccontextmanager
async def cast(found: Found, channel: str, *names: str, **kind: Any) -> AsyncIterator[Cast]:
    """A process with something to leak in it, another beside it with its own leader, and these people. `kind`: what
    else the town is."""
    async with found(channel=channel, steps="borger, linjer", **kind) as town:
        town.public.add(PARTY)
        now = int(town.clock.now)

        def furnish(tx: Tx) -> int:
            process_id = town.runtime.process_host.plan(tx).process_id
            register.add(tx, process_id, PARTY, "by-hand", now)
            invitations.make_campaign(tx, process_id, LinkPreset(flow="borger"), now, label=LABEL)
            _written_to_many(town, tx)
            file = town.runtime.process_host.plan(tx).file.model_copy(update={"process": THEIRS})
            return process_file.save(tx, file, shipped_flows(file), now)

        theirs = await town.runtime.database.write(furnish)
        town.said.append(LABEL)
        anna = await comes(town, "Anna", "borger")
        for label in ("Borger", "Spring over", "Spring over"):
            await anna.taps(label)
        await anna.says(SECRET)
        everybody: dict[str, Somebody] = {}
        for name in names:
            if name in ROLES:
                everybody[name] = await comes(town, name, await town.invites(name))
            elif name == THEIRS:
                make = partial(_invite_there, theirs, now)
                everybody[name] = await comes(town, name, await town.runtime.database.write(make))
            else:
                everybody[name] = await comes(town, name, "")
        there = Cast(town, everybody)

        def answer_as(tx: Tx) -> None:
            for name in names:
                if name in PARTICIPANTS:
                    s = there.session(tx, name)
                    tx.run(
                        "UPDATE capacities SET stakeholder = :group WHERE person_id = :id", group=name, id=s.person.id
                    )

        await town.runtime.database.write(answer_as)
        yield there


def _written_to_many(town: Town, tx: Tx) -> None:
    """A message that is out, and one that waits; neither has anybody to go to."""
    ours, now = town.runtime.process_host.plan(tx), int(town.clock.now)
    author = people.add(tx, ours.process_id, "forfatter", "da", now)
    for _ in range(2):
        number = broadcasts.put_draft(tx, ours.process_id, author, "forfatter", ChosenAudience(), WRITTEN, now)
        broadcasts.confirm(tx, number, now)
    outbox.enqueue(tx, NewMessage(f"bulk:{number}", author, "bulk", str(number), now + 86400, now + 2 * 86400))


def _invite_there(process_id: int, now: int, tx: Tx) -> str:
    return invitations.make(tx, process_id, Role.LEADER, now)
