"""The register as the leader keeps it: a file taken in, the template, names from answers, and taken out again.

In a chat and on pages where nothing else is said. How a table is read: tests/reports/test_register_reading.py.
"""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing

import pytest
from openpyxl import load_workbook

from bot.dialogue.upload import LARGEST_UPLOAD
from reports.register_reading import read
from storage import register
from storage.db import Tx
from storage.register import RegisterImport
from tests.support.botapi import Fault
from tests.support.cast import said_to
from tests.support.chat import Found, OnTelegram, Somebody, Town
from tests.support.pages import OnPages
from tests.support.register_files import associations, books, saved, saved_by_excel, with_sheet

CHANNELS = ("telegram", "web")


async def leader(town: Town) -> Somebody:
    """In front of the register."""
    lea = town.somebody("Lea")
    await lea.says(f"/start {await town.invites('leader')}")
    await lea.taps("Jeg er med")
    await lea.says("/leder")
    await lea.taps("Interessentlisten")
    return lea


async def hands_in(lea: Somebody, content: bytes, name: str = "foreninger.csv") -> str:
    """What is said of the file."""
    lea.sees()
    if isinstance(lea, OnPages):
        assert lea.page is not None
        await lea._load(lea.browser.upload(lea.page, name, content))
    else:
        assert isinstance(lea, OnTelegram)
        await lea.does(lambda: lea.phone.sends_document(content, name, "text/csv"))
    return (await said_to(lea))[1]


def file_of(lea: Somebody) -> bytes:
    """The last file they were given."""
    if isinstance(lea, OnPages):
        return lea.browser.downloads[-1][1]
    assert isinstance(lea, OnTelegram)
    return lea.phone.document


def listed(town: Town) -> list[str]:
    return sorted(name for (name,) in town.rows("SELECT name FROM parties"))


# --- a file -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CHANNELS)
async def test_three_hundred_associations_are_shown_first_and_then_taken_in(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        lea = await leader(town)
        await lea.taps("Importér fra Excel")
        told = await hands_in(lea, saved_by_excel(associations()))
        assert "300 nye navne kommer på listen." in told
        assert "• Type → type\n• Område → lokalområde\n• Medlemmer → størrelse\n• Mail → kontakt\n• Navn → navn" in told
        assert listed(town) == []  # nothing before the yes
        lea.sees()
        await lea.taps("Godkend, og sæt dem på listen")
        assert "300 nye navne er sat på listen." in (await said_to(lea))[1]
        assert listed(town) == sorted(row[0] for row in associations())
        [(entry, *facts)] = town.rows("SELECT id, kind, area, size FROM parties WHERE name = 'Ålholt Idrætsforening 0'")
        assert facts == ["forening", "nordby", "0-9"]
        reached = await town.runtime.database.read(lambda tx: register.contact(tx, 1, entry))
        assert reached == "formand0@forening.example"
        assert town.rows("SELECT count(*) FROM imports") == [(0,)]
        assert town.rows("SELECT action, detail FROM audit ORDER BY id DESC LIMIT 1") == [("import", "300 + 0")]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_each_bad_line_is_named_and_the_same_association_is_one(found: Found, channel: str) -> None:
    rows = [
        ("Aalborg Skakklub", "Forening", "Nordby", "12", "a@forening.example"),
        ("ålborg skak-klub", "", "", "", ""),  # the same
        ("", "Forening", "Nordby", "3", ""),
        ("Værestedet", "Bogcafé", "Månen", "mange", ""),
        ("Kirsten 010190-1234", "Forening", "", "", ""),
        ("Menighedsrådet", "Råd", "", "", "070761-4285"),
    ]
    async with found(channel=channel, steps="borger") as town:
        lea = await leader(town)
        await lea.taps("Importér fra Excel")
        told = await hands_in(lea, saved_by_excel(rows))
        for line in (
            "3 nye navne kommer på listen.",
            "1 række er en gentagelse af en anden i filen.",
            "Række 4: mangler navn og springes over",
            "Række 5: typen »Bogcafé« er ukendt, så den bliver registreret som forening",
            "Række 5: området »Månen« er ukendt og udelades",
            "Række 5: størrelsen »mange« kan ikke læses og udelades",
            "Række 6: navnet ligner et CPR-nummer og springes over",
            "Række 7: kontakten ligner et CPR-nummer og udelades",
        ):
            assert line in told
        await lea.taps("Godkend, og sæt dem på listen")
        assert listed(town) == ["Aalborg Skakklub", "Menighedsrådet", "Værestedet"]
        disk = town.on_disk()
        assert b"010190" not in disk and b"070761" not in disk


DOUBTFUL = [
    ("Nordby Skakklub", "Forening", "Nordby", "12", ""),
    ("Kirsten Hansen", "Nøgleperson", "", "", ""),
    ("Nordby Skak", "Forening", "", "", ""),
    ("11", "Forening", "", "", ""),
    ("+1+1", "Forening", "", "", ""),
]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ("Sæt dem på listen uden 3 rækker", ["11", "Nordby Skakklub"]),
        ("Sæt dem alle på listen", ["11", "Kirsten Hansen", "Nordby Skak", "Nordby Skakklub"]),
    ],
)
async def test_rows_that_may_be_a_person_or_somebody_else_are_asked_about(
    found: Found, channel: str, answer: str, names: list[str]
) -> None:
    async with found(channel=channel, steps="borger") as town:
        lea = await leader(town)
        await lea.taps("Importér fra Excel")
        told = await hands_in(lea, saved_by_excel(DOUBTFUL))
        for line in (
            "Se på 3 rækker:",
            "Række 3: Er »Kirsten Hansen« en privatperson? Privatpersoner skal ikke på listen",
            "Række 4: »Nordby Skak« ligner »Nordby Skakklub«. Er det den samme?",
            "Række 6: »+1+1« bliver læst som »11«. Er det den samme?",
        ):
            assert line in told
        assert "Godkend, og sæt dem på listen" not in _labels(lea)
        await lea.taps(answer)
        assert listed(town) == names


@pytest.mark.parametrize("channel", CHANNELS)
async def test_an_english_leader_is_asked_in_english(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        lea = await leader(town)
        await lea.says("/sprog")
        await lea.taps("English")
        await lea.says("/leder")
        await lea.taps("The register")
        await lea.taps("Import from Excel")
        told = await hands_in(lea, saved_by_excel(DOUBTFUL[:2]))
        assert "Row 3: Is “Kirsten Hansen” a private person? They don’t belong on the register" in told
        await lea.taps("Put them on the register without 1 row")
        assert listed(town) == ["Nordby Skakklub"]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_the_sheet_and_the_row_of_the_headings_are_told_and_every_line_that_is_not_read(
    found: Found, channel: str
) -> None:
    workbook = books(("Vejledning",), ("Udfyld arket", "Foreninger"))
    sheet = workbook.create_sheet("Foreninger")
    rows = (("Udskrevet:", "01-03-2026"), ("Forening", "Kontakt"), ("Koret", "=A1"), *((None, "x"),) * 20)
    for row in rows:
        sheet.append(row)
    sheet.append(("Dans", "4,52E+09"))
    sheet.append((None, "x"))
    async with found(channel=channel, steps="borger") as town:
        lea = await leader(town)
        await lea.taps("Importér fra Excel")
        told = await hands_in(lea, saved(workbook), "liste.xlsx")
        for line in (
            "2 nye navne kommer på listen.",
            "Arket »Foreninger« bliver læst, men ikke »Sheet«.",
            "Overskrifterne står i række 2.",
            "23 steder kan ikke læses rigtigt:",
            "Række 3: en formel uden resultat udelades. Åbn filen i Excel, gem den, og upload den igen",
            "… og 11 steder til: række 15–25.",
            "Ret fejlene i filen, og upload den igen.",
        ):
            assert line in told
        await lea.taps("Godkend, og sæt dem på listen")
        assert town.rows("SELECT name, contact FROM parties ORDER BY name") == [("Dans", None), ("Koret", None)]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_workbook_that_is_made_to_cost_is_refused_and_another_may_follow(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        lea = await leader(town)
        await lea.taps("Importér fra Excel")
        heavy = with_sheet(b'<row spans="' + b"1" * 60_000_000 + b'"><c/></row>')
        assert "Filen er for tung at læse, og listen er ikke ændret." in await hands_in(lea, heavy, "liste.xlsx")
        assert "1 nyt navn kommer på listen." in await hands_in(lea, saved_by_excel([("Koret", "", "", "", "")]))


async def test_a_file_that_waited_for_its_yes_when_besyv_was_updated_is_taken_in(found: Found) -> None:
    async with found(steps="borger") as town:
        lea = await leader(town)
        await lea.taps("Importér fra Excel")
        await hands_in(lea, saved_by_excel([("Koret", "", "", "", "")]))
        earlier = RegisterImport(b'[["Navn"], [[2, "Koret"]]]', '{"name": 0}')

        def kept(tx: Tx) -> None:
            person = tx.number("SELECT person_id FROM imports")
            assert person is not None
            register.keep_import(tx, person, earlier, 0)

        await town.runtime.database.write(kept)
        lea.sees()
        await lea.taps("Godkend, og sæt dem på listen")
        assert "1 nyt navn er sat på listen." in (await said_to(lea))[1]
        assert listed(town) == ["Koret"]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_typed_name_keeps_no_sign_that_turns_the_words_around_it(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        town.public.add("Koret")
        lea = await leader(town)
        await lea.taps("Tilføj en forening eller et råd")
        await lea.says("\u202eKo\u200bret\u2066\u00ad")
        assert listed(town) == ["Koret"]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_the_leader_is_asked_where_the_names_are_when_nobody_can_tell(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        lea = await leader(town)
        await lea.taps("Importér fra Excel")
        rows = [("1", "Spejderne", "Nordby"), ("2", "Koret", "Havnen")]
        told = await hands_in(lea, saved_by_excel(rows, ("Nr", "Hvem er det", "Område")))
        assert "Hvilken kolonne er navnet i?" in told
        lea.sees()
        await lea.taps("Hvem er det")
        told = (await said_to(lea))[1]
        assert "2 nye navne kommer på listen." in told and "Disse kolonner bliver ikke brugt: Nr" in told
        await lea.taps("Godkend, og sæt dem på listen")
        assert town.rows("SELECT name, area FROM parties ORDER BY name") == [
            ("Koret", "havnen"),
            ("Spejderne", "nordby"),
        ]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_the_same_file_twice_is_harmless_and_fills_what_was_empty(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        lea = await leader(town)
        for rows, said in (
            ([("Koret", "", "", "", "")], "1 nyt navn kommer på listen."),
            ([("KORET", "", "Havnen", "", ""), ("Spejderne", "", "", "", "")], "1 navn står allerede på listen."),
            ([("Koret", "", "Nordby", "", "")], "Ingen nye navne kommer på listen."),
        ):
            await lea.says("/leder")
            for label in ("Interessentlisten", "Importér fra Excel"):
                await lea.taps(label)
            assert said in await hands_in(lea, saved_by_excel(rows))
            await lea.taps("Godkend, og sæt dem på listen")
        assert town.rows("SELECT name, area FROM parties ORDER BY name") == [("Koret", "havnen"), ("Spejderne", None)]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("billede.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "Filen kan ikke læses som en tabel."),
        (
            "tom.csv",
            "Navn;Type\r\n".encode("cp1252"),
            "Der er ingen rækker under overskrifterne. Listen er ikke ændret.",
        ),
        ("gammel.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Excel"),
        ("stor.csv", b"Navn\r\n" + b"x" * LARGEST_UPLOAD, "Filen må højst fylde 5 MB."),
    ],
)
async def test_a_file_that_cannot_be_read_says_why_and_another_may_follow(
    found: Found, channel: str, name: str, content: bytes, why: str
) -> None:
    async with found(channel=channel, steps="borger") as town:
        lea = await leader(town)
        await lea.taps("Importér fra Excel")
        assert why in await hands_in(lea, content, name)
        assert "1 nyt navn kommer på listen." in await hands_in(lea, saved_by_excel([("Koret", "", "", "", "")]))


async def test_twenty_megabytes_are_refused_without_being_fetched(found: Found) -> None:
    async with found(steps="borger") as town:
        lea = await leader(town)
        await lea.taps("Importér fra Excel")
        assert "Filen må højst fylde 5 MB." in await hands_in(lea, bytes(20_000_001))
        assert town.api.calls("getFile") == 0
        assert listed(town) == []
        assert "1 nyt navn kommer på listen." in await hands_in(lea, saved_by_excel([("Koret", "", "", "", "")]))
        assert town.api.calls("getFile") == 1


@pytest.mark.parametrize("status", [400, 502])
async def test_a_file_that_telegram_does_not_hand_out_is_asked_for_again(found: Found, status: int) -> None:
    async with found(steps="borger") as town:
        lea = await leader(town)
        await lea.taps("Importér fra Excel")
        content = saved_by_excel([("Koret", "", "", "", "")])
        town.api.inject(Fault("getFile", status=status))
        assert "Filen kunne ikke hentes fra Telegram." in await hands_in(lea, content)
        assert "1 nyt navn kommer på listen." in await hands_in(lea, content)


async def test_a_file_or_a_picture_where_none_is_awaited_gets_the_usual_word(found: Found) -> None:
    async with found(steps="borger") as town:
        lea = await leader(town)
        assert isinstance(lea, OnTelegram)
        usual = "Jeg kan kun læse tekst"
        lea.sees()
        await lea.does(lea.phone.sends_photo)
        assert usual in "\n".join(lea.sees())
        await lea.does(lea.phone.sends_document)
        assert usual in "\n".join(lea.sees())
        await lea.taps("Importér fra Excel")
        lea.sees()
        await lea.does(lea.phone.sends_photo)
        assert usual in "\n".join(lea.sees())
        assert town.api.calls("getFile") == 0


async def test_a_file_that_waits_for_the_yes_is_encrypted_and_gone_after_a_day(found: Found) -> None:
    async with found(steps="borger") as town:
        lea = await leader(town)
        await lea.taps("Importér fra Excel")
        await hands_in(lea, saved_by_excel([("Foreningen uden ja", "", "", "", "uden@ja.example")]))
        assert b"Foreningen uden ja" not in town.on_disk() and b"uden@ja.example" not in town.on_disk()
        await town.wait(25 * 3600)
        assert town.rows("SELECT count(*) FROM imports") == [(0,)]
        lea.sees()
        await lea.taps("Godkend, og sæt dem på listen")
        assert "Siden findes ikke længere." in (await said_to(lea))[1]
        assert listed(town) == []


# --- out again --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CHANNELS)
async def test_the_register_is_taken_out_and_read_again_as_it_was(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        lea = await leader(town)
        await lea.taps("Importér fra Excel")
        await hands_in(lea, saved_by_excel([*associations(20), ("=HYPERLINK(1)", "", "", "", "")]))
        await lea.taps("Godkend, og sæt dem på listen")
        await lea.taps("Hent listen som CSV")
        as_csv = read(file_of(lea), "besyv-liste.csv")
        assert "Emneord" in as_csv.headings
        assert {cell for row in as_csv.rows for cell in row.cells} & {"forening", "nordby"} == set()  # labels, no keys
        assert {"Forening", "Nordby"} <= {cell for row in as_csv.rows for cell in row.cells}
        await lea.taps("Hent listen som Excel")
        as_xlsx = read(file_of(lea), "besyv-liste.xlsx")
        assert as_csv == as_xlsx
        assert len(as_csv.rows) == 21
        sheet = load_workbook(io.BytesIO(file_of(lea))).active
        assert sheet is not None
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}  # nothing is a formula
        assert [detail for (detail,) in town.rows("SELECT detail FROM audit WHERE action = 'register-export'")] == [
            "csv",
            "xlsx",
        ]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_contact_that_is_damaged_is_said_to_be_and_not_taken_in_again(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        lea = await leader(town)
        await lea.taps("Importér fra Excel")
        await hands_in(lea, saved_by_excel(associations(3)))
        await lea.taps("Godkend, og sæt dem på listen")
        with closing(sqlite3.connect(town.folder / "besyv.db")) as connection, connection:
            connection.create_function("turned", 1, lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]))
            [(name, number)] = connection.execute("SELECT name, id FROM parties ORDER BY id LIMIT 1")
            connection.execute("UPDATE parties SET contact = turned(contact) WHERE id = ?", (number,))
        await lea.taps("Hent listen som CSV")
        file = file_of(lea)
        rows = {row.cells[0]: row.cells[-1] for row in read(file, "besyv-liste.csv").rows}
        assert rows.pop(name) == "(beskadiget og kan ikke læses)"
        assert all("@" in contact for contact in rows.values())
        with closing(sqlite3.connect(town.folder / "besyv.db")) as connection, connection:
            connection.execute("UPDATE parties SET contact = NULL")
        await lea.taps("Importér fra Excel")
        await hands_in(lea, file)
        await lea.taps("Godkend, og sæt dem på listen")
        assert town.rows("SELECT count(*) FROM parties WHERE contact IS NULL") == [(1,)]
        assert town.log.getvalue().count(" ERROR storage.encryption sealed fault=EncryptionError") == 1
        town.log.truncate(0)


# --- by hand ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CHANNELS)
async def test_the_template_is_ticked_in_and_out(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        lea = await leader(town)
        await lea.taps("Faste høringsparter")
        await lea.taps("☐ Ældrerådet (skal høres ifølge loven)")
        await lea.taps("☐ Ungerådet")
        assert town.rows("SELECT name, must FROM parties ORDER BY id") == [("Ældrerådet", 1), ("Ungerådet", 0)]
        await lea.taps("☑ Ungerådet")
        assert listed(town) == ["Ældrerådet"]
        await lea.taps("Tilbage")
        for label in ("Se hele listen", "Ældrerådet", "Markér som inviteret", "Tilbage"):
            await lea.taps(label)
        await lea.taps("Faste høringsparter")
        lea.sees()
        await lea.taps("☑ Ældrerådet (skal høres ifølge loven)")
        assert "Ældrerådet er i brug og kan ikke fjernes her." in (await said_to(lea))[1]
        assert listed(town) == ["Ældrerådet"]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    ("name", "why"),
    [("Hans 010190-1234", "ligner et CPR-nummer"), ("x" * 201, "Navnet kan ikke bruges.")],
    ids=["a CPR number", "too long"],
)
async def test_what_is_no_name_is_not_put_on_the_list(found: Found, channel: str, name: str, why: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        lea = await leader(town)
        await lea.taps("Tilføj en forening eller et råd")
        lea.sees()
        await lea.says(name)
        assert why in (await said_to(lea))[1]
        assert listed(town) == []
        town.public.add("Cykelværkstedet")
        await lea.says("Cykelværkstedet")
        assert listed(town) == ["Cykelværkstedet"]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_an_entry_is_found_changed_and_removed(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        town.public |= {"Cykelværkstedet", "cykel vaerksted"}
        lea = await leader(town)
        await lea.taps("Tilføj en forening eller et råd")
        await lea.says("Cykelværkstedet")
        await lea.taps("Skift type")
        await lea.taps("Center")
        await lea.taps("Notér, at de takker nej")
        assert town.rows("SELECT kind, declined_at IS NULL FROM parties") == [("center", 0)]
        await lea.taps("Fjern markeringen")
        await lea.taps("Tilbage")
        await lea.taps("Søg")
        await lea.says("cykel vaerksted")
        await lea.taps("Cykelværkstedet")
        await lea.taps("Fjern fra listen")
        assert "Vil du fjerne Cykelværkstedet fra listen?" in (await said_to(lea))[1]
        await lea.taps("Ja, fjern fra listen")
        assert listed(town) == []
        logged = town.rows(
            "SELECT action FROM audit WHERE action LIKE '%declined' OR action = 'removed-entry' ORDER BY id"
        )
        assert [action for (action,) in logged] == ["marked-declined", "unmarked-declined", "removed-entry"]


# --- names that people gave -------------------------------------------------------------------------------


async def _named(town: Town, who: str, *names: str) -> None:
    """Somebody says whom we have not asked, and sends it."""
    person = town.somebody(who)
    await person.says("/start afdaek")
    for label in ("Jeg er med", "Byråd eller udvalg"):
        await person.taps(label)
    while "Hvem mangler vi at spørge" not in (told := (await said_to(person))[1]):
        assert told
        await person.taps("Spring over")
    for name in names:
        await person.says(name)
    await person.taps("Færdig")
    while "Send" not in _labels(person):
        await person.taps("Spring over")
    await person.taps("Send")


def _labels(person: Somebody) -> list[str]:
    if isinstance(person, OnPages):
        assert person.page is not None
        return [button.label for button in person.page.buttons()]
    assert isinstance(person, OnTelegram)
    return person.phone.buttons


@pytest.mark.parametrize("channel", CHANNELS)
async def test_names_from_answers_are_accepted_merged_or_dropped_by_the_leader(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="afdaek") as town:
        town.public |= {"Skakklubben i Søndermark", "Spejderne i Ådalen"}
        await _named(town, "Poul", "Skakklubben i Søndermark", "Spejderne", "Min nabo Kurt")
        await _named(town, "Pia", "skakklubben i søndermark")
        lea = await leader(town)
        await lea.taps("Tilføj en forening eller et råd")
        await lea.says("Spejderne i Ådalen")
        await lea.taps("Tilbage")
        assert b"Min nabo Kurt" not in town.on_disk()
        await lea.taps("3 forslag fra deltagerne")
        lea.sees()
        await lea.taps("Skakklubben i Søndermark (2)")
        await lea.taps("Sæt på listen")
        await lea.taps("Spejderne (1)")
        await lea.taps("Samme som Spejderne i Ådalen")
        await lea.taps("Min nabo Kurt (1)")
        lea.sees()
        await lea.taps("Afvis forslaget")
        assert "Der er ingen nye forslag." in (await said_to(lea))[1]
        assert listed(town) == ["Skakklubben i Søndermark", "Spejderne i Ådalen"]
        await _named(town, "Per", "Min nabo Kurt", "SPEJDERNE")
        await lea.says("/leder")
        await lea.taps("Interessentlisten")
        assert not [label for label in _labels(lea) if "fra svar" in label]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_columns_that_are_too_far_to_the_right_are_named_with_what_to_do(found: Found, channel: str) -> None:
    async with found(channel=channel) as town:
        lea = await leader(town)
        await lea.taps("Importér fra Excel")
        far = ";" * 99
        told = await hands_in(lea, f"Navn;Type{far}Telefon\nSkakklubben;Forening{far}12345678\n".encode())
        assert "Kun de første 100 kolonner bliver læst. Disse er ikke læst: CW (Telefon)." in told
        assert "flyt dem længere til venstre" in told
