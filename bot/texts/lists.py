"""Lists as people read them: a line to an entry, with a bullet, a number or a box to tick before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


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


def stretches(numbers: Sequence[int], most: int) -> str:
    """Numbers in ascending order as «4, 7–9, 12»; of more than `most` entries the rest as «…»."""
    told: list[list[int]] = []
    for number in numbers:
        if told and number - told[-1][-1] <= 1:
            told[-1][1:] = [number]
        else:
            told.append([number])
    shown = ["–".join(map(str, dict.fromkeys(each))) for each in told[:most]]
    return ", ".join((*shown, *(("…",) if len(told) > most else ())))
