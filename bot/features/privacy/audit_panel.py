"""The audit log as the leader reads it: who used which right, and when; never what was seen."""

from __future__ import annotations

from bot import texts
from bot.access import Role
from bot.dialogue.panel import Args, Panel, PanelInput
from bot.dialogue.panel_parts import ListPage, back
from bot.dialogue.session import Session
from bot.features.export import service as export
from bot.features.invitations.service import OPERATOR
from bot.features.privacy import audit_wording, deletion
from bot.features.second_proof.service import Way
from bot.texts import lists
from storage import audit, people
from storage.audit import AuditLine

SHOWN = 15  # lines to a page


def show(s: Session, args: Args, _sent: PanelInput) -> Panel:
    before = int(args[0]) if args else 1 << 62
    lines = audit.newest(s.tx, s.plan.process_id, SHOWN + 1, before)
    who = {holder.pseudonym: holder.role for holder in people.role_table(s.tx, s.plan.process_id)}
    page = ListPage(lines, SHOWN)
    listed = lists.bulleted(_line(s, line, who) for line in page.shown) or s.say("log.empty")
    rows = page.turning(lambda place: f"log/{lines[place - 1].id}", s.say("panel.older"))
    at = f"log/{before}" if args else "log"
    return Panel(at=at, title=s.say("lead.log"), body=(s.say("log.what"), listed), rows=(*rows, (back(s, "leder"),)))


SUM = 12  # characters of a check sum, by which a file is known again


def _line(s: Session, line: AuditLine, roles: dict[str, str]) -> str:
    if line.actor == OPERATOR:
        actor = s.say("log.operator")
    elif line.actor == deletion.BY_ITSELF:
        actor = s.say("log.by-itself")
    else:
        role = s.say(f"role.{Role(roles[line.actor])}") if line.actor in roles else s.say("log.somebody")
        actor = (
            f"{role} {audit_wording.marked(line.actor)}" if line.actor else role
        )  # whose name went on the deletion date
    action = s.say(f"log.{line.action}")
    told = _detail(s, line)
    detail = f" ({told})" if told else ""
    return f"{texts.moment(s.language, line.at)}, {actor}: {action}{detail}"


def _detail(s: Session, line: AuditLine) -> str:
    match line.action:
        case export.MADE:
            made = export.read(line)
            rows = texts.decimal(s.language, made.rows)
            return s.say("log.file", format=made.format.upper(), rows=rows, sum=made.sha256[:SUM])
        case deletion.ERASED:
            number, sha256 = line.detail.split()
            people = texts.count(s.language, "people", int(number))
            if sha256 == "-":
                return s.say("log.never-exported", people=people)
            return s.say("log.last-file", people=people, sum=sha256[:SUM])
        case "proof-given":
            return s.say(f"proof.way.{Way(line.detail)}")
        case _:
            return audit_wording.about(s, line)
