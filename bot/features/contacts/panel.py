"""The leader's panel «Kontakter»: whom to ask about which hearing response, who wants to hear more about joining the
steering group, and both as a file. Needs at a meeting are for those who run it (bot.features.meetings)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from bot import texts
from bot.dialogue.file_words import table_words
from bot.dialogue.naming import group_name, place_name
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import ListPage, back
from bot.dialogue.reply import Attachment
from bot.dialogue.session import Session
from bot.features.contacts import service
from reports import contacts
from reports.contacts import ContactLine
from reports.table_words import TableWords

SHOWN = 10


def show(s: Session, args: Args, _sent: PanelInput) -> Panel:
    found = [replace(each, text=s.readable(each.text)) for each in service.lines(s.tx, s.plan.process_id)]
    match args:
        case ("se", "svar"):
            s.audit("contacts-responses")
            return _responses(s, found, 0)
        case ("svar", first):
            return _responses(s, found, int(first))
        case ("se", "styregruppe"):
            s.audit("contacts-steering")
            return _interested(s, found, 0)
        case ("styregruppe", first):
            return _interested(s, found, int(first))
        case ("fil",):
            s.audit("contacts-file")
            kept = [*service.of_responses(found), *service.for_steering_group(found)]
            words = table_words(s.plan, s.language)
            return replace(_home(s, found), makes=(partial(_file, tuple(kept), s.plan.file.process, words),))
        case _:
            return _home(s, found)


def _home(s: Session, found: list[ContactLine]) -> Panel:
    responses, interested = service.of_responses(found), service.for_steering_group(found)
    body = (
        texts.count(s.language, "contacts.count", len(responses)) if responses else s.say("contacts.none"),
        texts.count(s.language, "contacts.interested", len(interested)) if interested else s.say("contacts.nobody"),
        s.say("contacts.logged"),
    )
    rows = column(
        *((Go(s.say("contacts.responses"), "kontakter/se/svar"),) if responses else ()),
        *((Go(s.say("contacts.steering"), "kontakter/se/styregruppe"),) if interested else ()),
        *((Go(s.say("contacts.file"), "kontakter/fil"),) if responses or interested else ()),
        back(s, "leder"),
    )
    return Panel(at="kontakter", title=s.say("lead.kontakter"), body=body, rows=rows)


def _file(lines: tuple[ContactLine, ...], process: str, words: TableWords) -> Attachment:
    return Attachment("besyv-kontakter.csv", contacts.csv(lines, process, words))


def _responses(s: Session, found: list[ContactLine], first: int) -> Panel:
    lines = [_of_response(s, each) for each in service.of_responses(found)]
    return _page(s, "svar", s.say("contacts.responses"), lines, first)


def _interested(s: Session, found: list[ContactLine], first: int) -> Panel:
    lines = [_of_interested(s, each) for each in service.for_steering_group(found)]
    return _page(s, "styregruppe", s.say("contacts.steering"), lines, first)


def _page(s: Session, what: str, title: str, lines: list[str], first: int) -> Panel:
    page, at = ListPage(lines, SHOWN, first), f"kontakter/{what}"
    rows = (
        *page.turning(lambda place: f"{at}/{place}", s.say("panel.more"), s.say("panel.newer")),
        (back(s, "kontakter"),),
    )
    return Panel(at=f"{at}/{first}", title=title, body=tuple(page.shown) or (s.say("contacts.none"),), rows=rows)


def _of_response(s: Session, line: ContactLine) -> str:
    whom = line.speaks_for or group_name(s, line.group)
    return s.say("contacts.line", number=line.receipt, whom=whom, answer=line.text)


def _of_interested(s: Session, line: ContactLine) -> str:
    told = line.text or s.say("contacts.unreached")
    place = place_name(s, "areas", line.area)
    return s.say("contacts.who", group=group_name(s, line.group), place=place, answer=told)
