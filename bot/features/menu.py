"""The panel «/leder»: everything a holder of a role may do, as plain buttons. What everybody may is reached in other
ways."""

from __future__ import annotations

from collections.abc import Callable

from bot import texts
from bot.access import Role, rights
from bot.dialogue.panel import Args, Go, Panel, PanelInput
from bot.dialogue.session import Session
from storage import people


def show(waiting: Callable[[Session], tuple[str, ...]], s: Session, _args: Args, _sent: PanelInput) -> Panel:
    """`waiting` tells of what waits for a decision."""
    mine = rights(s.roles)
    panels = s.context.tables.panels.items()
    rows = tuple((Go(s.say(f"lead.{name}"), name),) for name, panel in panels if panel.in_menu and panel.right in mine)
    held = ", ".join(s.say(f"role.{Role(role)}") for role in sorted(s.roles))
    body = (s.say("lead.roles", roles=held), *_led_before(s), *waiting(s))
    return Panel(at="leder", title=s.say("lead.title"), body=body, rows=rows)


def _led_before(s: Session) -> tuple[str, ...]:
    """To who led the work until somebody else took over: a message reaches nobody who has neither chat nor mail."""
    ends = next((held.ends_at for held in people.roles_held_by(s.tx, s.person.id) if held.ends_at is not None), None)
    if ends is None:
        return ()
    contacts = s.plan.file.contacts
    return (
        texts.as_sentence(s.say("taken-over.title")),
        s.say("taken-over.deputy", day=texts.day(s.language, ends)),
        s.say("taken-over.not-agreed", email=contacts.email, phone=contacts.phone),
    )
