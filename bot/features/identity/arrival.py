"""Arrival: the greeting, the yes to the notice, what a link brought, and moving to another process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import Enum, auto

from bot import texts
from bot.access import Role
from bot.codes import new_pseudonym
from bot.dialogue import acting_as, consent, dispatch, naming
from bot.dialogue.naming import group_name, step_of
from bot.dialogue.navigation import proceed
from bot.dialogue.reply import Reply
from bot.dialogue.session import Context, Session, Visit, count_on, load, somebody
from bot.features.identity import newcomers, notice_screen, personal_link
from bot.features.invitations import service as invitations
from bot.features.joint_answers import service as joint_answers
from bot.flows.model import Language
from bot.process import policy_words
from bot.process.plan import START, Plan, State
from storage import capacities, late_answers, people
from storage.db import Tx
from storage.invitations import Invitation


def greeting(plan: Plan, language: Language, channel: str) -> Reply:
    """What somebody sees who is not known yet, where looking leaves no trace: hello, the notice, the yes to it."""
    return replace(notice_screen.notice(plan, language, channel), notes=(_hello(plan, language),))


class NotIn(Enum):
    """Why somebody who said yes does not come in."""

    NOTICE_CHANGED = auto()  # since it was shown
    TOO_MANY = auto()  # are new just now


def accept(tx: Tx, context: Context, visit: Visit, payload: str, notice_version: str) -> Reply | NotIn:
    """Records the yes to the notice shown with the greeting and lets the person in."""
    payload = invitations.as_meant(payload)
    if newcomers.plan_of(tx, context, payload).notice.version != notice_version:
        return NotIn.NOTICE_CHANGED
    if load(tx, context, visit) is None and not newcomers.may_come(tx, context, visit, payload):
        return NotIn.TOO_MANY
    s, notes = _come_in(tx, context, visit, payload)
    people.accept_notice(tx, s.person.id, notice_version, visit.now)
    s.read_person()
    if personal_link.own(s) is None:
        personal_link.make(s)
    return proceed(s, *notes)


def start(tx: Tx, context: Context, visit: Visit, payload: str) -> Reply:
    """/start, with what a link carried: an invitation's code, the name of a step, or a code from another channel."""
    known, payload = load(tx, context, visit), invitations.as_meant(payload)
    if visit.again and known is not None and known.prompt is not None:
        return dispatch.shown_again(known)
    if payload and known is not None and known.person.source is not None:  # a link is to oneself
        return acting_as.as_oneself(lambda _: start(tx, context, visit, payload))(known)
    is_way_in = payload.startswith(personal_link.PREFIX) and not invitations.are_too_many(tx, visit.at, visit.now)
    moved = personal_link.join(tx, context, visit, payload) if is_way_in else None
    if moved is not None:
        return moved
    if known is None and not newcomers.may_come(tx, context, visit, payload):
        return newcomers.come_back(newcomers.plan_of(tx, context, payload), visit)
    s, notes = _come_in(tx, context, visit, payload)
    return proceed(s, *(() if s.accepted else (_hello(s.plan, s.language),)), *notes)


def _come_in(tx: Tx, context: Context, visit: Visit, payload: str) -> tuple[Session, tuple[str, ...]]:
    """The person at this address in the process the link is for, and what the link brought."""
    wanted, rest = invitations.resolve_payload(tx, payload)
    s = load(tx, context, visit)
    if s is not None and payload:
        s = acting_as.leave(s)
    before = s
    if s is not None and wanted is not None and wanted != s.person.process_id:
        s = _change_process(tx, context, visit, wanted)
    if s is None:
        s = _welcome(tx, context, visit, wanted)
    if before is not None and before.person.id != s.person.id:
        count_on(before, s.person.id)  # no button of the other process means anything here
        s = somebody(tx, context, visit)
    people.enter(tx, visit.channel, visit.address, s.person.id, visit.now)
    notes = _take_payload(s, rest)
    if before is not None and before.person.process_id != s.person.process_id and s.accepted:
        notes = (naming.moved_to(s), *notes)
    if s.run is not None and s.run.flow != START:
        s.leave_run()  # a link or a fresh start leads to the step that fits now; answers stay where they are
    if s.run is None:
        consent.ask_again(s)
    return s, notes


def _hello(plan: Plan, language: Language) -> str:
    file = plan.file
    makes_policy = policy_words.makes_policy(file, language)
    return texts.say(language, "start.hello", municipality=file.municipality.name, makes_policy=makes_policy)


def _change_process(tx: Tx, context: Context, visit: Visit, process_id: int) -> Session | None:
    """The same address in another process: another person to us, with answers of their own. None: not there yet."""
    known = people.at_address_in(tx, visit.channel, visit.address, process_id)
    if known is None:
        return None
    people.enter(tx, visit.channel, visit.address, known, visit.now)
    return load(tx, context, visit)


def _welcome(tx: Tx, context: Context, visit: Visit, process_id: int | None) -> Session:
    plan = context.process_host.plan(tx, process_id)
    # A letter first: Excel would take one of a thousand bare hexadecimal numbers for a number.
    person_id = people.add(tx, plan.process_id, new_pseudonym(), visit.language, visit.now)
    people.enter(tx, visit.channel, visit.address, person_id, visit.now)
    return somebody(tx, context, visit)


def _take_payload(s: Session, payload: str) -> tuple[str, ...]:
    if not payload:
        return ()
    if (step := invitations.step_meant(payload, s.plan.flows)) is not None:
        people.come_for(s.tx, s.person.id, step)
        s.read_person()
        return ()
    email, phone = s.plan.file.contacts.email, s.plan.file.contacts.phone
    try:
        if payload.startswith(joint_answers.PREFIX):
            return _by_joint_answer_code(s, payload)
        found = invitations.redeem(s.tx, s.person, payload, s.visit.at, s.visit.now)
    except invitations.TooMany:
        return (s.say("start.too-many", phone=phone),)
    if found is None:
        return (s.say("start.unknown-link", email=email),)
    if found.flow is not None:
        people.come_for(s.tx, s.person.id, found.flow)
    s.read_person()
    s.forget_roles()
    if found.answers_until is not None:
        return _by_late_link(s, found)
    return (s.say(f"role-granted.{Role(found.role)}"),) if found.role is not None else ()


def _by_late_link(s: Session, link: Invitation) -> tuple[str, ...]:
    """They are at what they speak for its entry as; and until when it lets them answer. Nothing where it does not: the
    step itself says that it is closed, or takes answers of everybody."""
    flow, party, until = link.flow, link.party_id, link.answers_until
    if flow is None or flow not in s.plan.flows or party is None or until is None:
        return ()
    if not late_answers.holds(s.tx, s.person.id, link.id, s.visit.now):
        return ()
    notes: tuple[str, ...] = ()
    speaks = capacities.speaking_for(s.tx, s.person.id, party)
    if speaks is not None and speaks != s.person.capacity_id:
        s.use_capacity(speaks)
        notes = (s.say("capacity.now", group=group_name(s, s.person.stakeholder)),)
    if s.plan.state(flow, s.visit.now, s.person.stakeholder or link.stakeholder) is not State.CLOSED:
        return notes
    return (*notes, s.say("late.link", step=step_of(s, flow), moment=texts.deadline(s.language, until)))


def _by_joint_answer_code(s: Session, code: str) -> tuple[str, ...]:
    outcome = joint_answers.use_code(s.tx, s.person, code, s.visit.at, s.visit.now)
    s.read_person()
    return () if outcome is joint_answers.CodeOutcome.ASKED else (s.say(f"joint.{outcome}"),)


def stranger(gone: Callable[[Tx, Context, Visit], Reply], tx: Tx, context: Context, visit: Visit) -> Reply:
    """Whatever somebody unknown does, they are greeted. What was done before a restart already was what erased them:
    `gone` says so again."""
    return gone(tx, context, visit) if visit.again else start(tx, context, visit, "")
