"""Each thing is computed once: what one act draws, loads and asks, counted while it runs.

A kept value that is computed once must also be forgotten when it no longer holds: that is shown here, too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random

import pytest

from bot.dialogue.session import Session, Visit
from bot.features import process_file
from bot.flows import engine
from bot.flows.engine import Answer, Finished, Kept, Picked, Reopened, Said, Skipped, Turn, WentBack
from bot.flows.model import RESPONDENTS, Question
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from bot.process.plan import START
from storage import people
from storage.db import Tx
from storage.encryption import Keyring
from tests.support.bureau import NOW, OPEN, Bureau, described
from tests.support.counting import CountedDatabase
from tests.support.sizes import examples

# --- the path ---------------------------------------------------------------------------------------------


def turn(chance: Random, question: Question | None, flow: tuple[Question, ...]) -> Turn:
    """Anything that somebody may do there."""
    places = len(question.keys) if question is not None else 1
    likely: list[Turn] = [Picked(chance.randrange(max(places, 1))), Said("ja"), Said("Noget helt andet"), Finished()]
    return chance.choice([*likely, *likely, Skipped(), Kept(), WentBack(), Reopened(chance.choice(flow).id)])


async def test_the_path_that_a_session_keeps_is_always_that_of_its_answers(bureau: Bureau) -> None:
    """Whatever is answered, taken back or changed, in every flow, by everybody. Who they are changes, too."""

    def walked(tx: Tx, seed: int) -> int:
        plan, chance = bureau.process_host.plan(tx), Random(seed)
        changes = 0
        for number, (key, who) in enumerate((key, who) for key in plan.flows for who in RESPONDENTS):
            known = people.by_id(tx, people.add(tx, plan.process_id, f"{chance.random()}{number}", "da", NOW))
            assert known is not None
            if key != START:
                known = replace(known, stakeholder=who.group, front=int(who.front))
            people.set_profile(tx, known)
            s = Session(
                tx=tx,
                context=bureau.context,
                visit=Visit("telegram", "", NOW, NOW),
                plan=plan,
                person=known,
                prompt=None,
            )
            s.begin(key, 1)
            for _ in range(25):
                before = s.path
                done = turn(chance, s.open_question, s.flow.questions)
                outcome = engine.take_turn(s.flow, s.respondent, s.answers, done, s.path)
                if isinstance(outcome, Answer):
                    s.save(outcome)
                assert s.path == engine.path(s.flow, s.respondent, s.answers), (key, who, done, outcome)
                changes += s.path != before
        return changes

    changes = [await bureau.database.write(partial(walked, seed=seed)) for seed in range(examples(4))]
    assert min(changes) > 20


@pytest.fixture
async def bureau(tmp_path: Path) -> AsyncIterator[Bureau]:
    file = described(plan=OPEN, dialog_frivillige=OPEN)
    database = await CountedDatabase.open(tmp_path / "besyv.db", Keyring.open_or_create(tmp_path / "besyv.key"))
    await database.write(lambda tx: process_file.save(tx, file, shipped_flows(file), NOW))
    yield Bureau(database, ProcessHost(file.process, "https://besyv.example"), tmp_path / "besyv.db")
    await database.close()
