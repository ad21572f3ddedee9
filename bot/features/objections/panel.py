"""The panel «tilside»: a person has their answers set aside, says why if they like, and has them used again."""

from __future__ import annotations

from bot import texts
from bot.dialogue.navigation import proceed
from bot.dialogue.panel import Args, Elsewhere, Go, Panel, PanelInput, column
from bot.dialogue.panel_navigation import open_panel
from bot.dialogue.panel_parts import onward
from bot.dialogue.reply import Reply
from bot.dialogue.session import Session
from bot.features.objections import service
from bot.flows import schedule
from storage import objections
from storage.objections import Objection

AT = "tilside"
LONGEST = 2000  # characters of why


def command(s: Session) -> Reply:
    """/indsigelse: of one's own answers; of an entry for others, of that one's."""
    return proceed(s) if not s.accepted else open_panel(s, AT)


def show(s: Session, args: Args, sent: PanelInput) -> Panel | Elsewhere:
    match args:
        case ("ja",):
            service.set_aside(s.tx, s.plan, s.person, s.visit.now)
            return _aside(s, s.say("objection.done"))
        case ("igen",):
            service.use_again(s.tx, s.plan, s.person.id, s.visit.now)
            return Elsewhere((s.say("objection.used"),))
        case ("hvorfor",):
            return _why(s, sent.text)
        case ("videre",):
            return Elsewhere()
        case _:
            return _aside(s) if _since(s) is not None else _used(s)


def _since(s: Session) -> int | None:
    """Read anew: it may just have changed."""
    found = service.standing(s.tx, s.person.id)
    decided_against = found is not None and found.decided_at is not None and not found.upheld
    return None if found is None or decided_against else found.made_at


def _onward(s: Session) -> Go:
    return onward(s, f"{AT}/videre")


# --- their answers are used -------------------------------------------------------------------------------


def _used(s: Session, *notes: str) -> Panel:
    """What it means to object, and the question whether they do."""
    found = service.standing(s.tx, s.person.id)
    numbers = service.of_case(s.tx, s.plan, s.person, s.visit.now)
    return Panel(
        at=AT,
        title=s.say("objection.title"),
        body=(
            *(decided(s, found) if found is not None else ()),
            s.say("objection.what"),
            s.say("objection.goes-on"),
            *(s.say("objection.case", number=number) for number in numbers),
            s.say("objection.law"),
        ),
        rows=column(Go(s.say("objection.yes"), f"{AT}/ja"), _onward(s)),
        notes=notes,
    )


# --- they are set aside -----------------------------------------------------------------------------------


def _aside(s: Session, *notes: str) -> Panel:
    found = service.standing(s.tx, s.person.id)
    if found is None:
        return _used(s, *notes)
    numbers = service.of_case(s.tx, s.plan, s.person, s.visit.now)
    return Panel(
        at=AT,
        title=s.say("objection.aside-title"),
        body=(
            *state(s, found),
            s.say("objection.goes-on"),
            *(s.say("objection.case", number=number) for number in numbers),
            *((s.say("objection.your-words", why=found.why),) if found.why else ()),
            *((s.say("objection.why-again" if found.why else "objection.why"),) if found.waits else ()),
        ),
        rows=column(Go(s.say("objection.again"), f"{AT}/igen"), _onward(s)),
        notes=notes,
        asks=f"{AT}/hvorfor" if found.waits else None,
        send=s.say("send.reason"),
    )


def _why(s: Session, text: str) -> Panel:
    found = service.standing(s.tx, s.person.id)
    if found is None or not found.waits or not text:
        return _aside(s)
    if len(text) > LONGEST:
        return _aside(s, s.say("objection.too-long", most=texts.decimal(s.language, LONGEST)))
    if s.lacks_room_for(text):
        return _aside(s, s.say("refusal.full", email=s.plan.file.contacts.email))
    objections.give_words(s.tx, found, text)
    return _aside(s, s.say("objection.why-kept"))


def state(s: Session, found: Objection) -> tuple[str, ...]:
    """Since when, and what has been decided or when it will be."""
    since = s.say("objection.since", moment=texts.moment(s.language, found.made_at))
    if found.waits:
        until = texts.day(s.language, found.made_at + service.DECIDED_WITHIN)
        return (since, s.say("objection.until", day=until))
    return (since, *decided(s, found))


def decided(s: Session, found: Objection) -> tuple[str, ...]:
    """The decision, in writing."""
    if found.decided_at is None:
        return ()
    moment = texts.moment(s.language, found.decided_at)
    complain = s.say("request.complain", email=s.plan.file.contacts.email)
    if found.upheld:
        day = texts.day(s.language, schedule.start_of(s.plan.file.deletion_date))
        return (s.say("objection.upheld", moment=moment, day=day), complain)
    return (s.say("objection.overruled", moment=moment, reason=found.reason), complain)


def in_short(s: Session) -> tuple[str, ...]:
    """Where a person looks at what is theirs: that it is set aside, since when, and what was decided."""
    found = service.standing(s.tx, s.person.id)
    return state(s, found) if found is not None else ()
