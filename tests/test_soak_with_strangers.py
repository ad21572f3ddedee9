"""`besyv run` as a process, honest people on both channels, and strangers beside them who try what they can: every
answer that was acknowledged is there, it stays small, and neither log nor files hold what they should not."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import aiohttp

from tests.support import sizes
from tests.support.answers_file import by_column
from tests.support.botapi import LocalBotApi, Person
from tests.support.chat import Town
from tests.support.mail_readers import link_of
from tests.support.mailbox import Mailbox, mailbox
from tests.support.pages import Browser, OnPages, Page
from tests.support.patience import PATIENCE
from tests.support.raw_http import called
from tests.support.raw_http import sent as raw
from tests.support.strangers import attack
from tests.support.visitors import at_step, opened, sent
from tests.support.world import ROOT, Answering, Bot, Flows, ForkServer, everything_open

log = logging.getLogger(__name__)
GROWTH = 1.2  # of the memory that it has when idle
LOGGED = 1_000_000  # bytes an hour that strangers can bring about
A_LINE = 400  # bytes of log that an answer or a mail of somebody honest may take
MAIL = "karen.kvist@nordby.example"
CODE = re.compile(r"/(?:mail|besked|s|i|kalender)/([\w-]{8,22})")


class Browsers(list[Browser]):
    """Each comes from an address of its own, for what strangers ask is counted at theirs."""

    def append(self, browser: Browser) -> None:
        browser._headers["X-Forwarded-For"] = f"198.51.{len(self) // 250}.{1 + len(self) % 250}"
        super().append(browser)


@dataclass
class Soak:
    """What is under way, and what was typed and given out in it."""

    bot: Bot
    home: str
    box: Mailbox
    ends: float
    town: Town
    wrote: list[str] = field(default_factory=list)  # on the pages, acknowledged
    answering: list[Answering] = field(default_factory=list)
    typed: set[str] = field(default_factory=set)  # everything, also by strangers
    given: set[str] = field(default_factory=set)  # cookies, tokens, codes, links
    forged: int = 0
    opened_links: int = 0

    @property
    def over(self) -> bool:
        return time.monotonic() > self.ends

    @property
    def memory(self) -> int:
        """Kilobytes."""
        lines = Path(f"/proc/{self.bot.pid}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))

    def took(self, browser: Browser, page: Page) -> None:
        """What a page has given a browser."""
        self.given |= set(browser.cookies().values())
        self.given |= {str(each.get("value")) for each in page.find("//input[@name='csrf']")}


# --- honest people ----------------------------------------------------------------------------------------


async def _answers_on_telegram(soak: Soak, flows: Flows, number: int) -> None:
    turn = 0
    while not soak.over:
        person = Person(
            soak.bot.api,
            f"Telegrammerle{number}x{turn}",
            last_name="Efternavnsen",
            username=f"brugernavn{number}x{turn}",
        )
        someone = Answering(
            person, flows, random.Random(number * 1000 + turn), ("Borger", "Frivillig", "Forening")[number % 3]
        )
        soak.answering.append(someone)
        await someone.answers(enough=lambda: soak.over)
        turn += 1


async def _answers_on_pages(soak: Soak, number: int) -> None:
    """Answers what is written, skips what is chosen, and begins anew as somebody else."""
    while not soak.over:
        browser, page = await at_step(soak.town, "borger")
        while page.form is not None and not soak.over:
            soak.took(browser, page)
            field_name = "text" if page.areas("text") and not page.boxes() else "idea" if page.areas("idea") else ""
            words = f"Fra siderne, vindue {number}, svar {len(soak.wrote)} kl. {time.monotonic_ns()}"
            before = page.url
            page = await sent(browser, page, [(field_name, words), ("do", "next")] if field_name else [("do", "skip")])
            assert page.status == 200, page.url
            if field_name and page.url != before:
                soak.wrote.append(words)
            await asyncio.sleep(0.05)


async def _gives_a_mail_address(soak: Soak) -> None:
    """And looks at her own things until it is over."""
    karen = OnPages(soak.town, soak.home, "da")
    soak.town.browsers.append(karen.browser)
    await karen.says("/start plan")
    for label in ("Jeg er med", "Frivillig", "Idræt", "Vil ikke svare", "Ja"):
        await karen.taps(label)
    await karen.says("/mail")
    await karen.says(MAIL)
    await _until(lambda: any(mail.to == MAIL for mail in soak.box.mails))
    [asked] = [mail for mail in soak.box.mails if mail.to == MAIL]
    page = await karen.browser.get(link_of(asked, "Ja, det er min adresse"))
    page = await karen.browser.press(page, next(c.element for c in page.buttons() if "Ja" in c.label))
    while not soak.over:
        for path in ("/mine", "/link", "/enheder", "/moeder", "/hjaelp"):
            page = await karen.browser.get(path)
            soak.took(karen.browser, page)
            soak.given |= set(CODE.findall(str(page.main.text_content())))
        await asyncio.sleep(1)


# --- strangers --------------------------------------------------------------------------------------------


async def _half_requests(soak: Soak) -> None:
    held: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    while not soak.over:
        reader, writer = await called(soak.home)
        writer.write(
            random.Random(len(held)).choice(
                (b"", b"GET / HT", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx")
            )
        )
        held.append((reader, writer))
        await asyncio.sleep(0.1)
    for _, writer in held:
        writer.transport.abort()


async def _requests(soak: Soak) -> None:
    while not soak.over:
        await attack(soak.home, 60)
        await asyncio.sleep(0.2)


async def _wrong_codes(soak: Soak) -> None:
    """From ever other addresses, in browsers of their own."""
    chance = random.Random(7)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
        while not soak.over:
            code = "".join(chance.choices("abcdefghijkmnpqrstuvwxyzABCDEFGH23456789", k=22))
            far = f"203.0.{chance.randrange(256)}.{chance.randrange(256)}"
            soak.typed |= {code, far}
            for path in (f"/i/i-{code}", f"/s/{code}", f"/mail/{code}", f"/besked/{code}/C1", f"/kalender/{code}.ics"):
                for method in ("GET", "POST"):
                    headers = {"X-Forwarded-For": far, "User-Agent": f"Snushane/{code}"}
                    async with client.request(method, soak.home + path, headers=headers, allow_redirects=False) as got:
                        assert got.status in (200, 303, 403, 404, 405, 415, 429), (path, got.status)
            await asyncio.sleep(0.1)


async def _forged_taps(soak: Soak, number: int) -> None:
    """Of buttons that others have, and of none; and codes typed in the chat. No faster than the bot may answer a chat,
    or what waits for this one is all that the end waits for."""
    chance = random.Random(number)
    stranger = Person(soak.bot.api, f"Ondskabsfuldemand{number}x{soak.forged}")
    stranger.starts()
    while not soak.over:
        theirs = [
            str(button["callback_data"])
            for someone in soak.answering[-6:]
            for seen in someone.person.sees()[-3:]
            for row in seen.raw.get("reply_markup", {}).get("inline_keyboard", ())
            for button in row
            if "callback_data" in button
        ]
        invented = (
            f"1:{chance.randrange(1 << 20)}:{chance.randrange(4)}:{chance.choice('aptogzRNW')}{chance.randrange(30)}"
        )
        stranger.forges(chance.choice(theirs) if theirs and chance.random() < 0.7 else invented)
        soak.forged += 1
        if chance.random() < 0.3:
            code = f"i-{chance.randbytes(11).hex()}"
            soak.typed.add(code)
            stranger.says(f"/start {code}")
        if chance.random() < 0.1:
            stranger.says("/eksport csv")
        await asyncio.sleep(2)


async def _scans_mails(soak: Soak) -> None:
    """Every link of every mail, opened as the programs do that look for what is dangerous."""
    done = 0
    while not soak.over or done < len(soak.box.mails):
        for mail in soak.box.mails[done:]:
            soak.given |= set(CODE.findall(mail.text))
            for link in dict.fromkeys(re.findall(r"https?://[^\s\"'<>]+", mail.text + mail.html)):
                if not link.startswith(soak.home):
                    continue
                browser = opened(soak.town)
                for method in ("HEAD", "GET"):
                    async with browser.session.request(method, link, allow_redirects=True) as got:
                        assert got.status in (200, 404, 429), (link, got.status)
                        soak.opened_links += 1
        done = len(soak.box.mails)
        await asyncio.sleep(0.2)


async def _asks_for_health(soak: Soak) -> None:
    while not soak.over:
        host = soak.home.removeprefix("http://")
        assert (await raw(soak.home, f"GET /health HTTP/1.1\nHost: {host}\nConnection: close\n\n")).status == 200
        await asyncio.sleep(0.5)


async def _until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not reached():  # noqa: ASYNC110  # another process brings it about
            await asyncio.sleep(0.05)


# --- the soak ---------------------------------------------------------------------------------------------


@sizes.few_and_many("seconds", 6, sizes.SOAK)
async def test_beside_strangers_no_answer_is_lost_and_nothing_leaks(
    tmp_path: Path, fork_server: ForkServer, port: int, seconds: int
) -> None:
    process = everything_open()
    async with mailbox() as box, LocalBotApi() as api:
        bot = Bot(api, tmp_path, fork_server, process=process)
        home = f"http://127.0.0.1:{port}"
        bot.env |= {
            "BESYV_WEB_PORT": str(port),
            "BESYV_WEB_URL": home,
            "BESYV_SMTP_URL": box.url(),
            "BESYV_MAIL_FROM": "Eksempel Kommune <frivillig@eksempel-kommune.example>",
            # Everybody here comes from one address, and again and again as somebody new.
            "BESYV_NEW_PEOPLE_PER_ADDRESS": "1000000",
            "BESYV_NEW_PEOPLE_PER_HOUR": "1000000",
        }
        try:
            await bot.start()
            town = cast(
                Town,
                SimpleNamespace(home=home, browsers=Browsers(), said=[], clock=SimpleNamespace(now=0), rows=bot.sql),
            )
            flows = Flows(process)
            soak = Soak(bot, home, box, time.monotonic() + 2, town)
            await _live(soak, flows, 1)  # what is loaded with the first of each kind
            soak.ends = time.monotonic() + seconds
            idle, logged, began = soak.memory, len(bot.said), time.monotonic()
            honest = len(soak.wrote) + sum(len(each.told) for each in soak.answering)
            await _live(soak, flows, 3)
            await bot.settled()
            took = time.monotonic() - began
            honest = len(soak.wrote) + sum(len(each.told) for each in soak.answering) - honest
            figures = {
                "seconds": round(took),
                "answers": honest,
                "forged": soak.forged,
                "links opened": soak.opened_links,
                "idle": idle,
                "after": soak.memory,
                "log": len(bot.said) - logged,
            }
            log.info("%s", json.dumps(figures))
            print(json.dumps(figures))
            assert soak.memory <= GROWTH * idle, figures
            assert len(bot.said) - logged <= LOGGED * max(took, 60) / 3600 + A_LINE * (honest + len(box.mails)), figures
            _answers_are_there(soak, flows)
            assert await bot.stop() == 0
            _kept_to_itself(soak)
        finally:
            for browser in town.browsers:
                await browser.close()
            await bot.kill()


async def _live(soak: Soak, flows: Flows, people: int) -> None:
    acts: list[Callable[[], Awaitable[None]]] = [
        lambda: _half_requests(soak),
        lambda: _requests(soak),
        lambda: _wrong_codes(soak),
        *(partial(_forged_taps, soak, number) for number in range(4)),
        lambda: _scans_mails(soak),
        lambda: _asks_for_health(soak),
    ]
    if not any(mail.to == MAIL for mail in soak.box.mails):
        acts.append(lambda: _gives_a_mail_address(soak))
    async with asyncio.TaskGroup() as group:
        for act in acts:
            group.create_task(_coroutine(act))
        for number in range(people):
            group.create_task(_answers_on_telegram(soak, flows, number + 10 * people))
            group.create_task(_answers_on_pages(soak, number))


async def _coroutine(act: Callable[[], Awaitable[None]]) -> None:
    await act()


def _answers_are_there(soak: Soak, flows: Flows) -> None:
    with soak.bot.stored() as tx:
        for someone in soak.answering:
            assert flows.stored(tx, someone.person.id) == someone.told
    command = [sys.executable, "-m", "bot", "export", "--format", "csv", "--out", str(soak.bot.folder / "out.csv")]
    done = subprocess.run(command, cwd=ROOT, env=soak.bot.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    file = (soak.bot.folder / "out.csv").read_text("utf-8-sig")
    told = "\n".join(row["text"] for row in by_column(file))
    assert [words for words in soak.wrote if words not in told] == []
    assert len(soak.wrote) > 3 and len(soak.answering) > 1


def _kept_to_itself(soak: Soak) -> None:
    """Needles of everything that was typed and given out. In the clear lie Telegram ids, groups, areas and what links
    that are handed on to everybody are called (docs/decisions/0006)."""
    log_text = soak.bot.said
    assert "Traceback" not in log_text and " ERROR " not in log_text, log_text[-4000:]
    people = [each.person for each in soak.answering]
    names = {str(value) for person in people for key, value in person.user.items() if key.endswith("name")}
    words = {part for each in soak.answering for told in each.told.values() for part in told.parts} | {*soak.wrote}
    secrets = {each for each in soak.given if len(each) >= 8} | {soak.bot.api.token}
    ids = {str(person.id) for person in people}
    assert len(secrets) > 20 and len(words) > 5 and len(soak.typed) > 10
    needles = names | words | secrets | soak.typed | ids | {MAIL, "127.0.0.1,", "2001:db8"}
    assert sorted(each for each in needles if each in log_text) == []
    files = b"".join(path.read_bytes() for path in sorted(soak.bot.folder.glob("besyv.*")))
    assert b"SQLite format 3" in files
    needles = names | words | secrets | soak.typed | {MAIL, "2001:db8", "203.0."}
    assert sorted(each for each in needles if each.encode() in files) == []
