"""The panel «kontrol»: one's own receipts, and the check of the text repeated with a receipt's code."""

from __future__ import annotations

from functools import partial

from bot import texts
from bot.dialogue import receipt_check
from bot.dialogue.naming import step_of
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import back
from bot.dialogue.reply import Attachment
from bot.dialogue.session import Session
from bot.flows import receipts
from bot.flows.model import Language
from storage.runs import Run

EXAMPLE = "abcd-efgh"


def show(s: Session, args: Args, sent: PanelInput) -> Panel:
    mine = [run for run in s.runs if run.number is not None]
    match args:
        case (number, "fil") if number.isdecimal():
            return _of(s, mine, int(number), fetched=True)
        case (number,) if number.isdecimal():
            return _of(s, mine, int(number), typed=sent.text)
        case _ if len(mine) == 1:
            return _of(s, mine, mine[0].id)
        case _:
            return _which(s, mine)


def _which(s: Session, mine: list[Run]) -> Panel:
    rows = column(*(Go(_called(s, run), f"kontrol/{run.id}") for run in mine))
    body = (s.say("check.which" if mine else "check.nothing"),)
    return Panel(at="kontrol", title=s.say("check.title"), body=body, rows=rows)


def _called(s: Session, run: Run) -> str:
    return s.say("check.receipt", step=step_of(s, run.flow), number=run.number)


def _of(s: Session, mine: list[Run], wanted: int, *, typed: str = "", fetched: bool = False) -> Panel:
    run = next((run for run in mine if run.id == wanted), None)
    if run is None:
        return _which(s, mine)
    s.take_up(run)
    at = f"kontrol/{run.id}"
    text = receipt_check.text_of(s)
    more = [back(s, "kontrol")] if len(mine) > 1 else []
    return Panel(
        at=at,
        title=s.say("check.title"),
        body=(_called(s, run), s.say("check.how", example=EXAMPLE)),
        rows=column(Go(s.say("check.text"), f"{at}/fil"), *more),
        notes=repeated(s, typed, s.language),
        asks=at,
        send=s.say("send.check"),
        makes=(partial(_file, run.number, text),) if fetched else (),
    )


def _file(number: int | None, text: str) -> Attachment:
    return Attachment(f"svar-{number}.txt", text.encode())


def repeated(s: Session, typed: str, language: Language) -> tuple[str, ...]:
    """What the check of the run they are in is with the code that was typed; nothing where none was. In the language of
    whoever repeats it."""
    if not typed:
        return ()
    if not receipts.is_code(typed):
        return (texts.say(language, "check.no-code", example=EXAMPLE),)
    if not receipt_check.is_whole(s):
        return (texts.say(language, "check.damaged"),)
    changed = receipt_check.corrected_at(s)
    told = texts.say(language, "check.is", check=receipt_check.check_of(s, typed))
    if changed is None:
        return (told,)
    return told, texts.say(language, "check.corrected", moment=texts.moment(language, changed))
