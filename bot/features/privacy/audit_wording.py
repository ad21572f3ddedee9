"""What a line of the audit log is about, in the reader's words: roles, steps, groups and sources by their names. A
detail of another shape than we write today, which an older Besyv may have left, is shown as it stands."""

from __future__ import annotations

from datetime import date, datetime

from bot import texts
from bot.access import Role
from bot.dialogue.acting_as import SOURCES
from bot.dialogue.naming import group_name, work_step_of
from bot.dialogue.session import Session
from bot.flows import schedule
from bot.flows.model import Group
from bot.process.plan import AS_PLANNED, State
from storage.audit import AuditLine

MARK = 4  # characters of a pseudonym, by which somebody is known again in the log


def marked(pseudonym: str) -> str:
    return f"…{pseudonym[-MARK:]}"


def about(s: Session, line: AuditLine) -> str:
    """The detail of the line; "" where there is none."""
    try:
        return _about(s, line.action, line.detail)
    except (ValueError, StopIteration):  # a role, a source or a day of an older Besyv, that we do not know
        return line.detail


def _about(s: Session, action: str, detail: str) -> str:
    match action, detail.split():
        case "invite" | "role-granted", [role]:
            return _role(s, role)
        case "role-given" | "role-taken" | "role-ended", [role, pseudonym]:
            return f"{_role(s, role)}, {marked(pseudonym)}"
        case "took-over" | "proof-code", [pseudonym]:
            return marked(pseudonym)
        case "enter", [source, flow, group, behind, *days]:
            told = (
                _source(s, source),
                work_step_of(s, flow),
                _group(s, group),
                _people(s, behind),
                *(_day(s, d) for d in days),
            )
            return ", ".join(told)
        case "enter-again", [behind]:
            return _people(s, behind)
        case "enter-day", [day]:
            return _day(s, day)
        case "collect" | "collect-end", [flow]:
            return work_step_of(s, flow)
        case "question-made" | "question-off" | "question-on", [question, flow]:
            return f"{question}, {work_step_of(s, flow)}"
        case "step", [flow, audience, state]:
            return f"{work_step_of(s, flow)}, {_audience(s, audience)}: {_state(s, state)}"
        case "export" | "register-export", [kind]:
            return kind.upper()
        case "import", [added, "+", changed]:
            return s.say("log.imported", added=added, changed=changed)
        case "attended", [meeting, came]:
            return f"{_numbered(s, meeting.removesuffix(':'))}: {_people(s, came)}"
        case "minutes", [meeting, version]:
            return s.say("log.version", number=meeting.removesuffix(":"), version=version)
        case "restored", [_, _]:
            at = datetime.strptime(detail, "%Y-%m-%d %H:%M")  # Danish time, as it was written
            return texts.moment(s.language, schedule.to_utc(at))
        case "held-sent" | "held-dropped", [number]:
            return texts.count(s.language, "log.messages", int(number))
        case "journalised-all", [number]:
            return texts.count(s.language, "log.all-responses", int(number))
        case "marked-invited", [number]:
            return texts.count(s.language, "log.entries", int(number))
        case _, [number] if number.isdecimal():
            return _numbered(s, number)
        case _:
            return detail


def _role(s: Session, key: str) -> str:
    return s.say(f"role.{Role(key)}")


def _source(s: Session, key: str) -> str:
    source = next(each for each in SOURCES if each == key)
    return s.say(f"entering.source.{source}")


def _group(s: Session, key: str) -> str:
    return group_name(s, Group(key))


def _audience(s: Session, key: str) -> str:
    return s.say("steps.everybody") if key == "alle" else _group(s, key)


def _state(s: Session, key: str) -> str:
    return s.say("state.plan") if key == AS_PLANNED else s.say(f"state.{State(key)}")


def _people(s: Session, number: str) -> str:
    return texts.count(s.language, "people", int(number))


def _numbered(s: Session, number: str) -> str:
    return s.say("log.number", number=number)


def _day(s: Session, day: str) -> str:
    return texts.short_day(s.language, schedule.start_of(date.fromisoformat(day)))
