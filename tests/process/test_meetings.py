"""Meetings as the process file and the leader keep them: made, moved, cancelled; who is told, and what is deleted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.features import process_file
from bot.features.meetings.service import scheduling, signup
from bot.features.meetings.service.minutes import PointChange, changed_points, send_minutes
from bot.features.meetings.service.signup import SignupAnswer
from bot.features.privacy import retention
from bot.flows.model import Group
from bot.outbox.kinds import MessageKind
from bot.process.file import ProcessFile
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from storage import meetings, outbox, people, signups
from storage.db import Database, Tx
from storage.encryption import Keyring
from storage.meetings import Meeting, MeetingFacts
from storage.outbox import NewMessage
from tests.support.danish_time import local
from tests.support.example import of_example
from tests.support.office import Office, shown
from tests.support.sizes import examples

LOADED = local("2026-03-02 10:00")  # a Monday
STARTS = local("2026-03-17 19:00")

ENTRY: dict[str, Any] = {
    "key": "nordby",
    "kind": "volunteers",
    "title": "Dialogmøde i Nordby",
    "place": "Kulturhuset",
    "starts": "2026-03-17 19:00",
    "signup_until": "2026-03-15 12:00",
}


def with_meetings(*entries: dict[str, Any]) -> ProcessFile:
    whole = of_example().model_dump(mode="json")
    whole["steps"] = [{"flow": "plan"}]
    return ProcessFile.model_validate({**whole, "meetings": [{**ENTRY, **entry} for entry in entries]})


@dataclass
class Bureau(Office):
    """An office that loads process files and keeps meetings."""

    async def loads(self, *entries: dict[str, Any], at: int = LOADED) -> None:
        await self.database.write(lambda tx: process_file.save(tx, with_meetings(*entries), [], at))

    async def meeting(self, key: str = "nordby") -> Meeting:
        found = await self.database.read(lambda tx: meetings.by_key(tx, self.process_id, key))
        assert found is not None
        return found

    async def changes(self, facts: MeetingFacts, at: int, why: str = "") -> int:
        meeting = await self.meeting()
        hours = await self.database.read(lambda tx: self.process_host.plan(tx, self.process_id).hours)
        return await self.database.write(lambda tx: scheduling.change(tx, hours, meeting, facts, why, at))

    async def cancels(self, at: int) -> int:
        meeting = await self.meeting()
        hours = await self.database.read(lambda tx: self.process_host.plan(tx, self.process_id).hours)
        return await self.database.write(lambda tx: scheduling.cancel(tx, hours, meeting, "fordi", at))

    async def says(self, person: int, answer: SignupAnswer, number: int = 1, at: int = LOADED) -> None:
        meeting = await self.meeting()

        def sign_up(tx: Tx) -> None:
            known = people.by_id(tx, person)
            assert known is not None
            hours = self.process_host.plan(tx, self.process_id).hours
            assert signup.sign_up(tx, hours, meeting, known, answer, number, at).taken

        await self.database.write(sign_up)

    async def was_sent(self, person: int, kind: MessageKind = MessageKind.INVITED) -> None:
        meeting = await self.meeting()
        about, once = str(meeting.id), f"{kind}:{person}"

        def send(tx: Tx) -> None:
            outbox.enqueue(tx, NewMessage(once, person, kind, about, LOADED, STARTS))
            tx.run("UPDATE outbox SET state = 'sent', done_at = :now WHERE once = :once", now=LOADED, once=once)

        await self.database.write(send)

    async def due(self, kind: MessageKind) -> list[int]:
        rows = await self.database.read(
            lambda tx: tx.all(
                "SELECT person_id FROM outbox WHERE kind = :kind AND state = 'due' ORDER BY person_id", kind=kind
            )
        )
        return [row[0] for row in rows]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Bureau]:
    database = await Database.open(tmp_path / "besyv.db", Keyring.open_or_create(tmp_path / "keys"))
    file = with_meetings()
    process_id = await database.write(lambda tx: process_file.save(tx, file, shipped_flows(file), LOADED - 86400))
    yield Bureau(database, ProcessHost(file.process), process_id)
    await database.close()


# --- the process file -------------------------------------------------------------------------------------


async def test_a_meeting_of_the_file_invites_when_its_time_comes(office: Bureau) -> None:
    anna = await office.somebody()
    await office.somebody(Group.ANSAT)
    await office.loads({"invites": "2026-03-05 10:00"})
    assert await office.enqueue(local("2026-03-05 09:59")) == 0
    assert await office.enqueue(local("2026-03-05 10:00")) == 1
    assert await office.due(MessageKind.INVITED) == [anna]
    assert await office.enqueue(local("2026-03-05 10:01")) == 0


async def test_what_the_file_leaves_out_its_kind_says(office: Bureau) -> None:
    await office.loads({})
    facts = (await office.meeting()).facts
    assert (facts.flow, facts.groups, facts.areas) == (
        "dialog_frivillige",
        ("frivillig", "forening", "raad_center"),
        (),
    )
    assert (facts.invites_at, shown(facts.ends_at), facts.reminders) == (LOADED, "03-17 21:00", None)


async def test_loading_the_same_file_again_changes_nothing(office: Bureau) -> None:
    anna = await office.somebody()
    await office.loads({})
    await office.enqueue(LOADED)
    await office.was_sent(anna, MessageKind.SOON)
    before = await office.meeting()
    await office.loads({}, at=LOADED + 86400)
    await office.enqueue(LOADED + 86400)
    assert await office.meeting() == before
    assert await office.due(MessageKind.INVITED) == [anna]
    assert await office.due(MessageKind.MOVED) == []


async def test_moved_in_the_file_it_is_told_once(office: Bureau) -> None:
    anna = await office.somebody()
    await office.loads({})
    await office.was_sent(anna)
    moved = {"starts": "2026-03-18 19:00", "why": "Salen er optaget."}
    for later in (1, 2, 3):
        await office.loads(moved, at=LOADED + later * 3600)
        await office.enqueue(LOADED + later * 3600)
    meeting = await office.meeting()
    assert (shown(meeting.facts.starts_at), meeting.version, meeting.why) == ("03-18 19:00", 1, "Salen er optaget.")
    assert await office.due(MessageKind.MOVED) == [anna]


async def test_moved_in_chat_it_stays_so_when_the_same_file_is_loaded_again(office: Bureau) -> None:
    await office.loads({})
    meeting = await office.meeting()
    await office.changes(scheduling.at_another_time(meeting.facts, local("2026-03-19 17:00")), LOADED + 60)
    moved = await office.meeting()
    await office.loads({}, at=LOADED + 3600)
    assert await office.meeting() == moved
    assert shown(moved.facts.starts_at) == "03-19 17:00"
    await office.loads({"title": "Dialogmøde på havnen"}, at=LOADED + 7200)  # until the file says something else
    assert shown((await office.meeting()).facts.starts_at) == "03-17 19:00"


async def test_what_was_told_when_to_invite_stays_where_the_file_does_not_say(office: Bureau) -> None:
    await office.loads({})
    await office.loads({"capacity": 30}, at=LOADED + 86400)
    facts = (await office.meeting()).facts
    assert (facts.invites_at, facts.capacity) == (LOADED, 30)


async def test_cancelled_in_the_file_it_is_told_and_not_made_in_the_first_place(office: Bureau) -> None:
    anna = await office.somebody()
    await office.loads({}, {"key": "havnen", "cancelled": True})
    assert await office.database.read(lambda tx: meetings.by_key(tx, office.process_id, "havnen")) is None
    await office.was_sent(anna)
    for later in (1, 2):
        await office.loads({"cancelled": True, "why": "Ingen kunne."}, at=LOADED + later * 3600)
    meeting = await office.meeting()
    assert (meeting.is_cancelled, meeting.why, meeting.version) == (True, "Ingen kunne.", 1)
    assert await office.due(MessageKind.CANCELLED) == [anna]


async def test_one_that_was_cancelled_in_chat_moves_nobody_when_the_file_says_another_time(office: Bureau) -> None:
    anna = await office.somebody()
    await office.loads({})
    await office.was_sent(anna)
    await office.cancels(LOADED + 60)
    await office.loads({"starts": "2026-03-18 19:00"}, at=LOADED + 3600)
    assert await office.due(MessageKind.MOVED) == []
    assert (await office.meeting()).is_cancelled


async def test_left_out_of_the_file_it_stays(office: Bureau) -> None:
    await office.loads({})
    before = await office.meeting()
    await office.loads(at=LOADED + 3600)
    assert await office.meeting() == before


# --- who is told ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """Somebody before a meeting is moved and cancelled, and whether they are told."""

    told: bool
    answer: SignupAnswer | None = None
    sent: MessageKind | None = MessageKind.INVITED
    wants: int = 1
    sql: str = ""


WHO = {
    "yes": Case(told=True, answer=SignupAnswer.YES),
    "yes, and never invited": Case(told=True, answer=SignupAnswer.YES, sent=None),
    "maybe": Case(told=True, answer=SignupAnswer.MAYBE),
    "no": Case(told=False, answer=SignupAnswer.NO),
    "invited and silent": Case(told=True),
    "reminded and silent": Case(told=True, sent=MessageKind.SOON),
    "not invited yet": Case(told=False, sent=None),
    "signed up and no to reminders": Case(told=True, answer=SignupAnswer.YES, wants=0),
    "may come and no to reminders": Case(told=True, answer=SignupAnswer.MAYBE, wants=0),
    "invited, and no to reminders since": Case(told=False, wants=0),
    "signed up and stopped": Case(
        told=False,
        answer=SignupAnswer.YES,
        sql="UPDATE people SET stopped_at = 1, notice_version = NULL WHERE id = :id",
    ),
    "invited and stopped": Case(told=False, sql="UPDATE people SET stopped_at = 1 WHERE id = :id"),
}


@pytest.mark.parametrize("who", WHO)
async def test_who_is_told_when_it_is_moved_and_when_it_is_cancelled(office: Bureau, who: str) -> None:
    case = WHO[who]
    await office.loads({})
    person = await office.somebody(wants=case.wants)
    if case.sent is not None:
        await office.was_sent(person, case.sent)
    if case.answer is not None:
        await office.says(person, case.answer)
    if case.sql:
        await office.do(case.sql, id=person)
    told = [person] if case.told else []
    facts = (await office.meeting()).facts
    assert await office.changes(scheduling.at_another_time(facts, STARTS + 86400), LOADED + 60) == len(told)
    assert await office.due(MessageKind.MOVED) == told
    assert await office.cancels(LOADED + 120) == len(told)
    assert (await office.due(MessageKind.MOVED), await office.due(MessageKind.CANCELLED)) == ([], told)


async def test_who_waits_for_a_place_is_told_too(office: Bureau) -> None:
    await office.loads({"capacity": 1})
    bo, anna = await office.somebody(wants=0), await office.somebody(wants=0)
    await office.says(bo, SignupAnswer.YES)
    await office.says(anna, SignupAnswer.YES, at=LOADED + 1)
    facts = (await office.meeting()).facts
    assert await office.changes(scheduling.at_another_time(facts, STARTS + 86400), LOADED + 60) == 2
    assert await office.due(MessageKind.MOVED) == [bo, anna]


@pytest.mark.parametrize("what", ["title", "purpose", "agenda", "directions", "led_by"])
async def test_only_another_time_or_place_is_news(office: Bureau, what: str) -> None:
    await office.loads({})
    await office.was_sent(await office.somebody())
    facts = (await office.meeting()).facts
    other = replace(facts, details=replace(facts.details, **{what: "Noget andet"}))
    assert await office.changes(other, LOADED + 60) == 0
    assert await office.due(MessageKind.MOVED) == []
    assert (await office.meeting()).version == 1


@pytest.mark.parametrize("what", ["place", "address", "link"])
async def test_another_place_is_news(office: Bureau, what: str) -> None:
    await office.loads({})
    await office.was_sent(await office.somebody())
    facts = (await office.meeting()).facts
    assert await office.changes(replace(facts, details=replace(facts.details, **{what: "https://x"})), LOADED + 60) == 1


async def test_at_night_it_waits_for_the_morning_unless_it_is_too_late_by_then(office: Bureau) -> None:
    await office.loads({})
    await office.was_sent(await office.somebody())
    facts = (await office.meeting()).facts
    await office.changes(scheduling.at_another_time(facts, STARTS + 86400), local("2026-03-15 23:00"))  # a Sunday
    await office.cancels(local("2026-03-18 18:30"))
    assert [due for _, due, _ in await office.enqueued()][-2:] == ["03-16 09:00", "03-18 18:30"]


# --- by the clock on the wall -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "ends", "until"),
    [
        ("2026-03-24 19:00", "03-24 21:00", "03-22 12:00"),
        ("2026-03-31 19:00", "03-31 21:00", "03-29 12:00"),  # the clock is put forward on the 29th
        ("2026-11-03 17:30", "11-03 19:30", "11-01 10:30"),  # and back on 25 October
        ("2026-03-29 01:00", "03-29 03:00", "03-26 18:00"),  # over the hour that is not there
    ],
)
async def test_what_hangs_on_its_time_moves_along_by_the_clock_on_the_wall(
    office: Bureau, to: str, ends: str, until: str
) -> None:
    await office.loads({})
    moved = scheduling.at_another_time((await office.meeting()).facts, local(to))
    assert (shown(moved.ends_at), shown(moved.signup_until or 0)) == (ends, until)


# --- what is deleted --------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["over", "cancelled", "ahead"])
async def test_needs_are_deleted_when_the_meeting_is_over_or_cancelled(office: Bureau, end: str) -> None:
    await office.loads({})
    anna = await office.somebody()
    await office.says(anna, SignupAnswer.YES)
    meeting = await office.meeting()
    signed = await office.database.read(lambda tx: signups.of(tx, meeting.id, anna))
    assert signed is not None
    await office.database.write(lambda tx: signup.tell_needs(tx, signed, "En rampe", meeting.made_at))
    now = meeting.facts.ends_at if end == "over" else meeting.facts.ends_at - 1
    if end == "cancelled":
        await office.cancels(LOADED + 60)
    await office.database.write(lambda tx: retention.forget_what_is_due(tx, office.process_host.plan(tx), now))
    left = await office.database.read(lambda tx: signups.of(tx, meeting.id, anna))
    assert left is not None
    assert (left.needs, left.answer) == ("En rampe" if end == "ahead" else "", "yes")


async def test_minutes_sent_again_take_the_place_of_those_that_have_not_gone_out(office: Bureau) -> None:
    await office.loads({})
    anna, bo = await office.somebody(), await office.somebody()
    await office.says(anna, SignupAnswer.YES)
    await office.says(bo, SignupAnswer.MAYBE)
    meeting, evening = await office.meeting(), local("2026-03-17 22:00")

    for later, points in enumerate((["Et"], ["Et", "To"])):
        assert await office.database.write(partial(_send, office, meeting, points, evening + later)) == 1
    assert await office.due(MessageKind.MINUTES) == [anna]
    assert await office.database.read(lambda tx: meetings.minutes(tx, meeting.id)) == ["Et", "To"]


@given(
    versions=st.lists(
        st.lists(st.sampled_from(["Et", "To", "Tre", "Fire"]), min_size=1, max_size=4), min_size=1, max_size=5
    ),
    said=st.booleans(),
)
@settings(
    max_examples=examples(30),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_minutes_that_were_sent_are_never_changed_by_what_comes_later(
    office: Bureau, versions: list[list[str]], said: bool
) -> None:
    """Whatever is written and sent afterwards. Sent is only what differs, and says what it changes."""
    await office.loads({})
    meeting = await office.meeting()
    expected: list[tuple[list[str], str]] = []

    def act(tx: Tx) -> None:
        tx.run("DELETE FROM minutes_versions")
        tx.run("DELETE FROM minutes")
        for moment, points in enumerate(versions):
            meetings.write_minutes(tx, meeting.id, points)
            if said or not expected:
                meetings.write_what_changed(tx, meeting.id, f"Det {moment}.") if expected else None
            if expected and (points == expected[-1][0] or not said):
                with pytest.raises(ValueError, match="can't be sent"):
                    send_minutes(tx, office.process_host.plan(tx).hours, meeting, LOADED + moment)
            else:
                expected.append((points, f"Det {moment}." if expected else ""))
                send_minutes(tx, office.process_host.plan(tx).hours, meeting, LOADED + moment)
            kept = [
                (meetings.points(tx, meeting.id, each.version), meetings.what_changed(tx, meeting.id, each.version))
                for each in meetings.minutes_versions(tx, meeting.id)
            ]
            assert kept == expected

    await office.database.write(act)


@given(st.lists(st.sampled_from("abcd"), max_size=6), st.lists(st.sampled_from("abcd"), max_size=6))
@settings(derandomize=True, max_examples=examples(200))
def test_what_has_changed_from_one_version_to_the_next_is_told_to_the_last_point(
    before: list[str], after: list[str]
) -> None:
    """What is not told as changed stands in both, in the same order."""
    told = changed_points(before, after)
    gone = {each.number for each in told if each.change is PointChange.REMOVED}
    new = {each.number for each in told if each.change is not PointChange.REMOVED}
    rewritten = sum(each.change is PointChange.REWRITTEN for each in told)
    kept_after = [point for number, point in enumerate(after, 1) if number not in new]
    kept_before = [point for number, point in enumerate(before, 1) if number not in gone]
    assert len(kept_before) - rewritten == len(kept_after)
    rest = iter(kept_before)
    assert all(point in rest for point in kept_after)
    assert (told == []) == (before == after)


def _send(office: Bureau, meeting: Meeting, points: list[str], now: int, tx: Tx) -> int:
    meetings.write_minutes(tx, meeting.id, points)
    if meetings.latest_minutes(tx, meeting.id):
        meetings.write_what_changed(tx, meeting.id, "Der manglede noget")
    return send_minutes(tx, office.process_host.plan(tx).hours, meeting, now)
