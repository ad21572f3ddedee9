"""What those with a role do in panels: the table of contents. A page's name is the first part of its path, and its
right is asked before it does or shows anything."""

from __future__ import annotations

from bot.access import Right
from bot.conversation.lead import (
    advised,
    coverage,
    digest,
    enter,
    files,
    importing,
    links,
    log,
    mail,
    meetings,
    menu,
    messages,
    missing,
    planning,
    register,
    roles,
    share,
    steps,
    suggestions,
    targets,
    together,
    writing,
)
from bot.conversation.lead.panel import Page

PAGES: dict[str, Page] = {
    "leder": Page(menu.show, Right.MENU),
    "daekning": Page(coverage.show, Right.SEE_COVERAGE, "coverage"),
    "mangler": Page(missing.show, Right.SEE_COVERAGE, "missing"),
    "tilstand": Page(missing.stands, Right.SEE_COVERAGE, "missing"),
    "raad": Page(advised.show, Right.SEE_COVERAGE, "advice"),
    "maal": Page(targets.show, Right.OPEN_STEPS),
    "links": Page(links.show, Right.INVITE),
    "liste": Page(register.show, Right.KEEP_REGISTER),
    "fil": Page(importing.show, Right.KEEP_REGISTER),
    "navne": Page(suggestions.show, Right.KEEP_REGISTER, "suggestions"),
    "trin": Page(steps.show, Right.OPEN_STEPS),
    "roller": Page(roles.show, Right.GIVE_ROLES),
    "filer": Page(files.show, Right.EXPORT),
    "log": Page(log.show, Right.SEE_AUDIT),
    "del": Page(share.show, Right.SHARE),
    "overblik": Page(digest.show, Right.SEE_COVERAGE),
    "indtast": Page(enter.show, Right.ENTER),
    "sammen": Page(together.show, Right.COLLECT),
    "moeder": Page(meetings.show, Right.ANSWER),
    "mail": Page(mail.show, Right.ANSWER),
    "moedeplan": Page(planning.show, Right.LEAD_MEETINGS),
    "skriv": Page(writing.show, Right.WRITE_TO_MANY),
    "beskeder": Page(messages.show, Right.WRITE_TO_MANY),
}
