"""Hundreds of people at once, within Telegram's limits, and an export that holds exactly what they said."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from bot.backoff import PATIENT
from tests.support import sizes
from tests.support.botapi import Person
from tests.support.sizes import few_and_many
from tests.support.world import ROOT, Answering, Bot, ForkServer, Told, example, running, seat

pytestmark = pytest.mark.process
log = logging.getLogger(__name__)


@few_and_many("number", 20, sizes.SERVED)
async def test_people_answer_a_step_at_once_and_the_export_holds_what_they_said(
    tmp_path: Path, fork_server: ForkServer, number: int
) -> None:
    async with running(tmp_path, fork_server, speed=4, patience=PATIENT) as bot:
        sent: list[float] = []

        def note(_: int, __: dict[str, Any]) -> None:
            sent.append(bot.clock())

        bot.api.on_send = note
        people = [Person(bot.api, f"P{n}") for n in range(number)]
        seat(bot, people, "borger")
        crowd = [
            Answering(person, example(), random.Random(n), "Borger", "borger", "borger", patience=max(30, number // 5))
            for n, person in enumerate(people)
        ]
        began = bot.clock()
        async with asyncio.TaskGroup() as group:
            for someone in crowd:
                group.create_task(someone.answers(enough=lambda someone=someone: _is_through(someone)))  # type: ignore[misc]  # mypy does not infer defaults
        seconds = bot.clock() - began
        await bot.settled()
        exported = await _export(bot)
        with bot.stored() as tx:
            rows = tx.all("SELECT pseudonym, address FROM people JOIN addresses ON people.id = person_id")
        addresses = {row["pseudonym"]: int(row["address"]) for row in rows}
        found: dict[int, dict[str, Told]] = defaultdict(dict)
        for row in exported:
            if row["flow"] == "borger":
                assert row["status"] == "sent"
                found[addresses[row["participant"]]][row["question"]] = _told(row)
        assert found == {
            someone.person.id: {question: told for (_, question), told in someone.told.items()} for someone in crowd
        }
        assert bot.api.violations == []
        assert bot.api.refusals == []
        assert bot.api.unanswered_callbacks() == []
        peak = max(sum(at <= other < at + 1.0 for other in sent) for at in sent)
        answers = sum(len(someone.told) for someone in crowd)
        figures = {
            "people": number,
            "answers": answers,
            "seconds": round(seconds, 1),
            "messages": len(sent),
            "longest wait": round(max(someone.longest for someone in crowd), 1),
            "peak a second": peak,
            "mean a second": round(len(sent) / seconds, 1),
        }
        log.info("%s", figures)  # shown by --log-cli-level=INFO


def _is_through(someone: Answering) -> bool:
    return any("Tak for dine svar" in seen.text for seen in someone.person.sees())


def _told(row: dict[str, Any]) -> Told:
    return Told(labels=(row["text"],)) if row["kind"] == "single" else Told(parts=tuple(row["text"].split("\n")))


async def _export(bot: Bot) -> list[dict[str, Any]]:
    """What `besyv export` writes while the bot runs."""
    out = bot.folder / "out.jsonl"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "export",
        "--format",
        "jsonl",
        "--out",
        str(out),
        cwd=ROOT,
        env=bot.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()
    lines = await asyncio.to_thread(out.read_text, encoding="utf-8")
    return [json.loads(line) for line in lines.splitlines()]
