"""The panel «Del et link»: what a member of the steering group hands on as an ambassador (the guide l. 100-101):
public links alone."""

from __future__ import annotations

from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import back
from bot.dialogue.session import Session
from bot.features.invitations import wording
from bot.features.invitations.service import InvitationKind
from storage import invitations


def show(s: Session, args: Args, _sent: PanelInput) -> Panel:
    listed = [
        each.invitation
        for each in invitations.of_process(s.tx, s.plan.process_id)
        if each.invitation.kind == InvitationKind.CAMPAIGN and each.invitation.revoked_at is None
    ]
    chosen = next((one for one in listed if args and str(one.id) == args[0]), None)
    if chosen is not None and chosen.code is not None:
        body = (*wording.addresses(s, chosen.code), s.say("share.nobody-counted"))
        at = f"del/{chosen.id}"
        makes = wording.qr_files(s, chosen.code)[:1] if args[1:] else ()
        rows = column(Go(s.say("links.file.png"), f"{at}/png"), back(s, "del"))
        return Panel(at=at, title=chosen.label, body=body, rows=rows, makes=makes)
    rows = column(*(Go(one.label, f"del/{one.id}") for one in listed), back(s, "leder"))
    return Panel(at="del", title=s.say("lead.del"), body=(s.say("share.what" if listed else "share.none"),), rows=rows)
