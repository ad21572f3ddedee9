"""Two weeks of a process, up to an evening on which everybody is in the middle of something; and what is kept of it.

`python -m tests.support.lived tests/data/databases/<commit>` lives it under the Besyv of this tree and writes four
files: the database as SQL, its key, the key store as SQL, and what people have in their hands (chats, cookies, links).
Here: the story, told through what people do on their channels, so that a later Besyv can live it too. Not here: how
what is kept is opened again (databases.py), what must hold then (tests/test_older_databases.py).
"""

from __future__ import annotations

import asyncio
import io
import logging
import re
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from storage import municipal_logins, passkeys
from storage.db import Tx
from storage.key_store import NAME
from tests.support import titles
from tests.support.botapi import Fault
from tests.support.chat import OnTelegram, Somebody, Town, prepare
from tests.support.codes import code_for
from tests.support.danish_time import local
from tests.support.databases import HANDS, KEY, PEOPLE, SQL, Json, as_lines, hands_of, written
from tests.support.mailbox import SILENCE, Mailbox, mailbox
from tests.support.pages import OnPages

STEPS = (
    "plan closes 2026-04-17 16:00, linjer opens 2026-03-20 08:00 closes 2026-06-30 16:00, "
    "faelles closes 2026-06-30 16:00, dialog_frivillige closes 2026-03-27 16:00, "
    "dialog_fag opens 2026-09-01 08:00 closes 2026-10-01 16:00, "
    "hoering opens 2026-03-11 08:00 closes 2026-06-30 16:00, borger closes 2026-03-18 12:00, "
    "afdaek closes 2026-06-30 16:00"
)

PLAN, DIALOGUE, STAFF = (titles.asked(flow) for flow in ("plan", "dialog_frivillige", "dialog_fag"))
JOINT = titles.asked("dialog_frivillige", many=True)
OPENING, HALL, TOWN_HALL = "Opstart i Havnen", "Dialogmøde i Nordby", "Fællesmøde på rådhuset"
LEADS, LIST, MEETINGS = "/leder", "Interessentlisten", "Møder"
YES, WAIT, AWAY, LOOK = "Ja, jeg kommer", "Sæt mig på ventelisten", "Nej", "Se mødet"
VOLUNTEER = ("Jeg er med", "Frivillig", "Idræt", "Nordby", "Ja")
COUNCIL = ("Jeg er med", "Frivilligråd eller frivilligcenter")

REGISTER = (
    ("Nordby Idrætsforening", "Forening", "Nordby", "120", "nif@forening.example"),
    ("Besøgsvennerne i Havnen", "Forening", "Havnen", "12", "venner@forening.example"),
    ("Spejderne i Ådalen", "Forening", "Ådalen", "40", ""),
)


async def does(person: Somebody, *acts: str) -> str:
    """`> words` and `/commands` are written, everything else is a button; what was seen at the end."""
    for act in acts:
        person.sees()
        if act.startswith(("> ", "/")):
            await person.says(act.removeprefix("> "))
        else:
            await person.taps(act)
    return "\n\n".join(person.sees())


def labels(person: Somebody) -> list[str]:
    if isinstance(person, OnTelegram):
        return person.phone.buttons
    assert isinstance(person, OnPages) and person.page is not None
    return [control.label for control in person.page.buttons()]


async def skips(person: Somebody, until: str) -> None:
    """Passes questions by until a button stands there."""
    while until not in labels(person):
        await person.taps("Spring over")


AFTER_SENDING = ("Ret mine svar", "Træk svaret tilbage")


async def answers_or_sends(person: OnTelegram, offered: list[str]) -> None:
    """The first question of a step is answered, the others are passed by, and it is sent."""
    way = next((label for label in offered if label.startswith("Send")), None) or next(
        (label for label in ("Færdig",) if label in offered), None
    )
    is_first = "\n\n1 af " in f"\n\n{person.phone.last.text}" and "Tilbage" not in offered  # no follow-up to it
    if way is None and "Spring over" in offered and not is_first:
        way = "Spring over"
    if way is None and offered[0] in ("Spring over", "Stop og gem"):
        await person.says("Det skal være let")
    else:
        await person.taps(way or offered[0])


def code_in(shown: str) -> str:
    """What follows `?start=` in a link."""
    found = re.search(r"(?:\?start=|/i/)([\w-]+)", shown)
    assert found is not None, shown
    return found[1]


def table(*rows: tuple[str, ...]) -> bytes:
    """CSV as a Danish Excel saves it."""
    head = ("Navn", "Type", "Område", "Medlemmer", "Mail")
    return "".join(";".join(row) + "\r\n" for row in (head, *rows)).encode("cp1252")


class Lived:
    """The town, and who lives in it."""

    def __init__(self, town: Town, box: Mailbox) -> None:
        self.town = town
        self.box = box
        self.links: dict[str, str] = {}
        self.hands: Json = {}

    def at(self, name: str) -> OnTelegram:
        return self.town.person(name)

    def on_pages(self, name: str) -> OnPages:
        return self.town.visitor(name)

    async def comes_to(self, moment: str) -> None:
        await self.town.wait(local(f"2026-{moment}") - int(self.town.clock.now))
        await self.town.looks()

    async def presses(self, person: OnTelegram, label: str, *, of: str) -> str:
        """A button of the message that has these words in it."""
        person.sees()
        [*_, found] = [seen for seen in person.phone.sees() if seen.by_bot and of in seen.text and label in seen.labels]
        await person.does(lambda: person.phone.taps(label, on=found.id))
        return "\n\n".join(person.sees())

    async def says_to_meeting(self, person: OnTelegram, title: str, answer: str) -> None:
        """On the invitation, which may stand beside others in one message: «1: Ja»."""
        of = f"Invitation: {title}"
        [*_, shown] = [seen for seen in person.phone.sees() if seen.by_bot and of in seen.text]
        numbered = re.search(rf"^(\d)\. {of}$", shown.text, re.MULTILINE)
        label = f"{numbered[1]}: {answer.partition(',')[0]}" if numbered is not None else answer
        await self.presses(person, label, of=of)

    async def until(self, reached: Callable[[], bool]) -> None:
        """While the bot does not come to rest."""
        ends = time.monotonic() + 20
        while not reached():
            assert time.monotonic() < ends, self.town.log.getvalue()[-3000:]
            await asyncio.sleep(0.01)

    async def lives(self) -> None:
        await self.tuesday()
        await self.a_fortnight()
        await self.thursday()

    # --- 3 March: roles, the register, links; the first people ------------------------------------------------

    async def tuesday(self) -> None:
        lea = self.at("Lea")
        await does(lea, f"/start {await self.town.invites('leader')}", "Jeg er med")
        await self.gives_roles(lea)
        await self.lists_whom_to_hear(lea)
        await self.makes_links(lea)
        await self.people_come()
        for title, when in ((OPENING, "5.3.2026 kl. 18"), (TOWN_HALL, "26.3.2026 kl. 17")):
            await self.plans_meeting(lea, title, when)
        await self.town.looks()  # both invitations are one message

    async def gives_roles(self, lea: OnTelegram) -> None:
        for name, role, *whom in (
            ("Dea", "Stedfortræder"),
            ("Sten", "Styregruppen", "Frivillig"),
            ("Stig", "Styregruppen", "Forening"),
            ("Fie", "Mødeleder"),
        ):
            shown = await does(lea, LEADS, "Roller", "Tildel en rolle", role, *whom, f"> {name} fra gruppen")
            await does(self.at(name), f"/start {code_in(shown)}", "Jeg er med")
        for name, reminded in (("Sten", "Ja"), ("Stig", "Ja"), ("Fie", "Nej")):  # who holds a role is not asked
            await does(self.at(name), "/rolle", "Borger", "Spring over", reminded)
        await does(lea, LEADS, "Roller", "Tildel en rolle", "Styregruppen", "Borger", "> En, der aldrig kom")

    async def lists_whom_to_hear(self, lea: OnTelegram) -> None:
        """By a file, from the template, by hand; later, from answers."""
        await does(lea, LEADS, LIST, "Importér fra Excel")
        await lea.does(lambda: lea.phone.sends_document(table(*REGISTER), "foreninger.csv", "text/csv"))
        await does(lea, "Godkend, og sæt dem på listen", LEADS, LIST, "Faste høringsparter")
        await does(
            lea,
            "☐ Ældrerådet (skal høres ifølge loven)",
            LEADS,
            LIST,
            "Tilføj en forening eller et råd",
            "> Cykelværkstedet",
            "Notér, at de takker nej",
        )

    async def makes_links(self, lea: OnTelegram) -> None:
        shown = await does(
            lea,
            LEADS,
            "Links og plakater",
            "Lav et nyt åbent link",
            titles.at_work("dialog_frivillige"),
            "Forening",
            "Nordby",
            "> Seddel i hallen",
        )
        self.links["open"] = code_in(shown)
        await does(
            lea,
            LEADS,
            "Links og plakater",
            "Lav et nyt åbent link",
            "Det trin, der er åbent for dem",
            "De vælger selv",
            "De vælger selv",
            "> Gammel plakat",
            "Luk linket",
            "Ja, luk det",
        )
        for name in ("Besøgsvennerne i Havnen", "Ældrerådet"):
            shown = await does(lea, LEADS, LIST, "Se hele listen", name, "Lav et personligt link")
            self.links[name] = code_in(shown)

    async def plans_meeting(self, lea: OnTelegram, title: str, when: str, *more: str) -> None:
        await does(
            lea,
            LEADS,
            MEETINGS,
            "Nyt møde",
            "Andet møde",
            f"> {title}",
            f"> {when}",
            "Mødet varer to timer",
            "> Kulturhuset",
        )
        await does(lea, "Se hele mødet", *more, "Se invitationen, før den bliver sendt", "Ja, opret mødet")

    # --- 4 to 17 March: people come, two meetings, one outage ---------------------------------------------------

    async def a_fortnight(self) -> None:
        await self.comes_to("03-04 10:00")
        await self.opening()
        await self.hall_is_planned()
        await self.comes_to("03-09 10:00")
        await self.town.plans_meeting("aabent: title = Åbent hus; place = Rådhuset; starts = 2026-04-14 17:00")
        await self.comes_to("03-10 10:00")
        await self.writes_to_all()
        await self.comes_to("03-12 18:00")
        await self.hall_is_moved()
        await self.comes_to("03-16 08:50")
        await self.outage()

    async def people_come(self) -> None:
        anna = self.at("Anna")
        await does(anna, "/start plan", *VOLUNTEER, "> Kom ud til os", "> Giv os en kop kaffe", "> Spørg de unge")
        await does(anna, "Færdig", "> Hvem rydder op bagefter?", "Færdig", "☐ Møde om aftenen", "☐ Svare på papir")
        await does(anna, "Færdig", "Ja", "> Anna Lund, 20 11 22 33", "> Tak for kaffen", "Send")
        await anna.edits("Giv os en kop kaffe", "Giv os en kop te")  # sent already: corrected, with its history
        dan = self.at("Dan")
        await does(dan, "/start plan", *VOLUNTEER, "> Lyt mere, end I taler")
        await skips(dan, "Send")
        await does(dan, "Send", "Ret mine svar", PLAN, "Ret 1", "> Lyt dobbelt så meget, som I taler")
        for name in ("Cai", "Gry", "Vagn", "Vera", "Ole", "Pia", "Nana"):
            person = self.at(name)
            await does(person, "/start plan", *VOLUNTEER, f"> {name} vil helst mødes om aftenen")
            await skips(person, "Send")
            await person.taps("Send")
        await does(self.at("Ole"), "/stop")
        await self.at("Pia").does(self.at("Pia").phone.blocks)
        for name in ("Wera", "Walt"):
            await does(self.on_pages(name), "/start plan", *VOLUNTEER)
            await self.gives_mail(name)
        await self.confirms_mail("Wera")
        await self.confirms_mail("Walt")
        self.box.at_recipient["walt@nordby.example"] = "550 5.1.1 No such user"
        await self.names_are_given()

    async def gives_mail(self, name: str) -> None:
        await does(self.on_pages(name), "/mail", f"> {name.lower()}@nordby.example")
        await self.town.rest()

    def in_mail(self, name: str, label: str) -> str:
        """Where a link of the newest mail leads."""
        [*_, mail] = [each for each in self.box.mails if each.to == f"{name.lower()}@nordby.example"]
        found = re.search(rf"^{label}: (\S+)$", mail.text, re.MULTILINE)
        assert found is not None, mail.text
        return found[1]

    async def confirms_mail(self, name: str) -> None:
        page = await self.on_pages(name).browser.get(self.in_mail(name, "Ja, det er min adresse"))
        [button] = [control for control in page.buttons() if control.label == "Ja, det er min adresse"]
        await self.on_pages(name).browser.press(page, button.element)

    async def names_are_given(self) -> None:
        """Whom have we not asked? Of four names one comes onto the list, one is there already, one is left out."""
        poul = self.at("Poul")
        await does(poul, "/start afdaek", "Jeg er med", "Byråd eller udvalg")
        while "Hvem mangler vi at spørge" not in await does(poul, "Spring over"):
            pass
        await does(poul, "> Skakklubben i Søndermark", "> Spejderne", "> Min nabo Kurt", "> Koret i Havnen", "Færdig")
        await skips(poul, "Send")
        await poul.taps("Send")
        lea = self.at("Lea")
        await does(lea, LEADS, LIST, "4 forslag fra deltagerne", "Skakklubben i Søndermark (1)", "Sæt på listen")
        await does(lea, "Spejderne (1)", "Samme som Spejderne i Ådalen", "Min nabo Kurt (1)", "Afvis forslaget")

    async def opening(self) -> None:
        """The first meeting: who comes, and its minutes, which somebody objects to."""
        for name, answer in (("Anna", YES), ("Dan", YES), ("Cai", YES), ("Gry", AWAY)):
            await self.says_to_meeting(self.at(name), OPENING, answer)
        lea, fie = self.at("Lea"), self.at("Fie")
        await does(lea, LEADS, MEETINGS, f"5. mar.: {OPENING}", "Ret mødet", "Mødeleder")
        await does(lea, next(label for label in labels(lea) if label.startswith("Mødeleder")), "Ja, ret mødet")
        await self.comes_to("03-06 10:00")
        await does(
            fie, LEADS, MEETINGS, f"5. mar.: {OPENING}", "Skriv antal fremmødte", "> 23", "Skriv eller se referat"
        )
        await does(
            fie, "> Vi vil låne lokaler\nKommunen betaler kaffen", "Se referatet, og send det", "Ja, send referatet"
        )
        await self.town.looks()
        of = f"Referat: {OPENING}"
        await self.presses(self.at("Anna"), "Godkend referatet", of=of)
        await self.presses(self.at("Dan"), "Noget er forkert", of=of)
        await does(self.at("Dan"), "Punkt 2 er forkert", "> Vi betaler selv for kaffen")
        await self.presses(self.at("Cai"), "Noget er forkert", of=of)
        await does(self.at("Cai"), "Jeg var ikke med")

    async def hall_is_planned(self) -> None:
        """A meeting with fewer places than people who want to come."""
        await self.plans_meeting(self.at("Lea"), HALL, "24.3.2026 kl. 19", "Pladser", "> 3", "Se hele mødet")
        await self.town.looks()
        of = f"Invitation: {HALL}"
        for name, answer in (
            ("Anna", YES),
            ("Dan", YES),
            ("Cai", YES),
            ("Vagn", YES),
            ("Vera", "Måske"),
            ("Gry", AWAY),
        ):
            await self.says_to_meeting(self.at(name), HALL, answer)
        await self.presses(self.at("Anna"), LOOK, of=of)
        await does(self.at("Anna"), "Skriv særlige behov", "Ja, gem det til mødet", "> En teleslynge i salen")
        await does(self.at("Anna"), "Stil et spørgsmål til mødet")
        await does(self.at("Anna"), "> Hvornår får vi nye nøgler?")
        await self.presses(self.at("Gry"), LOOK, of=of)
        await does(self.at("Gry"), "Skriv en kommentar til mødet", "> Husk de små foreninger")
        await does(self.on_pages("Wera"), "/moeder", f"24. mar.: {HALL}", WAIT)  # waits, behind Vagn

    async def writes_to_all(self) -> None:
        """To many; and one meeting is cancelled."""
        lea = self.at("Lea")
        await does(
            lea,
            LEADS,
            "Send besked til mange",
            "Skriv en ny besked",
            "Skriv teksten",
            "> Tak for sidst. Referatet er ude.",
        )
        await does(lea, next(label for label in labels(lea) if label.startswith("Ja, send den til")))
        await self.town.looks()
        await does(
            lea, LEADS, MEETINGS, f"26. mar.: {TOWN_HALL}", "Aflys mødet", "> For få har meldt sig", "Ja, aflys mødet"
        )
        await self.town.looks()

    async def hall_is_moved(self) -> None:
        lea = self.at("Lea")
        await does(
            lea, LEADS, MEETINGS, f"24. mar.: {HALL}", "Flyt mødet", "> 24.3.2026 kl. 19.30", "Skriv en begrundelse"
        )
        await does(lea, "> Hallen er optaget til klokken syv", "Ja, flyt mødet")
        await self.town.looks()
        await self.comes_to("03-12 20:30")  # too late to write to anybody today
        await does(
            lea, LEADS, "Send besked til mange", "Skriv en ny besked", "Skriv teksten", "> Hvem har en kaffemaskine?"
        )
        await does(lea, next(label for label in labels(lea) if label.startswith("Ja, send den til")))
        await does(self.at("Nana"), "/stop")
        vera = self.at("Vera").phone.id
        refused = Fault("sendMessage", status=400, description="Bad Request: something is wrong")
        refused.when = lambda call: call["chat_id"] == vera
        self.town.api.inject(refused)
        await self.comes_to("03-13 09:00")

    async def outage(self) -> None:
        """Telegram takes nothing from Monday to Tuesday: the weekly overview comes too late, and that is told."""
        self.town.api.inject(Fault("sendMessage", times=1 << 30, status=502))
        await self.comes_to("03-16 09:00")
        await self.comes_to("03-16 09:10")
        self.town.api.faults.clear()
        await self.comes_to("03-17 09:10")

    # --- 19 March: in the middle of everything -----------------------------------------------------------------

    async def thursday(self) -> None:
        await self.comes_to("03-19 10:00")
        await self.steps_by_hand()
        await self.in_the_middle_of_a_question()
        await self.on_other_screens()
        await self.answers_as_one()
        await self.enters_for_others()
        await self.late_and_by_letter()
        await self.words_in_doubt()
        await self.objects()
        await self.at_the_pages()
        await self.comes_to("03-19 20:20")  # nobody is written to before nine
        await self.shows_a_second_thing()
        await self.evening()
        await self.struck_down()

    async def steps_by_hand(self) -> None:
        lea = self.at("Lea")
        for step, whom, what in (
            (f"{titles.at_work('dialog_fag')}: åbner senere", "Ændr for alle", "Vis kun spørgsmålene"),
            (
                f"{titles.at_work('linjer')}: åbner senere",
                "Ændr for: Frivilligråd eller frivilligcenter",
                "Åbn for svar",
            ),
        ):
            await does(lea, LEADS, "Åbn og luk trin", step, whom, what, "Nu", "> Det har de bedt om")
        await does(
            lea,
            LEADS,
            "Hvor mange har svaret?",
            "Måltal",
            titles.at_work("dialog_frivillige"),
            "Forening: intet måltal",
            "> 40",
        )
        await does(self.at("Sten"), LEADS, "Ugens overblik", "fredag", "12.00")
        await does(self.at("Dea"), LEADS, "Ugens overblik", "Slå overblikket fra")

    async def in_the_middle_of_a_question(self) -> None:
        """Of every kind of question somebody who is half through."""
        bo = self.at("Bo")
        await does(bo, "/start plan", *VOLUNTEER)
        await skips(bo, "☐ Møde om aftenen")
        await does(bo, "☐ Møde om aftenen", "☐ Svare på papir")
        await does(
            self.at("Anna"), "/start dialog_frivillige", "> Flere lokaler", "> Lys på stien", "Færdig", "> En lånecykel"
        )
        rita = self.at("Rita")
        await does(rita, f"/start {self.links['Ældrerådet']}", "Jeg er med", "Vil ikke sige det", "Ja", "Ældrerådet")
        await does(rita, "/start linjer")
        await skips(rita, "Flere skal være med")
        await does(rita, "Flere skal være med", "Flere unge skal have lyst til at være med")
        await does(self.at("Tove"), "/start dialog_frivillige", "Jeg er med", "Frivillig", "Andet")
        await does(self.at("Ulla"), "/start dialog_frivillige", *VOLUNTEER, "Spring over", "Spring over")
        tom = self.town.person("Tom", "en")
        await does(tom, "/start hoering", "I want to join", "Citizen")

    async def on_other_screens(self) -> None:
        for name, act in (("Ida", "/sprog"), ("Jens", "/slet")):
            await does(self.at(name), "/start dialog_frivillige", *VOLUNTEER, "> Kom ud til os", act)
        await does(self.at("Kim"), "/start")  # has not said yes
        eva = self.at("Eva")
        shown = await does(eva, "/start", *VOLUNTEER, "/web")
        self.links["Eva's own"] = shown.partition(self.town.home)[2].split()[0]
        await does(self.at("Gry"), "/ret")
        await does(self.at("Cai"), "/start dialog_frivillige", "> Lys på stien", "Færdig")
        await skips(self.at("Cai"), "Send")
        await does(
            self.at("Lis"),
            "/start dialog_frivillige",
            "Jeg er med",
            "Forening",
            "> Nordby idraetsforening",
            "Idræt",
            "Nordby",
            "Nej",
        )
        await does(self.at("Mads"), "/start", "Jeg er med", "Ansat i kommunen", "Kultur og fritid", "Ja", "Ja")
        await does(self.at("Mads"), f"Læs spørgsmålene til »{STAFF}«")
        hans = self.at("Hans")
        await does(hans, "/start hoering", *VOLUNTEER, "Mig selv")
        await self.town.loads("draft.sections.1.text_da", "Hver forening har to faste personer at ringe til.")
        await does(hans, "/start hoering")
        await does(self.at("Sten"), "/daekning")
        finn = self.at("Finn")
        await does(finn, "/start", "Jeg er med", "Borger", "Spring over", "Nej")
        while offered := [label for label in labels(finn) if label not in AFTER_SENDING]:
            await answers_or_sends(finn, offered)
        await does(finn, "/fortsaet")  # there is nothing left
        await self.erases_themselves_from_the_case()

    async def erases_themselves_from_the_case(self) -> None:
        """Their hearing response is in the case already: it stays, and the leader is asked."""
        ulf, lea = self.at("Ulf"), self.at("Lea")
        await does(ulf, "/start hoering", *VOLUNTEER, "Mig selv", "Enig")
        await skips(ulf, "Send høringssvaret")
        await ulf.taps("Send høringssvaret")
        await does(lea, LEADS, "Høringssvar")
        mark = next(label for label in labels(lea) if label.startswith("Markér"))
        await does(lea, mark, "Ja, markér dem")
        await does(ulf, "/slet", "Ja, slet alt")

    async def answers_as_one(self) -> None:
        """Karl collects what Mia and Per have to say. Jon has not said yet whether Karl may see it. The answer that
        Signe stands behind is sent."""
        karl = self.at("Karl")
        await does(karl, f"/start {self.links['Besøgsvennerne i Havnen']}", "Jeg er med")
        await skips(karl, "Nej")
        await does(karl, "Nej", "Besøgsvennerne i Havnen")
        shown = await does(karl, "/sammen", f"Begynd et fælles svar: {JOINT}")
        code = self.links["together"] = code_in(shown)
        for name, *ideas in (("Mia", "> Flere borde", "> Bedre stole"), ("Per", "> Varme i klubhuset")):
            await does(self.at(name), f"/start {code}", *VOLUNTEER, "Ja, det må de gerne", *ideas)
        await does(self.at("Per"), "Stop og gem")
        await does(self.at("Jon"), f"/start {code}", *VOLUNTEER)
        shown = await does(karl, "/sammen", f"Begynd et fælles svar: {PLAN}")
        await does(self.at("Signe"), f"/start {code_in(shown)}", *VOLUNTEER, "Ja, det må de gerne", "Stop og gem")
        await does(karl, "Skriv det fælles svar", "> Kom ud til os")
        await skips(karl, "Send")
        await does(karl, "Send", "/sammen", f"Jeres fælles svar: {JOINT}", "Skriv det fælles svar")

    async def enters_for_others(self) -> None:
        """A table's answers that are sent, and another table's that are not."""
        fie = self.at("Fie")
        for behind, idea in (("8", "> Bordets ønske om en scene"), ("5", "> Bordets ønske om et køkken")):
            await does(
                fie,
                LEADS,
                "Indtast svar for andre",
                "Indtast nye svar",
                "En gruppe på et møde",
                titles.at_work("dialog_frivillige"),
                "Frivillig",
            )
            await does(fie, f"> {behind}", "Idræt", "Nordby", idea)
            if behind == "8":
                await fie.taps("Færdig")
                await skips(fie, "Send")
                await does(fie, "Send", "Luk indtastningen")

    async def late_and_by_letter(self) -> None:
        """A letter that is entered and sent, and a link by which an association may answer until a day."""
        lea = self.at("Lea")
        await does(
            lea,
            LEADS,
            "Indtast svar for andre",
            "Indtast nye svar",
            "Brev",
            titles.at_work("dialog_frivillige"),
            "Frivillig",
            "> 18.3.",
        )
        await does(lea, "Én person", "Idræt", "Nordby", "> En bænk ved stien", "Færdig")
        await skips(lea, "Send")
        await does(lea, "Send", "Luk indtastningen")
        shown = await does(
            lea,
            LEADS,
            LIST,
            "Søg",
            "> Spejderne",
            "Spejderne i Ådalen",
            "Link efter fristen",
            titles.at_work("dialog_frivillige"),
            "> 30.3.",
        )
        self.links["late"] = code_in(shown)
        olga = self.at("Olga")
        await does(olga, f"/start {self.links['late']}", "Jeg er med")
        await skips(olga, "Nej")
        await does(olga, "Nej", "Spejderne i Ådalen")

    async def words_in_doubt(self) -> None:
        """Dan writes to an invitation while a question is open: is it his answer?"""
        dan = self.at("Dan")
        await does(dan, "/start dialog_frivillige")
        [*_, invited] = [each for each in dan.phone.sees() if each.by_bot and f"Invitation: {HALL}" in each.text]
        await dan.does(lambda: dan.phone.says("Jeg tager en kage med", reply_to=invited.id))

    async def at_the_pages(self) -> None:
        wanda, willy = self.on_pages("Wanda"), self.on_pages("Willy")
        await does(wanda, "/start dialog_frivillige", *VOLUNTEER, "> En ren hal", "Færdig")
        await does(willy, f"/start {self.links['open']}", "Jeg er med")
        await skips(willy, "Færdig")
        await does(willy, "> En lånecykel", "Færdig")
        await skips(willy, "Send")
        wera = self.on_pages("Wera")
        page = await wera.browser.get("/kalender")
        [button] = [control for control in page.buttons() if control.label == "Lav en kalenderadresse"]
        page = await wera.browser.press(page, button.element)
        calendar = str(page.find("//*[@id='link']")[0].text_content()).strip()
        self.links["calendar"] = calendar.removeprefix(self.town.home)
        await self.says_no_to_mail()

    async def says_no_to_mail(self) -> None:
        """Who has the address that Wilma gave."""
        wilma = self.on_pages("Wilma")
        await does(wilma, "/start dialog_frivillige", *VOLUNTEER)
        await self.gives_mail("Wilma")
        page = await wilma.browser.get(self.in_mail("wilma", "Nej, slet adressen"))
        [button] = [control for control in page.buttons() if "let adressen" in control.label]
        await wilma.browser.press(page, button.element)

    async def objects(self) -> None:
        """Tage, who is decided on, and Tyra, who is not yet."""
        lea = self.at("Lea")
        for name in ("Tage", "Tyra"):
            person = self.at(name)
            await does(person, "/start dialog_frivillige", *VOLUNTEER, "> Et varmt værksted", "/indsigelse")
            await does(person, "Brug ikke mine svar", "> Jeg skrev det for hurtigt")
            if name == "Tage":
                await does(lea, LEADS, "Indsigelser")
                await does(
                    lea,
                    next(label for label in labels(lea) if label.startswith("Se indsigelsen fra")),
                    "Brug ikke svarene",
                    "Ja, brug dem ikke",
                )

    async def shows_a_second_thing(self) -> None:
        """The leader a code of the operator's; the deputy, who has a passkey and a login of the municipality, mistypes
        theirs."""
        self.town.strict = True
        await does(self.at("Lea"), LEADS, "Kontakter", f"> {await code_for(self.town)}")
        [(dea,)] = self.town.rows(
            "SELECT pseudonym FROM people JOIN roles ON person_id = people.id WHERE role = 'deputy'"
        )
        await code_for(self.town, str(dea))
        await does(self.at("Dea"), LEADS, "Kontakter", "> 1234 5678")
        self.town.strict = False
        await self.town.runtime.database.write(self._deputy_has_keys)

    def _deputy_has_keys(self, tx: Tx) -> None:
        """As a browser's authenticator and the municipality's sign-in leave them, neither of which is here."""
        [(person,)] = tx.all("SELECT person_id FROM roles WHERE role = 'deputy'")
        now = int(self.town.clock.now)
        passkeys.add(tx, person, credential="b2xk", public_key=b"\1\2", sign_count=1, device="Telefon", now=now)
        municipal_logins.put(tx, person, municipal_logins.hash_of(tx, "https://kommune.example", "dea"), now)

    async def evening(self) -> None:
        """What goes out in the morning, and what is being planned."""
        lea, dea = self.at("Lea"), self.at("Dea")
        for text in ("> Husk sko til hallen", "> Den her bliver stoppet"):
            await does(lea, LEADS, "Send besked til mange", "Skriv en ny besked", "Skriv teksten", text)
            await does(lea, next(label for label in labels(lea) if label.startswith("Ja, send den til")))
        await does(lea, "Stop udsendelsen", "Ja, stop udsendelsen")
        await self.says_to_meeting(self.at("Dan"), HALL, AWAY)  # and so Vagn has his place
        await self.town.plans_meeting("aabent: starts = 2026-04-14 18:00")
        await self.plans_meeting(lea, "Kaffe på havnen", "15.4.2026 kl. 17")
        await self.town.looks()
        await does(dea, LEADS, MEETINGS, f"24. mar.: {HALL}", "Ret mødet", "Pladser", "> 4")
        await does(dea, LEADS, "Send besked til mange", "Skriv en ny besked", "Skriv teksten", "> Tak, fordi I kom")
        await does(dea, LEADS, "Lav spørgsmål af forslag", "Hvem rydder op bagefter?", "Lav et spørgsmål af forslaget")
        await does(dea, "> Hvem kan rydde op efter et arrangement?")
        await does(dea, LEADS, LIST, "Importér fra Excel")
        await dea.does(
            lambda: dea.phone.sends_document(
                table(("Sangkoret", "Forening", "Havnen", "20", "")), "kor.csv", "text/csv"
            )
        )
        shown = await does(
            lea, LEADS, "Roller", "Tildel en rolle", "Styregruppen", "Borger", "> En, der kommer i morgen"
        )
        self.links["steering"] = code_in(shown)
        await does(lea, LEADS, MEETINGS, "Nyt møde", "Andet møde", "> Sommermøde i Ådalen", "> 4.6.2026 kl. 17")
        page = await self.on_pages("Wanda").browser.get("/link")
        [button] = [control for control in page.buttons() if control.label == "Fortsæt på Telegram"]
        page = await self.on_pages("Wanda").browser.press(page, button.element)
        self.links["to Telegram"] = code_in("".join(link.value for link in page.links()))
        await does(self.at("Guri"), "/start r-denkodefindesikke1234")

    async def struck_down(self) -> None:
        """In the middle of a reply, with another message behind it, and of a mail: what was begun stays begun."""
        ulla = self.at("Ulla")
        hangs = Fault("sendMessage", times=1 << 30, delay=3600)
        hangs.when = lambda call: call["chat_id"] == ulla.phone.id
        self.town.api.inject(hangs)
        for text, state in (("Det skal være let at låne en nøgle", "applied"), ("Vennerne i klubben", "new")):
            self.town.clock.now += 7
            ulla.phone.says(text)
            await self.until(partial(self.is_held, state))
        self.box.at_content = [SILENCE]
        await does(self.on_pages("Wim"), "/start dialog_frivillige", *VOLUNTEER, "/mail", "> wim@nordby.example")
        await self.box.silent.wait()
        await self.town.down()

    def is_held(self, state: str) -> bool:
        """Whether an update is in that state."""
        return self.town.rows("SELECT count(*) FROM inbox WHERE state = ?", state) == [(1,)]


async def live(place: Path, log: io.StringIO) -> Lived:
    """All of it, in the folder; then everything is stopped."""
    (prepared := place / "prepared").mkdir()
    await asyncio.to_thread(prepare, prepared)
    async with mailbox() as box:
        town = Town(prepared, place / "town", log, steps=STEPS, pages=True, smtp=box.url())
        await town.__aenter__()  # and never left: what a town is inspected for then is not so of this one
        lived = Lived(town, box)
        await lived.lives()
        lived.hands = hands_of(town, lived.links)
        for visitor in town._visitors.values():
            await visitor.browser.close()
        await town.api.stop()
    assert "Traceback" not in log.getvalue(), log.getvalue()
    return lived


def keep(lived: Lived, kept: Path) -> None:
    """The four files."""
    folder = lived.town.folder
    kept.mkdir(parents=True, exist_ok=True)
    (kept / SQL).write_text(written(folder / "besyv.db", by=kept.name), encoding="utf-8")
    (kept / KEY).write_bytes((folder / "besyv.key").read_bytes())
    (kept / PEOPLE).write_text(written(folder / NAME, by=kept.name), encoding="utf-8")
    (kept / HANDS).write_text(as_lines(lived.hands), encoding="utf-8")


def main(kept: Path) -> None:
    logging.basicConfig(stream=(log := io.StringIO()), level=logging.INFO)
    with tempfile.TemporaryDirectory() as place:
        keep(asyncio.run(live(Path(place), log)), kept)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
