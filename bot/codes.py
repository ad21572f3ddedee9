"""Codes: how they are made and written, and the hash by which one that is secret is looked up."""

from __future__ import annotations

import base64
import hashlib
import secrets
import unicodedata

_LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"  # on a poster nobody is to take an l for a 1


def legible(length: int) -> str:
    """Random characters that can be read off a poster; five bits each, almost."""
    return "".join(secrets.choice(_LEGIBLE) for _ in range(length))


_UNSEEN = ("Cc", "Cf", "Zs", "Zl", "Zp")  # Unicode's categories: what comes along when something is copied
_BEFORE = "([{<«„“‘\"'*`"
_BEHIND = ")]}>»”“’\"'*`.,;:!?…"  # none of them is in a code or in the name of a step


def tidied(text: str) -> str:
    """What a link carries, without the signs around it in a sentence, and without those that nobody sees."""
    seen = "".join(char for char in text if unicodedata.category(char) not in _UNSEEN)
    return seen.lstrip(_BEFORE).rstrip(_BEHIND)


def spelled(word: str) -> str:
    """A word of ours, as our own names are spelled: `Hjælp` → `hjaelp`."""
    small = unicodedata.normalize("NFC", word).casefold()
    return small.replace("æ", "ae").replace("ø", "oe").replace("å", "aa")


def hash_of(code: str) -> str:
    """What is kept of a code."""
    return hashlib.sha256(code.encode()).hexdigest()


def new_secret() -> str:
    """128 random bits in 22 characters, for a link or a cookie: whoever has it may do what it leads to."""
    return secrets.token_urlsafe(16)


def of_bytes(raw: bytes) -> str:
    """Bytes as such a code is written; 16 of them are 22 characters."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def new_pseudonym() -> str:
    """What a person is called in the export and the log."""
    return f"p{secrets.token_hex(8)}"


def address_of(secret: str) -> str:
    """Returns the web address stored for a browser's secret: a hash, from which the secret cannot be recovered."""
    return hashlib.sha256(f"besyv-web:{secret}".encode()).hexdigest()
