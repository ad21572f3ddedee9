"""People: simulated Telegram users who write, tap and read, and can do only what a client lets them do.

A person sees plain texts and labels. What the bot may do is decided elsewhere (methods.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.botapi import entities
from tests.support.botapi.methods import media_object, poll_object
from tests.support.botapi.server import LocalBotApi
from tests.support.botapi.world import DAY, Chat, Json, Stored, Toast
from tests.support.patience import PATIENCE

TEXT_LIMIT = entities.TEXT_LIMIT


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as it stands on the screen. `rows` are the labels of the keyboard that came with it."""

    id: int
    text: str
    rows: tuple[tuple[str, ...], ...]
    by_bot: bool
    edited: bool
    date: int
    document: str
    raw: Json

    @property
    def labels(self) -> list[str]:
        return [label for row in self.rows for label in row]

    def __str__(self) -> str:
        lines = [("" if self.by_bot else "> ") + self.text] if self.text else []
        if self.document:
            lines.append(f"<{self.document}>")
        lines += [" ".join(f"[{label}]" for label in row) for row in self.rows]
        return "\n".join(lines)


class Person:
    """A Telegram user in front of the bot. The bot cannot reach them before they start it.

    Everything a person does is queued for the bot at once and returns at once; only `reads` waits.
    """

    def __init__(
        self,
        api: LocalBotApi,
        first_name: str = "Anna",
        *,
        id: int | None = None,
        last_name: str | None = None,
        username: str | None = None,
        language_code: str | None = "da",
    ) -> None:
        self.api = api
        self.world = api.world
        self.id = api.next_person_id() if id is None else id
        self.first_name = first_name
        self.username = username
        self.language_code = language_code
        names = {"first_name": first_name, "last_name": last_name, "username": username}
        shown = {key: value for key, value in names.items() if value is not None}
        self.user: Json = {"id": self.id, "is_bot": False, **shown}
        if language_code is not None:
            self.user["language_code"] = language_code
        if self.id in self.world.chats:
            raise ValueError(f"there is already a chat {self.id}")
        self.chat = Chat(self.id, "private", {"id": self.id, "type": "private", **shown})
        self.world.chats[self.id] = self.chat
        api.people[first_name] = self
        self._read = 0
        self._toasts_read = 0
        self._lines: list[str] = []

    def __repr__(self) -> str:
        return f"Person({self.first_name}, {self.id})"

    # Writing

    def starts(self, payload: str = "") -> int:
        """Press Start, or follow a link with `?start=payload`; a message id, as all that writes."""
        if self.chat.blocked:
            self.unblocks()
        return self.says(f"/start {payload}".rstrip())

    def says(
        self,
        text: str,
        date: float | None = None,
        *,
        split: bool = False,
        reply_to: int | None = None,
        **extra: Any,
    ) -> int:
        """Write a message; with `split` a long one becomes several, as clients do. Returns the (last) id."""
        text = text.strip()
        if not text:
            raise ValueError("a client does not send an empty message")
        parts = _parts(text)
        if len(parts) > 1 and not split:
            raise ValueError(f"{entities.utf16_length(text)} UTF-16 units: a client sends at most {TEXT_LIMIT}")
        message_id = 0
        for part in parts:
            content: Json = {"text": part}
            found = entities.found_in(part)
            if found:
                content["entities"] = found
            message_id = self._writes(self.chat, content, date, reply_to, extra)
        return message_id

    def says_in_group(self, chat_id: int, text: str, *, reply_to: int | None = None, **extra: Any) -> int:
        """Write in a group. In privacy mode the bot gets commands, replies to it, and mentions only."""
        chat = self.world.chats[chat_id]
        self.chat.known = True
        content: Json = {"text": text}
        found = entities.found_in(text)
        if found:
            content["entities"] = found
        return self._writes(chat, content, None, reply_to, extra)

    def forwards(self, text: str, origin: Json | None = None) -> int:
        """Forward someone else's message."""
        now = int(self.world.clock())
        hidden = {"type": "hidden_user", "sender_user_name": "Nogen", "date": now}
        return self.says(text, forward_origin=origin or hidden)

    def sends_document(
        self,
        content: bytes = b"%PDF-1.4 test",
        name: str = "notat.pdf",
        mime: str = "application/pdf",
        caption: str = "",
        **extra: Any,
    ) -> int:
        return self._sends_file("document", content, name, mime, caption, extra)

    def sends_photo(self, content: bytes = b"\xff\xd8\xff\xe0 photo", caption: str = "", **extra: Any) -> int:
        return self._sends_file("photo", content, "photo.jpg", "image/jpeg", caption, extra)

    def sends_voice(self, content: bytes = b"OggS voice", caption: str = "", **extra: Any) -> int:
        return self._sends_file("voice", content, "voice.oga", "audio/ogg", caption, extra)

    def sends_video(self, content: bytes = b"ftyp video", caption: str = "", **extra: Any) -> int:
        return self._sends_file("video", content, "video.mp4", "video/mp4", caption, extra)

    def sends_sticker(self, content: bytes = b"RIFF sticker", **extra: Any) -> int:
        return self._sends_file("sticker", content, "sticker.webp", "image/webp", "", extra)

    def sends_poll(
        self, question: str = "Hvornår?", options: Sequence[str] = ("mandag", "tirsdag"), **extra: Any
    ) -> int:
        poll = poll_object(self.world.poll_id(), question, list(options), anonymous=True, several=False)
        return self._writes(self.chat, {"poll": poll}, None, None, extra)

    def votes(self, *options: str) -> None:
        """Vote in the newest open poll of the bot; without options the vote is withdrawn."""
        self._may_act()
        for stored in reversed(self.chat.messages.values()):
            poll = stored.message.get("poll")
            if stored.by_bot and poll is not None and not poll["is_closed"]:
                break
        else:
            raise AssertionError(f"{self} sees no open poll")
        shown = [option["text"] for option in poll["options"]]
        if not set(options) <= set(shown):
            raise AssertionError(f"{self} sees no {options}; the options are {shown}")
        if len(options) > 1 and not poll["allows_multiple_answers"]:
            raise AssertionError("only one option can be chosen")
        self._lines.append(f"* {', '.join(options) or '(vote withdrawn)'}")
        if not poll["is_anonymous"]:
            ids = [shown.index(option) for option in options]
            answer = {
                "poll_id": poll["id"],
                "user": self.user,
                "option_ids": ids,
                "option_persistent_ids": [poll["options"][number]["persistent_id"] for number in ids],
            }
            self.world.queue("poll_answer", answer, DAY, int(poll["id"]))

    def sends_location(self, latitude: float = 55.676, longitude: float = 12.568, **extra: Any) -> int:
        location = {"latitude": latitude, "longitude": longitude}
        return self._writes(self.chat, {"location": location}, None, None, extra)

    def sends_contact(self, phone_number: str = "+4512345678", *, own: bool = True, **extra: Any) -> int:
        contact: Json = {"phone_number": phone_number, "first_name": self.first_name}
        if own:
            contact["user_id"] = self.id
        return self._writes(self.chat, {"contact": contact}, None, None, extra)

    def _sends_file(self, kind: str, content: bytes, name: str, mime: str, caption: str, extra: Json) -> int:
        file = self.world.save_file(content, name, mime, kind + "s")
        body: Json = {kind: media_object(kind, file)}
        if caption:
            body["caption"] = caption
        return self._writes(self.chat, body, None, None, extra)

    def _writes(self, chat: Chat, content: Json, date: float | None, reply_to: int | None, extra: Json) -> int:
        if chat is self.chat:
            if chat.blocked:
                raise AssertionError(f"{self} has blocked the bot; the client offers only to unblock it")
            if chat.deactivated:
                raise AssertionError(f"{self} has deleted the account")
            chat.started = True
            written = content.get("text") or content.get("caption")
            self._lines.append(f"> {written or '<' + next(iter(content)) + '>'}")
        world = self.world
        at = int(world.clock() if date is None else date)
        message: Json = {
            "message_id": world.message_id(chat),
            "from": self.user,
            "chat": chat.head,
            "date": at,
            **content,
            **extra,
        }
        if reply_to is not None:
            replied = chat.messages[reply_to].message
            message["reply_to_message"] = {key: value for key, value in replied.items() if key != "reply_to_message"}
        world.store(chat, message, None, by_bot=False)
        if chat.kind == "private" or self._reaches_bot(chat, message):
            world.queue("message", message, at + DAY - world.clock(), chat.id)
        return int(message["message_id"])

    def _reaches_bot(self, chat: Chat, message: Json) -> bool:
        """Privacy mode: https://core.telegram.org/bots/features#privacy-mode"""
        if chat.bot_status == "administrator":
            return True
        if chat.bot_status != "member":
            return False
        bot = self.world.bot
        text = str(message.get("text", ""))
        if text.startswith("/"):
            named = text.split()[0].partition("@")[2]
            return not named or named.lower() == bot["username"].lower()
        if message.get("reply_to_message", {}).get("from", {}).get("id") == bot["id"]:
            return True
        return f"@{bot['username']}".lower() in text.lower()

    def edits(self, which: int | str, new_text: str) -> None:
        """Change one of one's own messages, by id or by its words (the newest with those), under a picture too."""
        mine = [stored for stored in reversed(self.chat.messages.values()) if not stored.by_bot]
        words = {id(each): each.message.get("text", each.message.get("caption")) for each in mine}
        stored = next((each for each in mine if which in (each.message["message_id"], words[id(each)])), None)
        if stored is None:
            raise AssertionError(f"{self} has written no {which!r}; there is {[*words.values()]}")
        field = "caption" if "caption" in stored.message else "text"
        message = {**stored.message, field: new_text, "edit_date": int(self.world.clock())}
        message.pop("entities", None)
        found = entities.found_in(new_text)
        if found:
            message["entities"] = found
        stored.message = message
        self._lines.append(f"> (edited) {new_text}")
        self.world.queue("edited_message", message, DAY, self.chat.id)

    # Tapping

    def taps(self, label_or_data: str, on: int | None = None) -> str:
        """Tap the button with this label (or else this data) on the newest message that shows it.

        `on` picks an older message by id. A reply keyboard's button sends its text. Returns the callback
        query id, or "" for a reply keyboard. AssertionError when no such button is visible.
        """
        self._may_act()
        for what in ("text", "callback_data"):
            for stored in reversed(self.chat.messages.values()):
                if on is not None and stored.message["message_id"] != on:
                    continue
                for row in (stored.message.get("reply_markup") or {}).get("inline_keyboard", ()):
                    for button in row:
                        if button.get(what) != label_or_data:
                            continue
                        if "callback_data" not in button:
                            raise AssertionError(f"[{button['text']}] opens {button.get('url', 'something else')}")
                        self._lines.append(f"* {button['text']}")
                        return self.world.tap(self.user, stored.message, button["callback_data"])
        if on is None and self.chat.keyboard is not None:
            for row in self.chat.keyboard["keyboard"]:
                for button in row:
                    text = button if isinstance(button, str) else button["text"]
                    if text != label_or_data:
                        continue
                    if self.chat.keyboard.get("one_time_keyboard"):
                        self.chat.keyboard = None
                    if isinstance(button, dict) and button.get("request_contact"):
                        self.sends_contact()
                    elif isinstance(button, dict) and button.get("request_location"):
                        self.sends_location()
                    else:
                        self.says(text)
                    return ""
        raise AssertionError(f"{self} sees no button {label_or_data!r}; visible: {self.visible_buttons()}")

    def forges(self, data: str, message_id: int | None = None) -> str:
        """Send callback data that no button has, about any message (the bot's newest by default)."""
        self._may_act()
        self._lines.append(f"! {data}")
        stored = self.chat.messages.get(message_id) if message_id is not None else self._newest()
        if stored is not None:
            return self.world.tap(self.user, stored.message, data)
        gone = {"chat": self.chat.head, "message_id": message_id or 1, "date": 0}
        return self.world.tap(self.user, gone, data)

    def taps_in_group(self, chat_id: int, label: str) -> str:
        """Tap a button on the newest message of a group that shows it."""
        for stored in reversed(self.world.chats[chat_id].messages.values()):
            for row in (stored.message.get("reply_markup") or {}).get("inline_keyboard", ()):
                for button in row:
                    if button["text"] == label and "callback_data" in button:
                        return self.world.tap(self.user, stored.message, button["callback_data"])
        raise AssertionError(f"no button {label!r} in {chat_id}")

    def _may_act(self) -> None:
        if self.chat.blocked or self.chat.deactivated:
            raise AssertionError(f"{self} has blocked the bot or left Telegram")

    # Coming and going

    def blocks(self) -> None:
        self.chat.blocked = True
        self._membership("member", "kicked")

    def unblocks(self) -> None:
        self.chat.blocked = False
        self._membership("kicked", "member")

    def leaves_telegram(self) -> None:
        """Delete the account: the bot is not told, its messages are refused."""
        self.chat.deactivated = True

    def _membership(self, old: str, new: str) -> None:
        def member(status: str) -> Json:
            until = {"until_date": 0} if status == "kicked" else {}
            return {"status": status, "user": self.world.bot, **until}

        payload = {
            "chat": self.chat.head,
            "from": self.user,
            "date": int(self.world.clock()),
            "old_chat_member": member(old),
            "new_chat_member": member(new),
        }
        self.world.queue("my_chat_member", payload, DAY, self.id)

    # Reading

    def sees(self, chat_id: int | None = None) -> list[Seen]:
        """Everything now in the chat, oldest first."""
        chat = self.chat if chat_id is None else self.world.chats[chat_id]
        return [_seen(stored) for stored in chat.messages.values()]

    @property
    def last(self) -> Seen:
        """The newest message of the bot."""
        stored = self._newest()
        if stored is None:
            raise AssertionError(f"the bot has written nothing to {self}")
        return _seen(stored)

    @property
    def buttons(self) -> list[str]:
        """The labels a person would look for: those of the newest bot message that has a keyboard."""
        for stored in reversed(self.chat.messages.values()):
            if stored.by_bot:
                labels = _seen(stored).labels
                if labels:
                    return labels
        return []

    def visible_buttons(self) -> list[str]:
        """Every label that can be tapped now, newest message first, reply keyboard last."""
        labels = [
            button["text"]
            for stored in reversed(self.chat.messages.values())
            for row in (stored.message.get("reply_markup") or {}).get("inline_keyboard", ())
            for button in row
        ]
        if self.chat.keyboard is not None:
            labels += [
                button if isinstance(button, str) else button["text"]
                for row in self.chat.keyboard["keyboard"]
                for button in row
            ]
        return labels

    @property
    def keyboard(self) -> list[str]:
        """The labels of the reply keyboard under the input field."""
        rows = self.chat.keyboard["keyboard"] if self.chat.keyboard is not None else []
        return [button if isinstance(button, str) else button["text"] for row in rows for button in row]

    @property
    def toasts(self) -> list[Toast]:
        return self.world.toasts.setdefault(self.id, [])

    @property
    def document(self) -> bytes:
        """The content of the last file the bot sent."""
        for stored in reversed(self.chat.messages.values()):
            if stored.by_bot:
                for kind in ("document", "voice", "video", "audio", "photo"):
                    if kind in stored.message:
                        shown = stored.message[kind]
                        file = shown[-1] if isinstance(shown, list) else shown
                        return self.world.files[file["file_id"]].content
        raise AssertionError(f"the bot has sent {self} no file")

    async def reads(
        self,
        timeout: float = PATIENCE,
        *,
        until: str | Callable[[Seen], bool] | None = None,
        quiet: float = 0.05,
    ) -> list[Seen]:
        """Wait until the bot has done something new here and is quiet for `quiet` seconds; what is new.

        `until` waits for a new message that contains a text (or fulfils a condition). A toast counts as new.
        TimeoutError with the screen after `timeout` seconds.
        """
        loop = asyncio.get_running_loop()
        ends = loop.time() + timeout
        while True:
            enough = self.chat.changed > self._read and self._has(until)
            left = ends - loop.time()
            if left <= 0 and not enough:
                wanted = repr(until) if isinstance(until, str) else "something new"
                raise TimeoutError(f"{self} waited {timeout} s for {wanted}; screen:\n{self.screen()}")
            quiet_now = left <= 0 or not await self.chat.stirred(min(quiet, left) if enough else left)
            if quiet_now and enough:
                fresh = self._fresh()
                self._read = self.chat.changed
                self._lines += [f"~ {seen}" if seen.edited else str(seen) for seen in fresh]
                self._lines += [f"({toast.text or toast.url})" for toast in self.toasts[self._toasts_read :]]
                self._toasts_read = len(self.toasts)
                return fresh

    async def reads_nothing(self, for_seconds: float = 0.3) -> None:
        """AssertionError if the bot does anything new here within that time."""
        if self.chat.changed > self._read or await self.chat.stirred(for_seconds):
            raise AssertionError(f"{self} expected silence; screen:\n{self.screen()}")

    def transcript(self) -> str:
        """What was done and read, in order: `>` written, `*` tapped, `!` forged, `~` edited by the bot."""
        return "\n".join(self._lines)

    def screen(self, last: int = 6) -> str:
        """The newest messages as a transcript: `>` marks what the person wrote."""
        return "\n".join(str(seen) for seen in self.sees()[-last:])

    def _fresh(self) -> list[Seen]:
        return [_seen(stored) for stored in self.chat.messages.values() if stored.by_bot and stored.seq > self._read]

    def _has(self, until: str | Callable[[Seen], bool] | None) -> bool:
        if until is None:
            return True
        if isinstance(until, str):
            return any(until in seen.text for seen in self._fresh())
        return any(until(seen) for seen in self._fresh())

    def _newest(self) -> Stored | None:
        return next((stored for stored in reversed(self.chat.messages.values()) if stored.by_bot), None)


def _seen(stored: Stored) -> Seen:
    message = stored.message
    markup = stored.markup or {}
    rows = markup.get("inline_keyboard") or markup.get("keyboard") or ()
    return Seen(
        id=message["message_id"],
        text=str(message.get("text") or message.get("caption") or ""),
        rows=tuple(tuple(button if isinstance(button, str) else button["text"] for button in row) for row in rows),
        by_bot=stored.by_bot,
        edited="edit_date" in message,
        date=message["date"],
        document=message.get("document", {}).get("file_name", ""),
        raw=message,
    )


def _parts(text: str) -> list[str]:
    """A text cut as a client cuts it: at most 4096 UTF-16 units each, no character in two."""
    if entities.utf16_length(text) <= TEXT_LIMIT:
        return [text]
    parts: list[str] = []
    units = 0
    begin = 0
    for at, character in enumerate(text):
        width = 2 if character > "\uffff" else 1
        if units + width > TEXT_LIMIT:
            parts.append(text[begin:at])
            begin, units = at, 0
        units += width
    parts.append(text[begin:])
    return parts
