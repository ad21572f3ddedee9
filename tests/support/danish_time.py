"""Moments as tests write them: Danish time on the wall."""

from __future__ import annotations

from datetime import datetime

from bot.flows import schedule


def local(text: str) -> int:
    return schedule.to_utc(datetime.fromisoformat(text))
