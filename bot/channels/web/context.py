"""What every page needs: the database, the context, who is there, and the words that wait for their next page."""

from __future__ import annotations

import logging
import sqlite3
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot import codes, texts
from bot.access import rights
from bot.channels.web import render, session
from bot.channels.web.limits import Limits
from bot.channels.web.openid import OpenId
from bot.channels.web.session import PageFrame, SessionOver, Visitor
from bot.dialogue import naming
from bot.dialogue.reply import Reply
from bot.dialogue.session import WEB, Context, Display, Session, Visit, load
from bot.flows.model import SPEAK_FOR_MANY
from bot.flows.schedule import WEEK
from bot.process.plan import Plan
from storage import page_notes, people, personal_links, sessions
from storage.db import Database, Tx
from storage.people import VisitorProfile
from storage.sessions import WebSession

log = logging.getLogger(__name__)
T = TypeVar("T")
MOST_NOTES = 6
MOST_ROWS = 20  # of notes for one page; of who loads none, what was last is kept
NOTES_KEPT = WEEK  # for which what happened waits for a page to be told on
MOST_WAITING = 10_000  # people whose notes wait for a page; who never comes back is forgotten


@dataclass(frozen=True, slots=True)
class WaitingNotes:
    """What somebody's next page is to say, and the rows in which it stands until that page is out."""

    notes: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """Whose a browser is from now on."""

    address: str
    begins: bool = True  # under a session that begins; in its own browser it goes on under the one there is
    step: str | None = None  # the one step it may answer
    by_mail: bool = False  # by a link that came so


@dataclass(slots=True, kw_only=True)
class WebContext:
    database: Database
    context: Context
    clock: Callable[[], float]
    limits: Limits = field(default_factory=Limits)
    telegram_expected: bool = False
    wake: Callable[[], None] = lambda: None  # something in the outbox may be due
    wake_chat: Callable[[], None] = lambda: None  # something of ours waits for a chat
    openid: OpenId | None = None  # the municipality's own sign-in, where it is set up
    backup_overdue: Callable[[int | None, int], bool] | None = None  # by the last one and now; None: none are expected
    _notes: OrderedDict[str, WaitingNotes] = field(default_factory=OrderedDict)  # by address
    _told: dict[str, tuple[int, ...]] = field(default_factory=dict)  # rows whose page is on its way

    @property
    def secure(self) -> bool:
        return (self.context.process_host.web or "").startswith("https://")

    def visitor(self, request: Request) -> Visitor:
        """The browser that asks: the same all through a request."""
        known: Visitor | None = getattr(request.state, "visitor", None)
        if known is None:
            known = session.visitor(request, self.database.keys.derived, secure=self.secure)
            request.state.visitor = known
        return known

    # --- use cases --------------------------------------------------------------------------------------

    def visit_in(self, tx: Tx, visitor: Visitor, display: Display = Display.PAGES) -> Visit:
        """Where the browser is, by its cookie."""
        now = int(self.clock())
        if not visitor.is_looked_up:
            visitor.found(self._session(tx, visitor, now))
        here = visitor.session.id_hash if visitor.session is not None else ""
        return Visit(
            channel=WEB,
            address=visitor.address,
            now=now,
            sent_at=now,
            language=visitor.language,
            prompt_seen=True,
            display=display,
            session=here,
            client=visitor.client,
        )

    def _session(self, tx: Tx, visitor: Visitor, now: int) -> WebSession | None:
        """By its cookie; by the id that the form just sent has begun already, where it was sent twice; or by what the
        browser brought before, if it never got that id."""
        found = sessions.find(tx, visitor.id_hash, now) if visitor.came_with_cookie else None
        if found is None and visitor.nonce:
            for limited in (False, True):
                begun = visitor.next_id(limited=limited)
                found = sessions.find(tx, codes.address_of(begun), now)
                if found is not None:
                    visitor.new_id = begun
                    return found
        if found is None and visitor.came_with_cookie:
            found = sessions.find_previous(tx, visitor.id_hash, now)
        if found is not None and visitor.by_old_name and found.device:
            return None  # it has come under the name of today since: somebody else has put this one there
        return found

    async def act(self, visitor: Visitor, use_case: Callable[[Tx, Context, Visit], T]) -> T:
        """Runs a use case that may write, and returns after the commit."""
        return await self.database.write(lambda tx: use_case(tx, self.context, self.visit_in(tx, visitor)))

    async def lead(self, visitor: Visitor, use_case: Callable[[Tx, Context, Visit], T]) -> T:
        """As `act`, for a use case that leads to the person's page (`redirect_to_person`), so no screen is drawn here.
        What happened is kept with it, for the next page to say (`words_for`), also after a restart."""

        def unit(tx: Tx) -> tuple[T, tuple[int, ...]]:
            visit = self.visit_in(tx, visitor, Display.ADDRESS)
            outcome = use_case(tx, self.context, visit)
            return outcome, _kept(tx, visit, outcome) if isinstance(outcome, Reply) and outcome.notes else ()

        return await self._led(visitor, *await self.database.write(unit))

    async def _led(self, visitor: Visitor, outcome: T, rows: tuple[int, ...]) -> T:
        if isinstance(outcome, Reply):
            if untold := self._leave(visitor.address, WaitingNotes(outcome.notes, rows)):
                await self._forget(untold)
            return replace(outcome, notes=())
        return outcome

    async def come_in(
        self,
        visitor: Visitor,
        use_case: Callable[[Tx, Context, Visit], Reply | None],
        *,
        by: Callable[[Tx, Context, Visit], Entry | None] | None = None,
    ) -> Reply | None:
        """As `lead`, and the browser gets a session under a new id: one that it brought, or that somebody put there,
        becomes nobody's. `by`: whose it is from now on, decided in the transaction that makes it so (None: nobody's,
        and nothing is done); its own otherwise. None where the use case has nothing to show. Raises SessionOver: what
        the browser brought was not made by us, or is over."""

        def unit(tx: Tx) -> tuple[Reply | None, tuple[int, ...]]:
            before = self.visit_in(tx, visitor, Display.ADDRESS)
            entry = Entry(before.address) if by is None else by(tx, self.context, before)
            if entry is None:
                return None, ()
            if visitor.has_ended and entry.begins:
                raise SessionOver
            visit = replace(before, address=entry.address)
            reply = use_case(tx, self.context, visit)
            if reply is None:
                return None, ()
            began = entry.begins and self._give_id(tx, visitor, entry, before.now)
            if began and entry.step is None:
                self.context.tables.came_in(tx, self.context, replace(visit, session=codes.address_of(visitor.new_id)))
            return reply, _kept(tx, visit, reply) if reply.notes else ()

        return await self._led(visitor, *await self.database.write(unit))

    def _give_id(self, tx: Tx, visitor: Visitor, entry: Entry, now: int) -> bool:
        """Whether that began a session, and gave no other id to the one there was."""
        here, address, step = visitor.session, entry.address, entry.step
        if visitor.new_id and here is not None and here.address == address:
            return False  # the form was sent twice
        new_id = visitor.next_id(limited=step is not None)
        new_hash = codes.address_of(new_id)
        goes_on = here is not None and here.address == address and here.step is None
        if here is not None and goes_on:
            personal_links.keep(tx, visitor.cookie, here.id_hash)
            sessions.change_id(tx, here.id_hash, new_hash, now)
        else:
            if here is not None:
                sessions.end(tx, here.id_hash)
            before = visitor.id_hash if visitor.came_with_cookie else None
            came_by = sessions.BY_MAIL if entry.by_mail else ""
            sessions.begin(tx, new_hash, address, visitor.device, now, step=step, previous=before, came_by=came_by)
        visitor.new_id = new_id
        visitor.session = sessions.find(tx, new_hash, now)
        return not goes_on

    async def note_use(self, visitor: Visitor) -> None:
        """Notes now and then that a session is used, and which of its two ids the browser has."""
        found, now = visitor.session, int(self.clock())
        if found is None or visitor.new_id or not found.is_to_be_noted(now):
            return
        brought = visitor.id_hash
        try:
            await self.database.write(lambda tx: sessions.note_use(tx, found, brought, visitor.device, now))
        except sqlite3.Error as error:
            log.error("web session database=%s", type(error).__name__)  # it is noted by the next request

    async def look(self, visitor: Visitor, use_case: Callable[[Tx, Context, Visit], T]) -> tuple[T, PageFrame]:
        """Runs a read-only use case on a snapshot; returns its result and the page frame."""

        def seen(tx: Tx) -> tuple[T, PageFrame]:
            visit = self.visit_in(tx, visitor)
            return use_case(tx, self.context, visit), self.frame_in(tx, visit)

        return await self.database.read(seen)

    async def see(self, visitor: Visitor, use_case: Callable[[Session], T]) -> tuple[T | None, PageFrame]:
        """As `look`, for a known person: loads the session once for both. Returns None for anybody else."""

        def seen(tx: Tx) -> tuple[T | None, PageFrame]:
            visit = self.visit_in(tx, visitor)
            s = load(tx, self.context, visit)
            if s is None:
                return None, self.frame_in(tx, visit)
            return use_case(s), self._frame_of(tx, s.plan, people.profile_of(tx, s.person.id, *visit.at))

        return await self.database.read(seen)

    async def frame(self, visitor: Visitor) -> PageFrame:
        return await self.database.read(lambda tx: self.frame_in(tx, self.visit_in(tx, visitor)))

    def frame_in(self, tx: Tx, visit: Visit) -> PageFrame:
        found = people.profile_at(tx, visit.channel, visit.address)
        if found is None:
            return PageFrame(self.context.process_host.plan(tx), known=False, language=visit.language)
        return self._frame_of(tx, self.context.process_host.plan(tx, found.process_id), found)

    def _frame_of(self, tx: Tx, plan: Plan, found: VisitorProfile) -> PageFrame:
        language = texts.language_of(found.language)
        elsewhere = [each for each in found.processes if each != plan.process_id]
        plans = [plan, *(self.context.process_host.plan(tx, each) for each in elsewhere)] if elsewhere else []
        names, in_sentences = naming.processes(language, plans), naming.the_processes(language, plans)
        return PageFrame(
            plan,
            known=True,
            language=language,
            here=names[plan.process_id] if elsewhere else "",
            others=tuple((each, in_sentences[each]) for each in elsewhere),
            rights=rights(found.roles),
            together=found.stakeholder in SPEAK_FOR_MANY or bool(found.shows_answers),
            mails=self.context.process_host.mails,
        )

    # --- answers ----------------------------------------------------------------------------------------

    def page(self, visitor: Visitor, html: str, status: int = 200) -> Response:
        """Whoever has no cookie yet gets it with their first page, so that its forms work. No refusal carries one."""
        response = HTMLResponse(html, status)
        if visitor.new_id and status == 200:
            self.give_cookie(response, visitor)
        elif visitor.navigates and status == 200 and (visitor.by_old_name or not visitor.came_with_cookie):
            session.remember(response, visitor.cookie, secure=self.secure)
        if rows := self._told.pop(visitor.address, ()):
            response.background = BackgroundTask(self._forget, rows)
        return response

    def give_cookie(self, response: Response, visitor: Visitor) -> None:
        """The new id of who has just come in."""
        if visitor.new_id:
            session.remember(response, visitor.new_id, secure=self.secure)

    def redirect_to_person(self, visitor: Visitor, reply: Reply) -> Response:
        """On to the page where the person is now; what happened is said there."""
        self.leave_word(visitor, reply.notes)
        response = RedirectResponse(render.address_of(reply), 303)
        self.give_cookie(response, visitor)
        return response

    # --- what the next page is to say -------------------------------------------------------------------

    async def recall(self) -> None:
        """Takes up what was to be said before a restart."""
        since = int(self.clock()) - NOTES_KEPT
        for left in await self.database.read(lambda tx: page_notes.left_since(tx, since)):
            self._leave(left.address, WaitingNotes(left.notes, (left.id,)))

    def leave_word(self, visitor: Visitor, notes: tuple[str, ...]) -> None:
        """Words that say no more than the next page shows; a restart forgets them."""
        self._leave(visitor.address, WaitingNotes(notes))

    def _leave(self, address: str, waiting: WaitingNotes) -> tuple[int, ...]:
        """The rows of what will not be told any more: there is too much."""
        if not waiting.notes:
            return ()
        before = self._notes.pop(address, WaitingNotes())  # of a double click, whose first page was never loaded
        notes = tuple(dict.fromkeys((*before.notes, *waiting.notes)))[-MOST_NOTES:]
        rows = (*before.rows, *waiting.rows)
        self._notes[address] = WaitingNotes(notes, rows[-MOST_ROWS:])
        if len(self._notes) > MOST_WAITING:
            self._notes.popitem(last=False)
        return rows[:-MOST_ROWS]

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
