"""What those who lead are told before everybody is deleted: when, what was taken out and what was not. On Telegram and
by mail."""

from __future__ import annotations

import pytest

from storage import audit, email_addresses, people
from storage.db import Tx
from tests.support.chat import Found, OnTelegram, Town
from tests.support.danish_time import local
from tests.support.mail_readers import served
from tests.support.pages import OnPages
from tests.support.people import has_answered, leads, seen
from tests.support.sealed import of_an_older_besyv

DATE = "2026-05-04"  # a Monday
TITLE = "Alle svar bliver slettet søndag den 3. maj 2026 ved midnat"
LAST = "søndag den 3. maj 2026 ved midnat"
NEVER = "Ingen har hentet svarene endnu."
STAYS = "Interessentlisten, møder med referater og adgangsloggen bliver ikke slettet."
HOW = "Skal det være en anden dag, så bed driften om at flytte slettedatoen."


async def comes_to(town: Town, moment: str) -> None:
    await town.wait(local(moment) - int(town.clock.now))
    await town.looks()


def messages(lea: OnTelegram) -> list[str]:
    return [each.text for each in lea.phone.sees() if each.by_bot and TITLE in each.text]


async def test_the_leader_is_told_when_and_what_was_taken_out(found: Found) -> None:
    async with found(steps="plan closes 2026-03-30 12:00") as town:
        await town.loads("deletion_date", DATE)
        await has_answered(town)
        lea = await leads(town)
        assert isinstance(lea, OnTelegram)
        await comes_to(town, "2026-04-04 09:59")
        assert messages(lea) == []
        await comes_to(town, "2026-04-04 10:01")
        [first] = messages(lea)
        assert f"Der er 2 deltagere. Deres svar, oplysninger og roller bliver slettet {LAST}, også din egen" in first
        for words in (NEVER, STAYS, HOW):
            assert words in first
        assert "Kontaktoplysninger" not in first  # nobody gave any
        await lea.taps("Eksportér svar")
        assert "/eksport csv" in seen(lea)
        await lea.says("/eksport csv")
        await comes_to(town, "2026-04-27 09:01")
        second = messages(lea)[-1]
        assert "Svarene er sidst hentet lørdag den 4. april 2026 kl. 10.0" in second
        assert "Der er ikke kommet nye svar siden." in second and NEVER not in second
        await comes_to(town, "2026-05-02 17:01")
        assert len(messages(lea)) == 3
        assert town.rows("SELECT count(*) FROM people") == [(2,)]


async def test_what_came_after_the_last_file_is_counted(found: Found) -> None:
    async with found(steps="plan closes 2026-03-30 12:00") as town:
        await town.loads("deletion_date", DATE)
        await has_answered(town)
        lea = await leads(town)
        assert isinstance(lea, OnTelegram)
        await lea.says("/eksport csv")
        await town.wait(60)
        await has_answered(town, "Bo")
        [(since,)] = town.rows(
            """SELECT count(*) FROM answers WHERE answered_at > (SELECT at FROM audit WHERE action = 'export-made')"""
        )
        await comes_to(town, "2026-04-04 10:01")
        [first] = messages(lea)
        assert f"Siden er {since} svar kommet til eller rettet. De er ikke med i filen." in first


@pytest.mark.parametrize("taken", [False, True])
async def test_by_mail_too_with_what_is_kept_apart(found: Found, taken: bool) -> None:
    async with served(found, steps="plan closes 2026-03-30 12:00") as (town, box):
        await town.loads("deletion_date", DATE)
        lea = await leads(town)
        assert isinstance(lea, OnPages)
        await town.runtime.database.write(lambda tx: _has_mail(tx, town, taken))
        await comes_to(town, "2026-04-04 10:01")
        [mail] = [each for each in box.mails if TITLE in each.text]
        assert f"bliver slettet {LAST}." in mail.text and NEVER in mail.text
        assert ("Kontaktoplysninger og særlige behov er sidst hentet" in mail.text) is taken
        assert ("Ingen har hentet kontaktoplysninger og særlige behov." in mail.text) is not taken
        assert "Eksportér svar: http" in mail.text


def _has_mail(tx: Tx, town: Town, taken: bool) -> None:
    """The leader's mail address works; somebody needs something at a meeting."""
    plan, now = town.runtime.process_host.plan(tx), int(town.clock.now)
    [lea] = people.holder_ids(tx, plan.process_id, "leader")
    email_addresses.put(tx, lea, "lea@by.example", "kode", "hash", now)
    email_addresses.confirm(tx, lea, now)
    tx.run(
        """INSERT INTO meetings (process_id, key, uid, kind, details, groups, areas, starts_at, ends_at, invites_at,
                                 made_at, changed_at)
           VALUES (:process, 'm', 'm', 'other', '{"title": "Møde"}', '[]', '[]', :ahead, :ahead, :ahead, :now, :now)""",
        process=plan.process_id,
        ahead=local("2026-04-30 19:00"),
        now=now,
    )
    tx.run(
        """INSERT INTO signups (meeting_id, person_id, answer, placed, waits_since, needs, answered_at)
           SELECT id, :lea, 'yes', 1, 0, :needs, 0 FROM meetings""",
        lea=lea,
        needs=of_an_older_besyv(tx.keys, "En rampe"),
    )
    if taken:
        audit.note(tx, plan.process_id, "operator", "contacts", "csv", now)
