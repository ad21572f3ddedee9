"""Meetings from the leader's side: planned step by step, moved, cancelled; who comes; afterwards the minutes. And what
a facilitator sees of it. On Telegram and on the pages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import count

import pytest

from bot.access import Role
from bot.dialogue import panel_navigation
from bot.dialogue.panel import Panel, PanelInput
from bot.dialogue.session import TELEGRAM, Session, Visit, load
from bot.features import PANELS
from bot.features.meetings.service import scheduling, signup
from bot.features.meetings.service.signup import SignupAnswer
from bot.process.file import MeetingKind
from storage import meetings, people, signups
from storage.db import Tx
from storage.meetings import Meeting, MeetingDetails, MeetingFacts
from tests.support.chat import Found, OnTelegram, Somebody, Town
from tests.support.danish_time import local
from tests.support.pages import OnPages
from tests.support.people import comes_to, has_answered, leads, seen, writes

on_both = pytest.mark.parametrize("channel", ["telegram", "web"])
STARTS = local("2026-03-17 19:00")  # a Tuesday, two weeks after the town's clock begins
TITLE, PLACE = "Fælles møde i Nordby", "Kulturhuset i Nordby"

FACTS = MeetingFacts(
    kind=MeetingKind.OPENING,
    details=MeetingDetails(title=TITLE, place=PLACE),
    starts_at=STARTS,
    ends_at=STARTS + 2 * 3600,
    invites_at=local("2026-03-04 10:00"),
    flow="faelles",
)

LABEL = f"17. mar.: {TITLE}"  # of its button
NEED = "Jeg har brug for en teleslynge i salen"
QUESTION = "Hvornår får vi nye nøgler til hallen"
ABSENT = "Husk at sige noget om de små foreninger"
_numbers = count(1)


def labels(person: Somebody) -> list[str]:
    if isinstance(person, OnTelegram):
        return list(person.phone.buttons)
    assert isinstance(person, OnPages) and person.page is not None
    return [button.label for button in person.page.buttons()]


async def plans(town: Town, name: str = "Lea") -> Somebody:
    lea = await leads(town, name)
    await lea.says("/leder")
    await lea.taps("Møder")
    return lea


async def begins(town: Town, lea: Somebody) -> None:
    """A new meeting up to where everything else may be skipped."""
    for label in ("Nyt møde", "Dialogmøde for frivillige og foreninger"):
        await lea.taps(label)
    await writes(town, lea, TITLE)
    await lea.says("17.3.2026 kl. 19")
    await lea.taps("Mødet varer to timer")
    await writes(town, lea, PLACE)


# --- straight into the tables -----------------------------------------------------------------------------


async def there_is(town: Town, facts: MeetingFacts = FACTS, *, led_by: int | None = None) -> int:
    now = int(town.clock.now)
    town.public.update({facts.details.title, facts.details.place})

    def make(tx: Tx) -> int:
        number = scheduling.make(tx, town.runtime.process_host.plan(tx).process_id, facts, now)
        meetings.set_facilitator(tx, number, led_by)
        return number

    return await town.runtime.database.write(make)


def the(tx: Tx, town: Town, number: int) -> Meeting:
    found = meetings.by_id(tx, town.runtime.process_host.plan(tx).process_id, number)
    assert found is not None
    return found


@dataclass(frozen=True)
class Guest:
    """What somebody says to a meeting, and writes about it."""

    answer: SignupAnswer
    people: int = 1
    group: str = "frivillig"
    needs: str = ""
    asks: str = ""
    absent: str = ""


async def come(town: Town, number: int, *guests: Guest) -> list[int]:
    now = int(town.clock.now)

    def sign_up(tx: Tx) -> list[int]:
        return [_guest(tx, town, number, guest, now) for guest in guests]

    return await town.runtime.database.write(sign_up)


def _guest(tx: Tx, town: Town, number: int, guest: Guest, now: int) -> int:
    plan, n = town.runtime.process_host.plan(tx), next(_numbers)
    person_id = people.add(tx, plan.process_id, f"gaest{n:011}", "da", now)
    people.enter(tx, "telegram", str(9000 + n), person_id, now)
    people.accept_notice(tx, person_id, plan.notice.version, now)
    person = people.by_id(tx, person_id)
    assert person is not None
    people.set_profile(tx, replace(person, stakeholder=guest.group, reminders=1, news=1))
    signup.sign_up(tx, plan.hours, the(tx, town, number), person, guest.answer, guest.people, now + n)
    signed = signups.of(tx, number, person_id)
    assert signed is not None
    if guest.needs:
        signup.tell_needs(tx, signed, guest.needs, now)
    if guest.asks:
        meetings.add_words(tx, number, person_id, "question", guest.asks, now)
    if guest.absent:
        meetings.add_words(tx, number, person_id, "absent", guest.absent, now)
    return person_id


def log_of(town: Town) -> list[tuple[str, ...]]:
    return town.rows("SELECT action FROM audit WHERE action NOT LIKE 'role%' AND action <> 'invite' ORDER BY id")


# --- a new one --------------------------------------------------------------------------------------------


@on_both
async def test_a_meeting_is_planned_step_by_step_seen_and_made_with_one_yes(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan, dialog_frivillige") as town:
        lea = await plans(town)
        assert "Der er ingen møder endnu." in seen(lea)
        await lea.taps("Nyt møde")
        assert "Hvilken type møde er det?" in seen(lea)
        await lea.taps("Dialogmøde for frivillige og foreninger")
        assert "[Kald det: Dialogmøde for frivillige og foreninger]" in seen(lea)
        assert "Hvornår begynder mødet?" in await writes(town, lea, TITLE)
        await lea.says("17.3.2026 kl. 19")
        assert "Hvornår slutter mødet?" in seen(lea)
        await lea.says("kl. 21.30")
        assert "Hvor er mødet?" in seen(lea)
        assert "Hvad er adressen?" in await writes(town, lea, PLACE)
        assert "Hvordan finder man stedet?" in await writes(town, lea, "Storegade 1, Nordby")
        await lea.taps("Spring over")
        assert "Hvad handler mødet om?" in seen(lea)
        assert "Hvad er programmet?" in await writes(town, lea, "Vi taler om jeres hverdag")
        assert "Hvem er mødet for?" in await writes(town, lea, "Velkomst\nKaffe")
        for label in ("☑ Frivilligråd eller frivilligcenter", "☐ Nordby", "Færdig"):
            label = next(each for each in labels(lea) if each.startswith(label))
            await lea.taps(label)
        assert "Hvor mange er der plads til?" in seen(lea)
        await lea.says("40")
        await lea.says("3")
        assert "Hvornår er tilmeldingsfristen?" in seen(lea)
        await lea.says("15.3.2026 kl. 12")
        await lea.taps("Send med det samme")
        assert "Hvornår skal deltagerne have en påmindelse?" in seen(lea)
        for label in ("☑ 7 dage før", "☐ 2 timer før", "Færdig"):
            await lea.taps(label)
        await lea.taps("Vælg senere")
        shown = await writes(town, lea, "Frivilligcentret")
        assert "Det nye møde (kladde)" in shown
        assert town.rows("SELECT count(*) FROM meetings") == [(0,)]
        await lea.taps("Se invitationen, før den bliver sendt")
        shown = seen(lea)
        assert f"Invitation: {TITLE}" in shown
        assert "Tid: tirsdag den 17. marts 2026 kl. 19.00-21.30" in shown
        assert "Invitationen bliver sendt med det samme." in shown
        assert "Mødet er for: Frivillig, Forening · Nordby" in shown
        await lea.taps("Ja, opret mødet")
        assert "Mødet er oprettet." in seen(lea)
        [row] = town.rows(
            "SELECT kind, flow, groups, areas, capacity, most_per_party, reminders, facilitator_id, "
            "starts_at, ends_at, signup_until, invites_at FROM meetings"
        )
        assert row[:8] == (
            "volunteers",
            "dialog_frivillige",
            '["frivillig", "forening"]',
            '["nordby"]',
            40,
            3,
            '["1d", "morning", "2h"]',
            None,
        )
        assert row[8:11] == (STARTS, local("2026-03-17 21:30"), local("2026-03-15 12:00"))
        assert row[11] == int(town.clock.now)
        [(details,)] = town.rows("SELECT details ->> '$.agenda' FROM meetings")
        assert details == "Velkomst\nKaffe"
        assert town.rows("SELECT count(*) FROM meeting_drafts") == [(0,)]
        assert log_of(town) == [("meeting-made",)]


@on_both
async def test_what_was_told_waits_for_who_wanders_off_and_over_a_restart(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await plans(town)
        await begins(town, lea)
        await lea.says("/fortsaet")
        await town.wait(86400)
        await town.down()
        await town.up()
        await lea.says("/leder")
        await lea.taps("Møder")
        lea.sees()
        await lea.taps("Fortsæt med det nye møde")
        assert "Hvad er adressen?" in seen(lea)
        await lea.taps("Se hele mødet")
        shown = seen(lea)
        for piece in (f"Titel: {TITLE}", "Begynder: tirsdag den 17. marts 2026 kl. 19.00", f"Sted: {PLACE}"):
            assert piece in shown


async def test_a_double_tap_makes_one_meeting(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await plans(town)
        assert isinstance(lea, OnTelegram)
        await begins(town, lea)
        for label in ("Se hele mødet", "Se invitationen, før den bliver sendt"):
            await lea.taps(label, times=2)
        await lea.taps("Ja, opret mødet", times=2)
        assert town.rows("SELECT count(*) FROM meetings") == [(1,)]


@on_both
async def test_any_piece_is_changed_before_the_yes_and_what_hangs_on_it_moves_along(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await plans(town)
        await begins(town, lea)
        for label in ("Se hele mødet", "Slutter"):
            await lea.taps(label)
        await lea.says("3 timer")
        for label in ("Se hele mødet", "Begynder"):
            await lea.taps(label)
        await lea.says("18.3.2026 kl. 17")
        await lea.taps("Se hele mødet")
        shown = seen(lea)
        assert "Begynder: onsdag den 18. marts 2026 kl. 17.00" in shown
        assert "Slutter: onsdag den 18. marts 2026 kl. 20.00" in shown


WRONG = {
    "begynder": [
        ("snart", "Datoen eller klokkeslættet kan ikke læses."),
        ("30.2.2027 kl. 12", "Datoen eller klokkeslættet kan ikke læses."),
        ("1.3.2026 kl. 12", "Tidspunktet er passeret."),
    ],
    "slutter": [
        ("når vi er færdige", "Sluttidspunktet kan ikke læses."),
        ("kl. 18", "Mødet kan ikke slutte, før det begynder."),
    ],
    "sted": [("http://moede.example", "Linket skal begynde med https:// og stå alene.")],
    "link": [("https://", "Linket skal begynde"), ("https://a.example og så ringer vi", "Linket skal begynde")],
    "titel": [("x" * 121, "Teksten er for lang og er ikke gemt. Skriv den igen med højst 120 tegn.")],
    "pladser": [
        ("mange", "Skriv et tal på højst 100.000."),
        ("0", "Skriv et tal på højst 100.000."),
        ("100.001", "Skriv et tal på højst 100.000."),
    ],
    "frist": [
        ("18.3.2026 kl. 12", "Tidspunktet skal ligge før mødets start."),
        ("2.3.2026 kl. 12", "Tidspunktet er passeret."),
    ],
    "inviteres": [("i går", "Datoen eller klokkeslættet kan ikke læses")],
}


@pytest.mark.parametrize("field", WRONG)
async def test_what_cannot_be_taken_is_said_and_asked_for_again(found: Found, field: str) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        await lea.says("/leder")

        def tries(tx: Tx) -> list[tuple[str, tuple[str, ...]]]:
            s = session(tx, town, lea)
            go(s, "moedeplan/ny/begynder", "17.3.2026 kl. 19.00")
            asked = f"moedeplan/ny/{field}"
            told = meetings.draft_of(tx, s.person.id, 0)
            shown = [go(s, asked, text) for text, _ in WRONG[field]]
            assert meetings.draft_of(tx, s.person.id, 0) == told
            return [(panel.at, panel.notes) for panel in shown]

        for (at, notes), (_, why) in zip(await town.runtime.database.write(tries), WRONG[field], strict=True):
            assert at == f"moedeplan/ny/{field}"
            assert notes[0].startswith(why) or why in notes[0]


def session(tx: Tx, town: Town, person: Somebody, name: str = "") -> Session:
    assert isinstance(person, OnTelegram)
    now = int(town.clock.now)
    s = load(tx, town.runtime.context, Visit(channel=TELEGRAM, address=str(person.phone.id), now=now, sent_at=now))
    assert s is not None
    return s


def go(s: Session, path: str, text: str = "") -> Panel:
    shown = panel_navigation.go(s, path, PanelInput(text) if text else None)
    assert isinstance(shown, Panel)
    return shown


async def test_a_link_is_a_place_and_without_either_there_is_no_meeting(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await plans(town)
        for label in ("Nyt møde", "Andet møde", "Kald det: Andet møde"):
            await lea.taps(label)
        await lea.says("17.3.2026 kl. 19")
        await lea.taps("Mødet varer to timer")
        for label in ("Se hele mødet", "Se invitationen, før den bliver sendt"):
            await lea.taps(label)
        assert "Der mangler et sted eller et link." in seen(lea)
        assert "Ja, opret mødet" not in labels(lea)
        for label in ("Tilbage", "Sted"):
            await lea.taps(label)
        await writes(town, lea, "https://moede.example/abc")
        for label in ("Se hele mødet", "Se invitationen, før den bliver sendt", "Ja, opret mødet"):
            await lea.taps(label)
        assert "På nettet: https://moede.example/abc" in seen(lea)


async def test_an_odd_time_is_warned_of_and_allowed(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await plans(town)
        await begins(town, lea)
        for label in ("Se hele mødet", "Begynder"):
            await lea.taps(label)
        await lea.says("5.4.2026 kl. 23")
        for label in ("Se hele mødet", "Se invitationen, før den bliver sendt"):
            await lea.taps(label)
        shown = seen(lea)
        assert "Bemærk: Det er en søndag." in shown
        assert "Bemærk: Det er sent om aftenen eller om natten." in shown
        await lea.taps("Ja, opret mødet")
        assert "Mødet er oprettet." in seen(lea)


async def test_thrown_away_it_is_asked_about_once_and_then_gone(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await plans(town)
        await begins(town, lea)
        for label in ("Se hele mødet", "Slet kladden", "Nej, gå tilbage"):
            await lea.taps(label)
        assert town.rows("SELECT count(*) FROM meeting_drafts") == [(1,)]
        for label in ("Slet kladden", "Ja, slet kladden"):
            await lea.taps(label)
        assert "Kladden er slettet." in seen(lea)
        assert town.rows("SELECT count(*) FROM meeting_drafts") == [(0,)]


async def test_the_preview_is_the_invitation_that_comes_and_says_how_many_get_it(found: Found) -> None:
    async with found(steps="plan, dialog_frivillige") as town:
        anna = await has_answered(town)
        await has_answered(town, "Nej", messages="Nej")
        await has_answered(town, "Kim", group="Byråd eller udvalg")
        blocked = await has_answered(town, "Blok")
        await blocked.does(blocked.phone.blocks)
        lea = await plans(town)
        await begins(town, lea)
        for label in ("Se hele mødet", "Se invitationen, før den bliver sendt"):
            await lea.taps(label)
        shown = seen(lea)
        assert (
            "3 deltagere er i målgruppen lige nu.\n2 personer har sagt ja til beskeder og får invitationen. "
            "De øvrige har ikke sagt ja til beskeder.\n" in shown
        )
        assert "Vi kan dog ikke nå 1 af dem på mail eller Telegram." in shown
        await lea.taps("Ja, opret mødet")
        await comes_to(town, local("2026-03-04 09:00"))
        invited = next(message.text for message in anna.phone.sees() if TITLE in message.text and message.by_bot)
        assert invited in shown


# --- moved, changed, cancelled ----------------------------------------------------------------------------


@on_both
async def test_moving_shows_what_moves_along_and_whom_it_tells_before_the_yes(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        number = await there_is(town, replace(FACTS, signup_until=local("2026-03-16 12:00")))
        await come(town, number, Guest(SignupAnswer.YES), Guest(SignupAnswer.MAYBE), Guest(SignupAnswer.NO))
        lea = await plans(town)
        assert f"• tirsdag den 17. marts 2026 kl. 19.00: {TITLE} (1 tilmeldt)" in seen(lea)
        await lea.taps(LABEL)
        await lea.taps("Flyt mødet")
        await lea.says("2.4.2026 kl. 17")
        shown = seen(lea)
        for line in (
            "• Begynder: tirsdag den 17. marts 2026 kl. 19.00 → torsdag den 2. april 2026 kl. 17.00",
            "• Slutter: tirsdag den 17. marts 2026 kl. 21.00 → torsdag den 2. april 2026 kl. 19.00",
            "• Tilmeldingsfrist: mandag den 16. marts 2026 kl. 12.00 → onsdag den 1. april 2026 kl. 10.00",
            "2 personer får besked: med det samme.",
            "Bemærk: Det er en helligdag, eller mange har fri.",
        ):
            assert line in shown
        await lea.taps("Skriv en begrundelse")
        await lea.says("Salen er desværre optaget den aften")
        assert "Begrundelse: Salen er desværre optaget den aften" in seen(lea)
        assert town.rows("SELECT starts_at FROM meetings") == [(STARTS,)]
        await lea.taps("Ja, flyt mødet")
        assert "2 personer får besked." in seen(lea)
        assert town.rows("SELECT starts_at, version FROM meetings") == [(local("2026-04-02 17:00"), 1)]
        assert town.rows("SELECT count(*) FROM outbox WHERE kind = 'meeting-moved'") == [(2,)]
        assert log_of(town) == [("meeting-moved",)]


@on_both
async def test_what_nobody_need_be_told_of_tells_nobody(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        number = await there_is(town)
        await come(town, number, Guest(SignupAnswer.YES))
        lea = await plans(town)
        for label in (LABEL, "Ret mødet", "Formål"):
            await lea.taps(label)
        shown = await writes(town, lea, "At høre jer om hverdagen")
        assert "• Formål: intet → At høre jer om hverdagen" in shown
        assert "Ingen får besked." in shown
        await lea.taps("Ja, ret mødet")
        assert "Mødet handler om: At høre jer om hverdagen" in seen(lea)
        assert town.rows("SELECT count(*) FROM outbox") == [(0,)]
        assert log_of(town) == [("meeting-changed",)]


async def test_more_places_move_the_waiting_list_up(found: Found) -> None:
    async with found(steps="plan") as town:
        number = await there_is(town, replace(FACTS, capacity=2))
        await come(town, number, *(Guest(SignupAnswer.YES, people) for people in (2, 1, 2)))
        lea = await plans(town)
        for label in (LABEL, "Ret mødet", "Pladser"):
            await lea.taps(label)
        await lea.says("1")
        assert "2 personer er allerede tilmeldt og beholder deres plads." in seen(lea)
        await lea.taps("Pladser")
        await lea.says("4")
        await lea.taps("Ja, ret mødet")
        assert "1 person fra ventelisten har fået plads." in seen(lea)
        assert town.rows("SELECT people, placed FROM signups ORDER BY waits_since") == [(2, 1), (1, 1), (2, 0)]
        assert town.rows("SELECT count(*) FROM outbox WHERE kind = 'meeting-place'") == [(1,)]


async def test_a_change_that_was_begun_holds_over_what_the_deputy_did_meanwhile(found: Found) -> None:
    async with found(steps="plan") as town:
        await there_is(town)
        lea, dea = await plans(town), await plans(town, "Dea")
        for label in (LABEL, "Ret mødet", "Pladser"):
            await lea.taps(label)
        await lea.says("30")
        for label in (LABEL, "Flyt mødet"):
            await dea.taps(label)
        await dea.says("18.3.2026 kl. 19")
        await dea.taps("Ja, flyt mødet")
        await lea.taps("Ja, ret mødet")
        assert town.rows("SELECT starts_at, capacity FROM meetings") == [(STARTS + 86400, 30)]


@on_both
async def test_cancelling_says_how_many_are_told_and_asks_once(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        number = await there_is(town)
        await come(town, number, Guest(SignupAnswer.YES, 4), Guest(SignupAnswer.NO))
        lea = await plans(town)
        for label in (LABEL, "Aflys mødet"):
            await lea.taps(label)
        assert "1 person får besked: med det samme." in seen(lea)
        await lea.says("Mødelederen er blevet syg, og vi finder en ny dag")
        shown = seen(lea)
        assert f"Vil du aflyse »{TITLE}«?" in shown
        assert "Begrundelse: Mødelederen er blevet syg, og vi finder en ny dag" in shown
        assert town.rows("SELECT cancelled_at FROM meetings") == [(None,)]
        await lea.taps("Ja, aflys mødet")
        shown = seen(lea)
        assert "1 person får besked." in shown and "Mødet er aflyst." in shown
        assert {"Flyt mødet", "Ret mødet", "Aflys mødet", "Skriv eller se referat"}.isdisjoint(labels(lea))
        assert town.rows("SELECT count(*) FROM outbox WHERE kind = 'meeting-cancelled'") == [(1,)]
        assert log_of(town) == [("meeting-cancelled",)]


async def test_what_the_deputy_has_cancelled_meanwhile_leads_nowhere_and_that_is_said(found: Found) -> None:
    async with found(steps="plan") as town:
        await there_is(town)
        lea, dea = await plans(town), await plans(town, "Dea")
        for label in (LABEL, "Flyt mødet"):
            await lea.taps(label)
        await lea.says("18.3.2026 kl. 19")
        for label in (LABEL, "Aflys mødet", "Spring begrundelsen over", "Ja, aflys mødet"):
            await dea.taps(label)
        lea.sees()
        await lea.taps("Ja, flyt mødet")
        assert "Mødet er aflyst og kan ikke længere ændres." in seen(lea)
        assert town.rows("SELECT starts_at, version FROM meetings") == [(STARTS, 1)]


@pytest.mark.parametrize("path", ["ret/begynder", "ret/sted", "ret/slutter", "aflys", "aflys/sikker", "aflys/ja"])
async def test_a_meeting_that_has_begun_is_not_moved_or_cancelled(found: Found, path: str) -> None:
    async with found(steps="plan") as town:
        number = await there_is(town)
        lea = await leads(town)
        assert isinstance(lea, OnTelegram)
        await town.wait(STARTS - int(town.clock.now))
        panel = await town.runtime.database.write(
            lambda tx: go(session(tx, town, lea), f"moedeplan/{number}/{path}", "x" if "ja" not in path else "")
        )
        assert panel.notes == ("Mødet er begyndt og kan ikke længere flyttes eller aflyses.",)
        assert town.rows("SELECT cancelled_at, version FROM meetings") == [(None, 0)]


async def test_a_change_told_before_the_meeting_began_is_too_late_after(found: Found) -> None:
    async with found(steps="plan") as town:
        await there_is(town)
        lea = await plans(town)
        for label in (LABEL, "Flyt mødet"):
            await lea.taps(label)
        await lea.says("1.4.2026 kl. 19")
        await town.wait(STARTS - int(town.clock.now))
        lea.sees()
        await lea.taps("Ja, flyt mødet")
        assert "Mødet er begyndt og kan ikke længere flyttes" in seen(lea)
        assert town.rows("SELECT starts_at FROM meetings") == [(STARTS,)]


# --- who comes --------------------------------------------------------------------------------------------


@on_both
async def test_who_comes_is_counted_with_people_and_by_group(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        number = await there_is(town, replace(FACTS, capacity=5))
        await come(
            town,
            number,
            Guest(SignupAnswer.YES, 3, "forening"),
            Guest(SignupAnswer.YES),
            Guest(SignupAnswer.YES, 4, "forening"),
            Guest(SignupAnswer.MAYBE),
            Guest(SignupAnswer.NO, 1, "ansat"),
        )
        lea = await plans(town)
        assert "(4 tilmeldte ud af 5 pladser)" in seen(lea)
        for label in (LABEL, "Se tilmeldinger"):
            await lea.taps(label)
        shown = seen(lea)
        assert (
            "2 har svaret ja (4 personer) · 1 på venteliste (4 personer) · 1 har svaret måske · 1 har svaret nej"
            in shown
        )
        assert "Forening: 1 har svaret ja (3 personer) · 1 på venteliste (4 personer)" in shown


@on_both
async def test_needs_are_read_word_for_word_by_nobodys_name_and_noted_in_the_log(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        number = await there_is(town)
        await come(
            town,
            number,
            Guest(SignupAnswer.YES, needs=NEED),
            Guest(SignupAnswer.YES, asks=QUESTION),
            Guest(SignupAnswer.NO, absent=ABSENT),
        )
        lea = await plans(town)
        for label in (LABEL, "Se tilmeldinger"):
            await lea.taps(label)
        assert NEED not in seen(lea) and log_of(town) == []
        await lea.taps("Se 1 særligt behov")
        assert f"• {NEED}" in seen(lea)
        assert log_of(town) == [("needs",)]
        await lea.taps("Hent som fil")
        assert NEED in file_of(lea, "moede-1-behov.txt")
        assert log_of(town) == [("needs",), ("needs",)]
        for label in ("Tilbage", "Læs 2 kommentarer"):
            await lea.taps(label)
        assert f"Spørgsmål før mødet:\n• {QUESTION}" in seen(lea)
        await lea.taps("Hent som fil")
        text = file_of(lea, "moede-1-spoergsmaal.txt")
        assert TITLE in text and f"Fra dem, der ikke kommer:\r\n• {ABSENT}" in text and NEED not in text


def file_of(person: Somebody, name: str) -> str:
    if isinstance(person, OnTelegram):
        return person.phone.document.decode("utf-8-sig")
    assert isinstance(person, OnPages)
    named, content = person.browser.downloads[-1]
    assert named == name
    return content.decode("utf-8-sig")


async def test_needs_are_not_shown_once_the_meeting_is_over(found: Found) -> None:
    async with found(steps="plan") as town:
        number = await there_is(town)
        await come(town, number, Guest(SignupAnswer.YES, needs=NEED))
        lea = await leads(town)
        town.clock.now = FACTS.ends_at  # before anybody has come round to deleting them
        panel = await town.runtime.database.write(
            lambda tx: go(session(tx, town, lea), f"moedeplan/{number}/tilmeldte/behov/se")
        )
        assert NEED not in "\n".join(panel.body)


# --- afterwards -------------------------------------------------------------------------------------------


async def held(town: Town, *guests: Guest) -> int:
    number = await there_is(town)
    await come(town, number, *guests)
    await town.wait(FACTS.ends_at + 3600 - int(town.clock.now))
    return number


async def opens(lea: Somebody, *more: str) -> None:
    await lea.says("/leder")
    for label in ("Møder", LABEL, *more):
        await lea.taps(label)


@on_both
async def test_how_many_came_is_a_number(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        await held(town)
        await opens(lea, "Skriv antal fremmødte")
        lea.sees()
        await lea.says("en hel del")
        assert "Skriv antallet af deltagere." in seen(lea)
        await lea.says("37")
        assert "37 personer kom til mødet." in seen(lea)
        assert town.rows("SELECT attended FROM meetings") == [(37,)]


@on_both
async def test_the_minutes_are_points_seen_before_they_are_sent_to_those_who_had_a_place(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        guests = (
            Guest(SignupAnswer.YES),
            Guest(SignupAnswer.YES, 2),
            Guest(SignupAnswer.MAYBE),
            Guest(SignupAnswer.NO),
        )
        number = await held(town, *guests)
        await opens(lea, "Skriv eller se referat")
        await lea.says("Hallen åbner klokken otte")
        await lea.says("- Nøgler hentes i receptionen\n2. Et punkt, som ingen vil have")
        shown = seen(lea)
        assert "1. Hallen åbner klokken otte\n2. Nøgler hentes i receptionen\n3. Et punkt, som ingen" in shown
        await lea.taps("Slet det sidste punkt")
        await lea.taps("Se referatet, og send det")
        shown = seen(lea)
        assert "1. Hallen åbner klokken otte\n2. Nøgler hentes i receptionen" in shown and "Et punkt" not in shown
        assert "Referatet bliver sendt til 2 personer, som havde en plads." in shown
        assert await town.runtime.database.read(lambda tx: meetings.minutes(tx, number)) == []
        await lea.taps("Ja, send referatet")
        assert "Referatet bliver sendt til 2 personer." in seen(lea)
        assert await town.runtime.database.read(lambda tx: meetings.minutes(tx, number)) == [
            "Hallen åbner klokken otte",
            "Nøgler hentes i receptionen",
        ]
        assert log_of(town) == [("minutes",)]


@pytest.mark.parametrize(
    ("text", "why"),
    [("x" * 501, "Et punkt må højst være på 500 tegn."), ("\n".join("abcdefghijklm"), "Der må højst være 12 punkter.")],
)
async def test_too_much_is_taken_in_not_at_all(found: Found, text: str, why: str) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        number = await held(town)
        panel = await town.runtime.database.write(
            lambda tx: go(session(tx, town, lea), f"moedeplan/{number}/referat", text)
        )
        assert panel.notes[0].startswith(why)
        assert town.rows("SELECT count(*) FROM minutes") == [(0,)]


async def test_what_is_said_to_the_minutes_stands_point_by_point_and_starts_anew_when_they_are_sent_again(
    found: Found,
) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        number = await held(town, *(Guest(SignupAnswer.YES) for _ in range(4)))
        await opens(lea, "Skriv eller se referat")
        await lea.says("Hallen åbner klokken otte")
        for label in ("Se referatet, og send det", "Ja, send referatet"):
            await lea.taps(label)
        await town.runtime.database.write(partial(_reply, town, number))
        for label in ("Skriv eller se referat", "Se svar fra deltagerne"):
            await lea.taps(label)
        shown = seen(lea)
        assert "Referatet er rigtigt: 1\nNoget er forkert: 1\nVar ikke med: 1\nHar ikke svaret: 1" in shown
        assert "1. Hallen åbner klokken otte\n• Det var klokken ni" in shown
        await town.wait(60)
        for label in ("Tilbage", "Slet det sidste punkt"):
            await lea.taps(label)
        lea.sees()
        await lea.says("Hallen åbner klokken ni")
        assert "Rettelserne er ikke sendt." in seen(lea)
        await lea.taps("Se referatet, og send det")
        lea.sees()
        await writes(town, lea, "Tiden var forkert")
        for label in ("Ja, send referatet", "Skriv eller se referat", "Se svar fra deltagerne"):
            await lea.taps(label)
        shown = seen(lea)
        assert "Har ikke svaret: 4" in shown and "1. Hallen åbner klokken ni\n" not in shown
        assert "Svar på det tidligere referat:\n• Det var klokken ni" in shown


def _reply(town: Town, number: int, tx: Tx) -> None:
    coming = signups.of_meeting(tx, number)
    for signed, reply in zip(coming, ("confirmed", "objected", "absent"), strict=False):
        signups.put(tx, replace(signed, minutes=reply))
    meetings.add_words(tx, number, coming[1].person_id, "objection", "Det var klokken ni", int(town.clock.now), point=1)


# --- minutes that were sent -------------------------------------------------------------------------------

FIRST = ["Hallen åbner klokken otte", "Nøgler hentes i receptionen", "Vi mødes igen i maj"]


async def minutes_sent(town: Town, lea: Somebody, *guests: Guest) -> int:
    """A meeting whose minutes, three points, were sent."""
    number = await held(town, *guests)
    await opens(lea, "Skriv eller se referat")
    await writes(town, lea, "\n".join(FIRST))
    for label in ("Se referatet, og send det", "Ja, send referatet"):
        await lea.taps(label)
    await town.wait(60)
    return number


async def kept(town: Town, number: int) -> dict[int, list[str]]:
    """The points of every version that was sent."""

    def read(tx: Tx) -> dict[int, list[str]]:
        sent = meetings.minutes_versions(tx, number)
        return {each.version: meetings.points(tx, number, each.version) for each in sent}

    return await town.runtime.database.read(read)


@on_both
async def test_sent_minutes_change_only_by_a_new_version_that_says_what_changed(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        number = await minutes_sent(town, lea, Guest(SignupAnswer.YES), Guest(SignupAnswer.YES))
        await town.runtime.database.write(partial(_reply, town, number))
        for label in ("Skriv eller se referat", "Se referatet, og send det"):
            await lea.taps(label)
        assert "Referatet er ikke ændret, siden det blev sendt." in seen(lea)
        assert "Ja, send referatet" not in labels(lea)
        await lea.taps("Ret punkt 1")
        lea.sees()
        await lea.says("Hallen åbner klokken ni")
        assert "• Punkt 1 er rettet." in seen(lea)
        for label in ("Ret punkt 3", "Slet punktet"):
            await lea.taps(label)
        await lea.says("Alle må tage en ven med\nKaffen er gratis")
        assert await kept(town, number) == {1: FIRST}

        await lea.taps("Se referatet, og send det")
        assert "Hvad er ændret, og hvorfor?" in seen(lea)
        assert "Ja, send referatet" not in labels(lea)
        await lea.says("Tiden var forkert, og to ting manglede")
        shown = seen(lea)
        for words in ("Rettet referat: ", "Ændringer: Tiden var forkert, og to ting manglede", "• Punkt 4 er nyt."):
            assert words in shown
        await lea.taps("Ja, send referatet")
        now = ["Hallen åbner klokken ni", FIRST[1], "Alle må tage en ven med", "Kaffen er gratis"]
        assert await kept(town, number) == {1: FIRST, 2: now}
        assert log_of(town)[-2:] == [("minutes",), ("minutes",)]

        for label in ("Skriv eller se referat", "Se alle versioner"):
            await lea.taps(label)
        shown = seen(lea)
        assert "Version 2 blev sendt " in shown and "Ændringer: Tiden var forkert" in shown
        assert "1 deltager godkendte referatet.\n1 deltager skrev, at noget var forkert." in shown
        await lea.taps("Version 1")
        assert "1. Hallen åbner klokken otte\n2. Nøgler hentes i receptionen\n3. Vi mødes igen i maj" in seen(lea)


async def test_what_is_sent_is_the_minutes_that_were_looked_at(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        number = await minutes_sent(town, lea, Guest(SignupAnswer.YES))
        for label in ("Skriv eller se referat", "Ret punkt 1"):
            await lea.taps(label)
        await lea.says("Hallen åbner klokken ni")
        await lea.taps("Se referatet, og send det")
        await lea.says("Tiden var forkert")
        await town.runtime.database.write(lambda tx: meetings.write_minutes(tx, number, ["Noget helt andet"]))
        lea.sees()
        await lea.taps("Ja, send referatet")
        shown = seen(lea)
        assert "Referatet er ændret, siden du så det, og er ikke sendt." in shown and "Noget helt andet" in shown
        assert await kept(town, number) == {1: FIRST}


async def test_the_word_that_minutes_are_missing_leads_to_writing_them(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        await held(town)
        await comes_to(town, local("2026-03-20 21:00"))
        await comes_to(town, local("2026-03-21 10:00"))
        lea.sees()
        await lea.taps("Skriv referatet")
        assert TITLE in seen(lea)
        await lea.taps("Skriv eller se referat")
        assert "Skriv ét punkt ad gangen" in seen(lea)


# --- who leads one ----------------------------------------------------------------------------------------


@on_both
async def test_a_facilitator_sees_the_meetings_they_lead_and_nothing_to_plan(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        fie = town.somebody("Fie")
        await fie.says(f"/start {await town.invites('facilitator')}")
        await fie.taps("Jeg er med")
        [(fie_id,)] = town.rows("SELECT person_id FROM roles WHERE role = 'facilitator'")
        await there_is(town, led_by=fie_id)
        await there_is(town, replace(FACTS, details=MeetingDetails(title="Et andet møde", place=PLACE)))
        await fie.says("/leder")
        await fie.taps("Møder")
        shown = seen(fie)
        assert "Her er de møder, du leder." in shown and TITLE in shown and "Et andet møde" not in shown
        assert "Nyt møde" not in labels(fie)
        await fie.taps(LABEL)
        assert {"Flyt mødet", "Ret mødet", "Aflys mødet"}.isdisjoint(labels(fie))
        await fie.taps("Se tilmeldinger")
        assert "Ingen har svaret endnu." in seen(fie)


KEPT_FROM = (
    "moedeplan/ny",
    "moedeplan/ny/titel",
    "moedeplan/ny/ja",
    "moedeplan/1/ret",
    "moedeplan/1/ret/ja",
    "moedeplan/1/ret/titel",
    "moedeplan/1/aflys",
    "moedeplan/1/aflys/ja",
    "moedeplan/2",
    "moedeplan/2/tilmeldte",
    "moedeplan/2/tilmeldte/behov/se",
    "moedeplan/2/tilmeldte/ord/fil",
    "moedeplan/2/referat",
    "moedeplan/2/antal",
)


async def test_minutes_are_asked_of_the_leader_where_who_led_the_meeting_holds_no_role_any_more(found: Found) -> None:
    async with found(steps="plan") as town:
        lea, fie = await leads(town), town.person("Fie")
        await fie.says(f"/start {await town.invites('facilitator')}")
        await fie.taps("Jeg er med")
        [(fie_id,)] = town.rows("SELECT person_id FROM roles WHERE role = 'facilitator'")
        await there_is(town, led_by=fie_id)
        await town.runtime.database.write(lambda tx: people.take_role(tx, fie_id, "facilitator"))
        await comes_to(town, local("2026-03-21 10:00"))
        assert "Der mangler et referat" in seen(lea) and "Der mangler et referat" not in seen(fie)


async def test_no_path_gives_a_facilitator_more(found: Found) -> None:
    """Fie leads the first meeting, not the second."""
    async with found(steps="plan") as town:
        fie = town.person("Fie")
        await fie.says(f"/start {await town.invites(Role.FACILITATOR)}")
        await fie.taps("Jeg er med")
        [(fie_id,)] = town.rows("SELECT person_id FROM roles WHERE role = 'facilitator'")
        await there_is(town, led_by=fie_id)
        other = await there_is(town, replace(FACTS, details=MeetingDetails(title="Et andet møde", place=PLACE)))
        await come(town, other, Guest(SignupAnswer.YES, needs=NEED, asks=QUESTION))

        def tries(tx: Tx) -> list[str]:
            s = session(tx, town, fie)
            found = [go(s, path, text) for path in KEPT_FROM for text in ("", "Noget")]
            return [
                "\n".join((panel.title, *panel.body, *(go_.label for row in panel.rows for go_ in row)))
                for panel in found
            ]

        for text in await town.runtime.database.write(tries):
            assert "Et andet møde" not in text and NEED not in text and QUESTION not in text
        assert town.rows("SELECT version, cancelled_at FROM meetings") == [(0, None)] * 2
        assert town.rows("SELECT count(*) FROM meeting_drafts") == [(0,)]
        assert log_of(town) == []


async def test_the_facilitator_is_chosen_among_those_with_a_role(found: Found) -> None:
    async with found(steps="plan") as town:
        for role in ("facilitator", "steering"):
            person = town.somebody(role)
            await person.says(f"/start {await town.invites(role)}")
            await person.taps("Jeg er med")
        await there_is(town)
        lea = await plans(town)
        for label in (LABEL, "Ret mødet", "Mødeleder"):
            await lea.taps(label)
        offered = [label for label in labels(lea) if "siden" in label or "…" in label]
        assert [label.split()[0] for label in offered] == ["Mødeleder,", "Projektleder,"]
        await lea.taps(offered[0])
        await lea.taps("Ja, ret mødet")
        assert f"Mødeleder: {offered[0]}" in seen(lea)
        [(chosen,)] = town.rows("SELECT facilitator_id FROM meetings")
        assert town.rows("SELECT role FROM roles WHERE person_id = ?", chosen) == [("facilitator",)]


async def test_who_has_lost_their_role_meanwhile_leads_nothing(found: Found) -> None:
    async with found(steps="plan") as town:
        fie = town.somebody("Fie")
        await fie.says(f"/start {await town.invites('facilitator')}")
        await fie.taps("Jeg er med")
        [(fie_id,)] = town.rows("SELECT person_id FROM roles")
        await there_is(town)
        lea = await plans(town)
        for label in (LABEL, "Ret mødet", "Mødeleder"):
            await lea.taps(label)
        await lea.taps(next(label for label in labels(lea) if label.startswith("Mødeleder,")))
        await town.runtime.database.write(lambda tx: people.take_role(tx, fie_id, "facilitator"))
        lea.sees()
        await lea.taps("Ja, ret mødet")
        assert "Der er ingen ændringer." in seen(lea)
        assert town.rows("SELECT facilitator_id FROM meetings") == [(None,)]


# --- every panel ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["da", "en"])
async def test_a_panel_shown_again_is_the_panel_that_was_shown(found: Found, language: str) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        number = await there_is(town, replace(FACTS, capacity=3))
        past = await there_is(town, replace(FACTS, starts_at=STARTS - 30 * 86400, ends_at=STARTS - 30 * 86400 + 60))
        await come(
            town,
            number,
            Guest(SignupAnswer.YES, 2, needs=NEED),
            Guest(SignupAnswer.YES, 2),
            Guest(SignupAnswer.NO, asks=QUESTION),
        )
        await town.runtime.database.write(lambda tx: tx.run("UPDATE people SET language = :l", l=language))
        differing = await town.runtime.database.write(lambda tx: _walk(session(tx, town, lea)))
        assert differing == {}
        assert past != number


def _walk(s: Session) -> dict[str, str]:
    """Along every button, and with words wherever they are asked for."""
    differing: dict[str, str] = {}
    waiting: list[tuple[str, str]] = [("moedeplan", "")]
    seen: set[tuple[str, str]] = set()
    while waiting:
        path, text = waiting.pop(0)
        if (path, text) in seen or not path.startswith("moedeplan"):
            continue
        seen.add((path, text))
        shown = go(s, path, text)
        name, *args = shown.at.split("/")
        again = PANELS[name].show(s, tuple(args), PanelInput())
        assert isinstance(again, Panel)
        first, second = ((each.at, each.title, each.body, each.rows, each.asks) for each in (shown, again))
        if first != second:
            differing[path] = f"{first}\n{second}"
        waiting += [(button.to, "") for row in shown.rows for button in row]
        if shown.asks is not None:
            waiting += [(shown.asks, told) for told in ("40", "20.3.2026 kl. 20", "En sal", "x" * 2000)]
    assert len(seen) > 150
    return differing
