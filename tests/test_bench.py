"""Every part of `make bench` still runs, a hundredth of its size: what it measures is another matter."""

from __future__ import annotations

import asyncio

import pytest

from bench import answers, coverage, export, fan_out, growth, unsealing, web

pytestmark = pytest.mark.proof


def test_answers_and_their_floors() -> None:
    [loads] = asyncio.run(answers.measure(people=5, seconds=1.0, rounds=1))
    assert all(load.answers_per_second > 0 for load in loads)


def test_answers_through_the_web_and_their_floor() -> None:
    rounds = asyncio.run(web.measure(people=2, seconds=1.0, rounds=1))
    assert all(load.stored > 0 for loads in rounds for load in loads)
    assert web.report(rounds)


def test_the_cost_of_an_answer_and_memory_as_data_grows() -> None:
    fewer, more = asyncio.run(growth.cost_of_an_answer(fewer=100, more=300, probes=20))
    assert fewer > 0 and more > 0
    assert asyncio.run(growth.memory(10)) > 0


def test_coverage_against_a_recount() -> None:
    """It ends where counters and recount differ."""
    figures = coverage.measure(participants=500, rounds=1)
    assert figures.counted > 0
    assert coverage.report(figures)


def test_a_message_due_to_many() -> None:
    figures = asyncio.run(fan_out.out(many=20))
    assert figures.sent == 20


def test_opening_answers() -> None:
    assert unsealing.report(unsealing.measure())


def test_the_export_against_a_dump() -> None:
    assert export.measure(2_000)
