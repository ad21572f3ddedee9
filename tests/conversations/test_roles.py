"""Who may do what, held for every page there is, by every way there is to ask for it, with something to leak."""

from __future__ import annotations

import itertools
import json
import re
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from bot import texts
from bot.access import NotAllowed, Role
from bot.dialogue import panel_navigation
from bot.dialogue.panel import Panel, PanelInput
from bot.features import PANELS
from bot.features.meetings.service import scheduling
from bot.features.register import service as register
from bot.flows.model import LANGUAGES, Group
from storage import people, runs
from storage.db import Tx
from tests.support.callers import Stored, changed
from tests.support.cast import (
    ANYBODY,
    LABEL,
    LEAD,
    PARTICIPANTS,
    PARTY,
    ROLES,
    SECRET,
    TABLE,
    THEIRS,
    WRITTEN,
    Cast,
    cast,
    said_to,
)
from tests.support.chat import Found, OnTelegram, Somebody, Town
from tests.support.mail_readers import TITLE, facts
from tests.support.pages import OnPages
from tests.support.visitors import posted, token

CHANNELS = ("telegram", "web")
COMMANDS = {"leder": "/leder", "daekning": "/daekning", "sammen": "/sammen"}


# --- the set-up -------------------------------------------------------------------------------------------


def everything(person: Somebody) -> str:
    """All that has ever reached the screen, and is there still."""
    if isinstance(person, OnPages):
        assert person.page is not None
        return str(person.page.tree.text_content())
    assert isinstance(person, OnTelegram)
    return "\n".join(map(str, person.phone.sees()))


# --- the table --------------------------------------------------------------------------------------------


def test_the_table_names_every_page() -> None:
    assert TABLE.keys() == PANELS.keys()


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_page_opens_for_those_of_the_table_and_for_nobody_else(found: Found, channel: str) -> None:
    names = (*PARTICIPANTS, *ROLES, THEIRS)
    async with cast(found, channel, *names) as there:
        opened: dict[str, set[str]] = {page: set() for page in PANELS}
        shown: dict[str, str] = dict.fromkeys(names, "")

        def try_all(tx: Tx) -> None:
            for name, page in itertools.product(names, PANELS):
                s = there.session(tx, name)
                try:
                    panel = panel_navigation.go(s, page)
                except NotAllowed:
                    continue
                assert isinstance(panel, Panel)
                opened[page].add(name)
                shown[name] += _text(panel)

        await there.town.runtime.database.write(try_all)
        # The leader of the process next door is one there.
        assert {page: who - {THEIRS} for page, who in opened.items()} == TABLE
        assert {page for page, who in opened.items() if THEIRS in who} == {p for p in TABLE if "leader" in TABLE[p]}
        assert {name for name, text in shown.items() if SECRET in text} == set()
        assert {name for name, text in shown.items() if PARTY in text} == {"steering", "deputy", "leader"}
        assert {name for name, text in shown.items() if LABEL in text} == {"steering", "deputy", "leader"}
        assert {name for name, text in shown.items() if WRITTEN in text} == LEAD


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("who", ["frivillig", "forening", "borger", "facilitator", "steering", THEIRS])
async def test_whoever_may_not_is_answered_as_to_an_unknown_command(found: Found, channel: str, who: str) -> None:
    async with cast(found, channel, who) as there:
        person = there.people[who]
        person.sees()
        await person.says("/vejret")
        unknown = await said_to(person)
        before = _rights_used(there.town)
        for page, command in COMMANDS.items():
            if who == THEIRS or who in TABLE[page]:
                continue
            person.sees()
            await person.says(command)
            assert (command, await said_to(person)) == (command, unknown)
        if who != THEIRS:
            await _refused_the_answers(there, person, unknown)
            assert _rights_used(there.town) == before
        assert not any(secret in everything(person) for secret in (SECRET, PARTY, LABEL, WRITTEN))


async def _refused_the_answers(there: Cast, person: Somebody, unknown: tuple[int, str]) -> None:
    if isinstance(person, OnPages):
        assert unknown[0] == 404
        page = await person.browser.get("/hjaelp")
        fields = [("csrf", token(page)), ("format", "csv")]
        status, _, text, _ = await posted(person.browser, "/eksport", fields)
        assert (status, SECRET in text) == (404, False)
        return
    person.sees()
    await person.says("/eksport csv")
    assert await said_to(person) == unknown


def _rights_used(town: Town) -> list[tuple[str, ...]]:
    return town.rows("SELECT actor, action, detail FROM audit ORDER BY id")


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_leader_of_another_process_takes_out_that_ones_answers_alone(found: Found, channel: str) -> None:
    async with cast(found, channel, THEIRS) as there:
        person = there.people[THEIRS]
        if isinstance(person, OnPages):
            fields = [("csrf", token(await person.browser.get("/hjaelp"))), ("format", "csv")]
            status, headers, text, _ = await posted(person.browser, "/eksport", fields)
            assert (status, f"besyv-{THEIRS}.csv" in headers["Content-Disposition"]) == (200, True)
        else:
            assert isinstance(person, OnTelegram)
            await person.says("/eksport csv")
            text = person.phone.document.decode()
        assert "Spørgsmål nr." in text and SECRET not in text


# --- another process, and whoever may less ----------------------------------------------------------------

MOST_PATHS = 400  # of a leader's panels, those nearest to a panel's first page: what is chosen one by one has no end


class Undone(Exception):
    """What was done in the transaction is not to stay."""


async def _paths_of(there: Cast, name: str) -> list[str]:
    """Their panels, and where the buttons and fields of those lead; each is looked at as if none had been pressed."""
    waiting, found = [page for page, who in TABLE.items() if name in who and who != ANYBODY], dict[str, None]()

    def look(tx: Tx, path: str) -> None:
        panel = panel_navigation.go(there.session(tx, name), path)
        if isinstance(panel, Panel):
            waiting.extend(button.to for row in panel.rows for button in row)
            waiting.extend([panel.asks] if panel.asks else [])
        raise Undone

    while waiting and len(found) < MOST_PATHS:
        path = waiting.pop(0)
        if path not in found:
            found[path] = None
            with suppress(Undone):
                await there.town.runtime.database.write(partial(look, path=path))
    return list(found)


@pytest.mark.parametrize("who", [THEIRS, "facilitator", "steering", "borger"])
async def test_the_paths_of_a_leaders_panels_are_nothing_to_anybody_else(found: Found, who: str) -> None:
    """Buttons are kept on the server, so that nobody can hand these in; if one could, each looks itself whose it is."""
    async with cast(found, "telegram", "leader", "deputy", who) as there:
        town = there.town
        ours = await town.runtime.database.read(lambda tx: town.runtime.process_host.plan(tx).process_id)
        await town.runtime.database.write(lambda tx: scheduling.make(tx, ours, facts(), int(town.clock.now)))
        paths = await _paths_of(there, "leader")
        assert len(paths) == MOST_PATHS
        stored, shown = Stored(town.folder / "besyv.db"), dict[str, str]()

        def go(tx: Tx, path: str) -> tuple[int, int]:
            s = there.session(tx, who)
            for sent in (None, PanelInput("x")):
                with suppress(NotAllowed):
                    panel = panel_navigation.go(s, path, sent)
                    shown[path] = shown.get(path, "") + (_text(panel) if isinstance(panel, Panel) else repr(panel))
            return s.person.id, s.person.process_id

        for path in paths:
            before = stored.rows()
            person, process = await town.runtime.database.write(partial(go, path=path))
            for table, row in (each for each in changed(before, stored.rows()) if each[0] != "audit"):
                mine = f"'person_id': {person}," in row or (table == "people" and f"'id': {person}," in row)
                assert mine or (process != ours and f"'process_id': {process}," in row), (path, table, row)
        stored.close()
        leaks = {
            (path, each)
            for path, text in shown.items()
            for each in (SECRET, PARTY, LABEL, WRITTEN, TITLE)
            if each in text
        }
        if who == "steering":  # who is missing, and the links that they hand on
            leaks = {(path, each) for path, each in leaks if path.partition("/")[0] not in ("mangler", "del")}
        assert leaks == set()


# --- forged taps ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("who", ["borger", "facilitator", "steering", THEIRS])
async def test_taps_that_no_button_has_open_nothing(found: Found, channel: str, who: str) -> None:
    async with cast(found, channel, who, "leader") as there:
        person, town = there.people[who], there.town
        assert isinstance(person, OnTelegram | OnPages)
        leader = there.people["leader"]
        await leader.says("/leder")
        await leader.taps("Links og plakater")
        await person.says("/leder")
        [(number, revision)] = await _prompt(there, who)
        [(lead_number, lead_revision)] = await _prompt(there, "leader")
        made = _made(town)
        for at, seen in {(number, 0), (number + 1, 0), (0, 0), (999_999_999, 999_999), (lead_number, lead_revision)}:
            for place in (20, 99, 999_999_999):
                await person.forges(f"1:{at}:{seen}:o{place}")
        for wrong in ("o-1", "o", "o٣", f"o{1 << 40}", "o0/../liste", "e0", "g99", "f0", "f7", "j1", "y", "t"):
            await person.forges(f"1:{number}:{revision}:{wrong}")
        assert _made(town) == made
        shown = everything(person)
        assert SECRET not in shown and WRITTEN not in shown
        if who != "steering":
            assert PARTY not in shown and LABEL not in shown
        assert {action for _, action, _ in _rights_used(town)} <= {
            "invite",
            "invite-campaign",
            "role-granted",
            "coverage",
            "missing",
            "advice",
        }


async def _prompt(there: Cast, name: str) -> list[tuple[int, int]]:
    def look(tx: Tx) -> list[tuple[int, int]]:
        prompt = there.session(tx, name).prompt
        return [(prompt.number, prompt.revision)] if prompt else []

    return await there.town.runtime.database.read(look)


def _made(town: Town) -> list[tuple[int, ...]]:
    tables = ("roles", "invitations", "parties", "step_changes", "targets", "name_decisions", "imports", "sendings")
    known = {name for (name,) in town.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return [town.rows(f"SELECT count(*) FROM {table}")[0] for table in tables if table in known]


# --- a role that is taken back ----------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_panel_that_was_open_when_the_role_was_taken_back_is_of_no_use(found: Found, channel: str) -> None:
    async with cast(found, channel, "leader", "deputy", "steering") as there:
        leader, deputy, sten = (there.people[name] for name in ("leader", "deputy", "steering"))
        await sten.says("/leder")
        await deputy.says("/leder")
        for label in ("Interessentlisten", "Tilføj en forening eller et råd"):
            await deputy.taps(label)
        await leader.says("/leder")
        await leader.taps("Roller")
        for role in ("Stedfortræder", "Styregruppen"):
            await leader.taps(await _label(leader, f"Fratag rollen: {role}"))
            await leader.taps("Ja, fratag rollen")
        before = _rights_used(there.town)
        sten.sees()
        await sten.taps("Hvem mangler at svare?")
        assert "Du har ikke længere adgang til siden." in (await said_to(sten))[1]
        there.town.public.add("Kuppets Venner")
        await deputy.says("Kuppets Venner")
        assert there.town.rows("SELECT name FROM parties WHERE source <> 'process-file'") == [(PARTY,)]
        assert _rights_used(there.town) == before
        assert PARTY not in everything(sten)
        for person in (sten, deputy):
            person.sees()
            await person.says("/leder")
            status, _ = await said_to(person)
            assert status in (0, 404)
            await person.says("/fortsaet")  # and nobody is stuck at a door that is closed
            assert "Hvem svarer du som?" in (await said_to(person))[1]


async def _label(person: Somebody, begins: str) -> str:
    if isinstance(person, OnPages):
        assert person.page is not None
        labels = [button.label for button in person.page.buttons()]
    else:
        assert isinstance(person, OnTelegram)
        labels = person.phone.buttons
    return next(label for label in labels if label.startswith(begins))


# --- what the steering group sees -------------------------------------------------------------------------

# How many are in, began and sent, in two steps: every kind of number, most of them small.
CROWD: tuple[tuple[Group, str | None, str | None, str | None, int, int], ...] = (
    (Group.FRIVILLIG, "nordby", None, None, 9, 7),
    (Group.FRIVILLIG, "havnen", None, None, 3, 2),
    (Group.FORENING, "nordby", "0-9", None, 2, 1),
    (Group.FORENING, "aadalen", "100+", None, 6, 6),
    (Group.BORGER, "soendermark", None, None, 1, 1),
    (Group.RAAD_CENTER, None, None, None, 3, 0),
    (Group.ANSAT, None, None, "boern_skole", 12, 8),
    (Group.ANSAT, None, None, "aeldre_sundhed", 4, 3),
    (Group.ANSAT, None, None, "kultur_fritid", 2, 2),
    (Group.ANSAT, None, None, "job_social", 6, 5),
    (Group.ANSAT, None, None, "teknik_miljoe", 1, 1),
    (Group.LEDER, None, None, "boern_skole", 4, 4),
    (Group.POLITIKER, None, None, None, 2, 2),
)


def _crowd(there: Cast, tx: Tx) -> None:
    """Straight into the tables: the counters are kept by their triggers."""
    process_host, now = there.town.runtime.process_host, int(there.town.clock.now)
    ours = process_host.plan(tx)
    for place, (group, area, size, department, begun, sent) in enumerate(CROWD):
        for n in range(begun):
            person_id = people.add(tx, ours.process_id, f"p{place:08x}{n:08x}", "da", now)
            people.accept_notice(tx, person_id, ours.notice.version, now)
            person = people.by_id(tx, person_id)
            assert person is not None
            tx.run(
                """UPDATE capacities SET stakeholder = :group, area = :area, size = :size, department = :department,
                                         front = :front WHERE person_id = :id""",
                group=str(group),
                area=area,
                size=size,
                department=department,
                front=int(n == 0) if group is Group.ANSAT else None,
                id=person_id,
            )
            for flow in ("linjer", "borger"):
                run = runs.start(tx, person_id, flow, ours.flows[flow].version, now)
                if n < sent:
                    runs.mark_sent(tx, run.id, now)
    for n in range(10):  # five on each side: what is counted of the group itself is no secret to it
        member = people.add(tx, ours.process_id, f"p5{n:015x}", "da", now)
        people.grant(tx, member, Role.STEERING, now, str(Group.FRIVILLIG if n % 2 else Group.ANSAT))
    for n in range(12):
        number = register.add(tx, ours.process_id, f"Forening {'abcdefghijkl'[n]}", "by-hand", now)
        tx.run("UPDATE parties SET invited_at = :now WHERE id = :id", now=now if n < 6 else None, id=number)


INNOCENT = re.compile(
    r"https?://\S+|\b[Tt]rin \d|\d\d\.\d\d|(\d+-\d+|100\+) frivillige|\d+\. \w+ \d{4}|20 30 40 50|under 25|under 5\b"
)

SMALL = re.compile(r"(?<![\w.,])[1-4](?![\w.,]?\d)")


@pytest.mark.parametrize("channel", CHANNELS)
async def test_the_steering_group_sees_no_answer_no_person_and_no_number_under_five(found: Found, channel: str) -> None:
    """Along every button of every panel they can reach, and in the pictures that are made there."""
    async with cast(found, channel, "steering", "leader") as there:
        await there.town.runtime.database.write(partial(_crowd, there))
        seen = await there.town.runtime.database.write(partial(_walk, there, "steering"))
        assert {path.partition("/")[0] for path in seen} == {
            "leder",
            "daekning",
            "mangler",
            "tilstand",
            "indstillinger",
            "raad",
            "del",
            "overblik",
        }
        pseudonyms = [pseudonym for (pseudonym,) in there.town.rows("SELECT pseudonym FROM people")]
        for path, text in seen.items():
            plain = INNOCENT.sub("", text)
            assert (path, SMALL.findall(plain)) == (path, []), plain
            assert SECRET not in text and WRITTEN not in text
            assert not [each for each in pseudonyms if each in text or f"…{each[-4:]}" in text]
        assert "i spring på 5" in seen["daekning"] and "i spring på 5" in seen["daekning/department"]
        # From the same set-up the leader sees what is hidden there.
        small = await there.town.runtime.database.write(partial(_walk, there, "leader", only="daekning"))
        assert SMALL.search(INNOCENT.sub("", small["daekning"])) and "Ordet få betyder" not in small["daekning"]


def _walk(there: Cast, name: str, tx: Tx, *, only: str = "") -> dict[str, str]:
    """Every panel that buttons lead to, by its path: all that stands in it."""
    seen: dict[str, str] = {}
    waiting = [only or "leder"]
    while waiting:
        path = waiting.pop(0)
        if path in seen or (only and not path.startswith(only)):
            continue
        panel = panel_navigation.go(there.session(tx, name), path)
        assert isinstance(panel, Panel)
        seen[path] = _text(panel)
        waiting += [button.to for row in panel.rows for button in row]
        if panel.asks is not None:
            panel_navigation.go(there.session(tx, name), panel.asks, PanelInput("x"))
    return seen


def _text(panel: Panel) -> str:
    pictures = [repr(make.args[:1]) for make in panel.makes if isinstance(make, partial) and "_picture" in repr(make)]
    table = json.dumps([panel.table.columns, panel.table.bands], ensure_ascii=False) if panel.table else ""
    labels = [button.label for row in panel.rows for button in row]
    return "\n".join([panel.title, *panel.body, *panel.notes, *labels, table, *pictures])


# --- the log ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CHANNELS)
async def test_every_use_of_a_right_over_others_is_in_the_log_and_the_leader_reads_it(
    found: Found, channel: str
) -> None:
    async with cast(found, channel, "leader", "steering") as there:
        leader, sten = there.people["leader"], there.people["steering"]
        await sten.says("/leder")
        await sten.taps("Hvem mangler at svare?")
        await sten.taps("Tilbage")  # which leads to how it goes
        await sten.taps("Gode råd fra guiden")
        await leader.says("/daekning")
        await leader.says("/leder")
        for label in ("Interessentlisten", "Tilbage", "Adgangslog"):
            await leader.taps(label)
        mine = await there.town.runtime.database.read(partial(_pseudonym, there, "leader"))
        stens = await there.town.runtime.database.read(partial(_pseudonym, there, "steering"))
        assert [(actor, action) for actor, action, _ in _rights_used(there.town)][-4:] == [
            (stens, "missing"),
            (stens, "coverage"),
            (stens, "advice"),
            (mine, "coverage"),
        ]
        text = (await said_to(leader))[1]
        for line in (
            f"Styregruppen …{stens[-4:]}: så, hvem der mangler at svare",
            f"Styregruppen …{stens[-4:]}: så, hvor mange der har svaret",
            f"Styregruppen …{stens[-4:]}: så guidens råd",
            f"Projektleder …{mine[-4:]}: så, hvor mange der har svaret",
            "Drift: lavede et åbent link",
        ):
            assert line in text
        assert SECRET not in text and PARTY not in text


def _pseudonym(there: Cast, name: str, tx: Tx) -> str:
    return there.session(tx, name).person.pseudonym


def test_every_action_that_is_logged_has_words() -> None:
    """Found in the code; the words themselves are asked for by `log.<action>`."""
    noted = {page.audited for page in PANELS.values() if page.audited}
    for path in Path("bot").rglob("*.py"):
        noted |= set(re.findall(r'audit\.note\([^)]*?"([a-z-]+)"', path.read_text(encoding="utf-8"), re.DOTALL))
    assert len(noted) > 12
    for language, action in itertools.product(LANGUAGES, sorted(noted)):
        assert texts.say(language, f"log.{action}")
