"""Overview of the meetings, and each of them, for those who plan and lead them."""

from __future__ import annotations

from bot import texts
from bot.access import Right
from bot.dialogue.naming import holder_names
from bot.dialogue.panel import Go, Panel, column
from bot.dialogue.panel_parts import ListPage, back
from bot.dialogue.session import Session
from bot.features.meetings import wording
from bot.features.meetings.organiser import attendees
from bot.features.meetings.service.drafts import MeetingField
from bot.features.meetings.service.reminders import reminder_moments
from bot.texts import lists
from storage import meetings, people, signups
from storage.meetings import Meeting

SHOWN = 8


def keeps(s: Session) -> bool:
    """Plans meetings; others only see those they lead."""
    return s.may(Right.KEEP_MEETINGS)


def one_of(s: Session, number: int) -> Meeting | None:
    """A meeting that the person may see from this side."""
    meeting = meetings.by_id(s.tx, s.plan.process_id, number)
    return meeting if meeting is not None and (keeps(s) or meeting.facilitator_id == s.person.id) else None


def has_begun(s: Session, meeting: Meeting) -> bool:
    return s.visit.now >= meeting.facts.starts_at


def was_held(s: Session, meeting: Meeting) -> bool:
    """Or is being held: people can be counted, and minutes written."""
    return has_begun(s, meeting) and not meeting.is_cancelled


# --- all of them ------------------------------------------------------------------------------------------


def listed(s: Session, first: int, *notes: str) -> Panel:
    """Those ahead, the next one first; then those that are over, the last one first."""
    now, plans = s.visit.now, keeps(s)
    mine = [m for m in meetings.of_process(s.tx, s.plan.process_id) if plans or m.facilitator_id == s.person.id]
    ahead = [meeting for meeting in mine if meeting.facts.ends_at > now]
    over = [meeting for meeting in reversed(mine) if meeting.facts.ends_at <= now]
    page = ListPage([*ahead, *over], SHOWN, first)
    body = [
        s.say("planning.what" if plans else "planning.yours"),
        *_lines(s, s.say("planning.ahead"), [meeting for meeting in page.shown if meeting in ahead]),
        *_lines(s, s.say("planning.over"), [meeting for meeting in page.shown if meeting in over]),
        *([] if mine else [s.say("planning.none")]),
    ]
    rows = (
        *column(
            *([_new(s)] if plans else []),
            *(Go(wording.button_label(s, each), f"moedeplan/{each.id}") for each in page.shown),
        ),
        *page.turning(_page, s.say("panel.more"), s.say("panel.newer")),
        (back(s, "leder"),),
    )
    return Panel(at=_page(first), title=s.say("lead.moedeplan"), body=tuple(body), rows=rows, notes=notes)


def _page(first: int) -> str:
    return f"moedeplan/side/{first}" if first else "moedeplan"


def _new(s: Session) -> Go:
    begun = meetings.draft_of(s.tx, s.person.id, 0) is not None
    return Go(s.say("planning.go-on" if begun else "planning.new"), "moedeplan/ny")


def _lines(s: Session, heading: str, here: list[Meeting]) -> list[str]:
    return [lists.bulleted((_line(s, meeting) for meeting in here), heading)] if here else []


def _line(s: Session, meeting: Meeting) -> str:
    moment = texts.moment(s.language, meeting.facts.starts_at)
    return s.say("planning.line", moment=moment, title=wording.title(s, meeting), state=_state(s, meeting))


def _state(s: Session, meeting: Meeting) -> str:
    if meeting.is_cancelled:
        return s.say("planning.state.cancelled")
    if s.visit.now < meeting.facts.starts_at:
        return places(s, meeting)
    if s.visit.now < meeting.facts.ends_at:
        return s.say("planning.state.now")
    return s.say("planning.state.no-minutes" if meeting.minutes_at is None else "planning.state.minutes")


def places(s: Session, meeting: Meeting) -> str:
    """How many come, of how many."""
    come, capacity = signups.people_coming(s.tx, meeting.id), meeting.facts.capacity
    if capacity is None:
        return texts.count(s.language, "planning.come", come)
    return texts.count(s.language, "planning.come-of", come, most=texts.decimal(s.language, capacity))


# --- one of them ------------------------------------------------------------------------------------------


def one(s: Session, number: int, *notes: str) -> Panel:
    meeting = one_of(s, number)
    if meeting is None:
        return listed(s, 0, *notes, s.say("panel.gone"))
    body = [
        *wording.described(s, meeting),
        s.say("planning.whom", whom=wording.whom(s, meeting.facts)),
        *_led_by(s, meeting),
        *_ahead(s, meeting),
        *_answered(s, meeting),
        *_afterwards(s, meeting),
    ]
    return Panel(
        at=f"moedeplan/{number}",
        title=wording.title(s, meeting),
        body=tuple(body),
        rows=_buttons(s, meeting),
        notes=notes,
    )


def _answered(s: Session, meeting: Meeting) -> tuple[str, ...]:
    come = () if meeting.is_cancelled else (places(s, meeting),)
    told = (*come, *attendees.in_short(s, meeting))
    return ("\n".join(told),) if told else ()


def _led_by(s: Session, meeting: Meeting) -> tuple[str, ...]:
    name = holder_name(s, meeting.facilitator_id)
    return (s.say("planning.led-by", name=name),) if name else ()


def holder_name(s: Session, person_id: int | None) -> str:
    """As somebody with a role is named; empty for nobody, and for who has none any more."""
    held = people.role_table(s.tx, s.plan.process_id) if person_id is not None else []
    return next((holder_names(s, holder) for holder in held if holder.person_id == person_id), "")


def _ahead(s: Session, meeting: Meeting) -> tuple[str, ...]:
    """What people are still told of by themselves, and when."""
    if meeting.is_cancelled or has_begun(s, meeting):
        return ()
    invited, soon = reminder_moments(s.tx, s.plan, meeting, s.visit.now)
    told = [moment for moment in soon if moment > s.visit.now]
    return (
        *((invited_at(s, invited),) if invited is None or invited > s.visit.now else ()),
        *((reminded_at(s, told),) if told else ()),
    )


def invited_at(s: Session, at: int | None) -> str:
    if at is None:
        return s.say("planning.not-invited")
    if at <= s.visit.now:
        return s.say("planning.invited-now")
    return s.say("planning.invited-at", moment=texts.moment(s.language, at))


def reminded_at(s: Session, moments: list[int]) -> str:
    if not moments:
        return s.say("planning.not-reminded")
    return lists.bulleted((texts.moment(s.language, at) for at in moments), s.say("planning.reminded"))


def _afterwards(s: Session, meeting: Meeting) -> tuple[str, ...]:
    if not was_held(s, meeting):
        return ()
    came = texts.count(s.language, "planning.came", meeting.attended) if meeting.attended is not None else None
    sent = meeting.minutes_at
    told = s.say("planning.minutes-sent", moment=texts.moment(s.language, sent)) if sent is not None else None
    return tuple(part for part in (came, told) if part is not None)


def _buttons(s: Session, meeting: Meeting) -> tuple[tuple[Go, ...], ...]:
    at = f"moedeplan/{meeting.id}"
    rows = [Go(s.say("planning.signups"), f"{at}/tilmeldte")]
    if was_held(s, meeting):
        rows += [Go(s.say("planning.count"), f"{at}/antal"), Go(s.say("planning.minutes"), f"{at}/referat")]
    if keeps(s) and not meeting.is_cancelled:
        begun = has_begun(s, meeting)
        rows += [
            *([] if begun else [Go(s.say("planning.move"), f"{at}/ret/{MeetingField.STARTS}")]),
            Go(s.say("planning.change"), f"{at}/ret"),
            *([] if begun else [Go(s.say("planning.cancel"), f"{at}/aflys")]),
        ]
    return column(*rows, back(s, "moedeplan"))
