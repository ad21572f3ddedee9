"""The panel «Lav spørgsmål af forslag»: what was proposed for the meetings, and the questions that were made of it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from bot import texts
from bot.dialogue.naming import group_name, work_step_of
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import ListPage, back, sure
from bot.dialogue.reply import Attachment
from bot.dialogue.session import Session
from bot.features.proposals import editor, service, wording
from bot.features.proposals.editor import HOME
from bot.features.proposals.wording import SeenAs
from bot.process.own_questions import ChatQuestion
from bot.process.plan import State
from storage import question_drafts

SHOWN = 8  # to a page
LONGEST_LABEL = 60  # characters of a button
MADE = f"{HOME}/egne"


def show(seen_as: SeenAs, s: Session, args: Args, sent: PanelInput) -> Panel:
    """`seen_as`: how a question is drawn as somebody of a group sees it."""
    match args:
        case ("side", first):
            return _list(s, int(first))
        case ("forslag", key):
            return _proposal(s, key)
        case ("ny", key):
            return editor.begin(s, key) if _found(s, key) else _list(s, 0, s.say("proposals.is-gone"))
        case ("kladde", *what):
            return _draft(seen_as, s, tuple(what), sent)
        case ("egne",):
            return _made(s)
        case ("egne", question_id, *what):
            return _one_made(s, question_id, tuple(what))
        case ("fil",):
            return _file(s)
        case _:
            return _list(s, 0)


# --- what was proposed --------------------------------------------------------------------------------------


def _list(s: Session, first: int, *notes: str) -> Panel:
    found, draft = service.proposals(s.tx, s.plan.process_id), editor.begun(s)
    page = ListPage(found.readable, SHOWN, first)
    damaged = (s.count("proposals.unreadable", found.unreadable),) if found.unreadable else ()
    body = (s.say("proposals.what"), _how_many(s, len(found.readable)), *damaged)
    unfinished = [Go(s.say("proposals.go-on"), editor.AT)] if draft is not None else []
    rows = (
        *column(*unfinished, *(Go(_label(each.text), f"{HOME}/forslag/{each.key}") for each in page.shown)),
        *page.turning(lambda place: f"{HOME}/side/{place}", s.say("panel.older"), s.say("panel.newer")),
        (Go(s.say("proposals.made"), MADE),),
        (back(s, "leder"),),
    )
    at = f"{HOME}/side/{first}" if first else HOME
    return Panel(at=at, title=s.say("lead.spoergsmaal"), body=body, rows=rows, notes=notes)


def _label(text: str) -> str:
    return texts.shortened(" ".join(text.split()), LONGEST_LABEL)


def _how_many(s: Session, number: int) -> str:
    """And where proposals come from, where there are none."""
    if number:
        return texts.count(s.language, "proposals.count", number)
    asked = s.plan.flows.get(service.PLANNING)
    question = next((each for each in asked.flow if each.id == service.ASKED), None) if asked is not None else None
    if question is None:
        return s.say("proposals.not-asked")
    said = s.say("proposals.none", asked=question.text.to(s.language))
    state, step = s.plan.state(service.PLANNING, s.visit.now, None), work_step_of(s, service.PLANNING)
    if state is State.OPEN:
        return said
    closed = state in (State.CLOSED, State.OFF)
    return f"{said} {s.say('proposals.none-closed' if closed else 'proposals.none-yet', step=step)}"


def _found(s: Session, key: str) -> bool:
    return service.proposal(s.tx, s.plan.process_id, key) is not None


def _proposal(s: Session, key: str) -> Panel:
    found = service.proposal(s.tx, s.plan.process_id, key)
    if found is None:
        return _list(s, 0, s.say("proposals.is-gone"))
    by = s.say("proposals.by", group=group_name(s, found.group), day=texts.day(s.language, found.said_at))
    draft = editor.begun(s)
    same = draft is not None and draft.source == key
    replaces = () if draft is None else (s.say("proposals.same" if same else "proposals.replaces"),)
    go_on = [Go(s.say("proposals.go-on"), editor.AT)] if same else []
    make = Go(s.say("proposals.again" if same else "proposals.make"), f"{HOME}/ny/{key}")
    return Panel(
        at=f"{HOME}/forslag/{key}",
        title=s.say("proposals.one"),
        body=(texts.quoted(s.language, found.text), by, s.say("proposals.own-words"), *replaces),
        rows=column(*go_on, make, back(s, HOME)),
    )


# --- a question in the making -------------------------------------------------------------------------------


def _draft(seen_as: SeenAs, s: Session, what: Args, sent: PanelInput) -> Panel:
    draft = editor.begun(s)
    if draft is None:
        return _list(s, 0, s.say("proposals.no-draft"))
    match what:
        case ("ja",):
            outcome = editor.put_in(seen_as, s, draft)
            return outcome if isinstance(outcome, Panel) else _card(s, outcome, s.say("proposals.is-asked"))
        case ("slip", "ja"):
            question_drafts.drop(s.tx, s.person.id)
            return _list(s, 0, s.say("proposals.dropped"))
        case _:
            return editor.show(seen_as, s, draft, what, sent)


# --- those that were made -----------------------------------------------------------------------------------


def _made(s: Session, *notes: str) -> Panel:
    found = service.made(s.tx, s.plan)
    rows = [
        Go(s.say("proposals.line", number=each.id, text=_label(_text(s, each))), f"{MADE}/{each.id}") for each in found
    ]
    file = Go(s.say("proposals.file"), f"{HOME}/fil")
    body = (texts.count(s.language, "proposals.made-count", len(found)) if found else s.say("proposals.made-none"),)
    return Panel(
        at=MADE,
        title=s.say("proposals.made-title"),
        body=(*body, s.say("proposals.file-what")),
        rows=column(*rows, file, back(s, HOME)),
        notes=notes,
    )


def _text(s: Session, question: ChatQuestion) -> str:
    return question.text.to(s.language)


def _one_made(s: Session, question_id: str, what: Args) -> Panel:
    found = next((each for each in service.made(s.tx, s.plan) if each.id == question_id), None)
    if found is None:
        return _made(s, s.say("panel.gone"))
    match what:
        case ("sluk",) if not found.switched_off:
            return _sure(s, found, off=True)
        case ("sluk", "ja") if not found.switched_off:
            return _switched(s, found, off=True)
        case ("stil",) if found.switched_off and service.has_step(s.plan, found):
            return _sure(s, found, off=False)
        case ("stil", "ja") if found.switched_off and service.has_step(s.plan, found):
            return _switched(s, found, off=False)
        case _:
            return _card(s, found)


def _card(s: Session, question: ChatQuestion, *notes: str) -> Panel:
    at, off, has_step = f"{MADE}/{question.id}", question.switched_off, service.has_step(s.plan, question)
    body = (
        texts.quoted(s.language, _text(s, question)),
        "\n".join(
            (
                s.say("proposals.in-step", step=work_step_of(s, question.flow)),
                s.say("proposals.of", whom=wording.named(s, question.who or ())),
                s.say("proposals.state-off" if off else "proposals.state-on"),
                *(() if has_step else (s.say("proposals.step-left"),)),
            )
        ),
    )
    switch = Go(s.say("proposals.switch-on"), f"{at}/stil") if off else Go(s.say("proposals.switch-off"), f"{at}/sluk")
    title, ways = s.say("proposals.question", number=question.id), [switch] if has_step else []
    return Panel(at=at, title=title, body=body, rows=column(*ways, back(s, MADE)), notes=notes)


def _sure(s: Session, question: ChatQuestion, *, off: bool) -> Panel:
    at, way = f"{MADE}/{question.id}", "sluk" if off else "stil"
    refused = _refused(s, question) if not off else None
    if refused is not None:
        return _card(s, question, refused)
    title = s.say("proposals.off-sure" if off else "proposals.on-sure")
    what = s.say("proposals.off-what" if off else "proposals.on-what")
    yes = s.say("proposals.off-yes" if off else "proposals.on-yes")
    body = (texts.quoted(s.language, _text(s, question)), what, editor.middle(s, question.flow))
    return sure(s, f"{at}/{way}", title, body, yes, f"{at}/{way}/ja", at)


def _refused(s: Session, question: ChatQuestion) -> str | None:
    """Why it can't be asked again now."""
    full = service.without_room(s.plan, question)
    return s.say("proposals.full-again", whom=wording.named(s, full)) if full else None


def _switched(s: Session, question: ChatQuestion, *, off: bool) -> Panel:
    refused = _refused(s, question) if not off else None
    if refused is not None:
        return _card(s, question, refused)
    now = service.switch(s.tx, s.plan, question, s.visit.now, off=off)
    s.audit("question-off" if off else "question-on", f"{question.id} {question.flow}")
    s.plan = s.process_host.plan(s.tx, s.plan.process_id)
    return _card(s, now, s.say("proposals.is-off" if off else "proposals.is-asked"))


def _file(s: Session) -> Panel:
    """The municipality's own questions as they stand, to be read, kept, or changed by who runs Besyv."""
    kept = service.file_of(s.tx, s.plan)
    return replace(_made(s), makes=(partial(Attachment, kept.name, kept.text.encode()),))
