"""The leader's panel «Indsigelser»: whose answers are set aside, by the last signs of their pseudonym, and the
decision. Not here: what was answered."""

from __future__ import annotations

from bot import texts
from bot.dialogue.naming import work_step_of
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import ListPage, back, sure
from bot.dialogue.session import Session
from bot.features.objections import service
from storage import hearing_responses, objections, people
from storage.objections import Objection
from storage.people import Person

AT = "indsigelser"
SHOWN = 10
LONGEST_REASON = 2000
_SIGNS = 4  # of a pseudonym


def show(s: Session, args: Args, sent: PanelInput) -> Panel:
    match args:
        case ("side", first):
            return _list(s, first=int(first))
        case (number, *what) if number.isdecimal():
            return _one(s, int(number), tuple(what), sent.text)
        case _:
            return _list(s)


def in_menu(s: Session) -> tuple[str, ...]:
    """How many wait, for who may decide."""
    waiting = objections.count_waiting(s.tx, s.plan.process_id) if s.may(service.DECIDES) else 0
    return (texts.count(s.language, "objections.waiting", waiting),) if waiting else ()


# --- all of them ------------------------------------------------------------------------------------------


def _list(s: Session, *notes: str, first: int = 0) -> Panel:
    """Those that wait stand first."""
    found = sorted(objections.of_process(s.tx, s.plan.process_id), key=lambda each: (not each.waits, each.id))
    page = ListPage(found, SHOWN, first)
    aside = people.count_set_aside(s.tx, s.plan.process_id)
    lines = "\n".join(_line(s, each) for each in page.shown)
    return Panel(
        at=f"{AT}/side/{first}" if first else AT,
        title=s.say("lead.indsigelser"),
        body=(
            s.say("objections.what"),
            texts.count(s.language, "objections.aside", aside) if aside else s.say("objections.none-aside"),
            *((lines,) if lines else ()),
        ),
        rows=(
            *column(*(Go(_called(s, each), f"{AT}/{each.id}/se") for each in page.shown)),
            *page.turning(lambda place: f"{AT}/side/{place}", s.say("panel.more"), s.say("panel.newer")),
            (back(s, "leder"),),
        ),
        notes=notes,
    )


def called(s: Session, objection: Objection) -> str:
    """«Deltager …a1b2»."""
    return s.say("objections.who", signs=_person(s, objection).pseudonym[-_SIGNS:])


def _called(s: Session, objection: Objection) -> str:
    return s.say("objections.go", signs=_person(s, objection).pseudonym[-_SIGNS:])


def _person(s: Session, objection: Objection) -> Person:
    found = people.by_id(s.tx, objection.person_id)
    return found if found is not None else people.stranger(s.plan.process_id, s.language)


def _line(s: Session, objection: Objection) -> str:
    made = s.say("objections.since", moment=texts.moment(s.language, objection.made_at))
    return " ".join((f"{called(s, objection)}:", made, *_decided(s, objection)))


def _decided(s: Session, objection: Objection) -> tuple[str, ...]:
    if objection.decided_at is None:
        return (s.say("objections.until", day=texts.day(s.language, objection.made_at + service.DECIDED_WITHIN)),)
    moment = texts.moment(s.language, objection.decided_at)
    return (s.say("objections.upheld" if objection.upheld else "objections.overruled", moment=moment),)


# --- one of them ------------------------------------------------------------------------------------------


def _one(s: Session, number: int, what: Args, typed: str) -> Panel:
    found = objections.by_id(s.tx, s.plan.process_id, number)
    if found is None or found.taken_back_at is not None:
        return _list(s, s.say("objections.gone"))
    match what:
        case ("se",):
            s.audit("objection-read", number)
            return _card(s, found)
        case ("side", "ja") if found.waits:
            if service.uphold(s.tx, s.plan, found, s.visit.now):
                s.audit("objection-upheld", number)
            return _list(s, s.say("objections.is-upheld"))
        case ("side",) if found.waits:
            at = f"{AT}/{number}"
            told = (s.say("objections.uphold-what"),)
            return sure(
                s,
                f"{at}/side",
                s.say("objections.uphold-sure"),
                told,
                s.say("objections.uphold-yes"),
                f"{at}/side/ja",
                at,
            )
        case ("brug",) if found.waits:
            return _overrule(s, found, typed)
        case _:
            return _card(s, found)


def _card(s: Session, found: Objection) -> Panel:
    at, person = f"{AT}/{found.id}", _person(s, found)
    responses = hearing_responses.of_person(s.tx, found.person_id)
    rows = (Go(s.say("objections.uphold"), f"{at}/side"), Go(s.say("objections.overrule"), f"{at}/brug"))
    return Panel(
        at=at,
        title=called(s, found),
        body=(
            " ".join((s.say("objections.since", moment=texts.moment(s.language, found.made_at)), *_decided(s, found))),
            s.say("objections.their-words", why=found.why) if found.why else s.say("objections.no-words"),
            *((s.say("objections.your-words", reason=found.reason),) if found.reason else ()),
            "\n".join(_extent(s, found)) or s.say("objections.no-answers"),
            *(s.say("objections.response", number=each.number) for each in responses),
            *((s.say("objections.entered"),) if person.source is not None else ()),
            *((s.say("objections.how"),) if found.waits else ()),
        ),
        rows=column(*(rows if found.waits else ()), back(s, AT)),
    )


def _extent(s: Session, found: Objection) -> list[str]:
    """How many answers in which steps."""
    return [
        texts.count(s.language, "objections.answers", each.answers, step=work_step_of(s, each.flow))
        for each in objections.extent(s.tx, found.person_id)
    ]


def _overrule(s: Session, found: Objection, typed: str) -> Panel:
    if 0 < len(typed) <= LONGEST_REASON:
        if service.overrule(s.tx, s.plan, found, typed, s.visit.now):
            s.audit("objection-overruled", found.id)
        return _list(s, s.say("objections.is-overruled"))
    at = f"{AT}/{found.id}"
    return Panel(
        at=f"{at}/brug",
        title=s.say("objections.overrule"),
        body=(s.say("objections.reason"),),
        rows=column(back(s, at)),
        notes=(s.say("request.too-long", most=LONGEST_REASON),) if typed else (),
        asks=f"{at}/brug",
        send=s.say("objections.overrule"),
    )
