"""One database with the sample process and people who act through the use cases, without a channel."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from bot.access import NotAllowed
from bot.dialogue import commands, dispatch
from bot.dialogue.reply import Reply, Tap
from bot.dialogue.session import Context, Session, Visit
from bot.features import TABLES
from bot.features.identity import arrival
from bot.features.privacy import deletion, retention
from bot.flows.engine import Said
from bot.process.file import ProcessFile
from bot.process.host import ProcessHost
from bot.process.loading import example, parse_file
from storage.db import Database, Tx, connect
from tests.support.flow_material import EKSEMPEL
from tests.support.proven import proven

NOW = 1_772_560_800  # 3 March 2026, 19.00 in Denmark
CONTACT = "Ask Embla, ask.embla@nordby.example"


class Person:
    """Someone at one address of a channel, acting through the use cases that every channel calls."""

    def __init__(self, database: Database, context: Context, address: str, channel: str = "telegram") -> None:
        self._database = database
        self._context = context
        self.address = address
        self.channel = channel
        self.now = NOW
        self.seen: Reply | None = None

    def _visit(self) -> Visit:
        self.now += 30
        return Visit(channel=self.channel, address=self.address, now=self.now, sent_at=self.now, prompt_seen=True)

    async def does(self, use_case: Callable[[Tx, Context, Visit], Reply]) -> Reply:
        visit = self._visit()
        reply = await self._database.write(lambda tx: use_case(tx, self._context, visit))
        self.seen = reply if reply.number else self.seen
        return reply

    async def starts(self, payload: str = "") -> Reply:
        return await self.does(lambda tx, context, visit: arrival.start(tx, context, visit, payload))

    async def says(self, text: str) -> Reply:
        return await self.does(lambda tx, context, visit: dispatch.said(tx, context, visit, Said(text, visit.now)))

    async def taps(self, label: str) -> Reply:
        assert self.seen is not None
        move = next(m for m in self.seen.buttons if m.label == label)
        tap = Tap(self.seen.number, self.seen.revision, move.verb, move.place)
        return await self.does(lambda tx, context, visit: dispatch.tapped(tx, context, visit, tap))

    async def asks(self, use_case: Callable[[Session], Reply]) -> Reply:
        return await self.does(commands.for_known(use_case))

    async def types(self, command: str, rest: str = "") -> Reply:
        return await self.does(lambda tx, context, visit: commands.run(tx, context, visit, command, rest))

    async def opens(self, path: str) -> Reply:
        """A panel by its path; without the right it is said to be unknown, as of a command."""

        def opened(tx: Tx, context: Context, visit: Visit) -> Reply:
            try:
                return commands.for_known(commands.panel(path))(tx, context, visit)
            except NotAllowed:
                return commands.for_known(commands.unknown)(tx, context, visit)

        return await self.does(opened)

    async def joins(self, *walk: str, payload: str = "") -> None:
        await self.starts(payload)
        await self.taps("Jeg er med")
        for words in walk:
            await self.says(words)


class Bureau:
    """One database with the sample process, everything open."""

    def __init__(self, database: Database, process_host: ProcessHost, path: Path) -> None:
        self.database = database
        self.process_host = process_host
        self.context = Context(process_host, TABLES, proven)
        self.path = path

    def person(self, address: str = "700") -> Person:
        return Person(self.database, self.context, address)

    def raw(self) -> bytes:
        """Every byte on disk, the log of recent writes too."""
        return b"".join(file.read_bytes() for file in self.path.parent.glob(self.path.name + "*"))

    def rows(self, table: str) -> int:
        connection = connect(self.path)
        try:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        finally:
            connection.close()

    async def announces_deletion(self, now: int) -> int:
        return await self.database.write(lambda tx: deletion.announce(tx, self.process_host.plan(tx), now))

    async def forget(self, now: int) -> int:
        return await self.database.write(lambda tx: retention.forget_what_is_due(tx, self.process_host.plan(tx), now))


FILE = parse_file(example(), "example.yaml")


def described(**steps: tuple[str | None, str | None]) -> ProcessFile:
    """The example with the sample material and these steps, each with its opening and closing."""
    listed = [{"flow": flow, "opens": opens, "closes": closes} for flow, (opens, closes) in steps.items()]
    whole = json.loads(FILE.model_dump_json())
    whole["steps"] = listed
    whole["draft"]["sections"] = [json.loads(item.model_dump_json()) for item in EKSEMPEL.sections]
    return ProcessFile.model_validate(whole)


OPEN = (None, None)
VOLUNTEER = ("Frivillig", "Idræt", "Vil ikke svare", "Ja")
