"""«Lav spørgsmål af forslag»: what was proposed for the meetings is asked of others, by the leader and the deputy, on
every channel. How it all reads: transcripts/spoergsmaal-af-forslag.txt; who may not: test_roles.py."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.access import Role
from bot.app import jobs
from bot.features import process_file
from bot.features.proposals import service
from bot.flows import content, loader
from bot.flows.engine import Answer, Part
from bot.flows.model import Audience, Flow, Group, QuestionKind, Wording
from bot.flows.schedule import DAY
from bot.process import chat_questions
from bot.process.file import ProcessFile, QuestionsText, stored
from bot.process.flows import shipped_flows
from bot.process.loading import with_questions
from bot.process.own_questions import ChatQuestion
from storage import answers, people, processes, question_drafts, runs
from storage.answers import StoredAnswer
from storage.db import Tx
from tests.support.chat import Found, OnTelegram, Somebody, Town
from tests.support.pages import OnPages
from tests.support.people import leads, seen

on_every = pytest.mark.parametrize("channel", ["telegram", "web", "terminal"])
on_both = pytest.mark.parametrize("channel", ["telegram", "web"])
MENU = "Lav spørgsmål af forslag"
PROPOSED = "Hvem har nøglen til hallen om aftenen?"
QUESTION = "Hvem kan du ringe til, når et lokale er låst?"
PLAN, FIELDS = "Trin 1. Læg en plan", "Trin 2. Input til de overordnede linjer"
YES = "Ja, stil spørgsmålet"


async def propose(
    town: Town, *told: str, group: str = Group.FRIVILLIG, sends: bool = True, pseudonym: str = "pforslagsstiller1"
) -> int:
    """Somebody writes this to P3, and sends it. Their number."""
    town.said += told

    def unit(tx: Tx) -> int:
        plan, now = town.runtime.process_host.plan(tx), int(town.clock.now)
        person_id = people.add(tx, plan.process_id, pseudonym, "da", now)
        people.accept_notice(tx, person_id, plan.notice.version, now)
        person = people.by_id(tx, person_id)
        assert person is not None
        people.set_profile(tx, replace(person, stakeholder=str(group)))
        run = runs.start(tx, person_id, "plan", plan.flows["plan"].version, now)
        write(tx, plan.flows["plan"].flow, run.id, now, *told)
        if sends:
            runs.mark_sent(tx, run.id, now)
        return person_id

    return await town.runtime.database.write(unit)


def write(tx: Tx, flow: Flow, run_id: int, now: int, *told: str, revision: int = 1) -> None:
    question = flow.question(service.ASKED)
    said = Answer(question.id, tuple(Part(text, None) for text in told), skipped=not told)
    answers.put(
        tx,
        run_id,
        StoredAnswer(
            question=question.id,
            version=1,
            revision=revision,
            asked=question.text.da,
            language="da",
            channel="web",
            content=content.write(question, said, "da", many=False),
            skipped=not told,
            open=False,
            closed_once=True,
            answered_at=now,
            apart=False,
        ),
    )


async def draws_up(lea: Somebody, text: str = QUESTION, step: str = PLAN, *choices: str) -> str:
    """From the menu to how it all looks."""
    await lea.says("/leder")
    for label in (MENU, PROPOSED, "Lav et spørgsmål af forslaget"):
        await lea.taps(label)
    await lea.says(text)
    for label in ("Med deres egne ord", step, *choices, "Gå videre"):
        lea.sees()
        await lea.taps(label)
    return seen(lea)


async def asks(lea: Somebody, text: str = QUESTION, step: str = PLAN, *choices: str) -> str:
    await draws_up(lea, text, step, *choices)
    for label in ("Vis, hvad der vil ske", YES):
        await lea.taps(label)
    return seen(lea)


async def asked(town: Town, flow: str = "plan") -> list[str]:
    """The ids of the questions of a step, as it is asked from now on."""

    def unit(tx: Tx) -> list[str]:
        return [question.id for question in town.runtime.process_host.plan(tx).flows[flow].flow]

    return await town.runtime.database.read(unit)


def versions(town: Town, flow: str = "plan") -> int:
    [(number,)] = town.rows("SELECT max(version) FROM flow_versions WHERE flow = ?", flow)
    return int(number)


def log(town: Town) -> list[tuple[str, str]]:
    return [
        (action, detail)
        for action, detail in town.rows("SELECT action, detail FROM audit ORDER BY id")
        if action.startswith(("question-", "proposals"))
    ]


async def definition(town: Town) -> ProcessFile:
    def unit(tx: Tx) -> ProcessFile:
        row = processes.by_id(tx, town.runtime.process_host.plan(tx).process_id)
        assert row is not None
        return stored(row.definition)

    return await town.runtime.database.read(unit)


# --- what was proposed ------------------------------------------------------------------------------------


@on_every
async def test_where_nobody_has_proposed_anything_it_is_said_where_proposals_come_from(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        await lea.says("/leder")
        lea.sees()
        await lea.taps(MENU)
        shown = seen(lea)
        assert (
            "Ingen har sendt et forslag endnu. Forslagene kommer fra dette spørgsmål: Hvad skal vi tale om på" in shown
        )
        assert "trinnet er lukket" not in shown
        await lea.taps("Se færdige spørgsmål")
        assert "Der er ikke lavet spørgsmål af forslag endnu." in seen(lea)


@on_both
async def test_only_what_was_sent_and_counts_is_there_the_newest_first_eight_to_a_page(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        for number in range(5):
            town.clock.now += 60
            await propose(town, f"Emne {number} af ti", f"Emne {number + 5} af ti", pseudonym=f"p{number}")
        await propose(town, "En kladde, som ingen har sendt", sends=False, pseudonym="pkladde")
        await propose(town, pseudonym="psprang")
        aside = await propose(town, "Det her vil jeg ikke have brugt", pseudonym="pside")
        await town.runtime.database.write(lambda tx: people.set_aside(tx, aside, int(town.clock.now)))
        await lea.says("/leder")
        lea.sees()
        await lea.taps(MENU)
        shown = seen(lea)
        assert "Der er 10 forslag. De nyeste står først." in shown
        for absent in ("kladde, som ingen", "vil jeg ikke have brugt", "Emne 5 af ti", "Emne 0 af ti"):
            assert absent not in shown
        assert shown.index("Emne 4 af ti") < shown.index("Emne 9 af ti") < shown.index("Emne 3 af ti")
        await lea.taps("Ældre")
        assert "Emne 0 af ti" in seen(lea)
        await lea.taps("Nyere")
        await lea.taps("Emne 4 af ti")
        assert "»Emne 4 af ti«" in seen(lea)


async def test_one_that_was_corrected_or_erased_meanwhile_is_not_used(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        person = await propose(town, PROPOSED)
        await lea.says("/leder")
        await lea.taps(MENU)
        await lea.taps(PROPOSED)

        def correct(tx: Tx) -> None:
            plan, run = town.runtime.process_host.plan(tx), runs.of_person(tx, person)[0]
            write(tx, plan.flows["plan"].flow, run.id, int(town.clock.now), "Noget helt andet nu", revision=2)

        town.said.append("Noget helt andet nu")
        await town.runtime.database.write(correct)
        await lea.taps("Lav et spørgsmål af forslaget")
        assert "Forslaget er rettet eller slettet, så det kan ikke bruges længere." in seen(lea)
        assert town.rows("SELECT count(*) FROM question_drafts") == [(0,)]


# --- a question of it -------------------------------------------------------------------------------------


@on_every
async def test_a_proposal_becomes_a_question_of_the_municipalitys_own(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        before, number = await asked(town), versions(town)
        shown = await asks(lea)
        assert "Spørgsmålet bliver nu stillet." in shown
        assert f"»{QUESTION}«" in shown
        assert await asked(town) == [*before[:-1], "Q1", "X1"]
        assert versions(town) == number + 1
        assert log(town) == [("proposals", ""), ("question-made", "Q1 plan")]
        assert town.rows("SELECT count(*) FROM question_drafts") == [(0,)]
        await lea.taps("Tilbage")
        assert "1 spørgsmål er lavet af forslag." in seen(lea)


@pytest.mark.parametrize("role", [Role.LEADER, Role.DEPUTY])
async def test_the_deputy_does_it_as_the_leader(found: Found, role: Role) -> None:
    async with found(steps="plan") as town:
        someone = await leads(town, "Dea", role)
        await propose(town, PROPOSED)
        await asks(someone)
        assert log(town)[-1] == ("question-made", "Q1 plan")


@on_both
async def test_it_is_all_said_in_english_too(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        await town.runtime.database.write(lambda tx: tx.run("UPDATE people SET language = 'en'"))
        await lea.says("/leder")
        for label in ("Make questions of proposals", PROPOSED, "Make a question of the proposal"):
            lea.sees()
            await lea.taps(label)
        await lea.says("Er du ikke enig i, at hallen m.v. er for lille?")
        for label in ("With yes or no", "Step 1. Make a plan", "Go on"):
            lea.sees()
            await lea.taps(label)
        shown = seen(lea)
        assert "This is how the question looks:" in shown
        assert "• Ja\n• Nej\n• Ved ikke" in shown  # as those who answer in Danish see it
        assert "Consider changing this:" in shown
        assert "Write the words in full instead of “m.v.”." in shown
        assert "There is no English text. Those who answer in English see the Danish one." in shown
        await lea.taps("Show what will happen")
        assert "Nobody is in the middle of the step." in seen(lea)
        await lea.taps("Yes, ask the question")
        assert "The question is now being asked." in seen(lea)


async def test_what_was_proposed_can_be_used_as_it_stands_and_is_told_to_be_somebodys_words(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        await lea.says("/leder")
        await lea.taps(MENU)
        await lea.taps(PROPOSED)
        assert "Det er en deltagers egne ord. Skriv dem om, så ingen kan se, hvem de kommer fra." in seen(lea)
        await lea.taps("Lav et spørgsmål af forslaget")
        await lea.taps("Brug forslagets ord")
        for label in ("Med deres egne ord", PLAN, "Gå videre"):
            await lea.taps(label)
        assert f"\n\n{PROPOSED}\n\n" in seen(lea)


async def test_on_a_page_what_was_written_stands_in_the_field_to_be_changed(found: Found) -> None:
    async with found(channel="web", steps="plan") as town:
        lea = await leads(town)
        assert isinstance(lea, OnPages)
        await propose(town, PROPOSED)

        def field() -> str:
            assert lea.page is not None
            return str(lea.page.areas("text")[0].value).strip()

        await lea.says("/leder")
        for label in (MENU, PROPOSED, "Lav et spørgsmål af forslaget"):
            await lea.taps(label)
        assert field() == PROPOSED
        await lea.says(QUESTION)
        for label in ("Med deres egne ord", PLAN, "Gå videre", "Ret teksten"):
            await lea.taps(label)
        assert field() == QUESTION


CHOOSES, HOW = "Ved at vælge ét svar", "Hvor let eller svært er det at låne et lokale?"
WHICH, WAY = "Hvilke svar kan man vælge imellem?", "Hvordan skal folk svare?"


async def chooses_how(lea: Somebody) -> None:
    await lea.says("/leder")
    for label in (MENU, PROPOSED, "Lav et spørgsmål af forslaget"):
        await lea.taps(label)
    await lea.says(HOW)
    await lea.taps(CHOOSES)
    lea.sees()


@on_every
async def test_choices_are_told_at_once_with_semicolons_on_every_channel(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="linjer") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        await chooses_how(lea)
        await lea.says("Let = Easy; Hverken let eller svært;Svært")
        for label in (FIELDS, "Gå videre"):
            await lea.taps(label)
        assert "Let\n" in seen(lea)


@pytest.mark.parametrize("channel", ["telegram", "terminal"])
async def test_choices_are_told_one_by_one_in_a_chat_until_it_is_said_that_there_are_no_more(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps="linjer") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        await chooses_how(lea)
        await lea.taps("Færdig")
        assert "Skriv mindst 2 forskellige svar, før du går videre." in seen(lea)
        for said in ("Let", "Middel", "Svært"):
            await lea.says(said)
        assert "Svarene er nu:\nLet\nMiddel\nSvært" in seen(lea)
        await lea.taps("Fjern det sidste")
        assert "Svarene er nu:\nLet\nMiddel\n\n" in seen(lea)
        await lea.says("Færdig")
        assert "Hvilket trin skal spørgsmålet med i?" in seen(lea)


@on_every
async def test_back_leads_to_the_question_before_and_to_the_whole_once_there_is_one(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="linjer") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        await chooses_how(lea)
        for title in (WAY, "Hvordan skal spørgsmålet lyde?", "Et forslag til møderne"):
            await lea.taps("Tilbage")
            assert title in seen(lea)
        await lea.taps("Gå videre med din kladde")
        assert WHICH in seen(lea)
        await lea.taps("Tilbage")
        await lea.taps("Med deres egne ord")
        await lea.taps(FIELDS)
        lea.sees()
        await lea.taps("Tilbage")
        assert "Kladde til et spørgsmål" in seen(lea)


async def test_a_number_alone_presses_the_button_in_the_terminal_where_words_are_asked_for(found: Found) -> None:
    async with found(channel="terminal", steps="linjer") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        await lea.says("/leder")
        for label in (MENU, PROPOSED, "Lav et spørgsmål af forslaget"):
            await lea.taps(label)
        lea.sees()
        await lea.says("2")
        assert "Et forslag til møderne" in seen(lea)
        assert '"da": ""' in str((await drafts_of(town))[0])


async def drafts_of(town: Town) -> list[str]:
    return await town.runtime.database.read(
        lambda tx: [
            str(question_drafts.of_person(tx, number)) for (number,) in tx.all("SELECT person_id FROM question_drafts")
        ]
    )


async def test_on_a_page_and_where_somebody_is_named_the_proposals_words_are_not_offered(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        await propose(town, "Spørg Hanne Mortensen om nøglen")
        await lea.says("/leder")
        for label in (MENU, "Spørg Hanne Mortensen om nøglen", "Lav et spørgsmål af forslaget"):
            lea.sees()
            await lea.taps(label)
        assert "Brug forslagets ord" not in seen(lea)


@on_both
async def test_where_the_step_of_the_proposals_is_closed_it_is_said(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="linjer") as town:
        lea = await leads(town)
        await lea.says("/leder")
        lea.sees()
        await lea.taps(MENU)
        shown = seen(lea)
        assert "Ingen har sendt et forslag endnu." in shown
        assert f"Spørgsmålet står i »{PLAN}«, og trinnet er" in shown


@on_both
async def test_a_choice_has_its_answers_in_both_languages(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="linjer") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        await lea.says("/leder")
        for label in (MENU, PROPOSED, "Lav et spørgsmål af forslaget"):
            await lea.taps(label)
        await lea.says("Hvor let eller svært er det at låne et lokale?")
        await lea.taps("Ved at vælge ét svar")
        lea.sees()
        await lea.says("Let")
        if channel == "web":
            assert "Skriv mindst 2 og højst 10 forskellige svar. De er ikke gemt." in seen(lea)
        await lea.says("Let = Easy\nHverken let eller svært\n Svært=Hard \nLet = Simple")
        if channel != "web":  # the one before is there still
            await lea.taps("Færdig")
        for label in (FIELDS, "Gå videre"):
            await lea.taps(label)
        assert "• Let\n• Hverken let eller svært\n• Svært" in seen(lea)
        for label in ("Vis, hvad der vil ske", YES):
            await lea.taps(label)

        def unit(tx: Tx) -> list[tuple[str, str, str]]:
            question = town.runtime.process_host.plan(tx).flows["linjer"].flow.question("Q1")
            return [(choice.key, choice.label.da, choice.label.en) for choice in question.choices]

        assert await town.runtime.database.read(unit) == [
            ("v_let", "Let", "Simple"),
            ("v_hverken_let_eller_svaert", "Hverken let eller svært", "Hverken let eller svært"),
            ("v_svaert", "Svært", "Hard"),
        ]


async def test_what_is_too_long_is_not_kept_and_stands_to_be_shortened(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        await lea.says("/leder")
        for label in (MENU, PROPOSED, "Lav et spørgsmål af forslaget"):
            await lea.taps(label)
        await lea.says("Hvad " * 61)
        assert "Teksten må være på højst 300 tegn. Den er ikke gemt." in seen(lea)


# --- what could be said better, and what tells of somebody --------------------------------------------------


@on_both
async def test_what_a_good_survey_would_do_otherwise_stands_there_before_it_is_asked(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        shown = await draws_up(lea, "Hvad mangler du i hallen og/eller i bussen? Hvorfor? Og hvornår")
        assert "Overvej at rette dette:" in shown
        assert "Lav et spørgsmål af hver" in shown  # two in one
        assert "Skriv det ene af ordene i stedet for »og/eller«." in shown
        assert "Slut spørgsmålet med et spørgsmålstegn eller et punktum." in shown
        assert "Teksten taler til én person, og disse grupper svarer for flere: Forening." in shown
        await lea.taps("Vis, hvad der vil ske")  # none of it is forbidden
        await lea.taps(YES)
        assert "Spørgsmålet bliver nu stillet." in seen(lea)


@on_both
async def test_a_name_or_a_number_in_it_is_warned_of_before_everybody_sees_it(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        shown = await draws_up(lea, "Hvad kan du spørge Jens Hansen på 20 30 40 51 om?")
        warned = "Der står et telefonnummer og navnet på en anden person i teksten: »Jens Hansen«, »20 30 40 51«."
        assert warned in shown
        await lea.taps("Vis, hvad der vil ske")
        assert warned in seen(lea)
        await lea.taps("Stil spørgsmålet alligevel")
        assert "Spørgsmålet bliver nu stillet." in seen(lea)


async def test_nobody_can_tell_from_a_question_or_a_file_who_proposed_it(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        person = await propose(town, PROPOSED)
        await asks(lea)
        [(run,)] = town.rows("SELECT id FROM runs WHERE person_id = ?", person)
        file = await town.runtime.database.read(lambda tx: service.file_of(tx, town.runtime.process_host.plan(tx)))
        assert file.text == (
            "steps: []\n"
            "\n"
            "# Made in the chat or on the pages by those who lead the work, who switch them on and off there.\n"
            "from_chat:\n"
            "  - flow: plan\n"
            "    id: Q1\n"
            "    kind: text\n"
            "    who: [frivillig, forening, ansat, leder, politiker, borger]\n"
            "    text:\n"
            f'      da: "{QUESTION}"\n'
            f'      en: "{QUESTION}"\n'
        )
        [(asked_now,)] = town.rows(
            "SELECT definition FROM flow_versions WHERE flow = 'plan' ORDER BY version DESC LIMIT 1"
        )
        question = next(each for each in json.loads(asked_now)["questions"] if each["id"] == "Q1")
        assert question.keys() == {"id", "kind", "who", "text", "theme", "source"}
        assert [detail for _, detail in log(town)] == ["", "Q1 plan"]
        assert f"{run}-1-0" not in asked_now + file.text


# --- pressed twice, down in between, at the same time ----------------------------------------------------------


@on_both
async def test_a_yes_pressed_twice_asks_it_once(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        await draws_up(lea)
        await lea.taps("Vis, hvad der vil ske")
        number = versions(town)
        await lea.taps(YES, times=2)  # type: ignore[call-arg]  # both can
        assert versions(town) == number + 1
        assert [action for action, _ in log(town)] == ["proposals", "question-made"]


@on_both
async def test_down_in_between_the_draft_is_there_still(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        await draws_up(lea)
        await town.down()
        town.clock.now += 60
        await town.up()
        lea.sees()
        await lea.says("/leder")
        await lea.taps(MENU)
        await lea.taps("Gå videre med din kladde")
        assert f"\n\n{QUESTION}\n\n" in seen(lea)
        for label in ("Vis, hvad der vil ske", YES):
            await lea.taps(label)
        assert "Q1" in await asked(town)


async def test_a_draft_is_deleted_on_request_and_by_a_new_one_alone(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        await draws_up(lea)
        await lea.says("/leder")
        await lea.taps(MENU)
        await lea.taps(PROPOSED)
        assert "Du har allerede en kladde til dette forslag. Den bliver slettet, hvis du begynder forfra." in seen(lea)
        await lea.taps("Tilbage")
        await propose(town, "Kan vi mødes i hallen?", pseudonym="pforslagsstiller2")
        await lea.says("/leder")
        for label in (MENU, "Kan vi mødes i hallen?"):
            await lea.taps(label)
        assert "Du har en kladde til et andet spørgsmål. Den bliver slettet, når du begynder på et nyt." in seen(lea)
        await lea.taps("Tilbage")
        for label in ("Gå videre med din kladde", "Slet kladden", "Ja, slet kladden"):
            await lea.taps(label)
        assert "Kladden er slettet." in seen(lea)
        assert town.rows("SELECT count(*) FROM question_drafts") == [(0,)]


async def test_a_draft_that_nobody_goes_on_with_goes_after_a_week(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        await draws_up(lea)
        after, runtime, kept = int(town.clock.now) + 1, town.runtime, []
        for day in range(8):
            now = after + day * DAY
            await runtime.database.write(lambda tx, at=now: jobs.tidy(tx, runtime.process_host, at))  # type: ignore[misc]  # bound
            [(left,)] = town.rows("SELECT count(*) FROM question_drafts")
            kept.append(left)
        assert kept == [1] * 7 + [0]


# --- seven at most --------------------------------------------------------------------------------------------


def another(number: int, *whom: Audience) -> ChatQuestion:
    text = Wording(da=f"Hvad {number}?", en=f"What {number}?")
    return ChatQuestion(flow="plan", id=f"Q{number}", kind=QuestionKind.TEXT, text=text, who=whom)


async def is_asked(town: Town, *questions: ChatQuestion) -> None:
    def unit(tx: Tx) -> None:
        for question in questions:
            service.put_in(tx, town.runtime.process_host.plan(tx), question, int(town.clock.now))

    await town.runtime.database.write(unit)


@on_both
async def test_who_gets_seven_questions_already_is_not_offered_and_it_is_said_why(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        await asks(lea)
        await lea.says("/leder")
        for label in (MENU, PROPOSED, "Lav et spørgsmål af forslaget"):
            await lea.taps(label)
        await lea.says("Hvad mangler du i hallen?")
        for label in ("Med deres egne ord", PLAN):
            lea.sees()
            await lea.taps(label)
        shown = seen(lea)
        full = "Frivillig, Forening, Frivilligråd eller frivilligcenter"
        assert f"Disse grupper får allerede syv spørgsmål i trinnet: {full}. Flere må der ikke være." in shown
        assert "Frivillig]" not in shown
        assert "☑ Borger" in shown


@on_both
async def test_a_step_that_is_full_for_everybody_is_refused_with_a_way_out(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan, linjer") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        groups = (Audience.ANSAT, Audience.LEDER, Audience.POLITIKER)
        everybody = (*groups, Audience.FRIVILLIG, Audience.FORENING, Audience.BORGER)
        few = (Audience.BORGER,)
        await is_asked(town, another(1, *everybody), another(2, *groups, *few), another(3, Audience.ANSAT, *few))
        await is_asked(town, another(4, *few), another(5, *few))
        await lea.says("/leder")
        for label in (MENU, PROPOSED, "Lav et spørgsmål af forslaget"):
            await lea.taps(label)
        await lea.says(QUESTION)
        await lea.taps("Med deres egne ord")
        lea.sees()
        await lea.taps(PLAN)
        assert f"»{PLAN}« har allerede syv spørgsmål til alle, der får det. Flere må der ikke være." in seen(lea)
        await lea.taps(FIELDS)
        await lea.taps("Gå videre")
        assert f"Står i: {FIELDS}" in seen(lea)


@on_both
async def test_filled_up_meanwhile_it_is_refused_at_the_yes_and_nothing_is_changed(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        await draws_up(lea)
        await lea.taps("Vis, hvad der vil ske")
        await is_asked(town, another(1, Audience.FRIVILLIG))
        number = versions(town)
        lea.sees()
        await lea.taps(YES)
        shown = seen(lea)
        assert (
            "Spørgsmålet kan ikke stilles endnu. Disse grupper får allerede syv spørgsmål i trinnet: Frivillig."
            in shown
        )
        assert versions(town) == number
        assert "question-made" not in dict(log(town))
        for label in ("Vælg, hvem der skal svare", "Gå videre"):
            await lea.taps(label)
        await lea.taps("Vælg et andet trin")
        assert "Hvilket trin skal spørgsmålet med i?" in seen(lea)


# --- part of the municipality's own -----------------------------------------------------------------------------


async def test_loaded_again_the_process_has_the_same_questions_and_no_new_version(found: Found) -> None:
    async with found(steps="plan, linjer") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        await asks(lea)
        file = await definition(town)

        def unit(tx: Tx) -> tuple[list[str], list[str]]:
            plan = town.runtime.process_host.plan(tx)
            newest = {row.flow: row.digest for row in processes.newest_flows(tx, plan.process_id)}
            made = {flow.flow: loader.digest(flow) for flow in shipped_flows(file)}
            return [key for key in made if made[key] != newest[key]], sorted(newest.keys() - made.keys())

        assert await town.runtime.database.read(unit) == ([], [])
        assert "Q1" in [question.id for flow in shipped_flows(file) for question in flow]


@on_both
async def test_it_is_switched_off_and_asked_again_under_the_same_number(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        before = await asked(town)
        await asks(lea)
        await lea.taps("Slå spørgsmålet fra")
        shown = seen(lea)
        assert "Svar, der allerede er givet, bliver stående. Du kan stille det igen." in shown
        await lea.taps("Ja, slå det fra")
        assert "Spørgsmålet er slået fra." in seen(lea)
        assert await asked(town) == before
        await lea.taps("Stil spørgsmålet igen")
        await lea.taps("Ja, stil det igen")
        assert "Spørgsmålet bliver nu stillet." in seen(lea)
        assert await asked(town) == [*before[:-1], "Q1", "X1"]
        assert [each for each in log(town) if each[0] != "proposals"] == [
            ("question-made", "Q1 plan"),
            ("question-off", "Q1 plan"),
            ("question-on", "Q1 plan"),
        ]
        digests = town.rows("SELECT digest FROM flow_versions WHERE flow = 'plan' ORDER BY version DESC LIMIT 4")
        assert digests[0] == digests[2]
        assert digests[1] == digests[3]


async def test_asked_again_where_there_is_no_room_is_refused_with_what_to_do(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        await asks(lea)
        await lea.taps("Slå spørgsmålet fra")
        await lea.taps("Ja, slå det fra")
        await is_asked(town, another(2, Audience.FRIVILLIG))
        lea.sees()
        await lea.taps("Stil spørgsmålet igen")
        assert "Trinnet har allerede syv spørgsmål til: Frivillig. Slå et andet fra først." in seen(lea)


OWN_STEP = """steps:
  - flow: egen_hal
    title: {da: "Om hallen", en: "About the hall"}
    questions:
      - {id: Q1, kind: text, who: [borger], text: {da: "Hvad mangler der?", en: "What is missing?"}}
"""


@on_both
async def test_where_the_step_was_taken_out_it_is_said_and_not_offered_again(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)

        async def load(text: str) -> None:
            def unit(tx: Tx) -> None:
                file = stored(processes.every(tx)[0].definition)
                loaded = QuestionsText(name="egne.yaml", text=text)
                after = with_questions(file, chat_questions.carried_over(file.questions, loaded))
                process_file.save(tx, after, shipped_flows(after), int(town.clock.now))

            await town.runtime.database.write(unit)

        await load(OWN_STEP)
        await is_asked(town, another(2, Audience.BORGER).model_copy(update={"flow": "egen_hal"}))
        await lea.says("/leder")
        for label in (MENU, "Se færdige spørgsmål", "Q2: Hvad 2?", "Slå spørgsmålet fra", "Ja, slå det fra"):
            lea.sees()
            await lea.taps(label)
        await load("steps: []\n")
        for label in ("Tilbage", "Q2: Hvad 2?"):
            lea.sees()
            await lea.taps(label)
        shown = seen(lea)
        assert "Står i: Om hallen" in shown
        assert "Det er slået fra.\nTrinnet findes ikke længere." in shown
        assert "Stil spørgsmålet igen" not in shown


async def test_an_id_that_was_ever_used_is_not_given_again(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)

        def once(tx: Tx) -> None:
            """The municipality asked a Q1 of its own, and took it out of its file."""
            plan, now = town.runtime.process_host.plan(tx), int(town.clock.now)
            service.put_in(tx, plan, another(1, Audience.BORGER), now)
            row = processes.by_id(tx, plan.process_id)
            assert row is not None
            file = stored(row.definition).model_copy(update={"questions": None})
            processes.save(tx, row.key, file.model_dump_json(), now)

        await town.runtime.database.write(once)
        await asks(lea, QUESTION, PLAN, "☑ Borger")
        assert log(town)[-1] == ("question-made", "Q2 plan")


@on_both
async def test_the_file_can_be_taken_as_it_stands(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        await propose(town, PROPOSED)
        await asks(lea)
        await lea.taps("Tilbage")
        await lea.taps("Hent filen med egne spørgsmål")
        if isinstance(lea, OnTelegram):
            kept = (await definition(town)).questions
            assert kept is not None
            assert lea.phone.document.decode() == kept.text
