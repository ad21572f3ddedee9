"""The check of a person's own text, as it stands on a receipt and as it is repeated."""

from __future__ import annotations

from bot import codes
from bot.dialogue.session import Session
from bot.flows import content, receipts
from bot.flows.receipts import CODE_LENGTH


def new_code() -> str:
    """What stands on one receipt, and nowhere else: `abcd-efgh`."""
    return receipts.grouped(codes.legible(CODE_LENGTH))


def text_of(s: Session) -> str:
    """What is answered in the run they are in: nothing that was skipped, is kept apart, or is not on their path."""
    told = [s.stored[question.id] for question in s.path if question.id in s.answers and not question.apart]
    return receipts.text_of((row.asked, content.read(row.content).said) for row in told if not row.skipped)


def is_whole(s: Session) -> bool:
    """Whether every answer of it can be read: without one the text is another, though nobody has changed it."""
    return not any(row.content == content.UNREADABLE for row in s.stored.values() if not row.apart)


def check_of(s: Session, code: str) -> str:
    return receipts.check_of(code, text_of(s))


def corrected_at(s: Session) -> int | None:
    """When the text became another than the one that was sent; None where it is the same."""
    sent_at = s.run.sent_at if s.run is not None else None
    times = [row.answered_at for row in s.stored.values() if not row.apart]
    return None if sent_at is None or max(times, default=0) <= sent_at else max(times)
