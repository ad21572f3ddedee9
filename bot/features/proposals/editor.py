"""A question in the making, piece by piece: what was told lies in a draft of the person's own, and nobody is asked
before the yes. `spoergsmaal/kladde/…`"""

from __future__ import annotations

from dataclasses import replace

from bot import texts
from bot.dialogue.naming import group_name, work_step_of
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import back, sure, toggled
from bot.dialogue.session import Session
from bot.features.proposals import drafts, service, wording
from bot.features.proposals.drafts import AnswerWay, QuestionDraft, QuestionField
from bot.features.proposals.wording import SeenAs
from bot.flows.model import Group
from bot.flows.personal_details import found_in
from bot.process.own_questions import ChatQuestion
from bot.texts import lists, names
from storage import question_drafts

HOME = "spoergsmaal"
AT = f"{HOME}/kladde"
PROVISIONAL = "Q99"  # the id under which it is looked at before it has one


def begun(s: Session) -> QuestionDraft | None:
    return drafts.read(question_drafts.of_person(s.tx, s.person.id))


def begin(s: Session, source: str) -> Panel:
    """A new draft, in place of the one before."""
    return _ask(s, _kept(s, QuestionDraft(source=source)), QuestionField.TEXT)


def show(seen_as: SeenAs, s: Session, draft: QuestionDraft, args: Args, sent: PanelInput) -> Panel:
    """Of every path but `ja`, `slip/ja`, which end the draft."""
    match args:
        case ("som",):
            return _as_it_stands(s, draft)
        case ("jer" | "engelsk", "uden"):
            return _next(seen_as, s, _kept(s, _in_form(draft, args[0], "")))
        case ("jer" | "engelsk",):
            return _other_form(seen_as, s, draft, args[0], sent.text)
        case (QuestionField.TEXT | QuestionField.CHOICES,) if sent.text:
            return _written(seen_as, s, draft, QuestionField(args[0]), sent.text)
        case (QuestionField.CHOICES, "ok"):
            return _choices_told(seen_as, s, draft)
        case (QuestionField.CHOICES, "fortryd"):
            return _ask(s, _kept(s, replace(draft, choices=draft.choices[:-1])), QuestionField.CHOICES)
        case (QuestionField.WHO, "ok"):
            return _next(seen_as, s, draft) if draft.who else _ask(s, draft, QuestionField.WHO)
        case (field, chosen) if field in frozenset(QuestionField):
            return _chosen(seen_as, s, draft, QuestionField(field), chosen)
        case (field,) if field in frozenset(QuestionField):
            return _ask(s, draft, QuestionField(field))
        case ("se",):
            return _sure(seen_as, s, draft)
        case ("slip",):
            return _sure_to_drop(s)
        case _:
            return _next(seen_as, s, draft)


def _kept(s: Session, draft: QuestionDraft) -> QuestionDraft:
    question_drafts.put(s.tx, s.person.id, drafts.written(draft), s.visit.now)
    return draft


def _next(seen_as: SeenAs, s: Session, draft: QuestionDraft, *notes: str) -> Panel:
    """What is asked for next; where everything is told, how it all looks."""
    lacks = draft.lacks
    return _overview(seen_as, s, draft, *notes) if lacks is None else _ask(s, draft, lacks, *notes)


# --- one thing at a time ------------------------------------------------------------------------------------


def _ask(s: Session, draft: QuestionDraft, field: QuestionField, *notes: str) -> Panel:
    match field:
        case QuestionField.TEXT:
            return _ask_text(s, draft, *notes)
        case QuestionField.KIND:
            rows = [Go(s.say(f"proposals.kind.{kind}"), f"{AT}/{field}/{kind}") for kind in AnswerWay]
            return _asks(s, draft, field, (s.say("proposals.kind-what"),), rows, notes)
        case QuestionField.CHOICES:
            return _ask_choices(s, draft, *notes)
        case QuestionField.STEP:
            return _ask_step(s, draft, *notes)
        case QuestionField.WHO:
            return _ask_who(s, draft, *notes)


def _asks(
    s: Session,
    draft: QuestionDraft,
    field: QuestionField,
    body: tuple[str, ...],
    rows: list[Go],
    notes: tuple[str, ...],
) -> Panel:
    title, leads_back = s.say(f"proposals.ask.{field}"), _way_back(draft, field)
    return Panel(at=f"{AT}/{field}", title=title, body=body, rows=column(*rows, back(s, leads_back)), notes=notes)


def _way_back(draft: QuestionDraft, field: QuestionField) -> str:
    """To the whole of it, once there is one; until then to the question before, and from the first to the proposal."""
    if draft.lacks is None:
        return AT
    before = draft.before(field)
    return f"{AT}/{before}" if before is not None else f"{HOME}/forslag/{draft.source}"


def _ask_text(s: Session, draft: QuestionDraft, *notes: str) -> Panel:
    found = service.proposal(s.tx, s.plan.process_id, draft.source)
    source = s.say("proposals.proposed", words=found.text) if found is not None else s.say("proposals.is-gone")
    now = (s.say("proposals.text-now", text=draft.da),) if draft.da else ()
    # On a page they stand in the field already; and nobody is led to ask with somebody's name in it.
    offered = found is not None and not draft.da and not s.visit.pages and not found_in(found.text)
    rows = [Go(s.say("proposals.as-it-stands"), f"{AT}/som")] if offered else []
    rows += [Go(s.say("proposals.who-done"), AT)] if draft.da and draft.lacks is not None else []
    body = (source, *now, s.say("proposals.text-what", most=drafts.LONGEST), s.say("proposals.take-out"))
    return replace(
        _asks(s, draft, QuestionField.TEXT, body, rows, notes),
        asks=f"{AT}/{QuestionField.TEXT}",
        send=s.say("send.question"),
        begun=draft.da or (found.text if found is not None else ""),
    )


def _ask_choices(s: Session, draft: QuestionDraft, *notes: str) -> Panel:
    now = "\n".join(f"{da} = {en}" if en else da for da, en in draft.choices)
    most = s.say("proposals.choices-what", fewest=drafts.FEWEST_CHOICES, most=drafts.MOST_CHOICES)
    by_one = () if s.visit.pages else (s.say("proposals.choices-one-by-one"),)
    body = (*((s.say("proposals.choices-now", words=now),) if now else ()), most, *by_one)
    at = f"{AT}/{QuestionField.CHOICES}"
    rows = [] if s.visit.pages else [Go(s.say("button.done"), f"{at}/ok")]
    rows += [Go(s.say("button.undo"), f"{at}/fortryd")] if rows and draft.choices else []
    return replace(
        _asks(s, draft, QuestionField.CHOICES, body, rows, notes),
        asks=f"{AT}/{QuestionField.CHOICES}",
        send=s.say("send.choices"),
        begun=now,
    )


def _ask_step(s: Session, draft: QuestionDraft, *notes: str) -> Panel:
    found = service.steps(s.plan, s.visit.now)
    rows = [Go(work_step_of(s, key), f"{AT}/{QuestionField.STEP}/{key}") for key in found]
    body = (s.say("proposals.step-what"),) if found else (s.say("proposals.no-step"),)
    return _asks(s, draft, QuestionField.STEP, body, rows, notes)


def _ask_who(s: Session, draft: QuestionDraft, *notes: str) -> Panel:
    """Who is asked as much as can be is not offered, and it is said why."""
    at, flow = f"{AT}/{QuestionField.WHO}", s.plan.flows[draft.flow].flow
    asked = service.asked_by(s.plan, draft.flow)
    rows = [
        Go(lists.ticked(group_name(s, group), on=group in draft.who), f"{at}/{group}")
        for group in asked
        if service.has_room(flow, group)
    ]
    body = (s.say("proposals.in-step", step=work_step_of(s, draft.flow)), *_full(s, draft.flow, asked))
    done = [Go(s.say("proposals.who-done"), f"{at}/ok")] if draft.who else []
    other = [Go(s.say("proposals.other-step"), f"{AT}/{QuestionField.STEP}")]
    return _asks(s, draft, QuestionField.WHO, body, [*rows, *done, *other], notes)


def _full(s: Session, flow: str, groups: list[Group]) -> tuple[str, ...]:
    """Whom the step can't ask one more."""
    full = [group for group in groups if not service.has_room(s.plan.flows[flow].flow, group)]
    return (s.say("proposals.full", whom=wording.named(s, full)),) if full else ()


# --- what was told ------------------------------------------------------------------------------------------


def _as_it_stands(s: Session, draft: QuestionDraft) -> Panel:
    """The words of the proposal, to begin with."""
    found = service.proposal(s.tx, s.plan.process_id, draft.source)
    if found is None:
        return _ask(s, draft, QuestionField.TEXT)
    text = drafts.one_line(found.text)
    if len(text) > drafts.LONGEST:
        return _ask(s, draft, QuestionField.TEXT, s.say("proposals.too-long", most=drafts.LONGEST))
    told = _kept(s, replace(draft, da=text))
    return _ask(s, told, told.lacks or QuestionField.TEXT)


def _written(seen_as: SeenAs, s: Session, draft: QuestionDraft, field: QuestionField, typed: str) -> Panel:
    if field is QuestionField.TEXT:
        text = drafts.one_line(typed)
        if not text or len(text) > drafts.LONGEST:
            return _ask(s, draft, field, s.say("proposals.too-long", most=drafts.LONGEST))
        return _next(seen_as, s, _kept(s, replace(draft, da=text)))
    return _choices_written(seen_as, s, draft, drafts.choices_in(names.unturned(typed)))


def _choices_written(seen_as: SeenAs, s: Session, draft: QuestionDraft, choices: tuple[tuple[str, str], ...]) -> Panel:
    """All of them at once; in a chat message by message, too, until it is said that there are no more."""
    field, has_more = QuestionField.CHOICES, not s.visit.pages and (len(choices) == 1 or bool(draft.choices))
    if has_more:
        before = dict(draft.choices)
        choices = tuple({**before, **{da: en or before.get(da, "") for da, en in choices}}.items())
    if not has_more and not drafts.FEWEST_CHOICES <= len(choices) <= drafts.MOST_CHOICES:
        return _ask(
            s, draft, field, s.say("proposals.choices-number", fewest=drafts.FEWEST_CHOICES, most=drafts.MOST_CHOICES)
        )
    if len(choices) > drafts.MOST_CHOICES:
        return _ask(s, draft, field, s.say("proposals.choices-most", most=drafts.MOST_CHOICES))
    if any(len(label) > drafts.LONGEST_CHOICE for pair in choices for label in pair):
        return _ask(s, draft, field, s.say("proposals.too-long-choice", most=drafts.LONGEST_CHOICE))
    told = _kept(s, replace(draft, choices=choices))
    return replace(_ask(s, told, field), took=True) if has_more else _next(seen_as, s, told)


def _choices_told(seen_as: SeenAs, s: Session, draft: QuestionDraft) -> Panel:
    """«Færdig»."""
    if len(draft.choices) >= drafts.FEWEST_CHOICES:
        return _next(seen_as, s, draft)
    fewest = s.say("proposals.choices-fewest", fewest=drafts.FEWEST_CHOICES)
    return _ask(s, draft, QuestionField.CHOICES, fewest)


def _in_form(draft: QuestionDraft, form: str, text: str) -> QuestionDraft:
    return replace(draft, jer=text) if form == "jer" else replace(draft, en=text)


def _other_form(seen_as: SeenAs, s: Session, draft: QuestionDraft, form: str, typed: str) -> Panel:
    """The same to associations, or in English; both can be left out."""
    text = drafts.one_line(typed)
    if text and len(text) <= drafts.LONGEST:
        return _next(seen_as, s, _kept(s, _in_form(draft, form, text)))
    at, several = f"{AT}/{form}", form == "jer"
    now = draft.jer if several else draft.en
    shown = s.say("proposals.text-now", text=now or draft.da)
    left_out = s.say("proposals.several-not" if several else "proposals.english-not")
    without = [Go(left_out, f"{at}/uden")] if now else []
    return Panel(
        at=at,
        title=s.say("proposals.several" if several else "proposals.english"),
        body=(shown, s.say("proposals.several-what" if several else "proposals.english-what")),
        rows=column(*without, back(s, AT)),
        notes=(s.say("proposals.too-long", most=drafts.LONGEST),) if text else (),
        asks=at,
        send=s.say("send.question"),
        begun=now or (draft.da if several else ""),
    )


def _chosen(seen_as: SeenAs, s: Session, draft: QuestionDraft, field: QuestionField, chosen: str) -> Panel:
    """A button of the question. What it does not offer changes nothing."""
    match field:
        case QuestionField.KIND if chosen in frozenset(AnswerWay):
            return _next(seen_as, s, _kept(s, replace(draft, kind=chosen)))
        case QuestionField.STEP if chosen in service.steps(s.plan, s.visit.now):
            return _in_step(s, draft, chosen)
        case QuestionField.WHO if draft.flow in s.plan.flows and chosen in service.asked_by(s.plan, draft.flow):
            return _ask_who(s, _kept(s, replace(draft, who=toggled(draft.who, chosen))))
        case _:
            return _ask(s, draft, field)


def _in_step(s: Session, draft: QuestionDraft, step: str) -> Panel:
    """Of everybody whom the step asks something and has room for, until it is said otherwise."""
    flow = s.plan.flows[step].flow
    room = [str(group) for group in service.asked_by(s.plan, step) if service.has_room(flow, group)]
    if not room:
        return _ask(s, draft, QuestionField.STEP, s.say("proposals.step-full", step=work_step_of(s, step)))
    kept = [group for group in draft.who if group in room] if draft.flow == step else []
    return _ask_who(s, _kept(s, replace(draft, flow=step, who=tuple(kept or room))))


# --- how it all looks ---------------------------------------------------------------------------------------


def _overview(seen_as: SeenAs, s: Session, draft: QuestionDraft, *notes: str) -> Panel:
    if not _has_step(s, draft):
        return _ask_step(s, draft, s.say("proposals.step-gone"))
    question = draft.question(PROVISIONAL)
    full = service.without_room(s.plan, question)
    shown = () if full else wording.previews(seen_as, s, question)
    refused = (s.say("proposals.refused", whom=wording.named(s, full)),) if full else ()
    advice = (*wording.advice(s, draft), *wording.warning(s, draft))
    ready = [] if full else [Go(s.say("proposals.see"), f"{AT}/se")]
    choices = [Go(s.say("proposals.change.valg"), f"{AT}/valg")] if draft.kind == AnswerWay.SINGLE else []
    rows = (
        *ready,
        Go(s.say("proposals.change.tekst"), f"{AT}/tekst"),
        Go(s.say("proposals.several"), f"{AT}/jer"),
        Go(s.say("proposals.english"), f"{AT}/engelsk"),
        Go(s.say("proposals.change.svar"), f"{AT}/svar"),
        *choices,
        Go(s.say("proposals.other-step"), f"{AT}/trin"),
        Go(s.say("proposals.change.hvem"), f"{AT}/hvem"),
        Go(s.say("proposals.drop"), f"{AT}/slip"),
        back(s, HOME),
    )
    return Panel(
        at=AT,
        title=s.say("proposals.draft"),
        body=(*shown, wording.facts(s, draft), *refused, *advice),
        rows=column(*rows),
        notes=notes,
    )


def _has_step(s: Session, draft: QuestionDraft) -> bool:
    """Whether its step is there still, and takes answers: it may have closed meanwhile."""
    return draft.flow in service.steps(s.plan, s.visit.now)


def _can_be_asked(s: Session, draft: QuestionDraft) -> bool:
    """Whether everything is told, and its step can ask all whom it is for one more."""
    told = draft.lacks is None and _has_step(s, draft)
    return told and not service.without_room(s.plan, draft.question(PROVISIONAL))


def _sure(seen_as: SeenAs, s: Session, draft: QuestionDraft) -> Panel:
    """What will happen, to how many."""
    if not _can_be_asked(s, draft):
        return _next(seen_as, s, draft)
    whom = wording.named(s, draft.who)
    body = (
        texts.quoted(s.language, draft.da),
        s.say("proposals.will", step=work_step_of(s, draft.flow), whom=whom),
        middle(s, draft.flow),
        s.say("proposals.will-stay"),
        *wording.warning(s, draft),
    )
    yes = s.say("proposals.yes-all-the-same" if wording.told_in(draft) else "proposals.yes")
    return sure(s, f"{AT}/se", s.say("proposals.sure"), body, yes, f"{AT}/ja", AT)


def middle(s: Session, flow: str) -> str:
    """How many are in the middle of the step, who may choose."""
    return s.count("proposals.middle", service.in_the_middle(s.tx, s.plan, flow))


def _sure_to_drop(s: Session) -> Panel:
    title, yes = s.say("proposals.drop-sure"), s.say("proposals.drop-yes")
    return sure(s, f"{AT}/slip", title, (s.say("proposals.drop-what"),), yes, f"{AT}/slip/ja", AT)


# --- the yes ------------------------------------------------------------------------------------------------


def put_in(seen_as: SeenAs, s: Session, draft: QuestionDraft) -> ChatQuestion | Panel:
    """The question that its step asks from now on; where it can't, what stands in the way."""
    if not _can_be_asked(s, draft):
        return _next(seen_as, s, draft)
    question_id = service.next_id(s.tx, s.plan)
    if question_id is None:
        return _overview(seen_as, s, draft, s.say("proposals.no-id"))
    question = draft.question(question_id)
    service.put_in(s.tx, s.plan, question, s.visit.now)
    s.audit("question-made", f"{question.id} {question.flow}")
    question_drafts.drop(s.tx, s.person.id)
    s.plan = s.process_host.plan(s.tx, s.plan.process_id)
    return question
