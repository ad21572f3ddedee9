"""One person on several devices and channels: the personal link, invitations, and moving to Telegram and back."""

from __future__ import annotations

from tests.support.chat import Found, OnTelegram, Town
from tests.support.pages import Browser, Page
from tests.support.visitors import arrived, at_step, entered, opened, posted, sent, token

HALF_AN_HOUR = 30 * 60


async def _own_link(browser: Browser) -> str:
    page = await browser.get("/link")
    return str(page.find("//*[@id='link']")[0].text_content()).strip()


async def _pressed(browser: Browser, page: Page, action: str) -> Page:
    [button] = page.find(f"//form[@action='{action}']//button")
    return await browser.press(page, button)


async def test_the_personal_link_leads_to_the_open_question_on_another_device(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        second = await sent(browser, page, [("text", "Fra telefonen"), ("do", "next")])
        computer = opened(town)
        asked = await computer.get(await _own_link(browser))
        assert "Er det dit link?" in asked.main.text_content()
        assert town.rows("SELECT count(*) FROM sessions") == [(1,)]
        assert (await computer.get("/")).is_front
        there = await entered(computer, await _own_link(browser))
        assert there.url == second.url
        again = await browser.get(await _own_link(browser))
        assert again.url == second.url
        assert (await computer.get(page.url)).areas("text")[0].value == "Fra telefonen"


async def test_a_new_link_closes_the_old_ones_everywhere(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, _ = await at_step(town, "borger")
        old, computer = await _own_link(browser), opened(town)
        await entered(computer, old)
        page = await _pressed(browser, await browser.get("/link"), "/link")
        new = page.find("//*[@id='link']")[0].text_content().strip()
        assert new != old
        assert (await opened(town).get(old)).status == 404
        assert (await computer.get("/")).is_front
        assert (await browser.get("/")).form is not None
        assert (await entered(opened(town), new)).form is not None


async def test_guessing_is_slowed_and_shuts_nobody_out(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        guesser = opened(town)
        statuses = [(await guesser.get(f"/s/{'A' * 20}{n:02}")).status for n in range(15)]
        assert statuses[:10] == [404] * 10
        assert 429 in statuses
        assert (await browser.get(page.url)).status == 200
        assert (await entered(opened(town), await _own_link(browser))).form is not None


async def test_a_link_opened_where_somebody_else_is_known_asks_first(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        anna, _ = await at_step(town, "borger")
        bo, his = await at_step(town, "borger")
        await sent(anna, await anna.get("/"), [("text", "Annas"), ("do", "next")])
        asked = await bo.get(await _own_link(anna))
        assert asked.form is None
        assert (await bo.get("/")).url == his.url
        [button] = asked.find("//form[starts-with(@action, '/s/')]//button")
        there = await bo.press(asked, button)
        assert there.url == (await anna.get("/")).url != his.url


async def test_who_logs_out_is_a_stranger_there_and_finds_everything_again_by_the_link(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        link = await _own_link(browser)
        await _pressed(browser, page, "/log-ud")
        assert (await browser.get("/")).is_front
        assert (await entered(browser, link)).url == page.url


async def test_looking_makes_nobody_known(found: Found) -> None:
    """Link previews, crawlers, and people who turn round at the door."""
    async with found(channel="web") as town:
        for path in ("/", "/i/linjer", "/i/i-AAAAAAAAAAAAAAAAAAAAAA", "/ret", "/mine", "/slet", "/link", "/hjaelp"):
            await opened(town).get(path)
        stranger = opened(town)
        front = await stranger.get("/")
        await posted(stranger, "/tryk", [("csrf", token(front)), ("tap", "1:0:0:a")])
        await posted(stranger, "/trin/linjer/L1", [("csrf", token(front)), ("text", "x"), ("do", "next")])
        await posted(stranger, "/stop", [("csrf", token(front))])
        assert town.rows("SELECT count(*) FROM people") == [(0,)]


async def test_an_invitation_leads_to_its_step_through_the_notice(found: Found) -> None:
    async with found(channel="web") as town:
        _, page = await at_step(town, "hoering")
        assert "/trin/hoering/" in page.url


async def test_an_invitation_survives_a_change_of_language(found: Found) -> None:
    async with found(channel="web") as town:
        browser = opened(town)
        english = await _pressed(browser, await browser.get("/i/hoering"), "/sprog")
        assert (english.language, english.is_front) == ("en", True)
        [yes] = [control for control in english.buttons() if control.label == "I want to join"]
        await browser.press(english, yes.element)
        assert town.rows("SELECT came_for, language FROM people") == [("hoering", "en")]


async def test_a_role_link_is_used_by_a_press_once_and_not_by_a_look(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        code = await town.invites("leader")
        anna, bo = await arrived(town), await arrived(town)
        looked = await anna.get(f"/i/{code}")
        await anna.get(f"/i/{code}")
        assert town.rows("SELECT count(*) FROM roles") == [(0,)]
        await _pressed(anna, looked, f"/i/{code}")
        assert town.rows("SELECT role FROM roles") == [("leader",)]
        assert (await anna.get("/status")).status == 200
        await _pressed(bo, await bo.get(f"/i/{code}"), f"/i/{code}")
        assert town.rows("SELECT count(*) FROM roles") == [(1,)]
        assert (await bo.get("/status")).status == 404


async def test_a_role_link_pressed_twice_at_once_gives_the_role_and_no_complaint(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        code, anna = await town.invites("steering"), await arrived(town)
        looked = await anna.get(f"/i/{code}")
        [button] = looked.find(f"//form[@action='/i/{code}']//button")
        told = (await anna.press(looked, button, times=2)).main.text_content()
        assert "Du er nu medlem af styregruppen." in told and "virker ikke" not in told
        assert town.rows("SELECT count(*) FROM roles") == [(1,)]
        assert town.rows("SELECT count(*) FROM failed_codes") == [(0,)]


async def test_only_the_leader_fetches_the_answers(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        leader, page = await at_step(town, "borger")
        await sent(leader, page, [("text", "Et svar til filen"), ("do", "next")])
        code = await town.invites("leader")
        await _pressed(leader, await leader.get(f"/i/{code}"), f"/i/{code}")
        fields = [("csrf", token(await leader.get("/status"))), ("format", "csv")]
        status, _, text, _ = await posted(leader, "/eksport", fields)
        assert status == 200
        assert "Et svar til filen" in text and '"Nettet"' in text
        other = await arrived(town)
        status, _, text, _ = await posted(other, "/eksport", [("csrf", token(await other.get("/"))), ("format", "csv")])
        assert status == 404 and "Et svar til filen" not in text
        town.said.append("Et svar til filen")


# --- Telegram and the pages -------------------------------------------------------------------------------


def _link_in(anna: OnTelegram) -> str:
    return next(word for text in anna.sees() for word in text.split() if "/s/" in word)


async def _begun(town: Town) -> OnTelegram:
    anna = town.person("Anna")
    await anna.says("/start")
    for label in ("Jeg er med", "Borger", "Spring over", "Spring over"):
        await anna.taps(label)
    return anna


async def test_from_telegram_to_the_pages_and_back_with_the_same_answers(found: Found) -> None:
    async with found(steps="borger", pages=True) as town:
        anna = await _begun(town)
        await anna.says("Sagt på Telegram")
        anna.sees()
        await anna.says("/web")
        browser = opened(town)
        page = await entered(browser, _link_in(anna))
        assert page.url.endswith("/B3")
        assert (await browser.get("/trin/borger/B5")).areas("text")[0].value == "Sagt på Telegram"
        await sent(browser, page, [("text", "Skrevet på siden"), ("do", "next")])
        town.said.append("Skrevet på siden")
        await anna.says("Kommer for sent")  # to the question that was answered on the page
        assert "svaret videre på en anden enhed" in "\n".join(anna.sees())
        await anna.says("/ret")
        assert town.rows("SELECT count(*) FROM people") == [(1,)]
        assert b"Kommer for sent" not in town.on_disk()
        answered = town.rows(
            "SELECT question, channel FROM answers JOIN runs ON runs.id = run_id WHERE flow <> 'start'"
        )
        assert answered == [("B5", "telegram"), ("B3", "web")]


async def _code(browser: Browser) -> str:
    page = await _pressed(browser, await browser.get("/link"), "/link/telegram")
    [link] = [link.value for link in page.links() if "t.me" in link.value]
    assert len(link.partition("start=")[2]) <= 64
    return link.partition("start=")[2]


async def test_from_the_pages_to_telegram_by_a_code_that_works_once(found: Found) -> None:
    async with found(steps="borger", pages=True) as town:
        browser, page = await at_step(town, "borger")
        await sent(browser, page, [("text", "Skrevet på siden"), ("do", "next")])
        town.said.append("Skrevet på siden")
        code = await _code(browser)
        anna, bo = town.person("Anna"), town.person("Bo")
        await anna.says(f"/start {code}")
        assert "Nu er dine svar også her" in "\n".join(anna.sees())
        await bo.says(f"/start {code}")
        assert "Linket virker ikke" in "\n".join(bo.sees())
        await anna.says("Sagt på Telegram")
        assert town.rows("SELECT count(DISTINCT person_id) FROM runs") == [(1,)]
        assert (await browser.get("/trin/borger/B3")).areas("text")[0].value == "Sagt på Telegram"


async def test_a_code_is_good_for_half_an_hour(found: Found) -> None:
    async with found(steps="borger", pages=True) as town:
        browser, _ = await at_step(town, "borger")
        code = await _code(browser)
        town.clock.now += HALF_AN_HOUR
        anna = town.person("Anna")
        await anna.says(f"/start {code}")
        assert "Linket virker ikke" in "\n".join(anna.sees())


async def test_two_sets_of_answers_are_never_mixed(found: Found) -> None:
    async with found(steps="borger", pages=True) as town:
        anna = await _begun(town)
        await anna.says("Sagt på Telegram")
        browser, page = await at_step(town, "borger")
        await sent(browser, page, [("text", "Skrevet på siden"), ("do", "next")])
        town.said.append("Skrevet på siden")
        anna.sees()
        await anna.says(f"/start {await _code(browser)}")
        assert "Du har svaret to steder" in "\n".join(anna.sees())
        assert town.rows("SELECT count(*) FROM people") == [(2,)]
        assert (await browser.get(page.url)).areas("text")[0].value == "Skrevet på siden"


# --- to object --------------------------------------------------------------------------------------------


async def test_on_the_pages_the_way_to_object_stands_with_ones_data_and_with_the_notice(found: Found) -> None:
    """Not with the notice of who has no answers here."""
    async with found(channel="web", steps="borger") as town:
        browser, _ = await at_step(town, "borger")
        for address in ("/mine", "/privatliv"):
            page = await browser.get(address)
            [way] = [link for link in page.links() if link.label == "Gør indsigelse"]
            assert "Brug ikke mine svar" in (await browser.get(way.value)).main.text_content()
        stranger = await opened(town).get("/privatliv")
        assert [link for link in stranger.links() if link.label == "Gør indsigelse"] == []
