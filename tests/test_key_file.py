"""The key file is the database's own, or nothing starts: a new one beside sealed answers would open none of them."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.app.runtime import keep_apart
from bot.app.settings import Settings, SettingsError
from storage import email_addresses, people
from storage.db import Tx, connect
from storage.encryption import Keyring
from storage.encryption_errors import EncryptionError
from storage.invitations import NewInvitation, add
from storage.sealed_columns import EMAIL_ADDRESS
from tests.support.command_line import besyv
from tests.support.sealed import opened

pytestmark = pytest.mark.process

COMMANDS = (
    ("run",),
    ("talk",),
    ("invite", "leader"),
    ("coverage",),
    ("reminders",),
    ("export", "--out", "svar.csv"),
    ("contacts", "--out", "kontakt.csv"),
    ("check",),
    ("clock",),
    ("rekey",),
    ("register", "export", "--out", "liste.csv"),
)
MISSING = (
    "besyv: BESYV_KEY_FILE: there is no besyv.key, and besyv.db holds what was encrypted with its keys. "
    "Put the key file back; without it nobody can read the answers\n"
)
NO_STORE = (
    "besyv: BESYV_KEY_STORE: there is no besyv.people.db, and besyv.db holds what was encrypted with the keys in it. "
    "Put it back, or its copy; without it nobody can read the answers\n"
)
STRANGE_STORE = (
    "besyv: BESYV_KEY_STORE: besyv.people.db holds none of the keys of the people in besyv.db. Put the right one, or "
    "its copy, in its place\n"
)
STRANGE = (
    "besyv: BESYV_KEY_FILE: besyv.key holds none of the keys that besyv.db was encrypted with. "
    "Put the right key file in its place\n"
)


@pytest.fixture
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a database in which something is sealed."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("BESYV_")]:
        monkeypatch.delenv(name)
    assert besyv("check")[0] == 0
    assert besyv("invite", "leader")[0] == 0
    with closing(connect(tmp_path / "besyv.db")) as connection:
        for number in (1, 2):
            new = NewInvitation(
                process_id=1, kind="campaign", code_hash=f"h{number}", made_by="operator", label=f"Plakat {number}"
            )
            add(Tx(connection, Keyring(tmp_path / "besyv.key")), new, 0)
    assert besyv("check")[0] == 0
    return tmp_path


def _complaint(*command: str) -> tuple[int, str]:
    """Exit code, and the last line; `run` has logged before that the keys lie beside the database."""
    code, _, complained = besyv(*command)
    return code, complained.splitlines(keepends=True)[-1]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_without_the_key_file_no_command_starts_and_none_is_made(sealed: Path, command: tuple[str, ...]) -> None:
    (sealed / "besyv.key").unlink()
    assert _complaint(*command) == (1, MISSING)
    assert not (sealed / "besyv.key").exists()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_with_a_key_file_of_other_keys_no_command_starts(sealed: Path, command: tuple[str, ...]) -> None:
    (sealed / "besyv.key").unlink()
    Keyring.open_or_create(sealed / "besyv.key")
    assert _complaint(*command) == (1, STRANGE)


@pytest.fixture
def answered(sealed: Path) -> Path:
    """Somebody has a mailbox too."""
    with closing(connect(sealed / "besyv.db")) as connection:
        tx = Tx(connection, Keyring(sealed / "besyv.key"))
        email_addresses.put(tx, people.add(tx, 1, "P-1", "da", 0), "a@b.example", "code", "hash", 0)
        tx.keys.people.close()
    assert besyv("check")[0] == 0
    return sealed


@pytest.mark.parametrize("command", [COMMANDS[0], COMMANDS[5], COMMANDS[7]], ids=" ".join)  # all open the keys alike
def test_without_the_key_store_no_command_starts_and_none_is_made(answered: Path, command: tuple[str, ...]) -> None:
    (answered / "besyv.people.db").rename(answered / "copy.db")
    assert _complaint(*command) == (1, NO_STORE)
    assert not (answered / "besyv.people.db").exists()
    (answered / "copy.db").rename(answered / "besyv.people.db")  # its copy is put back
    assert besyv("check")[0] == 0


def test_with_a_key_store_of_other_keys_no_command_starts(answered: Path) -> None:
    (answered / "besyv.people.db").unlink()
    other = Keyring(answered / "besyv.key").people
    other.new()
    other.close()
    assert _complaint("check") == (1, STRANGE_STORE)
    (answered / "besyv.people.db").write_bytes(b"")
    assert _complaint("invite", "leader") == (1, NO_STORE)


def test_check_names_those_whose_key_is_missing_and_nothing_else_stops(answered: Path) -> None:
    store = answered / "besyv.people.db"
    older = store.read_bytes()
    with closing(connect(answered / "besyv.db")) as connection:
        tx = Tx(connection, Keyring(answered / "besyv.key"))
        for number in range(40):
            email_addresses.put(tx, people.add(tx, 1, f"P{number}", "da", 0), "a@b.example", "c", f"{number}", 0)
        tx.keys.people.close()
    whole = store.read_bytes()
    store.write_bytes(older)
    code, _, told = besyv("check")
    assert code == 1 and told.startswith("besyv: ") and " of people have keys that are not in besyv.people.db: " in told
    assert besyv("invite", "leader")[0] == 0
    store.write_bytes(whole)
    assert besyv("check")[0] == 0


def test_rekey_wraps_everybodys_keys_anew_and_renews_the_copy(answered: Path) -> None:
    old = (answered / "besyv.key").read_text()
    assert besyv("rekey", BESYV_KEY_STORE_COPY="elsewhere.copy")[0] == 0
    for store in ("besyv.people.db", "elsewhere.copy"):
        with closing(connect(answered / "besyv.db")) as connection:
            assert opened(connection, Keyring(answered / "besyv.key", store=answered / store), EMAIL_ADDRESS)
            (answered / "old.key").write_text(old)
            with pytest.raises(EncryptionError):
                opened(connection, Keyring(answered / "old.key", store=answered / store), EMAIL_ADDRESS)


def test_where_the_copy_can_not_be_renewed_the_old_key_stays(answered: Path) -> None:
    code, _, told = besyv("rekey", BESYV_KEY_STORE_COPY="not/there.copy")
    assert code == 1 and "the copy not/there.copy can't be written" in told
    assert Keyring(answered / "besyv.key").count == 2


def test_check_tells_of_keys_of_the_erased_that_wait_for_a_day(answered: Path) -> None:
    with closing(connect(answered / "besyv.db")) as connection:
        connection.execute("INSERT INTO keys_to_erase VALUES (x'00', 5)")
    code, _, told = besyv("check")
    assert code == 1 and "the keys of people who were erased wait to be overwritten for " in told


def test_check_opens_a_value_per_key_and_names_what_does_not_open(sealed: Path) -> None:
    with closing(sqlite3.connect(sealed / "besyv.db", isolation_level=None)) as connection:
        connection.execute(
            "UPDATE invitations SET label = CAST(x'02AABBCCDD' || zeroblob(40) AS BLOB) WHERE code_hash = 'h2'"
        )
        [row] = connection.execute("SELECT id FROM invitations WHERE code_hash = 'h2'").fetchone()
    assert besyv("check")[::2] == (
        1,
        f"besyv: invitations {row}: a stored value was encrypted with a key that is not in besyv.key\n",
    )
    assert besyv("invite", "leader")[0] == 0  # the others open: this is the file


def test_what_is_swapped_between_two_rows_does_not_open(sealed: Path) -> None:
    with closing(sqlite3.connect(sealed / "besyv.db", isolation_level=None)) as connection:
        connection.execute(
            """UPDATE invitations SET label = (SELECT label FROM invitations WHERE code_hash = 'h2')
               WHERE code_hash = 'h1'"""
        )
    code, _, complained = besyv("check")
    assert code == 1 and complained.endswith("a stored value has been damaged, tampered with or moved\n")


def _settings(folder: Path, **more: object) -> Settings:
    values: dict[str, object] = {"database": str(folder / "besyv.db"), "key_file": str(folder / "besyv.key"), **more}
    return Settings.model_validate(values)


def test_outside_a_git_checkout_keys_beside_the_database_are_refused_unless_it_is_meant(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^BESYV_KEY_FILE: lies beside the database"):
        keep_apart(_settings(tmp_path), checkout=tmp_path)
    keep_apart(_settings(tmp_path, key_beside_database=True), checkout=tmp_path)
    apart = {"key_file": str(tmp_path / "keys" / "besyv.key")}
    keep_apart(_settings(tmp_path, **apart), checkout=tmp_path)
    with pytest.raises(SettingsError, match=r"^BESYV_KEY_STORE: lies beside the database"):
        keep_apart(_settings(tmp_path, **apart, key_store=str(tmp_path / "people.db")), checkout=tmp_path)
    (tmp_path / ".git").mkdir()
    keep_apart(_settings(tmp_path), checkout=tmp_path)  # `make run` on a fresh clone
