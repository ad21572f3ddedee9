"""Codes with which holders of roles show who they are: those of the operator, and those that come."""

from __future__ import annotations

import re

from bot.features.invitations.service import OPERATOR
from bot.features.second_proof import service
from storage import people
from storage.db import Tx
from tests.support.chat import Town

WRITTEN = re.compile(r"\b(\d{4} \d{4})\b")


async def code_for(town: Town, pseudonym: str = "") -> str:
    """What `besyv code` prints, for the leader where nobody is named."""

    def give(tx: Tx) -> str:
        plan = town.runtime.process_host.plan(tx)
        held = people.role_table(tx, plan.process_id)
        [holder, *_] = [each for each in held if pseudonym in (each.pseudonym, "")]
        person = people.by_id(tx, holder.person_id)
        assert person is not None
        return service.give(tx, person, int(town.clock.now), by=OPERATOR)

    code = await town.runtime.database.write(give)
    town.said.append(code)  # it is to stand neither in the log nor in the database
    return code


def code_in(text: str) -> str:
    """The one code that stands in a message."""
    [code] = WRITTEN.findall(text)
    return str(code)


def wrong(code: str) -> str:
    """Another than this."""
    return str((int(code.replace(" ", "")) + 1) % 10**8).zfill(8)
