"""The process file: the shipped example, and that a fault says in which file, line and field it is."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from bot.flows import engine, schedule
from bot.flows.file_faults import FileFault
from bot.flows.model import RESPONDENTS, Flow, Respondent
from bot.flows.schedule import SendingHours
from bot.flows.yamltext import Faulty
from bot.process import plan
from bot.process.file import ProcessFile, QuestionsText
from bot.process.flows import flow_faults, flow_keys, lists_offered, shipped_flows
from bot.process.loading import example, parse_file, read_file, with_questions
from bot.process.plan import State
from tests.support.example import NOW, of_example, planned

SMALL = """\
process: proeve
municipality:
  name: "Prøve Kommune"
policy:
  da: "frivilligpolitik"
  en: "volunteering policy"
contacts:
  email: "frivillig@proeve.example"
  phone: "20 30 40 50"
  dpo: "dpo@proeve.example"
  supplier: "Prøve Drift"
deletion_date: 2027-06-01
areas:
  - {key: nordby, da: "Nordby"}
  - {key: havnen, da: "Havnen"}
steps:
  - flow: plan
    opens: "2026-03-03 19:00"
    closes: "2026-04-03 12:00"
  - flow: borger
"""


def numbered(name: str, most: int) -> str:
    """So many entries of a list."""
    return "".join(f'  - {{key: n{number}, da: "{name} {number}"}}\n' for number in range(most))


def small(old: str = "", new: str = "") -> str:
    assert old in SMALL
    return SMALL.replace(old, new, 1) if old else SMALL


# --- the example ------------------------------------------------------------------------------------------


def test_the_example_is_in_order() -> None:
    file = parse_file(example(), "example.yaml")
    assert file.process == "eksempel"
    assert flow_faults(shipped_flows(file)) == []


def test_the_example_uses_every_list_there_is() -> None:
    """All but the hearing's responses, which come when there has been a hearing, and today's policy, for it is new."""
    material = of_example().material
    left_out = [name for name in type(material).model_fields if not getattr(material, name)]
    assert left_out == ["responses", "policy_today"]
    assert {flow.flow for flow in shipped_flows(of_example())} == {*flow_keys()} - {"justering"}


@pytest.mark.parametrize("respondent", RESPONDENTS, ids=lambda r: f"{r.group}{'-front' if r.front else ''}")
def test_the_example_has_something_to_answer_for_everyone(respondent: Respondent) -> None:
    found = planned(of_example()).open_for(respondent, NOW)
    assert found
    assert all(engine.path(flow, respondent, {}) for flow in found)


@pytest.mark.parametrize(
    ("flow", "state"),
    [
        ("plan", State.CLOSED),
        ("linjer", State.OPEN),
        ("dialog_frivillige", State.OPEN),
        ("dialog_fag", State.OPEN),
        ("borger", State.OPEN),
        ("opfoelgning", State.OPEN),
        ("hoering", State.AHEAD),
        ("vedtagelse", State.AHEAD),
        ("faelles", State.OFF),
        ("afdaek", State.OFF),
    ],
)
def test_the_example_shows_a_step_in_every_state(flow: str, state: State) -> None:
    assert planned(of_example()).state(flow, NOW) is state


def test_the_example_deletes_after_the_last_deadline() -> None:
    closes = [step.closes_at for step in of_example().steps if step.closes_at is not None]
    assert plan.deletion_at(of_example()) > max(closes)


def test_every_step_the_example_has_switched_off_can_be_switched_on() -> None:
    """Taking `#` away from a step leaves a file that can be used."""
    switched_on = re.sub(r"(?m)^  # (- \{flow: )", r"  \1", example())
    file = parse_file(switched_on, "example.yaml")
    assert {step.flow for step in file.steps} == {*flow_keys()} - {"start"}
    assert shipped_flows(file)


# --- a file of one's own ----------------------------------------------------------------------------------


def test_the_least_there_must_be_is_enough() -> None:
    file = parse_file(small(), "proeve.yaml")
    assert [step.flow for step in file.steps] == ["plan", "borger"]
    assert (file.words.council, file.draft.sections) == ("byråd", ())


def test_a_list_that_is_missing_leaves_out_what_it_would_have_filled() -> None:
    flows = {flow.flow: flow for flow in shipped_flows(parse_file(small(), "proeve.yaml"))}
    assert _ids(flows["start"]) == ["S1", "S2", "S3", "S5", "S6", "S7"]  # no departments: no S4
    assert "L4" not in _ids(flows["linjer"])
    assert {"sammenskriv", "tilbagemelding", "justering"}.isdisjoint(flows)


def _ids(flow: Flow) -> list[str]:
    return [question.id for question in flow]


def test_opening_hours_are_danish_time() -> None:
    step = parse_file(small(), "proeve.yaml").steps[0]
    assert step.opens_at == datetime(2026, 3, 3, 18, 0, tzinfo=UTC).timestamp()
    assert step.closes_at == datetime(2026, 4, 3, 10, 0, tzinfo=UTC).timestamp()


def test_a_file_survives_the_way_through_the_database() -> None:
    file = of_example()
    assert ProcessFile.model_validate_json(file.model_dump_json()) == file


@pytest.mark.parametrize("phone", ["20304050", "20 30 40 50", "+45 20 30 40 50", "+4520304050"])
def test_a_phone_number_may_be_written_as_people_write_it(phone: str) -> None:
    assert parse_file(small("20 30 40 50", phone), "proeve.yaml").contacts.phone == phone


EMAIL = "is no e-mail address"
PHONE = "is no Danish telephone number of eight digits"
UNCLOSED = 'the quotation mark (") of this line is not closed. Write " after the text'
A_TEXT = 'must be a text: put it in quotation marks ("…")'
MOMENT = "write day and time as 2026-03-03 19:00, in Danish time"
STEP = 'flow: plan\n    opens: "2026-03-03 19:00"\n    closes: "2026-04-03 12:00"'

FAULTY = {
    "no email": (small('  email: "frivillig@proeve.example"\n'), "7: contacts.email: this field is missing"),
    "no DPO": (small('  dpo: "dpo@proeve.example"\n'), "7: contacts.dpo: this field is missing"),
    "no supplier": (small('  supplier: "Prøve Drift"\n'), "7: contacts.supplier: this field is missing"),
    "an empty supplier": (
        small('"Prøve Drift"', '"  "'),
        "11: contacts.supplier: must have at least 1 character",
    ),
    "no @": (small("frivillig@", "frivillig."), f"8: contacts.email: {EMAIL}"),
    "seven digits": (small("20 30 40 50", "20 30 40 5"), f"9: contacts.phone: {PHONE}"),
    "no subscriber has 1": (small("20 30 40 50", "10 30 40 50"), f"9: contacts.phone: {PHONE}"),
    "a phone number read as a number": (
        small('"20 30 40 50"', "20304050"),
        f"9: contacts.phone: {A_TEXT}",
    ),
    "a day without a time": (small('"2026-04-03 12:00"', '"2026-04-03"'), f"19: steps[0].closes: {MOMENT}"),
    "a day there is not": (small("2026-04-03", "2026-02-30"), f"19: steps[0].closes: {MOMENT}"),
    "another zone": (small("03 19:00", "03 19:00+00:00"), f"18: steps[0].opens: {MOMENT}"),
    "closes before it opens": (
        small("2026-04-03 12:00", "2026-03-03 18:59"),
        "17: steps[0]: plan closes before it opens",
    ),
    "closes as it opens": (
        small("2026-04-03 12:00", "2026-03-03 19:00"),
        "17: steps[0]: plan closes before it opens",
    ),
    "a step twice": (small("flow: borger", "flow: plan"), "20: steps[1].flow: plan stands twice"),
    "an area twice": (small("key: havnen", "key: nordby"), "15: areas[1].key: nordby stands twice"),
    "an area that means that one does not answer": (
        small("key: havnen", "key: vil_ikke_svare"),
        "15: areas[1].key: vil_ikke_svare means something else in the answers to S6: take another key",
    ),
    "an area that one does not know": (
        small("key: havnen", "key: ved_ikke"),
        "15: areas[1].key: ved_ikke means something else in the answers to S6: take another key",
    ),
    "an area called other": (
        small("key: havnen", "key: andet"),
        "15: areas[1].key: andet means something else in the answers to S6: take another key",
    ),
    "a department called other": (
        small("areas:\n", 'departments:\n  - {key: andet, da: "Andre"}\nareas:\n'),
        "14: departments[0].key: andet means something else in the answers to S4: take another key",
    ),
    "a policy area called all": (
        small("areas:\n", 'policy_areas:\n  - {key: alle, da: "Alle"}\nareas:\n'),
        "14: policy_areas[0].key: alle means something else in the answers to L2: take another key",
    ),
    "a policy area called other": (
        small("areas:\n", 'policy_areas:\n  - {key: andet, da: "Andet"}\nareas:\n'),
        "14: policy_areas[0].key: andet means something else in the answers to L2: take another key",
    ),
    "a goal called other": (
        small("areas:\n", 'goals:\n  - {key: andet, da: "Noget andet"}\nareas:\n'),
        "14: goals[0].key: andet means something else in the answers to L4: take another key",
    ),
    "a party called other": (
        small("areas:\n", 'parties:\n  - {key: andet, da: "Andre"}\nareas:\n'),
        "14: parties[0].key: andet means something else in the answers to C1: take another key",
    ),
    "too many areas to choose from": (
        small("areas:\n", f"areas:\n{numbered('Område', 22)}"),
        "37: areas[23]: 24 are too many to choose from in S6: at most 23",
    ),
    "too many departments to choose from": (
        small("areas:\n", f"departments:\n{numbered('Afdeling', 25)}areas:\n"),
        "38: departments[24]: 25 are too many to choose from in S4: at most 24",
    ),
    "a key with æ": (
        small("key: havnen", "key: hævn"),
        "15: areas[1].key: use small letters without æ, ø and å, digits and _, as haevn",
    ),
    "an unknown field": (
        small("deletion_date", "slettedato: 2027-06-01\ndeletion_date"),
        "12: slettedato: there is no such field",
    ),
    "an unknown field in a step": (
        small("flow: borger", "flow: borger\n    lukker: i morgen"),
        "21: steps[1].lukker: there is no such field",
    ),
    "no deletion date": (small("deletion_date: 2027-06-01\n"), "1: deletion_date: this field is missing"),
    "no steps": (SMALL[: SMALL.index("steps:")], "1: steps: this field is missing"),
    "a bare no": (
        small('da: "Havnen"', "da: no"),
        '15: areas[1].da: no is unclear: write "no" for the word, true or false for a switch',
    ),
    "a switch for a name": (small('"Havnen"', "true"), f"15: areas[1].da: {A_TEXT}"),
    "a field twice": (small("deletion_date", "process: to\ndeletion_date"), "12: process: stands twice"),
    "a tab": (small("  name", "\tname"), "3: has a tab; use spaces"),
    "a quote that is not closed": (
        small("borger\n", 'borger"\n  "'),
        f"21: {UNCLOSED}",
    ),
    "an empty file": ("", "1: the file is empty"),
    "a list": ("- process: proeve\n", "1: the file begins with the name of a field and a colon, like `steps:`"),
}


@pytest.mark.parametrize(("text", "fault"), FAULTY.values(), ids=FAULTY)
def test_a_fault_says_file_line_and_field(text: str, fault: str) -> None:
    with pytest.raises(Faulty) as caught:
        parse_file(text, "proeve.yaml")
    assert caught.value.faults == (f"proeve.yaml:{fault}",)


@pytest.mark.parametrize(("name", "most"), [("areas", 23), ("departments", 24), ("policy_areas", 20), ("goals", 5)])
def test_a_list_as_long_as_it_may_be_is_offered_whole(name: str, most: int) -> None:
    """Also by the question that has choices of its own behind it."""
    text = re.sub(r"areas:\n(  - .*\n)*", f"{name}:\n{numbered('Navn', most)}", small())
    offered = [
        question
        for flow in shipped_flows(parse_file(text, "proeve.yaml"))
        for question in flow
        if {f"n{number}" for number in range(most)} <= {choice.key for choice in question.choices}
    ]
    assert [question.id for question in offered] == [lists_offered()[name].question]  # type: ignore[index]  # one of them


def test_where_the_parties_are_too_many_to_choose_from_the_steering_group_names_them_in_its_own_words() -> None:
    def asked(most: int) -> list[str]:
        file = parse_file(small("areas:\n", f"parties:\n{numbered('Forening', most)}areas:\n"), "proeve.yaml")
        assert len(file.parties) == most  # who is on the register is not shortened
        return _ids(next(flow for flow in shipped_flows(file) if flow.flow == "opfoelgning"))

    assert asked(24) == ["C1", "C2", "C3", "C4"]
    assert asked(25) == asked(400) == ["C1b", "C2", "C3", "C4"]
    assert asked(1) == ["C2", "C3", "C4"]


def test_who_has_switched_off_the_question_of_the_parties_is_not_asked_the_one_that_stands_in_for_it() -> None:
    off = QuestionsText(
        name="egne.yaml", text="steps: [{flow: opfoelgning, questions: [{id: C1, switched_off: true}]}]"
    )
    file = parse_file(small("areas:\n", f"parties:\n{numbered('Forening', 30)}areas:\n"), "proeve.yaml")
    flows = {flow.flow: flow for flow in shipped_flows(with_questions(file, off))}
    assert _ids(flows["opfoelgning"]) == ["C2", "C3", "C4"]


def test_every_fault_is_told_at_once() -> None:
    text = small("frivillig@", "frivillig.").replace("20 30 40 50", "1")
    text = text.replace("2026-04-03 12:00", "i morgen")
    with pytest.raises(Faulty) as caught:
        parse_file(text, "proeve.yaml")
    assert caught.value.faults == (
        f"proeve.yaml:8: contacts.email: {EMAIL}",
        f"proeve.yaml:9: contacts.phone: {PHONE}",
        f"proeve.yaml:19: steps[0].closes: {MOMENT}",
    )


# --- meetings, reminders, hours ---------------------------------------------------------------------------

MEETING = """\
meetings:
  - key: nordby
    kind: volunteers
    title: "Dialogmøde i Nordby"
    place: "Kulturhuset"
    starts: "2026-03-17 19:00"
    ends: "2026-03-17 21:00"
"""

TOKENS = "must be days, hours, morning or half, as 7d, 12h, morning"
ENCODING = 'is not saved as UTF-8. In Notepad: "Save as", and choose UTF-8 under "Encoding"'
HOURS = 'write hours as "9-20", or "none"'


def meeting(old: str = "", new: str = "") -> str:
    """The small file with one meeting, which begins in line 22."""
    assert old in MEETING
    return SMALL + (MEETING.replace(old, new, 1) if old else MEETING)


def and_a_field(line: str) -> str:
    """In line 28 or 29."""
    return meeting() + f"    {line}\n"


FAULTY_MEETINGS = {
    "no title": (meeting('    title: "Dialogmøde i Nordby"\n'), "22: meetings[0].title: this field is missing"),
    "no beginning": (meeting('    starts: "2026-03-17 19:00"\n'), "22: meetings[0].starts: this field is missing"),
    "neither place nor link": (
        meeting('    place: "Kulturhuset"\n'),
        "22: meetings[0]: nordby needs a place or a link",
    ),
    "ends before it starts": (meeting("21:00", "18:59"), "22: meetings[0]: nordby ends before it starts"),
    "ends as it starts": (meeting("21:00", "19:00"), "22: meetings[0]: nordby ends before it starts"),
    "a day without a time": (meeting("2026-03-17 19:00", "2026-03-17"), f"26: meetings[0].starts: {MOMENT}"),
    "an unknown kind": (
        meeting("volunteers", "party"),
        "23: meetings[0].kind: must be 'opening', 'volunteers', 'staff', 'steering' or 'other'",
    ),
    "a link that is not https": (
        and_a_field('link: "http://moede.example"'),
        "28: meetings[0].link: must be an address that begins with https://",
    ),
    "sign-ups after it has started": (
        and_a_field('signup_until: "2026-03-17 19:01"'),
        "22: meetings[0]: nordby takes sign-ups after it has started",
    ),
    "no room": (
        and_a_field("capacity: 0"),
        "28: meetings[0].capacity: must be greater than or equal to 1",
    ),
    "a group there is not": (
        and_a_field("groups: [frivillig, alle]"),
        "28: meetings[0].groups[1]: must be 'frivillig', 'forening', 'ansat', 'leder', 'politiker', "
        "'raad_center', 'borger' or 'styregruppe'",
    ),
    "an area there is not": (and_a_field("areas: [nordby, byen]"), "28: meetings[0].areas: byen is none of the areas"),
    "a reminder there is not": (
        and_a_field('reminders: ["7d", "en uge"]'),
        f"28: meetings[0].reminders[1]: {TOKENS}",
    ),
    "an unknown field": (and_a_field('room: "2"'), "28: meetings[0].room: there is no such field"),
    "a key twice": (
        meeting() + MEETING.removeprefix("meetings:\n"),
        "28: meetings[1].key: nordby stands twice",
    ),
    "a reminder of a hearing that there is not": (
        SMALL + 'reminders:\n  hearing: ["half", "61d"]\n',
        f"22: reminders.hearing[1]: {TOKENS}",
    ),
    "never enough": (
        SMALL + "reminders:\n  most_per_week: 0\n",
        "22: reminders.most_per_week: must be greater than or equal to 1",
    ),
    "hours in words": (SMALL + 'writing_hours:\n  weekdays: "om dagen"\n', f"22: writing_hours.weekdays: {HOURS}"),
    "hours backwards": (SMALL + 'writing_hours:\n  saturday: "18-10"\n', f"22: writing_hours.saturday: {HOURS}"),
    "no hours at all": (
        SMALL + 'writing_hours:\n  weekdays: "none"\n  saturday: "none"\n',
        "21: writing_hours: there is no hour at which one may write to people",
    ),
    "a closed day there is not": (
        SMALL + 'writing_hours:\n  closed: ["2026-02-30"]\n',
        "22: writing_hours.closed[0]: must be a day, as 2026-03-31",
    ),
}


@pytest.mark.parametrize(("text", "fault"), FAULTY_MEETINGS.values(), ids=FAULTY_MEETINGS)
def test_a_fault_of_a_meeting_or_of_reminders_says_where_it_is(text: str, fault: str) -> None:
    with pytest.raises(Faulty) as caught:
        parse_file(text, "proeve.yaml")
    assert caught.value.faults == (f"proeve.yaml:{fault}",)


def test_a_meeting_of_a_step_there_is_not_is_named() -> None:
    with pytest.raises(Faulty, match=r"^proeve.yaml:28: meetings\[0\].flow: no flow has that name; there are plan, "):
        parse_file(and_a_field("flow: ukendt"), "proeve.yaml")


def test_what_is_not_said_of_reminders_and_hours_is_as_the_conventions_have_it() -> None:
    file = parse_file(small(), "proeve.yaml")
    assert (file.reminders.meetings, file.reminders.hearing) == (
        ("7d", "1d", "morning"),
        ("half", "7d", "2d", "morning"),
    )
    assert file.writing_hours.hours == schedule.DEFAULT_SENDING_HOURS


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('weekdays: "8-21"', SendingHours(weekdays=(time(8), time(21)))),
        ('saturday: "9.30-13"', SendingHours(saturday=(time(9, 30), time(13)))),
        ('sunday: "12-16"', SendingHours(sunday=(time(12), time(16)))),
        ('saturday: "none"', SendingHours(saturday=None)),
        ("closed: [2026-12-23]", SendingHours(closed=frozenset({date(2026, 12, 23)}))),
    ],
)
def test_hours_are_as_written_and_survive_the_database(written: str, meant: SendingHours) -> None:
    file = parse_file(SMALL + f"writing_hours:\n  {written}\n", "proeve.yaml")
    assert file.writing_hours.hours == meant
    assert ProcessFile.model_validate_json(file.model_dump_json()) == file


def test_the_meetings_of_the_example_can_be_switched_on() -> None:
    """Taking `# ` away from the lines below «meetings» leaves meetings that can be used."""
    head, mark, tail = example().partition("# meetings:\n")
    assert mark
    switched_on = head + "meetings:\n" + re.sub(r"(?m)^# ", "", tail)
    file = parse_file(switched_on, "example.yaml")
    assert [entry.key for entry in file.meetings] == ["aabning", "havnen", "ansatte"]


@pytest.mark.parametrize("name", ["ukendt", "start"])  # the start is always open and has no times
def test_a_step_must_be_one_that_is_shipped(name: str) -> None:
    with pytest.raises(
        Faulty, match=r"^proeve.yaml:20: steps\[1\].flow: no flow has that name; there are plan, linjer, "
    ):
        parse_file(small("flow: borger", f"flow: {name}"), "proeve.yaml")


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(Faulty) as caught:
        read_file(tmp_path / "proeve.yaml")
    assert caught.value.faults == (f"{tmp_path}/proeve.yaml: No such file or directory",)


def test_a_file_in_another_encoding_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "proeve.yaml").write_bytes(SMALL.encode("latin-1"))
    with pytest.raises(Faulty) as caught:
        read_file(tmp_path / "proeve.yaml")
    assert caught.value.faults == (f"{tmp_path}/proeve.yaml: {ENCODING}",)


@pytest.mark.parametrize("written", [SMALL.encode("latin-1"), SMALL.encode("utf-16"), SMALL.encode("cp1252")])
def test_whoever_saved_it_so_is_told_how_to_save_it(written: bytes, tmp_path: Path) -> None:
    (tmp_path / "proeve.yaml").write_bytes(written)
    with pytest.raises(Faulty) as caught:
        read_file(tmp_path / "proeve.yaml")
    (fault,) = [fault for fault in caught.value.faults if isinstance(fault, FileFault)]
    told = "Filen er ikke gemt som UTF-8. I Notesblok: Vælg »Gem som«, og vælg UTF-8 under »Kodning«."
    assert fault.to("da") == f"{tmp_path}/proeve.yaml: {told}"


def test_a_file_from_word_is_named_as_one(tmp_path: Path) -> None:
    (tmp_path / "egne.docx").write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(Faulty, match=r"egne.docx: is a file from Word. "):
        read_file(tmp_path / "egne.docx")


def test_a_file_that_windows_saved_is_read(tmp_path: Path) -> None:
    (tmp_path / "proeve.yaml").write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    text = read_file(tmp_path / "proeve.yaml")
    assert parse_file(text, "proeve.yaml") == parse_file(SMALL, "proeve.yaml")
