"""What Telegram's errors mean for the message at hand."""

from __future__ import annotations

from enum import Enum, auto

from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError


class Meaning(Enum):
    """What an error of the Bot API means for the message at hand."""

    DONE = auto()  # it looks so already, or no one waits for it any more
    LATER = auto()  # Telegram or the network is in trouble: try again, even at the risk of showing it twice
    GONE = auto()  # the message to edit is not there: send a new one
    PLAIN = auto()  # our markup is faulty: send it without
    UNREACHABLE = auto()  # the person has blocked us or is no more
    NEVER = auto()  # it will not go through, whatever we do


def meaning(error: TelegramError) -> Meaning:
    """Descriptions as tdlib/telegram-bot-api writes them; `BadRequest` is a `NetworkError` in PTB, so it is first."""
    text = str(error).casefold()
    match error:
        case RetryAfter():
            return Meaning.LATER
        case Forbidden():
            return Meaning.UNREACHABLE
        case ChatMigrated():
            return Meaning.NEVER
        case BadRequest():
            return _meaning_of_bad_request(text)
        case NetworkError():
            return Meaning.LATER
        case _:  # 401, 404, 409: the token or the server is out of order for now
            return Meaning.LATER


def may_have_got_through(error: TelegramError) -> bool:
    """Whether the message may be out all the same: no answer, or none of Telegram's own."""
    return isinstance(error, NetworkError)


def _meaning_of_bad_request(text: str) -> Meaning:
    if "not modified" in text or "query is too old" in text or "query id is invalid" in text:
        return Meaning.DONE
    if "message to edit not found" in text or "can't be edited" in text or "message_id_invalid" in text:
        return Meaning.GONE
    if "can't parse entities" in text:
        return Meaning.PLAIN
    if "chat not found" in text or "user not found" in text or "peer_id_invalid" in text:
        return Meaning.UNREACHABLE
    return Meaning.NEVER
