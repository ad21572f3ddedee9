"""A form may be sent late, twice, from an old page or another tab: nothing is lost, nothing doubled, and it is told."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.chat import Found
from tests.support.visitors import at_step, posted, sent

LONG = 10_000


async def test_two_tabs_the_second_is_told_what_stands_and_keeps_what_was_typed(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, tab = await at_step(town, "borger")
        await sent(browser, tab, [("text", "Fra den første fane"), ("do", "next")])
        late = await sent(browser, tab, [("text", "Fra den anden fane"), ("do", "next")])
        assert late.status == 422
        assert "Fra den første fane" in (late.find("//*[@id='errors']")[0].text_content())
        assert late.areas("text")[0].value == "Fra den anden fane"
        assert town.rows("SELECT count(*) FROM answer_history") == [(0,)]
        await sent(browser, late, [("text", "Fra den anden fane"), ("do", "next")])
        again = await browser.get(tab.url)
        assert again.areas("text")[0].value == "Fra den anden fane"
        assert town.rows("SELECT count(*) FROM answer_history") == [(1,)]


async def test_a_double_click_at_the_same_moment_stores_one_answer(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        fields = [("text", "Trykket på to gange"), ("do", "next")]
        await asyncio.gather(*(sent(browser, page, fields) for _ in range(4)))
        [(count, revision)] = town.rows(
            "SELECT count(*), max(revision) FROM answers JOIN runs ON runs.id = run_id WHERE flow = 'borger'"
        )
        assert (count, revision) == (1, 1)
        assert town.rows("SELECT count(*) FROM answer_history") == [(0,)]


async def test_back_and_reload_show_the_answer_that_is_stored(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, first = await at_step(town, "borger")
        second = await sent(browser, first, [("text", "Mit svar"), ("do", "next")])
        assert second.url != first.url
        for _ in range(2):
            assert (await browser.get(first.url)).areas("text")[0].value == "Mit svar"
        assert (await browser.get("/")).url == second.url


async def test_what_was_typed_and_not_sent_is_kept_by_back_and_by_stop(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, first = await at_step(town, "borger")
        second = await sent(browser, first, [("text", "Mit svar"), ("do", "next")])
        await sent(browser, second, [("text", "Halvt færdig"), ("do", "back")])
        assert (await browser.get(second.url)).areas("text")[0].value == "Halvt færdig"
        await sent(browser, await browser.get(second.url), [("text", "Halvt færdig nu"), ("do", "pause")])
        assert (await browser.get(second.url)).areas("text")[0].value == "Halvt færdig nu"


async def test_skipping_does_not_throw_words_away(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        refused = await sent(browser, page, [("text", "Ord"), ("do", "skip")])
        assert (refused.status, refused.areas("text")[0].value) == (422, "Ord")
        assert (await sent(browser, refused, [("text", ""), ("do", "skip")])).url != page.url


@pytest.mark.parametrize(("text", "status"), [("æ" * LONG, 200), ("æ" * (LONG + 1), 422), ("  \n ", 422), ("", 422)])
async def test_long_and_empty_texts(found: Found, text: str, status: int) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        after = await sent(browser, page, [("text", text), ("do", "next")])
        assert after.status == status
        assert after.url == page.url if status == 422 else after.url != page.url
        if status == 422:
            assert after.areas("text")[0].value == text


async def test_every_letter_comes_back_as_it_was_written(found: Found) -> None:
    text = 'Rødgrød — «æ» & <b>"citat"</b>\nNæste linje 🧑‍🌾 \' slut'
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        await sent(browser, page, [("text", text.replace("\n", "\r\n")), ("do", "next")])
        assert (await browser.get(page.url)).areas("text")[0].value == text
        await sent(browser, await browser.get(page.url), [("text", text), ("do", "next")])
        assert town.rows("SELECT count(*) FROM answer_history") == [(0,)]


async def test_a_cpr_number_is_refused_and_on_no_disk(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        refused = await sent(browser, page, [("text", "Mit nummer er 010203-1234"), ("do", "next")])
        assert refused.status == 422
        assert b"010203-1234" not in town.on_disk()
        assert "010203" not in town.log.getvalue()


async def test_after_the_deadline_nothing_is_stored_and_the_words_are_still_there(found: Found) -> None:
    async with found(channel="web", steps="borger closes 2026-03-03 19:30") as town:
        browser, page = await at_step(town, "borger")
        town.clock.now += 3600
        late = await sent(browser, page, [("text", "For sent"), ("do", "next")])
        assert (late.status, late.areas("text")[0].value) == (422, "For sent")
        assert "« var tirsdag den 3. marts 2026 kl. 19.30" in late.find("//*[@id='errors']")[0].text_content()
        assert town.rows("SELECT count(*) FROM runs JOIN answers ON run_id = runs.id WHERE flow = 'borger'") == [(0,)]


@pytest.mark.parametrize(
    "path",
    ["/trin/borger/B4", "/trin/borger/NIX", "/trin/hoering/H1", "/trin/nix/B5", "/trin/borger/..%2FB1"],
)
async def test_a_question_that_is_not_theirs_to_answer_now_leads_to_the_one_that_is(found: Found, path: str) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        elsewhere = await browser.get(path)
        assert elsewhere.url == page.url or elsewhere.status == 404


async def test_a_second_press_at_once_leads_to_where_the_first_led(found: Found) -> None:
    """«Ja, slet alt» where «Nej, behold dem» was pressed a moment ago is a double tap, with nothing to say."""
    async with found(channel="web", steps="borger") as town:
        browser, before = await at_step(town, "borger")
        page = await browser.get("/slet")
        no, yes = (button.element for button in page.buttons())
        kept = await browser.press(page, no)
        again = await browser.press(page, yes)
        assert (kept.url, again.url, again.find("//h1")[0].text_content()) == (
            before.url,
            before.url,
            kept.find("//h1")[0].text_content(),
        )


async def test_only_where_something_was_typed_a_page_speaks_of_a_text(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        assert page.form is not None
        at = page.form.get("action", "")
        for typed in ("Et sted at mødes", ""):
            status, _, source, _ = await posted(browser, at, [("csrf", "x"), ("text", typed)])
            assert (status, "Teksten står kun på denne side" in source) == (403, bool(typed))
            assert bool(typed) is ("tekst" in source.lower())


async def test_after_leaving_an_old_page_stores_nothing(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        [leave] = page.find("//form[@action='/forlad']//button")
        await browser.press(page, leave)
        after = await sent(browser, page, [("text", "Efter alt"), ("do", "next")])
        assert (after.status, "Efter alt" in after.main.text_content()) == (409, True)
        assert town.rows("SELECT count(*) FROM runs JOIN answers ON run_id = runs.id WHERE flow = 'borger'") == [(0,)]


async def test_who_comes_back_with_the_cookie_alone_is_offered_the_newer_questions_once(found: Found) -> None:
    async with found(channel="web", steps="hoering") as town:
        browser, page = await at_step(town, "hoering")
        await town.loads("draft.sections.1.text_da", "Hver forening har to faste personer at ringe til.")
        offered = await browser.get("/")
        assert offered.find("//h1")[0].text_content() == "Spørgsmålene er ændret"
        [keep] = [control for control in offered.buttons() if control.label == "Behold gamle spørgsmål"]
        assert (await browser.press(offered, keep.element)).url == page.url
        assert (await browser.get("/")).url == page.url
