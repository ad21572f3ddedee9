"""One person in several capacities, and the steering group as a role: what they see, what is kept, who is counted."""

from __future__ import annotations

import pytest

from storage import people, recipients
from storage.db import Tx
from tests.support.chat import Found, OnTelegram, Town
from tests.support.pages import OnPages

Somebody = OnTelegram | OnPages

VOLUNTEER = ("Frivillig", "Idræt", "Havnen", "Ja")
ANSWERED = ("☐ Ældre", "Færdig", "Spring over", "Spring over", "Spring over", "Send")
RUNS = "SELECT flow, stakeholder, sent_at IS NOT NULL FROM runs WHERE flow <> 'start' ORDER BY id"
COUNTED = "SELECT flow, stakeholder, started, sent FROM tally WHERE started <> 0 ORDER BY flow, stakeholder"


@pytest.fixture(params=["telegram", "web"])
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def comes(town: Town, name: str, *acts: str, by: str = "") -> Somebody:
    somebody = town.somebody(name)
    assert isinstance(somebody, OnTelegram | OnPages)
    await does(somebody, f"> /start {by}".strip(), "Jeg er med", *acts)
    return somebody


async def does(somebody: Somebody, *acts: str) -> None:
    for act in acts:
        await (somebody.says(act[2:]) if act.startswith("> ") else somebody.taps(act))


def look(somebody: Somebody) -> str:
    return "\n\n".join(somebody.sees())


async def test_who_comes_into_the_steering_group_is_not_asked_whom_they_answer_as(found: Found, channel: str) -> None:
    async with found(steps="opfoelgning", channel=channel) as town:
        await town.invites("steering")
        kaja = await comes(town, "Kaja", "Nej", by=town.invite)
        assert "Hvem bør vi gøre en ekstra indsats for at få med?" in look(kaja)
        await does(kaja, "☐ Ældrerådet", "Færdig", "Spring over", "Spring over", "Spring over", "Send")
        assert town.rows(RUNS) == [("opfoelgning", "styregruppe", 1)]
        assert town.rows("SELECT question FROM answers JOIN runs ON runs.id = run_id WHERE flow = 'start'") == [("S7",)]
        assert town.rows(COUNTED) == [("opfoelgning", "styregruppe", 1, 1)]


async def test_who_only_leads_counts_nowhere(found: Found, channel: str) -> None:
    async with found(steps="linjer", channel=channel) as town:
        await town.invites("leader")
        lea = await comes(town, "Lea", by=town.invite)
        assert "Hvem svarer du som?" not in look(lea)
        assert town.rows(COUNTED) == []
        await does(lea, "Hvad skal politikken handle om?")  # until they answer: then they are asked
        assert "Hvem svarer du som?" in look(lea)
        await does(lea, "Leder i kommunen")
        assert town.rows(COUNTED) == [("", "leder", 1, 0)]


async def test_a_member_of_the_steering_group_answers_the_hearing_as_what_they_are(found: Found, channel: str) -> None:
    async with found(steps="linjer, opfoelgning", channel=channel) as town:
        await town.invites("steering")
        kaja = await comes(town, "Kaja", "Nej", by=town.invite)
        assert "Hvem bør vi gøre en ekstra indsats for at få med?" in look(kaja)
        await does(kaja, "☐ Ældrerådet", "Færdig", "Spring over", "Spring over", "Spring over", "Send")
        await does(kaja, "Hvad skal politikken handle om?", *VOLUNTEER[:-1])  # but S7, once
        await does(kaja, *ANSWERED)
        assert town.rows(RUNS) == [("opfoelgning", "styregruppe", 1), ("linjer", "frivillig", 1)]


async def test_the_steering_groups_step_closes_to_who_leaves_the_group(found: Found, channel: str) -> None:
    async with found(steps="opfoelgning", channel=channel) as town:
        await town.invites("steering")
        kaja = await comes(town, "Kaja", "Nej", by=town.invite)
        await does(kaja, "Spring over")
        await town.runtime.database.write(lambda tx: people.take_role(tx, 1, "steering"))
        await does(kaja, "Spring over")
        assert "Hvordan går" not in look(kaja)
        assert town.rows("SELECT count(*) FROM answers WHERE question <> 'S7'") == [(1,)]


async def test_who_leaves_the_group_is_asked_whom_they_answer_as_and_nothing_of_its_step(
    found: Found, channel: str
) -> None:
    """Also where its question was open, and on whatever page they come by."""
    async with found(steps="plan, opfoelgning", channel=channel) as town:
        await town.invites("steering")
        kaja = await comes(town, "Kaja", "Nej", by=town.invite)
        assert "Hvem bør vi gøre en ekstra indsats for at få med?" in look(kaja)
        await town.runtime.database.write(lambda tx: people.take_role(tx, 1, "steering"))
        await does(kaja, "> /fortsaet")
        shown = look(kaja)
        assert "Hvem svarer du som?" in shown and "Hvem bør vi gøre en ekstra indsats for at få med?" not in shown
        await does(kaja, "> /start", *VOLUNTEER[:-1])
        assert "Hvad er vigtigt for dig i den måde, vi laver politikken på?" in look(kaja)


async def test_who_left_the_group_corrects_what_they_said_of_messages_before_they_say_whom_they_answer_as(
    found: Found,
) -> None:
    async with found(steps="plan, opfoelgning", channel="web") as town:
        await town.invites("steering")
        kaja = await comes(town, "Kaja", "Ja", by=town.invite)
        await town.runtime.database.write(lambda tx: people.take_role(tx, 1, "steering"))
        await does(kaja, "> /paamindelser")
        assert "Må vi sende dig beskeder" in look(kaja)
        await does(kaja, "Nej")
        assert town.rows("SELECT reminders, news FROM people") == [(0, 0)]
        assert "Hvem svarer du som?" in look(kaja)


async def test_nobody_else_gets_into_the_steering_groups_step(found: Found, channel: str) -> None:
    async with found(steps="opfoelgning", channel=channel) as town:
        anna = await comes(town, "Anna", *VOLUNTEER, by="opfoelgning")
        assert "Hvem bør vi gøre en ekstra indsats for at få med?" not in look(anna)
        assert town.rows(RUNS) == []


async def test_a_person_in_two_capacities_is_written_to_once(found: Found) -> None:
    async with found(steps="linjer") as town:
        anna = await comes(town, "Anna", *VOLUNTEER)
        await does(anna, "> /rolle", "Svar som en anden", "Forening", "> Nordby IF", "Idræt", "Nordby")
        assert town.rows("SELECT stakeholder FROM capacities ORDER BY id") == [("frivillig",), ("forening",)]

        def counted(tx: Tx) -> list[int]:
            both = ("frivillig", "forening")
            return [
                recipients.count(tx, recipients.not_answered(1, "plan", both)),
                recipients.count(tx, recipients.chosen(1, recipients.ChosenAudience(groups=both))),
                recipients.count(tx, recipients.chosen(1, recipients.ChosenAudience(groups=("frivillig",)))),
                recipients.count(tx, recipients.audience(1, 1, both, ("havnen", "nordby"), steering=False)),
                recipients.count(tx, recipients.unfinished(1, "linjer", both, 1 << 60, 0)),
            ]

        assert await town.runtime.database.read(counted) == [1, 1, 1, 1, 1]


async def test_each_capacity_has_a_draft_a_receipt_and_a_row_of_its_own(found: Found, channel: str) -> None:
    async with found(steps="linjer", channel=channel) as town:
        anna = await comes(town, "Anna", *VOLUNTEER, *ANSWERED)
        first = look(anna)
        await does(anna, "> /rolle", "Svar som en anden", "Forening", "> Nordby IF", "Idræt", "Nordby")
        await does(anna, "> Bedre lokaler", *["Spring over"] * 5, "Send")
        assert "Kvitteringsnummeret er 1." in first and "Kvitteringsnummeret er 2." in look(anna)
        assert town.rows(RUNS) == [("linjer", "frivillig", 1), ("linjer", "forening", 1)]
        assert town.rows(COUNTED) == [
            ("", "forening", 1, 0),
            ("", "frivillig", 1, 0),
            ("linjer", "forening", 1, 1),
            ("linjer", "frivillig", 1, 1),
        ]
        await does(anna, "> /slet", "Ja, slet alt")
        assert town.rows("SELECT count(*) FROM runs") == [(0,)]
        assert town.rows(COUNTED) == []


async def test_choosing_a_group_one_has_answered_as_already_leads_back_into_it(found: Found, channel: str) -> None:
    async with found(steps="linjer", channel=channel) as town:
        anna = await comes(town, "Anna", *VOLUNTEER, *ANSWERED)
        await does(anna, "> /rolle", "Svar som en anden", "Frivillig")
        assert town.rows("SELECT stakeholder, in_use FROM capacities ORDER BY id") == [("frivillig", 1), (None, 0)]
        assert town.rows("SELECT sent_at IS NOT NULL FROM runs WHERE flow = 'linjer'") == [(1,)]


async def test_a_member_who_answers_as_nobody_is_asked_whether_we_may_write_and_invited_to_the_groups_meetings(
    found: Found,
) -> None:
    async with found(steps="linjer") as town:
        await town.invites("steering")
        kaja = await comes(town, "Kaja", "Ja", by=town.invite)
        assert town.rows("SELECT reminders, news FROM people") == [(1, 1)]
        look(kaja)
        await town.plans_meeting(
            "moede: title = Styregruppen mødes; kind = steering; starts = 2026-03-24 19:00; invites = 2026-03-03 09:00"
        )
        assert "Styregruppen mødes" in look(kaja)
        await does(kaja, "> /stop")
        assert town.rows("SELECT reminders, news FROM people") == [(0, 0)]


async def test_once_they_answer_as_somebody_they_are_asked_the_rest_alone(found: Found, channel: str) -> None:
    async with found(steps="linjer", channel=channel) as town:
        await town.invites("steering")
        kaja = await comes(town, "Kaja", "Nej", "Hvad skal politikken handle om?", by=town.invite)
        assert "Hvem svarer du som?" in look(kaja)
        await does(kaja, *VOLUNTEER[:-1], *ANSWERED)
        assert town.rows(RUNS) == [("linjer", "frivillig", 1)]
        asked = town.rows(
            "SELECT question FROM answers JOIN runs ON runs.id = run_id WHERE flow = 'start' ORDER BY question"
        )
        assert asked == [("S1",), ("S3",), ("S6",), ("S7",)]
        assert town.rows("SELECT count(*) FROM runs WHERE flow = 'start' AND sent_at IS NOT NULL") == [(1,)]
        assert town.rows("SELECT reminders, news FROM people") == [(0, 0)]
