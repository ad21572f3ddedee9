"""What the steering group is shown cannot be undone into single people: not from the numbers of all days, nor with
made-up visitors, nor from pictures, nor by one who has read the code."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.access import Role
from bot.dialogue.panel import Panel, PanelInput
from bot.features.coverage import advice, advice_panel, messages, publication, service, snapshots
from bot.features.coverage import panel as coverage_panel
from bot.features.coverage.publication import REST, STEP, Numbers, counts_as
from bot.features.coverage.service import GROUPS_OF_SPLIT, SIDES, TOTAL
from bot.features.invitations import service as invitations
from bot.features.invitations import share_panel
from bot.flows import schedule
from bot.flows.schedule import DAY, HOUR
from bot.outbox.kinds import MessageKind
from storage import coverage_counters, people, published, register
from storage.db import Database, Tx
from storage.outbox import OutboxMessage
from storage.published import Counted, Place
from storage.register import NewParty
from tests.support import spread
from tests.support.coverage import FLOWS, Town, town
from tests.support.rows import NOW, came, keys, sent
from tests.support.sizes import examples

SECRET = b"drawn once"
TOLD = "group", "side", *GROUPS_OF_SPLIT  # the splits that are shown
AT_SIX = NOW + 6 * HOUR  # on each day after what happened in its night


def counted(flow: str, person: int, group: str, **profile: Any) -> Counted:
    given_ = {
        "area": "",
        "size": "",
        "department": "",
        "front": -1,
        "behind": 1,
        "party_id": 0,
        "several": 0,
        "at": 0,
        **profile,
    }
    return Counted(flow=flow, person_id=person, stakeholder=group, **given_)


def exactly(everybody: Iterable[Counted]) -> Numbers:
    """The true sums at the places that are shown."""
    sums: Numbers = defaultdict(int)
    for one in everybody:
        places: list[Place] = [("group", one.stakeholder)]
        places += [("side", side) for side, groups in SIDES if one.stakeholder in groups]
        told = {"area": one.area, "size": one.size, "department": one.department}
        places += [
            (split, "" if told[split] in service.NOT_TOLD else told[split])
            for split, groups in GROUPS_OF_SPLIT.items()
            if one.stakeholder in groups
        ]
        for place in places:
            sums[one.flow, place] += one.behind
    return sums


# --- who counts how often ---------------------------------------------------------------------------------


def test_a_person_counts_the_same_each_time_one_in_ten_not_at_all_and_one_in_ten_twice() -> None:
    drawn = [counts_as(SECRET, person) for person in range(1, 20_001)]
    assert drawn == [counts_as(SECRET, person) for person in range(1, 20_001)]
    often = Counter(drawn)
    assert set(often) == {0, 1, 2}
    for people_ in (0, 2):
        assert 0.09 < often[people_] / len(drawn) < 0.115
    assert drawn != [counts_as(b"another secret", person) for person in range(1, 20_001)]


def test_of_a_table_each_counts_by_themselves_and_those_who_are_added_change_nothing_of_the_others() -> None:
    table = [counts_as(SECRET, 7, behind) for behind in range(41)]
    assert table[0] == 0
    assert {after - before for before, after in pairwise(table)} == {0, 1, 2}


@given(
    st.lists(
        st.tuples(st.sampled_from(["", "plan"]), st.integers(1, 60), st.integers(0, 400)), max_size=60, unique=True
    )
)
@settings(derandomize=True, deadline=None, max_examples=examples(100))
def test_every_number_is_a_multiple_of_five_and_rows_and_rest_make_up_side_and_split(
    people_: list[tuple[str, int, int]],
) -> None:
    everybody = [_somebody(*one) for one in people_]
    numbers = publication.numbers(everybody, SECRET)
    assert all(number >= STEP and number % STEP == 0 for number in numbers.values())
    for flow in ("", "plan"):
        for side, groups in SIDES:
            rows = [numbers.get((flow, ("group", group)), 0) for group in groups]
            assert numbers.get((flow, ("side", side)), 0) == sum(rows) + numbers.get((flow, (REST, side)), 0)
        for split, of in GROUPS_OF_SPLIT.items():
            whole = sum(
                counts_as(SECRET, each.person_id)
                for each in everybody
                if (each.flow, each.stakeholder in of) == (flow, True)
            )
            rows = [number for (each, (kind, _)), number in numbers.items() if (each, kind) == (flow, split)]
            assert whole // STEP * STEP == sum(rows) + numbers.get((flow, (REST, split)), 0)
        assert numbers.get((flow, TOTAL), 0) == sum(numbers.get((flow, ("side", side)), 0) for side, _ in SIDES)


def _somebody(flow: str, person: int, profile: int) -> Counted:
    """Each person has one profile: whatever the numbers say, in a side nobody is counted twice."""
    groups = [group for _, groups in SIDES for group in groups]
    return counted(
        flow,
        person * 1000 + profile,
        groups[profile % 7],
        area=("havnen", "nordby", "vil_ikke_svare", "")[profile % 4],
        size=("0-9", "100+", "ved_ikke")[profile % 3],
        department=("boern_skole", "job_social")[profile % 2],
    )


def test_who_answers_in_two_capacities_of_a_side_counts_once_in_the_side() -> None:
    everybody = [counted("plan", person, group) for person in range(1, 101) for group in ("frivillig", "forening")]
    numbers = publication.numbers(everybody, SECRET)
    shown = numbers["plan", ("group", "frivillig")]
    assert (
        numbers["plan", ("side", "civil")] == numbers["plan", TOTAL] == numbers["plan", ("group", "forening")] == shown
    )


# --- a town of 60,000 -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_of_2000_people_nine_in_ten_numbers_of_five_or_more_are_shown_and_none_is_far_off(seed: int) -> None:
    everybody = spread.town(seed)
    assert len({one.person_id for one in everybody}) == 2000
    numbers, true = publication.numbers(everybody, b"%d" % seed), exactly(everybody)
    of_five = [cell for cell, number in true.items() if number >= STEP]
    shown = [cell for cell in of_five if cell in numbers]
    assert len(of_five) > 250
    assert len(shown) >= 0.9 * len(of_five)
    for cell in shown:
        assert abs(numbers[cell] - true[cell]) <= STEP + 2 * math.sqrt(true[cell]), cell
    for side, _ in SIDES:  # the sides of who takes part are always shown, and near what the leader sees
        assert abs(numbers["", ("side", side)] - true["", ("side", side)]) <= 0.06 * true["", ("side", side)]


# --- the attacker -----------------------------------------------------------------------------------------


def chances(people_: int) -> list[float]:
    """How likely so many people count as 0, 1, 2, …"""
    left_out = 26 / 256
    found = [1.0]
    for _ in range(people_):
        found = [
            left_out * at(found, n) + (1 - 2 * left_out) * at(found, n - 1) + left_out * at(found, n - 2)
            for n in range(len(found) + 2)
        ]
    return found


def at(values: list[float], place: int) -> float:
    return values[place] if 0 <= place < len(values) else 0.0


@pytest.mark.parametrize("real", [1, 2, 3, 4])
def test_who_adds_made_up_visitors_one_a_day_and_knows_the_code_still_has_to_guess(real: int) -> None:
    """A small number that nobody else adds to, all days' numbers, and as many made-up visitors as it takes: whatever
    they see, at least three of 0 to 9 could be true, and no small one is the truth in more than three of five cases."""
    seen: dict[tuple[int, ...], list[float]] = {}
    for guess in range(10):
        for story, likely in stories(guess).items():
            seen.setdefault(story, [0.0] * 10)[guess] += likely
    worst = max(by_guess[real] / sum(by_guess) for by_guess in seen.values() if by_guess[real] > 1e-6)
    assert worst < 0.6
    assert all(sum(likely > 0 for likely in by_guess) >= 3 for by_guess in seen.values() if by_guess[real])


def stories(real: int, days: int = 14) -> dict[tuple[int, ...], float]:
    """What could be seen on the days, one made-up visitor more on each, and how likely."""
    states: dict[tuple[tuple[int, ...], int], float] = {
        ((count // STEP * STEP,), count): likely for count, likely in enumerate(chances(real))
    }
    for _ in range(days):
        after: dict[tuple[tuple[int, ...], int], float] = defaultdict(float)
        for (story, count), likely in states.items():
            for more, chance in enumerate(chances(1)):
                after[(*story, (count + more) // STEP * STEP), count + more] += likely * chance
        states = after
    found: dict[tuple[int, ...], float] = defaultdict(float)
    for (story, _), likely in states.items():
        found[story] += likely
    return found


Profile = dict[str, Any]

PROFILE = st.one_of(
    st.fixed_dictionaries(
        {"stakeholder": st.sampled_from(["frivillig", "borger"]), "area": st.sampled_from(["havnen", "nordby", None])}
    ),
    st.fixed_dictionaries(
        {
            "stakeholder": st.just("forening"),
            "area": st.sampled_from(["havnen", "nordby"]),
            "size": st.sampled_from(["0-9", "10-24", "100+"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "stakeholder": st.sampled_from(["ansat", "leder"]),
            "department": st.sampled_from(["boern_skole", "kultur_fritid", "job_social"]),
            "front": st.sampled_from([0, 1]),
        }
    ),
    st.fixed_dictionaries({"stakeholder": st.sampled_from(["politiker", "raad_center", None])}),
)


@dataclass(frozen=True)
class Arrival:
    """Somebody real or made up, for that the bot knows no difference."""

    profile: Profile
    day: int
    steps: tuple[str, ...]  # that they send that day
    behind: int
    invited: bool
    speaks: bool  # for an association on the register, where they answer as one
    leaves: int | None  # the day on which they erase themselves


ARRIVAL = st.builds(
    Arrival,
    profile=PROFILE,
    day=st.integers(0, 2),
    steps=st.sampled_from([(), ("plan",), ("linjer",), FLOWS]),
    behind=st.sampled_from([1, 1, 1, 2, 7]),
    invited=st.booleans(),
    speaks=st.booleans(),
    leaves=st.sampled_from([None, None, None, 1, 2]),
)
DAYS = 3


def lived(arrivals: list[Arrival], left_out: list[Arrival], *, come: bool) -> tuple[list[list[Any]], list[Any]]:
    """Everything that the steering group is shown, day by day, and what the leader sees on the last. `left_out` are
    people who do not count, and do not even come without `come`."""
    here = town()
    published.keep_secret(here.tx, 1, SECRET)
    here.tx.run("DELETE FROM parties")  # one entry alone, so that what is told of it can be left out
    invitation, _ = personal_invitation(here.tx), an_entry(here.tx)
    known: dict[int, int] = {}
    shown = []
    for day in range(DAYS):
        now = NOW + day * DAY
        for number, one in enumerate([*arrivals, *left_out]):
            if one.day == day:
                known[number] = person = next_person(here.tx, left_out=number >= len(arrivals))
                if number < len(arrivals) or come:
                    arrive(here.tx, person, one, now, invitation)
        for number, one in enumerate([*arrivals, *left_out]):
            if one.leaves == day and number in known:
                people.erase(here.tx, known.pop(number))
                people.add(here.tx, 1, f"so that no number is given again {number}", "da", now)
        shown.append(outlets(here, AT_SIX + day * DAY))
    return shown, [service.look(here.tx, 1, FLOWS)]


def personal_invitation(tx: Tx) -> int:
    invitations.make_personal(tx, 1, invitations.LinkPreset(), NOW)
    return tx.count("SELECT max(id) FROM invitations")


def next_person(tx: Tx, *, left_out: bool) -> int:
    """A stranger; one who does not count where that is wanted."""
    while True:
        person = people.add(tx, 1, f"p-{tx.count('SELECT coalesce(max(id), 0) FROM people')}", "da", NOW)
        if not left_out or counts_as(SECRET, person) == 0:
            return person


def arrive(tx: Tx, person: int, one: Arrival, now: int, invitation: int) -> None:
    people.accept_notice(tx, person, "v", now)
    known = people.by_id(tx, person)
    assert known is not None
    people.set_profile(tx, replace(known, **one.profile))
    people.recount_behind(tx, person, one.behind)
    if one.invited:
        people.come_by(tx, person, invitation)
    if one.speaks and one.profile["stakeholder"] == "forening":
        people.speak_for(tx, person, an_entry(tx))
    for flow in one.steps:
        sent(tx, person, flow, now + 60)


def an_entry(tx: Tx) -> int:
    return register.put(tx, 1, NewParty(name=CLUB, folded=CLUB.casefold(), kind="forening", source="by-hand"), NOW)


CLUB = "Spejderne"


def of_people(body: Iterable[str]) -> tuple[str, ...]:
    """Without what is told of the register: an entry is no person, and shown as it stands."""
    return tuple(told for told in body if CLUB not in told and not told.startswith("På interessentlisten"))


def outlets(here: Town, now: int) -> list[Any]:
    """All that somebody on the steering group is shown of how many: text, tables, pictures, mail, advice, links."""
    s = here.session(now)
    shown: list[Any] = []
    for args in ((), ("billede",), ("area",), ("size",), ("department",)):
        panel = coverage_panel.show(s, args, PanelInput())
        assert isinstance(panel, Panel)
        shown.append((panel.title, of_people(panel.body), panel.rows, panel.table))
    shown.append(coverage_panel.heatmap_of(s, coverage_panel.look(s)))
    shown.append(advice_panel.show(s, (), PanelInput()).body)
    message = OutboxMessage(id=1, person_id=s.person.id, kind=MessageKind.DIGEST, about="", due_at=now, attempts=0)
    digest = messages.digest(s, message)
    assert digest is not None
    shown.append((digest.title, of_people(digest.body)))
    shown.append(share_panel.show(s, (), PanelInput()).body)
    return shown


@given(
    st.lists(ARRIVAL, max_size=14),
    st.lists(ARRIVAL.map(lambda one: replace(one, behind=1, steps=FLOWS)), min_size=1, max_size=6),
)
@example(  # who is left out is the first in step 2, before twelve have sent step 1
    [Arrival({"stakeholder": "frivillig"}, 1, ("plan",), 1, False, False, None)] * 12,
    [Arrival({"stakeholder": "borger"}, 0, FLOWS, 1, False, False, None)],
)
@settings(derandomize=True, deadline=None, max_examples=examples(60))
def test_whoever_is_left_out_could_have_come_and_gone_and_nothing_shown_on_any_day_would_be_another(
    arrivals: list[Arrival], left_out: list[Arrival]
) -> None:
    """So no number of real people is known, be it from 1 to 4, and no change of it: there could have been more of them,
    as many as you like, before and after. Made-up visitors are among the arrivals."""
    with_them, counted_with = lived(arrivals, left_out, come=True)
    without, counted_without = lived(arrivals, left_out, come=False)
    assert with_them == without
    some_stay = any(one.leaves is None or one.leaves < one.day for one in left_out)
    assert (counted_with != counted_without) or not some_stay


@given(st.lists(ARRIVAL, max_size=14))
@settings(derandomize=True, deadline=None, max_examples=examples(60))
def test_from_one_day_to_the_next_no_number_changes_by_one_to_four(arrivals: list[Arrival]) -> None:
    here = town()
    published.keep_secret(here.tx, 1, SECRET)
    invitation = personal_invitation(here.tx)
    before: Numbers = {}
    for day in range(DAYS):
        for one in arrivals:
            if one.day == day:
                arrive(here.tx, next_person(here.tx, left_out=False), one, NOW + day * DAY, invitation)
        assert snapshots.refresh(here.tx, here.session().plan, AT_SIX + day * DAY)
        now = published.of_process(here.tx, 1)
        for cell in before.keys() | now.keys():
            change = abs(now.get(cell, 0) - before.get(cell, 0))
            assert change == 0 or change >= STEP, cell
        before = now


def test_two_made_up_visitors_see_nothing_between_two_mornings_and_one_who_only_says_yes_never_counts() -> None:
    here = town()
    published.keep_secret(here.tx, 1, SECRET)
    for _ in range(9):
        sent(here.tx, came(here.tx, stakeholder="politiker"))
    before = outlets(here, AT_SIX)
    for _ in range(2):
        sent(here.tx, came(here.tx, stakeholder="politiker"), at=AT_SIX + 1)
    assert outlets(here, snapshots.moment(AT_SIX) + DAY - 1) == before  # of the same morning until the next one
    for _ in range(50):
        came(here.tx, stakeholder="leder")
    snapshots.refresh(here.tx, here.session().plan, AT_SIX + DAY)
    assert ("", ("group", "leder")) not in published.of_process(here.tx, 1)
    assert service.look(here.tx, 1, FLOWS).cell("plan", ("group", "leder")).present.value == 50


def test_who_came_by_an_invitation_of_their_own_counts_and_who_came_by_a_public_link_does_not() -> None:
    here = town()
    published.keep_secret(here.tx, 1, SECRET)
    invitation = personal_invitation(here.tx)
    public = here.tx.insert(
        """INSERT INTO invitations (process_id, kind, code, code_hash, made_by, created_at)
           VALUES (1, 'campaign', 'c', 'c', 'operator', 0)"""
    )
    for group, by in (("frivillig", invitation), ("borger", public)):
        for _ in range(40):
            people.come_by(here.tx, came(here.tx, stakeholder=group), by)
    snapshots.refresh(here.tx, here.session().plan, AT_SIX)
    numbers = published.of_process(here.tx, 1)
    assert ("", ("group", "frivillig")) in numbers
    assert ("", ("group", "borger")) not in numbers


# --- when -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "of"),
    [
        ("2026-03-02 05:59", "2026-03-01 06:00"),
        ("2026-03-02 06:00", "2026-03-02 06:00"),
        ("2026-03-02 23:59", "2026-03-02 06:00"),
        ("2026-03-29 05:59", "2026-03-28 06:00"),  # the clocks are put forward at two
        ("2026-03-29 06:00", "2026-03-29 06:00"),
        ("2026-10-25 06:00", "2026-10-25 06:00"),
    ],
)
def test_numbers_are_of_six_in_the_morning(now: str, of: str) -> None:
    def utc(written: str) -> int:
        return schedule.to_utc(datetime.fromisoformat(written))

    assert snapshots.moment(utc(now)) == utc(of)


def test_whoever_looks_first_and_whenever_they_are_of_six_o_clock() -> None:
    def shown(first_look: int) -> list[Any]:
        here = town()
        published.keep_secret(here.tx, 1, SECRET)
        for _ in range(20):
            sent(here.tx, came(here.tx, stakeholder="borger"), at=NOW)
        for _ in range(20):
            sent(here.tx, came(here.tx, stakeholder="borger"), at=snapshots.moment(AT_SIX) + 1)
        return outlets(here, first_look)

    assert shown(snapshots.moment(AT_SIX)) == shown(AT_SIX + 12 * HOUR)


def test_they_stay_as_they_are_until_the_next_morning_also_when_everybody_erases_themselves() -> None:
    here = town()
    everybody = [came(here.tx, stakeholder="borger") for _ in range(40)]
    for person in everybody:
        sent(here.tx, person)
    before = outlets(here, AT_SIX)
    for person in everybody:
        people.erase(here.tx, person)
    assert outlets(here, AT_SIX + HOUR) == before
    outlets(here, AT_SIX + DAY)
    assert published.of_process(here.tx, 1) == {}


def test_by_a_clock_that_was_ahead_nothing_is_published_for_months() -> None:
    here = town()
    plan = here.session().plan
    assert snapshots.refresh(here.tx, plan, AT_SIX + 100 * DAY)
    assert snapshots.refresh(here.tx, plan, AT_SIX)
    assert not snapshots.refresh(here.tx, plan, AT_SIX + HOUR)
    assert published.taken_at(here.tx, 1) == snapshots.moment(AT_SIX)


# --- leader and steering group ----------------------------------------------------------------------------


def test_the_leader_is_told_what_the_steering_group_sees_and_why_it_is_not_the_same() -> None:
    here = town()
    published.keep_secret(here.tx, 1, SECRET)
    for group, number in (("frivillig", 30), ("ansat", 20)):
        for _ in range(number):
            sent(here.tx, came(here.tx, stakeholder=group))
    steering = coverage_panel.in_short(here.session(AT_SIX))
    leader = coverage_panel.in_short(town_of(here, Role.LEADER).session(AT_SIX))
    numbers = published.of_process(here.tx, 1)
    civil, municipal = (numbers["", ("side", side)] for side, _ in SIDES)
    assert steering[0] == (
        f"Deltagere i alt: {civil + municipal} personer\nForeninger, frivillige og borgere: {civil} personer\n"
        f"Kommunen: {municipal} personer"
    )
    assert leader[0] == (
        "Deltagere i alt: 50 personer\nForeninger, frivillige og borgere: 30 personer\nKommunen: 20 personer"
    )
    assert leader[-1].startswith(
        f"Styregruppen ser disse tal: {civil + municipal} i alt, {civil} fra foreninger, frivillige og borgere "
        f"og {municipal} fra kommunen. Tallene er fra tirsdag den 3. marts 2026 kl. 06.00."
    )
    assert steering[-1].startswith("Tallene er fra tirsdag den 3. marts 2026 kl. 06.00 og vises")


def town_of(here: Town, role: Role) -> Town:
    """The same town, seen by somebody else."""
    holder = people.add(here.tx, 1, f"holder-{role}", "da", NOW)
    people.enter(here.tx, "terminal", role, holder, NOW)
    people.grant(here.tx, holder, role, NOW)
    return Town(here.tx, here.process_host, role)


def test_the_advice_to_the_steering_group_is_of_published_numbers_alone_also_what_is_done() -> None:
    here = town()
    published.keep_secret(here.tx, 1, SECRET)
    for profile in (
        {"stakeholder": "politiker"},
        {"stakeholder": "ansat", "department": "boern_skole", "front": 1},
        {"stakeholder": "ansat", "department": "job_social", "front": 1},
        {"stakeholder": "frivillig"},
    ):
        sent(here.tx, came(here.tx, **profile), at=NOW)

    def done(*, small: bool) -> set[advice.Advice]:
        found = advice.checks(here.tx, here.session().plan, AT_SIX, small=small)
        return {check.advice for check in found if check.done}

    assert done(small=True) == {advice.Advice.FROM_THE_START, advice.Advice.STAFF, advice.Advice.POLITICIANS}
    assert done(small=False) == set()


def test_a_target_is_shown_beside_what_is_published() -> None:
    here = town()
    coverage_counters.set_target(here.tx, 1, "plan", "politiker", 20)
    assert snapshots.look(here.tx, here.session().plan, FLOWS, AT_SIX).cell("plan", ("group", "politiker")).target == 20


async def test_what_is_only_read_publishes_nothing_and_shows_the_last(tmp_path: Any) -> None:

    database = await Database.open(tmp_path / "besyv.db", keys())
    try:
        assert await database.write(lambda tx: tx.may_write)
        assert not await database.read(lambda tx: tx.may_write)
    finally:
        await database.close()
