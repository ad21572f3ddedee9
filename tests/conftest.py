"""What tests of whole conversations stand on: a prepared database, a guarded log, a town."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from bot import logs
from tests.support import memory
from tests.support.botapi.server import TOKEN
from tests.support.browser.chromium import NO_BROWSER
from tests.support.chat import Found, Town, prepare
from tests.support.ports import reserved
from tests.support.served import NO_SERVER
from tests.support.sizes import examples
from tests.support.world import ForkServer


def pytest_configure(config: pytest.Config) -> None:
    """A property that does not say how many examples it wants gets more of them in a proof, too; and no example has a
    deadline, which a busy machine would miss. Files of tests lie in memory where there is room."""
    if os.environ.get("UPDATE_GOLDENS") and config.getoption("numprocesses", None):
        raise pytest.UsageError("golden files are written anew in one process, for others read them")
    settings.register_profile("sizes", max_examples=examples(settings().max_examples), deadline=None)
    settings.load_profile("sizes")
    if (folder := memory.folder()) is not None:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """A bot from the fork server is a process. Quick is what needs no town, no bot as a process and no browser,
    lives no story through, and does not say that it takes long itself."""
    for item in items:
        if "fork_server" in item.fixturenames:
            item.add_marker("process")
        marked = {mark.name for mark in item.iter_markers()}
        if not marked & {"proof", "process", "story"} and not {"prepared", "browser"} & {*item.fixturenames}:
            item.add_marker("quick")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What could not be looked at, for want of a program, is not to be missed at the end of a long run."""
    for why, title, where in (
        (NO_BROWSER, "NO BROWSER FOUND", "IN A REAL BROWSER"),
        (NO_SERVER, "NO WEB SERVER FOUND", "BEHIND CADDY OR NGINX"),
    ):
        missed = [report for report in terminalreporter.getreports("skipped") if why in str(report.longrepr)]
        if missed:
            terminalreporter.section(title, sep="!", red=True, bold=True)
            terminalreporter.line(f"{title}: {len(missed)} TESTS {where} WERE SKIPPED ({why})")


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all workers of this run."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


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
def fork_server() -> Iterator[ForkServer]:
    """Bots that start quickly."""
    fork_server = ForkServer()
    yield fork_server
    fork_server.close()


@pytest.fixture
def port() -> Iterator[int]:
    """Where nobody listens, until the test has somebody listen there."""
    with reserved() as port:
        yield port
