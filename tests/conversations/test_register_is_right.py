"""The register is right, whatever the way an answer came by: it stands at its entry, and who has answered is not named
among those who are missing. A name alone is presumed in the hearing; the leader or the entry's own link confirms it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

import pytest

from bot.features.invitations import service as invitations
from bot.features.invitations.service import LinkPreset
from bot.features.register import service as register
from storage import register as entries
from storage.db import Tx
from tests.support import titles
from tests.support.cast import said_to
from tests.support.chat import Found, OnTelegram, Town
from tests.support.pages import OnPages

T = TypeVar("T")
Somebody = OnTelegram | OnPages
LINES = "Trin 2. Input til de overordnede linjer"
LIST, ENTER = "Interessentlisten", "Indtast svar for andre"
TIES = "SELECT name, tied_by FROM runs JOIN parties ON parties.id = party_id WHERE flow <> 'start' ORDER BY runs.id"


@pytest.fixture(params=["telegram", "web"])
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def make(town: Town, act: Callable[[Tx, int, int], T]) -> T:
    process = town.runtime.process_host
    return await town.runtime.database.write(lambda tx: act(tx, process.plan(tx).process_id, int(town.clock.now)))


async def listed(town: Town, *wanted: str) -> list[int]:
    """Put on the register as a file would."""
    town.public.update(wanted)
    return await make(town, lambda tx, process, now: [register.add(tx, process, name, "file", now) for name in wanted])


async def own_link(town: Town, party: int) -> str:
    to = LinkPreset(stakeholder="forening", party_id=party)
    code = await make(town, lambda tx, process, now: invitations.make_personal(tx, process, to, now))
    town.said.append(code)
    return code


async def looks(somebody: Somebody) -> str:
    return (await said_to(somebody))[1]


async def does(somebody: Somebody, *acts: str) -> str:
    """`> words` are written, everything else is a button; what they see at the end."""
    for act in acts:
        somebody.sees()
        await (somebody.says(act[2:]) if act.startswith("> ") else somebody.taps(act))
    return await looks(somebody)


async def comes(town: Town, name: str, *acts: str, by: str = "") -> Somebody:
    somebody = town.somebody(name)
    assert isinstance(somebody, OnTelegram | OnPages)
    await does(somebody, f"> /start {by}".strip(), "Jeg er med", *acts)
    return somebody


def labels(somebody: Somebody) -> list[str]:
    if isinstance(somebody, OnTelegram):
        return somebody.phone.buttons
    assert somebody.page is not None
    return somebody.page.sight().buttons


SENDS = ("Send", "Send høringssvaret")


async def sends(somebody: Somebody, *first: str) -> None:
    """Says something, and passes the rest by."""
    await does(somebody, *(first or ("> Vi vil gerne høres",)))
    while not any(label in SENDS for label in labels(somebody)):
        await somebody.taps("Spring over")
    await does(somebody, next(label for label in labels(somebody) if label in SENDS))


async def leader(town: Town, role: str = "leader") -> Somebody:
    return await comes(town, "Lea", by=await town.invites(role))


def association(called: str) -> tuple[str, ...]:
    return ("Forening", f"> {called}", "Idræt", "Nordby", "Nej")


# --- fifty parties, by seven ways -------------------------------------------------------------------------

FIRST = ("Ravn", "Birk", "Elm", "Fyr", "Gran", "Hassel", "Iris", "Jasmin", "Kløver", "Lilje")
SECOND = ("Kor", "Skytter", "Spejdere", "Roklub", "Teater")
FIFTY = tuple(f"{first} {second}" for second in SECOND for first in FIRST)


class Office:
    """The leader at the panels."""

    def __init__(self, town: Town, lea: Somebody) -> None:
        self.town, self.lea, self.told = town, lea, ""

    async def enters(self, source: str, name: str) -> None:
        """From a table, a caller or paper, for the entry of that name."""
        await does(self.lea, "> /leder", ENTER, "Indtast nye svar", source, LINES, "Forening", f"> {name}", name)
        await does(self.lea, "Én person", "Idræt", "Nordby")
        await sends(self.lea)

    async def ties(self, name: str, called: str) -> None:
        await does(self.lea, "> /leder", LIST, "Søg", f"> {name}", name)
        shown = await does(self.lea, "Knyt et svar til dem")
        label = next(label for label in labels(self.lea) if label.startswith(f"{called}: "))
        assert label in shown
        await does(self.lea, label)

    async def missing(self) -> list[str]:
        self.told = told = await does(self.lea, "> /leder", "Hvem mangler at svare?")
        return re.findall(r"^• (.*): ", told, re.MULTILINE)

    async def card(self, name: str) -> str:
        return await does(self.lea, "> /leder", LIST, "Søg", f"> {name}", name)


@pytest.mark.story
async def test_fifty_parties_by_seven_ways_equal_the_truth(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="linjer") as town:
        office = Office(town, await leader(town))
        before, listed_first = FIFTY[:6], FIFTY[6:]
        truth: dict[str, str] = {}
        for name in before:  # answered before the list was there
            await sends(await comes(town, f"B {name}", *association(name)))
            truth[name] = "name"
        numbers = dict(zip(listed_first, await listed(town, *listed_first), strict=True))
        await listed(town, *before)
        ways = iter(listed_first)
        for _ in range(6):  # by its own link
            name = next(ways)
            told = (f"> {name}", "Idræt", "Nordby", "Nej", name)
            await sends(await comes(town, f"L {name}", *told, by=await own_link(town, numbers[name])))
            truth[name] = "link"
        for _ in range(6):  # its name typed
            name = next(ways)
            await sends(await comes(town, f"T {name}", *association(name.upper()), name))
            truth[name] = "said"
        for _ in range(6):  # chosen from those that are offered
            name = next(ways)
            await sends(await comes(town, f"O {name}", *association(f"{name}et"), name))
            truth[name] = "said"
        for place in range(6):  # entered for others
            name = next(ways)
            await office.enters(("En gruppe på et møde", "Telefon", "Papir")[place % 3], name)
            truth[name] = "entered"
        for _ in range(6):  # jointly: a member shows their answers, the chair sends
            name = next(ways)
            chair = await comes(town, f"C {name}", *association(name), name, "Stop og gem", "> /sammen")
            shown = await does(chair, f"Begynd et fælles svar: {titles.asked('linjer', many=True)}")
            code = next(iter(re.findall(r"(?:start=|/i/|/start )(s-\w+)", shown)))
            member = await comes(town, f"M {name}", "Frivillig", "Idræt", "Nordby", "Nej", by=code)
            await does(member, "Ja, det må de gerne")
            await sends(member, "☐ Ældre", "Færdig")
            await does(chair, "Skriv det fælles svar")
            await sends(chair)
            truth[name] = "said"
        for place in range(6):  # tied by the leader
            name, called = next(ways), f"Klub nummer {place}"
            await sends(await comes(town, f"K {name}", *association(called)))
            await office.ties(name, called)
            truth[name] = "leader"
        assert len(truth) == 42
        assert dict(town.rows(TIES)) == truth
        assert len(town.rows(TIES)) == 42
        silent = [name for name in FIFTY if name not in truth]
        assert sorted(await office.missing()) == sorted(silent)
        for name, by in list(truth.items())[::7]:
            card = await office.card(name)
            assert f"• {LINES}: " in card and SAYS[by] in card, name
        assert "Sendt:" not in await office.card(silent[0])

        def progress(tx: Tx, process: int, _: int) -> dict[str, bool]:
            return {each.party.name: each.sent for each in entries.progress(tx, process, "linjer")}

        assert await make(town, progress) == {name: name in truth for name in FIFTY}


SAYS = {
    "name": "Knyttet efter det navn, de skrev.",
    "link": "De kom med deres eget link.",
    "said": "De har selv valgt navnet på listen.",
    "entered": "Den, der indtastede svaret, har valgt navnet.",
    "leader": "Bekræftet af projektlederen.",
}


@pytest.mark.parametrize("passes", ["Spring over", "Ved ikke"])
async def test_who_tells_no_size_has_that_of_the_list(found: Found, channel: str, passes: str) -> None:
    async with found(channel=channel, steps="dialog_frivillige") as town:
        [number] = await listed(town, "Koret")
        await make(town, lambda tx, _, __: tx.run("UPDATE parties SET size = '10-24' WHERE id = :id", id=number))
        told = "På listen står, at I har 10-24 frivillige. Vi går ud fra det tal, til I oplyser et andet."
        karl = await comes(town, "Karl", *association("Koret"))
        assert told in await does(karl, "Koret")
        await does(karl, "> En nøgle", "Færdig")
        while "Cirka hvor mange frivillige har I?" not in await looks(karl):
            karl.sees()
            await karl.taps("Spring over")
        await sends(karl, passes)
        sent = "SELECT size FROM runs WHERE flow = 'dialog_frivillige' AND sent_at IS NOT NULL"
        assert town.rows(sent) == [("10-24",)]


# --- in the hearing ---------------------------------------------------------------------------------------


async def responds(town: Town, who: str, *told: str, by: str = "") -> Somebody:
    """Sends a hearing response; the last thing told is the answer to a question of it."""
    somebody = await comes(town, who, *told[:-1], by=by)
    await sends(somebody, told[-1])
    return somebody


CITIZEN = ("Borger", "Havnen", "Nej")


async def test_a_name_alone_is_presumed_in_the_hearing_until_the_leader_confirms_it(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="hoering") as town:
        office = Office(town, await leader(town))
        await listed(town, "Havnens Venner", "Koret")
        await responds(town, "Bo", *CITIZEN, "En forening", "> havnens  venner")
        assert town.rows(TIES) == [("Havnens Venner", "name")]
        assert "Formodet: Vi kender kun navnet." in await office.card("Havnens Venner")
        assert await office.missing() == ["Koret"]
        assert "1 høringssvar er formodet: Vi kender kun navnet på den, der har svaret." in office.told
        await does(office.lea, "1 formodet svar")
        button = next(label for label in labels(office.lea) if label.startswith("Havnens Venner"))
        told = await does(office.lea, button)
        assert "→ havnens  venner" in told.replace("havnens venner", "havnens  venner")
        told = await does(office.lea, "Bekræft, at svaret er deres")
        assert "Svaret hører nu til Havnens Venner." in told and "Formodet" not in told
        assert town.rows(TIES) == [("Havnens Venner", "leader")]
        assert [action for (action,) in town.rows("SELECT action FROM audit")][-2:] == ["read-response", "tied"]


async def test_the_entrys_own_link_confirms_what_its_name_presumed(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="hoering") as town:
        [number] = await listed(town, "Havnens Venner")
        karl = await responds(
            town,
            "Karl",
            *association("Havnens Venner"),
            "Havnens Venner",
            "Vores egen forening, vores eget råd eller center",
        )
        assert town.rows(TIES) == [("Havnens Venner", "said")]
        assert await make(town, lambda tx, process, _: register.presumed(tx, process)) == 1
        await does(karl, f"> /start {await own_link(town, number)}")
        assert town.rows(TIES) == [("Havnens Venner", "link")]
        assert await make(town, lambda tx, process, _: register.presumed(tx, process)) == 0


async def test_the_leader_undoes_a_tie_and_no_name_puts_it_back(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="hoering") as town:
        office = Office(town, await leader(town))
        await listed(town, "Havnens Venner")
        await responds(town, "Bo", *CITIZEN, "En forening", "> Havnens Venner")
        await office.card("Havnens Venner")
        button = next(label for label in labels(office.lea) if label.startswith("Læs svaret: Trin 7"))
        told = await does(office.lea, button, "Fjern svaret fra navnet")
        assert "Svaret hører ikke længere til Havnens Venner, men det er stadig sendt." in told and "Sendt:" not in told
        await listed(town, "Koret")
        assert town.rows(TIES) == []
        assert await office.missing() == ["Havnens Venner", "Koret"]
        await office.ties("Havnens Venner", "Havnens Venner")  # and ties it again
        assert town.rows(TIES) == [("Havnens Venner", "leader")]


async def test_who_answers_for_themselves_answers_for_nobody_of_the_register(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="hoering") as town:
        await listed(town, "Havnens Venner")
        await responds(town, "Karl", *association("Havnens Venner"), "Havnens Venner", "Kun mig selv")
        assert town.rows(TIES) == []
        await listed(town, "Koret")  # nor later
        assert town.rows(TIES) == []


async def test_whom_a_response_is_for_follows_its_own_correction(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="hoering") as town:
        await listed(town, "Havnens Venner", "Koret")
        bo = await responds(town, "Bo", *CITIZEN, "En forening", "> Koret")
        assert town.rows(TIES) == [("Koret", "name")]
        await does(bo, "Ret mine svar", titles.asked("hoering"), "Ret 2", "> Havnens Venner")
        assert town.rows(TIES) == [("Havnens Venner", "name")]


# --- what was sent stays ----------------------------------------------------------------------------------


async def test_an_entry_renamed_merged_or_removed_keeps_what_was_sent(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="linjer") as town:
        office = Office(town, await leader(town))
        await listed(town, "Havnens Venner", "Venner af Havnen", "Koret")
        await sends(await comes(town, "Karl", *association("Havnens Venner"), "Havnens Venner"))
        await office.card("Havnens Venner")
        town.public.update({"Havnekoret", "koret"})
        assert "Havnekoret" in await does(office.lea, "Ret navnet", "> Havnekoret")
        kept = (
            "SELECT party, tied_by, parties.name FROM runs LEFT JOIN parties ON parties.id = party_id WHERE sent_at > 0"
        )
        kept += " AND flow = 'linjer'"
        assert town.rows(kept) == [("Havnens Venner", "said", "Havnekoret")]
        told = await does(office.lea, "Ret navnet", "> koret")  # another bears it
        assert "Er Havnekoret den samme som Koret?" in told
        await does(office.lea, "Ja, læg dem sammen")
        assert town.rows(kept) == [("Havnens Venner", "said", "Koret")]
        assert sorted(name for (name,) in town.rows("SELECT name FROM parties")) == ["Koret", "Venner af Havnen"]
        await sends(
            await comes(town, "Ib", *association("Havnekoret"), *(("Nej, eller vil ikke oplyse det",) if 0 else ()))
        )
        await office.card("Koret")
        await does(office.lea, "Fjern fra listen", "Ja, fjern fra listen")
        assert town.rows(kept)[0] == ("Havnens Venner", "said", None)


async def test_a_suggestion_that_is_an_entry_ties_all_that_bears_its_name(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="linjer") as town:
        office = Office(town, await leader(town))
        for who in ("Karl", "Ib"):
            await sends(await comes(town, who, *association("Vennerne")))
        await listed(town, "Vennekredsen Havnen")
        town.public.update({"Vennerne", "Vennekredsen"})
        await does(office.lea, "> /leder", LIST, "1 forslag fra deltagerne", "Vennerne (2)")
        button = next((label for label in labels(office.lea) if label.startswith("Samme som")), None)
        assert button is None  # too unlike: put on the list, and merged
        await does(office.lea, "Sæt på listen")
        assert town.rows(TIES) == [("Vennerne", "name")] * 2
        await office.card("Vennerne")
        await does(office.lea, "Læg sammen med en anden", "> Vennekredsen", "Vennekredsen Havnen", "Ja, læg dem sammen")
        assert town.rows(TIES) == [("Vennekredsen Havnen", "name")] * 2
        await sends(await comes(town, "Eva", *association("vennerne")))
        assert town.rows(TIES) == [("Vennekredsen Havnen", "name")] * 3


# --- who may ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["steering", "facilitator"])
async def test_nobody_else_ties_or_reads_what_an_entry_sent(found: Found, channel: str, role: str) -> None:
    async with found(channel=channel, steps="hoering") as town:
        await listed(town, "Havnens Venner")
        await responds(town, "Bo", *CITIZEN, "En forening", "> Havnens Venner")
        lea = await leader(town, role)
        told = await does(lea, "> /leder")
        assert LIST not in told
        if role == "steering":
            told = await does(lea, "Hvem mangler at svare?")
            assert "formodet" not in told and "Havnens Venner" not in told


async def test_a_facilitator_is_asked_whom_an_association_is_and_finds_it_by_its_name(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps="linjer") as town:
        await listed(town, "Havnens Venner", "Koret")
        ida = await comes(town, "Ida", by=await town.invites("facilitator"))
        told = await does(ida, "> /leder", ENTER, "Indtast nye svar", "Papir", LINES, "Forening")
        assert "Hvem er svarene fra?" in told and "Koret" not in told
        assert "Der er ingen på listen med det navn." in await does(ida, "> Cirkus")
        told = await does(ida, "> havnens", "Havnens Venner", "Én person")
        assert "Papir, 1 person, Forening, Havnens Venner" in told
        assert "Hvad hedder" not in told  # that has been said
        await does(ida, "Idræt", "Nordby")
        await sends(ida)
        assert town.rows(TIES) == [("Havnens Venner", "entered")]
        asked = "SELECT question, asked FROM answers WHERE question IN ('S1', 'S2') ORDER BY question"
        assert town.rows(asked) == [("S1", "Hvilken gruppe tilhører de?"), ("S2", "Hvem er svarene fra?")]
        told = await does(ida, "> /leder", ENTER, "Indtast nye svar", "Papir", LINES, "Borger")
        assert "Hvor mange har været med til at svare?" in told
