"""A draft of a meeting as whoever plans it sees it: what they have told, and what would come of it now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from bot.access import Right, rights
from bot.dialogue.panel_parts import toggled
from bot.dialogue.session import Session
from bot.features.meetings.service import drafts, scheduling
from bot.features.meetings.service.drafts import AFTERWARDS, MeetingField
from bot.flows.odd_dates import Odd
from bot.process.plan import last_planned
from storage import people
from storage.meetings import Meeting, MeetingFacts
from storage.people import RoleHolder

EVERYBODY, GROUP, AREA = "alle", "g", "a"  # how choices of whom it is for begin


@dataclass(frozen=True)
class MeetingDraft:
    s: Session
    meeting: Meeting | None  # that is changed; None: a new one
    told: dict[str, Any]

    @property
    def number(self) -> int:
        return self.meeting.id if self.meeting is not None else 0

    @property
    def at(self) -> str:
        """The path that everything of it begins with."""
        return f"moedeplan/{self.meeting.id}/ret" if self.meeting is not None else "moedeplan/ny"

    @property
    def before(self) -> MeetingFacts | None:
        return self.meeting.facts if self.meeting is not None else None

    @cached_property
    def facts(self) -> MeetingFacts:
        return drafts.facts(self.told, self.before, self.s.visit.now)

    @property
    def faults(self) -> list[drafts.Fault]:
        return drafts.faults(self.told, self.before, self.s.visit.now, last_planned(self.s.plan.file))

    @property
    def warnings(self) -> list[Odd]:
        return drafts.warnings(self.facts)

    @property
    def facilitator(self) -> int | None:
        """Nobody, where who was chosen holds no role any more."""
        before = self.meeting.facilitator_id if self.meeting is not None else None
        if MeetingField.FACILITATOR not in self.told:
            return before
        chosen = self.told[MeetingField.FACILITATOR]
        return chosen if chosen in {holder.person_id for holder in self.holders} else None

    @cached_property
    def holders(self) -> list[RoleHolder]:
        """Who may lead a meeting: everybody whose role allows it, once."""
        found: dict[int, RoleHolder] = {}
        for holder in people.role_table(self.s.tx, self.s.plan.process_id):
            if Right.LEAD_MEETINGS in rights(frozenset({holder.role})):
                found.setdefault(holder.person_id, holder)
        return list(found.values())

    @property
    def is_moved(self) -> bool:
        return self.before is not None and scheduling.is_moved(self.before, self.facts)

    @property
    def differs(self) -> bool:
        """Of a meeting that there is; a new one differs from nothing."""
        if self.meeting is None:
            return False
        return self.facts != self.before or self.facilitator != self.meeting.facilitator_id

    @cached_property
    def planned(self) -> Meeting:
        """The meeting that would come of it, for those who describe meetings. It may not be there yet."""
        now, old = self.s.visit.now, self.meeting
        why = str(self.told.get(MeetingField.WHY) or "")
        if old is None:
            return Meeting.planned(self.s.plan.process_id, self.facts, now, facilitator_id=self.facilitator, why=why)
        return replace(
            old,
            version=old.version + 1,
            facts=self.facts,
            facilitator_id=self.facilitator,
            changed_at=now if self.is_moved else old.changed_at,
            cancelled_at=None,
            why=why,
        )

    @property
    def fields(self) -> tuple[MeetingField, ...]:
        """What may be told now."""
        if self.meeting is None:
            return tuple(field for field in MeetingField if field not in (MeetingField.WHY, MeetingField.CANCELLED))
        if self.s.visit.now >= self.meeting.facts.starts_at:
            return AFTERWARDS
        invited = self.meeting.facts.invites_at <= self.s.visit.now
        left_out = (MeetingField.CANCELLED, *((MeetingField.INVITES,) if invited else ()))
        return tuple(field for field in MeetingField if field not in left_out)

    @property
    def reminders(self) -> tuple[str, ...]:
        """Those of the meeting, or the usual ones of the process."""
        usual = self.s.plan.file.reminders.meetings
        return usual if self.facts.reminders is None else self.facts.reminders

    def toggled(self, field: MeetingField, chosen: str) -> Any:
        """What is told once a button of several has been pressed: put in, or taken out again."""
        if field is MeetingField.REMINDERS:
            return list(toggled(self.reminders, chosen))
        kind, _, key = chosen.partition(".")
        if kind == EVERYBODY:
            return [[], []]
        groups, areas = self.facts.groups, self.facts.areas
        if kind == GROUP:
            return [list(toggled(groups, key)), list(areas)]
        return [list(groups), list(toggled(areas, key))]

    def settled(self, field: MeetingField) -> Any:
        """What buttons of several have led to by now."""
        if field is MeetingField.WHOM:
            return [list(self.facts.groups), list(self.facts.areas)]
        return None if self.facts.reminders is None else list(self.facts.reminders)
