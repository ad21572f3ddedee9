"""What was deleted lies in no file of the database any more, nor in its write-ahead log, while Besyv runs."""

from __future__ import annotations

import asyncio
from contextlib import closing

from storage.db import connect
from tests.support.chat import Found, OnTelegram, Town, play, read
from tests.support.patience import PATIENCE
from tests.support.visitors import at_step, sent

LONG = "Et langt svar om havnen, der fylder mere end en side i databasen. "
PIECE = 24  # bytes: a sealed value of which so much is found is there
SEALED = """SELECT content FROM answers UNION ALL SELECT content FROM answers_apart
            UNION ALL SELECT content FROM answer_history UNION ALL SELECT address FROM mailboxes
            UNION ALL SELECT payload FROM inbox WHERE payload IS NOT NULL"""


def _pieces(town: Town) -> list[bytes]:
    """Of everything sealed: its beginning, its middle and its end."""
    values = [value for (value,) in town.rows(SEALED)]
    return [value[at : at + PIECE] for value in values for at in (5, len(value) // 2, len(value) - PIECE)]


def _left(town: Town, pieces: list[bytes]) -> list[bytes]:
    disk = town.on_disk()
    return [piece for piece in pieces if piece in disk]


async def _until_gone(town: Town, pieces: list[bytes]) -> None:
    async with asyncio.timeout(PATIENCE):
        while _left(town, pieces):  # noqa: ASYNC110  # files tell nobody when they change
            await asyncio.sleep(0.02)


async def _answered_at_length(town: Town) -> tuple[OnTelegram, list[bytes]]:
    await play(town, read("frivillig-plan"))
    anna = town.person()
    for said in ("Ring til formanden", "Spørg på Facebook"):
        await anna.edits(said, (LONG * 60)[:4000])
    pieces = _pieces(town)
    assert max(len(value) for (value,) in town.rows(SEALED)) > 4096
    assert len(_left(town, pieces)) == len(pieces) > 30
    return anna, [*pieces, str(anna.phone.id).encode()]


async def _deletes(anna: OnTelegram) -> None:
    await anna.says("/slet")
    await anna.taps("Ja, slet alt")


async def test_what_somebody_on_telegram_deleted_is_in_no_file(found: Found) -> None:
    async with found(steps="plan") as town:
        anna, pieces = await _answered_at_length(town)
        await _deletes(anna)
        await _until_gone(town, pieces)
        assert town.rows("SELECT count(*) FROM people") == [(0,)]


async def test_it_goes_once_nobody_reads_a_snapshot_of_before_any_more(found: Found) -> None:
    async with found(steps="plan") as town:
        anna, pieces = await _answered_at_length(town)
        with closing(connect(town.folder / "besyv.db")) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM answers").fetchone()
            await _deletes(anna)
            assert await town.runtime.database.overwrite_erased() is False
            assert _left(town, pieces)  # the reader needs it
        await _until_gone(town, pieces)


async def test_what_somebody_on_the_pages_deleted_is_in_no_file_however_long_it_was(found: Found) -> None:
    async with found(channel="web", steps="vedtagelse") as town:
        anna, page = await at_step(town, "vedtagelse", "Byråd eller udvalg")
        bo, his = await at_step(town, "vedtagelse", "Byråd eller udvalg")
        for _ in range(2):
            page = await sent(anna, page, [("text", (LONG * 200)[:9000]), ("do", "next")])
            his = await sent(bo, his, [("text", (LONG * 200)[:9000]), ("do", "next")])
        kept = [value[-PIECE:] for (value,) in town.rows(_OF.format("max(id)"))]
        pieces = [
            value[at : at + PIECE] for (value,) in town.rows(_OF.format("min(id)")) for at in range(0, len(value), 700)
        ]
        assert len(_left(town, pieces)) == len(pieces) > 20
        page = await anna.get("/slet")
        [yes] = [control for control in page.buttons() if control.label == "Ja, slet alt"]
        await anna.press(page, yes.element)
        await _until_gone(town, pieces)
        assert _left(town, kept) == kept


_OF = "SELECT content FROM answers JOIN runs ON runs.id = run_id WHERE person_id = (SELECT {} FROM people)"


async def test_what_a_kill_left_in_the_log_goes_at_the_next_start(found: Found) -> None:
    async with found(steps="plan") as town:
        anna, pieces = await _answered_at_length(town)
        with closing(connect(town.folder / "besyv.db")) as reader:  # keeps the log from being emptied as at a kill
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM answers").fetchone()
            await _deletes(anna)
            await town.down()
            assert _left(town, pieces)
        await town.up()
        await _until_gone(town, pieces)
