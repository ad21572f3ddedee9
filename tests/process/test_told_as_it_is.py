"""What one is told of one's own case: whose step it is, until when to answer, what is public, what is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from bot.dialogue.reply import Reply, Screen
from bot.dialogue.session import Session
from bot.features import process_file
from bot.features.invitations import wording
from bot.flows import duration, engine
from bot.flows.model import Group, Respondent
from bot.flows.schedule import DAY
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from storage.db import Database
from storage.encryption import Keyring
from tests.support.bureau import FILE, NOW, OPEN, VOLUNTEER, Bureau, Person, described

ASSOCIATION = ("Forening", "Nordby IF", "Idræt", "Nordby", "Nej")
FLOWS = {flow.flow: flow for flow in shipped_flows(FILE)}
STEPS_TAKE = 5  # minutes, as the greeting, the posters and the letters say

Opens = Callable[..., AbstractAsyncContextManager[Bureau]]


@pytest.fixture
def opens(tmp_path: Path) -> Opens:
    @asynccontextmanager
    async def opened(**steps: tuple[str | None, str | None]) -> AsyncIterator[Bureau]:
        file = described(**steps)
        database = await Database.open(tmp_path / "besyv.db", Keyring.open_or_create(tmp_path / "besyv.key"))
        await database.write(lambda tx: process_file.save(tx, file, shipped_flows(file), NOW))
        yield Bureau(database, ProcessHost(file.process), tmp_path / "besyv.db")
        await database.close()

    return opened


def said(reply: Reply) -> str:
    return "\n\n".join((*reply.notes, reply.lead or "", reply.title or "", *reply.body))


async def letters(person: Person, flow: str = "") -> tuple[str, str]:
    """The invitation to an association, and the reminder to those who have not answered in the step, or in any."""

    def writes(s: Session) -> Reply:
        told = (wording.invitation_text(s, "i-kode", "Nordby IF", "forening"), wording.reminder(s, flow))
        return Reply(language=s.language, screen=Screen.TEXT, notes=told)

    invitation, reminder = (await person.asks(writes)).notes
    return invitation, reminder


# --- the step's name, and how long it takes ----------------------------------------------------------------


async def test_the_last_step_asks_politicians_before_the_vote_and_everybody_else_how_it_was(opens: Opens) -> None:
    async with opens(vedtagelse=OPEN) as bureau:
        politician, volunteer = bureau.person("700"), bureau.person("701")
        label = next(each.label.da for each in FLOWS["start"].question("S1").choices if each.key == Group.POLITIKER)
        await politician.joins(label, "Nej")
        await volunteer.joins(*VOLUNTEER)
        assert politician.seen is not None and volunteer.seen is not None
        ours, theirs = said(politician.seen), said(volunteer.seen)
        assert "Før politikken bliver vedtaget" in ours and "Hvordan har det været at være med?" not in ours
        assert "Hvordan har det været at være med?" in theirs and "bliver vedtaget" not in theirs


def test_no_step_takes_longer_than_we_say() -> None:
    longer = {
        (flow.flow, group.value): minutes
        for flow in FLOWS.values()
        for group in Group
        if (asked := engine.path(flow, Respondent(group=group), {}))
        and (minutes := duration.minutes(asked)) > STEPS_TAKE
    }
    assert longer == {}


# --- letters -----------------------------------------------------------------------------------------------


async def test_a_letter_says_until_when_and_who_sends_it(opens: Opens) -> None:
    async with opens(plan=(None, "2026-03-20 12:00"), linjer=(None, "2026-03-13 12:00"), borger=OPEN) as bureau:
        person = bureau.person()
        await person.joins(*VOLUNTEER)
        for letter in await letters(person):
            assert "Svar senest fredag den 13. marts 2026 kl. 12.00." in letter  # the first of the two
            assert letter.startswith(("Tekst, du kan kopiere:\nKære Nordby IF\n", "Kære modtager\n"))
            assert letter.endswith("\nVenlig hilsen\nEksempel Kommune")
        _, of_one_step = await letters(person, "plan")
        assert "Svar senest fredag den 20. marts 2026 kl. 12.00." in of_one_step
        person.now = NOW + 60 * DAY
        for letter in await letters(person):
            assert "senest" not in letter and "Svar gerne, så snart I kan." in letter


# --- a hearing response ------------------------------------------------------------------------------------


async def test_whom_to_contact_is_no_part_of_the_response_and_stands_below_the_warning(opens: Opens) -> None:
    async with opens(hoering=OPEN) as bureau:
        person = bureau.person()
        await person.joins(*ASSOCIATION, payload="hoering")
        for answer in (
            "Vores egen forening, vores eget råd eller center",
            *("Enige", "Spring over") * 3,
            "Flere bænke",
        ):
            asked = await person.says(answer)
        assert "Oplysningerne hører ikke til høringssvaret og bliver ikke offentliggjort sammen med det." in said(asked)
        review = await person.says("Bo, bo@nordby.example")
        body = list(review.body)
        warning = next(n for n, each in enumerate(body) if each.startswith("Høringssvar er offentlige."))
        assert body[warning + 1].startswith("Oplysningerne hører ikke til høringssvaret")
        assert body[warning + 2].startswith("9. Hvem kan vi kontakte") and "bo@nordby.example" in body[warning + 2]
        assert "bo@nordby.example" not in "".join(body[:warning])
        assert "Ret 9" in [move.label for move in review.buttons]


async def test_who_has_passed_everything_by_is_told_the_deadline_and_not_to_send(opens: Opens) -> None:
    async with opens(borger=(None, "2026-03-20 12:00")) as bureau:
        person = bureau.person()
        await person.joins("Borger", "Nordby", "Nej")
        assert person.seen is not None
        for _ in range(len(FLOWS["borger"].questions)):
            if person.seen.title != "Tjek dine svar":
                await person.says("Spring over")
        reply = person.seen
        assert reply.title == "Tjek dine svar"
        assert "Svar senest fredag den 20. marts 2026 kl. 12.00." in reply.body
        assert not any("Send dine svar" in each or "rette dem" in each for each in reply.body)


# --- what is kept ------------------------------------------------------------------------------------------


async def test_who_is_not_known_and_asks_what_we_keep_is_told_that_it_is_nothing(opens: Opens) -> None:
    async with opens(plan=OPEN) as bureau:
        person = bureau.person()
        assert (await person.types("mine")).notes[0] == "Vi har ikke gemt oplysninger om dig fra før."
        await person.taps("Jeg er med")
        assert "Vi har ikke gemt oplysninger" not in said(await person.types("mine"))


async def test_of_the_case_it_is_told_only_where_a_response_belongs_to_it(opens: Opens) -> None:
    async with opens(plan=OPEN) as bureau:
        person = bureau.person()
        await person.joins(*VOLUNTEER)
        asked = said(await person.types("slet"))
        done = said(await person.taps("Ja, slet alt"))
        assert "alle andre oplysninger om dig" in asked and "sag" not in asked + done
