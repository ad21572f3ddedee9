"""`besyv code`: a one-time code for a holder of a role who has no other way to show who they are."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from bot.access import Role
from bot.app.settings import read_settings
from bot.cli import Failed, Process, process_row, transact
from bot.features.invitations.service import OPERATOR
from bot.features.second_proof import service
from bot.process.host import ProcessHost
from storage import people
from storage.db import Tx
from storage.people import Person


def code(
    who: Annotated[
        str | None, typer.Argument(help="The pseudonym that stands on their page; the leader where left out.")
    ] = None,
    process: Process = None,
) -> None:
    """Print a code with which a holder of a role shows who they are. It works once, for ten minutes. Give it to them in
    another way than their link, and to nobody you do not know."""
    now = int(time.time())

    def unit(tx: Tx, _: ProcessHost) -> tuple[str, str]:
        person = _holder(tx, process_row(tx, process).id, who)
        return person.pseudonym, service.give(tx, person, now, by=OPERATOR)

    pseudonym, digits = transact(read_settings(), unit)
    print(f"{digits[:4]} {digits[4:]}")
    print(f"for {pseudonym}, once, for ten minutes")


def _holder(tx: Tx, process_id: int, who: str | None) -> Person:
    held = people.role_table(tx, process_id)
    wanted = [each for each in held if (each.role == Role.LEADER if who is None else each.pseudonym == who)]
    person = people.by_id(tx, wanted[0].person_id) if wanted else None
    if person is not None:
        return person
    listed = ", ".join(f"{each.pseudonym} ({each.role})" for each in held)
    told = "nobody leads the process" if who is None else f"nobody with a role is {who}"
    raise Failed(f"{told}; there are: {listed}" if listed else f"{told}, and nobody holds a role")
