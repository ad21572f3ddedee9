"""The panel «/sammen»: an association answers as one. A chair's code, its members, and what each of them may end."""

from __future__ import annotations

from collections.abc import Callable

from bot.access import NotAllowed
from bot.dialogue.naming import step_of
from bot.dialogue.panel import Args, Elsewhere, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import sure
from bot.dialogue.session import Session
from bot.features.joint_answers import service
from bot.flows.model import SPEAK_FOR_MANY
from bot.texts import lists
from storage import joint_answers, people

Addresses = Callable[[Session, str], tuple[str, ...]]


def show(addresses: Addresses, s: Session, args: Args, _sent: PanelInput) -> Panel | Elsewhere:
    """`addresses` are the links that a code makes."""
    match args:
        case ("begynd", flow) if flow in s.plan.flows and _may_chair(s):
            service.begin(s.tx, s.person, flow, s.visit.now)
            return _one(addresses, s, flow)
        case ("svar", flow):
            people.come_for(s.tx, s.person.id, flow)
            return Elsewhere()
        case ("luk", flow):
            return _sure(s, flow)
        case ("luk", flow, "ja"):
            return _closed(s, flow)
        case ("ud", number):
            joint_answers.leave(s.tx, int(number), s.person.id)
            return Elsewhere((s.say("together.left"),))
        case (flow,) if flow in s.plan.flows:
            return _one(addresses, s, flow)
        case _:
            return _list(s)


def _may_chair(s: Session) -> bool:
    return s.person.stakeholder in SPEAK_FOR_MANY and s.person.source is None


def _list(s: Session, *notes: str) -> Panel:
    shown_to = joint_answers.of_member(s.tx, s.person.id)
    if not _may_chair(s) and not shown_to and not notes:
        raise NotAllowed("sammen")
    rows = [Go(s.say("together.leave", step=step_of(s, each.flow)), f"sammen/ud/{each.id}") for each in shown_to]
    if _may_chair(s):
        mine = service.collected_now(s.tx, s.person)
        open_now = [flow.flow for flow in s.plan.open_for(s.as_themselves, s.visit.now)]
        rows += [Go(s.say("together.mine", step=step_of(s, flow)), f"sammen/{flow}") for flow in sorted(mine)]
        rows += [Go(_begins(s, flow), f"sammen/begynd/{flow}") for flow in open_now if flow not in mine]
    return Panel(
        at="sammen", title=s.say("together.title"), body=(s.say("together.what"),), rows=column(*rows), notes=notes
    )


def _begins(s: Session, flow: str) -> str:
    """The first, or a new one after one that they have closed."""
    step = step_of(s, flow)
    if joint_answers.of_chair(s.tx, s.person.id, flow) is None:
        return s.say("together.begin", step=step)
    return s.say("together.begin-again", step=step)


def _one(addresses: Addresses, s: Session, flow: str) -> Panel:
    found = joint_answers.of_chair(s.tx, s.person.id, flow) if _may_chair(s) else None
    if found is None or found.closed_at is not None:
        return _list(s, s.say("panel.gone"))
    members = len(joint_answers.members(s.tx, found.id))
    body = (
        s.say("together.code"),
        *addresses(s, found.code),
        s.count("together.members", members),
        *_drafts(s, flow),
    )
    rows = (
        Go(s.say("together.write"), f"sammen/svar/{flow}"),
        Go(s.say("together.refresh"), f"sammen/{flow}"),
        Go(s.say("together.close"), f"sammen/luk/{flow}"),
        Go(s.say("panel.back"), "sammen"),
    )
    return Panel(at=f"sammen/{flow}", title=step_of(s, flow), body=body, rows=column(*rows))


def _drafts(s: Session, flow: str) -> tuple[str, ...]:
    """Question by question what members have said so far."""
    told = []
    for question in s.plan.flows[flow].flow:
        said = service.said_by_members(s.tx, s.person, flow, question, s.respondent, s.language)
        if said:
            told.append(lists.bulleted((each.text for each in said), question.asked(s.language, many=s.many)))
    return tuple(told)


def _sure(s: Session, flow: str) -> Panel:
    at = f"sammen/luk/{flow}"
    return sure(
        s,
        at,
        s.say("together.close-sure"),
        (s.say("together.close-what"),),
        s.say("together.close-yes"),
        f"{at}/ja",
        f"sammen/{flow}",
    )


def _closed(s: Session, flow: str) -> Panel:
    found = joint_answers.of_chair(s.tx, s.person.id, flow)
    if found is not None and found.closed_at is None:
        joint_answers.close(s.tx, found.id, s.visit.now)
        s.audit("collect-end", flow)
    return _list(s, s.say("together.closed"))
