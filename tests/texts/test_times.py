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
        # with the year in two digits, its signs mixed, the clock first, or without a kl.
        ("3/3-27 kl. 19", "2027-03-03 19:00"),
        ("3.3.27 19:00", "2027-03-03 19:00"),
        ("3-3-27 kl 19.30", "2027-03-03 19:30"),
        ("3. marts 27 kl. 19", "2027-03-03 19:00"),
        ("3/3 2027 kl. 1930", "2027-03-03 19:30"),
        ("3/3-27 kl. 19,30", "2027-03-03 19:30"),
        ("3️⃣/3-27 kl. 19", "2027-03-03 19:00"),
        ("kl. 19 den 3. marts 2027", "2027-03-03 19:00"),
        ("Kl. 19.00, onsdag d. 3/3-27", "2027-03-03 19:00"),
        ("mødet begynder ons. d. 3/3-27 kl. 19!", "2027-03-03 19:00"),
        ("den 4. i 3. kl. 19", "2026-03-04 19:00"),
        ("2027-03-03T19:00:00", "2027-03-03 19:00"),
        # in the evening
        ("3. marts 2027 kl. 7 om aftenen", "2027-03-03 19:00"),
        ("onsdag aften den 3/3-27 kl. 7", "2027-03-03 19:00"),
        ("lørdag d. 7/3 om formiddagen kl. 10", "2026-03-07 10:00"),
        ("3 March 2027 at 7:30 pm", "2027-03-03 19:30"),
        ("3 March 2027, 7pm", "2027-03-03 19:00"),
        ("i aften kl. 20", "2026-03-03 20:00"),
        ("i morgen aften kl. 7", "2026-03-04 19:00"),
        ("i overmorgen kl. 12", "2026-03-05 12:00"),
        # by the weekday that comes, or in a week
        ("torsdag kl. 19", "2026-03-05 19:00"),
        ("på mandag kl. 19", "2026-03-09 19:00"),
        ("tirsdag i uge 12 kl. 19", "2026-03-17 19:00"),
        ("tirsdag uge 9 kl. 19", "2027-03-02 19:00"),
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
    assert isinstance(read, datetime)
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
        "tirsdag kl. 19",  # today is one: now, or in a week?
        "næste torsdag kl. 19",
        "3/3 2027",
        "27-3-3 kl. 12",
        "3.3.2027 kl. 13 pm",
        "tirsdag i uge 60 kl. 19",
        "tirsdag torsdag 3.3.2027 kl. 12",
        "3/3-27 kl. 19-21",  # a time and an end, where no end is asked for
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


@pytest.mark.parametrize("at", [0, 3])
def test_in_the_small_hours_nobody_knows_which_day_is_tomorrow(at: int) -> None:
    assert times.read("i morgen kl. 19", TODAY.replace(hour=at)) is None


@pytest.mark.parametrize(
    ("written", "about", "moment"),
    [
        ("tirsdag den 3. marts 2027 kl. 19", "weekday", "2027-03-03 19:00"),
        ("Tue 3 March 2027 at 19:00", "weekday", "2027-03-03 19:00"),
        ("mandag den 4. marts kl. 19", "weekday", "2026-03-04 19:00"),
        ("mandag aften d. 3/3-27 kl. 7", "weekday", "2027-03-03 19:00"),
        ("kl. 19 tors. den 3/3-27", "weekday", "2027-03-03 19:00"),
        ("28.3.2027 kl. 2.30", "skipped", "2027-03-28 02:30"),
        ("søndag den 28. marts 2027 kl. 02.00", "skipped", "2027-03-28 02:00"),
    ],
)
def test_a_moment_that_cannot_be_meant_so_is_asked_about(written: str, about: str, moment: str) -> None:
    read = times.read(written, TODAY)
    assert isinstance(read, times.Doubt)
    assert (read.about, f"{read.moment:%Y-%m-%d %H:%M}") == (about, moment)
    assert times.period(written, TODAY) == read


@pytest.mark.parametrize(
    ("written", "ends"),
    [
        *(
            ("3/3-27 kl. 19-21", "21:00"),
            ("3/3-27 kl. 19.00 - 21.30", "21:30"),
            ("3/3-27 fra kl. 19-21", "21:00"),
        ),
        *(("3. marts 2027 kl. 19–21", "21:00"), ("3/3-27 19-21", "21:00"), ("3/3-27 kl. 19", None)),
        *(("3/3-27 kl. 7-9 om aftenen", "21:00"), ("kl. 19-21 den 3/3-27", "21:00")),
    ],
)
def test_its_end_may_stand_beside_it(written: str, ends: str | None) -> None:
    period = times.period(written, TODAY)
    assert isinstance(period, times.Period)
    assert period.begins == datetime(2027, 3, 3, 19, 0)
    assert (None if period.ends is None else f"{period.ends:%H:%M}") == ends


def test_one_that_ends_before_it_begins_is_not_guessed_at() -> None:
    assert times.period("3/3-27 kl. 21-19", TODAY) is None


@given(st.text(max_size=60) | st.from_regex(r"\A\d{0,4}[./-]\d{0,4}[./ -]\d{0,5} (kl\. )?\d{0,3}([.:]\d{0,3})?\Z"))
def test_whatever_is_written_does_no_harm(written: str) -> None:
    read = times.read(written, TODAY)
    assert not isinstance(read, datetime) or schedule.to_utc(read) > 0


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
        ("2½ time", "03-10 21:30"),
        ("to timer", "03-10 21:00"),
        ("2 timer og 30 min", "03-10 21:30"),
        ("en halv time", "03-10 19:30"),
        ("kl. 2130", "03-10 21:30"),
        ("9 pm", "03-10 21:00"),
        ("kl. 9 om aftenen", "03-10 21:00"),
    ],
)
def test_when_it_ends_is_a_length_or_a_clock_time(text: str, ends: str | None) -> None:
    found = times.until(text, datetime(2026, 3, 10, 19, 0))
    assert (f"{found:%m-%d %H:%M}" if isinstance(found, datetime) else found) == ends
