"""What an entry of the register has sent: when, by which way, how it is known to be theirs; and the leader's word on
that, which ties, confirms and undoes."""

from __future__ import annotations

from typing import Final, Literal

from bot import texts
from bot.dialogue.acting_as import SOURCES
from bot.dialogue.naming import group_name, work_step_of
from bot.dialogue.panel import Args, Go, Panel, column
from bot.dialogue.panel_parts import ListPage, back
from bot.dialogue.screens import shortened
from bot.dialogue.session import Session
from bot.dialogue.step_status import how_it_came
from bot.features.register import ties
from bot.flows import content
from bot.texts import lists, names
from storage import answers, register
from storage import ties as stored
from storage.register import Party
from storage.ties import SentRun

SHOWN = 8

Tie = Literal["said", "link", "entered", "name", "leader"]
_TIES: Final[tuple[Tie, ...]] = ("said", "link", "entered", "name", "leader")
_Channel = Literal["telegram", "web", "terminal"]
_CHANNELS: Final[tuple[_Channel, ...]] = ("telegram", "web", "terminal")


def sent_by(s: Session, party: Party) -> tuple[SentRun, ...]:
    return tuple(stored.of_party(s.tx, s.plan.process_id, party.id))


def listed(s: Session, sent: tuple[SentRun, ...]) -> tuple[str, ...]:
    """A line for each of them, for the entry's card."""
    return (lists.bulleted((_line(s, run) for run in sent), s.say("tied.sent")),) if sent else ()


def buttons(s: Session, party: Party, sent: tuple[SentRun, ...]) -> list[Go]:
    at = f"liste/{party.id}"
    read = [
        Go(
            s.say("tied.read", step=work_step_of(s, run.flow), day=texts.day(s.language, run.sent_at)),
            f"{at}/svar/{run.run_id}/se",
        )
        for run in sent[:SHOWN]
    ]
    return [*read, Go(s.say("tied.tie"), f"{at}/knyt")]


def _line(s: Session, run: SentRun) -> str:
    way = _way(s, run)
    told = s.say("tied.line", step=work_step_of(s, run.flow), moment=texts.moment(s.language, run.sent_at), way=way)
    how = s.say(f"tied.by.{_tie(run)}")
    unsure = s.say("tied.presumed") if ties.is_presumed(run) else ""
    return " ".join(part for part in (told, *how_it_came(s, run.run_id), how, unsure) if part)


def _tie(run: SentRun) -> Tie:
    return next(each for each in _TIES if each == run.tied_by)


def _way(s: Session, run: SentRun) -> str:
    source = next((each for each in SOURCES if each == run.source), None)
    if source is not None:
        return s.say(f"entering.source.{source}")
    given = stored.channel_of(s.tx, run.run_id)
    channel = next((each for each in _CHANNELS if each == given), None)
    return s.say(f"tied.channel.{channel}") if channel is not None else ""


# --- one response -----------------------------------------------------------------------------------------


def one(s: Session, party: Party, run_id: int, what: Args) -> Panel | str:
    """A response and what can be said of it; or what was said, for a note on the entry's card."""
    run = stored.shown(s.tx, s.plan.process_id, run_id)
    if run is None or run.party_id != party.id:
        return s.say("panel.gone")
    match what:
        case ("ja",):
            ties.tie(s.tx, run_id, party.id)
            s.audit("tied", run_id)
            return s.say("tied.confirmed", name=party.name)
        case ("nej",):
            ties.undo(s.tx, run_id)
            s.audit("untied", run_id)
            return s.say("tied.undone", name=party.name)
        case ("se",):
            s.audit("read-response", run.run_id)
            return _read(s, party, run)
        case _:
            return _read(s, party, run)


def _read(s: Session, party: Party, run: SentRun) -> Panel:
    at = f"liste/{party.id}/svar/{run.run_id}"
    confirm = [Go(s.say("tied.confirm"), f"{at}/ja")] if ties.is_presumed(run) else []
    rows = column(*confirm, Go(s.say("tied.undo"), f"{at}/nej"), back(s, f"liste/{party.id}"))
    return Panel(at=at, title=party.name, body=(_line(s, run), *_said(s, run)), rows=rows)


def _said(s: Session, run: SentRun) -> tuple[str, ...]:
    """Every answer that is shown with the others; nothing that is kept apart."""
    version = s.process_host.flow(s.tx, s.plan, run.flow, run.version)
    order = {question.id: place for place, question in enumerate(version.questions)}
    given = [row for row in answers.of_run(s.tx, run.run_id, waits=False) if not row.apart and not row.skipped]
    given.sort(key=lambda row: order.get(row.question, len(order)))
    return tuple(f"{row.asked}\n→ {shortened(content.read(row.content).said)}" for row in given)


# --- tied by hand -----------------------------------------------------------------------------------------


def tie(s: Session, party: Party, what: Args) -> Panel | str:
    """What was sent and belongs to no entry, to be tied to this one by a press; those that name it first."""
    waiting = stored.untied(s.tx, s.plan.process_id)
    match what:
        case ("side", first):
            return _untied(s, party, waiting, int(first))
        case (number,) if any(run.run_id == int(number) for run in waiting):
            ties.tie(s.tx, int(number), party.id)
            s.audit("tied", number)
            return s.say("tied.confirmed", name=party.name)
        case _:
            return _untied(s, party, waiting, 0)


def _untied(s: Session, party: Party, waiting: list[SentRun], first: int) -> Panel:
    told = ties.names_told(s.tx, s.plan.process_id)
    named = {run.run_id: told.name(run) for run in waiting}
    alike = names.alike(party.name, [(run_id, name) for run_id, name in named.items() if name], len(waiting))
    likely = {run_id: place for place, run_id in enumerate(alike)}
    at, page = (
        f"liste/{party.id}/knyt",
        ListPage(sorted(waiting, key=lambda run: likely.get(run.run_id, len(likely))), SHOWN, first),
    )
    rows = (
        *column(*(Go(_untied_line(s, run, named[run.run_id]), f"{at}/{run.run_id}") for run in page.shown)),
        *page.turning(lambda place: f"{at}/side/{place}", s.say("panel.more"), s.say("panel.newer")),
        (back(s, f"liste/{party.id}"),),
    )
    body = (s.say("tied.tie-what", name=party.name) if waiting else s.say("tied.none-untied"),)
    return Panel(at=f"{at}/side/{first}", title=s.say("tied.tie"), body=body, rows=rows)


def _untied_line(s: Session, run: SentRun, name: str | None) -> str:
    who = name or group_name(s, run.stakeholder)
    return s.say("tied.untied", name=who, step=work_step_of(s, run.flow), day=texts.day(s.language, run.sent_at))


# --- in the hearing ---------------------------------------------------------------------------------------


def presumed(s: Session) -> Panel:
    """What is tied by a name alone, to be looked at and confirmed."""
    waiting = ties.presumed(s.tx, s.plan.process_id)
    entries = {party.id: party.name for party in register.of_process(s.tx, s.plan.process_id)}
    rows = [
        Go(
            f"{entries[run.party_id]}, {texts.day(s.language, run.sent_at)}",
            f"liste/{run.party_id}/svar/{run.run_id}/se",
        )
        for run in waiting[:SHOWN]
        if run.party_id is not None
    ]
    body = (s.say("tied.presumed-what"),) if waiting else (s.say("tied.none-presumed"),)
    return Panel(
        at="liste/formodet", title=s.say("tied.presumed-title"), body=body, rows=column(*rows, back(s, "liste"))
    )
