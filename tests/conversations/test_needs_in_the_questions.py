"""What one needs at the meeting, told among the questions before it by whoever began on those of 2026: under a yes of
its own (GDPR art. 9, 2, a), for who runs the meeting, and gone when it is over. Today it is told with the sign-up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import pytest

from bot.dialogue.session import Session, Visit, somebody
from bot.features import process_file
from bot.features.contacts import service as contacts
from bot.features.meetings.service import needs
from bot.features.privacy import own_data, retention
from bot.flows import loader
from bot.flows.model import Question, QuestionKind
from storage import meetings
from storage.db import Tx
from tests.support import older_questions
from tests.support.chat import Found, Somebody, Town
from tests.support.pages import OnPages

CHANNELS = ("telegram", "web", "terminal")
NEED = "En rampe ved hoveddøren"
YES, NO = "Ja, gem det til mødet", "Nej"
NEEDS = ("F12", "F10")


async def asked(town: Town) -> Somebody:
    """Comes to the meeting, and is asked whether there is anything they need there."""
    if town.rows("SELECT count(*) FROM flow_versions WHERE flow = 'faelles_foer'") == [(1,)]:
        await older_questions.load(town, "faelles_foer")
    anna = town.somebody("Anna")
    await anna.says("/start faelles_foer")
    await anna.taps("Jeg er med")
    for words in ("Frivillig", "Idræt", "Vil ikke svare"):
        await anna.taps(words)
    await anna.taps("Nej")  # no messages
    await anna.taps("Ja")  # they come
    return anna


async def shown(person: Somebody) -> str:
    if isinstance(person, OnPages):
        assert person.page is not None
        return " ".join(person.page.main.text_content().split())
    return "\n".join(person.sees())


def kept(town: Town) -> list[str]:
    return [row[0] for row in town.rows("SELECT question FROM answers_apart WHERE skipped = 0 ORDER BY id")]


async def corrects(person: Somebody, number: int) -> None:
    """From the review."""
    if isinstance(person, OnPages):
        assert person.page is not None
        person.page = await person.browser.get(person.page.edits()[number - 1].value)
    else:
        await person.taps(f"Ret {number}")


@pytest.mark.parametrize("channel", CHANNELS)
async def test_it_is_said_who_sees_it_and_until_when_before_the_yes(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="faelles_foer") as town:
        told = await shown(await asked(town))
        assert "Har du brug for noget på mødet?" in told
        assert "kun projektlederen, stedfortræderen og mødelederen kan se dem" in told
        assert "sletter dem efter mødet" in told and "helbred" in told
        assert kept(town) == []


@pytest.mark.parametrize("channel", CHANNELS)
async def test_after_a_no_nothing_is_asked_for_or_kept_and_the_questions_go_on(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="faelles_foer") as town:
        anna = await asked(town)
        await anna.taps(NO)
        assert "Tjek dine svar" in await shown(anna)
        assert kept(town) == ["F12"]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_words_in_place_of_a_yes_are_not_kept(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="faelles_foer") as town:
        anna = await asked(town)
        if not isinstance(anna, OnPages):  # the page has no field for any
            await anna.says(NEED)
        assert kept(town) == []
        assert town.rows("SELECT count(*) FROM held_words") == [(0,)]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(("corrected", "left"), [(2, ["F12"]), (1, [])], ids=["the yes", "coming"])
async def test_the_words_go_with_the_yes_that_is_taken_back(
    found: Found, channel: str, corrected: int, left: Sequence[str]
) -> None:
    async with found(channel=channel, steps="faelles_foer") as town:
        anna = await asked(town)
        await anna.taps(YES)
        await anna.says(NEED)
        assert kept(town) == ["F12", "F10"]
        await corrects(anna, corrected)
        await anna.taps(NO)
        assert kept(town) == left
        if corrected == 2:  # a new yes begins without any words
            await corrects(anna, 2)
            await shown(anna)
            await anna.taps(YES)
            assert NEED not in await shown(anna)
            assert kept(town) == ["F12"]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_looking_at_the_yes_again_takes_no_words_away(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="faelles_foer") as town:
        anna = await asked(town)
        await anna.taps(YES)
        await anna.says(NEED)
        await corrects(anna, 2)
        assert kept(town) == ["F12", "F10"]
        await anna.taps(YES)
        assert kept(town) == ["F12", "F10"]


# --- who sees it, and until when --------------------------------------------------------------------------


async def tells(town: Town) -> Somebody:
    """To the opening meeting, which ends before the questions close."""
    await town.plans_meeting("moede: kind = opening; starts = 2026-05-01 19:00; ends = 2026-05-01 21:00")
    anna = await asked(town)
    await anna.taps(YES)
    await anna.says(NEED)
    await anna.taps("Send")
    return anna


async def test_it_is_for_who_runs_the_meeting_and_for_nobody_else(found: Found) -> None:
    async with found(steps="faelles_foer") as town:
        await tells(town)

        def seen(tx: Tx) -> tuple[list[str], list[str]]:
            plan = town.runtime.process_host.plan(tx)
            [meeting] = meetings.of_process(tx, plan.process_id)
            return needs.told(tx, plan, meeting), [line.text for line in contacts.lines(tx, plan.process_id)]

        assert await town.runtime.database.read(seen) == ([NEED], [])
        lea = town.person("Lea")
        await lea.says(f"/start {await town.invites('leader')}")
        await lea.taps("Jeg er med")
        await lea.says("/leder")
        for label in ("Møder", "1. maj: moede", "Se tilmeldinger", "Se 1 særligt behov"):
            await lea.taps(label)
        assert NEED in "\n".join(lea.sees())
        assert ("needs",) in town.rows("SELECT action FROM audit")


async def test_it_stays_until_the_meeting_is_over_though_the_questions_have_closed(found: Found) -> None:
    async with found(steps="faelles_foer") as town:
        await tells(town)
        await town.opens("faelles_foer closes 2026-04-01 12:00")
        ends = int(datetime(2026, 5, 1, 19, tzinfo=UTC).timestamp())  # 21.00 in Denmark

        for now, left in ((ends - 1, 2), (ends, 0)):
            await town.runtime.database.write(
                lambda tx, now=now: retention.forget_what_is_due(tx, town.runtime.process_host.plan(tx), now)  # type: ignore[misc]  # a default in a lambda
            )
            assert town.rows("SELECT count(*) FROM answers_apart") == [(left,)]


async def asks_instead(town: Town, questions: Callable[[tuple[Question, ...]], Iterable[Question]]) -> None:
    """A new version of the questions before the meeting is loaded."""

    def load(tx: Tx) -> None:
        plan = town.runtime.process_host.plan(tx)
        asked = next(flow for flow in older_questions.flows(plan.file.material) if flow.flow == "faelles_foer")
        flow = asked.model_copy(update={"questions": tuple(questions(asked.questions))})
        process_file.save(tx, plan.file, [loader.from_json(loader.to_json(flow))], int(town.clock.now))

    await town.runtime.database.write(load)


def with_a_contact(asked: tuple[Question, ...]) -> Iterable[Question]:
    """How to reach somebody afterwards, kept apart beside what they need."""
    return (
        *asked,
        asked[0].model_copy(update={"id": "F13", "kind": QuestionKind.CONTACT, "theme": "contact", "apart": True}),
    )


def without_needs(asked: tuple[Question, ...]) -> Iterable[Question]:
    return [each for each in asked if each.id not in NEEDS]


def under_other_names(asked: tuple[Question, ...]) -> Iterable[Question]:
    """What the needs were asked for under is a contact now, and they are asked for under a new name."""
    needs = {each.id: each for each in asked if each.id in NEEDS}
    renamed = [needs[each].model_copy(update={"id": f"{each}b", "when": None}) for each in needs]
    contact = needs["F10"].model_copy(update={"kind": QuestionKind.CONTACT, "theme": "contact", "when": None})
    return (*without_needs(asked), contact, *renamed)


@pytest.mark.parametrize("after", [with_a_contact, without_needs, under_other_names])
async def test_what_is_a_need_says_the_version_that_it_was_asked_in(
    found: Found, after: Callable[[tuple[Question, ...]], Iterable[Question]]
) -> None:
    """Whatever the newest asks: it is shown to who runs the meeting, goes when that is over, and nothing else does."""
    async with found(steps="faelles_foer") as town:
        await asks_instead(town, with_a_contact)
        await town.plans_meeting("moede: kind = opening; starts = 2026-05-01 19:00; ends = 2026-05-01 21:00")
        anna = await asked(town)
        await anna.taps(YES)
        await anna.says(NEED)
        await anna.says("12 34 56 78")
        assert kept(town) == ["F12", "F10", "F13"]
        if after is not with_a_contact:
            await asks_instead(town, after)
        [meeting] = await town.runtime.database.read(
            lambda tx: meetings.of_process(tx, town.runtime.process_host.plan(tx).process_id)
        )
        seen = await town.runtime.database.read(lambda tx: needs.told(tx, town.runtime.process_host.plan(tx), meeting))
        assert seen == [NEED]
        assert (await forgotten(town, meeting.facts.ends_at - 1), kept(town)) == (0, ["F12", "F10", "F13"])
        assert (await forgotten(town, meeting.facts.ends_at), kept(town)) == (2, ["F13"])


async def test_without_a_meeting_they_go_when_the_step_has_closed_though_the_newest_asks_for_none(
    found: Found,
) -> None:
    async with found(steps="faelles_foer closes 2026-04-01 12:00") as town:
        anna = await asked(town)
        await anna.taps(YES)
        await anna.says(NEED)
        await asks_instead(town, without_needs)
        closes = int(datetime(2026, 4, 1, 10, tzinfo=UTC).timestamp())  # 12.00 in Denmark
        assert (await forgotten(town, closes - 1), kept(town)) == (0, ["F12", "F10"])
        assert (await forgotten(town, closes), kept(town)) == (2, [])


async def forgotten(town: Town, now: int) -> int:
    return await town.runtime.database.write(lambda tx: needs.forget(tx, town.runtime.process_host.plan(tx), now))


# --- the yes is noted -------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["telegram", "web"])
async def test_when_the_yes_was_given_is_kept_with_the_needs_and_goes_with_them(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        await town.plans_meeting("moede: kind = opening; starts = 2026-05-01 19:00")
        anna = town.somebody("Anna")
        await anna.says("/start")
        await anna.taps("Jeg er med")
        await anna.says("/moeder")
        for label in ("1. maj: moede", "Ja, jeg kommer", "Skriv særlige behov", YES):
            await anna.taps(label)
        await anna.says(NEED)
        given = int(town.clock.now)
        assert town.rows("SELECT needs_yes_at FROM signups") == [(given,)]
        await anna.taps("Ret mine særlige behov")
        await anna.says("En tolk")
        assert town.rows("SELECT needs_yes_at FROM signups") == [(given,)]  # under the same yes
        held = await town.runtime.database.read(lambda tx: own_data.everything(_session(tx, town, channel), []))
        assert [(told["needs"], told["needs_yes_at"]) for told in held["meetings"]] == [("En tolk", given)]
        await anna.taps("Ret mine særlige behov")
        await anna.taps("Slet mine behov")
        assert town.rows("SELECT needs, needs_yes_at FROM signups") == [(None, None)]


def _session(tx: Tx, town: Town, channel: str) -> Session:
    [address] = [row["address"] for row in tx.all("SELECT address FROM addresses WHERE channel = :c", c=channel)]
    now = int(town.clock.now)
    return somebody(tx, town.runtime.context, Visit(channel=channel, address=address, now=now, sent_at=now))
