"""The Bot API methods: one function each, strict about parameters, refusing in Telegram's own words.

Source: https://core.telegram.org/bots/api; wording from the open server (tdlib/telegram-bot-api, tdlib/td).
Sockets, tokens and injected faults are in server.py.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from tests.support.botapi import entities
from tests.support.botapi.world import (
    DEFAULT_KINDS,
    TAP_LIFETIME,
    UPDATE_KINDS,
    Chat,
    File,
    Json,
    Stored,
    Toast,
    Webhook,
    World,
)

UPLOAD_LIMIT = 50 << 20
PHOTO_LIMIT = 10 << 20
DOWNLOAD_LIMIT = 20 << 20
LONG_POLL_LIMIT = 50
MARKUP_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Upload:
    """A file attached to a request."""

    name: str
    content: bytes
    mime: str


class Refused(Exception):
    """Telegram says no."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


def bad(description: str) -> NoReturn:
    """A 400 in Telegram's form: the first letter is lowered unless the text is a SERVER_CODE."""
    if not (len(description) > 1 and (description[1] == "_" or "A" <= description[1] <= "Z")):
        description = description[0].lower() + description[1:]
    raise Refused(400, f"Bad Request: {description}")


@dataclass(frozen=True, slots=True)
class Call:
    """One request: the decoded parameters (strings, numbers, booleans or JSON) and the attached files."""

    world: World
    method: str
    params: Json
    files: dict[str, Upload]

    def text(self, name: str) -> str:
        value = self.params.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def integer(self, name: str, default: int = 0) -> int:
        """Telegram reads what it can: anything but a number counts as 0 there, and as a violation here."""
        value = self.params.get(name)
        if value is None or value == "":
            return default
        if isinstance(value, int):
            return int(value)
        try:
            return int(str(value))
        except ValueError:
            self.world.violated(self.method, f'parameter "{name}" is not an Integer')
            return 0

    def boolean(self, name: str) -> bool:
        value = self.params.get(name)
        return value is True or str(value).lower() in ("true", "yes", "1")

    def json(self, name: str, what: str) -> Any:
        """A JSON-serialized parameter, None when it is absent."""
        value = self.params.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            bad(f"Can't parse {what} JSON object")


Handler = Callable[[Call], Any]
_HANDLERS: dict[str, tuple[str, Handler, dict[str, str]]] = {}

_SEND = (
    "business_connection_id:str chat_id:chat message_thread_id:int direct_messages_topic_id:int "
    "disable_notification:bool protect_content:bool allow_paid_broadcast:bool message_effect_id:str "
    "suggested_post_parameters:json reply_parameters:json reply_markup:json reply_to_message_id:int "
    "allow_sending_without_reply:bool"
)

_CAPTION = "caption:str parse_mode:str caption_entities:json"
_EDIT = "business_connection_id:str chat_id:chat message_id:int inline_message_id:str reply_markup:json"


def method(name: str, *parameters: str) -> Callable[[Handler], Handler]:
    """Register a handler; `parameters` is "name:type …", and whatever else a bot sends is a violation."""

    def register(handler: Handler) -> Handler:
        known = dict(each.split(":") for part in parameters for each in part.split())
        _HANDLERS[name.lower()] = (name, handler, known)
        return handler

    return register


def known_methods() -> list[tuple[str, list[str]]]:
    """Every method there is, with its parameters."""
    return [(name, list(known)) for name, _, known in _HANDLERS.values()]


async def run(world: World, name: str, params: Json, files: dict[str, Upload]) -> Any:
    """Carry out one method; its result, or Refused."""
    found = _HANDLERS.get(name.lower())
    if found is None:
        world.violated(name, "unknown method, or one this emulator does not have")
        raise Refused(404, "Not Found: method not found")
    name, handler, known = found
    world.calls[name] += 1
    for key, value in params.items():
        kind = known.get(key)
        if kind is None:
            world.violated(name, f'unknown parameter "{key}"')
        elif not _fits(kind, value):
            world.violated(name, f'parameter "{key}" must be of type {kind}')
    if files:
        for key in files:
            if key not in known and not any(f"attach://{key}" in str(value) for value in params.values()):
                world.violated(name, f'file "{key}" is attached but not used')
    if world.logged_out:
        raise Refused(400, "Logged out")
    if name == "getUpdates":
        return await _get_updates(Call(world, name, params, files))
    return handler(Call(world, name, params, files))


def _fits(kind: str, value: Any) -> bool:
    match kind:
        case "int":
            return (isinstance(value, int) and not isinstance(value, bool)) or (
                isinstance(value, str) and value.lstrip("-").isdigit()
            )
        case "chat":
            return isinstance(value, int) or (
                isinstance(value, str) and (value.startswith("@") or value.lstrip("-").isdigit())
            )
        case "bool":
            return isinstance(value, bool) or str(value).lower() in ("true", "false", "0", "1", "yes", "no")
        case "str" | "file":
            return isinstance(value, str)
        case "json":
            return isinstance(value, (dict, list)) or (isinstance(value, str) and value[:1] in ("{", "[", ""))
        case _:
            raise AssertionError(kind)


# Chats


def _chat(call: Call, write: bool = True) -> Chat:
    world = call.world
    raw = call.params.get("chat_id")
    if raw is None or raw == "":
        bad("chat_id is empty")
    if isinstance(raw, str) and raw.startswith("@"):
        wanted = raw[1:].lower()
        chat = next(
            (
                each
                for each in world.chats.values()
                if each.kind != "private" and str(each.head.get("username", "")).lower() == wanted
            ),
            None,
        )
    else:
        chat = world.chats.get(call.integer("chat_id"))
    if chat is None:
        bad("chat not found")
    if chat.kind == "private":
        if not chat.started:
            if not chat.known:
                bad("chat not found")
            if write:
                raise Refused(403, "Forbidden: bot can't initiate conversation with a user")
        if write and chat.deactivated:
            raise Refused(403, "Forbidden: user is deactivated")
        if write and chat.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        return chat
    if chat.migrated_to and write:
        raise Refused(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=chat.migrated_to,
        )
    if chat.deleted and write:
        raise Refused(403, "Forbidden: the group chat was deleted")
    if chat.bot_status == "kicked":
        raise Refused(403, f"Forbidden: bot was kicked from the {chat.kind} chat")
    if chat.bot_status == "left":
        raise Refused(403, f"Forbidden: bot is not a member of the {chat.kind} chat")
    return chat


def _spend(call: Call, chat: Chat) -> None:
    wait = call.world.limits.spend(chat.id, chat.kind != "private")
    if wait:
        call.world.violated(call.method, f"too many messages (chat {chat.id}), retry after {wait}")
        raise Refused(429, f"Too Many Requests: retry after {wait}", retry_after=wait)


def _message_to(call: Call, verb: str, chat: Chat) -> Stored:
    message_id = call.integer("message_id")
    if message_id <= 0:
        bad("Message identifier is not specified")
    stored = chat.messages.get(message_id)
    if stored is None:
        bad(f"message to {verb} not found")
    return stored


# Text


def _formatted(call: Call, field: str, entities_field: str, limit: int) -> tuple[str, list[Json]]:
    """Text after parsing; refuses what Telegram refuses. `field` is "text" or "caption"."""
    raw = call.text(field)
    if len(raw) > 8192 and len(raw.encode("utf-8", "surrogatepass")) > 1 << 15:
        bad("Text is too long")
    if not _is_utf8(raw):
        bad("strings must be encoded in UTF-8")
    parse_mode = call.text("parse_mode")
    found: list[Json] = []
    if raw and parse_mode and parse_mode.lower() != "none":
        if parse_mode.lower() not in ("html", "markdown", "markdownv2"):
            bad("Unsupported parse_mode")
        try:
            raw, found, oddities = entities.parse(raw, parse_mode)
        except entities.CannotParse as wrong:
            bad(f"Can't parse entities: {wrong}")
        for oddity in oddities:
            call.world.violated(call.method, oddity)
    elif entities_field in call.params:
        found = _given_entities(call, entities_field)
    raw, found = entities.trimmed(raw, found)
    if len(raw) > limit // 2 and entities.utf16_length(raw) > limit:
        if field == "caption":
            bad("message caption is too long")
        bad("MESSAGE_TOO_LONG" if call.method.startswith("edit") else "message is too long")
    if len(found) > entities.ENTITY_LIMIT:
        call.world.violated(call.method, "more than 100 entities, the rest is ignored")
        found = found[: entities.ENTITY_LIMIT]
    return raw, found


def _is_utf8(text: str) -> bool:
    """False when half a surrogate pair has come in, e.g. by a text cut in the middle of an emoji."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return False
    return True


def _given_entities(call: Call, field: str) -> list[Json]:
    given = call.json(field, "entities")
    if not isinstance(given, list):
        return []
    for entity in given:
        if not isinstance(entity, dict):
            bad("Can't parse MessageEntity: expected an Object")
        for key, kind in (("offset", int), ("length", int), ("type", str)):
            if key not in entity:
                bad(f"Can't parse MessageEntity: Can't find field \"{key}\"")
            if not isinstance(entity[key], kind):
                expected = "Number" if kind is int else "String"
                bad(f'Can\'t parse MessageEntity: Field "{key}" must be of type {expected}')
    return [dict(entity) for entity in given]


def _message_text(call: Call) -> tuple[str, list[Json]]:
    if not call.text("text"):
        bad("Message text is empty")
    text, found = _formatted(call, "text", "entities", entities.TEXT_LIMIT)
    if not text:
        bad("text must be non-empty")
    options = call.json("link_preview_options", "link preview options")
    if options is not None:
        if not isinstance(options, dict):
            bad("Object expected as link preview options")
        _only_keys(call, "LinkPreviewOptions", options, _LINK_PREVIEW_KEYS)
    return text, found


_LINK_PREVIEW_KEYS = frozenset(["is_disabled", "url", "prefer_small_media", "prefer_large_media", "show_above_text"])


def _string(value: Json, key: str, wrong: str = "") -> str:
    """An optional String field of an object, "" when it is absent."""
    found = value.get(key)
    if found is None:
        return ""
    if not isinstance(found, str):
        bad(f'{wrong}Field "{key}" must be of type String')
    return found


def _only_keys(call: Call, kind: str, value: Json, keys: frozenset[str]) -> None:
    for key in value.keys() - keys:
        call.world.violated(call.method, f'unknown field "{key}" of {kind}')


# Keyboards

_MARKUP_KEYS = {
    "inline_keyboard": frozenset({"inline_keyboard"}),
    "keyboard": frozenset(
        [
            "keyboard",
            "is_persistent",
            "resize_keyboard",
            "one_time_keyboard",
            "input_field_placeholder",
            "selective",
        ]
    ),
    "remove_keyboard": frozenset({"remove_keyboard", "selective"}),
    "force_reply": frozenset({"force_reply", "input_field_placeholder", "selective"}),
}

_INLINE_ACTIONS = [
    "url",
    "callback_data",
    "callback_game",
    "pay",
    "switch_inline_query",
    "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat",
    "login_url",
    "web_app",
    "copy_text",
]

_INLINE_KEYS = frozenset(["text", "icon_custom_emoji_id", "style", *_INLINE_ACTIONS])

_KEYBOARD_REQUESTS = [
    "request_users",
    "request_chat",
    "request_managed_bot",
    "request_contact",
    "request_location",
    "request_poll",
    "web_app",
]

_KEYBOARD_KEYS = frozenset(["text", "icon_custom_emoji_id", "style", *_KEYBOARD_REQUESTS])


def _markup(call: Call, chat: Chat | None = None, only_inline: bool = False) -> Json | None:
    """The reply_markup after every check, None when there is none (an empty keyboard is none)."""
    markup = call.json("reply_markup", "reply keyboard markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        bad("Object expected as reply markup")
    kind = next((key for key in ("keyboard", "inline_keyboard") if markup.get(key)), "")
    if not kind:
        kind = next((key for key in ("remove_keyboard", "force_reply") if markup.get(key) is True), "")
    if not kind:
        if not any(key in markup for key in _MARKUP_KEYS):
            call.world.violated(call.method, "reply_markup is none of the four kinds")
        return None
    _only_keys(call, "reply_markup", markup, _MARKUP_KEYS[kind])
    if only_inline and kind != "inline_keyboard":
        bad("inline keyboard expected")
    if kind == "inline_keyboard":
        _check_inline(call, markup["inline_keyboard"])
    elif kind == "keyboard":
        _check_keyboard(call, markup["keyboard"], private=chat is None or chat.kind == "private")
    placeholder = _string(markup, "input_field_placeholder")
    if "input_field_placeholder" in markup and not 1 <= len(placeholder) <= 64:
        call.world.violated(call.method, "input_field_placeholder must be 1-64 characters")
    return markup


def _check_inline(call: Call, rows: Any) -> None:
    if not isinstance(rows, list):
        bad('Field "inline_keyboard" must be of type Array')
    count = 0
    size = 0
    for row in rows:
        if not isinstance(row, list):
            bad('Field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
        count += len(row)
        if len(row) > 8:
            call.world.violated(call.method, f"{len(row)} buttons in a row, at most 8 are shown")
            bad("reply markup is too long")
        for button in row:
            size += _check_inline_button(call, button)
    if count > 100:
        call.world.violated(call.method, f"{count} inline buttons, at most 100 are shown")
        bad("reply markup is too long")
    if size > MARKUP_LIMIT:
        bad("reply markup is too long")


def _check_inline_button(call: Call, button: Any) -> int:
    """Check one button; the bytes it adds to the markup."""
    wrong = "Can't parse inline keyboard button: "
    if not isinstance(button, dict):
        bad(wrong + "InlineKeyboardButton must be an Object")
    text = button.get("text")
    if text is None:
        bad(wrong + 'Can\'t find field "text"')
    if not isinstance(text, str):
        bad(wrong + 'Field "text" must be of type String')
    data = _string(button, "callback_data", wrong)
    url = _string(button, "url", wrong)
    actions = [key for key in _INLINE_ACTIONS if key in button and button[key] != ""]
    if not actions and "switch_inline_query" not in button and "switch_inline_query_current_chat" not in button:
        bad(wrong + "Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        call.world.violated(call.method, f"a button must have exactly one action, this has {', '.join(actions)}")
    if button.keys() - _INLINE_KEYS:
        _only_keys(call, "InlineKeyboardButton", button, _INLINE_KEYS)
    if not text.strip():
        bad("Inline keyboard button text must be non-empty")
    if not _is_utf8(text + data + url):
        bad("Inline keyboard button text must be encoded in UTF-8")
    size = len(text.encode()) + 16
    if data:
        length = len(data.encode())
        if length > 64:
            bad("BUTTON_DATA_INVALID")
        size += length
    if url:
        if " " in url or ("." not in url and not url.startswith("tg://")):
            bad("BUTTON_URL_INVALID")
        size += len(url.encode())
    return size


def _check_keyboard(call: Call, rows: Any, private: bool) -> None:
    if not isinstance(rows, list):
        bad('Field "keyboard" must be of type Array')
    count = 0
    size = 0
    for row in rows:
        if not isinstance(row, list):
            bad('Field "keyboard" must be an Array of Arrays')
        count += len(row)
        if len(row) > 12:
            call.world.violated(call.method, f"{len(row)} keyboard buttons in a row, at most 12 are shown")
            bad("reply markup is too long")
        for button in row:
            if isinstance(button, str):
                button = {"text": button}
            if not isinstance(button, dict):
                bad("Can't parse keyboard button: KeyboardButton must be a String or an Object")
            text = button.get("text")
            if text is None:
                bad("Can't parse keyboard button: Can't find field \"text\"")
            if not isinstance(text, str):
                bad('Can\'t parse keyboard button: Field "text" must be of type String')
            if not text.strip():
                bad("Keyboard button text must be non-empty")
            if not _is_utf8(text):
                bad("Keyboard button text must be encoded in UTF-8")
            if button.keys() - _KEYBOARD_KEYS:
                _only_keys(call, "KeyboardButton", button, _KEYBOARD_KEYS)
            if not private:
                if button.get("request_contact"):
                    bad("Phone number can be requested in private chats only")
                if button.get("request_location"):
                    bad("Location can be requested in private chats only")
            size += len(text.encode()) + 8
    if count > 300:
        call.world.violated(call.method, f"{count} keyboard buttons, at most 300 are shown")
        bad("reply markup is too long")
    if size > MARKUP_LIMIT:
        bad("reply markup is too long")


# Sending


def _reply_to(call: Call, chat: Chat) -> Json | None:
    parameters = call.json("reply_parameters", "reply parameters")
    if parameters is None:
        if not call.integer("reply_to_message_id"):
            return None
        parameters = {
            "message_id": call.integer("reply_to_message_id"),
            "allow_sending_without_reply": call.boolean("allow_sending_without_reply"),
        }
    if not isinstance(parameters, dict):
        bad("Object expected as reply parameters")
    message_id = parameters.get("message_id", 0)
    if not isinstance(message_id, int):
        bad('Field "message_id" must be of type Number')
    stored = chat.messages.get(message_id)
    if stored is None:
        if parameters.get("allow_sending_without_reply"):
            return None
        bad("message to be replied not found")
    replied: Json = {key: value for key, value in stored.message.items() if key != "reply_to_message"}
    return replied


def _deliver(call: Call, chat: Chat, content: Json, markup: Json | None) -> Json:
    """Put a new message of the bot into the chat and return it."""
    world = call.world
    replied = _reply_to(call, chat)
    _spend(call, chat)
    message: Json = {
        "message_id": world.message_id(chat),
        "from": world.bot,
        "chat": chat.head,
        "date": int(world.clock()),
        **content,
    }
    if replied is not None:
        message["reply_to_message"] = replied
    if call.boolean("protect_content"):
        message["has_protected_content"] = True
    if markup is not None:
        if "inline_keyboard" in markup:
            message["reply_markup"] = markup
        elif markup.get("remove_keyboard"):
            chat.keyboard = None
        elif "keyboard" in markup:
            chat.keyboard = markup
    world.store(chat, message, markup, by_bot=True)
    if world.on_send is not None:
        world.on_send(chat.id, message)
    return message


@method(
    "sendMessage",
    _SEND,
    "text:str parse_mode:str entities:json link_preview_options:json disable_web_page_preview:bool",
)
def _send_message(call: Call) -> Json:
    text, found = _message_text(call)
    chat = _chat(call)
    markup = _markup(call, chat)
    content: Json = {"text": text}
    if found:
        content["entities"] = found
    return _deliver(call, chat, content, markup)


def _caption(call: Call) -> Json:
    text, found = _formatted(call, "caption", "caption_entities", entities.CAPTION_LIMIT)
    if not text:
        return {}
    return {"caption": text, "caption_entities": found} if found else {"caption": text}


def _file(call: Call, field: str, folder: str, limit: int) -> File:
    """The file of a send method: attached, or one that Telegram has already."""
    value = call.params.get(field)
    upload = call.files.get(field)
    if upload is None and isinstance(value, str) and value.startswith("attach://"):
        upload = call.files.get(value.removeprefix("attach://"))
        if upload is None:
            bad(f"There is no {field} in the request")
    if upload is not None:
        if not upload.content:
            bad("file must be non-empty")
        if len(upload.content) > UPLOAD_LIMIT:
            raise Refused(413, "Request Entity Too Large")
        if len(upload.content) > limit:
            bad(f"file of size {len(upload.content)} bytes is too big for a {field}; the maximum size is {limit} bytes")
        return call.world.save_file(upload.content, upload.name, upload.mime, folder)
    if not value:
        bad(f"There is no {field} in the request")
    file = call.world.files.get(str(value))
    if file is None:
        if "://" in str(value):
            bad("failed to get HTTP URL content")
        bad("wrong remote file identifier specified: Wrong string length")
    return file


def file_object(file: File) -> Json:
    return {
        "file_id": file.file_id,
        "file_unique_id": file.file_unique_id,
        "file_size": len(file.content),
    }


def media_object(kind: str, file: File) -> Any:
    """The Message field that shows a file: https://core.telegram.org/bots/api#document and its siblings."""
    base = file_object(file)
    named = {**base, "file_name": file.name, "mime_type": file.mime}
    match kind:
        case "photo":
            return [{**base, "width": 90, "height": 90}, {**base, "width": 800, "height": 800}]
        case "document":
            return named
        case "voice":
            return {**base, "duration": 1, "mime_type": file.mime}
        case "audio":
            return {**named, "duration": 1}
        case "video" | "animation":
            return {**named, "duration": 1, "width": 640, "height": 480}
        case "sticker":
            return {
                **base,
                "type": "regular",
                "width": 512,
                "height": 512,
                "is_animated": False,
                "is_video": False,
                "emoji": "\N{THUMBS UP SIGN}",
            }
        case _:
            raise AssertionError(kind)


def _send_media(kind: str, folder: str, limit: int) -> Handler:
    def send(call: Call) -> Json:
        caption = _caption(call)
        chat = _chat(call)
        markup = _markup(call, chat)
        file = _file(call, kind, folder, limit)
        return _deliver(call, chat, {kind: media_object(kind, file), **caption}, markup)

    return send


method("sendDocument", _SEND, _CAPTION, "document:file thumbnail:file disable_content_type_detection:bool")(
    _send_media("document", "documents", UPLOAD_LIMIT)
)


method("sendPhoto", _SEND, _CAPTION, "photo:file show_caption_above_media:bool has_spoiler:bool")(
    _send_media("photo", "photos", PHOTO_LIMIT)
)


method("sendVoice", _SEND, _CAPTION, "voice:file duration:int")(_send_media("voice", "voice", UPLOAD_LIMIT))


method(
    "sendVideo",
    _SEND,
    _CAPTION,
    "video:file duration:int width:int height:int thumbnail:file cover:file start_timestamp:int "
    "show_caption_above_media:bool has_spoiler:bool supports_streaming:bool",
)(_send_media("video", "videos", UPLOAD_LIMIT))


method("sendAudio", _SEND, _CAPTION, "audio:file duration:int performer:str title:str thumbnail:file")(
    _send_media("audio", "music", UPLOAD_LIMIT)
)


def poll_object(poll_id: int, question: str, options: list[str], anonymous: bool, several: bool) -> Json:
    """https://core.telegram.org/bots/api#poll, as it is before anybody has voted."""
    return {
        "id": str(poll_id),
        "question": question,
        "options": [
            {"text": option, "voter_count": 0, "persistent_id": str(number)} for number, option in enumerate(options)
        ],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": anonymous,
        "type": "regular",
        "allows_multiple_answers": several,
        "allows_revoting": True,
        "members_only": False,
    }


@method(
    "sendPoll",
    _SEND,
    "question:str question_parse_mode:str question_entities:json options:json is_anonymous:bool type:str",
    "allows_multiple_answers:bool open_period:int close_date:int is_closed:bool",
)
def _send_poll(call: Call) -> Json:
    question = call.text("question").strip()
    if not question:
        bad("poll question must be non-empty")
    if entities.utf16_length(question) > 300:
        bad("poll question length must not exceed 300")
    given = call.json("options", "options")
    if not isinstance(given, list):
        bad("Expected an Array of String as options")
    options: list[str] = []
    for option in given:
        text = option.get("text") if isinstance(option, dict) else option
        if not isinstance(text, str):
            bad("Expected an option to be of type String")
        if not text.strip():
            bad("poll options must be non-empty")
        if entities.utf16_length(text) > 100:
            bad("poll options length must not exceed 100")
        options.append(text)
    if not options:
        bad("poll must have at least 1 option")
    if len(options) > 12:
        bad("poll can't have more than 12 options")
    chat = _chat(call)
    markup = _markup(call, chat)
    anonymous = "is_anonymous" not in call.params or call.boolean("is_anonymous")
    number = call.world.poll_id()
    poll = poll_object(number, question, options, anonymous, call.boolean("allows_multiple_answers"))
    return _deliver(call, chat, {"poll": poll}, markup)


@method("stopPoll", "business_connection_id:str chat_id:chat message_id:int reply_markup:json")
def _stop_poll(call: Call) -> Json:
    markup = _markup(call, only_inline=True)
    chat = _chat(call)
    stored = _message_to(call, "stop", chat)
    if not stored.by_bot or "poll" not in stored.message:
        bad("message is not a poll")
    if stored.message["poll"]["is_closed"]:
        bad("poll has already been closed")
    closed: Json = {**stored.message["poll"], "is_closed": True}
    _replace(call, chat, stored, {"poll": closed}, markup)
    return closed


_ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "record_audio",
        "upload_audio",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)


@method("sendChatAction", "business_connection_id:str chat_id:chat message_thread_id:int action:str")
def _send_chat_action(call: Call) -> bool:
    if call.text("action").lower() not in _ACTIONS:
        bad("Wrong parameter action in request")
    _chat(call)
    return True


# Editing and deleting


def _editable(call: Call) -> tuple[Chat, Stored]:
    if not call.text("chat_id") and not call.integer("message_id"):
        bad("Message identifier is not specified")
    chat = _chat(call)
    stored = _message_to(call, "edit", chat)
    if not stored.by_bot or (stored.markup is not None and "inline_keyboard" not in stored.markup):
        bad("message can't be edited")
    return chat, stored


def _replace(call: Call, chat: Chat, stored: Stored, content: Json, markup: Json | None) -> Json:
    """Put the edited message in place of the old one, unless nothing changes."""
    old = stored.message
    _spend(call, chat)
    message: Json = {**old, **content}
    for key in ("entities", "caption_entities", "caption"):
        if key in message and content.get(key, "") is None:
            del message[key]
    message.pop("reply_markup", None)
    if markup is not None:
        message["reply_markup"] = markup
    if message == old:
        bad(
            "message is not modified: specified new message content and reply markup are exactly the same as "
            "a current content and reply markup of the message"
        )
    message["edit_date"] = int(call.world.clock())
    stored.message = message
    stored.markup = markup
    stored.seq = chat.stir()
    if call.world.on_send is not None:
        call.world.on_send(chat.id, message)
    return message


@method(
    "editMessageText",
    _EDIT,
    "text:str parse_mode:str entities:json link_preview_options:json disable_web_page_preview:bool",
)
def _edit_message_text(call: Call) -> Json:
    text, found = _message_text(call)
    markup = _markup(call, only_inline=True)
    chat, stored = _editable(call)
    if "text" not in stored.message:
        bad("there is no text in the message to edit")
    return _replace(call, chat, stored, {"text": text, "entities": found or None}, markup)


@method("editMessageCaption", _EDIT, _CAPTION, "show_caption_above_media:bool")
def _edit_message_caption(call: Call) -> Json:
    caption = _caption(call)
    markup = _markup(call, only_inline=True)
    chat, stored = _editable(call)
    if "text" in stored.message:
        bad("there is no caption in the message to edit")
    return _replace(call, chat, stored, {"caption": None, "caption_entities": None, **caption}, markup)


@method("editMessageReplyMarkup", _EDIT)
def _edit_message_reply_markup(call: Call) -> Json:
    markup = _markup(call, only_inline=True)
    chat, stored = _editable(call)
    return _replace(call, chat, stored, {}, markup)


def _delete(call: Call, chat: Chat, message_id: int, stored: Stored) -> None:
    if call.world.clock() - stored.message["date"] >= 48 * 3600:
        bad("message can't be deleted for everyone")
    if not stored.by_bot and chat.kind != "private" and chat.bot_status != "administrator":
        bad("message can't be deleted")
    del chat.messages[message_id]
    chat.stir()


@method("deleteMessage", "chat_id:chat message_id:int")
def _delete_message(call: Call) -> bool:
    if not call.text("chat_id"):
        bad("Chat identifier is not specified")
    if call.integer("message_id") <= 0:
        bad("Message identifier is not specified")
    chat = _chat(call)
    _delete(call, chat, call.integer("message_id"), _message_to(call, "delete", chat))
    return True


@method("deleteMessages", "chat_id:chat message_ids:json")
def _delete_messages(call: Call) -> bool:
    ids = call.json("message_ids", "message_ids")
    if not ids:
        bad("Message identifiers are not specified")
    if not isinstance(ids, list):
        bad("Expected an Array of message identifiers")
    if len(ids) > 100:
        bad("Too many message identifiers specified")
    for message_id in ids:
        if not isinstance(message_id, int):
            bad("Message identifier must be a Number")
        if message_id <= 0:
            bad("Invalid message identifier specified")
    chat = _chat(call)
    for message_id in ids:
        stored = chat.messages.get(message_id)
        if stored is not None:
            _delete(call, chat, message_id, stored)
    return True


@method("pinChatMessage", "business_connection_id:str chat_id:chat message_id:int disable_notification:bool")
def _pin(call: Call) -> bool:
    _message_to(call, "pin", _chat(call))
    return True


@method("unpinChatMessage", "business_connection_id:str chat_id:chat message_id:int")
def _unpin(call: Call) -> bool:
    chat = _chat(call)
    if call.integer("message_id"):
        _message_to(call, "unpin", chat)
    return True


@method("setMessageReaction", "chat_id:chat message_id:int reaction:json is_big:bool")
def _react(call: Call) -> bool:
    reaction = call.json("reaction", "reaction types")
    if reaction is not None and not isinstance(reaction, list):
        bad("Expected an Array of ReactionType")
    chat = _chat(call)
    _message_to(call, "react", chat)
    return True


@method("answerCallbackQuery", "callback_query_id:str text:str show_alert:bool url:str cache_time:int")
def _answer_callback_query(call: Call) -> bool:
    world = call.world
    query_id = call.text("callback_query_id")
    if not query_id:
        bad("query is too old and response timeout expired or query ID is invalid")
    text = call.text("text")
    if len(text) > 100 and entities.utf16_length(text) > 200:
        bad("MESSAGE_TOO_LONG")
    tap = world.taps.get(query_id)
    if tap is None or world.clock() - tap.at > TAP_LIFETIME:
        bad("query is too old and response timeout expired or query ID is invalid")
    tap.answered = True
    url = call.text("url")
    if text or url:
        world.toasts.setdefault(tap.user_id, []).append(Toast(text, call.boolean("show_alert"), url, query_id))
        chat = world.chats.get(tap.chat_id)
        if chat is not None:
            chat.stir()
    return True


# The bot itself


@method("getMe")
def _get_me(call: Call) -> Json:
    return {
        **call.world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
    }


_SCOPES: dict[str, tuple[str, ...]] = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}


def _scope(call: Call) -> tuple[str, str]:
    """The key of a command list: its scope in a fixed spelling, and its language."""
    scope = call.json("scope", "BotCommandScope")
    language = call.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        bad("Invalid language code specified")
    if scope is None:
        return "default", language
    wrong = "Can't parse BotCommandScope: "
    if not isinstance(scope, dict):
        bad(wrong + "BotCommandScope must be an Object")
    if "type" not in scope:
        bad(wrong + 'Can\'t find field "type"')
    kind = _string(scope, "type", wrong)
    if kind not in _SCOPES:
        bad(wrong + "Unsupported type specified")
    for key in _SCOPES[kind]:
        if key not in scope:
            bad(wrong + f'Can\'t find field "{key}"')
        if not isinstance(scope[key], int | str):
            bad(wrong + f'Field "{key}" must be of type Number')
    _only_keys(call, "BotCommandScope", scope, frozenset(("type", *_SCOPES[kind])))
    if "chat_id" in _SCOPES[kind]:
        _chat(Call(call.world, call.method, {"chat_id": scope["chat_id"]}, {}), write=False)
    return ":".join([kind, *(str(scope[key]) for key in _SCOPES[kind])]), language


@method("setMyCommands", "commands:json scope:json language_code:str")
def _set_my_commands(call: Call) -> bool:
    commands = call.json("commands", "commands")
    if commands is None:
        commands = []
    if not isinstance(commands, list):
        bad("Expected an Array of BotCommand")
    wrong = "Can't parse BotCommand: "
    for command in commands:
        if not isinstance(command, dict):
            bad(wrong + "expected an Object")
        for key in ("command", "description"):
            if key not in command:
                bad(wrong + f'Can\'t find field "{key}"')
            if not isinstance(command[key], str):
                bad(wrong + f'Field "{key}" must be of type String')
        _only_keys(call, "BotCommand", command, frozenset({"command", "description"}))
        if not command["command"]:
            bad("Command must be non-empty")
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
            bad("BOT_COMMAND_INVALID")
        if not command["description"].strip():
            bad("Command description must be non-empty")
        if len(command["description"]) > 256:
            bad("Command description length must not exceed 256")
    if len(commands) > 100:
        bad("BOT_COMMANDS_TOO_MUCH")
    key_and_language = _scope(call)
    if commands:
        call.world.commands[key_and_language] = commands
    else:
        call.world.commands.pop(key_and_language, None)
    return True


@method("getMyCommands", "scope:json language_code:str")
def _get_my_commands(call: Call) -> list[Json]:
    return call.world.commands.get(_scope(call), [])


@method("deleteMyCommands", "scope:json language_code:str")
def _delete_my_commands(call: Call) -> bool:
    call.world.commands.pop(_scope(call), None)
    return True


def _profile_text(name: str, field: str, limit: int, code: str) -> None:
    """Register set… and get… of one of the bot's texts, kept per language."""

    def language(call: Call) -> str:
        spoken = call.text("language_code")
        if spoken and not re.fullmatch(r"[a-z]{2}", spoken):
            bad("Invalid language code specified")
        return spoken

    def setter(call: Call) -> bool:
        text = call.text(field)
        if entities.utf16_length(text) > limit:
            bad(code)
        call.world.profile[field, language(call)] = text
        return True

    def getter(call: Call) -> Json:
        profile = call.world.profile
        text = profile.get((field, language(call))) or profile.get((field, ""), "")
        return {field: text or (call.world.bot["first_name"] if field == "name" else "")}

    method(f"setMy{name}", f"{field}:str language_code:str")(setter)
    method(f"getMy{name}", "language_code:str")(getter)


_profile_text("Name", "name", 64, "BOT_TITLE_INVALID")


_profile_text("Description", "description", 512, "BOT_DESCRIPTION_TOO_LONG")


_profile_text("ShortDescription", "short_description", 120, "BOT_SHORT_DESCRIPTION_TOO_LONG")


@method("setChatMenuButton", "chat_id:int menu_button:json")
def _set_menu_button(call: Call) -> bool:
    button = call.json("menu_button", "menu button") or {"type": "default"}
    if not isinstance(button, dict) or _string(button, "type") not in ("commands", "web_app", "default"):
        bad("Can't parse menu button: MenuButton has unsupported type")
    call.world.menu_buttons[call.integer("chat_id")] = button
    return True


@method("getChatMenuButton", "chat_id:int")
def _get_menu_button(call: Call) -> Json:
    buttons = call.world.menu_buttons
    return buttons.get(call.integer("chat_id"), buttons.get(0, {"type": "commands"}))


@method("setMyDefaultAdministratorRights", "rights:json for_channels:bool")
def _set_rights(call: Call) -> bool:
    return True


@method("getChat", "chat_id:chat")
def _get_chat(call: Call) -> Json:
    chat = _chat(call, write=False)
    return {
        **chat.head,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }


@method("getChatMember", "chat_id:chat user_id:int")
def _get_chat_member(call: Call) -> Json:
    chat = _chat(call, write=False)
    user_id = call.integer("user_id")
    if user_id == call.world.bot["id"]:
        return {"status": chat.bot_status, "user": call.world.bot}
    person = call.world.chats.get(user_id)
    if person is None or person.kind != "private":
        bad("user not found")
    names = {key: person.head[key] for key in ("first_name", "last_name", "username") if key in person.head}
    return {"status": "member", "user": {"id": user_id, "is_bot": False, **names}}


@method("leaveChat", "chat_id:chat")
def _leave_chat(call: Call) -> bool:
    chat = _chat(call)
    if chat.kind == "private":
        bad("chat member status can't be changed in private chats")
    chat.bot_status = "left"
    chat.stir()
    return True


@method("getFile", "file_id:str")
def _get_file(call: Call) -> Json:
    file_id = call.text("file_id")
    if not file_id:
        bad("file_id not specified")
    file = call.world.files.get(file_id)
    if file is None:
        bad("wrong file_id or the file is temporarily unavailable")
    if len(file.content) > DOWNLOAD_LIMIT:
        bad("file is too big")
    return {**file_object(file), "file_path": file.path}


@method("logOut")
def _log_out(call: Call) -> bool:
    call.world.logged_out = True
    return True


@method("close")
def _close(call: Call) -> bool:
    return True


# Receiving


def _allow(call: Call) -> None:
    """allowed_updates stays as it was when it is not given: https://core.telegram.org/bots/api#getupdates"""
    if "allowed_updates" not in call.params:
        return
    kinds = call.json("allowed_updates", "allowed_updates")
    if kinds is None:
        return
    if not isinstance(kinds, list):
        return
    for kind in kinds:
        if kind not in UPDATE_KINDS:
            call.world.violated(call.method, f'allowed_updates names an unknown kind "{kind}"')
    call.world.allow(str(kind) for kind in kinds)


@method("getUpdates", "offset:int limit:int timeout:int allowed_updates:json")
def _get_updates_is_async(call: Call) -> NoReturn:
    raise AssertionError("run() awaits _get_updates")


async def _get_updates(call: Call) -> list[Json]:
    """Long polling with the real server's confirmation rules: only a higher offset confirms."""
    world = call.world
    if world.webhook is not None:
        raise Refused(
            409,
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the "
            "webhook first",
        )
    offset = call.integer("offset")
    limit = min(max(call.integer("limit", 100), 1), 100)
    timeout = min(max(call.integer("timeout"), 0), LONG_POLL_LIMIT)
    _allow(call)
    if world.limits.repeat_offset:
        now = time.monotonic()
        before, at = world.last_poll
        if offset == before and now < at + 3.0:
            timeout = max(timeout, 3)
        if offset == before and now < at + 0.5:
            limit = 1
        world.last_poll = (offset, now)
    if world.poller is not None and not world.poller.done():
        world.violated(call.method, "two getUpdates at the same time")
        world.poller.set_result(False)
    world.confirm(offset)
    batch = world.batch(limit)
    if batch or not timeout:
        return batch
    poller: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    world.poller = poller
    ends = time.monotonic() + timeout
    try:
        while True:
            async with asyncio.timeout(max(ends - time.monotonic(), 0)):
                news = await poller
            if not news:
                raise Refused(
                    409,
                    "Conflict: terminated by setWebhook request"
                    if world.webhook is not None
                    else "Conflict: terminated by other getUpdates request; make sure that only one bot "
                    "instance is running",
                )
            return world.batch(limit)
    except TimeoutError:
        return []
    finally:
        if world.poller is poller:
            world.poller = None


@method(
    "setWebhook",
    "url:str certificate:file ip_address:str max_connections:int allowed_updates:json",
    "drop_pending_updates:bool secret_token:str",
)
def _set_webhook(call: Call) -> bool:
    world = call.world
    url = call.text("url")
    if not url:
        return bool(_delete_webhook(call))
    parts = re.fullmatch(r"(https?)://([^/:?#]+)(?::(\d+))?(?:[/?#].*)?", url)
    if parts is None:
        bad("invalid webhook URL specified")
    secret = call.text("secret_token")
    if len(secret) > 256:
        bad("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        bad("secret token contains unallowed characters")
    loopback = parts[2] in ("127.0.0.1", "localhost", "[::1]")
    if not loopback:
        # A server started with --local takes any port and plain HTTP; that is granted to this machine only.
        if parts[1] != "https":
            bad("bad webhook: An HTTPS URL must be provided for webhook")
        if int(parts[3] or 443) not in (80, 88, 443, 8443):
            bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    _allow(call)
    if call.boolean("drop_pending_updates"):
        world.drop_all()
    world.webhook = Webhook(
        url,
        secret,
        min(max(call.integer("max_connections", 40), 1), 100),
        call.text("ip_address"),
        "certificate" in call.files,
    )
    if world.poller is not None and not world.poller.done():
        world.poller.set_result(False)
    if world.on_update is not None:
        world.on_update()
    return True


@method("deleteWebhook", "drop_pending_updates:bool")
def _delete_webhook(call: Call) -> bool:
    call.world.webhook = None
    if call.boolean("drop_pending_updates"):
        call.world.drop_all()
    return True


@method("getWebhookInfo")
def _get_webhook_info(call: Call) -> Json:
    world = call.world
    world.drop_expired()
    webhook = world.webhook
    about: Json = {
        "url": webhook.url if webhook else "",
        "has_custom_certificate": bool(webhook and webhook.certificate),
        "pending_update_count": len(world.pending),
    }
    if webhook is not None:
        about["max_connections"] = webhook.max_connections
        if webhook.ip_address:
            about["ip_address"] = webhook.ip_address
        if webhook.last_error_date:
            about["last_error_date"] = webhook.last_error_date
            about["last_error_message"] = webhook.last_error_message
    if world.kinds != DEFAULT_KINDS:
        about["allowed_updates"] = sorted(world.kinds)
    return about
