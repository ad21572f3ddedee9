"""How each piece of a meeting is asked for: by a word, by a button, by several."""

from __future__ import annotations

from bot.conversation.lead.panel import Go, Panel, back, column
from bot.conversation.lead.planning import shows
from bot.conversation.lead.planning.draft import AREA, EVERYBODY, GROUP, Draft
from bot.conversation.lead.roles import named
from bot.conversation.words import group_name, groups, place_name, step_of
from bot.process.drafts import NEEDED, OFFERED, Field
from bot.process.file import MeetingKind
from bot.process.plan import START

SKIP = "-"  # in a path: left as it is by itself
SUGGESTED = "forslag"
TOGGLED = frozenset({Field.WHOM, Field.REMINDERS})
WRITTEN = frozenset(Field) - TOGGLED - {Field.KIND, Field.FACILITATOR, Field.FLOW}
BY_ITSELF = (  # fields of which something holds where nothing is told, which is said
    Field.ENDS,
    Field.CAPACITY,
    Field.PER_PARTY,
    Field.UNTIL,
    Field.INVITES,
    Field.REMINDERS,
    Field.FACILITATOR,
)


def ask(d: Draft, field: Field, *notes: str) -> Panel:
    """A question. What was told before stands in it."""
    if field in (Field.ENDS, Field.UNTIL) and not d.facts.starts_at:
        field = Field.STARTS
    s, at = d.s, f"{d.at}/{field}"
    told = shows.said(d, d.facts, d.facilitator, field)
    now = (s.say("planning.told-so-far", told=told),) if told and field not in TOGGLED else ()
    rows = [
        *(Go(label, f"{at}/{key}") for key, label in _choices(d, field)),
        *([Go(s.say("planning.done"), f"{at}/ok")] if field in TOGGLED else []),
        *([Go(_skip(d, field), f"{at}/{SKIP}")] if _can_skip(d, field) else []),
        *([Go(s.say("planning.all"), f"{d.at}/alt")] if d.meeting is None and d.told else []),
        back(s, "moedeplan" if d.meeting is None else f"{d.at}/alt"),
    ]
    body = (*now, s.say(f"planning.how.{field}"))
    asks = at if field in WRITTEN else None
    return Panel(at, s.say(f"planning.ask.{field}"), body, column(*rows), notes, asks=asks)


def offered(d: Draft, field: Field) -> set[str]:
    """What the buttons of the question mean."""
    return {key for key, _ in _choices(d, field)} | ({SKIP} if _can_skip(d, field) else set())


def _can_skip(d: Draft, field: Field) -> bool:
    if field is Field.WHOM:
        return False
    if d.meeting is None:
        return field not in NEEDED
    return field not in NEEDED - {Field.PLACE} and field is not Field.ENDS


def _skip(d: Draft, field: Field) -> str:
    if field in BY_ITSELF:
        return d.s.say(f"planning.skip.{field}")
    return d.s.say("planning.skip" if d.meeting is None else "planning.remove")


def _choices(d: Draft, field: Field) -> list[tuple[str, str]]:
    """Key and label of each button."""
    s = d.s
    match field:
        case Field.KIND:
            return [(str(kind), s.say(f"meeting.kind.{kind}")) for kind in MeetingKind]
        case Field.TITLE:
            name = s.say(f"meeting.kind.{d.facts.kind}")
            return [] if d.facts.details.title else [(SUGGESTED, s.say("planning.suggested", title=name))]
        case Field.WHOM:
            return _whom(d)
        case Field.REMINDERS:
            wanted = d.reminders
            tokens = dict.fromkeys((*OFFERED, *wanted))
            return [(token, _ticked(token in wanted, shows.token(s, token))) for token in tokens]
        case Field.FACILITATOR:
            return [(str(holder.person_id), named(s, holder)) for holder in d.holders]
        case Field.FLOW:
            return [(key, step_of(s, key)) for key in s.plan.flows if key != START]
        case _:
            return []


def _whom(d: Draft) -> list[tuple[str, str]]:
    s, chosen = d.s, d.facts
    if chosen.kind == MeetingKind.STEERING:
        return []
    everybody = not chosen.groups and not chosen.areas
    return [
        (EVERYBODY, _ticked(everybody, s.say("meeting.everybody"))),
        *((f"{GROUP}.{key}", _ticked(key in chosen.groups, group_name(s, key))) for key, _ in groups(s)),
        *(
            (f"{AREA}.{item.key}", _ticked(item.key in chosen.areas, place_name(s, "areas", item.key)))
            for item in s.plan.file.areas
        ),
    ]


def _ticked(is_so: bool, label: str) -> str:
    return f"{'☑' if is_so else '☐'} {label}"
