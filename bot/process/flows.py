"""The shipped flows: their order, the guide's numbers, and the definitions filled with a process's own material."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from bot.flows import loader
from bot.flows.check import faults
from bot.flows.model import Flow
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


def shipped_flows(file: ProcessFile) -> list[Flow]:
    """Every flow of definitions/ as the municipality's own questions change it, and its own steps, filled with what the
    process file says; those left without questions are out. Raises Faulty."""
    folder = files("bot.flows").joinpath("definitions")
    texts = {
        entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".yaml")
    }
    shared = loader.load_shared(texts.pop("shared.yaml"), "shared.yaml")
    sources = [own_questions.Source(*loader.read_flow(texts[name], name, file.material)) for name in sorted(texts)]
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


def flow_faults(flows: list[Flow]) -> list[str]:
    """What is wrong with the question sets beyond what loading refuses."""
    return [f"{flow.flow}: {fault}" for flow in flows for fault in faults(flow)]
