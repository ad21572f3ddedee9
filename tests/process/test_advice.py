"""Advice from the guide as checks: what makes each of them true, and what is not enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from bot.features.coverage import advice
from bot.features.coverage.advice import Advice
from bot.flows import schedule
from bot.process.file import ProcessFile
from bot.process.plan import Plan
from storage import people, register, runs
from storage.db import Tx
from storage.register import NewParty
from storage.step_overrides import StepOverride
from tests.support.example import of_example, planned
from tests.support.rows import NOW, came, sent, standing

DAY = 86_400
STEP_2 = NOW // DAY * DAY - 10 * DAY  # begins at midnight
Happening = Callable[[Tx], object]


@dataclass(frozen=True)
class On:
    """Somebody on the steering group, by whom they stand for and whom they answer as."""

    stands_for: str | None
    answers_as: str | None = None

    def __call__(self, tx: Tx) -> None:
        people.grant(tx, came(tx, stakeholder=self.answers_as), "steering", NOW, self.stands_for)


def says(flow: str = "plan", at: int = NOW, **profile: Any) -> Happening:
    """Somebody who has sent a step."""
    return lambda tx: sent(tx, came(tx, **profile), flow, at)


def only_begins(**profile: Any) -> Happening:
    return lambda tx: runs.start(tx, came(tx, **profile), "plan", 1, NOW)


def is_listed(tx: Tx) -> None:
    register.put(tx, 1, NewParty(name="Spejderne", folded="spejderne", kind="forening", source="by-hand"), NOW)


VOLUNTEER = partial(says, stakeholder="frivillig")
TEACHER = partial(says, stakeholder="ansat", department="boern_skole", front=1)
LIBRARIAN = partial(says, stakeholder="ansat", department="kultur_fritid", front=0)
SMALL_CLUB, LARGE_CLUB = says(stakeholder="forening", size="10-24"), says(stakeholder="forening", size="100+")

DONE: dict[Advice, list[tuple[Happening, ...]]] = {
    Advice.STEERING: [
        (On("frivillig"), On("leder")),
        (On("frivillig"), On("forening"), On("politiker")),
        (On(None, "frivillig"), On(None, "ansat")),  # nobody wrote down whom they stand for
    ],
    Advice.FROM_THE_START: [
        (VOLUNTEER(at=STEP_2 - DAY),),
        (says(at=STEP_2 - 1, stakeholder="forening"),),
    ],
    Advice.MAPPED: [(is_listed, SMALL_CLUB, VOLUNTEER())],
    Advice.STAFF: [(TEACHER(), LIBRARIAN())],
    Advice.POLITICIANS: [(says(stakeholder="politiker"),), (says("borger", stakeholder="politiker"),)],
    Advice.ACROSS: [
        (TEACHER("linjer"), LIBRARIAN("linjer")),
        (TEACHER("linjer"), says("linjer", stakeholder="leder", department="job_social")),
    ],
}

NOT_DONE: dict[Advice, list[tuple[Happening, ...]]] = {
    Advice.STEERING: [
        (),
        (On("frivillig"), On("forening")),  # one side alone
        (On("leder"), On("politiker")),
        (On("forening"), On("leder")),  # no volunteers
        (On("leder", "frivillig"), On("leder")),  # stands for another than they answer as
        (On(None), On(None)),
    ],
    Advice.FROM_THE_START: [
        (),
        (VOLUNTEER(at=STEP_2),),  # asked when it had begun
        (VOLUNTEER(at=NOW - 1),),
        (says(at=STEP_2 - DAY, stakeholder="leder"),),
        (VOLUNTEER("borger", at=STEP_2 - DAY),),  # asked, but not how the process should be
    ],
    Advice.MAPPED: [
        (SMALL_CLUB, VOLUNTEER()),  # no register
        (is_listed, VOLUNTEER()),
        (is_listed, SMALL_CLUB),
        (is_listed, LARGE_CLUB, VOLUNTEER()),  # none of the small ones
        (is_listed, says(stakeholder="forening", size="ved_ikke"), VOLUNTEER()),
        (is_listed, SMALL_CLUB, only_begins(stakeholder="frivillig")),
    ],
    Advice.STAFF: [
        (TEACHER(), TEACHER()),  # one department
        (LIBRARIAN(), says(stakeholder="ansat", department="job_social", front=0)),  # nobody who meets citizens
        (LIBRARIAN(), says(stakeholder="ansat", department="job_social", front=None)),
        (TEACHER(), says(stakeholder="ansat", department=None)),  # which other one, nobody knows
        (TEACHER(), says(stakeholder="ansat", department="vil_ikke_svare")),
        (TEACHER(), says(stakeholder="leder", department="kultur_fritid")),  # a leader is not staff
        (TEACHER(), only_begins(stakeholder="ansat", department="kultur_fritid")),
    ],
    Advice.POLITICIANS: [(), (only_begins(stakeholder="politiker"),), (says("start", stakeholder="politiker"),)],
    Advice.ACROSS: [
        (TEACHER("plan"), LIBRARIAN("plan")),  # in another step
        (TEACHER("linjer"), TEACHER("linjer")),
        (TEACHER("linjer"), LIBRARIAN("plan")),
    ],
}


def opened(at: int | None) -> Plan:
    """The example with step 2 open from then on, or for as long as there has been anything."""
    file, moment = of_example(), None
    if at is not None:
        moment = f"{schedule.to_local(at):%Y-%m-%d %H:%M}"
    steps = [{"flow": "plan"}, {"flow": "linjer", "opens": moment}, {"flow": "borger"}]
    return planned(ProcessFile.model_validate({**file.model_dump(mode="json"), "steps": steps}))


STEP_2_BY_FILE = opened(STEP_2)
STEP_2_ALWAYS = opened(None)


def is_done(which: Advice, happenings: tuple[Happening, ...], of: Plan = STEP_2_BY_FILE) -> bool:
    tx = standing(processes=(1, 2))
    for happens in happenings:
        happens(tx)
    [check] = [check for check in advice.checks(tx, of, NOW, small=True) if check.advice is which]
    return check.done


@pytest.mark.parametrize(("which", "happenings"), [(which, each) for which, all_ in DONE.items() for each in all_])
def test_it_has_happened(which: Advice, happenings: tuple[Happening, ...]) -> None:
    assert is_done(which, happenings)


@pytest.mark.parametrize(("which", "happenings"), [(which, each) for which, all_ in NOT_DONE.items() for each in all_])
def test_it_has_not_happened(which: Advice, happenings: tuple[Happening, ...]) -> None:
    assert not is_done(which, happenings)


def test_all_of_the_advice_is_checked_in_the_guides_order() -> None:
    assert [check.advice for check in advice.checks(standing(), STEP_2_BY_FILE, NOW, small=True)] == list(Advice)


# --- before step 2 ----------------------------------------------------------------------------------------

ASKED = VOLUNTEER(at=STEP_2 - DAY)


def by_hand(state: str, at: int, audience: str = "") -> Plan:
    """Step 2 decided on by hand, before the file would open it."""
    return replace(opened(NOW + DAY), changes=(StepOverride("linjer", audience, state, at, at, "p", ""),))


@pytest.mark.parametrize("audience", ["", "ansat", "frivillig"])
def test_who_opens_step_2_by_hand_has_begun_it_also_for_one_group(audience: str) -> None:
    assert is_done(Advice.FROM_THE_START, (ASKED,), by_hand("open", STEP_2, audience))
    assert not is_done(Advice.FROM_THE_START, (VOLUNTEER(at=STEP_2 + DAY),), by_hand("open", STEP_2, audience))
    assert is_done(Advice.FROM_THE_START, (VOLUNTEER(at=STEP_2 + DAY),), by_hand("reading", STEP_2, audience))


def test_where_step_2_has_no_opening_it_begins_with_the_first_who_begins_on_it() -> None:
    first = says("linjer", at=STEP_2, stakeholder="ansat")
    assert is_done(Advice.FROM_THE_START, (ASKED, first), STEP_2_ALWAYS)
    assert not is_done(Advice.FROM_THE_START, (VOLUNTEER(at=STEP_2 + DAY), first), STEP_2_ALWAYS)
    assert is_done(Advice.FROM_THE_START, (VOLUNTEER(at=STEP_2 + DAY),), STEP_2_ALWAYS)  # nobody has begun


def test_an_earlier_beginning_than_the_files_counts() -> None:
    tried_out = says("linjer", at=STEP_2 - 2 * DAY, stakeholder="leder")
    assert not is_done(Advice.FROM_THE_START, (ASKED, tried_out))


def test_step_2_ahead_leaves_time_to_ask() -> None:
    assert is_done(Advice.FROM_THE_START, (VOLUNTEER(at=NOW - 1),), opened(NOW + DAY))
    assert not is_done(Advice.FROM_THE_START, (), opened(NOW + DAY))


def test_other_processes_do_not_count() -> None:
    def elsewhere(tx: Tx) -> None:
        sent(tx, came(tx, 2, stakeholder="politiker"))
        sent(tx, came(tx, 2, stakeholder="frivillig"), at=STEP_2 - DAY)

    assert not is_done(Advice.POLITICIANS, (elsewhere,))
    assert not is_done(Advice.FROM_THE_START, (elsewhere,))
