"""The house with one feature more: a copy of the product with a module, a line in each table, and its phrases.

What stands here is all that a feature needs. The driver in __main__.py runs on the copy.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).parents[3]
ROOMS = ("bot", "storage", "reports")
CONTENTS = "bot/features/__init__.py"
MODULE = "bot/features/throwaway.py"
PATIENCE = 300  # seconds, which only a fault uses up

# After which line of the table of contents → what is added there.
LINES: Final = {
    "from bot.features import menu": ("from bot.features import throwaway",),
    "COMMANDS: tuple[Command, ...] = (": (
        '    Command(name="proeve", aliases=("trial",), english="trial", run=known(throwaway.ask), page="/proeve"),',
        '    Command(name="proever", run=known(throwaway.ask), right=Right.SEE_AUDIT, page="/proever"),',
    ),
    "SCREENS: dict[str, ScreenType] = {": (
        "    throwaway.SCREEN: buttons(throwaway.draw, throwaway.tapped, offered_again=True),",
    ),
    "PANELS: dict[str, PanelType] = {": (
        '    "proeve": PanelType(show=throwaway.panel, right=Right.SEE_AUDIT, in_menu=True),',
    ),
    "MESSAGES: Messages = {": (
        "    throwaway.KIND: MessageType(compose=throwaway.compose, nudge=5,"
        " at_once={Verb.AGREES: throwaway.comes, **_STOP}, opens={Verb.GO: throwaway.see}),",
    ),
    "EVENTS: Events = (": (
        "    EventSource(kinds=(throwaway.KIND,), events=throwaway.events, recipients=throwaway.everybody),",
    ),
}

# Danish, English.
COMMAND_PHRASES: Final = {
    "command.proeve": ("Se, hvornår prøven er", "See when the rehearsal is"),
    "command.proever": ("Se prøven som leder", "See the rehearsal as a leader"),
}
OTHER_PHRASES: Final = {
    "lead.proeve": ("Prøven", "The rehearsal"),
    "message.proeve-husk": ("Husk prøven: {name}", "Remember the rehearsal: {name}"),
    "rehearsal.title": ("Skal vi minde dig om prøven?", "Shall we remind you of the rehearsal?"),
    "rehearsal.what": ("Den er på fredag.", "It is on Friday."),
    "button.rehearsal-remind": ("Ja, mind mig om den", "Yes, remind me"),
    "button.rehearsal-no": ("Nej tak", "No, thank you"),
    "rehearsal.noted": ("Det gør vi.", "We will."),
    "rehearsal.not": ("Så skriver vi ikke.", "Then we will not write."),
    "rehearsal.soon": ("Husk prøven ({name})", "Remember the rehearsal ({name})"),
    "rehearsal.there": ("Vi ses.", "See you there."),
    "rehearsal.why": ("Du får beskeden, fordi du er med i koret.", "You get this because you sing in the choir."),
    "rehearsal.see": ("Se prøven", "See the rehearsal"),
    "rehearsal.coming": ("Jeg kommer", "I will come"),
    "rehearsal.thanks": ("Godt, så ses vi.", "Good, see you there."),
    "rehearsal.planned": ("Prøven er på fredag.", "The rehearsal is on Friday."),
}


def make(folder: Path) -> Path:
    """The copy, in a folder of its own; its `pyproject.toml` holds the contracts."""
    house = folder / "house"
    for room in ROOMS:
        # With what is compiled already, which spares the copy seconds; not with what is being written just now.
        shutil.copytree(ROOT / room, house / room, ignore=shutil.ignore_patterns("*.pyc.*"))
    shutil.copy2(ROOT / "pyproject.toml", house)
    shutil.copy2(Path(__file__).with_name("feature.py"), house / MODULE)
    contents = (house / CONTENTS).read_text(encoding="utf-8").splitlines()
    for before, lines in LINES.items():
        place = contents.index(before) + 1
        contents[place:place] = lines
    (house / CONTENTS).write_text("\n".join(contents) + "\n", encoding="utf-8")
    for place, language in enumerate(("da", "en")):
        with (house / f"bot/texts/{language}.po").open("a", encoding="utf-8") as catalogue:
            for key, words in (COMMAND_PHRASES | OTHER_PHRASES).items():
                catalogue.write(f'\nmsgid "{key}"\nmsgstr "{words[place]}"\n')
    return house


def run(house: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python …` where the copy's modules come before ours; not in our folder, which would come first."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=house,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": f"{house}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def seen(folder: Path, scene: str) -> dict[str, Any]:
    """What people see of the feature in a scene of the driver's."""
    acted = run(make(folder), "-m", "tests.support.throwaway", scene, str(folder))
    assert acted.returncode == 0, acted.stderr
    found: dict[str, Any] = json.loads(acted.stdout)
    return found
