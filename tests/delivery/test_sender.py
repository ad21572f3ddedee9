"""Messages that are due, on Telegram: each person is told once that a step has opened, in sending hours, beside
whatever they are doing; and the weekly overview. Telegram's and our own troubles lose and double nothing.

First a town whose clock we hold; then the bot as the process it is, killed.
"""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from pathlib import Path

import pytest

from bot.access import Role
from bot.dialogue.session import Visit, load
from bot.features import process_file
from bot.features.on_behalf import entries
from bot.features.register import service as register
from bot.flows import schedule
from bot.outbox.kinds import MessageKind
from bot.outbox.sender import MOST_ATTEMPTS
from bot.process.flows import shipped_flows
from bot.process.plan import State
from reports.register import PartyKind
from storage import outbox, processes, step_overrides
from storage.db import Tx
from storage.step_overrides import StepOverride
from tests.support.botapi import Fault, Person
from tests.support.chat import Found, OnTelegram, Town
from tests.support.danish_time import local
from tests.support.people import comes_to, has_answered
from tests.support.world import Bot, ForkServer, running, seat

SIZE = "7 spørgsmål, cirka 5 minutter."
OPENED = "Nu kan du svare på »Hvad ønsker du dig?«"
BEGIN, STOP, QUIET = "Svar nu", "Stop beskeder", "Slå overblikket fra"
FIRST = "Hvad ønsker du dig af politikken? Skriv ét ønske eller én idé ad gangen."
FLOW = "dialog_frivillige"
STEPS = f"plan, {FLOW} opens 2026-03-10 08:00"  # a Tuesday
NINE = local("2026-03-10 09:00")


def told(person: OnTelegram | Person, what: str = OPENED) -> int:
    phone = person.phone if isinstance(person, OnTelegram) else person
    return sum(what in seen.text for seen in phone.sees() if seen.by_bot)


def states(town: Town) -> list[str]:
    return [state for (state,) in town.rows("SELECT state FROM outbox ORDER BY id")]


async def by_hand(town: Town, state: str, audience: str = "") -> None:
    at = int(town.clock.now)
    change = StepOverride(FLOW, audience, state, at, at, "pseudonym", "fordi")
    runtime = town.runtime
    await runtime.database.write(lambda tx: step_overrides.add(tx, runtime.process_host.plan(tx).process_id, change))


# --- told once --------------------------------------------------------------------------------------------


async def test_who_answered_before_is_told_once_when_the_next_step_opens(found: Found) -> None:
    async with found(steps=STEPS) as town:
        anna = await has_answered(town)
        await comes_to(town, local("2026-03-10 08:00"))
        assert told(anna) == 0  # it is open, and too early in the morning
        await comes_to(town, NINE)
        anna_sees = anna.phone.last
        assert str(anna_sees) == (
            f"{OPENED}\n\n{SIZE} Svar senest tirsdag den 30. juni 2026 kl. 16.00.\n\n"
            "Du får denne besked, fordi du tidligere har svaret og har sagt ja til beskeder fra os.\n"
            f"[{BEGIN}]\n[{STOP}]"
        )
        for later in (60, 3600, 86400):
            await comes_to(town, NINE + later)
        assert told(anna) == 1
        assert states(town) == ["sent"]


async def test_a_step_opened_by_hand_is_told_of_too_and_only_to_its_group(found: Found) -> None:
    async with found(steps=f"plan, {FLOW} opens 2026-06-10 08:00") as town:
        anna, bo = await has_answered(town), await has_answered(town, "Bo", group="Forening")
        await comes_to(town, NINE)
        await by_hand(town, State.OPEN, "forening")
        await town.looks()
        assert (told(anna), told(bo, "Nu kan I svare på »Hvad ønsker I jer?«")) == (0, 1)


async def test_nobody_else_is_told(found: Found) -> None:
    async with found(steps=STEPS) as town:
        anna = await has_answered(town)
        no = await has_answered(town, "Nej", messages="Nej")
        stopped = await has_answered(town, "Stop")
        await stopped.says("/stop")
        nothing = town.person("Intet")
        await nothing.says("/start plan")
        await nothing.taps("Jeg er med")
        blocked = await has_answered(town, "Blok")
        blocked.phone.chat.blocked = True  # we have not noticed yet
        politician = await has_answered(town, "Byråd", group="Byråd eller udvalg")
        await comes_to(town, NINE)
        everybody = (anna, no, stopped, nothing, blocked, politician)
        assert [told(person) for person in everybody] == [1, 0, 0, 0, 0, 0]
        assert sorted(states(town)) == ["sent", "unreachable"]
        assert town.rows("SELECT unreachable FROM addresses WHERE address = ?", str(blocked.phone.id)) == [(1,)]


async def test_what_became_of_the_messages_stands_with_the_step(found: Found) -> None:
    async with found(steps=STEPS) as town:
        await has_answered(town)
        blocked = await has_answered(town, "Blok")
        blocked.phone.chat.blocked = True
        lea = await holds(town, Role.LEADER, "Lea")
        await comes_to(town, local("2026-03-10 08:00"))

        async def told_of() -> str:
            await lea.says("/leder")
            await lea.taps("Åbn og luk trin")
            await lea.taps(next(label for label in lea.phone.buttons if label.startswith("Trin 4")))
            return next(line for line in lea.phone.last.text.splitlines() if line.startswith("Besked om"))

        told_line = "Besked om, at trinnet er åbent: {}."
        assert await told_of() == told_line.format("2 venter på at blive sendt")
        await comes_to(town, NINE)
        assert await told_of() == told_line.format("1 sendt, 1 kunne ikke nås")


async def test_who_begins_it_before_the_message_is_out_does_not_get_it(found: Found) -> None:
    async with found(steps=STEPS) as town:
        anna = await has_answered(town)
        await comes_to(town, local("2026-03-10 08:00"))
        await anna.says("/start dialog_frivillige")
        await comes_to(town, NINE)
        assert (told(anna), states(town)) == (0, ["unwanted"])


async def test_a_step_that_is_closed_again_before_the_message_is_out_is_not_told_of(found: Found) -> None:
    async with found(steps=STEPS) as town:
        anna = await has_answered(town)
        await comes_to(town, local("2026-03-10 08:00"))
        await by_hand(town, State.CLOSED)
        await comes_to(town, NINE)
        assert (told(anna), states(town)) == (0, ["unwanted"])


async def test_what_became_due_while_we_were_down_waits_for_the_morning(found: Found) -> None:
    async with found(steps=f"plan, {FLOW} opens 2026-03-10 19:30") as town:
        anna = await has_answered(town)
        await comes_to(town, local("2026-03-10 19:30") - 1)
        await town.down()
        town.clock.now = local("2026-03-10 22:00")
        await town.up()
        await town.looks()
        assert (told(anna), states(town)) == (0, ["due"])
        await comes_to(town, local("2026-03-11 09:00"))
        assert told(anna) == 1


async def test_what_is_claimed_late_in_the_evening_waits_too(found: Found) -> None:
    """As when Telegram has been out of reach since half past seven."""
    async with found(steps=f"plan, {FLOW} opens 2026-03-10 19:30") as town:
        anna = await has_answered(town)
        town.api.inject(Fault("sendMessage", status=502))
        await comes_to(town, local("2026-03-10 19:30"))
        assert (told(anna), states(town)) == (0, ["due"])
        await comes_to(town, local("2026-03-10 20:00"))
        assert (told(anna), states(town)) == (0, ["due"])
        await comes_to(town, local("2026-03-11 09:00"))
        assert told(anna) == 1


async def test_an_expired_message_is_not_sent(found: Found) -> None:
    async with found(steps=f"plan, {FLOW} opens 2026-03-10 08:00 closes 2026-03-20 12:00") as town:
        anna = await has_answered(town)
        await comes_to(town, local("2026-03-10 08:00"))
        await town.down()
        town.clock.now = local("2026-03-13 09:00")
        await town.up()
        await town.looks()
        assert (told(anna), states(town)) == (0, ["expired"])


# --- beside what one is doing -----------------------------------------------------------------------------


async def test_an_open_question_is_untouched_by_the_message(found: Found) -> None:
    async with found(steps=f"plan, linjer, {FLOW} opens 2026-03-10 08:00") as town:
        anna = await has_answered(town)
        await anna.says("/start linjer")
        before = town.rows("SELECT number, revision, screen, run_id, question, shown_at FROM prompts")
        label = next(label for label in anna.phone.buttons if label.startswith("☐"))
        await comes_to(town, NINE)
        assert told(anna) == 1
        assert town.rows("SELECT number, revision, screen, run_id, question, shown_at FROM prompts") == before
        await anna.taps(label, older=True)  # the question above is still the one that is open
        [(kept,)] = town.rows("SELECT count(*) FROM answers JOIN runs ON runs.id = run_id WHERE flow = 'linjer'")
        assert kept == 1


async def test_begynd_leads_into_the_step_whatever_was_shown_last(found: Found) -> None:
    async with found(steps=f"plan, linjer, {FLOW} opens 2026-03-10 08:00") as town:
        anna = await has_answered(town)
        await comes_to(town, NINE)
        await anna.says("/start linjer")
        await anna.says("/ret")
        await anna.taps(BEGIN, older=True)
        assert FIRST in anna.phone.last.text
        await anna.says("Flere lokaler i Havnen")
        assert "Flere lokaler i Havnen" in anna.phone.last.text
        await anna.taps(BEGIN, older=True)  # pressed again: where they were
        assert "Vi fortsætter med »" in anna.phone.last.text


async def test_begynd_after_the_step_has_closed_says_so(found: Found) -> None:
    async with found(steps=STEPS) as town:
        anna = await has_answered(town)
        await comes_to(town, NINE)
        await by_hand(town, State.CLOSED)
        await anna.taps(BEGIN)
        assert "« var tirsdag den 10. marts 2026 kl. 09.00" in anna.phone.last.text
        assert town.rows("SELECT count(*) FROM runs WHERE flow = ?", FLOW) == [(0,)]


async def test_begynd_after_leaving_asks_for_the_yes_first_and_leads_there(found: Found) -> None:
    async with found(steps=f"plan, linjer, {FLOW} opens 2026-03-10 08:00") as town:
        anna = await has_answered(town)
        await comes_to(town, NINE)
        await anna.says("/forlad")
        await anna.taps(BEGIN, older=True)
        await anna.taps("Jeg er med")
        await anna.taps("Behold svaret")  # who comes back is asked about messages again
        assert FIRST in anna.phone.last.text


async def test_nej_tak_ends_the_messages_and_nothing_else(found: Found) -> None:
    async with found(steps=f"plan, linjer opens 2026-04-14 09:00, {FLOW} opens 2026-03-10 08:00") as town:
        anna = await has_answered(town)
        await comes_to(town, NINE)
        await anna.taps(STOP)
        assert anna.phone.last.text == "Du får ikke flere påmindelser og nyheder fra os. Dine svar er stadig gemt."
        await comes_to(town, local("2026-04-14 09:00"))
        assert [seen.text for seen in anna.phone.sees() if "Nu kan du svare på »Trin 2«" in seen.text] == []
        await anna.taps(BEGIN)  # they may all the same
        assert FIRST in anna.phone.last.text


async def test_nobody_presses_the_button_of_somebody_elses_message(found: Found) -> None:
    async with found(steps=STEPS) as town:
        await has_answered(town)
        bo = await has_answered(town, "Bo", messages="Nej")
        await comes_to(town, NINE)
        [(number,)] = town.rows("SELECT id FROM outbox")
        for verb in "gwh":
            await bo.forges(f"1:0:0:{verb}{number}")
            assert "Noget er forkert" in bo.phone.last.text or bo.phone.last.labels
        assert town.rows("SELECT count(*) FROM runs WHERE flow = ?", FLOW) == [(0,)]
        assert town.rows("SELECT sum(reminders), count(*) FROM people") == [(1, 2)]
        assert town.rows("SELECT count(*) FROM digests") == [(0,)]


# --- one address, several people --------------------------------------------------------------------------


async def sits_in_an_entry(town: Town, person: OnTelegram) -> None:
    """A facilitator who enters for a table of eight associations, and has gone home in the middle."""
    code = await town.invites(Role.FACILITATOR)
    await person.says(f"/start {code}")

    def unit(tx: Tx) -> None:
        now = int(town.clock.now)
        s = load(
            tx, town.runtime.context, Visit(channel="telegram", address=str(person.phone.id), now=now, sent_at=now)
        )
        assert s is not None
        entries.begin(s, "table", "forening", 8, "plan")

    await town.runtime.database.write(unit)
    await person.says("/fortsaet")
    assert "En gruppe på et møde, 8 personer" in person.phone.last.text


async def test_a_facilitator_in_the_middle_of_an_entry_is_told_as_everybody(found: Found) -> None:
    async with found(steps=STEPS) as town:
        anna = await has_answered(town)
        await sits_in_an_entry(town, anna)
        await comes_to(town, NINE)
        assert told(anna) == 1
        await anna.says("/fortsaet")
        assert "En gruppe på et møde, 8 personer" in anna.phone.last.text  # the entry is where it was
        await anna.taps(BEGIN, older=True)
        assert FIRST in anna.phone.last.text
        assert "En gruppe" not in anna.phone.last.text  # as themselves
        [(mine,)] = town.rows("SELECT person_id FROM runs WHERE flow = ?", FLOW)
        assert town.rows("SELECT source FROM people WHERE id = ?", mine) == [(None,)]


async def test_nej_tak_in_the_middle_of_an_entry_is_the_facilitators_own(found: Found) -> None:
    async with found(steps=STEPS) as town:
        anna = await has_answered(town)
        await sits_in_an_entry(town, anna)
        await comes_to(town, NINE)
        await anna.taps(STOP)
        assert town.rows("SELECT source, reminders FROM people ORDER BY id") == [(None, 0), ("table", None)]


async def test_who_answers_in_two_processes_is_told_of_both(found: Found) -> None:
    async with found(steps=STEPS) as town:
        anna = await has_answered(town)
        await second_process(town)
        await anna.says("/start nabo")
        await anna.taps("Jeg er med")
        await comes_to(town, NINE)
        assert told(anna) == 1  # though it is the neighbour's process they are in
        await anna.taps(BEGIN)
        assert FIRST in anna.phone.last.text
        [(process,)] = town.rows(
            "SELECT key FROM processes JOIN people ON process_id = processes.id JOIN runs ON person_id = people.id"
            " WHERE flow = ?",
            FLOW,
        )
        assert process == "eksempel"


async def test_a_button_of_one_process_means_nothing_in_another(found: Found) -> None:
    """Above all the yes to one notice is no yes to another."""
    async with found(steps=STEPS) as town:
        anna = town.person()
        await anna.says("/start")
        await second_process(town)
        first = anna.phone.last
        await anna.says("/start nabo")
        await anna.does(lambda: anna.phone.taps("Jeg er med", on=first.id))
        assert town.rows("SELECT count(*) FROM people WHERE notice_at IS NOT NULL") == [(0,)]
        await anna.taps("Jeg er med")
        assert town.rows("SELECT count(*) FROM people WHERE notice_at IS NOT NULL") == [(1,)]


async def second_process(town: Town) -> None:
    runtime = town.runtime
    file = (await runtime.database.read(runtime.process_host.plan)).file.model_copy(update={"process": "nabo"})
    flows = shipped_flows(file)
    await runtime.database.write(lambda tx: process_file.save(tx, file, flows, int(town.clock.now)))


# --- the weekly overview ----------------------------------------------------------------------------------

TITLE = "Ugens overblik\n\nDeltagere i alt: "  # the panel is called so too
MONDAY = local("2026-03-09 09:00")


async def holds(town: Town, role: Role, name: str) -> OnTelegram:
    person = town.person(name)
    await person.says(f"/start {await town.invites(role)}")
    await person.taps("Jeg er med")
    return person


async def test_the_overview_comes_once_a_week_to_those_who_see_coverage(found: Found) -> None:
    async with found(steps="plan, linjer opens 2026-04-14 09:00") as town:
        anna = await has_answered(town)
        bo = await has_answered(town, "Bo")
        lea, stig = await holds(town, Role.LEADER, "Lea"), await holds(town, Role.STEERING, "Stig")
        fie = await holds(town, Role.FACILITATOR, "Fie")
        await comes_to(town, MONDAY)
        assert [told(person, TITLE) for person in (lea, stig, fie, anna, bo)] == [1, 1, 0, 0, 0]
        assert "Næste trin: Trin 2. Input til de overordnede linjer, tirsdag den 14. april 2026 kl. 09.00" in (
            stig.phone.last.text
        )
        assert "2 har sendt svar" in lea.phone.last.text
        assert "få har sendt svar" in stig.phone.last.text  # fewer than five
        await comes_to(town, MONDAY + 86400)
        assert [told(person, TITLE) for person in (lea, stig)] == [1, 1]
        await comes_to(town, MONDAY + 7 * 86400)
        assert [told(person, TITLE) for person in (lea, stig)] == [2, 2]


async def test_the_overview_names_some_of_those_who_are_missing_and_no_single_person(found: Found) -> None:
    async with found(steps="plan") as town:
        lea, stig = await holds(town, Role.LEADER, "Lea"), await holds(town, Role.STEERING, "Stig")
        names = ("Ældrerådet", "Spejderne", "Nordby IF", "Kirkekoret", "Bakkens Venner", "Aarhus Kammerkor")
        await town.runtime.database.write(lambda tx: [register.add(tx, 1, name, "by-hand", 0) for name in names])
        await town.runtime.database.write(
            lambda tx: register.add(tx, 1, "Kulturchefen", "by-hand", 0, kind=PartyKind.NOEGLEPERSON)
        )
        town.public.update((*names, "Kulturchefen"))
        await comes_to(town, MONDAY)
        listed = "Vi mangler svar fra Bakkens Venner, Kirkekoret, "
        assert f"{listed}Kulturchefen, Nordby IF, Spejderne og 2 andre på listen." in lea.phone.last.text
        assert f"{listed}Nordby IF, Spejderne, Ældrerådet og 1 anden på listen." in stig.phone.last.text


async def test_the_overview_is_off_by_one_tap_and_on_again_in_the_menu(found: Found) -> None:
    async with found(steps="plan") as town:
        stig = await holds(town, Role.STEERING, "Stig")
        await comes_to(town, MONDAY)
        await stig.taps(QUIET)
        assert stig.phone.last.text == "Du får ikke længere overblikket. Du kan slå det til igen under /leder."
        await comes_to(town, MONDAY + 7 * 86400)
        assert told(stig, TITLE) == 1
        await stig.says("/leder")
        await stig.taps("Ugens overblik")
        assert "Overblikket er slået fra." in stig.phone.last.text
        await stig.taps("Slå overblikket til")
        assert "Du får ugens overblik hver mandag kl. 09.00." in stig.phone.last.text
        await stig.taps("onsdag")
        await stig.taps("15.00")
        assert "Du får ugens overblik hver onsdag kl. 15.00." in stig.phone.last.text
        await comes_to(town, MONDAY + 14 * 86400)
        assert told(stig, TITLE) == 1
        await comes_to(town, local("2026-03-25 15:00"))
        assert told(stig, TITLE) == 2


async def test_on_a_holiday_the_overview_comes_the_day_after(found: Found) -> None:
    async with found(steps="plan") as town:
        stig = await holds(town, Role.STEERING, "Stig")
        await comes_to(town, local("2026-04-06 09:00"))  # Easter Monday
        assert told(stig, TITLE) == 0
        await comes_to(town, local("2026-04-07 09:00"))
        assert told(stig, TITLE) == 1


async def test_who_lost_the_role_gets_no_overview(found: Found) -> None:
    async with found(steps="plan") as town:
        stig = await holds(town, Role.STEERING, "Stig")
        await comes_to(town, local("2026-04-06 09:00"))
        assert states(town) == ["due"]
        await town.runtime.database.write(lambda tx: tx.run("UPDATE people SET reminders = 1"))  # and is not forgotten
        await town.runtime.database.write(lambda tx: tx.run("DELETE FROM roles"))
        await comes_to(town, local("2026-04-07 09:00"))
        assert (told(stig, TITLE), states(town)) == (0, ["unwanted"])


# --- Telegram in trouble ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault("sendMessage", status=429, retry_after=2),
        Fault("sendMessage", status=502),
        Fault("sendMessage", drop_connection_before=True),
    ],
    ids=["429", "502", "dropped"],
)
async def test_trouble_in_the_middle_loses_and_doubles_nothing(found: Found, fault: Fault) -> None:
    async with found(steps=STEPS) as town:
        crowd = [await has_answered(town, f"Anna {number}") for number in range(5)]
        await comes_to(town, NINE - 1)
        fault.skip = 2
        town.api.inject(fault)
        await comes_to(town, NINE)
        arrived = sum(map(told, crowd))  # they go out side by side: of an outage others may have learnt, or not yet
        assert arrived == 4 if fault.status == 429 else 2 <= arrived < 5  # a 429 is one chat's alone
        assert sorted(states(town)) == ["due"] * (5 - arrived) + ["sent"] * arrived
        town.clock.now += 61
        await town.looks()
        assert [told(person) for person in crowd] == [1] * 5
        assert states(town) == ["sent"] * 5


async def test_what_telegram_will_never_take_is_given_up_alone(found: Found) -> None:
    async with found(steps=STEPS) as town:
        crowd = [await has_answered(town, f"Anna {number}") for number in range(3)]
        await comes_to(town, NINE - 1)
        town.api.inject(Fault("sendMessage", skip=1, status=400, description="Bad Request: message is too long"))
        await comes_to(town, NINE)
        assert sum(map(told, crowd)) == 2
        assert sorted(states(town)) == ["failed", "sent", "sent"]
        town.log.truncate(0)  # it stands in the log as an error, as it must


async def test_a_message_that_brings_us_down_each_time_is_given_up(found: Found) -> None:
    async with found(steps=STEPS) as town:
        anna = await has_answered(town)
        await comes_to(town, NINE - 1)
        await town.runtime.database.write(lambda tx: tx.run("UPDATE outbox SET attempts = :most", most=MOST_ATTEMPTS))
        await comes_to(town, NINE)
        assert (told(anna), states(town)) == (0, ["failed"])


# --- killed -----------------------------------------------------------------------------------------------

NOON = schedule.to_utc(
    datetime(2027, 3, 3, 12, 0)
)  # a Wednesday; `linjer` and `dialog_frivillige` of the example are open

NEXT = OPENED


def have_answered(bot: Bot, crowd: list[Person]) -> None:
    """Everybody has sent `linjer`, and wants messages."""
    seat(bot, crowd, "linjer", "Frivillig")
    bot.change("UPDATE people SET reminders = 1, news = 1")
    bot.change("UPDATE runs SET sent_at = started_at WHERE flow = 'linjer'")


def opens(bot: Bot) -> None:
    """The step was hidden, and opens by hand a minute ago; nobody has looked yet."""
    now = int(bot.api.world.clock())
    with bot.stored() as tx:
        process = processes.every(tx)[0].id
        for state, at in ((State.OFF, now - 7 * 86400), (State.OPEN, now - 60)):
            step_overrides.add(tx, process, StepOverride(FLOW, "", state, at, at, "operator", "fordi"))


async def killed(bot: Bot, crowd: list[Person]) -> None:
    for person in crowd:
        person.starts()
    await bot.settled()
    await bot.kill()
    have_answered(bot, crowd)
    opens(bot)


def due_again(bot: Bot, person: Person) -> None:
    """Theirs is not out after all: what else is due goes with it."""
    bot.change(
        """UPDATE outbox SET state = 'due', leased_until = 0
           WHERE person_id = (SELECT person_id FROM addresses WHERE address = :address)""",
        address=str(person.id),
    )


def out(crowd: list[Person]) -> list[int]:
    return [told(person, NEXT) for person in crowd]


async def test_killed_again_and_again_nobody_is_missed(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server, ahead=NOON - time.time(), speed=4) as bot:
        crowd = [Person(bot.api, f"Anna {number}") for number in range(40)]
        await killed(bot, crowd)
        in_doubt = 0  # how often somebody was told, and we do not know
        for enough in (5, 15, 25):
            before = out(crowd)
            await bot.start()
            await bot.until(lambda enough=enough: sum(out(crowd)) >= enough, "some are told")  # type: ignore[misc]  # mypy does not infer defaults
            await bot.kill()
            due = bot.still_due(MessageKind.OPENED)
            after = zip(crowd, before, out(crowd), strict=True)
            in_doubt += sum(now - then for person, then, now in after if person.id in due)
            bot.change("UPDATE outbox SET leased_until = 0")  # as if two minutes had passed
        await bot.start()
        await bot.until(lambda: all(out(crowd)), "all are told")
        await bot.until(lambda: bot.sql("SELECT DISTINCT state FROM outbox") == [("sent",)], "all are settled")
        assert sum(out(crowd)) == len(crowd) + in_doubt
        assert bot.sql("SELECT count(*) FROM outbox") == [(40,)]


async def test_killed_between_sending_and_settling_it_comes_once_more_when_the_lease_is_over(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server, ahead=NOON - time.time()) as bot:
        anna, bo = Person(bot.api, "Anna"), Person(bot.api, "Bo")
        await killed(bot, [anna, bo])
        bot.api.inject(  # Telegram has it, and we do not know
            Fault(
                "sendMessage", accepted=True, until=asyncio.Event(), when=lambda call: int(call["chat_id"]) == anna.id
            )
        )
        await bot.start()
        await bot.until(lambda: out([anna, bo]) == [1, 1], "it is out")
        await bot.until(lambda: bot.still_due(MessageKind.OPENED) == {anna.id}, "and Bo's is noted")

        async def started_again(later: int, *, due: set[int]) -> list[int]:
            """Something is due to Bo, too; how often they have been told when that is settled."""
            await bot.kill()
            due_again(bot, bo)
            bot.ahead += later
            await bot.start()
            await bot.until(lambda: bot.still_due(MessageKind.OPENED) == due, "sent")
            return out([anna, bo])

        assert await started_again(0, due={anna.id}) == [1, 2]  # its lease holds
        assert await started_again(outbox.LEASE, due=set()) == [2, 3]
        assert await started_again(2 * outbox.LEASE, due=set()) == [2, 4]


async def test_killed_between_owing_and_sending_it_comes_exactly_once(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server, ahead=NOON - time.time()) as bot:
        anna = Person(bot.api, "Anna")
        await killed(bot, [anna])
        bot.api.inject(Fault("sendMessage", drop_connection_before=True))
        await bot.start()
        await bot.until(lambda: bot.api.faults == [], "tried in vain")
        await bot.kill()
        assert bot.sql("SELECT state FROM outbox") == [("due",)]
        bot.ahead += outbox.LEASE
        await bot.start()
        await bot.until(lambda: bot.sql("SELECT state FROM outbox") == [("sent",)], "sent")
        assert out([anna]) == [1]
