"""What tests of whole conversations stand on: a prepared database, a guarded log, a town."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot import logs
from tests.support.botapi.server import TOKEN
from tests.support.browser.chromium import NO_BROWSER
from tests.support.chat import Found, Town, prepare
from tests.support.world import Nursery


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What could not be looked at in a real browser is not to be missed at the end of a long run."""
    missed = [report for report in terminalreporter.getreports("skipped") if NO_BROWSER in str(report.longrepr)]
    if missed:
        terminalreporter.section("NO BROWSER FOUND", sep="!", red=True, bold=True)
        terminalreporter.line(f"NO BROWSER FOUND: {len(missed)} TESTS IN A REAL BROWSER WERE SKIPPED ({NO_BROWSER})")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eksempel Kommune's process, loaded once; each town gets a copy."""
    return prepare(tmp_path_factory.mktemp("eksempel"))


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged from here on at DEBUG, as the bot's own logging writes it."""
    root, written = logging.getLogger(), io.StringIO()
    handlers, level, hooks = root.handlers[:], root.level, (sys.excepthook, threading.excepthook)
    filters = {handler: handler.filters[:] for handler in handlers}
    levels = {name: logging.getLogger(name).level for name in logs._QUIET}
    logs.configure(logging.DEBUG, (TOKEN,), written)
    yield written
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    for handler, before in filters.items():
        handler.filters[:] = before
    root.setLevel(level)
    for name, earlier in levels.items():
        logging.getLogger(name).setLevel(earlier)
    sys.excepthook, threading.excepthook = hooks


@pytest.fixture
def found(prepared: Path, tmp_path: Path, logged: io.StringIO) -> Found:
    """`async with found(steps="linjer") as town:`"""
    return lambda **kind: Town(prepared, tmp_path, logged, **kind)


@pytest.fixture
async def town(found: Found) -> AsyncIterator[Town]:
    """With every step of eksempel.yaml open, on Telegram."""
    async with found() as standing:
        yield standing


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Bots that start quickly."""
    nursery = Nursery()
    yield nursery
    nursery.close()
