"""The panel «Møder»: meetings are planned, moved and cancelled; who comes; afterwards how many came, and the minutes.
Here: which path leads where, and who may."""

from __future__ import annotations

from bot.dialogue.panel import Args, Panel, PanelInput
from bot.dialogue.session import Session
from bot.features.meetings.organiser import attendees, editor, minutes, overview
from storage.meetings import Meeting


def show(s: Session, args: Args, sent: PanelInput) -> Panel:
    match args:
        case ("ny", *what) if overview.keeps(s):
            return editor.new(s, tuple(what), sent)
        case ("side", first):
            return overview.listed(s, int(first))
        case (number, *what) if number.isdecimal():
            meeting = overview.one_of(s, int(number))
            if meeting is None:
                return overview.listed(s, 0, s.say("panel.gone"))
            return _of_one(s, meeting, tuple(what), sent)
        case _:
            return overview.listed(s, 0)


def _of_one(s: Session, meeting: Meeting, what: Args, sent: PanelInput) -> Panel:
    match what:
        case ("ret", *step) if overview.keeps(s):
            return editor.change(s, meeting, tuple(step), sent)
        case ("aflys", *step) if overview.keeps(s):
            return editor.cancel(s, meeting, tuple(step), sent)
        case ("tilmeldte", *step):
            return attendees.show(s, meeting, tuple(step))
        case ("antal" | "referat", *step) if overview.was_held(s, meeting):
            if what[0] == "antal":
                return minutes.attended(s, meeting, sent)
            return minutes.show(s, meeting, tuple(step), sent)
        case ("antal" | "referat", *_):
            return overview.one(s, meeting.id, s.say("planning.gone.not-held"))
        case _:
            return overview.one(s, meeting.id)
