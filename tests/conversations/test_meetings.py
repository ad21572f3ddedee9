"""Meetings as those see them who may come: what is refused and to whom, what old buttons do, and what several things
in one message look like. The dialogues themselves are transcripts (moede-….txt). On Telegram and on the pages."""

from __future__ import annotations

from collections.abc import Callable

import icalendar
import pytest

from bot.dialogue import panel_navigation
from bot.dialogue.panel import Elsewhere, Panel
from bot.dialogue.reply import Reply, Verb
from bot.dialogue.session import Session, Visit, load, load_person
from bot.features import MESSAGES
from bot.features.meetings.service.signup import SignupAnswer, sign_up
from bot.features.on_behalf import entries
from bot.outbox import compose
from bot.outbox.kinds import MessageKind
from storage import meetings, outbox, signups
from storage.db import Tx
from storage.outbox import NewMessage, OutboxMessage
from tests.support.chat import Found, OnTelegram, Town
from tests.support.danish_time import local
from tests.support.pages import OnPages

on_both = pytest.mark.parametrize("channel", ["telegram", "web"])
YES, NO, AWAY = "Ja, jeg kommer", "Nej", "Meld afbud"
LOOK, STOP, CONTINUE = "Se mødet", "Stop beskeder", "Fortsæt med spørgsmålene"
FIRST = (
    "Hvad er vigtigt for dig i den måde, vi laver politikken på? "
    "Det kan fx være tidspunkter, steder, eller hvem der er med."
)
LATER = "invites = 2026-03-23 09:00"  # nobody is invited in these tests unless they say so
SMALLEST_PHONE = 35  # characters of a button
Somebody = OnTelegram | OnPages


def shown(person: Somebody) -> str:
    return "\n\n".join(person.sees())


async def comes(
    town: Town, name: str = "Anna", group: str = "Frivillig", *, messages: str = "Ja", came_for: str = "plan"
) -> Somebody:
    """Has told who they are, and is at the first question of the step."""
    person = town.somebody(name)
    assert isinstance(person, OnTelegram | OnPages)
    await person.says(f"/start {came_for}")
    for label in ("Jeg er med", group):
        await person.taps(label)
    for _ in range(6):
        text = shown(person)
        if "Vi begynder på" in text:
            break
        await person.taps(messages if "Må vi sende dig beskeder" in text else "Spring over")
    return person


async def looks_at(person: Somebody, label: str = "24. mar.: Fælles møde") -> str:
    await person.says("/moeder")
    person.sees()
    await person.taps(label)
    return shown(person)


async def meets(town: Town, more: str = LATER, key: str = "moede") -> None:
    await town.plans_meeting(f"{key}: title = Fælles møde; starts = 2026-03-24 19:00; {more}")


async def acts(town: Town, name: str, unit: Callable[[Session], object]) -> object:
    """What comes of a path or a tap that no button of theirs has."""

    def act(tx: Tx) -> object:
        person = town.person(name)
        now = int(town.clock.now)
        s = load(
            tx, town.runtime.context, Visit(channel="telegram", address=str(person.phone.id), now=now, sent_at=now)
        )
        assert s is not None
        return unit(s)

    return await town.runtime.database.write(act)


async def opened(town: Town, name: str, path: str) -> Panel:
    found = await acts(town, name, lambda s: panel_navigation.go(s, path))
    assert isinstance(found, Panel)
    return found


def answers(town: Town) -> list[tuple[str, int, int]]:
    return [(row[0], row[1], row[2]) for row in town.rows("SELECT answer, people, placed FROM signups ORDER BY rowid")]


def at_question(town: Town) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in town.rows("SELECT screen, question FROM prompts")]


# --- the panel --------------------------------------------------------------------------------------------


@on_both
async def test_the_calendar_gets_the_meeting_and_hears_of_its_move_by_the_same_name(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna = await comes(town)
        await meets(town)
        await looks_at(anna)
        made = []
        for hour in ("19:00", "20:00"):
            await meets(town, f"{LATER}; starts = 2026-03-24 {hour}")
            await anna.taps("Læg mødet i din kalender")
            content = anna.phone.document if isinstance(anna, OnTelegram) else anna.browser.downloads[-1][1]
            [event] = icalendar.Calendar.from_ical(content).walk("VEVENT")
            made.append((event["UID"], event.decoded("SEQUENCE"), f"{event.decoded('DTSTART'):%d.%m %H:%M}"))
        [(uid,)] = town.rows("SELECT uid FROM meetings")
        assert made == [(uid, 0, "24.03 19:00"), (uid, 1, "24.03 20:00")]


@on_both
async def test_what_one_writes_is_kept_only_if_it_may_be(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna = await comes(town)
        await meets(town)
        await looks_at(anna)
        await anna.taps("Stil et spørgsmål til mødet")
        refused = {
            "å" * 1001: "Teksten er for lang og er ikke gemt. Skriv den igen med højst 1.000 tegn.",
            "Mit nummer er 010203-1234": "ligner et CPR-nummer",
        }
        for text, why in refused.items():
            await anna.says(text)
            assert why in shown(anna)
        assert town.rows("SELECT kind FROM meeting_words") == []
        await anna.says("Jeg orker ikke at leve mere")
        assert "Livslinien på 70 201 201" in shown(anna)
        await anna.says("Jeg orker ikke at leve mere")  # the same again is the same
        assert town.rows("SELECT count(*) FROM meeting_words") == [(1,)]
        for number in range(9):
            await anna.says(f"Spørgsmål nummer {number}")
        anna.sees()
        await anna.says("Et spørgsmål for meget")
        assert "Du kan højst skrive 10 spørgsmål. Slet ét først." in shown(anna)
        await anna.taps("Slet nr. 1")
        assert town.rows("SELECT count(*), min(kind), max(kind) FROM meeting_words") == [(9, "question", "question")]


@on_both
async def test_needs_are_changed_and_taken_away_and_encrypted_until_then(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna = await comes(town)
        await meets(town)
        assert "Skriv særlige behov" not in await looks_at(anna)
        await anna.taps(YES)
        await anna.taps("Skriv særlige behov")
        await anna.taps("Ja, gem det til mødet")
        await anna.says("Tolk til tegnsprog")
        assert "Dine særlige behov: Tolk til tegnsprog" in shown(anna)
        await anna.taps("Ret mine særlige behov")
        await anna.says("En rampe ved døren")
        assert "Dine særlige behov: En rampe ved døren" in shown(anna)
        await anna.taps("Ret mine særlige behov")
        await anna.taps("Slet mine behov")
        assert "Dine særlige behov er slettet." in shown(anna)
        assert town.rows("SELECT needs FROM signups") == [(None,)]


async def test_needs_are_kept_after_a_yes_of_their_own_that_names_who_sees_them_and_until_when(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await comes(town)
        await meets(town)
        await looks_at(anna)
        await anna.taps(YES)
        await anna.taps("Skriv særlige behov")
        asked = shown(anna)
        assert "kun projektlederen, stedfortræderen og mødelederen kan se dem" in asked
        assert "sletter dem efter mødet" in asked and "helbred" in asked
        await anna.says("Tolk til tegnsprog")  # no yes was given
        assert town.rows("SELECT needs FROM signups") == [(None,)]
        await looks_at(anna)
        await anna.taps("Skriv særlige behov")
        await anna.taps("Nej, gem det ikke")
        assert "Dine særlige behov" not in shown(anna)
        assert town.rows("SELECT needs FROM signups") == [(None,)]


@on_both
async def test_words_typed_too_late_are_not_kept_and_that_is_said(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna = await comes(town)
        await meets(town)
        await looks_at(anna)
        await anna.taps("Stil et spørgsmål til mødet")
        anna.sees()
        await town.wait(local("2026-03-24 19:30") - int(town.clock.now))
        await anna.says("Kan man få kaffe?")
        if channel == "telegram":  # where a reminder has come since
            await anna.taps("Brug det, jeg skrev")
        text = shown(anna)
        assert "Fristen er udløbet, så teksten er ikke gemt." in text and "Mødet er i gang." in text
        assert town.rows("SELECT kind FROM meeting_words") == []


@on_both
async def test_the_receipt_and_an_idle_hour_tell_of_the_next_meeting_unless_they_stay_away(
    found: Found, channel: str
) -> None:
    line = "Næste møde: Fælles møde, tirsdag den 24. marts 2026 kl. 19.00."
    async with found(channel=channel, steps="borger") as town:
        anna = await comes(town, group="Borger", came_for="borger")
        await meets(town)
        await anna.says("At handle ind for min nabo")
        while "[Send]" not in shown(anna):
            await anna.taps("Spring over")
        await anna.taps("Send")
        await anna.says("/fortsaet")
        assert line in shown(anna)
        await looks_at(anna)
        await anna.taps(NO)
        await anna.says("/fortsaet")
        assert line not in shown(anna)


async def test_a_panel_shown_again_is_the_same_and_changes_nothing(found: Found) -> None:
    async with found(steps="plan") as town:
        await comes(town, group="Forening")
        await meets(town)
        for path in ("ja", "ja/2", "antal", "behov", "spoerg", "kalender", "maaske", "nej", "sig", "punkt/1", "slet/1"):
            panel = await opened(town, "Anna", f"moeder/1/{path}")
            before = [town.rows(f"SELECT * FROM {table}") for table in ("signups", "meeting_words", "outbox")]
            again = await opened(town, "Anna", panel.at)
            assert (again.at, again.title, again.body, again.rows) == (panel.at, panel.title, panel.body, panel.rows)
            assert (again.notes, again.makes) == ((), ())
            assert [town.rows(f"SELECT * FROM {table}") for table in ("signups", "meeting_words", "outbox")] == before
        assert answers(town) == [("no", 1, 0)]


# --- for whom there is none -------------------------------------------------------------------------------


async def test_to_who_it_is_not_for_there_is_no_such_meeting(found: Found) -> None:
    async with found(steps="plan") as town:
        await comes(town, "Anna")
        await comes(town, "Bo", "Borger")
        await meets(town, f"{LATER}; kind = volunteers")
        assert (await opened(town, "Anna", "moeder/1")).title == "Fælles møde"
        for path in ("moeder/1", "moeder/1/ja", "moeder/1/spoerg", "moeder/99", "moeder/x", "moeder/" + "9" * 40):
            panel = await opened(town, "Bo", path)
            assert (panel.at, panel.notes) == ("moeder", ("Siden findes ikke længere.",))
        assert answers(town) == []


async def test_after_stop_old_buttons_do_what_they_say(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await comes(town)
        await meets(town, "kind = volunteers")
        await anna.says("/stop")
        await anna.taps(YES)
        assert answers(town) == [("yes", 1, 1)]


async def test_who_takes_part_no_more_sees_nothing_and_old_buttons_do_nothing(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await comes(town)
        await meets(town, "kind = volunteers")
        await anna.says("/forlad")
        shown(anna)
        await anna.taps(YES, older=True)
        assert "Jeg er med" in shown(anna) and answers(town) == []
        await anna.taps(LOOK, older=True)
        assert "Fælles møde" not in shown(anna)
        await anna.says("/moeder")
        assert "Fælles møde" not in shown(anna)
        assert (await opened(town, "Anna", "moeder/1")).notes == ("Siden findes ikke længere.",)


async def test_who_stops_while_they_are_on_a_list_is_told_that_they_will_not_hear_of_a_change(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await comes(town)
        await meets(town, "kind = volunteers")
        await anna.taps(YES)
        shown(anna)
        await anna.says("/stop")
        assert shown(anna).endswith(
            "Du er stadig tilmeldt et møde, men vi kan ikke give dig besked, hvis det bliver flyttet eller aflyst. "
            "Ring eller skriv til os, hvis du ikke kommer."
        )


async def test_who_it_is_not_for_any_more_can_do_nothing_with_the_invitation(found: Found) -> None:
    async with found(steps="plan") as town:
        sten = town.person("Sten")
        await sten.says(f"/start {await town.invites('steering')}")
        await sten.taps("Jeg er med")
        await sten.says("/rolle")  # to be asked whether we may write
        for label in ("Borger", "Spring over", "Ja"):
            await sten.taps(label)
        await meets(town, "kind = steering")
        assert "Invitation: Fælles møde" in shown(sten)
        await town.runtime.database.write(lambda tx: tx.run("DELETE FROM roles"))
        await sten.taps(YES)
        assert (
            shown(sten)
            == "Du er ikke i målgruppen for mødet. Skriv til frivillig@eksempel-kommune.example, hvis det er en fejl."
        )
        await sten.taps(LOOK)
        assert "Fælles møde" not in shown(sten) and answers(town) == []


async def test_somebody_elses_message_cannot_be_answered(found: Found) -> None:
    async with found(steps="plan") as town:
        await comes(town, "Anna")
        await meets(town, "kind = volunteers")
        bo = await comes(town, "Bo")
        assert isinstance(bo, OnTelegram)
        [(annas,)] = town.rows("SELECT id FROM outbox")
        for verb in (*"CSMEAw", "g"):
            await bo.forges(f"1:0:0:{verb}{annas}")
        assert "Knappen gælder ikke længere." in shown(bo)
        assert answers(town) == []
        assert town.rows("SELECT reminders FROM people ORDER BY id") == [(1,), (1,)]


async def test_who_enters_for_others_signs_up_as_oneself_and_stays_in_the_entry(found: Found) -> None:
    async with found(steps="plan") as town:
        await town.invites("facilitator")
        fie = town.somebody("Fie")
        assert isinstance(fie, OnTelegram)
        await fie.says(f"/start {town.invite}")
        await fie.taps("Jeg er med")
        await fie.says("/rolle")
        for label in ("Frivillig", "Spring over", "Spring over", "Ja"):
            await fie.taps(label)
        await meets(town, "kind = volunteers")
        await acts(town, "Fie", lambda s: entries.begin(s, "table", "frivillig", 8, "plan"))
        fie.sees()
        await fie.taps(YES)
        assert "Du er tilmeldt mødet." in shown(fie)
        assert town.rows("SELECT source FROM people JOIN signups ON person_id = people.id") == [(None,)]
        [(acting,)] = town.rows(
            "SELECT source FROM people JOIN addresses ON person_id = people.id ORDER BY entered_at DESC LIMIT 1"
        )
        assert acting == "table"
        await fie.taps(LOOK)
        text = shown(fie)
        assert text.startswith("Indtastningen er gemt og lukket.")
        assert "Du er tilmeldt mødet." in text


# --- buttons of messages ----------------------------------------------------------------------------------


async def test_a_tap_leaves_the_question_where_it_is_and_a_second_does_no_harm(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await comes(town)
        await meets(town, "kind = volunteers")
        where = "SELECT number, revision, screen, run_id, question, shown_at, message, about FROM prompts"
        before = town.rows(where)
        assert isinstance(anna, OnTelegram)
        await anna.taps(YES, times=3)
        assert town.rows(where) == before
        assert answers(town) == [("yes", 1, 1)]
        await anna.says("Kom ud til os")
        await anna.taps("Det er mit svar")
        assert town.rows("SELECT count(*) FROM answers WHERE question = 'P1'") == [(1,)]


async def test_an_old_button_says_that_the_meeting_was_moved_and_signs_up_for_it_as_it_is_now(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await comes(town)
        await meets(town, "kind = volunteers")
        invitation = _message_id(town, MessageKind.INVITED)
        assert isinstance(anna, OnTelegram)
        town.clock.now += 60
        await meets(town, "starts = 2026-03-25 18:30")
        shown(anna)
        await anna.forges(f"1:0:0:C{invitation}")
        text = shown(anna)
        assert "Mødet er flyttet, siden vi skrev. De nye oplysninger står her." in text
        assert "Tid: onsdag den 25. marts 2026 kl. 18.30-20.30" in text
        assert answers(town) == [("yes", 1, 1)]


@pytest.mark.parametrize(("at", "says"), [("19:30", "Mødet er i gang."), ("22:00", "Mødet er slut.")])
@pytest.mark.parametrize("button", [YES, NO])
async def test_an_old_button_says_that_it_is_too_late(found: Found, at: str, says: str, button: str) -> None:
    async with found(steps="plan") as town:
        anna = await comes(town)
        await meets(town, "kind = volunteers")
        await town.wait(local(f"2026-03-24 {at}") - int(town.clock.now))
        shown(anna)
        assert isinstance(anna, OnTelegram)
        await anna.taps(button, older=button not in anna.phone.buttons)
        assert shown(anna) == f"{says}\n\nFælles møde\n[{LOOK}]"
        assert answers(town) == []


async def test_after_the_deadline_one_is_told_when_it_was_and_whom_to_write_to(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await comes(town)
        await meets(town, "kind = volunteers; signup_until = 2026-03-23 12:00")
        await town.wait(local("2026-03-23 12:00") - int(town.clock.now))
        shown(anna)
        await anna.taps(YES, older=True)
        assert shown(anna) == (
            "Tilmeldingsfristen var mandag den 23. marts 2026 kl. 12.00. Vil du gerne med, så skriv til "
            f"frivillig@eksempel-kommune.example.\n\nFælles møde\n[{NO}]\n[{LOOK}]"
        )


def _message_id(town: Town, kind: MessageKind) -> int:
    [(found,)] = town.rows("SELECT id FROM outbox WHERE kind = ?", kind)
    return int(found)


# --- who is told, and why ---------------------------------------------------------------------------------


async def test_who_wants_no_messages_is_told_of_what_they_have_signed_up_for_and_why(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await comes(town, messages="Nej")
        await meets(town)
        await looks_at(anna)
        await anna.taps(YES)
        shown(anna)
        await meets(town, f"{LATER}; place = Biblioteket")
        text = shown(anna)
        assert "Du får denne besked, fordi du er tilmeldt mødet." in text
        assert (AWAY in text, STOP in text) == (True, False)
        await anna.taps(AWAY)
        shown(anna)
        await meets(town, f"{LATER}; place = Skolen")
        await town.plans_meeting("moede: cancelled = true")
        assert shown(anna) == ""  # nobody who has said no hears of it again


async def test_who_says_no_more_messages_hears_still_of_what_they_have_signed_up_for_and_is_told_so(
    found: Found,
) -> None:
    async with found(steps="plan") as town:
        anna = await comes(town)
        await meets(town, "kind = volunteers")
        await anna.taps(STOP)
        assert shown(anna).endswith("Du får ikke flere påmindelser og nyheder fra os. Dine svar er stadig gemt.")
        await looks_at(anna)
        await anna.taps("Måske")
        shown(anna)
        await anna.taps(STOP, older=True)
        assert shown(anna).endswith("Flytter eller aflyser vi det, får du stadig besked.")
        await meets(town, "starts = 2026-03-25 18:30")
        text = shown(anna)
        assert "Du får denne besked, fordi du har svaret, at du måske kommer." in text and STOP not in text


async def test_who_deletes_everything_about_themselves_leaves_their_place_to_who_waits(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await comes(town)
        bo = await comes(town, "Bo", "Borger")
        await meets(town, "capacity = 1")
        for person in (anna, bo):
            await person.taps(YES)
        assert answers(town) == [("yes", 1, 1), ("yes", 1, 0)]
        shown(bo)
        await anna.says("/slet")
        await anna.taps("Ja, slet alt")
        await town.looks()
        assert shown(bo).startswith("Du har fået en plads: Fælles møde")
        assert answers(town) == [("yes", 1, 1)]


async def test_minutes_that_have_been_corrected_are_not_confirmed_by_an_old_button(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await comes(town)
        await meets(town, "kind = volunteers")
        await anna.taps(YES)
        await town.wait(local("2026-03-25 12:00") - int(town.clock.now))
        await town.sends_minutes("moede: Vi vil låne lokaler")
        await town.wait(3600)
        await town.sends_minutes("moede: Vi vil låne lokaler; Vi mødes igen")
        [first, second] = [row[0] for row in town.rows("SELECT id FROM outbox WHERE kind = 'minutes' ORDER BY id")]
        assert isinstance(anna, OnTelegram)
        shown(anna)
        await anna.forges(f"1:0:0:A{first}")
        assert shown(anna).startswith("Der er kommet et nyt referat, siden vi skrev.")
        assert town.rows("SELECT minutes FROM signups") == [(None,)]
        await anna.forges(f"1:0:0:A{second}")
        assert town.rows("SELECT minutes FROM signups") == [("confirmed",)]


async def test_who_had_the_earlier_minutes_is_told_of_the_new_ones_and_what_changed(found: Found) -> None:
    async with found(steps="plan") as town:
        anna, bo = await comes(town), await comes(town, "Bo")
        await meets(town, "kind = volunteers")
        await anna.taps(YES)
        await bo.taps(YES)
        await town.wait(local("2026-03-25 12:00") - int(town.clock.now))
        await town.sends_minutes("moede: Vi vil låne lokaler; Vi mødes i maj")
        for person in (anna, bo):
            assert "\n\nReferat: Fælles møde\n" in shown(person)
        await anna.taps("Godkend referatet")
        await town.wait(3600)
        await town.sends_minutes("moede: Vi vil låne lokaler; Vi mødes i juni")
        for person in (anna, bo):
            told = shown(person)
            assert "Rettet referat: Fælles møde\n" in told
            assert "Ændringer: Der manglede noget\n" in told and "• Punkt 2 er rettet." in told
            assert "Det rettede referat:\n1. Vi vil låne lokaler\n2. Vi mødes i juni" in told
            assert "Er det nye referat rigtigt?" in told
        assert town.rows("SELECT minutes FROM signups") == [(None,), (None,)]
        assert town.rows("SELECT version, confirmed, objected FROM minutes_versions") == [(1, 1, 0), (2, None, None)]


@pytest.mark.parametrize("said", ["referat/1/passer", "referat/1/ikke-med", "punkt/1/1"])
async def test_what_is_said_to_minutes_is_said_to_the_version_that_was_read(found: Found, said: str) -> None:
    async with found(steps="plan") as town:
        anna = await comes(town)
        await meets(town, "kind = volunteers")
        await anna.taps(YES)
        await town.wait(local("2026-03-25 12:00") - int(town.clock.now))
        await town.sends_minutes("moede: Vi vil låne lokaler")
        read = await opened(town, "Anna", "moeder/1")
        assert f"moeder/1/{said}" in [go.to for row in read.rows for go in row]
        await town.sends_minutes("moede: Vi vil eje lokaler")
        panel = await opened(town, "Anna", f"moeder/1/{said}")
        assert panel.notes == (
            "Der er sendt et rettet referat, siden du læste det gamle. Læs det nye referat her, før du svarer.",
        )
        assert "Punkt 1 er rettet." in "\n".join(panel.body)
        assert town.rows("SELECT minutes FROM signups") == [(None,)]
        now = await opened(town, "Anna", f"moeder/1/{said.replace('/1', '/2', 1)}")
        assert now.notes != panel.notes


async def test_only_who_had_a_place_sees_the_minutes(found: Found) -> None:
    async with found(steps="plan") as town:
        anna, bo = await comes(town), await comes(town, "Bo")
        await meets(town, "kind = volunteers")
        await anna.taps(YES)
        await bo.taps("Måske")
        await town.wait(local("2026-03-25 12:00") - int(town.clock.now))
        await town.sends_minutes("moede: Vi vil låne lokaler")
        seen = {name: "\n".join((await opened(town, name, "moeder/1")).body) for name in ("Anna", "Bo")}
        assert {name: "Vi vil låne lokaler" in text for name, text in seen.items()} == {"Anna": True, "Bo": False}
        for path in ("moeder/1/referat/1/passer", "moeder/1/punkt/1/1", "moeder/1/punkt/0/1"):
            await opened(town, "Bo", path)
        panel = await opened(town, "Anna", "moeder/1/punkt/1/2")  # there is no such point
        assert panel.at == "moeder/1"
        assert town.rows("SELECT minutes FROM signups ORDER BY person_id") == [(None,), (None,)]
        assert isinstance(await acts(town, "Anna", lambda s: panel_navigation.go(s, "moeder/videre")), Elsewhere)


# --- several things at once -------------------------------------------------------------------------------


async def _enqueues(town: Town, *due: tuple[MessageKind, str]) -> list[int]:
    """To Anna, all of it this moment."""
    now = int(town.clock.now)

    def enqueue(tx: Tx) -> None:
        [person] = [row["id"] for row in tx.all("SELECT id FROM people")]
        for place, (kind, about) in enumerate(due):
            outbox.enqueue(tx, NewMessage(f"test:{now}:{place}", person, kind, about, now, now + 86400))

    await town.runtime.database.write(enqueue)
    await town.looks()
    return [row[0] for row in town.rows("SELECT id FROM outbox WHERE once LIKE 'test:%' ORDER BY id")]


async def test_several_things_at_once_are_one_message_with_numbered_buttons_and_one_way_to_stop(
    found: Found,
) -> None:
    async with found(steps="plan, linjer closes 2026-03-10 16:00") as town:
        anna = await comes(town)
        await meets(town)
        await town.plans_meeting(f"to: title = Dialogmøde; starts = 2026-03-26 17:00; purpose = Snak; {LATER}")
        shown(anna)
        rows = await _enqueues(
            town, (MessageKind.INVITED, "1"), (MessageKind.INVITED, "2"), (MessageKind.DEADLINE, "linjer")
        )
        assert shown(anna) == (
            "Du har 3 nye beskeder\n\n"
            "1. Invitation: Fælles møde\n"
            "Tid: tirsdag den 24. marts 2026 kl. 19.00-21.00\nSted: Kulturhuset\n\n"
            "2. Invitation: Dialogmøde\n"
            "Tid: torsdag den 26. marts 2026 kl. 17.00-19.00\nSted: Kulturhuset\n\n"
            "3. Husk at svare på »Hvad skal politikken handle om?«\n"
            "Svar senest tirsdag den 10. marts 2026 kl. 16.00.\n"
            "Du kan stadig nå at svare. Du kan holde pause og fortsætte senere.\n\n"
            "Du får denne besked, fordi du har sagt ja til beskeder fra os.\n"
            "<moeder.ics>\n"
            "[1: Ja] [1: Nej] [1: Se mødet]\n[2: Ja] [2: Nej] [2: Se mødet]\n[3: Svar nu]\n[Stop beskeder]"
        )
        assert isinstance(anna, OnTelegram)
        assert max(map(len, anna.phone.buttons)) <= SMALLEST_PHONE
        events = icalendar.Calendar.from_ical(anna.phone.document).walk("VEVENT")
        assert [str(event["SUMMARY"]) for event in events] == ["Fælles møde", "Dialogmøde"]
        first, *_ = rows
        joined = town.rows("SELECT state, joined FROM outbox WHERE once LIKE 'test:%' ORDER BY id")
        assert joined == [("sent", None), ("sent", first), ("sent", first)]
        await anna.taps("2: Ja")
        assert town.rows("SELECT meeting_id, answer FROM signups") == [(2, "yes")]
        await anna.taps("3: Svar nu", older=True)
        assert "Hvad skal politikken handle om?" in shown(anna)


async def test_of_two_things_about_the_same_only_the_one_is_said_that_says_more(found: Found) -> None:
    async with found(steps="plan closes 2026-03-10 16:00") as town:
        anna = await comes(town)
        await meets(town)
        shown(anna)
        await _enqueues(town, (MessageKind.UNFINISHED, "plan"), (MessageKind.DEADLINE, "plan"))
        assert shown(anna) == (
            "Husk at svare på »Hvordan skal vi gribe arbejdet an?«\n\nSvar senest tirsdag den 10. marts 2026 kl. 16.00."
            "\n\n"
            "Du er begyndt, men har ikke sendt dine svar endnu. Det, du har skrevet, er gemt.\n\n"
            f"Du får denne besked, fordi du har sagt ja til beskeder fra os.\n[Fortsæt]\n[{STOP}]"
        )
        states = town.rows("SELECT kind, state FROM outbox ORDER BY id")
        assert states == [(MessageKind.UNFINISHED, "sent"), (MessageKind.DEADLINE, "sent")]


async def test_a_reminder_says_when_and_where_and_what_they_have_said(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await comes(town)
        await meets(town)
        await looks_at(anna)
        await anna.taps(YES)
        shown(anna)
        await _enqueues(town, (MessageKind.SOON, "1"))
        assert shown(anna) == (
            "Husk mødet: Fælles møde\n\nTid: tirsdag den 24. marts 2026 kl. 19.00-21.00\nSted: Kulturhuset\n\n"
            "Du er tilmeldt mødet.\n\n"
            "Du får denne besked, fordi du er tilmeldt mødet og har sagt ja til beskeder fra os.\n"
            f"[{AWAY}]\n[{LOOK}]\n[{STOP}]"
        )


@pytest.mark.parametrize("language", ["da", "en"])
async def test_no_button_of_any_message_is_longer_than_a_small_phone(found: Found, language: str) -> None:
    async with found(steps="plan closes 2026-03-10 16:00") as town:
        await comes(town)
        await meets(town, f"{LATER}; signup_until = 2026-03-20 12:00")

        def drawn(tx: Tx) -> list[Reply]:
            [person] = [row["id"] for row in tx.all("SELECT id FROM people")]
            tx.run("UPDATE people SET language = :language", language=language)
            now, found_ = int(town.clock.now), []
            for answer in (None, "yes", "maybe", "no"):
                s = load_person(
                    tx, town.runtime.context, Visit(channel="telegram", address="1", now=now, sent_at=now), person
                )
                assert s is not None
                if answer is not None:
                    meeting = meetings.by_id(tx, s.plan.process_id, 1)
                    assert meeting is not None
                    wanted = SignupAnswer(answer)
                    sign_up(tx, s.plan.hours, meeting, s.person, wanted, 1, now)
                    assert signups.of(tx, 1, person) is not None
                for kind in MessageKind:
                    about = (
                        "plan" if kind in (MessageKind.OPENED, MessageKind.DEADLINE, MessageKind.UNFINISHED) else "1"
                    )
                    reply = compose.message(
                        MESSAGES,
                        s,
                        OutboxMessage(id=1, person_id=person, kind=kind, about=about, due_at=now, attempts=1),
                    )
                    found_ += [reply] if reply is not None else []
            return found_

        replies = await town.runtime.database.write(drawn)
        labels = {move.label for reply in replies for move in reply.buttons}
        assert [label for label in labels if len(label) > SMALLEST_PHONE] == []
        stops = [sum(move.verb is Verb.DECLINE for move in reply.buttons) for reply in replies]
        assert max(stops) == 1


async def test_each_button_of_a_sign_up_says_what_it_does(found: Found) -> None:
    """Off the waiting list is no cancelled place, the number is corrected, who declined has nothing for a calendar."""
    async with found(steps="plan") as town:
        await meets(town, f"{LATER}; capacity = 2")
        anna = await comes(town, "Anna", "Frivillig")
        berta = await comes(town, "Berta", "Forening")
        await looks_at(berta)
        await berta.taps("Ja, vi kommer")
        await berta.taps("2")
        text = shown(berta)
        assert all(f"[{label}]" in text for label in ("Ret antallet", "Meld afbud", "Læg mødet i kalenderen"))
        await looks_at(anna)
        await anna.taps("Sæt mig på ventelisten")
        text = shown(anna)
        assert "[Tag mig af ventelisten]" in text and AWAY not in text
        await anna.taps("Tag mig af ventelisten")
        assert "Du har meldt afbud" in (text := shown(anna)) and "i kalender" not in text


async def test_what_is_written_to_a_meeting_is_confirmed_by_its_name(found: Found) -> None:
    async with found(steps="plan") as town:
        await meets(town)
        anna = await comes(town)
        for answer, button, said in (
            (YES, "Stil et spørgsmål til mødet", "Spørgsmålet er gemt."),
            (AWAY, "Skriv en kommentar til mødet", "Kommentaren er gemt."),
        ):
            await looks_at(anna)
            await anna.taps(answer)
            await anna.taps(button)
            anna.sees()
            await anna.says("Er der parkering?")
            assert shown(anna).startswith(said)


async def test_only_who_has_questions_is_offered_to_go_on_with_them(found: Found) -> None:
    async with found(steps="plan") as town:
        await meets(town)
        anna = await comes(town)
        await anna.says("/moeder")
        assert f"[{CONTINUE}]" in shown(anna)
        await anna.taps(CONTINUE)
        anna.sees()
        await anna.says("At møderne er om aftenen")
        while "[Spring over]" in shown(anna):
            await anna.taps("Spring over")
        await anna.taps("Send")
        await anna.says("/moeder")
        assert f"[{CONTINUE}]" not in (text := shown(anna)) and "[Gå videre]" in text
