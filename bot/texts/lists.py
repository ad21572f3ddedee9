"""Lists as people read them: a line to an entry, with a bullet, a number or a box to tick before it."""

from __future__ import annotations

from collections.abc import Iterable


def bulleted(entries: Iterable[str], heading: str | None = None) -> str:
    return _under(heading, (f"• {entry}" for entry in entries))


def numbered(entries: Iterable[str], heading: str | None = None) -> str:
    """Counted from 1."""
    return _under(heading, (f"{number}. {entry}" for number, entry in enumerate(entries, 1)))


def _under(heading: str | None, lines: Iterable[str]) -> str:
    return "\n".join(lines if heading is None else (heading, *lines))


def ticked(label: str, *, on: bool) -> str:
    """What can be chosen besides others."""
    return f"{'☑' if on else '☐'} {label}"
