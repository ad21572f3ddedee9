"""Sixty people in several hats, by all ways, over a whole process: what the leader is shown, the export, the weekly
overview, the register and the list of hearing responses agree to the last one with an independent program that reads
only what was typed and pressed.
"""

from __future__ import annotations

import io
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from bot.dialogue.file_words import table_words
from tests.support import sizes
from tests.support.answers_file import in_keys
from tests.support.chat import OnTelegram, Town, load_example
from tests.support.danish_time import local
from tests.support.independent_count import GROUPS, NAMED, SPLITS, Count
from tests.support.pages import OnPages
from tests.support.sixty import DAYS, PLAN, STEPS, Sixty

SEEDS = range(12, 12 + sizes.SIXTY_LIVES)
PAPER = Path(__file__).parents[1] / "data" / "questions_as_read.txt"
SPLIT_BUTTONS = {"area": "Lokalområder", "size": "Store og små foreninger", "department": "Forvaltninger"}
MANY = ("forening", "raad_center")
STEERING = "Styregruppen"
_STEP = re.compile(
    r"^(?P<title>.+): (?P<begun>\d+|ingen) er begyndt, (?P<sent>\d+|ingen) har sendt svar"
    r"(?: \((?P<answers>\d+) svar, heraf (?P<associations>\d+|ingen) fra foreninger og råd\))?$"
)
_REGISTER = re.compile(
    r"På interessentlisten: (\d+)\. Inviteret: (\d+)\. Har åbnet linket: (\d+)\. Begyndt: (\d+)\. Sendt svar: (\d+)\."
    r" Takket nej: (\d+)\. Ikke reageret: (\d+)\."
)


@dataclass
class Office:
    """The leader looks, and what she is shown is held against the count."""

    sixty: Sixty
    log: Path
    at: str = ""
    differences: list[str] = field(default_factory=list)
    compared: int = 0

    def alike(self, where: str, shown: object, counted: object) -> None:
        self.compared += 1
        if isinstance(shown, dict) and isinstance(counted, dict):
            shown, counted = dict(shown.items() - counted.items()), dict(counted.items() - shown.items())
        if isinstance(shown, list) and isinstance(counted, list) and shown != counted:
            both = [each for each in shown if each in counted]
            shown = [each for each in shown if each not in both] or "another order"
            counted = [each for each in counted if each not in both]
        if shown != counted:
            self.differences.append(f"{self.at}, {where}: shown {shown}, counted {counted}")

    def count(self, until: int | None = None) -> Count:
        return Count(self.log, PAPER, until)

    def begun(self) -> list[str]:
        """The steps that are under way or over."""
        now = self.sixty.town.clock.now
        return [flow for flow, (opens, _) in STEPS.items() if local(f"2026-{opens}") <= now]

    # --- the page, and the weekly overview ---

    async def looks_at_the_page(self) -> None:
        lea, count = self.sixty.lea, self.count()
        await lea.writes("/leder")
        self.compares_in_short("page", await lea.presses("Hvor mange har svaret?"), count)
        table = self._table()
        present = count.present()
        for label, group in (*GROUPS.items(), (STEERING, "styregruppe")):
            shown = table.get(label, ["0"] + ["–"] * len(self.begun()))
            self.alike(f"{label} are in", shown[0], str(present.get(f"group {group}", 0)))
            for flow, cell in zip(self.begun(), shown[1:], strict=True):
                counted = _heard(count.step(flow, place=("group", group)), many=group in MANY)
                self.alike(f"{label} in {flow}", "0" if cell == "–" else cell, counted)
        for split, button in SPLIT_BUTTONS.items():
            await lea.writes("/leder")
            await lea.presses("Hvor mange har svaret?")
            self._compares_split(split, await lea.presses(button), count)

    def _table(self) -> dict[str, list[str]]:
        """The page's table: what each row begins with → its cells."""
        somebody = self.sixty.lea.somebody
        assert isinstance(somebody, OnPages) and somebody.page is not None
        rows = [
            [" ".join(str(cell.text_content()).split()) for cell in row.xpath("./th | ./td")]
            for row in somebody.page.find(".//table//tr", somebody.page.main)
        ]
        return {
            row[0]: row[1:] for row in rows if len(row) == len(self.begun()) + 2 or len(row) == len(self.begun()) + 1
        }

    def compares_in_short(self, where: str, read: str, count: Count) -> None:
        present = count.present()
        sides = {"all": "Deltagere i alt", "civil": "Foreninger, frivillige og borgere", "municipal": "Kommunen"}
        for key, words in sides.items():
            found = re.search(rf"^{words}: (?:(\d+) person(?:er)?|ingen)$", read, re.MULTILINE)
            self.alike(f"{where}, {words}", found and int(found[1] or 0), present.get(key, 0))
        shown = {found["title"]: found for line in read.split("\n") if (found := _STEP.match(line))}
        for flow in self.begun():
            counted, found = count.step(flow), shown.get(NAMED[flow])
            told = {key: _shown(found[key] if found else None) for key in counted}
            self.alike(f"{where}, {flow}", told, counted)
        register = _REGISTER.search(read)
        self.alike(f"{where}, register", register and [*map(int, register.groups())], [*count.register().values()])

    def _compares_split(self, split: str, read: str, count: Count) -> None:
        groups = SPLITS[split]
        table = self._table()
        for flow in self.begun():
            places = {run.place(split) for _, run in count.all_runs() if run.flow == flow and run.group in groups}
            for key in places:
                counted = count.step(flow, place=(split, key))
                name = "Ikke oplyst" if not key else f"Foreninger med {key} frivillige" if split == "size" else key
                heard = _heard(counted, many=split == "size")
                told = (
                    f"• {name}: {_in_words(heard)} har sendt svar"
                    if split == "size"
                    else f"• {name}: {_in_words(counted['begun'])} er begyndt, {_in_words(heard)} har sendt svar"
                )
                part = read.partition(f"{NAMED[flow]}\n")[2].partition("\n\n")[0]
                line = next((line for line in part.split("\n") if line.startswith(f"• {name}: ")), None)
                self.alike(f"{split} {key} in {flow}", line, told)
                cell = table[name][self.begun().index(flow)] if name in table else None
                self.alike(f"{split} {key} in {flow}, table", cell, heard)

    async def reads_the_overview(self, monday: str) -> None:
        """What came to the deputy by itself."""
        sixty = self.sixty
        sixty.dea.somebody.sees()
        await sixty.town.wait(local(f"2026-{monday} 09:05") - int(sixty.town.clock.now))
        await sixty.town.looks()
        self.at = f"{monday}, overview"
        read = "\n\n".join(sixty.dea.somebody.sees())
        assert "Ugens overblik" in read, read
        count = self.count()
        self.compares_in_short("overview", read, count)
        missing = sorted(count.missing())
        named = re.search(r"^Vi mangler svar fra (.+?)(?: og (\d+) (?:anden|andre) på listen)?\.$", read, re.MULTILINE)
        told = named[1].split(", ") if named else []
        self.alike("overview, names", [name for name in told if name not in missing], [])
        self.alike("overview, missing", len(told) + int((named and named[2]) or 0), len(missing))

    # --- the register ---

    async def looks_who_is_missing(self) -> None:
        lea, count = self.sixty.lea, self.count()
        for flow in ("", *self.begun()):
            await lea.writes("/leder")
            read = await lea.presses("Hvem mangler at svare?")
            if flow:
                read = await lea.presses(f"Kun: {NAMED[flow]}")
            shown = dict(re.findall(r"^• (.+?)(?: \(skal høres ifølge loven\))?: (.+)$", read, re.MULTILINE))
            while "Vis flere" in lea.labels():
                read = await lea.presses("Vis flere")
                shown |= dict(re.findall(r"^• (.+?)(?: \(skal høres ifølge loven\))?: (.+)$", read, re.MULTILINE))
            self.alike(f"missing in {flow or 'all'}", shown, count.missing(flow))

    async def looks_at_the_entries(self) -> None:
        """What each of them has sent, and by which way."""
        count = self.count()
        for name in count.entries:
            read = await self.sixty.finds(count.names.get(name, name))
            sent = read.partition("Sendt:\n")[2].partition("\n\n")[0]
            self.alike(f"entry {name}", sorted(re.findall(r"^• (.+)$", sent, re.MULTILINE)), count.card(name))

    # --- the hearing ---

    async def looks_at_the_responses(self) -> None:
        lea = self.sixty.lea
        await lea.writes("/leder")
        read = await lea.presses("Høringssvar")
        shown = re.findall(r"^Nr\. .+$", read, re.MULTILINE)
        while "Vis flere" in lea.labels():
            read = await lea.presses("Vis flere")
            shown += re.findall(r"^Nr\. .+$", read, re.MULTILINE)
        self.alike("hearing responses", sorted(shown, key=_number), self.count().hearing())

    async def looks_at_the_receipts(self) -> None:
        """The number on each receipt that somebody has seen is the next one of its step."""
        count = self.count()
        self.alike("receipts", count.receipts_read, count.receipts)
        assert len(count.checks) > 20
        self.alike("checks of the text", [each for each in count.checks if each[2] != each[3]], [])

    # --- the export ---

    async def takes_the_answers_out(self) -> None:
        somebody = self.sixty.dea.somebody
        await self.sixty.dea.writes("/eksport")
        assert isinstance(somebody, OnTelegram)
        text = somebody.phone.document.decode("utf-8-sig")
        runtime = self.sixty.town.runtime
        words = await runtime.database.read(lambda tx: table_words(runtime.process_host.plan(tx), "da"))
        exported = in_keys(text, words)
        shown: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for row in exported:
            plain = {key: cell.removeprefix("'") for key, cell in row.items()}
            plain["text"] = _in_any_order(plain["text"], row["kind"])
            shown[row["participant"]].append(tuple(plain[column] for column in COLUMNS))
        counted: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for who, told in self.count().rows():
            told = {**told, "text": _in_any_order(str(told["text"]), str(told["kind"]))}
            counted[who].append(tuple(str(told[column]) for column in COLUMNS))
        one, other = (Counter(tuple(sorted(rows)) for rows in each.values()) for each in (shown, counted))
        self.compared += len(exported)
        for sign, rows, against in (
            ("only exported", one - other, other - one),
            ("only counted", other - one, one - other),
        ):
            known = {row for each in against for row in each}
            for each in rows.elements():
                self.differences += [f"{self.at}, {sign}: {row}" for row in each if row not in known]
        self.alike("participants alike", (one & other).total(), len(counted))


COLUMNS = (
    *("flow", "question", "kind", "asked", "group", "receipt", "source", "people", "speaks_for", "tied_by", "channel"),
    *("text", "skipped", "status", "answered_at", "joint", "members", "members_sent", "came_on", "late"),
)


def _in_any_order(text: str, kind: str) -> str:
    """Where the order of what was ticked says nothing."""
    return ", ".join(sorted(text.split(", "))) if kind == "multi" else text


def _number(line: str) -> int:
    found = re.match(r"Nr\. (\d+)", line)
    assert found is not None
    return int(found[1])


def _shown(number: str | None) -> int:
    return int(number) if number is not None and number != "ingen" else 0


def _in_words(number: object) -> str:
    return "ingen" if str(number) == "0" else str(number)


def _heard(step: dict[str, int], *, many: bool) -> str:
    people, heard = step["sent"], step["associations"] if many else step["sent"]
    if people == heard:
        return str(heard)
    return f"{heard} ({people} person{'' if people == 1 else 'er'})"


@pytest.mark.proof
@pytest.mark.parametrize("seed", SEEDS)
async def test_the_page_the_export_the_overview_and_an_independent_count_agree_to_the_last_one(
    logged: io.StringIO, tmp_path: Path, seed: int
) -> None:
    (prepared := tmp_path / "prepared").mkdir()
    await load_example(prepared)
    async with Town(prepared, tmp_path / "town", logged, pages=True, steps=PLAN) as town:
        log = tmp_path / "acts.jsonl"
        sixty = Sixty(town, log, seed)
        office = Office(sixty, log)
        await sixty.opens()
        for day in range(len(DAYS)):
            await sixty.lives_through(day)
            office.at = f"{datetime.fromtimestamp(town.clock.now):%m-%d}"
            await office.looks_at_the_page()
            if day in (2, 5, 7, 9):
                await office.looks_who_is_missing()
            if day >= 6:
                await office.looks_at_the_responses()
            if day in (2, 7, 9):
                await office.reads_the_overview({2: "04-13", 7: "07-13", 9: "09-21"}[day])
        office.at = "at the end"
        await office.looks_at_the_entries()
        await office.looks_at_the_receipts()
        await office.takes_the_answers_out()
    assert office.differences == []
    count = office.count()
    hats = [sum(hat.group is not None for hat in person.hats) for person in count.people]
    ways = {count.tie(person, run)[1] for person, run in count.all_runs() if run.sent_at is not None}
    fates = {
        "in two hats": max(hats) > 1,
        "tied": {"said", "link", "name", "entered"} <= ways,
        "jointly": any(run.members for _, run in count.all_runs()),
        "taken back": any(each.withdrawn_at for each in count.responses),
        "of the case": any(each.in_case for each in count.responses),
        "late": any(each.late for each in count.responses),
        "erased on request": any(each.erased_at for each in count.responses),
        "on both ways": any({f"{one.name}@web", f"{one.name}@telegram"} <= {*count.pens} for one in count.people),
        "entered": {person.source for person in count.people} == {"self", "table", "phone", "paper", "letter", "mail"},
    }
    assert [fate for fate, found in fates.items() if not found] == []  # all of it is in the story
