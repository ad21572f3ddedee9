"""A database that an earlier Besyv left in the middle of everything opens under this one, and everybody goes on.

What it holds is told in tests/support/lived.py. Here everything is done on people's channels and on the command line,
with the buttons, cookies and links that they were given then; what is stored is looked at by SQL alone.
"""

from __future__ import annotations

import io
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from tests.support.answers_file import by_column
from tests.support.chat import OnTelegram
from tests.support.danish_time import local
from tests.support.databases import FOLDER, KEPT, SQL, Reopened, on_database, reopened, restore
from tests.support.lived import (
    HALL,
    LEADS,
    LIST,
    MEETINGS,
    OPENING,
    does,
    keep,
    labels,
    live,
    skips,
)
from tests.support.mailbox import mailbox
from tests.support.visitors import entered

pytestmark = pytest.mark.story

# What was loaded before keeps the titles it had, to those who answer too.
PLAN, DIALOGUE = "Læg en plan", "Lokale dialogmøder: frivillige og foreninger"
STAFF = "Lokale dialogmøder: faggrupper"

MORNING = local("2026-03-20 09:05")  # messages wait for it since the evening
EVERYBODY = "Hvad svarer du som? Vælg det, der passer bedst."
FIRST = "Hvad ønsker du dig af politikken? Skriv ét ønske ad gangen."


# Their stories are told in the words of before the questions and titles were written anew.
before_the_rewriting = pytest.mark.parametrize("left", KEPT[:4], indirect=True)


@pytest.fixture(params=KEPT)
def left(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def town(left: str, tmp_path: Path, logged: io.StringIO) -> AsyncIterator[Reopened]:
    async with mailbox() as box, reopened(left, tmp_path, logged, box) as town:
        yield town


def rows(database: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return [tuple(row) for row in connection.execute(sql)]


@pytest.fixture
async def first(tmp_path: Path, logged: io.StringIO) -> AsyncIterator[Reopened]:
    """The oldest of them, where what has changed since then is to be seen."""
    async with mailbox() as box, reopened(KEPT[0], tmp_path, logged, box) as town:
        yield town


# --- the file ---------------------------------------------------------------------------------------------

SCHEMA = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"


def test_it_is_brought_to_the_schema_of_a_new_one_and_is_whole(left: str, tmp_path: Path, prepared: Path) -> None:
    restore(FOLDER / left, tmp_path)
    for command in ("coverage", "check"):  # the first brings it up; the other counts everything afresh
        code, _, wrong = on_database(tmp_path, command)
        assert (code, wrong) == (0, ""), command
    database, new = tmp_path / "besyv.db", prepared / "besyv.db"
    assert rows(database, "PRAGMA integrity_check") == [("ok",)]
    assert rows(database, "PRAGMA foreign_key_check") == []
    assert rows(database, "PRAGMA user_version") == rows(new, "PRAGMA user_version")
    assert rows(database, SCHEMA) == rows(new, SCHEMA)


# Of which table which column holds what, and what there is besides.
KINDS = (
    (
        "prompts",
        "screen",
        "ask correct doubt erase idle join language menu newer notice panel party paused reading receipt review",
    ),
    ("prompts", "channel", "telegram web"),
    ("roles", "role", "deputy facilitator leader steering"),
    ("invitations", "kind", "campaign personal role"),
    ("inbox", "state", "applied new settled"),
    ("outbox", "state", "due enough expired failed sent unreachable unwanted withdrawn"),
    ("reminders", "state", "done due expired withdrawn"),
    ("signups", "answer", "maybe no yes"),
    ("signups", "minutes", "absent confirmed objected"),
    ("meeting_words", "kind", "absent objection question"),
    ("parties", "source", "by-hand file suggestion template"),
    ("step_changes", "state", "open reading"),
)

THINGS = (
    "outbox WHERE state = 'due' AND leased_until > due_at",  # on its way
    "outbox WHERE joined IS NOT NULL",
    "outbox WHERE state = 'due' AND kind = 'meeting-moved'",
    "outbox WHERE state = 'due' AND kind = 'meeting-place'",
    "outbox WHERE state = 'sent' AND kind = 'step-opened'",
    "people WHERE source = 'table' AND behind > 1",
    "people WHERE stopped_at IS NOT NULL",
    "people JOIN addresses ON person_id = id GROUP BY id HAVING count(*) > 1",
    "addresses WHERE unreachable",
    "mailboxes WHERE confirmed_at IS NULL",
    "mailboxes WHERE refused_at IS NOT NULL",
    "signups WHERE answer = 'yes' AND NOT placed",
    "signups WHERE needs IS NOT NULL",
    "runs WHERE sent_at IS NULL AND flow <> 'start'",
    "runs WHERE sent_at IS NOT NULL AND flow <> 'start'",
    "meetings WHERE cancelled_at IS NOT NULL",
    "meetings WHERE file_digest IS NOT NULL",
    "meetings WHERE minutes_at IS NOT NULL",
    "meeting_drafts WHERE meeting = 0",
    "meeting_drafts WHERE meeting > 0",
    "sendings WHERE drafted_by IS NOT NULL",
    "sendings WHERE cancelled_at IS NOT NULL",
    "name_decisions WHERE party_id IS NULL",
    "name_decisions WHERE party_id IS NOT NULL",
    "delays WHERE over_at IS NOT NULL",
    "roles WHERE stands_for IS NOT NULL",
    "flow_versions WHERE version > 1",
)


EMPTY = (
    "sent_before",  # as soon as a database is open
    "contacts_before",  # the same
    "dispositions_told",  # the story has no two who disagree on a response
    "page_notes",  # erased as soon as the page is out
    "proof_links",  # nobody has a page opened for their chat
    "exceeded_budgets",  # there are not so many that a budget is used up
    "keys_to_erase",  # overwritten within a second
    "further_tally",  # no two speak for the same association
)

# Of the first two: what there was not yet. Nobody objected or showed a second thing; and of the first, nobody's words
# were in doubt, and nobody answered late or by letter.
_LATELY = ("question_drafts",)  # and of all of them: nobody made a question of a proposal
_SINCE_THEN = (
    *_LATELY,
    "objections",
    "declined_recipients",
    "proofs",
    "proof_codes",
    "proof_tries",
    "passkeys",
    "municipal_logins",
)
NOT_YET = dict.fromkeys(KEPT, _LATELY) | {
    KEPT[1]: _SINCE_THEN,
    KEPT[0]: (*_SINCE_THEN, "held_words", "late_links", "posted_entries", "receptions"),
}


def has_something_of_every_kind(folder: Path, not_yet: tuple[str, ...] = ()) -> None:
    database = folder / "besyv.db"
    tables = [str(name) for (name,) in rows(database, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    empty = {name for name in tables if rows(database, f"SELECT count(*) FROM {name}") == [(0,)]}
    assert empty <= {*EMPTY, *not_yet}
    for table, column, kinds in KINDS:
        found = rows(database, f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY 1")
        there = kinds.replace("doubt ", "") if "held_words" in not_yet else kinds
        assert " ".join(str(kind) for (kind,) in found) == there, (table, column)
    assert [what for what in THINGS if rows(database, f"SELECT 1 FROM {what} LIMIT 1") == []] == []


def test_there_is_something_of_every_kind_in_it(left: str, tmp_path: Path) -> None:
    restore(FOLDER / left, tmp_path)
    has_something_of_every_kind(tmp_path, NOT_YET.get(left, ()))


async def test_the_story_is_lived_under_this_besyv_too(tmp_path: Path, logged: io.StringIO) -> None:
    """So that the next one can be kept."""
    keep(await live(tmp_path, logged), tmp_path / "today")
    restore(tmp_path / "today", tmp_path)
    has_something_of_every_kind(tmp_path)


_MACHINES = tuple(f"/{folder}" for folder in ("tmp", "home", "root"))


def test_no_path_or_address_of_the_machine_that_made_it_stands_in_it(left: str) -> None:
    text = (FOLDER / left / SQL).read_text(encoding="utf-8")
    assert [word for word in (*_MACHINES, "127.0.0.1", "localhost") if word in text] == []


# --- the notice -------------------------------------------------------------------------------------------


async def test_the_notice_that_says_more_now_is_shown_before_anybody_goes_on_and_after_their_yes_they_do(
    tmp_path: Path, logged: io.StringIO
) -> None:
    async with mailbox() as box, reopened(KEPT[0], tmp_path, logged, box, asked_anew=True) as town:
        anna = town.person("Anna")
        shown = await does(anna, "Færdig")
        assert "Et høringssvar kan du rette og trække tilbage frem til fristen." in shown
        assert anna.phone.buttons == ["Jeg er med", "Læs om dine oplysninger", "English"]
        shown = await does(anna, "Jeg er med")  # to the old one she had said yes: what she did is not lost
        assert "3 af 7\n\nHvad skal der stå i politikken?" in shown


# --- questions --------------------------------------------------------------------------------------------

# Who, what they do with the buttons they had, and what they see then.
NEXT = {
    "Anna": (("Færdig",), "3 af 7\n\nHvad skal der stå i politikken?"),
    "Karl": (("> Vi vil have plads til alle", "Færdig"), "2 af 7\n\nHar I en idé, som kommunen bør prøve?"),
    "Tove": (("> Madlavning",), "3 af 4\n\nHvor i kommunen bor du, eller hvor er du aktiv?"),
    "Tom": (("The harbour",), "3 of 3\n\nMay we remind you of meetings and deadlines?"),
    "Per": (("Fortsæt",), f"1 af 7\n\n{FIRST}\n\n1 punkt er gemt\n• Varme i klubhuset"),
    "Fie": (("Færdig",), "2 af 7\n\nHar I en idé, som kommunen bør prøve?"),
    "Cai": (("Send",), "Du har ikke svaret på noget endnu, så der er ingen svar at sende."),  # all is passed by
    "Vagn": (("Trin 3: Indledende fællesmøder",), "Vi begynder på »Indledende fællesmøder«"),
    "Eva": (("Trin 1: Læg en plan",), f"Vi begynder på »{PLAN}«"),
    "Finn": (("Ret mine svar",), "Hvilke svar vil du se eller rette?"),
    "Gry": (("Trin 1: Læg en plan",), "Tjek dine svar"),
    "Hans": (("Brug de nye", "Enig"), "Hver forening har to faste personer at ringe til."),
    "Ida": (("English",), "The language is now English."),
    "Jens": (("Nej, behold dem",), "Intet er slettet."),
    "Kim": (("Jeg er med",), EVERYBODY),
    "Lis": (("Nordby Idrætsforening",), "1 af 7\n\nHvad ønsker I jer af politikken?"),
    "Mads": (("Fortsæt",), f"Læs spørgsmålene til »{STAFF}«"),
    "Jon": (("Nej",), f"1 af 7\n\n{FIRST}"),
    "Sten": (("Guidens råd",), "Rådene kommer fra guiden"),
    "Dea": (("Sæt dem på listen",), "1 nyt navn er sat på listen."),
}

# What is asked and seen otherwise by who came later.
SINCE = {
    "Tom": (("The harbour",), "3 of 3\n\nMay we write to you?"),
    "Cai": (("Send",), "Tak for dine svar"),
    "Dan": (("Det var til beskeden",), "Det, du skrev, er ikke gemt som svar."),
    "Olga": (("> Plads til bålet", "Færdig"), "2 af 7"),
}


@before_the_rewriting
async def test_who_was_in_the_middle_of_something_goes_on_with_the_buttons_they_had(left: str, town: Reopened) -> None:
    following = NEXT if left == KEPT[0] else {**NEXT, **SINCE}
    shown = {name: await goes_on(town.person(name), *acts) for name, (acts, _) in following.items()}
    assert {name: shown[name] for name, (_, expected) in following.items() if expected not in shown[name]} == {}


async def goes_on(person: OnTelegram, *acts: str) -> str:
    """With buttons wherever they stand; what was seen at the end."""
    for act in acts:
        person.sees()
        if act.startswith(("> ", "/")):
            await person.says(act.removeprefix("> "))
        else:
            await person.does(partial(person.phone.taps, act))
    return "\n\n".join(person.sees())


@before_the_rewriting
async def test_what_was_ticked_is_ticked_still_and_more_can_be(town: Reopened) -> None:
    bo = town.person("Bo")
    ticked = [label for label in labels(bo) if label.startswith("☑")]
    assert ticked == ["☑ Møde om aftenen", "☑ Svare på papir"]
    shown = await does(bo, "☐ Møde på nettet")
    assert "Dit svar nu: Møde om aftenen, Svare på papir, Møde på nettet" in shown
    await does(bo, "☑ Svare på papir", "Færdig")
    await skips(bo, "Send")
    assert "→ Møde om aftenen, Møde på nettet\n" in bo.phone.last.text


@before_the_rewriting
async def test_a_half_made_order_is_finished(town: Reopened) -> None:
    rita = town.person("Rita")
    assert "1. Flere skal være med\n2. Flere unge skal have lyst" in rita.phone.last.text
    await does(rita, "Vi skal kende hinanden", "Færdig")
    await skips(rita, "Send")
    finished = "→\n1. Flere skal være med\n2. Flere unge skal have lyst\n3. Vi skal kende hinanden"
    assert finished in rita.phone.last.text


@before_the_rewriting
async def test_a_message_edited_now_corrects_what_was_written_then(town: Reopened) -> None:
    anna = town.person("Anna")
    anna.sees()
    await anna.edits("Giv os en kop te", "Giv os en kop saft")
    assert "Dit svar er rettet." in "\n".join(anna.sees())
    assert "Giv os en kop saft" in await does(anna, "/ret", PLAN)


@before_the_rewriting
async def test_what_was_cut_off_is_done_once(town: Reopened) -> None:
    """Ulla's first answer was stored and its reply not sent; her second had only come in: whether it answers the
    question that she may not have seen, she is asked."""
    ulla = town.person("Ulla")
    told = [seen.text.splitlines()[2] for seen in ulla.phone.sees() if seen.by_bot][-2:]
    lost = "Forbindelsen var afbrudt, så jeg kan ikke se, om du havde læst denne besked, da du skrev."
    assert told == ["Hvad får dig til at blive ved som frivillig?", lost]
    await does(ulla, "Det er mit svar")
    await skips(ulla, "Send")
    for answer in ("Det skal være let at låne en nøgle", "Vennerne i klubben"):
        assert ulla.phone.last.text.count(f"→ {answer}") == 1


# --- at the pages -----------------------------------------------------------------------------------------


@before_the_rewriting
async def test_a_cookie_leads_back_to_the_open_question_which_is_answered_by_its_form(town: Reopened) -> None:
    wanda = await town.back_on_pages("Wanda")
    assert "Har du en idé, som kommunen bør prøve?" in "\n".join(wanda.sees())
    assert "Hvad skal der stå i politikken?" in await does(wanda, "> En lånecykel", "Færdig")


@pytest.mark.parametrize("left", KEPT[:2], indirect=True)
async def test_a_cookie_that_was_the_link_too_is_a_session_now_and_shows_the_link_still(town: Reopened) -> None:
    wanda = await town.back_on_pages("Wanda")
    secret = wanda.browser.cookies()["besyv"]
    own = str((await wanda.browser.get("/link")).find("//*[@id='link']")[0].text_content()).strip()
    assert own == f"{town.home}/s/{secret}"
    assert rows(town.folder / "besyv.db", "SELECT count(*) FROM personal_links WHERE secret IS NOT NULL") == [(0,)]
    code = await town.invites("leader")
    page = await wanda.browser.get(f"/i/{code}")
    await wanda.browser.press(page, page.find(f"//form[@action='/i/{code}']//button")[0])
    assert wanda.browser.cookies()["besyv"] != secret
    assert own == str((await wanda.browser.get("/link")).find("//*[@id='link']")[0].text_content()).strip()


async def test_a_review_is_sent_from_its_page(town: Reopened) -> None:
    willy = await town.back_on_pages("Willy")
    assert "Tjek jeres svar" in "\n".join(willy.sees())
    await does(willy, "Ret 1", "> En ren hal", "Færdig")
    assert "Tak for jeres svar" in await does(willy, "Send")


@before_the_rewriting
async def test_links_that_were_given_out_lead_where_they_led(town: Reopened) -> None:
    links = town.hands["links"]
    nora = town.person("Nora")
    assert "I svarer som: Forening, fordi linket hører til den gruppe." in await does(
        nora, f"/start {links['open']}", "Jeg er med"
    )
    mona = town.person("Mona")
    shown = await does(mona, f"/start {links['together']}", "Jeg er med", "Frivillig", "Idræt", "Nordby", "Nej")
    assert "Må den, der samler svarene for jeres forening, se dine svar?" in shown
    kaja = town.person("Kaja")
    assert "Du er nu medlem af styregruppen." in await does(kaja, f"/start {links['steering']}")
    assert "[Lokalområder]" in await does(kaja, "Jeg er med", "/daekning")
    eva = town.visitor("Eva")
    assert "Hvad vil du svare på?" in (await entered(eva.browser, links["Eva's own"])).main.text_content()
    wanda = town.person("Wanda on her phone")
    assert "Nu er dine svar også her." in await does(wanda, f"/start {links['to Telegram']}")
    assert "Har du en idé, som kommunen bør prøve?" in wanda.phone.last.text
    async with eva.browser.session.get(town.home + links["calendar"]) as response:
        assert (response.status, f"SUMMARY:{HALL}" in await response.text()) == (200, True)


# --- meetings ---------------------------------------------------------------------------------------------


@before_the_rewriting
async def test_a_half_planned_meeting_is_finished_and_people_are_invited(town: Reopened) -> None:
    lea = town.person("Lea")
    town.public.add("Sognegården")  # places of meetings are to be read by everybody
    shown = await does(lea, "Efter to timer", "> Sognegården", "Se hele mødet")
    for piece in ("Titel: Sommermøde i Ådalen", "Begynder: torsdag den 4. juni 2026 kl. 17.00", "Sted: Sognegården"):
        assert piece in shown
    assert "Mødet er oprettet." in await does(lea, "Se invitationen, før den bliver sendt", "Ja, opret mødet")
    await morning(town)
    assert "Invitation: Sommermøde i Ådalen" in town.person("Gry").phone.last.text


async def test_a_change_that_was_begun_is_finished(town: Reopened) -> None:
    shown = await does(town.person("Dea"), LEADS, MEETINGS, f"24. mar.: {HALL}", "Ret mødet")
    assert "• Pladser: 3 → 4" in shown
    assert "1 person fra ventelisten har fået plads." in await does(town.person("Dea"), "Ja, ret mødet")


@before_the_rewriting
async def test_who_waits_moves_up_when_somebody_stays_away(town: Reopened) -> None:
    """Dan had said so before the night, and Vagn is told in the morning; Anna says so now, and Wera waits no more."""
    assert "Tak for din besked. Du har meldt afbud." in await goes_on(town.person("Anna"), "Jeg kommer alligevel ikke")
    wera = await town.back_on_pages("Wera")
    assert "Du er tilmeldt mødet." in await does(wera, "/moeder", f"24. mar.: {HALL}")
    await morning(town)
    place = f"{PLACE}\n\nTid: tirsdag den 24. marts 2026 kl. 19.30"
    assert any(seen.text.startswith(place) for seen in town.person("Vagn").phone.sees())
    assert [mail.to for mail in town.box.mails if mail.message["subject"] == PLACE] == ["wera@nordby.example"]


async def test_what_is_kept_for_who_leads_a_meeting_is_read_still(town: Reopened) -> None:
    lea = town.person("Lea")
    await does(lea, LEADS, MEETINGS, f"24. mar.: {HALL}", "Se tilmeldinger")
    assert "• En teleslynge i salen" in await does(lea, "Se 1 særligt behov")
    shown = await does(lea, "Tilbage", "Læs 2 kommentarer")
    assert "• Hvornår får vi nye nøgler?" in shown and "• Husk de små foreninger" in shown
    shown = await does(lea, LEADS, MEETINGS, f"5. mar.: {OPENING}", "Skriv eller se referat", "Se svar fra deltagerne")
    assert "2. Kommunen betaler kaffen\n• Vi betaler selv for kaffen" in shown


# --- what goes out ----------------------------------------------------------------------------------------

PLACE, WHY = f"Du har fået en plads: {HALL}", "Du får denne besked, fordi {}."
FOR_THEM = "Du får denne invitation, fordi du er i målgruppen for mødet og har sagt ja til beskeder fra os."
COFFEE = "Tid: onsdag den 15. april 2026 kl. 17.00-19.00\nSted: Kulturhuset"
INVITED = f"Invitation: Kaffe på havnen\n\n{COFFEE}\n\n{FOR_THEM}"

MOVED = (
    "Mødet er flyttet: Åbent hus\n\nMødet har fået en ny tid eller et nyt sted. De nye oplysninger står her. "
    "Kan du stadig komme?\n\nTid: tirsdag den 14. april 2026 kl. 18.00-20.00\nSted: Rådhuset\n\n"
    f"{FOR_THEM.replace('invitation', 'besked')}"
)

HAS_A_PLACE = (
    f"{PLACE}\n\nTid: tirsdag den 24. marts 2026 kl. 19.30-21.30\nSted: Kulturhuset\n\nDu er tilmeldt mødet.\n\n"
    f"Kan du alligevel ikke komme, så meld afbud. Så går pladsen videre.\n\n{WHY.format('du stod på venteliste')}"
)

IN_THE_MORNING = {
    "Vagn": (HAS_A_PLACE, MOVED, INVITED),
    "Rita": (
        INVITED.replace("Du får denne invitation, fordi du er", "I får denne invitation, fordi I er").replace(
            "og har", "og har"
        ),
    ),
    **dict.fromkeys(("Anna", "Cai", "Dan", "Gry", "Vera"), (MOVED, INVITED)),
    **dict.fromkeys(
        ("Bo", "Eva", "Hans", "Ida", "Jens", "Jon", "Mads", "Mia", "Per", "Sten", "Stig", "Ulla"),
        (INVITED,),
    ),
}  # nobody else on Telegram wants messages, or can be reached; and they said yes to reminders alone


async def morning(town: Reopened) -> None:
    town.clock.now += 180  # whoever was sending when the machine stopped has given up by then
    await town.looks()
    town.clock.now = MORNING
    await town.looks()


async def test_everything_that_was_due_goes_out_once_in_the_morning_and_says_what_it_should(first: Reopened) -> None:
    people = {name: person for name, person in first._people.items() if isinstance(person, OnTelegram)}
    before = {name: len(person.phone.sees()) for name, person in people.items()}
    await morning(first)
    for later in (60, 600, 3600):
        first.clock.now += later
        await first.looks()
    came = {name: tuple(seen.text for seen in person.phone.sees()[before[name] :]) for name, person in people.items()}
    assert {name: texts for name, texts in came.items() if texts} == IN_THE_MORNING
    sent = sorted((mail.to.partition("@")[0], str(mail.message["subject"])) for mail in first.box.mails)
    assert sent == [
        ("wera", "Invitation: Kaffe på havnen"),
        ("wim", "Bekræft din mailadresse hos Eksempel Kommune"),  # was on its way when the machine stopped
    ]


@before_the_rewriting
async def test_the_week_goes_by_as_it_was_planned(town: Reopened) -> None:
    """Reminders of a deadline and of a meeting, three in seven days and no more; the overview when it was asked for."""
    names, told = ("Lea", "Dea", "Sten", "Anna", "Mia"), []
    await morning(town)
    for moment in ("03-20 16:00", "03-23 09:00", "03-23 19:30", "03-24 09:00", "03-27 09:00", "03-27 12:00"):
        for name in names:
            town.person(name).sees()
        town.clock.now = local(f"2026-{moment}")
        await town.looks()
        for name in names:
            told += [f"{moment} {name}: {text.partition(chr(10))[0]}" for text in town.person(name).sees()]
    assert told == [
        f"03-20 16:00 Anna: Husk at svare på »{DIALOGUE}«",
        f"03-20 16:00 Mia: Husk at svare på »{DIALOGUE}«",
        "03-23 09:00 Lea: Ugens overblik",
        f"03-23 19:30 Sten: Husk mødet: {HALL}",
        f"03-23 19:30 Anna: Husk mødet: {HALL}",
        f"03-23 19:30 Mia: Husk mødet: {HALL}",
        f"03-24 09:00 Anna: Husk mødet: {HALL}",
        "03-27 12:00 Sten: Ugens overblik",
    ]


# --- answers as one, and for others -----------------------------------------------------------------------


@before_the_rewriting
async def test_the_chair_sees_what_members_wrote_and_who_says_yes_now_is_added(town: Reopened) -> None:
    karl = town.person("Karl")
    shown = await does(karl, "/sammen", f"Jeres fælles svar: {DIALOGUE}")
    assert "2 medlemmer deler deres svar med jer." in shown
    assert f"{FIRST.replace('du dig', 'I jer')}\n• Bedre stole\n• Flere borde\n• Varme i klubhuset" in shown
    await does(town.person("Jon"), "Ja, det må de gerne", "> Et skilt ved vejen")
    shown = await does(karl, "Opdatér")
    assert "3 medlemmer deler deres svar med jer." in shown and "• Et skilt ved vejen" in shown
    assert "Medlemmerne har skrevet:\n1. Bedre stole\n2. Et skilt ved vejen" in await does(
        karl, "Skriv det fælles svar"
    )


@before_the_rewriting
async def test_a_tables_answers_are_taken_up_and_sent(town: Reopened) -> None:
    fie = town.person("Fie")
    assert "Skrives ind for: Et bord på et møde, 5 personer, Frivillig" in fie.phone.last.text
    await does(fie, "> Bordets ønske om et vandhul", "Færdig")
    await skips(fie, "Send")
    await does(fie, "Send")
    shown = await does(fie, "Luk indtastningen")
    assert "Du har indtastet svar 2 gange." in shown
    for behind in (5, 8):
        assert f"[✓ En gruppe på et møde, {behind} personer, Frivillig · Trin 4. {DIALOGUE}]" in shown


# --- who leads --------------------------------------------------------------------------------------------


async def test_the_register_goes_on_with_names_from_answers(first: Reopened) -> None:
    """And has the parties of the process file, which stood beside it until now."""
    lea = first.person("Lea")
    assert "[2 forslag fra deltagerne]" in await does(lea, LEADS, LIST)
    await does(lea, "2 forslag fra deltagerne", "Koret i Havnen (1)", "Sæt på listen")
    assert {name for (name,) in first.rows("SELECT name FROM parties")} == {
        "Besøgsvennerne i Havnen",
        "Cykelværkstedet",
        "Frivilligcentret",
        "Handicaprådet",
        "Koret i Havnen",
        "Menighedsrådene",
        "Nordby Idrætsforening",
        "Skakklubben i Søndermark",
        "Spejderne i Ådalen",
        "Ældrerådet",
    }


async def test_a_message_to_many_that_was_not_sent_yet_is_sent(town: Reopened) -> None:
    await town.runtime.database.write(lambda tx: tx.run("UPDATE people SET news = 1 WHERE reminders = 1"))  # asked anew
    dea = town.person("Dea")
    shown = await does(dea, LEADS, "Send besked til mange", "Ikke sendt endnu: Tak, fordi I kom")
    assert "Besked fra Eksempel Kommune\n\nTak, fordi I kom\n\n" in shown
    shown = await does(dea, next(label for label in labels(dea) if label.startswith("Ja, send den til")))
    assert "Beskeden er på vej." in shown
    await morning(town)
    told = [seen.text for seen in town.person("Bo").phone.sees() if seen.text.startswith("Besked fra")]
    assert [text.splitlines()[2] for text in told] == ["Husk sko til hallen", "Tak, fordi I kom"]


@pytest.mark.parametrize("left", KEPT[4:], indirect=True)
async def test_a_story_in_the_words_of_today_goes_on_and_is_counted(town: Reopened) -> None:
    await does(town.person("Rita"), "Det skal være let at være frivillig", "Færdig")
    await does(town.person("Anna"), "> Alle skal kunne være med")
    await does(town.person("Mia"), "> Lys på stien", "Færdig")
    await does(town.person("Cai"), "Send")
    await does(town.person("Jens"), "Ja, slet alt")
    await town.down()
    code, _, wrong = on_database(town.folder, "check")
    assert (code, wrong) == (0, "")
    assert on_database(town.folder, "export", "--format", "jsonl", "--out", str(town.folder / "svar.jsonl"))[0] == 0
    written = (town.folder / "svar.jsonl").read_text(encoding="utf-8")
    assert all(each in written for each in ("Alle skal kunne være med", "Bedre stole", "Lys på stien"))


async def test_the_counters_are_those_of_a_recount(town: Reopened) -> None:
    await town.down()
    code, _, wrong = on_database(town.folder, "check")
    assert (code, wrong) == (0, "")
    counted = rows(town.folder / "besyv.db", "SELECT sum(answers_sent) FROM tally WHERE flow <> ''")
    assert counted != [(0,)]


@before_the_rewriting
async def test_numbers_are_those_of_a_recount_and_the_export_holds_what_was_sent(town: Reopened) -> None:
    await does(town.person("Cai"), "Ret 1", "> Lys på stien", "Færdig", "Send")
    await goes_on(town.person("Anna"), "Færdig", "> Alle skal kunne være med")
    await town.down()
    code, _, wrong = on_database(town.folder, "check")  # which counts everything afresh
    assert (code, wrong) == (0, "")
    assert on_database(town.folder, "export", "--out", str(town.folder / "svar.csv"))[0] == 0
    answers = by_column((town.folder / "svar.csv").read_bytes().decode("utf-8-sig"))
    of = {(row["question"], row["text"]): row for row in answers}
    corrected = of["P2", "Giv os en kop te\nSpørg de unge"]
    assert (corrected["status"], corrected["revision"], corrected["group"]) == ("Sendt", "2", "Frivillig")
    assert of["P1", "Lyt dobbelt så meget, som I taler"]["status"] == "Sendt"
    assert of["D3", "Alle skal kunne være med"]["status"] == "Kladde"
    table = of["D1", "Bordets ønske om en scene"]
    assert (table["source"], table["people"], table["status"]) == ("En gruppe på et møde", "8", "Sendt")
    assert not [row for row in answers if "20 11 22 33" in row["text"]]  # that is kept apart
    assert on_database(town.folder, "contacts", "--out", str(town.folder / "kontakter.csv"))[0] == 0
    assert "Anna Lund, 20 11 22 33" in (town.folder / "kontakter.csv").read_text(encoding="utf-8-sig")


@before_the_rewriting
async def test_encrypted_anew_with_another_key_everything_reads_as_before(town: Reopened) -> None:
    await town.down()
    code, told, _ = on_database(town.folder, "rekey")
    assert code == 0 and told.endswith("values encrypted with a new key\n")
    await town.up()
    assert "Giv os en kop te" in await does(town.person("Anna"), "/ret", PLAN)


@before_the_rewriting
async def test_who_asks_for_it_is_gone_and_nobody_else(town: Reopened) -> None:
    who = "SELECT person_id FROM addresses WHERE address = ? AND channel = 'telegram'"
    [(jens,)] = town.rows(who, str(town.person("Jens").phone.id))
    before = {number for (number,) in town.rows("SELECT id FROM people")}
    assert "5 svar og alle andre oplysninger om dig er slettet." in await does(town.person("Jens"), "Ja, slet alt")
    assert before - {number for (number,) in town.rows("SELECT id FROM people")} == {jens}
    for (name,) in town.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
        for column in (column[1] for column in town.rows(f"PRAGMA table_info({name})")):
            if column in ("person_id", "chair_id", "facilitator_id", "drafted_by", "entered_by"):
                assert town.rows(f"SELECT count(*) FROM {name} WHERE {column} = ?", jens) == [(0,)], name
    assert EVERYBODY in await does(town.person("Jens"), "/start", "Jeg er med")
