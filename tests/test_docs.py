"""The documentation says what is: settings, commands, files, words and links are compared with the code."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest
import typer
import yaml
from pydantic import SecretStr

from bot.__main__ import cli
from bot.app.settings import Settings
from bot.handlers.telegram import COMMANDS
from bot.process import plan
from bot.process.flows import flow_keys
from reports.answers import COLUMNS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
DECISIONS = sorted((ROOT / "docs" / "decisions").iterdir())
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ROOMS = ("bot", "web", "storage", "reports")
_LEFT_OUT = (".venv", ".git", "build", "__pycache__")
_PARTS_OF_NAMES_LEFT_OUT = ("_cache", ".egg-info", ".hypothesis")


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next heading."""
    after = text.split(f"{heading}\n", 1)[1]
    return re.split(r"^#+ ", after, maxsplit=1, flags=re.MULTILINE)[0]


def table(text: str) -> list[list[str]]:
    """The cells of a Markdown table, without its head."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows[2:]]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


# --- README -----------------------------------------------------------------------------------------------


def test_the_settings_are_those_there_are_with_their_defaults() -> None:
    documented = {
        quoted(name)[0]: next(iter(quoted(default)), "") for name, default, _ in table(section(README, "## Settings"))
    }
    real = {
        f"BESYV_{name.upper()}": field.default.get_secret_value()
        if isinstance(field.default, SecretStr)
        else str(field.default)
        for name, field in Settings.model_fields.items()
    }
    assert documented == real


def _commands(command: Any, path: str) -> Iterator[tuple[str, set[str]]]:  # Any: typer's own copy of click
    """Each command's full name, and its options."""
    subcommands = getattr(command, "commands", None)
    if subcommands is not None:
        for name, each in subcommands.items():
            yield from _commands(each, f"{path} {name}")
        return
    taken: set[str] = set()
    for parameter in command.params:
        if parameter.param_type_name == "option":
            taken.update((*parameter.opts, *parameter.secondary_opts))
    yield path, taken


def test_the_commands_of_the_command_line_are_those_there_are() -> None:
    real = dict(_commands(typer.main.get_command(cli), "besyv"))
    usages = [quoted(usage)[0] for usage, _ in table(section(README, "## The command line"))]
    documented = {
        next((name for name in real if f"{usage} ".startswith(f"{name} ")), usage): set(re.findall(r"--[\w-]+", usage))
        for usage in usages
    }
    assert documented == real


def test_the_commands_of_the_chat_are_those_there_are() -> None:
    documented = [
        tuple(word.removeprefix("/") for word in quoted(names)) for names, _ in table(section(README, "## In the chat"))
    ]
    assert documented == [names for names, _ in COMMANDS]


def test_the_columns_of_the_export_are_those_there_are() -> None:
    assert [column for cell, _ in table(section(README, "## The export")) for column in quoted(cell)] == list(COLUMNS)


def test_the_steps_have_the_numbers_they_are_shown_with() -> None:
    rows = table(section(README, "### The steps, and the guide's own numbers"))
    documented = [(quoted(step)[0], number, guide) for number, step, _, _, guide in rows]
    listed = yaml.safe_load((ROOT / "bot" / "flows" / "steps.yaml").read_text(encoding="utf-8"))
    shown = [(each["step"], str(each["number"] or "–"), str(each["guide"] or "–")) for each in listed]
    assert documented == [each for each in shown if each[0] != plan.START]
    flows = [flow for _, _, _, cell, _ in rows for flow in quoted(cell)]
    assert sorted(flows) == sorted(set(flow_keys()) - {plan.START})


def test_every_word_of_the_glossary_is_a_word_of_the_code() -> None:
    words = [word for _, _, cell in table(section(README, "## Words")) for word in quoted(cell)]
    assert words
    for word in words:
        if ":" in word:
            resolve_name(word)
        else:
            assert word in flow_keys()


@pytest.mark.process
def test_the_conversation_in_the_readme_is_one_that_happens(tmp_path: Path) -> None:
    shown = next(block for block in re.findall(r"```\n(.*?)```", README, re.DOTALL) if block.startswith("> "))
    says = [line.removeprefix("> ") for line in shown.splitlines() if line.startswith("> ")]
    played = subprocess.run(
        [sys.executable, "-m", "bot", "talk"],
        input="\n".join(["1", "1", "1", "1", "1", *says, ""]),
        env={
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(ROOT),
            "NO_COLOR": "1",
            "PYTHONIOENCODING": "utf-8",
            "BESYV_DATABASE": str(tmp_path / "besyv.db"),
            "BESYV_KEY_FILE": str(tmp_path / "besyv.key"),
        },
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    ).stdout
    # What is typed is shown by a terminal, not by the program, which says «> » and goes on in the same line.
    unprompted = re.sub(r"^(> )+", "", played, flags=re.MULTILINE)
    expected = "".join(line + "\n" for line in shown.splitlines() if not line.startswith("> "))
    assert _one_blank_line(expected) in _one_blank_line(unprompted)


def _one_blank_line(text: str) -> str:
    return re.sub(r"\n{2,}", "\n", text)


# --- ARCHITECTURE -----------------------------------------------------------------------------------------


def _tree() -> Iterator[Path]:
    """Every file and folder that the page's tree names, from the project's root."""
    open_folders: list[tuple[int, Path]] = []
    for line in section(ARCHITECTURE, "## Rooms").split("```")[1].splitlines():
        if not line:
            continue
        indent = len(line) - len(line.lstrip())
        names = re.split(r" {2,}", line.strip())[0].split()
        while open_folders and open_folders[-1][0] >= indent:
            open_folders.pop()
        above = open_folders[-1][1] if open_folders else ROOT
        for name in names:
            yield above / name
            if name.endswith("/"):
                open_folders.append((indent, above / name))


def test_everything_in_the_tree_exists() -> None:
    named = list(_tree())
    assert [path for path in named if not path.exists()] == []
    assert len(named) == len(set(named))


def test_every_module_is_in_the_tree() -> None:
    modules = {path for room in ROOMS for path in (ROOT / room).rglob("*.py") if _says_something(path)}
    assert sorted(modules - set(_tree())) == []


def _says_something(module: Path) -> bool:
    """False for an `__init__.py` with no more than a docstring."""
    return module.name != "__init__.py" or len(ast.parse(module.read_text(encoding="utf-8")).body) > 1


def test_the_page_is_a_page() -> None:
    assert len(ARCHITECTURE.splitlines()) <= 90


# Functions whose names stand in prose: where they are.
_NAMED = {
    "Fetcher._fetch": "bot.delivery.fetcher:Fetcher._fetch",
    "Fetcher._take_in": "bot.delivery.fetcher:Fetcher._take_in",
    "_take_up": "bot.delivery.fetcher:Fetcher._take_up",
    "stripped": "bot.delivery.stripped:stripped",
    "inbox.add": "storage.inbox:add",
    "inbox.apply": "storage.inbox:apply",
    "inbox.settle": "storage.inbox:settle",
    "inbox.bury": "storage.inbox:bury",
    "Lanes.put": "bot.delivery.lanes:Lanes.put",
    "Desk.handle": "bot.desk:Desk.handle",
    "Desk.act": "bot.desk:Desk.act",
    "Desk.show": "bot.desk:Desk.show",
    "Desk.answer_tap": "bot.desk:Desk.answer_tap",
    "Desk._redraw": "bot.desk:Desk._redraw",
    "_settle": "bot.desk:_settle",
    "_tell_lost": "bot.app:_tell_lost",
    "back_off": "bot.delivery.outside:back_off",
    "handlers.answering.said": "bot.handlers.answering:said",
    "turn.said": "bot.conversation.turn:said",
    "turn.tapped": "bot.conversation.turn:tapped",
    "engine.take_turn": "bot.flows.engine:take_turn",
    "Situation.save": "bot.conversation.situation:Situation.save",
    "onward": "bot.conversation.onward:onward",
    "screens.draw": "bot.conversation.screens:draw",
    "Visit.again": "bot.conversation.situation:Visit.again",
    "telegram.draw": "bot.telegram:draw",
    "Pacer.slot": "bot.delivery.pacer:Pacer.turn",
    "prompts.shown": "storage.prompts:shown",
    "away.offer": "bot.conversation.away:offer",
    "handlers.COMMANDS": "bot.handlers:COMMANDS",
    "terminal._KNOWN": "bot.terminal:_KNOWN",
    "menu.EVERYBODY": "bot.handlers.menu:EVERYBODY",
    "own_data.everything": "bot.conversation.own_data:everything",
    "rekey._SEALED": "storage.rekey:_SEALED",
}


@pytest.mark.parametrize("name", _NAMED)
def test_a_function_that_the_page_names_is_where_the_page_thinks(name: str) -> None:
    assert f"`{name}`" in ARCHITECTURE
    resolve_name(_NAMED[name])


# --- every page -------------------------------------------------------------------------------------------


def test_decisions_are_numbered_without_holes() -> None:
    assert [path.name[:5] for path in DECISIONS] == [f"{n:04}-" for n in range(1, len(DECISIONS) + 1)]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: str(path.name[:4]))
def test_a_decision_says_what_was_decided_why_and_how_to_go_back(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.name[:4]} ")
    assert re.findall(r"^\*\*(.+?)\.\*\*", text, re.MULTILINE) == ["Context", "Decision", "Consequences", "To reverse"]


def _anchor(heading: str) -> str:
    """As GitHub makes them."""
    return re.sub(r"[^\w\- ]", "", heading.casefold()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if re.match(r"https?://", target):
            continue
        name, _, anchor = target.partition("#")
        found = (page.parent / name).resolve() if name else page
        assert found.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in map(_anchor, headings), target


def test_every_page_that_the_code_points_to_is_there() -> None:
    missing = {
        (str(path.relative_to(ROOT)), pointed)
        for path in _files()
        if path.suffix in (".py", ".toml") and path != Path(__file__)
        for pointed in re.findall(r"docs/[\w/-]+(?:\.md)?", path.read_text(encoding="utf-8"))
        if not list(ROOT.glob(pointed if pointed.endswith(".md") else f"{pointed}*"))
    }
    assert missing == set()


# --- what may stand in no file ----------------------------------------------------------------------------


def _files() -> Iterator[Path]:
    """The project's own text files, without what is made by tools or kept out by .gitignore."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [each for each in folders if each not in _LEFT_OUT and not _is_made(each)]
        for name in names:
            if not re.search(r"\.(db|db-shm|db-wal|key|pyc)$|^\.env$|^mine-svar\.json$", name):
                yield Path(folder) / name


def _is_made(folder: str) -> bool:
    return any(part in folder for part in _PARTS_OF_NAMES_LEFT_OUT)


# Written so that they do not find themselves.
_FORBIDDEN = {
    "the path of a machine": r"(?<![\w.:/$}~-])/(?:work|root|tmp|opt|Users|home/(?!besyv\b))(?:/|\b(?=[\s\"'`]))",
    "the address of a registry": r"https?://[\w.-]*(?:p[y]pi|pythonh[o]sted|npmj[s]|registr[y]|ghc[r]|qua[y])[\w.-]*",
    "a bot token": r"\b\d{8,}:AA[\w-]{33}\b",
}


@pytest.mark.parametrize("what", _FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    found = []
    for path in _files():
        if what == "a bot token" and path.is_relative_to(ROOT / "tests"):
            continue  # tests have tokens of their own making
        text = path.read_bytes().decode("utf-8", "replace")
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in re.finditer(_FORBIDDEN[what], text)]
    assert found == []


# --- the container ----------------------------------------------------------------------------------------


def test_the_image_gets_every_room_and_keeps_keys_apart_from_data() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    settings = dict(re.findall(r"(BESYV_\w+)=(\S+)", dockerfile))
    inside = {"BESYV_DATABASE": "/data/besyv.db", "BESYV_KEY_FILE": "/keys/besyv.key", "BESYV_WEB_HOST": "0.0.0.0"}
    assert settings == inside
    copied = re.findall(r"^COPY (.+) \S+$", dockerfile, re.MULTILINE)
    wanted = sorted([*ROOMS, "README.md", "constraints.txt", "pyproject.toml"])
    assert sorted(name for line in copied for name in line.split()) == wanted
    let_in = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^!(\S+)$", let_in, re.MULTILINE)) == wanted
