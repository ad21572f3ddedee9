"""Litestream beside a bot that works, as docs/operations.md tells: what it has copied holds what was acknowledged, and
is restored as a backup is."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from storage.db import Tx
from storage.encryption import Keyring
from tests.support.botapi import Person
from tests.support.command_line import besyv
from tests.support.patience import PATIENCE
from tests.support.world import Answering, Bot, Flows, ForkServer, Told, everything_open, running

pytestmark = pytest.mark.process
LITESTREAM = Path(sys.executable).parent / "litestream"
PEOPLE = 4
Acknowledged = list[tuple[int, dict[tuple[str, str], Told]]]


def _configured(folder: Path, database: Path) -> Path:
    config = folder / "litestream.yml"
    config.write_text(
        f"""dbs:
  - path: {database}
    snapshot: {{interval: 24h, retention: 720h}}
    replica: {{type: file, path: {folder / "replica"}, sync-interval: 100ms}}
"""
    )
    return config


async def test_what_was_acknowledged_is_in_the_replica_and_is_restored_as_a_backup_is(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    process = everything_open()
    flows = Flows(process)
    async with running(tmp_path, fork_server, process=process, speed=4) as bot:
        config = _configured(tmp_path, bot.database)
        beside = await asyncio.create_subprocess_exec(LITESTREAM, "replicate", "-config", config)
        try:
            acknowledged = await _answered(bot, flows)
            await bot.stop()
        finally:
            beside.terminate()  # it copies what is left, and ends
            assert await asyncio.wait_for(beside.wait(), PATIENCE) == 0
        copy = tmp_path / "copy.db"
        await asyncio.to_thread(_copied_back, config, copy, bot.database)
        code, out, wrong = await asyncio.to_thread(_restored, copy, bot)
        assert (code, wrong) == (0, ""), wrong
        assert f"{PEOPLE} people" in out and "whole" in out
        _holds(bot, flows, acknowledged)
        await bot.start()


def _copied_back(config: Path, copy: Path, database: Path) -> None:
    subprocess.run([LITESTREAM, "restore", "-config", config, "-o", copy, database], check=True)


def _restored(copy: Path, bot: Bot) -> tuple[int, str, str]:
    return besyv("restore", str(copy), "--yes", **bot.env)


async def _answered(bot: Bot, flows: Flows) -> Acknowledged:
    """People answer for a while; what each was told is stored."""
    crowd = [
        Answering(Person(bot.api, f"P{number}"), flows, random.Random(number), "Frivillig") for number in range(PEOPLE)
    ]
    enough = asyncio.Event()
    async with asyncio.TaskGroup() as seats:
        for someone in crowd:
            seats.create_task(someone.answers(enough=enough.is_set))
        await bot.until(lambda: sum(len(each.told) for each in crowd) > 8 * PEOPLE, "answers")
        enough.set()
    return [(each.person.id, dict(list(each.told.items())[:-1])) for each in crowd]


def _holds(bot: Bot, flows: Flows, acknowledged: Acknowledged) -> None:
    with closing(sqlite3.connect(bot.database)) as connection:
        connection.row_factory = sqlite3.Row
        tx = Tx(connection, Keyring(bot.key))
        for address, told in acknowledged:
            stored = flows.stored(tx, address)
            assert {key: stored.get(key) for key in told} == told
