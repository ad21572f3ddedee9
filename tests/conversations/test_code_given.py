"""Who leads gives a code to another holder of a role who can get none by themselves: once, by word of mouth, and the
person is told wherever they are reached (docs/decisions/0038)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.dialogue import panel_navigation
from bot.dialogue.panel import Panel
from bot.dialogue.session import TELEGRAM
from bot.features.second_proof.service import CODE_LASTS
from storage import email_addresses, people
from storage.db import Tx
from tests.support.cast import Cast, cast
from tests.support.chat import Found, OnTelegram
from tests.support.codes import code_for, code_in
from tests.support.mailbox import Mailbox, mailbox

ASKED, THANKS = "Vis, at det er dig", "Tak. Nu ved vi, at det er dig."
GIVE, YES, NOT_ME = "Lav en kode: ", "Ja, lav koden", "Det var ikke mig"
TOLD = "Du har fået en kode"


@asynccontextmanager
async def led(found: Found, *names: str, **kind: Any) -> AsyncIterator[tuple[Cast, OnTelegram]]:
    """Lea leads from her phone, and stands at the roles, with a proof."""
    async with cast(found, TELEGRAM, "leader", *names, strict=True, **kind) as there:
        lea = there.people["leader"]
        assert isinstance(lea, OnTelegram)
        await opens_roles(there, lea)
        yield there, lea


async def opens_roles(there: Cast, lea: OnTelegram) -> None:
    await lea.says("/leder")
    await lea.taps("Roller")
    if "Roller" not in lea.phone.buttons and any(ASKED in seen for seen in lea.sees()):
        await lea.says(await code_for(there.town, await pseudonym(there, "leader")))
    lea.sees()


async def pseudonym(there: Cast, who: str) -> str:
    return await there.town.runtime.database.read(lambda tx: there.session(tx, who).person.pseudonym)


def offers(lea: OnTelegram) -> list[str]:
    return [label for label in lea.phone.buttons if label.startswith(GIVE)]


async def gives(lea: OnTelegram) -> str:
    """The one code that is offered."""
    [give] = offers(lea)
    await lea.taps(give)
    assert "Ring op, eller mød personen" in "".join(lea.sees())
    await lea.taps(YES)
    return code_in("".join(lea.sees()))


def phone(there: Cast, who: str) -> OnTelegram:
    person = there.people[who]
    assert isinstance(person, OnTelegram)
    return person


async def test_the_code_opens_once_what_its_owners_role_may_and_they_are_told(found: Found) -> None:
    async with led(found, "steering") as (there, lea):
        stine = phone(there, "steering")
        stine.sees()
        code = await gives(lea)
        there.town.said.append(code)
        await there.town.looks()
        told = "".join(stine.sees())
        assert TOLD in told and code not in told and NOT_ME in told
        await stine.says("/leder")
        await stine.taps("Uenighed om indstilling")
        assert ASKED in "".join(stine.sees())
        await stine.says(code)
        assert THANKS in "".join(stine.sees())
        assert there.town.rows("SELECT way FROM proofs ORDER BY proven_at DESC LIMIT 1") == [("operator",)]
        [(actor, detail)] = there.town.rows(
            "SELECT actor, detail FROM audit WHERE action = 'proof-code' AND actor <> 'operator'"
        )
        assert (actor, detail) == (await pseudonym(there, "leader"), await pseudonym(there, "steering"))
        await stine.says("/leder", after=43200)
        await stine.taps("Uenighed om indstilling")
        await stine.says(code)
        assert THANKS not in "".join(stine.sees())


async def test_the_code_is_over_after_ten_minutes_and_a_new_one_closes_it(found: Found) -> None:
    async with led(found, "steering") as (there, lea):
        stine = phone(there, "steering")
        first = await gives(lea)
        await opens_roles(there, lea)
        second = await gives(lea)
        await stine.says("/leder")
        await stine.taps("Uenighed om indstilling")
        stine.sees()
        await stine.says(first)
        assert "Koden er forkert" in "".join(stine.sees())
        await stine.says(second, after=CODE_LASTS)
        assert "mere end ti minutter" in "".join(stine.sees())
        assert there.town.rows("SELECT count(*) FROM proofs") == [(1,)]  # Lea's own


async def test_the_code_is_shown_once(found: Found) -> None:
    async with led(found, "steering") as (there, lea):
        code = await gives(lea)

        def seen(tx: Tx) -> str:
            reply = panel_navigation.view(there.session(tx, "leader"))
            assert reply is not None
            return "".join(reply.body)

        assert code not in await there.town.runtime.database.read(seen)


async def test_nobody_gives_a_code_to_themselves_nor_to_who_can_get_one_nor_to_who_holds_no_role(found: Found) -> None:
    """By a button, or by a path that no button of theirs leads to."""
    async with mailbox() as box, led(found, "steering", "borger", smtp=box.url(), pages=True) as (there, lea):
        [_] = offers(lea)

        def tries(tx: Tx) -> list[str]:
            people_in = [there.session(tx, who).person for who in ("leader", "steering", "borger")]
            email_addresses.put(tx, people_in[1].id, "stine@eksempel.dk", "k" * 22, "hash", int(there.town.clock.now))
            email_addresses.confirm(tx, people_in[1].id, int(there.town.clock.now))
            panels = [
                panel_navigation.go(there.session(tx, "leader"), f"roller/kode/{each.id}/ja") for each in people_in
            ]
            return [" ".join(panel.notes) for panel in panels if isinstance(panel, Panel)]

        refused = await there.town.runtime.database.write(tries)
        assert refused == ["Personen har ikke længere en rolle eller kan selv få en kode."] * 3
        assert there.town.rows("SELECT count(*) FROM proof_codes") == [(0,)]
        await opens_roles(there, lea)
        assert offers(lea) == []


async def test_who_did_not_ask_for_it_closes_the_code_and_whoever_has_used_it_is_out(found: Found) -> None:
    async with led(found, "steering") as (there, lea):
        stine = phone(there, "steering")
        stine.sees()
        code = await gives(lea)
        await there.town.looks()
        await stine.taps(NOT_ME)
        assert "Det gamle link virker ikke længere" in "".join(stine.sees())
        assert there.town.rows("SELECT count(*) FROM proof_codes") == [(0,)]
        await stine.says("/leder")
        await stine.taps("Uenighed om indstilling")
        await stine.says(code)
        assert THANKS not in "".join(stine.sees())

        await opens_roles(there, lea)
        stine.sees()
        code = await gives(lea)
        await there.town.looks()
        told = list(stine.phone.sees())[-1]
        assert TOLD in str(told)
        await stine.says("/leder")
        await stine.taps("Uenighed om indstilling")
        await stine.says(code)
        assert THANKS in "".join(stine.sees())
        await stine.taps(NOT_ME, older=True)
        mine = await pseudonym(there, "steering")
        left = there.town.rows(
            "SELECT count(*) FROM proofs JOIN people ON people.id = person_id WHERE pseudonym = ?", mine
        )
        assert left == [(0,)]


async def told_by_mail(box: Mailbox) -> list[str]:
    return [mail.text for mail in box.mails if mail.message["Subject"] == TOLD]


async def test_it_is_told_by_mail_too_where_codes_do_not_go_to_the_address(found: Found) -> None:
    """An address that was given without a proof takes no codes, so its owner can get none; and is told there."""
    async with mailbox() as box, led(found, "steering", smtp=box.url(), pages=True) as (there, lea):

        def has_mail(tx: Tx) -> None:
            s = there.session(tx, "steering")
            people.enter(tx, "web", "of stine", s.person.id, s.visit.now - 1)
            email_addresses.put(tx, s.person.id, "stine@eksempel.dk", "k" * 22, "hash", s.visit.now)
            email_addresses.confirm(tx, s.person.id, s.visit.now)
            tx.run("UPDATE mailboxes SET for_codes = 0")
            tx.run("UPDATE addresses SET unreachable = 0")

        there.town.runtime.process_host.telegram, name = None, there.town.runtime.process_host.telegram
        await there.town.runtime.database.write(has_mail)
        await opens_roles(there, lea)
        code = await gives(lea)
        there.town.runtime.process_host.telegram = name
        await there.town.looks()
        [text] = await told_by_mail(box)
        assert code not in text
        assert TOLD in "".join(phone(there, "steering").sees())
