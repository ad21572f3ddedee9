"""Who comes to a meeting: the room and an association's share are never exceeded, nobody waits while there is room for
them, and whoever moves up from the waiting list is told once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.features.meetings.service import announcements, scheduling
from bot.features.meetings.service.signup import (
    Outcome,
    SignedUp,
    SignupAnswer,
    answers_left,
    free,
    give_up_places,
    is_theirs,
    next_for,
    sign_up,
    tell_needs,
)
from bot.flows import schedule
from bot.outbox.kinds import MessageKind
from storage import meetings, people, register, signups
from storage.meetings import Meeting, MeetingDetails, MeetingFacts
from storage.people import Person
from tests.support.example import of_example
from tests.support.rows import NOW, came, standing
from tests.support.sizes import examples

HOURS = of_example().writing_hours.hours
DAY = 24 * 3600
NOBODY = (0, 0)


class Hall:
    """A meeting, and people who say whether they come."""

    def __init__(self, capacity: int | None = None, most: int | None = None, *, until: int | None = None) -> None:
        self.tx, self.now = standing(), NOW
        details = MeetingDetails(title="Fælles møde", place="Kulturhuset")
        facts = MeetingFacts(
            kind="other",
            details=details,
            starts_at=NOW + 20 * DAY,
            ends_at=NOW + 20 * DAY + 7200,
            invites_at=NOW,
            signup_until=until,
            capacity=capacity,
            most_per_party=most,
        )
        self.id = scheduling.make(self.tx, 1, facts, NOW)

    @property
    def meeting(self) -> Meeting:
        found = meetings.by_id(self.tx, 1, self.id)
        assert found is not None
        return found

    def person(self, person_id: int) -> Person:
        found = people.by_id(self.tx, person_id)
        assert found is not None
        return found

    def of_party(self, name: str, members: int) -> list[int]:
        new = register.NewParty(name=name, folded=name.casefold(), kind="forening", source="by-hand")
        party = register.put(self.tx, 1, new, NOW)
        found = [came(self.tx, stakeholder="forening") for _ in range(members)]
        for member in found:
            people.speak_for(self.tx, member, party)
        return found

    def says(self, person_id: int, answer: SignupAnswer = SignupAnswer.YES, together: int = 1) -> SignedUp:
        self.now += 1
        return sign_up(self.tx, HOURS, self.meeting, self.person(person_id), answer, together, self.now)

    def becomes(self, **facts: Any) -> None:
        self.now += 1
        scheduling.change(self.tx, HOURS, self.meeting, replace(self.meeting.facts, **facts), "", self.now)

    def leaves(self, person_id: int) -> None:
        self.now += 1
        give_up_places(self.tx, HOURS, self.person(person_id), self.now)
        people.erase(self.tx, person_id)

    def coming(self) -> dict[int, tuple[int, int]]:
        """Person → how many have places, how many wait."""
        return {
            each.person_id: (each.people * each.comes, each.people * each.waits)
            for each in signups.of_meeting(self.tx, self.id)
        }

    def told(self, *states: str) -> list[int]:
        """To whom a message is enqueued that they have a place."""
        rows = self.tx.all("SELECT person_id, state FROM outbox WHERE kind = :kind ORDER BY id", kind=MessageKind.PLACE)
        return [row["person_id"] for row in rows if row["state"] in (states or ("due",))]


# --- one rule each ----------------------------------------------------------------------------------------


def test_who_signs_up_gets_a_place_until_there_are_none_and_then_waits() -> None:
    hall = Hall(capacity=2)
    anna, bo, ida = (came(hall.tx) for _ in range(3))
    assert [hall.says(who).outcome for who in (anna, bo, ida)] == [Outcome.PLACED, Outcome.PLACED, Outcome.WAITING]
    assert hall.coming() == {anna: (1, 0), bo: (1, 0), ida: (0, 1)}


@pytest.mark.parametrize("answer", [SignupAnswer.NO, SignupAnswer.MAYBE])
def test_who_gives_up_their_place_gives_it_to_who_waits_longest_and_is_told_once(answer: SignupAnswer) -> None:
    hall = Hall(capacity=1)
    anna, bo, ida = (came(hall.tx) for _ in range(3))
    for who in (anna, bo, ida, bo):  # saying it again does not lose the turn
        hall.says(who)
    hall.says(anna, answer)
    assert hall.coming() == {anna: NOBODY, bo: (1, 0), ida: (0, 1)}
    assert hall.told() == [bo]


def test_who_waits_with_more_than_there_is_room_for_lets_others_by() -> None:
    hall = Hall(capacity=3)
    three, two, one = (came(hall.tx) for _ in range(3))
    for who, together in ((three, 3), (two, 2), (one, 1)):
        hall.says(who, together=together)
    hall.says(three, together=2)
    assert hall.coming() == {three: (2, 0), two: (0, 2), one: (1, 0)}
    assert hall.told() == [one]


def test_an_association_of_three_with_a_share_of_two_is_told_that_two_may_come() -> None:
    hall = Hall(capacity=30, most=2)
    karl, mia = hall.of_party("Spejderne", 2)
    assert hall.says(karl, together=3) == SignedUp(Outcome.TOO_MANY, 2)
    assert hall.says(karl, together=1) == SignedUp(Outcome.PLACED)
    assert hall.says(mia, together=2) == SignedUp(Outcome.TOO_MANY, 1)
    assert hall.says(mia, together=1) == SignedUp(Outcome.PLACED)
    assert hall.says(hall.of_party("Koret", 1)[0], together=2) == SignedUp(Outcome.PLACED)


def test_an_association_whose_share_is_used_up_is_told_that_none_may_come() -> None:
    hall = Hall(most=2)
    karl, mia = hall.of_party("Spejderne", 2)
    hall.says(karl, together=2)
    assert hall.says(mia) == SignedUp(Outcome.TOO_MANY, 0)
    hall.says(karl, together=1)
    assert hall.says(mia) == SignedUp(Outcome.PLACED)


def test_who_has_places_keeps_them_when_they_ask_for_more_than_there_are() -> None:
    hall = Hall(capacity=3)
    anna, bo = came(hall.tx), came(hall.tx)
    hall.says(anna, together=2)
    hall.says(bo)
    assert hall.says(anna, together=3) == SignedUp(Outcome.TOO_MANY, 2)
    assert hall.coming() == {anna: (2, 0), bo: (1, 0)}


def test_who_has_places_keeps_them_when_the_room_becomes_smaller_and_may_come_with_fewer() -> None:
    hall = Hall(capacity=6)
    anna, bo = came(hall.tx), came(hall.tx)
    hall.says(anna, together=4)
    hall.says(bo, together=2)
    hall.becomes(capacity=2)
    for together in (4, 3):
        assert hall.says(anna, together=together) == SignedUp(Outcome.PLACED)
    assert hall.coming() == {anna: (3, 0), bo: (2, 0)}


def test_a_larger_room_takes_up_who_waits() -> None:
    hall = Hall(capacity=1)
    anna, bo = came(hall.tx), came(hall.tx)
    hall.says(anna)
    hall.says(bo, together=1)
    hall.becomes(capacity=2)
    assert (hall.coming(), hall.told()) == ({anna: (1, 0), bo: (1, 0)}, [bo])


def test_after_the_deadline_one_may_stay_away_or_come_with_fewer_and_nothing_else() -> None:
    hall = Hall(capacity=9, until=NOW + 10)
    anna, bo = came(hall.tx), came(hall.tx)
    hall.says(anna, together=3)
    hall.now = NOW + 9
    assert hall.says(bo) == SignedUp(Outcome.LATE)
    assert hall.says(bo, SignupAnswer.MAYBE) == SignedUp(Outcome.LATE)
    assert hall.says(anna, together=4) == SignedUp(Outcome.LATE)
    assert hall.says(anna, together=2) == SignedUp(Outcome.PLACED)
    assert hall.says(bo, SignupAnswer.NO) == SignedUp(Outcome.NO)


@pytest.mark.parametrize("said", [None, *SignupAnswer])
@pytest.mark.parametrize("until", [None, NOW + 10])
def test_what_can_still_be_said_is_what_is_taken_and_was_not_said(said: SignupAnswer | None, until: int | None) -> None:
    hall = Hall(until=until)
    anna = came(hall.tx)
    if said is not None:
        hall.says(anna, said)
    begins = hall.meeting.facts.starts_at
    for at in (NOW + 5, NOW + 10, begins - 1, begins):
        left = answers_left(hall.meeting, signups.of(hall.tx, hall.id, anna), at)
        taken = [answer for answer in SignupAnswer if _would_be_taken(hall, anna, answer, at)]
        after_a_yes = [SignupAnswer.MAYBE] if said is SignupAnswer.YES else []  # taken, and not offered
        assert sorted(left) == [answer for answer in sorted(taken) if answer not in (said, *after_a_yes)]


def _would_be_taken(hall: Hall, person_id: int, answer: SignupAnswer, at: int) -> bool:
    hall.tx.run("SAVEPOINT before")
    signed = sign_up(hall.tx, HOURS, hall.meeting, hall.person(person_id), answer, 1, at)
    hall.tx.run("ROLLBACK TO before")
    return signed.taken


@pytest.mark.parametrize("left", [SignupAnswer.YES, SignupAnswer.MAYBE])
def test_to_a_meeting_that_is_cancelled_nothing_can_be_said(left: SignupAnswer) -> None:
    hall = Hall()
    anna = came(hall.tx)
    hall.says(anna, left)
    scheduling.cancel(hall.tx, HOURS, hall.meeting, "", hall.now)
    assert answers_left(hall.meeting, signups.of(hall.tx, hall.id, anna), hall.now) == ()


def test_once_it_has_begun_or_is_cancelled_nothing_is_changed() -> None:
    hall = Hall(capacity=1)
    anna, bo = came(hall.tx), came(hall.tx)
    hall.says(anna)
    hall.says(bo)
    hall.now = hall.meeting.facts.starts_at
    assert hall.says(anna, SignupAnswer.NO) == SignedUp(Outcome.OVER)
    hall.now = NOW + DAY
    scheduling.cancel(hall.tx, HOURS, hall.meeting, "", hall.now)
    assert hall.says(anna, SignupAnswer.NO) == SignedUp(Outcome.CANCELLED)
    assert (hall.coming(), hall.told()) == ({anna: (1, 0), bo: (0, 1)}, [])


def test_who_deletes_everything_about_themselves_leaves_their_place_to_who_waits() -> None:
    hall = Hall(capacity=1)
    anna, bo = came(hall.tx), came(hall.tx)
    hall.says(anna)
    hall.says(bo)
    hall.leaves(anna)
    assert (hall.coming(), hall.told()) == ({bo: (1, 0)}, [bo])


def test_who_has_stopped_gets_no_place_that_nobody_may_tell_them_of() -> None:
    hall = Hall(capacity=1)
    anna, bo, ida = (came(hall.tx) for _ in range(3))
    for who in (anna, bo, ida):
        hall.says(who)
    people.stop(hall.tx, bo, hall.now)
    hall.says(anna, SignupAnswer.NO)
    assert (hall.coming(), hall.told()) == ({anna: NOBODY, bo: (0, 1), ida: (1, 0)}, [ida])


def test_a_place_that_was_given_up_and_got_again_before_the_message_is_out_is_told_of_once() -> None:
    hall = Hall(capacity=1)
    anna, bo = came(hall.tx), came(hall.tx)
    for _ in range(2):
        hall.says(anna)
        hall.says(bo)
        hall.says(anna, SignupAnswer.NO)
        hall.says(bo, SignupAnswer.NO)
    hall.says(anna)
    hall.says(bo)
    hall.says(anna, SignupAnswer.NO)
    assert (hall.told(), hall.told("withdrawn")) == ([bo], [bo, bo])


def test_needs_are_gone_with_the_no_and_a_place_on_the_list_is_gone_with_the_maybe() -> None:
    hall = Hall(capacity=1)
    anna, bo, ida = (came(hall.tx) for _ in range(3))
    for who in (anna, bo, ida):
        hall.says(who)
    [signup] = [each for each in signups.of_meeting(hall.tx, hall.id) if each.person_id == bo]
    tell_needs(hall.tx, signup, "En rampe", NOW)
    hall.says(bo, SignupAnswer.MAYBE)
    hall.says(bo)
    kept = signups.of(hall.tx, hall.id, bo)
    assert kept is not None and (kept.needs, kept.waits) == ("En rampe", True)
    hall.says(anna, SignupAnswer.NO)
    assert hall.told() == [ida]
    hall.says(bo, SignupAnswer.NO)
    kept = signups.of(hall.tx, hall.id, bo)
    assert kept is not None and kept.needs == ""


def test_a_meeting_is_somebodys_if_it_is_for_them_or_they_have_said_whether_they_come() -> None:
    hall = Hall()
    anna, bo = came(hall.tx, stakeholder="frivillig"), came(hall.tx, stakeholder="borger")
    hall.says(bo)
    hall.becomes(groups=("frivillig",))
    ida = came(hall.tx, stakeholder="borger")
    assert [is_theirs(hall.tx, hall.meeting, who) for who in (anna, bo, ida)] == [True, True, False]
    ahead = [[m.id for m in next_for(hall.tx, 1, who, hall.now)] for who in (anna, bo, ida)]
    assert ahead == [[hall.id], [hall.id], []]
    people.take_back_consent(hall.tx, anna)
    assert not is_theirs(hall.tx, hall.meeting, anna)


def test_news_of_a_place_goes_in_sending_hours_and_before_it_starts_if_there_is_none_at_once() -> None:
    starts = schedule.to_utc(schedule.to_local(NOW).replace(hour=23, minute=0))
    assert announcements.news(starts - 60, starts, HOURS) == (starts - 60, starts)
    in_the_morning = schedule.to_utc(schedule.to_local(NOW + DAY).replace(hour=9, minute=0, second=0))
    assert announcements.news(starts, starts + 5 * DAY, HOURS) == (in_the_morning, starts + 5 * DAY)


# --- whatever people do -----------------------------------------------------------------------------------

EVERYBODY = range(7)  # of whom the first three are of one association, the next two of another


class Evening(RuleBasedStateMachine):
    @initialize(capacity=st.integers(1, 4), most=st.none() | st.integers(1, 3))
    def opens(self, capacity: int, most: int | None) -> None:
        self.hall, self.most = Hall(capacity, most), most
        self.parties = [self.hall.of_party("Spejderne", 3), self.hall.of_party("Koret", 2)]
        self.people = [*self.parties[0], *self.parties[1], came(self.hall.tx), came(self.hall.tx)]
        self.gone: set[int] = set()
        self.before: dict[int, tuple[int, int]] = {}
        self.moved_up = dict.fromkeys(self.people, 0)
        self.actor = 0

    @rule(who=st.sampled_from(EVERYBODY), together=st.integers(1, 2))
    def signs_up(self, who: int, together: int) -> None:
        self.says(who, SignupAnswer.YES, together)

    @rule(who=st.sampled_from(EVERYBODY))
    def comes(self, who: int) -> None:
        self.says(who, SignupAnswer.YES, 1)

    @rule(who=st.sampled_from(EVERYBODY), answer=st.sampled_from(SignupAnswer), together=st.integers(0, 5))
    def says(self, who: int, answer: SignupAnswer, together: int) -> None:
        self._begins(self.people[who])
        if self.actor not in self.gone:
            signed = self.hall.says(self.actor, answer, together)
            after = self.hall.coming().get(self.actor)
            if answer is SignupAnswer.YES and self.before.get(self.actor, NOBODY)[0]:
                assert after is not None and after[0]  # who has a place and wants it has it still
            if signed.outcome is Outcome.TOO_MANY:
                assert after == self.before.get(self.actor)  # nothing is changed by what can't be
                if signed.left:
                    assert self.hall.says(self.actor, answer, signed.left).taken

    @rule(capacity=st.none() | st.integers(1, 8))
    def becomes(self, capacity: int | None) -> None:
        self._begins(0)
        self.hall.becomes(capacity=capacity)

    @rule(who=st.sampled_from(EVERYBODY), leaves=st.sampled_from((True, False)))
    def stops_or_leaves(self, who: int, *, leaves: bool) -> None:
        self._begins(self.people[who])
        if self.actor in self.gone:
            return
        if leaves:
            self.gone.add(self.actor)
            self.hall.leaves(self.actor)
        else:
            people.stop(self.hall.tx, self.actor, self.hall.now)

    def _begins(self, actor: int) -> None:
        self.actor, self.before = actor, self.hall.coming()

    @invariant()
    def no_more_come_than_there_is_room_for(self) -> None:
        """In a room that has become smaller than those who have places in it: no more than there were."""
        capacity, come = self.hall.meeting.facts.capacity, self._come(self.hall.coming())
        assert capacity is None or come <= max(capacity, self._come(self.before))

    @invariant()
    def nobody_waits_while_there_is_room_for_them(self) -> None:
        left = free(self.hall.tx, self.hall.meeting)
        assert [each for each in signups.waiting(self.hall.tx, self.hall.id) if each.people <= left] == []

    @invariant()
    def no_association_has_more_than_its_share(self) -> None:
        coming = self.hall.coming()
        for members in self.parties:
            together = sum(sum(coming.get(member, NOBODY)) for member in members)
            assert self.most is None or together <= self.most

    @invariant()
    def who_does_not_say_yes_has_no_place(self) -> None:
        rows = self.hall.tx.all(
            "SELECT 1 FROM signups WHERE (answer <> 'yes' AND placed = 1) OR (answer = 'yes' AND people < 1)"
        )
        assert rows == []

    @invariant()
    def everyone_who_moved_up_is_told_once_and_nobody_else(self) -> None:
        now = self.hall.coming()
        for who, (placed, _) in now.items():
            waited = self.before.get(who, NOBODY)[1] > 0
            self.moved_up[who] += who != self.actor and waited and placed > 0
        told = self.hall.told("due", "withdrawn")
        here = [who for who in self.people if who not in self.gone]
        assert {who: told.count(who) for who in here} == {who: self.moved_up[who] for who in here}
        due = self.hall.told()
        assert len(due) == len(set(due))
        assert [who for who in due if now[who][0] == 0] == []  # who gave it up again is not told

    @staticmethod
    def _come(coming: dict[int, tuple[int, int]]) -> int:
        return sum(placed for placed, _ in coming.values())


TestWhateverPeopleDo = Evening.TestCase
TestWhateverPeopleDo.settings = settings(max_examples=examples(120), stateful_step_count=20, deadline=None)
