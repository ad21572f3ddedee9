"""One damaged value in the database: what is taken out says so and has all the rest."""

from __future__ import annotations

from contextlib import closing

from storage.db import connect
from tests.support.answers_file import by_column
from tests.support.chat import Found, OnTelegram, Town
from tests.support.pages import OnPages
from tests.support.people import has_answered, leads, seen
from tests.support.visitors import at_step, posted, sent, token


def _damage(town: Town) -> int:
    """Turns a bit of one answer; its number."""
    with closing(connect(town.folder / "besyv.db")) as connection:
        [number, value] = connection.execute("SELECT max(id), content FROM answers").fetchone()
        turned = value[:-1] + bytes([value[-1] ^ 1])
        connection.execute("UPDATE answers SET content = ? WHERE id = ?", (turned, number))
    return int(number)


def _marked(town: Town, file: str) -> list[str]:
    """The answer ids of the rows that are marked, in a file with as many rows as there are answers."""
    rows = by_column(file)
    assert len(rows) == town.rows("SELECT count(*) FROM answers")[0][0]
    return [row["answer_id"] for row in rows if row["status"] == "Beskadiget"]


async def test_the_export_in_the_chat_names_it_and_has_all_other_answers(found: Found) -> None:
    async with found(steps="plan") as town:
        await has_answered(town)
        lea = await leads(town)
        assert isinstance(lea, OnTelegram)
        number = _damage(town)
        await lea.says("/eksport")
        assert f"Svaret er mærket »Beskadiget« i filen: {number}." in seen(lea)
        assert _marked(town, lea.phone.document.decode("utf-8")) == [str(number)]
        assert f"damaged={number}" in town.log.getvalue()


async def test_the_export_on_the_pages_marks_it_and_has_all_other_answers(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        await sent(browser, page, [("text", "Fra nettet"), ("do", "next")])
        lea = await leads(town)
        assert isinstance(lea, OnPages)
        number = _damage(town)
        fields = [("csrf", token(await lea.browser.get("/hjaelp"))), ("format", "csv")]
        status, _, text, _ = await posted(lea.browser, "/eksport", fields)
        assert (status, _marked(town, text)) == (200, [str(number)])
        assert f"damaged={number}" in town.log.getvalue()
