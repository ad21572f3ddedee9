"""People on the pages who gave a mail address, and what they do with the mail that comes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from bot.features.meetings.service import scheduling
from bot.flows import schedule
from bot.process.file import MeetingKind
from storage.db import Tx
from storage.meetings import MeetingDetails, MeetingFacts
from tests.support.chat import Found, Town
from tests.support.mailbox import Mailbox, Received, mailbox
from tests.support.pages import Browser, OnPages, Page
from tests.support.visitors import opened

ANNA = "anna.lund@nordby.example"
TITLE = "Fælles møde i Nordby"
STARTS = schedule.to_utc(datetime.fromisoformat("2026-03-17 19:00"))
CLICK = "List-Unsubscribe=One-Click"


@asynccontextmanager
async def served(found: Found, **kind: Any) -> AsyncIterator[tuple[Town, Mailbox]]:
    async with mailbox() as box, found(channel="web", smtp=box.url(), **kind) as town:
        yield town, box


async def anna_of(town: Town, *, name: str = "Anna", messages: str = "Ja") -> OnPages:
    """A volunteer on the pages, who has told about herself."""
    anna = town.visitor(name)
    await anna.says("/start plan")
    for label in ("Jeg er med", "Frivillig", "Idræt", "Nordby", messages):
        await anna.taps(label)
    return anna


async def gives(anna: OnPages, address: str = ANNA) -> None:
    await anna.says("/mail")
    await anna.says(address)
    await anna.town.rest()


async def confirmed(town: Town, box: Mailbox, *, name: str = "Anna", address: str = ANNA) -> OnPages:
    anna = await anna_of(town, name=name)
    await gives(anna, address)
    await pressed(town, link_of(box.mails[-1], "Ja, det er min adresse"), "Ja, det er min adresse")
    return anna


def link_of(received: Received, label: str) -> str:
    """The address behind a link of the plain text."""
    found = re.search(rf"^{re.escape(label)}: (\S+)$", received.text, re.MULTILINE)
    assert found is not None, received.text
    return found[1]


async def pressed(town: Town, link: str, label: str, browser: Browser | None = None) -> Page:
    """In a browser of its own that has no cookie yet, unless one is given."""
    browser = browser or opened(town)
    page = await browser.get(link)
    [button] = [control for control in page.buttons() if control.label == label]
    shown = await browser.press(page, button.element)
    await town.rest()
    return shown


def facts(starts: int = STARTS, **more: Any) -> MeetingFacts:
    details = MeetingDetails(title=TITLE, place="Sognegården", address="Kirkevej 3, Nordby")
    return MeetingFacts(
        kind=MeetingKind.VOLUNTEERS,
        details=details,
        starts_at=starts,
        ends_at=starts + 7200,
        invites_at=int(STARTS - 14 * 86400),
        **more,
    )


def said(page: Page) -> str:
    return "\n".join(page.sight().lines())


async def meets(town: Town, **more: Any) -> int:
    """A meeting for everybody, and those it is for are told of it."""

    def make(tx: Tx) -> int:
        return scheduling.make(tx, town.runtime.process_host.plan(tx).process_id, facts(**more), int(town.clock.now))

    number = await town.runtime.database.write(make)
    await comes_to(town, "2026-03-04 10:00")
    return number


async def comes_to(town: Town, moment: str) -> None:
    town.clock.now = max(town.clock.now, schedule.to_utc(datetime.fromisoformat(moment)))
    await town.looks()
