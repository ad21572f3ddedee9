"""The documentation says what is: settings, commands, addresses, files, log lines, words and links are compared with
the code, in both directions."""

from __future__ import annotations

import ast
import csv
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated, Any, get_args, get_origin

import pytest
import typer
import yaml
from openpyxl.utils import get_column_letter
from pydantic import BaseModel, SecretStr, TypeAdapter
from pydantic.fields import FieldInfo

from bot import texts
from bot.__main__ import cli
from bot.app import jobs
from bot.app.runtime import process_text
from bot.app.settings import PREFIX, Settings, SettingsError, read_settings
from bot.channels.terminal import Talk
from bot.channels.web.context import WebContext
from bot.dialogue.file_words import table_words
from bot.features import COMMANDS
from bot.features.email_address import confirmation
from bot.features.identity import personal_link
from bot.features.invitations import service as invitations
from bot.features.privacy import retention
from bot.flows.loader import Item
from bot.flows.model import LANGUAGES, Group, Language
from bot.handlers.web import health, routes
from bot.outbox import monitor
from bot.process import plan
from bot.process.file import MeetingKind, ProcessFile
from bot.process.flows import flow_keys
from bot.process.loading import example
from reports import answers, contacts
from reports.register import HEADINGS, SIZES, PartyKind, RegisterField
from reports.register_reading import LARGEST, MOST_ROWS
from reports.table_words import Column
from tests.support.chat import Town
from tests.support.danish_formula import worked_out
from tests.support.example import of_example, planned
from tests.support.export_house import House, flow, question, wrote

ROOT = Path(__file__).parents[1]
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
DECISIONS = sorted((ROOT / "docs" / "decisions").iterdir())
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GUIDES = [page for page in PAGES if page not in DECISIONS]
TESTS_GUIDES = sorted((ROOT / "tests").rglob("*.md"))
ROOMS = ("bot", "storage", "reports")
_LEFT_OUT = (".venv", ".git", "build", "__pycache__")
_PARTS_OF_NAMES_LEFT_OUT = ("_cache", ".egg-info", ".hypothesis")


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next heading."""
    after = text.split(f"{heading}\n", 1)[1]
    return re.split(r"^#+ ", after, maxsplit=1, flags=re.MULTILINE)[0]


def tables(text: str) -> list[list[list[str]]]:
    """The cells of each Markdown table, without its head."""
    blocks = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return [[_cells(row) for row in block.splitlines()[2:]] for block in blocks]


def table(text: str) -> list[list[str]]:
    """The cells of the first table."""
    return tables(text)[0]


def _cells(row: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row)[1:-1]]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def columns(rows: list[list[str]], place: int = 0) -> list[str]:
    """Everything that stands in backticks in one column, from the top."""
    return [word for row in rows for word in quoted(row[place])]


# --- README -----------------------------------------------------------------------------------------------


def test_the_readme_is_short_and_begins_with_the_two_commands() -> None:
    lines = page("README.md").splitlines()
    assert len(lines) <= 150
    for command in ("make run", "make test"):
        assert any(line.split("  ")[0].rstrip() == command for line in lines[:25]), command


def test_every_page_of_docs_is_linked_from_the_readme() -> None:
    linked = set(re.findall(r"\]\((docs/[\w-]+\.md)", page("README.md")))
    assert linked == {str(path.relative_to(ROOT)) for path in GUIDES if path.parent.name == "docs"}


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_page_tells_one_to_write_is_one(path: Path) -> None:
    """`make …`, `besyv …` and `python -m …` in code; CHANGELOG and the guides too."""
    code = "\n".join(re.findall(r"`+([^`]+)`+", path.read_text(encoding="utf-8")))
    for called in re.findall(r"^(?:\w+=\S+ )*make ((?:[a-z-]+ ?)+)", code, re.MULTILINE):
        assert set(called.split()) <= set(_targets()), called
    real = dict(_commands(typer.main.get_command(cli), "besyv"))
    for said in re.findall(r"(?<![\w/-])(besyv (?!besyv)[a-z][^#\n]*)", code):
        if any(name.startswith(f"{said} ") for name in real):  # a group of commands
            continue
        name = next((name for name in real if f"{said} ".startswith(f"{name} ")), said)
        assert name in real
        assert set(re.findall(r" (--[\w-]+)", said)) <= real[name][1], said
    for module in re.findall(r"python -m ([\w.]+)", code):
        assert find_spec(module) is not None, module


def test_the_targets_of_the_makefile_are_those_there_are() -> None:
    documented = [name.removeprefix("make ") for name in columns(table(page("docs/contributing.md")))]
    assert sorted(documented) == sorted(_targets())


def _targets() -> list[str]:
    return [name for line in re.findall(r"^\.PHONY: (.*)$", page("Makefile"), re.MULTILINE) for name in line.split()]


# --- settings ---------------------------------------------------------------------------------------------

SETTINGS = page("docs/settings.md")
TYPES = {"str": "text", "int": "whole number", "bool": "yes or no", "SecretStr": "secret text"}


def test_the_settings_are_those_there_are_with_default_and_type() -> None:
    documented = {
        quoted(name)[0]: (next(iter(quoted(default)), ""), kind) for name, default, kind, _ in table(SETTINGS)
    }
    real = {
        f"{PREFIX}{name.upper()}": (
            field.default.get_secret_value() if isinstance(field.default, SecretStr) else str(field.default),
            TYPES[getattr(field.annotation, "__name__", "")],
        )
        for name, field in Settings.model_fields.items()
    }
    assert documented == real


@pytest.fixture
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A folder with a process file and no settings."""
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vores.yaml").write_text(example(), encoding="utf-8")
    (tmp_path / "oidc.secret").write_text("hemmelig", encoding="utf-8")
    return monkeypatch


_EXAMPLES = [
    [name, example, refused, says]
    for name, example, refused, says in (
        [quoted(cell)[0] for cell in row] for row in table(section(SETTINGS, "## Examples, and what is refused"))
    )
]


def test_each_setting_has_an_example_that_is_taken(nothing_set: pytest.MonkeyPatch) -> None:
    assert [row[0] for row in _EXAMPLES] == columns(table(SETTINGS))
    for name, taken, *_ in _EXAMPLES:
        nothing_set.setenv(name, taken)
    process_text(read_settings())


@pytest.mark.parametrize(("name", "refused", "says"), [(row[0], row[2], row[3]) for row in _EXAMPLES])
def test_a_wrong_setting_is_refused_in_the_words_of_the_page(
    nothing_set: pytest.MonkeyPatch, name: str, refused: str, says: str
) -> None:
    nothing_set.setenv(name, refused)
    with pytest.raises(SettingsError) as told:
        process_text(read_settings())
    assert str(told.value) == says


@pytest.mark.parametrize("address", columns(table(section(SETTINGS, "## The mail server"))))
def test_each_address_of_a_mail_server_is_taken(nothing_set: pytest.MonkeyPatch, address: str) -> None:
    nothing_set.setenv("BESYV_SMTP_URL", address)
    nothing_set.setenv("BESYV_MAIL_FROM", "frivillig@kommune.dk")
    assert read_settings().smtp_url.get_secret_value() == address


# --- commands ---------------------------------------------------------------------------------------------

_IN_CHAT = table(section(page("docs/commands.md"), "## In the chat"))
_Command = tuple[list[str], set[str], set[str], dict[str, str]]  # arguments; options, those needed; choices of some


def _commands(command: Any, path: str) -> Iterator[tuple[str, _Command]]:  # Any: typer's own copy of click
    """Each command's full name, and what it takes."""
    subcommands = getattr(command, "commands", None)
    if subcommands is not None:
        for name, each in subcommands.items():
            yield from _commands(each, f"{path} {name}")
        return
    arguments, options, needed, choices = [], set[str](), set[str](), dict[str, str]()
    for parameter in command.params:
        kind = parameter.type_descriptor.annotation
        said = "|".join(kind if isinstance(kind, type) and issubclass(kind, StrEnum) else get_args(kind))
        if parameter.param_type_name == "argument":
            name = said or parameter.name.upper()
            arguments.append(name if parameter.required else f"[{name}]")
            continue
        names = {*parameter.opts, *parameter.secondary_opts}
        options |= names
        needed |= names if parameter.required else set()
        choices |= dict.fromkeys(names, said) if said and kind is not Group else {}
    yield path, (arguments, options, needed, choices)


def test_the_commands_of_the_command_line_are_those_there_are_with_what_they_take() -> None:
    real = dict(_commands(typer.main.get_command(cli), "besyv"))
    documented: dict[str, _Command] = {}
    for usage in columns(table(section(page("docs/commands.md"), "## The command line"))):
        name = next((name for name in real if f"{usage} ".startswith(f"{name} ")), usage)
        must = re.sub(r"\[--.*?\]", "", usage.removeprefix(name))  # without what may be left out
        options, needed = (set(re.findall(r"--[\w-]+", text)) for text in (usage, must))
        arguments = re.sub(r"--[\w-]+ \S+", "", must).split()
        documented[name] = (arguments, options, needed, dict(re.findall(r"(--[\w-]+) ([a-z|]+)", usage)))
    assert documented == real


def test_the_groups_that_the_command_line_takes_are_those_there_are() -> None:
    told = re.search(r"`GROUP` is [^:]+: (.*?)\.\n", page("docs/commands.md"), re.DOTALL)
    assert told is not None
    assert quoted(told[1]) == [group.value for group in Group if group is not Group.STYREGRUPPE]


def test_the_commands_of_the_chat_are_those_there_are() -> None:
    documented = [tuple(word.removeprefix("/") for word in quoted(row[0])) for row in _IN_CHAT]
    assert documented == [command.names for command in COMMANDS]


def test_the_commands_that_stand_last_are_those_of_a_role() -> None:
    """«People who may not use the last three are told that there is no such command.»"""
    assert [command.name for command in COMMANDS if command.right is not None] == [
        quoted(row[0])[0].removeprefix("/") for row in _IN_CHAT[-3:]
    ]
    assert "People who may not use the last three" in page("docs/commands.md")


def test_the_names_of_the_english_menu_are_those_there_are() -> None:
    told = re.search(r"the English menu shows (.*?)\.", page("docs/commands.md"))
    assert told is not None
    assert quoted(told[1]) == [f"/{command.english}" for command in COMMANDS if command.english is not None]


@pytest.mark.parametrize(("language", "place"), list(zip(LANGUAGES, (2, 3), strict=True)))
def test_a_command_of_the_chat_has_the_phrase_that_telegram_shows(language: Language, place: int) -> None:
    for row in _IN_CHAT:
        name = quoted(row[0])[0].removeprefix("/")
        assert row[place] == texts.say(language, f"command.{name}")


@pytest.fixture
async def in_terminal(town: Town) -> Talk:
    """The leader sits at a terminal, past the privacy notice."""
    talk = Talk(town.runtime.database, town.runtime.context, town.clock, "da")
    for line in (f"/start {await town.invites('leader')}", "1"):
        await talk.take(line)
    return talk


async def test_in_the_terminal_all_commands_work(in_terminal: Talk) -> None:
    assert "In the terminal (`besyv talk`) all of them work." in page("docs/commands.md")
    unknown = texts.say("da", "said.unknown-command")
    refused = [word for word in columns(_IN_CHAT) if unknown in (await in_terminal.take(word)).notes]
    elsewhere = [
        f"/{name}" for each in COMMANDS if each.offered for name in (each.name, *each.aliases)
    ]  # than in one process
    assert (refused, (await in_terminal.take("/nothing")).notes[0]) == (elsewhere, unknown)


# --- addresses --------------------------------------------------------------------------------------------


@pytest.fixture
def addresses(town: Town) -> dict[str, set[str]]:
    """Every address of the pages, and how it is asked."""
    found: dict[str, set[str]] = {}
    for route in routes.addresses(
        WebContext(database=town.runtime.database, context=town.runtime.context, clock=town.clock)
    ):
        found.setdefault(route.path.replace(":short", ""), set()).update((route.methods or set()) - {"HEAD"})
    return found


async def test_the_addresses_are_those_there_are(addresses: dict[str, set[str]]) -> None:
    rows = table(page("docs/addresses.md"))
    documented = {quoted(path)[0]: set(quoted(how)) for path, how, _ in rows}
    assert len(documented) == len(rows)
    assert documented == addresses


async def test_a_command_of_the_chat_has_its_address(addresses: dict[str, set[str]]) -> None:
    assert set(columns(_IN_CHAT, 4)) <= addresses.keys()
    for command, row in zip(COMMANDS, _IN_CHAT, strict=True):
        own = [] if command.page is None else [command.page, *(f"/{alias}" for alias in command.aliases)]
        assert quoted(row[4])[: len(own)] == own, command.name


# --- the export, and other files --------------------------------------------------------------------------

EXPORT = page("docs/export.md")


def test_the_columns_of_the_export_are_those_there_are() -> None:
    rows = table(section(EXPORT, "## Answers"))
    assert columns(rows) == list(answers.COLUMNS)
    _have_their_headings(rows)


def test_the_columns_of_the_contacts_are_those_there_are() -> None:
    rows = table(section(EXPORT, "## Contacts and needs"))
    assert columns(rows) == list(contacts.COLUMNS)
    _have_their_headings(rows)


def _have_their_headings(rows: list[list[str]]) -> None:
    for named, danish, english, _ in rows:
        keys = quoted(named)
        assert danish == ", ".join(texts.say("da", f"column.{key}") for key in keys)
        assert english == ", ".join(texts.say("en", f"column.{key}") for key in keys)


def test_the_values_of_the_export_are_called_what_they_are_called_in_the_files() -> None:
    rows = table(section(EXPORT, "### What the values are called"))
    told = {(quoted(column)[0], quoted(key)[0]): (danish, english) for column, key, danish, english in rows}
    danish, english = (table_words(planned(of_example()), language).values for language in ("da", "en"))
    of_the_process = (Column.STEP, Column.FLOW, Column.GROUP, Column.AREA)
    assert len(told) == len(rows)
    assert told == {
        (column, key): (word, english[column][key])
        for column, called in danish.items()
        if column not in of_the_process
        for key, word in called.items()
    }


def test_the_columns_of_the_register_are_those_there_are_with_what_they_take() -> None:
    rows = [tuple(map(quoted, row)) for row in table(section(EXPORT, "## The register"))]
    headings = [(HEADINGS["da"][field], HEADINGS["en"][field], field.value) for field in RegisterField]
    assert [(danish, english, code) for [danish], [english], [code], _ in rows] == headings
    takes = {code: what for _, _, [code], what in rows}
    assert takes["kind"] == [kind.value for kind in PartyKind]
    assert takes["size"] == list(SIZES)
    assert f"up to {LARGEST // 1_000_000} MB and {MOST_ROWS:,} lines" in EXPORT


_FILE = re.compile(r"[a-zæøå{}-]+\.(?:csv|jsonl|xlsx|json|png|svg|pdf|ics|txt)")


def test_the_names_of_files_are_those_there_are() -> None:
    """Names that we give: in the catalogues, and in the code, where they begin with ours."""
    documented = set(columns(table(section(EXPORT, "## Other files"))))
    given = {str(m.string) for lang in LANGUAGES for m in texts.catalogue(lang) if _FILE.fullmatch(str(m.string))}
    in_code = {name for name in _strings() if re.match(r"(besyv|mine|svar)-", name)}
    patterns = {name: re.compile("[a-z0-9]+".join(map(re.escape, name.split("{}")))) for name in in_code}
    ours = {name.replace("{process}", "x").replace("{number}", "1") for name in documented if name not in given}
    assert given <= documented
    assert {name for name in ours if not any(p.fullmatch(name) for p in patterns.values())} == set()
    assert {name for name, p in patterns.items() if not any(map(p.fullmatch, ours))} == set()


def _strings() -> Iterator[str]:
    """Every text in the product that may be a file's name; `{}` where something is put in."""
    for node in _nodes():
        match node:
            case ast.Constant(value=str(text)):
                pass
            case ast.JoinedStr(values=parts):
                text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
            case _:
                continue
        if re.fullmatch(r"[\w{}-]+\.(?:\{\}|\w+)", text):
            yield text


# --- the process file -------------------------------------------------------------------------------------

PROCESS_FILE = page("docs/process-file.md")


def _fields(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every field of a model and of its parts, but of items, which have a table of their own."""
    for name, field in model.model_fields.items():
        inner = next(iter(get_args(field.annotation)), None) if get_origin(field.annotation) is tuple else None
        part = inner or field.annotation
        if not (isinstance(part, type) and issubclass(part, BaseModel) and part is not Item):
            yield before + name, field
            continue
        if inner is not None:
            yield before + name, field
        yield from _fields(part, f"{before}{name}.")


@pytest.mark.parametrize(("place", "model"), [(0, ProcessFile), (1, Item)])
def test_the_fields_of_the_process_file_are_those_there_are_with_their_defaults(
    place: int, model: type[BaseModel]
) -> None:
    rows = tables(section(PROCESS_FILE, "## Fields"))[place]
    real = dict(_fields(model))
    assert columns(rows) == list(real)
    for name, default, _ in rows:
        _has_default(quoted(name)[0], default, real[quoted(name)[0]])


def _has_default(name: str, default: str, field: FieldInfo) -> None:
    if not default:
        assert field.is_required(), name
    elif default == "none":
        assert field.default in (None, "", ()), name
    elif not quoted(default):  # `15 areas`, that are listed elsewhere
        assert int(default.split()[0]) == len(field.get_default(call_default_factory=True)), name
    else:
        said: object = quoted(default)[0]
        if get_origin(field.annotation) is tuple and isinstance(field.default, tuple):
            said = str(said).split(", ")
        kind: Any = Annotated[field.annotation, None, *field.metadata]  # Any: a type that is put together here
        taken: object = TypeAdapter(kind).validate_python(said)
        assert (taken, field.is_required()) == (field.default, False), name


def test_the_kinds_of_meetings_are_those_there_are() -> None:
    row = next(row for row in tables(section(PROCESS_FILE, "## Fields"))[0] if row[0] == "`meetings.kind`")
    assert [word for word in quoted(row[2]) if word != "groups"] == [kind.value for kind in MeetingKind]


def test_the_steps_have_the_numbers_they_are_shown_with() -> None:
    rows = table(section(PROCESS_FILE, "## The steps, and the guide's own numbers"))
    documented = [(quoted(step)[0], number, guide) for number, step, _, _, guide in rows]
    listed = yaml.safe_load((ROOT / "bot" / "flows" / "steps.yaml").read_text(encoding="utf-8"))
    shown = [(each["step"], str(each["number"] or "–"), str(each["guide"] or "–")) for each in listed]
    assert documented == [each for each in shown if each[0] != plan.START]
    flows = [flow for _, _, _, cell, _ in rows for flow in quoted(cell)]
    assert sorted(flows) == sorted(set(flow_keys()) - {plan.START})


# --- operations -------------------------------------------------------------------------------------------

OPERATIONS = page("docs/operations.md")
LEVELS = {level: level for level in ("debug", "info", "warning", "error", "critical")} | {"exception": "error"}


@cache
def _modules() -> dict[Path, ast.Module]:
    """The whole product, parsed."""
    paths = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def _nodes() -> Iterator[ast.AST]:
    for module in _modules().values():
        yield from ast.walk(module)


@cache
def _logged() -> frozenset[tuple[str, str]]:
    """Every line that is logged, with … for what is put in, and its level."""
    found = set()
    for node in _nodes():
        match node:
            case ast.Call(func=ast.Attribute(value=logger, attr=level), args=[line, *_]) if level in LEVELS:
                if re.fullmatch(r"log|logger|logging|logging\.getLogger\(.*\)", ast.unparse(logger)):
                    assert isinstance(line, ast.Constant), f"{ast.unparse(node)}: a line that no page can tell of"
                    found.add((re.sub(r"%[.\d]*[a-z]", "…", str(line.value)), LEVELS[level]))
    return frozenset(found)


def test_the_lines_of_the_log_are_those_there_are_with_their_levels() -> None:
    rows = table(section(OPERATIONS, "## The log"))
    documented = [(quoted(line)[0], level) for line, level, _ in rows]
    assert len(documented) == len(set(documented))
    assert set(documented) == _logged()


@pytest.mark.parametrize(("line", "by"), [("… done=…", "every"), ("… error=… retry_in=…", "_until_it_works")])
def test_what_begins_a_line_of_the_log_is_told(line: str, by: str) -> None:
    what = next(what for said, _, what in table(section(OPERATIONS, "## The log")) if quoted(said) == [line])
    named = [
        str(node.args[0].value)
        for node in _nodes()
        if isinstance(node, ast.Call) and ast.unparse(node.func) == by and isinstance(node.args[0], ast.Constant)
    ]
    assert sorted(quoted(what)) == sorted(set(named))


def test_what_to_watch_for_in_the_log_is_in_it() -> None:
    told = re.search(r"\*\*Watch for\*\*(.*?)\n\n", OPERATIONS, re.DOTALL)
    assert told is not None
    for sign in quoted(told[1]):
        assert any(sign in line for line, _ in _logged()) or sign == "/health", sign


def test_health_tells_what_the_page_says() -> None:
    fields, statuses = tables(section(OPERATIONS, "## Health"))
    assert columns(fields) == list(health.HealthReport.__annotations__)
    assert set(columns(statuses)) == set(_statuses())
    told = {quoted(status)[0]: what for status, what in statuses}
    assert f"for {health.SILENT} seconds" in told["poller"]
    assert f"for {health.OLDEST_UPDATE} seconds" in told["updates"]
    assert monitor.PATIENCE == 5 * 60  # «five minutes»


def _statuses() -> Iterator[str]:
    """Every text that is put down as a status."""
    for node in ast.walk(ast.parse(Path(health.__file__).read_text(encoding="utf-8"))):
        match node:
            case ast.Assign(
                targets=[ast.Subscript(slice=ast.Constant(value="status"))], value=ast.Constant(value=said)
            ):
                yield str(said)
            case ast.keyword(arg="status", value=ast.Constant(value=said)):
                yield str(said)


DAY, HOUR, MINUTE = 86_400, 3_600, 60
_UNITS = {"day": DAY, "hour": HOUR, "minute": MINUTE}


def test_things_are_deleted_when_the_page_says() -> None:
    told = dict(table(section(OPERATIONS, "## What is deleted when")))
    after = {
        what: int(found[1]) * _UNITS[found[2]]
        for what, when in told.items()
        if (found := re.search(r"^After (\d+) (day|hour|minute)s?\b", when))
    }
    assert after == {
        "A person who never said yes to the privacy notice": retention.NEVER_ACCEPTED,
        "A person who said yes to it, and did nothing since": retention.IDLE,
        "That somebody said no to such a mail (a keyed hash of the address)": confirmation.DECLINED,
        "A mail address that nobody confirmed": retention.NEVER_CONFIRMED,
        "What became of an outbox message": jobs.KEEP_MESSAGES,
        "A settled or dead update": jobs.KEEP_SETTLED,
        "A file that was uploaded and not imported into the register": jobs.KEEP_IMPORTS,
        "A broadcast that was never confirmed": jobs.KEEP_DRAFTS,
        "A question that somebody who leads began to make of a proposal, and did not put in": jobs.KEEP_DRAFTS,
        "A record of a code that did not work": invitations.FORGOTTEN,
        "A code that leads to Telegram": personal_link.CODE_LASTS,
    }
    lasting = re.search(r"gives a role holds for (\d+) days, a personal one for (\d+) days", OPERATIONS)
    assert lasting is not None
    assert [int(days) * DAY for days in lasting.groups()] == [invitations.ROLE_LASTS, invitations.PERSONAL_LASTS]


# --- other pages ------------------------------------------------------------------------------------------


def test_every_word_of_the_glossary_is_a_word_of_the_code() -> None:
    words = [word for rows in tables(page("docs/glossary.md")) for word in columns(rows, 2)]
    assert words
    for word in words:
        if ":" in word:
            resolve_name(word)
        else:
            assert word in flow_keys()


@pytest.mark.process
def test_the_conversation_that_is_shown_is_one_that_happens(tmp_path: Path) -> None:
    shown = next(b for b in re.findall(r"```\n(.*?)```", page("docs/screens.md"), re.DOTALL) if b.startswith("> "))
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


def test_every_folder_of_modules_is_in_the_table_and_every_folder_of_the_table_exists() -> None:
    named = columns(table(section(ARCHITECTURE, "## Folders")))
    packages = {f"{path.parent.relative_to(ROOT)}/" for path in _modules()}
    assert sorted(packages - set(named)) == []
    assert [name for name in named if not (ROOT / name).is_dir()] == []
    assert len(named) == len(set(named))


def test_the_page_is_a_page() -> None:
    assert len(ARCHITECTURE.splitlines()) <= 90


def _defined() -> Iterator[str]:
    """The full name of everything that the product's modules define: `bot.flows.engine.Answer.parts`."""
    for path, module in _modules().items():
        yield from (f"{_dotted(path)}.{defined}" for defined in _names(module.body))


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _names(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        match node:
            case ast.ClassDef(name=name):
                yield name
                yield from (f"{name}.{inner}" for inner in _names(node.body))
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def test_every_name_that_the_page_tells_is_that_of_one_thing() -> None:
    """`engine.take_turn`: as much of the full name as tells it from others."""
    prose = re.sub(r"```.*?```", "", ARCHITECTURE, flags=re.DOTALL)
    told = {word for word in quoted(prose) if re.fullmatch(r"\w+(\.\w+)+", word) and not _is_file(word)}
    assert len(told) > 50
    defined = [f".{name}" for name in _defined()]
    found = {word: [name for name in defined if name.endswith(f".{word}")] for word in told}
    assert {word: names for word, names in found.items() if len(names) != 1} == {}


def _is_file(word: str) -> bool:
    return word.endswith((".py", ".toml", ".po"))


# --- every page -------------------------------------------------------------------------------------------


def test_decisions_are_numbered_without_holes() -> None:
    assert [path.name[:5] for path in DECISIONS] == [f"{n:04}-" for n in range(1, len(DECISIONS) + 1)]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: str(path.name[:4]))
def test_a_decision_says_what_was_decided_why_and_how_to_go_back(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.name[:4]} ")
    assert re.findall(r"^\*\*(.+?)\.\*\*", text, re.MULTILINE) == ["Context", "Decision", "Consequences", "To reverse"]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: str(path.name[:4]))
def test_every_name_that_a_decision_tells_is_one_of_the_code(path: Path) -> None:
    """`engine.path(…)`: as much of the full name as tells it from others; `shown_at`: any word of the code."""
    told = [word.partition("(")[0] for word in quoted(path.read_text(encoding="utf-8"))]
    names = [word for word in told if re.fullmatch(r"\w+(\.\w+)*", word)]
    assert [name for name in names if not _is_known(name)] == []


def _is_known(name: str) -> bool:
    if _is_file(name):
        return (ROOT / name).exists()
    if "." in name:
        return sum(defined.endswith(f".{name}") for defined in _all_names()) == 1
    return name in _words()


@cache
def _all_names() -> tuple[str, ...]:
    """Of what modules define, and of the modules themselves."""
    return tuple(f".{name}" for name in (*_defined(), *(_dotted(path) for path in _modules())))


@cache
def _words() -> frozenset[str]:
    """Of the code and its tables, and the settings."""
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix in (".py", ".sql")]
    words = {word for path in paths for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}
    return frozenset({*words, *(f"{PREFIX}{field}".upper() for field in Settings.model_fields)})


def _anchor(heading: str) -> str:
    """As GitHub makes them."""
    return re.sub(r"[^\w\- ]", "", heading.casefold()).replace(" ", "-")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_within_the_project_leads_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for linked in re.findall(r"\]\(([^)]+)\)|(?:src|href)=\"([^\"]+)\"", text):
        target = "".join(linked)
        if re.match(r"https?://", target):
            continue
        name, _, anchor = target.partition("#")
        found = (path.parent / name).resolve() if name else path
        assert found.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in map(_anchor, headings), target


def test_the_formula_in_the_guide_makes_of_an_exported_answer_what_was_written(tmp_path: Path) -> None:
    """Worked out over a real file, row by row, with the letters that its columns have in a spreadsheet."""
    formula = re.search(r"`(=HVIS\(.*?\))`", page("docs/projektleder.md"))
    assert formula is not None
    written = ("=1+1", "'s Klub", "10-24", "Flere bænke", "+45 20 30 40 50", "''")
    house = House(tmp_path, flow(question("F1", "text")))
    for text in written:
        house.answer(house.begin(house.person(text)), wrote("F1", text))
    words = table_words(planned(of_example()), "da")
    read = csv.reader(io.StringIO(house.export("csv", words=words).read_bytes().decode("utf-8-sig")), delimiter=";")
    headings, *rows = read
    letters = [get_column_letter(column) for column in range(1, len(headings) + 1)]
    undone = [worked_out(formula[1], {f"{one}2": cell for one, cell in zip(letters, row, strict=True)}) for row in rows]
    assert undone == list(written)


def test_the_columns_and_values_that_the_guide_names_are_those_of_the_files() -> None:
    """In what it says of Excel; and where it says that something stands in a column, anywhere."""
    guide = page("docs/projektleder.md")
    words = table_words(planned(of_example()), "da")
    named = set(words.headings.values())
    called = {str(word) for values in words.values.values() for word in values.values()}
    buttons = {texts.say("da", key) for key in ("lead.title", "lead.filer", "lead.kontakter")}
    of_excel = set(re.findall(r"»([^«]+)«", section(guide, "## Hent svarene, og åbn dem i Excel")))
    examples = {"007", "10-24", "12:30", "50 %", "sand"}
    assert of_excel - named - called - buttons - examples == set()
    assert of_excel >= {"Status", "Sendt", "Kladde", "Bortfaldet", "Svar", "Kategori", "Fælles svar"}
    columns_named = re.findall(r"kolonnen? »([^«]+)«|kolonnerne »([^«]+)« og »([^«]+)«", guide)
    assert {name for found in columns_named for name in found if name} - named == set()
    assert not re.search(r"`(?:" + "|".join(Column) + r")`", guide)


def test_every_page_that_the_code_points_to_is_there() -> None:
    missing = {
        (str(path.relative_to(ROOT)), pointed)
        for path in _files()
        if path.suffix in (".py", ".toml") and path != Path(__file__)
        for pointed in re.findall(r"docs/[\w/-]+(?:\.md)?", path.read_text(encoding="utf-8"))
        if not list(ROOT.glob(pointed if pointed.endswith(".md") else f"{pointed}*"))
    }
    assert missing == set()


# Files and folders of ours, in backticks or links. What only comes into being, like `besyv.db`, lies in no folder.
_PATH = re.compile(r"`((?:bot|web|storage|reports|tests|bench|docs)/[\w./-]*)`")


@pytest.mark.parametrize("path", [*PAGES, *TESTS_GUIDES], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_that_a_page_names_is_there(path: Path) -> None:
    named = _PATH.findall(path.read_text(encoding="utf-8"))
    assert [each for each in named if not (ROOT / each).exists()] == []


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
    dockerfile = page("Dockerfile")
    settings = dict(re.findall(r"(BESYV_\w+)=(\S+)", dockerfile))
    inside = {"BESYV_DATABASE": "/data/besyv.db", "BESYV_KEY_FILE": "/keys/besyv.key", "BESYV_WEB_HOST": "0.0.0.0"}
    assert settings == inside
    copied = re.findall(r"^COPY (.+) \S+$", dockerfile, re.MULTILINE)
    wanted = sorted([*ROOMS, "README.md", "constraints.txt", "pyproject.toml"])
    assert sorted(name for line in copied for name in line.split()) == wanted
    let_in = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^!(\S+)$", let_in, re.MULTILINE)) == wanted
