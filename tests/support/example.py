"""The shipped example as a file and as a plan, for the tests of this folder."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.process.file import ProcessFile
from bot.process.flows import flow_keys, shipped_flows
from bot.process.loading import example, parse_file
from bot.process.notice import notice_of
from bot.process.plan import Plan, Versioned

NOW = int(datetime(2027, 3, 3, 12, 0, tzinfo=UTC).timestamp())  # while the example's open steps are open


def of_example() -> ProcessFile:
    return parse_file(example(), "example.yaml")


def planned(file: ProcessFile) -> Plan:
    """As if loaded once into an empty database."""
    flows = {flow.flow: Versioned(1, flow) for flow in shipped_flows(file)}
    ordered = {key: flows[key] for key in flow_keys() if key in flows}
    return Plan(process_id=1, revision=1, file=file, notice=notice_of(file), flows=ordered)
