"""Attendees of a meeting: how many of which group, what they need, what they ask and want said. Never who said it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from bot import texts
from bot.dialogue.naming import group_name, groups
from bot.dialogue.panel import Args, Go, Panel, column
from bot.dialogue.panel_parts import back
from bot.dialogue.reply import Attachment
from bot.dialogue.session import Session
from bot.features.meetings import wording
from bot.features.meetings.service import needs
from bot.features.meetings.service.words import WordsKind
from bot.texts import lists
from storage import meetings, signups
from storage.meetings import Meeting
from storage.signups import SignupCount

# What somebody has said to a meeting, and what tells it.
SAID: Final = ("yes", "waiting", "maybe", "no")


def show(s: Session, meeting: Meeting, args: Args) -> Panel:
    """Opened by its button, what people wrote is noted in the log; shown again it is not."""
    match args:
        case ("behov", *opened):
            if opened:
                s.audit("needs", meeting.id)
            panel, name = _needs(s, meeting), s.say("planning.file.needs", number=meeting.id)
        case ("ord", *opened):
            if opened:
                s.audit("meeting-words", meeting.id)
            panel, name = _words(s, meeting), s.say("planning.file.words", number=meeting.id)
        case _:
            return _counted(s, meeting)
    return _as_file(s, meeting, panel, name) if opened == ["fil"] else panel


# --- how many ---------------------------------------------------------------------------------------------


def in_short(s: Session, meeting: Meeting) -> tuple[str, ...]:
    """One line, where anybody has said anything."""
    counted = signups.by_group(s.tx, meeting.id)
    return (_line(s, counted),) if counted else ()


def _counted(s: Session, meeting: Meeting) -> Panel:
    counted = signups.by_group(s.tx, meeting.id)
    said = {group: [each for each in counted if each.stakeholder == group] for group in (*_keys(s), None)}
    lines = [f"{group_name(s, group)}: {_line(s, found)}" for group, found in said.items() if found]
    body = (_line(s, counted), "\n".join(lines)) if counted else (s.say("coming.nobody"),)
    at = f"moedeplan/{meeting.id}/tilmeldte"
    needed, wrote = len(_needed(s, meeting)), len(meetings.words(s.tx, meeting.id))
    rows = [
        *([Go(texts.count(s.language, "coming.needs", needed), f"{at}/behov/se")] if needed else []),
        *([Go(texts.count(s.language, "coming.words", wrote), f"{at}/ord/se")] if wrote else []),
        Go(s.say("coming.refresh"), at),
        back(s, f"moedeplan/{meeting.id}"),
    ]
    return Panel(at=at, title=s.say("coming.title", title=wording.title(s, meeting)), body=body, rows=column(*rows))


def _keys(s: Session) -> list[str]:
    return [group for group, _ in groups(s, steering=True)]


def _line(s: Session, counted: list[SignupCount]) -> str:
    told = []
    for said in SAID:
        those = [each for each in counted if _what(each) == said]
        signed, people = sum(each.signups for each in those), sum(each.people for each in those)
        if signed:
            told.append(s.say(f"coming.{said}", count=signed, people=texts.count(s.language, "people", people)))
    return " · ".join(told)


def _what(counted: SignupCount) -> str:
    return "waiting" if counted.answer == "yes" and not counted.placed else counted.answer


# --- what they wrote --------------------------------------------------------------------------------------


def _needed(s: Session, meeting: Meeting) -> list[str]:
    """By their words, not by who came first; none once the meeting is over."""
    if meeting.is_cancelled or s.visit.now >= meeting.facts.ends_at:
        return []
    signed_up = [signup.needs for signup in signups.of_meeting(s.tx, meeting.id) if signup.needs]
    return sorted([*signed_up, *needs.told(s.tx, s.plan, meeting)])


def _needs(s: Session, meeting: Meeting) -> Panel:
    needed = _needed(s, meeting)
    listed = lists.bulleted(needed) or s.say("coming.no-needs")
    at = f"moedeplan/{meeting.id}/tilmeldte/behov"
    rows = [*([Go(s.say("coming.file"), f"{at}/fil")] if needed else []), back(s, f"moedeplan/{meeting.id}/tilmeldte")]
    return Panel(
        at=at, title=s.say("coming.needs-title"), body=(s.say("coming.needs-what"), listed), rows=column(*rows)
    )


def _words(s: Session, meeting: Meeting) -> Panel:
    written = meetings.words(s.tx, meeting.id)
    body = tuple(
        lists.bulleted((each.text for each in written if each.kind == kind), s.say(f"coming.said.{kind}"))
        for kind in (WordsKind.QUESTION, WordsKind.ABSENT)
        if any(each.kind == kind for each in written)
    )
    at = f"moedeplan/{meeting.id}/tilmeldte/ord"
    rows = [*([Go(s.say("coming.file"), f"{at}/fil")] if body else []), back(s, f"moedeplan/{meeting.id}/tilmeldte")]
    return Panel(at=at, title=s.say("coming.words-title"), body=body or (s.say("coming.no-words"),), rows=column(*rows))


def _as_file(s: Session, meeting: Meeting, panel: Panel, name: str) -> Panel:
    """What the panel says, to print."""
    content = "\n\n".join((wording.title(s, meeting), *wording.facts(s, meeting), panel.title, *panel.body))
    return replace(panel, makes=(partial(_written, name, s.readable(content)),))


def _written(name: str, content: str) -> Attachment:
    """As the plainest editors of Windows read it, too."""
    return Attachment(name, (content.replace("\n", "\r\n") + "\r\n").encode("utf-8-sig"))
