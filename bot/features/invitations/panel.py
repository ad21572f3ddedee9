"""Invitations: public links with QR code and poster, and single links to one entry of the register."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

from bot import texts
from bot.access import Role
from bot.dialogue import moments
from bot.dialogue.naming import group_name, groups, place_name, work_step_of
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import NONE, ListPage, back, sure
from bot.dialogue.reply import Maker
from bot.dialogue.session import Session
from bot.features.invitations import handouts, service, wording
from bot.features.invitations.service import InvitationKind, LinkPreset
from bot.features.register.service import GROUP_OF_KIND
from bot.flows import schedule
from bot.process.plan import State, last_planned
from bot.texts import names, times
from bot.texts.times import Doubt
from storage import invitations, register
from storage.invitations import Invitation
from storage.register import Party

SHOWN = 8  # to a page


def show(s: Session, args: Args, sent: PanelInput) -> Panel:
    match args:
        case ("ny", *chosen):
            return _new(s, tuple(chosen), sent)
        case ("til", party):
            return _personal(s, int(party))
        case ("sen", party, *chosen):
            return _late(s, int(party), tuple(chosen), sent)
        case ("side", first):
            return _list(s, int(first))
        case (number,):
            return _one(s, int(number))
        case (number, "luk"):
            return _sure(s, int(number))
        case (number, "luk", "ja"):
            return _revoke(s, int(number))
        case (number, "fil", what):
            return _file(s, int(number), what)
        case _:
            return _list(s, 0)


def _list(s: Session, first: int, *notes: str) -> Panel:
    now = s.visit.now
    listed = [each for each in invitations.of_process(s.tx, s.plan.process_id) if each.invitation.is_open(now)]
    page = ListPage(listed, SHOWN, first)
    links = (Go(_line(s, each.invitation, each.came), f"links/{each.invitation.id}") for each in page.shown)
    rows = (
        *column(Go(s.say("links.new"), "links/ny"), *links),
        *page.turning(lambda place: f"links/side/{place}", s.say("panel.older"), s.say("panel.newer")),
        (back(s, "leder"),),
    )
    body = (s.say("links.what"),) if listed else (s.say("links.what"), s.say("links.none"))
    return Panel(at=f"links/side/{first}", title=s.say("lead.links"), body=body, rows=rows, notes=notes)


def _line(s: Session, one: Invitation, came: int) -> str:
    name = one.label or _leads_to(s, one)
    if one.kind == InvitationKind.CAMPAIGN:
        return f"{name} · {texts.count(s.language, 'links.came', came)}"
    kind = s.say("links.kind.late" if one.answers_until is not None else f"links.kind.{InvitationKind(one.kind)}")
    return f"{name} · {kind}"


def _leads_to(s: Session, one: Invitation) -> str:
    if one.role is not None:
        return s.say(f"role.{Role(one.role)}")
    party = register.by_id(s.tx, s.plan.process_id, one.party_id) if one.party_id is not None else None
    told = [
        *([party.name] if party else []),
        *([work_step_of(s, one.flow)] if one.flow else []),
        *([group_name(s, one.stakeholder)] if one.stakeholder else []),
        *([place_name(s, "areas", one.area)] if one.area else []),
    ]
    return " · ".join(told) or s.say("links.everybody")


# --- making one -------------------------------------------------------------------------------------------


def _new(s: Session, chosen: Args, sent: PanelInput) -> Panel:
    """Step, group, area, name, one at a time; each may be left open."""
    at = "/".join(("links", "ny", *chosen))
    match chosen:
        case ():
            choices = [(flow, work_step_of(s, flow)) for flow in s.plan.steps_shown(s.visit.now)]
            return _ask(s, at, s.say("links.which-step"), choices, s.say("links.any-step"))
        case (_,):
            return _ask(s, at, s.say("links.which-group"), groups(s), s.say("links.any-group"))
        case (_, _):
            areas = [(item.key, place_name(s, "areas", item.key)) for item in s.plan.file.areas]
            return _ask(s, at, s.say("links.which-area"), areas, s.say("links.any-area"))
        case (flow, group, area) if sent.text:
            return _made(s, LinkPreset(_key(flow), _key(group), _key(area)), names.on_one_line(sent.text))
        case _:
            return _name(s, at)


def _name(s: Session, at: str, *notes: str) -> Panel:
    return Panel(
        at=at,
        title=s.say("links.name"),
        body=(s.say("links.name-what"),),
        rows=column(back(s, "links")),
        notes=notes,
        asks=at,
        send=s.say("send.link"),
    )


def _ask(s: Session, at: str, title: str, choices: list[tuple[str, str]], none: str) -> Panel:
    buttons = [Go(none, f"{at}/{NONE}"), *(Go(label, f"{at}/{key}") for key, label in choices), back(s, "links")]
    return Panel(at=at, title=title, body=(), rows=column(*buttons))


def _key(chosen: str) -> str | None:
    return None if chosen == NONE else chosen


def _made(s: Session, to: LinkPreset, label: str) -> Panel:
    if len(label) > service.LONGEST_LINK_NAME:
        at = "/".join(("links", "ny", to.flow or NONE, to.stakeholder or NONE, to.area or NONE))
        return _name(s, at, s.say("links.name-long"))
    made = service.make_campaign(s.tx, s.plan.process_id, to, s.visit.now, by=s.person.pseudonym, label=label)
    return _one(s, made.number, s.say("links.made"))


def _personal(s: Session, party_id: int) -> Panel:
    """A single link to one entry, shown this once: only a hash of it is kept."""
    party = register.by_id(s.tx, s.plan.process_id, party_id)
    if party is None:
        return _list(s, 0, s.say("panel.gone"))
    to = LinkPreset(stakeholder=GROUP_OF_KIND.get(party.kind), area=party.area, party_id=party.id)
    code = service.make_personal(s.tx, s.plan.process_id, to, s.visit.now, by=s.person.pseudonym, label=party.name)
    return Panel(
        at=f"liste/{party.id}",
        title=s.say("links.personal", name=party.name),
        body=(
            s.say("links.once"),
            *wording.addresses(s, code),
            wording.invitation_text(s, code, party.name, to.stakeholder),
        ),
        rows=column(back(s, f"liste/{party.id}")),
        makes=wording.qr_files(s, code),
        shown_once=True,
    )


# --- a late link ------------------------------------------------------------------------------------------


def _late(s: Session, party_id: int, chosen: Args, sent: PanelInput) -> Panel:
    """A single link to one entry, by which it may answer one step until the end of a day, though the step is closed."""
    party = register.by_id(s.tx, s.plan.process_id, party_id)
    if party is None:
        return _list(s, 0, s.say("panel.gone"))
    at, home = f"links/sen/{party.id}", f"liste/{party.id}"
    group = GROUP_OF_KIND.get(party.kind)
    takes = [flow for flow in s.plan.steps if _may_be_late(s, flow, group)]
    match chosen:
        case (flow,) if flow in takes:
            until = _until(s, sent.text) if sent.text else None
            if isinstance(until, int):
                return _made_late(s, party, flow, until)
            return Panel(
                at=f"{at}/{flow}",
                title=s.say("links.late-until"),
                body=(work_step_of(s, flow), s.say("links.late-until-what")),
                rows=column(back(s, home)),
                notes=(until,) if until is not None else (),
                asks=f"{at}/{flow}",
                asks_number=True,
                send=s.say("send.link"),
            )
        case _:
            rows = [Go(work_step_of(s, flow), f"{at}/{flow}") for flow in takes]
            body = (s.say("links.late-what"),) if rows else (s.say("links.late-none"),)
            return Panel(
                at=at, title=s.say("links.late", name=party.name), body=body, rows=column(*rows, back(s, home))
            )


def _may_be_late(s: Session, flow: str, group: str | None) -> bool:
    """A step that takes answers, or has, and that the entry is likely to be asked in."""
    return s.plan.state(flow, s.visit.now, group) in (State.OPEN, State.CLOSED) and (
        group is None or s.plan.asks(flow, group)
    )


def _until(s: Session, text: str) -> int | str:
    """The end of the day that was told, or why it can't be used."""
    told = times.coming_day(text, schedule.to_local(s.visit.now))
    if isinstance(told, Doubt):
        return moments.doubted(s, told)
    at = None if told is None else schedule.start_of(told.date() + timedelta(days=1))
    if at is None or not s.visit.now < at <= last_planned(s.plan.file):
        return s.say("links.late-no-day")
    return at


def _made_late(s: Session, party: Party, flow: str, until: int) -> Panel:
    """Shown this once, like every single link."""
    to = LinkPreset(flow=flow, stakeholder=GROUP_OF_KIND.get(party.kind), area=party.area, party_id=party.id)
    code = service.make_personal(
        s.tx, s.plan.process_id, to, s.visit.now, by=s.person.pseudonym, label=party.name, answers_until=until
    )
    told = s.say("links.late-made", step=work_step_of(s, flow), moment=texts.deadline(s.language, until))
    return Panel(
        at=f"liste/{party.id}",
        title=s.say("links.late", name=party.name),
        body=(told, s.say("links.once"), *wording.addresses(s, code)),
        rows=column(back(s, f"liste/{party.id}")),
        makes=wording.qr_files(s, code),
        shown_once=True,
    )


# --- one of them ------------------------------------------------------------------------------------------


def _one(s: Session, number: int, *notes: str) -> Panel:
    one = invitations.by_id(s.tx, s.plan.process_id, number)
    if one is None or not one.is_open(s.visit.now):
        return _list(s, 0, *notes, s.say("panel.gone"))
    at = f"links/{one.id}"
    close = Go(s.say("links.revoke"), f"{at}/luk")
    if one.answers_until is not None:
        until = s.say("links.late-until-when", moment=texts.deadline(s.language, one.answers_until))
        told = (_leads_to(s, one), s.say("links.late-used" if one.used_at is not None else "links.not-again"), until)
        name = s.say("links.late", name=one.label)
        return Panel(at=at, title=name, body=told, rows=column(close, back(s, "links")), notes=notes)
    if one.code is None:
        expires = s.say("links.expires", moment=texts.moment(s.language, one.expires_at or 0))
        told = (_leads_to(s, one), s.say("links.not-again"), expires)
        return Panel(
            at=at,
            title=one.label or s.say(f"links.kind.{InvitationKind(one.kind)}"),
            body=told,
            rows=column(close, back(s, "links")),
            notes=notes,
        )
    came = texts.count(s.language, "links.came", invitations.came(s.tx, one.id))
    body = (_leads_to(s, one), *wording.addresses(s, one.code), came)
    files = [Go(s.say(f"links.file.{what}"), f"{at}/fil/{what}") for what in ("a4", "a5", "png", "svg")]
    posters = ((files[0], files[1]),) if s.process_host.has_addresses else ()  # one without an address leads nowhere
    rows = (*posters, (files[2], files[3]), (close,), (back(s, "links"),))
    return Panel(at=at, title=one.label, body=body, rows=rows, notes=notes)


def _file(s: Session, number: int, what: str) -> Panel:
    one = invitations.by_id(s.tx, s.plan.process_id, number)
    shown = _one(s, number)
    if one is None or one.code is None:
        return shown
    return replace(shown, notes=(), makes=(_maker(s, one, one.code, what),))


def _maker(s: Session, one: Invitation, code: str, what: str) -> Maker:
    if what in ("a4", "a5"):
        poster = handouts.poster(s.process_host, s.plan, code, one.flow, one.stakeholder, s.visit.now)
        return partial(wording.poster_file, poster, "a4" if what == "a4" else "a5")
    png, svg = wording.qr_files(s, code)
    return png if what == "png" else svg


def _sure(s: Session, number: int) -> Panel:
    one = invitations.by_id(s.tx, s.plan.process_id, number)
    if one is None or not one.is_open(s.visit.now):
        return _list(s, 0, s.say("panel.gone"))
    body = (s.say("links.revoke-what"), texts.count(s.language, "links.came", invitations.came(s.tx, one.id)))
    at = f"links/{one.id}/luk"
    return sure(
        s,
        at,
        s.say("links.revoke-sure", name=one.label or _leads_to(s, one)),
        body,
        s.say("links.revoke-yes"),
        f"{at}/ja",
        f"links/{one.id}",
    )


def _revoke(s: Session, number: int) -> Panel:
    done = service.revoke(s.tx, s.plan.process_id, number, s.visit.now, by=s.person.pseudonym)
    return _list(s, 0, s.say("links.revoked" if done else "panel.gone"))
