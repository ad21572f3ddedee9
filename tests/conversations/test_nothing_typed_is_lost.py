"""Whatever people write, tap and get, in whichever order: each of their words is an answer, or waits to be one, or they
have been told that it is none. No word to a message becomes an answer that they have not said it is."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.dialogue import chat_message, dispatch
from bot.dialogue.chat_message import ChatMessage
from bot.dialogue.reply import Move, Reply, Screen, Tap, Verb
from bot.dialogue.session import Context, Visit
from bot.features import TABLES, process_file
from bot.features.identity import arrival
from bot.flows import content
from bot.flows.engine import Said
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from storage import held_words, prompts
from storage.db import Tx
from storage.sealed_columns import ANSWER, APART, HISTORY
from tests.support.bureau import NOW, OPEN, described
from tests.support.proven import proven
from tests.support.rows import standing
from tests.support.sealed import opened_in
from tests.support.sizes import examples

FILE = described(plan=OPEN)
ADDRESS = ("telegram", "700")
MESSAGE = Reply(language="da", screen=Screen.TEXT, moves=((Move(Verb.DECLINE, "Stop beskeder", 4711),),))
NOT_KEPT = ("Beskeden er ikke gemt", "Du kan ikke vælge det svar her")
WISHES = ("hjælp", "pause", "menneske", "ret", "mine", "stop")


def _begun() -> tuple[Tx, Context]:
    tx = standing(processes=())
    process_file.save(tx, FILE, shipped_flows(FILE), NOW)
    return tx, Context(ProcessHost(FILE.process), TABLES, proven)


class Chat(RuleBasedStateMachine):
    """One person at a step of questions in their own words, and messages that come in between."""

    @initialize()
    def comes(self) -> None:
        self.tx, self.context = _begun()
        self.now, self.number = NOW, 0
        self.written: list[str] = []  # everything that is no button's words
        self.to_message: set[str] = set()  # said to be no answer, or told that it is not kept
        self.doubtful: set[str] = set()  # written to a message, and not said to be an answer
        self.message: ChatMessage | None = None
        self.reply = self._does(lambda visit: arrival.start(self.tx, self.context, visit, "plan"))
        for label in ("Jeg er med", "Frivillig", "Idræt", "Nordby", "Ja"):
            self._taps(label)

    def _does(self, act: Callable[[Visit], Reply]) -> Reply:
        self.now += 30
        visit = Visit(channel=ADDRESS[0], address=ADDRESS[1], now=self.now, sent_at=self.now)
        reply = act(visit)
        if reply.number:
            prompts.mark_shown(self.tx, reply.person_id or 0, ADDRESS[0], reply.number, self.now, self.now)
            self.reply = reply
        return reply

    def _taps(self, label: str) -> None:
        move = next(move for move in self.reply.buttons if move.label == label)
        tap = Tap(self.reply.number, self.reply.revision, move.verb, move.place)
        self._does(lambda visit: dispatch.tapped(self.tx, self.context, visit, tap))

    def _says(self, text: str, replied: ChatMessage | None = None) -> None:
        self.number += 1
        what = Said(text, self.number)
        reply = self._does(lambda visit: dispatch.said(self.tx, self.context, visit, what, replied))
        if any(told in note for note in reply.notes for told in NOT_KEPT):
            self.to_message.add(text)

    @property
    def in_doubt(self) -> bool:
        return self.reply.screen == Screen.DOUBT

    # --- what happens ---------------------------------------------------------------------------------------

    @rule()
    def a_message_comes(self) -> None:
        self.now += 30
        self.message = chat_message.of_reply(MESSAGE, self.now)
        prompts.interrupt(self.tx, *ADDRESS, self.message.written())

    @rule()
    def writes(self) -> None:
        text = f"Tanke nummer {len(self.written)} om møder"
        before = self._interrupted()
        self.written.append(text)
        self._says(text)
        if before or self.in_doubt:
            self.doubtful.add(text)

    @precondition(lambda self: self.message is not None)
    @rule()
    def replies(self) -> None:
        text = f"Svar nummer {len(self.written)} til beskeden"
        self.written.append(text)
        self.doubtful.add(text)
        self._says(text, self.message)

    @rule(word=st.sampled_from(WISHES))
    def wishes(self, word: str) -> None:
        held = held_words.of_person(self.tx, 1)
        self._says(word)
        if held and held[0].wish is not None and len(held_words.of_person(self.tx, 1)) < len(held):
            self.doubtful -= {
                words.text for words in held
            }  # the same wish once more; what came behind it is the answer

    @rule(label=st.sampled_from(("Tilbage", "Færdig", "Spring over", "Stop og gem", "Fortsæt")))
    def goes_on(self, label: str) -> None:
        if label in [move.label for move in self.reply.buttons]:
            self._taps(label)

    @precondition(lambda self: self.in_doubt)
    @rule(place=st.sampled_from((0, 1)))
    def says_what_it_was(self, place: int) -> None:
        [(keep,), (other,)] = self.reply.moves
        held = {words.text for words in held_words.of_person(self.tx, 1)}
        is_wish = other.verb is Verb.WISH
        self._taps((keep, other)[place].label)
        if place == 0 or is_wish:
            self.doubtful -= held
        else:
            self.to_message |= held

    @rule()
    def comes_again(self) -> None:
        self._does(lambda visit: arrival.start(self.tx, self.context, visit, ""))

    # --- what must hold -------------------------------------------------------------------------------------

    def _interrupted(self) -> bool:
        prompt = prompts.last(self.tx, 1, ADDRESS[0])
        return prompt is not None and prompt.interrupted is not None

    def _answers(self) -> set[str]:
        """Every word that stands in an answer, or stood in one before it was changed."""
        read = (content.read(text) for column in (ANSWER, APART, HISTORY) for text in opened_in(self.tx, column))
        return {part.text for stored in read for part in stored.parts}

    @invariant()
    def each_word_is_an_answer_or_waits_or_was_told_to_be_none(self) -> None:
        if not hasattr(self, "tx"):
            return
        held = {words.text for words in held_words.of_person(self.tx, 1)}
        assert set(self.written) <= self._answers() | held | self.to_message

    @invariant()
    def no_word_in_doubt_is_an_answer(self) -> None:
        if hasattr(self, "tx"):
            assert self._answers() & self.doubtful == set()


TestChat = Chat.TestCase
TestChat.settings = settings(max_examples=examples(20), stateful_step_count=20, deadline=None)
