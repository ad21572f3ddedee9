"""The panel «Skriv ind for andre»: what a table, a caller or a sheet of paper said, and what was entered before."""

from __future__ import annotations

from dataclasses import replace

from bot import texts
from bot.dialogue import acting_as, commands
from bot.dialogue.acting_as import SOURCES
from bot.dialogue.naming import groups, step_of
from bot.dialogue.panel import Args, Elsewhere, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import NONE, ListPage, back
from bot.dialogue.reply import Reply
from bot.dialogue.session import Session
from bot.features.on_behalf import entries
from bot.features.on_behalf.entries import MOST_BEHIND
from bot.flows.model import SPEAK_FOR_MANY
from bot.process.plan import START, State
from bot.texts import names, numbers
from storage import people, register, runs
from storage.people import Person

SHOWN = 10
FOUND = 8  # entries of the register to choose from


def show(s: Session, args: Args, sent: PanelInput) -> Panel | Elsewhere:
    match args:
        case ("ny", source, flow, group, party) if sent.text:
            return _begun(s, (source, flow, group, party), sent.text)
        case ("ny", source, flow, group, party, "en"):
            return _begun(s, (source, flow, group, party), "1")
        case ("ny", *chosen):
            return _new(s, tuple(chosen), sent.text)
        case ("igen", number):
            return _again(s, int(number))
        case ("antal", number):
            return _behind(s, int(number), sent)
        case (number,) if number.isdecimal():
            return _one(s, int(number))
        case ("fra", number):
            return _list(s, before=int(number))
        case _:
            return _list(s)


def _list(s: Session, *notes: str, before: int = 1 << 62) -> Panel:
    """Newest first; `before` is the last one of the page before this."""
    mine = people.entered_by(s.tx, s.person.id)
    here = [entered for entered in mine if entered.id < before]
    page = ListPage(here, SHOWN)
    body = (s.say("enter.what"), texts.count(s.language, "enter.mine", len(mine)))
    first = here == mine
    new = [Go(s.say("enter.new"), "indtast/ny")] if first else []
    rows = (
        *column(*new, *(Go(_line(s, entered), f"indtast/{entered.id}") for entered in page.shown)),
        *page.turning(lambda place: f"indtast/fra/{here[place - 1].id}", s.say("panel.older")),
        (back(s, "leder" if first else "indtast"),),
    )
    at = "indtast" if first else f"indtast/fra/{before}"
    return Panel(at=at, title=s.say("lead.indtast"), body=body, rows=rows, notes=notes)


def _line(s: Session, entered: Person) -> str:
    taken = [run for run in runs.of_person(s.tx, entered.id) if run.flow != START]
    steps = ", ".join(step_of(s, run.flow) for run in taken)
    sent = all(run.sent_at is not None for run in taken) and bool(taken)
    return f"{'✓ ' if sent else ''}{acting_as.whom(s, entered)}" + (f" · {steps}" if steps else "")


def _new(s: Session, chosen: Args, text: str) -> Panel:
    """Source, step, group, of an association or council which one of the register, number of people."""
    at = "/".join(("indtast", "ny", *chosen))
    match chosen:
        case ():
            rows = [Go(s.say(f"entering.source.{source}"), f"{at}/{source}") for source in SOURCES]
            return Panel(
                at=at,
                title=s.say("enter.source"),
                body=(s.say("enter.tell-them"),),
                rows=column(*rows, back(s, "indtast")),
            )
        case (_,):
            rows = [Go(step_of(s, flow), f"{at}/{flow}") for flow in _open(s)]
            body = () if rows else (s.say("enter.nothing-open"),)
            return Panel(at=at, title=s.say("enter.step"), body=body, rows=column(*rows, back(s, "indtast")))
        case (_, flow):
            rows = [Go(name, f"{at}/{group}") for group, name in groups(s) if _takes(s, flow, group)]
            return Panel(at=at, title=s.say("enter.group"), body=(), rows=column(*rows, back(s, "indtast")))
        case (_, _, group) if group in SPEAK_FOR_MANY and register.count(s.tx, s.plan.process_id):
            return _found(s, at, text)
        case (*before, "fundet", numbers):
            found = tuple(int(number) for number in numbers.split("-") if number)
            return _whom(s, "/".join(("indtast", "ny", *before)), found)
        case (_, _, _):
            return _how_many(s, f"{at}/{NONE}")
        case _:
            return _how_many(s, at)


def _found(s: Session, at: str, text: str) -> Panel:
    listed = [(party.id, party.name) for party in register.of_process(s.tx, s.plan.process_id)]
    found = tuple(names.alike(text, listed, FOUND))
    return _whom(s, at, found, *(() if found or not text else (s.say("register.not-found"),)))


def _whom(s: Session, at: str, numbers: tuple[int, ...], *notes: str) -> Panel:
    """Which entry of the register it is from: one of those that were found by their name, or none."""
    found = [register.by_id(s.tx, s.plan.process_id, number) for number in numbers]
    none = Go(s.say("enter.party-none"), f"{at}/{NONE}")
    rows = column(*(Go(party.name, f"{at}/{party.id}") for party in found if party), none, back(s, "indtast"))
    return Panel(
        at=f"{at}/fundet/{'-'.join(map(str, numbers))}",
        title=s.say("enter.party"),
        body=(s.say("enter.party-what"),),
        rows=rows,
        notes=notes,
        asks=at,
    )


def _how_many(s: Session, at: str, *notes: str) -> Panel:
    rows = column(Go(s.say("enter.one"), f"{at}/en"), back(s, "indtast"))
    return Panel(
        at=at, title=s.say("enter.behind"), body=(s.say("enter.behind-what"),), rows=rows, notes=notes, asks=at
    )


def _open(s: Session) -> list[str]:
    return [key for key in s.plan.flows if any(_takes(s, key, group) for group, _ in groups(s))]


def _takes(s: Session, flow: str, group: str) -> bool:
    """Whether the step takes answers of the group now, and has questions for it."""
    if flow not in s.plan.flows or flow == START or s.plan.state(flow, s.visit.now, group) is not State.OPEN:
        return False
    return s.plan.asks(flow, group)


def _begun(s: Session, chosen: tuple[str, str, str, str], text: str) -> Panel | Elsewhere:
    source, flow, group, party = chosen
    behind = numbers.read(text, 1, MOST_BEHIND)
    if source not in SOURCES or not _takes(s, flow, group):
        return _list(s, s.say("panel.gone"))
    if behind is None:
        return _how_many(s, "/".join(("indtast", "ny", *chosen)), s.say("enter.not-number", most=MOST_BEHIND))
    entries.begin(s, source, group, behind, flow, int(party) if party.isdecimal() else None)
    return Elsewhere((s.say("enter.begun"),))


# --- one entry --------------------------------------------------------------------------------------------


def _mine(s: Session, number: int) -> Person | None:
    return next((entered for entered in people.entered_by(s.tx, s.person.id) if entered.id == number), None)


def _one(s: Session, number: int, *notes: str) -> Panel:
    entered = _mine(s, number)
    if entered is None:
        return _list(s, s.say("panel.gone"))
    at = f"indtast/{number}"
    rows = (Go(s.say("enter.again"), f"indtast/igen/{number}"), Go(s.say("enter.change"), f"indtast/antal/{number}"))
    return Panel(at=at, title=_line(s, entered), body=(), rows=column(*rows, back(s, "indtast")), notes=notes)


def _again(s: Session, number: int) -> Panel | Elsewhere:
    """Into the entry as it stands: the open question, or the review of what was sent."""
    if not entries.take_up(s, number):
        return _list(s, s.say("panel.gone"))
    return Elsewhere((s.say("enter.taken-up"),))


def _behind(s: Session, number: int, sent: PanelInput) -> Panel:
    entered = _mine(s, number)
    if entered is None:
        return _list(s, s.say("panel.gone"))
    behind = numbers.read(sent.text, 1, MOST_BEHIND)
    if behind is None:
        at, wrong = f"indtast/antal/{number}", (s.say("enter.not-number", most=MOST_BEHIND),) if sent.text else ()
        return Panel(
            at=at, title=s.say("enter.behind"), body=(), rows=column(back(s, f"indtast/{number}")), notes=wrong, asks=at
        )
    people.recount_behind(s.tx, number, behind)
    s.audit("enter-again", behind)
    return _one(s, number, s.say("panel.saved"))


def oneself_again(s: Session) -> Reply:
    """What was entered for others is left; back to the panel it was begun from."""
    return commands.panel(entries.PANEL)(acting_as.leave(s))


def entry_erased(s: Session) -> Reply:
    reply = commands.panel(entries.PANEL)(entries.erase(s))
    return replace(reply, notes=(s.say("enter.erased"), *reply.notes))
