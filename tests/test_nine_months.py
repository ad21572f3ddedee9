"""Nine months of a process in seconds: many people, seven meetings, steps, a hearing; a clock that the test holds.

What went out is compared, message by message, with what an oracle tells from the facts alone (tests/support/oracle.py):
everything that should have gone went once, and nothing else. Then the same with the sender killed in the middle of
things. A real process that is killed: tests/delivery/test_meeting_killed.py.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot import texts
from bot.access import Role
from bot.app import jobs
from bot.dialogue.reply import Reply
from bot.dialogue.session import Context
from bot.features import MESSAGES, TABLES, process_file
from bot.features.meetings.service import scheduling
from bot.features.meetings.service.minutes import send_minutes
from bot.features.meetings.service.signup import SignupAnswer, sign_up
from bot.flows import schedule
from bot.outbox.errors import RecipientUnreachable
from bot.outbox.kinds import MessageKind
from bot.outbox.sender import AT_ONCE, OutboundMessage, Sender
from bot.process.file import ProcessFile
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from bot.process.plan import AS_PLANNED, START, State
from storage import answers, meetings, people, runs, step_overrides
from storage.answers import StoredAnswer
from storage.db import Database, Tx
from storage.encryption import Keyring
from storage.meetings import Meeting, MeetingDetails, MeetingFacts
from storage.step_overrides import StepOverride
from tests.support import sizes
from tests.support.example import of_example
from tests.support.oracle import Act, Gathering, Oracle, Part, Someone, Story, Went
from tests.support.proven import proven

pytestmark = pytest.mark.story

HOUR, DAY = 3600, 24 * 3600


def local(text: str) -> int:
    return schedule.to_utc(datetime.fromisoformat(f"2026-{text}"))


# --- the story: steps -------------------------------------------------------------------------------------

VOLUNTEERS, STAFF = ("frivillig", "forening", "raad_center"), ("ansat", "leder")

ASKED = {
    "linjer": (*VOLUNTEERS, *STAFF, "politiker", "borger"),
    "dialog_frivillige": VOLUNTEERS,
    "dialog_fag": STAFF,
    "borger": ("borger",),
    "tilbagemelding": (*VOLUNTEERS, *STAFF),
    "hoering": (*VOLUNTEERS, *STAFF, "borger"),
    "vedtagelse": (*VOLUNTEERS, *STAFF, "politiker", "borger"),
}

STEPS = {
    "linjer": ("01-12 08:00", "03-27 16:00"),
    "dialog_frivillige": ("02-16 08:00", "05-29 16:00"),
    "dialog_fag": ("02-16 08:00", "05-29 16:00"),
    "borger": ("03-02 09:00", "06-26 12:00"),
    "tilbagemelding": ("06-01 08:00", "06-26 16:00"),
    "hoering": ("08-03 08:00", "09-28 12:00"),
    "vedtagelse": ("10-05 08:00", "10-29 12:00"),  # over the change of the clock
}

BEGINS, ENDS = "01-05 07:00", "10-31 12:00"
DOWN = (("03-18 18:00", "03-21 11:07"), ("04-20 12:30", "04-21 12:10"))


def file_with(linjer_closes: str) -> ProcessFile:
    whole = EXAMPLE.model_dump(mode="json")
    times = {**STEPS, "linjer": (STEPS["linjer"][0], linjer_closes)}
    whole["steps"] = [
        {"flow": flow, "opens": f"2026-{opens}", "closes": f"2026-{closes}"} for flow, (opens, closes) in times.items()
    ]
    return ProcessFile.model_validate(whole)


EXAMPLE = of_example()
FLOWS = shipped_flows(EXAMPLE)
FILE, PUT_OFF = file_with("03-27 16:00"), file_with("04-10 16:00")
Hand = Callable[[Tx, int, int], object]  # by hand, in a process, at a moment


def by_hand(flow: str, state: str, at: str, group: str = "") -> Hand:
    def unit(tx: Tx, process: int, now: int) -> None:
        step_overrides.add(tx, process, StepOverride(flow, group, state, local(at), now, "leader", "fordi"))

    return unit


def put_off(tx: Tx, _: int, now: int) -> None:
    process_file.save(tx, PUT_OFF, FLOWS, now)


def spans(flow: str, *times: tuple[str, str], groups: tuple[str, ...] = ()) -> tuple[tuple[str, str, int, int], ...]:
    return tuple((flow, group, local(a), local(b)) for group in groups or ASKED[flow] for a, b in times)


# What the leader does with the steps: when, how, and the times that hold then.
HANDS: dict[str, tuple[Hand, tuple[tuple[str, str, int, int], ...]]] = {
    "03-24 12:20": (put_off, spans("linjer", ("01-12 08:00", "04-10 16:00"))),
    "04-13 12:20": (
        by_hand("borger", State.CLOSED, "04-20 15:00"),
        spans("borger", ("03-02 09:00", "04-20 15:00")),
    ),
    "04-22 12:20": (
        by_hand("dialog_frivillige", State.CLOSED, "05-08 12:00", "forening"),
        spans("dialog_frivillige", ("02-16 08:00", "05-08 12:00"), groups=("forening",)),
    ),
    "04-30 12:20": (
        by_hand("borger", AS_PLANNED, "05-04 08:00"),
        spans("borger", ("03-02 09:00", "04-20 15:00"), ("05-04 08:00", "06-26 12:00")),
    ),
}

# --- the story: meetings ----------------------------------------------------------------------------------
MEETINGS = (
    Gathering("alfa", local("02-03 19:00"), 2, local("01-12 10:00")),
    Gathering("bravo", local("03-05 17:00"), 2, local("02-09 09:00"), VOLUNTEERS, ("nordby",), capacity=12),
    Gathering("charlie", local("03-26 19:00"), 2, local("02-16 12:00"), VOLUNTEERS, ("havnen", "soendermark")),
    Gathering("delta", local("04-21 14:00"), 3, local("03-30 09:00"), STAFF, reminders=("14d", "1d", "2h")),
    Gathering("ekko", local("05-20 19:00"), 2, local("04-27 21:00"), ("borger",), signup_until=local("05-18 12:00")),
    Gathering("foxtrot", local("09-10 08:00"), 2, local("08-17 12:00"), reminders=("7d", "1d")),
    Gathering("golf", local("10-27 19:00"), 2, local("10-20 12:00"), capacity=60),
)

PLANNED = (
    Act(local("01-05 12:20"), "makes", what="alfa"),
    Act(local("02-02 12:20"), "makes", what="bravo"),
    Act(local("02-02 12:20"), "makes", what="charlie"),
    Act(local("02-05 12:20"), "minutes", what="alfa"),
    Act(local("02-24 12:20"), "moves", what="bravo", moment=local("03-12 17:00")),
    Act(local("03-13 20:40"), "moves", what="charlie", moment=local("04-01 19:00")),  # in the evening
    Act(local("03-23 12:20"), "makes", what="delta"),
    Act(local("03-28 20:40"), "moves", what="charlie", moment=local("03-31 19:00")),  # the night of the clock
    Act(local("04-14 12:20"), "makes", what="ekko"),
    Act(local("05-28 20:40"), "minutes", what="ekko"),
    Act(local("08-10 12:20"), "makes", what="foxtrot"),
    Act(local("09-09 20:40"), "cancels", what="foxtrot"),  # the evening before: at once
    Act(local("09-28 12:20"), "makes", what="golf"),
)

MOVED = {"bravo": ("03-12 17:00",), "charlie": ("04-01 19:00", "03-31 19:00")}

# --- the story: people ------------------------------------------------------------------------------------
GROUPS = (
    ("frivillig",) * 6
    + ("forening",) * 5
    + ("borger",) * 5
    + ("ansat",) * 3
    + (
        "leder",
        "raad_center",
        "politiker",
    )
)

AREAS = ("nordby", "soendermark", "havnen", "aadalen", None)
HOURS_OF_DAY = ("12:20", "20:40")  # when people do something: in the open hours and in the evening


def story(number: int, seed: int) -> Story:
    """So many people, as chance has it; the same for the same seed."""
    chance = random.Random(seed)
    leader = 1
    crowd = [Someone(leader, "politiker", None, 0, telegram=True)]
    crowd += [
        Someone(
            each,
            chance.choice(GROUPS),
            chance.choice(AREAS),
            chance.choices((1, 0, None), (8, 1, 1))[0],
            telegram=chance.random() < 0.85,
        )
        for each in range(2, number + 1)
    ]
    acts = [Act(local(BEGINS), "comes", leader), *PLANNED]
    first = tuple(span for flow, times in STEPS.items() for span in spans(flow, times))
    acts += [Act(local(BEGINS), "windows", what="start", windows=first)]
    acts += [Act(local(at), "windows", what=at, windows=windows) for at, (_, windows) in HANDS.items()]
    for one in crowd[1:]:
        acts += _life(one, chance)
    down = tuple((local(since), local(until)) for since, until in DOWN)
    heard = [
        replace(act, at=next((until + 60 for since, until in down if since <= act.at < until), act.at)) for act in acts
    ]
    looks = [schedule.to_utc(day + timedelta(hours=hour)) for day in _days() for hour in (9, 13, 17)]
    looks = [at for at in looks if not any(since <= at < until for since, until in down)]
    ordered = tuple(sorted(heard, key=lambda act: (act.at, ORDER.index(act.word))))
    return Story(tuple(crowd), leader, MEETINGS, ASKED, ordered, tuple(looks), down, local(ENDS))


ORDER = (
    "comes",
    "windows",
    "makes",
    "moves",
    "cancels",
    "minutes",
    "tells",
    "sends",
    "yes",
    "maybe",
    "no",
    "declines",
    "stops",
    "blocks",
    "unblocks",
)


def _days() -> Iterator[datetime]:
    day = schedule.to_local(local(BEGINS)).replace(hour=0)
    while schedule.to_utc(day) < local(ENDS):
        yield day
        day += timedelta(days=1)


def _life(one: Someone, chance: random.Random) -> Iterator[Act]:
    """What somebody does in nine months."""

    def between(since: int, until: int) -> int:
        """A moment at which people do something; the last one before `until` at the latest."""
        day = schedule.to_local(chance.randrange(since, until)).date()
        hour, minute = map(int, chance.choice(HOURS_OF_DAY).split(":"))
        at = schedule.to_utc(datetime(day.year, day.month, day.day, hour, minute))
        return at if since <= at < until else since + 7

    comes = local(BEGINS) if chance.random() < 0.6 else between(local("01-06 00:00"), local("06-15 00:00"))
    yield Act(comes, "comes", one.id)
    for flow, (opens, closes) in STEPS.items():
        since, until = max(comes + HOUR, local(opens)), local(closes)
        if one.group not in ASKED[flow] or since >= until - DAY:
            continue
        kind = chance.choices(("sends", "draft", "finishes", "nothing"), (45, 15, 15, 25))[0]
        if kind == "nothing":
            continue
        at = between(since, until)
        yield Act(at, "sends" if kind == "sends" else "tells", one.id, flow)
        while kind != "sends" and chance.random() < 0.3 and at < until - 2 * DAY:
            at = between(at + 1, until)
            yield Act(at, "tells", one.id, flow)
        if kind == "finishes":
            yield Act(between(at + 1, until), "sends", one.id, flow)
    for meeting in MEETINGS:
        last = max((local(at) for at in MOVED.get(meeting.key, ())), default=meeting.starts)
        theirs = not meeting.groups or one.group in meeting.groups
        if not theirs or chance.random() < 0.45 or max(comes, meeting.invites) >= meeting.starts - DAY:
            continue
        at = between(max(comes, meeting.invites) + 1, meeting.starts)
        yield Act(at, chance.choices(("yes", "maybe", "no"), (6, 2, 2))[0], one.id, meeting.key)
        if chance.random() < 0.35:
            yield Act(between(at + 1, last), chance.choice(("yes", "no", "no")), one.id, meeting.key)
    if chance.random() < 0.05:
        stops = between(comes + DAY, local(ENDS))
        yield Act(stops, "stops", one.id)
        if chance.random() < 0.4 and stops < local("09-01 00:00"):
            yield Act(between(stops + DAY, local(ENDS)), "comes", one.id)
    if chance.random() < 0.05:
        yield Act(between(comes + DAY, local(ENDS)), "declines", one.id)
    if one.telegram and chance.random() < 0.12:
        blocks = between(comes + DAY, local("09-30 00:00"))
        yield Act(blocks, "blocks", one.id)
        if chance.random() < 0.6:
            yield Act(between(blocks + DAY, local(ENDS)), "unblocks", one.id)


# --- the bot, lived through -------------------------------------------------------------------------------


@dataclass
class Nine:
    """The database and what sends, with a clock that goes from one moment to the next."""

    story: Story
    folder: Path
    now: int = 0
    went: list[Went] = field(default_factory=list)
    blocked: set[int] = field(default_factory=set)
    meetings: dict[str, int] = field(default_factory=dict)
    process: int = 0
    moments: int = 0

    async def opens(self) -> None:
        self.database = await Database.open(self.folder / "besyv.db", Keyring.open_or_create(self.folder / "keys"))
        self.process_host = ProcessHost(EXAMPLE.process)
        self.sender = Sender(
            database=self.database,
            context=Context(self.process_host, TABLES, proven),
            messages=MESSAGES,
            clock=lambda: self.now,
        )
        self.sender.connect_channel("telegram", self.route)

    async def lives(self, send: Callable[[Nine], Awaitable[None]]) -> None:
        """Through the whole story."""
        await self.opens()
        try:
            self.process = await self.database.write(lambda tx: process_file.save(tx, FILE, FLOWS, local(BEGINS)))
            await self._lives(send)
        finally:
            await self.database.close()

    async def _lives(self, send: Callable[[Nine], Awaitable[None]]) -> None:
        acts, looks = list(self.story.acts), list(self.story.looks_for_drafts)
        openings = sorted({span[2] for act in self.story.acts for span in act.windows})
        while True:
            ahead = [act.at for act in acts[:1]] + looks[:1] + [at for at in openings if at > self.now][:1]
            ahead += await self.database.read(self._next_due)
            self.now = min((self.story.up(at) for at in ahead), default=self.story.ends)
            if self.now >= self.story.ends:
                return
            today = []
            while acts and acts[0].at <= self.now:
                today.append(acts.pop(0))
            is_look = looks[:1] == [self.now]
            looks = looks[is_look:]
            self.moments += 1
            await self.database.write(partial(self._happens, today, is_look))
            await send(self)

    def _next_due(self, tx: Tx) -> list[int]:
        row = tx.one(
            """SELECT (SELECT min(due_at) FROM reminders WHERE state = 'due' AND due_at > :now) AS planned,
                      (SELECT min(due_at) FROM outbox WHERE state = 'due' AND due_at > :now) AS enqueued""",
            now=self.now,
        )
        return [] if row is None else [at for at in (row["planned"], row["enqueued"]) if at is not None]

    def _happens(self, today: list[Act], is_look: bool, tx: Tx) -> None:
        for act in today:
            self._does(tx, act)
        jobs.enqueue_everything(tx, self.process_host, self.now)
        if is_look:
            jobs.nudge_unfinished(tx, self.process_host, self.now)
            jobs.tidy(tx, self.process_host, self.now)

    def _does(self, tx: Tx, act: Act) -> None:
        match act.word:
            case "comes":
                self._comes(tx, act)
            case "stops":
                people.stop(tx, act.who, act.at)
            case "declines":
                people.decline_messages(tx, act.who)
            case "blocks":
                self.blocked.add(act.who)
            case "unblocks":
                self.blocked.discard(act.who)
                people.set_unreachable(tx, "telegram", str(act.who), unreachable=False)
            case "tells" | "sends":
                self._answers(tx, act)
            case "yes" | "no" | "maybe":
                known = people.by_id(tx, act.who)
                assert known is not None
                if act.what in self.meetings:
                    hours, meeting = self.process_host.plan(tx).hours, self._meeting(tx, act.what)
                    before = [signup for signup in (_signup(tx, meeting.id, act.who),) if signup == "yes"]
                    if not (before and act.word == "yes"):
                        sign_up(tx, hours, meeting, known, SignupAnswer(act.word), 1, act.at)
            case "windows":
                if act.what in HANDS:
                    HANDS[act.what][0](tx, self.process, act.at)
            case _:
                self._meets(tx, act)

    def _comes(self, tx: Tx, act: Act) -> None:
        one = self.story.people[act.who - 1]
        if people.by_id(tx, one.id) is None:
            tx.run(
                """INSERT INTO people (id, process_id, pseudonym, language, created_at)
                   VALUES (:id, :process, :name, 'da', :now)""",
                id=one.id,
                process=self.process,
                name=f"p{one.id}",
                now=act.at,
            )
            tx.run("INSERT INTO capacities (person_id, in_use) VALUES (:id, 1)", id=one.id)
            people.enter(tx, "telegram" if one.telegram else "web", str(one.id), one.id, act.at)
        people.accept_notice(tx, one.id, "notice", act.at)
        known = people.by_id(tx, one.id)
        assert known is not None
        people.set_profile(
            tx, replace(known, stakeholder=one.group, area=one.area, reminders=one.wants, news=int(one.wants == 1))
        )
        run = runs.start(tx, one.id, START, 1, act.at)  # who has told as what they answer is not forgotten
        answers.put(tx, run.id, self._told(act))
        runs.mark_sent(tx, run.id, act.at)
        if one.id == self.story.leader:
            people.grant(tx, one.id, Role.LEADER, act.at)

    def _told(self, act: Act) -> StoredAnswer:
        return StoredAnswer(
            question=f"F{act.at}",
            version=1,
            revision=1,
            asked="?",
            language="da",
            channel="telegram",
            content="{}",
            skipped=False,
            open=False,
            closed_once=True,
            answered_at=act.at,
            apart=act.at % 2 == 1,
        )

    def _answers(self, tx: Tx, act: Act) -> None:
        run = runs.start(tx, act.who, act.what, 1, act.at)
        answers.put(tx, run.id, self._told(act))
        if act.word == "sends":
            runs.mark_sent(tx, run.id, act.at)

    def _meeting(self, tx: Tx, key: str) -> Meeting:
        found = meetings.by_id(tx, self.process, self.meetings[key])
        assert found is not None
        return found

    def _meets(self, tx: Tx, act: Act) -> None:
        hours = self.process_host.plan(tx).hours
        if act.word == "makes":
            one = next(each for each in MEETINGS if each.key == act.what)
            facts = MeetingFacts(
                kind="other",
                details=MeetingDetails(title=title(one.key), place="Salen"),
                starts_at=one.starts,
                ends_at=one.starts + one.hours * HOUR,
                invites_at=one.invites,
                flow=None,
                groups=one.groups,
                areas=one.areas,
                signup_until=one.signup_until,
                capacity=one.capacity,
                most_per_party=None,
                reminders=one.reminders,
            )
            self.meetings[one.key] = scheduling.make(tx, self.process, facts, act.at)
            return
        meeting = self._meeting(tx, act.what)
        if act.word == "moves":
            scheduling.change(tx, hours, meeting, scheduling.at_another_time(meeting.facts, act.moment), "", act.at)
        elif act.word == "cancels":
            scheduling.cancel(tx, hours, meeting, "Ingen lokaler", act.at)
        else:
            meetings.write_minutes(tx, meeting.id, ["Vi talte om lokaler"])
            send_minutes(tx, hours, meeting, act.at)

    async def route(self, message: OutboundMessage) -> None:
        if message.person_id in self.blocked:
            raise RecipientUnreachable
        self.went.append(Went(message.person_id, self.now, frozenset(read(message.reply))))


def _signup(tx: Tx, meeting: int, person: int) -> str | None:
    row = tx.one("SELECT answer FROM signups WHERE meeting_id = :m AND person_id = :p", m=meeting, p=person)
    return None if row is None else str(row["answer"])


async def all_that_is_due(nine: Nine) -> None:
    await nine.sender.send_due()


# --- what a message says, as its reader sees it -----------------------------------------------------------

PHRASES = {
    "opened": "opened.what",
    "deadline": "deadline.what",
    "unfinished": "unfinished.what",
    "invited": "invited.what",
    "soon": "soon.what",
    "moved": "moved.title",
    "cancelled": "cancelled.title",
    "place": "place.what",
    "minutes": "minutes.title",
    "minutes due": "minutes-owed.title",
    "overview": "digest.title",
    "late": "late.was",
}

BEGINNINGS = [  # to one, and to several
    (texts.say("da", form, title="\0", step="\0", moment="\0").partition("\0")[0], kind)
    for kind, key in PHRASES.items()
    for form in (key, f"{key}@jer")
    if texts.has("da", form)
]

STEP_NAMES = {
    title.to("da", many=many): flow.flow
    for flow in FLOWS
    for title in (flow.title, *flow.group_titles.values())
    for many in (False, True)
    if flow.flow in ASKED
}

STARTS = {
    one.key: {texts.moment("da", at): at for at in (one.starts, *map(local, MOVED.get(one.key, ())))}
    for one in MEETINGS
}

CLOSINGS = {
    texts.moment("da", closes): closes
    for closes in [local(closes) for _, closes in STEPS.values()]
    + [span[3] for _, windows in HANDS.values() for span in windows]
}


def title(key: str) -> str:
    return f"Møde {key}"


def read(reply: Reply) -> Iterator[Part]:
    """What it tells of: the kind, the step or meeting, and the time it says."""
    whole = "\n".join((reply.title or "", *reply.body))
    single = part(whole)
    if single is not None:
        yield single
        return
    for paragraph in reply.body:
        if (found := part(re.sub(r"^(\d+\.|•) ", "", paragraph))) is not None:
            yield found


def part(text: str) -> Part | None:
    head = text.split("\n")[0]
    kind = next((kind for begins, kind in BEGINNINGS if head.startswith(begins)), None)
    if kind is None:
        return None
    meeting = next((one.key for one in MEETINGS if head.endswith(title(one.key))), None)
    if meeting is not None:
        said = [at for words, at in STARTS[meeting].items() if words in text]
        return (kind, meeting, said[0] if len(said) == 1 and kind != "minutes" else 0)
    step = next((flow for name, flow in STEP_NAMES.items() if f"»{name}«" in head), "")
    closes = next((at for words, at in CLOSINGS.items() if words in text), 0)
    return (kind, step, closes if kind == "deadline" else 0)


# --- the proof --------------------------------------------------------------------------------------------


def lives(few: object, many: object, number: int) -> pytest.MarkDecorator:
    """A story of few; and as a proof so many stories of many, another chance in each."""
    proofs = [pytest.param(many, life, id=f"many-{life}", marks=pytest.mark.proof) for life in range(number)]
    return pytest.mark.parametrize(("size", "life"), [pytest.param(few, 0, id="few"), *proofs])


def differences(went: list[Went], should: list[Went]) -> str:
    """Those of one and not of the other, readable; nothing where there are none."""
    out, told = Counter(went), Counter(should)
    lines = [f"did not go: {shown(one)}" for one in (told - out).elements()]
    lines += [f"went: {shown(one)}" for one in (out - told).elements()]
    return "\n".join(sorted(lines, key=lambda line: line.partition(": ")[2])[:30])


def shown(went: Went) -> str:
    said = ", ".join(f"{kind} {what} {at and schedule.to_local(at)}" for kind, what, at in sorted(went.parts))
    return f"{schedule.to_local(went.at)} to {went.person}: {said}"


@lives(200, sizes.NINE_MONTHS_PEOPLE, sizes.NINE_MONTHS_LIVES)
async def test_in_nine_months_everything_that_should_go_goes_once_and_nothing_else(
    tmp_path: Path, size: int, life: int
) -> None:
    told = story(size, seed=5 + life)
    oracle = Oracle(told)
    should = oracle.tells()
    nine = Nine(told, tmp_path)
    await nine.lives(all_that_is_due)
    assert differences(nine.went, should) == ""
    kinds = Counter(kind for went in should for kind, *_ in went.parts)
    assert {*kinds} == {*PHRASES}  # every kind of message is in the story
    assert min(oracle.fates[fate] for fate in ("enough", "expired soon", "unreachable", "unwanted")) > 0


# --- killed -----------------------------------------------------------------------------------------------

KINDS = {
    MessageKind.OPENED: "opened",
    MessageKind.DEADLINE: "deadline",
    MessageKind.UNFINISHED: "unfinished",
    MessageKind.INVITED: "invited",
    MessageKind.SOON: "soon",
    MessageKind.MOVED: "moved",
    MessageKind.CANCELLED: "cancelled",
    MessageKind.PLACE: "place",
    MessageKind.MINUTES: "minutes",
    MessageKind.MINUTES_DUE: "minutes due",
    MessageKind.DIGEST: "overview",
    MessageKind.LATE: "late",
}


@dataclass
class Killer:
    """Ends the sender in the middle of things, opens the database again, and lets it go on when the leases are over."""

    chance: random.Random
    left: int
    doubled: list[Went] = field(default_factory=list)  # out, and not settled when it was killed
    where: Counter[str] = field(default_factory=Counter)

    async def sends(self, nine: Nine) -> None:
        if self.left and self.chance.random() < 0.8 and await nine.database.read(partial(_due, nine.now)) >= 2:
            self.left -= 1
            await self._kills(nine)
        await nine.sender.send_due()

    async def _kills(self, nine: Nine) -> None:
        before = len(nine.went)
        where = self.chance.choice(("before it is out", "out and not settled", "several out", "anywhere"))
        stuck, number = asyncio.Event(), self.chance.randint(1, 3)

        async def route(message: OutboundMessage) -> None:
            nonlocal number
            number -= 1
            if number == 0 and where == "before it is out":
                await _for_ever(stuck)
            await nine.route(message)
            if where == "several out" or (number == 0 and where == "out and not settled"):
                await _for_ever(stuck if number <= 0 else asyncio.Event())

        nine.sender.connect_channel("telegram", route)
        await _cancelled(nine.sender.send_due(), stuck, self.chance.uniform(0, 0.05) if where == "anywhere" else 2.0)
        await nine.database.close()
        await nine.opens()
        unsettled = await nine.database.write(partial(_leases_over, nine))
        lost = [went for went in nine.went[before:] if unsettled & {(went.person, *part[:2]) for part in went.parts}]
        self.doubled += lost
        self.where[f"{where}, {'in doubt' if lost else 'clear'}"] += 1


async def _for_ever(stuck: asyncio.Event) -> None:
    stuck.set()
    await asyncio.Event().wait()


async def _cancelled(sending: Coroutine[Any, Any, object], stuck: asyncio.Event, seconds: float) -> None:
    """When it is stuck, has ended, or after so many seconds."""
    task, waiting = asyncio.create_task(sending), asyncio.create_task(stuck.wait())
    await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED, timeout=seconds)
    for each in (task, waiting):
        each.cancel()
    await asyncio.wait((task, waiting))


def _due(now: int, tx: Tx) -> int:
    row = tx.one("SELECT count(DISTINCT person_id) AS people FROM outbox WHERE state = 'due' AND due_at <= :n", n=now)
    return int(row["people"]) if row else 0


def _leases_over(nine: Nine, tx: Tx) -> set[tuple[int, str, str]]:
    """Two minutes pass, as it were. What was under way."""
    rows = tx.all("SELECT person_id, kind, about FROM outbox WHERE state = 'due' AND leased_until > :now", now=nine.now)
    tx.run("UPDATE outbox SET leased_until = 0 WHERE state = 'due'")
    named = {str(number): key for key, number in nine.meetings.items()}
    return {
        (person, KINDS[MessageKind(kind)], "" if kind == MessageKind.LATE else named.get(about, about))
        for person, kind, about in rows
    }


@lives((60, 10), (sizes.NINE_MONTHS_KILLED_PEOPLE, sizes.NINE_MONTHS_KILLS), sizes.NINE_MONTHS_KILLED_LIVES)
async def test_killed_again_and_again_nothing_is_lost_and_only_what_was_in_doubt_comes_twice(
    tmp_path: Path, size: tuple[int, int], life: int
) -> None:
    people, kills = size
    told = story(people, seed=9 + life)
    should = Oracle(told).tells()
    nine, killer = Nine(told, tmp_path), Killer(random.Random(9 + life), kills)
    await nine.lives(killer.sends)
    out, due = Counter(nine.went), Counter(should)
    assert killer.left == 0
    assert list((due - out).elements()) == []
    assert out - due == Counter(killer.doubled)
    assert kills / 3 < len(killer.doubled) <= kills * AT_ONCE  # many a time something was on its way
