"""Sixty people through a whole process, and a witness who writes down what each of them read, typed and pressed.

A seed decides each life; everything is done by hand, on a phone or at a page, and nothing is done that nobody could do.
The witness's log is all that tests/support/independent_count.py reads. Not here: what should come of it.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from tests.support import titles
from tests.support.chat import OnTelegram, Town
from tests.support.danish_time import local
from tests.support.pages import OnPages
from tests.support.register_files import saved_by_excel
from tests.support.visitors import entered

STEPS = {
    "plan": ("03-03 08:00", "03-20 16:00"),
    "linjer": ("03-16 08:00", "04-17 16:00"),
    "dialog_frivillige": ("04-20 08:00", "05-22 16:00"),
    "dialog_fag": ("04-20 08:00", "05-22 16:00"),
    "tilbagemelding": ("05-26 08:00", "06-12 16:00"),
    "hoering": ("06-15 08:00", "08-17 12:00"),
    "justering": ("08-18 08:00", "09-11 16:00"),
    "vedtagelse": ("09-14 08:00", "10-02 16:00"),
    "opfoelgning": ("08-18 08:00", "10-02 16:00"),
}
PLAN = ", ".join(f"{flow} opens 2026-{since} closes 2026-{until}" for flow, (since, until) in STEPS.items())
DAYS = ("03-05", "03-18", "04-08", "04-22", "05-12", "05-28", "06-17", "07-08", "08-20", "09-16")
OFFERED = {
    "Frivillig": ("plan", "linjer", "dialog_frivillige", "tilbagemelding", "hoering", "vedtagelse"),
    "Forening": ("plan", "linjer", "dialog_frivillige", "tilbagemelding", "hoering", "vedtagelse"),
    "Frivilligråd eller frivilligcenter": ("plan", "linjer", "dialog_frivillige", "tilbagemelding", "hoering"),
    "Borger": ("plan", "linjer", "hoering", "vedtagelse"),
    "Ansat i kommunen": ("plan", "linjer", "dialog_fag", "tilbagemelding", "hoering", "vedtagelse"),
    "Leder i kommunen": ("plan", "linjer", "dialog_fag", "tilbagemelding", "hoering", "vedtagelse"),
    "Byråd eller udvalg": ("plan", "linjer", "vedtagelse"),
}
AREAS = ("Nordby", "Søndermark", "Havnen", "Ådalen", "Vil ikke svare")
FIELDS = ("Idræt", "Kultur og fritid", "Socialt arbejde", "Børn og unge", "Tro")
DEPARTMENTS = ("Børn og skole", "Ældre og sundhed", "Kultur og fritid", "Beskæftigelse og social", "Teknik og miljø")
MANY = ("Forening", "Frivilligråd eller frivilligcenter")

# Of the register: the process file's own, and what the leader reads in from a file on the second day.
FILED = (
    *("Nordby Idrætsforening", "Besøgsvennerne i Havnen", "Ældrerådet", "Handicaprådet", "Spejderne i Ådalen"),
    *("Frivilligcentret", "Menighedsrådene"),
)
IMPORTED = (
    ("Ravnens Roklub", "Forening", "Nordby", "12", ""),
    ("Birkely Brætspil", "Forening", "Havnen", "60", ""),
    ("Elmelunds Ensemble", "Forening", "Søndermark", "", ""),
    ("Fyrtårnets Fiskere", "Forening", "", "30", ""),
    ("Granskovens Gymnaster", "Forening", "Ådalen", "120", ""),
    ("Hasselhøj Håndbold", "Forening", "Nordby", "5", ""),
    ("Irisvejens Ildsjæle", "Forening", "Havnen", "", ""),
    ("Jasmingade Jazzkor", "Forening", "", "", ""),
    ("Kløvermarkens Klatrere", "Forening", "Søndermark", "45", ""),
    ("Liljedal Lektiehjælp", "Forening", "Ådalen", "8", ""),
    ("Mosevangens Malere", "Forening", "Nordby", "", ""),
    ("Nellikens Natteravne", "Forening", "Havnen", "22", ""),
    ("Oddens Orienteringsløbere", "Forening", "", "70", ""),
    ("Pilehavens Pensionister", "Forening", "Ådalen", "150", ""),
    ("Rosenlund Råd", "Råd", "", "", ""),
    ("Syrenens Sangcenter", "Center", "", "", ""),
)
UNLISTED = ("Valmuevej Venner", "Zinnia Zumba", "Tulipanens Teltslagere")  # on no list
NONE_OF_THEM = ("Nej, eller vil ikke oplyse det", "Ingen af dem, eller vil ikke oplyse det")
BY_ROLE = ("justering", "opfoelgning")
LIST = "Interessentlisten"
SENDS = ("Send", "Send høringssvaret")
_ON_PAPER = Path(__file__).parents[1] / "data" / "questions_as_read.txt"
_WORDINGS = {
    wording
    for line in _ON_PAPER.read_text(encoding="utf-8").splitlines()
    for wording in line.split(" | ")[4:6]
    if wording
}
_MOVES = re.compile(
    r"Tilbage|Spring over|Stop og gem|Færdig|Luk indtastningen|Ret .*|Brug nr\. \d+|Behold .*|Næste|Videre"
    r"|Gem|Tilføj.*|Fjern.*|Start forfra|Andet|☐ Andet|Flyt.*|Gå videre.*"
)


# --- the witness, and who holds the pen ------------------------------------------------------------------------


class Witness:
    """A line for each thing that somebody read, typed or pressed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_text("", encoding="utf-8")

    def notes(self, at: float, pen: str, does: str, what: object) -> None:
        line = {"at": int(at), "pen": pen, "does": does, "what": what}
        with self.path.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line, ensure_ascii=False) + "\n")


class Turns:
    """Several act at a time, one act after the other, in the order that chance gives."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._moved = asyncio.Event()
        self._numbers: dict[asyncio.Task[Any] | None, int] = {}

    async def turn(self) -> None:
        number = self._numbers.get(asyncio.current_task())
        if number is None:
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[number] = mine
        self._moved.set()
        await mine

    async def play(self, lives: list[Coroutine[Any, Any, None]]) -> None:
        tasks = [asyncio.create_task(life) for life in lives]
        self._numbers = {task: number for number, task in enumerate(tasks)}
        for task in tasks:
            task.add_done_callback(lambda _: self._moved.set())
        try:
            while not all(task.done() for task in tasks):
                if any(task.done() and task.exception() for task in tasks):
                    break
                if len(self._waiting) + sum(task.done() for task in tasks) == len(tasks):
                    number = sorted(self._waiting)[self.chance.randrange(len(self._waiting))]
                    self._waiting.pop(number).set_result(None)
                self._moved.clear()
                await self._moved.wait()
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            self._waiting.clear()
            self._numbers = {}


class Pen:
    """Somebody at one of their devices; each act is witnessed, and what they read after it."""

    def __init__(self, sixty: Sixty, who: str, somebody: OnTelegram | OnPages) -> None:
        self.sixty, self.who, self.somebody = sixty, who, somebody
        self.way = "telegram" if isinstance(somebody, OnTelegram) else "web"
        self.name = f"{who}@{self.way}"
        self.takes = 7 if self.way == "telegram" else 1  # seconds; the bot looks for what came on Telegram meanwhile
        self.read = ""

    async def writes(self, text: str) -> str:
        return await self._does("writes", text, self.somebody.says(text, self.takes))

    async def presses(self, *labels: str) -> str:
        for label in labels:
            await self._does("presses", label, self.somebody.taps(label, self.takes))
        return self.read

    async def comes(self, code: str, link: str) -> str:
        """By a link: `link` is what the witness calls it."""
        return await self._does("comes", link, self.somebody.says(f"/start {code}".rstrip(), self.takes))

    async def _does(self, does: str, what: str, act: Coroutine[Any, Any, None]) -> str:
        sixty = self.sixty
        await sixty.turns.turn()
        try:
            await act
        except AssertionError as error:
            raise AssertionError(f"{self.name} {does} {what!r}\n{error}\n{self.read}") from error
        sixty.witness.notes(sixty.town.clock.now, self.name, does, what)
        fresh = "\n\n".join(self.somebody.sees())
        if fresh:
            self.read = fresh
            sixty.witness.notes(sixty.town.clock.now, self.name, "reads", fresh)
        return fresh

    def labels(self) -> list[str]:
        """What can be pressed, boxes with their mark."""
        if isinstance(self.somebody, OnTelegram):
            return self.somebody.phone.buttons
        page = self.somebody.page
        assert page is not None
        sight, boxes = page.sight(), page.boxes()
        told = []
        for label, box in boxes:
            mark = "" if box.get("type") != "checkbox" else "☑ " if box.checked else "☐ "
            told.append(mark + label)
        if sight.kind == "order":
            told += [option.label for option in sight.options]
        return told + sight.buttons

    def question(self) -> str:
        """The question on the screen; "" where none is asked."""
        if "Stop og gem" not in (labels := self.labels()) or any(label in SENDS for label in labels):
            return ""
        return next((line for line in reversed(self.read.split("\n")) if line in _WORDINGS), "")


# --- the people ------------------------------------------------------------------------------------------------


@dataclass
class Life:
    """Somebody, as the seed made them."""

    who: str
    chance: random.Random
    group: str
    area: str
    mostly: str  # what they do as a volunteer
    department: str
    called: str  # their association
    way: str
    arrives: int
    by: str  # how they come: start, a step, an open link, their association's own link
    second: str = ""
    wrong_first: str = ""
    moves_to_web: bool = False
    erases: int = -1
    messages: str = "Nej"
    steering: int = -1  # the day on which they come into the steering group
    leads_only: bool = False  # and answer as nobody
    pen: Pen | None = None
    here: bool = False
    gone: bool = False
    as_second: bool = False
    words: int = 0
    named: int = 0
    sent: dict[tuple[str, str], str] = field(default_factory=dict)  # (step, group) → how it went

    @property
    def now_as(self) -> str:
        return self.second if self.as_second else self.group


class Sixty:
    """The town, its people, and the days they live through."""

    def __init__(self, town: Town, log: Path, seed: int, people: int = 60) -> None:
        self.town, self.witness, self.chance = town, Witness(log), random.Random(seed)
        self.turns = Turns(self.chance)
        self.links: dict[str, str] = {}  # what the witness calls a link → its code
        self.receipts: list[tuple[str, int]] = []
        self.own: dict[str, str] = {}  # entry → what the witness calls its own link
        self.lives = [self._made(number) for number in range(1, people + 1)]
        for life in self.lives[20:26]:
            life.erases = 8  # after the deadline of the hearing
        for life in self.lives[:7]:
            life.steering, life.erases = 3, -1
            if life.who in ("p01", "p02"):
                life.leads_only, life.arrives, life.wrong_first = True, 3, ""
        town.public.update(name for name, *_ in IMPORTED)
        town.public.update((*UNLISTED, *FILED))

    def _made(self, number: int) -> Life:
        chance = random.Random(self.chance.random())
        groups = [*OFFERED]
        weights = (18, 18, 5, 7, 8, 3, 3)
        group = chance.choices(groups, weights)[0]
        second = chance.choices(groups, weights)[0] if chance.random() < 0.4 else ""
        listed = [name for name, *_ in IMPORTED] + [*FILED, *UNLISTED]
        wrong = chance.choice(("Forening", "Borger", "Ansat i kommunen")) if chance.random() < 0.15 else ""
        return Life(
            who=f"p{number:02}",
            chance=chance,
            group=group,
            area=chance.choice(AREAS),
            mostly=chance.choice(FIELDS),
            department=chance.choice(DEPARTMENTS),
            called=chance.choice(listed),
            way=chance.choices(("telegram", "web"), (6, 4))[0],
            arrives=chance.choices(range(7), (26, 10, 8, 6, 4, 2, 4))[0],
            by=chance.choices(("start", "step", "open"), (4, 3, 3))[0],
            second=second if second != group else "",
            wrong_first=wrong if wrong != group else "",
            moves_to_web=chance.random() < 0.25,
            erases=chance.choices((-1, 3, 7, 8), (80, 6, 8, 6))[0],
            messages="Ja" if chance.random() < 0.3 else "Nej",
        )

    def pen(self, who: str, way: str) -> Pen:
        somebody = self.town.person(who) if way == "telegram" else self.town.visitor(who)
        return Pen(self, who, somebody)

    def given(self, link: str, read: str, **to: str) -> None:
        """The leader has read a new link on the screen."""
        found = re.search(r"(?:\?start=|/i/)([\w-]+)", read)
        assert found is not None, read
        self.links[link] = found[1]
        self.town.public.add(found[1])
        self.witness.notes(self.town.clock.now, "Lea@web", "makes", {"link": link, **to})

    # --- officials ---------------------------------------------------------------------------------------------

    async def opens(self) -> None:
        """The first evening: who leads, the links; nobody of the register but the process file's own."""
        self.lea, self.dea, self.fie = self.pen("Lea", "web"), self.pen("Dea", "telegram"), self.pen("Fie", "web")
        await self.lea.comes(await self.town.invites("leader"), "leader")
        await self.lea.presses("Jeg er med")
        for pen, role, link in (
            (self.dea, "Stedfortræder", "deputy"),
            (self.fie, "Mødeleder", "facilitator"),
        ):
            await self.lea.writes("/leder")
            await self.lea.presses("Roller", "Tildel en rolle", role)
            self.given(link, await self.lea.writes(f"{pen.who} fra forvaltningen"))
            await pen.comes(self.links[link], link)
            await pen.presses("Jeg er med")
        for number, (group, area) in enumerate(
            (("Frivillig", "Havnen"), ("Forening", "Nordby"), ("Borger", "De vælger selv"), ("Frivillig", "Ådalen"))
        ):
            await self.lea.writes("/leder")
            await self.lea.presses("Links og plakater", "Lav et nyt åbent link", "Det trin, der er åbent for dem")
            await self.lea.presses(group, area)
            name = f"open {number}"
            self.given(name, await self.lea.writes(f"Opslag nummer {number}"), group=group, area=area)

    async def lists(self) -> None:
        """The leader reads the list in; some get a link of their own."""
        await self.lea.writes("/leder")
        await self.lea.presses(LIST, "Importér fra Excel")
        somebody = self.lea.somebody
        assert isinstance(somebody, OnPages) and somebody.page is not None
        await somebody._load(somebody.browser.upload(somebody.page, "foreninger.csv", saved_by_excel(IMPORTED)))
        self.lea.read = "\n\n".join(somebody.sees())
        await self.lea.presses("Godkend, og sæt dem på listen")
        self.witness.notes(self.town.clock.now, "Lea@web", "lists", [list(row[:4]) for row in IMPORTED])
        coming = [life.called for life in self.lives if not life.here and life.group in MANY and not life.leads_only]
        for party in [*dict.fromkeys(each for each in coming if each not in UNLISTED)][:8]:
            self.own[party] = await self.own_link(party)

    async def own_link(self, party: str) -> str:
        await self.finds(party)
        name = f"own {party}"
        self.given(name, await self.lea.presses("Lav et personligt link"), party=party)
        return name

    async def finds(self, party: str) -> str:
        await self.lea.writes("/leder")
        await self.lea.presses(LIST, "Søg")
        await self.lea.writes(party)
        return await self.lea.presses(party)

    # --- days --------------------------------------------------------------------------------------------------

    async def lives_through(self, day: int) -> None:
        """Everybody does what they do that day, eight at a time."""
        await self.town.wait(local(f"2026-{DAYS[day]} 10:00") - int(self.town.clock.now))
        await self.town.looks()
        for pen in (self.lea, self.dea, self.fie):
            pen.somebody.sees()
        for extra in self.EXTRAS.get(day, ()):
            await getattr(self, extra)()
        order = self.lives[:]
        self.chance.shuffle(order)
        for first in range(0, len(order), 8):
            await self.turns.play([self.lives_a_day(life, day) for life in order[first : first + 8]])

    async def lives_a_day(self, life: Life, day: int) -> None:
        chance = life.chance
        if life.gone or day < life.arrives:
            return
        if not life.here:
            await self.arrives(life, day)
        elif chance.random() < 0.3:
            return
        if life.erases == day:
            await self.erases(life)
            return
        if life.steering == day and not life.leads_only:
            link = f"steering {life.who}"
            assert life.pen is not None
            await life.pen.comes(self.links[link], link)
        if life.steering >= 0 and day >= life.steering:
            for step in (each for each in self.open_on(day) if each in BY_ROLE):
                if chance.random() < 0.8:
                    await self.answers(life, step, sends=chance.random() < 0.7)
        if life.leads_only:
            return
        if life.moves_to_web and life.way == "telegram" and day > life.arrives:
            await self.moves_to_web(life)
        for step in self.open_to(life, day):
            if chance.random() < 0.75:
                await self.answers(life, step, sends=chance.random() < 0.75)
        if life.second and chance.random() < 0.5 and life.sent:
            await self.changes_hat(life)
            for step in self.open_to(life, day)[:2]:
                await self.answers(life, step, sends=chance.random() < 0.8)
            if chance.random() < 0.5:
                await self.changes_hat(life)
        if chance.random() < 0.4:
            await self.corrects(life, day)
        if "hoering" in self.open_on(day) and chance.random() < 0.3:
            await self.withdraws(life)

    EXTRAS: ClassVar[dict[int, tuple[str, ...]]] = {
        1: ("lists",),
        2: ("enters_in_lines",),
        3: ("gives_roles", "enters_in_dialogue"),
        4: ("answer_jointly",),
        5: ("renames", "ties"),
        7: ("enters_in_the_hearing", "puts_in_the_case"),
        8: ("confirms", "enters_letters", "lets_answer_late"),
        9: ("answers_requests",),
    }

    def open_on(self, day: int) -> list[str]:
        at = f"{DAYS[day]} 10:00"
        return [step for step, (since, until) in STEPS.items() if since <= at < until]

    def open_to(self, life: Life, day: int) -> list[str]:
        return [step for step in self.open_on(day) if step in OFFERED[life.now_as]]

    # --- what somebody does ------------------------------------------------------------------------------------

    async def arrives(self, life: Life, day: int) -> None:
        pen = life.pen = self.pen(life.who, life.way)
        life.here = True
        opened = self.open_to(life, day)
        opens = [name for name in self.links if name.startswith("open ")]
        if life.leads_only:
            link = f"steering {life.who}"
            await pen.comes(self.links[link], link)
            await pen.presses("Jeg er med", life.messages)
            return
        if life.called in self.own and life.group in MANY:
            link = self.own.pop(life.called)
            await pen.comes(self.links[link], link)
        elif life.by == "open":
            link = life.chance.choice(opens)
            await pen.comes(self.links[link], link)
        elif life.by == "step" and opened:
            await pen.comes(opened[0], f"step {opened[0]}")
        else:
            await pen.comes("", "")
        await pen.presses("Jeg er med")
        await self.minds_the_link(life)
        if life.wrong_first and pen.question().startswith("Hvad svarer"):
            right, life.group = life.group, life.wrong_first
            await self.goes_on(life, stops_at_step=True)
            life.group = right
            await self.corrects_group(life)
        await self.goes_on(life, stops_at_step=True)

    async def minds_the_link(self, life: Life) -> None:
        """A link has said whom they answer as: some correct that, the others are that."""
        pen = life.pen
        assert pen is not None
        told = re.search(r"(?:Du|I) svarer som: (.+), fordi", pen.read)
        if told is None:
            return
        life.wrong_first = ""
        if told[1] != life.group and life.chance.random() < 0.5:
            await pen.presses("Ret gruppen")
        else:
            life.group = told[1]
            life.second = "" if life.second == told[1] else life.second

    async def gives_roles(self) -> None:
        for life in self.lives:
            if life.steering >= 0:
                await self.lea.writes("/leder")
                await self.lea.presses("Roller", "Tildel en rolle", "Styregruppen", life.group)
                self.given(f"steering {life.who}", await self.lea.writes(f"Medlem nummer {life.who}"))

    def says(self, life: Life) -> str:
        """Words that nobody else has written."""
        life.words += 1
        kinds = (
            "Vi vil gerne have flere borde i {}",
            "Lad dørene stå åbne i {}",
            "=SUM({}) er ikke nok",
            "- kaffe til alle i {}",
            "Lys på stien ved {}\nog en bænk",
            "Aaben hal i {}, tak",
        )
        return life.chance.choice(kinds).format(f"kvarter {life.who[1:]}x{life.words}")

    async def goes_on(self, life: Life, *, stops_at_step: bool = False, sends: bool = True, most: int = 99) -> str:
        """Answers what is asked until there is nothing more: `sent`, `draft`, `step` or `nothing`."""
        pen = life.pen
        assert pen is not None
        for _ in range(80):
            labels, question = pen.labels(), pen.question()
            send = next((label for label in labels if label in SENDS), None)
            if send is not None:
                if not sends:
                    return "draft"
                await pen.presses(send)
                return "sent"
            if any(label in NONE_OF_THEM for label in labels):
                await self.says_for_whom(life, labels)
                continue
            if not question:
                return "nothing"
            if await self.tells_of_themselves(life, question, labels):
                continue
            if stops_at_step:
                return "step"
            if most <= 0:
                await pen.presses("Stop og gem")
                return "draft"
            most -= 1
            await self.answers_one(life, question, labels)
        raise AssertionError(f"{pen.name} goes on and on: {pen.read}")

    async def says_for_whom(self, life: Life, labels: list[str]) -> None:
        assert life.pen is not None
        none = next(label for label in labels if label in NONE_OF_THEM)
        await life.pen.presses(life.called if life.called in labels and life.chance.random() < 0.9 else none)

    async def tells_of_themselves(self, life: Life, question: str, labels: list[str]) -> bool:
        pen, chance = life.pen, life.chance
        assert pen is not None
        if re.match(r"Hvem svarer (du|I) som", question):
            await pen.presses(life.now_as)
        elif question.startswith("Hvad hedder") and "gruppe" not in question and "høringssvaret" not in question:
            if not life.called:
                await pen.presses("Vil ikke sige det")
                return True
            spelled = (life.called, life.called.upper(), life.called.replace("å", "aa").replace("Å", "Aa"))
            await pen.writes(chance.choice(spelled))
        elif question.startswith("Hvilket område"):
            await pen.presses(life.mostly if chance.random() < 0.9 else "Spring over")
        elif question.startswith("Hvilken forvaltning"):
            await pen.presses(life.department)
        elif question.startswith("Har du selv kontakt med borgere"):
            await pen.presses(chance.choice(("Ja", "Nej")))
        elif question.startswith("Hvilket lokalområde"):
            await pen.presses(life.area if chance.random() < 0.9 else "Spring over")
        elif question.startswith("Må vi sende"):
            await pen.presses(life.messages)
        else:
            return False
        return True

    async def answers_one(self, life: Life, question: str, labels: list[str]) -> None:
        pen, chance = life.pen, life.chance
        assert pen is not None
        choices = [label for label in labels if not _MOVES.fullmatch(label)]
        if re.match(r"Hvem svarer du på vegne af|Hvem er høringssvaret fra", question):
            own, other = ("Vores egen forening, vores eget råd eller center", "Andre"), ("Mig selv", "En forening")
            await pen.presses(chance.choice((*own, own[0]) if own[0] in labels else (*other, other[0])))
        elif re.match(r"Hvad hedder den gruppe|Hvad hedder den forening, det råd", question):
            if life.called:  # never the same words twice
                life.named += 1
                await pen.writes((life.called, life.called.upper())[life.named % 2])
            else:
                await pen.presses("Spring over")
        elif "Spring over" in labels and chance.random() < 0.35:
            await pen.presses("Spring over")
        elif any(label.startswith("☐ ") for label in choices):
            await pen.presses(chance.choice([label for label in choices if label.startswith("☐ ")]))
            if chance.random() < 0.5 and (
                more := [one for one in pen.labels() if one.startswith("☐ ") and "Andet" not in one]
            ):
                await pen.presses(chance.choice(more))
            await pen.presses("Færdig")
        elif len(choices) > 1 and "i rækkefølge" in question:
            for _ in range(2):
                ranked = [label for label in pen.labels() if not _MOVES.fullmatch(label)]
                await pen.presses(chance.choice(ranked))
            await pen.presses("Færdig")
        elif len(choices) > 1 or (choices and chance.random() < 0.3):
            await pen.presses(chance.choice(choices))
        else:
            await pen.writes(self.says(life))
            if "Færdig" in pen.labels() and pen.question() == question:
                if chance.random() < 0.3:
                    await pen.writes(self.says(life))
                await pen.presses("Færdig")

    async def answers(self, life: Life, step: str, *, sends: bool) -> None:
        pen = life.pen
        assert pen is not None
        mine = (step, "" if step in BY_ROLE else life.now_as)
        if life.sent.get(mine) == "sent":
            return
        await pen.comes(step, f"step {step}")
        most = 99 if sends or life.chance.random() < 0.3 else life.chance.randrange(1, 4)
        life.sent[mine] = await self.goes_on(life, sends=sends, most=most)

    async def corrects_group(self, life: Life) -> None:
        """What they answer as was pressed wrongly; nothing is sent yet."""
        assert life.pen is not None
        await life.pen.writes("/rolle")
        if "Jeg valgte forkert" in life.pen.labels():
            await life.pen.presses("Jeg valgte forkert")

    async def changes_hat(self, life: Life) -> None:
        pen = life.pen
        assert pen is not None
        await pen.writes("/rolle")
        life.as_second = not life.as_second
        have = [label for label in pen.labels() if label.split(" · ")[0] == life.now_as]
        if have:
            await pen.presses(have[0])
        elif "Svar som en anden" in pen.labels():
            await pen.presses("Svar som en anden")
        await self.goes_on(life, stops_at_step=True)

    async def corrects(self, life: Life, day: int) -> None:
        """One answer of what they sent as what they are now, while the step is open."""
        pen, chance = life.pen, life.chance
        assert pen is not None
        steps = [step for step in self.open_to(life, day) if life.sent.get((step, life.now_as)) == "sent"]
        if not steps:
            return
        step = chance.choice(steps)
        await pen.writes("/ret")
        await self._chooses(pen, step)
        again = [label for label in pen.labels() if re.fullmatch(r"Ret \d+", label)]
        if not again or any(label in SENDS for label in pen.labels()):
            return
        await pen.presses(chance.choice(again))
        question = pen.question()
        if question:
            await self.answers_one(life, question, [label for label in pen.labels() if label != "Spring over"])
            await self.goes_on(life, sends=False)

    async def _chooses(self, pen: Pen, step: str) -> None:
        """Which of their steps it is, where they are asked."""
        for title in titles.forms(step):
            if title in pen.labels():
                await pen.presses(title)
                return

    async def withdraws(self, life: Life) -> None:
        """What they sent in the hearing; some send it again."""
        pen = life.pen
        assert pen is not None
        if life.sent.get(("hoering", life.now_as)) != "sent":
            return
        await pen.writes("/ret")
        await self._chooses(pen, "hoering")
        if "Træk svaret tilbage" not in pen.labels():
            return
        await pen.presses("Træk svaret tilbage", "Ja, træk det tilbage")
        life.sent["hoering", life.now_as] = "draft"
        if life.chance.random() < 0.5:
            await self.answers(life, "hoering", sends=True)

    async def erases(self, life: Life) -> None:
        assert life.pen is not None
        await life.pen.writes("/slet")
        await life.pen.presses("Ja, slet alt")
        life.gone = True

    async def moves_to_web(self, life: Life) -> None:
        """By their own link; they are the same."""
        assert life.pen is not None
        shown = await life.pen.writes("/web")
        found = re.search(re.escape(self.town.home) + r"(/s/[\w-]+)", shown)
        assert found is not None, shown
        self.town.said.append(found[1].removeprefix("/s/"))
        pen = self.pen(life.who, "web")
        assert isinstance(pen.somebody, OnPages)
        await pen._does(
            "comes", f"the own link of {life.who}", pen.somebody._load(entered(pen.somebody.browser, found[1]))
        )
        life.pen, life.way = pen, "web"

    # --- for others, together --------------------------------------------------------------------------------------

    async def enters(
        self, source: str, step: str, group: str, people: int, party: str = "", *, day: str = "", sends: bool = True
    ) -> None:
        fie, life = self.fie, self._made(90)
        life.pen, life.here, life.group, life.called = fie, True, group, party
        self.entered = getattr(self, "entered", 0) + 1
        life.who, life.words = "p99", 100 * self.entered
        await fie.writes("/leder")
        await fie.presses("Indtast svar for andre", "Indtast nye svar", source, titles.at_work(step), group)
        if day:
            await (fie.presses(day) if day in fie.labels() else fie.writes(day))
        if group in MANY:
            if party:
                await fie.writes(party)
            await fie.presses(party or "De står ikke på listen")
        if people == 1:
            await fie.presses("Én person")
        else:
            await fie.writes(str(people))
        await self.goes_on(life, sends=sends)
        if not sends:
            await fie.presses("Stop og gem")
        await fie.presses("Luk indtastningen")

    async def enters_in_lines(self) -> None:
        await self.enters("En gruppe på et møde", "linjer", "Frivillig", 8)
        await self.enters("Telefon", "linjer", "Forening", 1, "Mosevangens Malere")
        await self.enters("En gruppe på et møde", "linjer", "Forening", 6, "Oddens Orienteringsløbere")

    async def enters_in_dialogue(self) -> None:
        await self.enters("Papir", "dialog_frivillige", "Forening", 1)
        await self.enters("En gruppe på et møde", "dialog_fag", "Ansat i kommunen", 5)
        await self.enters("Telefon", "dialog_frivillige", "Frivillig", 2, sends=False)
        recount = next(label for label in self.fie.labels() if label.startswith("✓ En gruppe på et møde, 8 personer"))
        await self.fie.presses(recount, "Ret antallet af personer")
        await self.fie.writes("9")

    async def enters_in_the_hearing(self) -> None:
        await self.enters("Papir", "hoering", "Forening", 1, "Pilehavens Pensionister")
        await self.enters("Telefon", "hoering", "Borger", 1)

    async def enters_letters(self) -> None:
        """By a facilitator whom the leader lets, after the deadline."""
        await self.lea.writes("/leder")
        await self.lea.presses("Roller")
        await self.lea.presses(
            next(each for each in self.lea.labels() if each.startswith("Giv ret til at indtaste breve og mails: "))
        )
        self.town.public.update(("14.8.", "19.8."))
        await self.enters("Brev", "hoering", "Borger", 1, day="14.8.")
        await self.enters("Brev", "hoering", "Forening", 1, "Nellikens Natteravne", day="17.8.")
        await self.enters("Brev", "hoering", "Frivillig", 3, day="19.8.")
        await self.enters("Mail", "hoering", "Forening", 1, "Liljedal Lektiehjælp", day="I går")
        await self.enters("Mail", "hoering", "Frivillig", 1, day="I dag", sends=False)

    async def lets_answer_late(self) -> None:
        """One party by a link of its own."""
        party = "Fyrtårnets Fiskere"
        await self.finds(party)
        await self.lea.presses("Link efter fristen", titles.at_work("hoering"))
        self.town.public.add("31.8.")
        self.given("late", await self.lea.writes("31.8."), party=party)
        life = self._made(61)
        life.group, life.called, life.messages, life.here = "Forening", party, "Nej", True
        life.pen = self.pen(life.who, "telegram")
        await life.pen.comes(self.links["late"], "late")
        await life.pen.presses("Jeg er med")
        await self.goes_on(life)

    async def answer_jointly(self) -> None:
        """Two chairs; members show them what they have written, and some send their own as well."""
        step = "dialog_frivillige"
        here = [life for life in self.lives if life.here and not life.gone and not life.leads_only]
        unsent = [life for life in here if life.sent.get((step, life.now_as)) != "sent"]
        chairs = [life for life in unsent if life.now_as == "Forening"][:2]
        members = [life for life in unsent if life.now_as == "Frivillig"]
        for place, chair in enumerate(chairs):
            pen = chair.pen
            assert pen is not None
            await pen.writes("/sammen")
            shown = await pen.presses(f"Begynd et fælles svar: {titles.asked(step, many=True)}")
            found = re.search(r"(?:start=|/i/|/start )(s-\w+)", shown)
            assert found is not None, shown
            link = f"joint {chair.who}"
            self.links[link] = found[1]
            self.town.public.add(found[1])
            self.witness.notes(self.town.clock.now, pen.name, "makes", {"link": link, "joint": step})
            for number, member in enumerate(members[2 * place : 2 * place + 2]):
                assert member.pen is not None
                await member.pen.comes(found[1], link)
                await member.pen.presses("Ja, det må de gerne")
                done = await self.goes_on(member, sends=number == 0)
                member.sent[step, member.now_as] = done
            await pen.writes("/sammen")
            await pen.presses(f"Jeres fælles svar: {titles.asked(step, many=True)}", "Skriv det fælles svar")
            chair.sent[step, chair.now_as] = await self.goes_on(chair)

    # --- the register, and the case --------------------------------------------------------------------------------

    async def renames(self) -> None:
        new = "Ravnens Ro- og Kajakklub"
        self.town.public.add(new)
        await self.finds("Ravnens Roklub")
        await self.lea.presses("Ret navnet")
        await self.lea.writes(new)

    async def ties(self) -> None:
        """What came under a name that is on no list."""
        await self.finds("Granskovens Gymnaster")
        await self.lea.presses("Knyt et svar til dem")
        found = [label for label in self.lea.labels() if label.split(":")[0].casefold() in map(str.casefold, UNLISTED)]
        if found:
            await self.lea.presses(found[0])

    async def puts_in_the_case(self) -> None:
        await self.lea.writes("/leder")
        await self.lea.presses("Høringssvar")
        for number in ("Nr. 2", "Nr. 5", "Nr. 7", "Nr. 9"):
            await self.lea.presses(number)
            if "Markér som journaliseret" in self.lea.labels():
                await self.lea.presses("Markér som journaliseret", "Markér uden sagsnummer")
            await self.lea.presses("Tilbage")

    async def confirms(self) -> None:
        await self.lea.writes("/leder")
        await self.lea.presses(LIST)
        while button := next(
            (each for each in self.lea.labels() if re.fullmatch(r"\d+ formoded?e?t? svar", each)), None
        ):
            await self.lea.presses(button)
            return

    async def answers_requests(self) -> None:
        """One is granted, the others are refused."""
        await self.lea.writes("/leder")
        await self.lea.presses("Høringssvar")
        asked = [label for label in self.lea.labels() if label.startswith("Anmodning om sletning")]
        for place, label in enumerate(asked):
            await self.lea.presses(label)
            if place == 0:
                await self.lea.presses("Slet høringssvaret", "Ja, slet høringssvaret")
            else:
                await self.lea.presses("Afslå anmodningen")
                await self.lea.writes("Det hører til sagen.")
