"""How many the leader wants to hear, by step and group."""

from __future__ import annotations

from bot import texts
from bot.dialogue.naming import group_name, work_step_name, work_step_of
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import back
from bot.dialogue.session import Session
from bot.flows.model import Group
from bot.texts import numbers
from storage import coverage_counters

MOST = 999_999  # people


def show(s: Session, args: Args, sent: PanelInput) -> Panel:
    match args:
        case (flow, group) if sent.text:
            return _set_target(s, flow, group, sent.text)
        case (flow, group):
            return _target(s, flow, group)
        case (flow,) if flow in s.plan.flows:
            return _targets_of(s, flow)
        case _:
            rows = [Go(work_step_name(s, s.plan.flows[key].flow), f"maal/{key}") for key in s.plan.steps]
            return Panel(
                at="maal",
                title=s.say("coverage.targets"),
                body=(s.say("targets.what"),),
                rows=column(*rows, back(s, "daekning/alt")),
            )


def _target(s: Session, flow: str, group: str, *notes: str) -> Panel:
    at, title = (
        f"maal/{flow}/{group}",
        s.say("targets.how-many", step=work_step_of(s, flow), group=group_name(s, group)),
    )
    return Panel(
        at=at,
        title=title,
        body=(s.say("targets.number"),),
        rows=column(back(s, f"maal/{flow}")),
        notes=notes,
        asks=at,
        asks_number=True,
        send=s.say("send.target"),
    )


def _targets_of(s: Session, flow: str, *notes: str) -> Panel:
    set_so_far = coverage_counters.targets(s.tx, s.plan.process_id)
    rows = []
    for group in Group:
        if s.plan.asks(flow, group):
            target = set_so_far.get((flow, group))
            told = s.say("targets.none") if target is None else texts.count(s.language, "people", target)
            rows.append(Go(f"{group_name(s, group)}: {told}", f"maal/{flow}/{group}"))
    return Panel(
        at=f"maal/{flow}",
        title=work_step_of(s, flow),
        body=(s.say("targets.what"),),
        rows=column(*rows, back(s, "maal")),
        notes=notes,
    )


def _set_target(s: Session, flow: str, group: str, text: str) -> Panel:
    target = numbers.read(text, 0, MOST)
    if target is None or flow not in s.plan.flows:
        return _target(s, flow, group, s.say("targets.not-number"))
    coverage_counters.set_target(s.tx, s.plan.process_id, flow, group, target)
    return _targets_of(s, flow, s.say("panel.saved"))
