"""No automatic erasing runs by a clock that has jumped: it waits, tells, and goes on when the clock has gone on for a
week, is right again, or somebody has confirmed it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.access import Role
from bot.app import jobs
from bot.features import process_file
from bot.features.privacy import clock
from bot.flows import schedule
from bot.flows.schedule import DAY, HOUR
from bot.process.file import ProcessFile
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from storage import people
from storage.db import Tx, connect, migrate
from storage.encryption import Keyring
from tests.support import older_questions
from tests.support.danish_time import local
from tests.support.example import of_example
from tests.support.office import Office, open_office
from tests.support.sealed import of_an_older_besyv
from tests.support.sizes import examples

NOW = local("2026-03-10 12:00")
MONTHS = 180 * DAY
DATE = date(2026, 6, 1)
FLOWS = shipped_flows(of_example())


def file_with(deleted: date = DATE) -> ProcessFile:
    whole = of_example().model_dump(mode="json")
    whole["steps"] = [{"flow": "plan"}, {"flow": "faelles_foer", "closes": "2026-04-10 12:00"}]
    return ProcessFile.model_validate(whole | {"deletion_date": f"{deleted}"})


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    made = await open_office(tmp_path, file_with())
    older = older_questions.flows(file_with().material)  # they asked before the meeting what one needs there
    await made.database.write(lambda tx: process_file.save(tx, file_with(), older, NOW))
    lea = await made.somebody()
    await made.database.write(lambda tx: people.grant(tx, lea, Role.LEADER, NOW))
    await made.do("UPDATE processes SET loaded_at = :now", now=NOW)
    await looks(made, NOW)
    yield made
    await made.database.close()


def look(tx: Tx, process_host: ProcessHost, now: int, *, sends: bool = True) -> None:
    """What the bot does by the clock; and what is due goes out."""
    jobs.enqueue_everything(tx, process_host, now)
    if sends:
        tx.run("UPDATE outbox SET state = 'sent', done_at = :now WHERE state = 'due' AND due_at <= :now", now=now)
    jobs.tidy(tx, process_host, now)


async def looks(office: Office, *moments: int) -> None:
    for now in moments:
        await office.database.write(lambda tx, at=now: look(tx, office.process_host, at))  # type: ignore[misc]  # bound


async def lives(office: Office, since: int, until: int, every: int = HOUR) -> None:
    await looks(office, *range(since, until + 1, every))


async def doubted(office: Office) -> bool:
    return await office.database.read(clock.is_doubted)


# One of each thing that is erased by itself, old by a clock that is months ahead; and how many of it there are.
THINGS: dict[str, tuple[str, str]] = {
    "a person who never said yes": (
        """INSERT INTO people (process_id, pseudonym, language, created_at) VALUES (1, 'stranger', 'da', :now);
           INSERT INTO capacities (person_id, in_use) SELECT id, 1 FROM people WHERE pseudonym = 'stranger'""",
        "SELECT count(*) FROM people WHERE pseudonym = 'stranger'",
    ),
    "needs at a meeting": (
        """INSERT INTO meetings (process_id, key, uid, kind, details, groups, areas, starts_at, ends_at, invites_at,
                                 made_at, changed_at)
           VALUES (1, 'm', 'm', 'other', '{"title": ""}', '[]', '[]', :ahead, :ahead, :now, :now, :now);
           INSERT INTO signups (meeting_id, person_id, answer, waits_since, needs, answered_at)
           VALUES (1, 1, 'yes', :now, :sealed, :now)""",
        "SELECT count(*) FROM signups WHERE needs IS NOT NULL",
    ),
    "a mail address that nobody confirmed": (
        "INSERT INTO mailboxes (person_id, address, code, code_hash, asked_at) VALUES (1, :sealed, :sealed, 'h', :now)",
        "SELECT count(*) FROM mailboxes",
    ),
    "what is kept apart": (
        """INSERT INTO runs (person_id, capacity_id, flow, version, started_at)
           SELECT 1, id, 'faelles_foer', 2, :now FROM capacities WHERE person_id = 1;
           INSERT INTO answers_apart (run_id, question, version, revision, asked, language, channel, content, skipped,
                                      open, closed_once, answered_at)
           SELECT id, 'F10', 2, 1, '?', 'da', 'web', :sealed, 0, 0, 1, :now FROM runs WHERE flow = 'faelles_foer'""",
        "SELECT count(*) FROM answers_apart",
    ),
    "what became of a message": (
        """INSERT INTO outbox (once, person_id, kind, about, due_at, expires_at, state, done_at)
           VALUES ('x', 1, 'digest', '', :now, :ahead, 'sent', :now)""",
        "SELECT count(*) FROM outbox WHERE once = 'x'",
    ),
    "a settled update": (
        "INSERT INTO inbox (update_id, lane, state, received_at) VALUES (7, 0, 'settled', :now)",
        "SELECT count(*) FROM inbox",
    ),
    "a file that waits for a yes": (
        "INSERT INTO imports (person_id, content, mapping, made_at) VALUES (1, :sealed, '{}', :now)",
        "SELECT count(*) FROM imports",
    ),
    "a message to many that waits for a yes": (
        """INSERT INTO sendings (process_id, drafted_by, made_by, audience, content, made_at)
           VALUES (1, 1, 'x', '{}', :sealed, :now)""",
        "SELECT count(*) FROM sendings",
    ),
    "a code that did not work": (
        "INSERT INTO failed_codes (who, at) VALUES ('x', :now)",
        "SELECT count(*) FROM failed_codes",
    ),
    "a code that leads to Telegram": (
        "INSERT INTO moves (person_id, code_hash, expires_at) VALUES (1, 'h', :now + 1800)",
        "SELECT count(*) FROM moves",
    ),
    "everybody": ("SELECT 1", "SELECT count(*) FROM people WHERE id = 1"),
}


EVERYBODY = "everybody"


async def with_everything(office: Office) -> None:
    values = {"now": NOW, "ahead": NOW + 20 * DAY, "sealed": of_an_older_besyv(office.database.keys, "En rampe")}

    def unit(tx: Tx) -> None:
        for script, _ in THINGS.values():
            for sql in script.split(";"):
                tx.run(sql, **{name: value for name, value in values.items() if f":{name}" in sql})

    await office.database.write(unit)


async def gone(office: Office) -> list[str]:
    return await office.database.read(lambda tx: [name for name, (_, sql) in THINGS.items() if tx.count(sql) == 0])


# --- a start with the clock months ahead ------------------------------------------------------------------


async def test_while_the_clock_goes_on_everything_is_erased_in_its_time(office: Office) -> None:
    """Or the tests below would see nothing."""
    await with_everything(office)
    await lives(office, NOW, NOW + MONTHS, 2 * DAY)
    assert await gone(office) == list(THINGS)
    assert not await doubted(office)


async def test_by_a_clock_that_is_months_ahead_nothing_is(office: Office) -> None:
    await with_everything(office)
    await lives(office, NOW + MONTHS, NOW + MONTHS + 7 * DAY - HOUR)
    assert (await gone(office), await doubted(office)) == ([], True)


@pytest.mark.parametrize("first", ["tidy", "owe"])
async def test_whichever_job_is_the_first_to_look(office: Office, first: str) -> None:
    await with_everything(office)
    job = jobs.tidy if first == "tidy" else jobs.enqueue_everything
    await office.database.write(lambda tx: job(tx, office.process_host, NOW + MONTHS))
    await looks(office, NOW + MONTHS, NOW + MONTHS + 20)
    assert (await gone(office), await doubted(office)) == ([], True)


async def test_it_goes_on_when_the_clock_has_gone_on_for_a_week_and_everybody_stays_a_week_more(office: Office) -> None:
    await with_everything(office)
    ahead = NOW + MONTHS
    await lives(office, ahead, ahead + 7 * DAY)
    assert await gone(office) == [name for name in THINGS if name != EVERYBODY]
    await lives(office, ahead + 7 * DAY, ahead + 14 * DAY - HOUR)
    assert EVERYBODY not in await gone(office)
    await lives(office, ahead + 14 * DAY, ahead + 15 * DAY)
    assert EVERYBODY in await gone(office)


async def test_a_clock_that_is_right_again_is_trusted_at_once_and_has_erased_nothing(office: Office) -> None:
    await with_everything(office)
    await lives(office, NOW + MONTHS, NOW + MONTHS + 5 * DAY)
    await looks(office, NOW + 5 * DAY + HOUR)
    assert not await doubted(office)
    assert set(await gone(office)) == {
        "a file that waits for a yes",
        "a code that did not work",
        "a code that leads to Telegram",
    }  # whose time has come meanwhile


async def test_once_it_is_confirmed_it_goes_on(office: Office) -> None:
    await with_everything(office)
    await looks(office, NOW + MONTHS)
    await office.database.write(lambda tx: clock.confirm(tx, NOW + MONTHS + 60))
    await looks(office, NOW + MONTHS + 120)
    assert await gone(office) == [name for name in THINGS if name != EVERYBODY]


async def test_confirmed_before_the_start_it_is_not_doubted(office: Office) -> None:
    await office.database.write(lambda tx: clock.confirm(tx, NOW + MONTHS))
    await looks(office, NOW + MONTHS + 60)
    assert not await doubted(office)


# --- what is a jump ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("away", "in_doubt"),
    [(3 * DAY, False), (3 * DAY + 1, True), (-3 * DAY, False), (-3 * DAY - 1, True), (-MONTHS, True), (0, False)],
)
async def test_three_days_without_a_look_are_none(office: Office, away: int, in_doubt: bool) -> None:
    await looks(office, NOW + away)
    assert await doubted(office) is in_doubt


async def test_a_week_that_is_broken_off_begins_where_it_was(office: Office) -> None:
    ahead = NOW + MONTHS
    await lives(office, ahead, ahead + 4 * DAY)
    again = ahead + MONTHS
    await lives(office, again, again + 3 * DAY - HOUR)
    assert await doubted(office)
    await looks(office, again + 3 * DAY)
    assert not await doubted(office)


async def test_where_nobody_is_there_is_nothing_to_doubt(tmp_path: Path) -> None:
    office = await open_office(tmp_path, file_with())
    await looks(office, NOW, NOW + MONTHS)
    assert not await doubted(office)
    await office.database.close()


@pytest.mark.parametrize("beats", ["", "INSERT INTO heartbeats VALUES ('looked', :now)"])
async def test_a_database_of_before_has_other_moments_to_be_compared_with(office: Office, beats: str) -> None:
    """The last look for what is due, or else when the process was loaded: never nothing."""
    await office.do("DELETE FROM heartbeats")
    if beats:
        await office.do(beats, now=NOW)
        await office.do("UPDATE processes SET loaded_at = 0")
    await office.database.write(lambda tx: jobs.enqueue_everything(tx, office.process_host, NOW + MONTHS))
    await office.database.write(lambda tx: jobs.tidy(tx, office.process_host, NOW + MONTHS))
    assert await doubted(office)
    await office.do("DELETE FROM heartbeats")
    await office.do("UPDATE processes SET loaded_at = :now", now=NOW)
    await looks(office, NOW + DAY)
    assert not await doubted(office)


# --- announcements ----------------------------------------------------------------------------------------


async def announced(office: Office) -> list[str]:
    rows = await office.database.read(lambda tx: tx.all("SELECT once FROM outbox WHERE kind = 'deletion' ORDER BY id"))
    return [row["once"].split(":")[3] for row in rows]


async def test_a_clock_in_doubt_announces_nothing(office: Office) -> None:
    await lives(office, NOW + MONTHS, NOW + MONTHS + 6 * DAY)
    assert await announced(office) == []
    await looks(office, NOW + 6 * DAY)
    await lives(office, NOW + 6 * DAY, local("2026-05-03 12:00"), DAY)
    assert await announced(office) == ["30d"]


async def test_time_that_nobody_saw_does_not_count_toward_the_week(office: Office) -> None:
    """Announced on 2 May; from the third day on nobody looks, until the deletion date has passed."""
    first = local("2026-05-02 09:00")
    await lives(office, NOW, first, DAY)
    await lives(office, first, first + 2 * DAY)
    back = local("2026-06-02 09:00")
    await looks(office, back)
    await office.database.write(lambda tx: clock.confirm(tx, back + 60))
    await lives(office, back + HOUR, back + 4 * DAY)
    assert await office.database.read(lambda tx: people.count(tx, office.process_id)) == 1
    await lives(office, back + 4 * DAY, back + 6 * DAY)
    assert await office.database.read(lambda tx: people.count(tx, office.process_id)) == 0


async def test_what_a_clock_announced_that_was_ahead_is_announced_again(office: Office) -> None:
    """It was believed, after a week, and put right later."""
    ahead = local("2026-05-20 12:00")
    await lives(office, ahead, ahead + 9 * DAY)
    assert await announced(office) != []
    before = len(await announced(office))
    await lives(office, NOW + 10 * DAY, local("2026-05-27 12:00"), DAY)
    assert (await announced(office))[before:] == ["30d", "7d"]
    assert await office.database.read(lambda tx: people.count(tx, office.process_id)) == 1


# --- whatever happens -------------------------------------------------------------------------------------

EVERY = 12 * HOUR  # between looks
DATES = [date(2026, 4, 15), date(2026, 4, 25), date(2026, 5, 20)]
RUNS = st.tuples(st.just("runs"), st.integers(1, 9))  # days
EVENTS = st.one_of(
    RUNS,
    RUNS,
    st.tuples(st.just("is off"), st.integers(1, 40)),  # days
    st.tuples(st.just("the clock is set"), st.sampled_from([0, 0, 0, -200, -40, -5, 5, 20, 200])),  # days off
    st.tuples(st.just("the date is moved"), st.sampled_from(range(len(DATES)))),
    st.tuples(st.just("mail goes out"), st.sampled_from([0, 1, 1])),
    st.tuples(st.just("the operator confirms"), st.just(0)),  # looking at a clock that is right
    st.tuples(st.just("somebody comes"), st.just(0)),
)


@dataclass
class World:
    """The bot's database, the truth about time, and what a bystander sees of it."""

    tx: Tx
    process_host: ProcessHost
    true: int = NOW
    offset: int = 0
    mails: bool = True
    deleted: date = DATES[0]
    announced: int | None = None  # when, in truth, the first announcement of the date as it stands was out

    @property
    def clock(self) -> int:
        return self.true + self.offset

    def somebody(self) -> None:
        new = people.add(self.tx, 1, f"p{self.true}-{self.here()}", "da", self.clock)
        people.accept_notice(self.tx, new, "notice", self.clock)
        people.grant(self.tx, new, Role.LEADER, self.clock)

    def here(self) -> int:
        return people.count(self.tx, 1)

    def does(self, what: str, much: int) -> None:
        match what:
            case "runs":
                for _ in range(much * DAY // EVERY):
                    self.looks()
                    self.true += EVERY
            case "is off":
                self.true += much * DAY
            case "the clock is set":
                self.offset = much * DAY
            case "the date is moved":
                self.moves(DATES[much])
            case "mail goes out":
                self.mails = bool(much)
            case "the operator confirms" if self.offset == 0:
                clock.confirm(self.tx, self.clock)
            case "somebody comes":
                self.somebody()

    def moves(self, day: date) -> None:
        if day != self.deleted and schedule.start_of(day) > self.clock:  # another is refused
            self.deleted, self.announced = day, None
            process_file.save(self.tx, file_with(day), FLOWS, self.clock)

    def looks(self) -> None:
        before, sent = self.here(), self._sent()
        look(self.tx, self.process_host, self.clock, sends=self.mails)
        if before and not self.here():
            assert self.announced is not None, "erased, and never announced"
            assert self.true - self.announced >= 7 * DAY, f"erased {(self.true - self.announced) / DAY} days after"
            self.announced = None
        elif self._sent() > sent and self.announced is None:
            self.announced = self.true

    def _sent(self) -> int:
        about = f"deletion:1:{schedule.start_of(self.deleted)}:%"
        return self.tx.count("SELECT count(*) FROM outbox WHERE once LIKE :of AND state = 'sent'", of=about)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[sqlite3.Connection, Keyring]:
    folder = tmp_path_factory.mktemp("clock")
    keys, connection = Keyring.open_or_create(folder / "keys"), connect(folder / "besyv.db")
    migrate(connection)
    process_file.save(Tx(connection, keys), file_with(DATES[0]), FLOWS, NOW)
    return connection, keys


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EVENTS, min_size=8, max_size=25))
@example([("runs", 33), ("the date is moved", 1), ("the date is moved", 0), ("runs", 9)])
@example([("the clock is set", -40), ("runs", 47), ("the clock is set", 0), ("the operator confirms", 0), ("runs", 9)])
@example([("runs", 7), ("the clock is set", 200), ("runs", 3), ("is off", 20), ("runs", 9)])
def test_nobody_is_ever_erased_who_was_not_announced_a_week_before(
    template: tuple[sqlite3.Connection, Keyring], events: list[tuple[str, int]]
) -> None:
    """Whatever the clock, the machine, the mail server and the process file do. And in the end, when all is well, the
    promise is kept: everybody goes."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    template[0].backup(connection)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    world = World(Tx(connection, template[1]), ProcessHost("eksempel"))
    world.somebody()
    for what, much in events:
        world.does(what, much)
    world.offset, world.mails = 0, True
    world.does("runs", 1)
    last = max(schedule.start_of(world.deleted), world.true) + 16 * DAY
    while world.true < last:
        world.looks()
        world.true += EVERY
    assert world.here() == 0
    connection.close()
