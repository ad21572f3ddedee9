"""Data minimisation (GDPR, art. 5): keeps enough of an update to answer it, and nothing of who the person is beyond
their id.

Names, usernames, pictures, files and what they are called, and the text of our own messages are never stored, not
even encrypted: the privacy notice says so. Of what words stand under, only is kept which kind of thing it is; of a
message that is replied to, only which it is and its buttons. A faulty update goes through as it is, and is buried in
the inbox.
https://core.telegram.org/bots/api#update
"""

from __future__ import annotations

from typing import Any

from bot.dialogue.reply import PERMANENT_PROMPT

Raw = dict[str, Any]  # JSON of the Bot API
LASTING = f"1:{PERMANENT_PROMPT}:"  # how the data of a button begins that holds at any time

_CONTENT = frozenset(
    {
        "text",
        "caption",
        "animation",
        "audio",
        "contact",
        "dice",
        "document",
        "game",
        "location",
        "paid_media",
        "photo",
        "poll",
        "sticker",
        "story",
        "venue",
        "video",
        "video_note",
        "voice",
        "checklist",
    }
)


# What words can stand under, with nothing in it but what the Bot API says that each must have.
_NO_FILE: Raw = {"file_id": "", "file_unique_id": ""}
_FLAT: Raw = {**_NO_FILE, "width": 0, "height": 0}
_OVER_WORDS: dict[str, Any] = {
    "animation": {**_FLAT, "duration": 0},
    "video": {**_FLAT, "duration": 0},
    "photo": [_FLAT],
    "voice": {**_NO_FILE, "duration": 0},
    "audio": {**_NO_FILE, "duration": 0},
}


def minimise(update: Raw) -> Raw:
    """The update with only the kinds and fields we use. Never raises."""
    kept: Raw = {"update_id": update.get("update_id")}
    for kind, strip in _MINIMISERS.items():
        part = update.get(kind)
        if part is not None:
            kept[kind] = strip(part) if isinstance(part, dict) else part
    return kept


def _message(message: Raw) -> Raw:
    kept = _only(message, "message_id", "date", "edit_date", "text", "caption", "media_group_id")
    kept["chat"] = _chat(message.get("chat"))
    if "from" in message:
        kept["from"] = _user(message["from"])
    if "entities" in message and isinstance(message["entities"], list):
        kept["entities"] = [e for e in message["entities"] if isinstance(e, dict) and e.get("type") == "bot_command"]
    if "forward_origin" in message:
        kept["forward_origin"] = {"type": "hidden_user", "date": message.get("date"), "sender_user_name": ""}
    replied = message.get("reply_to_message")
    if isinstance(replied, dict):
        kept["reply_to_message"] = _replied(replied)
    if "via_bot" in message:
        kept["via_bot"] = _user(message["via_bot"])
    document = message.get("document")
    if isinstance(document, dict):  # fetched by its id where somebody was asked for a file; its name is not kept
        kept["document"] = _only(document, "file_id", "file_unique_id", "file_size")
    if "caption" in message:
        kept |= {kind: empty for kind, empty in _OVER_WORDS.items() if kind in message}
    if not _CONTENT & message.keys():
        kept["delete_chat_photo"] = True  # somebody joined, a title changed: nothing that was said
    return kept


def _replied(message: Raw) -> Raw:
    """Of a message that is replied to: which, whose and from when; of ours what its buttons send, and what they say
    where they hold at any time. Not what it said."""
    kept = _only(message, "message_id", "date")
    kept["chat"] = _chat(message.get("chat"))
    if "from" in message:
        kept["from"] = _user(message["from"])
    markup = message.get("reply_markup")
    rows = markup.get("inline_keyboard") if isinstance(markup, dict) else None
    if isinstance(rows, list):
        buttons = [
            [_button(button) for button in row if isinstance(button, dict)] for row in rows if isinstance(row, list)
        ]
        kept["reply_markup"] = {"inline_keyboard": buttons}
    return kept


def _button(button: Raw) -> Raw:
    data = str(button.get("callback_data", ""))
    return {"text": button.get("text", "") if data.startswith(LASTING) else "", "callback_data": data}


def _tap(query: Raw) -> Raw:
    kept = _only(query, "id", "data", "chat_instance")
    kept["from"] = _user(query.get("from"))
    message = query.get("message")
    if isinstance(message, dict):
        kept["message"] = {**_only(message, "message_id", "date"), "chat": _chat(message.get("chat"))}
    return kept


def _membership(change: Raw) -> Raw:
    kept = _only(change, "date")
    kept["chat"] = _chat(change.get("chat"))
    kept["from"] = _user(change.get("from"))
    for side in ("old_chat_member", "new_chat_member"):
        member = change.get(side)
        if isinstance(member, dict):
            kept[side] = {**member, "user": _user(member.get("user"))}
    return kept


def _only(part: Raw, *names: str) -> Raw:
    return {name: part[name] for name in names if name in part}


def _chat(chat: Any) -> Any:
    return _only(chat, "id", "type") if isinstance(chat, dict) else chat


def _user(user: Any) -> Any:
    if not isinstance(user, dict):
        return user
    return {**_only(user, "id", "is_bot", "language_code"), "first_name": ""}


_MINIMISERS = {
    "message": _message,
    "edited_message": _message,
    "callback_query": _tap,
    "my_chat_member": _membership,
}

UPDATE_KINDS = tuple(_MINIMISERS)  # the only updates we ask Telegram for
