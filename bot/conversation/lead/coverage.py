"""Who has been heard, who is missing, and the guide's advice as checks. Small numbers are the leader's alone."""

from __future__ import annotations

from functools import partial

from bot import texts
from bot.access import Right, rights
from bot.conversation import invites
from bot.conversation.lead.panel import Args, Go, Panel, Sent, back, column
from bot.conversation.situation import Situation
from bot.conversation.words import group_name, place_name, step_name, step_of
from bot.flows import engine
from bot.flows.model import RESPONDENTS, Group
from bot.process import advice, coverage
from bot.process.coverage import SIDES, SPLITS, TOTAL, Cell, Coverage, Number
from bot.process.plan import START
from bot.process.small_cells import FEWEST
from bot.reply import Attachment, Table
from bot.texts import names
from reports import heatmap
from reports.heatmap import Heatmap
from reports.register import PartyKind
from storage import parties, tally

SHOWN = 10  # entries to a page
MOST_COLUMNS = 9  # steps in one picture, the latest: more can't be read on a phone


def show(s: Situation, args: Args, _sent: Sent) -> Panel:
    match args:
        case (split,) if split in SPLITS:
            return _split(s, split)
        case ("billede",):
            return _overview(s, picture=True)
        case _:
            return _overview(s, picture=not args)


def _sees_small(s: Situation) -> bool:
    return Right.SEE_STATUS in rights(s.roles)


def _look(s: Situation) -> Coverage:
    return coverage.look(s.tx, s.plan.process_id, _flows(s), small=_sees_small(s))


def _flows(s: Situation) -> list[str]:
    return coverage.begun(s.plan, s.visit.now)


def _overview(s: Situation, *, picture: bool) -> Panel:
    seen = _look(s)
    rows = (
        (Go(s.say("coverage.by.area"), "daekning/area"), Go(s.say("coverage.by.size"), "daekning/size")),
        (Go(s.say("coverage.by.department"), "daekning/department"), Go(s.say("coverage.picture"), "daekning/billede")),
        (Go(s.say("lead.mangler"), "mangler"), Go(s.say("lead.raad"), "raad")),
        *(((Go(s.say("coverage.targets"), "maal"),),) if Right.OPEN_STEPS in rights(s.roles) else ()),
        (back(s, "leder"),),
    )
    title, table = s.say("coverage.title"), _by_group(s, seen)
    makes = (partial(_picture, _heatmap(s, seen)),) if picture and seen.flows else ()
    return Panel("daekning/alt", title, _in_short(s, seen), rows, table=table, makes=makes)


def in_short(s: Situation) -> tuple[str, ...]:
    """For the weekly overview."""
    return _in_short(s, _look(s))


def _in_short(s: Situation, seen: Coverage) -> tuple[str, ...]:
    """How many are in, on each side; how many sent in each step; how the register stands."""
    if not seen.flows:
        return (s.say("coverage.nothing-open"),)
    first = seen.flows[0]
    present = seen.cell(first, TOTAL).present
    lines = [s.say("coverage.present", people=_people(s, present))]
    lines += [
        s.say(f"coverage.side.{side}", people=_people(s, seen.cell(first, ("side", side)).present)) for side, _ in SIDES
    ]
    steps = [
        s.say("coverage.step", step=step_of(s, flow), begun=_figure(s, seen.cell(flow, TOTAL).started),
              sent=_figure(s, seen.cell(flow, TOTAL).sent))
        for flow in seen.flows
    ]  # fmt: skip
    return ("\n".join(lines), "\n".join(steps), *_register(s), *_hidden_note(s))


def _register(s: Situation) -> tuple[str, ...]:
    found = coverage.register(s.tx, s.plan.process_id)
    if not found.known:
        return (s.say("coverage.no-register"),)
    told = s.say(
        "coverage.register", known=found.known, invited=found.invited, opened=found.opened, started=found.started,
        sent=found.sent, declined=found.declined, silent=found.silent,
    )  # fmt: skip
    return (told,)


def _hidden_note(s: Situation) -> tuple[str, ...]:
    return () if _sees_small(s) else (s.say("coverage.hidden", fewest=FEWEST),)


def _people(s: Situation, number: Number) -> str:
    return texts.count(s.language, "people", number.value) if number.shown else s.say("coverage.few")


def _figure(s: Situation, number: Number) -> str:
    return texts.decimal(s.language, number.value) if number.shown else s.say("coverage.few")


# --- tables -----------------------------------------------------------------------------------------------


def _by_group(s: Situation, seen: Coverage) -> Table:
    """The two sides under each other: present, and sent in each step, with the target where there is one."""
    bands = tuple((s.say(f"side.{side}"), tuple(_row(s, seen, group) for group in groups)) for side, groups in SIDES)
    rest = [group for group in ("styregruppe", "") if ("group", group) in {place for _, place in seen.cells}]
    if rest:
        bands = (*bands, (s.say("side.both"), tuple(_row(s, seen, group) for group in rest)))
    columns = (s.say("coverage.in"), *(step_of(s, flow) for flow in seen.flows))
    return Table(s.say("coverage.table"), columns, bands)


def _row(s: Situation, seen: Coverage, group: str) -> tuple[str, ...]:
    cells = [seen.cell(flow, ("group", group)) for flow in seen.flows]
    present = _figure(s, cells[0].present) if cells else "0"
    sent = [_sent(s, cell, asked=_is_asked(s, flow, group)) for flow, cell in zip(seen.flows, cells, strict=True)]
    return (group_name(s, group), present, *sent)


def _sent(s: Situation, cell: Cell, *, asked: bool) -> str:
    if not asked and not cell.started.value:
        return "–"
    figure = _figure(s, cell.sent)
    return figure if cell.target is None else s.say("coverage.of-target", sent=figure, target=cell.target)


def _is_asked(s: Situation, flow: str, group: str) -> bool:
    """Whether the step has questions for them at all."""
    mine = [r for r in RESPONDENTS if (str(r.group) if r.group else "") == group]
    return any(engine.path(s.plan.flows[flow].flow, respondent, {}) for respondent in mine)


def _split(s: Situation, split: str) -> Panel:
    """One split of all steps: who is in and who has sent, place by place."""
    seen = _look(s)
    lines = []
    for flow in seen.flows:
        told = [
            s.say("coverage.place", place=_place(s, split, key), started=_figure(s, cell.started),
                  sent=_figure(s, cell.sent))
            for key in _keys(s, seen, split)
            if (cell := seen.cell(flow, (split, key))).started.value
        ]  # fmt: skip
        if told:
            lines.append("\n".join((step_of(s, flow), *told)))
    rows = tuple(
        (_place(s, split, key), *(_figure(s, seen.cell(flow, (split, key)).sent) for flow in seen.flows))
        for key in _keys(s, seen, split)
    )
    table = Table(s.say(f"coverage.by.{split}"), tuple(step_of(s, flow) for flow in seen.flows), (("", rows),))
    body = (*(lines or [s.say("coverage.nobody-yet")]), s.say(f"coverage.of.{split}"), *_hidden_note(s))
    return Panel(f"daekning/{split}", s.say(f"coverage.by.{split}"), body, column(back(s, "daekning/alt")), table=table)


def _keys(s: Situation, seen: Coverage, split: str) -> list[str]:
    """Every area or department there is, with or without anybody in it: an empty one is who is missing."""
    match split:
        case "area":
            known = [item.key for item in s.plan.file.areas]
        case "department":
            known = [item.key for item in s.plan.file.departments]
        case _:
            known = ["0-9", "10-24", "25-49", "50-99", "100+"]
    return [*known, *(key for key in seen.places(split) if key not in known)]


def _place(s: Situation, split: str, key: str) -> str:
    if not key:
        return s.say("not-told")
    if split == "size":
        return s.say("coverage.size", size=key)
    return place_name(s, "areas" if split == "area" else "departments", key)


# --- the picture ------------------------------------------------------------------------------------------


def _picture(drawn: Heatmap) -> Attachment:
    return Attachment("besyv-daekning.png", heatmap.png(drawn), picture=drawn.title)


def _heatmap(s: Situation, seen: Coverage) -> Heatmap:
    """Sent, by group and step; the colour is the share of the target, or of the group with most."""
    flows = seen.flows[-MOST_COLUMNS:]
    bands = tuple(
        (s.say(f"side.{side}"), tuple(
            (group_name(s, group), tuple(_cell(s, seen, flow, group) for flow in flows)) for group in groups))
        for side, groups in SIDES
    )  # fmt: skip
    legend = (
        (s.say("heatmap.none"), 0.0),
        (s.say("heatmap.half"), 0.5),
        (s.say("heatmap.most"), 1.0),
        (s.say("heatmap.not-asked"), None),
    )
    title = s.say("heatmap.title", municipality=s.plan.file.municipality.name)
    columns = tuple(s.plan.flows[flow].flow.title.to(s.language) for flow in flows)
    return Heatmap(title, columns, bands, legend, s.say("heatmap.footer", moment=texts.moment(s.language, s.visit.now)))


def _cell(s: Situation, seen: Coverage, flow: str, group: Group) -> heatmap.Cell:
    cell = seen.cell(flow, ("group", group))
    if not _is_asked(s, flow, group):
        return heatmap.Cell("–", None)
    return heatmap.Cell(_figure(s, cell.sent), _share(seen, flow, cell))


def _share(seen: Coverage, flow: str, cell: Cell) -> float:
    """Of what may be shown alone: a colour gives no number away. What is hidden looks like one."""
    if not cell.sent.shown:
        return 0.1
    if cell.target:
        return min(1.0, cell.sent.value / cell.target)
    sent = [seen.cell(flow, ("group", group)).sent for _, groups in SIDES for group in groups]
    most = max((number.value for number in sent if number.shown), default=0)
    return cell.sent.value / most if most else 0.0


# --- who is missing ---------------------------------------------------------------------------------------


def missing(s: Situation, args: Args, _sent: Sent) -> Panel:
    """The entries that nothing has come from, in one step or in all; not single persons' to the steering group."""
    flow = args[0] if args and args[0] != "alt" else ""
    first = int(args[1]) if len(args) > 1 else 0
    heard = [entry for entry in parties.heard(s.tx, s.plan.process_id, flow) if coverage.is_missing(entry)]
    if not _sees_small(s):
        heard = [entry for entry in heard if entry.party.kind != PartyKind.NOEGLEPERSON]
    heard.sort(key=lambda entry: (-entry.party.must, names.sort_key(entry.party.name)))
    at = f"mangler/{flow or 'alt'}"
    listed = "\n".join(_missing_line(s, entry) for entry in heard[first : first + SHOWN])
    body = [_missing_count(s, len(heard), flow), *([listed] if listed else [])]
    if heard:
        body.append(s.say("missing.letter", letter=invites.reminder(s)))
    if heard and Right.INVITE in rights(s.roles):
        body.append(s.say("missing.invite"))
    rows = [(Go(s.say("panel.more"), f"{at}/{first + SHOWN}"),)] if len(heard) > first + SHOWN else []
    if Right.KEEP_REGISTER in rights(s.roles):
        rows.append((Go(s.say("lead.liste"), "liste"),))
    others = [key for key in _flows(s) if key != flow]
    rows += [(Go(s.say("missing.in", step=step_of(s, key)), f"mangler/{key}"),) for key in others]
    rows += [(Go(s.say("missing.in-all"), "mangler/alt"),)] if flow else []
    return Panel(f"{at}/{first}", s.say("lead.mangler"), tuple(body), (*rows, (back(s, "daekning/alt"),)))


def _missing_count(s: Situation, number: int, flow: str) -> str:
    if not parties.count(s.tx, s.plan.process_id):
        return s.say("coverage.no-register")
    if not number:
        return s.say("missing.nobody")
    where = step_of(s, flow) if flow else s.say("missing.all-steps")
    return texts.count(s.language, "missing.count", number, where=where)


def _missing_line(s: Situation, entry: parties.Heard) -> str:
    state = (
        "started" if entry.started else "came" if entry.came else "silent" if entry.party.invited_at else "uninvited"
    )
    must = f" ({s.say('missing.must')})" if entry.party.must else ""
    return f"• {entry.party.name}{must}: {s.say(f'missing.{state}')}"


# --- the guide's advice -----------------------------------------------------------------------------------


def advised(s: Situation, _args: Args, _sent: Sent) -> Panel:
    found = advice.checks(s.tx, s.plan, s.visit.now, small=_sees_small(s))
    body = [s.say("advice.reading")]
    for check in found:
        evidence = {name: _figure(s, number) for name, number in check.evidence.items()}
        mark = "✓" if check.done else "☐"
        told = [f"{mark} {s.say(f'advice.{check.advice}')}", s.say(f"advice.{check.advice}.evidence", **evidence)]
        if not check.done:
            told.append(s.say(f"advice.{check.advice}.next"))
        body.append("\n".join(told))
    return Panel("raad", s.say("lead.raad"), (*body, *_hidden_note(s)), column(back(s, "daekning/alt")))


# --- targets ----------------------------------------------------------------------------------------------


def targets(s: Situation, args: Args, sent: Sent) -> Panel:
    """How many the leader wants to hear, by step and group."""
    match args:
        case (flow, group) if sent.text:
            return _set_target(s, flow, group, sent.text)
        case (flow, group):
            return _target(s, flow, group)
        case (flow,) if flow in s.plan.flows:
            return _targets_of(s, flow)
        case _:
            rows = [Go(step_name(s, s.plan.flows[key].flow), f"maal/{key}") for key in s.plan.flows if key != START]
            return Panel("maal", s.say("coverage.targets"), (s.say("targets.what"),),
                         column(*rows, back(s, "daekning/alt")))  # fmt: skip


def _target(s: Situation, flow: str, group: str, *notes: str) -> Panel:
    at, title = f"maal/{flow}/{group}", s.say("targets.how-many", step=step_of(s, flow), group=group_name(s, group))
    return Panel(at, title, (s.say("targets.number"),), column(back(s, f"maal/{flow}")), notes, asks=at)


def _targets_of(s: Situation, flow: str, *notes: str) -> Panel:
    set_so_far = tally.targets(s.tx, s.plan.process_id)
    rows = []
    for group in Group:
        if _is_asked(s, flow, group):
            target = set_so_far.get((flow, group))
            told = s.say("targets.none") if target is None else texts.count(s.language, "people", target)
            rows.append(Go(f"{group_name(s, group)}: {told}", f"maal/{flow}/{group}"))
    return Panel(f"maal/{flow}", step_of(s, flow), (s.say("targets.what"),), column(*rows, back(s, "maal")), notes)


def _set_target(s: Situation, flow: str, group: str, text: str) -> Panel:
    if not (text.isascii() and text.isdecimal() and len(text) <= 6) or flow not in s.plan.flows:
        return _target(s, flow, group, s.say("targets.not-number"))
    tally.set_target(s.tx, s.plan.process_id, flow, group, int(text))
    return _targets_of(s, flow, s.say("panel.saved"))
