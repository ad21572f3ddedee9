"""The command line, `besyv`. Exit code 0 good, 1 a one-line error on stderr, 2 usage."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from collections.abc import Coroutine
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress

from bot import settings as settings_
from bot.access import Role
from bot.app import opened, process_text
from bot.flows import outline
from bot.flows.loader import from_json
from bot.flows.yamltext import Faulty
from bot.process import invitations, plan
from bot.settings import Settings, SettingsError
from storage import audit, processes
from storage.db import DatabaseError, Tx, connect
from storage.sealed import Keyring, SealError

T = TypeVar("T")

cli = typer.Typer(
    name="besyv",
    help="Besyv: giv dit besyv med. A municipality gathers input for its volunteering policy.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
process_cli = typer.Typer(no_args_is_help=True, help="The process: municipality, steps, dates.")
cli.add_typer(process_cli, name="process")

err = Console(stderr=True, highlight=False)


class Failed(Exception):
    """Something the operator can mend. One line."""


class Format(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"


class Invited(StrEnum):
    LEADER = "leader"
    STEERING = "steering"


def main() -> None:
    """The console script. Every error an operator can mend is one line and exit code 1."""
    try:
        cli()
    except (SettingsError, Faulty, DatabaseError, SealError, Failed) as error:
        sys.stderr.write(f"besyv: {error}\n")
        raise SystemExit(1) from None
    except (sqlite3.Error, OSError) as error:
        sys.stderr.write(f"besyv: {type(error).__name__}: {error}\n")
        raise SystemExit(1) from None


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


@cli.command()
def run() -> None:
    """Start the main job: the web pages, and with a token the Telegram bot. With neither: the terminal."""
    settings = settings_.read()
    if not settings.telegram_token.get_secret_value() and settings.web is None:
        _talk(settings)
        return
    from bot import app, logs  # noqa: PLC0415  # logging's hooks must come after typer's own

    logs.configure(secrets=(settings.telegram_token.get_secret_value(),))
    if settings.web is not None:
        print(f"Besyv: {settings.web}  (Ctrl-C stops)", flush=True)
    _run(app.run(settings))


@cli.command()
def talk(english: Annotated[bool, typer.Option("--english", help="Begin in English.")] = False) -> None:
    """Answer the questions here in the terminal."""
    _talk(settings_.read(), english=english)


def _talk(settings: Settings, *, english: bool = False) -> None:
    from bot import terminal  # noqa: PLC0415  # only this command needs it

    async def go() -> None:
        async with opened(settings) as house:
            await terminal.talk(house.database, house.house, time.time, "en" if english else "da")

    _run(go())


@process_cli.command("load")
def process_load(file: Path) -> None:
    """Load a process file, or load it again after a change."""
    settings = settings_.read()
    text = plan.read_file(file)
    described = plan.parse_file(text, file.name)
    flows = plan.shipped_flows(described)
    faults = plan.check(flows)
    if faults:
        raise Failed(faults[0])

    async def go() -> None:
        async with opened(settings) as house:
            await house.database.write(lambda tx: plan.save(tx, described, flows, int(time.time())))

    _run(go())
    print(f"{described.process}: {described.municipality.name}, {len(described.steps)} steps")


@cli.command()
def invite(
    role: Invited,
    process: Annotated[str | None, typer.Option(help="The process's key; the first where left out.")] = None,
) -> None:
    """Print a one-time link that gives a role. It works once, within seven days."""
    settings = settings_.read()

    async def go() -> tuple[str, str | None]:
        async with opened(settings) as house:
            wanted = (await house.database.read(lambda tx: _process(tx, process))).id
            code = await house.database.write(
                lambda tx: invitations.make(tx, wanted, Role(role.value), int(time.time()))
            )
        return code, await _bot_name(settings)

    code, name = _run(go())
    if settings.web is not None:
        print(f"{settings.web}/i/{code}")
    if name:
        print(f"https://t.me/{name}?start={code}")
    elif settings.telegram_token.get_secret_value():
        print("no Telegram bot could be asked for its name: use the command")
    print(f"/start {code}")


async def _bot_name(settings: Settings) -> str | None:
    from telegram import Bot  # noqa: PLC0415  # only a link needs it
    from telegram.error import TelegramError  # noqa: PLC0415

    from bot.transport import AiohttpRequest  # noqa: PLC0415

    token = settings.telegram_token.get_secret_value()
    if not token:
        return None
    bot = Bot(
        token,
        base_url=f"{settings.telegram_api}/bot",
        request=AiohttpRequest(),
        get_updates_request=AiohttpRequest(),
    )
    try:
        async with bot:
            return bot.username
    except TelegramError:
        return None


def _process(tx: Tx, key: str | None) -> processes.ProcessRow:
    rows = processes.every(tx)
    found = [row for row in rows if key is None or row.key == key]
    if not found:
        raise Failed(f"there is no process {key}; there are {', '.join(row.key for row in rows)}")
    return found[0]


@cli.command()
def export(
    out: Annotated[Path, typer.Option(help="The file to write.")],
    format: Annotated[Format, typer.Option(help="csv for Excel, jsonl for programs.")] = Format.CSV,
    process: Annotated[str | None, typer.Option(help="The process's key; the first where left out.")] = None,
) -> None:
    """Write every answer to a file."""
    from reports import answers as report  # noqa: PLC0415  # only this command needs it

    settings = settings_.read()
    keys, key = _run(_audited(settings, process, "export", format.value))
    with closing(connect(settings.database_path)) as connection, Progress(console=err, transient=True) as bar:
        task = bar.add_task("export", total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        try:
            rows = report.export(connection, keys, key, out, format.value, progress)
        except report.ExportError as error:
            raise Failed(str(error)) from None
    print(f"{out}: {rows} answers")


@cli.command()
def contacts(
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
    process: Annotated[str | None, typer.Option(help="The process's key; the first where left out.")] = None,
) -> None:
    """Write what people told to be reached by, and what they need at meetings. Never stands among the answers."""
    from reports import answers as report  # noqa: PLC0415  # only this command needs it
    from reports import contacts as contacts_report  # noqa: PLC0415

    settings = settings_.read()
    keys, key = _run(_audited(settings, process, "contacts", "csv"))
    with closing(connect(settings.database_path)) as connection:
        try:
            rows = contacts_report.export(connection, keys, key, out)
        except report.ExportError as error:
            raise Failed(str(error)) from None
    print(f"{out}: {rows} contacts and needs")


async def _audited(settings: Settings, process: str | None, action: str, detail: str) -> tuple[Keyring, str]:
    """Notes the use in the audit log; the keys, and the key of the process."""
    async with opened(settings) as house:
        row = await house.database.read(lambda tx: _process(tx, process))
        now = int(time.time())
        await house.database.write(lambda tx: audit.note(tx, row.id, "operator", action, detail, now))
        return house.database.keys, row.key


@cli.command("outline")
def outline_(
    diagram: Annotated[bool, typer.Option("--diagram/--no-diagram", help="With a diagram of the branching.")] = True,
) -> None:
    """Print every flow as Markdown and diagram."""
    settings = settings_.read()

    async def go() -> list[str]:
        async with opened(settings) as house:
            wanted = await house.database.read(lambda tx: house.house.plan(tx).process_id)
            rows = await house.database.read(lambda tx: processes.newest_flows(tx, wanted))
        return [row.definition for row in rows]

    for definition in _run(go()):
        flow = from_json(definition)
        print(outline.markdown(flow))
        if diagram:
            print(f"```mermaid\n{outline.diagram(flow)}\n```\n")


@cli.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="A process file; the configured one where left out.")] = None,
) -> None:
    """Check settings, the process file, every flow and every text."""
    from bot import checks  # noqa: PLC0415  # only this command needs it

    settings = settings_.read()
    text, name = (plan.read_file(file), file.name) if file else process_text(settings)
    faults = checks.faults(text, name)
    for fault in faults[1:]:
        sys.stderr.write(f"besyv: {fault}\n")
    if faults:
        raise Failed(faults[0])
    print("settings, process file, flows and texts are in order")


@cli.command()
def rekey() -> None:
    """Seal everything anew with a new key, and drop the old one."""
    from storage import rekey as rekeying  # noqa: PLC0415  # only this command needs it

    settings = settings_.read()
    if not settings.database_path.exists():
        raise Failed(f"there is no database {settings.database}")
    with closing(connect(settings.database_path)) as connection, Progress(console=err, transient=True) as bar:
        task = bar.add_task("rekey", total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        rows = rekeying.rekey(connection, Keyring(settings.key_path), progress)
    print(f"{rows} values sealed with a new key")


if __name__ == "__main__":
    main()
