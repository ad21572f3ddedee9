"""On the deletion date go contacts of the register, what links were called, and messages to many."""

from __future__ import annotations

from pathlib import Path

from bot.features.privacy import deletion
from bot.flows.schedule import DAY, WEEK
from storage import broadcasts, invitations, register
from storage.db import Tx
from storage.invitations import NewInvitation
from storage.recipients import ChosenAudience
from storage.register import NewParty
from tests.support.danish_time import local
from tests.support.office import open_office, opening

GERDA = "Gerda Hemmeligsen"


async def test_contacts_labels_and_texts_go_with_everybody(tmp_path: Path) -> None:
    office = await open_office(tmp_path, opening("2026-03-10 08:00"))
    lea = await office.somebody()
    process = office.process_id

    def put(tx: Tx) -> None:
        register.put(tx, process, NewParty(name="V", folded="v", kind="forening", source="file", contact=GERDA), 0)
        new = NewInvitation(process_id=process, kind="campaign", code_hash="h", made_by="P", label="Gerdas plakat")
        invitations.add(tx, new, 0)
        broadcasts.confirm(tx, broadcasts.put_draft(tx, process, lea, "P", ChosenAudience(), "Kære Gerda", 0), 1)

    def told(tx: Tx) -> tuple[list[str], list[str], list[str]]:
        return (
            [party.contact for party in register.of_process(tx, process) if party.contact],
            [each.invitation.label for each in invitations.of_process(tx, process)],
            [each.text for each in broadcasts.of_process(tx, process)],
        )

    await office.database.write(put)
    assert await office.database.read(told) == ([GERDA], ["Gerdas plakat"], ["Kære Gerda"])
    on = local("2031-06-02 10:00")
    for now in (on - 3 * WEEK, on, on + 60 * DAY):

        def look(tx: Tx, now: int = now) -> None:
            plan = office.process_host.plan(tx, process)
            deletion.announce(tx, plan, now)
            deletion.erase(tx, plan, now)

        await office.database.write(look)
    assert await office.database.read(told) == ([], [""], [])
    await office.database.close()
    assert GERDA.encode() not in (tmp_path / "besyv.db").read_bytes()  # nobody else waits
