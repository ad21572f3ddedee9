"""Answering as one: a chair sees members' drafts in one step, with each member's yes, and writes one answer.

Members' answers stay theirs. The chair's answer is the association's.
"""

from __future__ import annotations

import json
import secrets

from bot.dialogue.naming import step_of
from bot.dialogue.reply import Move, Verb
from bot.dialogue.session import Session
from bot.features.invitations import service as invitations
from bot.flows import engine
from bot.flows.model import Group, Question
from storage import answers, audit, joint_answers, people, runs
from storage.joint_answers import JointAnswer

PREFIX = "s-"  # tells a collation code from other links
CHAIRS = (Group.FORENING, Group.RAAD_CENTER)
_LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"
MOST_SHOWN = 20  # members' words beside one question


def begin(s: Session, flow: str) -> JointAnswer:
    """A collation of the chair's in this flow, with its code (12 characters)."""
    known = joint_answers.of_chair(s.tx, s.person.id, flow)
    if known is not None and known.closed_at is None:
        return known
    code = PREFIX + "".join(secrets.choice(_LEGIBLE) for _ in range(10))
    joint_answers.add(s.tx, s.person.id, flow, code, s.visit.now)
    audit.note(s.tx, s.plan.process_id, s.person.pseudonym, "collect", flow, s.visit.now)
    made = joint_answers.of_chair(s.tx, s.person.id, flow)
    assert made is not None  # noqa: S101  # written on the lines above
    return made


def arrive(s: Session, code: str) -> tuple[str, ...]:
    """Somebody came by a collation code: they are asked whether the chair may see their answers, once they are in.
    Raises TooMany, as other codes do."""
    at, now = (s.visit.channel, s.visit.address), s.visit.now
    invitations.require_few_failures(s.tx, at, now)
    found = joint_answers.by_code(s.tx, s.plan.process_id, code)
    if found is None:
        invitations.note_failure(s.tx, at, now)
        return (s.say("joint.unknown"),)
    if found.chair_id == s.person.id:
        return (s.say("joint.own"),)
    joint_answers.ask(s.tx, found.id, s.person.id)
    people.come_for(s.tx, s.person.id, found.flow)
    s.read_person()
    return ()


def to_ask(s: Session) -> str | None:
    """What the prompt remembers of the collation the person has been asked to join, and has not answered."""
    found = joint_answers.asked(s.tx, s.person.id)
    return json.dumps([found.id, found.flow]) if found is not None else None


def answer(s: Session, *, yes: bool) -> None:
    """To the collation that was asked about, and to no other; nothing where it is closed by now."""
    number, _ = _about(s)
    if yes:
        joint_answers.join(s.tx, number, s.person.id, s.visit.now)
    else:
        joint_answers.leave(s.tx, number, s.person.id)


def _about(s: Session) -> tuple[int, str]:
    assert s.prompt is not None and s.prompt.about is not None  # noqa: S101  # of `to_ask`
    number, flow = json.loads(s.prompt.about)
    return number, flow


def moves(s: Session) -> tuple[tuple[Move, ...], ...]:
    return ((Move(Verb.JOIN, s.say("joint.yes"), 1),), (Move(Verb.JOIN, s.say("joint.no"), 0),))


def what(s: Session) -> str:
    """What the chair would see, in which step."""
    _, flow = _about(s)
    return s.say("joint.what", step=step_of(s, flow))


# --- what the chair sees ----------------------------------------------------------------------------------


def said_by_members(s: Session, flow: str, question: Question) -> tuple[str, ...]:
    """What members have written or chosen so far at the question, in no telling order; drafts too."""
    joint = joint_answers.of_chair(s.tx, s.person.id, flow) if s.person.stakeholder in CHAIRS else None
    if joint is None or joint.closed_at is not None or question.apart:
        return ()
    said = [_said(s, member, flow, question) for member in joint_answers.members(s.tx, joint.id)]
    return tuple(sorted(text for text in said if text))[:MOST_SHOWN]


def _said(s: Session, person_id: int, flow: str, question: Question) -> str:
    run = next((run for run in runs.of_person(s.tx, person_id) if run.flow == flow), None)
    if run is None:
        return ""
    row = next((row for row in answers.of_run(s.tx, run.id) if row.question == question.id and not row.skipped), None)
    if row is None or row.apart:
        return ""
    _, keys, parts, labels = json.loads(row.content)
    if labels is not None:
        return str(labels)
    texts = "\n".join(text for text, _ in parts)
    chosen = [c.label.to(s.language, many=s.many) for c in engine.options(question, s.respondent) if c.key in keys]
    return ", ".join([*chosen, *([texts] if texts else [])])
