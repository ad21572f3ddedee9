"""What every page needs: the database, the context, who is there, and the words that wait for their next page."""

from __future__ import annotations

import logging
import sqlite3
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from starlette.background import BackgroundTask
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot import texts
from bot.access import rights
from bot.channels.web import render, session
from bot.channels.web.limits import Limits
from bot.channels.web.session import PageFrame, Visitor
from bot.dialogue.reply import Reply
from bot.dialogue.session import WEB, Context, Display, Session, Visit, load
from bot.flows.model import SPEAK_FOR_MANY
from bot.flows.schedule import WEEK
from bot.process.plan import Plan
from storage import page_notes, people
from storage.db import Database, Tx
from storage.people import VisitorProfile

log = logging.getLogger(__name__)
T = TypeVar("T")
MOST_NOTES = 6
NOTES_KEPT = WEEK  # for which what happened waits for a page to be told on
MOST_WAITING = 10_000  # people whose notes wait for a page; who never comes back is forgotten


@dataclass(frozen=True, slots=True)
class WaitingNotes:
    """What somebody's next page is to say, and the rows in which it stands until that page is out."""

    notes: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()


@dataclass(slots=True)
class WebContext:
    database: Database
    context: Context
    clock: Callable[[], float]
    limits: Limits = field(default_factory=Limits)
    telegram_expected: bool = False
    wake: Callable[[], None] = lambda: None  # something in the outbox may be due
    _notes: OrderedDict[str, WaitingNotes] = field(default_factory=OrderedDict)  # by address
    _told: dict[str, tuple[int, ...]] = field(default_factory=dict)  # rows whose page is on its way

    @property
    def secure(self) -> bool:
        return (self.context.process_host.web or "").startswith("https://")

    # --- use cases --------------------------------------------------------------------------------------

    def visit(self, visitor: Visitor, display: Display = Display.PAGES) -> Visit:
        now = int(self.clock())
        return Visit(WEB, visitor.address, now, now, visitor.language, prompt_seen=True, display=display)

    async def act(self, visitor: Visitor, use_case: Callable[[Tx, Context, Visit], T]) -> T:
        """Runs a use case that may write, and returns after the commit."""
        visit = self.visit(visitor)
        return await self.database.write(lambda tx: use_case(tx, self.context, visit))

    async def lead(self, visitor: Visitor, use_case: Callable[[Tx, Context, Visit], T]) -> T:
        """As `act`, for a use case that leads to the person's page (`redirect_to_person`), so no screen is drawn here.
        What happened is kept with it, for the next page to say (`words_for`), also after a restart."""
        visit = self.visit(visitor, Display.ADDRESS)

        def unit(tx: Tx) -> tuple[T, tuple[int, ...]]:
            outcome = use_case(tx, self.context, visit)
            return outcome, _kept(tx, visit, outcome) if isinstance(outcome, Reply) and outcome.notes else ()

        outcome, rows = await self.database.write(unit)
        if isinstance(outcome, Reply):
            self._leave(visitor.address, WaitingNotes(outcome.notes, rows))
            return replace(outcome, notes=())
        return outcome

    async def look(self, visitor: Visitor, use_case: Callable[[Tx, Context, Visit], T]) -> tuple[T, PageFrame]:
        """Runs a read-only use case on a snapshot; returns its result and the page frame."""
        visit = self.visit(visitor)
        return await self.database.read(lambda tx: (use_case(tx, self.context, visit), self.frame_in(tx, visit)))

    async def see(self, visitor: Visitor, use_case: Callable[[Session], T]) -> tuple[T | None, PageFrame]:
        """As `look`, for a known person: loads the session once for both. Returns None for anybody else."""
        visit = self.visit(visitor)

        def seen(tx: Tx) -> tuple[T | None, PageFrame]:
            s = load(tx, self.context, visit)
            if s is None:
                return None, self.frame_in(tx, visit)
            return use_case(s), self._frame_of(s.plan, people.profile_of(tx, s.person.id))

        return await self.database.read(seen)

    async def frame(self, visitor: Visitor) -> PageFrame:
        visit = self.visit(visitor)
        return await self.database.read(lambda tx: self.frame_in(tx, visit))

    def frame_in(self, tx: Tx, visit: Visit) -> PageFrame:
        found = people.profile_at(tx, visit.channel, visit.address)
        if found is None:
            return PageFrame(self.context.process_host.plan(tx), known=False, language=visit.language)
        return self._frame_of(self.context.process_host.plan(tx, found.process_id), found)

    def _frame_of(self, plan: Plan, found: VisitorProfile) -> PageFrame:
        return PageFrame(
            plan,
            known=True,
            language=texts.language_of(found.language),
            rights=rights(found.roles),
            together=found.stakeholder in SPEAK_FOR_MANY or bool(found.shows_answers),
            mails=self.context.process_host.mails,
        )

    # --- answers ----------------------------------------------------------------------------------------

    def page(self, visitor: Visitor, html: str, status: int = 200) -> Response:
        """Whoever has no cookie yet gets it with their first page, so that forms work on the second."""
        response = HTMLResponse(html, status)
        if not visitor.came_with_cookie:
            session.remember(response, visitor.secret, secure=self.secure)
        if rows := self._told.pop(visitor.address, ()):
            response.background = BackgroundTask(self._forget, rows)
        return response

    def redirect_to_person(self, visitor: Visitor, reply: Reply) -> Response:
        """On to the page where the person is now; what happened is said there."""
        self.leave_word(visitor, reply.notes)
        return RedirectResponse(render.address_of(reply), 303)

    # --- what the next page is to say -------------------------------------------------------------------

    async def recall(self) -> None:
        """Takes up what was to be said before a restart."""
        since = int(self.clock()) - NOTES_KEPT
        for left in await self.database.read(lambda tx: page_notes.left_since(tx, since)):
            self._leave(left.address, WaitingNotes(left.notes, (left.id,)))

    def leave_word(self, visitor: Visitor, notes: tuple[str, ...]) -> None:
        """Words that say no more than the next page shows; a restart forgets them."""
        self._leave(visitor.address, WaitingNotes(notes))

    def _leave(self, address: str, waiting: WaitingNotes) -> None:
        if not waiting.notes:
            return
        before = self._notes.pop(address, WaitingNotes())  # of a double click, whose first page was never loaded
        notes = tuple(dict.fromkeys((*before.notes, *waiting.notes)))[-MOST_NOTES:]
        self._notes[address] = WaitingNotes(notes, (*before.rows, *waiting.rows))
        if len(self._notes) > MOST_WAITING:
            self._notes.popitem(last=False)

    def words_for(self, visitor: Visitor) -> tuple[str, ...]:
        """What the visitor's page is to say, once. In doubt it is said again: a restart before the page is out."""
        waiting = self._notes.pop(visitor.address, WaitingNotes())
        if waiting.rows:
            self._told[visitor.address] = waiting.rows
        return waiting.notes

    async def _forget(self, rows: tuple[int, ...]) -> None:
        try:
            await self.database.write(lambda tx: page_notes.erase(tx, rows))
        except sqlite3.Error as error:
            log.error("web notes database=%s", type(error).__name__)  # they are said once more after a restart


def _kept(tx: Tx, visit: Visit, reply: Reply) -> tuple[int, ...]:
    """The row in which its notes stand; none where nobody we know is at the address."""
    person = people.at_address(tx, visit.channel, visit.address) if reply.person_id is None else None
    person_id = reply.person_id if person is None else person.id
    return () if person_id is None else (page_notes.leave(tx, person_id, visit.address, reply.notes, visit.now),)
