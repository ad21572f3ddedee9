"""Answers that are set aside are kept, and used for nothing: in every query of storage, and after any history."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

import storage
from storage import (
    answers,
    contacts,
    coverage_counters,
    dispositions,
    export,
    hearing_responses,
    invitations,
    joint_answers,
    objections,
    people,
    published,
    recipients,
    register,
    runs,
    ties,
)
from storage.answers import StoredAnswer
from storage.db import Tx
from storage.recipients import ChosenAudience
from tests.support.rows import NOW, began, came, sent, standing, tell
from tests.support.sizes import examples

PROCESSES = (1, 2)
FLOWS = ("plan", "linjer")


@pytest.fixture
def tx() -> Tx:
    return standing(processes=PROCESSES)


def answer(tx: Tx, run: int, question: str = "P1", *, apart: bool = False, at: int = NOW) -> None:
    answers.put(
        tx,
        run,
        StoredAnswer(
            question=question,
            version=1,
            revision=1,
            asked="?",
            language="da",
            channel="web",
            content='[[["Kaffe",""]],["ja"]]',
            skipped=False,
            open=False,
            closed_once=True,
            answered_at=at,
            apart=apart,
        ),
    )


def exported(tx: Tx, process: int = 1) -> list[tuple[int, str]]:
    """Run and question of every row."""
    batches = export.answers(tx._connection, process, export.ExportStretch())
    return sorted((row[10], row[1]) for batch in batches for row in batch)


# --- every query chooses ----------------------------------------------------------------------------------

# What reads people's answers or who they are without asking whether they are set aside, by why it may.
OWN = "a person's own things, shown to themselves or kept for them"
KEPT = "what keeps, moves or deletes rows, and shows nothing"
TOLD = "messages that somebody asked for, and what became of them"
CASE = "objections and hearing responses by number; without words"
ROLES = "who holds a role, leads or comes to a meeting: no answers"
COUNTED = "counters that leave out what is set aside (migrations 0023, 0031)"

WITHOUT = {
    "answers": {"of_run": OWN, "history": OWN, "count": OWN, "last_given": OWN, "remember": KEPT, "keep_as_sent": KEPT}
    | {"take_back_apart": OWN, "asked_apart": KEPT, "forget_apart": KEPT, "count_versions": KEPT},
    "budgets": {"_KEPT": KEPT},
    "backup": {"counted": KEPT},
    "capacities": dict.fromkeys(
        ("of_person", "in_use", "has_sent", "of_group", "speaking_for", "use", "was_invited_as"), OWN
    ),
    "carrying_over": dict.fromkeys(("carry_over", "_as_of", "_capacity", "_tell_of"), KEPT),
    "coverage_counters": dict.fromkeys(
        ("of_process", "by_group", "split", "recounted", "totals", "for_the_same", "_for_the_same"), COUNTED
    ),
    "delays": {"_counted": TOLD},
    "digests": {"of_holders": ROLES},
    "hearing_responses": {"of_run": OWN, "of_person": OWN, "by_number": CASE, "of_process": CASE, "_COLUMNS": CASE}
    | {"forget": KEPT},
    "joint_answers": dict.fromkeys(("by_code", "of_chair", "of_member", "asked", "stood_behind", "backed"), OWN)
    | {"leave": KEPT, "close": KEPT},
    "key_check": {"key_ids": KEPT},
    "late_answers": {"open_until": OWN, "note": KEPT, "reception": OWN},
    "objections": {"by_id": CASE, "of_process": CASE, "count_waiting": CASE, "extent": CASE},
    "outbox": dict.fromkeys(
        ("_READY", "claim", "late", "is_draining", "lately", "waiting", "opening_outcomes", "held", "_end_hold"), TOLD
    ),
    "people": dict.fromkeys(
        (
            "_PEOPLE",
            "_PROFILE",
            "at_address",
            "profile_at",
            "profile_of",
            "at_address_in",
            "processes_at",
            "addresses_with_more",
            "by_id",
            "come_by",
            "entered_by",
        ),
        OWN,
    )
    | dict.fromkeys(
        ("leave_entered", "erase", "add_departed", "of_process", "count", "erase_never_accepted", "erase_idle"), KEPT
    )
    | {
        "end_roles": ROLES,
        "role_table": ROLES,
        "holder_ids": ROLES,
        "count_set_aside": CASE,
        "count_answers_set_aside": CASE,
    },
    "person_keys": dict.fromkeys(("_OF_RUN", "give_own_to_responses", "of_chat", "of_person"), KEPT),
    "prompts": {"mark_interrupted": KEPT},
    "published": {"_PROFILE": COUNTED},
    "recipients": dict.fromkeys(
        (
            "_OF_GROUPS",
            "_AUDIENCE",
            "audience",
            "to_remind",
            "to_tell_of_change",
            "coming",
            "not_answered",
            "unfinished",
            "to_tell_of_opening",
            "to_remind_of_something",
        ),
        TOLD,
    ),
    "register": {"progress": COUNTED, "party_counts": COUNTED},
    "restoring": {"figures": KEPT},
    "runs": {"answered_as": OWN, "by_id": OWN, "of_person": OWN, "start": OWN, "withdraw": KEPT, "erase": KEPT},
    "sealed_columns": {"HISTORY": KEPT},
    "signups": {"waiting": TOLD, "of_party": ROLES},
    "ties": {"_SENT": OWN, "by_id": OWN, "of_capacity": OWN, "channel_of": OWN, "is_used": KEPT},
}

_READS = re.compile(
    r"""\b(FROM|JOIN)\s+(runs|people|answers|answers_apart|answer_history|capacities|tally|recount|joint_members|
        (entry|further)_(tally|recount)|joint_backers|joint_sent|hearing_responses|receptions)\b|\{_(SENT|USED|PEOPLE|PROFILE|REACHED|READY)\}""",
    re.VERBOSE,
)
_CHOOSES = re.compile(r"\bcounted_in\b|\{_USED\}")


def reading(module: Path) -> Iterator[tuple[str, bool]]:
    """Every function and constant of a module whose SQL reads such tables, and whether it asks who is set aside."""
    for node in ast.parse(module.read_text()).body:
        texts = [
            ast.unparse(each) if isinstance(each, ast.JoinedStr) else str(each.value)
            for each in ast.walk(node)
            if isinstance(each, ast.JoinedStr) or (isinstance(each, ast.Constant) and isinstance(each.value, str))
        ]
        sql = "\n".join(texts)
        if _READS.search(sql):
            yield _name(node), _CHOOSES.search(sql) is not None


def _name(node: ast.stmt) -> str:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case _:
            raise AssertionError(ast.dump(node))


def test_every_query_that_reads_answers_asks_who_is_set_aside_or_says_why_it_need_not() -> None:
    folder = Path(storage.__file__).parent
    without = {
        f"{module.stem}.{name}"
        for module in sorted(folder.glob("*.py"))
        for name, chooses in reading(module)
        if not chooses
    }
    allowed = {f"{module}.{name}" for module, names in WITHOUT.items() for name in names}
    assert (sorted(without - allowed), sorted(allowed - without)) == ([], [])


# --- one by one -------------------------------------------------------------------------------------------


def test_what_is_set_aside_is_in_nothing_that_others_see_and_comes_back_as_it_was(tx: Tx) -> None:
    anna, bent = came(tx, stakeholder="forening", area="havnen"), came(tx, stakeholder="forening", area="havnen")
    club = register.put(tx, 1, register.NewParty(name="Koret", folded="koret", kind="forening", source="by-hand"), NOW)
    for person in (anna, bent):
        people.speak_for(tx, person, club if person == anna else None)
        people.set_reminders(tx, person, 1, 1)
        people.grant(tx, person, "steering", NOW)
        invitation = invitations.add(
            tx, invitations.NewInvitation(process_id=1, kind="personal", code_hash=f"h{person}", made_by="P"), NOW
        )
        people.come_by(tx, person, invitation)
        run = sent(tx, person)
        answer(tx, run)
        answer(tx, run, "P6", apart=True)
    joint = joint_answers.add(tx, bent, "plan", "kode", NOW)
    joint_answers.ask(tx, joint.id, anna)
    joint_answers.join(tx, joint.id, anna, NOW)

    def seen() -> dict[str, object]:
        listed = recipients.chosen(1, ChosenAudience(groups=("forening",)))
        everyone = recipients.chosen(1, ChosenAudience())
        [entry] = register.progress(tx, 1, "plan")
        return {
            "counters": coverage_counters.by_group(tx, 1),
            "totals": coverage_counters.totals(tx, 1, ("forening",)),
            "exported": len(exported(tx)),
            "rows": export.count(tx._connection, 1),
            "runs": len(list(export.runs(tx._connection, 1, export.ExportStretch()))),
            "published": [len(published.who_sent(tx, 1, NOW)), len(published.who_takes_part(tx, 1, NOW))],
            "contacts": [len(contacts.kept_apart(tx, 1)), len(contacts.answers_to(tx, 1, "plan", "P1"))],
            "dispositions": len(dispositions.sent(tx, 1, "steering", "plan", {"P1"})),
            "register": (entry.came, entry.started, entry.sent),
            "parties": register.party_counts(tx, 1, "plan"),
            "ties": [len(ties.of_party(tx, 1, club)), len(ties.untied(tx, 1))],
            "told": len(ties.told(tx, 1, "plan", ("P1",))),
            "invited": sorted(each.came for each in invitations.of_process(tx, 1)),
            "before": runs.sent_before(tx, 1, "plan", ("forening",), NOW + 1),
            "names": len(answers.sent_to(tx, 1, "P1")),
            "since": answers.given_since(tx, 1, NOW - 1),
            "apart": answers.count_apart(tx, 1),
            "chair": [joint_answers.members(tx, joint.id), joint_answers.said(tx, joint.id, "plan", "P1")],
            "chosen": (recipients.count(tx, listed), recipients.count(tx, everyone)),
        }

    before = seen()
    people.set_aside(tx, anna, NOW)
    aside = seen()
    assert [key for key in before if aside[key] == before[key]] == []
    assert (aside["exported"], aside["runs"], aside["register"]) == (1, 1, (False, False, False))
    assert aside["chair"] == [[], []]
    assert aside["chosen"] == (1, 2)  # what is sent to everybody is for everybody who wants it
    assert [run.flow for run in runs.of_person(tx, anna)] == ["plan"]  # and their own is as it was
    people.use_again(tx, anna)
    assert seen() == before


def test_nobody_stands_behind_a_joint_answer_whose_answers_are_set_aside_when_it_is_sent(tx: Tx) -> None:
    chair, member = came(tx, stakeholder="forening"), came(tx, stakeholder="forening")
    joint = joint_answers.add(tx, chair, "plan", "kode", NOW)
    joint_answers.ask(tx, joint.id, member)
    joint_answers.join(tx, joint.id, member, NOW)
    run = sent(tx, chair)
    people.set_aside(tx, member, NOW)
    assert joint_answers.note_sent(tx, run, joint.id) == 0
    people.use_again(tx, member)
    assert joint_answers.note_sent(tx, run, joint.id) == 1


def test_a_response_set_aside_keeps_its_number_and_is_not_marked_as_journalised_with_the_others(tx: Tx) -> None:
    anna, bent = came(tx, stakeholder="borger"), came(tx, stakeholder="borger")
    for number, person in enumerate((anna, bent), 1):
        hearing_responses.put(tx, 1, number, sent(tx, person, "hoering"), NOW)
    people.set_aside(tx, anna, NOW)
    assert [(each.number, each.set_aside_at) for each in hearing_responses.of_process(tx, 1)] == [(1, NOW), (2, None)]
    assert hearing_responses.mark_all_journalised(tx, 1, NOW) == 1
    people.use_again(tx, anna)
    assert hearing_responses.mark_all_journalised(tx, 1, NOW) == 1


def test_what_is_left_of_somebody_erased_stays_aside(tx: Tx) -> None:
    anna = came(tx, stakeholder="borger")
    run = sent(tx, anna, "hoering")
    answer(tx, run)
    people.set_aside(tx, anna, NOW)
    runs.hand_over(tx, run, people.add_departed(tx, anna, "nobody", NOW))
    people.erase(tx, anna)
    assert (exported(tx), coverage_counters.of_process(tx, 1)) == ([], [])
    assert runs.by_id(tx, run) is not None


def test_an_objection_is_decided_once_and_not_when_it_was_taken_back(tx: Tx) -> None:
    anna = came(tx)
    objections.put(tx, anna, "", NOW)
    assert objections.count_waiting(tx, 1) == 1
    [found] = objections.of_process(tx, 1)
    assert objections.decide(tx, found, NOW, upheld=False, reason="Fordi")
    assert not objections.decide(tx, found, NOW, upheld=True)
    [decided] = objections.of_person(tx, anna)
    assert (decided.upheld, decided.reason, objections.count_waiting(tx, 1)) == (False, "Fordi", 0)
    objections.put(tx, anna, "Mine ord", NOW + 1)
    objections.take_back(tx, anna, NOW + 2)
    assert objections.of_process(tx, 1) == []
    assert not objections.decide(tx, objections.of_person(tx, anna)[1], NOW + 3, upheld=True)
    assert objections.by_id(tx, 2, found.id) is None  # another process knows nothing of it


# --- after any history ------------------------------------------------------------------------------------


@dataclass
class Known:
    """What the test itself knows of a person: nothing of it is read from the database."""

    process: int
    group: str
    behind: int = 1
    aside: bool = False
    objected: bool = False
    started: dict[str, bool] = field(default_factory=dict)  # flow → sent
    given: dict[str, int] = field(default_factory=dict)  # flow → answers
    taken_back: set[str] = field(default_factory=set)


class SettingAside(RuleBasedStateMachine):
    """Counters and export are what a recount by hand says, of those who are not set aside."""

    alive = Bundle("alive")

    def __init__(self) -> None:
        super().__init__()
        self.tx = standing(processes=PROCESSES)
        self.known: dict[int, Known] = {}

    @initialize(target=alive)
    def somebody_is_there(self) -> int:
        return self._comes(1, "borger")

    @rule(target=alive, process=st.sampled_from(PROCESSES), group=st.sampled_from(["borger", "forening"]))
    def comes(self, process: int, group: str) -> int:
        return self._comes(process, group)

    def _comes(self, process: int, group: str) -> int:
        person = came(self.tx, process, stakeholder=group)
        self.known[person] = Known(process, group)
        return person

    @rule(person=alive, flow=st.sampled_from(FLOWS))
    def answers(self, person: int, flow: str) -> None:
        if person in self.known:
            run, them = began(self.tx, person, flow), self.known[person]
            them.started.setdefault(flow, False)
            them.given[flow] = them.given.get(flow, 0) + 1
            answer(self.tx, run, f"Q{them.given[flow]}")

    @rule(person=alive, flow=st.sampled_from(FLOWS))
    def sends(self, person: int, flow: str) -> None:
        if person in self.known:
            sent(self.tx, person, flow)
            self.known[person].started[flow] = True
            self.known[person].taken_back.discard(flow)

    @rule(person=alive, flow=st.sampled_from(FLOWS))
    def corrects(self, person: int, flow: str) -> None:
        if person in self.known and self.known[person].given.get(flow):
            answer(self.tx, began(self.tx, person, flow), "Q1")

    @rule(person=alive, flow=st.sampled_from(FLOWS))
    def takes_back(self, person: int, flow: str) -> None:
        if person in self.known and self.known[person].started.get(flow):
            runs.withdraw(self.tx, began(self.tx, person, flow), NOW)
            self.known[person].started[flow] = False
            self.known[person].taken_back.add(flow)

    @rule(person=alive, behind=st.integers(1, 9))
    def is_counted_again(self, person: int, behind: int) -> None:
        if person in self.known:
            people.recount_behind(self.tx, person, behind)
            self.known[person].behind = behind

    @rule(person=alive, group=st.sampled_from(["frivillig", "ansat"]))
    def tells_anew(self, person: int, group: str) -> None:
        them = self.known.get(person)
        if them is not None and not any(them.started.values()):
            tell(self.tx, person, stakeholder=group)
            them.group = group

    @rule(person=alive, process=st.sampled_from(PROCESSES))
    def moves(self, person: int, process: int) -> None:
        if person in self.known:
            self.tx.run("UPDATE people SET process_id = :process WHERE id = :id", process=process, id=person)
            self.known[person].process = process

    @rule(person=alive)
    def objects(self, person: int) -> None:
        if person in self.known and not self.known[person].aside:
            objections.put(self.tx, person, "", NOW)
            people.set_aside(self.tx, person, NOW)
            self.known[person].aside = self.known[person].objected = True

    @rule(person=alive)
    def wants_them_used_again(self, person: int) -> None:
        if person in self.known:
            objections.take_back(self.tx, person, NOW)
            people.use_again(self.tx, person)
            self.known[person].aside = self.known[person].objected = False

    @rule(person=alive, upheld=st.booleans())
    def is_decided(self, person: int, upheld: bool) -> None:
        if person in self.known and self.known[person].objected:
            [*_, last] = objections.of_person(self.tx, person)
            assert objections.decide(self.tx, last, NOW, upheld=upheld)
            if not upheld:
                people.use_again(self.tx, person)
            self.known[person].objected, self.known[person].aside = False, upheld

    @rule(person=alive)
    def is_erased(self, person: int) -> None:
        people.erase(self.tx, person)
        self.known.pop(person, None)

    @invariant()
    def counters_are_a_recount_by_hand_of_who_is_not_set_aside(self) -> None:
        for process in PROCESSES:
            by_hand: Counter[tuple[str, str, str]] = Counter()
            for them in self._used(process):
                by_hand["", them.group, "started"] += them.behind
                for flow, is_sent in them.started.items():
                    by_hand[flow, them.group, "started"] += them.behind
                    by_hand[flow, them.group, "sent"] += them.behind * is_sent
                    by_hand[flow, them.group, "answers"] += is_sent
            kept: Counter[tuple[str, str, str]] = Counter()
            for each in coverage_counters.by_group(self.tx, process):
                kept[each.flow, each.key, "started"] += each.started
                kept[each.flow, each.key, "sent"] += each.sent
                kept[each.flow, each.key, "answers"] += each.answers_sent
            assert +kept == +by_hand
            assert not self.tx.all("SELECT * FROM tally WHERE started < 0 OR sent < 0 OR sent > started")

    @invariant()
    def the_export_has_their_answers_and_no_others(self) -> None:
        for process in PROCESSES:
            expected = sum(
                number
                for them in self._used(process)
                for flow, number in them.given.items()
                if flow not in them.taken_back
            )
            assert len(exported(self.tx, process)) == export.count(self.tx._connection, process) == expected

    def _used(self, process: int) -> list[Known]:
        return [them for them in self.known.values() if them.process == process and not them.aside]


TestSettingAside = SettingAside.TestCase
TestSettingAside.settings = settings(derandomize=True, deadline=None, max_examples=examples(60), stateful_step_count=40)
