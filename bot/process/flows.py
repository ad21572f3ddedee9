"""The shipped flows: their order, the guide's numbers, and the definitions filled with a process's own material."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from bot.flows import loader
from bot.flows.check import faults
from bot.flows.model import Flow
from bot.process.file import ProcessFile


@dataclass(frozen=True, slots=True)
class StepNumbers:
    number: int | None
    guide: int | None


@cache
def numbers(step: str) -> StepNumbers:
    """Our running number of the step and the guide's own."""
    return _steps()[step]


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


def flow_faults(flows: list[Flow]) -> list[str]:
    """What is wrong with the question sets beyond what loading refuses."""
    return [f"{flow.flow}: {fault}" for flow in flows for fault in faults(flow)]
