"""Codes: how they are made and written, and the hash by which one that is secret is looked up."""

from __future__ import annotations

import hashlib
import secrets

_LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"  # on a poster nobody is to take an l for a 1


def legible(length: int) -> str:
    """Random characters that can be read off a poster; five bits each, almost."""
    return "".join(secrets.choice(_LEGIBLE) for _ in range(length))


def hash_of(code: str) -> str:
    """What is kept of a code."""
    return hashlib.sha256(code.encode()).hexdigest()


def new_secret() -> str:
    """128 random bits in 22 characters, for a link or a cookie: whoever has it may do what it leads to."""
    return secrets.token_urlsafe(16)


def new_pseudonym() -> str:
    """What a person is called in the export and the log."""
    return f"p{secrets.token_hex(8)}"


def address_of(secret: str) -> str:
    """Returns the web address stored for a browser's secret: a hash, from which the secret cannot be recovered."""
    return hashlib.sha256(f"besyv-web:{secret}".encode()).hexdigest()
