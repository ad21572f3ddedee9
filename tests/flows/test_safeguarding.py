"""What is recognised in people's words, and what is not mistaken for it."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flows import safeguarding
from bot.flows.safeguarding import Concern

# --- CPR numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "010203-1234",
        "0102031234",
        "010203 1234",
        "010203 - 1234",
        "010203  1234",
        "010203–1234",
        "010203—1234",
        "01 02 03-1234",
        "01.02.03-1234",
        "01 02 03 1234",
        "31 12 99 1234",
        "610203-1234",  # a replacement number: 60 is added to the day
        "999999-9999",  # mistyped, and refused as well
        "991399-0000",
        "Mit CPR-nummer er 010203-1234.",
        "(010203-1234)",
        "«010203-1234»",
        "cpr:010203-1234,",
        "CPR010203-1234",
        "Jeg hedder Bo\n010203-1234\nog jeg bor her",
        "Ring på 12 34 56 78 eller brug 010203-1234",
        "٠١٠٢٠٣-١٢٣٤",
        "010203-1234/020304-2345",  # a couple
        "cpr-010203-1234",
        "Lise på 12 010203-1234",
        "4000 010203-1234",  # after a postal code
        "010203\u00a01234",  # no-break space, as copied from a letter
        "010203\u20111234",  # no-break hyphen, as Word makes it
        "010203\u22121234",  # minus
        "010203-\n1234",
        "01-02-03-1234",
    ],
)
def test_what_is_shaped_like_a_cpr_number_is_one(text: str) -> None:
    assert safeguarding.looks_like_cpr(text)


@pytest.mark.parametrize(
    "text",
    [
        "306-2019-263412",  # case number
        "27.00.00-P22-1-19",  # KLE
        "2019-0012345",
        "26/123456",
        "24/0012345678",
        "+45 12 34 56 78",
        "+4512345678",
        "4512345678",
        "0045 12345678",
        "004512345678",
        "12 34 56 78",
        "12345678 og 87654321",
        "20 30 40 50 60 70",
        "12.03.26 19.30",
        "12.03.26 1930",
        "12.03.2026 kl. 19.30",
        "12. marts 2026",
        "2026-03-12 19:30",
        "2026-03-12T19:30:00",
        "20260312",
        "5798000123456",  # EAN
        "57 98 00 01 23 45 6",
        "29189846",  # CVR
        "CVR 29 18 98 46",
        "1234 0012345678",  # account
        "4111 1111 1111 1111",
        "DK50 0040 0440 1162 43",
        "https://eksempel.dk/sag/0102031234",
        "0102031234567",
        "010203-12345",
        "12 34 56 7890",  # grouped like this it must also be a date
        "32 01 26 1234",
        "1.000.000.000",
        "der kom 150 den 010203",
        "mellem 2010 og 2025",
        "",
    ],
)
def test_case_numbers_phone_numbers_dates_and_accounts_are_no_cpr_numbers(text: str) -> None:
    assert not safeguarding.looks_like_cpr(text)


@settings(derandomize=True)
@given(
    st.dates(min_value=date(1900, 1, 1)),
    st.integers(0, 9999),
    st.sampled_from(["", "-", " ", "–", " - "]),
    st.sampled_from(["", "Jeg er ", "cpr: ", "(", "Bo,\n"]),
    st.sampled_from(["", ".", ",", ")", " og så videre", "\n"]),
)
def test_every_date_with_four_digits_is_a_cpr_number(
    born: date, number: int, between: str, before: str, behind: str
) -> None:
    assert safeguarding.looks_like_cpr(f"{before}{born:%d%m%y}{between}{number:04}{behind}")


@settings(derandomize=True)
@given(st.integers(0, 99_999_999), st.sampled_from(["+45", "+45 ", "0045", "0045 ", "45", ""]), st.booleans())
def test_no_phone_number_is_a_cpr_number(number: int, code: str, in_pairs: bool) -> None:
    digits = f"{number:08}"
    written = " ".join(digits[i : i + 2] for i in range(0, 8, 2)) if in_pairs else digits
    assert not safeguarding.looks_like_cpr(f"Ring {code}{written}!")


@settings(derandomize=True)
@given(st.text())
def test_any_text_can_be_looked_at(text: str) -> None:
    assert safeguarding.looks_like_cpr(text) in (True, False)
    assert safeguarding.concern(text) in ("distress", "threat", "human", None)


# --- words that call for somebody -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Jeg tænker på selvmord", "distress"),
        ("jeg har selvmordstanker", "distress"),
        ("Jeg vil tage mit eget liv", "distress"),
        ("hun tager sit liv", "distress"),
        ("jeg vil bare dø", "distress"),
        ("Jeg vil gerne dø.", "distress"),
        ("jeg orker ikke at leve", "distress"),
        ("har ikke lyst til at leve", "distress"),
        ("Jeg kan ikke mere", "distress"),
        ("JEG KAN\nIKKE   MERE!", "distress"),
        ("Jeg orker ikke mere.", "distress"),
        ("jeg kan ikke klare mere", "distress"),
        ("Jeg har lyst til at gøre en ende på det", "distress"),
        ("jeg skader mig selv", "distress"),
        ("Jeg bliver slået derhjemme", "distress"),
        ("der er vold i hjemmet", "distress"),
        ("I am suicidal", "distress"),
        ("I want to kill myself", "distress"),
        ("I want to die", "distress"),
        ("I don't want to live", "distress"),
        ("I do not want to live any more", "distress"),
        ("I can't go on", "distress"),
        ("I keep hurting myself", "distress"),
        ("he hits me", "distress"),
        ("Jeg slår dig ihjel", "threat"),
        ("nogen skulle dræbe jer", "threat"),
        ("jeg skyder ham ned", "threat"),
        ("Jeg lægger en bombe på rådhuset", "threat"),
        ("jeg brænder rådhuset ned", "threat"),
        ("I will kill you", "threat"),
        ("somebody should shoot them", "threat"),
        ("I'll burn down the town hall", None),  # the other way round alone
        ("burn it down", "threat"),
        ("Kan jeg tale med et menneske?", "human"),
        ("jeg vil gerne snakke med en medarbejder", "human"),
        ("Ring til mig", "human"),
        ("Kan I ringe?", "human"),
        ("Can I talk to a human?", "human"),
        ("I want to speak to someone", "human"),
        ("Please call me", "human"),
        ("Jeg vil dø, og jeg slår dig ihjel: ring til mig", "distress"),
        ("I can’t go on", "distress"),  # as telephones write it
        ("I don’t want to live", "distress"),
        (unicodedata.normalize("NFD", "Jeg slår dig ihjel"), "threat"),
        ("Jeg kan bare ikke mere", "distress"),
        ("Jeg kan simpelthen ikke mere", "distress"),
        ("Min mand slår mig", "distress"),
        ("han tog sit eget liv", "distress"),
    ],
)
def test_words_that_call_for_a_person(text: str, wanted: Concern | None) -> None:
    assert safeguarding.concern(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Flere bænke i parken",
        "Vi dør ikke af at prøve",
        "Det er dødt om vinteren",
        "livet i landsbyen",
        "Jeg kan ikke meget, men jeg vil gerne hjælpe",
        "Vi kan ikke flere ting på en gang",
        "lave noget sammen med andre",
        "Vi taler med kommunen hver måned",
        "Det er et bombardement af mails",
        "en skattejagt for børn",
        "Stop the meetings at nine",
        "we will die out",
        "Call for volunteers",
        "",
        "Jeg kan ikke mere end to aftener om ugen",
        "Man kan ikke mere låne lokaler gratis",
        "Foreningerne vil dø ud",
        "Kommunen vil ikke leve op til sit ansvar",
        "De to skoler bliver slået sammen",
        "Opgaverne bliver slået op på nettet",
        "Klubben bliver truet af lukning",
        "Gør en ende på det papirarbejde",
        "Det var en bombe under foreningslivet",
        "Papirarbejdet er bombesikkert",
        "Ældre har brug for nogen at snakke med og for at tale med nogen",
        "They call me Bo",
        "Kill them with kindness",
    ],
)
def test_ordinary_words_call_for_nobody(text: str) -> None:
    assert safeguarding.concern(text) is None
