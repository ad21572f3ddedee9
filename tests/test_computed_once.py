"""Each thing is computed once: what one act draws, loads and asks, counted while it runs.

A kept value that is computed once must also be forgotten when it no longer holds: that is shown here, too.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random

import pytest

from bot.app.jobs import enqueue_everything
from bot.channels.web import server
from bot.channels.web.context import WebContext
from bot.dialogue.reply import Screen
from bot.dialogue.session import Session, Visit
from bot.features import process_file
from bot.flows import engine
from bot.flows.engine import Answer, Finished, Kept, Picked, Reopened, Said, Skipped, Turn, WentBack
from bot.flows.model import RESPONDENTS, Group, Question
from bot.handlers.web.routes import application
from bot.process.file import MeetingEntry
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from bot.process.plan import START, State
from storage import people, step_overrides
from storage.db import Tx
from storage.encryption import Keyring
from storage.step_overrides import StepOverride
from tests.support.bureau import NOW, OPEN, VOLUNTEER, Bureau, described
from tests.support.counting import CountedDatabase, Counts
from tests.support.pages import Browser, Page
from tests.support.sizes import examples
from tests.support.visitors import Fields, notes_are_told, posted

HOUR = 3600
MEETING = MeetingEntry(key="moede", title="Dialogmøde", place="Hallen", starts=datetime(2026, 3, 24, 19))


@pytest.fixture
async def bureau(tmp_path: Path) -> AsyncIterator[Bureau]:
    """Two steps are open, one of them for long; the hearing is to come, and a meeting."""
    hearing = ("2026-05-01 08:00", "2026-06-01 12:00")
    file = described(plan=(None, "2026-04-10 12:00"), dialog_frivillige=OPEN, hoering=hearing)
    file = file.model_copy(update={"meetings": (MEETING,)})
    database = await CountedDatabase.open(tmp_path / "besyv.db", Keyring.open_or_create(tmp_path / "besyv.key"))
    await database.write(lambda tx: process_file.save(tx, file, shipped_flows(file), NOW))
    yield Bureau(database, ProcessHost(file.process, "http://besyv.example"), tmp_path / "besyv.db")
    await database.close()


def database_of(bureau: Bureau) -> CountedDatabase:
    assert isinstance(bureau.database, CountedDatabase)
    return bureau.database


# --- one act ----------------------------------------------------------------------------------------------

Act = Callable[[], Awaitable[object]]


async def counted(database: CountedDatabase, act: Act) -> Counts:
    database.taken()
    await act()
    return database.taken()


def figures(counts: Counts) -> tuple[int, int, int]:
    """Screens drawn, paths, statements. The session is loaded once in every act, and no timetable is made."""
    assert (counts.calls["loads"], counts.calls["timetables"]) == (1, 0)
    return len(counts.drawn), counts.calls["paths"], len(counts.statements)


# What was, where it is left, and what comes; one path, or two where the answer decides which questions there are. One
# statement of an answer asks whose key seals it (storage.person_keys), one more gives them a key with the first.
IN_CHAT: dict[str, tuple[str, tuple[int, int, int]]] = {
    "who one answers as, which decides whom the questions are for": ("* Frivillig", (2, 2, 16)),
    "one choice": ("* Idræt", (2, 1, 11)),
    "one choice, written": ("> Nordby", (1, 1, 11)),
    "the last start question, and into the only step": ("* Nej", (2, 2, 21)),
    "a typed answer": ("> Kom ud til os", (1, 1, 8)),
    "an idea, to which more may come": ("> Ring til os", (1, 1, 8)),
    "«Færdig» under ideas": ("* Færdig", (2, 1, 8)),
    "another idea": ("> Hvem rydder op?", (1, 1, 8)),
    "«Færdig», written": ("> Færdig", (2, 1, 8)),
    "a box ticked": ("* ☐ Møde om aftenen", (1, 1, 8)),
    "another": ("* ☐ Møde om dagen", (1, 1, 8)),
    "«Færdig» under boxes": ("* Færdig", (2, 1, 8)),
    "«Tilbage»": ("* Tilbage", (2, 1, 8)),
    "«Færdig» again": ("* Færdig", (2, 1, 8)),
    "a choice on which another question depends": ("* Nej", (2, 2, 8)),
    "«Spring over», to the review": ("* Spring over", (2, 1, 8)),
    "words that are no button": ("> Hvad nu?", (1, 1, 5)),
    "a correction, from the review": ("* Ret 2", (2, 1, 8)),
    "back to the review": ("* Færdig", (2, 1, 8)),
    "«Send»": ("* Send", (2, 1, 20)),
    "from what was sent on into the next step: a path of each": ("/fortsaet", (1, 2, 13)),
}


async def test_an_act_in_chat_draws_what_was_and_what_comes_and_computes_one_path(bureau: Bureau) -> None:
    anna = bureau.person()
    await anna.joins(payload="plan")
    found = {}
    for name, (act, _) in IN_CHAT.items():
        mark, words = act[0], act[2:]
        does = {"*": partial(anna.taps, words), ">": partial(anna.says, words), "/": partial(anna.types, act[1:])}[mark]
        found[name] = (act, figures(await counted(database_of(bureau), does)))
    assert found == IN_CHAT


async def test_a_stale_tap_draws_what_is_and_a_menu_leads_into_a_step(bureau: Bureau) -> None:
    database, anna = database_of(bureau), bureau.person()
    await anna.joins("Frivillig", "Idræt", "Nordby")
    last = await counted(database, partial(anna.says, "Nej"))  # the menu tells of both steps how many questions
    assert anna.seen is not None
    menu, [[plan], *_] = anna.seen, anna.seen.moves
    into = await counted(database, partial(anna.taps, plan.label))
    at_question, anna.seen = anna.seen, menu
    stale = await counted(database, partial(anna.taps, plan.label))
    resumed = await counted(database, partial(anna.types, "fortsaet"))
    assert anna.seen.screen == at_question.screen == Screen.ASK
    assert [figures(each) for each in (last, into, stale, resumed)] == [(1, 3, 15), (2, 3, 10), (1, 1, 6), (1, 1, 6)]


async def test_what_members_have_said_is_one_statement_however_many_they_are(bureau: Bureau) -> None:
    database, karl = database_of(bureau), bureau.person("1")
    await karl.joins("Forening", "Vil ikke svare", "Vil ikke svare", "Vil ikke svare", "Nej", payload="plan")
    await karl.opens("sammen/begynd/plan")
    await karl.types("fortsaet")
    [(code,)] = await database.read(lambda tx: [tuple(row) for row in tx.all("SELECT code FROM joints")])
    statements = []
    for number in range(3):
        member = bureau.person(f"member {number}")
        await member.joins("Frivillig", "Idræt", "Nordby", "Nej", payload=code)
        await member.taps("Ja, det må de gerne")
        await member.says(f"Kom ud til os {number}")
        statements.append(figures(await counted(database, partial(karl.types, "fortsaet")))[2])
    assert len(set(statements)) == 1


# --- on pages ---------------------------------------------------------------------------------------------


@pytest.fixture
async def browser(bureau: Bureau, port: int) -> AsyncIterator[Browser]:
    """Of somebody who has come for the step «plan», said yes and stands at the first question."""
    web = WebContext(database=bureau.database, context=bureau.context, clock=lambda: NOW)
    stop, browser = asyncio.Event(), Browser(f"http://127.0.0.1:{port}", "da")
    serving = asyncio.create_task(server.serve(application(web), server.bind("127.0.0.1", port), stop))
    browser.session.headers["Host"] = "besyv.example"  # its web address, which nothing leads to here
    page = await browser.get("/i/plan")
    [yes] = [control for control in page.buttons() if control.label == "Jeg er med"]
    await browser.press(page, yes.element)
    yield browser
    await browser.close()
    stop.set()
    await serving


# The answer, and the page that it leads to: drawn there, and only there.
ON_PAGES: dict[str, tuple[Fields, tuple[int, int, int], tuple[int, int, int]]] = {
    "who one answers as": ([("choice", "0"), ("do", "next")], (0, 2, 17), (1, 1, 8)),
    "one choice": ([("choice", "0"), ("do", "next")], (0, 1, 12), (1, 1, 8)),
    "without an answer": ([("do", "skip")], (0, 1, 12), (1, 1, 10)),
    "into the only step": ([("choice", "1"), ("do", "next")], (0, 2, 27), (1, 1, 8)),  # says something
    "a typed answer": ([("text", "Kom ud til os"), ("do", "next")], (0, 1, 10), (1, 1, 8)),
    "an idea, and one more": ([("text", "Ring til os"), ("do", "stay")], (0, 1, 9), (1, 1, 8)),
    "«Tilbage»": ([("text", ""), ("do", "back")], (0, 1, 9), (1, 1, 8)),
    "on from there": ([("do", "next")], (0, 1, 10), (1, 1, 8)),
}


async def test_on_pages_an_answer_draws_nothing_and_the_page_it_leads_to_one_question(
    bureau: Bureau, browser: Browser
) -> None:
    database, page, found = database_of(bureau), await browser.get("/"), {}
    for name, (fields, *_) in ON_PAGES.items():
        given = await counted(database, partial(posted_by, browser, page, fields))
        page = await browser.get("/")
        await notes_are_told(lambda: bureau.rows("page_notes"))
        seen = await counted(database, partial(browser.get, page.url))
        found[name] = (fields, figures(given), figures(seen))
    assert found == ON_PAGES


async def posted_by(browser: Browser, page: Page, fields: Fields) -> None:
    """The page's question form, with these fields in place of its own; where it leads is not gone to."""
    assert page.form is not None
    names = {name for name, _ in fields}
    kept = [(name, value) for name, value in page.form.form_values() if name not in names]
    status, *_ = await posted(browser, page.form.get("action", ""), [*kept, *fields])
    assert status == 303


# --- a look for what is due -------------------------------------------------------------------------------


async def test_a_look_at_which_nothing_is_due_asks_nothing_per_step_and_group(bureau: Bureau) -> None:
    database = database_of(bureau)
    await bureau.person().joins(*VOLUNTEER)
    look = partial(database.write, lambda tx: enqueue_everything(tx, bureau.process_host, NOW + HOUR))
    first, *more = [await counted(database, look) for _ in range(3)]
    assert (first.calls["paths"], first.calls["timetables"], max(first.asked.values())) == (0, 0, 1)
    assert {name for name, _, _ in first.asked} == {"closings", "asks"}  # the deadlines are planned, in one pass
    for counts in more:
        assert (counts.asked, counts.drawn, counts.calls["paths"], counts.calls["timetables"]) == (Counter(), [], 0, 0)
        assert len(counts.statements) == 12  # one of them: which budgets are used up


async def test_timetables_are_made_when_the_plan_is_read_one_for_each_step_and_audience(bureau: Bureau) -> None:
    database, host = database_of(bureau), ProcessHost("eksempel")
    read, known = [await counted(database, partial(database.read, host.plan)) for _ in range(2)]
    plan = await database.read(host.plan)
    steps = {*plan.flows, *(step.flow for step in plan.file.steps)} - {START}
    assert (read.calls["timetables"], read.calls["paths"]) == (len(steps), 0)
    assert (known.calls["timetables"], known.asked, len(known.statements)) == (0, Counter(), 1)
    change = StepOverride("plan", Group.FORENING, State.CLOSED, NOW, NOW, "pseudonym", "fordi")
    await database.write(lambda tx: step_overrides.add(tx, plan.process_id, change))
    changed = await counted(database, partial(database.read, host.plan))
    assert changed.calls["timetables"] == len(steps) + 1


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
                visit=Visit(channel="telegram", address="", now=NOW, sent_at=NOW),
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
