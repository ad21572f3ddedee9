"""Databases that an earlier Besyv left behind: kept as text, and opened again by the Besyv of this tree.

Each is a folder of tests/data/databases, named by the commit whose Besyv wrote it: `besyv.sql` (the database),
`test-only-key.txt` (the key it is encrypted with, made for the test), `people-keys.sql` (the key store, since there is
a key per person) and `hands.json` (what people had in their hands: chats with their buttons, cookies, links).
`python -m tests.support.lived tests/data/databases/<commit>` makes one; then it gets a line in KEPT.
"""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yarl import URL

from storage.db import Tx
from storage.key_store import NAME
from tests.support.botapi import Person
from tests.support.botapi.world import Stored
from tests.support.chat import OnTelegram, Town
from tests.support.command_line import besyv
from tests.support.mailbox import Mailbox
from tests.support.pages import OnPages

KEPT = (
    "c962b3f",  # schema 4, the last before every feature got a room of its own
    "bfef7f9",  # schema 14, the last before sessions were apart from links
    "8f76064",  # schema 24, with a key store
    "ee62c40",  # schema 27, with the questions and texts of before they were rewritten
    "dcbc5f7",  # schema 30, the last before answers were counted by the entry they are for
)

FOLDER = Path(__file__).parents[1] / "data" / "databases"
SQL, KEY, HANDS, PEOPLE = "besyv.sql", "test-only-key.txt", "hands.json", "people-keys.sql"
Json = dict[str, Any]


# --- the database -----------------------------------------------------------------------------------------


def written(database: Path, by: str) -> str:
    """The file as SQL: the same text each time, and nothing in it of where the file lay."""
    head = (
        f"-- What Besyv left of the story in tests/support/lived.py at {by}, made on that commit by",
        f"-- `python -m tests.support.lived tests/data/databases/{by}`. Encrypted with {KEY} beside it, a key that was",
        "-- made for this and encrypts nothing else.",
    )
    with closing(sqlite3.connect(database)) as connection:
        marks = (
            (name, connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("application_id", "user_version")
        )
        return "\n".join([*head, *connection.iterdump(), *(f"PRAGMA {name} = {value};" for name, value in marks), ""])


def restore(kept: Path, folder: Path) -> None:
    """besyv.db, besyv.key and the key store, as they were left; of the first there was no key store yet."""
    _made_of(kept / SQL, folder / "besyv.db")
    if (kept / PEOPLE).exists():
        _made_of(kept / PEOPLE, folder / NAME)
    key = folder / "besyv.key"
    key.write_bytes((kept / KEY).read_bytes())
    key.chmod(0o600)


def _made_of(sql: Path, database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(sql.read_text(encoding="utf-8"))
    database.chmod(0o600)


# --- what people had in their hands -----------------------------------------------------------------------


def hands_of(town: Town, links: dict[str, str]) -> Json:
    """Of everybody: their chat as far as something in it can be pressed, edited or read as the newest; their cookie."""
    world = town.api.world
    phones = {
        person.phone.first_name: _phone(person) for person in town._people.values() if isinstance(person, OnTelegram)
    }
    return {
        "now": int(town.clock.now),
        "next_update": world.next_update_id,
        "next_message": next(world._message_ids),
        "phones": phones,
        "cookies": {name: visitor.browser.cookies() for name, visitor in town._visitors.items()},
        "links": links,
    }


def _phone(person: OnTelegram) -> Json:
    phone = person.phone
    stored = list(phone.chat.messages.values())
    kept = [each for each in stored if not each.by_bot or each.markup is not None or each is stored[-1]]
    return {
        "id": phone.id,
        "language": phone.language_code,
        "blocked": phone.chat.blocked,
        "messages": [
            {
                "by_bot": each.by_bot,
                "message": {name: value for name, value in each.message.items() if name not in ("from", "chat")},
            }
            for each in kept
        ],
    }


def as_lines(hands: Json) -> str:
    """As JSON, a line for each thing and each phone."""
    told = [
        f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in hands.items()
        if name != "phones"
    ]
    phones = [f"{json.dumps(name)}: {json.dumps(phone, ensure_ascii=False)}" for name, phone in hands["phones"].items()]
    return "{\n" + ",\n".join([*told, '"phones": {\n' + ",\n".join(phones) + "\n}"]) + "\n}\n"


@dataclass
class Reopened(Town):
    """A town in which everybody goes on where they were when the database was left. `kept` is its folder. The notice
    says more now than it did then; unless they are `asked_anew`, whoever had said yes to it has read that and said yes
    again."""

    kept: Path = FOLDER
    asked_anew: bool = False
    box: Mailbox = field(default_factory=Mailbox)
    hands: Json = field(default_factory=dict)

    async def up(self, steps: str = "") -> None:
        if not self.hands:  # the first time: before the bot comes up, for it begins with what it left undone
            self.hands = json.loads((self.kept / HANDS).read_text(encoding="utf-8"))
            self.clock.now = self.hands["now"]
            self._hand_out_phones()
        await super().up(steps)

    async def _open(self) -> None:
        await super()._open()
        if not self.asked_anew:
            await self.runtime.database.write(self._say_yes_again)

    def _say_yes_again(self, tx: Tx) -> None:
        newest = self.runtime.process_host.plan(tx).notice.version
        tx.run("UPDATE people SET notice_version = :newest WHERE notice_version IS NOT NULL", newest=newest)

    def _hand_out_phones(self) -> None:
        world = self.api.world
        world.next_update_id = self.hands["next_update"]
        for _ in range(self.hands["next_message"]):
            next(world._message_ids)
        for name, kept in self.hands["phones"].items():
            self.api.next_person_id()  # which newcomers then do not get
            phone = Person(self.api, name, id=kept["id"], language_code=kept["language"])
            phone.chat.started, phone.chat.blocked = True, kept["blocked"]
            for each in kept["messages"]:
                sender = world.bot if each["by_bot"] else phone.user
                message = {**each["message"], "from": sender, "chat": phone.chat.head}
                phone.chat.messages[message["message_id"]] = Stored(
                    message, message.get("reply_markup"), each["by_bot"], 0
                )
            person = self._people[name] = OnTelegram(self, phone)
            person.sees()  # all of this they have read

    async def back_on_pages(self, name: str) -> OnPages:
        """Somebody opens the first page in the browser that they used before."""
        visitor = self.visitor(name)
        visitor.browser.session.cookie_jar.update_cookies(self.hands["cookies"][name], URL(self.home))
        await visitor.says("/start")
        return visitor


def reopened(name: str, folder: Path, log: io.StringIO, box: Mailbox, *, asked_anew: bool = False) -> Reopened:
    """`async with mailbox() as box, reopened("c962b3f", tmp_path, logged, box) as town:`"""
    (left := folder / "left").mkdir()
    restore(FOLDER / name, left)
    return Reopened(left, folder, log, pages=True, smtp=box.url(), kept=FOLDER / name, box=box, asked_anew=asked_anew)


# --- the command line -------------------------------------------------------------------------------------


def on_database(folder: Path, *words: str) -> tuple[int, str, str]:
    """`besyv` on the database in the folder: exit code, stdout, stderr."""
    return besyv(*words, BESYV_DATABASE=str(folder / "besyv.db"), BESYV_KEY_FILE=str(folder / "besyv.key"))
