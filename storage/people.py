"""People, where they are reached, what they hold roles in. No names are stored anywhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from sqlite3 import Row

from storage.db import Tx, fields_of, named

_COLUMNS = """people.id, people.process_id, pseudonym, language, capacities.id AS capacity_id, stakeholder, front,
              field, department, area, reminders, notice_version, notice_at, came_for, stopped_at, size, party_id,
              party_asked, invited_as, came_by, source, behind, entered_by, news, set_aside_at"""
_FIELDS = fields_of(_COLUMNS)
TAKES_PART = "people.notice_version IS NOT NULL AND people.source IS NULL"  # and is nobody who is entered for
_PEOPLE = "people JOIN capacities ON capacities.person_id = people.id AND in_use = 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """With what they answer as now: `capacity_id`, and from there stakeholder to party_asked (storage.capacities)."""

    id: int
    process_id: int
    pseudonym: str
    language: str
    capacity_id: int
    stakeholder: str | None
    front: int | None
    field: str | None
    department: str | None
    area: str | None
    reminders: int | None
    notice_version: str | None
    notice_at: int | None
    came_for: str | None
    stopped_at: int | None
    size: str | None = None
    party_id: int | None = None
    party_asked: int = 0
    invited_as: int | None = None  # the entry of the register whose own link they came by
    came_by: int | None = None
    source: str | None = None  # entered for others: table, phone, paper
    behind: int = 1  # how many people stand behind the answers
    entered_by: int | None = None
    news: int = 0  # said yes to messages of every kind, not to reminders alone
    set_aside_at: int | None = None  # their answers are kept, and used for nothing

    @property
    def wants_reminders(self) -> bool:
        """Said yes to being reminded of meetings and deadlines."""
        return self.reminders == 1

    @property
    def wants_news(self) -> bool:
        """Said yes to the rest: new questions, what comes of the answers, what the leader writes."""
        return self.news == 1


def stranger(process_id: int, language: str) -> Person:
    """Somebody of whom nothing is stored."""
    return Person(
        id=0,
        process_id=process_id,
        pseudonym="",
        language=language,
        capacity_id=0,
        stakeholder=None,
        front=None,
        field=None,
        department=None,
        area=None,
        reminders=None,
        notice_version=None,
        notice_at=None,
        came_for=None,
        stopped_at=None,
    )


def at_address(tx: Tx, channel: str, address: str) -> Person | None:
    """The person this address entered as last."""
    row = tx.one(
        f"""SELECT {_COLUMNS} FROM addresses JOIN people ON people.id = addresses.person_id
            JOIN capacities ON capacities.person_id = people.id AND in_use = 1
            WHERE channel = :channel AND address = :address ORDER BY entered_at DESC, people.id DESC LIMIT 1""",
        channel=channel,
        address=address,
    )
    return Person(**named(_FIELDS, row)) if row else None


@dataclass(frozen=True, slots=True)
class VisitorProfile:
    """While somebody enters for others, all but the language is their own."""

    process_id: int
    language: str
    stakeholder: str | None
    shows_answers: int  # a chair sees them
    roles: frozenset[str]
    processes: tuple[int, ...]  # in which the address is somebody who has said yes to the notice


_PROFILE = f"""SELECT people.process_id, people.language,
                     (SELECT stakeholder FROM capacities WHERE person_id = own.id AND in_use = 1) AS stakeholder,
                     EXISTS (SELECT 1 FROM joint_members AS shown
                             WHERE shown.person_id = own.id AND joined_at > 0 AND ended_at IS NULL),
                     (SELECT group_concat(role) FROM roles WHERE roles.person_id = own.id) AS roles,
                     (SELECT group_concat(DISTINCT process_id) FROM addresses JOIN people ON people.id = person_id
                      WHERE channel = :channel AND address = :address AND {TAKES_PART}) AS processes
              FROM people JOIN people AS own ON own.id = coalesce(people.entered_by, people.id)"""


def profile_at(tx: Tx, channel: str, address: str) -> VisitorProfile | None:
    """Who this address entered as last, as far as the frame of a page tells."""
    row = tx.one(
        f"""{_PROFILE} JOIN addresses ON addresses.person_id = people.id
            WHERE channel = :channel AND address = :address ORDER BY entered_at DESC, people.id DESC LIMIT 1""",
        channel=channel,
        address=address,
    )
    return _profile(row) if row is not None else None


def profile_of(tx: Tx, person_id: int, channel: str, address: str) -> VisitorProfile:
    """The same of somebody who is known already, at the address."""
    return _profile(tx.only(f"{_PROFILE} WHERE people.id = :id", id=person_id, channel=channel, address=address))


def _profile(row: Row) -> VisitorProfile:
    process_id, language, stakeholder, shows, roles, there = tuple(row)
    return VisitorProfile(
        process_id,
        language,
        stakeholder,
        shows,
        frozenset((roles or "").split(",")) - {""},
        tuple(sorted(int(each) for each in (there or "").split(",") if each)),
    )


def web_address(tx: Tx, person_id: int) -> str | None:
    """Where the person is on the web; the address they came to last."""
    row = tx.one(
        """SELECT address FROM addresses WHERE channel = 'web' AND person_id = :id
           ORDER BY entered_at DESC, address LIMIT 1""",
        id=person_id,
    )
    return None if row is None else str(row["address"])


def at_address_in(tx: Tx, channel: str, address: str, process_id: int) -> int | None:
    """The person this address is in one process; not who is entered for."""
    return tx.number(
        """SELECT people.id FROM addresses JOIN people ON people.id = person_id
           WHERE channel = :channel AND address = :address AND process_id = :process AND source IS NULL""",
        channel=channel,
        address=address,
        process=process_id,
    )


def processes_at(tx: Tx, channel: str, address: str) -> list[int]:
    """The processes in which the address is somebody who has said yes to the notice; not whom they enter for."""
    rows = tx.all(
        f"""SELECT DISTINCT process_id FROM addresses JOIN people ON people.id = person_id
           WHERE channel = :channel AND address = :address AND {TAKES_PART}
           ORDER BY process_id""",
        channel=channel,
        address=address,
    )
    return [row["process_id"] for row in rows]


def by_id(tx: Tx, person_id: int) -> Person | None:
    row = tx.one(f"SELECT {_COLUMNS} FROM {_PEOPLE} WHERE people.id = :id", id=person_id)
    return Person(**named(_FIELDS, row)) if row else None


def add(tx: Tx, process_id: int, pseudonym: str, language: str, now: int) -> int:
    """Somebody who has not said yet what they answer as."""
    person_id = tx.insert(
        """INSERT INTO people (process_id, pseudonym, language, created_at)
           VALUES (:process, :pseudonym, :language, :now)""",
        process=process_id,
        pseudonym=pseudonym,
        language=language,
        now=now,
    )
    tx.insert("INSERT INTO capacities (person_id, in_use) VALUES (:person, 1)", person=person_id)
    return person_id


def enter(tx: Tx, channel: str, address: str, person_id: int, now: int) -> None:
    """The address is the person's from now on: later than whoever it was before, within the same second too."""
    tx.run(
        """INSERT INTO addresses (channel, address, person_id, entered_at)
           VALUES (:channel, :address, :person,
                   max(:now, coalesce((SELECT max(entered_at) + 1 FROM addresses AS others
                                       WHERE channel = :channel AND address = :address AND person_id <> :person), 0)))
           ON CONFLICT (channel, address, person_id) DO UPDATE SET entered_at = excluded.entered_at, unreachable = 0""",
        channel=channel,
        address=address,
        person=person_id,
        now=now,
    )


def set_unreachable(tx: Tx, channel: str, address: str, *, unreachable: bool) -> None:
    tx.run(
        "UPDATE addresses SET unreachable = :unreachable WHERE channel = :channel AND address = :address",
        channel=channel,
        address=address,
        unreachable=int(unreachable),
    )


def accept_notice(tx: Tx, person_id: int, version: str, now: int) -> None:
    tx.run(
        "UPDATE people SET notice_version = :version, notice_at = :now WHERE id = :id",
        id=person_id,
        version=version,
        now=now,
    )


def come_for(tx: Tx, person_id: int, flow: str | None) -> None:
    tx.run("UPDATE people SET came_for = :flow WHERE id = :id", id=person_id, flow=flow)


def set_language(tx: Tx, person_id: int, language: str) -> None:
    tx.run("UPDATE people SET language = :language WHERE id = :id", id=person_id, language=language)


def stop(tx: Tx, person_id: int, now: int) -> None:
    """No messages from us at all, until they say yes to them again or sign up for a meeting. Nothing else ends."""
    tx.run("UPDATE people SET stopped_at = :now, reminders = 0, news = 0 WHERE id = :id", id=person_id, now=now)


def write_again(tx: Tx, person_id: int) -> None:
    """Who stopped has asked to be told of something."""
    tx.run("UPDATE people SET stopped_at = NULL WHERE id = :id AND stopped_at IS NOT NULL", id=person_id)


def take_back_consent(tx: Tx, person_id: int) -> None:
    """They take part no more, and are asked again before they do."""
    tx.run("UPDATE people SET notice_version = NULL WHERE id = :id", id=person_id)


def set_aside(tx: Tx, person_id: int, now: int) -> None:
    """Their answers are kept, and used for nothing."""
    tx.run("UPDATE people SET set_aside_at = :now WHERE id = :id AND set_aside_at IS NULL", id=person_id, now=now)


def use_again(tx: Tx, person_id: int) -> None:
    tx.run("UPDATE people SET set_aside_at = NULL WHERE id = :id", id=person_id)


def count_set_aside(tx: Tx, process_id: int) -> int:
    return tx.count(
        "SELECT count(*) AS people FROM people WHERE process_id = :process AND set_aside_at IS NOT NULL",
        process=process_id,
    )


def count_answers_set_aside(tx: Tx, process_id: int) -> int:
    """Those that an export would have and leaves out."""
    return tx.count(
        """SELECT count(*) FROM people JOIN runs ON runs.person_id = people.id JOIN answers ON answers.run_id = runs.id
           WHERE process_id = :process AND set_aside_at IS NOT NULL AND withdrawn_at IS NULL""",
        process=process_id,
    )


def decline_messages(tx: Tx, person_id: int) -> None:
    set_reminders(tx, person_id, 0, 0)


def set_profile(tx: Tx, person: Person) -> None:
    """Writes what the start questions told: of the person, and of what they answer as now. Who tells no size has that
    of the entry they speak for."""
    set_reminders(tx, person.id, person.reminders, person.news)
    tx.run(
        """UPDATE capacities SET stakeholder = :stakeholder, front = :front, field = :field, department = :department,
                                 area = :area,
                                 size = coalesce(:size, (SELECT size FROM parties WHERE parties.id = party_id))
           WHERE id = :id""",
        id=person.capacity_id,
        stakeholder=person.stakeholder,
        front=person.front,
        field=person.field,
        department=person.department,
        area=person.area,
        size=person.size,
    )


def speak_for(tx: Tx, person_id: int, party_id: int | None, by: str = "said") -> None:
    """Whom they speak for as what they are now; None where they were asked and will not say. Its size is theirs where
    they told none, or have that of the one they spoke for before. `by`: said by them, or entered for them; by its own
    link if they came by that."""
    tx.run(
        """UPDATE capacities SET party_id = :party, party_asked = 1,
                                 party_by = CASE WHEN :party IS NULL THEN NULL WHEN invited_as = :party THEN 'link'
                                                 ELSE :by END,
                                 size = coalesce(
                                     nullif(size, (SELECT size FROM parties WHERE parties.id = capacities.party_id)),
                                     (SELECT size FROM parties WHERE parties.id = :party), size)
           WHERE person_id = :id AND in_use = 1""",
        id=person_id,
        party=party_id,
        by=by,
    )


def keep_speaking(tx: Tx, person_id: int) -> None:
    """They were asked whether they speak for somebody else, and do not."""
    tx.run("UPDATE capacities SET party_asked = 1 WHERE person_id = :id AND in_use = 1", id=person_id)


def speak_for_nobody_yet(tx: Tx, person_id: int) -> None:
    """To be asked again, if there is anything to ask."""
    tx.run(
        """UPDATE capacities SET party_id = NULL, party_by = NULL, party_asked = 0
           WHERE person_id = :id AND in_use = 1""",
        id=person_id,
    )


def set_reminders(tx: Tx, person_id: int, reminders: int | None, news: int) -> None:
    """Whether they said yes to being reminded, and to the rest. Who says yes has not stopped messages any more."""
    tx.run(
        """UPDATE people SET reminders = :reminders, news = :news,
                             stopped_at = CASE WHEN :reminders = 1 THEN NULL ELSE stopped_at END WHERE id = :id""",
        id=person_id,
        reminders=reminders,
        news=news,
    )


def come_by(tx: Tx, person_id: int, invitation_id: int) -> None:
    """The first invitation they came by; before it, one to an entry of the register, if not asked about any yet."""
    tx.run(
        """UPDATE people SET came_by = :invitation
           WHERE id = :id AND (came_by IS NULL OR (
               NOT EXISTS (SELECT 1 FROM capacities WHERE person_id = :id AND party_asked = 1) AND EXISTS (
               SELECT 1 FROM invitations WHERE invitations.id = :invitation AND invitations.party_id IS NOT NULL)))""",
        id=person_id,
        invitation=invitation_id,
    )


def ask_for_whom(tx: Tx, person_id: int) -> None:
    """Whether they speak for the entry they were invited as is asked once more, unless they have said that they do."""
    tx.run(
        """UPDATE capacities SET party_asked = 0 WHERE person_id = :id AND in_use = 1
           AND party_id IS NOT invited_as""",
        id=person_id,
    )


# --- entered for others -----------------------------------------------------------------------------------


def add_entered(tx: Tx, person_id: int, source: str, behind: int, by: int) -> None:
    tx.run(
        "UPDATE people SET source = :source, behind = :behind, entered_by = :by WHERE id = :id",
        id=person_id,
        source=source,
        behind=behind,
        by=by,
    )


def recount_behind(tx: Tx, person_id: int, behind: int) -> None:
    tx.run("UPDATE people SET behind = :behind WHERE id = :id", id=person_id, behind=behind)


def entered_by(tx: Tx, person_id: int) -> list[Person]:
    """Those the person has entered answers for, newest first."""
    rows = tx.all(f"SELECT {_COLUMNS} FROM {_PEOPLE} WHERE entered_by = :by ORDER BY people.id DESC", by=person_id)
    return [Person(**named(_FIELDS, row)) for row in rows]


def step_out(tx: Tx, channel: str, address: str, person_id: int) -> None:
    """The address acts as the person no longer; who they were before is who they are."""
    tx.run(
        "DELETE FROM addresses WHERE channel = :channel AND address = :address AND person_id = :person",
        channel=channel,
        address=address,
        person=person_id,
    )


def leave_entered(tx: Tx, person_id: int) -> None:
    """Before a facilitator is erased: no address of theirs leads to what they entered for others."""
    tx.erase("DELETE FROM addresses WHERE person_id IN (SELECT id FROM people WHERE entered_by = :by)", by=person_id)


def erase(tx: Tx, person_id: int) -> None:
    """The person and everything that hangs on them: addresses, roles, runs, answers, history, prompts."""
    tx.erase("DELETE FROM people WHERE id = :id", id=person_id)


def add_departed(tx: Tx, person_id: int, pseudonym: str, now: int) -> int:
    """Somebody to hold what stays of a person who is about to be erased, and nothing else of them. Nobody comes in as
    them. What was set aside stays so."""
    departed = tx.insert(
        """INSERT INTO people (process_id, pseudonym, language, source, behind, set_aside_at, created_at)
           SELECT process_id, :pseudonym, language, source, behind, set_aside_at, :now FROM people WHERE id = :id""",
        id=person_id,
        pseudonym=pseudonym,
        now=now,
    )
    tx.insert("INSERT INTO capacities (person_id, in_use) VALUES (:person, 1)", person=departed)
    return departed


def name(tx: Tx, person_id: int, pseudonym: str) -> None:
    tx.run("UPDATE people SET pseudonym = :pseudonym WHERE id = :id", id=person_id, pseudonym=pseudonym)


def roles(tx: Tx, person_id: int) -> frozenset[str]:
    return frozenset(row["role"] for row in tx.all("SELECT role FROM roles WHERE person_id = :id", id=person_id))


@dataclass(frozen=True, slots=True)
class HeldRole:
    role: str
    granted_at: int
    stands_for: str | None
    ends_at: int | None


def roles_held_by(tx: Tx, person_id: int) -> list[HeldRole]:
    rows = tx.all(
        "SELECT role, granted_at, stands_for, ends_at FROM roles WHERE person_id = :id ORDER BY granted_at, role",
        id=person_id,
    )
    return [HeldRole(*row) for row in rows]


def grant(
    tx: Tx, person_id: int, role: str, now: int, stands_for: str | None = None, *, ends_at: int | None = None
) -> None:
    """`ends_at`: when it ends by itself; None: when it is taken back."""
    tx.run(
        """INSERT INTO roles (person_id, role, granted_at, stands_for, ends_at)
           VALUES (:id, :role, :now, :stands_for, :ends)
           ON CONFLICT DO UPDATE SET stands_for = coalesce(excluded.stands_for, stands_for),
                                     ends_at = excluded.ends_at""",
        id=person_id,
        role=role,
        now=now,
        stands_for=stands_for,
        ends=ends_at,
    )


def keep_role(tx: Tx, person_id: int, role: str) -> None:
    """It ends no more by itself."""
    tx.run("UPDATE roles SET ends_at = NULL WHERE person_id = :id AND role = :role", id=person_id, role=role)


def end_roles(tx: Tx, process_id: int, now: int) -> list[tuple[str, str]]:
    """Takes those whose time is over; pseudonym and role of each."""
    over = tx.all(
        """SELECT people.id, pseudonym, role FROM roles JOIN people ON people.id = person_id
           WHERE process_id = :process AND ends_at <= :now ORDER BY people.id, role""",
        process=process_id,
        now=now,
    )
    for row in over:
        take_role(tx, row["id"], row["role"])
    return [(row["pseudonym"], row["role"]) for row in over]


def take_role(tx: Tx, person_id: int, role: str) -> bool:
    return tx.changed("DELETE FROM roles WHERE person_id = :id AND role = :role", id=person_id, role=role)


@dataclass(frozen=True, slots=True)
class RoleHolder:
    person_id: int
    pseudonym: str
    role: str
    stands_for: str | None  # of a steering member
    stakeholder: str | None  # whom they answer as
    granted_at: int
    ends_at: int | None  # by itself; None: when it is taken back


def role_table(tx: Tx, process_id: int) -> list[RoleHolder]:
    """Everyone who holds a role in the process."""
    return [
        RoleHolder(*row)
        for row in tx.all(
            f"""SELECT people.id, pseudonym, role, stands_for, stakeholder, granted_at, ends_at
               FROM roles JOIN {_PEOPLE} WHERE people.id = roles.person_id AND process_id = :process
               ORDER BY granted_at, people.id""",
            process=process_id,
        )
    ]


def holder_ids(tx: Tx, process_id: int, *roles: str) -> list[int]:
    """Of who holds any of them, each once."""
    return [
        row["id"]
        for row in tx.all(
            """SELECT DISTINCT people.id FROM people JOIN roles ON roles.person_id = people.id
               WHERE process_id = :process AND role IN (SELECT value FROM json_each(:roles)) ORDER BY people.id""",
            process=process_id,
            roles=json.dumps(roles),
        )
    ]


@dataclass(frozen=True, slots=True)
class Address:
    channel: str
    address: str
    entered_at: int
    unreachable: int


def addresses(tx: Tx, person_id: int) -> list[Address]:
    return [
        Address(*row)
        for row in tx.all(
            "SELECT channel, address, entered_at, unreachable FROM addresses WHERE person_id = :id ORDER BY channel",
            id=person_id,
        )
    ]


def channels(tx: Tx, person_id: int) -> tuple[str, ...]:
    """Every channel on which they can be written to."""
    rows = tx.all(
        """SELECT 'email' AS channel FROM mailboxes
           WHERE person_id = :id AND confirmed_at IS NOT NULL AND refused_at IS NULL
           UNION SELECT channel FROM addresses
           WHERE person_id = :id AND channel = 'telegram' AND unreachable = 0 ORDER BY channel""",
        id=person_id,
    )
    return tuple(row["channel"] for row in rows)


def of_process(tx: Tx, process_id: int) -> list[int]:
    return [row["id"] for row in tx.all("SELECT id FROM people WHERE process_id = :process", process=process_id)]


def count(tx: Tx, process_id: int) -> int:
    return tx.count("SELECT count(*) AS people FROM people WHERE process_id = :process", process=process_id)


def erase_never_accepted(tx: Tx, process_id: int, before: int) -> int:
    """Those who came in before then, hold no role, and never said yes to the notice; nobody who holds a hearing
    response of somebody erased."""
    return tx.erase(
        """DELETE FROM people WHERE process_id = :process AND created_at < :before AND notice_at IS NULL
           AND id NOT IN (SELECT person_id FROM roles)
           AND NOT EXISTS (SELECT 1 FROM erasure_requests WHERE erasure_requests.person_id = people.id)""",
        process=process_id,
        before=before,
    )


def erase_idle(tx: Tx, process_id: int, before: int) -> int:
    """Those who said yes to the notice and came in last before then, and of whom there is nothing since: no answer, no
    sign-up or words for a meeting, no objection, no yes to messages, no confirmed mail address, no role, nobody they
    answer with."""
    return tx.erase(
        """DELETE FROM people WHERE process_id = :process AND notice_at < :before AND source IS NULL
           AND coalesce(reminders, 0) = 0 AND news = 0
           AND NOT EXISTS (SELECT 1 FROM addresses WHERE person_id = people.id AND entered_at >= :before)
           AND NOT EXISTS (SELECT 1 FROM roles WHERE person_id = people.id)
           AND NOT EXISTS (SELECT 1 FROM runs JOIN answers ON answers.run_id = runs.id WHERE person_id = people.id)
           AND NOT EXISTS (SELECT 1 FROM runs JOIN answers_apart ON answers_apart.run_id = runs.id
                           WHERE person_id = people.id)
           AND NOT EXISTS (SELECT 1 FROM signups WHERE person_id = people.id)
           AND NOT EXISTS (SELECT 1 FROM meeting_words WHERE person_id = people.id)
           AND NOT EXISTS (SELECT 1 FROM joint_members WHERE person_id = people.id)
           AND NOT EXISTS (SELECT 1 FROM objections WHERE person_id = people.id)
           AND NOT EXISTS (SELECT 1 FROM mailboxes WHERE person_id = people.id AND confirmed_at IS NOT NULL)
           AND NOT EXISTS (SELECT 1 FROM people AS entered WHERE entered.entered_by = people.id)
           AND NOT EXISTS (SELECT 1 FROM erasure_requests WHERE person_id = people.id)""",
        process=process_id,
        before=before,
    )


def addresses_with_more(tx: Tx, channel: str) -> list[str]:
    """The addresses on the channel that have more commands than everybody: of who holds a role, or has said yes to the
    notice in more than one process."""
    return [
        row["address"]
        for row in tx.all(
            f"""SELECT address FROM addresses JOIN roles USING (person_id) WHERE channel = :channel
               UNION SELECT address FROM addresses JOIN people ON people.id = person_id
                     WHERE channel = :channel AND {TAKES_PART}
                     GROUP BY address HAVING count(DISTINCT process_id) > 1
               ORDER BY address""",
            channel=channel,
        )
    ]
