"""The flows as people read them. UPDATE_GOLDENS=1 writes the outlines anew; read the difference."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.flows import outline
from bot.flows.model import Flow
from tests.support.flow_material import flows

OUTLINES = Path(__file__).parent / "outlines"


def whole(flow: Flow) -> str:
    return f"{outline.markdown(flow)}\n```mermaid\n{outline.diagram(flow)}```\n"


@pytest.mark.parametrize("flow", flows().values(), ids=lambda flow: str(flow.flow))
def test_the_outline_is_the_one_that_was_read_and_approved(flow: Flow) -> None:
    golden = OUTLINES / f"{flow.flow}.md"
    if os.environ.get("UPDATE_GOLDENS") == "1":
        golden.write_text(whole(flow), encoding="utf-8")
    assert whole(flow) == golden.read_text(encoding="utf-8")


def test_there_is_no_outline_of_a_flow_that_is_gone() -> None:
    assert sorted(file.stem for file in OUTLINES.glob("*.md")) == sorted(flows())


def test_the_diagram_shows_the_way_and_what_an_answer_leads_to() -> None:
    assert outline.diagram(flows()["faelles_foer"]) == (
        "flowchart TD\n"
        '    F9["F9 Kommer du til mødet?"]\n'
        '    F12["F12 Har du særlige behov på mødet, fx tolk, rampe eller særlig mad? Det kan være …"]\n'
        '    F10["F10 Hvilke særlige behov har du på mødet? Du behøver ikke …"]\n'
        '    F11["F11 Hvad vil du gerne have sagt på mødet, selv om …"]\n'
        '    F9 -.->|"is ja"| F12\n'
        '    F12 -.->|"is ja"| F10\n'
        '    F9 -.->|"is nej"| F11\n'
    )
