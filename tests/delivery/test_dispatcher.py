"""Sending: each reply reaches its person, or their update is put aside; nothing they wrote lies about in the clear."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.support.botapi import Fault, Person
from tests.support.world import Bot, ForkServer, Told, brought_to, button, running, stored, stored_answers_of

FIRST, SECOND = "Hvad ønsker du dig af frivillige og foreninger", "Hvem ville du gå til"
SAID = "Da naboen skulle flytte sin sofa"
NEVER = 3600.0  # seconds: not before the test is over
AT_ONCE = 15  # seconds: also on a busy machine, and less than a call to Telegram is given (20)


def times_shown(person: Person, words: str) -> int:
    return sum(words in seen.text for seen in person.sees() if seen.by_bot and seen.labels)


def is_unreachable(bot: Bot, person: Person) -> bool:
    rows = bot.sql("SELECT unreachable FROM addresses WHERE address = :address", address=str(person.id))
    return rows == [(1,)]


# --- Telegram in trouble ----------------------------------------------------------------------------------


async def test_telegram_s_wish_to_wait_holds_for_that_person_alone(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna, bo = Person(bot.api, "Anna"), Person(bot.api, "Bo")
        await brought_to(bot, anna)
        await brought_to(bot, bo)
        tried: list[float] = []

        def to_anna(params: dict[str, Any]) -> bool:
            if int(params["chat_id"]) == anna.id:
                tried.append(time.monotonic())
            return int(params["chat_id"]) == anna.id

        bot.api.inject(Fault("sendMessage", times=1_000_000, status=429, retry_after=1, when=to_anna))
        stored_answers_of(anna, SAID)
        await bot.until(lambda: len(tried) == 1, "tried")
        stored_answers_of(bo, SAID)
        await bo.reads(until=SECOND)
        await bot.until(lambda: len(tried) > 1, "tried again")
        bot.api.faults.clear()
        await anna.reads(until=SECOND)
        assert min(after - before for before, after in pairwise(tried)) >= 1.0
        assert times_shown(anna, SECOND) == 1
        assert stored(bot, anna) == stored(bot, bo) == {"B5": Told((SAID,))}
        assert bot.api.violations == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault("sendMessage", status=401),
        Fault("sendMessage", status=404),
        Fault("sendMessage", status=409),
        Fault("sendMessage", status=500),
        Fault("sendMessage", status=502),
        Fault("sendMessage", drop_connection_before=True),
    ],
    ids=lambda fault: str(fault.status or "dropped"),
)
async def test_a_reply_that_did_not_get_out_is_sent_later(
    tmp_path: Path, fork_server: ForkServer, fault: Fault
) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        bot.api.inject(fault)
        stored_answers_of(anna, SAID)
        await anna.reads(until=SECOND)
        await bot.settled()
        assert times_shown(anna, SECOND) == 1
        assert stored(bot, anna) == {"B5": Told((SAID,))}


async def test_in_doubt_a_reply_is_sent_again_and_the_answer_is_stored_once(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        bot.api.inject(Fault("sendMessage", drop_connection_after_accept=True))
        stored_answers_of(anna, SAID)
        await bot.settled()
        assert times_shown(anna, SECOND) == 2
        assert stored(bot, anna) == {"B5": Told((SAID,))}
        stored_answers_of(anna, "En bus om aftenen")
        await bot.settled()
        assert stored(bot, anna) == {"B5": Told((SAID,)), "B3": Told(("En bus om aftenen",))}


async def test_what_telegram_will_never_take_is_given_up_and_the_person_told(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server, speed=4) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        bot.api.inject(Fault("sendMessage", times=3, status=400, description="Bad Request: message is too long"))
        stored_answers_of(anna, SAID)
        await anna.reads(until="Noget gik galt, og din besked er ikke gemt.")
        await bot.settled()
        assert bot.inbox()["dead"] == 1
        assert stored(bot, anna) == {"B5": Told((SAID,))}
        anna.says("/fortsaet")
        await anna.reads(until=SECOND)


async def test_a_reply_whose_markup_is_refused_is_sent_as_plain_text(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        refusal = 'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 0'
        bot.api.inject(Fault("sendMessage", status=400, description=refusal))
        stored_answers_of(anna, SAID)
        await anna.reads(until=SECOND)
        assert "entities" not in anna.last.raw
        await bot.settled()
        assert bot.inbox().keys() == {"settled"}


# --- drawing over -----------------------------------------------------------------------------------------

GONE = "Bad Request: message to edit not found"
SAME = "Bad Request: message is not modified: specified new message content and reply markup are exactly the same"


async def test_ticks_whose_message_is_gone_are_shown_in_a_new_one(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna, "linjer", "Frivillig")
        label = anna.last.labels[0]
        bot.api.inject(Fault("editMessageText", status=400, description=GONE))
        anna.taps(label)
        await anna.reads(until=lambda seen: label.replace("☐", "☑") in seen.labels and not seen.edited)
        anna.taps(button("done"))
        await anna.reads(until=lambda seen: button("done") not in seen.labels)
        await bot.settled()
        assert stored(bot, anna) == {"L2": Told(labels=(label.removeprefix("☐ "),))}


@pytest.mark.parametrize("refusal", [GONE, SAME, "Bad Request: message can't be edited"])
async def test_a_tapped_message_that_cannot_be_drawn_over_is_let_be(
    tmp_path: Path, fork_server: ForkServer, refusal: str
) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        bot.api.inject(Fault("editMessageText", status=400, description=refusal))
        anna.taps(button("skip"))
        await anna.reads(until=SECOND)
        await bot.until(lambda: bot.api.faults == [], "edited")
        await bot.until(lambda: "redraw error=" in bot.said or refusal is SAME, "let be")
        await anna.reads_nothing(0.1)
        await bot.settled()
        assert bot.inbox().keys() == {"settled"}
        assert times_shown(anna, SECOND) == 1


async def test_nobody_waits_for_a_drawing_over(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        bot.api.inject(Fault("editMessageText", delay=NEVER))
        anna.taps(button("skip"))
        await anna.reads(AT_ONCE, until=SECOND)
        stored_answers_of(anna, SAID)
        await anna.reads(AT_ONCE, until="Har du inden for det seneste år")


# --- people who have blocked us ---------------------------------------------------------------------------


async def test_who_blocks_us_is_left_alone_until_they_unblock(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        anna.blocks()
        await bot.settled()
        assert is_unreachable(bot, anna)
        anna.unblocks()
        await bot.settled()
        assert not is_unreachable(bot, anna)
        assert bot.api.refusals == []


@pytest.mark.parametrize("gone", ["blocked", "deactivated"])
async def test_who_cannot_be_reached_is_marked_so_and_their_answer_is_kept(
    tmp_path: Path, fork_server: ForkServer, gone: str
) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        stored_answers_of(anna, SAID)
        setattr(anna.chat, gone, True)
        await bot.settled()
        assert [refusal.status for refusal in bot.api.refusals] == [403]
        assert is_unreachable(bot, anna)
        assert bot.inbox().keys() == {"settled"}
        assert stored(bot, anna) == {"B5": Told((SAID,))}


async def test_who_comes_back_with_a_start_is_reachable_again(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        anna.blocks()
        await bot.settled()
        anna.starts()
        await anna.reads(until=FIRST)
        await bot.settled()
        assert not is_unreachable(bot, anna)


async def test_a_group_that_put_us_out_says_nothing_about_who_wrote_there(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        group = bot.api.group("Havnens venner", added_by=anna.user)
        bot.api.inject(
            Fault("sendMessage", status=403, description="Forbidden: bot was kicked from the supergroup chat")
        )
        anna.says_in_group(group, "/start@besyv_lokal_bot")
        await bot.until(lambda: bot.api.faults == [], "sent to the group")
        await bot.settled()
        assert not is_unreachable(bot, anna)
        assert bot.inbox().keys() == {"settled"}


# --- taps -------------------------------------------------------------------------------------------------


async def test_a_tap_is_answered_at_once_even_where_the_database_is_locked(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await bot.settled()
        with bot.locked():
            anna.taps(button("skip"))
            await bot.until(lambda: bot.api.unanswered_callbacks() == [], "the tap is answered")
        await anna.reads(until=SECOND)


async def test_every_tap_is_answered_stale_doubled_and_forged_ones_too(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server, speed=4) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        first = anna.last.id
        anna.taps(button("skip"), on=first)
        anna.taps(button("skip"), on=first)
        for data in ("", "1:1:0:s", "1:999999999:0:s", "noget helt andet", "1:1:0:p999"):
            anna.forges(data)
        await bot.settled()
        await bot.until(lambda: bot.api.unanswered_callbacks() == [], "answered")
        assert stored(bot, anna) == {"B5": Told()}
        assert bot.inbox().keys() == {"settled"}


@pytest.mark.parametrize(
    "fault",
    [
        Fault(
            "answerCallbackQuery", status=400, description="Bad Request: query is too old and response timeout expired"
        ),
        Fault("answerCallbackQuery", status=502),
        Fault("answerCallbackQuery", drop_connection_before=True),
        Fault("answerCallbackQuery", delay=NEVER),
    ],
    ids=["too old", "502", "dropped", "never"],
)
async def test_a_tap_that_cannot_be_answered_counts_all_the_same(
    tmp_path: Path, fork_server: ForkServer, fault: Fault
) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        bot.api.inject(fault)
        anna.taps(button("skip"))
        await anna.reads(AT_ONCE, until=SECOND)
        await bot.settled()
        assert bot.inbox().keys() == {"settled"}


# --- what lies in the files -------------------------------------------------------------------------------


def files(bot: Bot) -> bytes:
    """Everything the bot has on disk: the database, its log of writes, and what it printed."""
    return b"".join(path.read_bytes() for path in bot.folder.iterdir() if path != bot.key)


async def test_what_a_person_writes_is_never_on_disk_in_the_clear_and_the_update_is_erased_when_settled(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Annalise", last_name="Hemmeligsen", username="annalise_h")
        await brought_to(bot, anna)
        await bot.settled()
        goes_on = asyncio.Event()
        bot.api.inject(Fault("sendMessage", until=goes_on))
        stored_answers_of(anna, SAID)
        await bot.until(lambda: bot.inbox().get("applied") == 1, "applied")
        assert bot.sql("SELECT count(payload) FROM inbox") == [(1,)]
        while_under_way = files(bot)
        goes_on.set()
        await bot.settled()
        assert bot.sql("SELECT count(payload) FROM inbox") == [(0,)]
        for content in (while_under_way, files(bot)):
            assert bot.api.token.encode() not in content
            for secret in (SAID, "Annalise", "Hemmeligsen", "annalise_h"):
                assert secret.encode() not in content
                assert secret.encode("utf-16-le") not in content
        assert stored(bot, anna) == {"B5": Told((SAID,))}


async def test_a_dead_letter_is_kept_encrypted(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        bot.api.push_raw_update(
            {"message": {"message_id": 1, "date": "x", "chat": anna.chat.head, "from": anna.user, "text": SAID}}
        )
        await bot.settled()
        assert bot.sql("SELECT state, payload IS NULL, fault FROM inbox") == [("dead", 0, "TypeError")]
        assert SAID.encode() not in files(bot)


async def test_six_quick_ticks_are_all_kept_in_few_drawings(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna, "linjer", "Frivillig")
        labels = [label for label in anna.last.labels if label.startswith("☐")][:6]
        message, drawn = anna.last.id, asyncio.Event()
        bot.api.inject(Fault("editMessageText", until=drawn))
        for label in labels:
            anna.taps(label, on=message)
        await bot.settled()  # nobody waits for the first drawing, which takes its time
        drawn.set()
        await bot.until(lambda: sum(each.startswith("☑") for each in anna.last.labels) == 6, "ticked")
        assert bot.api.calls("editMessageText") == 2
        anna.taps(button("done"))
        await bot.settled()
        assert stored(bot, anna) == {"L2": Told(labels=tuple(sorted(label.removeprefix("☐ ") for label in labels)))}
        assert bot.api.violations == []
