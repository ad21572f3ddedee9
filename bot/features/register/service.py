"""The register of whom to hear: importing a file, the template, names that people gave. Files themselves: reports."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from importlib.resources import files
from itertools import chain

import yaml
from pydantic import TypeAdapter

from bot import texts
from bot.features.register import ties
from bot.features.register.previews import PREVIEWS
from bot.features.register.ties import FOR_WHOM, key_of
from bot.flows import content, safeguarding
from bot.flows.loader import Item
from bot.flows.model import LANGUAGES, Group, Language
from bot.process.plan import Plan
from bot.texts import names
from reports.register import (
    LONGEST_NAME,
    CellWords,
    FileRow,
    FileTable,
    PartyKind,
    Preview,
    RegisterEntry,
    RegisterField,
    preview,
)
from storage import answers, audit, capacities, register
from storage import ties as stored_ties
from storage.db import TakesTime, Tx
from storage.register import NewParty, Party, RegisterImport

MISSING_QUESTION = "A1"  # «Hvem mangler vi at spørge?»

# What a cell may say for each kind, in both languages.
KIND_WORDS: dict[str, tuple[str, ...]] = {
    PartyKind.FORENING: ("Forening", "Foreninger", "Klub", "Association", "Frivillig forening", "Idrætsforening"),
    PartyKind.RAAD: ("Råd", "Council", "Nævn", "Bestyrelse"),
    PartyKind.CENTER: ("Center", "Centre", "Frivilligcenter", "Værested"),
    PartyKind.ARBEJDSPLADS: ("Arbejdsplads", "Institution", "Workplace", "Skole", "Plejecenter"),
    PartyKind.NOEGLEPERSON: ("Nøgleperson", "Key person", "Ildsjæl"),
    PartyKind.UDVALG: ("Udvalg", "Committee"),
    PartyKind.ANDET: ("Andet", "Anden", "Other"),
}


# Whom an entry of the register is likely to answer as; they may choose otherwise.
GROUP_OF_KIND: dict[str, str] = {
    PartyKind.FORENING: Group.FORENING,
    PartyKind.RAAD: Group.RAAD_CENTER,
    PartyKind.CENTER: Group.RAAD_CENTER,
    PartyKind.ARBEJDSPLADS: Group.ANSAT,
    PartyKind.UDVALG: Group.POLITIKER,
}


@dataclass(frozen=True, slots=True)
class UsualParty:
    """A party of the template. `must`: the law says so."""

    key: str
    name: str
    kind: str
    must: bool


@cache
def template() -> tuple[UsualParty, ...]:
    listed = yaml.safe_load(files("bot.process").joinpath("template.yaml").read_text(encoding="utf-8"))
    return tuple(UsualParty(**entry) for entry in listed)


def is_name(text: str) -> bool:
    """Whether it may stand in the register: a name, not too long, and no CPR number in it."""
    return bool(names.folded(text)) and len(text) <= LONGEST_NAME and not safeguarding.looks_like_cpr(text)


def add(
    tx: Tx, process_id: int, name: str, source: str, now: int, *, kind: str = PartyKind.FORENING, must: bool = False
) -> int:
    """The entry's id. What was sent under its name before is tied to it."""
    new = NewParty(name=name, folded=names.folded(name), kind=kind, source=source, must=must)
    party_id = register.put(tx, process_id, new, now)
    ties.by_name(tx, process_id)
    return party_id


def tie_by_name(tx: Tx, process_id: int) -> None:
    """Ties what is used again to the entry whose name it bears."""
    ties.by_name(tx, process_id)


def entry_of(party: Party, contact: str | None) -> RegisterEntry:
    return RegisterEntry(party.name, party.kind, party.area, party.department, party.size, party.tags, contact)


def entries(tx: Tx, process_id: int) -> list[RegisterEntry]:
    """The whole register, sorted as Danes sort; how somebody is reached is UNREADABLE where that is damaged."""
    listed = sorted(register.of_process(tx, process_id), key=lambda party: names.sort_key(party.name))
    reached = register.contacts(tx, process_id)
    return [entry_of(party, reached.get(party.id)) for party in listed]


def in_words(tx: Tx, plan: Plan, language: Language) -> list[RegisterEntry]:
    """The same for a file: what kinds, areas and departments are called, where the entry has keys, and words where
    something can't be read. They are read again: these words as nothing."""
    areas = {item.key: item.label.to(language) for item in plan.file.areas}
    departments = {item.key: item.label.to(language) for item in plan.file.departments}
    return [
        replace(
            entry,
            kind=texts.say(language, f"party-kind.{PartyKind(entry.kind)}"),
            area=areas.get(entry.area or "", entry.area),
            department=departments.get(entry.department or "", entry.department),
            contact=texts.say(language, "unreadable") if entry.contact == content.UNREADABLE else entry.contact,
        )
        for entry in entries(tx, plan.process_id)
    ]


def invited(tx: Tx, person_id: int, party_id: int) -> None:
    """Somebody came by an entry's own link: it confirms what they said, or they are asked."""
    if capacities.invite_as(tx, person_id, party_id):
        stored_ties.confirm(tx, person_id, party_id)


def at_sending(tx: Tx, process_id: int, run_id: int) -> None:
    """Ties what has just been sent to the entry whose name it bears."""
    ties.at_sending(tx, process_id, run_id)


def presumed(tx: Tx, process_id: int) -> int:
    """How many responses in the hearing are tied to an entry by a name alone, and wait for the leader's word."""
    return len(ties.presumed(tx, process_id))


# --- a file -----------------------------------------------------------------------------------------------


_TABLE: TypeAdapter[FileTable] = TypeAdapter(FileTable)


def keep_upload(tx: Tx, person_id: int, table: FileTable, mapping: dict[RegisterField, int], now: int) -> None:
    """Until the leader has said yes; encrypted, and gone after a day."""
    register.keep_import(tx, person_id, RegisterImport(_TABLE.dump_json(table), json.dumps(mapping)), now)


def kept_upload(tx: Tx, person_id: int) -> tuple[FileTable, dict[RegisterField, int]] | None:
    found = register.kept_import(tx, person_id)
    if found is None:
        return None
    kept = json.loads(found.content)
    if isinstance(kept, list):  # by an earlier Besyv, at most a day ago: the headings, and rows with their numbers
        headings, rows = kept
        table = FileTable(tuple(headings), tuple(FileRow(row[0], tuple(row[1:])) for row in rows))
    else:
        table = _TABLE.validate_python(kept)
    return table, {RegisterField(field): column for field, column in json.loads(found.mapping).items()}


def preview_import(
    tx: Tx, plan: Plan, table: FileTable, mapping: dict[RegisterField, int], now: int, *, with_doubts: bool = True
) -> Preview:
    """What would come of it, with each line that can't be taken as it is; without those that are asked about, or with
    them. Raises TakesTime."""
    words = cell_words(plan)
    known = [party.name for party in register.of_process(tx, plan.process_id)]
    if len(table.rows) + len(known) <= _AT_ONCE:
        return _looked_through(table, mapping, words, known, with_doubts=with_doubts)
    asked = [_TABLE.dump_python(table, mode="json"), mapping, asdict(words), known, with_doubts]
    key = hashlib.sha256(json.dumps(asked).encode()).digest()
    found = PREVIEWS.find(key, now)
    if found is None:
        looked = partial(_looked_through, table, mapping, words, known, with_doubts=with_doubts)
        raise TakesTime(lambda: PREVIEWS.keep(key, looked(), now))
    return found


def cell_words(plan: Plan) -> CellWords:
    """What the cells of a file may say in this process."""
    return CellWords(KIND_WORDS, _labels(plan.file.areas), _labels(plan.file.departments))


def _looked_through(
    table: FileTable,
    mapping: dict[RegisterField, int],
    words: CellWords,
    known: Sequence[str],
    *,
    with_doubts: bool,
) -> Preview:
    found = preview(table, mapping, words, known)
    return found if with_doubts or not found.doubts else preview(table, mapping, words, known, found.doubtful_rows)


_AT_ONCE = 500  # names that are looked through in a moment


def _labels(items: Iterable[Item]) -> dict[str, tuple[str, ...]]:
    return {item.key: tuple(label for label in (item.da, item.en) if label) for item in items}


def apply_import(tx: Tx, process_id: int, found: Preview, actor: str, now: int) -> int:
    """Adds the new, fills what is empty of the known. The number of new entries."""
    lost = {texts.say(language, "unreadable") for language in LANGUAGES}  # as a file of ours says it
    for entry in (*found.entries, *found.updates):
        new = NewParty(
            name=entry.name,
            folded=names.folded(entry.name),
            kind=entry.kind,
            source="file",
            area=entry.area,
            department=entry.department,
            size=entry.size,
            tags=entry.tags,
            contact=None if entry.contact in lost else entry.contact,
        )
        register.put(tx, process_id, new, now)
    ties.by_name(tx, process_id)
    audit.note(tx, process_id, actor, "import", f"{len(found.entries)} + {len(found.updates)}", now)
    return len(found.entries)


# --- names that people gave -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A name as it was written most often, by how many, and what stands for it in a button."""

    key: str
    name: str
    times: int


def suggestions(tx: Tx, plan: Plan) -> list[Suggestion]:
    """Names from answers that were sent, which are not in the register and not decided on: most named first."""
    known = {party.folded for party in register.of_process(tx, plan.process_id)}
    decided = register.decided(tx, plan.process_id)
    by_folded: dict[str, Counter[str]] = {}
    for name in _named(tx, plan):
        folded = names.folded(name)
        if folded not in known and key_of(folded) not in decided:
            by_folded.setdefault(folded, Counter())[name] += 1
    found = [
        Suggestion(key_of(folded), written.most_common(1)[0][0], written.total())
        for folded, written in by_folded.items()
    ]
    return sorted(found, key=lambda one: (-one.times, names.sort_key(one.name)))


def _named(tx: Tx, plan: Plan) -> Iterable[str]:
    called = plan.start_question("association").id
    asked = (answers.sent_to(tx, plan.process_id, question) for question in (MISSING_QUESTION, called, *FOR_WHOM))
    for stored in map(content.read, chain.from_iterable(asked)):
        for part in () if stored.keys else stored.parts:
            name = names.on_one_line(part.text)
            if is_name(name):
                yield name
