"""The panel «Beskeder»: what will be sent to how many in the next days, what became of what was sent, and who cannot be
reached."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final, Literal

from bot import texts
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import ListPage, back
from bot.dialogue.session import Session
from bot.flows import reminder_rules, schedule
from bot.flows.schedule import DAY
from bot.outbox import forecast
from bot.outbox.kinds import MessageKind, Messages
from bot.outbox.reminders import Events, UpcomingMessage
from storage import broadcasts, outbox, recipients, reminders
from storage.outbox import MessageOutcomes
from storage.reminders import Reminder

DAYS = 14  # ahead and back
SHOWN = 12  # lines to a page, which is one message on Telegram
MISSED = 5  # reminders that are named because they came to nothing
SHORT = 40  # characters of a message to many by which one knows it again
WHENS: Final = ("morning", "evening", "half", "late")  # of a meeting's day, of a deadline
# As they are told.
SHOWN_OUTCOMES: Final = ("sent", "unreachable", "expired", "failed", "unwanted", "enough", "withdrawn")


def show(messages: Messages, events: Events, s: Session, args: Args, _sent: PanelInput) -> Panel:
    match args:
        case ("fra", first):
            return _ahead(messages, events, s, int(first))
        case ("sendt",):
            return _lately(messages, s, 0)
        case ("sendt", first):
            return _lately(messages, s, int(first))
        case ("ude",):
            return _out_of_reach(s)
        case _:
            return _ahead(messages, events, s, 0)


# --- what is meant, in words ------------------------------------------------------------------------------


def named(messages: Messages, s: Session, kind: str, about: str, what: str = "") -> str:
    """`Husk mødet: Fællesmøde i Nordby (7 dage før)`."""
    told = s.say(f"message.{kind}", name=messages[kind].named(s, about) if kind in messages else about)
    return s.say("message.which", told=told, which=_which(s, kind, what)) if what not in ("", "invite") else told


def named_reminder(messages: Messages, s: Session, row: Reminder) -> str:
    return named(messages, s, row.kind, row.about, reminder_rules.as_told(row.what, row.due_at, row.event_at))


def broadcast_name(s: Session, about: str) -> str:
    """The first words of a message to many."""
    broadcast = broadcasts.by_id(s.tx, s.plan.process_id, int(about))
    return shortened(broadcast.text) if broadcast is not None else about


def shortened(text: str) -> str:
    """The first words of a message, on one line."""
    return texts.shortened(" ".join(text.split()), SHORT)


def _which(s: Session, kind: str, what: str) -> str:
    """Which of an event's reminders: «7d», «2h», «morning», «evening», «half», «late»."""
    if not what[:-1].isdecimal():
        return s.say(f"message.when.{next(each for each in WHENS if each == what)}")
    unit: Literal["after", "days", "hours"] = (
        "after" if kind == MessageKind.MINUTES_DUE else "days" if what.endswith("d") else "hours"
    )
    return texts.count(s.language, f"message.span.{unit}", int(what[:-1]))


def day(s: Session, at: int) -> str:
    """`tirsdag den 3. marts 2026`."""
    weekday = texts.weekday(s.language, schedule.to_local(at).isoweekday())
    return s.say("messages.day", weekday=weekday, day=texts.day(s.language, at))


def to_people(s: Session, people: int) -> str:
    return texts.count(s.language, "people", people)


# --- ahead ------------------------------------------------------------------------------------------------


def _ahead(messages: Messages, events: Events, s: Session, first: int) -> Panel:
    now = s.visit.now
    listed = forecast.coming(events, s.tx, s.plan, now, now + DAYS * DAY)
    page = ListPage(listed, SHOWN, first)
    what = (s.say("messages.what"),) if listed and first == 0 else ()
    body = (*what, *(_top(messages, s) if first == 0 else ()), *_by_day(messages, s, page.shown))
    if not listed:
        body = (*body, s.say("messages.nothing"))
    if page.is_last:
        body = (*body, *_besides(s, some=bool(listed)))
    rows = (
        *((go,) for go in (*_held(s), *_under_way(messages, s)) if first == 0),
        *page.turning(lambda place: f"beskeder/fra/{place}", s.say("messages.later"), s.say("messages.earlier")),
        *column(Go(s.say("messages.sent"), "beskeder/sendt"), Go(s.say("messages.out-of-reach"), "beskeder/ude")),
        *column(Go(s.say("writing.refresh"), "beskeder"), back(s, "leder")),
    )
    return Panel(at=f"beskeder/fra/{first}", title=s.say("lead.beskeder"), body=body, rows=rows)


def _top(messages: Messages, s: Session) -> tuple[str, ...]:
    replanned = () if forecast.is_planned(s.tx, s.plan) else (s.say("messages.replanned"),)
    waiting = forecast.waiting(s.tx, s.plan, s.visit.now)
    if not waiting:
        return replanned
    lines = [
        s.say(
            "messages.at-moment",
            moment=texts.moment(s.language, each.at),
            told=named(messages, s, each.kind, each.about),
            people=to_people(s, each.people),
        )
        for each in waiting[:SHOWN]
    ]
    return (*replanned, "\n".join((s.say("messages.waiting"), *lines)))


def _by_day(messages: Messages, s: Session, listed: Iterable[UpcomingMessage]) -> tuple[str, ...]:
    return tuple(
        "\n".join((heading, *(_line(messages, s, each) for each in those)))
        for heading, those in groupby(listed, key=lambda each: day(s, each.at))
    )


def _line(messages: Messages, s: Session, each: UpcomingMessage) -> str:
    told = named(messages, s, each.kind, each.about, each.what)
    return s.say("messages.at", clock=texts.clock(s.language, each.at), told=told, people=to_people(s, each.people))


def _besides(s: Session, *, some: bool) -> tuple[str, ...]:
    """What is sent when somebody has been quiet, and why it may be fewer."""
    wanted = s.plan.file.reminders
    days = wanted.unfinished_after_days
    quiet = () if days is None else (texts.count(s.language, "messages.unfinished", days),)
    return (*quiet, *((texts.count(s.language, "messages.fewer", wanted.most_per_week),) if some else ()))


def _held(s: Session) -> tuple[Go, ...]:
    """To what a restored Besyv holds back."""
    held = sum(each.messages for each in outbox.held(s.tx, s.plan.process_id))
    return (Go(texts.count(s.language, "messages.held", held), "venter"),) if held else ()


def _under_way(messages: Messages, s: Session) -> list[Go]:
    due = [each.about for each in outbox.waiting(s.tx, s.plan.process_id) if each.kind == MessageKind.BULK]
    return [Go(named(messages, s, MessageKind.BULK, about), f"skriv/{about}") for about in dict.fromkeys(due)]


# --- behind -----------------------------------------------------------------------------------------------


def _lately(messages: Messages, s: Session, first: int) -> Panel:
    since = s.visit.now - DAYS * DAY
    listed = outbox.lately(s.tx, s.plan.process_id, since)
    missed = [row for row in reminders.lately(s.tx, s.plan.process_id, since) if row.state == "expired"]
    sums = {state: sum(each.states.get(state, 0) for each in listed) for state in SHOWN_OUTCOMES}
    body = [s.say("messages.lately", outcomes=outcomes(s, sums))] if listed else [s.say("messages.none-lately")]
    if missed and first == 0:
        body.append("\n".join((s.say("messages.missed"), *(_missed(messages, s, row) for row in missed[:MISSED]))))
    page = ListPage(listed, SHOWN, first)
    body += [_outcome_line(messages, s, each) for each in page.shown]
    turning = page.turning(lambda place: f"beskeder/sendt/{place}", s.say("panel.older"), s.say("panel.newer"))
    rows = (*turning, (back(s, "beskeder"),))
    return Panel(at=f"beskeder/sendt/{first}", title=s.say("messages.sent"), body=tuple(body), rows=rows)


def _missed(messages: Messages, s: Session, row: Reminder) -> str:
    told, moment = named_reminder(messages, s, row), texts.moment(s.language, row.due_at)
    return s.say("messages.missed-one", told=told, moment=moment)


def _outcome_line(messages: Messages, s: Session, each: MessageOutcomes) -> str:
    return s.say("messages.became", told=named(messages, s, each.kind, each.about), outcomes=outcomes(s, each.states))


def outcomes(s: Session, states: dict[str, int]) -> str:
    """`12 sendt, 2 kunne ikke nås`."""
    told = [texts.count(s.language, f"outcome.{each}", states[each]) for each in SHOWN_OUTCOMES if states.get(each)]
    return ", ".join(told)


# --- out of reach -----------------------------------------------------------------------------------------


def _out_of_reach(s: Session) -> Panel:
    everybody = recipients.to_remind_of_something(s.plan.process_id)
    wanting, lost = (
        recipients.count(s.tx, everybody),
        recipients.out_of_reach(s.tx, everybody, mails=s.process_host.mails),
    )
    body = [texts.count(s.language, "messages.wanting", wanting)]
    if lost.blocked:
        body += [texts.count(s.language, "messages.blocked", lost.blocked), s.say("messages.blocked-what")]
    if lost.without_mail:
        hint = s.say("messages.mail-what" if s.process_host.mails else "messages.no-mail")
        body += [texts.count(s.language, "messages.without-mail", lost.without_mail), hint]
    if wanting and not lost.people:
        body.append(s.say("messages.all-reached"))
    return Panel(
        at="beskeder/ude", title=s.say("messages.out-of-reach"), body=tuple(body), rows=column(back(s, "beskeder"))
    )
