"""What those with a role do in panels: the table of contents. A page's name is the first part of its path, and its
right is asked before it does or shows anything."""

from __future__ import annotations

from bot.access import Right
from bot.dialogue.panel import PanelKind
from bot.features import menu
from bot.features.broadcasts import panel as broadcasts_panel
from bot.features.broadcasts import schedule_panel
from bot.features.coverage import advice_panel, digest_panel, missing_panel, targets_panel
from bot.features.coverage import panel as coverage_panel
from bot.features.email_address import panel as email_address_panel
from bot.features.export import panel as export_panel
from bot.features.invitations import panel as invitations_panel
from bot.features.invitations import roles_panel, share_panel
from bot.features.joint_answers import panel as joint_answers_panel
from bot.features.meetings import organiser, participant_panel
from bot.features.on_behalf import panel as on_behalf_panel
from bot.features.privacy import audit_panel
from bot.features.register import import_panel, suggestions_panel
from bot.features.register import panel as register_panel
from bot.features.steps import panel as steps_panel

PAGES: dict[str, PanelKind] = {
    "leder": PanelKind(menu.show, Right.MENU),
    "daekning": PanelKind(coverage_panel.show, Right.SEE_COVERAGE, "coverage"),
    "mangler": PanelKind(missing_panel.show, Right.SEE_COVERAGE, "missing"),
    "tilstand": PanelKind(missing_panel.stands, Right.SEE_COVERAGE, "missing"),
    "raad": PanelKind(advice_panel.show, Right.SEE_COVERAGE, "advice"),
    "maal": PanelKind(targets_panel.show, Right.OPEN_STEPS),
    "links": PanelKind(invitations_panel.show, Right.INVITE),
    "liste": PanelKind(register_panel.show, Right.KEEP_REGISTER),
    "fil": PanelKind(import_panel.show, Right.KEEP_REGISTER),
    "navne": PanelKind(suggestions_panel.show, Right.KEEP_REGISTER, "suggestions"),
    "trin": PanelKind(steps_panel.show, Right.OPEN_STEPS),
    "roller": PanelKind(roles_panel.show, Right.GIVE_ROLES),
    "filer": PanelKind(export_panel.show, Right.EXPORT),
    "log": PanelKind(audit_panel.show, Right.SEE_AUDIT),
    "del": PanelKind(share_panel.show, Right.SHARE),
    "overblik": PanelKind(digest_panel.show, Right.SEE_COVERAGE),
    "indtast": PanelKind(on_behalf_panel.show, Right.ENTER),
    "sammen": PanelKind(joint_answers_panel.show, Right.COLLECT),
    "moeder": PanelKind(participant_panel.show, Right.ANSWER),
    "mail": PanelKind(email_address_panel.show, Right.ANSWER),
    "moedeplan": PanelKind(organiser.show, Right.LEAD_MEETINGS),
    "skriv": PanelKind(broadcasts_panel.show, Right.WRITE_TO_MANY),
    "beskeder": PanelKind(schedule_panel.show, Right.WRITE_TO_MANY),
}
