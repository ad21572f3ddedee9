"""What may be read in the log: never a token, a secret or what a person wrote."""

import asyncio
import io
import logging
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest
from aiohttp import web
from telegram import Bot, Update
from telegram.error import TelegramError
from telegram.ext import Application
from telegram.request import HTTPXRequest

from bot import logs
from bot.channels.telegram.http import AiohttpRequest
from tests.support.patience import PATIENCE

TOKEN = "123456789:AAabcdefghijklmnopqrstuvwxyz-_01234"
KEY = "en hemmelig/nøgle"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged from here on; everything is as before afterwards."""
    root = logging.getLogger()
    handlers, level, hooks = root.handlers[:], root.level, (sys.excepthook, threading.excepthook)
    levels = {name: logging.getLogger(name).level for name in logs._QUIET}
    filters = {handler: handler.filters[:] for handler in handlers}
    yield io.StringIO()
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    for handler, before in filters.items():
        handler.filters[:] = before
    root.setLevel(level)
    for name, before_level in levels.items():
        logging.getLogger(name).setLevel(before_level)
    sys.excepthook, threading.excepthook = hooks


def test_a_record_is_one_line_with_time_level_logger_and_message(written: io.StringIO) -> None:
    logs.configure("INFO", stream=written)
    record = logging.makeLogRecord(
        {
            "created": 0.0,
            "levelname": "INFO",
            "levelno": 20,
            "name": "bot.app",
            "msg": "run=%d",
            "args": (12,),
        }
    )
    logging.getLogger().handle(record)
    assert written.getvalue() == "1970-01-01T00:00:00Z INFO bot.app run=12\n"


def test_what_is_below_the_level_is_not_written(written: io.StringIO) -> None:
    logs.configure("WARNING", stream=written)
    logging.getLogger("bot").info("not this")
    assert written.getvalue() == ""


def test_an_unknown_level_is_refused(written: io.StringIO) -> None:
    with pytest.raises(ValueError, match="LOUD"):
        logs.configure("LOUD", stream=written)


def test_configuring_again_writes_each_record_once(written: io.StringIO) -> None:
    logs.configure("INFO", stream=written)
    logs.configure("INFO", [KEY], stream=written)
    logging.getLogger("bot").info("once %s", KEY)
    assert written.getvalue().count("once [redacted]") == 1


@pytest.mark.parametrize(
    ("message", "args"),
    [
        (f"at https://api.telegram.org/bot{TOKEN}/getMe", ()),
        ("at %s", (f"https://api.telegram.org/bot{TOKEN}/getMe",)),
        ("at %s", (f"https://api.telegram.org/bot{TOKEN.replace(':', '%3A')}/getMe",)),
        ("%(token)s", ({"token": TOKEN},)),
        ("%r", (Bot(TOKEN),)),
        ("%r", (TOKEN.encode(),)),
        ("%s", (KEY,)),
        ("%s", ("?key=en%20hemmelig%2Fn%C3%B8gle",)),
        ("does not fit: %d", (TOKEN,)),
        ("does not fit either", (TOKEN,)),
    ],
)
def test_a_secret_is_replaced_wherever_it_stands_in_the_message(
    written: io.StringIO, message: str, args: tuple[object, ...]
) -> None:
    logs.configure("INFO", [KEY, ""], stream=written)
    logging.getLogger("bot").info(message, *args)
    assert written.getvalue().count("\n") == 1
    for secret in (TOKEN, TOKEN[10:], KEY, "hemmelig"):
        assert secret not in written.getvalue()


def test_nothing_else_is_replaced(written: io.StringIO) -> None:
    logs.configure("INFO", [KEY, ""], stream=written)
    logging.getLogger("bot").info("run=12 chat=123456789 at 12:30:00, 123456789:short")
    assert written.getvalue().endswith(" INFO bot run=12 chat=123456789 at 12:30:00, 123456789:short\n")


def test_a_secret_is_replaced_in_tracebacks_and_their_causes(written: io.StringIO) -> None:
    logs.configure("INFO", stream=written)
    try:
        try:
            raise KeyError(TOKEN)
        except KeyError as cause:
            raise ValueError(f"at {TOKEN}") from cause
    except ValueError:
        logging.getLogger("bot").exception("failed")
    text = written.getvalue()
    assert TOKEN not in text
    assert "KeyError: '[redacted]'" in text
    assert "ValueError: at [redacted]" in text


def test_a_secret_is_replaced_in_stacks(written: io.StringIO) -> None:
    logs.configure("INFO", stream=written)
    record = logging.makeLogRecord({"levelno": 20, "name": "bot", "msg": "here", "stack_info": f'get("{TOKEN}")'})
    logging.getLogger().handle(record)
    assert written.getvalue().endswith(' here\nget("[redacted]")\n')


def test_handlers_that_were_there_before_are_guarded_too(written: io.StringIO) -> None:
    other = io.StringIO()
    logging.getLogger().addHandler(logging.StreamHandler(other))
    logs.configure("INFO", stream=written)
    logging.getLogger("bot").info(TOKEN)
    assert other.getvalue() == "[redacted]\n"


def test_what_came_from_outside_cannot_forge_a_line(written: io.StringIO) -> None:
    logs.configure("INFO", stream=written)
    logging.getLogger("bot").info("file=%s", "a\r\n2026-01-01T00:00:00Z INFO bot role=admin")
    assert written.getvalue().count("\n") == 1


def test_uncaught_exceptions_and_warnings_go_through_the_guard(written: io.StringIO) -> None:
    logs.configure("INFO", stream=written)
    error = RuntimeError(f"The token `{TOKEN}` was rejected by the server.")
    sys.excepthook(RuntimeError, error, None)
    threading.excepthook(threading.ExceptHookArgs((RuntimeError, error, None, None)))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(TOKEN, stacklevel=1)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(TOKEN), None)
    assert TOKEN not in written.getvalue()
    assert written.getvalue().count("[redacted]") >= 3


def test_what_a_person_wrote_is_not_in_telegram_s_own_records(written: io.StringIO) -> None:
    logs.configure("DEBUG", stream=written)
    try:
        try:
            raise KeyError("mit svar")
        except KeyError as cause:
            raise TelegramError("mit svar") from cause
    except TelegramError as error:
        logging.getLogger("telegram.Bot").critical("Received data was %r", "mit svar", exc_info=error)
    text = written.getvalue()
    assert "mit svar" not in text.replace('KeyError("mit svar")', "").replace('TelegramError("mit svar")', "")
    assert "Received data was %r" in text
    assert [line for line in text.splitlines() if line in ("KeyError", "TelegramError")] == [
        "KeyError",
        "TelegramError",
    ]


async def test_an_update_telegram_s_library_cannot_read_is_not_printed(written: io.StringIO) -> None:
    logs.configure("DEBUG", stream=written)
    broken = {"update_id": 1, "message": {"message_id": 1, "date": "mit svar", "chat": 3, "text": "mit svar"}}
    with pytest.raises(Exception, match=r"."):
        Update.de_list([broken], Bot(TOKEN))
    await _poll_once({"ok": True, "result": [broken]}, AiohttpRequest())
    assert "Error while parsing updates!" in written.getvalue()
    assert "mit svar" not in written.getvalue()


@pytest.mark.parametrize("make", [AiohttpRequest, HTTPXRequest])
async def test_even_at_debug_no_library_prints_the_token(
    written: io.StringIO, make: type[AiohttpRequest] | type[HTTPXRequest]
) -> None:
    logs.configure("DEBUG", stream=written)
    for name in ("telegram", "telegram.ext", "aiohttp", "aiohttp.access", "httpx", "httpcore", "asyncio"):
        logging.getLogger(name).setLevel(logging.DEBUG)  # as if someone had turned them up
    try:
        await _poll_once({"ok": True, "result": []}, make())
    finally:
        for name in ("telegram.ext", "asyncio"):
            logging.getLogger(name).setLevel(logging.NOTSET)
    assert "telegram" in written.getvalue()
    assert "aiohttp.access" in written.getvalue()
    assert TOKEN not in written.getvalue()
    assert TOKEN[10:] not in written.getvalue()


async def _poll_once(answer: dict[str, object], request: AiohttpRequest | HTTPXRequest) -> None:
    """A real Application that gets `answer` to whatever it asks, then once more with nobody there."""

    async def take(_: web.Request) -> web.StreamResponse:
        return web.json_response(answer)

    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/bot"
    application = Application.builder().token(TOKEN).base_url(url).request(request).get_updates_request(request).build()
    await request.initialize()
    try:
        for _ in range(2):
            try:
                async with asyncio.timeout(PATIENCE):
                    await application.bot.get_updates(timeout=0)
            except Exception:  # whatever it is: it is logged, and must not show the token
                logging.getLogger("bot").exception("failed at %r", application.bot)
            await runner.cleanup()
    finally:
        await request.shutdown()


def test_what_strangers_bring_about_is_told_once_a_minute_and_how_often_it_was(written: io.StringIO) -> None:
    now = 1000.0
    seldom = logs.Seldom(lambda: now)
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(message)s"))
    handler.addFilter(seldom)
    for name in ("uvicorn.error", "bot.channels.web.guards", "asyncio", "bot.outbox.sender"):
        log = logging.Logger(name)
        log.addHandler(handler)
        for number in range(3):
            log.warning("of %s 100%%", number)
    now += logs.SELDOM
    log = logging.Logger("uvicorn.error")
    log.addHandler(handler)
    log.warning("of %s 100%%", "then")
    once = ["of 0 100%"] * 3
    assert written.getvalue().splitlines() == [*once, "of 0 100%", "of 1 100%", "of 2 100%", "of then 100% repeated=2"]


def test_two_faults_in_different_places_are_both_told(written: io.StringIO) -> None:
    logs.configure("INFO", stream=written)
    log = logging.getLogger("uvicorn.error")
    for fault in ("[][0]", "[][1]", "int('x')"):
        try:
            eval(fault)
        except (IndexError, ValueError):
            log.exception("Exception in ASGI application")
    assert written.getvalue().count("Traceback") == 2  # the first two are one kind at one place
