"""What is said of a moment that somebody wrote: that it can't be meant so, or that the clock shows it twice."""

from __future__ import annotations

from bot import texts
from bot.dialogue.session import Session
from bot.flows import schedule
from bot.texts.times import Doubt


def doubted(s: Session, doubt: Doubt) -> str:
    """«Den 3. marts 2027 er en onsdag. Hvilken dag mener du?»"""
    day = texts.day(s.language, schedule.start_of(doubt.moment.date()))
    match doubt.about:
        case "weekday":
            weekday = texts.weekday(s.language, doubt.moment.isoweekday())
            return s.say("moment.weekday", day=day[:1].upper() + day[1:], weekday=weekday)
        case "skipped":
            return s.say("moment.skipped", day=day, clock=texts.on_the_wall(s.language, doubt.moment))


def twice(s: Session, at: int) -> tuple[str, ...]:
    """Which of the two is meant, where the clocks are put back over it; else nothing."""
    there = schedule.to_local(at)
    return (s.say("moment.twice", clock=texts.clock(s.language, at)),) if schedule.comes_twice(there) else ()
