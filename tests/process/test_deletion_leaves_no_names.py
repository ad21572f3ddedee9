"""On the deletion date go contacts of the register, what links were called, messages to many, and who did what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import bot
from bot.features.privacy import deletion
from bot.flows.schedule import DAY, WEEK
from storage import audit, broadcasts, invitations, people, register
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
            list(register.contacts(tx, process).values()),
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


async def test_they_go_where_nobody_is_left_to_be_told(tmp_path: Path) -> None:
    office = await open_office(tmp_path, opening("2026-03-10 08:00"))
    lea, process = await office.somebody(), office.process_id

    def leave(tx: Tx) -> str:
        register.put(tx, process, NewParty(name="V", folded="v", kind="forening", source="file", contact=GERDA), 0)
        person = people.by_id(tx, lea)
        assert person is not None
        pseudonym = person.pseudonym
        audit.note(tx, process, pseudonym, "role-given", f"deputy {pseudonym}", 1)
        audit.note(tx, process, "operator", "export", "csv", 2)
        people.erase(tx, lea)
        assert not people.of_process(tx, process)
        return pseudonym

    def told(tx: Tx) -> tuple[list[str], list[tuple[str, str, str]]]:
        lines = [(line.actor, line.action, line.detail) for line in audit.newest(tx, process, 10)]
        return list(register.contacts(tx, process).values()), lines

    async def deleted(now: int) -> None:
        await office.database.write(lambda tx: deletion.erase(tx, office.process_host.plan(tx, process), now))

    pseudonym = await office.database.write(leave)
    on = local("2031-06-02 10:00")
    await deleted(on - 3 * WEEK)
    kept = ([GERDA], [("operator", "export", "csv"), (pseudonym, "role-given", f"deputy {pseudonym}")])
    assert await office.database.read(told) == kept
    await deleted(on)
    gone: tuple[list[str], list[tuple[str, str, str]]] = ([], [("operator", "export", "csv"), ("", "role-given", "")])
    assert await office.database.read(told) == gone
    await deleted(on + DAY)
    assert await office.database.read(told) == gone
    await office.database.close()
    assert pseudonym.encode() not in (tmp_path / "besyv.db").read_bytes()


def _noted_with_pseudonyms() -> Iterator[str]:
    """Actions of the log that the product notes with somebody's pseudonym as their detail."""
    for file in Path(bot.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                places = (
                    (3, 4) if ast.unparse(node.func) == "audit.note" else (0, 1) if node.func.attr == "audit" else ()
                )
                match [node.args[place] for place in places if place < len(node.args)]:
                    case [ast.Constant(value=str(action)), detail] if "pseudonym" in ast.unparse(detail):
                        yield action


def test_whatever_is_noted_about_somebody_loses_their_name() -> None:
    assert set(_noted_with_pseudonyms()) == set(audit.NAMING)
