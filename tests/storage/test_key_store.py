"""The key store: a key per person, overwritten when they are erased, in its copy too; missing is not erased."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from storage import answers, db, hearing_responses, inbox, key_check, key_watch, people, runs
from storage.answers import StoredAnswer
from storage.db import Tx, connect, migrate
from storage.encryption import UNREADABLE, Keyring
from storage.encryption_errors import EncryptionError, KeyErased, KeyMissing, KeyStoreError
from storage.files_in_place import FileGone
from storage.inbox import IncomingUpdate
from storage.key_store import KEPT_OPEN, NAME, STOCK, KeyStore
from tests.support.sealed import HERE, opened

NOW = 1_772_500_000


class House:
    """A database, its keys, and a copy of the key store in another place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store, self.copy = folder / "keys" / NAME, folder / "elsewhere" / "keys.copy"
        self.copy.parent.mkdir(exist_ok=True)
        self.keys = self.ring()
        self.connection = connect(folder / "besyv.db")
        migrate(self.connection)
        self.connection.execute("INSERT OR IGNORE INTO processes VALUES (1, 'eksempel', '{}', 1, 0)")
        self.tx = Tx(self.connection, self.keys)

    def ring(self) -> Keyring:
        return Keyring.open_or_create(self.folder / "keys" / "besyv.key", store_copy=self.copy)

    def answered(self, name: str, flow: str = "plan") -> tuple[int, int]:
        """A person and their run, in which they have said who they are."""
        person = people.add(self.tx, 1, name, "da", NOW)
        run = runs.start(self.tx, person, flow, 1, NOW).id
        self.answer(run, name)
        return person, run

    def answer(self, run: int, text: str, *, apart: bool = False) -> None:
        row = StoredAnswer(
            question="A2" if apart else "A1",
            version=1,
            revision=1,
            asked="Hvad?",
            language="da",
            channel="telegram",
            content=text,
            skipped=False,
            open=False,
            closed_once=True,
            answered_at=NOW,
            apart=apart,
        )
        answers.put(self.tx, run, row)

    def key_of(self, table: str, row: int) -> bytes | None:
        found: bytes | None = self.tx.only(f"SELECT key_id FROM {table} WHERE id = :row", row=row)[0]
        return found

    def wrapped(self, key_id: bytes | None) -> bytes:
        with closing(sqlite3.connect(self.store)) as connection:
            found: bytes = connection.execute("SELECT wrapped FROM keys WHERE id = ?", (key_id,)).fetchone()[0]
            return found

    def due(self) -> set[bytes]:
        return {row[0] for row in self.tx.all("SELECT key_id FROM keys_to_erase")}

    def bytes_of(self, path: Path) -> bytes:
        return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def put(path: Path, content: bytes) -> None:
    for left in path.parent.glob(f"{path.name}-*"):
        left.unlink()
    path.write_bytes(content)


# --- one key each -----------------------------------------------------------------------------------------


def test_each_person_has_a_key_of_their_own_which_is_on_disk_before_the_answer_is(house: House) -> None:
    house.connection.execute("BEGIN")
    (anna, _), (bent, _) = house.answered("Anna"), house.answered("Bent")
    one, other = house.key_of("people", anna), house.key_of("people", bent)
    assert one is not None and other is not None and one != other
    with closing(sqlite3.connect(house.store)) as connection:  # nothing of the data is committed yet
        stored = {key_id for (key_id,) in connection.execute("SELECT id FROM keys WHERE wrapped IS NOT NULL")}
    assert {one, other} < stored
    house.connection.execute("COMMIT")
    assert opened(house.connection, house.ring()) == ["Anna", "Bent"]
    assert stat.S_IMODE(house.store.stat().st_mode) == 0o600


def test_who_has_said_nothing_has_no_key_and_the_store_is_written_once_for_many(house: House) -> None:
    people.add(house.tx, 1, "who only looks", "da", NOW)
    assert not house.store.exists()
    for number in range(STOCK):
        house.answered(f"P{number}")
    with closing(sqlite3.connect(house.store)) as connection:
        assert connection.execute("SELECT count(*) FROM keys").fetchone()[0] == STOCK


def test_a_key_of_the_key_file_alone_opens_nothing_of_a_person(house: House, tmp_path: Path) -> None:
    house.answered("Anna")
    (tmp_path / "stolen").mkdir()
    without = Keyring(house.folder / "keys" / "besyv.key", store=tmp_path / "stolen" / NAME)
    with pytest.raises(KeyMissing):
        opened(house.connection, without)


def test_a_key_can_be_put_in_nobody_elses_place(house: House) -> None:
    (anna, _), (bent, _) = house.answered("Anna"), house.answered("Bent")
    with closing(sqlite3.connect(house.store)) as connection, connection:
        connection.execute(
            "UPDATE keys SET wrapped = ? WHERE id = ?",
            (house.wrapped(house.key_of("people", anna)), house.key_of("people", bent)),
        )
    with pytest.raises(EncryptionError, match="moved"):
        opened(house.connection, house.ring())


def test_no_more_keys_are_kept_open_than_so_many(house: House) -> None:
    store = house.keys.people
    every = [store.new() for _ in range(KEPT_OPEN + 10)]
    for key_id in every:
        store.key(key_id)
    assert 0 < len(store._open) <= KEPT_OPEN
    assert store.key(every[0]) is not None  # read again


def test_an_update_goes_with_its_person_and_none_is_lost_with_a_key(house: House) -> None:
    anna, _ = house.answered("Anna")
    people.enter(house.tx, "telegram", "77", anna, NOW)
    inbox.add(house.tx, [IncomingUpdate(1, 77, {"hun": "siger"}), IncomingUpdate(2, 88, {"en": "fremmed"})], NOW)
    assert [update.update for update in inbox.unsettled(house.tx)] == [{"hun": "siger"}, {"en": "fremmed"}]
    key_id = house.key_of("people", anna)
    assert key_id is not None
    house.keys.people.erase([key_id], NOW)
    inbox.add(house.tx, [IncomingUpdate(3, 77, {"hun": "igen"})], NOW)
    assert [update.update for update in inbox.unsettled(house.tx)] == [{"en": "fremmed"}, {"hun": "igen"}]
    assert inbox.drop_erased(house.tx) == 1  # or it would seem to wait for ever
    assert [row[0] for row in house.tx.all("SELECT update_id FROM inbox WHERE state = 'new'")] == [2, 3]


# --- erased -----------------------------------------------------------------------------------------------


def test_an_erased_key_is_in_no_file_any_more_and_everybody_elses_is(house: House) -> None:
    (anna, _), (bent, _) = house.answered("Anna"), house.answered("Bent")
    one, other = house.key_of("people", anna), house.key_of("people", bent)
    assert one is not None
    gone, kept = house.wrapped(one), house.wrapped(other)
    house.keys.people.renew_copy()
    assert gone in house.bytes_of(house.copy) and gone in house.bytes_of(house.store)
    house.keys.people.erase([one], NOW)
    house.keys.people.renew_copy()
    for path in (house.store, house.copy):
        found = house.bytes_of(path)
        assert (gone in found, kept in found) == (False, True), path
    for keys in (house.keys, house.ring()):
        with pytest.raises(KeyErased):
            keys.people.key(one)
    assert house.keys.people.ids().erased == {one: NOW}


def test_whatever_takes_a_row_away_its_key_is_due_to_be_overwritten(house: House) -> None:
    ways: dict[str, Callable[[int], object]] = {
        "erased": lambda person: people.erase(house.tx, person),
        "never accepted": lambda _: people.erase_never_accepted(house.tx, 1, NOW + 1),
        "said yes and did nothing": lambda person: did_nothing(house, person),
        "with the process": lambda _: house.connection.execute("DELETE FROM people"),
    }
    for name, way in ways.items():
        person, _ = house.answered(name)
        key_id = house.key_of("people", person)
        way(person)
        assert house.due() == {key_id}, name
        house.connection.execute("DELETE FROM keys_to_erase")


def did_nothing(house: House, person: int) -> None:
    people.accept_notice(house.tx, person, "v", NOW)
    house.connection.execute("DELETE FROM answers")
    people.erase_idle(house.tx, 1, NOW + 1)


def test_a_missing_key_is_not_an_erased_one(house: House) -> None:
    anna, _ = house.answered("Anna")
    house.keys.people.renew_copy()
    late = [house.answered(f"P{number}")[0] for number in range(2 * STOCK)][-1]
    house.keys.people.close()
    put(house.store, house.copy.read_bytes())  # what an older copy leaves
    keys = house.ring()
    with pytest.raises(KeyMissing):
        keys.people.key(house.key_of("people", late) or b"")
    assert keys.people.key(house.key_of("people", anna) or b"") is not None
    found = key_watch.compare(key_watch.named(house.tx), keys.people.ids())
    assert (late in found.missing["people"], anna in found.missing["people"]) == (True, False)
    assert found.erased == {"people": [], "runs": []}


def test_what_was_erased_while_its_key_was_missing_stays_erased_when_the_key_comes_back(house: House) -> None:
    anna, _ = house.answered("Anna")
    key_id = house.key_of("people", anna) or b""
    house.keys.people.renew_copy()
    house.keys.people.close()
    put(house.store, b"")
    house.store.unlink()
    store = house.ring().people
    store.erase([key_id], NOW)
    assert store.ids().erased == {key_id: NOW}


# --- responses --------------------------------------------------------------------------------------------


def sent(house: House, name: str) -> tuple[int, int]:
    person, run = house.answered(name, "hoering")
    house.answer(run, "ring til mig", apart=True)
    hearing_responses.put(house.tx, 1, run, run, NOW)
    return person, run


def test_a_hearing_response_has_a_key_of_its_own_from_when_it_is_sent(house: House) -> None:
    person, run = sent(house, "Anna")
    own = house.key_of("runs", run)
    assert own is not None and own != house.key_of("people", person)
    departed = people.add_departed(house.tx, person, "P-departed", NOW)
    runs.hand_over(house.tx, run, departed)
    answers.keep_as_sent(house.tx, run)
    people.erase(house.tx, person)
    house.keys.people.erase(house.due(), NOW)
    assert opened(house.connection, house.ring()) == ["Anna"]


def test_withdrawn_it_goes_with_its_author_and_its_key_is_overwritten(house: House) -> None:
    person, run = sent(house, "Anna")
    own = house.key_of("runs", run)
    answers.remember(house.tx, run, "A1")
    before = house.tx.only("SELECT content FROM answers")[0]
    runs.withdraw(house.tx, run, NOW)
    assert (house.key_of("runs", run), house.due()) == (None, {own})
    house.keys.people.erase(house.due(), NOW)
    assert [each.content for each in answers.of_run(house.tx, run)] == ["Anna", "ring til mig"]
    assert [each.content for each in answers.history(house.tx, run)] == ["Anna"]
    with pytest.raises(KeyErased):  # as it stands in a copy of the data
        house.keys.open(HERE, before)
    hearing_responses.put(house.tx, 1, 99, run, NOW)
    assert house.key_of("runs", run) not in (own, None)
    assert person


def test_one_damaged_answer_keeps_nobody_from_sending_or_taking_back(house: House) -> None:
    _, run = house.answered("Anna", "hoering")
    house.connection.execute("UPDATE answers SET content = CAST(x'02' || zeroblob(40) AS BLOB)")
    hearing_responses.put(house.tx, 1, 1, run, NOW)
    runs.withdraw(house.tx, run, NOW)
    assert len(house.due()) == 1


# --- the copy ---------------------------------------------------------------------------------------------


def test_the_copy_is_readable_by_its_owner_alone_and_opens_what_the_store_opens(house: House) -> None:
    house.answered("Anna")
    assert house.keys.people.copy_is_behind()
    assert house.keys.people.renew_copy()
    assert not house.keys.people.copy_is_behind()
    assert stat.S_IMODE(house.copy.stat().st_mode) == 0o600
    assert [path.name for path in house.copy.parent.iterdir()] == ["keys.copy"]
    assert opened(house.connection, Keyring(house.folder / "keys" / "besyv.key", store=house.copy)) == ["Anna"]


def test_what_the_copy_was_before_is_overwritten_on_the_disk(house: House) -> None:
    house.answered("Anna")
    house.keys.people.renew_copy()
    with house.copy.open("rb") as before:
        house.keys.people.renew_copy()
        assert set(before.read()) == {0}


def test_a_copy_that_a_link_leads_to_stays_where_it_is(house: House) -> None:
    house.answered("Anna")
    there = house.folder / "far.copy"
    house.copy.symlink_to(there)
    for _ in range(2):
        house.keys.people.renew_copy()
        assert house.copy.is_symlink() and opened(
            house.connection, Keyring(house.folder / "keys" / "besyv.key", store=there)
        ) == ["Anna"]
        assert not house.keys.people.copy_is_behind()


def test_what_a_killed_renewal_left_is_overwritten_and_gone(house: House) -> None:
    house.answered("Anna")
    left = house.copy.with_name("keys.copy.999.new")
    left.write_bytes(house.bytes_of(house.store))
    with left.open("rb") as held:
        house.keys.people.renew_copy()
        assert set(held.read()) == {0}
    assert not left.exists()


def test_a_copy_that_knows_more_is_never_overwritten(house: House) -> None:
    house.answered("Anna")
    house.keys.people.close()
    older = house.store.read_bytes()
    house.keys = house.ring()
    house.tx.keys = house.keys
    for number in range(2 * STOCK):
        house.answered(f"P{number}")
    house.keys.people.renew_copy()
    before = house.copy.read_bytes()
    house.keys.people.close()
    put(house.store, older)
    with pytest.raises(KeyStoreError, match=r"holds \d+ keys that are not in besyv\.people\.db"):
        house.ring().people.renew_copy()
    assert house.copy.read_bytes() == before


def test_what_either_knows_as_erased_is_erased_in_both(house: House) -> None:
    anna, _ = house.answered("Anna")
    key_id = house.key_of("people", anna) or b""
    house.keys.people.close()
    older = house.store.read_bytes()
    store = house.ring().people
    store.erase([key_id], NOW)
    store.renew_copy()
    store.close()
    put(house.store, older)  # put back from somewhere
    again = house.ring().people
    again.renew_copy()
    assert again.ids().erased == {key_id: NOW}


@pytest.mark.parametrize("how", ["a bit", "its head", "cut", "cut short", "nothing", "another's"])
@pytest.mark.parametrize("what", ["left", "rekeyed", "damaged in the copy too"])
def test_a_damaged_key_goes_over_no_good_one_and_the_copy_has_all_else(
    house: House, caplog: pytest.LogCaptureFixture, how: str, what: str
) -> None:
    """Of many, one is damaged, one erased and one new, in any order: the copy is the store with the good one."""
    store = house.keys.people
    hurt, gone, other = store.new(), store.new(), store.new()
    assert store.renew_copy()
    good = house.wrapped(hurt)
    bad = {
        "a bit": good[:-1] + bytes([good[-1] ^ 1]),
        "its head": bytes([good[0], good[1] ^ 255]) + good[2:],
        "cut": good[:20],
        "cut short": good[:6],
        "nothing": None,
        "another's": house.wrapped(other),
    }[how]
    _put_wrapped(house.store, hurt, bad)
    if what == "damaged in the copy too":
        _put_wrapped(house.copy, hurt, good[:-2] + b"xx")
    if what == "rekeyed":
        house.keys.add()
        store.rewrap(house.keys.head)
    new = store._made(3)
    store.erase([gone], NOW)
    for _ in range(2):
        caplog.clear()
        assert store.renew_copy() and not store.copy_is_behind()
        whole = "no" if what == "damaged in the copy too" else "yes"
        [told] = [each.getMessage() for each in caplog.records if each.name == "storage.key_store"]
        assert told == f"keys damaged={_number(house.store, hurt)} whole_in_copy={whole}"
    ours, theirs = _rows(house.store), _rows(house.copy)
    there = good if what != "damaged in the copy too" else good[:-2] + b"xx"
    assert theirs == {**ours, hurt: (there, None)}
    assert theirs[gone] == (None, NOW) and all(theirs[each] == ours[each] for each in new)
    assert house.bytes_of(house.copy).count(good) == (0 if what == "damaged in the copy too" else 1)
    assert [(each.id, each.is_whole_there) for each in store.damaged()] == [(hurt, whole == "yes")]
    if whole == "yes":
        store.close()
        put(house.store, house.copy.read_bytes())
        assert house.ring().people.damaged() == []


def test_check_names_whose_key_is_damaged_and_says_how_to_take_it_back(house: House) -> None:
    person, _ = house.answered("Anna")
    house.answered("Bo")
    house.keys.people.renew_copy()
    key_id = house.key_of("people", person)
    assert key_id is not None
    assert key_check.unopened(house.folder / "besyv.db", house.ring()) == []
    _put_wrapped(house.store, key_id, house.wrapped(key_id)[:-1])
    told, *others = key_check.unopened(house.folder / "besyv.db", house.ring())
    number = _number(house.store, key_id)
    assert told == (
        f"key {number} in {NAME}, of people {person}, is damaged and whole in its copy: make a backup, which brings "
        f"the rest of {house.copy} up to date, stop Besyv, copy that file over {house.store}, and start"
    )
    assert others != [] and all("damaged" in each for each in others)
    _put_wrapped(house.copy, key_id, b"x")
    told, *_ = key_check.unopened(house.folder / "besyv.db", house.ring())
    assert told.startswith(f"key {number} in {NAME}, of people {person}, is damaged, and ")


def _put_wrapped(path: Path, key_id: bytes, wrapped: bytes | None) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE keys SET wrapped = ? WHERE id = ?", (wrapped, key_id))
        connection.commit()


def _number(path: Path, key_id: bytes) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT number FROM keys WHERE id = ?", (key_id,)).fetchone()[0])


def _rows(path: Path) -> dict[bytes, tuple[bytes | None, int | None]]:
    with closing(sqlite3.connect(path)) as connection:
        return {row[0]: (row[1], row[2]) for row in connection.execute("SELECT id, wrapped, erased_at FROM keys")}


@pytest.mark.parametrize("what", [b"a letter to my mother", b""])
def test_a_file_that_is_no_copy_is_left_alone_and_an_empty_one_is_filled(house: House, what: bytes) -> None:
    house.answered("Anna")
    house.copy.write_bytes(what)
    if what:
        with pytest.raises(KeyStoreError, match="is no copy of a key store"):
            house.keys.people.renew_copy()
        assert house.copy.read_bytes() == what
    else:
        assert house.keys.people.renew_copy() and house.copy.read_bytes()


def test_the_database_named_as_copy_by_mistake_is_left_alone(house: House) -> None:
    house.answered("Anna")
    store = KeyStore(house.store, lambda _, key: key, lambda _, key: key, house.folder / "besyv.db")
    with pytest.raises(KeyStoreError, match="is no copy of a key store"):
        store.renew_copy()
    assert opened(house.connection, house.ring()) == ["Anna"]


def test_a_place_that_is_not_there_is_told_and_the_old_copy_stays(house: House) -> None:
    house.answered("Anna")
    house.copy.parent.rmdir()
    with pytest.raises(KeyStoreError, match="can't be written"):
        house.keys.people.renew_copy()


RENEWS = """
    import sys
    from pathlib import Path
    from storage.encryption import Keyring
    folder = Path(sys.argv[1])
    store = Keyring(folder / "keys" / "besyv.key", store_copy=folder / "elsewhere" / "keys.copy").people
    print("ready", flush=True)
    while not (folder / "enough").exists():
        store.renew_copy()
"""


@pytest.mark.process
def test_two_processes_renew_the_copy_and_neither_spoils_it_or_brings_back_what_was_erased(house: House) -> None:
    """A backup at the command line, while the bot erases people."""
    store = house.keys.people
    erased = [store.new() for _ in range(100)]
    program = [sys.executable, "-c", textwrap.dedent(RENEWS), str(house.folder)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "ready\n"
        try:
            for key_id in erased:
                store.erase([key_id], NOW)
                store.renew_copy()
        finally:
            (house.folder / "enough").touch()
        assert (other.wait(), other.stderr.read() if other.stderr else "") == (0, "")
    with closing(sqlite3.connect(house.copy)) as copy:
        assert copy.execute("SELECT count(*) FROM keys WHERE wrapped IS NULL").fetchone() == (len(erased),)
    assert [path.name for path in house.copy.parent.iterdir()] == ["keys.copy"]


# --- trouble ----------------------------------------------------------------------------------------------


def test_a_store_removed_while_it_is_open_takes_no_more_keys(house: House) -> None:
    house.answered("Anna")
    house.store.unlink()
    with pytest.raises(FileGone):
        [house.keys.people.new() for _ in range(STOCK + 1)]


def test_another_file_is_no_key_store(house: House) -> None:
    with closing(sqlite3.connect(house.store)) as connection:
        connection.execute("CREATE TABLE recipes (x)")
    with pytest.raises(KeyStoreError, match="is no key store"):
        house.answered("Anna")


def test_in_lists_of_many_nobodys_lost_key_hides_the_others(house: House) -> None:
    anna, _ = house.answered("Anna")
    sealed = house.tx.only("SELECT content FROM answers")[0]
    house.keys.people.erase([house.key_of("people", anna) or b""], NOW)
    assert house.keys.open_or_mark(HERE, sealed) == UNREADABLE
    rows = house.tx.all("SELECT run_id, question, revision, content FROM answers")
    assert list(answers.readable(house.tx, rows)) == []


STOPPED = """
    import os, sys
    from pathlib import Path
    from storage.encryption import Keyring
    from storage.key_store import KeyStore
    folder, where = Path(sys.argv[1]), sys.argv[2]
    import storage.key_store as module
    def stop(*_):
        os.kill(os.getpid(), 9)
    if where == "before the copy":
        module._replace = stop
    elif where == "before it is renamed":
        module.sync = lambda path, sync=module.sync: stop() if path.name.endswith(".new") else sync(path)
    elif where == "before the old one is overwritten":
        module._overwrite = stop
    store = Keyring(folder / "keys" / "besyv.key", store_copy=folder / "elsewhere" / "keys.copy").people
    store.erase([bytes.fromhex(sys.argv[3])], 5)
    store.renew_copy()
"""


@pytest.mark.process
@pytest.mark.parametrize("where", ["before the copy", "before it is renamed", "before the old one is overwritten"])
def test_killed_anywhere_store_and_copy_are_whole_and_a_second_try_finishes(house: House, where: str) -> None:
    anna, _ = house.answered("Anna")
    house.answered("Bent")
    key_id = house.key_of("people", anna) or b""
    gone = house.wrapped(key_id)
    house.keys.people.renew_copy()
    house.keys.people.close()
    command = [sys.executable, "-c", textwrap.dedent(STOPPED), str(house.folder), where, key_id.hex()]
    killed = subprocess.run(command, cwd=Path(db.__file__).parents[1], capture_output=True, check=False)
    assert killed.returncode == -9, killed.stderr
    for path in (house.store, house.copy):
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    store = house.ring().people
    store.erase([key_id], 6)
    store.renew_copy()
    assert gone not in house.bytes_of(house.store) + house.bytes_of(house.copy)
    assert store.ids().erased == {key_id: 5}
    assert [path.name for path in house.copy.parent.iterdir()] == ["keys.copy"]
    assert os.path.getsize(house.copy) > 0
