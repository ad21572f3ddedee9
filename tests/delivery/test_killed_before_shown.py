"""Killed between storing and showing: nothing is laid to a question that nobody has seen, and what is to be said is.

The bot as the process it is; its calls to Telegram are held until it is killed, before or after they were carried out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import texts
from tests.support.botapi import Fault, Person
from tests.support.world import READS, Bot, ForkServer, Told, brought_to, button, running, stored, stored_answers_of

SECOND, THIRD = "Hvem ville du gå til", "Har du inden for det seneste år"
SAID, MORE, ANSWER = "Da naboen skulle flytte sin sofa", "Og en dag i haven", "En bus om aftenen"
IN_DOUBT = "Forbindelsen var afbrudt, så jeg kan ikke se, om du havde læst spørgsmålet, da du skrev"
NOT_KEPT = "Det, du skrev, er ikke gemt."
TOO_EARLY = "Din besked kom, før spørgsmålet blev vist, og er ikke gemt."
MINUTE = 60
SPEED = 120.0  # a minute is half a second


async def killed(bot: Bot, act: Callable[[], object], *, shown: bool = False) -> None:
    """Acts; the bot stores what comes of it and is killed before it has shown that, or before it has noted that."""
    await bot.settled()
    bot.api.inject(Fault("sendMessage", until=asyncio.Event(), accepted=shown))
    act()
    await bot.until(lambda: bot.inbox().get("applied") == 1 and bot.api.faults == [], "applied, and about to be shown")
    await bot.kill()


async def passes(seconds: float) -> None:
    """So much of everybody's time."""
    await asyncio.sleep(seconds / SPEED)


def told(person: Person, words: str) -> int:
    return sum(words in seen.text for seen in person.sees() if seen.by_bot)


# --- words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answers", [True, False])
async def test_what_was_written_to_the_question_before_is_no_answer_to_one_that_was_never_shown(
    tmp_path: Path, fork_server: ForkServer, answers: bool
) -> None:
    """It is kept until they have said whether it is."""
    async with running(tmp_path, fork_server, speed=SPEED) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await killed(bot, lambda: stored_answers_of(anna, SAID))
        await passes(MINUTE)
        anna.says(MORE)
        anna.says(ANSWER)
        await passes(MINUTE)
        await bot.start()
        await anna.reads(until=f"Du skrev: {MORE}\n{ANSWER}")
        await bot.settled()
        assert anna.last.text.startswith(f"Er det dit svar?\n\n{IN_DOUBT}")
        assert SECOND in anna.last.text and anna.last.labels == [button("doubt-answer"), button("doubt-no")]
        assert stored(bot, anna) == {"B5": Told((SAID,))}
        anna.taps(button("doubt-answer" if answers else "doubt-no"))
        await anna.reads(until=THIRD if answers else NOT_KEPT)
        await bot.settled()
        told = {"B5": Told((SAID,)), "B3": Told((MORE, ANSWER))} if answers else {"B5": Told((SAID,))}
        assert stored(bot, anna) == told
        assert bot.sql("SELECT count(*) FROM held_words") == [(0,)]


async def test_more_of_the_same_thought_still_belongs_to_it(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server, speed=SPEED) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        at = anna.last.date + READS
        await killed(bot, lambda: anna.says(SAID, date=at))
        anna.says(MORE, date=at + 1)
        await passes(MINUTE)
        await bot.start()
        await anna.reads(until="Beskeden er føjet til dit forrige svar.")
        await bot.settled()
        assert stored(bot, anna) == {"B5": Told((SAID, MORE))}


async def test_whether_it_was_seen_cannot_be_known_and_so_it_is_asked(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server, speed=SPEED) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await killed(bot, lambda: stored_answers_of(anna, SAID), shown=True)
        assert SECOND in anna.last.text
        stored_answers_of(anna, ANSWER)
        await passes(MINUTE)
        await bot.start()
        await anna.reads(until=IN_DOUBT)
        await bot.settled()
        assert stored(bot, anna) == {"B5": Told((SAID,))}
        anna.taps(button("doubt-answer"))
        await anna.reads(until=THIRD)
        await bot.settled()
        assert stored(bot, anna) == {"B5": Told((SAID,)), "B3": Told((ANSWER,))}


async def test_what_tells_of_somebody_is_asked_about_after_the_kill_and_kept_once(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    """Killed before it was asked, and again before it was said that it is kept."""
    tells, asked = "Mød os om dagen, for min mor har demens", texts.say("da", "details.title")
    async with running(tmp_path, fork_server, speed=SPEED) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await killed(bot, lambda: anna.says(tells))
        assert told(anna, asked) == 0
        await bot.start()
        await anna.reads(until=asked)
        await bot.settled()
        assert (stored(bot, anna), bot.sql("SELECT reason FROM held_words")) == ({}, [("details",)])
        await killed(bot, lambda: anna.taps(button("details-keep")))
        await bot.start()
        await anna.reads(until="Hvem ville du gå til")
        await bot.settled()
        assert stored(bot, anna) == {"B5": Told((tells,))}
        assert bot.sql("SELECT count(*) FROM held_words") == [(0,)]


async def test_a_cpr_number_is_not_kept_in_doubt_either(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server, speed=SPEED) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await killed(bot, lambda: stored_answers_of(anna, SAID))
        await passes(MINUTE)
        anna.says("Mit nummer er 010203-1234")
        await passes(MINUTE)
        await bot.start()
        await anna.reads(until=texts.say("da", "refusal.cpr"))
        await bot.settled()
        assert bot.sql("SELECT count(*) FROM held_words") == [(0,)]


async def test_the_words_of_a_button_press_none_that_was_never_shown(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server, speed=SPEED) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await killed(bot, lambda: anna.taps(button("skip")))
        await passes(MINUTE)
        anna.says(button("skip"))
        await passes(MINUTE)
        await bot.start()
        await anna.reads(until=IN_DOUBT)
        await bot.settled()
        assert stored(bot, anna) == {"B5": Told()}


async def test_killed_again_and_again_it_stays_unseen(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server, speed=SPEED) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await killed(bot, lambda: stored_answers_of(anna, SAID))
        for _ in range(3):
            bot.api.inject(Fault("sendMessage", until=asyncio.Event()))
            await passes(MINUTE)
            await bot.start()
            await bot.until(lambda: bot.api.faults == [], "about to be shown")
            await bot.kill()
            anna.says(MORE)
        await passes(MINUTE)
        await bot.start()
        await anna.reads(until=f"Du skrev: {MORE}\n{MORE}\n{MORE}")
        await bot.settled()
        assert stored(bot, anna) == {"B5": Told((SAID,))}


async def test_what_could_not_be_shown_to_who_had_blocked_us_is_shown_before_it_is_answered(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        anna.taps(button("skip"))
        anna.chat.blocked = True
        await bot.settled()
        anna.chat.blocked = False
        anna.says(ANSWER, date=int(bot.clock()) + MINUTE)
        await anna.reads(until=TOO_EARLY)
        await bot.settled()
        assert SECOND in anna.last.text
        assert stored(bot, anna) == {"B5": Told()}


# --- notes ------------------------------------------------------------------------------------------------

LONG = "x" * 4001
REFUSED: dict[str, tuple[Callable[[Person], object], str]] = {
    "a CPR number": (lambda anna: stored_answers_of(anna, "010203-1234"), texts.say("da", "refusal.cpr")),
    "a picture": (lambda anna: anna.sends_photo(), texts.say("da", "said.not-text")),
    "what somebody else said": (lambda anna: anna.forwards("Skriv det her"), texts.say("da", "said.forwarded")),
    "a link that is none": (lambda anna: anna.starts("findes-ikke"), "Linket virker ikke"),
    "a command that is none": (lambda anna: anna.says("/findesikke"), texts.say("da", "said.unknown-command")),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_a_refusal_that_was_not_shown_is_shown_after_the_restart(
    tmp_path: Path, fork_server: ForkServer, what: str
) -> None:
    act, words = REFUSED[what]
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await killed(bot, lambda: act(anna))
        await bot.start()
        await anna.reads(until=words)
        await bot.settled()
        assert told(anna, words) == 1
        assert stored(bot, anna) == {}
        assert bot.sql("SELECT count(notes) FROM inbox") == [(0,)]


async def test_that_an_answer_was_corrected_is_said_after_the_restart(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        written = stored_answers_of(anna, SAID)
        await anna.reads(until=SECOND)
        await killed(bot, lambda: anna.edits(written, MORE))
        await bot.start()
        await anna.reads(until=texts.say("da", "said.corrected"))
        await bot.settled()
        assert stored(bot, anna) == {"B5": Told((MORE,))}


async def test_what_is_to_be_said_lies_in_no_file_in_the_clear(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await killed(bot, lambda: stored_answers_of(anna, "010203-1234"))
        refusal = texts.say("da", "refusal.cpr").encode()[:30]
        assert bot.sql("SELECT count(notes) FROM inbox") == [(1,)]
        assert not any(refusal in path.read_bytes() for path in bot.folder.glob("besyv.db*"))


async def test_what_was_stored_is_not_said_to_be_lost_though_they_went_on_elsewhere(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    """The question that was to be shown has been answered on another channel before the restart."""
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await killed(bot, lambda: stored_answers_of(anna, SAID))
        bot.change("UPDATE prompts SET question = 'B3'")
        await bot.start()
        await anna.reads(until=SECOND)
        await bot.settled()
        assert told(anna, "ikke gemt") == 0
        assert stored(bot, anna) == {"B5": Told((SAID,))}
