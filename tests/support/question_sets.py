"""Question sets as a municipality may have them: the shipped ones with a question changed, loaded as a new version."""

from __future__ import annotations

from typing import Any

from bot.features import process_file
from bot.flows.model import Flow, Question
from bot.process.flows import shipped_flows
from storage.db import Tx
from tests.support.chat import Town

Changes = dict[str, dict[str, Any]]  # by the question's id: its fields as a flow file has them


async def load(town: Town, **changes: Changes) -> None:
    """By the flow's key, which questions of it are to be otherwise. Whoever begins from now on gets them."""

    def save(tx: Tx) -> None:
        file = town.runtime.process_host.plan(tx).file
        flows = [changed(flow, changes.get(flow.flow, {})) for flow in shipped_flows(file)]
        process_file.save(tx, file, flows, int(town.clock.now))

    await town.runtime.database.write(save)


def changed(flow: Flow, changes: Changes) -> Flow:
    """A KeyError names a question that the flow does not have."""
    for question in changes:
        flow.question(question)
    questions = [_changed(each, changes.get(each.id, {})) for each in flow.questions]
    return Flow.model_validate({**flow.model_dump(by_alias=True, exclude_defaults=True), "questions": questions})


def _changed(question: Question, fields: dict[str, Any]) -> dict[str, Any]:
    """`choices` maps the key of a choice to what is to be otherwise of it."""
    asked = question.model_dump(by_alias=True, exclude_defaults=True)
    of_choices = fields.get("choices", {})
    if of_choices:
        asked["choices"] = [{**choice, **of_choices.get(choice["key"], {})} for choice in asked["choices"]]
    return {**asked, **{name: value for name, value in fields.items() if name != "choices"}}
