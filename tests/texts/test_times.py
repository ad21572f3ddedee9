"""Days and clock times as a project leader may write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import texts
from bot.flows import schedule
from bot.texts import times

TODAY = datetime(2026, 3, 3, 19, 0)  # a Tuesday


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("3.3.2027 kl. 12.00", "2027-03-03 12:00"),
        ("03.03.2027 12:00", "2027-03-03 12:00"),
        ("3/3-2027 12.00", "2027-03-03 12:00"),
        ("3/3 2027, kl. 12", "2027-03-03 12:00"),
        ("3-3-2027 kl 12", "2027-03-03 12:00"),
        ("2027-03-03 12:00", "2027-03-03 12:00"),
        ("2027-03-03T12:00", "2027-03-03 12:00"),
        ("onsdag den 3. marts 2027 kl. 12.00", "2027-03-03 12:00"),
        ("D. 3. Marts 2027 Klokken 12.", "2027-03-03 12:00"),
        ("3. mar. 2027 kl. 8.15", "2027-03-03 08:15"),
        ("Wednesday 3 March 2027 at 12:00", "2027-03-03 12:00"),
        ("on the 3rd of March 2027 at 9", "2027-03-03 09:00"),
        # without a year: the next time that day comes
        ("4. marts kl. 12", "2026-03-04 12:00"),
        ("3/3 kl. 20", "2026-03-03 20:00"),
        ("2. marts kl. 12", "2027-03-02 12:00"),
        ("31/12 23.59", "2026-12-31 23:59"),
        # by the day
        ("i dag kl. 21", "2026-03-03 21:00"),
        ("I morgen kl. 12.30", "2026-03-04 12:30"),
        ("tomorrow at 8", "2026-03-04 08:00"),
        # midnight
        ("5.4.2026 kl. 24", "2026-04-06 00:00"),
        ("5.4.2026 kl. 0.00", "2026-04-05 00:00"),
        ("5.4.2026 ved midnat", "2026-04-06 00:00"),
        ("onsdag den 9. december ved midnat", "2026-12-10 00:00"),
        ("i dag ved midnat.", "2026-03-04 00:00"),
        ("Wednesday 9 December 2026 at midnight", "2026-12-10 00:00"),
    ],
)
def test_a_moment_is_read_as_people_write_it(written: str, meant: str) -> None:
    read = times.read(written, TODAY)
    assert read is not None
    assert f"{read:%Y-%m-%d %H:%M}" == meant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "nej",
        "12",
        "kl. 12",
        "i morgen",
        "3.3.2027",
        "3. marts",
        "3.3.2027 kl.",
        "3.3.2027 kl. 25",
        "3.3.2027 kl. 12.60",
        "3.3.2027 kl. 24.30",
        "31.2.2027 kl. 12",
        "3.13.2027 kl. 12",
        "3.3.27 kl. 12",
        "3. marts 3. april kl. 12",
        "3. foo 2027 kl. 12",
        "3.3.12027 kl. 12",
        "31.12.9999 kl. 24",
        "midnat",
        "5.4.2026 midnat",
        "1.1.0001 kl. 0",
        "3.3.2027 kl. 12.00 eller 13.00",
        "12:00",
        "marts kl. 12",
    ],
)
def test_what_is_no_moment_is_not_guessed_at(written: str) -> None:
    assert times.read(written, TODAY) is None


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2050, 1, 1)).map(lambda at: at.replace(second=0, microsecond=0))


@given(MOMENTS | MOMENTS.map(lambda at: at.replace(hour=0, minute=0)))
def test_what_we_write_ourselves_is_read_as_what_it_says(moment: datetime) -> None:
    at = schedule.to_utc(moment)
    for language in ("da", "en"):
        read = times.read(texts.moment(language, at), TODAY)
        assert read == datetime.fromtimestamp(at, UTC).astimezone(schedule.COPENHAGEN).replace(tzinfo=None)
        assert times.read(texts.deadline(language, at), TODAY) == read


@given(st.text(max_size=60) | st.from_regex(r"\A\d{0,4}[./-]\d{0,4}[./ -]\d{0,5} (kl\. )?\d{0,3}([.:]\d{0,3})?\Z"))
def test_whatever_is_written_does_no_harm(written: str) -> None:
    read = times.read(written, TODAY)
    assert read is None or schedule.to_utc(read) > 0


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("21", "03-10 21:00"),
        ("kl. 21.00", "03-10 21:00"),
        ("til kl. 21:30", "03-10 21:30"),
        ("24", "03-11 00:00"),
        ("2", "03-10 21:00"),
        ("2 timer", "03-10 21:00"),
        ("1,5 time", "03-10 20:30"),
        ("2 hours", "03-10 21:00"),
        ("90 minutter", "03-10 20:30"),
        ("en time", "03-10 20:00"),
        ("halvanden time", "03-10 20:30"),
        ("11.3.2026 kl. 16", "03-11 16:00"),
        ("at 9 p", None),
        ("25", None),
        ("21.75", None),
        ("senere", None),
        ("", None),
        ("18", "03-10 18:00"),
    ],
)
def test_when_it_ends_is_a_length_or_a_clock_time(text: str, ends: str | None) -> None:
    found = times.until(text, datetime(2026, 3, 10, 19, 0))
    assert (None if found is None else f"{found:%m-%d %H:%M}") == ends
