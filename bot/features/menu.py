"""«/leder»: everything a holder of a role may do, as plain buttons."""

from __future__ import annotations

from bot.access import Right, rights
from bot.dialogue.panel import Args, Go, Panel, PanelInput
from bot.dialogue.session import Session

# A page, and the right that puts it in the menu. What everybody may is reached in other ways.
_ENTRIES = (
    ("daekning", Right.SEE_COVERAGE),
    ("mangler", Right.SEE_COVERAGE),
    ("raad", Right.SEE_COVERAGE),
    ("links", Right.INVITE),
    ("liste", Right.KEEP_REGISTER),
    ("trin", Right.OPEN_STEPS),
    ("moedeplan", Right.LEAD_MEETINGS),
    ("skriv", Right.WRITE_TO_MANY),
    ("beskeder", Right.WRITE_TO_MANY),
    ("indtast", Right.ENTER),
    ("del", Right.SHARE),
    ("filer", Right.EXPORT),
    ("roller", Right.GIVE_ROLES),
    ("overblik", Right.SEE_COVERAGE),
    ("log", Right.SEE_AUDIT),
)


def show(s: Session, _args: Args, _sent: PanelInput) -> Panel:
    mine = rights(s.roles)
    rows = tuple((Go(s.say(f"lead.{page}"), page),) for page, right in _ENTRIES if right in mine)
    held = ", ".join(s.say(f"role.{role}") for role in sorted(s.roles))
    return Panel("leder", s.say("lead.title"), (s.say("lead.roles", roles=held),), rows)
