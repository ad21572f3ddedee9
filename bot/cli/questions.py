"""`besyv questions check|show|load|export`: the municipality's own questions, looked at, drawn, stored and written."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
from bot.cli import English, Failed, Process, execute, language_of, note, own_changes, process_row, transact, write
from bot.dialogue.reply import QuestionPage, Reply
from bot.dialogue.session import TERMINAL, WEB, Context, Display, Visit
from bot.features import process_file
from bot.features.answering import preview
from bot.flows import check as taste
from bot.flows import loader
from bot.flows.fault_words import Bilingual
from bot.flows.file_faults import FileFault
from bot.flows.file_faults import in_words as in_language
from bot.flows.lix import words_of
from bot.flows.model import RESPONDENTS, Flow, Language, Question
from bot.flows.plain_danish import STEADY
from bot.flows.survey_rules import findings
from bot.flows.yamltext import Faulty
from bot.process import chat_questions, own_questions
from bot.process.file import ProcessFile, QuestionsText, stored
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from bot.process.loading import parse_file, questions_text, with_questions
from bot.texts import say
from storage import processes, runs
from storage.db import Tx

questions_cli = typer.Typer(no_args_is_help=True, help="The municipality's own questions.")
File = Annotated[Path, typer.Argument(help="A file of the municipality's own questions.")]


@questions_cli.command("check")
def questions_check(file: File, process: Process = None, english: English = False) -> None:
    """Check a file of own questions: its faults, each with line and question, what loading it would change, and what a
    good survey does otherwise."""
    settings, language = read_settings(), language_of(english)
    with in_words(language):
        before, loaded = _process(settings, process), questions_text(file)
        made, flows = _with(before, loaded)
        told = list(own_changes.told(language, before, made, shipped_flows(before), flows, begun=None))
        _warn(language, made, flows, loaded)
    print(say(language, "own.in-order", name=file.name))
    _print(language, told)


@questions_cli.command("show")
def questions_show(
    file: Annotated[Path | None, typer.Argument(help="Such a file; without one, those that are in place.")] = None,
    process: Process = None,
    english: English = False,
    pages: Annotated[Path | None, typer.Option(help="A folder for the pages, an HTML file each.")] = None,
) -> None:
    """Show what they change: the path of each group, and each question as the chat and the pages have it."""
    settings, language = read_settings(), language_of(english)
    with in_words(language):
        made = _process(settings, process)
        if file is None and made.questions is None:
            raise Failed(say(language, "own.none"))
        made, flows = (made, shipped_flows(made)) if file is None else _with(made, questions_text(file))
    console = Console(highlight=False, width=84)
    for flow, wanted in _touched(made, flows):
        for line in own_changes.frame(language, made, flow):
            console.print(line, markup=False)
        for name, shown in execute(_drawn(settings, made, flows, flow, wanted, language)).items():
            console.rule(_heading(language, shown))
            if shown.question.order == "free":
                console.print(say(language, "own.turned-round") + "\n")
            for paragraph in terminal.lines(shown.in_chat):
                console.print(paragraph + "\n")
            if pages is not None:
                write(pages, {f"{name}.html": _page(shown).encode()})
                console.print(f"→ {pages / name}.html\n", markup=False)
    for line in own_changes.steps_off(language, made, flows):
        console.print(line, markup=False)
    if pages is not None:
        write(pages / "static", {name: content for name, (content, _, _) in render.static_files().items()})


@questions_cli.command("load")
def questions_load(file: File, process: Process = None, english: English = False) -> None:
    """Load a file of own questions in place of the one before. A running bot takes it up; whoever is in the middle
    may choose."""
    settings, now, language = read_settings(), int(time.time()), language_of(english)

    def unit(tx: Tx, _: ProcessHost) -> tuple[ProcessFile, list[Flow], list[str]]:
        row = process_row(tx, process)
        before = stored(row.definition)
        made, flows = _with(before, loaded)
        known = [loader.from_json(each.definition) for each in processes.newest_flows(tx, row.id)]
        begun = runs.unsent(tx, row.id)
        process_file.save(tx, made, flows, now)
        note(tx, row.id, "questions-loaded", file.name, now)
        told = own_changes.told(language, before, made, known, flows, begun)
        return made, flows, [*told, *own_changes.kept(language, made, loaded)]

    with in_words(language):
        loaded = questions_text(file)
        made, flows, told = transact(settings, unit)
        _warn(language, made, flows, loaded)
    print(say(language, "own.loaded", name=file.name, process=made.process))
    _print(language, told)


@questions_cli.command("export")
def questions_export(
    file: Annotated[Path | None, typer.Argument(help="Where to; without one, it is printed.")] = None,
    process: Process = None,
    english: English = False,
) -> None:
    """Write the questions of your own as they are in place, those made in the chat too: a file to change and load."""
    kept = _process(read_settings(), process).questions
    if kept is None:
        raise Failed(say(language_of(english), "own.none"))
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


@contextmanager
def in_words(language: Language) -> Iterator[None]:
    """What is wrong with a file is said in plain words of the language."""
    try:
        yield
    except Faulty as faulty:
        raise Failed("\n".join(in_language(fault, language) for fault in faulty.faults)) from None


def _with(before: ProcessFile, loaded: QuestionsText) -> tuple[ProcessFile, list[Flow]]:
    """The process with the loaded questions and those made in the chat that are in place. Raises Faulty, with the lines
    of the loaded file."""
    whole = chat_questions.carried_over(before.questions, loaded)
    try:
        made = with_questions(before, whole)
        return made, shipped_flows(made)
    except Faulty as faulty:
        raise Faulty(chat_questions.in_loaded(faulty.faults, loaded, whole)) from None


def _print(language: Language, told: Sequence[str]) -> None:
    for line in told or [say(language, "own.nothing")]:
        print(line)


def _warn(language: Language, made: ProcessFile, flows: list[Flow], loaded: QuestionsText) -> None:
    """Of what the file itself words; a question made in the chat was looked at there."""
    for fault in chat_questions.in_loaded(warnings(language, made, flows), loaded, _of(made)):
        if isinstance(fault, FileFault) and fault.line is not None:
            sys.stderr.write(f"besyv: {say(language, 'own.warning', words=fault.to(language))}\n")


def _of(file: ProcessFile) -> QuestionsText:
    assert file.questions is not None  # noqa: S101  # every caller has put them there
    return file.questions


# --- what a good survey would do otherwise ----------------------------------------------------------------


def warnings(language: Language, file: ProcessFile, flows: list[Flow]) -> list[FileFault]:
    """Of what the file words itself: where, what, and what to write instead. The survey rules are about Danish."""
    document, own = own_questions.read(_of(file))
    by_key = {flow.flow: flow for flow in flows}
    found: list[FileFault] = []
    for place, step in enumerate(own.steps):
        flow = by_key.get(step.flow)
        if flow is not None and len(words_of(taste.danish(flow))) >= STEADY:  # two short questions are no page
            found += [document.fault(("steps", place), each) for each in taste.faults_of_the_whole(flow)]
    for key, question_id, at in own_questions.places(_of(file)):
        for question in [each for each in by_key.get(key, ()) if each.id.partition(".")[0] == question_id][:1]:
            found += [document.fault((*at, *field), said) for field, said in _of_wording(language, question)]
            seen = (*taste.faults_of(question), *taste.doubts_of(question))
            found += [document.fault((*at, *_field(each, question)), each) for each in seen]
    return list(dict.fromkeys(found))


def _field(message: str, question: Question) -> tuple[str, ...]:
    """Where it is mended: the form that a text lacks, in the text."""
    values = message.values if isinstance(message, Bilingual) and message.key.startswith("taste.du") else {}
    return ("text", "da_jer") if values.get("text") == question.text.da else ()


def _of_wording(language: Language, question: Question) -> Iterator[tuple[tuple[str, ...], str]]:
    for form, worded in (("da", question.text.da), ("da_jer", question.text.da_jer)):
        for finding in findings(worded or "", shown=question.shows is not None):
            yield ("text", form), f"{finding.reason.to(language)} {finding.proposal.to(language)}"


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

    question: Question
    to_several: bool
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
                to_several = said.ask.many and language == "da" and question.text.da_jer is not None
                frame = PageFrame(plan, known=True, language=language)
                name = f"{flow.flow}-{question.id}{'-jer' if to_several else ''}"
                found.setdefault(name, _Shown(flow.question(question.id), to_several, said.reply, page, frame))
        return found

    with tempfile.TemporaryDirectory() as folder:
        here = {"database": f"{folder}/show.db", "key_file": f"{folder}/show.key"}
        nothing = {"key_store": "", "key_store_copy": "", "process": "", "questions": ""}
        async with open_runtime(settings.model_copy(update={**here, **nothing})) as runtime:
            return await runtime.database.write(lambda tx: unit(tx, runtime.context))


def _heading(language: Language, shown: _Shown) -> str:
    return say(language, "own.to-several", question=shown.question.id) if shown.to_several else shown.question.id


def _page(shown: _Shown) -> str:
    """As a browser shows it, with what it fetches beside it."""
    visitor = Visitor("", shown.frame.language, lambda _: b"")
    return render.question(visitor, shown.frame, shown.on_page, ()).replace('"/static/', '"static/')
