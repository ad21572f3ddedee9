"""Dates of a process file that are allowed, and that somebody might not have thought of: a line each, as of a fault."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from bot import texts
from bot.features.meetings.service import drafts
from bot.features.meetings.service.process_file import facts_of
from bot.features.steps import date_warnings
from bot.flows.yamltext import Document, parse
from bot.process.file import ProcessFile


def warn(text: str, name: str, file: ProcessFile, now: int) -> None:
    """On standard error; nothing is refused for it."""
    for line in warnings(text, name, file, now):
        sys.stderr.write(f"besyv: warning: {line}\n")


def warnings(text: str, name: str, file: ProcessFile, now: int) -> list[str]:
    """Of the dates that lie ahead, «file:line: field: what»."""
    document = parse(text, name)
    return [*_steps(document, file, now), *_meetings(document, file, now)]


def _steps(document: Document, file: ProcessFile, now: int) -> Iterator[str]:
    for place, step in enumerate(file.steps):
        for where, told in date_warnings.warnings("en", step.flow, step.opens_at, step.closes_at, now):
            field = () if where == "span" else (where,)
            yield document.fault(("steps", place, *field), told)


def _meetings(document: Document, file: ProcessFile, now: int) -> Iterator[str]:
    for place, meeting in enumerate(file.meetings):
        facts = facts_of(meeting, now)
        if meeting.cancelled or facts.starts_at <= now:
            continue
        for why in drafts.warnings(facts):
            what = texts.say("en", f"planning.warn.{why}")
            told = texts.say("en", "odd.starts", moment=texts.moment("en", facts.starts_at), what=what)
            yield document.fault(("meetings", place, "starts"), told)
