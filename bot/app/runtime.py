"""What every job and channel stands on: the open database, the processes in it, the sender. Owns the clock."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.app.settings import Settings, SettingsError
from bot.dialogue.session import Context
from bot.features import MESSAGES, TABLES, process_file
from bot.flows.schedule import DAY
from bot.flows.yamltext import Faulty
from bot.outbox.sender import Sender
from bot.process.file import ProcessFile
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from bot.process.loading import example, parse_file, questions_text, read_file, with_questions
from storage import backup, key_check, processes
from storage.db import AT_A_TERMINAL_SECONDS, Database, DatabaseError
from storage.encryption import Keyring
from storage.encryption_errors import EncryptionError, KeyStoreError

log = logging.getLogger(__name__)
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Runtime:
    database: Database
    context: Context
    sender: Sender
    wake_sender: asyncio.Event = field(default_factory=asyncio.Event)  # something may be due in the outbox
    wake_inbox: asyncio.Event = field(default_factory=asyncio.Event)  # we have put something there ourselves

    @property
    def process_host(self) -> ProcessHost:
        return self.context.process_host


@asynccontextmanager
async def open_runtime(
    settings: Settings, clock: Clock = time.time, busy: float = AT_A_TERMINAL_SECONDS
) -> AsyncIterator[Runtime]:
    """The database with its process. An empty one gets the process file of the settings, or the example.
    `busy`: seconds for which a lock of another process is waited for.

    Raises SettingsError that names the setting whose file can't be used.
    """
    try:
        keys = open_keys(settings)
    except sqlite3.Error as error:
        raise SettingsError(f"BESYV_DATABASE: the database {settings.database} can't be opened: {error}") from None
    try:
        database = await Database.open(settings.database_path, keys, busy)
    except DatabaseError as error:
        raise SettingsError(f"BESYV_DATABASE: {error}") from None
    try:
        has_bot = bool(settings.telegram_token.get_secret_value())
        default = await _default_process(database, settings, int(clock()))
        copies = settings.backups
        process_host = ProcessHost(
            default,
            settings.web,
            has_bot=has_bot,
            login=bool(settings.oidc_issuer),
            copies_kept=0 if copies is None else -(-copies.keep // DAY),
        )
        context = Context(process_host, TABLES, budgets=settings.budgets)
        yield Runtime(database, context, Sender(database=database, context=context, messages=MESSAGES, clock=clock))
    finally:
        await database.close()


def open_keys(settings: Settings) -> Keyring:
    """The keys of the key file and of the key store. Raises SettingsError that names the setting whose file can't be
    used; sqlite3.Error where the database can't be read."""
    try:
        return key_check.open_matching_keys(
            settings.key_path,
            settings.database_path,
            store=settings.key_store_path,
            store_copy=settings.key_store_copy_path,
        )
    except KeyStoreError as error:
        raise SettingsError(f"BESYV_KEY_STORE: {error}") from None
    except (EncryptionError, OSError) as error:
        raise SettingsError(f"BESYV_KEY_FILE: {error}") from None


CHECKOUT = Path(__file__).parents[2]  # where this code lies


def keep_apart(settings: Settings, checkout: Path = CHECKOUT) -> None:
    """Telegram's terms ask for the key to be stored apart from the data (bot developers § 4.4). In a git checkout,
    where one tries it out, that is a warning; elsewhere a setting must say that it is meant. Raises SettingsError."""
    folder = settings.database_path.resolve().parent
    lies = [
        name
        for name, path in (("BESYV_KEY_FILE", settings.key_path), ("BESYV_KEY_STORE", settings.key_store_path))
        if path.resolve().parent == folder
    ]
    if not lies:
        return
    if not (checkout / ".git").exists() and not settings.key_beside_database:
        raise SettingsError(
            f"{lies[0]}: lies beside the database, so that one copy holds both. Set it to another disk or volume, "
            "or BESYV_KEY_BESIDE_DATABASE=yes"
        )
    log.warning("the keys lie beside the database: set %s to another disk or volume", lies[0])


def keep_backups_apart(settings: Settings) -> None:
    """A folder for backups that is not there yet is told while we run; one with the keys in it is refused. Raises
    SettingsError."""
    folder = settings.backups.folder if settings.backups is not None else None
    if folder is not None and backup.holds_keys(folder, settings.key_paths):
        raise SettingsError("BESYV_BACKUP_DIR: the keys lie in it: take another folder, so that no copy holds both")


async def _default_process(database: Database, settings: Settings, now: int) -> str:
    """The key of the process a bare /start enters: the first that was loaded."""
    known = await database.read(processes.every)
    if known:
        if await database.read(process_file.is_behind):
            await database.write(lambda tx: process_file.catch_up(tx, now))
        return known[0].key
    try:
        file = parse_file(*process_text(settings), now)
    except Faulty as faulty:
        raise SettingsError(f"BESYV_PROCESS: {faulty.faults[0]}") from None
    try:
        file = with_own_questions(settings, file)
        flows = shipped_flows(file)
    except Faulty as faulty:
        raise SettingsError(f"BESYV_QUESTIONS: {faulty.faults[0]}") from None
    await database.write(lambda tx: process_file.save(tx, file, flows, now))
    return file.process


def with_own_questions(settings: Settings, file: ProcessFile) -> ProcessFile:
    """The process with the questions of the settings' file, where there is one. Raises Faulty."""
    return with_questions(file, questions_text(Path(settings.questions))) if settings.questions else file


def process_text(settings: Settings) -> tuple[str, str]:
    """The text and the name of the process file of the settings, or of the example. Raises SettingsError."""
    if not settings.process:
        return example(), "example.yaml"
    try:
        return read_file(Path(settings.process)), Path(settings.process).name
    except Faulty as faulty:
        raise SettingsError(f"BESYV_PROCESS: {faulty}") from None
