"""What one person can store is bounded: a script that changes one answer for ever fills no disk, and whoever meets the
bound keeps what they typed and is told what to do; so are those who lead."""

from __future__ import annotations

from bot.budgets import Budgets
from bot.channels.web.context import MOST_ROWS
from tests.support.chat import Found, Town
from tests.support.people import seen
from tests.support.visitors import at_step, posted, sent

FULL = "Der er ikke plads til flere svar fra dig, så svaret er ikke gemt."
EMOJI = "🦄" * 9_900  # 40 kB of UTF-8


def kept(town: Town) -> int:
    [(total,)] = town.rows(
        """SELECT total(length(content)) FROM (
               SELECT content FROM answers UNION ALL SELECT content FROM answer_history)"""
    )
    return int(total)


async def test_a_hundred_and_seven_versions_of_a_long_answer_stay_within_the_budget(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        question = page.url
        for number in range(107):
            town.clock.now += 2
            page = await sent(browser, await browser.get(question), [("text", f"{number:03} {EMOJI}"), ("do", "next")])
            assert page.status == 200
        assert kept(town) <= Budgets().bytes_per_person
        [area] = (await browser.get(question)).areas("text")
        assert (area.value or "").startswith("106 🦄")  # the newest is never lost


async def test_who_has_no_room_is_told_what_to_do_and_what_they_typed_stands_there(found: Found) -> None:
    async with found(pages=True, steps="borger", more={"bytes_per_person": 100_000}) as town:
        lea = town.person("Lea")
        await lea.says(f"/start {await town.invites('leader')}")
        await lea.taps("Jeg er med")
        seen(lea)
        browser, page = await at_step(town, "borger")
        question = page.url
        await sent(browser, page, [("text", EMOJI), ("do", "next")])
        again = await browser.get(question)
        more = await sent(browser, again, [("text", EMOJI + "🦄" * 90), ("do", "next")])
        assert more.status == 200  # in the place of the one before, of which there is no room for two
        assert town.rows("SELECT count(*) FROM answer_history") == [(1,)]
        third = more
        while not third.areas("text"):
            third = await sent(browser, third, [("do", "skip")])
        refused = await sent(browser, third, [("text", EMOJI), ("do", "next")])
        assert refused.status == 422 and FULL in refused.main.text_content()
        assert "frivillig@" in refused.main.text_content()
        assert (refused.areas("text")[0].value or "") == EMOJI
        short = await sent(browser, third, [("text", "Kort sagt"), ("do", "next")])
        assert (short.status, town.rows("SELECT count(*) FROM answer_history")) == (200, [(1,)])
        await town.looks()
        told = seen(lea)
        assert "Der er ikke plads til mere fra én person" in told and "BESYV_BYTES_PER_PERSON" in told


async def test_who_sends_forms_and_loads_no_page_fills_nothing(found: Found) -> None:
    """What the next page is to say waits in so many rows and no more."""
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        assert page.form is not None
        again = [*page.form.form_values(), ("text", "Jeg tænker på selvmord"), ("do", "next")]
        for _ in range(60):
            town.clock.now += 2
            status, *_ = await posted(browser, page.form.get("action", ""), again)
            assert status in (303, 422)
        [(rows,)] = town.rows("SELECT count(*) FROM page_notes")
        assert 0 < rows <= MOST_ROWS
