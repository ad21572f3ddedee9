"""A device in words: «Firefox på Android»."""

from __future__ import annotations

from bot.dialogue.session import Session
from bot.texts import device
from storage.sessions import WebSession


def name_of(s: Session, found: WebSession) -> str:
    return name_of_device(s, found.device)


def name_of_device(s: Session, noted: str) -> str:
    """`noted`: as it stands in the database."""
    browser, system = device.parts(noted)
    if browser == "other" and system == "other":
        return s.say("device.unknown")
    return s.say("device.name", browser=s.say(f"device.browser.{browser}"), system=s.say(f"device.system.{system}"))
