"""The panel of roles: who holds which, links that give one, taking one back, and a code for who can get none by
themselves. The leader's alone."""

from __future__ import annotations

from bot.access import Role
from bot.dialogue.naming import groups, holder_names
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import NONE, back, sure
from bot.dialogue.session import Session
from bot.features.invitations import service, wording
from bot.features.second_proof import service as second_proof
from bot.texts import lists, names
from storage import people
from storage.people import RoleHolder

_GIVEN = (Role.STEERING, Role.FACILITATOR, Role.DEPUTY, Role.LEADER)


def show(s: Session, args: Args, sent: PanelInput) -> Panel:
    match args:
        case ("ny", role, group) if sent.text and role in _GIVEN:
            return _made(s, Role(role), group, names.on_one_line(sent.text))
        case ("ny", role, group):
            return _for_whom(s, role, group)
        case ("ny", Role.STEERING):
            rows = [Go(name, f"roller/ny/steering/{group}") for group, name in groups(s)]
            title = s.say("roles.stands-for")
            return Panel(
                at="roller/ny/steering",
                title=title,
                body=(s.say("roles.stands-for-what"),),
                rows=column(*rows, back(s, "roller")),
            )
        case ("ny",):
            rows = [
                Go(s.say(f"role.{role}"), f"roller/ny/{role}" + ("" if role is Role.STEERING else f"/{NONE}"))
                for role in _GIVEN
            ]
            return Panel(
                at="roller/ny",
                title=s.say("roles.new"),
                body=(s.say("roles.kinds"),),
                rows=column(*rows, back(s, "roller")),
            )
        case ("kode", number):
            return _code_sure(s, int(number))
        case ("kode", number, "ja"):
            return _code(s, int(number))
        case ("breve", number):
            return _let_enter_late(s, int(number))
        case ("behold", number, role):
            return _keep(s, int(number), role)
        case ("tag", number, role):
            return _sure(s, int(number), role)
        case ("tag", number, role, "ja"):
            return _take(s, int(number), role)
        case _:
            return _list(s)


def _list(s: Session, *notes: str) -> Panel:
    held = people.role_table(s.tx, s.plan.process_id)
    rows = [
        Go(s.say("roles.take", who=holder_names(s, holder)), f"roller/tag/{holder.person_id}/{holder.role}")
        for holder in held
        if holder.person_id != s.person.id
    ]
    may = {holder.person_id for holder in held if holder.role == Role.LATE_ENTRY}
    rows += [
        Go(s.say("roles.let-enter-late", who=holder_names(s, holder)), f"roller/breve/{holder.person_id}")
        for holder in held
        if holder.role == Role.FACILITATOR and holder.person_id not in may
    ]
    rows += [
        Go(s.say("roles.keep", who=holder_names(s, holder)), f"roller/behold/{holder.person_id}/{holder.role}")
        for holder in held
        if holder.ends_at is not None
    ]
    rows += [
        Go(s.say("roles.code", who=holder_names(s, holder)), f"roller/kode/{holder.person_id}")
        for holder in {each.person_id: each for each in held}.values()
        if _may_be_given(s, holder)
    ]
    listed = lists.bulleted(holder_names(s, holder) for holder in held)
    return Panel(
        at="roller",
        title=s.say("lead.roller"),
        body=(s.say("roles.what"), listed),
        rows=column(Go(s.say("roles.new"), "roller/ny"), *rows, back(s, "leder")),
        notes=notes,
    )


def _for_whom(s: Session, role: str, group: str) -> Panel:
    at = f"roller/ny/{role}/{group}"
    body = [s.say("roles.label"), *([s.say("roles.hands-over")] if role == Role.LEADER else [])]
    return Panel(
        at=at,
        title=s.say("roles.label-title"),
        body=tuple(body),
        rows=column(back(s, "roller")),
        asks=at,
        send=s.say("send.link"),
    )


def _made(s: Session, role: Role, group: str, label: str) -> Panel:
    code = service.make(
        s.tx,
        s.plan.process_id,
        role,
        s.visit.now,
        by=s.person.pseudonym,
        stands_for=group if group != NONE else None,
        label=label[: service.LONGEST_LINK_NAME],
    )
    body = (s.say("links.once"), *wording.addresses(s, code), s.say("roles.link-what"))
    title = s.say("roles.link", role=s.say(f"role.{role}"))
    return Panel(
        at="roller/ny",
        title=title,
        body=body,
        rows=column(back(s, "roller")),
        makes=wording.qr_files(s, code),
        shown_once=True,
    )


def _holder(s: Session, number: int, role: str) -> RoleHolder | None:
    held = people.role_table(s.tx, s.plan.process_id)
    return next((each for each in held if (each.person_id, each.role) == (number, role)), None)


def _sure(s: Session, number: int, role: str) -> Panel:
    holder = _holder(s, number, role)
    if holder is None or number == s.person.id:
        return _list(s, s.say("panel.gone"))
    at = f"roller/tag/{number}/{role}"
    return sure(
        s,
        at,
        s.say("roles.take-sure", who=holder_names(s, holder)),
        (s.say("roles.take-what"),),
        s.say("roles.take-yes"),
        f"{at}/ja",
        "roller",
    )


def _may_be_given(s: Session, holder: RoleHolder) -> bool:
    """A code: to others, who can get none by themselves."""
    return holder.person_id != s.person.id and not second_proof.has_a_way(s.tx, holder.person_id, s.process_host)


def _given_to(s: Session, number: int) -> RoleHolder | None:
    held = people.role_table(s.tx, s.plan.process_id)
    return next((each for each in held if each.person_id == number and _may_be_given(s, each)), None)


def _code_sure(s: Session, number: int) -> Panel:
    holder = _given_to(s, number)
    if holder is None:
        return _list(s, s.say("roles.no-code"))
    return sure(
        s,
        f"roller/kode/{number}",
        s.say("roles.code-sure", who=holder_names(s, holder)),
        (s.say("roles.code-what"),),
        s.say("roles.code-yes"),
        f"roller/kode/{number}/ja",
        "roller",
    )


def _code(s: Session, number: int) -> Panel:
    """Shown once, to be told them by who leads."""
    holder = _given_to(s, number)
    person = people.by_id(s.tx, number) if holder is not None else None
    if holder is None or person is None:
        return _list(s, s.say("roles.no-code"))
    digits = second_proof.give_and_tell(s.tx, person, s.visit.now, by=s.person.pseudonym)
    return Panel(
        at="roller",
        title=s.say("roles.code-title", who=holder_names(s, holder)),
        body=(s.say("roles.code-is", code=f"{digits[:4]} {digits[4:]}"), s.say("roles.code-tell")),
        rows=column(back(s, "roller")),
        shown_once=True,
    )


def _let_enter_late(s: Session, number: int) -> Panel:
    """A facilitator may enter what came by letter or mail, after the deadline too."""
    holder = _holder(s, number, Role.FACILITATOR)
    if holder is None:
        return _list(s, s.say("panel.gone"))
    people.grant(s.tx, number, Role.LATE_ENTRY, s.visit.now)
    s.audit("role-given", f"{Role.LATE_ENTRY} {holder.pseudonym}")
    return _list(s, s.say("roles.lets-enter-late"))


def _keep(s: Session, number: int, role: str) -> Panel:
    """The role of who led before ends no more by itself."""
    holder = _holder(s, number, role)
    if holder is None or holder.ends_at is None or number == s.person.id:
        return _list(s, s.say("panel.gone"))
    people.keep_role(s.tx, number, role)
    s.audit("role-given", f"{role} {holder.pseudonym}")
    return _list(s, s.say("roles.kept"))


def _take(s: Session, number: int, role: str) -> Panel:
    holder = _holder(s, number, role)
    if holder is None or number == s.person.id:  # nobody leaves a process without its leader by their own button
        return _list(s, s.say("panel.gone"))
    people.take_role(s.tx, number, role)
    if role == Role.FACILITATOR:
        people.take_role(s.tx, number, Role.LATE_ENTRY)  # it is a facilitator's alone
    s.audit("role-taken", f"{role} {holder.pseudonym}")
    return _list(s, s.say("roles.taken"))
