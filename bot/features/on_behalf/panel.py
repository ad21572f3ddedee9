"""The panel «Indtast svar for andre»: what a table, a caller or a sheet of paper said, and what was entered before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from bot import texts
from bot.access import Right
from bot.dialogue import acting_as, commands, moments
from bot.dialogue.acting_as import SOURCES
from bot.dialogue.naming import groups, work_step_of
from bot.dialogue.panel import Args, Elsewhere, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import NONE, ListPage, back
from bot.dialogue.reply import Reply
from bot.dialogue.session import Session
from bot.features.hearing import service as hearing
from bot.features.late_answers import service as late_answers
from bot.features.late_answers.service import POSTED
from bot.features.on_behalf import entries
from bot.features.on_behalf.entries import MOST_BEHIND
from bot.flows import schedule
from bot.flows.model import SPEAK_FOR_MANY
from bot.process.plan import START, State
from bot.texts import names, numbers, times
from bot.texts.times import Doubt
from storage import people, register, runs
from storage.people import Person

SHOWN = 10
FOUND = 8  # entries of the register to choose from


def show(s: Session, args: Args, sent: PanelInput) -> Panel | Elsewhere:
    match args:
        case ("ny", source, *_) if not _may(s, source):
            return _list(s, s.say("panel.gone"))
        case ("ny", source, flow, group, *_) if source in POSTED:
            return _which_day(s, (source, flow, group), sent.text)
        case ("ny", source, flow, group, party) if sent.text:
            return _begun(s, (source, flow, group, party), sent.text)
        case ("ny", source, flow, group, party, "en"):
            return _begun(s, (source, flow, group, party), "1")
        case ("ny", *chosen):
            return _new(s, tuple(chosen), sent.text)
        case ("dag", number):
            return _another_day(s, int(number), sent.text)
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
    steps = ", ".join(work_step_of(s, run.flow) for run in taken)
    sent = all(run.sent_at is not None for run in taken) and bool(taken)
    return " · ".join(
        (f"{'✓ ' if sent else ''}{acting_as.whom(s, entered)}", *((steps,) if steps else ()), *_came(s, entered))
    )


def _came(s: Session, entered: Person) -> tuple[str, ...]:
    """When a letter or a mail came, and that it was too late."""
    told = []
    for each in late_answers.posted(s.tx, s.plan, entered, s.visit.now):
        told.append(s.say("entering.came", day=texts.short_day(s.language, schedule.start_of(each.day))))
        told += [s.say("entering.late")] if each.late else []
    return tuple(told)


def _new(s: Session, chosen: Args, text: str) -> Panel:
    """Source, step, group, of an association or council which one of the register, number of people."""
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
            rows = [Go(work_step_of(s, flow), f"{at}/{flow}") for flow in _open(s, source)]
            body = () if rows else (s.say("enter.nothing-open"),)
            return Panel(at=at, title=s.say("enter.step"), body=body, rows=column(*rows, back(s, "indtast")))
        case (source, flow):
            rows = [Go(name, f"{at}/{group}") for group, name in groups(s) if _takes(s, source, flow, group)]
            return Panel(at=at, title=s.say("enter.group"), body=(), rows=column(*rows, back(s, "indtast")))
        case (_, _, group) if group in SPEAK_FOR_MANY and register.count(s.tx, s.plan.process_id):
            return _found(s, at, text)
        case (*before, "fundet", numbers):
            found = tuple(int(number) for number in numbers.split("-") if number)
            return _whom(s, "/".join(("indtast", "ny", *before)), found)
        case (_, _, _):
            return _how_many(s, f"{at}/{NONE}")
        case _:
            return _how_many(s, at)


def _found(s: Session, at: str, text: str) -> Panel:
    listed = [(party.id, party.name) for party in register.of_process(s.tx, s.plan.process_id)]
    found = tuple(names.alike(text, listed, FOUND))
    return _whom(s, at, found, *(() if found or not text else (s.say("register.not-found"),)))


def _whom(s: Session, at: str, numbers: tuple[int, ...], *notes: str) -> Panel:
    """Which entry of the register it is from: one of those that were found by their name, or none."""
    found = [register.by_id(s.tx, s.plan.process_id, number) for number in numbers]
    none = Go(s.say("enter.party-none"), f"{at}/{NONE}")
    rows = column(*(Go(party.name, f"{at}/{party.id}") for party in found if party), none, back(s, "indtast"))
    return Panel(
        at=f"{at}/fundet/{'-'.join(map(str, numbers))}",
        title=s.say("enter.party"),
        body=(s.say("enter.party-what"),),
        rows=rows,
        notes=notes,
        asks=at,
        send=s.say("send.find"),
    )


def _how_many(s: Session, at: str, *notes: str) -> Panel:
    rows = column(Go(s.say("enter.one"), f"{at}/en"), back(s, "indtast"))
    return Panel(
        at=at,
        title=s.say("enter.behind"),
        body=(s.say("enter.behind-what"),),
        rows=rows,
        notes=notes,
        asks=at,
        asks_number=True,
        send=s.say("send.on"),
    )


def _open(s: Session, source: str) -> list[str]:
    return [key for key in s.plan.flows if any(_takes(s, source, key, group) for group, _ in groups(s))]


def _may(s: Session, source: str) -> bool:
    """What came by letter or mail is entered by the leader, or by a facilitator whom the leader lets."""
    kind, _ = _read(source)
    return kind in SOURCES and (kind not in POSTED or s.may(Right.ENTER_POSTED))


def _read(source: str) -> tuple[str, date | None]:
    """`letter.2026-03-11` → what it is, and the day on which it came."""
    kind, _, day = source.partition(".")
    try:
        return kind, date.fromisoformat(day) if day else None
    except ValueError:
        return "", None


def _takes(s: Session, source: str, flow: str, group: str) -> bool:
    """Whether the step takes answers of the group now, and has questions for it. What came by letter or mail is entered
    after the deadline too."""
    if flow not in s.plan.flows or flow == START:
        return False
    kind, came_on = _read(source)
    if kind in POSTED:
        takes = late_answers.takes_posted(s.plan, flow, group, s.visit.now)
        return takes and (came_on is None or _wrong(s, flow, group, came_on) is None)
    return s.plan.state(flow, s.visit.now, group) is State.OPEN and s.plan.asks(flow, group)


def _begun(s: Session, chosen: tuple[str, str, str, str], text: str) -> Panel | Elsewhere:
    source, flow, group, party = chosen
    kind, came_on = _read(source)
    behind = numbers.read(text, 1, MOST_BEHIND)
    if not _takes(s, source, flow, group) or (kind in POSTED) != (came_on is not None):
        return _list(s, s.say("panel.gone"))
    if behind is None:
        return _how_many(s, "/".join(("indtast", "ny", *chosen)), s.say("enter.not-number", most=MOST_BEHIND))
    party_id = int(party) if party.isdecimal() else None
    entries.begin(s, kind, group, behind, flow, party_id=party_id, came_on=came_on)
    late = came_on is not None and late_answers.came_late(s.plan, flow, group, came_on, s.visit.now)
    return Elsewhere((s.say("enter.begun"), *((s.say("enter.late"),) if late else ())))


# --- the day on which a letter or a mail came -------------------------------------------------------------


def _which_day(s: Session, of: tuple[str, str, str], text: str) -> Panel:
    """`of`: source, step and group."""
    source, flow, group = of
    if not _takes(s, source, flow, group):
        return _list(s, s.say("panel.gone"))
    came_on = _day(s, flow, group, text) if text else None
    if isinstance(came_on, date):
        return _new(s, (f"{source}.{came_on.isoformat()}", flow, group), "")
    today = schedule.to_local(s.visit.now).date()
    days = ((today, s.say("enter.today")), (today - timedelta(days=1), s.say("enter.yesterday")))
    rows = [
        Go(name, f"indtast/ny/{source}.{day.isoformat()}/{flow}/{group}")
        for day, name in days
        if _wrong(s, flow, group, day) is None
    ]
    at = "/".join(("indtast", "ny", *of))
    notes = (came_on,) if came_on is not None else ()
    return _asks_day(s, at, "indtast", rows, notes)


def _asks_day(s: Session, at: str, leads_back: str, rows: list[Go], notes: tuple[str, ...]) -> Panel:
    return Panel(
        at=at,
        title=s.say("enter.came"),
        body=(s.say("enter.came-what"),),
        rows=column(*rows, back(s, leads_back)),
        notes=notes,
        asks=at,
        asks_number=True,
        send=s.say("send.day"),
    )


def _day(s: Session, flow: str, group: str | None, text: str) -> date | str:
    """The day that was written, or why it can't be the one."""
    read = times.past_day(text, schedule.to_local(s.visit.now))
    if isinstance(read, Doubt):
        return moments.doubted(s, read)
    if read is None:
        return s.say("enter.no-day")
    return _wrong(s, flow, group, read.date()) or read.date()


def _wrong(s: Session, flow: str, group: str | None, day: date) -> str | None:
    """Why nothing can have come on that day: it is still to come, or the step was not open yet."""
    told = texts.day(s.language, schedule.start_of(day))
    if day > schedule.to_local(s.visit.now).date():
        return s.say("enter.day-ahead", day=told)
    opened = late_answers.opened_on(s.plan, flow, group)
    if opened is not None and day < opened:
        return s.say("enter.day-before", day=told, opened=texts.day(s.language, schedule.start_of(opened)))
    return None


def _another_day(s: Session, number: int, text: str) -> Panel:
    """Corrects the day; what was sent is late, or in time, by the one that is told now."""
    entered = _mine(s, number)
    posted = late_answers.posted(s.tx, s.plan, entered, s.visit.now) if entered is not None else ()
    if entered is None or not _may_correct_day(s, entered):
        return _list(s, s.say("panel.gone"))
    flow = posted[0].flow
    came_on = _day(s, flow, entered.stakeholder, text) if text else None
    if not isinstance(came_on, date):
        return _asks_day(s, f"indtast/dag/{number}", f"indtast/{number}", [], (came_on,) if came_on else ())
    late_answers.correct(s.tx, s.plan, entered, flow, came_on, s.visit.now)
    s.audit("enter-day", came_on.isoformat())
    return _one(s, number, s.say("panel.saved"))


def _may_correct_day(s: Session, entered: Person) -> bool:
    """Of a letter or a mail, until it is in the case."""
    if not s.may(Right.ENTER_POSTED) or not late_answers.posted(s.tx, s.plan, entered, s.visit.now):
        return False
    return not _is_in_case(s, entered)


def _is_in_case(s: Session, entered: Person) -> bool:
    return any(hearing.is_journalised(s.tx, run.id) for run in runs.of_person(s.tx, entered.id))


# --- one entry --------------------------------------------------------------------------------------------


def _mine(s: Session, number: int) -> Person | None:
    return next((entered for entered in people.entered_by(s.tx, s.person.id) if entered.id == number), None)


def _one(s: Session, number: int, *notes: str) -> Panel:
    entered = _mine(s, number)
    if entered is None:
        return _list(s, s.say("panel.gone"))
    at = f"indtast/{number}"
    rows = [Go(s.say("enter.again"), f"indtast/igen/{number}")]
    if not _is_in_case(s, entered):
        rows.append(Go(s.say("enter.change"), f"indtast/antal/{number}"))
    if _may_correct_day(s, entered):
        rows.append(Go(s.say("enter.change-day"), f"indtast/dag/{number}"))
    return Panel(at=at, title=_line(s, entered), body=(), rows=column(*rows, back(s, "indtast")), notes=notes)


def _again(s: Session, number: int) -> Panel | Elsewhere:
    """Into the entry as it stands: the open question, or the review of what was sent."""
    if not entries.take_up(s, number):
        return _list(s, s.say("panel.gone"))
    return Elsewhere((s.say("enter.taken-up"),))


def _behind(s: Session, number: int, sent: PanelInput) -> Panel:
    """How many stand behind it, until it is in the case."""
    entered = _mine(s, number)
    if entered is None or _is_in_case(s, entered):
        return _list(s, s.say("panel.gone"))
    behind = numbers.read(sent.text, 1, MOST_BEHIND)
    if behind is None:
        at, wrong = f"indtast/antal/{number}", (s.say("enter.not-number", most=MOST_BEHIND),) if sent.text else ()
        return Panel(
            at=at,
            title=s.say("enter.behind"),
            body=(),
            rows=column(back(s, f"indtast/{number}")),
            notes=wrong,
            asks=at,
            asks_number=True,
            send=s.say("send.count"),
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
