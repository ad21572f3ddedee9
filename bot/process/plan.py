"""The plan of one process: which flows it has, in which version, and when each takes answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml

from bot.flows import engine, loader, schedule
from bot.flows.check import faults
from bot.flows.model import LANGUAGES, RESPONDENTS, Flow, Language, Respondent
from bot.flows.yamltext import Faulty, parse
from bot.process import meetings, notice
from bot.process.file import ProcessFile, StepTimes
from storage import processes
from storage import steps as stored_steps
from storage.db import Tx
from storage.steps import StepChange

START = "start"  # the flow about the person, asked before all others and never closed


class State(StrEnum):
    OFF = "off"
    AHEAD = "ahead"
    READING = "reading"  # the questions may be read, and not answered yet
    OPEN = "open"
    CLOSED = "closed"


AS_PLANNED = "plan"  # a step given back to the times of the process file


@dataclass(frozen=True, slots=True)
class Versioned:
    """A flow in one version. Versions are counted per process and flow, from 1, as they are loaded."""

    version: int
    flow: Flow


@dataclass(frozen=True, slots=True)
class Plan:
    process_id: int
    revision: int
    file: ProcessFile
    notice: dict[Language, tuple[str, ...]]  # its paragraphs
    notice_version: str
    flows: dict[str, Versioned]  # newest versions, in working order
    changes: tuple[StepChange, ...] = ()  # steps by hand, in the order they take hold
    older: dict[tuple[str, int], Flow] = field(default_factory=dict)

    def times(self, flow: str) -> StepTimes | None:
        return next((step for step in self.file.steps if step.flow == flow), None)

    def change(self, flow: str, now: int, group: str | None = None) -> StepChange | None:
        """What was decided by hand and holds now, for everybody or for the group; None: the file's times hold."""
        held = [c for c in self.changes if c.flow == flow and c.audience in ("", group) and c.from_at <= now]
        return held[-1] if held and held[-1].state != AS_PLANNED else None

    def state(self, flow: str, now: int, group: str | None = None) -> State:
        """For everybody, or for those who answer as the group."""
        if flow == START:
            return State.OPEN
        by_hand = self.change(flow, now, group) if self.changes else None
        return self._by_file(flow, now) if by_hand is None else State(by_hand.state)

    def _by_file(self, flow: str, now: int) -> State:
        times = self.times(flow)
        if times is None:
            return State.OFF
        if times.opens_at is not None and now < times.opens_at:
            return State.AHEAD
        if times.closes_at is not None and now >= times.closes_at:
            return State.CLOSED
        return State.OPEN

    def opens_at(self, flow: str, now: int, group: str | None = None) -> int | None:
        """When a step that is not open yet opens."""
        ahead = [at for at in self.openings(flow, group) if at > now]
        return min(ahead, default=None) if self.state(flow, now, group) is not State.OPEN else None

    def openings(self, flow: str, group: str | None = None) -> list[int]:
        """Every moment at which the step opens, or opened, for the group; the earliest first."""
        times = self.times(flow)
        moments = {times.opens_at} if times is not None and times.opens_at is not None else set()
        moments |= {c.from_at for c in self.changes if c.flow == flow and c.audience in ("", group)}
        return sorted(at for at in moments if self._opens_then(flow, at, group))

    def _opens_then(self, flow: str, at: int, group: str | None) -> bool:
        return self.state(flow, at, group) is State.OPEN and self.state(flow, at - 1, group) is not State.OPEN

    def closes_at(self, flow: str, now: int, group: str | None = None) -> int | None:
        """The deadline of a step that is open now, or the moment at which it closed."""
        times = self.times(flow)
        moments = [times.closes_at] if times is not None and times.closes_at is not None else []
        moments += [c.from_at for c in self.changes if c.flow == flow and c.audience in ("", group)]
        closing = [at for at in moments if self._closes_then(flow, at, group)]
        if self.state(flow, now, group) is State.OPEN:
            return min((at for at in closing if at > now), default=None)
        return max((at for at in closing if at <= now), default=None)

    def _closes_then(self, flow: str, at: int, group: str | None) -> bool:
        return self.state(flow, at, group) is not State.OPEN and self.state(flow, at - 1, group) is State.OPEN

    def closings(self, flow: str, group: str | None = None) -> list[tuple[int | None, int]]:
        """Every moment at which the step closes, or closed, for the group, after the opening that goes before it (None:
        it was open from the start); the earliest first."""
        times = self.times(flow)
        moments = {times.closes_at} if times is not None and times.closes_at is not None else set()
        moments |= {c.from_at for c in self.changes if c.flow == flow and c.audience in ("", group)}
        opened = self.openings(flow, group)
        return [
            (max((before for before in opened if before < at), default=None), at)
            for at in sorted(moments)
            if self._closes_then(flow, at, group)
        ]

    @property
    def hours(self) -> schedule.Hours:
        """When one may write to the people of the process."""
        return self.file.writing_hours.hours

    def asks(self, flow: str, group: str | None) -> bool:
        """Whether the flow has a question for anybody of the group."""
        asked = self.flows[flow].flow
        return any(engine.path(asked, each, {}) for each in RESPONDENTS if each.group == group)

    def with_change(self, change: StepChange) -> Plan:
        """As it would be with one more change by hand."""
        return replace(self, changes=tuple(sorted((*self.changes, change), key=lambda each: each.from_at)))

    def open_for(self, respondent: Respondent, now: int) -> list[Flow]:
        """The flows that take answers now and have a question for this person, in working order; not the start."""
        return self._in_state(respondent, now, State.OPEN)

    def readable_for(self, respondent: Respondent, now: int) -> list[Flow]:
        """The flows whose questions this person may read, and not answer yet."""
        return self._in_state(respondent, now, State.READING)

    def _in_state(self, respondent: Respondent, now: int, state: State) -> list[Flow]:
        return [
            versioned.flow
            for key, versioned in self.flows.items()
            if key != START
            and self.state(key, now, respondent.group) is state
            and engine.path(versioned.flow, respondent, {})
        ]

    def next_for(self, respondent: Respondent, now: int) -> tuple[Flow, int] | None:
        """The flow that opens next for this person, and when."""
        ahead = [
            (versioned.flow, opens)
            for key, versioned in self.flows.items()
            if key != START
            and (opens := self.opens_at(key, now, respondent.group)) is not None
            and engine.path(versioned.flow, respondent, {})
        ]
        return min(ahead, key=lambda pair: pair[1], default=None)


@dataclass(frozen=True, slots=True)
class Numbers:
    number: int | None
    guide: int | None


@cache
def numbers(step: str) -> Numbers:
    """Our running number of the step and the guide's own."""
    return _steps()[step]


@cache
def _steps() -> dict[str, Numbers]:
    listed = yaml.safe_load(files("bot.flows").joinpath("steps.yaml").read_text(encoding="utf-8"))
    return {entry["step"]: Numbers(entry["number"], entry["guide"]) for entry in listed}


@cache
def flow_keys() -> tuple[str, ...]:
    """Every flow that is shipped, in working order, as the names of the files in definitions/ give it."""
    folder = files("bot.flows").joinpath("definitions")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return tuple(name.removesuffix(".yaml").split("_", 1)[1] for name in names if "_" in name)


# --- from files -------------------------------------------------------------------------------------------


def example() -> str:
    """The text of the shipped example process."""
    return files("bot.process").joinpath("example.yaml").read_text(encoding="utf-8")


def read_file(path: Path) -> str:
    """Raises Faulty with one line where the file can't be read."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Faulty([f"{path}: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise Faulty([f"{path}: is not UTF-8 text"]) from None


def parse_file(text: str, name: str) -> ProcessFile:
    """Raises Faulty with file, line and field of each fault."""
    document = parse(text, name)
    file = document.validate(ProcessFile)
    known = [key for key in flow_keys() if key != START]
    faults: list[str] = []
    for place, step in enumerate(file.steps):
        if step.flow not in known:
            faults.append(
                document.fault(("steps", place, "flow"), f"no flow has that name; there are {', '.join(known)}")
            )
        elif step.flow in [earlier.flow for earlier in file.steps[:place]]:
            faults.append(document.fault(("steps", place, "flow"), f"{step.flow} stands twice"))
    for name_of_list in ("areas", "departments", "goals", "parties", "meetings"):
        keys = [item.key for item in getattr(file, name_of_list)]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                faults.append(document.fault((name_of_list, place, "key"), f"{key} stands twice"))
    areas = {area.key for area in file.areas}
    for place, meeting in enumerate(file.meetings):
        if meeting.flow is not None and meeting.flow not in known:
            faults.append(
                document.fault(("meetings", place, "flow"), f"no flow has that name; there are {', '.join(known)}")
            )
        faults += [
            document.fault(("meetings", place, "areas"), f"{area} is none of the areas")
            for area in meeting.areas
            if area not in areas
        ]
    if faults:
        raise Faulty(faults)
    return file


def shipped_flows(file: ProcessFile) -> list[Flow]:
    """Every flow of definitions/, filled with what the process file says; those left without questions are out."""
    folder = files("bot.flows").joinpath("definitions")
    texts = {
        entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".yaml")
    }
    shared = loader.load_shared(texts.pop("shared.yaml"), "shared.yaml")
    flows: list[Flow] = []
    for name in sorted(texts):
        flow = loader.load_flow(texts[name], name, shared, file.material)
        if flow is not None:
            flows.append(flow)
    return flows


def check(flows: list[Flow]) -> list[str]:
    """What is wrong with the question sets beyond what loading refuses."""
    return [f"{flow.flow}: {fault}" for flow in flows for fault in faults(flow)]


# --- in the database --------------------------------------------------------------------------------------


def save(tx: Tx, file: ProcessFile, flows: list[Flow], now: int) -> int:
    """Stores the process and each flow that changed, as a new version. The process's id."""
    process_id = processes.save(tx, file.process, file.model_dump_json(), now)
    newest = {row.flow: row for row in processes.newest_flows(tx, process_id)}
    for flow in flows:
        digest, before = loader.digest(flow), newest.get(flow.flow)
        if before is None or before.digest != digest:
            version = before.version + 1 if before else 1
            row = processes.FlowVersion(flow.flow, version, digest, loader.to_json(flow))
            processes.add_flow_version(tx, process_id, row, now)
    meetings.load(tx, process_id, file, now)
    return process_id


class House:
    """The processes of this bot, kept in memory and read again when one was loaded anew by another process; and
    where each channel is found."""

    def __init__(self, default: str, web: str | None = None) -> None:
        self.web = web  # the pages' public address, without a slash at its end; None: there are none
        self.telegram: str | None = None  # the bot's name on Telegram, once it is known
        self.mails = False  # whether e-mail goes out, with links to the pages
        self._default = default  # the key of the process that a bare /start enters
        self._default_id: int | None = None
        self._plans: dict[int, Plan] = {}

    @property
    def has_addresses(self) -> bool:
        """Whether a link can lead anywhere."""
        return self.web is not None or self.telegram is not None

    def plan(self, tx: Tx, process_id: int | None = None) -> Plan:
        """The plan as it stands in the database now. Without an id the default process."""
        wanted = process_id if process_id is not None else self._default_id
        known = self._plans.get(wanted) if wanted is not None else None
        if known is not None and known.revision == processes.revision(tx, known.process_id):
            return known
        row = processes.by_key(tx, self._default) if wanted is None else processes.by_id(tx, wanted)
        if row is None:
            raise LookupError(f"no process {wanted or self._default} in the database")
        if process_id is None:
            self._default_id = row.id
        fresh = self._plans[row.id] = _load(tx, row, pages=self.web is not None)
        return fresh

    def flow(self, tx: Tx, plan: Plan, flow: str, version: int) -> Flow:
        """The flow in the version a run was started on."""
        newest = plan.flows.get(flow)
        if newest is not None and newest.version == version:
            return newest.flow
        known = plan.older.get((flow, version))
        if known is None:
            row = processes.flow_version(tx, plan.process_id, flow, version)
            if row is None:
                raise LookupError(f"no version {version} of {flow}")
            known = plan.older[flow, version] = loader.from_json(row.definition)
        return known


def _load(tx: Tx, row: processes.ProcessRow, *, pages: bool) -> Plan:
    file = ProcessFile.model_validate_json(row.definition, extra="ignore")  # an older Besyv may have known more fields
    stored = {v.flow: Versioned(v.version, loader.from_json(v.definition)) for v in processes.newest_flows(tx, row.id)}
    ordered = {key: stored[key] for key in flow_keys() if key in stored}
    told = {language: notice.paragraphs(file, language, pages=pages) for language in LANGUAGES}
    changes = stored_steps.of_process(tx, row.id)
    return Plan(row.id, row.revision, file, told, notice.version(file, pages=pages), ordered, changes)


def deletion_at(file: ProcessFile) -> int:
    """UTC seconds from which everything about the people of the process is deleted."""
    return schedule.start_of(file.deletion_date)
