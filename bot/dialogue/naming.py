"""Names of steps, groups and places as they are said to a person; and what is said where words call for a human."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from bot import texts
from bot.access import Role
from bot.dialogue.session import Session
from bot.flows import safeguarding
from bot.flows.model import PREFERS_NOT, Flow, Group, Language
from bot.process.flows import numbers
from bot.process.plan import Plan
from bot.process.policy_words import the_policy
from storage import people
from storage.people import RoleHolder


def step_name(s: Session, flow: Flow) -> str:
    """As those who answer know the step: »Hvad ønsker I jer?«"""
    return flow.title_for(s.group).to(s.language, many=s.many)


def step_of(s: Session, key: str) -> str:
    """`step_name`, or the key where the process does not have the step any more."""
    return _of(s, key, step_name)


def work_step_name(s: Session, flow: Flow) -> str:
    """As those who lead the work know the step: »Trin 7. Høring om udkastet (guidens trin 9)«. The guide's number is
    told only where it is another."""
    return work_title(s.language, flow)


def work_title(language: Language, flow: Flow) -> str:
    """The same in a language."""
    title, numbered = flow.title_at_work.to(language), numbers(flow.step)
    if numbered.number is None:
        return title
    if numbered.guide == numbered.number:
        return texts.say(language, "step.numbered", number=numbered.number, title=title)
    return texts.say(language, "step.numbered-guide", number=numbered.number, guide=numbered.guide, title=title)


def work_step_of(s: Session, key: str) -> str:
    """`work_step_name`, or the key where the process does not have the step any more."""
    return _of(s, key, work_step_name)


def _of(s: Session, key: str, named: Callable[[Session, Flow], str]) -> str:
    known = s.plan.flows.get(key)
    return named(s, known.flow) if known is not None else key


def processes(language: Language, plans: Sequence[Plan]) -> dict[int, str]:
    """What tells each of the processes from the others, by its id: «frivilligpolitik», with the municipality where two
    of them make a policy of the same name, or the process's own key where that does not tell them apart either."""
    policies = Counter(plan.file.policy_in(language) for plan in plans)
    makers = Counter((plan.file.policy_in(language), plan.file.municipality.name) for plan in plans)
    names = {}
    for plan in plans:
        policy, municipality = plan.file.policy_in(language), plan.file.municipality.name
        alone = makers[policy, municipality] == 1
        apart = municipality if alone else plan.file.process
        names[plan.process_id] = (
            policy if policies[policy] == 1 else texts.say(language, "switch.named", policy=policy, apart=apart)
        )
    return names


def the_processes(language: Language, plans: Sequence[Plan]) -> dict[int, str]:
    """The same in a sentence: «den nye frivilligpolitik»."""
    names = processes(language, plans)
    return {plan.process_id: the_policy(plan.file, language, names[plan.process_id]) for plan in plans}


def moved_to(s: Session) -> str:
    """Where somebody is now who was in another process."""
    there = (s.process_host.plan(s.tx, each) for each in people.processes_at(s.tx, *s.visit.at))
    plans = {plan.process_id: plan for plan in (s.plan, *there)}
    return s.say("switch.done", the_policy=the_processes(s.language, list(plans.values()))[s.plan.process_id])


def group_name(s: Session, group: str | None) -> str:
    """As it is called at «Hvem svarer du som?»; whoever has not told is «Ikke oplyst»."""
    if not group:
        return s.say("not-told")
    if group == Group.STYREGRUPPE:
        return s.say("group.steering")
    choice = next(c for c in s.plan.start_question("group").choices if c.key == group)
    return choice.label.to(s.language)


def groups(s: Session, *, steering: bool = False) -> list[tuple[str, str]]:
    """Key and name of every group one can answer as, in the order they are offered; with `steering` the steering group
    last, which some steps and messages are for."""
    return [(str(group), group_name(s, group)) for group in Group if steering or group is not Group.STYREGRUPPE]


def place_name(s: Session, kind: str, key: str | None) -> str:
    """The label of an area or a department; `kind` is `areas` or `departments`."""
    items = s.plan.file.areas if kind == "areas" else s.plan.file.departments
    found = next((item for item in items if item.key == key), None)
    if found is None:
        return key if key and key != PREFERS_NOT else s.say("not-told")
    return found.da if s.language == "da" or found.en is None else found.en


def contact_note(s: Session, text: str) -> tuple[str, ...]:
    """The municipality's contact where what somebody wrote calls for a person."""
    contacts, found = s.plan.file.contacts, safeguarding.concern(text)
    return () if found is None else (s.say(f"care.{found}", phone=contacts.phone, email=contacts.email),)


def holder_names(s: Session, holder: RoleHolder) -> str:
    """No names are kept: the role, whom they stand for, since when, and their pseudonym's end."""
    stands = holder.stands_for or holder.stakeholder
    name = s.say(f"role.{Role(holder.role)}") + (f" ({group_name(s, stands)})" if stands else "")
    since, mark = texts.day(s.language, holder.granted_at), holder.pseudonym[-4:]
    if holder.ends_at is not None:
        return s.say("roles.until", name=name, day=since, mark=mark, until=texts.day(s.language, holder.ends_at))
    return s.say("roles.since", name=name, day=since, mark=mark)
