"""Who said yes, and then did nothing, is forgotten after thirty days; whoever has left anything here stays."""

from __future__ import annotations

import pytest

from bot.features.privacy import retention
from bot.flows.schedule import DAY
from storage.db import Tx
from tests.support.chat import Found, Town
from tests.support.visitors import arrived, at_step

LEFT = {
    "nothing": "SELECT 1",
    "an answer": "SELECT 1",  # who they are
    "a yes to messages": "UPDATE people SET reminders = 1",
    "a role": "INSERT INTO roles (person_id, role, granted_at) SELECT id, 'facilitator', 1 FROM people",
    "a confirmed address": """INSERT INTO mailboxes (person_id, address, code, code_hash, asked_at, confirmed_at)
                              SELECT id, x'00', x'00', 'x', 1, 1 FROM people""",
    "a no to messages": "UPDATE people SET reminders = 0",
    "a visit yesterday": "UPDATE addresses SET entered_at = entered_at + 2592000",
}
FORGOTTEN = ("nothing", "a no to messages")


async def _forgets(town: Town) -> int:
    def unit(tx: Tx) -> int:
        return retention.forget_what_is_due(tx, town.runtime.process_host.plan(tx), int(town.clock.now))

    await town.runtime.database.write(unit)
    return int(town.rows("SELECT count(*) FROM people")[0][0])


@pytest.mark.parametrize("what", LEFT)
async def test_who_said_yes_and_did_nothing_is_forgotten_after_thirty_days(found: Found, what: str) -> None:
    async with found(channel="web", steps="borger") as town:
        await (at_step(town, "borger") if what == "an answer" else arrived(town))
        await town.runtime.database.write(lambda tx: tx.run(LEFT[what]))
        town.clock.now += 30 * DAY - 60
        assert await _forgets(town) == 1
        town.clock.now += 120
        assert await _forgets(town) == (0 if what in FORGOTTEN else 1)
