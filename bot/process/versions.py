"""Versions of a step's questions: what another wording, order or selection makes a new one of."""

from __future__ import annotations

from collections.abc import Iterable

from bot.flows import loader
from bot.flows.model import Flow
from storage import processes
from storage.db import Tx


def keep(tx: Tx, process_id: int, flows: Iterable[Flow], now: int) -> None:
    """Stores each flow that is another than its newest version, as a new one."""
    newest = {row.flow: row for row in processes.newest_flows(tx, process_id)}
    for flow in flows:
        digest, before = loader.digest(flow), newest.get(flow.flow)
        if before is None or before.digest != digest:
            version = before.version + 1 if before else 1
            row = processes.FlowVersion(flow.flow, version, digest, loader.to_json(flow))
            processes.add_flow_version(tx, process_id, row, now)
