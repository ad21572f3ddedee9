"""A start with the clock months ahead: those who lead are told on Telegram and by mail, nobody is erased, and the
operator sees it and confirms on the command line."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.flows import schedule
from bot.flows.schedule import DAY
from storage import email_addresses, heartbeats, people
from storage.db import Tx, connect
from storage.encryption import Keyring
from tests.support.chat import Found, OnTelegram, Town
from tests.support.command_line import besyv
from tests.support.mail_readers import served
from tests.support.people import has_answered, leads

TITLE = "Systemets ur går måske forkert"
NOW = "Systemets ur viser torsdag den 3. september 2026 kl. 12.0"
LAST = "Ved sidste kontrol viste det tirsdag den 3. marts 2026 kl. 19.0"
WAITS = "Derfor bliver intet slettet automatisk før torsdag den 10. september 2026 kl. 12.0"
AHEAD = 184 * DAY - 8 * 3600  # from the evening of 3 March to noon on 3 September, by the clock on the wall


async def starts_ahead(town: Town) -> None:
    await town.down()
    town.clock.now += AHEAD
    await town.up()
    await town.looks()


async def test_the_leader_is_told_and_nobody_is_erased(found: Found) -> None:
    async with found(steps="plan closes 2026-06-30 16:00") as town:
        await town.loads("deletion_date", "2026-08-10")
        await has_answered(town)
        lea = await leads(town)
        assert isinstance(lea, OnTelegram)
        await town.looks()
        await starts_ahead(town)
        [told] = [each.text for each in lea.phone.sees() if each.by_bot and TITLE in each.text]
        for words in (NOW, LAST, WAITS, "Går uret forkert, så kontakt driften med det samme."):
            assert words in told
        assert town.rows("SELECT count(*) FROM people") == [(2,)]
        assert "nothing is erased by itself" in town.log.getvalue()
        await town.looks()
        assert len([each for each in lea.phone.sees() if each.by_bot and TITLE in each.text]) == 1


async def test_by_mail_too(found: Found) -> None:
    async with served(found, steps="plan closes 2026-06-30 16:00") as (town, box):
        await leads(town)
        await town.runtime.database.write(lambda tx: _has_mail(tx, town))
        await town.looks()
        await starts_ahead(town)
        [mail] = [each for each in box.mails if TITLE in each.text]
        assert NOW in mail.text and WAITS in mail.text


def _has_mail(tx: Tx, town: Town) -> None:
    [lea] = people.holder_ids(tx, town.runtime.process_host.plan(tx).process_id, "leader")
    email_addresses.put(tx, lea, "lea@by.example", "kode", "hash", int(town.clock.now))
    email_addresses.confirm(tx, lea, int(town.clock.now))


@pytest.mark.process
def test_the_operator_looks_and_confirms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = besyv("clock")
    assert (code, out.splitlines()[1:]) == (0, ["it is not in doubt"])
    with closing(connect(Path("besyv.db"))) as connection:
        tx = Tx(connection, Keyring(Path("besyv.key")))
        for name, at in (("clock", 1_772_560_800), ("clock-doubted", 1_780_000_000), ("clock-seen", 1_780_000_000)):
            heartbeats.beat(tx, name, at)
    code, out, _ = besyv("clock")
    ends = schedule.to_local(1_780_000_000) + timedelta(days=7)
    assert out.splitlines()[1:] == [
        f"before that it said 2026-03-03 19:00: nothing is erased by itself until {ends:%Y-%m-%d %H:%M}",
        "if it is right: besyv clock --confirm",
    ]
    code, out, _ = besyv("clock", "--confirm")
    assert (code, out.splitlines()[1:]) == (0, ["it is not in doubt"])
    with closing(connect(Path("besyv.db"))) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM heartbeats")]
        logged = [tuple(row) for row in connection.execute("SELECT actor, action FROM audit")]
    assert (names, logged) == (["clock"], [("operator", "clock-confirmed")])
