"""Back and forth between the processes that somebody takes part in: the command, its screen, and the move.

In another process the same address is another person to us (storage.people): with a yes, answers, roles and proofs of
their own, and no button of one means anything in the other.
"""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import acting_as, naming
from bot.dialogue.navigation import proceed, show
from bot.dialogue.reply import Move, Reply, Screen, Tap, Verb
from bot.dialogue.screens import button, left_as
from bot.dialogue.session import Context, Session, Visit, load, step_in
from storage import people
from storage.db import Tx


def are_several(tx: Tx, channel: str, address: str) -> bool:
    """Whether there is another process to go to from where the address is now."""
    here = people.at_address(tx, channel, address)
    known = people.processes_at(tx, channel, address)
    return here is not None and any(each != here.process_id for each in known)


@acting_as.as_oneself
def command(s: Session) -> Reply:
    return show(s, Screen.PROCESS)


def draw(s: Session) -> Reply:
    """Where they are, and a button for each of the others."""
    others = [each for each in people.processes_at(s.tx, *s.visit.at) if each != s.person.process_id]
    names = naming.the_processes(s.language, [s.plan, *(s.process_host.plan(s.tx, each) for each in others)])
    moves = tuple((Move(Verb.GO, s.say("switch.to", the_policy=names[each]), each),) for each in others)
    return Reply(
        language=s.language,
        screen=Screen.PROCESS,
        title=s.say("switch.which"),
        body=(s.say("switch.here", the_policy=names[s.plan.process_id]),),
        moves=(*moves, (button(s, Verb.CANCEL, "stay-here"),)),
    )


def tapped(s: Session, tap: Tap, seen: Reply) -> Reply:
    moved = _move(s, tap.place) if tap.verb is Verb.GO and tap.place is not None else None
    return left_as(proceed(s) if moved is None else moved, seen)


def go(tx: Tx, context: Context, visit: Visit, process_id: int) -> Reply | None:
    """To a process that they take part in; None where they do not."""
    s = load(tx, context, visit)
    return _move(acting_as.leave(s), process_id) if s is not None else None


def _move(s: Session, process_id: int) -> Reply | None:
    """They go on there where they were."""
    if process_id == s.person.process_id or process_id not in people.processes_at(s.tx, *s.visit.at):
        return None
    known = people.at_address_in(s.tx, *s.visit.at, process_id)
    if known is None:
        return None
    there = step_in(s, known)
    reply = proceed(there, naming.moved_to(there))
    return replace(reply, delivery=replace(reply.delivery, other_commands=True))
