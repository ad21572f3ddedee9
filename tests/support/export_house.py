"""A real database with a small question set of every kind, answered through the storage functions."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.flows import content, engine, loader
from bot.flows.engine import Answer, Part
from bot.flows.model import Flow, Group, Language, Respondent
from reports.answers import Format, export_answers
from reports.cells import from_cell
from reports.table_words import KEYS, TableWords
from storage import answers, people, processes, runs
from storage.answers import StoredAnswer
from storage.db import Tx, connect, migrate
from storage.encryption import Keyring
from storage.export import open_reading
from storage.people import Person
from storage.processes import FlowVersion
from storage.runs import Run

SPRING = 1_772_560_800  # 2026-03-03 19:00 in Denmark, 18:00 UTC
EVERYONE = "who: [alle]"


def flow(*questions: str, step: str = "faelles") -> Flow:
    """A flow of questions, each the YAML of one without its wording and theme."""
    listed = "".join(
        f'  - {question}\n    theme: wish\n    text:\n      da: "Spørgsmål?"\n      en: "Question?"\n'
        for question in questions
    )
    text = f'flow: faelles\nstep: {step}\ntitle:\n  da: "Møde"\n  en: "Meeting"\nquestions:\n{listed}'
    made = loader.load_flow(text, "test.yaml", {}, loader.Material())
    assert made is not None
    return made


def question(name: str, kind: str, *more: str, who: str = "alle", choices: Sequence[str] = ()) -> str:
    lines = [f"id: {name}", f"kind: {kind}", f"who: [{who}]", *more]
    if choices:
        lines.append("choices:")
        lines += [
            f'  - key: {key}\n        label:\n          da: "{key.title()}"\n          en: "{key}"' for key in choices
        ]
    return "\n    ".join(lines)


class House:
    """`run` is Kirsten's, who answers as a volunteer unless told otherwise."""

    def __init__(self, folder: Path, first: Flow) -> None:
        self.folder = folder
        self.database, self.key_file = folder / "besyv.db", folder / "besyv.key"
        self.keys = Keyring.open_or_create(self.key_file)
        self.connection = connect(self.database)
        migrate(self.connection)
        self.tx = Tx(self.connection, self.keys)
        self.process = processes.save(self.tx, "eksempel", "{}", SPRING)
        self.versions = [first]
        self._add_version(first)

    def _add_version(self, new: Flow) -> None:
        row = FlowVersion(new.flow, len(self.versions), loader.digest(new), loader.to_json(new))
        processes.add_flow_version(self.tx, self.process, row, SPRING)

    def change_questions(self, new: Flow) -> None:
        self.versions.append(new)
        self._add_version(new)

    def person(
        self, pseudonym: str = "P-1", group: Group | None = Group.FRIVILLIG, language: Language = "da"
    ) -> Person:
        found = people.by_id(self.tx, people.add(self.tx, self.process, pseudonym, language, SPRING))
        assert found is not None
        self.answer_as(found, group)
        return replace(found, stakeholder=group.value if group else None)

    def answer_as(self, person: Person, group: Group | None, *, front: bool = False) -> None:
        people.set_profile(self.tx, replace(person, stakeholder=group.value if group else None, front=int(front)))

    def begin(self, person: Person) -> Run:
        return runs.start(self.tx, person.id, "faelles", len(self.versions), SPRING)

    def answer(
        self, run: Run, answer: Answer, *, at: int = SPRING, revision: int = 1, version: int | None = None
    ) -> None:
        """Stores the answer as the conversation does."""
        person = people.by_id(self.tx, run.person_id)
        assert person is not None
        version = version or run.version
        asked = self.versions[version - 1].question(answer.question)
        respondent = Respondent(group=Group(person.stakeholder) if person.stakeholder else None)
        many = respondent.speaks_for_many
        language: Language = "da" if person.language == "da" else "en"
        written = content.write(asked, answer, language, many=many)
        row = StoredAnswer(
            question=asked.id,
            version=version,
            revision=revision,
            asked=asked.text.da,
            language=language,
            channel="telegram",
            content=written,
            skipped=answer.skipped,
            open=answer.open,
            closed_once=not answer.open,
            answered_at=at,
            apart=asked.apart,
        )
        answers.put(self.tx, run.id, row)

    def export(self, form: Format = "jsonl", out: str = "answers.out", words: TableWords = KEYS) -> Path:
        path = self.folder / out
        export_answers(open_reading(self.database), self.keys, "eksempel", path, form, words)
        return path

    def rows(self) -> list[dict[str, Any]]:
        text = self.export("jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.split("\n") if line]

    def cells(self, words: TableWords = KEYS) -> list[dict[str, str]]:
        """The CSV as a reader has it who undoes what was done for Excel."""
        text = self.export("csv", words=words).read_bytes().decode("utf-8-sig")
        table = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
        header = next(table)
        return [dict(zip(header, map(from_cell, row), strict=True)) for row in table]

    def statuses(self) -> dict[str, str]:
        return {row["question"]: row["status"] for row in self.rows()}


def wrote(question: str, *texts: str) -> Answer:
    return Answer(question, tuple(Part(read(text), number) for number, text in enumerate(texts, 100)))


def read(text: str) -> str:
    kept = engine.read(text)
    assert isinstance(kept, str)
    return kept


def chose(question: str, *keys: str) -> Answer:
    return Answer(question, keys=keys)
