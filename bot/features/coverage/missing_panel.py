"""Who of the register has not been heard from, with a message to copy; and the state of the whole register, step by
step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from bot import texts
from bot.access import Right
from bot.dialogue.naming import work_step_of
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import ListPage, back
from bot.dialogue.reply import Table
from bot.dialogue.session import Session
from bot.features.coverage import service
from bot.features.coverage.panel import figure_of_entries, on_the_register, place_in, sees_small, steps_begun
from bot.features.coverage.service import RegisterCoverage
from bot.features.register import service as register_rules
from bot.texts import lists, names
from reports.register import PartyKind
from storage import register
from storage.register import PartyProgress

SHOWN = 10  # entries to a page
NAMED = 5  # in the weekly overview


def show(reminder: Callable[[Session, str], str], s: Session, args: Args, _sent: PanelInput) -> Panel:
    """The entries that nothing has come from, in one step or in all; not single persons' to the steering group.
    `reminder` is a message to copy."""
    flow = args[0] if args and args[0] != "alt" else ""
    first = int(args[1]) if len(args) > 1 else 0
    heard = _not_heard(s, flow)
    at, page = f"mangler/{flow or 'alt'}", ListPage(heard, SHOWN, first)
    listed = lists.bulleted(_missing_line(s, entry) for entry in page.shown)
    body = [_missing_count(s, len(heard), flow), *([listed] if listed else [])]
    if heard:
        body.append(s.say("missing.letter", letter=reminder(s, flow)))
    unsure = register_rules.presumed(s.tx, s.plan.process_id) if s.may(Right.KEEP_REGISTER) else 0
    if unsure:
        body.append(texts.count(s.language, "missing.presumed", unsure))
    if heard and s.may(Right.INVITE):
        body.append(s.say("missing.invite"))
    rows = [*page.turning(lambda place: f"{at}/{place}", s.say("panel.more"))]
    if unsure:
        rows.append((Go(texts.count(s.language, "tied.presumed-count", unsure), "liste/formodet"),))
    if s.may(Right.KEEP_REGISTER):
        rows.append((Go(s.say("lead.liste"), "liste"),))
    others = [key for key in steps_begun(s) if key != flow]
    rows += [(Go(s.say("missing.in", step=work_step_of(s, key)), f"mangler/{key}"),) for key in others]
    rows += [(Go(s.say("missing.in-all"), "mangler/alt"),)] if flow else []
    return Panel(
        at=f"{at}/{first}", title=s.say("lead.mangler"), body=tuple(body), rows=(*rows, (back(s, "daekning/alt"),))
    )


def _not_heard(s: Session, flow: str) -> list[PartyProgress]:
    """Those whom the law says are to be heard first, then as Danes sort."""
    heard = [
        entry
        for entry in register.progress(s.tx, s.plan.process_id, flow)
        if service.is_missing(entry) and (sees_small(s) or entry.party.kind != PartyKind.NOEGLEPERSON)
    ]
    return sorted(heard, key=lambda entry: (-entry.party.must, names.sort_key(entry.party.name)))


def in_short(s: Session) -> tuple[str, ...]:
    """A few of them by name, and how many more, for the weekly overview."""
    heard = _not_heard(s, "")
    if not heard:
        return ()
    named = ", ".join(entry.party.name for entry in heard[:NAMED])
    if len(heard) <= NAMED:
        return (s.say("missing.named", names=named),)
    return (texts.count(s.language, "missing.named-more", len(heard) - NAMED, names=named),)


def _missing_count(s: Session, number: int, flow: str) -> str:
    if not register.count(s.tx, s.plan.process_id):
        return s.say("coverage.no-register")
    if not number:
        return s.say("missing.nobody")
    where = work_step_of(s, flow) if flow else s.say("missing.all-steps")
    return texts.count(s.language, "missing.count", number, where=where)


def _missing_line(s: Session, entry: PartyProgress) -> str:
    """What has become of it; to the steering group whether it is invited alone, as in `on_the_register`."""
    state: Literal["started", "came", "silent", "uninvited"] = "silent" if entry.party.invited_at else "uninvited"
    if sees_small(s) and (entry.started or entry.came):
        state = "started" if entry.started else "came"
    must = f" ({s.say('missing.must')})" if entry.party.must else ""
    return f"{entry.party.name}{must}: {s.say(f'missing.{state}')}"


# --- the whole register -----------------------------------------------------------------------------------


def register_status(s: Session, args: Args, _sent: PanelInput) -> Panel:
    """Invited, come in, begun, sent, said no, silent: by kind, area, size and department, in one step or in all; to the
    steering group what `on_the_register` tells."""
    flow = args[0] if args and args[0] in s.plan.flows else ""
    words = s.plan.file.words.department_in(s.language)
    bands = tuple((s.say(f"register.field.{split}", **words), _rows(s, flow, split)) for split in register.SPLITS)
    columns = tuple(s.say(f"register.column.{name}") for name in _measures(s))
    where = work_step_of(s, flow) if flow else s.say("missing.in-all")
    told = [  # in a chat; a page has the table
        s.say(
            "register.split" if sees_small(s) else "register.split-heard",
            split=name,
            rows=lists.bulleted(map(_in_words, rows)),
        )
        for name, rows in bands
        if rows and not s.visit.pages
    ]
    others = [Go(work_step_of(s, key), f"tilstand/{key}") for key in steps_begun(s) if key != flow]
    others += [Go(s.say("missing.in-all"), "tilstand")] if flow else []
    body = (where, *on_the_register(s, flow), *told)
    at = f"tilstand/{flow}" if flow else "tilstand"
    table = Table(s.say("register.stands"), columns, tuple(band for band in bands if band[1]))
    return Panel(
        at=at, title=s.say("register.stands"), body=body, rows=column(*others, back(s, "daekning/alt")), table=table
    )


_Measure = Literal["known", "invited", "opened", "started", "sent", "declined", "silent", "missing"]
_MEASURES: Final[tuple[_Measure, ...]] = ("known", "invited", "opened", "started", "sent", "declined", "silent")
_HEARD: Final[tuple[_Measure, ...]] = ("known", "invited", "sent", "declined", "missing")


def _measures(s: Session) -> tuple[_Measure, ...]:
    return _MEASURES if sees_small(s) else _HEARD


def _rows(s: Session, flow: str, split: str) -> tuple[tuple[str, ...], ...]:
    found = service.registers(s.tx, s.plan.process_id, flow, split, persons=sees_small(s))
    if set(found) <= {""}:  # nothing is known of it
        return ()
    return tuple(_row(s, split, part, found[part]) for part in sorted(found, key=lambda part: (part == "", part)))


def _row(s: Session, split: str, part: str, coverage: RegisterCoverage) -> tuple[str, ...]:
    name = s.say(f"party-kind.{PartyKind(part)}") if split == "kind" else place_in(s, split, part)
    return (name, *(figure_of_entries(s, getattr(coverage, measure)) for measure in _measures(s)))


def _in_words(row: tuple[str, ...]) -> str:
    """«Havnen: 12 / 3 / 8», known, sent and silent, or missing: short enough for a phone; the table has the rest."""
    name, known, *_, sent, _, last = row
    return f"{name}: {known} / {sent} / {last}"
