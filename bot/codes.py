"""Codes: how they are written and how they are stored. A code itself is never stored, only its hash."""

from __future__ import annotations

import hashlib

LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"  # on a poster nobody is to take an l for a 1


def hashed(code: str) -> str:
    """What is kept of a code."""
    return hashlib.sha256(code.encode()).hexdigest()
