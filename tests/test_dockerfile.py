"""The Dockerfile's steps, carried out in a folder and an environment of their own, as far as that shows them: what is
copied and installed, what is there afterwards, what starts, and whether it says that it is well. Not shown: the image
that it begins with, the user, the volumes, and that nothing else of this machine is seen."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.support.patience import PATIENCE
from tests.support.served import until_up

pytestmark = pytest.mark.process
ROOT = Path(__file__).parents[1]
FOLDERS = ("/src", "/data", "/keys", "/home/besyv")  # of the image, which lie below a folder here
# What needs to be root of a container, here without its user.
SHIMS = {
    "useradd": "exit 0",
    "install": 'for each; do case "$each" in --owner=*|--group=*) ;; *) set -- "$@" "$each";; esac; shift; done\n'
    'exec /usr/bin/install "$@"',
}


@dataclass(slots=True)
class Built:
    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    healthcheck: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)
    user: str = ""
    stop: str = ""
    folder: str = "/"

    def here(self, text: str) -> str:
        """With the image's folders where they lie."""
        return re.sub(rf"(?<![\w.])({'|'.join(FOLDERS)})\b", lambda found: f"{self.root}{found[1]}", text)


def steps() -> Iterator[tuple[str, str]]:
    """`RUN`, `pip install …`: instruction and arguments, without comments and with lines joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if line.strip():
            instruction, _, arguments = line.partition(" ")
            yield instruction, " ".join(arguments.split())


def test_the_image_is_named_by_an_argument_and_no_digest_is_made_up() -> None:
    first, second = list(steps())[:2]
    assert first == ("ARG", "PYTHON_IMAGE=python:3.12-slim")
    assert second == ("FROM", "${PYTHON_IMAGE}")


def test_what_builds_the_package_is_pinned() -> None:
    [pinned] = re.findall(r'^requires = \["(setuptools[^"]*)"\]', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert re.fullmatch(r"setuptools==\d+\.\d+\.\d+", pinned)


def test_only_what_is_copied_is_sent_to_the_build() -> None:
    sent = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")}
    copied = [name for instruction, names in steps() if instruction == "COPY" for name in names.split()[:-1]]
    assert set(copied) <= sent


@pytest.mark.proof
def test_its_steps_give_a_besyv_that_starts_says_that_it_is_well_and_stops(tmp_path: Path, port: int) -> None:
    built = _build(tmp_path)
    assert (built.user, built.stop, built.volumes) == ("besyv", "SIGTERM", ["/data", "/keys"])
    installed = _installed(built)
    assert {"besyv", "uvicorn", "aiosqlite"} <= installed
    assert installed & {"pytest", "mypy", "ruff", "hypothesis", "playwright"} == set()
    assert list((built.root / "src").iterdir()) == []
    assert (built.root / "data").stat().st_mode & 0o777 == 0o700
    environment = {**built.environment, "BESYV_WEB_PORT": str(port)}
    assert environment["BESYV_DATABASE"].startswith(str(built.root / "data"))
    assert environment["BESYV_KEY_FILE"].startswith(str(built.root / "keys"))
    home = built.root / built.folder.lstrip("/")
    process = subprocess.Popen([*built.entrypoint, *built.command], cwd=home, env=environment)
    try:
        until_up(f"http://127.0.0.1:{port}/health", process)
        with urlopen(f"http://127.0.0.1:{port}/", timeout=PATIENCE) as page:
            assert "Jeg er med" in page.read().decode()
        check = [part.replace("8080", str(port)) for part in built.healthcheck]
        assert subprocess.run(check, env=environment, check=False).returncode == 0
        process.send_signal(getattr(signal, built.stop))
        assert process.wait(PATIENCE) == 0
        assert subprocess.run(check, env=environment, capture_output=True, check=False).returncode != 0
    finally:
        process.kill()
        process.wait()


def _build(folder: Path) -> Built:
    built = Built(folder / "image")
    built.root.mkdir()
    python, shims = folder / "python", folder / "shims"
    subprocess.run([sys.executable, "-m", "venv", str(python)], check=True)
    shims.mkdir()
    for name, what in SHIMS.items():
        (shims / name).write_text(f"#!/bin/sh\n{what}\n")
        (shims / name).chmod(0o755)
    pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    built.environment = {
        **pip,
        "PATH": f"{python / 'bin'}:{shims}:/usr/bin:/bin",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
    }
    for instruction, arguments in steps():
        _carry_out(built, instruction, arguments)
    return built


def _carry_out(built: Built, instruction: str, arguments: str) -> None:
    match instruction:
        case "ARG" | "FROM" | "EXPOSE":
            pass
        case "ENV":
            pairs = (each.partition("=") for each in shlex.split(arguments))
            built.environment |= {name: built.here(value) for name, _, value in pairs}
        case "WORKDIR":
            built.folder = arguments
            (built.root / arguments.lstrip("/")).mkdir(parents=True, exist_ok=True)
        case "COPY":
            _copy(built, arguments.split())
        case "RUN":
            cwd = built.root / built.folder.lstrip("/")
            subprocess.run(["sh", "-ec", built.here(arguments)], cwd=cwd, env=built.environment, check=True)
        case "USER":
            built.user = arguments
        case "VOLUME":
            built.volumes = json.loads(arguments)
        case "HEALTHCHECK":
            built.healthcheck = json.loads(arguments.partition("CMD ")[2])
        case "STOPSIGNAL":
            built.stop = arguments
        case "ENTRYPOINT":
            built.entrypoint = [shutil.which(json.loads(arguments)[0], path=built.environment["PATH"]) or ""]
        case "CMD":
            built.command = json.loads(arguments)
        case _:
            raise NotImplementedError(instruction)  # not carried out yet: it must not be passed over


def _copy(built: Built, names: list[str]) -> None:
    """Of folders what lies in them."""
    *sources, to = names
    target = built.root / built.folder.lstrip("/") / to
    for name in sources:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)


def _installed(built: Built) -> set[str]:
    listed = subprocess.run(
        ["python", "-m", "pip", "list", "--format", "json"], env=built.environment, capture_output=True, check=True
    )
    return {each["name"].lower() for each in json.loads(listed.stdout)}
