"""Coming in and finding one's way: start, resume, correct, role, language, help, stop. One function a command."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import replace

from bot import texts
from bot.access import NotAllowed, Role
from bot.dialogue import acting_as, panel_navigation, screens
from bot.dialogue.navigation import choose, onward, open_panel, show
from bot.dialogue.reply import Reply, Screen
from bot.dialogue.session import Session, Visit, count_on, load
from bot.features.identity import personal_link
from bot.features.invitations import service as invitations
from bot.features.joint_answers import service as joint_answers
from bot.features.meetings.signup import is_signed_up
from bot.flows import engine
from bot.flows.engine import Answer, Reopened
from bot.flows.model import Language
from bot.process.host import ProcessHost
from bot.process.plan import START, Plan
from storage import email_addresses, people, runs
from storage.db import Tx


def greeting(plan: Plan, language: Language) -> Reply:
    """What somebody sees who is not known yet, where looking leaves no trace: hello, the notice, the yes to it."""
    return replace(screens.notice(plan, language), notes=(_hello(plan, language),))


def accept(tx: Tx, house: ProcessHost, visit: Visit, payload: str, notice_version: str) -> Reply | None:
    """The yes to the notice that came with the greeting, and in; None where the notice is another by now."""
    wanted, _ = invitations.arrival(tx, payload)
    if house.plan(tx, wanted).notice_version != notice_version:
        return None
    s, notes = _come_in(tx, house, visit, payload)
    people.accept_notice(tx, s.person.id, notice_version, visit.now)
    s.read_person()
    return onward(s, *notes)


def start(tx: Tx, house: ProcessHost, visit: Visit, payload: str) -> Reply:
    """/start, with what a link carried: an invitation's code, the name of a step, or a code from another channel."""
    known = load(tx, house, visit)
    if visit.again and known is not None and known.prompt_holds:
        return screens.draw(known)
    if payload and known is not None and known.person.source is not None:  # a link is to oneself
        return acting_as.as_oneself(lambda _: start(tx, house, visit, payload))(known)
    moved = personal_link.join(tx, house, visit, payload) if payload.startswith(personal_link.PREFIX) else None
    if moved is not None:
        return moved
    s, notes = _come_in(tx, house, visit, payload)
    return onward(s, *(() if s.accepted else (_hello(s.plan, s.language),)), *notes)


def _come_in(tx: Tx, house: ProcessHost, visit: Visit, payload: str) -> tuple[Session, tuple[str, ...]]:
    """The person at this address in the process the link is for, and what the link brought."""
    wanted, rest = invitations.arrival(tx, payload)
    s = load(tx, house, visit)
    if s is not None and payload:
        s = acting_as.leave(s)
    before = s
    if s is not None and wanted is not None and wanted != s.person.process_id:
        s = _change_process(tx, house, visit, wanted)
    if s is None:
        s = _welcome(tx, house, visit, wanted)
    if before is not None and before.person.id != s.person.id:
        count_on(before, s.person.id)  # no button of the other process means anything here
        s = somebody(tx, house, visit)
    people.enter(tx, visit.channel, visit.address, s.person.id, visit.now)
    notes = _take_payload(s, rest)
    if s.run is not None and s.run.flow != START:
        s.run = None  # a link or a fresh start leads to the step that fits now; answers stay where they are
    return s, notes


def _hello(plan: Plan, language: Language) -> str:
    file = plan.file
    return texts.say(language, "start.hello", municipality=file.municipality.name, policy=file.policy_in(language))


def _change_process(tx: Tx, house: ProcessHost, visit: Visit, process_id: int) -> Session | None:
    """The same address in another process: another person to us, with answers of their own. None: not there yet."""
    known = people.at_address_in(tx, visit.channel, visit.address, process_id)
    if known is None:
        return None
    people.enter(tx, visit.channel, visit.address, known, visit.now)
    return load(tx, house, visit)


def _welcome(tx: Tx, house: ProcessHost, visit: Visit, process_id: int | None) -> Session:
    plan = house.plan(tx, process_id)
    # A letter first: Excel would take one of a thousand bare hexadecimal numbers for a number.
    person_id = people.add(tx, plan.process_id, f"p{secrets.token_hex(8)}", visit.language, visit.now)
    people.enter(tx, visit.channel, visit.address, person_id, visit.now)
    s = load(tx, house, visit)
    assert s is not None  # noqa: S101  # entered on the line above
    return s


def _take_payload(s: Session, payload: str) -> tuple[str, ...]:
    if not payload:
        return ()
    if payload in s.plan.flows:
        people.come_for(s.tx, s.person.id, payload)
        s.read_person()
        return ()
    email, phone = s.plan.file.contacts.email, s.plan.file.contacts.phone
    try:
        if payload.startswith(joint_answers.PREFIX):
            return joint_answers.arrive(s, payload)
        found = invitations.redeem(s.tx, s.person, payload, (s.visit.channel, s.visit.address), s.visit.now)
    except invitations.TooMany:
        return (s.say("start.too-many", phone=phone),)
    if found is None:
        return (s.say("start.unknown-link", email=email),)
    if found.flow is not None:
        people.come_for(s.tx, s.person.id, found.flow)
    s.read_person()
    s.forget_roles()
    return (s.say(f"role-granted.{Role(found.role)}"),) if found.role is not None else ()


def resume(tx: Tx, house: ProcessHost, visit: Visit) -> Reply:
    """/fortsaet: back to the open question, or to what else is open."""
    s = load(tx, house, visit)
    if s is None:
        return start(tx, house, visit, "")
    if s.run is not None and s.run.sent_at is not None and s.open_question is None:
        return choose(s) if s.accepted else onward(s)
    if s.accepted and s.offers_newer:
        return show(s, Screen.NEWER)
    return onward(s)


def correct(s: Session) -> Reply:
    """/ret: the review of the one step there are answers in, or which step."""
    mine = [run for run in runs.of_person(s.tx, s.person.id) if run.flow in s.plan.flows]
    answered = [run for run in mine if run.flow != START] or mine
    if not s.accepted or not answered:
        return onward(s, s.say("correct.nothing"))
    if len(answered) == 1 and len(mine) == 1:
        return review(s, answered[0].flow)
    return show(s, Screen.CORRECT)


def review(s: Session, flow: str) -> Reply:
    """The person's answers in one flow; while one of them is open, that question."""
    run = next((run for run in runs.of_person(s.tx, s.person.id) if run.flow == flow), None)
    if run is None:
        return onward(s)
    s.take_up(run)
    return show(s, Screen.REVIEW) if s.open_question is None else onward(s)


def role(s: Session) -> Reply:
    """/rolle: asks again whom the person answers as. What they have answered stays."""
    if not s.accepted:
        return onward(s)
    run = next((run for run in runs.of_person(s.tx, s.person.id) if run.flow == START), None)
    if run is None:
        return onward(s)
    s.take_up(run)
    outcome = engine.take_turn(s.flow, s.respondent, s.answers, Reopened(s.flow.questions[0].id))
    if isinstance(outcome, Answer):
        s.save(outcome)
    return onward(s, s.say("role.stays"))


def language(s: Session) -> Reply:
    return show(s, Screen.LANGUAGE)


def speak(tx: Tx, house: ProcessHost, visit: Visit, language: Language) -> None:
    """Their language from now on; of somebody we do not know there is nothing to note."""
    s = load(tx, house, visit)
    if s is not None:
        people.speak(tx, s.person.id, language)


def privacy(s: Session) -> Reply:
    """/privatliv: the notice as it stands, whatever was said to it."""
    return screens.words(s, *s.plan.notice[s.language])


def help_(s: Session) -> Reply:
    contacts = s.plan.file.contacts
    notes = [s.say("help.what"), s.say("help.commands")]
    if s.roles:
        notes.append(s.say("help.leader"))
    return screens.words(s, *notes, s.say("help.contact", phone=contacts.phone, email=contacts.email))


def panel(path: str) -> Callable[[Session], Reply]:
    """The use case of a command that opens a panel. To someone without the right the command does not exist."""

    def case(s: Session) -> Reply:
        panel_navigation.admitted(acting_as.oneself(s), path)
        return acting_as.as_oneself(opened)(s)

    def opened(s: Session) -> Reply:
        return onward(s) if not s.accepted else open_panel(s, path)

    return or_unknown(case)


def or_unknown(use_case: Callable[[Session], Reply]) -> Callable[[Session], Reply]:
    """To someone without the right the command does not exist."""

    def case(s: Session) -> Reply:
        try:
            return use_case(s)
        except NotAllowed:
            return unknown(s)

    return case


def unknown(s: Session) -> Reply:
    return screens.words(s, s.say("said.unknown-command"), s.say("help.commands"))


def not_text(s: Session) -> Reply:
    """U8: a picture, a sticker, a voice message. Kindly refused, and the open question stays."""
    return screens.words(s, s.say("said.not-text"))


def forwarded(s: Session) -> Reply:
    return screens.words(s, s.say("said.forwarded"))


@acting_as.as_oneself
def stop(s: Session) -> Reply:
    """/stop: no more messages, and no mail address kept for any. Answers stay until they are deleted with /slet."""
    people.stop(s.tx, s.person.id, s.visit.now)
    email_addresses.forget(s.tx, s.person.id)
    coming = is_signed_up(s.tx, s.plan.process_id, s.person.id, s.visit.now)
    return screens.words(s, s.say("stop.done"), *((s.say("stop.still-coming"),) if coming else ()))


def erase(s: Session) -> Reply:
    """/slet: asks once, and says what will go."""
    return show(s, Screen.ERASE)


def spelled(command: str) -> str:
    """`/hjælp` as a Dane writes it → `hjaelp`, as commands are spelled: Telegram allows no æ, ø and å in them."""
    name = unicodedata.normalize("NFC", command.strip().casefold()).removeprefix("/")
    return name.replace("æ", "ae").replace("ø", "oe").replace("å", "aa")


def known(tx: Tx, house: ProcessHost, visit: Visit, use_case: Callable[[Session], Reply]) -> Reply:
    """The use case for somebody we know; anybody else is greeted first."""
    s = load(tx, house, visit)
    return start(tx, house, visit, "") if s is None else use_case(s)


# --- where looking is to leave no trace -------------------------------------------------------------------


class Unknown(LookupError):
    """Nobody we know is at this address."""


def somebody(tx: Tx, house: ProcessHost, visit: Visit) -> Session:
    """Raises Unknown."""
    s = load(tx, house, visit)
    if s is None:
        raise Unknown(visit.channel)
    return s


def nobody(tx: Tx, house: ProcessHost, visit: Visit) -> Session:
    """Somebody who has not begun, for what anybody may read; nothing of them is stored."""
    plan = house.plan(tx)
    stranger = people.stranger(plan.process_id, visit.language)
    return Session(tx, house, visit, plan, stranger, None)
