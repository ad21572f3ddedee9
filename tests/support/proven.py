"""Holders of roles who are asked for nothing more, where a test is about something else. Nothing like it is in the
product: there `bot.dialogue.session.proof_shown` alone says what somebody has proven."""

from __future__ import annotations

from bot.access import Proof
from bot.dialogue.session import Session


def proven(_: Session) -> Proof:
    return Proof.FRESH
