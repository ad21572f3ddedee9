"""As a new project leader would: the example process, a register of 300, a poster, sixty people by three links, and
what the steering group gets to see of it. The real process beside the local Bot API."""

from __future__ import annotations

import asyncio
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.backoff import PATIENT
from storage import coverage_counters
from storage.db import Tx, connect
from storage.encryption import Keyring
from tests.support import titles
from tests.support.botapi import Person
from tests.support.patience import PATIENCE
from tests.support.world import ROOT, Answering, Bot, ForkServer, example, running

ASKED = "Vis, at det er dig"
AREAS = ("Nordby", "Søndermark", "Havnen", "Ådalen")

CROWD = {  # by which link, and as whom
    "dialog_frivillige": {"Frivillig": 12, "Forening": 10, "Frivilligråd eller frivilligcenter": 6},
    "linjer": {"Ansat i kommunen": 10, "Leder i kommunen": 2, "Byråd eller udvalg": 5},
    "borger": {"Borger": 15},
}


@pytest.mark.proof
async def test_a_leader_sees_who_is_missing_and_a_steering_member_sees_progress_and_nothing_else(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server, speed=4, patience=PATIENT) as bot:
        lea, sten = Leading(bot, "Lea"), Leading(bot, "Sten")
        await lea.comes_by(await _invited(bot, "leader"))
        await lea.taps("Jeg er med", until="Hvad vil du svare på?")

        await lea.says("/leder", until="Din rolle")
        await lea.shows_who_she_is("Interessentlisten", until="7 navne på listen")  # those of the process file
        await lea.taps("Importér fra Excel", until="højst 5 MB")
        lea.person.sends_document(_register(300), "foreninger.csv", "text/csv")
        seen = await lea.reads("300 nye navne kommer på listen.")
        assert "Række 302: mangler navn og springes over" in seen
        assert "Række 303: området »Månen« er ukendt og udelades" in seen
        assert "1 række er en gentagelse af en anden i filen." in seen
        await lea.taps("Godkend, og sæt dem på listen", until="307 navne på listen")
        await lea.taps(
            "Markér 307 navne som inviteret",
            until="307 navne bliver markeret som inviteret. Der bliver ikke sendt noget.",
        )
        await lea.taps("Ja, markér dem", until="307 navne er markeret som inviteret.")

        codes = {step: await lea.makes_link(titles.at_work(step), step) for step in CROWD}
        await lea.taps("Plakat A4", until="besyv-plakat-a4.pdf")
        assert lea.person.document.startswith(b"%PDF")

        before = bot.worked
        crowd = await _answers(bot, codes)
        assert len(crowd) == 60
        assert bot.worked - before < 20  # seconds of CPU; about 4 where this was written

        await lea.says("/status", until="Hvor mange har svaret?")
        status = await lea.reads("Trin 4")
        assert "Foreninger, frivillige og borgere: 43 personer\nKommunen: 17 personer" in status
        assert "Trin 4. Lokale dialogmøder for frivillige og foreninger: 28 er begyndt, 28 har sendt svar" in status
        assert "Trin 2. Input til de overordnede linjer: 17 er begyndt, 17 har sendt svar" in status
        assert "På interessentlisten: 307. Inviteret: 307." in status
        await lea.reads("Hvor mange har svaret? Eksempel Kommune")
        assert lea.person.document.startswith(b"\x89PNG")
        await lea.taps("Hvem mangler at svare?", until="Vi mangler svar fra 307 navne på listen (alle trin).")
        await lea.says("/leder", until="Din rolle")
        await lea.taps("Gode råd fra guiden", until="✓ Ansatte fra flere forvaltninger har svaret")
        assert "☐ Styregruppen har medlemmer" in lea.screen

        await sten.comes_by(await lea.invites_to_the_steering_group())
        await sten.taps("Jeg er med", until="Du er med")
        await sten.says("/daekning", until="Hvor mange har svaret?")
        daekning = await sten.reads("Trin 4")
        assert "Trin 4. Lokale dialogmøder for frivillige og foreninger: " in daekning and "i spring på 5" in daekning
        await sten.says("/leder", until="Din rolle")
        assert sten.buttons == [
            "Hvor mange har svaret?",
            "Hvem mangler at svare?",
            "Uenighed om indstilling",
            "Gode råd fra guiden",
            "Del et link",
            "Ugens overblik",
        ]
        await sten.taps("Gode råd fra guiden", until="Rådene kommer fra guiden")
        await sten.taps("Tilbage", until="Deltagere i alt")
        await sten.taps("Forvaltninger", until="Oversigten viser ansatte og ledere.")
        said = {text for someone in crowd for told in someone.told.values() for text in told.parts}
        everything = "\n".join(seen.text for seen in sten.person.sees() if seen.by_bot)
        assert not any(text in everything for text in said)
        assert re.findall(r"\b([1-4]) (?:begyndt|sendt|person)", everything) == []
        await sten.says("/eksport csv", until="Den kommando findes ikke.")

        await bot.settled()
        assert bot.api.violations == [] and bot.api.unanswered_callbacks() == []
        with closing(connect(bot.database)) as connection:
            tx = Tx(connection, Keyring(bot.key))
            assert sorted(map(repr, coverage_counters.of_process(tx, 1))) == sorted(
                map(repr, coverage_counters.recounted(tx, 1))
            )


def _register(rows: int) -> bytes:
    """As Excel in Denmark saves it: semicolons, Windows' letters; a line without a name, and one that stands twice."""
    lines = ["Foreningens navn;Type;Lokalområde;Medlemmer;E-mail"]
    lines += [f"Ærø{n} Æblevenner {n};Forening;{AREAS[n % 4]};{n};forening{n}@by.example" for n in range(1, rows + 1)]
    lines += [";Forening;Nordby;12;ingen@by.example", "ærø1 æble-venner 1;Forening;Månen;;"]
    return "\r\n".join(lines).encode("cp1252")


async def _invited(bot: Bot, role: str) -> str:
    """The code that `besyv invite` prints."""
    return await _printed(bot, r"/start (\S+)", "invite", role)


async def _code(bot: Bot) -> str:
    """What `besyv code` prints, for the leader."""
    return await _printed(bot, r"(\d{4} \d{4})\n", "code")


async def _printed(bot: Bot, wanted: str, *command: str) -> str:
    printed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "bot", *command],
        cwd=ROOT,
        env=bot.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(wanted, printed.stdout)
    assert found is not None
    return found[1]


async def _answers(bot: Bot, codes: dict[str, str]) -> list[Answering]:
    """Sixty people at once, each by the link of their step, until they have sent it."""
    crowd = []
    for step, groups in CROWD.items():
        for role, number in groups.items():
            for n in range(number):
                person = Person(bot.api, f"{role.split()[0]}{n}")
                chance = random.Random(f"{role}{n}")
                crowd.append(Answering(person, example(), chance, role, came_for=codes[step], patience=20))
    async with asyncio.TaskGroup() as group:
        for someone in crowd:
            group.create_task(someone.answers(enough=_has_sent(someone.person)))
    return crowd


def _has_sent(person: Person) -> Callable[[], bool]:
    return lambda: any("Kvitteringsnummeret er" in seen.text for seen in person.sees() if seen.by_bot)


class Leading:
    """Somebody with a role: goes from panel to panel, each once it stands on the screen."""

    def __init__(self, bot: Bot, name: str) -> None:
        self.bot = bot
        self.person = Person(bot.api, name)

    @property
    def screen(self) -> str:
        return "\n".join(str(seen) for seen in self.person.sees()[-3:] if seen.by_bot)

    @property
    def buttons(self) -> list[str]:
        return next(seen.labels for seen in reversed(self.person.sees()) if seen.by_bot and seen.rows)

    async def reads(self, until: str) -> str:
        ends = time.monotonic() + PATIENCE
        while not any(each in self.screen for each in until.split("|")):
            assert time.monotonic() < ends, f"not: {until}\n{self.screen}\n{self.bot.said[-3000:]}"
            await asyncio.sleep(0.02)
        return self.screen

    async def comes_by(self, code: str) -> None:
        self.person.starts(code)
        await self.reads("Det er dit eget valg, om du vil være med.")

    async def says(self, text: str, until: str) -> None:
        self.person.says(text)
        await self.reads(until)

    async def taps(self, label: str, until: str) -> None:
        self.person.taps(label)
        await self.reads(until)

    async def shows_who_she_is(self, label: str, until: str) -> None:
        """By a code from the operator, where she is asked for one; then she is where the button leads."""
        self.person.taps(label)
        await self.reads(f"{ASKED}|{until}")
        if ASKED in self.screen:
            await self.says(await _code(self.bot), until=until)

    async def makes_link(self, step: str, name: str) -> str:
        await self.says("/leder", until="Din rolle")
        await self.taps("Links og plakater", until="Et åbent link kan bruges af alle")
        await self.taps("Lav et nyt åbent link", until="Hvilket trin")
        await self.taps(step, until="Hvilken gruppe er linket til?")
        await self.taps("De vælger selv", until="Hvilket lokalområde er linket til?")
        await self.taps("De vælger selv", until="Hvad skal linket hedde?")
        self.person.says(f"Plakat til {name}")
        found = re.search(r"start=(k-\w+)", await self.reads("Linket er klar."))
        assert found is not None
        return found[1]

    async def invites_to_the_steering_group(self) -> str:
        await self.says("/leder", until="Din rolle")
        await self.shows_who_she_is("Roller", until="Vi gemmer ikke navne.")
        await self.taps("Tildel en rolle", until="En mødeleder kan indtaste svar")
        await self.taps("Styregruppen", until="Hvem repræsenterer medlemmet?")
        await self.taps("Frivillig", until="Hvem er linket til?")
        self.person.says("formand for et råd")
        found = re.search(r"start=(i-[\w-]+)", await self.reads("Linket kan bruges én gang"))
        assert found is not None
        return found[1]
