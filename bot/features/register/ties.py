"""Ties: to which entry of the register what was sent belongs. By what its sender said, by the entry's own link, by the
facilitator who entered it, by its name, or by the leader, who can undo each.

A name ties what bears it whenever it was sent, before the entry stood in the register or after. In the hearing what is
said, or is called so, is presumed until the leader or the entry's own link confirms it (docs/decisions/0030).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.flows import content
from bot.flows.model import SPEAK_FOR_MANY
from bot.process.plan import HEARING
from bot.texts import names
from storage import register, ties
from storage.db import Tx
from storage.people import Person
from storage.ties import SentRun

ON_BEHALF_OF = (
    "H1",
    "H1a",
)  # »Hvem svarer du på vegne af?«; the other is asked of associations, which said who they are
ONESELF, OUR_OWN = "mig_selv", "os_selv"  # what they choose: themselves alone, or the association they named
FOR_WHOM = ("H2", "H2a")  # »Hvad hedder den gruppe, du svarer for?«
CALLED = "S2"  # »Hvad hedder jeres forening?«


class TiedBy(StrEnum):
    SAID = "said"
    LINK = "link"  # its own
    ENTERED = "entered"  # a facilitator says whom it is for
    NAME = "name"
    LEADER = "leader"
    UNDONE = "undone"  # by the leader: no name ties it again


_PRESUMED = (TiedBy.SAID, TiedBy.NAME)
_LEADERS = (TiedBy.LEADER, TiedBy.UNDONE)


def is_presumed(run: SentRun) -> bool:
    return run.flow == HEARING and run.party_id is not None and run.tied_by in _PRESUMED


def presumed(tx: Tx, process_id: int) -> list[SentRun]:
    """What waits for the leader's word, the newest first."""
    return ties.tied_in(tx, process_id, HEARING, _PRESUMED)


# --- names ------------------------------------------------------------------------------------------------


def key_of(folded: str) -> str:
    """Stands for a name where it must not stand itself."""
    return hashlib.sha256(folded.encode()).hexdigest()[:24]


def meanings(tx: Tx, process_id: int) -> Callable[[str], int | None]:
    """Which entry a name means: one of that name, or the one that the leader said it means."""
    entries, decided = register.names(tx, process_id), register.decided(tx, process_id)

    def meant(name: str) -> int | None:
        folded = names.folded(name)
        return entries.get(folded) or decided.get(key_of(folded))

    return meant


def _meant(tx: Tx, process_id: int, name: str) -> int | None:
    """The same, of one name."""
    folded = names.folded(name)
    entry = register.by_folded(tx, process_id, folded)
    return entry.id if entry is not None else register.decided_of(tx, process_id, key_of(folded))


@dataclass(frozen=True, slots=True)
class ToldNames:
    """What people said of whom they answer for."""

    called: dict[int, str]  # by capacity
    for_whom: dict[int, str]  # by run of the hearing
    for_oneself: frozenset[int]  # runs of the hearing

    def name(self, run: SentRun) -> str | None:
        """Whom it is for, by its sender's words; None where they would not say, or answer for themselves."""
        if run.run_id in self.for_oneself:
            return None
        if run.run_id in self.for_whom:
            return self.for_whom[run.run_id]
        if run.party is not None:
            return run.party
        if run.declined or run.stakeholder not in SPEAK_FOR_MANY or run.capacity_id is None:
            return None
        return self.called.get(run.capacity_id)


def names_told(tx: Tx, process_id: int, capacity_id: int = ties.ALL) -> ToldNames:
    """Of what was sent in one capacity, or in all."""
    called: dict[int, str] = {}
    for each in ties.told(tx, process_id, "start", (CALLED,), capacity_id):
        if each.capacity_id is not None and (name := _name_in(each.content)):
            called[each.capacity_id] = name
    for_whom: dict[int, str] = {}
    for_oneself: set[int] = set()
    for_our_own: set[int] = set()
    for each in ties.told(tx, process_id, HEARING, (*ON_BEHALF_OF, *FOR_WHOM), capacity_id):
        chosen = content.read(each.content).keys
        if each.question in FOR_WHOM and (name := _name_in(each.content)):
            for_whom[each.run_id] = name
        elif each.question in ON_BEHALF_OF and ONESELF in chosen:
            for_oneself.add(each.run_id)
        elif each.question in ON_BEHALF_OF and OUR_OWN in chosen:
            for_our_own.add(each.run_id)
    for_others = {run_id: name for run_id, name in for_whom.items() if run_id not in for_our_own}
    return ToldNames(called, for_others, frozenset(for_oneself))


def _name_in(written: str) -> str:
    stored = content.read(written)
    return "" if stored.keys else names.on_one_line(" ".join(part.text for part in stored.parts))


# --- tied -------------------------------------------------------------------------------------------------


def by_name(tx: Tx, process_id: int) -> None:
    """Ties what was sent to the entry whose name it bears, after the register has changed."""
    waiting = [run for run in ties.untied(tx, process_id) if run.tied_by != TiedBy.UNDONE]
    if not waiting:
        return
    told, meant = names_told(tx, process_id), meanings(tx, process_id)
    for run in waiting:
        name = told.name(run)
        if name is not None and (party_id := meant(name)) is not None:
            ties.tie(tx, run.run_id, party_id, TiedBy.NAME)


def at_sending(tx: Tx, process_id: int, run_id: int) -> None:
    """Ties what has just been sent, or corrected after that, by the name it bears. In the hearing whom one answers for
    is asked each time; who answers for themselves answers for nobody of the register."""
    run = ties.by_id(tx, process_id, run_id)
    if run is None or run.capacity_id is None or run.tied_by in _LEADERS:
        return
    if run.flow != HEARING and not _goes_by_name(run):
        return
    told = names_told(tx, process_id, run.capacity_id)
    if run.run_id in told.for_oneself:
        ties.unsay(tx, run.run_id)
        return
    name = told.name(run)
    named = _meant(tx, process_id, name) if name is not None else None
    if run.party_id is None or run.tied_by == TiedBy.NAME:
        by = TiedBy.NAME if named is not None else None
        if (named, by) != (run.party_id, run.tied_by):
            ties.tie(tx, run.run_id, named, by)
    elif run.tied_by == TiedBy.SAID and run.run_id in told.for_whom and named not in (None, run.party_id):
        ties.unsay(tx, run.run_id)
        ties.tie(tx, run.run_id, named, TiedBy.NAME)


def _goes_by_name(run: SentRun) -> bool:
    """Whether a name can tie what was sent elsewhere than in the hearing."""
    by_name = run.party_id is None or run.tied_by == TiedBy.NAME
    return by_name and (run.party is not None or run.stakeholder in SPEAK_FOR_MANY)


def said(tx: Tx, process_id: int, person: Person, party_id: int | None) -> None:
    """Somebody has said whom they speak for, or that they do not say: what they had sent as that follows."""
    by = TiedBy.LINK if party_id is not None and party_id == person.invited_as else TiedBy.SAID
    told, meant = names_told(tx, process_id, person.capacity_id), meanings(tx, process_id)
    for run in ties.of_capacity(tx, process_id, person.capacity_id):
        if run.tied_by in _LEADERS or run.stakeholder not in SPEAK_FOR_MANY or run.run_id in told.for_oneself:
            continue
        if run.run_id in told.for_whom and meant(told.for_whom[run.run_id]) not in (None, party_id):
            continue  # that answer names somebody else
        if party_id is None and run.tied_by == TiedBy.NAME and run.run_id not in told.for_whom:
            ties.tie(tx, run.run_id, None, None)
        elif party_id is not None and (run.party_id in (None, party_id) or run.tied_by == TiedBy.NAME):
            ties.tie(tx, run.run_id, party_id, by)


# --- the leader's word ------------------------------------------------------------------------------------


def tie(tx: Tx, run_id: int, party_id: int) -> None:
    ties.tie(tx, run_id, party_id, TiedBy.LEADER)


def undo(tx: Tx, run_id: int) -> None:
    ties.tie(tx, run_id, None, TiedBy.UNDONE)


def same_as(tx: Tx, process_id: int, key: str, party_id: int) -> None:
    """The leader says which entry a name means: all that was sent under it is tied, and what comes bears that name."""
    register.decide(tx, process_id, key, party_id)
    told = names_told(tx, process_id)
    for run in ties.untied(tx, process_id):
        name = told.name(run)
        if name is not None and key_of(names.folded(name)) == key:
            tie(tx, run.run_id, party_id)


def rename(tx: Tx, process_id: int, party_id: int, name: str) -> None:
    """The name it had means it still, where people write that."""
    before = register.by_id(tx, process_id, party_id)
    folded = names.folded(name)
    if before is not None and before.folded != folded:
        register.decide(tx, process_id, key_of(before.folded), party_id)
    register.rename(tx, process_id, party_id, name, folded)
    by_name(tx, process_id)


def remove(tx: Tx, process_id: int, party_id: int) -> None:
    """What was sent for it stands, under the name it was sent with; another entry of that name takes it up."""
    register.remove(tx, process_id, party_id)
    by_name(tx, process_id)


def merge(tx: Tx, process_id: int, party_id: int, into: int) -> None:
    """Two entries are one: what was sent for either is the other's, and either name means it."""
    before = register.by_id(tx, process_id, party_id)
    ties.merge(tx, process_id, party_id, into)
    register.remove(tx, process_id, party_id)
    if before is not None:
        register.decide(tx, process_id, key_of(before.folded), into)
    by_name(tx, process_id)
