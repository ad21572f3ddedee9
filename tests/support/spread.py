"""The spread of docs/spread.md, and a town of 2,000 people by it."""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path

from bot.features.coverage.service import GROUPS_OF_SPLIT, Split
from storage.published import Counted

_ROW = re.compile(r"^\| `([^`]+)` \| (\d+) \|")


@cache
def table(heading: str) -> dict[str, int]:
    """The numbers under a heading, by key."""
    text = Path(__file__).parents[2].joinpath("docs/spread.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return {found[1]: int(found[2]) for line in section.splitlines() if (found := _ROW.match(line))}


def town(seed: int) -> list[Counted]:
    """Everybody who takes part, and what each has sent."""
    chance, counted, number = random.Random(seed), list[Counted](), 0

    def drawn(heading: str, split: Split, group: str) -> str:
        shares = table(heading)
        return chance.choices(list(shares), list(shares.values()))[0] if group in GROUPS_OF_SPLIT[split] else ""

    for group, people in table("Groups").items():
        for _ in range(people):
            number += 1
            area, size = drawn("Local areas", "area", group), drawn("Sizes", "size", group)
            department = drawn("Departments", "department", group)
            sent = [step for step, share in table("Steps").items() if chance.randrange(100) < share]
            counted += [
                Counted(
                    flow=flow,
                    person_id=number,
                    behind=1,
                    stakeholder=group,
                    area=area,
                    size=size,
                    department=department,
                    front=-1,
                    party_id=0,
                    several=0,
                    at=0,
                )
                for flow in ("", *sent)
            ]
    return counted
