"""Stores a process file: the process, each flow that changed as a new version, and its meetings."""

from __future__ import annotations

from bot.features.meetings import service as meetings
from bot.flows import loader
from bot.flows.model import Flow
from bot.process.file import ProcessFile
from storage import processes
from storage.db import Tx


def save(tx: Tx, file: ProcessFile, flows: list[Flow], now: int) -> int:
    """Stores the process and each flow that changed, as a new version. The process's id."""
    process_id = processes.save(tx, file.process, file.model_dump_json(), now)
    newest = {row.flow: row for row in processes.newest_flows(tx, process_id)}
    for flow in flows:
        digest, before = loader.digest(flow), newest.get(flow.flow)
        if before is None or before.digest != digest:
            version = before.version + 1 if before else 1
            row = processes.FlowVersion(flow.flow, version, digest, loader.to_json(flow))
            processes.add_flow_version(tx, process_id, row, now)
    meetings.load(tx, process_id, file, now)
    return process_id
