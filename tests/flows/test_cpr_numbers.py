"""CPR numbers, however they are written; and the numbers that are none. See test_care.py too."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from bot.flows import cpr_numbers

INVISIBLE = (
    *("\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u2063", "\u061c", "\u180e", "\ufe0f", "\u034f"),
    *("\x00", "\x07", "\u202e", "\U000e0001", "\u0336"),
)
ROOM = (" ", "\t", "\n", "\u00a0", "\u2007", "\u202f", "\u2028", "\u3000", "\u3164", "\u2800")
DASHES = ("-", "–", "—", "\u2011", "\u2212", "－", "﹣", "_")
DIGITS = ("0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "⁰¹²³⁴⁵⁶⁷⁸⁹", "⓪①②③④⑤⑥⑦⑧⑨")
KEYS = tuple(f"{digit}\ufe0f\u20e3" for digit in "0123456789")

HIDDEN = (
    "Ring til hende: 010203\u00ad1234",
    "Ring til hende: 010203\u200b-1234",
    "010203-1234".translate(str.maketrans("0123456789-", "０１２３４５６７８９－")),
    "".join(KEYS[int(digit)] for digit in "0102031234"),
    "".join(chr(0xE0000 + ord(char)) for char in "010203-1234"),  # tags, which nobody sees
    "O1O2O3-1234",  # as on an old typewriter
    "010203-12\n34",
)
APART = (
    *("010203.1234", "010203/1234", "010203_1234", "010203:1234", "010203*1234", "010203🙈1234", "010203  -  1234"),
    *("01/02/03 1234", "01/02/03/1234", "01.02.03.1234", "01.02.03 1234", "01-02-03 1234", "12.03.26-1930"),
    *("010203 12 34", "01 02 03 12 34", "01 02 03 - 12 34", "01.02.03 12.34", "010203\n\n1234", "010203\t1234"),
    *("0 1 0 2 0 3 1 2 3 4", "0-1-0-2-0-3-1-2-3-4", "0.1.0.2.0.3.1.2.3.4", "0102 03-1234", "01 0203-1234"),
    *("1/2-03-1234", "1.2.1943-1234", "01.02.1943-1234", "01021943-1234", "19430201-1234"),
)
TOLD = (
    *("010203 og så 1234", "010203, og så de sidste fire: 1234", "010203 bindestreg 1234", "010203 and then 1234"),
    *("01.02.03, sidste fire cifre 1234", "nul en nul to nul tre, en to tre fire", "010203 en to tre fire"),
    *("zero one zero two zero three dash one two three four", "cpr 01 02 031 234", "CPR-nr.: 010 203 1234"),
    *("c.p.r. 01021943 1234", "personnummer 0 102 031 234", "cpr er 0102 031 234"),
)
NEVERTHELESS = (  # no phone and no account is written so, and who works with cases is no case
    *("tlf 010203-1234", "konto: 010203-1234", "min sagsbehandler er 010203-1234", "journalist 0102031234"),
    *("tlf 20 30 40 50 og cpr 0102031234", "4000 010203-1234", "sag 12, cpr 010203-1234", "Nr. 010203-1234"),
)

OTHERS = (
    *("sag nr. 010203-1234", "Sagsnr. 0102031234", "sag 26/010203-1234", "j.nr. 010203-1234", "Case no. 010203-1234"),
    *("ordre 1203261930", "ordrenummer: 120326-1930", "order no. 0102031234", "faktura nr. 0102031234"),
    *("kvittering nr. 0102031234", "medlemsnr. 0102031234", "P-nr. 1003123456", "p-nummer 1003123456"),
    *("tlf 0102031234", "telefon: 01 02 03 04 05", "tlf. nr. 01 02 03 12 34", "Mobil 0701234567", "fax 0102 03 1234"),
    *("kontonr. 0102031234", "konto 1234 0102031234", "reg. 1234 konto 0102031234", "CVR 0102031234"),
    *("1234567890", "9876543210", "4512345678", "0045 12345678", "12345678 og 87654321", "EAN 5798 0001 2345 6"),
    *("12.03.26 19.30", "12-03-26 1930", "12/03/26 19:30", "12.03.26, 19.30", "150326 19.30", "12.03.2026 kl. 19.30"),
    *("3/3-27 kl. 19 og 4/3-27 kl. 1900", "1/2-2026-1930", "12-03-2026-1930", "20260312-1930", "01-02-2026 1930"),
    *("den 12.03.26, 8000 Aarhus", "fra 010125 til 311225", "12.3.26-15.3.26", "01-02-2026 til 03-02-2026"),
    *("10 11 12 13 14", "1 2 3 4 5 6 7 8 9 10", "uge 10, 11, 12, 2026", "2010 2011 2012 2013", "10.000 20.000 30.000"),
    *("en to tre fire fem seks syv otte ni ti", "55.676098, 12.568337", "192.168.10.12", "978-87-02-12345-6"),
    *("DK50 0040 0440 1162 43", "4111 1111 1111 1111", "1234 0012345678", "0123 4567 8901", "306-2019-263412"),
)


def test_a_cpr_number_is_found_however_it_is_hidden_cut_or_told() -> None:
    missed = [text for text in (*HIDDEN, *APART, *TOLD, *NEVERTHELESS) if not cpr_numbers.is_in(text)]
    assert missed == []


def test_what_is_said_to_be_another_number_or_is_a_day_with_a_time_is_none() -> None:
    assert [text for text in OTHERS if cpr_numbers.is_in(text)] == []


@given(
    st.dates(min_value=date(1900, 1, 1)),
    st.integers(0, 9999),
    st.sampled_from(("", *DASHES, *ROOM, " - ", "-\n", "\u00ad")),
    st.lists(st.tuples(st.integers(0, 11), st.sampled_from(INVISIBLE)), max_size=6),
    st.sampled_from((*DIGITS, KEYS)),
    st.sampled_from(("", "Jeg er ", "cpr: ", "(", "Bo,\n", "Ring på tlf. 20 30 40 50 eller ")),
    st.sampled_from(("", ".", ",", ")", " og så videre", "\n", " er det.")),
)
def test_nothing_that_cannot_be_seen_hides_one(
    born: date,
    number: int,
    between: str,
    hidden: list[tuple[int, str]],
    digits: str | tuple[str, ...],
    before: str,
    behind: str,
) -> None:
    written = [digits[int(digit)] for digit in f"{born:%d%m%y}{number:04}"]
    written.insert(6, between)
    for place, sign in hidden:
        written.insert(place, sign)
    assert cpr_numbers.is_in(f"{before}{''.join(written)}{behind}")


@given(
    st.integers(0, 10**10 - 1),
    st.sampled_from(
        ("tlf. ", "Telefon: ", "mobil ", "konto ", "kontonr. ", "CVR: ", "Sag nr. ", "sagsnr.", "ordre nr. ")
    ),
)
def test_ten_digits_are_what_is_said_before_them(number: int, said: str) -> None:
    assert not cpr_numbers.is_in(f"Skriv {said}{number:010}, tak")


@given(
    st.dates(date(2010, 1, 1), date(2039, 12, 31)), st.times(), st.sampled_from(".-/"), st.sampled_from((".", ":", ""))
)
def test_a_day_with_a_time_is_none(day: date, time: object, sign: str, clock: str) -> None:
    short, full = f"{day:%d{sign}%m{sign}%y}", f"{day:%d{sign}%m{sign}%Y}"
    assert [
        text for text in (f"{short} {time:%H{clock}%M}", f"{full} {time:%H{clock}%M}") if cpr_numbers.is_in(text)
    ] == []


@given(st.text(alphabet="0123456789 -./,og cprsa\n\u200b"))
def test_any_text_can_be_looked_at(text: str) -> None:
    assert cpr_numbers.is_in(text) in (True, False)
