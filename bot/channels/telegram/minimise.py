"""Data minimisation (GDPR, art. 5): keeps enough of an update to answer it, and nothing of who the person is beyond
their id.

Names, usernames, pictures, files and what they are called, and the text of our own messages are never stored, not
even encrypted: the privacy notice says so. A faulty update goes through as it is, and is buried in the inbox.
https://core.telegram.org/bots/api#update
"""

from __future__ import annotations

from typing import Any

Raw = dict[str, Any]  # JSON of the Bot API

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


def minimise(update: Raw) -> Raw:
    """The update with only the kinds and fields we use. Never raises."""
    kept: Raw = {"update_id": update.get("update_id")}
    for kind, strip in _MINIMISERS.items():
        part = update.get(kind)
        if part is not None:
            kept[kind] = strip(part) if isinstance(part, dict) else part
    return kept


def _message(message: Raw) -> Raw:
    kept = _only(message, "message_id", "date", "edit_date", "text")
    kept["chat"] = _chat(message.get("chat"))
    if "from" in message:
        kept["from"] = _user(message["from"])
    if "entities" in message and isinstance(message["entities"], list):
        kept["entities"] = [e for e in message["entities"] if isinstance(e, dict) and e.get("type") == "bot_command"]
    if "forward_origin" in message:
        kept["forward_origin"] = {"type": "hidden_user", "date": message.get("date"), "sender_user_name": ""}
    if "via_bot" in message:
        kept["via_bot"] = _user(message["via_bot"])
    document = message.get("document")
    if isinstance(document, dict):  # fetched by its id where somebody was asked for a file; its name is not kept
        kept["document"] = _only(document, "file_id", "file_unique_id", "file_size")
    if not _CONTENT & message.keys():
        kept["delete_chat_photo"] = True  # somebody joined, a title changed: nothing that was said
    return kept


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
