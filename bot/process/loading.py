"""Process files: read, parsed and validated, with file, line and field of each fault."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from bot.flows import schedule
from bot.flows.fault_words import Bilingual, said
from bot.flows.file_faults import FileFault
from bot.flows.loader import PolicyKind
from bot.flows.yamltext import Document, Faulty, parse
from bot.process import department_words, own_questions
from bot.process.file import ProcessFile, QuestionsText
from bot.process.flows import flow_keys, lists_offered
from bot.process.plan import KEPT_AFTERWARDS, START, deletion_at, first_deletion, last_planned


def example() -> str:
    """The text of the shipped example process."""
    return files("bot.process").joinpath("example.yaml").read_text(encoding="utf-8")


def read_file(path: Path) -> str:
    """Raises Faulty with one line where the file can't be read."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Faulty([f"{path}: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        what = said("word-file") if error.object.startswith(b"PK") else said("encoding")
        raise Faulty([FileFault(str(path), None, (), "", what)]) from None


def parse_file(text: str, name: str, now: int | None = None) -> ProcessFile:
    """Raises Faulty with file, line and field of each fault. With `now` a deletion date that has passed is one."""
    document = parse(text, name)
    if "questions" in document.values:
        raise Faulty([document.fault(("questions",), "questions of your own stand in a file of their own")])
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
    for name_of_list in ("areas", "departments", "policy_areas", "goals", "parties", "meetings"):
        keys = [item.key for item in getattr(file, name_of_list)]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                faults.append(document.fault((name_of_list, place, "key"), f"{key} stands twice"))
    faults += [*_faults_of_the_policy(file, document), *_faults_of_lists(file, document)]
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
    faults += [document.fault(("deletion_date",), fault) for fault in _deletion_faults(file, now)]
    if faults:
        raise Faulty(faults)
    return file


def _faults_of_the_policy(file: ProcessFile, document: Document) -> Iterator[str]:
    """What is told of today's policy where there is none; and what a department is called, in forms we do not know."""
    policy, words = file.policy, file.words
    told = [name for name in ("today", "today_en", "today_link") if getattr(policy, name) is not None]
    if policy.kind is PolicyKind.NEW:
        for name in told:
            yield document.fault(
                ("policy", name), "there is a policy today in a revision alone: write `kind: revision`"
            )
    elif policy.today_en is not None and policy.today is None:
        yield document.fault(("policy", "today_en"), "write what it is called in Danish too, in `today`")
    if department_words.danish(words.department, words.the_department, words.departments) is not None:
        return
    if right := department_words.other_article(words.department):
        yield document.fault(("words", "department"), f"it is called *{right}*")
    else:
        message = (
            f"how *{words.department}* is inflected is not known here: write `the_department` and `departments` too"
        )
        yield document.fault(("words", "department"), f'{message}, as "forvaltningen" and "forvaltninger"')


def _faults_of_lists(file: ProcessFile, document: Document) -> Iterator[str]:
    """Of a list that a question offers as choices: too many of them, or a key that means something else there."""
    for name, offered in lists_offered().items():
        items = getattr(file, name)
        for place, item in enumerate(items):
            if item.key in offered.taken:
                message = f"{item.key} means something else in the answers to {offered.question}: take another key"
                yield document.fault((name, place, "key"), message)
        if offered.most is not None and len(items) > offered.most:
            message = f"{len(items)} are too many to choose from in {offered.question}: at most {offered.most}"
            yield document.fault((name, offered.most), message)


def questions_text(path: Path) -> QuestionsText:
    """A file of the municipality's own questions, not looked into yet. Raises Faulty where it can't be read."""
    return QuestionsText(name=path.name, text=read_file(path))


def with_questions(file: ProcessFile, questions: QuestionsText) -> ProcessFile:
    """The process with the municipality's own questions. Raises Faulty where they are not written right, or a step of
    theirs is planned too near to the deletion date; how they fit the question sets is seen when those are made."""
    document, own = own_questions.read(questions)
    faults = []
    for place, step in enumerate(own.steps):
        if isinstance(step, own_questions.OwnStep):
            planned = {"opens": step.times.opens_at, "closes": step.times.closes_at}
            late = ((name, at) for name, at in planned.items() if at is not None and at > last_planned(file))
            faults += [
                document.fault(("steps", place, name), too_soon(at, said(f"plan.{name}", flow=step.flow)))
                for name, at in late
            ]
    if faults:
        raise Faulty(faults)
    return file.model_copy(update={"questions": questions})


def _deletion_faults(file: ProcessFile, now: int | None) -> Iterator[str]:
    if now is not None and deletion_at(file) <= now:
        yield f"{file.deletion_date} has passed: everybody would be deleted at once"
    at, what = max(_planned(file), default=(0, ""))
    if at > last_planned(file):
        yield too_soon(at, what)


def too_soon(at: int, what: str) -> Bilingual:
    """Says that what is planned so late, `plan closes`, comes too near to the deletion date."""
    moment = f"{schedule.to_local(at):%Y-%m-%d %H:%M}"
    return said("plan.too-soon", what=what, moment=moment, days=KEPT_AFTERWARDS.days, first=first_deletion(at))


def _planned(file: ProcessFile) -> Iterator[tuple[int, str]]:
    """When each step opens and closes, and each meeting ends."""
    for step in file.steps:
        yield from ((at, f"{step.flow} opens") for at in [step.opens_at] if at is not None)
        yield from ((at, f"{step.flow} closes") for at in [step.closes_at] if at is not None)
    for meeting in file.meetings:
        if not meeting.cancelled:
            yield schedule.to_utc(meeting.until), f"{meeting.key} ends"
