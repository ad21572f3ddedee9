"""Sends replies and files to Telegram: retries, edits in place, messages of the outbox."""

from __future__ import annotations

from dataclasses import dataclass


class Unreachable(Exception):
    """The person has blocked us, or the group has put us out. Nothing more can be sent there now."""

    def __init__(self, chat: int) -> None:
        super().__init__()
        self.chat = chat


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message that is out: Telegram's number and date (UTC seconds) of it."""

    message: int
    date: int
