"""An independent count: from a witness's log of what people read, typed and pressed, what the leader must be told.

Reads that log and the questions as they stand on paper (tests/data/questions_as_read.txt), and nothing else; knows the
rules as the guide for the leader, docs/export.md and the issue state them. Imports nothing of the product.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.support import titles

DENMARK = ZoneInfo("Europe/Copenhagen")
GROUPS = {
    "Frivillig": "frivillig",
    "Forening": "forening",
    "Ansat i kommunen": "ansat",
    "Leder i kommunen": "leder",
    "Byråd eller udvalg": "politiker",
    "Frivilligråd eller frivilligcenter": "raad_center",
    "Borger": "borger",
}
CIVIL, MUNICIPAL = ("frivillig", "forening", "raad_center", "borger"), ("ansat", "leder", "politiker")
FOR_MANY = ("forening", "raad_center")
SPLITS = {"area": ("frivillig", "forening", "borger"), "size": ("forening",), "department": ("ansat", "leder")}
STEERING = "styregruppe"
_STEPS = (
    *("plan", "linjer", "dialog_frivillige", "dialog_fag", "tilbagemelding", "hoering", "justering", "vedtagelse"),
    "opfoelgning",
)
TITLES = {title: step for step in _STEPS for title in (*titles.forms(step), titles.at_work(step))}
ITEMS = {  # as the process file of Eksempel Kommune has them
    "Foreninger og frivillige vil gerne have én at ringe til i kommunen.": "kontakt",
    "Det er for svært at låne et lokale.": "lokaler",
    "Foreninger og frivillige vil bruge tiden på folk og ikke på papir.": "tid",
    "Afsnit 1: Det vil vi": "det_vil_vi",
    "Afsnit 2: Sådan arbejder vi sammen": "sammen",
    "Afsnit 3: Steder at mødes": "steder",
    "Høringssvar 1: Besøgsvennerne i Havnen": "svar1",
    "Høringssvar 2: Ældrerådet": "svar2",
}
FIRST_ENTRIES = {  # the parties of the process file
    "Nordby Idrætsforening": "forening",
    "Besøgsvennerne i Havnen": "forening",
    "Ældrerådet": "raad",
    "Handicaprådet": "raad",
    "Spejderne i Ådalen": "forening",
    "Frivilligcentret": "center",
    "Menighedsrådene": "raad",
}
NAMED = {step: titles.at_work(step) for step in _STEPS}
SOURCES = {"En gruppe på et møde": "table", "Telefon": "phone", "Papir": "paper", "Brev": "letter", "Mail": "mail"}
SENDS = ("Send", "Send høringssvaret")
ALL = "Alle områder"  # stands alone: it takes the place of what was ticked, and what is ticked takes its place
SIZES = {"0-9": "0-9", "10-24": "10-24", "25-49": "25-49", "50-99": "50-99", "100 eller flere": "100+"}
FOR_ONESELF, FOR_OUR_OWN = ("Mig selv", "Kun mig selv"), "Vores egen forening, vores eget råd eller center"
NONE_OF_THEM = ("Nej, eller vil ikke oplyse det", "Ingen af dem, eller vil ikke oplyse det")
MOVES = (
    "Tilbage",
    "Færdig",
    "Fjern det sidste",
    "Stop og gem",
    "Fortsæt uden svar",
    "Behold svaret",
    "Luk indtastningen",
)


def folded(name: str) -> str:
    """What is compared: without case, signs and blanks; aa is å."""
    plain = unicodedata.normalize("NFC", name).casefold().replace("aa", "å")
    return "".join(sign for sign in plain if sign.isalnum())


# --- questions on paper ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OnPaper:
    flow: str
    id: str
    kind: str
    who: tuple[str, ...]
    wordings: tuple[str, ...]
    when: str

    def is_asked(self, group: str, front: bool) -> bool:
        exact = f"ansat_{'front' if front else 'oevrig'}"
        return bool({"alle", group, *([exact] if group == "ansat" else [])} & {*self.who}) and not (
            "alle" in self.who and group == STEERING
        )


def questions(path: Path) -> list[OnPaper]:
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        flow, id_, kind, who, one, many, when = line.split(" | ")
        found.append(OnPaper(flow, id_, kind, tuple(who.split()), tuple(filter(None, (one, many))), when))
    return found


# --- what there is to count ------------------------------------------------------------------------------------


@dataclass
class Answer:
    asked: str
    at: int
    channel: str
    parts: list[str] = field(default_factory=list)  # what was typed, or the labels
    skipped: bool = False


@dataclass
class Hat:
    """What somebody answers as."""

    answers: dict[str, Answer] = field(default_factory=dict)  # about themselves
    told: bool = False  # all that is asked about themselves
    party: str | None = None  # the entry they said they speak for
    by: str = ""  # said, link, entered
    declined: bool = False
    own_link: str | None = None
    size: str | None = None

    def said(self, question: str) -> str | None:
        answer = self.answers.get(question)
        return None if answer is None or answer.skipped or not answer.parts else answer.parts[0]

    @property
    def group(self) -> str | None:
        return GROUPS.get(self.said("S1") or "")

    @property
    def front(self) -> bool:
        return self.said("S5") == "Ja"

    def place(self, split: str) -> str:
        if split == "size":
            return self.size or ""
        told = self.said("S6" if split == "area" else "S4") or ""
        return "" if told in ("Vil ikke svare", "Ved ikke") else told


@dataclass
class Run:
    """Somebody's way through a step, as one thing that they are."""

    flow: str
    hat: Hat | None  # None: by the role in the steering group
    answers: dict[str, Answer] = field(default_factory=dict)
    sent_at: int | None = None
    number: int | None = None
    withdrawn: bool = False
    sealed: dict[str, object] = field(default_factory=dict)
    leaders: str | None = None  # what the leader has said it is tied to; "" where they undid it
    party: str | None = None  # the name of whom it is for, as it was when it was sent
    late: bool = False
    members: list[tuple[Someone, Hat]] | None = None  # who stood behind a joint answer

    @property
    def group(self) -> str | None:
        if self.hat is None:
            return STEERING
        return str(self.sealed["group"]) if self.sealed else self.hat.group

    @property
    def front(self) -> bool:
        if self.hat is None:
            return False
        return bool(self.sealed["front"]) if self.sealed else self.hat.front

    def place(self, split: str) -> str:
        if self.hat is None:
            return ""
        return str(self.sealed[split]) if self.sealed else self.hat.place(split)


@dataclass
class Someone:
    """One who takes part: themselves, or what was entered for others."""

    name: str
    source: str = "self"
    people: int = 1
    hats: list[Hat] = field(default_factory=lambda: [Hat()])
    now: int = 0
    runs: list[Run] = field(default_factory=list)
    flow: str = ""  # where they are
    entered_as: str = ""
    came_on: date | None = None  # of a letter or a mail
    role_only: bool = False
    late_link: bool = False
    here: bool = True
    left: bool = False  # erased; what is left belongs to the case

    @property
    def hat(self) -> Hat:
        return self.hats[self.now]

    def run(self, flow: str, *, by_role: bool) -> Run:
        hat = None if by_role else self.hat
        found = next((run for run in self.runs if run.flow == flow and run.hat is hat), None)
        if found is None:
            found = Run(flow, hat)
            self.runs.append(found)
        return found


@dataclass
class PenState:
    person: Someone | None = None
    inside: Someone | None = None  # what is being entered for others
    link: str = ""
    screen: str = ""
    chosen: list[str] = field(default_factory=list)  # in the panel of entries
    entry: Someone | None = None  # which of those entered before
    party: str = ""  # the entry of the register that the leader looks at
    response: int = 0  # and the hearing response
    naming: bool = False
    day: date | None = None

    @property
    def acting(self) -> Someone | None:
        return self.inside or self.person


@dataclass
class Response:
    number: int
    sent_at: int
    withdrawn_at: int | None = None
    late: bool = False
    came_on: date | None = None
    in_case: int | None = None
    erased_at: int | None = None


def _on_behalf_of(run: Run) -> Answer | None:
    return run.answers.get("H1") or run.answers.get("H1a")


def _whom(run: Run) -> Answer | None:
    """Whom of others it is for. An association has said at the start who it is."""
    first = _on_behalf_of(run)
    if first is not None and first.parts == [FOR_OUR_OWN]:
        return None
    return run.answers.get("H2") or run.answers.get("H2a")


class Count:
    """Everything in the log up to a moment."""

    def __init__(self, log: Path, paper: Path, until: int | None = None) -> None:
        self.paper = questions(paper)
        self.by_wording: dict[str, list[OnPaper]] = defaultdict(list)
        for question in self.paper:
            for wording in question.wordings:
                self.by_wording[wording].append(question)
        self.pens: dict[str, PenState] = defaultdict(PenState)
        self.people: list[Someone] = []
        self.links: dict[str, dict[str, str]] = {}
        self.entries: dict[str, dict[str, str | None]] = {}  # the register: name → kind, area, size
        self.meanings: dict[str, str] = {}
        self.names: dict[str, str] = {}  # an entry → the name it has now, where that is another
        self.invited: set[str] = set()
        self.members: dict[str, list[tuple[Someone, Hat]]] = defaultdict(list)
        self.numbers: Counter[str] = Counter()
        self.responses: list[Response] = []
        self.receipts_read: list[tuple[str, str, int]] = []  # as they stood on the screens
        self.checks: list[tuple[str, str, str, str]] = []  # who, step, the check on the receipt, and as counted
        self.receipts: list[tuple[str, str, int]] = []  # who, step, number: in the order of sending
        for name, kind in FIRST_ENTRIES.items():
            self._lists(name, {"kind": kind})
        for line in log.read_text(encoding="utf-8").splitlines():
            note = json.loads(line)
            if until is None or note["at"] <= until:
                self._note(note["at"], note["pen"], note["does"], note["what"])

    # --- the log, line by line ---

    def _note(self, at: int, pen: str, does: str, what: object) -> None:
        state = self.pens[pen]
        match does:
            case "reads":
                state.screen = str(what)
                self._reads(at, pen, state)
            case "comes":
                self._comes(state, str(what))
            case "presses":
                self._presses(at, pen, state, str(what))
            case "writes":
                self._writes(at, pen, state, str(what))
            case "makes":
                assert isinstance(what, dict)
                self.links[what["link"]] = what
            case "lists":
                assert isinstance(what, list)
                for name, kind, area, members in what:
                    size = _size(members)
                    self._lists(name, {"kind": kind.casefold(), "area": area or None, "size": size})
            case _:
                raise ValueError(does)

    def _lists(self, name: str, entry: dict[str, str | None]) -> None:
        self.entries[name] = entry
        self.meanings[folded(name)] = name

    def _comes(self, state: PenState, link: str) -> None:
        state.link = link
        if (found := re.fullmatch(r"the own link of (\w+)", link)) is not None:
            state.person = next(one for one in self.people if one.name == found[1] and one.here)
        if (person := state.acting) is not None:
            person.flow = link.removeprefix("step ") if link.startswith("step ") else person.flow

    def _reads(self, at: int, pen: str, state: PenState) -> None:
        for found in re.finditer(
            r"Vi modtog \w+ svar på »(.+?)« .+?\. Kvitteringsnummeret er (\d+)\.|Tak for (høringssvar) nr\. (\d+)",
            state.screen,
        ):
            who = state.acting.name if state.acting else pen
            step = "hoering" if found[3] else TITLES[found[1]]
            self.receipts_read.append((who, step, int(found[2] or found[4])))
            codes = re.search(r"Kvitteringskode: (\S+)\. Kontrolkode: (\S+)\.", state.screen)
            if codes is not None and state.acting is not None and "…" not in codes[0]:
                run = state.acting.run(step, by_role=step in BY_ROLE)
                self.checks.append((who, step, codes[2], _check(codes[1], self.text_of(run))))
        if "Linket virker ikke." in state.screen:
            state.link = ""
        person = state.acting
        if person is None:
            return
        for line in state.screen.split("\n"):
            for title, flow in TITLES.items():
                if line == title or line.startswith((f"Vi begynder på »{title}«", f"Vi fortsætter med »{title}«")):
                    person.flow = flow
        told = re.search(r"(?:Du|I) svarer som: (.+), fordi linket hører til den gruppe\.", state.screen)
        if told and "S1" not in person.hat.answers:
            person.hat.answers["S1"] = Answer("", at, "link", [told[1]])
        told = re.search(r"(?:Dit|Jeres) lokalområde er sat til (.+), fordi linket hører til \1\.", state.screen)
        if told and "S6" not in person.hat.answers:
            person.hat.answers["S6"] = Answer("", at, "link", [told[1]])
        told = re.search(r"På listen står, at I har (\S+) frivillige\.", state.screen)
        if told:
            person.hat.size = told[1]
        question = self._question(state)
        if question is not None and question[0].flow != "start":
            person.flow = question[0].flow
            person.run(person.flow, by_role=STEERING in question[0].who)
        self._has_told(person)

    def _question(self, state: PenState) -> tuple[OnPaper, str, str] | None:
        """What is asked on the screen: the question, its wording, and the item it is about."""
        lines = state.screen.split("\n")
        if "Stop og gem" not in state.screen or any(f"[{send}]" in state.screen for send in SENDS):
            return None
        place = next((at for at in reversed(range(len(lines))) if lines[at] in self.by_wording), None)
        person = state.acting
        if place is None or person is None:
            return None
        found = self.by_wording[lines[place]]
        if len(found) > 1:
            mine = person.hat.group or ""
            asked = [one for one in found if one.is_asked(mine, person.hat.front)]
            found = [one for one in asked or found if one.flow == person.flow] or asked or found
        item = next((line for line in lines[place:] if line in ITEMS), "")
        wording = f"{item.rstrip('.')}. {lines[place]}" if item else lines[place]
        return found[0], wording, ITEMS.get(item, "")

    def _presses(self, at: int, pen: str, state: PenState, label: str) -> None:
        person, screen = state.acting, state.screen
        if label == "Jeg er med" and state.person is None:
            state.person = person = Someone(
                pen.partition("@")[0], role_only=state.link.split()[0] in ROLES if state.link else False
            )
            self.people.append(state.person)
            link = self.links.get(state.link, {})
            if "party" in link:
                state.person.hat.own_link = link["party"]
            state.person.late_link = state.link == "late"
            if state.link.startswith("step "):
                state.person.flow = state.link.removeprefix("step ")
            return
        if person is None or self._enters(at, state, label) or self._leads(at, state, label):
            return
        if label == "Ja, det må de gerne":
            self.members[state.link].append((person, person.hat))
            person.flow = self.links[state.link]["joint"]
        elif label in SENDS:
            if f"[{label}]" in screen:  # else it is an old button, and nothing comes of it
                self._sends(at, person)
        elif label == "Ja, slet alt":
            self._erases(at, pen, person)
        elif label == "Ja, træk det tilbage":
            self._withdraws(at, person)
        elif any(f"[{none}]" in screen for none in NONE_OF_THEM):
            self._speaks_for(person, label)
        elif "Hvem vil du svare som nu?" in screen:
            self._changes_hat(person, label)
        else:
            self._answers(at, pen, state, label, typed=False)

    def _writes(self, at: int, pen: str, state: PenState, text: str) -> None:
        if text.startswith("/") or state.acting is None:
            state.chosen = []
            return
        if self._enters(at, state, text):
            return
        if state.naming:
            self.names[state.party], self.meanings[folded(text)], state.naming = text, state.party, False
            return
        self._answers(at, pen, state, text, typed=True)

    # --- themselves ---

    def _changes_hat(self, person: Someone, label: str) -> None:
        if label == "Svar som en anden":
            person.hats.append(Hat())
            person.now = len(person.hats) - 1
        elif label != "Jeg valgte forkert":
            wanted = label.removesuffix(" (valgt nu)")
            person.now = next(n for n, hat in enumerate(person.hats) if self._named(hat) == wanted)

    def _named(self, hat: Hat) -> str:
        return (hat.said("S1") or "") + (f" · {self.names.get(hat.party, hat.party)}" if hat.party else "")

    def _speaks_for(self, person: Someone, label: str) -> None:
        hat = person.hat
        if label in NONE_OF_THEM:
            hat.declined = hat.party is None
            return
        hat.party, hat.declined = self.displayed()[label], False
        hat.by = "link" if hat.party == hat.own_link else "said"

    # --- answers ---

    def _answers(self, at: int, pen: str, state: PenState, what: str, *, typed: bool) -> None:
        person = state.acting
        asked = self._question(state)
        if person is None or asked is None:
            return
        question, wording, item = asked
        key = f"{question.id}.{item}" if item else question.id
        if question.flow == "start":
            answers = person.hat.answers
        else:
            run = person.run(question.flow, by_role=STEERING in question.who)
            answers, person.flow = run.answers, question.flow
        way = pen.partition("@")[2]
        before = answers.get(key)
        if key == "S1" and what in GROUPS and before is not None and before.parts != [what]:
            person.hat.party, person.hat.by, person.hat.declined = None, "", False  # said as somebody else
        if what == "Spring over":
            answers[key] = Answer(wording, at, way, skipped=True)
        elif what == "Færdig" and way == "web" and before is not None and question.kind == "multi":
            before.at = at  # boxes are ticked in the page alone until then
        elif what in MOVES or what.startswith("Ret ") or what == "Videre":
            return
        elif question.kind.startswith(("ideas", "multi", "ranking")):
            parts = list(before.parts) if before is not None and not before.skipped else []
            label = what if typed else what.removeprefix("☐ ").removeprefix("☑ ")
            alone = label == ALL or parts == [ALL]
            parts = (
                [part for part in parts if part != label] if what.startswith("☑ ") else [*parts * (not alone), label]
            )
            answers[key] = Answer(wording, at, way, parts)
        elif typed or before is None or before.skipped or before.parts != [what] or not before.asked:
            answers[key] = Answer(wording, at, way, [what])
        if question.id == "D7" and what in SIZES:
            person.hat.size = SIZES[what]
        self._has_told(person)

    def _has_told(self, person: Someone) -> None:
        """Whether all that is asked about themselves has been passed: that is sent by itself."""
        hat = person.hat
        if hat.group is None:
            return
        asked = [one.id for one in self.paper if one.flow == "start" and one.is_asked(hat.group, hat.front)]
        once = any("S7" in other.answers for other in person.hats) or person.source != "self"
        if all(id_ in hat.answers or (id_ == "S7" and once) for id_ in asked):
            hat.told = True

    def _sends(self, at: int, person: Someone) -> None:
        run = person.run(person.flow, by_role=person.flow in ("justering", "opfoelgning"))
        posted = person.came_on is not None or person.late_link
        if run.sent_at is not None or (at >= CLOSES[run.flow] and not posted):
            return
        hat = run.hat
        if hat is not None:
            entry = self.tie(person, run)[0]
            run.party = self.names.get(entry, entry) if entry is not None else None
            run.sealed = {"group": hat.group, "front": hat.front, **{split: hat.place(split) for split in SPLITS}}
        self.numbers[run.flow] += 1
        run.sent_at, run.number, run.withdrawn = at, self.numbers[run.flow], False
        link = next(
            (name for name, to in self.links.items() if to.get("joint") == run.flow and name == f"joint {person.name}"),
            "",
        )
        as_chair = hat is not None and hat.group in FOR_MANY
        if link and as_chair and (shown := self.members[link]):
            run.members = shown
        self.receipts.append((person.name, run.flow, run.number))
        last = CLOSES[run.flow]
        if person.came_on is not None:
            run.late = person.came_on > datetime.fromtimestamp(last, DENMARK).date()
        else:
            run.late = at > last
        if run.flow == "hoering":
            self.responses.append(Response(run.number, at, late=run.late, came_on=person.came_on))

    def _withdraws(self, at: int, person: Someone) -> None:
        run = next(run for run in person.runs if run.flow == "hoering" and run.hat is person.hat)
        self.responses[(run.number or 0) - 1].withdrawn_at = at
        run.sent_at, run.number, run.withdrawn, run.sealed = None, None, True, {}

    def _erases(self, at: int, pen: str, person: Someone) -> None:
        """Sent in the hearing and its deadline not passed: taken back. After it: it stays, alone."""
        kept = []
        for run in person.runs:
            if run.flow == "hoering" and run.sent_at is not None:
                response = self.responses[(run.number or 0) - 1]
                if at < CLOSES["hoering"] and not response.in_case:
                    self.responses[(run.number or 0) - 1].withdrawn_at = at
                else:
                    kept.append(run)
        person.here, person.runs, person.left = False, kept, bool(kept)
        for state in self.pens.values():
            if state.person is person:
                state.person = None

    # --- for others ---

    def _enters(self, at: int, state: PenState, what: str) -> bool:
        """In the panel «Indtast svar for andre», and out of what is entered."""
        if what == "Luk indtastningen":
            state.inside = None
            return True
        if what == "Ret antallet af personer":
            state.chosen = ["again"]
            return True
        if state.chosen[:1] == ["again"]:
            if what.isdecimal():
                assert state.entry is not None
                state.entry.people = int(what)
                state.chosen = []
            return True
        if (found := re.fullmatch(r"✓ (.+?)(?:, \d+ person(?:er)?), (.+?) · (.+)", what)) is not None:
            mine = [one for one in self.people if one.source == SOURCES[found[1]] and one.entered_as in what]
            [state.entry] = mine
            return True
        if what == "Indtast nye svar":
            state.chosen = ["new"]
            return True
        if state.chosen[:1] != ["new"]:
            return False
        if "Hvilken dag kom brevet eller mailen?" in state.screen and what != "Tilbage":
            state.day = _day(what, at)
        elif what == "Én person" or (what.isdecimal() and len(state.chosen) >= 4):
            self._begins(at, state, 1 if what == "Én person" else int(what))
        elif what in (*SOURCES, *TITLES, *GROUPS, *self.displayed(), "De står ikke på listen"):
            state.chosen.append(what)
        return True

    def _begins(self, at: int, state: PenState, people: int) -> None:
        _, source, title, group, *party = state.chosen
        state.chosen = []
        number = f"{people} person" + ("" if people == 1 else "er")
        entry = Someone(f"{source} {len(self.people)}", SOURCES[source], people, flow=TITLES[title])
        if state.day is not None:
            entry.came_on, state.day = state.day, None
        entry.entered_as = f"{source}, {number}, {group}"
        entry.hat.answers["S1"] = Answer("Hvilken gruppe tilhører de?", at, "web", [group])
        if party and party[0] != "De står ikke på listen":
            entry.hat.party, entry.hat.by = self.displayed()[party[0]], "entered"
            entry.hat.answers["S2"] = Answer("Hvem er svarene fra?", at, "web", [party[0]])
            entry.hat.size = entry.hat.size or self.entries[entry.hat.party].get("size")
        self.people.append(entry)
        state.inside = entry

    def displayed(self) -> dict[str, str]:
        """The entries by the names that they have now."""
        return {self.names.get(entry, entry): entry for entry in self.entries}

    # --- who leads ---

    def _leads(self, at: int, state: PenState, label: str) -> bool:
        """The register, and the hearing responses."""
        if state.link not in ("leader", "deputy"):
            return False
        if label in self.displayed() and not any(f"[{none}]" in state.screen for none in NONE_OF_THEM):
            state.party = self.displayed()[label]
        elif label == "Ret navnet":
            state.naming = True
        elif label in ("Lav et personligt link", "Link efter fristen"):
            self.invited.add(state.party)
        elif "Her er svar, der ikke hører til nogen på listen." in state.screen and ": " in label:
            for _, run in self.all_runs():
                if (
                    run.sent_at is not None
                    and label == f"{self.tie_name(run)}: {NAMED[run.flow]}, {sent_on(run.sent_at)}"
                ):
                    run.leaders = state.party
        elif re.fullmatch(r"Nr\. \d+", label):
            state.response = int(label.removeprefix("Nr. "))
        elif label == "Markér uden sagsnummer":
            self.responses[state.response - 1].in_case = at
        elif (found := re.fullmatch(r"Anmodning om sletning: nr\. (\d+)", label)) is not None:
            state.response = int(found[1])
        elif label == "Ja, slet høringssvaret":
            self.responses[state.response - 1].erased_at = at
            for person in self.people:
                gone = [run for run in person.runs if run.flow == "hoering" and run.number == state.response]
                person.runs = [run for run in person.runs if run not in gone]
        else:
            return False
        return True

    @staticmethod
    def tie_name(run: Run) -> str | None:
        whom = _whom(run)
        if whom is not None and whom.parts:
            return whom.parts[0]
        return run.hat.said("S2") if run.hat is not None else None

    # --- what is known in the end ---

    def tie(self, someone: Someone, run: Run) -> tuple[str | None, str]:
        """Which entry it is for, and how that is known."""
        hat = run.hat
        if hat is None:
            return None, ""
        if run.leaders is not None:
            return (run.leaders, "leader") if run.leaders else (None, "")
        named: str | None = None
        if run.flow == "hoering":
            first = _on_behalf_of(run)
            if first is not None and first.parts[:1] and first.parts[0] in FOR_ONESELF and run.sent_at is not None:
                return None, ""
            whom = _whom(run)
            if whom is not None and not whom.skipped and whom.parts and run.sent_at is not None:
                named = self.meanings.get(folded(whom.parts[0]))
                if named is not None and named != hat.party:
                    return named, "name"
                if named is None and hat.party is None:
                    return None, ""
        if hat.party is not None and (run.group in FOR_MANY or hat.by == "link"):
            return hat.party, hat.by
        if named is not None:
            return named, "name"
        called = hat.said("S2")
        waits = run.sent_at is not None and not hat.declined and run.group in FOR_MANY
        if waits and called is not None and called != "Vil ikke sige det":
            named = self.meanings.get(folded(called))
            if named is not None:
                return named, "name"
        return None, ""

    def all_runs(self) -> Iterator[tuple[Someone, Run]]:
        for person in self.people:
            for run in person.runs:
                yield person, run

    def flows(self) -> set[str]:
        return {run.flow for _, run in self.all_runs()}

    def present(self) -> dict[str, int]:
        """Who is in: in all, on each side, in each group."""
        found: Counter[str] = Counter()
        for person in self.people:
            if not person.here:
                continue
            groups = {hat.group for hat in person.hats if hat.group is not None}
            if groups or not person.role_only:
                found["all"] += person.people
            for side, members in (("civil", CIVIL), ("municipal", MUNICIPAL)):
                if groups & {*members}:
                    found[side] += person.people
            for group in groups:
                found[f"group {group}"] += person.people
        return dict(found)

    def step(self, flow: str, *, place: tuple[str, str] = ("all", "")) -> dict[str, int]:
        """Of one step in one place: people who have begun and sent, answers, and associations that sent."""
        kind, key = place
        begun: dict[int, int] = {}
        sent: dict[int, int] = {}
        answers, associations, alone = 0, set(), 0
        for person, run in self.all_runs():
            if run.flow != flow or not _is_in(run, kind, key):
                continue
            begun[id(person)] = person.people
            if run.sent_at is None:
                continue
            sent[id(person)] = person.people
            answers += 1
            if run.group in FOR_MANY:
                entry, _ = self.tie(person, run)
                associations.add(entry)
                alone += entry is None
        return {
            "begun": sum(begun.values()),
            "sent": sum(sent.values()),
            "answers": answers,
            "associations": len(associations - {None}) + alone,
        }

    def missing(self, flow: str = "") -> dict[str, str]:
        """Entries of which nothing has come, by the names that they have now, and how they stand."""
        states = ("", "har åbnet linket, ikke begyndt", "begyndt, ikke sendt")
        reached, found = self._reached(flow), {}
        for name in self.entries:
            far = reached.get(name, 0)
            if far < 3:
                alone = "inviteret, har ikke svaret" if name in self.invited else "ikke inviteret"
                found[self.names.get(name, name)] = states[far] or alone
        return found

    def _reached(self, flow: str) -> dict[str, int]:
        """How far anybody got in an entry's name: 1 came, 2 began, 3 sent."""
        reached: dict[str, int] = defaultdict(int)
        for person in self.people:
            for hat in person.hats:
                if hat.party is not None and person.here:
                    reached[hat.party] = max(reached[hat.party], 1)
        for person, run in self.all_runs():
            entry, _ = self.tie(person, run)
            if entry is not None and flow in ("", run.flow):
                reached[entry] = max(reached[entry], 3 if run.sent_at is not None else 2)
        return dict(reached)

    def rows(self) -> Iterator[tuple[str, dict[str, object]]]:
        """What the export must hold: whose, and a row for each answer in force."""
        for person in self.people:
            if person.here:
                for hat in person.hats:
                    yield from self._start_rows(person, hat)
            for run in person.runs:
                if not run.withdrawn:
                    yield from self._rows(person, run)

    def _start_rows(self, person: Someone, hat: Hat) -> Iterator[tuple[str, dict[str, object]]]:
        path = {one.id for one in self.paper if one.flow == "start" and one.is_asked(hat.group or "", hat.front)}
        for key, answer in hat.answers.items():
            status = ("sent" if hat.told else "draft") if key in path else "lapsed"
            yield (
                person.name,
                {
                    **_row("start", self._kind("start", key), key, answer, hat.group, status, person),
                    "receipt": "",
                    "speaks_for": self.names.get(hat.party, hat.party) if hat.party else "",
                    "tied_by": hat.by if hat.party else "",
                    "joint": "",
                    "members": "",
                    "members_sent": "",
                    "came_on": "",
                    "late": "0",
                },
            )

    def _rows(self, person: Someone, run: Run) -> Iterator[tuple[str, dict[str, object]]]:
        entry, by = self.tie(person, run)
        for key, answer in run.answers.items():
            question = next(one for one in self.paper if one.flow == run.flow and one.id == key.partition(".")[0])
            if "apart" in question.kind:
                continue
            status = "draft" if run.sent_at is None else "sent"
            if not self._on_path(run, question, key):
                status = "lapsed"
            yield (
                person.name,
                {
                    **_row(run.flow, question.kind, key, answer, run.group, status, person),
                    "receipt": str(run.number or ""),
                    "speaks_for": run.party or (self.names.get(entry, entry) if entry else ""),
                    "tied_by": by,
                    **self._joint(person, run),
                    "came_on": person.came_on.isoformat() if person.came_on and run.sent_at is not None else "",
                    "late": "1" if run.late and run.sent_at is not None else "0",
                },
            )

    def text_of(self, run: Run) -> str:
        """Each question as it was shown and below it the answer, word for word, but what was skipped or is apart."""
        order = [one for one in self.paper if one.flow == run.flow]
        repeated = {key.partition(".")[0] for key in run.answers if "." in key}
        first = next((n for n, one in enumerate(order) if one.id in repeated), 0)

        def place(key: str) -> tuple[int, int, int]:
            id_, _, item = key.partition(".")
            number = next(n for n, one in enumerate(order) if one.id == id_)
            return (first, [*ITEMS.values()].index(item), number) if item else (number, -1, 0)

        told = []
        for key in sorted(run.answers, key=place):
            answer = run.answers[key]
            question = next(one for one in order if one.id == key.partition(".")[0])
            if not answer.skipped and "apart" not in question.kind and self._on_path(run, question, key):
                told.append(f"{answer.asked}\n{JOINED.get(question.kind, ', ').join(answer.parts)}\n")
        return "\n".join(told)

    def _kind(self, flow: str, key: str) -> str:
        return next(one.kind for one in self.paper if one.flow == flow and one.id == key)

    def _joint(self, person: Someone, run: Run) -> dict[str, object]:
        """One answer of several, or the own answer of one who stood behind such a one."""
        if run.members is not None:
            own = [
                other
                for member, hat in run.members
                for other in member.runs
                if other.flow == run.flow and other.hat is hat and other.sent_at is not None
            ]
            return {"joint": "joint", "members": str(len(run.members)), "members_sent": str(len(own))}
        behind = any(
            (person, run.hat) in (other.members or ()) for _, other in self.all_runs() if other.flow == run.flow
        )
        return {"joint": "member" if behind else "", "members": "", "members_sent": ""}

    def _on_path(self, run: Run, question: OnPaper, key: str) -> bool:
        if not question.is_asked(run.group or "", run.front):
            return False
        if question.when == "-":
            return True
        negated, rest = question.when.startswith("not "), question.when.removeprefix("not ")
        other, _, labels = rest.partition(" ")
        item = key.partition(".")[2]
        fork = run.answers.get(f"{other}.{item}" if item else other)
        given = [] if fork is None or fork.skipped else fork.parts
        return bool({*given} & {*labels.split("/")}) is not negated

    # --- as it is shown ---

    def register(self, flow: str = "") -> dict[str, int]:
        """How the entries stand in a step, or in any."""
        reached = self._reached(flow)
        return {
            "known": len(self.entries),
            "invited": len(self.invited),
            "opened": sum(far >= 1 for far in reached.values()),
            "started": sum(far >= 2 for far in reached.values()),
            "sent": sum(far >= 3 for far in reached.values()),
            "declined": 0,
            "silent": sum(reached.get(name, 0) < 2 for name in self.invited),
        }

    def card(self, name: str) -> list[str]:
        """What an entry has sent: step, when, by which way, how that is known, and whether it is presumed."""
        found = []
        for person, run in self.all_runs():
            entry, by = self.tie(person, run)
            if entry == name and run.sent_at is not None:
                last = max(run.answers.values(), key=lambda answer: answer.at)
                way = next((label for label, source in SOURCES.items() if source == person.source), WAYS[last.channel])
                presumed = (
                    " Formodet: Vi kender kun navnet." if run.flow == "hoering" and by in ("said", "name") else ""
                )
                came = f" Brevet eller mailen kom {day_of(person.came_on)}." if person.came_on else ""
                came += " Modtaget efter fristen." if run.late else ""
                found.append(f"{NAMED[run.flow]}: {moment(run.sent_at)}, {way}.{came} {HOW[by]}{presumed}")
        return sorted(found)

    def hearing(self) -> list[str]:
        """The list of hearing responses, a line each."""
        return [
            " ".join(
                part
                for part in (
                    f"Nr. {each.number}: sendt {moment(each.sent_at)}.",
                    f"Brevet eller mailen kom {day_of(each.came_on)}." if each.came_on and not each.erased_at else "",
                    "Modtaget efter fristen." if each.late and not each.erased_at else "",
                    f"Trukket tilbage {moment(each.withdrawn_at)}." if each.withdrawn_at is not None else "",
                    f"Journaliseret {day_of(datetime.fromtimestamp(each.in_case, DENMARK))}." if each.in_case else "",
                    f"Slettet efter anmodning {moment(each.erased_at)}." if each.erased_at is not None else "",
                )
                if part
            )
            for each in self.responses
        ]


WAYS = {"telegram": "på Telegram", "web": "på nettet"}
HOW = {
    "said": "De har selv valgt navnet på listen.",
    "link": "De kom med deres eget link.",
    "entered": "Den, der indtastede svaret, har valgt navnet.",
    "name": "Knyttet efter det navn, de skrev.",
    "leader": "Bekræftet af projektlederen.",
}
WEEKDAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
MONTHS = ("januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november")


def day_of(day: date) -> str:
    return f"den {day.day}. {MONTHS[day.month - 1]} {day.year}"


def sent_on(at: int) -> str:
    return day_of(datetime.fromtimestamp(at, DENMARK).date())


def moment(at: int) -> str:
    local = datetime.fromtimestamp(at, DENMARK)
    return f"{WEEKDAYS[local.weekday()]} {day_of(local)} kl. {local:%H.%M}"


ROLES = ("leader", "deputy", "facilitator", "steering")
CLOSES = {  # as the leader's process file has it
    flow: int(datetime.strptime(f"2026-{closes}", "%Y-%m-%d %H:%M").replace(tzinfo=DENMARK).timestamp())
    for flow, closes in {
        "plan": "03-20 16:00",
        "linjer": "04-17 16:00",
        "dialog_frivillige": "05-22 16:00",
        "dialog_fag": "05-22 16:00",
        "tilbagemelding": "06-12 16:00",
        "hoering": "08-17 12:00",
        "justering": "09-11 16:00",
        "vedtagelse": "10-02 16:00",
        "opfoelgning": "10-02 16:00",
    }.items()
}


def _day(told: str, at: int) -> date:
    today = datetime.fromtimestamp(at, DENMARK).date()
    if told in ("I dag", "I går"):
        return today - timedelta(days=told == "I går")
    day, month = map(int, told.strip(".").split("."))
    return date(today.year, month, day)


BY_ROLE = ("justering", "opfoelgning")


def _check(code: str, text: str) -> str:
    """As docs/export.md tells how to repeat it by hand."""
    digits = hashlib.sha256((code.replace("-", "") + text).encode()).hexdigest()[:16]
    return "-".join(digits[at : at + 4] for at in range(0, 16, 4))


JOINED = {"ideas": "\n", "ranking": " > "}


def _row(
    flow: str, kind: str, key: str, answer: Answer, group: str | None, status: str, person: Someone
) -> dict[str, object]:
    return {
        "flow": flow,
        "kind": kind,
        "question": key,
        "asked": answer.asked,
        "group": group or "",
        "source": person.source,
        "people": str(person.people),
        "channel": answer.channel,
        "text": JOINED.get(kind, ", ").join(answer.parts),
        "skipped": "1" if answer.skipped else "0",
        "status": status,
        "answered_at": datetime.fromtimestamp(answer.at, DENMARK).strftime("%Y-%m-%d %H:%M:%S"),
    }


def _is_in(run: Run, kind: str, key: str) -> bool:
    match kind:
        case "all":
            return True
        case "group":
            return run.group == key
        case "side":
            return run.group in (CIVIL if key == "civil" else MUNICIPAL)
        case _:
            return run.group in SPLITS[kind] and run.place(kind) == key


def _size(members: str) -> str | None:
    if not members:
        return None
    number = int(members)
    return next(
        name
        for most, name in ((9, "0-9"), (24, "10-24"), (49, "25-49"), (99, "50-99"), (1 << 30, "100+"))
        if number <= most
    )
