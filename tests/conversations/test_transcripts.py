"""Every transcript, on every channel it names: what people do, exactly what they then see, and what is kept of it."""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from bot.flows.model import Flow, QuestionKind
from bot.process.flows import flow_keys, shipped_flows
from bot.process.loading import parse_file
from tests.support import script
from tests.support.chat import FOLDER, TRANSCRIPTS, Found, parse, play, read
from tests.support.pages import Answered
from tests.support.stored_conversation import StoredConversation, stored_conversations

UPDATE = bool(os.environ.get("UPDATE_GOLDENS"))
NAMES = sorted(path.stem for path in TRANSCRIPTS.glob("*.txt"))
BY_CHANNEL = [(name, channel) for name in NAMES for channel in read(name).channels]
ON_BOTH = [name for name in NAMES if {"telegram", "web"} <= set(read(name).channels)]

# By which control of a page a question of the kind is answered. A kind that is missing here fails the suite.
CONTROLS = {
    QuestionKind.TEXT: "text",
    QuestionKind.IDEAS: "idea",
    QuestionKind.SINGLE: "radio",
    QuestionKind.MULTI: "checkbox",
    QuestionKind.SCALE: "radio",
    QuestionKind.RANKING: "put",
    QuestionKind.YES_NO: "radio",
    QuestionKind.CONTACT: "text",
}


@cache
def _flows() -> dict[str, Flow]:
    text = (FOLDER / "eksempel.yaml").read_text(encoding="utf-8")
    flows = {flow.flow: flow for flow in shipped_flows(parse_file(text, "eksempel.yaml"))}
    return {key: flows[key] for key in flow_keys()}


# --- playing ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Played:
    kept: list[StoredConversation]
    answered: frozenset[Answered]  # on pages


@dataclass(frozen=True, slots=True)
class Stage:
    """Plays a transcript on a channel, and remembers for the rest of the run, whoever plays, what came of it."""

    folder: Path

    async def played(self, found: Found, name: str, channel: str) -> Played:
        remembered = self.folder / f"{name} {channel}"
        if remembered.exists():
            played: Played = pickle.loads(remembered.read_bytes())
            return played
        transcript = read(name)
        async with found(channel=channel, steps=transcript.head.get("steps", "")) as town:
            await play(town, transcript, update=UPDATE and channel == transcript.channels[0])
            played = Played(await stored_conversations(town), town.answered())
        own = remembered.with_suffix(f".{os.getpid()}")
        own.write_bytes(pickle.dumps(played))
        own.rename(remembered)  # another worker sees it whole or not at all
        return played


@pytest.fixture(scope="session")
def stage(shared_folder: Path) -> Stage:
    folder = shared_folder / "played"
    folder.mkdir(exist_ok=True)
    return Stage(folder)


@pytest.mark.parametrize(("name", "channel"), BY_CHANNEL)
async def test_people_see_exactly_what_the_transcript_says(found: Found, stage: Stage, name: str, channel: str) -> None:
    await stage.played(found, name, channel)


@pytest.mark.parametrize("name", ON_BOTH)
async def test_the_same_is_kept_of_it_from_the_pages_as_from_telegram(found: Found, stage: Stage, name: str) -> None:
    assert (await stage.played(found, name, "web")).kept == (await stage.played(found, name, "telegram")).kept


async def test_every_kind_of_question_of_every_step_is_answered_by_its_own_control_on_a_page(
    found: Found, stage: Stage
) -> None:
    by_control: set[tuple[str, QuestionKind]] = set()
    for name in sorted(f"{who}-{flow}" for who, flow in script.walks(_flows())):
        for answer in (await stage.played(found, name, "web")).answered:
            kind = _flows()[answer.flow].question(answer.question).kind
            if CONTROLS[kind] in answer.by:
                by_control.add((answer.flow, kind))
    assert by_control == {(key, question.kind) for key, flow in _flows().items() for question in flow}
    assert {kind for _, kind in by_control} == set(QuestionKind)


# --- the transcripts themselves ---------------------------------------------------------------------------


async def test_everyone_has_a_walk_through_every_step_they_are_asked_in(found: Found) -> None:
    for who, flow in _without_a_walk() if UPDATE else ():
        steps = "" if flow == "start" else flow
        async with found(steps=steps) as town:
            transcript = await script.write(town, who, flow)
        async with found(steps=steps) as town:
            await play(town, transcript, update=True)
    assert _without_a_walk() == []


def _without_a_walk() -> list[tuple[str, str]]:
    """Who, and through which step."""
    return [(who, flow) for who, flow in script.walks(_flows()) if not (TRANSCRIPTS / f"{who}-{flow}.txt").exists()]


def test_a_transcript_is_written_as_the_player_would_write_it() -> None:
    texts = {name: (TRANSCRIPTS / f"{name}.txt").read_text(encoding="utf-8") for name in NAMES}
    assert [name for name, text in texts.items() if parse(name, text).written() != text] == []


def test_a_transcript_that_the_pages_do_not_play_says_why_and_no_other_does() -> None:
    wrong = [name for name in NAMES if ("because" in read(name).head) is ("web" in read(name).channels)]
    assert wrong == []
