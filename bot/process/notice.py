"""The privacy notice in two layers (GDPR art. 12 and 13; Article 29 Working Party, WP260, 35): five lines and the yes
first, the whole behind a button. Shown before the first question, and again when it changes (Telegram's terms for bot
developers, 4.3, ask for an active yes). Every sentence is a promise: docs/privacy.md says what keeps it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from bot import texts
from bot.flows import schedule
from bot.flows.model import LANGUAGES, Language
from bot.process import policy_words
from bot.process.file import ProcessFile
from bot.texts import Heading

FORMS: Final = ("telegram", "web", "terminal")  # channels where it is read
Short = Literal["short-lead", "short", "short-yes"]
NoticeSection = Literal["who", "purpose", "kept", "meetings", "seen", "time", "telegram", "rights", "automatic", "yes"]
NoticePart = (
    NoticeSection
    | Literal["kept-telegram", "kept-pages", "seen-role", "seen-login", "time-copies", "pages", "no-pages"]
)
SHORT: Final[tuple[Short, ...]] = ("short-lead", "short", "short-yes")
SECTIONS: Final[tuple[tuple[NoticeSection, tuple[NoticePart, ...]], ...]] = (
    ("who", ("who",)),
    ("purpose", ("purpose",)),
    ("kept", ("kept", "kept-telegram", "kept-pages")),
    ("meetings", ("meetings",)),
    ("seen", ("seen", "seen-role", "seen-login")),
    ("time", ("time", "time-copies")),
    ("telegram", ("telegram", "pages", "no-pages")),
    ("rights", ("rights",)),
    ("automatic", ("automatic",)),
    ("yes", ("yes",)),
)
_OF_TELEGRAM: Final[tuple[NoticePart, ...]] = ("telegram", "kept-telegram", "pages", "no-pages")
_OF_PAGES: Final[tuple[NoticePart, ...]] = ("kept-pages", "pages")
Layer = Literal["short", "whole"]


@dataclass(frozen=True, slots=True)
class Channels:
    """Where one can answer, and what of the settings the notice speaks of: what there is not is not told of."""

    pages: bool = True
    telegram: bool = True
    login: bool = False  # the municipality's own sign-in
    copies_kept: int = 0  # days for which nightly copies are kept; 0: none are made by themselves


@dataclass(frozen=True, slots=True)
class Notice:
    """Its paragraphs, by layer, language and channel; and a short name of exactly this text in all its forms, which is
    what a person said yes to."""

    version: str
    _paragraphs: dict[tuple[Layer, Language, str], tuple[str, ...]]

    def everything(self) -> Iterator[str]:
        """Every paragraph of every form."""
        return (paragraph for paragraphs in self._paragraphs.values() for paragraph in paragraphs)

    def short(self, language: Language, channel: str) -> tuple[str, ...]:
        return self._paragraphs["short", language, _form(channel)]

    def whole(self, language: Language, channel: str) -> tuple[str, ...]:
        return self._paragraphs["whole", language, _form(channel)]


def _form(channel: str) -> str:
    """Mails lead to the pages."""
    return channel if channel in FORMS else "web"


def notice_of(file: ProcessFile, channels: Channels = Channels()) -> Notice:  # it can't be changed
    """The notice, filled from the process file."""
    told: dict[tuple[Layer, Language, str], tuple[str, ...]] = {}
    for language in LANGUAGES:
        for form in FORMS:
            told["short", language, form] = _short(file, language)
            told["whole", language, form] = _whole(file, language, form, channels)
    everything = "\n\n".join(paragraph for paragraphs in told.values() for paragraph in paragraphs)
    return Notice(hashlib.sha256(everything.encode()).hexdigest()[:12], told)


def _short(file: ProcessFile, language: Language) -> tuple[str, ...]:
    filled = _filled_in(file, language)
    return tuple(texts.say(language, f"notice.{part}", **filled) for part in SHORT)


def _whole(file: ProcessFile, language: Language, form: str, channels: Channels) -> tuple[str, ...]:
    copies = texts.count(language, "notice.days", channels.copies_kept)
    filled = _filled_in(file, language) | {"copies": copies}
    paragraphs: list[str] = []
    for section, parts in SECTIONS:
        told = [part for part in parts if _is_told(part, channels)]
        paragraphs += [Heading(texts.say(language, f"notice.{section}-heading"))] if told else []
        paragraphs += [
            texts.say(language, texts.on_channel(language, f"notice.{part}", form), **filled) for part in told
        ]
    return tuple(paragraphs)


def _is_told(part: NoticePart, channels: Channels) -> bool:
    if (part == "no-pages" and channels.pages) or (part == "seen-login" and not channels.login):
        return False
    if part == "time-copies" and not channels.copies_kept:
        return False
    return (channels.telegram or part not in _OF_TELEGRAM) and (channels.pages or part not in _OF_PAGES)


def _filled_in(file: ProcessFile, language: Language) -> dict[str, str]:
    contacts = file.contacts
    return {
        "municipality": file.municipality.name,
        "the_policy": policy_words.the_policy(file, language),
        "email": contacts.email,
        "phone": contacts.phone,
        "dpo": contacts.dpo,
        "supplier": contacts.supplier,
        "deletion_day": texts.day(language, schedule.start_of(file.deletion_date)),
    }
