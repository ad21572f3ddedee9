"""Which messages should go to whom, and when: told from the facts of a scenario alone, in plain Python.

Written from the rules that people are promised (docs, the issue, DENMARK.md § 3), and knows nothing of the code that
keeps them but wall-clock time and sending hours. Where the rules leave room it is said at the place («ours:»).
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import islice

from bot.flows.schedule import next_sending_time, to_local, to_utc

HOUR, DAY = 3600, 24 * 3600
WEEK = 7 * DAY
APART = 12 * HOUR
QUIET, BEGUN_LATELY = 3 * DAY, 30 * DAY  # of a draft
MOST_A_WEEK = 3

# What may be enough, and which of two about the same thing is the one that is said.
NUDGES = ("invited", "deadline", "opened", "soon", "unfinished")
Part = tuple[str, str, int]  # kind, of which meeting or step, and when that is (0 where it says nothing of it)


@dataclass(frozen=True)
class Went:
    """One message."""

    person: int
    at: int
    parts: frozenset[Part]


# --- facts ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """Somebody does something. The fields mean what the word says: who, which step or meeting."""

    at: int
    word: str
    who: int = 0
    what: str = ""
    moment: int = 0
    windows: tuple[
        tuple[str, str, int, int], ...
    ] = ()  # «windows»: step, group, opens, closes; in place of those before


@dataclass(frozen=True)
class Someone:
    id: int
    group: str
    area: str | None
    wants: int | None
    telegram: bool


@dataclass(frozen=True)
class Gathering:
    """A meeting as it was planned."""

    key: str
    starts: int
    hours: int
    invites: int
    groups: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    reminders: tuple[str, ...] = ("7d", "1d", "morning")
    capacity: int | None = None
    signup_until: int | None = None


@dataclass(frozen=True)
class Story:
    people: tuple[Someone, ...]
    leader: int
    meetings: tuple[Gathering, ...]
    asked: dict[str, tuple[str, ...]]  # step → groups that it has questions for
    acts: tuple[Act, ...]  # in order
    looks_for_drafts: tuple[int, ...]  # when
    down: tuple[tuple[int, int], ...]  # from, to: nobody is there
    ends: int

    def up(self, at: int) -> int:
        """The moment, or when one is there again."""
        return next((until for since, until in self.down if since <= at < until), at)


# --- when -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, order=True)
class Moment:
    due: int
    what: str
    expires: int


def moments(event: int, wanted: Iterable[str], opens: int = 0) -> list[Moment]:
    """Every reminder that an event could get. One that falls into the night moves to the morning, and gives way to
    another within twelve hours of it."""
    stay: dict[int, str] = {}
    moved: list[tuple[int, int, str]] = []
    for what in wanted:
        meant = _meant(event, what, opens)
        due = next_sending_time(meant)
        assert due < event, "the story has no reminder that would come too late"
        if due == meant:
            stay[due] = what
        else:
            moved.append((due, meant, what))
    for due, _, what in sorted(moved, reverse=True):
        if all(abs(due - other) > APART for other in stay):
            stay[due] = what
    times = sorted(stay)
    return [Moment(at, stay[at], end) for at, end in zip(times, [*times[1:], event], strict=True)]


def _meant(event: int, what: str, opens: int) -> int:
    wall = to_local(event)
    if what == "morning":
        day = wall - timedelta(days=1) if wall.time() == time() else wall
        return to_utc(datetime.combine(day.date(), time(9)))
    if what == "half":
        return opens + (event - opens) // 2 // 60 * 60
    number = int(what[:-1])
    return to_utc(wall - timedelta(days=number)) if what[-1] == "d" else event - number * HOUR


# --- what is so -------------------------------------------------------------------------------------------


@dataclass
class _Person:
    facts: Someone
    wants: int | None
    here: bool = False
    stopped: bool = False
    blocked: bool = False
    known_blocked: bool = False
    begun: dict[str, int] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)  # step → last answer
    sent: set[str] = field(default_factory=set)
    nudged: list[int] = field(default_factory=list)  # when, a message each

    @property
    def listens(self) -> bool:
        return self.here and not self.stopped and self.wants == 1


@dataclass
class _Meeting:
    facts: Gathering
    starts: int
    made: bool = False
    cancelled: bool = False
    minutes: bool = False
    says: dict[int, str] = field(default_factory=dict)  # yes, waits, maybe, no
    queue: list[int] = field(default_factory=list)
    knows: set[int] = field(default_factory=set)
    soon: list[Moment] = field(default_factory=list)

    @property
    def signup_ends(self) -> int:
        return self.starts if self.facts.signup_until is None else self.facts.signup_until

    @property
    def ends(self) -> int:
        return self.starts + self.facts.hours * HOUR

    @property
    def is_full(self) -> bool:
        placed = sum(said == "yes" for said in self.says.values())
        return self.facts.capacity is not None and placed >= self.facts.capacity


@dataclass(frozen=True)
class _DueMessage:
    due: int
    expires: int
    person: int
    kind: str
    about: str
    same_day: bool = False
    urgent: bool = False


@dataclass
class Oracle:
    story: Story
    people: dict[int, _Person] = field(default_factory=dict)
    meetings: dict[str, _Meeting] = field(default_factory=dict)
    windows: dict[tuple[str, str], list[tuple[int, int]]] = field(default_factory=dict)
    deadlines: dict[tuple[str, int], list[Moment]] = field(default_factory=dict)
    outbox: list[_DueMessage] = field(default_factory=list)
    went: list[Went] = field(default_factory=list)
    opened: set[tuple[str, str, int]] = field(default_factory=set)
    told_open: dict[tuple[int, str], int] = field(default_factory=dict)
    drafts: set[tuple[int, str]] = field(default_factory=set)
    fired: set[tuple[str, str, int, str]] = field(default_factory=set)
    missed: bool = False  # something came due while nobody was there
    fates: Counter[str] = field(default_factory=Counter)  # what became of what was not said

    def tells(self) -> list[Went]:
        """Goes through the story, moment by moment."""
        story = self.story
        self.people = {one.id: _Person(one, one.wants) for one in story.people}
        self.meetings = {one.key: _Meeting(one, one.starts) for one in story.meetings}
        acts, looks = deque(story.acts), deque(story.looks_for_drafts)
        now = story.acts[0].at - 1
        while True:
            ahead = [*self._ahead(now), *islice(looks, 1), *(act.at for act in islice(acts, 1))]
            now = min((story.up(at) for at in ahead), default=story.ends)
            if now >= story.ends:
                return self.went
            while acts and acts[0].at <= now:
                self._act(acts.popleft())
            self._fall_due(now)
            self._says_that_it_was_late(now)
            if looks and looks[0] == now:
                self._look_for_drafts(looks.popleft())
            self._deliver(now)

    def _ahead(self, now: int) -> Iterator[int]:
        """Moments at which something happens by itself; all of it is looked for at each of them."""
        for moment in (*self._moments(), *self._openings(), *self._overviews(now)):
            if moment > now:
                yield moment
        for message in self.outbox:
            yield max(message.due, now + 1) if message.due > now else next_sending_time(now + 1)

    def _moments(self) -> Iterator[int]:
        for meeting in self.meetings.values():
            if meeting.made and not meeting.cancelled:
                yield next_sending_time(meeting.facts.invites)
                yield from (moment.due for moment in meeting.soon)
                yield from (self._minutes_due(meeting, days) for days in (3, 7))
        for reminders in self.deadlines.values():
            yield from (moment.due for moment in reminders)

    def _openings(self) -> Iterator[int]:
        for spans in self.windows.values():
            yield from (opens for opens, _ in spans)

    def _overviews(self, now: int) -> Iterator[int]:
        yield _monday(now)
        yield _monday(now + WEEK)

    @staticmethod
    def _minutes_due(meeting: _Meeting, days: int) -> int:
        return next_sending_time(to_utc(to_local(meeting.ends) + timedelta(days=days)))

    # --- somebody does something ------------------------------------------------------------------------

    def _act(self, act: Act) -> None:
        person = self.people.get(act.who)
        match act.word:
            case "comes":
                assert person is not None
                person.here, person.wants = True, person.facts.wants
                person.stopped = person.stopped and person.wants != 1
            case "stops":
                assert person is not None
                person.stopped, person.wants = True, 0
            case "declines":
                assert person is not None
                person.wants = 0
            case "blocks" | "unblocks":
                assert person is not None
                person.blocked = act.word == "blocks"
                person.known_blocked = person.known_blocked and person.blocked
            case "tells" | "sends":
                assert person is not None
                person.begun.setdefault(act.what, act.at)
                person.told[act.what] = act.at
                if act.word == "sends":
                    person.sent.add(act.what)
            case "yes" | "maybe" | "no":
                self._says(self.meetings[act.what], act.who, act.word, act.at)
            case "makes":
                self.meetings[act.what].made = True
                self._plan_soon(self.meetings[act.what], act.at)
            case "moves" | "cancels":
                self._changes(self.meetings[act.what], act)
            case "minutes":
                meeting = self.meetings[act.what]
                meeting.minutes = True
                for who in [who for who, said in meeting.says.items() if said == "yes"]:
                    self._enqueue(
                        who, "minutes", act.what, next_sending_time(act.at), next_sending_time(act.at) + 14 * DAY
                    )
            case "windows":
                self._open_and_close(act)

    def _says(self, meeting: _Meeting, who: int, said: str, now: int) -> None:
        before = meeting.says.get(who)
        if meeting.cancelled or now >= meeting.starts or (said != "no" and now >= meeting.signup_ends):
            return
        if said == "yes":
            if before in ("yes", "waits"):
                return
            said = "waits" if meeting.is_full else "yes"
        meeting.says[who] = said
        if said != "no":  # who signs up asks to be told of it
            self.people[who].stopped = False
        meeting.queue = [each for each in meeting.queue if each != who] + [who] * (said == "waits")
        while before == "yes" and said != "yes" and not meeting.is_full:
            up = next((each for each in meeting.queue if not self.people[each].stopped), None)
            if up is None:  # whoever has stopped could not be told, and is passed over
                return
            meeting.queue.remove(up)
            meeting.says[up] = "yes"
            self._news(up, "place", meeting, now)

    def _changes(self, meeting: _Meeting, act: Act) -> None:
        if act.word == "moves":
            meeting.starts = act.moment
            self._plan_soon(meeting, act.at)
        told = [
            who
            for who, person in self.people.items()
            if (meeting.says.get(who) in ("yes", "waits", "maybe") and person.here and not person.stopped)
            or (who not in meeting.says and who in meeting.knows and person.listens)
        ]
        gone = ("soon", "moved") if act.word == "moves" else ("soon", "moved", "invited", "place")
        self.outbox = [
            message for message in self.outbox if message.about != meeting.facts.key or message.kind not in gone
        ]
        meeting.cancelled = act.word == "cancels"
        for who in told:
            self._news(who, "moved" if act.word == "moves" else "cancelled", meeting, act.at)

    def _news(self, who: int, kind: str, meeting: _Meeting, now: int) -> None:
        """In sending hours; where there are none before the meeting, at once."""
        due = next_sending_time(now)
        urgent = due >= meeting.starts
        self._enqueue(who, kind, meeting.facts.key, now if urgent else due, meeting.starts, urgent=urgent)

    def _plan_soon(self, meeting: _Meeting, now: int) -> None:
        told = max(next_sending_time(meeting.facts.invites), next_sending_time(now)) + APART
        meeting.soon = [one for one in moments(meeting.starts, meeting.facts.reminders) if one.due >= told]

    def _open_and_close(self, act: Act) -> None:
        """The times of steps are others from now on."""
        changed = {(step, group) for step, group, *_ in act.windows}
        for key in changed:
            self.windows[key] = []
        for step, group, opens, closes in act.windows:
            self.windows[step, group].append((opens, closes))
        alive: dict[tuple[str, int], int] = {}
        for (step, _), spans in self.windows.items():
            for opens, closes in spans:
                if closes > act.at:
                    alive[step, closes] = min(opens, alive.get((step, closes), opens))
        before, self.deadlines = self.deadlines, {}
        for (step, closes), opens in alive.items():
            wanted = ("half", "7d", "2d", "morning") if step == "hoering" else ("7d", "morning")
            since = max(next_sending_time(opens) + APART, act.at)
            fresh = [one for one in moments(closes, wanted, opens) if one.due >= since]
            self.deadlines[step, closes] = before.get(
                (step, closes), fresh or [Moment(next_sending_time(since), "late", closes)]
            )
        self.outbox = [
            one for one in self.outbox if one.kind != "deadline" or (one.about, one.expires) in self.deadlines
        ]

    # --- something falls due ----------------------------------------------------------------------------

    def _enqueue(
        self, who: int, kind: str, about: str, due: int, expires: int, *, same_day: bool = False, urgent: bool = False
    ) -> None:
        self.outbox.append(_DueMessage(due, expires, who, kind, about, same_day, urgent))

    def _fall_due(self, now: int) -> None:
        due = next_sending_time(now)
        self._open_steps(now, due)
        if (monday := _monday(now)) <= now < monday + DAY and self._first("overview", "", monday):
            self._enqueue(self.story.leader, "overview", "", next_sending_time(monday), next_sending_time(monday) + DAY)
        for (step, closes), reminders in self.deadlines.items():
            for moment in self._now(reminders, now, due, "deadline", step, closes):
                for person in self.people.values():
                    is_asked = self._is_open(step, person, due, closes) and step not in person.sent
                    if is_asked and person.listens:
                        self._enqueue(person.facts.id, "deadline", step, due, moment.expires)
        for meeting in self.meetings.values():
            if meeting.made and not meeting.cancelled:
                self._meeting_due(meeting, now, due)

    def _says_that_it_was_late(self, now: int) -> None:
        """To the leader, after what was late has gone out."""
        if self.missed:
            self.missed = False
            self._enqueue(
                self.story.leader, "late", "", next_sending_time(now + 60), next_sending_time(now + 60) + 3 * DAY
            )

    def _first(self, kind: str, about: str, event: int, what: str = "") -> bool:
        """Whether it has not come due before."""
        fresh = (kind, about, event, what) not in self.fired
        self.fired.add((kind, about, event, what))
        return fresh

    def _now(self, reminders: list[Moment], now: int, due: int, kind: str, about: str, event: int) -> Iterator[Moment]:
        for moment in reminders:
            if moment.due <= now and self._first(kind, about, event, moment.what):
                self.missed |= moment.due < now - 300
                if due < moment.expires:
                    yield moment
                else:
                    self.fates[f"expired {kind}"] += 1

    def _open_steps(self, now: int, due: int) -> None:
        told_already = {(one.person, one.about) for one in self.outbox if one.kind == "opened"}
        for (step, group), spans in self.windows.items():
            for opens, closes in spans:
                if not now - 3 * DAY < opens <= now or not self._first("opened", f"{step} {group}", opens):
                    continue
                for who, person in self.people.items():
                    lately = self.told_open.get((who, step), 0) > now - 3 * DAY or (who, step) in told_already
                    is_theirs = person.facts.group == group and person.listens and step not in person.begun
                    if is_theirs and not lately and (person.sent - {step} or step == "hoering"):
                        self._enqueue(who, "opened", step, due, min(closes, due + 3 * DAY))

    def _meeting_due(self, meeting: _Meeting, now: int, due: int) -> None:
        key, ends = meeting.facts.key, meeting.signup_ends
        invited = next_sending_time(meeting.facts.invites)
        if invited <= now and due < ends and self._first("invited", key, 0):
            for who in self._audience(meeting):
                if who not in meeting.says:
                    self._enqueue(who, "invited", key, due, ends)
        for moment in self._now(meeting.soon, now, due, "soon", key, meeting.starts):
            same_day = moment.what[-1] != "d"
            for who, person in self.people.items():
                comes = meeting.says.get(who) in ("yes", "maybe") and person.listens
                asked = who not in meeting.says and not same_day and due < ends and who in self._audience(meeting)
                if comes or asked:
                    self._enqueue(who, "soon", key, due, moment.expires, same_day=same_day)
        for days in (3, 7):
            at = self._minutes_due(meeting, days)
            if at <= now and not meeting.minutes and self._first("minutes due", key, meeting.ends, str(days)):
                self._enqueue(self.story.leader, "minutes due", key, due, at + 3 * DAY)

    def _audience(self, meeting: _Meeting) -> set[int]:
        """Those it is for who want messages."""
        facts = meeting.facts
        return {
            who
            for who, person in self.people.items()
            if person.listens
            and (not facts.groups or person.facts.group in facts.groups)
            and (not facts.areas or person.facts.area in facts.areas)
        }

    def _is_open(self, step: str, person: _Person, now: int, closes: int | None = None) -> bool:
        spans = self.windows.get((step, person.facts.group), [])
        return any(begins <= now < ends and closes in (None, ends) for begins, ends in spans)

    def _closes(self, step: str, person: _Person, now: int) -> int:
        spans = self.windows.get((step, person.facts.group), [])
        return next(ends for begins, ends in spans if begins <= now < ends)

    def _look_for_drafts(self, now: int) -> None:
        if next_sending_time(now) != now:
            return
        for who, person in self.people.items():
            for step, last in person.told.items():
                begun = person.begun[step]
                quiet = last <= now - QUIET and begun > now - QUIET - BEGUN_LATELY
                if not quiet or step in person.sent or not person.listens or (who, step) in self.drafts:
                    continue
                if self._is_open(step, person, now):
                    self.drafts.add((who, step))
                    self._enqueue(who, "unfinished", step, now, now + WEEK)

    # --- it goes out ------------------------------------------------------------------------------------

    def _deliver(self, now: int) -> None:
        self.outbox = [message for message in self.outbox if message.expires > now]
        may = next_sending_time(now) == now
        ready: dict[int, list[_DueMessage]] = defaultdict(list)
        for message in self.outbox:
            if message.due <= now and (may or message.urgent):
                ready[message.person].append(message)
        done = {id(message) for several in ready.values() for message in several}
        self.outbox = [message for message in self.outbox if id(message) not in done]
        for who, several in ready.items():
            self._write_to(self.people[who], several, now)

    def _write_to(self, person: _Person, several: list[_DueMessage], now: int) -> None:
        """News one by one; nudges in one message, or none where there were three in seven days."""
        if not person.facts.telegram or person.known_blocked:
            self.fates["unreachable"] += len(several)
            return
        wanted = [message for message in several if self._is_wanted(message, person, now)]
        self.fates["unwanted"] += len(several) - len(wanted)
        lately = sum(at > now - WEEK for at in person.nudged)
        nudges = [o for o in wanted if o.kind in NUDGES and (lately < MOST_A_WEEK or self._comes(o, person))]
        news = [message for message in wanted if message.kind not in NUDGES]
        self.fates["enough"] += len(wanted) - len(news) - len(nudges)
        if person.blocked:
            person.known_blocked = bool(news or nudges)
            self.fates["unreachable"] += len(news) + len(nudges)
            return
        for message in news:
            self._out(person, [message], now)
        if nudges:
            person.nudged.append(now)
            self._out(person, nudges, now)

    def _out(self, person: _Person, several: list[_DueMessage], now: int) -> None:
        """Ours: of two about the same thing the one that says more stands for both."""
        said: dict[str, Part] = {}
        for message in sorted(several, key=lambda one: NUDGES.index(one.kind) if one.kind in NUDGES else 0):
            meeting = self.meetings.get(message.about)
            at = meeting.starts if meeting is not None and message.kind != "minutes" else 0
            if message.kind == "deadline":
                at = self._closes(message.about, person, now)
            said.setdefault(message.about, (message.kind, message.about, at))
            if meeting is not None and message.kind in ("invited", "soon", "moved", "place"):
                meeting.knows.add(person.facts.id)
            if message.kind == "opened":
                self.told_open[person.facts.id, message.about] = now
        self.went.append(Went(person.facts.id, now, frozenset(said.values())))

    def _comes(self, message: _DueMessage, person: _Person) -> bool:
        return message.kind == "soon" and self.meetings[message.about].says.get(person.facts.id) == "yes"

    def _is_wanted(self, message: _DueMessage, person: _Person, now: int) -> bool:
        """As things stand when it goes out."""
        if not person.here or person.stopped:
            return False
        meeting = self.meetings.get(message.about)
        said = None if meeting is None else meeting.says.get(person.facts.id)
        match message.kind:
            case "opened":
                return (
                    person.wants == 1
                    and self._is_open(message.about, person, now)
                    and message.about not in person.begun
                )
            case "deadline" | "unfinished":
                return (
                    person.wants == 1 and self._is_open(message.about, person, now) and message.about not in person.sent
                )
            case "invited":
                return person.wants == 1 and said is None
            case "soon":
                can_say = meeting is not None and now < meeting.signup_ends
                return person.wants == 1 and (said in ("yes", "maybe") or (said is None and can_say))
            case "moved" | "cancelled":
                return person.wants == 1 if said is None else said != "no"
            case "place" | "minutes":
                return said == "yes"
            case "minutes due":
                return meeting is not None and not meeting.minutes
            case _:
                return True


def _monday(now: int) -> int:
    """Nine o'clock on the Monday of the same week."""
    wall = to_local(now)
    return to_utc(datetime.combine(wall.date() - timedelta(days=wall.weekday()), time(9)))
