"""An export leaves its check sum in the log, so that what was taken out last can be recognised. On Telegram, on the
pages and on the command line."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.features.export import service
from tests.support.chat import Found, OnTelegram
from tests.support.command_line import besyv
from tests.support.pages import OnPages
from tests.support.people import has_answered, leads, seen
from tests.support.visitors import posted, token

NOTED = "SELECT actor, detail FROM audit WHERE action = 'export-made'"


async def test_from_the_chat_and_it_stands_in_the_log_that_the_leader_reads(found: Found) -> None:
    async with found(steps="plan") as town:
        await has_answered(town)
        lea = await leads(town)
        assert isinstance(lea, OnTelegram)
        await lea.says("/eksport jsonl")
        digest = hashlib.sha256(lea.phone.document).hexdigest()
        [(pseudonym,)] = town.rows("SELECT pseudonym FROM people JOIN roles ON person_id = people.id")
        rows = len(lea.phone.document.splitlines())
        assert town.rows(NOTED) == [(pseudonym, f"jsonl {rows} {digest}")]
        await lea.says("/leder")
        await lea.taps("Adgangslog")
        assert f"eksporterede svarene (JSONL, {rows} svar, kontrolsum {digest[:12]})" in seen(lea)


async def test_how_many_answers_are_left_out_is_said_with_the_file_and_on_the_panel(found: Found) -> None:
    """Of who has objected to their use. The panel is the page, too."""
    async with found(steps="plan") as town:
        await has_answered(town)
        lea = await leads(town)
        await lea.says("/eksport csv")
        assert "sat til side" not in seen(lea)
        [(who, number)] = town.rows(
            "SELECT person_id, count(*) FROM answers JOIN runs ON runs.id = run_id GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
        )
        await town.runtime.database.write(
            lambda tx: tx.run("UPDATE people SET set_aside_at = 1 WHERE id = :id", id=who)
        )
        await lea.says("/eksport csv")
        told = f"1 person har gjort indsigelse. Antal svar, der er sat til side og ikke står i filen: {number}."
        assert number and told in seen(lea)
        await lea.says("/leder")
        await lea.taps("Eksportér svar")
        assert told in seen(lea)


async def test_from_the_pages(found: Found) -> None:
    async with found(channel="web", steps="plan") as town:
        lea = await leads(town)
        assert isinstance(lea, OnPages)
        fields = [("csrf", token(await lea.browser.get("/hjaelp"))), ("format", "csv")]
        status, _, text, _ = await posted(lea.browser, "/eksport", fields)
        [(_, detail)] = town.rows(NOTED)
        assert (status, detail) == (200, f"csv 0 {hashlib.sha256(text.encode()).hexdigest()}")


async def test_what_was_taken_out_last_is_known_by_it(found: Found) -> None:
    async with found(steps="plan") as town:
        await has_answered(town)
        lea = await leads(town)
        process = await town.runtime.database.read(lambda tx: town.runtime.process_host.plan(tx).process_id)
        assert await town.runtime.database.read(lambda tx: service.last(tx, process)) is None
        for wanted in ("csv", "jsonl"):
            town.clock.now += 3600
            await lea.says(f"/eksport {wanted}")
        last = await town.runtime.database.read(lambda tx: service.last(tx, process))
        assert last is not None
        assert (last.format, last.rows > 0, last.at <= int(town.clock.now)) == ("jsonl", True, True)
        assert town.rows("SELECT max(at) FROM audit") == [(last.at,)]


@pytest.mark.process
def test_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = besyv("export", "--out", "svar.csv")
    digest = hashlib.sha256(Path("svar.csv").read_bytes()).hexdigest()
    assert (code, out) == (0, f"svar.csv: 0 answers\nsha256 {digest}\n")
    with closing(sqlite3.connect("besyv.db")) as connection:
        assert connection.execute(NOTED).fetchall() == [("operator", f"csv 0 {digest}")]
