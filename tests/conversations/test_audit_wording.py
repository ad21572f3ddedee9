"""The access log names what a line is about in the reader's words, and no key of the code."""

from __future__ import annotations

from bot import texts
from storage import audit
from storage.db import Tx
from tests.support.chat import Found, OnTelegram
from tests.support.people import leads, seen

LATE_ENTRY = texts.say("da", "role.late-entry")

NOTED = {
    ("invite", "steering"): "lavede et link til en rolle (Styregruppen)",
    ("role-granted", "deputy"): "fik en rolle (Stedfortræder)",
    ("role-given", "late-entry p0123456789abcdef"): f"tildelte en rettighed ({LATE_ENTRY}, …cdef)",
    ("role-taken", "steering p0123456789abcdef"): "fratog en rolle (Styregruppen, …cdef)",
    ("role-ended", "leader p0123456789abcdef"): "en rolle sluttede af sig selv (Projektleder, …cdef)",
    ("took-over", "p0123456789abcdef"): "overtog projektledelsen efter (…cdef)",
    ("proof-code", "p0123456789abcdef"): "gav en person en kode (…cdef)",
    (
        "enter",
        "paper plan frivillig 8",
    ): "indtastede svar for andre (Papir, Trin 1. Læg en plan, Frivillig, 8 personer)",
    (
        "enter",
        "letter plan raad_center 1 2026-03-05",
    ): "indtastede svar for andre (Brev, Trin 1. Læg en plan, Frivilligråd eller frivilligcenter, 1 person, 5. mar.)",
    ("enter-again", "3"): "rettede indtastede svar (3 personer)",
    ("enter-day", "2026-03-05"): "rettede den dag, et brev eller en mail kom (5. mar.)",
    ("collect", "plan"): "startede et fælles svar (Trin 1. Læg en plan)",
    ("collect-end", "plan"): "lukkede et fælles svar (Trin 1. Læg en plan)",
    ("step", "plan alle closed"): "ændrede et trin (Trin 1. Læg en plan, alle: lukket)",
    ("step", "plan forening plan"): "ændrede et trin (Trin 1. Læg en plan, Forening: som i planen)",
    ("export", "csv"): "bad om at få svarene i en fil (CSV)",
    ("register-export", "xlsx"): "hentede interessentlisten (XLSX)",
    ("import", "12 + 3"): "importerede en liste (12 nye, 3 rettede)",
    ("attended", "2: 25"): "registrerede, hvor mange der kom til et møde (nr. 2: 25 personer)",
    ("minutes", "2: 3"): "sendte et referat (møde nr. 2, version 3)",
    ("restored", "2026-03-03 12:00"): "gendannede systemet fra en sikkerhedskopi (tirsdag den 3. marts 2026 kl. 12.00)",
    ("held-sent", "1"): "sendte beskeder, der blev holdt tilbage (1 besked)",
    ("journalised-all", "4"): "markerede alle høringssvar som journaliseret (4 høringssvar)",
    ("marked-invited", "7"): "markerede alle som inviteret (7 navne på interessentlisten)",
    ("sending", "5"): "sendte en besked til mange (nr. 5)",
    ("coverage", ""): "så, hvor mange der har svaret",
    # as it may stand from an older Besyv, or of a step that is gone
    ("enter", "carrier-pigeon plan frivillig 8"): "indtastede svar for andre (carrier-pigeon plan frivillig 8)",
    ("role-granted", "king"): "fik en rolle (king)",
    ("collect", "gone_step"): "startede et fælles svar (gone_step)",
}


async def test_every_line_says_what_it_is_about_in_words(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        assert isinstance(lea, OnTelegram)
        [(process_id,)] = town.rows("SELECT id FROM processes")
        told = list(NOTED)
        for first in range(0, len(told), 10):

            def note(tx: Tx, first: int = first) -> None:
                for action, detail in told[first : first + 10]:
                    audit.note(tx, process_id, "p00000000000000ab", action, detail, int(town.clock.now))

            await town.runtime.database.write(note)
            await lea.says("/leder")
            await lea.taps("Adgangslog")
            shown = [line.rpartition(", Deltager …00ab: ")[2] for line in seen(lea).split("\n") if "…00ab" in line]
            assert shown[: len(told[first : first + 10])][::-1] == [NOTED[each] for each in told[first : first + 10]]
