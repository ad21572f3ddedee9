"""Words under a picture, a film, a recording or a file are what somebody said; that what they stand under is not kept
is told. Not here: what stands over them, which no channel hands on."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Literal

from bot import texts
from bot.dialogue import dispatch
from bot.dialogue.chat_message import ChatMessage
from bot.dialogue.reply import Reply
from bot.dialogue.session import Context, Session, Visit, load
from bot.flows.engine import Said
from bot.flows.model import Language
from storage.db import Tx


class Over(StrEnum):
    """What words stand under."""

    PICTURE = "picture"
    FILM = "film"
    RECORDING = "recording"
    FILE = "file"
    ALBUM = "album"  # several pictures or films sent as one


def said(
    tx: Tx,
    context: Context,
    visit: Visit,
    what: Said,
    over: Over,
    replied: ChatMessage | None = None,
    *,
    told: bool = False,
) -> Reply:
    """The words, as if they had been written alone; unless it was `told` already, what has become of the rest."""
    reply = dispatch.said(tx, context, visit, what, replied)
    if told:
        return reply
    s = load(tx, context, visit)
    words: Literal["kept", "read"] = "kept" if s is not None and _is_kept(s, what) else "read"
    language: Language = s.language if s is not None else reply.language
    note = texts.say(language, f"caption.{words}", thing=texts.say(language, f"under.{over}"))
    return replace(reply, notes=(*reply.notes, note))


def _is_kept(s: Session, what: Said) -> bool:
    """Whether the words are part of an answer, and no button's words, nor refused."""
    for run in s.runs:
        s.take_up(run)
        if any(part.message == what.message for answer in s.answers.values() for part in answer.parts):
            return True
    return False
