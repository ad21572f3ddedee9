"""A command, a screen, a panel, a message kind and a source of reminders are a module, a line each and their phrases.

They are added to a copy of the house, as whoever writes a feature does it, and used on every channel there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.throwaway import copied_house
from tests.support.throwaway.copied_house import COMMAND_PHRASES, CONTENTS, LINES, MODULE, OTHER_PHRASES, ROOMS, ROOT

pytestmark = pytest.mark.process

DRAWN = "Skal vi minde dig om prøven?\n\nDen er på fredag.\n[Ja, mind mig om den] [Nej tak]"
ENGLISH = "Shall we remind you of the rehearsal?\n\nIt is on Friday.\n[Yes, remind me] [No, thank you]"
HELP = ["/proeve – se, hvornår prøven er"]
LEADERS_HELP = [*HELP, "/proever – se prøven som leder"]
STALE = "Knappen gælder ikke længere. Du er nået hertil:"
WHY = "Du får beskeden, fordi du er med i koret."
SENT = f"Husk prøven (A)\n\nVi ses.\n\n{WHY}\n[Se prøven] [Jeg kommer]\n[Stop beskeder]"


def page(drawn: str) -> str:
    """The same on a page, which lists its buttons apart."""
    return drawn.replace("\n[", "\n\n[", 1)


# --- what is added ----------------------------------------------------------------------------------------


def _files(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Path and lines of each text of the product."""
    for room in ROOMS:
        for path in sorted((folder / room).rglob("*")):
            if path.suffix in (".py", ".po", ".html", ".sql", ".yaml", ".css", ".js"):
                yield str(path.relative_to(folder)), path.read_text(encoding="utf-8").splitlines()


def _added(house: Path) -> dict[str, list[str]]:
    """By file; every other line stands where it stood."""
    before = dict(_files(ROOT))
    added: dict[str, list[str]] = {}
    for path, lines in _files(house):
        old = iter(before.get(path, []))
        expected, new = next(old, None), []
        for line in lines:
            if line == expected:
                expected = next(old, None)
            else:
                new.append(line)
        assert expected is None, f"{path}: {expected}"
        added |= {path: new} if new else {}
    return added


def test_it_takes_one_module_a_line_in_each_table_and_two_phrases_a_command(tmp_path: Path) -> None:
    house = copied_house.make(tmp_path)
    added = _added(house)
    assert set(added) == {MODULE, CONTENTS, "bot/texts/da.po", "bot/texts/en.po"}
    assert added[CONTENTS] == [line for lines in LINES.values() for line in lines]
    for catalogue in ("bot/texts/da.po", "bot/texts/en.po"):
        keys = [line.split('"')[1] for line in added[catalogue] if line.startswith("msgid ")]
        assert keys == [*COMMAND_PHRASES, *OTHER_PHRASES]


@pytest.mark.parametrize(
    "arguments",
    [("-m", "bot", "check"), ("-c", "from importlinter.cli import lint_imports_command as run; run()")],
    ids=["besyv check", "contracts"],
)
def test_the_house_is_in_order_with_it(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    checked = copied_house.run(copied_house.make(tmp_path), *arguments)
    assert (checked.returncode, checked.stderr) == (0, ""), checked.stdout


AWAY = """Chatbotten har været ude af drift. Har du trykket på en knap imens, så tryk igen.

Du får denne besked, fordi du var i gang, lige før chatbotten gik i stå.
[Fortsæt]
[Stop beskeder]"""


# --- a command and its screen -----------------------------------------------------------------------------


def test_on_telegram_it_is_typed_tapped_and_written_and_survives_a_restart(tmp_path: Path) -> None:
    assert copied_house.seen(tmp_path, "on_telegram") == {
        "typed": [DRAWN],
        "as a Dane writes it": [DRAWN],
        "drawn again": page(DRAWN).split("\n\n"),
        "by its alias, in English": [ENGLISH],
        "its help": HELP,
        "its help in English": ["/trial – see when the rehearsal is"],
        "written as a button's words": [f"Det gør vi.\n\n{DRAWN}"],
        "a stale tap": STALE,
        "told after an outage": [AWAY],
        "shown again": [DRAWN],
        "tapped after a restart": [f"Det gør vi.\n\n{DRAWN}"],
        "the other button": "Så skriver vi ikke.",
        "due": [["salen", "due"], ["salen", "due"]],
    }


def test_in_the_terminal_it_is_typed_tapped_and_written(tmp_path: Path) -> None:
    assert copied_house.seen(tmp_path, "in_the_terminal") == {
        "typed": [DRAWN],
        "as a Dane writes it": [DRAWN],
        "by its alias": [DRAWN],
        "its help": HELP,
        "written as a button's words": [f"Det gør vi.\n\n{DRAWN}"],
        "tapped": [f"Det gør vi.\n\n{DRAWN}"],
        "its button's number written after a restart": [f"Det gør vi.\n\n{DRAWN}"],
        "by its alias, in English": [ENGLISH],
        "its help in English": ["/trial – see when the rehearsal is"],
    }


def test_on_the_web_it_has_a_page_and_stands_on_the_first_one_until_it_is_answered(tmp_path: Path) -> None:
    assert copied_house.seen(tmp_path, "on_the_web") == {
        "typed": [page(DRAWN)],
        "by its alias": [page(DRAWN)],
        "by its alias, in English": [page(ENGLISH)],
        "tapped": [f"Det gør vi.\n\n{page(DRAWN)}"],
        "a stale tap": STALE,
        "the front page after a restart": page(DRAWN).splitlines(),
        "the other button": "Så skriver vi ikke.",
    }


def test_a_command_with_a_right_and_its_panel_are_unknown_to_who_lacks_it(tmp_path: Path) -> None:
    seen = copied_house.seen(tmp_path, "with_a_right")
    unknown = {channel: seen.pop(f"{channel}: no command at all") for channel in ("telegram", "terminal", "web")}
    assert all("Skal vi minde dig" not in "\n".join(shown) for shown in unknown.values())
    assert seen == {
        "telegram: without the right": unknown["telegram"],
        "telegram: with it": [DRAWN],
        "telegram: its help": LEADERS_HELP,
        "telegram: its panel": ["Prøven\n\nPrøven er på fredag.\n[Tilbage]"],
        "terminal: without the right": unknown["terminal"],
        "terminal: with it": [DRAWN],
        "terminal: its help": LEADERS_HELP,
        "terminal: its panel": ["Prøven\n\nPrøven er på fredag.\n[Tilbage]"],
        "web: without the right": unknown["web"],
        "web: with it": [page(DRAWN)],
        "web: its panel": ["Prøven\n\nPrøven er på fredag.\n\n[Tilbage]"],
        "menu": [
            ["all_private_chats", "", [["proeve", "Se, hvornår prøven er"]]],
            ["all_private_chats", "en", [["trial", "See when the rehearsal is"]]],
            ["chat", "", [["proever", "Se prøven som leder"], ["proeve", "Se, hvornår prøven er"]]],
            ["default", "", []],
            ["default", "en", []],
        ],
    }


# --- a message kind ---------------------------------------------------------------------------------------


def test_a_message_is_sent_on_telegram_joined_with_another_and_spared_who_has_had_enough(tmp_path: Path) -> None:
    assert copied_house.seen(tmp_path, "a_message_on_telegram") == {
        "sent": [SENT],
        "a button that does it": ["Godt, så ses vi."],
        "a button that leads": [DRAWN],
        "two at once": [
            "Du har 2 nye beskeder\n\n"
            "1. Husk prøven (B)\nVi ses.\n\n"
            "2. Husk prøven (C)\nVi ses.\n\n"
            "Du får denne besked, fordi du har sagt ja til beskeder fra os.\n"
            "[1: Se prøven] [1: Jeg kommer]\n[2: Se prøven] [2: Jeg kommer]\n[Stop beskeder]"
        ],
        "a button of both": [DRAWN],
        "enough": [],
        "outbox": [
            ["A", "sent", None],
            ["B", "sent", None],
            ["C", "sent", "B"],
            ["D", "sent", None],
            ["E", "enough", None],
        ],
    }


def test_a_message_is_sent_by_mail_and_its_links_do_what_its_buttons_do(tmp_path: Path) -> None:
    assert copied_house.seen(tmp_path, "a_message_by_mail") == {
        "subject": "Husk prøven (A)",
        "text": [
            "Husk prøven (A)",
            "",
            "Vi ses.",
            "",
            WHY,
            "",
            "Se prøven",
            "",
            "Jeg kommer",
            "",
            "Stop beskeder",
        ],
        "looked at": [
            "Husk prøven (A)",
            "",
            "Vi ses.",
            "",
            WHY,
            "",
            "Intet er registreret endnu. Tryk på den store knap for at bekræfte.",
            "",
            "[Jeg kommer] [Se prøven] [Stop beskeder] [Gå til forsiden]",
        ],
        "a button that does it": ["Godt, så ses vi.", "", "Eksempel Kommune", "", "[Gå til forsiden]"],
        "a button that leads": [
            "Du skal bruge dit eget link",
            "",
            "En mail kan blive sendt videre. Derfor kan du herfra kun svare på det trin, mailen handler om. Åbn siden "
            "med dit eget link, hvis du vil mere. Har du ikke dit link, så spørg os på 20 30 40 50 eller "
            "frivillig@eksempel-kommune.example.",
            "",
            "Har du mistet dit eget link? Så kan vi sende en mail til den adresse, du har givet os. Knappen i "
            "mailen virker én gang og i en halv time.",
            "",
            "[Send mig en mail] [Gå til forsiden]",
        ],
        "two at once": "Du har 2 nye beskeder",
        "mails": 3,
        "outbox": [["A", "sent", None], ["B", "sent", None], ["C", "sent", "B"]],
    }


def test_a_source_of_reminders_sends_them_by_the_clock_and_the_leader_is_told_ahead(tmp_path: Path) -> None:
    assert copied_house.seen(tmp_path, "a_reminder") == {
        "told ahead": ["• Kl. 19.00: Husk prøven: fredag (dagen før) – 2 personer"],
        "sent": [SENT.replace("(A)", "(fredag)")],
        "outbox": [["fredag", "sent", None], ["fredag", "sent", None]],
    }
