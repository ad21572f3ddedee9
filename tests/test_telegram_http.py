"""The transport against a real HTTP server on loopback: what is sent, and how failures are told apart."""

import asyncio
import io
import logging
import socket
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from telegram import Bot, InputFile, InputMediaDocument
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut
from telegram.request import BaseRequest, HTTPXRequest

from bot.channels.telegram.http import AiohttpRequest, NotSent

TOKEN = "123456789:AAabcdefghijklmnopqrstuvwxyz-_01234"
OK = {"ok": True, "result": True}
ANSWER = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Received:
    method: str
    content_type: str
    fields: list[tuple[str, str]]
    files: list[tuple[str, str, str, bytes]]  # field, file name, type, content
    connection: object


@dataclass
class Server:
    url: str = ""
    answer: ANSWER | None = None
    received: list[Received] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)  # something was received

    async def take(self, request: web.Request) -> web.StreamResponse:
        fields: list[tuple[str, str]] = []
        files: list[tuple[str, str, str, bytes]] = []
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files.append((name, value.filename, value.content_type, value.file.read()))
            else:
                fields.append((name, str(value)))
        method = request.match_info["method"]
        self.received.append(Received(method, request.content_type, fields, files, request.transport))
        self.came.set()
        return web.json_response(OK) if self.answer is None else await self.answer(request)


@asynccontextmanager
async def serving(answer: ANSWER | None = None) -> AsyncIterator[Server]:
    server = Server(answer=answer)
    app = web.Application(client_max_size=10 * 2**20)
    app.router.add_route("*", f"/bot{TOKEN}/{{method}}", server.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/bot"
    try:
        yield server
    finally:
        await runner.cleanup()


@asynccontextmanager
async def bot_on(server: Server, request: BaseRequest) -> AsyncIterator[Bot]:
    bot = Bot(TOKEN, base_url=server.url, request=request, get_updates_request=request)
    await request.initialize()
    try:
        yield bot
    finally:
        await request.shutdown()


def _everything_an_error_can_print(error: BaseException) -> str:
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None:
        chain.append(following)
        following = following.__cause__ or following.__context__
    return "".join(traceback.format_exception(error)) + repr([(e, e.args, str(e)) for e in chain])


async def _never(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    return web.json_response(OK)


async def _hang_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.json_response(OK)


async def _hang_up_half_way(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"ok":')
    assert request.transport is not None
    request.transport.abort()
    return response


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda bot: bot.get_me, id="no parameters"),
        pytest.param(
            lambda bot: lambda: bot.send_message(7, "Æ & ø = å?\n+ 🙂", disable_notification=True),
            id="a form",
        ),
        pytest.param(
            lambda bot: lambda: bot.send_document(7, InputFile(b"a;b\n", filename='høring "1".csv'), caption="Bilag"),
            id="a file",
        ),
        pytest.param(
            lambda bot: (
                lambda: bot.send_document(
                    7, InputFile(io.BytesIO(b"x" * 70_000), filename="stor.bin", read_file_handle=False)
                )
            ),
            id="an open file",
        ),
    ],
)
async def test_the_server_sees_what_the_stock_transport_would_have_sent(
    call: Callable[[Bot], Callable[[], Awaitable[object]]],
) -> None:
    seen = []
    for request in (HTTPXRequest(), AiohttpRequest()):
        async with serving() as server, bot_on(server, request) as bot:
            with suppress(TypeError, AttributeError):  # True is no Message; what was sent is the point
                await call(bot)()
            (received,) = server.received
            seen.append((received.method, received.content_type, received.fields, received.files))
    stock, ours = seen
    # Neither the stock client (html-escaped) nor ours (backslash) may break the header with a quotation mark.
    assert [(f, t, c) for f, _, t, c in ours[3]] == [(f, t, c) for f, _, t, c in stock[3]]
    assert ours[:3] == stock[:3]


async def test_a_danish_file_name_arrives_unharmed() -> None:
    async with serving() as server, bot_on(server, AiohttpRequest()) as bot:
        await bot.set_webhook("https://example.org", certificate=InputFile(b"cert", filename="høringssvar.csv"))
    assert server.received[0].files == [("certificate", "høringssvar.csv", "text/csv", b"cert")]


async def test_attached_files_are_named_by_the_parameter_that_uses_them() -> None:
    async with serving() as server, bot_on(server, AiohttpRequest()) as bot:
        with suppress(TypeError):  # True is no list of messages; what was sent is the point
            await bot.send_media_group(7, [InputMediaDocument(b"1"), InputMediaDocument(b"2")])
    (received,) = server.received
    assert [content for _, _, _, content in received.files] == [b"1", b"2"]
    assert all(f"attach://{name}" in dict(received.fields)["media"] for name, *_ in received.files)


async def test_many_calls_one_after_another_share_one_connection() -> None:
    async with serving() as server, bot_on(server, AiohttpRequest()) as bot:
        for _ in range(5):
            await bot.delete_webhook()
    assert len({id(received.connection) for received in server.received}) == 1


async def test_a_long_poll_does_not_hold_up_sends() -> None:
    news = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.match_info["method"] == "getUpdates":
            await news.wait()
            return web.json_response({"ok": True, "result": []})
        return web.json_response(OK)

    request = AiohttpRequest(connections=2)
    async with serving(answer) as server, bot_on(server, request) as bot, asyncio.TaskGroup() as tasks:
        poll = tasks.create_task(bot.get_updates(timeout=1))
        await server.came.wait()
        for _ in range(20):
            await bot.delete_webhook()
        assert not poll.done()
        news.set()


# PTB warns about its own RetryAfter.retry_after becoming a timedelta, whenever Telegram answers 429.
@pytest.mark.filterwarnings("ignore:.*retry_after.*timedelta")
@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (429, {"description": "Too Many Requests", "parameters": {"retry_after": 7}}, RetryAfter),
        (403, {"description": "Forbidden: bot was blocked by the user"}, Forbidden),
        (400, {"description": "Bad Request: chat not found"}, BadRequest),
        (401, {"description": "Unauthorized"}, InvalidToken),
        (502, {"description": "Bad Gateway"}, NetworkError),
        (302, {"description": "Found"}, NetworkError),
    ],
)
async def test_what_telegram_refuses_becomes_the_library_s_own_error(
    status: int, body: dict[str, object], error: type[Exception]
) -> None:
    async def refuse(_: web.Request) -> web.StreamResponse:
        return web.json_response({"ok": False, **body}, status=status, headers={"Location": "/elsewhere"})

    async with serving(refuse) as server, bot_on(server, AiohttpRequest()) as bot:
        with pytest.raises(error) as raised:
            await bot.delete_webhook()
    assert type(raised.value) is error
    assert len(server.received) == 1


async def test_an_answer_that_is_no_json_is_in_doubt_and_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def babble(_: web.Request) -> web.StreamResponse:
        return web.Response(text="<html>borgerens svar</html>")

    async with serving(babble) as server, bot_on(server, AiohttpRequest()) as bot:
        with caplog.at_level(logging.ERROR), pytest.raises(NetworkError) as raised:
            await bot.delete_webhook()
    assert not isinstance(raised.value, NotSent)
    assert "borgerens" not in caplog.text + _everything_an_error_can_print(raised.value)


async def test_no_connection_means_surely_not_sent_and_the_error_says_why(port: int) -> None:
    server = Server(url=f"http://127.0.0.1:{port}/bot")
    async with bot_on(server, AiohttpRequest()) as bot:
        with pytest.raises(NotSent, match=r"refused|Connect call failed") as raised:
            await bot.delete_webhook()
    assert TOKEN not in _everything_an_error_can_print(raised.value)


async def test_an_unknown_host_means_surely_not_sent() -> None:
    async with bot_on(Server(url="http://besyv.invalid/bot"), AiohttpRequest()) as bot:
        with pytest.raises(NotSent) as raised:
            await bot.delete_webhook()
    assert TOKEN not in _everything_an_error_can_print(raised.value)


@pytest.mark.parametrize("url", ["no-url/bot", "ftp://127.0.0.1/bot", "http:///bot", "http://[::1/bot"])
async def test_a_malformed_address_means_surely_not_sent(url: str) -> None:
    async with bot_on(Server(url=url), AiohttpRequest()) as bot:
        with pytest.raises(NotSent) as raised:
            await bot.delete_webhook()
    assert TOKEN not in _everything_an_error_can_print(raised.value)


async def test_a_pool_without_a_free_connection_means_surely_not_sent() -> None:
    async with serving(_never) as server:
        request = AiohttpRequest(connections=1, connect=0.5, pool=0.1)
        async with bot_on(server, request) as bot, asyncio.TaskGroup() as tasks:
            occupying = tasks.create_task(bot.delete_webhook())
            await server.came.wait()
            with pytest.raises(NotSent, match="no connection in time") as raised:
                await bot.delete_webhook()
            occupying.cancel()
    assert len(server.received) == 1
    assert TOKEN not in _everything_an_error_can_print(raised.value)


async def test_a_host_that_does_not_answer_the_call_means_surely_not_sent() -> None:
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        callers = [stack.enter_context(socket.socket()) for _ in range(4)]  # fill the queue of callers
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        server = Server(url=f"http://127.0.0.1:{listener.getsockname()[1]}/bot")
        bot = await stack.enter_async_context(bot_on(server, AiohttpRequest(connect=0.2, pool=0.1)))
        with pytest.raises(NotSent) as raised:
            await bot.delete_webhook()
    assert TOKEN not in _everything_an_error_can_print(raised.value)


async def test_no_answer_in_time_is_in_doubt() -> None:
    async with serving(_never) as server, bot_on(server, AiohttpRequest(read=0.5)) as bot:
        with pytest.raises(TimedOut) as raised:
            await bot.delete_webhook()
    assert len(server.received) == 1
    assert TOKEN not in _everything_an_error_can_print(raised.value)


async def test_the_caller_s_own_timeout_counts() -> None:
    async with serving(_never) as server, bot_on(server, AiohttpRequest()) as bot:
        with pytest.raises(TimedOut):
            await bot.delete_webhook(read_timeout=0.1)


@pytest.mark.parametrize("break_off", [_hang_up, _hang_up_half_way])
async def test_a_connection_lost_after_the_request_is_in_doubt_and_is_not_repeated(break_off: ANSWER) -> None:
    async with serving(break_off) as server, bot_on(server, AiohttpRequest()) as bot:
        with pytest.raises(NetworkError) as raised:
            await bot.delete_webhook()
    assert not isinstance(raised.value, NotSent | TimedOut)
    assert len(server.received) == 1
    assert TOKEN not in _everything_an_error_can_print(raised.value)


async def test_an_upload_that_stalls_is_given_up_and_in_doubt() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # the kernel takes the call, nobody reads
        server = Server(url=f"http://127.0.0.1:{listener.getsockname()[1]}/bot")
        request = AiohttpRequest(read=0.2, upload_write=0.2, connect=0.1, pool=0.1)
        async with bot_on(server, request) as bot:
            with pytest.raises(TimedOut) as raised:
                await bot.set_webhook("https://example.org", certificate=b"x" * 20 * 2**20)
    assert TOKEN not in _everything_an_error_can_print(raised.value)


async def test_a_file_is_fetched_whole() -> None:
    async def content(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"\x00\xff" * 300_000)

    async with serving(content) as server, bot_on(server, request := AiohttpRequest()):
        assert await request.retrieve(f"{server.url}{TOKEN}/file") == b"\x00\xff" * 300_000


async def test_it_opens_and_closes_as_often_as_asked() -> None:
    request = AiohttpRequest(read=13)
    assert request.read_timeout == 13
    async with serving() as server:
        bot = Bot(TOKEN, base_url=server.url, request=request, get_updates_request=request)
        for _ in range(2):
            await request.initialize()
            await request.initialize()
            assert await bot.delete_webhook()
            await request.shutdown()
            await request.shutdown()
        with pytest.raises(NetworkError, match="not initialized"):
            await bot.delete_webhook()
