"""The guide's advice as a checklist, each with its evidence and a next step."""

from __future__ import annotations

from bot.access import Right, rights
from bot.conversation.lead.coverage import figure, hidden_note, sees_small
from bot.conversation.lead.panel import Args, Panel, Sent, back, column
from bot.conversation.situation import Situation
from bot.process import advice


def show(s: Situation, _args: Args, _sent: Sent) -> Panel:
    found = advice.checks(s.tx, s.plan, s.visit.now, small=sees_small(s))
    body, may_act = [s.say("advice.reading")], Right.INVITE in rights(s.roles)
    for check in found:
        evidence = {name: figure(s, number) for name, number in check.evidence.items()}
        mark = "✓" if check.done else "☐"
        told = [f"{mark} {s.say(f'advice.{check.advice}')}", s.say(f"advice.{check.advice}.evidence", **evidence)]
        if not check.done:
            told.append(s.say(f"advice.{check.advice}.next") if may_act else s.say("advice.ask"))
        body.append("\n".join(told))
    return Panel("raad", s.say("lead.raad"), (*body, *hidden_note(s)), column(back(s, "daekning/alt")))
