"""A process with two steps under way, and somebody who looks at its coverage."""

from __future__ import annotations

from dataclasses import dataclass

from bot.access import Role
from bot.dialogue.session import Context, Session, Visit, load
from bot.features import TABLES, process_file
from bot.process.file import ProcessFile
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from storage import people
from storage.db import Tx
from tests.support.example import of_example
from tests.support.proven import proven
from tests.support.rows import NOW, standing

FLOWS = ("plan", "linjer")


@dataclass
class Town:
    """A process with two steps under way, and somebody with a role, who answers nothing."""

    tx: Tx
    process_host: ProcessHost
    role: Role = Role.STEERING

    def session(self, now: int = NOW) -> Session:
        found = load(
            self.tx,
            Context(self.process_host, TABLES, proven),
            Visit(channel="terminal", address=self.role, now=now, sent_at=now),
        )
        assert found is not None
        return found


def two_steps() -> ProcessFile:
    written = of_example().model_dump(mode="json")
    return ProcessFile.model_validate({**written, "steps": [{"flow": flow} for flow in FLOWS]})


SHIPPED = shipped_flows(two_steps())


def town(role: Role = Role.STEERING) -> Town:
    tx = standing(processes=())
    file = two_steps()
    process_file.save(tx, file, SHIPPED, NOW)
    holder = people.add(tx, 1, "holder", "da", NOW)
    people.enter(tx, "terminal", role, holder, NOW)
    people.grant(tx, holder, role, NOW)
    return Town(tx, ProcessHost(file.process), role)
