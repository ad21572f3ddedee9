"""What Telegram's side knows: chats, messages, files, waiting updates, taps, commands, webhook, violations.

State and its own invariants only; what a Bot API method accepts is in methods.py, sockets are in server.py.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.support.botapi.limits import Limits

Json = dict[str, Any]
DAY = 86400.0
TAP_LIFETIME = 150.0

UPDATE_KINDS = frozenset(
    [
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "guest_message",
        "managed_bot",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "message_reaction",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
    ]
)

DEFAULT_KINDS = UPDATE_KINDS - {"chat_member", "message_reaction", "message_reaction_count"}


@dataclass(frozen=True, slots=True)
class Violation:
    """Something a well-behaved bot never does, whether or not Telegram refuses it."""

    method: str
    what: str

    def __str__(self) -> str:
        return f"{self.method}: {self.what}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call answered with an error."""

    method: str
    status: int
    description: str


@dataclass(slots=True)
class Stored:
    """A message as its chat keeps it. `message` is never changed in place: an edit puts a new one here."""

    message: Json
    markup: Json | None
    by_bot: bool
    seq: int


@dataclass(frozen=True, slots=True)
class Toast:
    """What answerCallbackQuery showed the person: a notice at the top, or an alert to dismiss."""

    text: str
    alert: bool
    url: str
    callback_query_id: str


@dataclass(slots=True)
class Tap:
    """A callback query that the bot should answer within 150 s."""

    id: str
    user_id: int
    chat_id: int
    message_id: int
    data: str
    at: float
    answered: bool = False


@dataclass(slots=True)
class File:
    """A stored file; `path` is what getFile reveals."""

    file_id: str
    file_unique_id: str
    content: bytes
    name: str
    mime: str
    path: str


@dataclass(slots=True)
class Pending:
    """An update the bot has not confirmed. `lane` orders webhook deliveries; `retry_at` is loop time."""

    update: Json
    kind: str
    expires_at: float
    lane: int
    fails: int = 0
    delay: float = 1.0
    retry_at: float = 0.0
    in_flight: bool = False


@dataclass(slots=True)
class Webhook:
    url: str
    secret_token: str = ""
    max_connections: int = 40
    ip_address: str = ""
    certificate: bool = False
    last_error_date: int = 0
    last_error_message: str = ""


@dataclass(slots=True)
class Chat:
    """A conversation. `head` is the Bot API Chat object, `keyboard` the reply keyboard under the input field.

    `changed` counts what the bot has done here (sent, edited, deleted, toasted): a reader can wait for it.
    """

    id: int
    kind: str
    head: Json
    started: bool = False
    known: bool = False
    blocked: bool = False
    deactivated: bool = False
    bot_status: str = "member"
    migrated_to: int = 0
    deleted: bool = False
    messages: dict[int, Stored] = field(default_factory=dict)
    keyboard: Json | None = None
    changed: int = 0
    own_ids: int = 0
    waiting: list[asyncio.Future[None]] = field(default_factory=list)

    def stir(self) -> int:
        """Count a change made by the bot and wake everyone who waits for one."""
        self.changed += 1
        if self.waiting:
            waiting, self.waiting = self.waiting, []
            for future in waiting:
                if not future.done():
                    future.set_result(None)
        return self.changed

    async def stirred(self, timeout: float) -> bool:
        """Wait until the bot does something here; False when `timeout` seconds pass without."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(future)
        try:
            async with asyncio.timeout(timeout):
                await future
        except TimeoutError:
            return False
        finally:
            if future in self.waiting:
                self.waiting.remove(future)
        return True


class World:
    """Everything behind one bot token."""

    def __init__(
        self,
        *,
        token: str,
        username: str,
        first_name: str,
        limits: Limits,
        clock: Callable[[], float] = time.time,
        keep_last: int | None = None,
    ) -> None:
        self.token = token
        self.clock = clock
        self.limits = limits
        self.keep_last = keep_last
        self.bot: Json = {
            "id": int(token.split(":", 1)[0]),
            "is_bot": True,
            "first_name": first_name,
            "username": username,
        }
        self.chats: dict[int, Chat] = {}
        self.toasts: dict[int, list[Toast]] = {}
        self.pending: OrderedDict[int, Pending] = OrderedDict()
        self.kinds: frozenset[str] = DEFAULT_KINDS
        self.next_update_id = random.randrange(100_000_000, 900_000_000)
        self.taps: OrderedDict[str, Tap] = OrderedDict()
        self.files: dict[str, File] = {}
        self.paths: dict[str, File] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.profile: dict[tuple[str, str], str] = {}
        self.menu_buttons: dict[int, Json] = {}
        self.webhook: Webhook | None = None
        self.logged_out = False
        self.violations: list[Violation] = []
        self.refusals: deque[Refusal] = deque(maxlen=1000)
        self.calls: Counter[str] = Counter()
        self.on_send: Callable[[int, Json], None] | None = None
        self.on_update: Callable[[], None] | None = None
        self.poller: asyncio.Future[bool] | None = None
        self.idle = asyncio.Event()
        self.idle.set()
        self.last_poll: tuple[int, float] = (-1, 0.0)
        self._message_ids = itertools.count(1)
        self._query_ids = itertools.count(random.randrange(10**17, 10**18))
        self._file_ids = itertools.count()
        self._poll_ids = itertools.count(5_400_000_000_000_000_001)
        self._group_ids = itertools.count(1)

    # Chats and messages

    def violated(self, method: str, what: str) -> None:
        self.violations.append(Violation(method, what))

    def group(self, title: str, kind: str = "supergroup", chat_id: int | None = None) -> Chat:
        """A group the bot is a member of. Supergroup ids start with -100, as Telegram's do."""
        number = next(self._group_ids)
        if chat_id is None:
            chat_id = -1_001_000_000_000 - number if kind == "supergroup" else -4_000_000 - number
        chat = Chat(chat_id, kind, {"id": chat_id, "type": kind, "title": title})
        self.chats[chat_id] = chat
        return chat

    def message_id(self, chat: Chat) -> int:
        """Private chats and basic groups share one count, a supergroup has its own, as in Telegram."""
        if chat.kind == "supergroup":
            chat.own_ids += 1
            return chat.own_ids
        return next(self._message_ids)

    def store(self, chat: Chat, message: Json, markup: Json | None, by_bot: bool) -> None:
        messages = chat.messages
        messages[message["message_id"]] = Stored(message, markup, by_bot, chat.stir() if by_bot else chat.changed)
        keep = self.keep_last
        if keep is not None and len(messages) > keep:
            del messages[next(iter(messages))]

    def migrate(self, chat: Chat) -> Chat:
        """The group becomes a supergroup with a new id; both sides get their service message."""
        new = self.group(chat.head["title"])
        chat.migrated_to = new.id
        now = int(self.clock())
        for where, extra in (
            (chat, {"migrate_to_chat_id": new.id}),
            (new, {"migrate_from_chat_id": chat.id}),
        ):
            message = {"message_id": self.message_id(where), "chat": where.head, "date": now, **extra}
            self.store(where, message, None, by_bot=False)
            self.queue("message", message, DAY, where.id)
        return new

    def poll_id(self) -> int:
        return next(self._poll_ids)

    def save_file(self, content: bytes, name: str, mime: str, folder: str) -> File:
        number = next(self._file_ids)
        extension = name.rsplit(".", 1)[1] if "." in name else "dat"
        file = File(
            file_id=f"BQACAgQAAxkBAAI{number:06d}{random.getrandbits(96):024x}",
            file_unique_id=f"AgAD{number:06d}{random.getrandbits(32):08x}",
            content=content,
            name=name,
            mime=mime,
            path=f"{folder}/file_{number}.{extension}",
        )
        self.files[file.file_id] = file
        self.paths[file.path] = file
        return file

    # Updates

    def queue(self, kind: str, payload: Json, lifetime: float, lane: int) -> int:
        """Queue an update of an allowed kind; its id, or 0 when the bot did not ask for this kind."""
        if kind not in self.kinds or lifetime <= 0:
            return 0
        update_id = self.next_update_id
        self.next_update_id = update_id + 1
        self.pending[update_id] = Pending({"update_id": update_id, kind: payload}, kind, self.clock() + lifetime, lane)
        self._announce()
        return update_id

    def queue_raw(self, raw: Json, lifetime: float = DAY, lane: int = 0) -> int:
        """Queue an update just as given, e.g. one that nobody can parse; adds update_id when it has none."""
        update_id = raw.get("update_id", self.next_update_id)
        if not isinstance(update_id, int):
            raise ValueError("update_id must be an int: the queue is ordered by it")
        self.next_update_id = max(self.next_update_id, update_id + 1)
        kind = next((name for name in raw if name != "update_id"), "")
        self.pending[update_id] = Pending({"update_id": update_id, **raw}, kind, self.clock() + lifetime, lane)
        self._announce()
        return update_id

    def _announce(self) -> None:
        self.idle.clear()
        if self.poller is not None and not self.poller.done():
            self.poller.set_result(True)
        if self.on_update is not None:
            self.on_update()

    def confirm(self, offset: int) -> None:
        """Forget what an offset confirms. An offset far in the future is a stale one and confirms nothing.

        Source: tdlib TQueue, "Specified from_id is in the future": 10 past the tail reads from the head.
        """
        pending = self.pending
        if offset < 0:
            for update_id in list(pending)[:offset]:
                del pending[update_id]
            return
        if offset == 0 or offset > self.next_update_id + 10:
            return
        while pending:
            update_id = next(iter(pending))
            if update_id >= offset:
                return
            del pending[update_id]
        self.idle.set()

    def batch(self, limit: int) -> list[Json]:
        """The oldest waiting updates; those that have outlived their kind are dropped on the way."""
        now = self.clock()
        taken: list[Json] = []
        expired: list[int] = []
        for update_id, waiting in self.pending.items():
            if waiting.expires_at <= now:
                expired.append(update_id)
                continue
            taken.append(waiting.update)
            if len(taken) == limit:
                break
        for update_id in expired:
            self.drop(update_id)
        return taken

    def drop_expired(self) -> None:
        now = self.clock()
        for update_id in [each for each, waiting in self.pending.items() if waiting.expires_at <= now]:
            self.drop(update_id)

    def drop(self, update_id: int) -> None:
        """Forget one update, delivered or expired."""
        self.pending.pop(update_id, None)
        if not self.pending:
            self.idle.set()

    def drop_all(self) -> None:
        self.pending.clear()
        self.idle.set()

    def allow(self, kinds: Iterable[str]) -> None:
        """An empty list means the default; kinds Telegram does not know are passed over."""
        chosen = frozenset(kinds)
        self.kinds = chosen & UPDATE_KINDS or DEFAULT_KINDS

    # Taps

    def tap(self, user: Json, message: Json, data: str) -> str:
        """A callback query about `message` as it is now (or an inaccessible one, whose date is 0)."""
        query_id = str(next(self._query_ids))
        now = self.clock()
        while self.taps:
            oldest = next(iter(self.taps.values()))
            if not oldest.answered or oldest.at > now - TAP_LIFETIME:
                break
            del self.taps[oldest.id]
        chat_id = message["chat"]["id"]
        self.taps[query_id] = Tap(query_id, user["id"], chat_id, message["message_id"], data, now)
        payload = {
            "id": query_id,
            "from": user,
            "message": message,
            "chat_instance": str(chat_id * 7919 % (1 << 61)),
            "data": data,
        }
        self.queue("callback_query", payload, TAP_LIFETIME, user["id"] + (3 << 33))
        return query_id

    def unanswered(self) -> list[Tap]:
        return [tap for tap in self.taps.values() if not tap.answered]
