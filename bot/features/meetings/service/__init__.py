"""Rules of meetings, without a session and without words. What other features may call stands here."""

from __future__ import annotations

from bot.features.meetings.service.needs import forget as forget_needs
from bot.features.meetings.service.process_file import load
from bot.features.meetings.service.signup import give_up_places, is_signed_up

__all__ = ["forget_needs", "give_up_places", "is_signed_up", "load"]
