"""A hearing that an earlier Besyv stored asks «Vil du sende dit svar nu?» before the review. It is read without that
question: whoever is in the middle of it can send, and what was answered to it is kept."""

from __future__ import annotations

import json

import pytest

from bot.flows import engine, loader
from bot.flows.engine import Answer, Part
from bot.flows.model import Flow, Group, Respondent
from tests.support.flow_material import flows

H6 = {
    "id": "H6",
    "kind": "yes_no",
    "who": ["frivillig", "forening", "ansat", "leder", "raad_center", "borger"],
    "text": {"da": "Vil du sende dit svar nu?", "en": "Do you want to send your answer now?"},
    "theme": "hearing",
}


def older() -> Flow:
    """As it was stored until November 2026."""
    values = json.loads(loader.to_json(flows()["hoering"]))
    *questions, contact = values["questions"]
    contact["when"] = {"question": "H6", "is": ["ja"]}
    return loader.from_json(
        json.dumps({**values, "questions": [*questions, H6, contact], "send_when": {"question": "H6", "is": ["ja"]}})
    )


ASSOCIATION, VOLUNTEER = Respondent(group=Group.FORENING), Respondent(group=Group.FRIVILLIG)


@pytest.mark.parametrize("who", [ASSOCIATION, VOLUNTEER], ids=["association", "volunteer"])
def test_it_asks_what_the_hearing_of_today_asks(who: Respondent) -> None:
    today, then = flows()["hoering"], older()
    assert [q.id for q in engine.path(then, who, {})] == [q.id for q in engine.path(today, who, {})]
    last = engine.path(then, who, {})[-1]
    assert engine.place(then, who, last) == engine.place(today, who, last)


@pytest.mark.parametrize("to_h6", [None, "ja", "nej", "ved_ikke"])
def test_nobody_is_kept_from_sending_by_what_they_answered_to_it(to_h6: str | None) -> None:
    flow = older()
    answers = {q.id: Answer(q.id, skipped=True) for q in engine.path(flow, ASSOCIATION, {})}
    answers["H5"] = Answer("H5", (Part("Flere bænke"),))
    if to_h6 is not None:
        answers["H6"] = Answer("H6", keys=(to_h6,))
    on_path = engine.path(flow, ASSOCIATION, answers)
    assert engine.first_open(on_path, answers) is None
    assert engine.is_sendable(on_path, answers)


def test_what_was_answered_to_it_can_still_be_read() -> None:
    assert older().question("H6").asked("da") == "Vil du sende dit svar nu?"
    assert loader.from_json(loader.to_json(older())) == older()
