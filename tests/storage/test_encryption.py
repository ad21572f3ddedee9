"""Encrypting: what it keeps, what it refuses, and how it follows a change of keys."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.encryption import NOTICED, Keyring
from storage.encryption_errors import EncryptionError
from tests.support.sealed import HERE

HEX_ID, HEX_KEY = "00112233", "ab" * 32


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "besyv.key"


@pytest.fixture
def keys(file: Path) -> Keyring:
    return Keyring.open_or_create(file)


# --- round trip -------------------------------------------------------------------------------------------


@settings(derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text())
def test_what_is_encrypted_can_be_opened_with_the_same_key_and_read_by_nobody(keys: Keyring, text: str) -> None:
    value = keys.seal(HERE, text)
    assert keys.open(HERE, value) == text
    assert len(text.encode()) < 3 or text.encode() not in value
    assert keys.seal(HERE, text) != value  # the same text never looks the same


def test_an_encrypted_value_says_its_version_and_its_key_and_nothing_else(keys: Keyring) -> None:
    value = keys.seal(HERE, "blåbær")
    assert (value[:1], value[1:5]) == (b"\x02", keys.active)
    assert value[:5] == keys.head
    assert len(value) == 1 + 4 + 12 + len("blåbær".encode()) + 16


# --- the key file -----------------------------------------------------------------------------------------


def test_the_key_file_is_made_once_for_the_owners_eyes_alone(file: Path) -> None:
    umask = os.umask(0)
    try:
        first = Keyring.open_or_create(file)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    assert Keyring.open_or_create(file).open(HERE, first.seal(HERE, "hej")) == "hej"
    assert (file.read_bytes(), first.path, first.count) == (before, file, 1)


def test_a_new_key_file_has_a_key_of_256_bits_and_no_two_are_alike(tmp_path: Path) -> None:
    Keyring.open_or_create(tmp_path / "a")
    Keyring.open_or_create(tmp_path / "b")
    (one_id, one), (other_id, other) = ((tmp_path / name).read_text().split() for name in "ab")
    assert [len(bytes.fromhex(part)) for part in (one_id, one)] == [4, 32]
    assert (one_id, one) != (other_id, other)


def test_blank_lines_in_the_key_file_do_no_harm(file: Path, keys: Keyring) -> None:
    value = keys.seal(HERE, "hej")
    file.write_text(f"\n{file.read_text()}\n\n")
    assert Keyring(file).open(HERE, value) == "hej"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "the key file besyv.key holds no key"),
        (b"\n\n", "the key file besyv.key holds no key"),
        (f"0011 {HEX_KEY}\n".encode(), "the key file besyv.key holds no key"),
        (b"hej", "the key file besyv.key can't be read or is no key file"),
        (f"{HEX_ID} {HEX_KEY} mere\n".encode(), "the key file besyv.key can't be read or is no key file"),
        (f"{HEX_ID} {HEX_KEY[:-2]}\n".encode(), "the key file besyv.key can't be read or is no key file"),
        (f"{HEX_ID} {HEX_KEY[:-1]}x\n".encode(), "the key file besyv.key can't be read or is no key file"),
        ("blåbær".encode(), "the key file besyv.key can't be read or is no key file"),
        (bytes(range(256)), "the key file besyv.key can't be read or is no key file"),
        (f"{HEX_ID} {HEX_KEY[:32]}\n".encode(), "the key file besyv.key holds no key"),  # of 128 bits
    ],
    ids=["empty", "blank", "short id", "a word", "three words", "short key", "no hex", "no ascii", "bytes", "128 bits"],
)
def test_what_is_no_key_file_is_refused_in_one_line_that_shows_nothing_of_it(
    file: Path, content: bytes, complaint: str
) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(EncryptionError) as refused:
        Keyring.open_or_create(file)
    assert str(refused.value) == complaint
    assert file.read_bytes() == content


@pytest.mark.parametrize(
    "make", [lambda file: None, lambda file: file.mkdir(parents=True)], ids=["nothing", "a folder"]
)
def test_where_no_file_can_be_read_that_is_said_in_one_line(file: Path, make: object) -> None:
    assert callable(make)
    make(file)
    with pytest.raises(EncryptionError, match=r"^the key file besyv\.key can't be read or is no key file$"):
        Keyring(file)


# --- what can't be opened ---------------------------------------------------------------------------------

DAMAGED = r"^a stored value has been damaged, tampered with or moved$"
UNKNOWN = r"^a stored value was encrypted with a key that is not in besyv\.key$"
NO_STORE = r"^the key store besyv\.people\.db is not there$"


def test_any_bit_that_is_turned_is_noticed(keys: Keyring) -> None:
    value = keys.seal(HERE, "hej")
    for place in range(len(value)):
        turned = bytes([*value[:place], value[place] ^ 1, *value[place + 1 :]])
        why = NO_STORE if not place else UNKNOWN if place < 5 else DAMAGED  # another version names another key
        with pytest.raises(EncryptionError, match=why):
            keys.open(HERE, turned)


def test_any_end_that_is_cut_off_or_put_on_is_noticed(keys: Keyring) -> None:
    value = keys.seal(HERE, "hej")
    for length in range(len(value)):
        with pytest.raises(EncryptionError, match=UNKNOWN if length < 5 else DAMAGED):
            keys.open(HERE, value[:length])
    with pytest.raises(EncryptionError, match=DAMAGED):
        keys.open(HERE, value + b"\0")


def test_another_files_keys_open_nothing(tmp_path: Path, keys: Keyring) -> None:
    other = Keyring.open_or_create(tmp_path / "other.key")
    with pytest.raises(EncryptionError, match=UNKNOWN):
        keys.open(HERE, other.seal(HERE, "hej"))


def test_the_right_id_with_another_key_opens_nothing(file: Path, keys: Keyring) -> None:
    value = keys.seal(HERE, "hej")
    file.write_text(f"{keys.active.hex()} {HEX_KEY}\n")
    with pytest.raises(EncryptionError, match=DAMAGED):
        Keyring(file).open(HERE, value)


# --- a change of keys -------------------------------------------------------------------------------------


def test_a_key_that_is_new_to_us_is_looked_for_in_the_file(file: Path, keys: Keyring) -> None:
    elsewhere = Keyring(file)
    old = keys.seal(HERE, "før")
    elsewhere.add()
    assert keys.open(HERE, elsewhere.seal(HERE, "efter")) == "efter"
    assert (keys.active, keys.open(HERE, old), keys.count) == (elsewhere.active, "før", 2)


def test_a_new_key_encrypts_and_the_old_ones_go_on_opening_until_they_are_retired(file: Path, keys: Keyring) -> None:
    old_id, old = keys.active, keys.seal(HERE, "før")
    keys.add()
    assert keys.active != old_id
    assert (keys.open(HERE, old), keys.count) == ("før", 2)
    new = keys.seal(HERE, "efter")
    keys.retire()
    assert (keys.open(HERE, new), keys.count) == ("efter", 1)
    with pytest.raises(EncryptionError, match=UNKNOWN):
        keys.open(HERE, old)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [entry.name for entry in file.parent.iterdir()] == ["besyv.key"]


def test_encrypting_follows_the_file_within_a_moment(file: Path, keys: Keyring) -> None:
    moments = iter((10.0, 10.0, 10.0 + NOTICED / 2, 10.0 + NOTICED, 10.0 + NOTICED))
    ours, elsewhere = Keyring(file, lambda: next(moments)), Keyring(file)
    before = ours.seal(HERE, "noget")[1:5]
    elsewhere.add()
    assert ours.seal(HERE, "et øjeblik efter")[1:5] == before != elsewhere.active
    assert ours.seal(HERE, "nu")[1:5] == elsewhere.active


def test_a_key_file_that_is_gone_for_a_moment_does_not_stop_the_encrypting(file: Path, keys: Keyring) -> None:
    content = file.read_bytes()
    file.unlink()
    value = keys.seal(HERE, "hej")
    assert keys.open(HERE, value) == "hej"
    file.write_bytes(content)
    assert Keyring(file).open(HERE, value) == "hej"
