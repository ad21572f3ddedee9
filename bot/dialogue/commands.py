"""Commands: a word does the same on every channel. Which there are stands in the table that the features fill."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bot import codes
from bot.access import NotAllowed, require, rights
from bot.dialogue import acting_as, screens
from bot.dialogue.navigation import proceed
from bot.dialogue.panel_navigation import admit, open_panel
from bot.dialogue.reply import Reply
from bot.dialogue.session import Command, Context, Session, Visit, load
from bot.flows.model import Language
from bot.process import policy_words
from storage import people
from storage.db import Tx

CommandUseCase = Callable[[Tx, Context, Visit, str], Reply]


def run(tx: Tx, context: Context, visit: Visit, name: str, rest: str = "") -> Reply:
    """Runs the command; `rest` is the text after its name. An unknown command, or one the person may not use, is
    answered as unknown."""
    command = context.tables.commands.get(normalise(name))
    if command is None:
        return command_for_known(unknown)(tx, context, visit, rest)
    try:
        return run_allowed(command, tx, context, visit, rest)
    except NotAllowed:
        return command_for_known(unknown)(tx, context, visit, rest)


def run_allowed(command: Command, tx: Tx, context: Context, visit: Visit, rest: str = "") -> Reply:
    """What the command does, for who has its right. Raises NotAllowed."""
    if command.right is not None:
        person = people.at_address(tx, visit.channel, visit.address)
        if person is None:
            return context.tables.stranger(tx, context, visit)
        require(people.roles(tx, person.entered_by or person.id), command.right)  # an entry for others has no rights
    if not is_offered(command, tx, *visit.at):
        raise NotAllowed(command.name)
    return command.run(tx, context, visit, rest)


def is_offered(command: Command, tx: Tx, channel: str, address: str) -> bool:
    """Whether it exists for who is there, whatever their rights."""
    return command.offered is None or command.offered(tx, channel, address)


def normalise(command: str) -> str:
    """`/hjælp` as a Dane writes it → `hjaelp`, as commands are spelled: Telegram allows no æ, ø and å in them."""
    return codes.spelled(codes.tidied(command)).removeprefix("/")


# --- what a command is made of ----------------------------------------------------------------------------


def for_known(use_case: Callable[[Session], Reply]) -> Callable[[Tx, Context, Visit], Reply]:
    """The use case for somebody we know; anybody else is greeted first."""

    def case(tx: Tx, context: Context, visit: Visit) -> Reply:
        s = load(tx, context, visit)
        return context.tables.stranger(tx, context, visit) if s is None else use_case(s)

    return case


def command_for_known(use_case: Callable[[Session], Reply]) -> CommandUseCase:
    """The same as a command that takes nothing behind its name."""
    case = for_known(use_case)
    return lambda tx, context, visit, _rest: case(tx, context, visit)


def panel(path: str) -> Callable[[Session], Reply]:
    """The use case of a command that opens a panel. Raises NotAllowed."""

    def case(s: Session) -> Reply:
        admit(acting_as.oneself(s), path)
        return acting_as.as_oneself(opened)(s)

    def opened(s: Session) -> Reply:
        return proceed(s) if not s.accepted else open_panel(s, path)

    return case


# --- help -------------------------------------------------------------------------------------------------


def every(context: Context) -> Iterable[Command]:
    """Each command once, in the order of the table."""
    return dict.fromkeys(context.tables.commands.values())


def help_(s: Session) -> Reply:
    contacts = s.plan.file.contacts
    notes = [s.say("help.what", the_policy=policy_words.the_policy(s.plan.file, s.language)), command_list(s)]
    if s.roles:
        notes.append(_listed_for_roles(s))
    return screens.words(s, *notes, s.say("help.contact", phone=contacts.phone, email=contacts.email))


def person(s: Session) -> Reply:
    """/menneske: how to reach one."""
    contacts = s.plan.file.contacts
    return screens.words(s, s.say("care.human", phone=contacts.phone, email=contacts.email))


def command_list(s: Session) -> str:
    """The commands that everybody has; on pages they stand in the menu instead."""
    if s.visit.pages:
        return s.say("help.pages")
    everybodys = (each for each in every(s.context) if each.listed and each.right is None)
    return "\n".join(_line(s, each) for each in everybodys if is_offered(each, s.tx, *s.visit.at))


def _listed_for_roles(s: Session) -> str:
    if s.visit.pages:
        return s.say("help.leader-pages")
    mine = rights(s.roles)
    theirs = [_line(s, each) for each in every(s.context) if each.listed and each.right in mine and each.right]
    return "\n".join((s.say("help.leader"), *theirs))


def _line(s: Session, command: Command) -> str:
    """«/ret – se og ret dine svar»."""
    what = s.say(f"command.{command.name}")
    said = what if what.startswith("I ") else what[:1].lower() + what[1:]  # English «I» is never small
    return f"/{name_in(s.language, command)} – {said}"


def name_in(language: Language, command: Command) -> str:
    """What the command is called in the language: an English name where it has one."""
    return command.english if command.english is not None and language == "en" else command.name


def unknown(s: Session) -> Reply:
    return screens.words(s, s.say("said.unknown-command"), command_list(s))


# --- where looking is to leave no trace -------------------------------------------------------------------


def nobody(tx: Tx, context: Context, visit: Visit, process_id: int | None = None) -> Session:
    """Somebody who has not begun, for what anybody may read; nothing of them is stored. Without an id in the default
    process."""
    plan = context.process_host.plan(tx, process_id)
    stranger = people.stranger(plan.process_id, visit.language)
    return Session(tx=tx, context=context, visit=visit, plan=plan, person=stranger, prompt=None)
