"""Taking a file into the register: handed in, looked through together, and only then taken in."""

from __future__ import annotations

from bot import texts
from bot.conversation.lead import register as register_page
from bot.conversation.lead.panel import Args, Go, Panel, Sent, back, column
from bot.conversation.situation import Situation
from bot.process import register
from reports import register as tables
from reports.register import Field, Table
from storage import parties

MOST_FAULTS = 12  # lines named in a preview


def show(s: Situation, args: Args, sent: Sent) -> Panel:
    match args:
        case ("preview",):
            return _again(s)
        case ("kolonne", column_):
            return _name_column(s, int(column_))
        case ("ja",):
            return _imported(s)
        case _:
            return _file(s, sent)


def _file(s: Situation, sent: Sent) -> Panel:
    if sent.handed is None:
        return _wanted(s)
    table = sent.handed.table
    if table is None:
        return _wanted(s, s.say(f"register.fault.{sent.handed.fault}"))
    mapping = tables.guess(table.headings)
    register.keep(s.tx, s.person.id, table, mapping, s.visit.now)
    return _previewed(s, table, mapping)


def _wanted(s: Situation, *notes: str) -> Panel:
    return Panel(
        "fil",
        s.say("register.file"),
        (s.say("register.file-what"),),
        column(back(s, "liste")),
        notes,
        asks_file="fil",
    )


def _name_column(s: Situation, column_: int) -> Panel:
    """The leader said in which column the names stand."""
    kept = register.kept(s.tx, s.person.id)
    if kept is None or not 0 <= column_ < len(kept[0].headings):
        return register_page.home(s, s.say("panel.gone"))
    table, mapping = kept
    mapping = {field: at for field, at in mapping.items() if at != column_} | {Field.NAME: column_}
    register.keep(s.tx, s.person.id, table, mapping, s.visit.now)
    return _previewed(s, table, mapping)


def _again(s: Situation) -> Panel:
    """The preview of the file that waits for a yes, as it looks now."""
    kept = register.kept(s.tx, s.person.id)
    return _previewed(s, *kept) if kept is not None else register_page.home(s)


def _previewed(s: Situation, table: Table, mapping: dict[Field, int]) -> Panel:
    if Field.NAME not in mapping:
        named = [Go(heading or f"{place + 1}", f"fil/kolonne/{place}") for place, heading in enumerate(table.headings)]
        return Panel(
            "fil/preview",
            s.say("register.which-column"),
            (s.say("register.which-column-what"),),
            column(*named[:20], back(s, "liste")),
            asks_file="fil",
        )
    found = register.looked_through(s.tx, s.plan, table, mapping)
    columns = "\n".join(f"• {table.headings[at]} → {s.say(f'register.field.{field}')}" for field, at in mapping.items())
    ignored = [table.headings[at] for at in tables.unmapped(table.headings, mapping) if table.headings[at]]
    body = [
        texts.count(s.language, "register.would-add", len(found.entries)),
        texts.count(s.language, "register.would-update", len(found.updates)),
        texts.count(s.language, "register.would-merge", sum(not merged.in_register for merged in found.merged)),
        s.say("register.columns") + "\n" + columns,
        *([s.say("register.ignored", columns=", ".join(ignored))] if ignored else []),
        *_faults(s, found.bad),
    ]
    yes = Go(s.say("register.import-yes"), "fil/ja")
    rows = (*([yes] if found.entries or found.updates else []), back(s, "liste"))
    return Panel("fil/preview", s.say("register.preview"), tuple(body), column(*rows), asks_file="fil")


def _faults(s: Situation, bad: tuple[tables.Bad, ...]) -> tuple[str, ...]:
    if not bad:
        return ()
    lines = [
        s.say("register.bad", row=each.row, what=s.say(f"register.bad.{each.code}", value=each.value[:60]))
        for each in bad[:MOST_FAULTS]
    ]
    if len(bad) > MOST_FAULTS:
        lines.append(texts.count(s.language, "register.bad-more", len(bad) - MOST_FAULTS))
    return ("\n".join((texts.count(s.language, "register.bad-count", len(bad)), *lines)),)


def _imported(s: Situation) -> Panel:
    kept = register.kept(s.tx, s.person.id)
    if kept is None:
        return register_page.home(s, s.say("panel.gone"))
    table, mapping = kept
    found = register.looked_through(s.tx, s.plan, table, mapping)
    added = register.take_in(s.tx, s.plan.process_id, found, s.person.pseudonym, s.visit.now)
    parties.drop_import(s.tx, s.person.id)
    return register_page.home(s, texts.count(s.language, "register.imported", added))
