"""What was sent stands: what somebody answered as, and that it was sent, changes by nothing but its own correction.

People press whatever button there is, write, change whom they answer as, correct, and are erased, in any order; the
counters, a recount and the export say the same all along.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue import commands, dispatch
from bot.dialogue.reply import Reply, Tap, Verb
from bot.dialogue.session import Context, Visit
from bot.features import TABLES, process_file
from bot.features.identity import arrival
from bot.flows.engine import Said
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from reports import answers as export
from storage import answers, capacities, coverage_counters, people, register
from storage.db import Tx, connect, migrate
from storage.encryption import Keyring
from tests.support.bureau import NOW, OPEN, described
from tests.support.proven import proven
from tests.support.rows import keys
from tests.support.sizes import examples

FILE = described(plan=OPEN, linjer=OPEN, opfoelgning=OPEN)
WORDS = ("Frivillig", "Forening", "Borger", "En bænk ved søen", "Nordby IF", "3", "Ja", "Spring over", "Færdig")
Json = dict[str, Any]


@cache
def prepared() -> bytes:
    connection = connect(":memory:")  # type: ignore[arg-type]  # in memory
    migrate(connection)
    tx = Tx(connection, keys())
    process_file.save(tx, FILE, shipped_flows(FILE), NOW)
    for name in ("Nordby IF", "Havnens Venner"):
        entry = register.NewParty(name=name, folded=name.casefold(), kind="forening", source="by-hand", size="10-24")
        register.put(tx, 1, entry, NOW)
    return connection.serialize()


class Town:
    """One database and some people at their phones, without a channel in between."""

    def __init__(self) -> None:
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.deserialize(prepared())
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        self.keys: Keyring = keys()
        self.connection, self.tx = connection, Tx(connection, self.keys)
        self.context = Context(ProcessHost(FILE.process), TABLES, proven)
        self.now = NOW
        self.seen: dict[str, Reply] = {}

    def does(self, who: str, what: str, number: int) -> None:
        self.now += 60
        visit, tx, context = (
            Visit(channel="telegram", address=who, now=self.now, sent_at=self.now),
            self.tx,
            self.context,
        )
        seen = self.seen.get(who)
        if what in ("tap", "on") and seen is not None and seen.buttons:
            moves = [move for move in seen.buttons if move.verb not in (Verb.SPEAK, Verb.ERASE, Verb.PAUSE)]
            onwards = [move for move in moves if what == "on" and move.verb in ONWARDS]
            move = (onwards or moves)[number % len(onwards or moves)]
            reply = dispatch.tapped(tx, context, visit, Tap(seen.number, seen.revision, move.verb, move.place))
        elif what == "say":
            reply = dispatch.said(tx, context, visit, Said(WORDS[number % len(WORDS)], self.now))
        elif what == "erase" and (person := people.at_address(tx, "telegram", who)) is not None:
            people.erase(tx, person.id)
            self.seen.pop(who, None)
            return
        elif what == "steer" and (person := people.at_address(tx, "telegram", who)) is not None:
            people.grant(tx, person.id, "steering", self.now)
            return
        elif what == "rename":
            tx.run("UPDATE parties SET name = name || '*' WHERE id = 1 + :number % 2", number=number)
            return
        elif what in ("rolle", "ret", "fortsaet"):
            reply = commands.run(tx, context, visit, what)
        else:
            reply = arrival.start(tx, context, visit, "")
        if reply.number:
            self.seen[who] = reply

    # --- what is kept ---

    def sent(self) -> dict[int, tuple[object, ...]]:
        """By run: what it was sent as."""
        rows = self.tx.all(
            """SELECT id, stakeholder, front, field, department, area, size, party, capacity_id, sent_at FROM runs
               WHERE sent_at IS NOT NULL AND flow <> 'start'"""
        )
        return {row["id"]: tuple(row) for row in rows}

    def answered(self) -> dict[int, list[tuple[object, ...]]]:
        """By run: its answers as they lie there."""
        found: dict[int, list[tuple[object, ...]]] = {}
        for row in self.tx.all(
            "SELECT run_id, id, question, revision, skipped, open, content FROM answers ORDER BY id"
        ):
            content = answers.opened(self.tx, row)
            found.setdefault(row["run_id"], []).append(
                (row["id"], row["revision"], row["skipped"], row["open"], content)
            )
        return found

    def exported(self) -> dict[int, list[Json]]:
        """By run: the rows of the export."""
        lines: list[bytes] = []
        export.write(self.connection, self.keys, FILE.process, "jsonl", lines.append)
        run_of = {row["id"]: row["run_id"] for row in self.tx.all("SELECT id, run_id FROM answers")}
        found: dict[int, list[Json]] = {}
        for line in b"".join(lines).splitlines():
            row = json.loads(line)
            found.setdefault(run_of[int(row["answer_id"])], []).append(row)
        return found


ONWARDS = (Verb.SKIP, Verb.SEND, Verb.GO, Verb.KEEP)
ACTIONS = ["on"] * 24 + ["tap"] * 6 + ["say"] * 3 + ["rolle"] * 2 + ["ret", "fortsaet", "fortsaet", "steer", "rename"]
STORIES = st.lists(
    st.tuples(st.sampled_from(["anna", "bo"]), st.sampled_from(ACTIONS), st.integers(0, 7)), min_size=40, max_size=120
)


@given(STORIES)
@settings(max_examples=examples(40), deadline=None)
def test_a_sent_run_changes_by_its_own_correction_alone_and_all_counts_agree(story: list[tuple[str, str, int]]) -> None:
    town = Town()
    for who in ("anna", "bo"):
        for what, number in (("start", 0), ("tap", 0), ("tap", 0), *(("on", 0),) * 16):
            town.does(who, what, number)
    sent, answered, exported = town.sent(), town.answered(), town.exported()
    for step in (*story, (story[0][0], "erase", 0)):
        town.does(*step)
        sent_now, answered_now, exported_now = town.sent(), town.answered(), town.exported()
        for run, as_sent in sent.items():
            if run in answered_now and answered_now[run] == answered[run]:
                assert sent_now.get(run) == as_sent, step
                assert exported_now[run] == exported[run], step
            elif run in sent_now:
                assert sent_now[run] == as_sent, step
        sent, answered, exported = sent_now, answered_now, exported_now
        counted_alike(town)
        for person in town.tx.all("SELECT id FROM people"):
            assert capacities.in_use(town.tx, person["id"])


def counted_alike(town: Town) -> None:
    counted = coverage_counters.of_process(town.tx, 1)
    assert sorted(map(repr, counted)) == sorted(map(repr, coverage_counters.recounted(town.tx, 1)))
    by_group: Counter[tuple[str, str]] = Counter()
    for rows in town.exported().values():
        first = rows[0]
        if first["flow"] != "start" and any(row["status"] == "sent" for row in rows):
            by_group[first["flow"], first["group"]] += int(first["people"])
    from_counters: Counter[tuple[str, str]] = Counter()
    for count in counted:
        if count.sent:
            from_counters[count.flow, count.stakeholder] += count.sent
    assert from_counters == by_group
