"""The composition root: settings → database → use cases → channels. Owns the clock and the task group."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from telegram.error import TelegramError
from telegram.ext import Application

from bot import handlers, texts
from bot.conversation import away
from bot.delivery.fetcher import Fetcher
from bot.delivery.lanes import Lanes
from bot.delivery.outside import back_off
from bot.delivery.pacer import Pacer
from bot.desk import CHANNEL, Desk, Unreachable
from bot.flows.model import Language
from bot.flows.yamltext import Faulty
from bot.handlers import menu
from bot.mailer import Mailer
from bot.post import Post
from bot.process import owed as owing
from bot.process import plan, reminders, retention, watch
from bot.process.invitations import FORGOTTEN
from bot.process.plan import House
from bot.sender import EMAIL, Parcel, Route, Sender
from bot.settings import Settings, SettingsError
from bot.transport import AiohttpRequest
from storage import inbox, invitations, moves, outbox, parties, people, processes, sendings
from storage.db import Database, DatabaseError, Tx
from storage.inbox import Waiting
from storage.sealed import Keyring, SealError
from web import server
from web.site import Site

log = logging.getLogger(__name__)

Clock = Callable[[], float]
GRACE_AT_STOP = 5.0  # seconds for what is under way; container runtimes kill after ten
KEEP_SETTLED = 7 * 24 * 3600  # seconds; Telegram repeats nothing older than a day
KEEP_IMPORTS = 24 * 3600  # seconds for which a file waits for the leader's yes
KEEP_DRAFTS = 7 * 24 * 3600  # seconds for which a message to many waits for the leader's yes
KEEP_OWED = 90 * 24 * 3600  # seconds for which it is known what became of a message
MANY_A_SECOND = 24  # of what we owe; Telegram takes about 30, and what is left is for replies
CHANNELS_COME_UP = 30.0  # seconds for which what we owe waits for all channels together
LOOKS_EVERY = 20  # seconds between looks for what is due


@dataclass(frozen=True, slots=True)
class Opened:
    database: Database
    house: House
    sender: Sender
    owed: asyncio.Event = field(default_factory=asyncio.Event)  # something may be due in the outbox


@asynccontextmanager
async def opened(settings: Settings, clock: Clock = time.time) -> AsyncIterator[Opened]:
    """The database with its process. An empty one gets the process file of the settings, or the example.

    Raises SettingsError that names the setting whose file can't be used.
    """
    try:
        keys = Keyring.open_or_create(settings.key_path)
    except (SealError, OSError) as error:
        raise SettingsError(f"BESYV_KEY_FILE: {error}") from None
    try:
        database = await Database.open(settings.database_path, keys)
    except DatabaseError as error:
        raise SettingsError(f"BESYV_DATABASE: {error}") from None
    try:
        house = House(await _default_process(database, settings, int(clock())), settings.web)
        yield Opened(database, house, Sender(database, house, clock))
    finally:
        await database.close()


def _warn_of_neighbours(settings: Settings) -> None:
    """Telegram's terms ask for the key to be stored apart from the data (bot developers § 4.4)."""
    if settings.key_path.resolve().parent == settings.database_path.resolve().parent:
        log.warning("the key file lies beside the database: set BESYV_KEY_FILE to another disk or volume")


async def _default_process(database: Database, settings: Settings, now: int) -> str:
    """The key of the process a bare /start enters: the first that was loaded."""
    known = await database.read(processes.every)
    if known:
        return known[0].key
    try:
        file = plan.parse_file(*process_text(settings))
    except Faulty as faulty:
        raise SettingsError(f"BESYV_PROCESS: {faulty.faults[0]}") from None
    flows = plan.shipped_flows(file)
    await database.write(lambda tx: plan.save(tx, file, flows, now))
    return file.process


def process_text(settings: Settings) -> tuple[str, str]:
    """The text and the name of the process file of the settings, or of the example. Raises SettingsError."""
    if not settings.process:
        return plan.example(), "example.yaml"
    try:
        return plan.read_file(Path(settings.process)), Path(settings.process).name
    except Faulty as faulty:
        raise SettingsError(f"BESYV_PROCESS: {faulty}") from None


# --- the main job -----------------------------------------------------------------------------------------


async def run(settings: Settings, *, pacer: Pacer | None = None, clock: Clock = time.time) -> None:
    """Every channel that is set up, until SIGTERM or SIGINT. What is under way then is settled, or left in the inbox
    for the next start. Raises SettingsError where the web's port can't be had."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    _warn_of_neighbours(settings)
    bound = _bound(settings)
    async with opened(settings, clock) as house, mailing(settings, house, clock):
        scheduler = by_the_clock(house, clock)
        try:
            async with asyncio.TaskGroup() as group:
                if bound is not None:
                    group.create_task(serve_web(settings, house, bound, stop, clock=clock))
                    log.info("web address=%s", settings.web)
                if settings.telegram_token.get_secret_value():
                    house.sender.expects(CHANNEL)
                    group.create_task(
                        serve_telegram(
                            settings, house, stop, pacer=pacer or Pacer(bulk_per_second=MANY_A_SECOND), clock=clock
                        )
                    )
                group.create_task(serve_owed(house, stop))
        finally:
            scheduler.shutdown(wait=False)


def _bound(settings: Settings) -> socket.socket | None:
    if settings.web is None:
        return None
    if settings.telegram_token.get_secret_value() and not settings.web_url:
        log.warning("BESYV_WEB_URL is not set: links lead to %s, which others may not reach", settings.web)
    try:
        return server.bind(settings.web_host, settings.web_port)
    except OSError as error:
        raise SettingsError(f"BESYV_WEB_PORT: {settings.web_host}:{settings.web_port}: {error.strerror}") from None


async def serve_web(
    settings: Settings, house: Opened, bound: socket.socket, stop: asyncio.Event, *, clock: Clock = time.time
) -> None:
    telegram = bool(settings.telegram_token.get_secret_value())
    site = Site(house.database, house.house, clock, telegram_expected=telegram, wake=house.owed.set)
    await server.serve(site, bound, stop)


async def serve_owed(house: Opened, stop: asyncio.Event) -> None:
    """What we owe, on whatever channel people are reached."""
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(house.sender.stand_by(house.owed, CHANNELS_COME_UP))
        await stop.wait()
        await _wound_down(house.sender)
        sending.cancel()


async def _wound_down(sender: Sender) -> None:
    with suppress(TimeoutError):  # what was not settled is sent again
        async with asyncio.timeout(GRACE_AT_STOP):
            await sender.wind_down()


# --- e-mail -----------------------------------------------------------------------------------------------


@asynccontextmanager
async def mailing(settings: Settings, house: Opened, clock: Clock = time.time) -> AsyncIterator[None]:
    """What we owe goes out by e-mail too, where that is set up; its links need the pages."""
    if not settings.smtp_url.get_secret_value():
        yield
        return
    if settings.web is None:
        log.warning("BESYV_WEB_PORT is 0: no e-mail is sent, for its links lead to the pages")
        yield
        return
    if not settings.web_url:
        log.warning("BESYV_WEB_URL is not set: links in e-mail lead to %s, which others may not reach", settings.web)
    mailer = Mailer(settings.smtp_url.get_secret_value(), settings.mail_from, clock=clock)
    house.sender.has(EMAIL, by_mail(Post(mailer, house.database, house.house, clock)))
    house.house.mails = True
    try:
        yield
    finally:
        await mailer.close()


def by_mail(post: Post) -> Route:
    async def send(parcel: Parcel) -> None:
        await post.send_owed(parcel.person_id, parcel.address, parcel.reply, parcel.code)

    return send


# --- Telegram ---------------------------------------------------------------------------------------------


async def serve_telegram(
    settings: Settings, house: Opened, stop: asyncio.Event, *, pacer: Pacer, clock: Clock = time.time
) -> None:
    application = _application(settings)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(_serve(application, house, group, pacer, clock))
        await stop.wait()
        running.cancel()


async def _serve(
    application: Application,  # type: ignore[type-arg]  # PTB's six type parameters say nothing here
    house: Opened,
    group: asyncio.TaskGroup,
    pacer: Pacer,
    clock: Clock,
) -> None:
    try:
        await _until_it_works("start", application.initialize)
    except asyncio.CancelledError:
        await application.bot.request.shutdown()
        raise
    tasks: set[asyncio.Task[None]] = set()

    def spawn(coroutine: Coroutine[Any, Any, None]) -> None:
        task = group.create_task(coroutine)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    desk = Desk(application, house.database, house.house, pacer, clock, spawn)
    handlers.register(desk)

    async def lost(update: Waiting) -> None:
        await _tell_lost(desk, update)

    lanes = Lanes(house.database, desk.handle, lost, spawn)

    async def after_absence(since: int) -> None:
        offered = []
        for address, number in await house.database.read(lambda tx: away.addresses(tx, CHANNEL, since)):
            done = asyncio.Event()
            lanes.put_job(int(address), partial(_then, done, partial(desk.offer_again, int(address), number)))
            offered.append(done)
        for done in offered:
            await done.wait()

    fetcher = Fetcher(application.bot, house.database, lanes, clock, spawn, tapped=desk.answer_tap, away=after_absence)
    house.house.telegram = application.bot.username
    house.sender.has(CHANNEL, by_telegram(desk))
    house.owed.set()
    spawn(_until_it_works("menu", lambda: menu.announce(desk)))
    log.info("telegram bot=@%s", application.bot.username)
    try:
        await fetcher.run()
    finally:
        await _finish(lanes, tasks, house.sender)
        await application.shutdown()


def by_telegram(desk: Desk) -> Route:
    async def send(parcel: Parcel) -> None:
        await desk.send_owed(int(parcel.address), parcel.reply)

    return send


async def _finish(lanes: Lanes, tasks: set[asyncio.Task[None]], sender: Sender) -> None:
    """After SIGTERM nothing new is fetched; what is under way gets a moment, the rest waits in the inbox."""
    try:
        async with asyncio.timeout(GRACE_AT_STOP):
            await lanes.calm()
            await sender.wind_down()
    except TimeoutError:
        log.warning("stop left_in_inbox=yes")
    for task in list(tasks):
        task.cancel()


async def _then(done: asyncio.Event, job: Callable[[], Awaitable[None]]) -> None:
    try:
        await job()
    finally:
        done.set()


def _application(settings: Settings) -> Application:  # type: ignore[type-arg]  # as above
    request = AiohttpRequest()
    return (
        Application.builder()
        .token(settings.telegram_token.get_secret_value())
        .base_url(f"{settings.telegram_api}/bot")
        .base_file_url(f"{settings.telegram_api}/file/bot")
        .request(request)
        .get_updates_request(request)
        .updater(None)
        .job_queue(None)
        .build()
    )


async def _until_it_works(what: str, attempt: Callable[[], Awaitable[None]]) -> None:
    for delay in back_off(1.0):
        try:
            await attempt()
            return
        except TelegramError as error:
            log.warning("%s error=%s retry_in=%.1f", what, type(error).__name__, delay)
            await asyncio.sleep(delay)


async def _tell_lost(desk: Desk, update: Waiting) -> None:
    """A message of theirs could not be understood by us. Say so, rather than leave them waiting."""
    person = await desk.database.read(lambda tx: people.at_address(tx, CHANNEL, str(update.lane)))
    if person is None:
        return
    language: Language = "da" if person.language == "da" else "en"
    try:
        await desk.say(update.lane, texts.say(language, "trouble.lost"))
    except Unreachable:
        log.info("inbox=%d unreachable", update.seq)


# --- by the clock -----------------------------------------------------------------------------------------


def by_the_clock(house: Opened, clock: Clock) -> AsyncIOScheduler:
    """APScheduler only wakes; what is due is decided by what stands in the tables."""
    scheduler = AsyncIOScheduler(timezone="UTC")

    def every(name: str, work: Callable[[Tx, House, int], int], **interval: int) -> None:
        """Now, and again and again: in one transaction. Afterwards something may be due to be sent."""

        async def job() -> None:
            now = int(clock())
            try:
                done = await house.database.write(lambda tx: work(tx, house.house, now))
            except sqlite3.Error as error:
                log.error("%s database=%s", name, type(error).__name__)  # it is found due at the next look
                return
            if done:
                log.info("%s done=%d", name, done)
            house.owed.set()

        scheduler.add_job(job, misfire_grace_time=None)
        scheduler.add_job(job, "interval", misfire_grace_time=None, coalesce=True, max_instances=1, **interval)

    every("owe", owe_everything, seconds=LOOKS_EVERY)
    every("nudge", nudge_unfinished, minutes=10)
    every("tidy", _tidy, hours=1)
    scheduler.start()
    return scheduler


def owe_everything(tx: Tx, house: House, now: int) -> int:
    """What is due becomes messages, and what was due and is not out is noticed; how many messages."""
    plans = [house.plan(tx, row.id) for row in processes.every(tx)]
    looked_at = watch.looked(tx, now)
    owed = sum(owing.owe(tx, each, now) for each in plans)
    for each in plans:
        watch.look(tx, each, now, looked_at)
    return owed


def nudge_unfinished(tx: Tx, house: House, now: int) -> int:
    return sum(reminders.nudge_unfinished(tx, house.plan(tx, row.id), now) for row in processes.every(tx))


def _tidy(tx: Tx, house: House, now: int) -> int:
    inbox.prune(tx, now - KEEP_SETTLED)
    moves.prune(tx, now)
    invitations.prune_failures(tx, now - FORGOTTEN)
    parties.prune_imports(tx, now - KEEP_IMPORTS)
    sendings.keep_outcome(tx, now - KEEP_OWED)
    sendings.forget_drafts(tx, now - KEEP_DRAFTS)
    outbox.prune(tx, now - KEEP_OWED)
    return sum(retention.forget_what_is_due(tx, house.plan(tx, row.id), now) for row in processes.every(tx))
