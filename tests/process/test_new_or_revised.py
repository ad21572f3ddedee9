"""A policy that is new, or one that is revised: what is asked in each, and how every text names it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from textwrap import dedent

import pytest
import pytest_asyncio

from bot import texts
from bot.features import process_file
from bot.features.invitations import handouts
from bot.flows import engine, loader, survey_rules
from bot.flows.loader import PolicyKind
from bot.flows.model import LANGUAGES, MAX_QUESTIONS_ON_A_PATH, RESPONDENTS, Flow, Group, Language, Respondent
from bot.flows.outline import AUDIENCES, asked_of
from bot.flows.yamltext import Faulty
from bot.process.file import ProcessFile, QuestionsText, stored
from bot.process.flows import asked_only_in, flow_faults, shipped_flows
from bot.process.host import ProcessHost
from bot.process.loading import example, parse_file, with_questions
from bot.process.notice import notice_of
from bot.process.plan import Plan
from bot.process.policy_words import makes_policy, the_policy
from storage.db import Database
from storage.encryption import Keyring
from tests.support.example import NOW, of_example, planned

POLICY = 'policy:\n  kind: new  # eller revision\n  da: "frivilligpolitik"\n'
ADDRESS = "https://eksempel.example/politik"
TODAY = (
    f'  today: "Frivilligpolitik 2022-2026"\n  today_en: "Volunteering policy 2022-2026"\n  today_link: "{ADDRESS}"\n'
)
REVISED = POLICY.replace("new", "revision", 1)

# A policy called new, in Danish and English, and what is said of one that is there today.
CALLED_NEW = re.compile(r"\b(?:nye?|helt ny)\s+(?:\{\w+\}|\w*politik)|\bnew\s+(?:\{\w+\}|\w*\s?policy)", re.IGNORECASE)
CALLED_REVISED = re.compile(
    r"\brevi[ds]\w* (?:sin |its )?(?:\{\w+\}|\w*politik|\w*\s?policy)"
    r"|politik(?:ken)?,? (?:vi har )?i dag|policy (?:that we have )?today",
    re.IGNORECASE,
)


def with_policy(text: str) -> ProcessFile:
    """The example with another beginning of its policy. Raises Faulty."""
    assert POLICY in example()
    return parse_file(example().replace(POLICY, text, 1), "example.yaml")


def revised() -> ProcessFile:
    return with_policy(REVISED + TODAY)


def flows_of(file: ProcessFile) -> dict[str, Flow]:
    return {flow.flow: flow for flow in shipped_flows(file)}


def ids(flow: Flow, respondent: Respondent) -> list[str]:
    """Everything they can be asked, follow-ups too, in order."""
    return [question.id for question in flow if not respondent.audiences.isdisjoint(question.who)]


EVERYBODY = [each for each in RESPONDENTS if each.group is not Group.STYREGRUPPE]  # who is asked as what they are


# --- which questions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("respondent", EVERYBODY, ids=lambda r: f"{r.group}{'-front' if r.front else ''}")
def test_in_a_revision_everybody_is_asked_what_works_today_and_what_to_change(respondent: Respondent) -> None:
    asked = ids(flows_of(revised())["linjer"], respondent)
    assert asked[:2] == ["L9", "L10"]
    assert {"L1", "L7"}.isdisjoint(asked)
    of_new = ids(flows_of(of_example())["linjer"], respondent)
    assert "L7" in of_new and {"L9", "L10"}.isdisjoint(of_new)


def test_who_does_not_know_todays_policy_is_not_asked_what_to_change_and_who_passes_is() -> None:
    flow, citizen = flows_of(revised())["linjer"], Respondent(group=Group.BORGER)
    unknown = engine.Answer("L9", keys=("kender_ikke",))
    assert [q.id for q in engine.path(flow, citizen, {"L9": unknown})] == ["L9", "L8", "X1"]
    for said in (engine.Answer("L9", (engine.Part("Kontaktpersonen"),)), engine.Answer("L9", skipped=True)):
        assert [q.id for q in engine.path(flow, citizen, {"L9": said})] == ["L9", "L10", "L8", "X1"]


def test_with_its_follow_ups_the_step_that_the_kind_changes_has_seven_questions_at_most() -> None:
    linjer = flows_of(revised())["linjer"]
    assert max(len(asked_of(linjer, audience)) for audience in AUDIENCES) == MAX_QUESTIONS_ON_A_PATH


def test_the_kind_changes_the_lines_and_two_wordings_and_nothing_else() -> None:
    new, other = flows_of(of_example()), flows_of(with_policy(REVISED))
    assert list(new) == list(other)
    assert {key for key in new if new[key] != other[key]} == {"linjer", "hoering", "vedtagelse"}
    assert asked_only_in(PolicyKind.NEW) == {"linjer": ("L1", "L7")}
    assert asked_only_in(PolicyKind.REVISION) == {"linjer": ("L9", "L10")}


def test_a_revisions_questions_are_in_order_and_nothing_could_be_said_better() -> None:
    flows = shipped_flows(revised())
    assert flow_faults(flows) == []
    said = [text for flow in flows for question in flow for text in (question.text.da, question.text.da_jer) if text]
    new = {question.text.da for flow in shipped_flows(of_example()) for question in flow}
    assert [found for text in said if text not in new for found in survey_rules.findings(text)] == []


def test_todays_policy_stands_before_the_question_about_it_as_far_as_it_is_told_of() -> None:
    def shown(text: str) -> tuple[str, str] | None:
        shows = flows_of(with_policy(REVISED + text))["linjer"].question("L9").shows
        return None if shows is None else (shows.da, shows.en)

    name, name_en, link = TODAY.splitlines(keepends=True)
    read, read_en = f"Læs politikken her: {ADDRESS}", f"Read the policy here: {ADDRESS}"
    assert shown("") is None
    assert shown(link) == (read, read_en)
    danish = "Politikken i dag: Frivilligpolitik 2022-2026"
    assert shown(name) == (danish, "The policy today: Frivilligpolitik 2022-2026")
    assert shown(name + name_en + link) == (
        f"{danish}\n{read}",
        f"The policy today: Volunteering policy 2022-2026\n{read_en}",
    )


def test_the_municipalitys_own_file_changes_what_is_asked_in_either_kind_and_it_stays_of_that_kind() -> None:
    text = """
        steps:
          - flow: linjer
            questions:
              - {id: L9, text: {da: "Hvad i politikken er godt for Nordby?", en: "What is good for Nordby?"}}
              - {id: L10, switched_off: true}
              - {id: L1, after: L2}
    """
    own = QuestionsText(name="egne.yaml", text=dedent(text))
    new, other = (flows_of(with_questions(file, own))["linjer"] for file in (of_example(), revised()))
    assert [question.id for question in new][:2] == ["L2", "L1"]
    assert {"L9", "L10"}.isdisjoint(question.id for question in new)
    assert other.question("L9").text.da == "Hvad i politikken er godt for Nordby?"
    assert {"L1", "L7", "L10"}.isdisjoint(question.id for question in other)


# --- how it is named --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_names_the_policy_as_new_or_revised_but_those_that_all_others_are_filled_with(
    language: Language,
) -> None:
    named = {}
    for message in texts.catalogue(language):
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if message.id and any(CALLED_NEW.search(form) or CALLED_REVISED.search(form) for form in forms):
            named[str(message.id)] = forms
    assert sorted(named) == [
        *("policy.makes.new", "policy.makes.revision", "policy.the.new", "policy.the.revision"),
        *("policy.today",),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_a_revision_calls_the_policy_new_and_none_of_a_new_one_speaks_of_todays(language: Language) -> None:
    def told(file: ProcessFile) -> Iterator[str]:
        yield from notice_of(file).everything()
        yield from (the_policy(file, language), makes_policy(file, language))
        for flow in shipped_flows(file):
            wordings = [flow.title, flow.title_at_work, *(question.text for question in flow)]
            wordings += [question.shows for question in flow if question.shows is not None]
            wordings += [choice.label for question in flow for choice in question.choices]
            yield from (form for wording in wordings for form in wording.forms)

    assert [text for text in told(revised()) if CALLED_NEW.search(text)] == []
    assert [text for text in told(of_example()) if CALLED_REVISED.search(text)] == []
    assert [text for text in told(revised()) if CALLED_REVISED.search(text)]
    assert [text for text in told(of_example()) if CALLED_NEW.search(text)]


@pytest.mark.parametrize("name", ["revision-forening", "revision-english"])
def test_nothing_in_a_whole_conversation_of_a_revision_calls_the_policy_new(name: str) -> None:
    said = (Path(__file__).parents[1] / "conversations" / "transcripts" / f"{name}.txt").read_text("utf-8")
    assert [line for line in said.splitlines() if CALLED_NEW.search(line)] == []
    assert CALLED_REVISED.search(said)


def test_no_template_and_no_code_names_it_either() -> None:
    root = Path(texts.__file__).parents[2]
    files = [*root.glob("bot/**/*.py"), *root.glob("bot/**/*.html"), *root.glob("reports/**/*.py")]
    strings = re.compile(r'"[^"\n]*"')
    wrong = [
        f"{file.name}: {said}"
        for file in files
        for said in strings.findall(file.read_text("utf-8"))
        if CALLED_NEW.search(said) and "«" not in said
    ]
    assert wrong == []


@pytest.mark.parametrize(("kind", "said"), [(POLICY, "den nye"), (REVISED, "den reviderede")], ids=["new", "revised"])
def test_a_poster_says_which_it_is(kind: str, said: str) -> None:
    plan = planned(with_policy(kind))
    poster = handouts.poster(ProcessHost("eksempel", "https://by.example"), plan, "abc", "linjer", None, NOW)
    assert poster.heading == f"Vær med til at forme {said} frivilligpolitik"


# --- older files, and switching ---------------------------------------------------------------------------


def test_a_file_that_says_nothing_and_a_process_of_before_are_of_a_new_policy_to_the_letter() -> None:
    silent = with_policy(POLICY.replace("  kind: new  # eller revision\n", ""))
    assert silent == of_example()
    older = json.loads(silent.model_dump_json())
    for name in ("kind", "today", "today_en", "today_link"):
        del older["policy"][name]
    for name in ("the_department", "departments"):
        del older["words"][name]
    assert stored(json.dumps(older)) == of_example()
    told = "\n".join(notice_of(of_example()).everything())  # as before there was a switch
    assert "Vi bruger dine svar til at lave den nye frivilligpolitik." in told
    assert "We use your answers to make the new volunteering policy." in told


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = await Database.open(tmp_path / "besyv.db", Keyring.open_or_create(tmp_path / "keys"))
    yield made
    await made.close()


async def load(database: Database, file: ProcessFile) -> Plan:
    await database.write(lambda tx: process_file.save(tx, file, shipped_flows(file), NOW))
    return await database.read(ProcessHost("eksempel", "https://by.example").plan)


async def test_switching_makes_new_versions_and_asks_for_a_new_yes_and_switching_back_is_as_before(
    database: Database,
) -> None:
    first = await load(database, of_example())
    there = await load(database, with_policy(REVISED))
    back = await load(database, of_example())
    changed = ("linjer", "hoering", "vedtagelse")
    for plan, version in ((first, 1), (there, 2), (back, 3)):
        assert {key: each.version for key, each in plan.flows.items()} == {
            key: version if key in changed else 1 for key in first.flows
        }
    assert loader.digest(back.flows["linjer"].flow) == loader.digest(first.flows["linjer"].flow)
    assert there.notice.version != first.notice.version == back.notice.version


async def test_what_is_told_of_todays_policy_is_no_part_of_the_notice(database: Database) -> None:
    bare, told = await load(database, with_policy(REVISED)), await load(database, revised())
    assert told.notice.version == bare.notice.version
    assert {key for key in told.flows if told.flows[key].version != bare.flows[key].version} == {"linjer"}


# --- what is refused --------------------------------------------------------------------------------------

LINE = example()[: example().index(POLICY)].count("\n") + 1
ONLY_IN_A_REVISION = "there is a policy today in a revision alone: write `kind: revision`"


@pytest.mark.parametrize(
    ("text", "at", "fault"),
    [
        (
            REVISED.replace("revision", "revised", 1),
            1,
            "policy.kind: must be 'new' or 'revision'; do you mean revision?",
        ),
        (POLICY + '  today: "Politik"\n', 3, f"policy.today: {ONLY_IN_A_REVISION}"),
        (POLICY + f'  today_link: "{ADDRESS}"\n', 3, f"policy.today_link: {ONLY_IN_A_REVISION}"),
        (
            REVISED + '  today_en: "Policy"\n',
            3,
            "policy.today_en: write what it is called in Danish too, in `today`",
        ),
        (
            REVISED + '  today_link: "http://by.example"\n',
            3,
            "policy.today_link: must be an address that begins with https://",
        ),
    ],
)
def test_what_does_not_fit_the_kind_is_refused_at_its_line(text: str, at: int, fault: str) -> None:
    with pytest.raises(Faulty) as refused:
        with_policy(text)
    assert refused.value.faults == (f"example.yaml:{LINE + at}: {fault}",)
