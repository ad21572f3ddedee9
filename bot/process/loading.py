"""Process files: read, parsed and validated, with file, line and field of each fault."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from bot.flows.yamltext import Faulty, parse
from bot.process.file import ProcessFile
from bot.process.flows import flow_keys
from bot.process.plan import START


def example() -> str:
    """The text of the shipped example process."""
    return files("bot.process").joinpath("example.yaml").read_text(encoding="utf-8")


def read_file(path: Path) -> str:
    """Raises Faulty with one line where the file can't be read."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Faulty([f"{path}: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise Faulty([f"{path}: is not UTF-8 text"]) from None


def parse_file(text: str, name: str) -> ProcessFile:
    """Raises Faulty with file, line and field of each fault."""
    document = parse(text, name)
    file = document.validate(ProcessFile)
    known = [key for key in flow_keys() if key != START]
    faults: list[str] = []
    for place, step in enumerate(file.steps):
        if step.flow not in known:
            faults.append(
                document.fault(("steps", place, "flow"), f"no flow has that name; there are {', '.join(known)}")
            )
        elif step.flow in [earlier.flow for earlier in file.steps[:place]]:
            faults.append(document.fault(("steps", place, "flow"), f"{step.flow} stands twice"))
    for name_of_list in ("areas", "departments", "goals", "parties", "meetings"):
        keys = [item.key for item in getattr(file, name_of_list)]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                faults.append(document.fault((name_of_list, place, "key"), f"{key} stands twice"))
    areas = {area.key for area in file.areas}
    for place, meeting in enumerate(file.meetings):
        if meeting.flow is not None and meeting.flow not in known:
            faults.append(
                document.fault(("meetings", place, "flow"), f"no flow has that name; there are {', '.join(known)}")
            )
        faults += [
            document.fault(("meetings", place, "areas"), f"{area} is none of the areas")
            for area in meeting.areas
            if area not in areas
        ]
    if faults:
        raise Faulty(faults)
    return file
