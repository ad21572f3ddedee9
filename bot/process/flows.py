"""The shipped flows: their order, the guide's numbers, and the definitions filled with a process's own material."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from bot.flows import loader
from bot.flows.check import faults
from bot.flows.loader import ListName, Material, PolicyKind, Use, Written
from bot.flows.model import MAX_CHOICES, OTHER, PREFERS_NOT, UNKNOWN, Flow
from bot.flows.yamltext import Faulty
from bot.process import own_questions
from bot.process.file import ProcessFile


@dataclass(frozen=True, slots=True)
class StepNumbers:
    number: int | None
    guide: int | None


@cache
def numbers(step: str) -> StepNumbers:
    """Our running number of the step and the guide's own. A step of the municipality's own has none."""
    return _steps().get(step, StepNumbers(None, None))


@cache
def _steps() -> dict[str, StepNumbers]:
    listed = yaml.safe_load(files("bot.flows").joinpath("steps.yaml").read_text(encoding="utf-8"))
    return {entry["step"]: StepNumbers(entry["number"], entry["guide"]) for entry in listed}


@cache
def flow_keys() -> tuple[str, ...]:
    """Every flow that is shipped, in working order, as the names of the files in definitions/ give it."""
    folder = files("bot.flows").joinpath("definitions")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return tuple(name.removesuffix(".yaml").split("_", 1)[1] for name in names if "_" in name)


@cache
def _texts() -> dict[str, str]:
    folder = files("bot.flows").joinpath("definitions")
    return {entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".yaml")}


def _written(material: Material) -> list[own_questions.Source]:
    """Every flow as it stands in definitions/, with the municipality's own words."""
    named = sorted((name, text) for name, text in _texts().items() if name != "shared.yaml")
    return [own_questions.Source(*loader.read_flow(text, name, material)) for name, text in named]


def shipped_flows(file: ProcessFile) -> list[Flow]:
    """Every flow of definitions/ as the municipality's own questions change it, and its own steps, filled with what the
    process file says; those left without questions are out. Raises Faulty."""
    shared, sources = loader.load_shared(_texts()["shared.yaml"], "shared.yaml"), _written(file.material)
    if file.questions is not None:
        sources = own_questions.applied(sources, shared, file.questions)
    flows: dict[str, Flow] = {}
    faults: list[str] = []
    for source in sources:
        try:
            flow = loader.fill(source.document, source.flow, shared, file.material)
        except Faulty as faulty:
            faults += faulty.faults
            continue
        if flow is not None:
            flows[flow.flow] = flow
    if faults:
        raise Faulty(dict.fromkeys(faults))
    return [flows[key] for key in own_questions.in_order(flow_keys(), file) if key in flows]


@cache
def asked_only_in(kind: PolicyKind) -> dict[str, tuple[str, ...]]:
    """Flow → the ids of its shipped questions that are asked in this kind of process alone."""
    found = {
        source.flow.flow: tuple(_id(asked) for asked in source.flow.questions if asked.only_in is kind)
        for source in _written(Material())
    }
    return {flow: ids for flow, ids in found.items() if ids}


def _id(asked: Use | Written) -> str:
    return asked.use if isinstance(asked, Use) else asked.id


@dataclass(frozen=True, slots=True)
class ListOffered:
    """A question that offers a list of the process file: how many it takes (None: another stands in for it where there
    are too many), and the keys that mean something else in its answers."""

    question: str
    most: int | None
    taken: frozenset[str]


@cache
def lists_offered() -> dict[ListName, ListOffered]:
    """The shipped question that offers each list."""
    offered: dict[ListName, ListOffered] = {}
    for source in _written(Material()):
        stood_in_for = {asked.stands_in_for for asked in source.flow.questions if isinstance(asked, Written)}
        for asked in source.flow.questions:
            if isinstance(asked, Written) and asked.choices_from is not None:
                most = None if asked.id in stood_in_for else MAX_CHOICES - len(asked.choices)
                not_told = {PREFERS_NOT, UNKNOWN} if asked.sets is not None else set()
                taken = frozenset({*(choice.key for choice in asked.choices), OTHER, *not_told})
                offered[asked.choices_from] = ListOffered(asked.id, most, taken)
    return offered


def flow_faults(flows: list[Flow]) -> list[str]:
    """What is wrong with the question sets beyond what loading refuses."""
    return [f"{flow.flow}: {fault}" for flow in flows for fault in faults(flow)]
