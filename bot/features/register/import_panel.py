"""Import of a file into the register: uploaded, looked through together, and only then stored."""

from __future__ import annotations

from bot import texts
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import back
from bot.dialogue.session import Session
from bot.features.register import panel, service
from bot.texts import lists
from reports.register import BadCell, FileTable, RegisterField, guess, unmapped
from storage import register

MOST_FAULTS = 12  # lines named in a preview


def show(s: Session, args: Args, sent: PanelInput) -> Panel:
    match args:
        case ("preview",):
            return _again(s)
        case ("kolonne", column_):
            return _name_column(s, int(column_))
        case ("ja",):
            return _imported(s)
        case _:
            return _file(s, sent)


def _file(s: Session, sent: PanelInput) -> Panel:
    if sent.upload is None:
        return _wanted(s)
    table = sent.upload.table
    if table is None:
        return _wanted(s, s.say(f"register.fault.{sent.upload.fault or 'not-fetched'}"))
    mapping = guess(table.headings)
    service.keep_upload(s.tx, s.person.id, table, mapping, s.visit.now)
    return _previewed(s, table, mapping)


def _wanted(s: Session, *notes: str) -> Panel:
    return Panel(
        at="fil",
        title=s.say("register.file"),
        body=(s.say("register.file-what"),),
        rows=column(back(s, "liste")),
        notes=notes,
        asks_file="fil",
    )


def _name_column(s: Session, column_: int) -> Panel:
    """The leader said in which column the names stand."""
    kept = service.kept_upload(s.tx, s.person.id)
    if kept is None or not 0 <= column_ < len(kept[0].headings):
        return panel.home(s, s.say("panel.gone"))
    table, mapping = kept
    mapping = {field: at for field, at in mapping.items() if at != column_} | {RegisterField.NAME: column_}
    service.keep_upload(s.tx, s.person.id, table, mapping, s.visit.now)
    return _previewed(s, table, mapping)


def _again(s: Session) -> Panel:
    """The preview of the file that waits for a yes, as it looks now."""
    kept = service.kept_upload(s.tx, s.person.id)
    return _previewed(s, *kept) if kept is not None else panel.home(s)


def _previewed(s: Session, table: FileTable, mapping: dict[RegisterField, int]) -> Panel:
    if RegisterField.NAME not in mapping:
        named = [Go(heading or f"{place + 1}", f"fil/kolonne/{place}") for place, heading in enumerate(table.headings)]
        return Panel(
            at="fil/preview",
            title=s.say("register.which-column"),
            body=(s.say("register.which-column-what"),),
            rows=column(*named[:20], back(s, "liste")),
            asks_file="fil",
        )
    found = service.preview_import(s.tx, s.plan, table, mapping)
    columns = [f"{table.headings[at]} → {s.say(f'register.field.{field}')}" for field, at in mapping.items()]
    ignored = [table.headings[at] for at in unmapped(table.headings, mapping) if table.headings[at]]
    body = [
        texts.count(s.language, "register.would-add", len(found.entries)),
        texts.count(s.language, "register.would-update", len(found.updates)),
        texts.count(s.language, "register.would-merge", sum(not merged.in_register for merged in found.merged)),
        lists.bulleted(columns, s.say("register.columns")),
        *([s.say("register.ignored", columns=", ".join(ignored))] if ignored else []),
        *_faults(s, found.bad),
    ]
    yes = Go(s.say("register.import-yes"), "fil/ja")
    rows = (*([yes] if found.entries or found.updates else []), back(s, "liste"))
    return Panel(
        at="fil/preview", title=s.say("register.preview"), body=tuple(body), rows=column(*rows), asks_file="fil"
    )


def _faults(s: Session, bad: tuple[BadCell, ...]) -> tuple[str, ...]:
    if not bad:
        return ()
    lines = [
        s.say("register.bad", row=each.row, what=s.say(f"register.bad.{each.code}", value=each.value[:60]))
        for each in bad[:MOST_FAULTS]
    ]
    if len(bad) > MOST_FAULTS:
        lines.append(texts.count(s.language, "register.bad-more", len(bad) - MOST_FAULTS))
    return ("\n".join((texts.count(s.language, "register.bad-count", len(bad)), *lines)),)


def _imported(s: Session) -> Panel:
    kept = service.kept_upload(s.tx, s.person.id)
    if kept is None:
        return panel.home(s, s.say("panel.gone"))
    table, mapping = kept
    found = service.preview_import(s.tx, s.plan, table, mapping)
    added = service.apply_import(s.tx, s.plan.process_id, found, s.person.pseudonym, s.visit.now)
    register.drop_import(s.tx, s.person.id)
    return panel.home(s, texts.count(s.language, "register.imported", added))
