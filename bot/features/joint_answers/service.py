"""Joint answers: a chair sees members' drafts in one step, with each member's yes, and writes one answer.

Members' answers stay theirs. The chair's answer is the association's.
"""

from __future__ import annotations

from enum import StrEnum

from bot import codes
from bot.features.invitations import service as invitations
from bot.flows import content, engine
from bot.flows.model import SPEAK_FOR_MANY, Language, Question, Respondent
from storage import audit, joint_answers, people
from storage.db import Tx
from storage.joint_answers import JointAnswer
from storage.people import Person

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


def said_by_members(
    tx: Tx, chair: Person, flow: str, question: Question, respondent: Respondent, language: Language
) -> tuple[str, ...]:
    """What members have written or chosen so far at the question, in no telling order; drafts too."""
    joint = joint_answers.of_chair(tx, chair.id, flow) if chair.stakeholder in SPEAK_FOR_MANY else None
    if joint is None or joint.closed_at is not None or question.apart:
        return ()
    labels = {
        choice.key: choice.label.to(language, many=respondent.speaks_for_many) for choice in engine.options(question)
    }
    said = [_in_words(each, labels) for each in joint_answers.said(tx, joint.id, flow, question.id)]
    return tuple(sorted(text for text in said if text))[:MOST_SHOWN]


def _in_words(written: str, labels: dict[str, str]) -> str:
    stored = content.read(written)
    if stored.labels is not None:
        return stored.labels
    chosen = [label for key, label in labels.items() if key in stored.keys]
    return ", ".join([*chosen, *([stored.text] if stored.text else [])])
