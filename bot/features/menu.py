"""The panel «/leder»: everything a holder of a role may do, as plain buttons. What everybody may is reached in other
ways."""

from __future__ import annotations

from collections.abc import Callable

from bot.access import Role, rights
from bot.dialogue.panel import Args, Go, Panel, PanelInput
from bot.dialogue.session import Session


def show(waiting: Callable[[Session], tuple[str, ...]], s: Session, _args: Args, _sent: PanelInput) -> Panel:
    """`waiting` tells of what waits for a decision."""
    mine = rights(s.roles)
    panels = s.context.tables.panels.items()
    rows = tuple((Go(s.say(f"lead.{name}"), name),) for name, panel in panels if panel.in_menu and panel.right in mine)
    held = ", ".join(s.say(f"role.{Role(role)}") for role in sorted(s.roles))
    return Panel(at="leder", title=s.say("lead.title"), body=(s.say("lead.roles", roles=held), *waiting(s)), rows=rows)
