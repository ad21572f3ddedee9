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
    assert outline.diagram(flows()["borger"]) == (
        "flowchart TD\n"
        '    B5["B5 Hvad ønsker du dig af frivillige og …"]\n'
        '    B3["B3 Hvem ville du gå til, hvis du selv fik brug …"]\n'
        '    B1["B1 Har du inden for det seneste år hjulpet nogen, …"]\n'
        '    B1a["B1a Hvordan hjalp du? Giv gerne et eksempel, men …"]\n'
        '    B2["B2 Hvad kunne få dig til at hjælpe mere til, hvor …"]\n'
        '    B4["B4 Hvor gammel er du?"]\n'
        "    B5 --> B3\n"
        "    B3 --> B1\n"
        "    B1 --> B2\n"
        "    B2 --> B4\n"
        '    B1 -.->|"is ja"| B1a\n'
    )
