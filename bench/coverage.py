"""How quickly coverage is answered with 100,000 people in 9 steps, against counting them afresh, and what keeping the
counters costs whoever is counted.

Here: a database as a process of that size would leave it but for the answers themselves, and the timing.

`python -m bench.coverage [--people 100000]`
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from bot.dialogue import commands
from bot.dialogue.session import Context, Visit, load
from bot.features import TABLES, process_file
from bot.features.coverage import service as coverage
from bot.features.coverage import snapshots
from bot.flows.model import Group
from bot.flows.schedule import DAY
from bot.process.file import ProcessFile
from bot.process.flows import flow_keys, shipped_flows
from bot.process.host import ProcessHost
from bot.process.loading import example, parse_file
from bot.process.plan import START
from storage import coverage_counters, people, runs
from storage.db import Tx, connect, migrate
from storage.encryption import Keyring

STEPS = 9
AREAS, DEPARTMENTS, ENTRIES = 20, 12, 850
ROUNDS = 50
NOW = 1_772_500_000
PROCESS = 1
STEERING_LOOKS = "the numbers, for the steering group"
PUBLISHED = "the steering group's numbers, published"  # once a day
LEADER, STEERING = "leader", "steering"

# One group in so many hundredths: most are volunteers and citizens.
_GROUPS = {
    Group.FRIVILLIG: 34,
    Group.FORENING: 16,
    Group.RAAD_CENTER: 2,
    Group.BORGER: 32,
    Group.ANSAT: 12,
    Group.LEDER: 2,
    Group.POLITIKER: 1,
    "": 1,
}

_SIZES = ("0-9", "10-24", "25-49", "50-99", "100+", "ved_ikke")


@dataclass(frozen=True, slots=True)
class Milliseconds:
    median: float
    worst: float


@dataclass(frozen=True, slots=True)
class Figures:
    people: int
    counted: int  # rows of counters
    recount: Milliseconds
    answered: dict[str, Milliseconds]  # what was asked → how long it took
    kept: dict[str, tuple[float, float]]  # what somebody does → microseconds with and without the counters


def measure(participants: int = 100_000, rounds: int = ROUNDS) -> Figures:
    with tempfile.TemporaryDirectory(prefix="besyv-bench-") as folder:
        keys = Keyring.open_or_create(Path(folder, "besyv.key"))
        with closing(connect(Path(folder, "besyv.db"))) as connection:
            process_host = build(connection, keys, participants)
            tx = Tx(connection, keys)
            answered = {
                what: _timed(ask, rounds, lambda round_: _somebody_sends(tx, round_))
                for what, ask in _asked(tx, process_host).items()
            }
            if not coverage_counters.agree(tx, PROCESS):
                raise SystemExit("the counters are not what a recount says")
            counted = coverage_counters.of_process(tx, PROCESS)
            recount = _timed(lambda: coverage_counters.recounted(tx, PROCESS), 3)
            kept = _kept(tx, participants)
        return Figures(participants, len(counted), recount, answered, kept)


def _asked(tx: Tx, process_host: ProcessHost) -> dict[str, Callable[[], object]]:
    plan = process_host.plan(tx)
    steps = [flow for flow in plan.flows if flow != START][:STEPS]
    days = count(1)

    def publish() -> None:
        snapshots.refresh(tx, plan, NOW + next(days) * DAY)

    def panel(path: str, address: str) -> Callable[[], object]:
        situation = load(
            tx,
            Context(process_host, TABLES),
            Visit(channel="terminal", address=address, now=NOW, sent_at=NOW, prompt_seen=True),
        )
        assert situation is not None  # they were built in
        return lambda: commands.panel(path)(situation)

    return {
        "the numbers, for the leader": lambda: coverage.look(tx, PROCESS, steps),
        STEERING_LOOKS: lambda: snapshots.look(tx, plan, steps, NOW),
        PUBLISHED: publish,
        "how the register stands": lambda: coverage.of_register(tx, PROCESS),
        "the register in one step": lambda: coverage.of_register(tx, PROCESS, steps[1]),
        "`/status`, all of its text, for the leader": panel("daekning", LEADER),
        "`/daekning`, all of its text, for the steering group": panel("daekning", STEERING),
        "«Gode råd fra guiden», all of its text, for the leader": panel("raad", LEADER),
    }


def _somebody_sends(tx: Tx, round_: int) -> None:
    """Between two looks: nothing that was worked out before holds any more."""
    tx.run("UPDATE runs SET sent_at = CASE WHEN sent_at IS NULL THEN 1 END WHERE id = :id", id=round_ + 1)


def _kept(tx: Tx, participants: int) -> dict[str, tuple[float, float]]:
    """The same with the triggers and without, in turns; nothing of it is kept. Many in one transaction, as the bot
    commits what comes at the same time: a wait for the disk would hide the rest."""
    acts = {"a step begun": _begins, "a step sent": _sends, "a profile changed, 9 steps begun": _moves}
    found: dict[str, tuple[list[float], list[float]]] = {what: ([], []) for what in acts}
    chosen = random.Random(3).sample(range(1, participants + 1), min(500, participants))
    for _ in range(5):
        for what, act in acts.items():
            for place, without in enumerate((False, True)):
                with _taken_back(tx, chosen, without=without):
                    found[what][place].append(_microseconds(tx, act, chosen))
    return {what: (statistics.median(with_), statistics.median(without)) for what, (with_, without) in found.items()}


def _microseconds(tx: Tx, act: Callable[[Tx, int], None], chosen: list[int]) -> float:
    begun = time.perf_counter()
    for person in chosen:
        act(tx, person)
    return (time.perf_counter() - begun) * 1e6 / len(chosen)


def _begins(tx: Tx, person: int) -> None:
    runs.start(tx, person, "another", 1, NOW)


def _sends(tx: Tx, person: int) -> None:
    runs.mark_sent(tx, person * STEPS, NOW)


def _moves(tx: Tx, person: int) -> None:
    told = people.by_id(tx, person)
    if told is not None:
        people.set_profile(tx, replace(told, area="area-3", stakeholder=Group.BORGER, department=None, front=None))


@contextmanager
def _taken_back(tx: Tx, chosen: list[int], *, without: bool) -> Iterator[None]:
    """The last step of those chosen is not sent, and `without` nothing is counted; afterwards all is as it was."""
    tx.run("SAVEPOINT bench")
    for person in chosen:
        tx.run("UPDATE runs SET sent_at = NULL WHERE id = :id", id=person * STEPS)
    counting = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%tally%'"
    for row in tx.all(counting) if without else ():
        tx.run(f"DROP TRIGGER {row['name']}")
    yield
    tx.run("ROLLBACK TO bench")
    tx.run("RELEASE bench")


def _timed(ask: Callable[[], object], rounds: int, between: Callable[[int], None] = lambda _: None) -> Milliseconds:
    ask()  # what is read once is read now
    took = []
    for round_ in range(rounds):
        between(round_)
        begun = time.perf_counter()
        ask()
        took.append((time.perf_counter() - begun) * 1000)
    return Milliseconds(statistics.median(took), max(took))


# --- a database of that size --------------------------------------------------------------------------------


def build(connection: sqlite3.Connection, keys: Keyring, participants: int) -> ProcessHost:
    """Everybody in every step, nine in ten sent; a register, for whose entries a tenth of the people speak."""
    migrate(connection)
    connection.execute("PRAGMA synchronous = OFF")
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")  # counted in one go at the end
    connection.execute("BEGIN")
    tx, file = Tx(connection, keys), _file()
    process_file.save(tx, file, shipped_flows(file), NOW)
    process_host = ProcessHost(file.process)
    steps = [flow for flow in process_host.plan(tx).flows if flow != START][:STEPS]
    chance = random.Random(1)  # the same database each time
    connection.executemany(
        """INSERT INTO parties (id, process_id, name, folded, kind, tags, source, invited_at, added_at)
           VALUES (?, 1, ?, ?, 'forening', '[]', 'file', ?, 0)""",
        [(n, f"Forening {n}", f"forening {n}", NOW if chance.random() < 0.9 else None) for n in range(1, ENTRIES + 1)],
    )
    connection.executemany(
        """INSERT INTO people (id, process_id, pseudonym, language, notice_version, notice_at, created_at)
           VALUES (?, 1, ?, 'da', 'v', 0, 0)""",
        ((number, f"p{number}") for number in range(1, participants + 1)),
    )
    connection.executemany(
        """INSERT INTO capacities (id, person_id, in_use, stakeholder, front, department, area, size, party_id)
           VALUES (?1, ?1, 1, nullif(?2, ''), ?3, ?4, ?5, ?6, ?7)""",
        ((number, *_profile(chance)) for number in range(1, participants + 1)),
    )
    connection.executemany(
        """INSERT INTO runs (id, person_id, capacity_id, flow, version, started_at, sent_at, stakeholder, front,
                             department, area, size, party_id)
           SELECT ?1, id, id, ?3, 1, 0, ?4, stakeholder, front, department, area, size, party_id
           FROM capacities WHERE id = ?2""",
        (
            ((person - 1) * STEPS + place, person, flow, NOW if chance.random() < 0.9 else None)
            for person in range(1, participants + 1)
            for place, flow in enumerate(steps, 1)
        ),
    )
    connection.execute("INSERT INTO tally SELECT * FROM recount")
    connection.execute("INSERT INTO entry_tally SELECT * FROM entry_recount")
    connection.execute("INSERT INTO further_tally SELECT * FROM further_recount")
    for _, sql in triggers:
        connection.execute(sql)
    for role in (LEADER, STEERING):
        holder = people.add(tx, PROCESS, role, "da", NOW)
        people.accept_notice(tx, holder, process_host.plan(tx).notice.version, NOW)
        people.enter(tx, "terminal", role, holder, NOW)
        people.grant(tx, holder, role, NOW)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return process_host


def _file() -> ProcessFile:
    """The example with as many areas and departments as a large municipality has, and nine steps under way. `build`
    adds the register itself."""
    shipped = parse_file(example(), "example.yaml")
    steps = [{"flow": flow} for flow in flow_keys() if flow != START][:STEPS]
    areas = [{"key": f"area-{n}", "da": f"Område {n}", "en": f"Area {n}"} for n in range(AREAS)]
    departments = [{"key": f"dep-{n}", "da": f"Forvaltning {n}", "en": f"Department {n}"} for n in range(DEPARTMENTS)]
    written = shipped.model_dump(mode="json")
    ours = {"steps": steps, "areas": areas, "departments": departments, "parties": []}
    return ProcessFile.model_validate({**written, **ours})


def _profile(chance: random.Random) -> tuple[object, ...]:
    [group] = chance.choices(list(_GROUPS), list(_GROUPS.values()))
    staff, local = group in (Group.ANSAT, Group.LEDER), group in (Group.FRIVILLIG, Group.FORENING, Group.BORGER)
    return (
        str(group),
        chance.randrange(2) if group == Group.ANSAT else None,
        f"dep-{chance.randrange(DEPARTMENTS)}" if staff else None,
        f"area-{chance.randrange(AREAS)}" if local else None,
        chance.choice(_SIZES) if group == Group.FORENING else None,
        chance.randint(1, ENTRIES) if group in (Group.FORENING, Group.RAAD_CENTER) and chance.random() < 0.6 else None,
    )


def report(figures: Figures) -> Iterator[str]:
    recount = figures.recount.median
    yield f"{figures.people:,} people in {STEPS} steps, {ENTRIES} entries; {figures.counted:,} counters."
    yield f"A recount takes {recount:,.0f} ms.\n"
    yield "| asked | ms, median | worst | recount ÷ it |\n|---|---|---|---|"
    for what, took in figures.answered.items():
        yield f"| {what} | {took.median:.2f} | {took.worst:.2f} | {recount / took.median:,.0f} |"
    yield "\n| done | µs, counted | µs, uncounted | ratio |\n|---|---|---|---|"
    for what, (counted, uncounted) in figures.kept.items():
        yield f"| {what} | {counted:.0f} | {uncounted:.0f} | {counted / uncounted:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=100_000)
    print("\n".join(report(measure(parser.parse_args().people))))


if __name__ == "__main__":
    main()
