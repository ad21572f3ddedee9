"""«Møder»: planned, moved and cancelled; who comes; afterwards how many came, and the minutes. Here: which path leads
where, and who may."""

from __future__ import annotations

from bot.conversation.lead.panel import Args, Panel, Sent
from bot.conversation.lead.planning import coming, drafting, minutes, planned
from bot.conversation.situation import Situation
from storage.meetings import Meeting


def show(s: Situation, args: Args, sent: Sent) -> Panel:
    match args:
        case ("ny", *what) if planned.keeps(s):
            return drafting.new(s, tuple(what), sent)
        case ("side", first):
            return planned.listed(s, int(first))
        case (number, *what) if number.isdecimal():
            meeting = planned.one_of(s, int(number))
            if meeting is None:
                return planned.listed(s, 0, s.say("panel.gone"))
            return _of_one(s, meeting, tuple(what), sent)
        case _:
            return planned.listed(s, 0)


def _of_one(s: Situation, meeting: Meeting, what: Args, sent: Sent) -> Panel:
    match what:
        case ("ret", *step) if planned.keeps(s):
            return drafting.change(s, meeting, tuple(step), sent)
        case ("aflys", *step) if planned.keeps(s):
            return drafting.cancel(s, meeting, tuple(step), sent)
        case ("tilmeldte", *step):
            return coming.show(s, meeting, tuple(step))
        case ("antal" | "referat", *step) if planned.was_held(s, meeting):
            if what[0] == "antal":
                return minutes.attended(s, meeting, sent)
            return minutes.show(s, meeting, tuple(step), sent)
        case ("antal" | "referat", *_):
            return planned.one(s, meeting.id, s.say("planning.gone.not-held"))
        case _:
            return planned.one(s, meeting.id)
