"""Fields of a meeting, and how each is asked for: by a word, by a button, by several."""

from __future__ import annotations

from typing import Final

from bot.dialogue.naming import group_name, groups, holder_names, place_name, work_step_of
from bot.dialogue.panel import Go, Panel, column
from bot.dialogue.panel_parts import back
from bot.features.meetings.organiser import preview
from bot.features.meetings.organiser.draft_view import AREA, EVERYBODY, GROUP, MeetingDraft
from bot.features.meetings.service.drafts import NEEDED, OFFERED, MeetingField
from bot.process.file import MeetingKind
from bot.texts import lists

SKIP = "-"  # in a path: left as it is by itself
SUGGESTED = "forslag"
TOGGLED = frozenset({MeetingField.WHOM, MeetingField.REMINDERS})
WRITTEN = frozenset(MeetingField) - TOGGLED - {MeetingField.KIND, MeetingField.FACILITATOR, MeetingField.FLOW}
NUMBERS = frozenset(
    {  # of which a number alone tells something: a day, a time, how many
        MeetingField.STARTS,
        MeetingField.ENDS,
        MeetingField.UNTIL,
        MeetingField.CAPACITY,
        MeetingField.PER_PARTY,
    }
)

BY_ITSELF: Final = (  # fields of which something holds where nothing is told, which is said
    MeetingField.ENDS,
    MeetingField.CAPACITY,
    MeetingField.PER_PARTY,
    MeetingField.UNTIL,
    MeetingField.INVITES,
    MeetingField.REMINDERS,
    MeetingField.FACILITATOR,
)


def ask(d: MeetingDraft, field: MeetingField, *notes: str) -> Panel:
    """A question. What was told before stands in it."""
    if field in (MeetingField.ENDS, MeetingField.UNTIL) and not d.facts.starts_at:
        field = MeetingField.STARTS
    s, at = d.s, f"{d.at}/{field}"
    told = preview.said(d, d.facts, d.facilitator, field)
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
    return Panel(
        at=at,
        title=s.say(f"planning.ask.{field}"),
        body=body,
        rows=column(*rows),
        notes=notes,
        asks=asks,
        asks_number=field in NUMBERS,
        send=s.say("send.on"),
    )


def offered(d: MeetingDraft, field: MeetingField) -> set[str]:
    """What the buttons of the question mean."""
    return {key for key, _ in _choices(d, field)} | ({SKIP} if _can_skip(d, field) else set())


def _can_skip(d: MeetingDraft, field: MeetingField) -> bool:
    if field is MeetingField.WHOM:
        return False
    if d.meeting is None:
        return field not in NEEDED
    return field not in NEEDED - {MeetingField.PLACE} and field is not MeetingField.ENDS


def _skip(d: MeetingDraft, field: MeetingField) -> str:
    if field in BY_ITSELF:
        return d.s.say(f"planning.skip.{field}")
    return d.s.say("planning.skip" if d.meeting is None else "planning.remove")


def _choices(d: MeetingDraft, field: MeetingField) -> list[tuple[str, str]]:
    """Key and label of each button."""
    s = d.s
    match field:
        case MeetingField.KIND:
            return [(str(kind), s.say(f"meeting.kind.{kind}")) for kind in MeetingKind]
        case MeetingField.TITLE:
            name = s.say(f"meeting.kind.{MeetingKind(d.facts.kind)}")
            return [] if d.facts.details.title else [(SUGGESTED, s.say("planning.suggested", title=name))]
        case MeetingField.WHOM:
            return _whom(d)
        case MeetingField.REMINDERS:
            wanted = d.reminders
            tokens = dict.fromkeys((*OFFERED, *wanted))
            return [(token, lists.ticked(preview.token(s, token), on=token in wanted)) for token in tokens]
        case MeetingField.FACILITATOR:
            return [(str(holder.person_id), holder_names(s, holder)) for holder in d.holders]
        case MeetingField.FLOW:
            return [(key, work_step_of(s, key)) for key in s.plan.steps]
        case _:
            return []


def _whom(d: MeetingDraft) -> list[tuple[str, str]]:
    s, chosen = d.s, d.facts
    if chosen.kind == MeetingKind.STEERING:
        return []
    everybody = not chosen.groups and not chosen.areas
    return [
        (EVERYBODY, lists.ticked(s.say("meeting.everybody"), on=everybody)),
        *((f"{GROUP}.{key}", lists.ticked(group_name(s, key), on=key in chosen.groups)) for key, _ in groups(s)),
        *(
            (f"{AREA}.{item.key}", lists.ticked(place_name(s, "areas", item.key), on=item.key in chosen.areas))
            for item in s.plan.file.areas
        ),
    ]
