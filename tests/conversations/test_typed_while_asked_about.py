"""While it is asked whether something that tells of somebody is to stand, people go on writing: a further idea, more of
the same, «Færdig», «ja», «tilbage». Whatever they do and in whichever order, what counts afterwards is exactly what was
meant: ideas, and of those that tell of somebody the ones that were said to stand. A button's word is none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any, cast
from unittest import TestCase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot import texts
from bot.dialogue import commands, details, dispatch
from bot.dialogue.consent import Reached
from bot.dialogue.reply import FormWay, QuestionPage, Reply, Screen, Tap, Verb
from bot.dialogue.session import TERMINAL, WEB, Context, Display, Session, Visit, somebody
from bot.features import TABLES, process_file
from bot.features.answering.form import QuestionForm, question_page, submit
from bot.features.identity import arrival
from bot.flows import content
from bot.flows.engine import Answer, Filled, Said
from bot.flows.model import Language
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from storage import prompts
from storage.db import Tx, connect
from storage.encryption import Keyring
from storage.sealed_columns import ANSWER
from tests.support.bureau import NOW, OPEN, described
from tests.support.chat import Found, OnTelegram, Somebody, Town
from tests.support.pages import OnPages
from tests.support.proven import proven
from tests.support.rows import standing
from tests.support.sizes import examples

FILE = described(plan=OPEN)
IDEAS, WRITTEN = "P2", "P1"
ALONE = ("Jeg er med", "Frivillig", "Idræt", "Nordby", "Ja")
TOGETHER = ("Jeg er med", "Forening", "Vil ikke sige det", "Idræt", "Nordby", "Nej")
WORDS = {  # of buttons that do not stand there, and of commands that are none of what one may wish for
    "da": ("Færdig", "færdig", "Spring over", "Tilbage", "Fjern det sidste", "Fortryd", "Send", "Done", "3"),
    "en": ("Done", "done", "Skip", "Back", "Remove the last one", "Undo", "Send", "Continue", "Færdig", "3"),
}
PAUSES = ("pause", "Stop og gem", "Stop and save")
YES, NO = ("ja", "Ja tak", "yes"), ("nej", "no")


def idea(number: int) -> str:
    return f"Idé nummer {number} om møder"


def telling(number: int) -> str:
    return f"Ring 61 23 45 {number:02d}"


def _at_the_ideas(s: Session) -> Session:
    run = s.run_of("plan")
    if run is not None:
        s.take_up(run)
    return s


class Typing(RuleBasedStateMachine):
    """One person at a question of ideas, in a chat."""

    channel: str = "telegram"
    language: Language = "da"
    answers: tuple[str, ...] = ALONE
    tx: Tx
    context: Context

    @initialize()
    def comes(self) -> None:
        self.tx = standing(processes=())
        process_file.save(self.tx, FILE, shipped_flows(FILE), NOW)
        self.context = Context(ProcessHost(FILE.process), TABLES, proven)
        self.now, self.number = NOW, 0
        self.counts: list[str] = []  # what was meant as an answer, in any order
        self.waits: list[str] = []
        self.from_question = True  # they have come from the question to what is asked about
        self.reply = self._does(lambda visit: arrival.start(self.tx, self.context, visit, "plan"))
        for label in (*self.answers, "Mødes på biblioteket"):
            self._says(label)
        assert self.reply.at == ("plan", IDEAS), self.reply

    def _does(self, act: Callable[[Visit], Reply], *, late: bool = False) -> Reply:
        self.now += 30
        prompt = prompts.last(self.tx, 1, self.channel) if late else None
        visit = Visit(
            channel=self.channel,
            address="700",
            now=self.now,
            sent_at=self.now if prompt is None else prompt.shown_at - 1,
            language=self.language,
            prompt_seen=self.channel == TERMINAL,
        )
        reply = act(visit)
        if reply.number:
            prompts.mark_shown(self.tx, reply.person_id or 0, self.channel, reply.number, self.now, self.now)
            self.reply = reply
        return reply

    def _says(self, text: str, *, late: bool = False) -> Reply:
        self.number += 1
        what = Said(text, self.number)
        return self._does(lambda visit: dispatch.said(self.tx, self.context, visit, what), late=late)

    def _taps(self, verb: Verb) -> None:
        move = next(move for move in self.reply.buttons if move.verb is verb)
        tap = Tap(self.reply.number, self.reply.revision, move.verb, move.place)
        self._does(lambda visit: dispatch.tapped(self.tx, self.context, visit, tap))

    @property
    def is_asked(self) -> bool:
        return self.reply.screen == Screen.DOUBT

    @property
    def _takes_ideas(self) -> bool:
        return self.reply.screen == Screen.ASK or (self.is_asked and self.from_question)

    # --- what they do ---------------------------------------------------------------------------------------

    @precondition(lambda self: self._takes_ideas)
    @rule(tells=st.booleans(), late=st.booleans())
    def writes(self, tells: bool, late: bool) -> None:
        text = telling(self.number) if tells else idea(self.number)
        reply = self._says(text, late=late and self.is_asked)
        (self.waits if tells else self.counts).append(text)
        assert self.is_asked is bool(self.waits)
        if self.is_asked and not tells:
            assert any(text in note for note in reply.notes)  # they are told that it stands

    @precondition(lambda self: self.is_asked)
    @rule(data=st.data(), late=st.booleans())
    def writes_a_buttons_word(self, data: st.DataObject, late: bool) -> None:
        word = data.draw(st.sampled_from(WORDS[self.language]))
        reply = self._says(word, late=late)
        assert any(texts.quoted(self.language, word) in note for note in reply.notes)
        assert self.is_asked

    @precondition(lambda self: self.is_asked)
    @rule(keeps=st.booleans(), word=st.sampled_from(("", "label", *range(3))))
    def chooses(self, keeps: bool, word: str | int) -> None:
        verb = Verb.KEEP_DETAILS if keeps else Verb.REWRITE
        if word == "":
            self._taps(verb)
        elif word == "label":
            self._says(next(move.label for move in self.reply.buttons if move.verb is verb))
        else:
            said = YES if keeps else NO
            self._says(said[int(word) % len(said)])
        if keeps:
            self.counts += self.waits
        else:
            assert all(text in "\n".join(self.reply.notes) for text in self.waits)  # given back
        self.waits, self.from_question = [], True
        assert self.reply.at == ("plan", IDEAS)

    @precondition(lambda self: self.is_asked)
    @rule(word=st.sampled_from((*YES, *NO)))
    def says_yes_before_it_is_seen_what_is_asked(self, word: str) -> None:
        if self.channel != TERMINAL:
            assert any(word in note for note in self._says(word, late=True).notes)

    @precondition(lambda self: self.is_asked and self.waits)
    @rule(data=st.data(), tells=st.booleans())
    def presses_what_was_shown_before_more_came(self, data: st.DataObject, tells: bool) -> None:
        """A button of an earlier drawing settles nothing that has come since."""
        shown, verb = self.reply, data.draw(st.sampled_from((Verb.KEEP_DETAILS, Verb.REWRITE)))
        if self._takes_ideas:
            self.writes(tells=tells, late=False)
            self.reply = shown
            self._taps(verb)
            assert self.is_asked

    @precondition(lambda self: self.is_asked)
    @rule(word=st.sampled_from(PAUSES), idea_meanwhile=st.booleans())
    def takes_a_break(self, word: str, idea_meanwhile: bool) -> None:
        self._says(word)
        assert self.reply.screen == Screen.PAUSED
        if idea_meanwhile:
            assert self.reply.notes != self._says(idea(self.number)).notes  # it is said that it is not kept
        self._does(lambda visit: commands.run(self.tx, self.context, visit, "fortsaet"))
        assert self.is_asked
        self.from_question = False

    @precondition(lambda self: self.is_asked and not self.from_question)
    @rule()
    def writes_where_they_have_seen_no_question(self) -> None:
        assert any("/hjaelp" in note or "/help" in note for note in self._says(idea(self.number)).notes)

    # --- what must hold -------------------------------------------------------------------------------------

    @invariant()
    def what_counts_is_what_was_meant(self) -> None:
        if not hasattr(self, "reply"):
            return
        visit = Visit(channel=self.channel, address="700", now=self.now, sent_at=self.now)
        s = _at_the_ideas(somebody(self.tx, self.context, visit))
        found = details.waiting(s)
        stored, waiting = s.answers.get(IDEAS, Answer(IDEAS)), Answer(IDEAS) if found is None else found.new_words
        assert sorted(part.text for part in stored.parts) == sorted(self.counts)
        assert [part.text for part in waiting.parts] == self.waits
        assert [part.text for part in s.answers[WRITTEN].parts] == ["Mødes på biblioteket"]


def _machine(name: str, channel: str, language: Language, answers: tuple[str, ...]) -> type[TestCase]:
    made = cast(type[Typing], type(name, (Typing,), {"channel": channel, "language": language, "answers": answers}))
    case: Any = made.TestCase
    case.settings = settings(max_examples=examples(10), stateful_step_count=15, deadline=None)
    return cast(type[TestCase], case)


TestOnTelegram = _machine("OnTelegramAlone", "telegram", "da", ALONE)
TestOfAnAssociation = _machine("OnTelegramTogether", "telegram", "da", TOGETHER)
TestInTerminal = _machine("InTerminalAlone", TERMINAL, "da", ALONE)
TestInEnglish = _machine("InEnglish", "telegram", "en", TOGETHER)


# --- on pages -----------------------------------------------------------------------------------------------

WAYS = ("idea", "telling", "Færdig", "færdig", "Tilbage", "Done")  # a page has these without asking
PRESSED = (FormWay.STAY, FormWay.NEXT, FormWay.KEEP_STAY)
TYPED = st.sampled_from(
    ("idea", "telling", "Færdig", "færdig", "Tilbage", "Fjern det sidste", "Send", "Done", "Gem alligevel")
)


@given(steps=st.lists(st.tuples(TYPED, st.sampled_from(PRESSED)), max_size=8))
@settings(max_examples=examples(25), deadline=None)
def test_on_a_page_a_buttons_word_is_no_idea_and_none_waits_for_ever(steps: list[tuple[str, FormWay]]) -> None:
    tx = standing(processes=())
    process_file.save(tx, FILE, shipped_flows(FILE), NOW)
    context = Context(ProcessHost(FILE.process), TABLES, proven)
    visit = Visit(channel=WEB, address="anna", now=NOW, sent_at=NOW, display=Display.PAGES)
    arrival.start(tx, context, visit, "plan")
    for label in (*ALONE, "Mødes på biblioteket"):
        dispatch.said(
            tx, context, Visit(channel=WEB, address="anna", now=NOW, sent_at=NOW, prompt_seen=True), Said(label)
        )

    def page() -> QuestionPage:
        found = question_page(somebody(tx, context, visit), "plan", IDEAS)
        assert found is not None
        return found

    def fields(shown: QuestionPage) -> list[str]:
        return [part.text for part in shown.ask.answer.parts] if shown.ask.answer is not None else []

    shown, typed, kept = page(), fields(page()), set[str]()
    ideas: list[str] = []
    for number, (what, way) in enumerate(steps):
        asked = bool(shown.offers)
        what = what if asked or what in WAYS else "idea"
        text = {"idea": idea(number), "telling": telling(number)}.get(what, what)
        ideas += [text] if what in ("idea", "telling") else []
        filled = Filled((*typed, text), done=way is FormWay.NEXT)
        outcome = submit(tx, context, visit, QuestionForm("plan", IDEAS, shown.seen, filled, way), _nobody)
        if way is FormWay.KEEP_STAY and asked and not isinstance(outcome, QuestionPage):
            kept |= {each for each in ideas if each.startswith("Ring")}
        shown = outcome if isinstance(outcome, QuestionPage) else page()
        typed = (
            [each for each in (*filled.texts,) if each in ideas] if isinstance(outcome, QuestionPage) else fields(shown)
        )
        s = _at_the_ideas(somebody(tx, context, visit))
        stored = [part.text for part in s.answers.get(IDEAS, Answer(IDEAS)).parts]
        found = details.waiting(s)
        waiting = [] if found is None else [part.text for part in found.answer.parts]
        assert set(stored) <= set(ideas) and set(waiting) <= set(ideas)  # no button's word
        assert {each for each in stored if each.startswith("Ring")} <= kept  # none that was not said to stand
        assert set(ideas) <= {*stored, *waiting, *typed}  # nothing is lost


def _nobody(_s: Session, _agrees: bool) -> Reached:
    return Reached()


# --- with their phone, at the keyboard, in a browser ----------------------------------------------------------

everywhere = pytest.mark.parametrize("channel", ["telegram", "terminal", "web"])
in_chats = pytest.mark.parametrize("channel", ["telegram", "terminal"])
KEEP, FIX, NAME, NEXT = "Gem alligevel", "Ret", "Spørg Hanne Mortensen", "Lav et møde i hallen"


async def at_the_ideas(town: Town) -> Somebody:
    anna = town.somebody("Anna")
    await anna.says("/start plan")
    for label in ALONE:
        await anna.taps(label)
    await anna.says("Mødes på biblioteket")
    anna.sees()
    return anna


async def shows(anna: Somebody, text: str, after: int = 7) -> str:
    await anna.says(text, after)
    return "\n".join(anna.sees())


def into_the_empty_field(anna: Somebody) -> None:
    """On a page they go on writing, and do not correct what is asked about."""
    if isinstance(anna, OnPages):
        anna.refused = None


async def presses(anna: Somebody, label: str) -> str:
    await anna.taps(label)
    return "\n".join(anna.sees())


def stored(town: Town, flow: str = "plan") -> dict[str, list[str]]:
    keys = Keyring.open_or_create(town.folder / "besyv.key")
    with closing(connect(town.folder / "besyv.db")) as connection:
        rows = connection.execute(
            """SELECT question, content, run_id, question, answers.revision FROM answers JOIN runs ON runs.id = run_id
               WHERE flow = ? ORDER BY answers.id""",
            (flow,),
        ).fetchall()
    return {
        question: [part.text for part in content.read(keys.open(ANSWER.at(*key), said)).parts]
        for question, said, *key in rows
    }


def ideas_of(town: Town) -> list[str]:
    return stored(town).get(IDEAS, [])


@everywhere
@pytest.mark.parametrize("choice", [KEEP, FIX])
async def test_a_further_idea_and_done_while_it_is_asked_also_after_a_restart(
    found: Found, channel: str, choice: str
) -> None:
    async with found(steps="plan", channel=channel) as town:
        anna = await at_the_ideas(town)
        await shows(anna, NAME)
        into_the_empty_field(anna)
        await shows(anna, NEXT)
        into_the_empty_field(anna)
        assert ideas_of(town) == ([] if channel == "web" else [NEXT])
        if channel != "terminal":
            await town.down()
            await town.up()
        told = await shows(anna, "Færdig")
        assert NAME not in ideas_of(town) and "Færdig" not in ideas_of(town)
        assert isinstance(anna, OnPages) or "»Færdig« er ikke gemt" in told
        await presses(anna, choice)
        if isinstance(anna, OnPages) and choice == FIX:
            return  # the words stand in their fields
        assert sorted(ideas_of(town)) == sorted([NAME, NEXT] if choice == KEEP else [NEXT])


async def test_what_came_before_it_was_seen_what_is_asked_is_an_idea_and_done_is_none(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await at_the_ideas(town)
        await anna.says(NAME)
        await anna.says(NEXT, 0)
        await anna.says("Færdig", 0)
        assert "»Færdig« er ikke gemt" in "\n".join(anna.sees())
        assert ideas_of(town) == [NEXT]
        await presses(anna, KEEP)
        assert ideas_of(town) == [NAME, NEXT]


async def test_a_button_written_too_early_is_no_more_of_the_answer_before(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = town.somebody("Anna")
        await anna.says("/start plan")
        for label in ALONE:
            await anna.taps(label)
        await anna.says("Mødes på biblioteket")
        await anna.says("og i hallen", 0)
        assert "ikke gemt" in await shows(anna, "Spring over", 0)
        assert stored(town)[WRITTEN] == ["Mødes på biblioteket", "og i hallen"]


@in_chats
async def test_what_asks_about_a_choice_takes_no_other_choice_for_its_words(found: Found, channel: str) -> None:
    async with found(steps="plan", channel=channel) as town:
        anna = town.somebody("Anna")
        await anna.says("/start plan")
        for label in ALONE[:2]:
            await anna.taps(label)
        await anna.says("Hjælper Hanne Mortensen")
        assert "»Idræt« er ikke gemt" in await shows(anna, "Idræt")
        await presses(anna, KEEP)
        assert stored(town, "start")["S3"] == ["Hjælper Hanne Mortensen"]


async def test_an_idea_that_stands_is_corrected_while_another_waits(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await at_the_ideas(town)
        assert isinstance(anna, OnTelegram)
        await shows(anna, NEXT)
        await shows(anna, NAME)
        await anna.edits(NEXT, "Lav to møder i hallen")
        assert ideas_of(town) == ["Lav to møder i hallen"]
        await presses(anna, FIX)
        assert ideas_of(town) == ["Lav to møder i hallen"]


async def test_an_idea_made_harmless_while_another_waits_stands(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await at_the_ideas(town)
        assert isinstance(anna, OnTelegram)
        await shows(anna, NAME)
        await shows(anna, telling(67))
        await anna.edits(NAME, "Spørg os")
        assert ideas_of(town) == ["Spørg os"]
        await presses(anna, FIX)
        assert ideas_of(town) == ["Spørg os"]


@in_chats
async def test_words_in_doubt_take_no_buttons_words_with_them(found: Found, channel: str) -> None:
    async with found(steps="plan", channel=channel) as town:
        anna = await at_the_ideas(town)
        assert "Er det dit svar?" in await shows(anna, "hjælp")
        assert "»Færdig« er ikke gemt" in await shows(anna, "Færdig")
        await presses(anna, "Det er mit svar")
        assert ideas_of(town) == ["hjælp"]
