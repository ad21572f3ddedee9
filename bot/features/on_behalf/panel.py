"""The panel «Skriv ind for andre»: what a table, a caller or a sheet of paper said, and what was entered before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from bot import texts
from bot.access import Right
from bot.dialogue import acting_as, commands, moments
from bot.dialogue.acting_as import SOURCES
from bot.dialogue.naming import groups, step_of
from bot.dialogue.panel import Args, Elsewhere, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import ListPage, back
from bot.dialogue.reply import Reply
from bot.dialogue.session import Session
from bot.features.late_answers import service as late_answers
from bot.features.late_answers.service import POSTED
from bot.features.on_behalf import entries
from bot.features.on_behalf.entries import MOST_BEHIND
from bot.flows import schedule
from bot.process.plan import START, State
from bot.texts import numbers, times
from bot.texts.times import Doubt
from storage import late_answers as stored_late_answers
from storage import people, runs
from storage.people import Person

SHOWN = 10


def show(s: Session, args: Args, sent: PanelInput) -> Panel | Elsewhere:
    match args:
        case ("ny", source, flow, group, *day) if source in POSTED and s.may(Right.ENTER_POSTED):
            return _posted(s, (source, flow, group), tuple(day), sent)
        case ("ny", source, flow, group) if sent.text:
            return _begun(s, (source, flow, group), sent.text)
        case ("ny", source, flow, group, "en"):
            return _begun(s, (source, flow, group), "1")
        case ("ny", *chosen):
            return _new(s, tuple(chosen))
        case ("igen", number):
            return _again(s, int(number))
        case ("antal", number):
            return _behind(s, int(number), sent)
        case (number,) if number.isdecimal():
            return _one(s, int(number))
        case ("fra", number):
            return _list(s, before=int(number))
        case _:
            return _list(s)


def _list(s: Session, *notes: str, before: int = 1 << 62) -> Panel:
    """Newest first; `before` is the last one of the page before this."""
    mine = people.entered_by(s.tx, s.person.id)
    here = [entered for entered in mine if entered.id < before]
    page = ListPage(here, SHOWN)
    body = (s.say("enter.what"), texts.count(s.language, "enter.mine", len(mine)))
    first = here == mine
    new = [Go(s.say("enter.new"), "indtast/ny")] if first else []
    rows = (
        *column(*new, *(Go(_line(s, entered), f"indtast/{entered.id}") for entered in page.shown)),
        *page.turning(lambda place: f"indtast/fra/{here[place - 1].id}", s.say("panel.older")),
        (back(s, "leder" if first else "indtast"),),
    )
    at = "indtast" if first else f"indtast/fra/{before}"
    return Panel(at=at, title=s.say("lead.indtast"), body=body, rows=rows, notes=notes)


def _line(s: Session, entered: Person) -> str:
    taken = [run for run in runs.of_person(s.tx, entered.id) if run.flow != START]
    steps = ", ".join(step_of(s, run.flow) for run in taken)
    sent = all(run.sent_at is not None for run in taken) and bool(taken)
    return " · ".join(
        (f"{'✓ ' if sent else ''}{acting_as.whom(s, entered)}", *((steps,) if steps else ()), *_came(s, entered))
    )


def _came(s: Session, entered: Person) -> tuple[str, ...]:
    """When a letter or a mail came, and that it was too late."""
    told = []
    for each in stored_late_answers.of_person(s.tx, entered.id):
        if each.came_on is not None:
            told.append(s.say("entering.came", day=texts.short_day(s.language, each.came_on)))
            day = schedule.to_local(each.came_on).date()
            if late_answers.came_late(s.plan, each.flow, entered.stakeholder, day, s.visit.now):
                told.append(s.say("entering.late"))
    return tuple(told)


def _new(s: Session, chosen: Args) -> Panel:
    """Source, step, group, number of people."""
    at = "/".join(("indtast", "ny", *chosen))
    match chosen:
        case ():
            rows = [Go(s.say(f"entering.source.{source}"), f"{at}/{source}") for source in SOURCES if _may(s, source)]
            return Panel(
                at=at,
                title=s.say("enter.source"),
                body=(s.say("enter.tell-them"),),
                rows=column(*rows, back(s, "indtast")),
            )
        case (source,):
            rows = [Go(step_of(s, flow), f"{at}/{flow}") for flow in _open(s, source)]
            body = () if rows else (s.say("enter.nothing-open"),)
            return Panel(at=at, title=s.say("enter.step"), body=body, rows=column(*rows, back(s, "indtast")))
        case (source, flow):
            rows = [Go(name, f"{at}/{group}") for group, name in groups(s) if _takes(s, source, flow, group)]
            return Panel(at=at, title=s.say("enter.group"), body=(), rows=column(*rows, back(s, "indtast")))
        case _:
            return _how_many(s, at)


def _how_many(s: Session, at: str, *notes: str) -> Panel:
    rows = column(Go(s.say("enter.one"), f"{at}/en"), back(s, "indtast"))
    return Panel(
        at=at, title=s.say("enter.behind"), body=(s.say("enter.behind-what"),), rows=rows, notes=notes, asks=at
    )


def _open(s: Session, source: str) -> list[str]:
    return [key for key in s.plan.flows if any(_takes(s, source, key, group) for group, _ in groups(s))]


def _may(s: Session, source: str) -> bool:
    """What came by letter or mail enters the leader, or a facilitator whom the leader lets."""
    return source in SOURCES and (source not in POSTED or s.may(Right.ENTER_POSTED))


def _takes(s: Session, source: str, flow: str, group: str) -> bool:
    """Whether the step takes answers of the group now, and has questions for it. What came by letter or mail is entered
    after the deadline too."""
    if flow not in s.plan.flows or flow == START:
        return False
    if source in POSTED:
        return late_answers.takes_posted(s.plan, flow, group, s.visit.now)
    return s.plan.state(flow, s.visit.now, group) is State.OPEN and s.plan.asks(flow, group)


def _begun(s: Session, of: tuple[str, str, str], text: str, came_on: date | None = None) -> Panel | Elsewhere:
    """`of`: source, step and group."""
    source, flow, group = of
    behind = numbers.read(text, 1, MOST_BEHIND)
    if not _may(s, source) or not _takes(s, source, flow, group) or (source in POSTED) != (came_on is not None):
        return _list(s, s.say("panel.gone"))
    if behind is None:
        at = "/".join(("indtast", "ny", *of, *([came_on.isoformat()] if came_on is not None else [])))
        return _how_many(s, at, s.say("enter.not-number", most=MOST_BEHIND))
    entries.begin(s, source, group, behind, flow, came_on)
    late = came_on is not None and late_answers.came_late(s.plan, flow, group, came_on, s.visit.now)
    return Elsewhere((s.say("enter.begun"), *((s.say("enter.late"),) if late else ())))


# --- by letter or mail ------------------------------------------------------------------------------------


def _posted(s: Session, of: tuple[str, str, str], more: Args, sent: PanelInput) -> Panel | Elsewhere:
    """The day on which it came, and then how many stand behind it."""
    today = schedule.to_local(s.visit.now)
    match more:
        case ():
            return _which_day(s, of, sent.text, today)
        case (day, *rest):
            came_on = _day_of(day, today)
            if came_on is None:
                return _which_day(s, of, "", today)
            if sent.text or rest == ["en"]:
                return _begun(s, of, sent.text or "1", came_on)
            return _how_many(s, "/".join(("indtast", "ny", *of, day)))


def _which_day(s: Session, of: tuple[str, str, str], text: str, today: datetime) -> Panel | Elsewhere:
    at, notes = "/".join(("indtast", "ny", *of)), ()
    if text:
        read = times.past_day(text, today)
        if isinstance(read, Doubt):
            notes = (moments.doubted(s, read),)
        elif read is None or _day_of(read.date().isoformat(), today) is None:
            notes = (s.say("enter.no-day"),)
        else:
            return _how_many(s, f"{at}/{read.date().isoformat()}")
    days = (("enter.today", today), ("enter.yesterday", today - timedelta(days=1)))
    rows = column(*(Go(s.say(key), f"{at}/{day.date().isoformat()}") for key, day in days), back(s, "indtast"))
    body = (s.say("enter.came-what"),)
    return Panel(at=at, title=s.say("enter.came"), body=body, rows=rows, notes=notes, asks=at)


def _day_of(day: str, today: datetime) -> date | None:
    """A day of the year that has passed, today included."""
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return None
    return found if today.date() - late_answers.OLDEST <= found <= today.date() else None


# --- one entry --------------------------------------------------------------------------------------------


def _mine(s: Session, number: int) -> Person | None:
    return next((entered for entered in people.entered_by(s.tx, s.person.id) if entered.id == number), None)


def _one(s: Session, number: int, *notes: str) -> Panel:
    entered = _mine(s, number)
    if entered is None:
        return _list(s, s.say("panel.gone"))
    at = f"indtast/{number}"
    rows = (Go(s.say("enter.again"), f"indtast/igen/{number}"), Go(s.say("enter.change"), f"indtast/antal/{number}"))
    return Panel(at=at, title=_line(s, entered), body=(), rows=column(*rows, back(s, "indtast")), notes=notes)


def _again(s: Session, number: int) -> Panel | Elsewhere:
    """Into the entry as it stands: the open question, or the review of what was sent."""
    if not entries.take_up(s, number):
        return _list(s, s.say("panel.gone"))
    return Elsewhere((s.say("enter.taken-up"),))


def _behind(s: Session, number: int, sent: PanelInput) -> Panel:
    entered = _mine(s, number)
    if entered is None:
        return _list(s, s.say("panel.gone"))
    behind = numbers.read(sent.text, 1, MOST_BEHIND)
    if behind is None:
        at, wrong = f"indtast/antal/{number}", (s.say("enter.not-number", most=MOST_BEHIND),) if sent.text else ()
        return Panel(
            at=at, title=s.say("enter.behind"), body=(), rows=column(back(s, f"indtast/{number}")), notes=wrong, asks=at
        )
    people.recount_behind(s.tx, number, behind)
    s.audit("enter-again", behind)
    return _one(s, number, s.say("panel.saved"))


def oneself_again(s: Session) -> Reply:
    """What was entered for others is left; back to the panel it was begun from."""
    return commands.panel(entries.PANEL)(acting_as.leave(s))


def entry_erased(s: Session) -> Reply:
    reply = commands.panel(entries.PANEL)(entries.erase(s))
    return replace(reply, notes=(s.say("enter.erased"), *reply.notes))
