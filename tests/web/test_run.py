"""`besyv run` as an operator starts it: a real process, a real port, and an answer found again in the export."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.support.answers_file import by_column
from tests.support.pages import Browser
from tests.support.patience import PATIENCE
from tests.support.visitors import at_step, entered, sent

pytestmark = pytest.mark.process
BESYV = Path(sys.executable).parent / "besyv"


def _environment(port: int) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "BESYV_WEB_PORT": str(port)}


@contextmanager
def _running(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [BESYV, "run"], cwd=folder, env=_environment(port), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            try:
                urlopen(f"http://127.0.0.1:{port}/health", timeout=PATIENCE).close()
                break
            except URLError:
                assert process.poll() is None, process.communicate()
                time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.communicate()


def _exported(folder: Path, port: int) -> None:
    subprocess.run([BESYV, "export", "--out", "svar.csv"], cwd=folder, env=_environment(port), check=True)


async def test_a_newcomer_answers_closes_the_browser_comes_back_and_is_found_in_the_export(
    tmp_path: Path, port: int
) -> None:
    browsers: list[Browser] = []
    town = SimpleNamespace(home=f"http://127.0.0.1:{port}", browsers=browsers)
    with _running(tmp_path, port) as process:
        browser, page = await at_step(town, "borger")  # type: ignore[arg-type]  # all that a visitor needs of one
        page = await sent(browser, page, [("text", "I lørdags"), ("do", "next")])
        own = (await browser.get("/link")).find("//*[@id='link']")[0].text_content()
        later = Browser(town.home, "da")
        browsers.append(later)
        assert (await entered(later, str(own).strip())).url == page.url
        first = await later.get("/trin/borger/B5")
        page = await sent(later, first, [("text", "I søndags"), ("do", "next")])
        while page.form is not None:
            page = await sent(later, page, [("do", "skip")])
        [send] = [control for control in page.buttons() if control.label == "Send"]
        receipt = await later.press(page, send.element)
        assert "Tak for dine svar" in receipt.main.text_content()
        for each in browsers:
            await each.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        printed, logged = process.communicate()
    assert printed.startswith(f"Besyv: http://127.0.0.1:{port} ")
    assert "I søndags" not in logged and str(own).strip() not in logged
    await asyncio.to_thread(_exported, tmp_path, port)
    rows = {row["question"]: row for row in by_column((tmp_path / "svar.csv").read_text("utf-8-sig"))}
    kept = {name: rows["B5"][name] for name in ("channel", "text", "status", "revision")}
    assert kept == {"channel": "Nettet", "text": "I søndags", "status": "Sendt", "revision": "2"}


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [BESYV, "run"],
            cwd=tmp_path,
            env=_environment(port),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"besyv: BESYV_WEB_PORT: 127.0.0.1:{port}: Address already in use"


def test_without_pages_and_token_the_conversation_is_in_the_terminal(tmp_path: Path) -> None:
    done = subprocess.run(
        [BESYV, "run"],
        cwd=tmp_path,
        env=_environment(0),
        input="slut\n",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, "Jeg er med" in done.stdout) == (0, True)
