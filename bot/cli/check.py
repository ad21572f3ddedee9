"""`besyv check`: settings, the process file, every flow, every text, and the counters of coverage."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from bot import texts
from bot.app.runtime import open_keys, process_text, with_own_questions
from bot.app.settings import Settings, SettingsError, read_settings
from bot.channels.telegram.render import LONGEST_DATA
from bot.cli import Failed, dates
from bot.cli.coverage import miscounted
from bot.dialogue.reply import Move, Reply, Screen, Verb, data_of
from bot.flows import plain_danish
from bot.flows.model import LANGUAGES, Language, QuestionKind
from bot.flows.schedule import DAY
from bot.flows.yamltext import Faulty
from bot.process import notice
from bot.process.file import ProcessFile
from bot.process.flows import flow_faults, shipped_flows
from bot.process.loading import parse_file, read_file
from bot.process.notice import Channels
from storage import key_check

_SOME_CHANNELS = (Channels(login=True, copies_kept=30), Channels(pages=False), Channels(telegram=False))
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def check(
    file: Annotated[Path | None, typer.Argument(help="A process file; the configured one where left out.")] = None,
) -> None:
    """Check settings, the process file, every flow and every text; recount the coverage of the database, and open one
    value per key. Warns of dates that are allowed, and may not be meant."""
    settings = read_settings()
    text, name = (read_file(file), file.name) if file else process_text(settings)
    now = int(time.time())
    faults = (
        faults_of(text, name, now) + ([] if file else _of_questions(settings, text, name)) + of_database(settings, now)
    )
    if not faults:
        dates.warn(text, name, parse_file(text, name), now)
    for fault in faults[1:]:
        sys.stderr.write(f"besyv: {fault}\n")
    if faults:
        raise Failed(faults[0])
    print("settings, process file, flows and texts are in order")


def _of_questions(settings: Settings, text: str, name: str) -> list[str]:
    """What is wrong with the municipality's own questions of the settings."""
    try:
        shipped_flows(with_own_questions(settings, parse_file(text, name)))
    except Faulty as faulty:
        return [] if not settings.questions else list(faulty.faults)
    return []


def of_database(settings: Settings, now: int) -> list[str]:
    """What is wrong in the database, a line each."""
    if not settings.database_path.exists() or settings.database_path.stat().st_size == 0:
        return []
    try:
        unopened = key_check.unopened(settings.database_path, open_keys(settings))
    except SettingsError as error:
        return [str(error)]
    waiting = key_check.waiting_since(settings.database_path)
    if waiting is not None and now - waiting > DAY:
        unopened.append(
            f"the keys of people who were erased wait to be overwritten for {(now - waiting) // DAY} days: "
            f"{settings.key_store_path} or BESYV_KEY_STORE_COPY can't be written"
        )
    return unopened + miscounted(settings.database_path, settings.key_path)


def faults_of(text: str, name: str, now: int) -> list[str]:
    """Everything wrong with the process file, its flows, or the texts, a line each."""
    try:
        file = parse_file(text, name, now)
        flows = shipped_flows(file)
    except Faulty as faulty:
        return list(faulty.faults)
    found = flow_faults(flows)
    most = max(len(flow.questions) for flow in flows)
    longest = data_of(
        Reply(language="da", screen=Screen.ASK, number=999_999_999, revision=999_999),
        Move(Verb.PICK, "", max(most, 99)),
    )
    if len(longest.encode()) > LONGEST_DATA:
        found.append(f"callback data of {len(longest)} bytes")
    if any("{" in text for channels in _SOME_CHANNELS for text in notice.notice_of(file, channels).everything()):
        found.append("the notice has a placeholder that is not filled")
    for language in LANGUAGES:
        found += [
            f"no phrase how.{kind} in {language}"
            for kind in QuestionKind
            if kind is not QuestionKind.SCALE and not texts.has(language, f"how.{kind}")
        ]
    return found + _hard_danish(file) + _unequal()


def _hard_danish(file: ProcessFile) -> list[str]:
    """What is wrong with the Danish of the phrases, and with the notice as it reads here."""
    found = [f"texts: {key}: {fault}" for key, form in _forms("da") for fault in plain_danish.faults(form)]
    for channels in _SOME_CHANNELS:
        whole = "\n".join(notice.notice_of(file, channels).everything())
        found += [f"the notice: {fault}" for fault in plain_danish.faults_of_page(whole)]
    return list(dict.fromkeys(found))


def _forms(language: Language) -> Iterator[tuple[str, str]]:
    """Key and text of every phrase, of those with a plural both."""
    for message in texts.catalogue(language):
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            yield from ((key, str(form)) for form in forms)


def _unequal() -> list[str]:
    """Phrases that one language has and the other lacks, or with other placeholders. To several only Danish says
    something else."""
    danish, english = (
        {str(m.id): str(m.string) for m in texts.catalogue(lang) if m.id and texts.TO_SEVERAL not in str(m.id)}
        for lang in LANGUAGES
    )
    found = [f"texts: {key} stands in one language alone" for key in sorted(danish.keys() ^ english.keys())]
    for key in sorted(danish.keys() & english.keys()):
        if set(_PLACEHOLDER.findall(danish[key])) != set(_PLACEHOLDER.findall(english[key])):
            found.append(f"texts: {key} has other placeholders in the other language")
    return found
