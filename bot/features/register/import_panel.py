"""Import of a file into the register: uploaded, looked through together, and only then stored."""

from __future__ import annotations

from bot import texts
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import back
from bot.dialogue.session import Session
from bot.features.register import panel, service
from bot.texts import lists
from reports.register import BadCell, FileTable, Preview, RegisterField, RowInDoubt, guess, unmapped
from reports.register_reading import MOST_ROWS
from reports.register_workbook import MOST_COLUMNS
from storage import register

MOST_FAULTS = 12  # lines told one by one in a preview
MOST_STRETCHES = 40  # of lines that are numbered only


def show(s: Session, args: Args, sent: PanelInput) -> Panel:
    match args:
        case ("preview",):
            return _again(s)
        case ("kolonne", column_):
            return _name_column(s, int(column_))
        case ("ja",):
            return _imported(s, with_doubts=True)
        case ("sikre",):
            return _imported(s, with_doubts=False)
        case _:
            return _file(s, sent)


def _file(s: Session, sent: PanelInput) -> Panel:
    if sent.upload is None:
        return _wanted(s)
    table = sent.upload.table
    if table is None:
        most = texts.decimal(s.language, MOST_ROWS)
        return _wanted(s, s.say(f"register.fault.{sent.upload.fault or 'not-fetched'}", most=most))
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
            body=(s.say("register.which-column-what"), *_where(s, table)),
            rows=column(*named[:20], back(s, "liste")),
            asks_file="fil",
        )
    found = service.preview_import(s.tx, s.plan, table, mapping, s.visit.now)
    words = s.plan.file.words.department_in(s.language)
    columns = [f"{table.headings[at]} → {s.say(f'register.field.{field}', **words)}" for field, at in mapping.items()]
    ignored = [table.headings[at] for at in unmapped(table.headings, mapping) if table.headings[at]]
    body = [
        texts.count(s.language, "register.would-add", len(found.entries)),
        texts.count(s.language, "register.would-update", len(found.updates)),
        texts.count(s.language, "register.would-merge", sum(not merged.in_register for merged in found.merged)),
        lists.bulleted(columns, s.say("register.columns")),
        *([s.say("register.ignored", columns=", ".join(ignored))] if ignored else []),
        *_where(s, table),
        *_faults(s, found.bad),
        *_doubts(s, found.doubts),
    ]
    rows = (*_answers(s, found), back(s, "liste"))
    return Panel(
        at="fil/preview", title=s.say("register.preview"), body=tuple(body), rows=column(*rows), asks_file="fil"
    )


def _where(s: Session, table: FileTable) -> tuple[str, ...]:
    """Which sheet is read and from which row on, where that is not the whole file."""
    told = []
    if table.other_sheets:
        others = ", ".join(texts.quoted(s.language, name) for name in table.other_sheets[:MOST_FAULTS])
        told.append(s.say("register.sheet", sheet=table.sheet, others=others))
    if table.heading_row > 1:
        told.append(s.say("register.heading-row", row=table.heading_row))
    if table.too_far:
        told.append(s.say("register.too-far", most=MOST_COLUMNS, columns=", ".join(table.too_far[:MOST_FAULTS])))
    return tuple(told)


def _answers(s: Session, found: Preview) -> list[Go]:
    """One yes; where rows are asked about, one without them and one with them."""
    if not found.entries and not found.updates:
        return []
    if not found.doubts:
        return [Go(s.say("register.import-yes"), "fil/ja")]
    number = len(found.doubtful_rows)
    return [
        Go(texts.count(s.language, "register.import-without", number), "fil/sikre"),
        Go(s.say("register.import-with"), "fil/ja"),
    ]


def _faults(s: Session, bad: tuple[BadCell, ...]) -> tuple[str, ...]:
    if not bad:
        return ()
    words = s.plan.file.words.department_in(s.language)
    lines = [
        s.say("register.bad", row=each.row, what=s.say(f"register.bad.{each.code}", value=each.value[:60], **words))
        for each in bad[:MOST_FAULTS]
    ]
    head = texts.count(s.language, "register.bad-count", len(bad))
    return ("\n".join((head, *lines, *_more(s, [each.row for each in bad]), s.say("register.bad-what"))),)


def _doubts(s: Session, doubts: tuple[RowInDoubt, ...]) -> tuple[str, ...]:
    if not doubts:
        return ()
    lines = [
        s.say(
            "register.bad",
            row=each.row,
            what=s.say(f"register.doubt.{each.code}", name=each.name[:60], other=each.other[:60]),
        )
        for each in doubts[:MOST_FAULTS]
    ]
    head = texts.count(s.language, "register.doubt-count", len(doubts))
    return ("\n".join((head, *lines, *_more(s, [each.row for each in doubts]))),)


def _more(s: Session, rows: list[int]) -> tuple[str, ...]:
    """The rows of those that are not told one by one."""
    further = rows[MOST_FAULTS:]
    if not further:
        return ()
    return (texts.count(s.language, "register.bad-more", len(further), rows=lists.stretches(further, MOST_STRETCHES)),)


def _imported(s: Session, *, with_doubts: bool) -> Panel:
    kept = service.kept_upload(s.tx, s.person.id)
    if kept is None:
        return panel.home(s, s.say("panel.gone"))
    table, mapping = kept
    found = service.preview_import(s.tx, s.plan, table, mapping, s.visit.now, with_doubts=with_doubts)
    added = service.apply_import(s.tx, s.plan.process_id, found, s.person.pseudonym, s.visit.now)
    register.drop_import(s.tx, s.person.id)
    return panel.home(s, texts.count(s.language, "register.imported", added))
