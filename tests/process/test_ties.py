"""Where what was sent belongs does not depend on the order in which things came: people answer, entries are put on the
register, renamed, merged, removed and put back, the leader ties and undoes, in any order; after each step everything
that bears an entry's name stands at that entry, and nothing else does."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from functools import cache

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.dialogue import commands, dispatch
from bot.dialogue.reply import Reply, Screen, Tap
from bot.dialogue.session import Context, Visit
from bot.features import TABLES, process_file
from bot.features.identity import arrival
from bot.features.register import service, ties
from bot.flows.engine import Said
from bot.flows.loader import Item
from bot.flows.model import SPEAK_FOR_MANY
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from bot.texts import names
from storage import people, register
from storage import ties as stored
from storage.db import Tx, connect, migrate
from tests.support.bureau import NOW, OPEN, described
from tests.support.proven import proven
from tests.support.rows import keys
from tests.support.sizes import examples

FILE = described(linjer=OPEN).model_copy(update={"parties": ()})
NAMES = ("Havnens Venner", "Koret", "Spejderne i Ådalen")
SPELLED = {"Havnens Venner": "havnens-venner", "Koret": "KORET", "Spejderne i Ådalen": "Spejderne i Aadalen"}


@cache
def prepared() -> bytes:
    connection = connect(":memory:")  # type: ignore[arg-type]  # in memory
    migrate(connection)
    process_file.save(Tx(connection, keys()), FILE, shipped_flows(FILE), NOW)
    return connection.serialize()


@dataclass
class Town:
    """A database, and the truth beside it: which entry each name means, and where what each has sent stands."""

    meanings: dict[str, int] = field(default_factory=dict)  # folded name → entry
    before: dict[str, int] = field(default_factory=dict)  # what it meant until an entry of that name was put on
    at: dict[str, str] = field(default_factory=dict)  # who → the name they typed
    sent_as: dict[str, str] = field(default_factory=dict)  # who said whom they speak for → the name it had then
    stands: dict[str, int | None] = field(default_factory=dict)  # who → the entry
    by_name: set[str] = field(default_factory=set)  # who stands there by the name alone
    declined: set[str] = field(default_factory=set)  # who was asked for whom they speak, and did not say
    leaders: set[str] = field(default_factory=set)  # of whom the leader has said
    now: int = NOW

    def __post_init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.deserialize(prepared())
        self.connection.row_factory = sqlite3.Row
        self.connection.execute("PRAGMA foreign_keys = ON")
        self.tx = Tx(self.connection, keys())
        self.context = Context(ProcessHost(FILE.process), TABLES, proven)

    # --- people ---

    def answers(self, name: str) -> None:
        """An association of that name sends, and says that it is the entry where it is asked."""
        who = str(len(self.at))
        self.at[who], self.stands[who] = name, None
        seen = self._acts(who, None)
        while seen.screen != Screen.RECEIPT:
            seen = self._acts(who, self._next(seen, who))
        if (said := self.stands[who]) is not None:  # what is sent keeps the name of whom they said they speak for
            self.sent_as[who] = self._name(said)
        self._settle()

    def comes_back(self, who: str) -> None:
        """Somebody who has sent looks in again, and says whom they speak for if they are asked now."""
        if who not in self.at:
            return
        self.now += 60
        seen = commands.run(self.tx, self.context, self._visit(who), "fortsaet")
        if seen.screen == Screen.PARTY:
            self._acts(who, self._next(seen, who))
        self._settle()

    def _next(self, seen: Reply, who: str) -> Tap | str:
        labels = {move.label: move for move in seen.buttons}
        if seen.title == "Hvad hedder jeres forening, råd eller frivilligcenter?":
            return SPELLED[self.at[who]]
        if seen.screen == Screen.PARTY:
            meant = self.meanings.get(names.folded(self.at[who]))
            wanted = labels.get(self._name(meant) if meant is not None else "", seen.buttons[-1])
            self._says(who, meant if wanted is not seen.buttons[-1] else None)
        else:
            usual = ("Jeg er med", "Forening", "Idræt", "Nordby", "Nej", "Send", STEP, "Spring over")
            wanted = next(labels[label] for label in usual if label in labels)
        return Tap(seen.number, seen.revision, wanted.verb, wanted.place)

    def _says(self, who: str, party: int | None) -> None:
        if party is None:
            self.declined.add(who)
        if who in self.leaders:
            return
        if party is not None and (self.stands[who] is None or who in self.by_name):
            self.stands[who] = party
            self.by_name.discard(who)
        elif party is None and who in self.by_name:
            self.stands[who] = None
            self.by_name.discard(who)

    def _settle(self) -> None:
        """What stands nowhere stands where its name does."""
        for who, name in self.at.items():
            meant = self.meanings.get(names.folded(self.sent_as.get(who, name)))
            if self.stands[who] is None and who not in self.declined | self.leaders and meant is not None:
                self.stands[who] = meant
                self.by_name.add(who)

    def _visit(self, who: str) -> Visit:
        return Visit(channel="telegram", address=who, now=self.now, sent_at=self.now, prompt_seen=True)

    def _acts(self, who: str, what: Tap | str | None) -> Reply:
        self.now += 60
        visit, tx, context = self._visit(who), self.tx, self.context
        match what:
            case None:
                return arrival.start(tx, context, visit, "")
            case Tap():
                return dispatch.tapped(tx, context, visit, what)
            case _:
                return dispatch.said(tx, context, visit, Said(what, self.now))

    # --- the register ---

    def _name(self, party: int) -> str:
        found = register.by_id(self.tx, 1, party)
        assert found is not None
        return found.name

    def _entries(self) -> list[int]:
        return sorted(register.names(self.tx, 1).values())

    def lists(self, name: str) -> None:
        """As by hand, from a file, from the template, from a suggestion."""
        folded = names.folded(name)
        added = service.add(self.tx, 1, name, "by-hand", self.now)
        if self.meanings.get(folded, added) != added:
            self.before[folded] = self.meanings[folded]
        self.meanings[folded] = added
        self._settle()

    def renames(self, number: int) -> None:
        if entries := self._entries():
            party = entries[number % len(entries)]
            new = f"{self._name(party)} 2"
            if names.folded(new) not in register.names(self.tx, 1):
                ties.rename(self.tx, 1, party, new)
                self.meanings[names.folded(new)] = party

    def merges(self, number: int) -> None:
        entries = self._entries()
        if len(entries) > 1:
            party, into = entries[number % len(entries)], entries[(number + 1) % len(entries)]
            ties.merge(self.tx, 1, party, into)
            self.meanings = {name: into if at == party else at for name, at in self.meanings.items()}
            self.before = {name: into if at == party else at for name, at in self.before.items()}
            self.stands = {who: into if at == party else at for who, at in self.stands.items()}
            self._settle()

    def removes(self, number: int) -> None:
        if entries := self._entries():
            party = entries[number % len(entries)]
            ties.remove(self.tx, 1, party)
            self.before = {name: at for name, at in self.before.items() if at != party}
            gone_names = [name for name, at in self.meanings.items() if at == party]
            self.meanings = {name: at for name, at in self.meanings.items() if at != party}
            self.meanings |= {name: self.before.pop(name) for name in gone_names if name in self.before}
            gone = {who for who, at in self.stands.items() if at == party}
            self.stands |= dict.fromkeys(gone)
            self.by_name -= gone
            self.leaders -= gone
            self._settle()

    def undoes(self, who: str) -> None:
        if self.stands.get(who) is not None:
            ties.undo(self.tx, self._run(who).run_id)
            self._has_spoken(who, None)

    def ties(self, who: str, number: int) -> None:
        entries = self._entries()
        if entries and who in self.at:
            party = entries[number % len(entries)]
            ties.tie(self.tx, self._run(who).run_id, party)
            self._has_spoken(who, party)

    def _has_spoken(self, who: str, party: int | None) -> None:
        self.stands[who] = party
        self.by_name.discard(who)
        self.leaders.add(who)

    def _run(self, who: str) -> stored.SentRun:
        person = people.at_address(self.tx, "telegram", who)
        assert person is not None
        [run] = stored.of_capacity(self.tx, 1, person.capacity_id)
        return run

    def holds(self) -> None:
        for who, name in self.at.items():
            run = self._run(who)
            assert run.party_id == self.stands[who], (who, name, run.tied_by)
        progress = {each.party.id for each in register.progress(self.tx, 1, "linjer") if each.sent}
        assert progress == {*self.stands.values()} - {None}


STEP = "Hvad skal politikken handle om?"
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["answers"] * 5 + ["lists"] * 5 + ["comes back"] * 2 + ["renames", "merges", "removes", "undoes", "ties"]
        ),
        st.integers(0, 5),
    ),
    min_size=3,
    max_size=24,
)


@given(STEPS)
@example([("lists", 0), ("renames", 0), ("answers", 0), ("lists", 0), ("removes", 0)])
@settings(max_examples=examples(40), deadline=None)
def test_what_was_sent_stands_at_its_entry_whatever_came_first(steps: list[tuple[str, int]]) -> None:
    town = Town()
    for what, number in steps:
        name, who = NAMES[number % len(NAMES)], str(number)
        match what:
            case "answers":
                town.answers(name)
            case "lists":
                town.lists(name)
            case "comes back":
                town.comes_back(who)
            case "renames":
                town.renames(number)
            case "merges":
                town.merges(number)
            case "removes":
                town.removes(number)
            case "undoes":
                town.undoes(who)
            case _:
                town.ties(who, number)
        town.holds()


@given(st.permutations(["lists 0", "lists 1", "answers 0", "answers 0", "answers 1", "answers 2"]))
@settings(max_examples=examples(20), deadline=None)
def test_answered_before_the_list_or_after_it_is_the_same(order: list[str]) -> None:
    town = Town()
    for each in order:
        what, _, number = each.partition(" ")
        (town.answers if what == "answers" else town.lists)(NAMES[int(number)])
    sent = [(each.party.name, each.sent) for each in register.progress(town.tx, 1, "linjer")]
    assert sorted(sent) == [(NAMES[0], True), (NAMES[1], True)]
    counted = town.tx.all(
        "SELECT name, count(*) FROM runs JOIN parties ON parties.id = party_id WHERE flow = 'linjer' GROUP BY 1"
    )
    assert [tuple(row) for row in counted] == [(NAMES[0], 2), (NAMES[1], 1)]


# --- the process file -------------------------------------------------------------------------------------


def _listed(*parties: tuple[str, str]) -> Town:
    town = Town()
    _load(town, *parties)
    return town


def _load(town: Town, *parties: tuple[str, str]) -> None:
    file = FILE.model_copy(update={"parties": tuple(Item(key=key, da=name) for key, name in parties)})
    process_file.save(town.tx, file, shipped_flows(file), town.now)


def _rows(town: Town) -> list[tuple[str, str, int, str]]:
    listed = register.of_process(town.tx, 1)
    return sorted((entry.name, entry.kind, entry.must, entry.source) for entry in listed)


FILES = "process-file"


def test_the_parties_of_the_process_file_are_the_first_rows_of_the_register() -> None:
    town = _listed(("koret", "Koret"), ("aeldre", "Ældrerådet"), ("center", "Nordby frivilligcenter"))
    assert _rows(town) == [
        ("Koret", "forening", 0, FILES),
        ("Nordby frivilligcenter", "center", 0, FILES),
        ("Ældrerådet", "raad", 1, FILES),
    ]
    assert process_file.is_behind(town.tx) is False


def test_loaded_again_the_register_follows_the_file_and_what_the_leader_did_stands() -> None:
    town = _listed(("koret", "Koret"), ("venner", "Vennerne"), ("spejder", "Spejderne"), ("bank", "Banko"))
    by_name = {entry.name: entry.id for entry in register.of_process(town.tx, 1)}
    register.remove(town.tx, 1, by_name["Spejderne"])  # the leader
    ties.rename(town.tx, 1, by_name["Vennerne"], "Besøgsvennerne")
    register.mark_invited(town.tx, 1, by_name["Banko"], town.now)
    _load(town, ("koret", "Nordby Kor"), ("venner", "Vennerne i Nord"), ("spejder", "Spejderne"))
    names_now = [name for name, *_ in _rows(town)]
    assert names_now == ["Banko", "Besøgsvennerne", "Nordby Kor"]
    assert register.names(town.tx, 1)[names.folded("Nordby Kor")] == by_name["Koret"]
    _load(town)
    assert [name for name, *_ in _rows(town)] == ["Banko", "Besøgsvennerne"]


def test_what_the_file_lists_and_somebody_put_on_by_hand_is_one_entry() -> None:
    town = Town()
    town.lists("Koret")
    _load(town, ("koret", "KORET"))
    assert _rows(town) == [("Koret", "forening", 0, "by-hand")]
    _load(town)
    assert _rows(town) == [("Koret", "forening", 0, "by-hand")]


def test_what_was_sent_before_the_file_was_loaded_stands_at_its_entry() -> None:
    town = Town()
    town.answers("Koret")
    _load(town, ("koret", "Koret"))
    town.meanings[names.folded("Koret")] = register.names(town.tx, 1)[names.folded("Koret")]
    town._settle()
    town.holds()


def test_a_file_that_an_older_besyv_loaded_is_caught_up_with_once() -> None:
    town = _listed(("koret", "Koret"))
    town.tx.run("DELETE FROM file_parties")
    town.tx.run("DELETE FROM parties")
    assert process_file.is_behind(town.tx) is True
    process_file.catch_up(town.tx, town.now)
    assert [name for name, *_ in _rows(town)] == ["Koret"]
    assert process_file.is_behind(town.tx) is False


def test_the_questions_that_name_somebody_are_those_of_the_flows() -> None:
    flows = {flow.flow: flow for flow in shipped_flows(FILE)}
    assert flows["start"].question(ties.CALLED).sets == "association"
    hearing = flows["hoering"]
    for first, then in zip(ties.ON_BEHALF_OF, ties.FOR_WHOM, strict=True):
        asked, whom = hearing.question(first), hearing.question(then).when
        assert whom is not None and whom.question == first
        assert set(asked.keys) - set(whom.is_) == {ties.ONESELF, ties.OUR_OWN} & set(asked.keys)
    assert {each.value for each in hearing.question(ties.ON_BEHALF_OF[1]).who} == {
        each.value for each in SPEAK_FOR_MANY
    }
