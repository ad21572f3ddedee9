"""Danish text comes out of its bytes with the right letters, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.encodings import UnknownEncoding, decoded, is_garbled

LISTED = "Forening;Område\r\nÅdalens Æbleklub;Ådalen\r\nSøndermark Løbehold;Søndermark\r\nCafé Müller;Östersund\r\n"
MAC, DOS, WINDOWS = "mac_roman", "cp850", "cp1252"


def refused(content: bytes) -> bool:
    try:
        decoded(content)
    except UnknownEncoding:
        return True
    return False


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", WINDOWS, "latin-1", "iso8859-15", MAC, DOS, "cp865"],
)
def test_danish_letters_come_out_of_every_encoding_that_people_save_in(encoding: str) -> None:
    assert decoded(LISTED.encode(encoding)) == LISTED


@pytest.mark.parametrize("mistaken_for", [WINDOWS, "latin-1", MAC, DOS])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_was_encoded_twice_is_decoded_twice(mistaken_for: str, mark: str) -> None:
    twice = (mark + LISTED).encode().decode(mistaken_for).encode()
    assert decoded(twice) == LISTED
    assert decoded(b"\xef\xbb\xbf" + twice) == LISTED


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Café 2000;kl. 9–12;«Håb» …", WINDOWS),
        ("100 m²;½ time;20 °C;5 €;Peter´s", WINDOWS),
        ("Rock ’n’ Roll;Peter’s", WINDOWS),
        ("SØndermark;gÅrd;1Østerbro;Ø;søndermark", WINDOWS),  # slips, but no misreading
        ("Nord\xa0;Nørre\xa0Å", WINDOWS),
        ("Bjørns Hus", MAC),
        ("gård", MAC),
        ("Müller", DOS),
        ("børn", DOS),
    ],
)
def test_a_letter_or_a_sign_is_enough_where_it_makes_sense_in_one_encoding_alone(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding)) == text


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("Ålborg".encode(MAC), id="Ålborg of a Mac is ülborg under DOS"),
        pytest.param("Ørnens Rede".encode(MAC), id="Ørnens of a Mac is »rnens under DOS"),
        pytest.param("TÆT".encode(DOS), id="TÆT under DOS is T’T on Windows"),
        pytest.param("Søby;".encode(WINDOWS) + "Ærø".encode(DOS), id="two files in one"),
        pytest.param("Søby;Søby;Søby".encode() + b"\xf8", id="UTF-8 and a letter that is none"),
        pytest.param("Søby".encode()[:-1] + "Å".encode()[:1], id="UTF-8 cut in the middle of a letter"),
        pytest.param("Søby".encode("utf-16")[:-1], id="UTF-16 cut in the middle of a letter"),
        pytest.param(LISTED.encode("utf-16-le") + b"\x00\xd8", id="UTF-16 and half a letter"),
        pytest.param("Город;Область".encode("cp1251"), id="Cyrillic"),
        pytest.param("Łódź;Kraków".encode("cp1250"), id="Polish"),
        pytest.param(bytes(range(256)), id="no text"),
    ],
)
def test_what_can_be_read_in_two_ways_or_in_none_is_refused(content: bytes) -> None:
    assert refused(content)


@pytest.mark.parametrize("text", ["", "Navn;Type", "الجمعية;Łódź", "Город", "RØ®", "Ø·B", "会;Å", "A\0B"])
def test_what_is_unicode_needs_no_danish_letters_to_be_believed(text: str) -> None:
    assert decoded(text.encode()) == text
    assert not is_garbled(text)


@pytest.mark.parametrize(
    "text",
    [
        "S\ufffdndermark",
        *("SÃ¸ndermark", "Ã…dalen", "CafÃ© og Søby", "â€œVi og Åâ€", "Søby Â« Ø", "S√∏ndermark", "S├©ndermark"),
        *("Søndermark".encode(MAC).decode(WINDOWS), "lægård".encode(MAC).decode(WINDOWS)),
        *("gård".encode(DOS).decode(WINDOWS), "sæde".encode(WINDOWS).decode(MAC), "søde".encode(WINDOWS).decode(DOS)),
    ],
)
def test_letters_that_went_wrong_earlier_are_seen(text: str) -> None:
    assert is_garbled(text)


@pytest.mark.parametrize(
    "text", ["Søndermark – «Håb»", "20 °C", "50 µm", "¿Qué?", "SÃO PAULO", "IRMÃ", "Ångström", "Œuvre", "†", "A→Å"]
)
def test_odd_signs_in_their_places_are_not_taken_for_that(text: str) -> None:
    assert not is_garbled(text)


# --- never wrong ------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        *("Søndermark", "Løbehold", "Ådalens", "Æbleklub", "børn", "unge", "idræt", "gård", "GÅRD", "ældre", "ÆLDRE"),
        *("råd", "Ærø", "Ø", "Å", "Östersund", "Müllers", "Café", "René", "Hus", "Nord", "klub", "KLUB", "100"),
        *("O’Brien", "«Håb»", "“Vi”", "–", "venner…", "mødre", "Spejdere", "Rødgrød", "fløde", "på", "høj"),
    ]
)
TEXTS = st.lists(WORDS, min_size=1, max_size=12).map(lambda words: "Forening;Type\r\n" + " ".join(words))
SAVED = st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-16-be", WINDOWS, "latin-1", MAC, DOS, "cp865"])
MISTAKEN = st.sampled_from([WINDOWS, "latin-1", MAC, DOS])


def bytes_of(text: str, encoding: str) -> bytes:
    """Without the signs that the encoding lacks."""
    return text.encode(encoding, "ignore")


@given(TEXTS, SAVED)
def test_whatever_is_saved_is_read_as_it_was_or_refused(text: str, encoding: str) -> None:
    content = bytes_of(text, encoding)
    kept = content.decode(encoding)
    assert refused(content) or decoded(content) == kept


@given(TEXTS, MISTAKEN)
def test_whatever_was_encoded_twice_is_read_as_it_was_or_seen_to_be_wrong(text: str, mistaken_for: str) -> None:
    twice = text.encode().decode(mistaken_for, "ignore").encode()
    read = decoded(twice)
    assert read == text or text.isascii() or is_garbled(read)
