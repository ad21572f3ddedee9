"""What every panel says that somebody can reach: from the menus by buttons, in a database that was lived in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

from bot.access import NotAllowed
from bot.dialogue import panel_navigation
from bot.dialogue.panel import Panel
from bot.dialogue.reply import Reply
from bot.dialogue.session import Session, Visit, load
from bot.features import PANELS
from bot.flows.model import Group
from bot.process.flows import flow_keys
from bot.process.plan import State
from storage.db import Tx
from tests.support.bureau import Bureau

KEYS = {*flow_keys(), *Group, *State, "nordby", "havnen", "aadalen"}
OF_A_SHAPE = 3  # paths that differ in their numbers and keys alone are opened so often
MOST = 400  # of one person, the nearest first


class _Undone(Exception):
    """What was pressed is not to have happened."""


def _texts(reply: Reply) -> Iterator[str]:
    yield from (reply.title or "", *reply.body, *reply.notes)
    yield from (move.label for row in reply.moves for move in row)
    yield from (label for label, _ in reply.links)
    yield reply.input.send
    if reply.table is not None:
        yield from (reply.table.caption, *reply.table.columns)
        yield from (
            text for name, rows in reply.table.bands for text in (name, *(cell for row in rows for cell in row))
        )


async def opened_panels(bureau: Bureau, channel: str, address: str, now: int) -> dict[str, list[str]]:
    """What each of them says, by the shape of its path. What a button does is undone."""
    found: dict[str, list[str]] = {}
    waiting, known, times = list(PANELS), set(PANELS), Counter[str]()
    while waiting and sum(times.values()) < MOST:
        path = waiting.pop(0)
        shape = "/".join("X" if each in KEYS else re.sub(r"\d+", "N", each) for each in path.split("/"))
        times[shape] += 1
        if times[shape] > OF_A_SHAPE:
            continue
        leads_to: list[str] = []

        def unit(tx: Tx, path: str = path, shape: str = shape, leads_to: list[str] = leads_to) -> None:
            visit = Visit(channel=channel, address=address, now=now, sent_at=now)
            s = load(tx, bureau.context, visit)
            assert isinstance(s, Session)
            with suppress(NotAllowed):
                panel = panel_navigation.go(s, path)
                if isinstance(panel, Panel):
                    leads_to += [go.to for row in panel.rows for go in row]
                    found.setdefault(shape, []).extend(_texts(panel_navigation.show_panel(s, panel)))
            raise _Undone

        with suppress(_Undone):
            await bureau.database.write(unit)
        new = [each for each in leads_to if each not in known]
        known.update(new)
        waiting += new
    return found
