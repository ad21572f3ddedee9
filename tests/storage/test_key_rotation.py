"""Changing the key: real files, a bot that works on meanwhile, and being stopped in the middle."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from storage import (
    answers,
    broadcasts,
    calendar_feeds,
    email_addresses,
    inbox,
    invitations,
    meetings,
    objections,
    page_notes,
    people,
    processes,
    question_drafts,
    register,
    runs,
    signups,
    step_overrides,
)
from storage.answers import StoredAnswer
from storage.db import Tx, connect, migrate
from storage.encryption import NOTICED, UNREADABLE, Keyring
from storage.encryption_errors import EncryptionError
from storage.inbox import IncomingUpdate
from storage.invitations import NewInvitation
from storage.key_rotation import BATCH, Rotation, StillInUse, left, rotate
from storage.meetings import MeetingDetails, MeetingFacts
from storage.recipients import ChosenAudience
from storage.register import NewParty, RegisterImport
from storage.sealed_columns import ANSWER
from storage.signups import Signup
from storage.step_overrides import StepOverride
from tests.support.sealed import HERE, of_an_older_besyv

NOW = 1_772_000_000

# What is encrypted and stays.
ENCRYPTED = (
    ("answers", "content"),
    ("answers_apart", "content"),
    ("answer_history", "content"),
    ("imports", "content"),
    ("invitations", "label"),
    ("step_changes", "why"),
    ("meetings", "why"),
    ("signups", "needs"),
    ("meeting_words", "content"),
    ("minutes", "content"),
    ("meeting_drafts", "content"),
    ("question_drafts", "content"),
    ("sendings", "content"),
    ("mailboxes", "address"),
    ("mailboxes", "code"),
    ("calendars", "code"),
    ("page_notes", "content"),
    ("held_words", "content"),
    ("erasure_requests", "address"),
    ("erasure_requests", "reason"),
    ("objections", "why"),
    ("objections", "reason"),
    ("publications", "secret"),
    ("parties", "contact"),
    ("personal_links", "secret"),
    ("hash_keys", "content"),
)


class House:
    """A database and its key file, with one person who answers."""

    def __init__(self, folder: Path) -> None:
        self.database, self.key_file = folder / "besyv.db", folder / "besyv.key"
        self.keys = Keyring.open_or_create(self.key_file)
        self.connection = connect(self.database)
        migrate(self.connection)
        self.tx = Tx(self.connection, self.keys)
        self.process = processes.save(self.tx, "eksempel", "{}", NOW)
        self.run = runs.start(self.tx, people.add(self.tx, self.process, "P-1", "da", NOW), "faelles", 1, NOW)

    def answer(self, question: str, text: str, *, apart: bool = False, keys: Keyring | None = None) -> None:
        row = StoredAnswer(
            question=question,
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
        answers.put(Tx(self.connection, keys or self.keys), self.run.id, row)

    def answered_before(self, question: str, text: str, keys: Keyring | None = None) -> None:
        """As a Besyv sealed it that had no keys per person."""
        self.answer(question, text)
        sealed = (keys or self.keys).seal(ANSWER.at(self.run.id, question, 1), text)
        self.connection.execute("UPDATE answers SET content = ? WHERE question = ?", (sealed, question))

    def answers(self, keys: Keyring) -> dict[str, str]:
        return {row.question: row.content for row in answers.of_run(Tx(self.connection, keys), self.run.id)}


class Clock:
    """Stands still until somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


CLOCK = Clock()


def rekey(connection: sqlite3.Connection, keys: Keyring, progress: Callable[[int, int], None] | None = None) -> int:
    """How many values were sealed anew; none was damaged."""
    done = rotated(connection, keys, progress)
    assert done.damaged == ()
    return done.sealed


def rotated(
    connection: sqlite3.Connection, keys: Keyring, progress: Callable[[int, int], None] | None = None
) -> Rotation:
    return rotate(connection, keys, progress, clock=CLOCK, sleep=CLOCK.sleep)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def fill(house: House, count: int) -> None:
    house.connection.execute("BEGIN")
    for number in range(count):
        house.answered_before(f"A{number}", f"svar {number}")
    house.connection.execute("COMMIT")


def test_everything_is_encrypted_with_the_new_key_and_the_old_one_opens_nothing(house: House) -> None:
    house.answer("A1", "Et sted at mødes")
    answers.remember(house.tx, house.run.id, "A1")
    house.answer("A2", "Kaffe", apart=True)
    inbox.add(house.tx, [IncomingUpdate(1, 1, {"n": "hej"}), IncomingUpdate(2, 1, {})], NOW)
    inbox.keep_notes(house.tx, 1, ("Beskeden er ikke gemt.",))
    inbox.keep_notes(house.tx, 2, ("Dit svar er rettet.",))
    inbox.settle(house.tx, 2)  # erased: nothing to encrypt
    page_notes.leave(house.tx, house.run.person_id, "web", ("Dit svar er rettet.",), NOW)
    register.keep_import(house.tx, house.run.person_id, RegisterImport(b"\xff\x00navne", "{}"), NOW)
    for label in ("Plakat i hallen", ""):  # the second has none: nothing to encrypt
        invitations.add(
            house.tx,
            NewInvitation(
                process_id=house.process, kind="campaign", code_hash=f"hash of {label}", made_by="P-1", label=label
            ),
            NOW,
        )
    step_overrides.add(house.tx, house.process, StepOverride("plan", "", "open", NOW, NOW, "P-1", "Mødet er flyttet"))
    named = NewParty(name="Koret", folded="koret", kind="forening", source="file", contact="Gerda, 45 20 31 11")
    entry = register.put(house.tx, house.process, named, NOW)
    old_file = house.key_file.with_name("old.key")
    old_file.write_bytes(house.key_file.read_bytes())
    old_key = house.keys.active

    # an update of a stranger and its notes, a label, a reason, a contact
    assert rekey(house.connection, house.keys) == 5

    fresh = Keyring(house.key_file)
    assert (fresh.count, fresh.active != old_key, left(house.connection, fresh)) == (1, True, 0)
    assert house.answers(fresh) == {"A1": "Et sted at mødes", "A2": "Kaffe"}
    tx = Tx(house.connection, fresh)
    assert [earlier.content for earlier in answers.history(tx, house.run.id)] == ["Et sted at mødes"]
    assert [waiting.update for waiting in inbox.unsettled(tx)] == [{"n": "hej"}]
    assert (inbox.kept_notes(tx, 1), inbox.kept_notes(tx, 2)) == (("Beskeden er ikke gemt.",), None)
    assert [each.notes for each in page_notes.left_since(tx, 0)] == [("Dit svar er rettet.",)]
    kept = register.kept_import(tx, house.run.person_id)
    assert kept is not None and kept.content == b"\xff\x00navne"
    assert [each.invitation.label for each in invitations.of_process(tx, house.process)] == ["", "Plakat i hallen"]
    assert register.contact(tx, house.process, entry) == "Gerda, 45 20 31 11"
    assert [change.why for change in step_overrides.of_process(tx, house.process)] == ["Mødet er flyttet"]
    for table, column in ENCRYPTED:
        for (encrypted,) in house.connection.execute(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"):
            with pytest.raises(EncryptionError):
                Keyring(old_file).open(HERE, encrypted)


def test_what_meetings_and_messages_hold_is_encrypted_with_the_new_key(house: House) -> None:
    tx, person = house.tx, house.run.person_id
    meeting = meetings.add(
        tx,
        house.process,
        "moede",
        "uid",
        MeetingFacts(kind="other", details=MeetingDetails(title="Møde"), starts_at=1, ends_at=2, invites_at=0),
        0,
        file_digest=None,
    )
    meetings.cancel(tx, meeting, 1, "Salen er optaget", NOW)
    meetings.add_words(tx, meeting, person, "question", "Er der kaffe?", NOW)
    meetings.write_minutes(tx, meeting, ["Vi drak kaffe"])
    meetings.put_draft(tx, person, 0, "et udkast", NOW)
    question_drafts.put(tx, person, "et spørgsmål", NOW)
    signups.put(
        tx,
        Signup(
            meeting_id=meeting,
            person_id=person,
            answer="yes",
            people=1,
            placed=1,
            waits_since=NOW,
            needs="En rampe",
            minutes=None,
            answered_at=NOW,
        ),
    )
    broadcasts.put_draft(tx, house.process, person, "P-1", ChosenAudience(), "Kom og vær med", NOW)
    email_addresses.put(tx, person, "anna@eksempel.dk", "kode", "hash", NOW)
    calendar_feeds.put(tx, person, "kalender", "hash", NOW)
    objections.put(tx, person, "Jeg skrev for meget", NOW)
    objections.decide(tx, objections.of_person(tx, person)[0], NOW, upheld=False, reason="Sagen kræver det")

    assert rekey(house.connection, house.keys) == 3  # a reason, the minutes, a message; the rest is about somebody

    fresh = Tx(house.connection, Keyring(house.key_file))
    [cancelled] = meetings.of_process(fresh, house.process)
    [signup], [said] = signups.of_person(fresh, person), meetings.words_of(fresh, person)
    mailbox, sending = email_addresses.of_person(fresh, person), broadcasts.draft_of(fresh, person)
    assert (cancelled.why, signup.needs, said.text) == ("Salen er optaget", "En rampe", "Er der kaffe?")
    assert meetings.written(fresh, meeting) == ["Vi drak kaffe"]
    assert [draft.content for draft in meetings.drafts_of(fresh, person)] == ["et udkast"]
    assert question_drafts.of_person(fresh, person) == "et spørgsmål"
    assert mailbox is not None and (mailbox.address, mailbox.code) == ("anna@eksempel.dk", "kode")
    assert sending is not None and sending.text == "Kom og vær med"
    assert calendar_feeds.code_of(fresh, person) == "kalender"
    [objection] = objections.of_person(fresh, person)
    assert (objection.why, objection.reason) == ("Jeg skrev for meget", "Sagen kræver det")


def test_every_column_of_bytes_is_encrypted_and_encrypted_again(house: House) -> None:
    tables = [name for (name,) in house.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    of_bytes = {
        (table, column[1])
        for table in tables
        for column in house.connection.execute(f"PRAGMA table_info ({table})")
        if column[2] == "BLOB"
    }
    plain = {("people", "key_id"), ("runs", "key_id"), ("keys_to_erase", "key_id"), ("passkeys", "public_key")}
    assert of_bytes - plain == {*ENCRYPTED, ("inbox", "payload"), ("inbox", "notes")}


def test_an_empty_database_gets_a_new_key_and_the_old_one_stays_until_everybody_has_noticed(house: House) -> None:
    before, began = house.keys.active, CLOCK.now
    assert rekey(house.connection, house.keys) == 0
    assert (house.keys.active != before, Keyring(house.key_file).count) == (True, 1)
    assert CLOCK.now - began >= 2 * NOTICED


def test_stopped_in_the_middle_a_rerun_goes_on_with_the_same_new_key(house: House) -> None:
    fill(house, BATCH + 200)
    told: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rekey(house.connection, house.keys, stop)
    begun = Keyring(house.key_file)
    assert (begun.count, told, left(house.connection, begun)) == (2, [(BATCH, BATCH + 200)], 200)
    assert len(house.answers(begun)) == BATCH + 200

    assert rekey(connect(house.database), Keyring(house.key_file)) == 200
    assert (Keyring(house.key_file).count, Keyring(house.key_file).active) == (1, begun.active)
    assert house.answers(Keyring(house.key_file))["A699"] == "svar 699"


def test_a_bot_that_writes_meanwhile_loses_nothing_and_takes_up_the_new_key(house: House) -> None:
    fill(house, 20)
    bot = Keyring(house.key_file, CLOCK)
    bot.seal(HERE, "it has just looked at the key file, so it will encrypt with the old key for a while")

    def write(done: int, total: int) -> None:
        if done == 20:
            house.answered_before("B1", "mens det stod på", keys=bot)
            house.answered_before("A3", "rettet", keys=bot)

    assert rekey(connect(house.database), Keyring(house.key_file), write) == 22
    house.answer("B2", "bagefter", keys=bot)
    fresh = Keyring(house.key_file)
    assert (fresh.count, left(house.connection, fresh), bot.active) == (1, 0, fresh.active)
    opened = house.answers(fresh)
    assert (opened["A3"], opened["B1"], opened["B2"]) == ("rettet", "mens det stod på", "bagefter")


def test_where_something_goes_on_with_the_old_key_it_is_kept_and_said(house: House) -> None:
    fill(house, 20)
    other_file = house.key_file.with_name("copy.key")
    other_file.write_bytes(house.key_file.read_bytes())
    never_looks = Keyring(other_file)

    def write(done: int, total: int) -> None:
        house.answered_before("A3", f"igen {done}", keys=never_looks)

    with pytest.raises(StillInUse, match=r"^1 values are under an old key again, so it is kept\. "):
        rekey(connect(house.database), Keyring(house.key_file), write)
    kept = Keyring(house.key_file)
    assert (kept.count, house.answers(kept)["A3"][:4]) == (2, "igen")


def test_a_damaged_value_is_named_stepped_over_and_keeps_the_old_key(house: House) -> None:
    fill(house, 3)
    before = house.keys.active
    encrypted = house.connection.execute("SELECT content FROM answers WHERE question = 'A1'").fetchone()[0]
    bad = encrypted[:-1] + bytes([encrypted[-1] ^ 1])
    house.connection.execute("UPDATE answers SET content = :bad WHERE question = 'A1'", {"bad": bad})
    told = ("answers 2: a stored value has been damaged, tampered with or moved",)
    assert rotated(house.connection, house.keys) == Rotation(2, told)
    first = Keyring(house.key_file)
    assert (first.count, left(house.connection, first), first.active != before) == (2, 1, True)

    assert rotated(house.connection, house.keys) == Rotation(0, told)  # a newer key, and not the same once more
    second = Keyring(house.key_file)
    assert (second.count, second.active != first.active) == (3, True)

    house.connection.execute("UPDATE answers SET content = :good WHERE question = 'A1'", {"good": encrypted})
    assert rekey(house.connection, house.keys) == 1  # mended from a copy, it opens with the key that was kept
    assert (Keyring(house.key_file).count, house.answers(Keyring(house.key_file))["A1"]) == (1, "svar 1")


def test_a_damaged_key_of_a_person_is_named_stepped_over_and_keeps_the_old_key(house: House) -> None:
    house.answer("A1", "svar")
    label = NewInvitation(process_id=house.process, kind="campaign", code_hash="h", made_by="P-1", label="Plakat")
    invitations.add(house.tx, label, NOW)
    [key_id] = house.connection.execute("SELECT key_id FROM people").fetchone()
    store = house.keys.people
    with closing(sqlite3.connect(store.path)) as keys:
        number, good = keys.execute("SELECT number, wrapped FROM keys WHERE id = ?", (key_id,)).fetchone()
        keys.execute("UPDATE keys SET wrapped = ? WHERE id = ?", (good[:-1] + bytes([good[-1] ^ 1]), key_id))
        keys.commit()
        told = (f"{store.path.name} {number}: a person's key has been damaged, tampered with or moved",)
        assert rotated(house.connection, Keyring(house.key_file)) == Rotation(1, told)
        assert Keyring(house.key_file).count == 2
        keys.execute("UPDATE keys SET wrapped = ? WHERE id = ?", (good, key_id))  # mended from a copy
        keys.commit()
    assert rotated(house.connection, Keyring(house.key_file)).damaged == ()
    fresh = Keyring(house.key_file)
    assert (fresh.count, house.answers(fresh)) == (1, {"A1": "svar"})


def test_a_value_under_an_unknown_key_is_named_and_stepped_over(house: House, tmp_path: Path) -> None:
    house.answered_before("A1", "x", keys=Keyring.open_or_create(tmp_path / "stranger.key"))
    house.answered_before("A2", "y")
    told = ("answers 1: a stored value was encrypted with a key that is not in besyv.key",)
    assert rotated(house.connection, house.keys) == Rotation(1, told)
    assert house.connection.execute("SELECT count(*) FROM answers").fetchone()[0] == 2


def test_what_an_older_besyv_sealed_opens_and_is_tied_to_its_place_by_a_new_key(house: House) -> None:
    fill(house, 2)
    for number in range(2):
        older = of_an_older_besyv(house.keys, f"gammelt svar {number}")
        house.connection.execute("UPDATE answers SET content = ? WHERE question = ?", (older, f"A{number}"))
    assert house.answers(house.keys) == {"A0": "gammelt svar 0", "A1": "gammelt svar 1"}
    assert rekey(house.connection, house.keys) == 2
    assert house.answers(Keyring(house.key_file)) == {"A0": "gammelt svar 0", "A1": "gammelt svar 1"}
    house.connection.execute("UPDATE answers SET content = (SELECT content FROM answers WHERE question = 'A1')")
    assert house.answers(Keyring(house.key_file)) == {"A0": UNREADABLE, "A1": "gammelt svar 1"}


def test_a_snapshot_from_before_is_still_read_after_the_old_key_is_gone(house: House) -> None:
    house.answered_before("A1", "før")
    bot, reader = Keyring(house.key_file), connect(house.database)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM answers").fetchone()[0] == 1
    rekey(connect(house.database, 0.05), house.keys)  # the journal cannot be cut while somebody reads
    place = ANSWER.at(house.run.id, "A1", 1)
    fresh_value = house.connection.execute("SELECT content FROM answers").fetchone()[0]
    assert bot.open(place, fresh_value) == "før"  # it meets the new key, and reads a file without the old one
    assert bot.open(place, reader.execute("SELECT content FROM answers").fetchone()[0]) == "før"


def test_encrypting_goes_on_while_the_key_file_cannot_be_read(house: House) -> None:
    house.key_file.write_text("half a l")
    assert house.keys.open(HERE, house.keys.seal(HERE, "hej")) == "hej"


@pytest.mark.parametrize("encrypted", [b"", b"\x01", b"\x01abcd", b"\x02abcd" + bytes(40)])
def test_what_was_never_encrypted_is_refused(house: House, encrypted: bytes) -> None:
    with pytest.raises(EncryptionError):
        house.keys.open(HERE, encrypted)


def test_a_value_cut_off_is_refused(house: House) -> None:
    encrypted = house.keys.seal(HERE, "hej")
    for length in range(len(encrypted)):
        with pytest.raises(EncryptionError):
            house.keys.open(HERE, encrypted[:length])


def test_another_process_holding_the_database_is_waited_for_and_then_reported(house: House) -> None:
    fill(house, 2)
    blocked = connect(house.database, 0.05)
    house.connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        rekey(blocked, Keyring(house.key_file))
    house.connection.execute("ROLLBACK")
    assert Keyring(house.key_file).count == 1
    assert rekey(house.connection, house.keys) == 2


def test_keys_read_before_an_earlier_attempt_do_not_mislead_it(house: House) -> None:
    fill(house, 3)
    stale = Keyring(house.key_file)
    house.keys.add()  # an earlier attempt was stopped right after this
    assert rekey(house.connection, stale) == 3
    assert house.answers(Keyring(house.key_file))["A2"] == "svar 2"


def test_an_old_key_is_not_dropped_by_one_who_does_not_encrypt_with_the_first(house: House) -> None:
    stale = Keyring(house.key_file)
    house.keys.add()
    with pytest.raises(
        EncryptionError, match=r"^besyv\.key was changed by something else: nothing was dropped from it$"
    ):
        stale.retire()
    assert Keyring(house.key_file).count == 2
