"""Joint answers: a chair sees members' drafts in one step, with each member's yes, and writes one answer.

Members' answers stay theirs. The chair's answer is the association's; what it takes over of a member's words is a copy.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from enum import StrEnum

from bot import codes
from bot.features.invitations import service as invitations
from bot.flows import content, engine
from bot.flows.model import SPEAK_FOR_MANY, Language, Question, QuestionKind, Respondent
from storage import audit, capacities, joint_answers, people
from storage.db import Tx
from storage.joint_answers import JointAnswer
from storage.people import Person
from storage.runs import Run

PREFIX = invitations.COLLATION  # tells a joint-answer code from other links
MOST_SHOWN = 20  # members' words beside one question


def begin(tx: Tx, chair: Person, flow: str, now: int) -> JointAnswer:
    """Returns the chair's open joint answer in this flow, or begins one with a new code (12 characters)."""
    known = joint_answers.of_chair(tx, chair.id, flow)
    if known is not None and known.closed_at is None:
        return known
    begun = joint_answers.add(tx, chair.id, flow, PREFIX + codes.legible(10), now)
    audit.note(tx, chair.process_id, chair.pseudonym, "collect", flow, now)
    return begun


def collected_now(tx: Tx, chair: Person) -> set[str]:
    """The flows in which the chair collects, in the capacity that they answer in now."""
    now = capacities.in_use(tx, chair.id)
    return {
        joint.flow
        for joint in joint_answers.chaired(tx, chair.id)
        if joint.capacity_id == now and joint.closed_at is None
    }


class CodeOutcome(StrEnum):
    """What came of using a joint-answer code."""

    ASKED = "asked"  # they are asked whether the chair may see their answers, once they are in
    UNKNOWN = "unknown"
    OWN = "own"


def use_code(tx: Tx, person: Person, code: str, at: tuple[str, str], now: int) -> CodeOutcome:
    """Handles a joint-answer code used at this channel and address. Raises TooMany, as other codes do."""
    invitations.require_few_failures(tx, at, now)
    found = joint_answers.by_code(tx, person.process_id, code)
    if found is None:
        invitations.note_failure(tx, at, now)
        return CodeOutcome.UNKNOWN
    if found.chair_id == person.id:
        return CodeOutcome.OWN
    joint_answers.ask(tx, found.id, person.id)
    people.come_for(tx, person.id, found.flow)
    return CodeOutcome.ASKED


# --- what the chair sees ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MemberWords:
    """What a member has written or chosen. Says nothing of who it was, nor what else they said."""

    text: str
    written: bool  # in their own words, which the chair can take over

    @property
    def mark(self) -> int:
        """Up to nine digits, the same for the same words: a button means the words that stood beside it."""
        return zlib.crc32(self.text.encode("utf-8", "surrogatepass")) % 1_000_000_000


def said_by_members(
    tx: Tx, chair: Person, flow: str, question: Question, respondent: Respondent, language: Language
) -> tuple[MemberWords, ...]:
    """What members have written or chosen so far at the question, in no telling order; drafts too."""
    joint = joint_answers.of_chair(tx, chair.id, flow) if chair.stakeholder in SPEAK_FOR_MANY else None
    if joint is None or joint.closed_at is not None or question.apart:
        return ()
    labels = {
        choice.key: choice.label.to(language, many=respondent.speaks_for_many) for choice in engine.options(question)
    }
    said = [
        each
        for stored in joint_answers.said(tx, joint.id, flow, question.id)
        for each in _words(question, stored, labels)
    ]
    return tuple(sorted(said, key=lambda each: each.text))[:MOST_SHOWN]


def _words(question: Question, written: str, labels: dict[str, str]) -> list[MemberWords]:
    """Ideas one by one; everything else as it was said."""
    stored = content.read(written)
    if question.is_written and stored.labels is None:
        texts = [part.text for part in stored.parts] if question.kind is QuestionKind.IDEAS else [stored.text]
        return [MemberWords(text, written=True) for text in texts if text]
    if stored.labels is not None:
        return [MemberWords(stored.labels, written=False)] if stored.labels else []
    chosen = [label for key, label in labels.items() if key in stored.keys]
    text = ", ".join([*chosen, *([stored.text] if stored.text else [])])
    return [MemberWords(text, written=False)] if text else []


# --- what is sent -----------------------------------------------------------------------------------------


def sent(tx: Tx, chair: Person, run: Run) -> int:
    """The chair has sent the run. Returns how many members stand behind it."""
    joint = joint_answers.of_chair(tx, chair.id, run.flow) if chair.stakeholder in SPEAK_FOR_MANY else None
    if joint is None or joint.capacity_id != run.capacity_id:
        return 0
    return joint_answers.note_sent(tx, run.id, joint.id)


def stood_behind(tx: Tx, run: Run) -> int | None:
    """How many members stood behind the run when it was sent; None where it is no joint answer."""
    return joint_answers.stood_behind(tx, run.id)
