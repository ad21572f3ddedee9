"""`besyv questions check|show|load|export`: the municipality's own questions, looked at, drawn, stored and written."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.app.runtime import open_runtime, process_text
from bot.app.settings import Settings, read_settings
from bot.channels import terminal
from bot.channels.web import render
from bot.channels.web.session import PageFrame, Visitor
from bot.cli import English, Failed, Process, execute, language_of, note, process_row, transact, write
from bot.dialogue.reply import QuestionPage, Reply
from bot.dialogue.session import TERMINAL, WEB, Context, Display, Visit
from bot.features import process_file
from bot.features.answering import preview
from bot.flows import check as taste
from bot.flows import loader
from bot.flows.lix import words_of
from bot.flows.model import RESPONDENTS, Flow, Language, Question
from bot.flows.outline import markdown
from bot.flows.plain_danish import STEADY
from bot.flows.survey_rules import findings
from bot.process import chat_questions, own_questions
from bot.process.file import ProcessFile, QuestionsText, stored
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from bot.process.loading import parse_file, questions_text, with_questions
from storage import processes, runs
from storage.db import Tx

questions_cli = typer.Typer(no_args_is_help=True, help="The municipality's own questions.")
File = Annotated[Path, typer.Argument(help="A file of the municipality's own questions.")]


@questions_cli.command("check")
def questions_check(file: File, process: Process = None) -> None:
    """Check a file of own questions: its faults, each with line and field, and what a good survey does otherwise."""
    settings = read_settings()
    before = _process(settings, process)
    made = with_questions(before, chat_questions.carried_over(before.questions, questions_text(file)))
    flows = shipped_flows(made)
    for line in warnings(made, flows):
        sys.stderr.write(f"besyv: warning: {line}\n")
    print(f"{file.name}: in order; {_changes_in_words(shipped_flows(_without(made)), flows, made)}")


@questions_cli.command("show")
def questions_show(
    file: Annotated[Path | None, typer.Argument(help="Such a file; without one, those that are in place.")] = None,
    process: Process = None,
    english: English = False,
    pages: Annotated[Path | None, typer.Option(help="A folder for the pages, an HTML file each.")] = None,
) -> None:
    """Show what they change: the path of each group, and each question as the chat and the pages have it."""
    settings = read_settings()
    made = _process(settings, process)
    if file is not None:
        made = with_questions(made, chat_questions.carried_over(made.questions, questions_text(file)))
    elif made.questions is None:
        raise Failed("there are no questions of your own")
    flows = shipped_flows(made)
    console = Console(highlight=False, width=84)
    language = language_of(english)
    for flow, wanted in _touched(made, flows):
        console.print(markdown(flow).partition("\n## ")[0], markup=False)
        for name, shown in execute(_drawn(settings, made, flows, flow, wanted, language)).items():
            console.rule(name)
            for paragraph in terminal.lines(shown.in_chat):
                console.print(paragraph + "\n")
            if pages is not None:
                write(pages, {f"{name}.html": _page(shown).encode()})
                console.print(f"→ {pages / name}.html\n", markup=False)
    if pages is not None:
        write(pages / "static", {name: content for name, (content, _, _) in render.static_files().items()})


@questions_cli.command("load")
def questions_load(file: File, process: Process = None) -> None:
    """Load a file of own questions in place of the one before. A running bot takes it up; whoever is in the middle
    may choose."""
    settings, now, questions = read_settings(), int(time.time()), questions_text(file)

    def unit(tx: Tx, _: ProcessHost) -> tuple[ProcessFile, list[Flow], list[str]]:
        row = process_row(tx, process)
        before = stored(row.definition)
        made = with_questions(before, chat_questions.carried_over(before.questions, questions))
        flows = shipped_flows(made)
        known = [loader.from_json(each.definition) for each in processes.newest_flows(tx, row.id)]
        begun = runs.unsent(tx, row.id)
        process_file.save(tx, made, flows, now)
        note(tx, row.id, "questions-loaded", file.name, now)
        return made, flows, [*_told(before, made, known, flows, begun), *_kept(made, questions)]

    made, flows, told = transact(settings, unit)
    for line in warnings(made, flows):
        sys.stderr.write(f"besyv: warning: {line}\n")
    print(f"{made.process}: {file.name} is loaded")
    for line in told or ["nothing is different from before"]:
        print(line)


@questions_cli.command("export")
def questions_export(
    file: Annotated[Path | None, typer.Argument(help="Where to; without one, it is printed.")] = None,
    process: Process = None,
) -> None:
    """Write the questions of your own as they are in place, those made in the chat too: a file to change and load."""
    kept = _process(read_settings(), process).questions
    if kept is None:
        raise Failed("there are no questions of your own")
    if file is None:
        sys.stdout.write(kept.text)
    else:
        write(file.parent, {file.name: kept.text.encode()})


def _process(settings: Settings, key: str | None) -> ProcessFile:
    """The process that the questions are for: of the database, or of the settings while that is empty."""
    if settings.database_path.exists() and settings.database_path.stat().st_size:
        return stored(transact(settings, lambda tx, _: process_row(tx, key).definition))
    file = parse_file(*process_text(settings))
    if key not in (None, file.process):
        raise Failed(f"there is no process {key}; there are {file.process}")
    return file


def _without(file: ProcessFile) -> ProcessFile:
    return file.model_copy(update={"questions": None})


def _kept(file: ProcessFile, loaded: QuestionsText) -> Iterator[str]:
    """A line for each question made in the chat that the loaded file does not have."""
    theirs = {each.id for each in chat_questions.made_in(loaded)}
    for question in chat_questions.made_in(_of(file)):
        if question.id not in theirs:
            off = ", and is switched off" if question.switched_off else ""
            yield f"{question.flow}: {question.id} was made in the chat, and stays{off}: »{question.text.da}«"


def _of(file: ProcessFile) -> QuestionsText:
    assert file.questions is not None  # noqa: S101  # every caller has put them there
    return file.questions


# --- what a good survey would do otherwise ----------------------------------------------------------------


def warnings(file: ProcessFile, flows: list[Flow]) -> list[str]:
    """Of what the file words itself: «file:line: field: what, and what to write instead». The survey rules are about
    Danish, and said in Danish to whoever writes it."""
    document, own = own_questions.read(_of(file))
    by_key = {flow.flow: flow for flow in flows}
    found: list[str] = []
    for place, step in enumerate(own.steps):
        flow = by_key.get(step.flow)
        if flow is not None and len(words_of(taste.danish(flow))) >= STEADY:  # two short questions are no page
            named = {question.id for question in flow}
            whole = (each for each in taste.faults(flow) if each.partition(":")[0] not in named)
            found += [document.fault(("steps", place), each.removeprefix(f"{flow.flow}: ")) for each in whole]
    for key, question_id, at in own_questions.places(_of(file)):
        asked = [each for each in by_key.get(key, ()) if each.id.partition(".")[0] == question_id]
        for question in asked[:1]:
            found += [document.fault((*at, *field), said) for field, said in _of_wording(question)]
            found += [
                document.fault(at, each.removeprefix(f"{question.id}: "))
                for each in (*taste.faults(by_key[key]), *taste.doubts(by_key[key]))
                if each.startswith(f"{question.id}: ")
            ]
    return list(dict.fromkeys(found))


def _of_wording(question: Question) -> Iterator[tuple[tuple[str, ...], str]]:
    for form, worded in (("da", question.text.da), ("da_jer", question.text.da_jer)):
        for finding in findings(worded or "", shown=question.shows is not None):
            yield ("text", form), f"{finding.code}: {finding.reason.da} {finding.proposal.da}"


# --- what changes, for whom -------------------------------------------------------------------------------


def _changes_in_words(before: list[Flow], after: list[Flow], file: ProcessFile) -> str:
    _, own = own_questions.read(_of(file))
    changed = sum(1 for flow in after if flow not in before and flow.flow in {each.flow for each in before})
    counts = ((changed, "changed"), (len(own.own_steps), "of your own"), (len(own.steps_off), "switched off"))
    said = [f"{number} {'step' if number == 1 else 'steps'} {what}" for number, what in counts if number]
    return ", ".join(said) or "it changes nothing"


def _told(
    before: ProcessFile, after: ProcessFile, known: list[Flow], flows: list[Flow], begun: dict[str, int]
) -> Iterator[str]:
    """A line per step that is another than before."""
    were, open_before = {flow.flow: flow for flow in known}, {times.flow for times in own_questions.times(before)}
    open_now = {times.flow for times in own_questions.times(after)}
    for flow in flows:
        there, middle = were.get(flow.flow), _middle(begun.get(flow.flow, 0))
        if there is None:
            yield f"{flow.flow}: a step of your own, for {_people(flow.questions)}"
        elif there != flow:
            yield f"{flow.flow}: {'; '.join(_differences(there, flow)) or 'its title is another'}{middle}"
    for gone in sorted((open_before - open_now) & were.keys()):
        yield f"{gone}: switched off; what was answered stays{_middle(begun.get(gone, 0), offered=False)}"
    for back in sorted((open_now - open_before) & were.keys()):
        yield f"{back}: open as the process file says"


def _differences(before: Flow, after: Flow) -> Iterator[str]:
    were, are = {each.id: each for each in before}, {each.id: each for each in after}
    for question in after:
        there = were.get(question.id)
        if there is None:
            yield f"{question.id} is new, for {_people((question,))}"
        elif (there.text, there.shows, there.choices) != (question.text, question.shows, question.choices):
            yield f"{question.id} is worded anew, for {_people((question,))}"
        elif there.who != question.who:
            yield f"{question.id} is for {_people((question,))}"
    yield from (f"{each.id} is asked no more, of {_people((each,))}" for each in before if each.id not in are)
    if [each for each in were if each in are] != [each for each in are if each in were]:
        yield "the order is another"


def _people(questions: tuple[Question, ...]) -> str:
    return ", ".join(dict.fromkeys(str(audience) for question in questions for audience in question.who))


def _middle(number: int, *, offered: bool = True) -> str:
    if not number:
        return "; nobody is in the middle of it"
    who = "1 person is" if number == 1 else f"{number} people are"
    return f"; {who} in the middle of it" + (" and may choose" if offered else "")


# --- as it is seen ----------------------------------------------------------------------------------------


def _touched(file: ProcessFile, flows: list[Flow]) -> Iterator[tuple[Flow, frozenset[str]]]:
    """Each step that the file says something of, and the questions of it that are worded there."""
    by_key = {flow.flow: flow for flow in flows}
    own = own_questions.read(_of(file))[1]
    named: dict[str, set[str]] = {step.flow: set() for step in (*own.steps, *own.asked_from_chat)}
    for step, question_id, _ in own_questions.places(_of(file)):
        named[step].add(question_id)
    for key, ids in named.items():
        if key in by_key and key not in own.steps_off:
            flow = by_key[key]
            yield flow, frozenset(each.id for each in flow if each.id.partition(".")[0] in ids)


@dataclass(frozen=True, slots=True)
class _Shown:
    """One question in one of its forms."""

    in_chat: Reply
    on_page: QuestionPage
    frame: PageFrame


async def _drawn(
    settings: Settings, file: ProcessFile, flows: list[Flow], flow: Flow, wanted: frozenset[str], language: Language
) -> dict[str, _Shown]:
    """Each question once in each form that it is asked in, as one of those who are asked it sees it, by its name."""
    now = int(time.time())
    in_chat = Visit(channel=TERMINAL, address="show", now=now, sent_at=now, language=language)
    on_pages = replace(in_chat, channel=WEB, display=Display.PAGES)

    def unit(tx: Tx, context: Context) -> dict[str, _Shown]:
        process_id = process_file.save(tx, file, flows, now)
        plan = context.process_host.plan(tx, process_id)
        found: dict[str, _Shown] = {}
        for respondent in RESPONDENTS:
            chat, pages = (
                preview.drawn(preview.somebody(tx, context, plan, visit, respondent), flow, wanted)
                for visit in (in_chat, on_pages)
            )
            for (question, said), (_, page) in zip(chat, pages, strict=True):
                form = "-jer" if said.ask.many and language == "da" and question.text.da_jer else ""
                frame = PageFrame(plan, known=True, language=language)
                found.setdefault(f"{flow.flow}-{question.id}{form}", _Shown(said.reply, page, frame))
        return found

    with tempfile.TemporaryDirectory() as folder:
        here = {"database": f"{folder}/show.db", "key_file": f"{folder}/show.key"}
        nothing = {"key_store": "", "key_store_copy": "", "process": "", "questions": ""}
        async with open_runtime(settings.model_copy(update={**here, **nothing})) as runtime:
            return await runtime.database.write(lambda tx: unit(tx, runtime.context))


def _page(shown: _Shown) -> str:
    """As a browser shows it, with what it fetches beside it."""
    visitor = Visitor("", shown.frame.language, lambda _: b"")
    return render.question(visitor, shown.frame, shown.on_page, ()).replace('"/static/', '"static/')
