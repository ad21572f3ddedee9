"""The privacy notice: shown before the first question, and again when it changes (GDPR art. 13; Telegram's terms
for bot developers § 4.3 ask for an active yes). Every sentence of it is a promise that tests/test_promises.py keeps."""

from __future__ import annotations

import hashlib

from bot import texts
from bot.flows import schedule
from bot.flows.model import LANGUAGES, Language
from bot.process.file import ProcessFile


def paragraphs(file: ProcessFile, language: Language, *, pages: bool = True) -> tuple[str, ...]:
    """The notice, filled from the process file, a paragraph each. `pages`: one can answer on the web too."""
    contacts = file.contacts
    instead = "notice.pages" if pages else "notice.no-pages"
    text = texts.say(
        language,
        "notice",
        municipality=file.municipality.name,
        email=contacts.email,
        phone=contacts.phone,
        instead=texts.say(language, instead, email=contacts.email, phone=contacts.phone),
        dpo=contacts.dpo,
        supplier=contacts.supplier,
        deletion_day=texts.day(language, schedule.start_of(file.deletion_date)),
    )
    return tuple(text.split("\n\n"))


def version(file: ProcessFile, *, pages: bool = True) -> str:
    """A short name of exactly this text in every language; what a person said yes to."""
    whole = "\n\n".join(paragraph for language in LANGUAGES for paragraph in paragraphs(file, language, pages=pages))
    return hashlib.sha256(whole.encode()).hexdigest()[:12]
