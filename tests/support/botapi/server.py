"""The Bot API over HTTP, or called in-process, with faults on demand and webhook delivery.

What the methods do is in methods.py, what they change in world.py, who talks to the bot in person.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote

import aiohttp
from aiohttp import web

from tests.support import ports
from tests.support.botapi import methods
from tests.support.botapi.limits import Limits
from tests.support.botapi.methods import Refused, Upload
from tests.support.botapi.world import Chat, Json, Refusal, Tap, Toast, Violation, World
from tests.support.patience import PATIENCE

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"

LOOKS = 5  # in a row at which nobody is connected

_PHRASES = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


@dataclass(slots=True)
class Fault:
    """A disturbance of the next `times` calls of `method` (None: of every method), after `skip` that go well.

    An answer with `status` (429 carries `retry_after`), a connection dropped before the call is carried out
    or after it, a `delay` in seconds or `until` something has happened. `accepted` carries the call out before the
    status or the delay. `when` looks at the parameters and may let a call pass untouched.
    """

    method: str | None = None
    times: int = 1
    status: int | None = None
    retry_after: int = 1
    description: str = ""
    drop_connection_before: bool = False
    drop_connection_after_accept: bool = False
    delay: float = 0.0
    until: asyncio.Event | None = None
    accepted: bool = False
    skip: int = 0
    when: Callable[[Json], bool] | None = None

    async def hold(self) -> None:
        await asyncio.sleep(self.delay)
        if self.until is not None:
            await self.until.wait()

    def answer(self) -> tuple[int, Json]:
        assert self.status is not None
        description = self.description or _PHRASES.get(self.status, "Error")
        answer: Json = {"ok": False, "error_code": self.status, "description": description}
        if self.status == 429:
            answer["description"] = self.description or f"Too Many Requests: retry after {self.retry_after}"
            answer["parameters"] = {"retry_after": self.retry_after}
        return self.status, answer


class ConnectionDropped(ConnectionError):
    """The connection broke. `accepted`: the call had been carried out (which a real client cannot know)."""

    def __init__(self, accepted: bool) -> None:
        super().__init__(f"connection dropped {'after' if accepted else 'before'} the call was carried out")
        self.accepted = accepted


class LocalBotApi:
    """One bot's Telegram on this machine: `async with LocalBotApi() as api: …`.

    `clock` dates messages and ages updates; `limits` counts on its own clock. `keep_last` bounds the messages
    kept per chat. `on_send` (settable) is called with chat id and message whenever the bot sends or edits.
    """

    def __init__(
        self,
        token: str = TOKEN,
        *,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.time,
        host: str = "127.0.0.1",
        port: int = 0,
        keep_last: int | None = None,
        username: str = "besyv_lokal_bot",
        first_name: str = "Besyv",
        control: bool = False,
        webhook_second: float = 1.0,
    ) -> None:
        if host not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("the local Bot API listens on loopback only")
        self.world = World(
            token=token,
            username=username,
            first_name=first_name,
            limits=limits or Limits(),
            clock=clock,
            keep_last=keep_last,
        )
        self.host = host
        self.port = port
        self.control = control
        self.webhook_second = webhook_second
        self.faults: list[Fault] = []
        self._runner: web.AppRunner | None = None
        self._site: web.SockSite | None = None
        self._port = contextlib.ExitStack()  # kept from others while it is away
        self._disturbances: set[asyncio.Task[tuple[int, Json]]] = set()
        self._deliveries = _WebhookDeliveries(self)
        self._person_ids = iter(range(700_000_001, 800_000_000))
        self.people: dict[str, Any] = {}

    # Life

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen. Calls through `call` work without it."""
        self.port = self._port.enter_context(ports.reserved(self.host, self.port))
        app = web.Application(client_max_size=(methods.UPLOAD_LIMIT << 1))
        app.router.add_route("*", "/{tail:.*}", self._handle)
        # Cancelling tells a poll whose client has gone from a second bot that polls at the same time.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await self.come_back()
        self._deliveries.start()

    async def stop(self) -> None:
        await self._deliveries.stop()
        for disturbed in self._disturbances:
            disturbed.cancel()
        self._end_poll()
        self._abort_connections()
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = self._site = None
        self._port.close()

    @property
    def away(self) -> bool:
        return self._runner is not None and self._site is None

    async def go_away(self) -> None:
        """Close the socket and every open connection, deliver nothing: the network or the server is down."""
        if self._site is not None:
            await self._site.stop()
            self._site = None
        self._end_poll()
        self._abort_connections()

    async def come_back(self) -> None:
        """Listen again, on the port of before."""
        if self._runner is None:
            raise RuntimeError("start() first")
        if self._site is not None:
            return
        listener = socket.socket(socket.AF_INET6 if self.host == "::1" else socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.host, self.port))
        site = web.SockSite(self._runner, listener, backlog=1024)
        await site.start()
        self._site = site
        self._deliveries.wake()

    def _end_poll(self) -> None:
        poller = self.world.poller
        if poller is not None and not poller.done():
            poller.set_result(True)

    def _abort_connections(self) -> None:
        for connection in self._connections:
            if connection.transport is not None:
                connection.transport.abort()

    @property
    def _connections(self) -> list[web.RequestHandler]:
        server = self._runner.server if self._runner is not None else None
        return list(server.connections) if server is not None else []

    async def left_alone(self) -> None:
        """Until nobody has a call under way any more, nor one that waits to be let in: a connection that the kernel has
        taken is seen a few turns of the loop later."""
        ends, looks = time.monotonic() + PATIENCE, 0
        while looks < LOOKS:
            if time.monotonic() > ends:
                raise TimeoutError("somebody is still connected")
            await asyncio.sleep(0.002)
            looks = 0 if self._connections else looks + 1

    # What tests look at and turn

    @property
    def url(self) -> str:
        return f"http://{'[::1]' if self.host == '::1' else self.host}:{self.port}"

    @property
    def base_url(self) -> str:
        """For `ApplicationBuilder.base_url`."""
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        """For `ApplicationBuilder.base_file_url`."""
        return f"{self.url}/file/bot"

    @property
    def token(self) -> str:
        return self.world.token

    @property
    def bot_id(self) -> int:
        return int(self.world.bot["id"])

    @property
    def violations(self) -> list[Violation]:
        return self.world.violations

    @property
    def refusals(self) -> list[Refusal]:
        """The last 1000 calls answered with an error."""
        return list(self.world.refusals)

    @property
    def on_send(self) -> Callable[[int, Json], None] | None:
        return self.world.on_send

    @on_send.setter
    def on_send(self, hook: Callable[[int, Json], None] | None) -> None:
        self.world.on_send = hook

    def calls(self, method: str) -> int:
        """How often a method was called (and not stopped by a fault)."""
        return self.world.calls[method]

    def unanswered_callbacks(self) -> list[Tap]:
        return self.world.unanswered()

    def waiting_updates(self) -> list[Json]:
        """Updates not confirmed yet, oldest first, without those that have expired."""
        self.world.drop_expired()
        return [waiting.update for waiting in self.world.pending.values()]

    async def confirmed(self, timeout: float = PATIENCE) -> None:
        """Wait until the bot has confirmed every update (which is not to say that it has handled them)."""
        async with asyncio.timeout(timeout):
            await self.world.idle.wait()

    def inject(self, *faults: Fault) -> None:
        self.faults.extend(faults)

    def push_raw_update(self, raw: Json, lifetime: float = 86400.0) -> int:
        """Queue any object as an update, whatever it is worth; returns its update_id."""
        return self.world.queue_raw(raw, lifetime)

    def repeat_update(self, update: Json) -> int:
        """Hand out an update a second time under its old id, as after a crash before confirmation."""
        return self.world.queue_raw(update)

    def jump_update_id(self, to: int | None = None) -> int:
        """Continue with a random, possibly lower id, as Telegram may after a week without updates."""
        if self.world.pending:
            raise AssertionError("ids jump only after a silent week, when nothing waits any more")
        self.world.next_update_id = to if to is not None else random.randrange(1, 2_000_000_000)
        return self.world.next_update_id

    def group(
        self, title: str, kind: str = "supergroup", chat_id: int | None = None, added_by: Json | None = None
    ) -> int:
        """A group with the bot in it, which is told by my_chat_member when `added_by` (a user) is given."""
        chat = self.world.group(title, kind, chat_id)
        if added_by is not None:
            self.world.queue(
                "my_chat_member",
                {
                    "chat": chat.head,
                    "from": added_by,
                    "date": int(self.world.clock()),
                    "old_chat_member": {"status": "left", "user": self.world.bot},
                    "new_chat_member": {"status": "member", "user": self.world.bot},
                },
                86400.0,
                chat.id,
            )
        return chat.id

    def migrate(self, chat_id: int) -> int:
        """Turn a group into a supergroup; returns the new id."""
        return self.world.migrate(self.world.chats[chat_id]).id

    def chat(self, chat_id: int) -> Chat:
        return self.world.chats[chat_id]

    def messages(self, chat_id: int) -> list[Json]:
        """The messages now in a chat, oldest first."""
        return [stored.message for stored in self.world.chats[chat_id].messages.values()]

    def toasts(self, user_id: int) -> list[Toast]:
        return self.world.toasts.get(user_id, [])

    def next_person_id(self) -> int:
        return next(self._person_ids)

    # Calls

    async def call(
        self, method: str, params: Json | None = None, files: dict[str, Upload] | None = None
    ) -> tuple[int, Json]:
        """One Bot API call without a socket: (HTTP status, answer). Raises ConnectionDropped by a fault."""
        params = params or {}
        fault = self._fault(method, params) if self.faults else None
        if fault is None:
            return await self._carry_out(method, params, files or {})
        # A caller that gives up waiting does not undo the call: Telegram carries it out all the same.
        disturbed = asyncio.get_running_loop().create_task(self._disturbed(fault, method, params, files or {}))
        self._disturbances.add(disturbed)
        disturbed.add_done_callback(self._calmed)
        return await asyncio.shield(disturbed)

    def _calmed(self, disturbed: asyncio.Task[tuple[int, Json]]) -> None:
        self._disturbances.discard(disturbed)
        if not disturbed.cancelled():
            disturbed.exception()

    async def _disturbed(self, fault: Fault, method: str, params: Json, files: dict[str, Upload]) -> tuple[int, Json]:
        if fault.drop_connection_before:
            await fault.hold()
            raise ConnectionDropped(accepted=False)
        if not fault.accepted:
            await fault.hold()
            if fault.status is not None:
                return fault.answer()
        answer = await self._carry_out(method, params, files)
        if fault.accepted:
            await fault.hold()
        if fault.drop_connection_after_accept:
            raise ConnectionDropped(accepted=True)
        return answer if fault.status is None else fault.answer()

    def _fault(self, method: str, params: Json) -> Fault | None:
        for fault in self.faults:
            if fault.method is not None and fault.method.lower() != method.lower():
                continue
            if fault.when is not None and not fault.when(params):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.faults.remove(fault)
            return fault
        return None

    async def _carry_out(self, method: str, params: Json, files: dict[str, Upload]) -> tuple[int, Json]:
        try:
            return 200, {"ok": True, "result": await methods.run(self.world, method, params, files)}
        except Refused as refused:
            self.world.refusals.append(Refusal(method, refused.status, refused.description))
            answer: Json = {"ok": False, "error_code": refused.status, "description": refused.description}
            if refused.parameters:
                answer["parameters"] = refused.parameters
            return refused.status, answer

    async def request(self, path: str, params: Json, files: dict[str, Upload]) -> tuple[int, bytes, int]:
        """A request by path, `/bot<token>/<method>` or `/file/bot<token>/<path>`: status, body, wait."""
        if path.startswith("/file/bot"):
            token, _, rest = path.removeprefix("/file/bot").partition("/")
            file = self.world.paths.get(rest) if token == self.world.token else None
            if file is None:
                return *_error(404 if token == self.world.token else 401), 0
            return 200, file.content, 0
        if not path.startswith("/bot"):
            return *_error(404), 0
        token, slash, method = path.removeprefix("/bot").partition("/")
        if token != self.world.token:
            number, colon, secret = token.partition(":")
            well_formed = colon and number.isdigit() and number[0] != "0" and len(secret) >= 30 and len(token) <= 80
            self.world.violated(method or "?", "wrong token" if well_formed else "malformed token")
            return *_error(401 if well_formed else 404), 0
        if not slash:
            return *_error(404), 0
        status, answer = await self.call(method, params, files)
        retry_after = answer["parameters"].get("retry_after", 0) if "parameters" in answer else 0
        return status, json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogatepass"), retry_after

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = unquote(request.raw_path.partition("?")[0])
        if self.control and path.startswith("/control/"):
            from tests.support.botapi.control import handle

            return await handle(self, request)
        try:
            params, files = await _parameters(request)
        except web.HTTPRequestEntityTooLarge:
            status, body = _error(413, "Request Entity Too Large")
            return web.Response(status=status, body=body, content_type="application/json")
        except ValueError:
            status, body = _error(400, "Bad Request: can't parse request body")
            return web.Response(status=status, body=body, content_type="application/json")
        try:
            status, body, retry_after = await self.request(path, params, files)
        except ConnectionDropped:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        if path.startswith("/file/") and status == 200:
            return web.Response(body=body, content_type="application/octet-stream")
        response = web.Response(status=status, body=body, content_type="application/json")
        if retry_after:
            response.headers["Retry-After"] = str(retry_after)
        return response


def _error(status: int, description: str = "") -> tuple[int, bytes]:
    answer = {"ok": False, "error_code": status, "description": description or _PHRASES[status]}
    return status, json.dumps(answer).encode()


async def _parameters(request: web.Request) -> tuple[Json, dict[str, Upload]]:
    """The parameters of a request in any of the ways Telegram takes them: query, form, JSON, multipart.

    Source: https://core.telegram.org/bots/api#making-requests
    """
    params: Json = dict(request.query) if request.query_string else {}
    files: dict[str, Upload] = {}
    kind = request.content_type
    if request.method == "GET" or not request.body_exists:
        return params, files
    if kind == "multipart/form-data":
        async for part in await request.multipart():
            assert isinstance(part, aiohttp.BodyPartReader)
            if part.name is None:
                continue
            if part.filename is None:
                params[part.name] = await part.text()
            else:
                content = bytes(await part.read(decode=False))
                mime = part.headers.get("Content-Type", "application/octet-stream")
                files[part.name] = Upload(part.filename, content, mime)
        return params, files
    body = await request.read()
    if kind == "application/json":
        given = json.loads(body) if body else {}
        if not isinstance(given, dict):
            raise ValueError("a JSON object is expected")
        return params | {key: value for key, value in given.items() if value is not None}, files
    params.update(parse_qsl(body.decode(), keep_blank_values=True))
    return params, files


class _WebhookDeliveries:
    """Posts waiting updates to the webhook: in order within a lane, again until a 2xx or until they expire.

    Delays as in the real server: at once, then 2, 4, … seconds, or what Retry-After says (at most an hour).
    Only loopback addresses are contacted. `api.webhook_second` shortens the delays for tests.
    """

    def __init__(self, api: LocalBotApi) -> None:
        self.api = api
        self.task: asyncio.Task[None] | None = None
        self.posts: set[asyncio.Task[None]] = set()
        self.news = asyncio.Event()

    def start(self) -> None:
        self.api.world.on_update = self.wake
        self.task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        self.api.world.on_update = None
        tasks = [*self.posts, *([self.task] if self.task is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.task = None

    def wake(self) -> None:
        if self.api.world.webhook is not None:
            self.news.set()

    async def _run(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
            while True:
                delay = self._send_ready(session)
                self.news.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(delay):
                        await self.news.wait()

    def _send_ready(self, session: aiohttp.ClientSession) -> float | None:
        """Start every delivery that may start now; seconds until the next one may, None if none waits."""
        world = self.api.world
        webhook = world.webhook
        if webhook is None or self.api.away or not _is_loopback(webhook.url):
            return None
        world.drop_expired()
        now = asyncio.get_running_loop().time()
        busy = {waiting.lane for waiting in world.pending.values() if waiting.in_flight}
        next_at: float | None = None
        for update_id, waiting in world.pending.items():
            if waiting.lane in busy:
                continue
            busy.add(waiting.lane)
            if waiting.retry_at > now:
                next_at = waiting.retry_at if next_at is None else min(next_at, waiting.retry_at)
            elif len(self.posts) < webhook.max_connections:
                waiting.in_flight = True
                post = asyncio.get_running_loop().create_task(self._post(session, update_id))
                self.posts.add(post)
                post.add_done_callback(self._posted)
        return None if next_at is None else max(next_at - now, 0.0)

    def _posted(self, post: asyncio.Task[None]) -> None:
        self.posts.discard(post)
        self.news.set()

    async def _post(self, session: aiohttp.ClientSession, update_id: int) -> None:
        world = self.api.world
        waiting = world.pending[update_id]
        webhook = world.webhook
        assert webhook is not None
        headers = {"Content-Type": "application/json"}
        if webhook.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret_token
        body = json.dumps(waiting.update, ensure_ascii=False).encode("utf-8", "surrogatepass")
        retry_after = 0
        try:
            async with session.post(webhook.url, data=body, headers=headers, allow_redirects=False) as answer:
                reply = await answer.read()
                problem = (
                    ""
                    if 200 <= answer.status <= 299
                    else f"Wrong response from the webhook: {answer.status} {answer.reason}"
                )
                if problem:
                    with contextlib.suppress(ValueError):
                        retry_after = min(max(int(answer.headers.get("Retry-After", "0")), 0), 3600)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            problem = f"Connection problem: {type(error).__name__}"
            reply = b""
        finally:
            waiting.in_flight = False
        if not problem:
            world.drop(update_id)
            await self._answered(reply)
            return
        webhook.last_error_date = int(world.clock())
        webhook.last_error_message = problem
        delay = float(retry_after)
        if not retry_after and waiting.fails:
            waiting.delay = min(random.uniform(60, 120), waiting.delay * 2)
            delay = waiting.delay
        waiting.fails += 1
        if world.clock() + delay > waiting.expires_at:
            world.drop(update_id)
            return
        waiting.retry_at = asyncio.get_running_loop().time() + delay * self.api.webhook_second

    async def _answered(self, reply: bytes) -> None:
        """The answer may call a method: core.telegram.org/bots/api#making-requests-when-getting-updates"""
        try:
            given = json.loads(reply) if reply else None
        except ValueError:
            return
        if isinstance(given, dict) and isinstance(given.get("method"), str):
            method = given.pop("method")
            if not method.lower().startswith("get"):
                await self.api.call(method, given)


def _is_loopback(url: str) -> bool:
    return url.partition("://")[2].startswith(("127.0.0.1", "localhost", "[::1]"))
