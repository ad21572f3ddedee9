"""Who has been heard: in short, as a table, split up, and as a picture. Leader and deputy see exactly how things stand;
everybody else what was published (snapshots)."""

from __future__ import annotations

from functools import partial

from bot import texts
from bot.access import Right
from bot.dialogue.naming import group_name, place_name, work_step_of
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import back
from bot.dialogue.reply import Attachment, Table
from bot.dialogue.session import Session
from bot.features.coverage import service, snapshots
from bot.features.coverage.publication import REST, STEP
from bot.features.coverage.service import SIDES, TOTAL, Coverage, CoverageCell, CoverageNumber, Split
from bot.flows.model import Group
from reports import heatmap
from reports.heatmap import Heatmap
from reports.register import SIZES
from storage import published
from storage.published import Place

MOST_COLUMNS = 9  # steps in one picture, the latest: more can't be read on a phone


def show(s: Session, args: Args, _sent: PanelInput) -> Panel:
    match args:
        case ("area" | "size" | "department" as split,):
            return _split(s, split)
        case ("billede",):
            return _overview(s, picture=True)
        case _:
            return _overview(s, picture=not args)


def sees_small(s: Session) -> bool:
    return s.may(Right.SEE_STATUS)


def look(s: Session) -> Coverage:
    if sees_small(s):
        return service.look(s.tx, s.plan.process_id, steps_begun(s))
    return snapshots.look(s.tx, s.plan, steps_begun(s), s.visit.now)


def steps_begun(s: Session) -> list[str]:
    return service.begun(s.plan, s.visit.now)


def _overview(s: Session, *, picture: bool) -> Panel:
    seen = look(s)
    rows = (
        (Go(s.say("coverage.by.area"), "daekning/area"), Go(s.say("coverage.by.size"), "daekning/size")),
        (
            Go(s.say("coverage.by.department", **s.plan.file.words.department_in(s.language)), "daekning/department"),
            Go(s.say("coverage.picture"), "daekning/billede"),
        ),
        (Go(s.say("lead.mangler"), "mangler"), Go(s.say("register.stands"), "tilstand")),
        (Go(s.say("lead.raad"), "raad"),),
        *(((Go(s.say("coverage.targets"), "maal"),),) if s.may(Right.OPEN_STEPS) else ()),
        (back(s, "leder"),),
    )
    title, table = s.say("coverage.title"), _by_group(s, seen)
    makes = (partial(_picture, heatmap_of(s, seen)),) if picture and seen.flows else ()
    return Panel(at="daekning/alt", title=title, body=_in_short(s, seen), rows=rows, table=table, makes=makes)


def in_short(s: Session) -> tuple[str, ...]:
    """For the weekly overview."""
    return _in_short(s, look(s))


def _in_short(s: Session, seen: Coverage) -> tuple[str, ...]:
    """How many are in, on each side; how many sent in each step; how the register stands."""
    if not seen.flows:
        return (s.say("coverage.nothing-open"),)
    first = seen.flows[0]
    present = seen.cell(first, TOTAL).present
    lines = [s.say("coverage.present", people=_people(s, present))]
    lines += [
        s.say(f"coverage.side.{side}", people=_people(s, seen.cell(first, ("side", side)).present)) for side, _ in SIDES
    ]
    steps = [_step_line(s, flow, seen.cell(flow, TOTAL)) for flow in seen.flows]
    told = (*_published(s), *hidden_note(s))
    return ("\n".join(lines), "\n".join(steps), *on_the_register(s), *told)


def _step_line(s: Session, flow: str, total: CoverageCell) -> str:
    begun, sent, step = _in_words(s, total.started), _in_words(s, total.sent), work_step_of(s, flow)
    if sees_small(s):
        told = s.say("coverage.step", step=step, begun=begun, sent=sent)
    else:
        told = s.say("coverage.step.published", step=step, sent=sent)
    return f"{told}{_answers(s, total)}"


def _answers(s: Session, total: CoverageCell) -> str:
    """«(38 svar, heraf 12 fra foreninger og råd)», where anything was sent."""
    if not total.answers.value:
        return ""
    answers = texts.count(s.language, "coverage.answers", total.answers.value)
    associations = _in_words(s, total.associations or CoverageNumber(0))
    return f" ({s.say('coverage.of-associations', answers=answers, associations=associations)})"


def _published(s: Session) -> tuple[str, ...]:
    """To those who see exact numbers, what the others see: so that nobody need wonder why they are not the same."""
    if not sees_small(s):
        return ()
    seen = snapshots.look(s.tx, s.plan, steps_begun(s)[:1], s.visit.now)
    places = (TOTAL, ("side", "civil"), ("side", "municipal"))
    all_, civil, municipal = (seen.cell(seen.flows[0], place).present for place in places)
    if seen.of is None or not all_.shown:
        return ()
    told = s.say(
        "coverage.published",
        people=figure(s, all_),
        civil=figure(s, civil),
        municipal=figure(s, municipal),
        moment=texts.moment(s.language, seen.of),
        step=STEP,
    )
    return (told,)


def on_the_register(s: Session, flow: str = "") -> tuple[str, ...]:
    """How the entries stand, in one step or in any; to the steering group without single persons, and without what has
    not been sent: who comes in or begins for an association is often one that all know."""
    found = service.of_register(s.tx, s.plan.process_id, flow, persons=sees_small(s))
    if not found.known:
        return (s.say("coverage.no-register"),)
    told = {"known": found.known, "invited": found.invited, "sent": found.sent, "declined": found.declined}
    if not sees_small(s):
        return (s.say("coverage.register-heard", **told, missing=found.missing),)
    more = {"opened": found.opened, "started": found.started, "silent": found.silent}
    return (s.say("coverage.register", **told, **more),)


def hidden_note(s: Session) -> tuple[str, ...]:
    """Which moment published numbers are of, and why they are not exact."""
    if sees_small(s):
        return ()
    of = published.taken_at(s.tx, s.plan.process_id)
    if of is None:
        return (s.say("coverage.not-published"),)
    return (s.say("coverage.hidden", moment=texts.moment(s.language, of), step=STEP),)


def _people(s: Session, number: CoverageNumber) -> str:
    return texts.count(s.language, "people", number.value) if number.shown else s.say("coverage.few")


def figure(s: Session, number: CoverageNumber) -> str:
    return texts.decimal(s.language, number.value) if number.shown else s.say("coverage.few")


def _in_words(s: Session, number: CoverageNumber) -> str:
    """As it stands in a sentence: «12», «få», or «ingen» where there are none."""
    return s.say("coverage.none") if number.shown and not number.value else figure(s, number)


def figure_of_entries(s: Session, number: int) -> str:
    """Entries of the register are no people: every number is shown."""
    return texts.decimal(s.language, number)


# --- tables -----------------------------------------------------------------------------------------------


def _by_group(s: Session, seen: Coverage) -> Table:
    """The two sides under each other: present, and sent in each step, with the target where there is one."""
    bands = tuple(
        (s.say(f"side.{side}"), (*(_row(s, seen, ("group", group)) for group in groups), *_rest(s, seen, side)))
        for side, groups in SIDES
    )
    rest = [group for group in ("styregruppe", "") if ("group", group) in {place for _, place in seen.cells}]
    if rest:
        bands = (*bands, (s.say("side.both"), tuple(_row(s, seen, ("group", group)) for group in rest)))
    columns = (s.say("coverage.in"), *(work_step_of(s, flow) for flow in seen.flows))
    return Table(s.say("coverage.table"), columns, bands)


def _row(s: Session, seen: Coverage, place: Place) -> tuple[str, ...]:
    kind, group = place
    cells = [seen.cell(flow, place) for flow in seen.flows]
    present = figure(s, cells[0].present) if cells else "0"
    sent = [
        _sent(s, cell, asked=kind == REST or s.plan.asks(flow, group))
        for flow, cell in zip(seen.flows, cells, strict=True)
    ]
    return (s.say("coverage.rest") if kind == REST else group_name(s, group), present, *sent)


def _rest(s: Session, seen: Coverage, side: str) -> tuple[tuple[str, ...], ...]:
    """The row of those whom no row of its own shows, where there are any."""
    place = (REST, side)
    return (_row(s, seen, place),) if place in {place for _, place in seen.cells} else ()


def _sent(s: Session, cell: CoverageCell, *, asked: bool) -> str:
    if not asked and not cell.started.value and not cell.sent.value:
        return "–"
    sent = _heard(s, cell)
    return sent if cell.target is None else s.say("coverage.of-target", sent=sent, target=cell.target)


def _heard(s: Session, cell: CoverageCell) -> str:
    """People; of associations those, and the people behind them where there are others in number."""
    heard = figure(s, cell.heard)
    if cell.associations is None or not cell.sent.shown or cell.heard.value == cell.sent.value:
        return heard
    return s.say("coverage.heard", associations=heard, people=_people(s, cell.sent))


def _split(s: Session, split: Split) -> Panel:
    """One split of all steps: who is in and who has sent, place by place."""
    seen = look(s)
    places: list[Place] = [*((split, key) for key in _keys(s, seen, split)), *_rest_of(seen, split)]
    lines = []
    for flow in seen.flows:
        told = [_place_line(s, place, seen.cell(flow, place)) for place in places if _anybody(seen.cell(flow, place))]
        if told:
            lines.append("\n".join((work_step_of(s, flow), *told)))
    rows = tuple((place_in(s, *place), *(_heard(s, seen.cell(flow, place)) for flow in seen.flows)) for place in places)
    title = s.say(f"coverage.by.{split}", **s.plan.file.words.department_in(s.language))
    table = Table(title, tuple(work_step_of(s, flow) for flow in seen.flows), (("", rows),))
    nobody = s.say("coverage.nobody-yet" if sees_small(s) else "coverage.too-few-yet")
    body = (*(lines or [nobody]), s.say(f"coverage.of.{split}"), *hidden_note(s))
    return Panel(
        at=f"daekning/{split}",
        title=title,
        body=body,
        rows=column(back(s, "daekning/alt")),
        table=table,
    )


def _rest_of(seen: Coverage, split: str) -> list[Place]:
    return [place for place in [(REST, split)] if any(seen.cell(flow, place).sent.value for flow in seen.flows)]


def _anybody(cell: CoverageCell) -> bool:
    return bool(cell.started.value or cell.sent.value)


def _place_line(s: Session, place: Place, cell: CoverageCell) -> str:
    name, sent = place_in(s, *place), _in_words(s, cell.sent) if not cell.sent.value else _heard(s, cell)
    if sees_small(s) and cell.associations is None:
        return s.say("coverage.place", place=name, started=_in_words(s, cell.started), sent=sent)
    return s.say("coverage.place.published", place=name, sent=sent)


def _keys(s: Session, seen: Coverage, split: str) -> list[str]:
    """Every area or department there is, with or without anybody in it: an empty one is who is missing."""
    match split:
        case "area":
            known = [item.key for item in s.plan.file.areas]
        case "department":
            known = [item.key for item in s.plan.file.departments]
        case _:
            known = list(SIZES)
    return [*known, *(key for key in seen.places(split) if key not in known)]


def place_in(s: Session, split: str, key: str) -> str:
    if split == REST:
        return s.say("coverage.rest")
    if not key:
        return s.say("not-told")
    if split == "size":
        return s.say("coverage.size", size=key)
    return place_name(s, "areas" if split == "area" else "departments", key)


# --- the picture ------------------------------------------------------------------------------------------


def _picture(drawn: Heatmap) -> Attachment:
    return Attachment("besyv-daekning.png", heatmap.png(drawn), picture=drawn.title)


def heatmap_of(s: Session, seen: Coverage) -> Heatmap:
    """Sent, by group and step; the colour is the share of the target, or of the group with most."""
    flows = seen.flows[-MOST_COLUMNS:]
    bands = tuple(
        (
            s.say(f"side.{side}"),
            tuple((group_name(s, group), tuple(_cell(s, seen, flow, group) for flow in flows)) for group in groups),
        )
        for side, groups in SIDES
    )
    legend = (
        (s.say("heatmap.none"), 0.0),
        (s.say("heatmap.half"), 0.5),
        (s.say("heatmap.most"), 1.0),
        (s.say("heatmap.not-asked"), None),
    )
    title = s.say("heatmap.title", municipality=s.plan.file.municipality.name)
    columns = tuple(s.plan.flows[flow].flow.title_at_work.to(s.language) for flow in flows)
    moment = texts.moment(s.language, s.visit.now if seen.of is None else seen.of)
    return Heatmap(title, columns, bands, legend, s.say("heatmap.footer", moment=moment))


def _cell(s: Session, seen: Coverage, flow: str, group: Group) -> heatmap.HeatmapCell:
    cell = seen.cell(flow, ("group", group))
    if not s.plan.asks(flow, group):
        return heatmap.HeatmapCell("–", None)
    return heatmap.HeatmapCell(figure(s, cell.heard), _share(seen, flow, cell))


def _share(seen: Coverage, flow: str, cell: CoverageCell) -> float:
    """Of what is shown alone: a colour gives no number away. What is too small looks like one."""
    if not cell.heard.shown:
        return 0.1
    if cell.target:
        return min(1.0, cell.heard.value / cell.target)
    heard = [seen.cell(flow, ("group", group)).heard for _, groups in SIDES for group in groups]
    most = max((number.value for number in heard if number.shown), default=0)
    return cell.heard.value / most if most else 0.0
