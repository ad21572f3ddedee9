"""How long the CSV of all answers takes, against the `sqlite3` command dumping the same rows unopened.

Here: a database as a process of that size would leave it, and the timing of both as whole processes.

`python -m bench.export [--answers 200000]`
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bot.features import process_file
from bot.flows import content, engine
from bot.flows.engine import Answer, Part
from bot.flows.model import YES, Flow, Group, Language, Question, QuestionKind, Respondent
from bot.process.flows import shipped_flows
from bot.process.loading import example, parse_file
from storage.db import Tx, connect, migrate
from storage.encryption import Keyring
from storage.sealed_columns import ANSWER, APART

RUNS = 7
OPENED = 1_772_000_000  # 25 February 2026
WEEKS = 26 * 7 * 86_400
AT_ONCE = 20  # people who answer at the same time, so that their rows lie between each other
_OPENINGS = ("Vi mangler", "Jeg synges med på", "Det er svært at finde", "Hos os savner vi", "- Flere", "Lad os få")

_THINGS = (
    "et sted at mødes om aftenen",
    "nogen at ringe til på kommunen",
    "unge i bestyrelsen",
    "kørsel til de ældre",
    "tid til at snakke sammen",
    "nøgler til hallen på Ådalsvej",
    "en kop kaffe og et «tak»",
    "hjælp til ansøgninger",
)

_ENDINGS = (
    "Det er gået ud over os i årevis, og så holder folk op.",
    "Sådan har det altid været; det kan gøres bedre!",
    "Min nabo siger det samme.\nDet er vi mange, der gør.",
    "Hvis I spørger mig, er det dét vigtigste.",
    "Ellers går det godt.",
    "Kan vi ikke prøve det i et halvt år?",
)

_DUMP = """SELECT answers.id, processes.key, runs.flow, answers.version, question, asked, runs.stakeholder, pseudonym,
                  channel, answers.language, content, skipped, sent_at, answers.revision,
                  datetime(answered_at, 'unixepoch')
           FROM answers JOIN runs ON runs.id = run_id JOIN people ON people.id = person_id
                        JOIN processes ON processes.id = process_id
           WHERE processes.key = '{process}';"""


def measure(answers: int) -> list[tuple[str, str]]:
    """What was measured and its figure, as rows of a table. Takes about a minute for 200,000 answers."""
    with tempfile.TemporaryDirectory(prefix="besyv-bench-") as folder:
        database, key_file = Path(folder, "besyv.db"), Path(folder, "besyv.key")
        process, rows = build(database, key_file, answers)
        ours: list[tuple[float, int]] = []
        lines: list[tuple[float, int]] = []
        theirs: list[tuple[float, int]] = []
        export = [
            sys.executable,
            "-m",
            "reports",
            "--database",
            str(database),
            "--key-file",
            str(key_file),
            "--process",
            process,
            "--out",
            str(Path(folder, "answers.out")),
            "--format",
        ]
        dump = ["sqlite3", "-csv", "-header", str(database), _DUMP.format(process=process)]
        for _ in range(RUNS):
            ours.append(_timed([*export, "csv"], Path(folder, "said")))
            theirs.append(_timed(dump, Path(folder, "dump.csv")))
            lines.append(_timed([*export, "jsonl"], Path(folder, "said")))
        size = database.stat().st_size
    own, other, json_lines = (statistics.median(seconds for seconds, _ in runs) for runs in (ours, theirs, lines))
    return [
        ("answers", f"{rows:,}"),
        ("database", f"{size / 1e6:.0f} MB"),
        ("our CSV, whole process, median", f"{own:.2f} s"),
        ("`sqlite3 -csv`, the same rows still encrypted, median", f"{other:.2f} s"),
        ("our CSV / `sqlite3 -csv`", f"{own / other:.2f}"),
        ("the same, quickest of each", f"{min(ours)[0] / min(theirs)[0]:.2f}"),
        ("our JSON lines, median", f"{json_lines:.2f} s"),
        ("our CSV, most memory", f"{max(peak for _, peak in ours) / 1024:.0f} MB"),
        ("our JSON lines, most memory", f"{max(peak for _, peak in lines) / 1024:.0f} MB"),
    ]


def _timed(command: list[str], output: Path) -> tuple[float, int]:
    """Seconds from start to end, and the most memory (KiB) the process had."""
    with output.open("wb") as file:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=file)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command[0]} failed")
    return seconds, used.ru_maxrss


# --- a database of that size --------------------------------------------------------------------------------


def build(database: Path, key_file: Path, answers: int) -> tuple[str, int]:
    """The key of the example process, and how many answers it got: as many as asked for, give or take a run."""
    chance = random.Random(1)  # the same database each time
    keys = Keyring.open_or_create(key_file)
    connection = connect(database)
    migrate(connection)
    connection.execute("PRAGMA synchronous = OFF")
    file = parse_file(example(), "example.yaml")
    flows = shipped_flows(file)
    connection.execute("BEGIN IMMEDIATE")
    process_file.save(Tx(connection, keys), file, flows, OPENED)
    rows = 0
    crowd: list[Iterator[bool]] = []
    number = 0
    while rows < answers or crowd:
        if rows < answers and len(crowd) < AT_ONCE:
            number += 1
            crowd.append(_person(connection, keys, chance, flows, number, OPENED + rows * WEEKS // answers))
        someone = chance.choice(crowd)
        apart = next(someone, None)
        if apart is None:
            crowd.remove(someone)
        else:
            rows += not apart
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return file.process, rows


def _person(
    connection: sqlite3.Connection, keys: Keyring, chance: random.Random, flows: list[Flow], number: int, at: int
) -> Iterator[bool]:
    """One person through some flows, an answer at a time. One in fifty thinks better of an earlier answer.
    Gives whether each answer is kept apart."""
    group = chance.choice(list(Group)[:7])
    respondent = Respondent(group=group, front=chance.random() < 0.5 and group is Group.ANSAT)
    language: Language = "en" if chance.random() < 0.05 else "da"
    told = (group.value, int(respondent.front))
    person = connection.execute(
        "INSERT INTO people (process_id, pseudonym, language, created_at, key_id) VALUES (1, ?, ?, ?, ?)",
        (f"P-{number:06d}", language, at, key_id := keys.people.new()),
    ).lastrowid
    capacity = connection.execute(
        "INSERT INTO capacities (person_id, in_use, stakeholder, front) VALUES (?, 1, ?, ?)", (person, *told)
    ).lastrowid
    mine = [flow for flow in flows if engine.path(flow, respondent, {})]
    for flow in chance.sample(mine, min(len(mine), chance.randint(1, 5))):
        run = connection.execute(
            """INSERT INTO runs (person_id, capacity_id, flow, version, started_at, sent_at, stakeholder, front)
               VALUES (?, ?, ?, 1, ?, ?, ?, ?)""",
            (person, capacity, flow.flow, at, at + 400 if chance.random() < 0.85 else None, *told),
        ).lastrowid
        assert run is not None
        answers: dict[str, Answer] = {}
        while (question := engine.open_question(flow, respondent, answers)) is not None:
            answers[question.id] = _answer(chance, question, respondent)
            at += chance.randint(5, 90)
            _insert(
                connection, keys, key_id, run, question, answers[question.id], language, respondent.speaks_for_many, at
            )
            yield question.apart
        if chance.random() < 0.02:
            for question in flow.questions:
                if question.id in answers and question.kind in (
                    QuestionKind.SINGLE,
                    QuestionKind.SCALE,
                    QuestionKind.YES_NO,
                ):
                    answer = _answer(chance, question, respondent)
                    written = content.write(question, answer, language, many=respondent.speaks_for_many)
                    connection.execute(
                        "UPDATE answers SET content = ?, skipped = ?, revision = 2 WHERE run_id = ? AND question = ?",
                        (
                            keys.seal_for(key_id, ANSWER.at(run, question.id, 2), written),
                            int(answer.skipped),
                            run,
                            question.id,
                        ),
                    )


def _insert(
    connection: sqlite3.Connection,
    keys: Keyring,
    key_id: bytes,
    run: int,
    question: Question,
    answer: Answer,
    language: Language,
    many: bool,
    at: int,
) -> None:
    place = (APART if question.apart else ANSWER).at(run, question.id, 1)
    connection.execute(
        f"""INSERT INTO {"answers_apart" if question.apart else "answers"}
                (run_id, question, version, revision, asked, language, channel, content, skipped, open, closed_once,
                 answered_at)
            VALUES (?, ?, 1, 1, ?, ?, 'telegram', ?, ?, 0, 1, ?)""",
        (
            run,
            question.id,
            question.text.to(language, many=many),
            language,
            keys.seal_for(key_id, place, content.write(question, answer, language, many=many)),
            int(answer.skipped),
            at,
        ),
    )


def _answer(chance: random.Random, question: Question, respondent: Respondent) -> Answer:
    if not question.required and chance.random() < 0.06:
        return Answer(question.id, skipped=True)
    seen = [choice.key for choice in engine.options(question)]
    match question.kind:
        case QuestionKind.TEXT | QuestionKind.CONTACT:
            return Answer(question.id, (_part(chance),))
        case QuestionKind.IDEAS:
            return Answer(question.id, tuple(_part(chance) for _ in range(chance.randint(1, 4))))
        case QuestionKind.MULTI:
            return Answer(
                question.id, keys=tuple(chance.sample(seen, chance.randint(1, min(question.most or 4, len(seen)))))
            )
        case QuestionKind.RANKING:
            return Answer(question.id, keys=tuple(chance.sample(seen, len(seen))))
        case QuestionKind.YES_NO if question.sets == "messages":
            return Answer(question.id, keys=(YES,))
        case QuestionKind.SINGLE if question.sets == "group" and respondent.group is not None:
            return Answer(question.id, keys=(respondent.group.value,))
        case QuestionKind.SINGLE | QuestionKind.SCALE | QuestionKind.YES_NO:
            return Answer(question.id, keys=(chance.choice(seen),))


def _part(chance: random.Random) -> Part:
    """20 to 300 characters of what people write."""
    text = f"{chance.choice(_OPENINGS)} {chance.choice(_THINGS)}"
    while len(text) < 230 and chance.random() < 0.6:
        text += f". {chance.choice(_ENDINGS)}"
    return Part(text, chance.randint(1, 900_000))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--answers", type=int, default=200_000)
    print("| what | figure |\n|---|---|")
    for name, figure in measure(parser.parse_args().answers):
        print(f"| {name} | {figure} |")


if __name__ == "__main__":
    main()
