"""`besyv run` as a process, with pages and a mail server and without Telegram: from the address to the last mail,
through a kill and a mail server that is away."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import yaml
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event

from bot.backoff import PATIENT
from bot.features import process_file
from bot.flows import schedule
from bot.process.flows import shipped_flows
from bot.process.loading import example, parse_file
from storage.db import Tx, connect
from storage.encryption import Keyring
from tests.support.fast_clock import FastClock
from tests.support.mail_readers import ANNA, CLICK, link_of
from tests.support.mailbox import Received, mailbox
from tests.support.pages import Browser, OnPages
from tests.support.patience import PATIENCE
from tests.support.visitors import posted
from tests.support.world import ForkServer

TITLE = "Fælles møde i Medborgerhuset"
ALWAYS = "0-23.59"  # o'clock: the test runs at any hour


def process(starts: datetime | None = None) -> str:
    """The example's file with one step, and the meeting if there is one."""
    whole = yaml.safe_load(example())
    whole["steps"] = [{"flow": "plan"}]
    whole["writing_hours"] = dict.fromkeys(("weekdays", "saturday", "sunday"), ALWAYS)
    whole["meetings"] = []
    if starts is not None:
        meeting = {"key": "faelles", "kind": "volunteers", "title": TITLE, "place": "Medborgerhuset", "reminders": []}
        whole["meetings"] = [{**meeting, "starts": f"{starts:%Y-%m-%d %H:%M}"}]
    return yaml.safe_dump(whole, allow_unicode=True, sort_keys=False)


@dataclass
class Served:
    """The process, over and over, on one database."""

    fork_server: ForkServer
    folder: Path
    smtp: str
    port: int = 0
    pid: int = 0
    ahead: float = 0.0  # seconds by which its clock is ahead of ours
    said: list[str] = field(default_factory=list)
    clock: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(now=0))
    browsers: list[Browser] = field(default_factory=list)

    @property
    def home(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        return {
            "BESYV_TELEGRAM_TOKEN": "",
            "BESYV_WEB_PORT": str(self.port),
            "BESYV_WEB_URL": self.home,
            "BESYV_DATABASE": str(self.folder / "besyv.db"),
            "BESYV_KEY_FILE": str(self.folder / "besyv.key"),
            "BESYV_PROCESS": str(self.folder / "process.yaml"),
            "BESYV_SMTP_URL": self.smtp,
            "BESYV_MAIL_FROM": "Eksempel Kommune <frivillig@eksempel-kommune.example>",
        }

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8")

    def browser(self) -> Browser:
        self.browsers.append(Browser(self.home, "da"))
        return self.browsers[-1]

    async def start(self) -> None:
        self.pid = await asyncio.to_thread(
            self.fork_server.fork, self.env, self.folder / "log", FastClock(self.ahead), PATIENT
        )
        await self.until(self._answers, "answers")

    def _answers(self) -> bool:
        try:
            urlopen(f"{self.home}/health", timeout=PATIENCE).close()
        except (URLError, ConnectionError):
            return False
        return True

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        os.kill(self.pid, how)
        await self.until(lambda: not Path(f"/proc/{self.pid}").exists(), "gone")

    async def until(self, reached: Callable[[], bool], what: str) -> None:
        ends = time.monotonic() + PATIENCE
        while not await asyncio.to_thread(reached):
            assert time.monotonic() < ends, f"not: {what}\n{self.log}"
            await asyncio.sleep(0.02)

    def loads(self, starts: datetime) -> None:
        """`besyv process load`, while the bot is down."""
        file = parse_file(process(starts), "process.yaml")
        with closing(connect(self.folder / "besyv.db", PATIENCE)) as connection:
            tx = Tx(connection, Keyring(self.folder / "besyv.key"))
            tx.run("BEGIN IMMEDIATE")
            process_file.save(tx, file, shipped_flows(file), int(time.time()))
            tx.run("COMMIT")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(connect(self.folder / "besyv.db", PATIENCE)) as connection:
            return [tuple(row) for row in connection.execute(sql)]


def event(received: Received) -> Event:
    [file] = received.files
    [found] = IcsCalendarStream.calendar_from_ics(file.get_content()).events
    return found


async def pressed(served: Served, received: Received, label: str) -> str:
    """In a browser that has never been there."""
    browser = served.browser()
    page = await browser.get(link_of(received, label))
    [button] = [control for control in page.buttons() if control.label == label]
    return str((await browser.press(page, button.element)).main.text_content())


@pytest.mark.proof
async def test_from_an_address_to_the_last_mail(tmp_path: Path, port: int) -> None:
    (tmp_path / "process.yaml").write_text(process(), "utf-8")
    starts = schedule.to_local(int(time.time())).replace(hour=19, minute=0) + timedelta(days=20)
    fork_server = ForkServer()
    async with mailbox() as box:
        served = Served(fork_server, tmp_path, box.url(), port)
        try:
            await served.start()
            anna = OnPages(served, served.home, "da")  # type: ignore[arg-type]  # all that a visitor needs of a town
            served.browsers.append(anna.browser)
            await anna.says("/start plan")
            for label in ("Jeg er med", "Frivillig", "Idræt", "Vil ikke svare", "Ja"):
                await anna.taps(label)
            await anna.says("/mail")
            await anna.says(ANNA)
            await served.until(lambda: len(box.mails) == 1, "asked")
            assert "Mailadressen er bekræftet" in await pressed(served, box.mails[0], "Ja, det er min adresse")

            box.at_greeting = "421 4.3.2 Service not available"
            await served.stop()
            served.loads(starts)
            await served.start()  # it looks for what is due at once
            waiting = "SELECT leased_until - due_at < 100 FROM outbox WHERE state = 'due' AND leased_until > 0"
            await served.until(lambda: served.rows(waiting) == [(1,)], "put back, for the server is away")
            await served.stop(signal.SIGKILL)
            box.at_greeting = None
            [(due_again,)] = served.rows("SELECT leased_until FROM outbox WHERE state = 'due'")
            served.ahead = max(0.0, due_again - time.time())  # as if nobody had started it before
            await served.start()
            await served.until(lambda: len(box.mails) == 2, "invited")
            invited = box.mails[1]
            assert (invited.to, invited.message["Subject"]) == (ANNA, f"Invitation: {TITLE}")
            assert "Tak. Du er tilmeldt." in await pressed(served, invited, "Ja, jeg kommer")

            await served.stop()
            served.loads(starts + timedelta(days=1))
            await served.start()
            await served.until(lambda: len(box.mails) == 3, "moved")
            moved = box.mails[2]
            assert moved.message["Subject"] == f"Mødet er flyttet: {TITLE}"
            before, after = event(invited), event(moved)
            assert (after.uid, after.sequence) == (before.uid, (before.sequence or 0) + 1)
            assert after.start_datetime - before.start_datetime == timedelta(days=1)
            assert served.rows("SELECT answer, placed FROM signups") == [("yes", 1)]

            stop = str(moved.message["List-Unsubscribe"]).strip("<>").removeprefix(served.home)
            assert moved.message["List-Unsubscribe-Post"] == CLICK
            for _ in range(2):
                status, *_ = await posted(served.browser(), stop, [("List-Unsubscribe", "One-Click")])
                assert status == 200
            await served.stop()
            served.loads(starts + timedelta(days=2))
            await served.start()
            await served.until(
                lambda: ("unreachable",) in served.rows("SELECT state FROM outbox"), "nobody to write to any more"
            )
            await served.stop()
        finally:
            for browser in served.browsers:
                await browser.close()
            fork_server.close()  # and whatever it forked
        assert len(box.mails) == 3
        assert served.rows("SELECT state, count(*) FROM outbox GROUP BY state") == [("sent", 3), ("unreachable", 1)]
        codes = re.findall(r"/(?:mail|besked)/([\w-]{22})", "".join(each.text for each in box.mails))
        assert [secret for secret in (ANNA, *codes) if secret in served.log] == []
        assert " ERROR " not in served.log and "Traceback" not in served.log
