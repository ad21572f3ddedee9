"""The command line, `besyv`. Exit code 0 good, 1 a one-line error on stderr, 2 usage."""

from __future__ import annotations

import sqlite3
import sys
import time
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from bot.app.runtime import open_runtime, process_text
from bot.app.settings import Settings, SettingsError, read_settings
from bot.cli import Failed, Process, coverage, execute, invitations, note, process_row, reminders
from bot.cli.register import register_cli
from bot.features import process_file
from bot.flows import outline
from bot.flows.loader import from_json
from bot.flows.yamltext import Faulty
from bot.process.flows import flow_faults, shipped_flows
from bot.process.loading import parse_file, read_file
from storage import processes
from storage.db import DatabaseError, connect
from storage.encryption import EncryptionError, Keyring

cli = typer.Typer(
    name="besyv",
    help="Besyv: giv dit besyv med. A municipality gathers input for its volunteering policy.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

process_cli = typer.Typer(no_args_is_help=True, help="The process: municipality, steps, dates.")


cli.add_typer(process_cli, name="process")


cli.command()(invitations.invite)


cli.add_typer(invitations.link_cli, name="link")


cli.add_typer(register_cli, name="register")


cli.command()(coverage.coverage)


cli.command()(reminders.reminders)


err = Console(stderr=True, highlight=False)


class Format(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"


def main() -> None:
    """The console script. Every error an operator can mend is one line and exit code 1."""
    try:
        cli()
    except (SettingsError, Faulty, DatabaseError, EncryptionError, Failed) as error:
        sys.stderr.write(f"besyv: {error}\n")
        raise SystemExit(1) from None
    except (sqlite3.Error, OSError) as error:
        sys.stderr.write(f"besyv: {type(error).__name__}: {error}\n")
        raise SystemExit(1) from None


@cli.command()
def run() -> None:
    """Start the main job: the web pages, and with a token the Telegram bot. With neither: the terminal."""
    settings = read_settings()
    if not settings.telegram_token.get_secret_value() and settings.web is None:
        _talk(settings)
        return
    from bot import logs  # noqa: PLC0415  # logging's hooks must come after typer's own
    from bot.app import run as main_job  # noqa: PLC0415  # as above

    logs.configure(secrets=(settings.telegram_token.get_secret_value(), settings.smtp_password))
    if settings.web is not None:
        print(f"Besyv: {settings.web}  (Ctrl-C stops)", flush=True)
    execute(main_job.run(settings))


@cli.command()
def talk(english: Annotated[bool, typer.Option("--english", help="Begin in English.")] = False) -> None:
    """Answer the questions here in the terminal."""
    _talk(read_settings(), english=english)


def _talk(settings: Settings, *, english: bool = False) -> None:
    from bot.channels import terminal  # noqa: PLC0415  # only this command needs it

    async def go() -> None:
        async with open_runtime(settings) as runtime:
            await terminal.talk(runtime.database, runtime.context, time.time, "en" if english else "da")

    execute(go())


@process_cli.command("load")
def process_load(file: Path) -> None:
    """Load a process file, or load it again after a change."""
    settings = read_settings()
    text = read_file(file)
    described = parse_file(text, file.name)
    flows = shipped_flows(described)
    faults = flow_faults(flows)
    if faults:
        raise Failed(faults[0])

    async def go() -> None:
        async with open_runtime(settings) as runtime:
            await runtime.database.write(lambda tx: process_file.save(tx, described, flows, int(time.time())))

    execute(go())
    print(f"{described.process}: {described.municipality.name}, {len(described.steps)} steps")


@cli.command()
def export(
    out: Annotated[Path, typer.Option(help="The file to write.")],
    format: Annotated[Format, typer.Option(help="csv for Excel, jsonl for programs.")] = Format.CSV,
    process: Process = None,
) -> None:
    """Write every answer to a file."""
    from reports import answers  # noqa: PLC0415  # only this command needs it

    settings = read_settings()
    keys, key = execute(_audited(settings, process, "export", format.value))
    with closing(connect(settings.database_path)) as connection, Progress(console=err, transient=True) as bar:
        task = bar.add_task("export", total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        try:
            rows = answers.export_answers(connection, keys, key, out, format.value, progress)
        except answers.ExportError as error:
            raise Failed(str(error)) from None
    print(f"{out}: {rows} answers")


@cli.command()
def contacts(
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
    process: Process = None,
) -> None:
    """Write what people told to be reached by, and what they need at meetings. Never stands among the answers."""
    from reports import answers, contacts  # noqa: PLC0415  # only this command needs them

    settings = read_settings()
    keys, key = execute(_audited(settings, process, "contacts", "csv"))
    with closing(connect(settings.database_path)) as connection:
        try:
            rows = contacts.export_contacts(connection, keys, key, out)
        except answers.ExportError as error:
            raise Failed(str(error)) from None
    print(f"{out}: {rows} contacts and needs")


async def _audited(settings: Settings, process: str | None, action: str, detail: str) -> tuple[Keyring, str]:
    """Notes the use in the audit log; the keys, and the key of the process."""
    async with open_runtime(settings) as runtime:
        row = await runtime.database.read(lambda tx: process_row(tx, process))
        await runtime.database.write(lambda tx: note(tx, row.id, action, detail, int(time.time())))
        return runtime.database.keys, row.key


@cli.command("outline")
def outline_(
    diagram: Annotated[bool, typer.Option("--diagram/--no-diagram", help="With a diagram of the branching.")] = True,
) -> None:
    """Print every flow as Markdown and diagram."""
    settings = read_settings()

    async def go() -> list[str]:
        async with open_runtime(settings) as runtime:
            wanted = await runtime.database.read(lambda tx: runtime.process_host.plan(tx).process_id)
            rows = await runtime.database.read(lambda tx: processes.newest_flows(tx, wanted))
        return [row.definition for row in rows]

    for definition in execute(go()):
        flow = from_json(definition)
        print(outline.markdown(flow))
        if diagram:
            print(f"```mermaid\n{outline.diagram(flow)}\n```\n")


@cli.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="A process file; the configured one where left out.")] = None,
) -> None:
    """Check settings, the process file, every flow and every text; recount the coverage of the database."""
    from bot.cli import check  # noqa: PLC0415  # only this command needs it

    settings = read_settings()
    text, name = (read_file(file), file.name) if file else process_text(settings)
    faults = check.faults(text, name) + coverage.miscounted(settings.database_path, settings.key_path)
    for fault in faults[1:]:
        sys.stderr.write(f"besyv: {fault}\n")
    if faults:
        raise Failed(faults[0])
    print("settings, process file, flows and texts are in order")


@cli.command()
def rekey() -> None:
    """Seal everything anew with a new key, and drop the old one."""
    from storage import key_rotation  # noqa: PLC0415  # only this command needs it

    settings = read_settings()
    if not settings.database_path.exists():
        raise Failed(f"there is no database {settings.database}")
    with closing(connect(settings.database_path)) as connection, Progress(console=err, transient=True) as bar:
        task = bar.add_task("rekey", total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        rows = key_rotation.rotate(connection, Keyring(settings.key_path), progress)
    print(f"{rows} values sealed with a new key")


if __name__ == "__main__":
    main()
