"""Stores a process file: the process, each flow that changed as a new version, its meetings and parties."""

from __future__ import annotations

from datetime import date

from bot.features.meetings import service as meetings
from bot.features.privacy import deletion
from bot.features.register import from_process_file
from bot.flows.model import Flow
from bot.process import versions
from bot.process.file import ProcessFile, QuestionsText, stored
from bot.process.loading import example, parse_file, too_soon
from bot.process.plan import last_planned
from storage import meetings as all_meetings
from storage import people, processes, step_overrides
from storage.db import Tx


def save(tx: Tx, file: ProcessFile, flows: list[Flow], now: int) -> int:
    """Stores the process and each flow that changed, as a new version. The process's id."""
    known = processes.by_key(tx, file.process)
    process_id = processes.save(tx, file.process, file.model_dump_json(), now)
    if known is not None and stored(known.definition).deletion_date != file.deletion_date:
        deletion.forget(tx, process_id, now)
    versions.keep(tx, process_id, flows, now)
    meetings.load(tx, process_id, file, now)
    from_process_file.load(tx, process_id, file.parties, now)
    return process_id


def catch_up(tx: Tx, now: int) -> None:
    """Puts on the register what the process files list that an older Besyv loaded: there it was a list of its own."""
    for process_id, file in _behind(tx):
        from_process_file.load(tx, process_id, file.parties, now)


def is_behind(tx: Tx) -> bool:
    return bool(_behind(tx))


def _behind(tx: Tx) -> list[tuple[int, ProcessFile]]:
    loaded = [(known.id, stored(known.definition)) for known in processes.every(tx)]
    return [each for each in loaded if not from_process_file.is_in_step(tx, each[0], each[1].parties)]


def own_questions(tx: Tx, process: str) -> QuestionsText | None:
    """The municipality's own questions that were loaded into the process."""
    known = processes.by_key(tx, process)
    return None if known is None else stored(known.definition).questions


def deletion_date(tx: Tx, process: str) -> date | None:
    """Returns that of the process as it is stored. None where there is no such process yet, or only the example that
    comes with Besyv, which nobody has answered."""
    known = processes.by_key(tx, process)
    if known is None:
        return None
    file = stored(known.definition)
    untouched = file == parse_file(example(), "example.yaml") and not people.of_process(tx, known.id)
    return None if untouched else file.deletion_date


def planned_too_late(tx: Tx, process_id: int, file: ProcessFile, now: int) -> str | None:
    """Names what was planned by hand and lies ahead, where it comes too near to the file's deletion date."""
    by_hand = [
        *(
            (change.from_at, f"{change.flow} is changed by hand")
            for change in step_overrides.of_process(tx, process_id)
        ),
        *(
            (meeting.facts.ends_at, f"{meeting.facts.details.title} ends")
            for meeting in all_meetings.of_process(tx, process_id)
            if not meeting.is_cancelled
        ),
    ]
    at, what = max((each for each in by_hand if each[0] > now), default=(0, ""))
    return f"deletion_date: {too_soon(at, what)}" if at > last_planned(file) else None
