"""A restart before the page that tells what came of a form: nothing is answered twice, and what is to be said is."""

from __future__ import annotations

from contextlib import closing

from bot import texts
from bot.flows.schedule import WEEK
from storage.db import connect
from tests.support.chat import Found, Town
from tests.support.pages import Browser, OnPages, Page
from tests.support.people import leads
from tests.support.visitors import Fields, at_step, entered, notes_are_told, posted, token

CPR = texts.say("da", "panel.cpr@web")
CARE = texts.say("da", "care.human", phone="20 30 40 50", email="frivillig@eksempel-kommune.example")


async def restarts(town: Town) -> None:
    await town.down()
    await town.up()


async def sends(browser: Browser, page: Page, more: Fields) -> int:
    """The page's question form; where it leads is not gone to."""
    assert page.form is not None
    names = {name for name, _ in more}
    kept = [(name, value) for name, value in page.form.form_values() if name not in names]
    status, *_ = await posted(browser, page.form.get("action", ""), [*kept, *more])
    return status


async def types(lea: OnPages, page: Page, text: str) -> tuple[int, str]:
    """Into the field of a panel; where it leads is not gone to."""
    form = page.panel_form("/skriv")
    assert form is not None
    fields = [(name, value) for name, value in form.form_values() if name != "text"]
    status, _, source, _ = await posted(lea.browser, "/skriv", [*fields, ("text", text)])
    return status, source


async def at_a_panel(town: Town) -> tuple[OnPages, Page]:
    """The leader, asked for a name on the list of those to hear."""
    lea = await leads(town)
    assert isinstance(lea, OnPages)
    await lea.says("/leder")
    await lea.taps("Interessentlisten")
    await lea.taps("Tilføj en forening eller et råd")
    assert lea.page is not None
    return lea, lea.page


def told(page: Page, words: str) -> bool:
    return words in str(page.tree.text_content())


async def test_a_refusal_stands_on_the_page_that_answers_and_not_on_one_after_a_restart(found: Found) -> None:
    async with found(channel="web") as town:
        lea, page = await at_a_panel(town)
        await notes_are_told(lambda: town.rows("SELECT id FROM page_notes"))
        status, source = await types(lea, page, "Bo, 010203-1234")
        assert (status, CPR in source) == (422, True)
        await notes_are_told(lambda: town.rows("SELECT id FROM page_notes"))
        assert not told(await lea.browser.get("/"), CPR)
        await restarts(town)
        assert not told(await lea.browser.get("/"), CPR)
        assert town.rows("SELECT count(*) FROM parties WHERE name LIKE 'Bo%'") == [(0,)]


async def test_what_an_answer_gave_rise_to_is_said_after_the_restart(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        assert await sends(browser, page, [("text", "I må gerne ringe til mig"), ("do", "next")]) == 303
        await restarts(town)
        assert told(await browser.get("/"), CARE)


async def test_a_form_sent_again_after_the_restart_answers_its_own_question_once(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        for _ in range(2):
            assert await sends(browser, page, [("text", "Da naboen flyttede"), ("do", "next")]) == 303
            await restarts(town)
        assert town.rows(
            "SELECT question, revision FROM answers JOIN runs ON runs.id = run_id WHERE flow = 'borger'"
        ) == [("B5", 1)]
        assert (await browser.get("/")).url.endswith("/trin/borger/B3")


async def test_a_form_that_was_refused_is_refused_again_with_what_was_typed(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        fields = [("csrf", token(page)), ("seen", ""), ("text", "Mit nummer er 010203-1234"), ("do", "next")]
        for _ in range(2):
            status, _, source, _ = await posted(browser, page.url.removeprefix(town.home), fields)
            assert (status, "Mit nummer er 010203-1234" in source) == (422, True)
            await restarts(town)


async def test_words_that_a_panel_took_are_not_said_to_be_lost_when_they_are_sent_again(found: Found) -> None:
    async with found(channel="web") as town:
        lea, page = await at_a_panel(town)
        town.public.add("Cykelværkstedet")
        assert (await types(lea, page, "Cykelværkstedet"))[0] == 303
        await restarts(town)
        status, source = await types(lea, page, "Cykelværkstedet")
        assert (status, "Cykelværkstedet" in source) == (409, True)
        assert "er ikke gemt" not in source and "måske allerede fået det" in source
        assert town.rows("SELECT count(*) FROM parties WHERE name = 'Cykelværkstedet'") == [(1,)]


async def test_in_doubt_whether_the_page_was_out_it_is_said_again(found: Found) -> None:
    async with found(channel="web", steps="borger", busy=0.1) as town:
        browser, page = await at_step(town, "borger")
        await notes_are_told(lambda: town.rows("SELECT id FROM page_notes"))
        await sends(browser, page, [("text", "I må gerne ringe til mig"), ("do", "next")])
        with closing(connect(town.folder / "besyv.db")) as other:
            other.execute("BEGIN IMMEDIATE")  # what was said can't be erased
            assert told(await browser.get("/"), CARE)
            assert not told(await browser.get("/"), CARE)
            await town.down()
            other.execute("ROLLBACK")
        assert "web notes database=OperationalError" in town.log.getvalue()
        town.log.seek(0)
        town.log.truncate()  # the town allows no errors in its log; this one was meant
        await town.up()
        assert told(await browser.get("/"), CARE)


async def test_it_is_nobody_else_s_and_goes_with_the_person_and_after_a_week(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        (anna, page), (bo, _) = await at_step(town, "borger"), await at_step(town, "borger")
        await notes_are_told(lambda: town.rows("SELECT id FROM page_notes"))
        await sends(anna, page, [("text", "I må gerne ringe til mig"), ("do", "next")])
        await restarts(town)
        assert not told(await bo.get("/"), CARE)
        assert town.rows("SELECT count(*) FROM page_notes") == [(1,)]
        assert CARE.encode()[:30] not in town.on_disk()
        town.clock.now += WEEK + 3600
        await town.wait(0)
        await restarts(town)
        await notes_are_told(lambda: town.rows("SELECT id FROM page_notes"))  # forgotten at the start
        assert not told(await anna.get("/"), CARE)


async def test_a_browser_that_came_in_is_in_after_the_restart(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        own = str((await browser.get("/link")).find("//*[@id='link']")[0].text_content()).strip()
        other = Browser(town.home, "da")
        town.browsers.append(other)
        await entered(other, own)
        await restarts(town)
        assert (await other.get("/")).url == (await browser.get("/")).url == page.url
