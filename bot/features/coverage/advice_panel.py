"""The guide's advice as a checklist, each with its evidence and a next step."""

from __future__ import annotations

from bot.access import Right
from bot.dialogue.panel import Args, Panel, PanelInput, column
from bot.dialogue.panel_parts import back
from bot.dialogue.session import Session
from bot.features.coverage import advice
from bot.features.coverage.panel import figure, hidden_note, sees_small


def show(s: Session, _args: Args, _sent: PanelInput) -> Panel:
    found = advice.checks(s.tx, s.plan, s.visit.now, small=sees_small(s))
    words = s.plan.file.words.department_in(s.language)
    body, may_act = [s.say("advice.reading", guide=s.say("advice.guide"))], s.may(Right.INVITE)
    for check in found:
        evidence = {name: figure(s, number) for name, number in check.evidence.items()}
        mark = "✓" if check.done else "☐"
        told = [
            f"{mark} {s.say(f'advice.{check.advice}', **words)}",
            s.say(f"advice.{check.advice}.evidence", **evidence, **words),
        ]
        if not check.done:
            told.append(s.say(f"advice.{check.advice}.next", **words) if may_act else s.say("advice.ask"))
        body.append("\n".join(told))
    return Panel(
        at="raad", title=s.say("lead.raad"), body=(*body, *hidden_note(s)), rows=column(back(s, "daekning/alt"))
    )
