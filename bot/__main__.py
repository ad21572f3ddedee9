"""The command line, `besyv`: the table of contents. Exit code 0 good, 1 a one-line error on stderr, 2 usage."""

from __future__ import annotations

import sqlite3
import sys

import typer

from bot.app.settings import SettingsError
from bot.cli import (
    Failed,
    backups,
    check,
    clock,
    coverage,
    export,
    invitations,
    key_rotation,
    outline,
    reminders,
    run,
    second_proof,
)
from bot.cli.process import process_cli
from bot.cli.questions import questions_cli
from bot.cli.register import register_cli
from bot.flows.yamltext import Faulty
from storage.db import DatabaseError
from storage.encryption_errors import EncryptionError
from storage.in_use import InUse

cli = typer.Typer(
    name="besyv",
    help="Besyv: giv dit besyv med. A municipality gathers input for its volunteering policy.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
cli.command()(run.run)
cli.command()(run.talk)
cli.command()(invitations.invite)
cli.command()(coverage.coverage)
cli.command()(reminders.reminders)
cli.command()(export.export)
cli.command()(export.contacts)
cli.command()(outline.outline)
cli.command()(check.check)
cli.command()(clock.clock)
cli.command()(second_proof.code)
cli.command("rekey")(key_rotation.rekey)
cli.command("backup")(backups.make_backup)
cli.command("restore")(backups.restore_backup)
cli.command()(backups.drill)
cli.command("lost-keys")(backups.lost)
cli.add_typer(process_cli, name="process")
cli.add_typer(questions_cli, name="questions")
cli.add_typer(invitations.link_cli, name="link")
cli.add_typer(register_cli, name="register")


def main() -> None:
    """The console script. Every error an operator can mend is one line and exit code 1."""
    try:
        cli()
    except (SettingsError, Faulty, DatabaseError, EncryptionError, InUse, Failed) as error:
        sys.stderr.write(f"besyv: {error}\n")
        raise SystemExit(1) from None
    except (sqlite3.Error, OSError) as error:
        sys.stderr.write(f"besyv: {type(error).__name__}: {error}\n")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
