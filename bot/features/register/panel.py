"""The panel of the register: the template, single entries, all of it. Not here: importing a file, names from
answers."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Literal

from bot import texts
from bot.dialogue.naming import place_name
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import ListPage, back, sure
from bot.dialogue.reply import Attachment
from bot.dialogue.session import Session
from bot.features.register import service, tied_panel, ties
from bot.flows.model import Language
from bot.texts import lists, names
from reports.register import LONGEST_NAME, PartyKind, RegisterEntry
from reports.register_writing import csv, xlsx
from storage import register
from storage.register import Party

SHOWN = 10
FOUND = 8
FILE_KINDS = (("Excel", "xlsx"), ("CSV", "csv"))  # what it can be downloaded as


def show(s: Session, args: Args, sent: PanelInput) -> Panel:
    match args:
        case ("skabelon",):
            return _template(s)
        case ("skabelon", key):
            return _from_template(s, key)
        case ("ny",):
            return _added(s, sent.text) if sent.text else _new(s)
        case ("find",):
            return _found(s, sent.text)
        case ("fundet", numbers):
            return _these(s, _numbers(numbers))
        case ("side", first):
            return _browse(s, int(first))
        case ("hent", what):
            return _taken_out(s, what)
        case ("inviteret",):
            return _sure_invited(s)
        case ("inviteret", "ja"):
            return _all_invited(s)
        case ("formodet",):
            return tied_panel.presumed(s)
        case (number, *what) if number.isdecimal():
            return _one(s, int(number), tuple(what), sent.text)
        case _:
            return home(s)


def home(s: Session, *notes: str) -> Panel:
    listed = register.of_process(s.tx, s.plan.process_id)
    waiting = len(service.suggestions(s.tx, s.plan))
    uninvited = sum(party.invited_at is None for party in listed)
    body = (texts.count(s.language, "register.count", len(listed)), s.say("register.what"))
    unsure = service.presumed(s.tx, s.plan.process_id)
    rows = (
        *(((Go(texts.count(s.language, "tied.presumed-count", unsure), "liste/formodet"),),) if unsure else ()),
        (Go(s.say("register.file"), "fil"),),
        (Go(s.say("register.template"), "liste/skabelon"),),
        (Go(s.say("register.new"), "liste/ny"), Go(s.say("register.find"), "liste/find")),
        *(((Go(texts.count(s.language, "register.suggested", waiting), "navne"),),) if waiting else ()),
        *(((Go(s.say("register.browse"), "liste/side/0"), Go(s.say("lead.mangler"), "mangler")),) if listed else ()),
        *(((Go(texts.count(s.language, "register.mark-all", uninvited), "liste/inviteret"),),) if uninvited else ()),
        *(
            (tuple(Go(s.say("register.fetch", format=name), f"liste/hent/{kind}") for name, kind in FILE_KINDS),)
            if listed
            else ()
        ),
        (back(s, "leder"),),
    )
    return Panel(at="liste", title=s.say("lead.liste"), body=body, rows=rows, notes=notes)


def _new(s: Session, *notes: str) -> Panel:
    what = (s.say("register.new-what"),)
    return Panel(
        at="liste/ny",
        title=s.say("register.new"),
        body=what,
        rows=column(back(s, "liste")),
        notes=notes,
        asks="liste/ny",
        send=s.say("suggestions.accept"),
    )


def _taken_out(s: Session, what: str) -> Panel:
    shown = home(s)
    entries = tuple(service.in_words(s.tx, s.plan, s.language))
    s.audit("register-export", what)
    return replace(shown, makes=(partial(_written, entries, what, s.language),))


def _written(entries: tuple[RegisterEntry, ...], what: str, language: Language) -> Attachment:
    content = csv(entries, language) if what == "csv" else xlsx(entries, language)
    return Attachment(f"besyv-liste.{'csv' if what == 'csv' else 'xlsx'}", content)


# --- the template, and single entries ---------------------------------------------------------------------


def _template(s: Session, *notes: str) -> Panel:
    known = {party.folded for party in register.of_process(s.tx, s.plan.process_id)}
    rows = [
        Go(
            lists.ticked(
                usual.name + (f" ({s.say('missing.must')})" if usual.must else ""),
                on=names.folded(usual.name) in known,
            ),
            f"liste/skabelon/{usual.key}",
        )
        for usual in service.template()
    ]
    return Panel(
        at="liste/skabelon",
        title=s.say("register.template"),
        body=(s.say("register.template-what"),),
        rows=column(*rows, back(s, "liste")),
        notes=notes,
    )


def _from_template(s: Session, key: str) -> Panel:
    """Ticks one in, or takes one out again that nobody has been invited as or spoken for."""
    usual = next((one for one in service.template() if one.key == key), None)
    if usual is None:
        return _template(s)
    folded = names.folded(usual.name)
    known = next((p for p in register.progress(s.tx, s.plan.process_id, "") if p.party.folded == folded), None)
    if known is None:
        service.add(s.tx, s.plan.process_id, usual.name, "template", s.visit.now, kind=usual.kind, must=usual.must)
        return _template(s)
    if known.party.invited_at is not None or known.came or known.party.source != "template":
        return _template(s, s.say("register.template-kept", name=usual.name))
    register.remove(s.tx, s.plan.process_id, known.party.id)
    return _template(s)


def _added(s: Session, name: str) -> Panel:
    kept = names.on_one_line(name)
    if not service.is_name(kept):
        return _new(s, s.say("register.not-a-name", most=LONGEST_NAME))
    number = service.add(s.tx, s.plan.process_id, kept, "by-hand", s.visit.now)
    return _one(s, number, ())


def _found(s: Session, text: str) -> Panel:
    if not text:
        return _these(s, ())
    listed = [(party.id, party.name) for party in register.of_process(s.tx, s.plan.process_id)]
    found = tuple(names.alike(text, listed, FOUND))
    return _these(s, found, *(() if found else (s.say("register.not-found"),)))


def _these(s: Session, numbers: tuple[int, ...], *notes: str) -> Panel:
    """What was found, and room to look again."""
    found = [register.by_id(s.tx, s.plan.process_id, number) for number in numbers]
    rows = [Go(party.name, f"liste/{party.id}") for party in found if party is not None]
    body = (s.say("register.find-what"),)
    at = "liste/fundet/" + "-".join(map(str, numbers))
    return Panel(
        at=at,
        title=s.say("register.find"),
        body=body,
        rows=column(*rows, back(s, "liste")),
        notes=notes,
        asks="liste/find",
        send=s.say("send.find"),
    )


def _numbers(written: str) -> tuple[int, ...]:
    return tuple(int(number) for number in written.split("-") if number)


def _browse(s: Session, first: int) -> Panel:
    listed = sorted(register.of_process(s.tx, s.plan.process_id), key=lambda party: names.sort_key(party.name))
    page = ListPage(listed, SHOWN, first)
    rows = (
        *column(*(Go(party.name, f"liste/{party.id}") for party in page.shown)),
        *page.turning(lambda place: f"liste/side/{place}", s.say("panel.more"), s.say("panel.newer")),
        (back(s, "liste"),),
    )
    body = (texts.count(s.language, "register.count", len(listed)),)
    return Panel(at=f"liste/side/{first}", title=s.say("register.browse"), body=body, rows=rows)


def _one(s: Session, number: int, what: Args, text: str = "") -> Panel:
    party = register.by_id(s.tx, s.plan.process_id, number)
    if party is None:
        return home(s, s.say("panel.gone"))
    process, now = s.plan.process_id, s.visit.now
    outcome: Panel | str | None = None
    match what:
        case ("svar", run, *act) if run.isdecimal():
            outcome = tied_panel.one(s, party, int(run), tuple(act))
        case ("knyt", *act):
            outcome = tied_panel.tie(s, party, tuple(act))
        case ("navn",):
            outcome = _renamed(s, party, text)
        case ("sammen",):
            return _other_found(s, party, text)
        case ("sammen", "fundet", numbers):
            return _merge_with(s, party, _numbers(numbers))
        case ("sammen", other, *act) if other.isdecimal():
            return _merged(s, party, int(other), tuple(act))
        case ("inviteret",):
            register.mark_invited(s.tx, process, number, now)
        case ("nej",):
            register.mark_declined(s.tx, process, number, now)
            s.audit("marked-declined", number)
        case ("ja",):
            register.mark_declined(s.tx, process, number, None)
            s.audit("unmarked-declined", number)
        case ("type", kind) if kind in set(PartyKind):
            register.set_kind(s.tx, process, number, kind)
        case ("type",):
            rows = [Go(s.say(f"party-kind.{kind}"), f"liste/{number}/type/{kind}") for kind in PartyKind]
            at = f"liste/{number}/type"
            return Panel(at=at, title=party.name, body=(), rows=column(*rows, back(s, f"liste/{number}")))
        case ("slet",):
            return sure(
                s,
                f"liste/{number}/slet",
                s.say("register.remove-sure", name=party.name),
                (s.say("register.remove-what"),),
                s.say("register.remove-yes"),
                f"liste/{number}/slet/ja",
                f"liste/{number}",
            )
        case ("slet", "ja"):
            ties.remove(s.tx, process, number)
            s.audit("removed-entry", number)
            return home(s, s.say("register.removed", name=party.name))
    if isinstance(outcome, Panel):
        return outcome
    found = register.by_id(s.tx, process, number)
    return _card(s, found, *((outcome,) if outcome is not None else ())) if found is not None else home(s)


def _card(s: Session, party: Party, *notes: str) -> Panel:
    sent = tied_panel.sent_by(s, party)
    told = [s.say(f"party-kind.{PartyKind(party.kind)}")]
    told += [place_name(s, "areas", party.area)] if party.area else []
    told += [place_name(s, "departments", party.department)] if party.department else []
    told += [s.say("coverage.size", size=party.size)] if party.size else []
    told += [contact] if (contact := register.contact(s.tx, s.plan.process_id, party.id)) else []
    told += [", ".join(party.tags)] if party.tags else []
    state: Literal["declined", "invited", "uninvited"] = (
        "declined" if party.declined_at else "invited" if party.invited_at else "uninvited"
    )
    at = f"liste/{party.id}"
    rows = [
        *tied_panel.buttons(s, party, sent),
        Go(s.say("register.personal"), f"links/til/{party.id}"),
        Go(s.say("register.late"), f"links/sen/{party.id}"),
        *([Go(s.say("register.mark-invited"), f"{at}/inviteret")] if party.invited_at is None else []),
        Go(
            s.say("register.mark-yes" if party.declined_at else "register.mark-no"),
            f"{at}/{'ja' if party.declined_at else 'nej'}",
        ),
        Go(s.say("register.kind"), f"{at}/type"),
        Go(s.say("register.rename"), f"{at}/navn"),
        Go(s.say("register.merge"), f"{at}/sammen"),
        Go(s.say("register.remove"), f"{at}/slet"),
        back(s, "liste"),
    ]
    body = (" · ".join(told), s.say(f"register.state.{state}"), *tied_panel.listed(s, sent))
    return Panel(at=at, title=party.name, body=body, rows=column(*rows), notes=notes)


def _renamed(s: Session, party: Party, text: str) -> Panel | str:
    """A new name; where another entry bears it, the two may be one."""
    at, name = f"liste/{party.id}/navn", names.on_one_line(text)
    if not name:
        return _new_name(s, party, at)
    if not service.is_name(name):
        return _new_name(s, party, at, s.say("register.not-a-name", most=LONGEST_NAME))
    other = register.by_folded(s.tx, s.plan.process_id, names.folded(name))
    if other is not None and other.id != party.id:
        return _merged(s, party, other.id, ())
    ties.rename(s.tx, s.plan.process_id, party.id, name)
    s.audit("renamed", party.id)
    return s.say("panel.saved")


def _new_name(s: Session, party: Party, at: str, *notes: str) -> Panel:
    body = (s.say("register.rename-what"),)
    rows = column(back(s, f"liste/{party.id}"))
    return Panel(
        at=at, title=s.say("register.rename"), body=body, rows=rows, notes=notes, asks=at, send=s.say("register.rename")
    )


def _other_found(s: Session, party: Party, text: str) -> Panel:
    """By the words, or by the entry's own name where there are none."""
    others = [(each.id, each.name) for each in register.of_process(s.tx, s.plan.process_id) if each.id != party.id]
    found = tuple(names.alike(text or party.name, others, FOUND))
    return _merge_with(s, party, found, *(() if found or not text else (s.say("register.not-found"),)))


def _merge_with(s: Session, party: Party, numbers: tuple[int, ...], *notes: str) -> Panel:
    """Which other entry is the same: those that were found, and room to look again."""
    at = f"liste/{party.id}/sammen"
    found = [register.by_id(s.tx, s.plan.process_id, number) for number in numbers]
    rows = column(*(Go(other.name, f"{at}/{other.id}") for other in found if other), back(s, f"liste/{party.id}"))
    return Panel(
        at=f"{at}/fundet/{'-'.join(map(str, numbers))}",
        title=s.say("register.merge"),
        body=(s.say("register.merge-what", name=party.name),),
        rows=rows,
        notes=notes,
        asks=at,
        send=s.say("send.find"),
    )


def _merged(s: Session, party: Party, other_id: int, what: Args) -> Panel:
    """Asks once; then the other one is the only one."""
    other = register.by_id(s.tx, s.plan.process_id, other_id)
    if other is None or other.id == party.id:
        return _card(s, party, s.say("panel.gone"))
    at = f"liste/{party.id}/sammen/{other.id}"
    if what != ("ja",):
        return sure(
            s,
            at,
            s.say("register.merge-sure", name=party.name, other=other.name),
            (s.say("register.merge-keeps", name=party.name, other=other.name),),
            s.say("register.merge-yes"),
            f"{at}/ja",
            f"liste/{party.id}",
        )
    ties.merge(s.tx, s.plan.process_id, party.id, other.id)
    s.audit("merged", other.id)
    return _one(s, other.id, ())


def _sure_invited(s: Session) -> Panel:
    number = sum(party.invited_at is None for party in register.of_process(s.tx, s.plan.process_id))
    body = (texts.count(s.language, "register.mark-all-what", number),)
    return sure(
        s,
        "liste/inviteret",
        s.say("register.mark-all-sure"),
        body,
        s.say("register.mark-all-yes"),
        "liste/inviteret/ja",
        "liste",
    )


def _all_invited(s: Session) -> Panel:
    number = register.mark_invited(s.tx, s.plan.process_id, None, s.visit.now)
    s.audit("marked-invited", number)
    return home(s, texts.count(s.language, "register.marked", number))
