"""The weekly overview: which day and hour it comes, and off by one tap."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from bot import texts
from bot.dialogue.panel import Args, Go, Panel, PanelInput
from bot.dialogue.panel_parts import back
from bot.dialogue.session import Session
from storage import digests
from storage.digests import Digest

HOURS = (9, 12, 15, 18)
WEEKDAYS = (1, 2, 3, 4, 5)  # Monday to Friday


def show(s: Session, args: Args, _sent: PanelInput) -> Panel:
    now = digests.of_person(s.tx, s.person.id)
    match args:
        case ("fra",):
            return _saved(s, replace(now, off=1))
        case ("til",):
            return _saved(s, replace(now, off=0))
        case ("dag", day) if int(day) in WEEKDAYS:
            return _saved(s, replace(now, weekday=int(day), off=0))
        case ("time", hour) if int(hour) in HOURS:
            return _saved(s, replace(now, hour=int(hour), off=0))
        case _:
            return _panel(s, now)


def _saved(s: Session, chosen: Digest) -> Panel:
    digests.put(s.tx, chosen)
    return _panel(s, chosen, s.say("panel.saved"))


def _panel(s: Session, now: Digest, *notes: str) -> Panel:
    told = (
        s.say("digest.off")
        if now.off
        else s.say(
            "digest.on", day=texts.weekday(s.language, now.weekday), hour=texts.on_the_wall(s.language, time(now.hour))
        )
    )
    days = tuple(Go(texts.weekday(s.language, day), f"overblik/dag/{day}") for day in WEEKDAYS)
    hours = tuple(Go(texts.on_the_wall(s.language, time(hour)), f"overblik/time/{hour}") for hour in HOURS)
    switch = Go(s.say("digest.turn-on"), "overblik/til") if now.off else Go(s.say("digest.turn-off"), "overblik/fra")
    rows = ((switch,), days[:3], days[3:], hours, (back(s, "leder"),))
    return Panel(at="overblik", title=s.say("lead.overblik"), body=(told, s.say("digest.what")), rows=rows, notes=notes)
