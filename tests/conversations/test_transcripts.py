"""Every transcript, on every channel it names: what people do, and exactly what they then see."""

from __future__ import annotations

import os
from functools import cache

import pytest

from bot.flows.model import Flow
from bot.process import plan
from tests.chat import FOLDER, TRANSCRIPTS, parse, play, read
from tests.conftest import Found
from tests.conversations import script

UPDATE = bool(os.environ.get("UPDATE_GOLDENS"))
NAMES = sorted(path.stem for path in TRANSCRIPTS.glob("*.txt"))
BY_CHANNEL = [(name, channel) for name in NAMES for channel in read(name).channels]


@cache
def _flows() -> dict[str, Flow]:
    text = (FOLDER / "eksempel.yaml").read_text(encoding="utf-8")
    flows = {flow.flow: flow for flow in plan.shipped_flows(plan.parse_file(text, "eksempel.yaml"))}
    return {key: flows[key] for key in plan.flow_keys()}


@pytest.mark.parametrize(("name", "channel"), BY_CHANNEL)
async def test_people_see_exactly_what_the_transcript_says(found: Found, name: str, channel: str) -> None:
    transcript = read(name)
    async with found(channel=channel, steps=transcript.head.get("steps", "")) as town:
        await play(town, transcript, update=UPDATE and channel == "telegram")


@pytest.mark.parametrize(("who", "flow"), list(script.walks(_flows())))
async def test_everyone_has_a_walk_through_every_step_they_are_asked_in(found: Found, who: str, flow: str) -> None:
    file = TRANSCRIPTS / f"{who}-{flow}.txt"
    if UPDATE and not file.exists():
        steps = "" if flow == "start" else flow
        async with found(steps=steps) as town:
            transcript = await script.write(town, who, flow)
        async with found(steps=steps) as town:
            await play(town, transcript, update=True)
    assert file.exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_transcript_is_written_as_the_player_would_write_it(name: str) -> None:
    text = (TRANSCRIPTS / f"{name}.txt").read_text(encoding="utf-8")
    assert parse(name, text).written() == text
