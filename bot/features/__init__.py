"""The table of contents: what the features offer to the dialogue, the outbox and the channels, which know none of them.

A command, a screen, a panel, a message kind: one module with its feature, and one line here. What one feature needs of
another's words is passed to it here, too.
"""

from __future__ import annotations

from functools import partial

from bot.access import Proof, Right
from bot.dialogue import commands, details, dispatch, panel_navigation, screens
from bot.dialogue.dispatch import buttons
from bot.dialogue.doubt_screen import DOUBT
from bot.dialogue.naming import work_step_of
from bot.dialogue.reply import Screen, Verb
from bot.dialogue.session import Command, Gate, PanelType, ScreenType, Tables, Wish
from bot.features import menu
from bot.features.answering import answers as answering
from bot.features.answering import capacity_screen, gates, menu_screens, preview, question_screen, review_screen
from bot.features.answering import commands as answering_commands
from bot.features.backups import messages as backup_messages
from bot.features.backups import panel as held_panel
from bot.features.broadcasts import messages as broadcast_messages
from bot.features.broadcasts import panel as broadcasts_panel
from bot.features.broadcasts import schedule_panel
from bot.features.budgets import messages as budget_messages
from bot.features.budgets import service as budgets
from bot.features.contacts import panel as contacts_panel
from bot.features.coverage import advice_panel, digest_panel, digests, missing_panel, targets_panel
from bot.features.coverage import messages as coverage_messages
from bot.features.coverage import panel as coverage_panel
from bot.features.devices import messages as device_messages
from bot.features.devices import panel as devices_panel
from bot.features.dispositions import messages as disposition_messages
from bot.features.dispositions import panel as dispositions_panel
from bot.features.dispositions import service as dispositions
from bot.features.email_address import messages as email_address_messages
from bot.features.email_address import panel as email_address_panel
from bot.features.export import command as export_command
from bot.features.export import panel as export_panel
from bot.features.hearing import check_panel, responses_panel, withdraw_screen
from bot.features.hearing import messages as hearing_messages
from bot.features.identity import arrival, language_screen, notice_screen, personal_link, process_screen, way_in
from bot.features.invitations import messages as invitation_messages
from bot.features.invitations import panel as invitations_panel
from bot.features.invitations import preset, roles_panel, share_panel
from bot.features.invitations import wording as invitation_wording
from bot.features.joint_answers import panel as joint_answers_panel
from bot.features.joint_answers import screen as joint_answers_screen
from bot.features.meetings import messages as meeting_messages
from bot.features.meetings import organiser, participant_panel
from bot.features.meetings import wording as meeting_wording
from bot.features.meetings.service import reminders as meeting_reminders
from bot.features.objections import messages as objection_messages
from bot.features.objections import panel as objection_panel
from bot.features.objections import requests_panel as objections_panel
from bot.features.on_behalf import panel as on_behalf_panel
from bot.features.outages import messages as outage_messages
from bot.features.privacy import audit_panel, deletion, erase_screen, own_data
from bot.features.privacy import commands as privacy_commands
from bot.features.privacy import messages as privacy_messages
from bot.features.proposals import panel as proposals_panel
from bot.features.register import import_panel, speaks_for_screen, suggestions_panel
from bot.features.register import panel as register_panel
from bot.features.second_proof import messages as proof_messages
from bot.features.second_proof import panel as second_proof
from bot.features.steps import messages as step_messages
from bot.features.steps import openings
from bot.features.steps import panel as steps_panel
from bot.features.steps import reminders as step_reminders
from bot.outbox import compose
from bot.outbox.kinds import MessageKind, Messages, MessageType
from bot.outbox.reminders import Events, EventSource

known = commands.command_for_known

# In the order of the help. A command's phrase is `command.<name>`.
COMMANDS: tuple[Command, ...] = (
    Command(name="fortsaet", english="continue", run=known(answering_commands.resume), page="/fortsaet"),
    Command(name="pause", run=known(answering_commands.pause), page="/pause", wish=Wish.PAUSE),
    Command(
        name="ret",
        aliases=("correct",),
        english="correct",
        run=known(answering_commands.correct),
        page="/ret",
        wish=Wish.CORRECT,
    ),
    Command(name="moeder", english="meetings", run=known(commands.panel("moeder")), page="/moeder"),
    Command(name="rolle", english="role", run=known(answering_commands.role), page="/rolle"),
    Command(name="mine", run=own_data.mine_command(objection_panel.in_short), page="/mine", wish=Wish.OWN_DATA),
    Command(name="kontrol", english="check", run=known(commands.panel("kontrol")), page="/kontrol"),
    Command(
        name="indsigelse",
        aliases=("object",),
        english="object",
        run=known(objection_panel.command),
        page="/indsigelse",
        wish=Wish.OBJECT,
    ),
    Command(name="slet", english="delete", run=known(privacy_commands.erase), page="/slet"),
    Command(name="stop", run=known(privacy_commands.stop), wish=Wish.STOP),
    Command(name="forlad", aliases=("leave",), english="leave", run=known(privacy_commands.leave), wish=Wish.LEAVE),
    Command(name="web", run=known(personal_link.asked_to_web), page="/link"),
    Command(
        name="enheder", aliases=("devices",), english="devices", run=known(commands.panel("enheder")), page="/enheder"
    ),
    Command(name="sammen", english="together", run=known(commands.panel("sammen")), page="/sammen"),
    Command(name="sprog", english="language", run=known(language_screen.language), page="/sprog"),
    Command(
        name="skift",
        aliases=("switch",),
        english="switch",
        run=known(process_screen.command),
        offered=process_screen.are_several,
    ),
    Command(
        name="privatliv",
        aliases=("privacy",),
        english="privacy",
        run=known(privacy_commands.privacy),
        page="/privatliv",
    ),
    Command(
        name="hjaelp", aliases=("help",), english="help", run=known(commands.help_), page="/hjaelp", wish=Wish.HELP
    ),
    Command(
        name="menneske",
        aliases=("human",),
        english="human",
        run=known(commands.person),
        page="/menneske",
        wish=Wish.PERSON,
    ),
    Command(name="start", run=arrival.start, listed=False, grants=True),
    Command(name="leder", english="lead", run=known(commands.panel("leder")), right=Right.MENU, page="/leder"),
    Command(
        name="daekning",
        aliases=("status",),
        english="status",
        run=known(commands.panel("daekning")),
        right=Right.SEE_COVERAGE,
        page="/daekning",
    ),
    Command(name="eksport", english="export", run=export_command.run, right=Right.EXPORT),
)

leave = on_behalf_panel.oneself_again
next_meeting = meeting_wording.next_one

SCREENS: dict[str, ScreenType] = {
    Screen.NOTICE: buttons(
        notice_screen.draw, notice_screen.tapped, without_consent=True, leave=leave, offered_again=True
    ),
    Screen.ASK: ScreenType(
        draw=question_screen.open_question,
        tapped=answering.tapped,
        heard=dispatch.by_way,
        said=answering.said,
        holds=question_screen.is_open,
        takes=question_screen.takes,
        continued=answering.continued,
        offered_again=True,
    ),
    Screen.REVIEW: buttons(
        review_screen.draw, review_screen.tapped, holds=review_screen.holds, leave=leave, offered_again=True
    ),
    Screen.RECEIPT: buttons(
        partial(review_screen.receipt, next_meeting),
        review_screen.receipt_tapped,
        holds=review_screen.receipt_holds,
        leave=leave,
    ),
    Screen.MENU: buttons(menu_screens.menu, menu_screens.between_tapped, leave=leave, offered_again=True),
    Screen.IDLE: buttons(partial(menu_screens.idle, next_meeting), menu_screens.between_tapped, leave=leave),
    Screen.CORRECT: buttons(menu_screens.which_to_correct, menu_screens.correct_tapped),
    Screen.PAUSED: buttons(menu_screens.paused, menu_screens.resume_tapped, leave=leave),
    Screen.NEWER: buttons(
        menu_screens.newer, menu_screens.newer_tapped, holds=menu_screens.newer_holds, leave=leave, offered_again=True
    ),
    Screen.LANGUAGE: buttons(language_screen.draw, language_screen.tapped, without_consent=True),
    Screen.ERASE: buttons(
        erase_screen.draw,
        partial(erase_screen.tapped, on_behalf_panel.entry_erased),
        heard=dispatch.by_label,  # a number is too easily written
        without_consent=True,
    ),
    Screen.WITHDRAW: buttons(withdraw_screen.draw, withdraw_screen.tapped, holds=withdraw_screen.holds),
    Screen.PANEL: panel_navigation.PANEL,
    Screen.CAPACITY: buttons(capacity_screen.draw, capacity_screen.tapped),
    Screen.PROCESS: buttons(process_screen.draw, process_screen.tapped, without_consent=True),
    Screen.PARTY: buttons(speaks_for_screen.draw, speaks_for_screen.tapped),
    Screen.READING: buttons(menu_screens.reading, menu_screens.resume_tapped),
    Screen.DOUBT: DOUBT,
    Screen.JOIN: buttons(joint_answers_screen.draw, joint_answers_screen.tapped),
    Screen.TEXT: ScreenType(  # words alone: the buttons of a message that stands by itself
        draw=screens.words,
        tapped=lambda s, tap, seen: compose.tapped(MESSAGES, s, tap, seen),
        heard=dispatch.by_label,
        said=dispatch.not_asked,
    ),
}

# By the first part of the path. Those in the menu of «/leder» come in its order; their phrase is `lead.<name>`. What
# a right needs besides the link or the account stands in `access.PROOFS`; here, what of a panel needs more.
PANELS: dict[str, PanelType] = {
    "leder": PanelType(show=partial(menu.show, objections_panel.in_menu), right=Right.MENU),
    "daekning": PanelType(show=coverage_panel.show, right=Right.SEE_COVERAGE, audited="coverage", in_menu=True),
    "mangler": PanelType(
        show=partial(missing_panel.show, invitation_wording.reminder),
        right=Right.SEE_COVERAGE,
        audited="missing",
        in_menu=True,
    ),
    "tilstand": PanelType(show=missing_panel.register_status, right=Right.SEE_COVERAGE, audited="missing"),
    "indstillinger": PanelType(
        show=dispositions_panel.show, right=Right.SEE_DISPOSITIONS, audited="dispositions", in_menu=True
    ),
    "raad": PanelType(show=advice_panel.show, right=Right.SEE_COVERAGE, audited="advice", in_menu=True),
    "maal": PanelType(show=targets_panel.show, right=Right.OPEN_STEPS),
    "links": PanelType(show=invitations_panel.show, right=Right.INVITE, in_menu=True),
    "liste": PanelType(
        show=register_panel.show,
        right=Right.KEEP_REGISTER,
        in_menu=True,
        proofs=(("hent", Proof.FRESH), ("*/slet", Proof.FRESH)),
    ),
    "fil": PanelType(show=import_panel.show, right=Right.KEEP_REGISTER, proofs=(("", Proof.FRESH),)),
    "navne": PanelType(show=suggestions_panel.show, right=Right.KEEP_REGISTER, audited="suggestions"),
    "trin": PanelType(show=steps_panel.show, right=Right.OPEN_STEPS, in_menu=True),
    "spoergsmaal": PanelType(
        show=partial(proposals_panel.show, preview.as_seen),
        right=Right.CHANGE_QUESTIONS,
        audited="proposals",
        in_menu=True,
        proofs=(("kladde/ja", Proof.FRESH), ("egne/*/sluk/ja", Proof.FRESH), ("egne/*/stil/ja", Proof.FRESH)),
    ),
    "moedeplan": PanelType(
        show=organiser.show,
        right=Right.LEAD_MEETINGS,
        in_menu=True,
        proofs=(("*/tilmeldte", Proof.SESSION), ("*/referat", Proof.SESSION)),
    ),
    "skriv": PanelType(show=broadcasts_panel.show, right=Right.WRITE_TO_MANY, in_menu=True),
    "beskeder": PanelType(
        show=lambda s, args, sent: schedule_panel.show(MESSAGES, EVENTS, s, args, sent),
        right=Right.WRITE_TO_MANY,
        in_menu=True,
    ),
    "venter": PanelType(
        show=lambda s, args, sent: held_panel.show(partial(schedule_panel.named, MESSAGES), s, args, sent),
        right=Right.WRITE_TO_MANY,
    ),
    "hoeringssvar": PanelType(
        show=responses_panel.show,
        right=Right.KEEP_CASE,
        audited="responses",
        in_menu=True,
        proofs=(("anmodning/*/slet", Proof.FRESH),),
    ),
    "indsigelser": PanelType(show=objections_panel.show, right=Right.KEEP_CASE, audited="objections", in_menu=True),
    "kontakter": PanelType(
        show=contacts_panel.show, right=Right.KEEP_CASE, in_menu=True, proofs=(("fil", Proof.FRESH),)
    ),
    "indtast": PanelType(show=on_behalf_panel.show, right=Right.ENTER, in_menu=True),
    "del": PanelType(show=share_panel.show, right=Right.SHARE, in_menu=True),
    "filer": PanelType(show=export_panel.show, right=Right.EXPORT, in_menu=True, proofs=(("hent", Proof.FRESH),)),
    "roller": PanelType(show=roles_panel.show, right=Right.GIVE_ROLES, in_menu=True),
    "overblik": PanelType(show=digest_panel.show, right=Right.SEE_COVERAGE, in_menu=True),
    "log": PanelType(show=audit_panel.show, right=Right.SEE_AUDIT, in_menu=True),
    "sammen": PanelType(show=partial(joint_answers_panel.show, invitation_wording.addresses), right=Right.COLLECT),
    "moeder": PanelType(show=participant_panel.show, right=Right.ANSWER),
    "kontrol": PanelType(show=check_panel.show, right=Right.ANSWER),
    "tilside": PanelType(show=objection_panel.show, right=Right.ANSWER),
    "enheder": PanelType(
        show=partial(devices_panel.show, personal_link.to_web),
        right=Right.ANSWER,
        proofs=(("link", Proof.SESSION), ("telegram", Proof.FRESH), ("noegle", Proof.FRESH), ("kommune", Proof.FRESH)),
    ),
    "mail": PanelType(
        show=email_address_panel.show,
        right=Right.ANSWER,
        proofs=(("ny", Proof.FRESH), ("koder", Proof.FRESH)),  # where codes go
    ),
    "bevis": PanelType(show=second_proof.show, right=Right.MENU, proves=True),
}

# What must be shown first, in this order; the last always shows something.
GATES: tuple[Gate, ...] = (
    notice_screen.gate,
    preset.gate,
    speaks_for_screen.corrected,
    details.gate,
    gates.current_run,
    gates.start_questions,
    speaks_for_screen.gate,
    joint_answers_screen.gate,
    gates.wanted_step,
    gates.menu,
)

TABLES = Tables(
    commands={name: command for command in COMMANDS for name in command.names},
    screens=SCREENS,
    panels=PANELS,
    gates=GATES,
    stranger=partial(arrival.stranger, own_data.gone),
    came_in=device_messages.came_in,
    asks_proof=second_proof.before,
)

# --- what is sent -----------------------------------------------------------------------------------------
_STOP = {Verb.DECLINE: privacy_commands.decline}
_SIGN_UP = {**dict.fromkeys(meeting_messages.ANSWERS, meeting_messages.answer), **_STOP}
_of_step = partial(
    MessageType,
    at_once=_STOP,
    opens={Verb.GO: step_messages.go},
    to_step=True,
    afterwards=step_messages.afterwards,
    named=work_step_of,
)
_of_meeting = partial(
    MessageType,
    at_once=_STOP,
    opens={Verb.MEETING: meeting_messages.see},
    afterwards=meeting_messages.afterwards,
    named=meeting_messages.named,
)

# By kind; what the leader reads of it is the phrase `message.<kind>`. Those with `nudge` may be enough; of two about
# the same thing the one with the lowest number is sent.
MESSAGES: Messages = {
    MessageKind.OPENED: _of_step(compose=step_messages.opened, nudge=2),
    MessageKind.DEADLINE: _of_step(compose=step_messages.deadline, nudge=1),
    MessageKind.UNFINISHED: _of_step(compose=step_messages.unfinished, nudge=4),
    MessageKind.INVITED: _of_meeting(
        compose=meeting_messages.invited,
        in_short=meeting_messages.invited_in_short,
        nudge=0,
        at_once=_SIGN_UP,
        attach=meeting_messages.calendar_file,
    ),
    MessageKind.SOON: _of_meeting(
        compose=meeting_messages.soon,
        in_short=meeting_messages.soon_in_short,
        nudge=3,
        always=meeting_messages.comes,
        at_once=_SIGN_UP,
    ),
    MessageKind.MOVED: _of_meeting(compose=meeting_messages.moved, at_once=_SIGN_UP),
    MessageKind.PLACE: _of_meeting(compose=meeting_messages.place, at_once=_SIGN_UP),
    MessageKind.CANCELLED: _of_meeting(compose=meeting_messages.cancelled),
    MessageKind.MINUTES: _of_meeting(
        compose=meeting_messages.minutes, at_once={Verb.AGREES: meeting_messages.agree, **_STOP}
    ),
    MessageKind.MINUTES_DUE: _of_meeting(
        compose=meeting_messages.minutes_due, opens={Verb.MEETING: meeting_messages.write_minutes}
    ),
    MessageKind.DIFFERS: MessageType(
        compose=disposition_messages.differs,
        at_once=_STOP,
        opens={Verb.GO: disposition_messages.look},
        named=work_step_of,
    ),
    MessageKind.BULK: MessageType(
        compose=broadcast_messages.from_the_leader, at_once=_STOP, named=schedule_panel.broadcast_name
    ),
    MessageKind.DIGEST: MessageType(
        compose=coverage_messages.digest, at_once={Verb.QUIET: coverage_messages.quiet, **_STOP}
    ),
    MessageKind.LATE: MessageType(compose=lambda s, row: broadcast_messages.late(MESSAGES, s, row), at_once=_STOP),
    MessageKind.CONFIRM: MessageType(compose=email_address_messages.confirmation, at_once=_STOP, asks_address=True),
    MessageKind.COME_IN: MessageType(
        compose=way_in.composed,
        at_once=_STOP,
        opens={Verb.RESUME: way_in.used},
        lets_in=way_in.HOLDS,
        in_dialogue=True,
    ),
    MessageKind.CODE: MessageType(
        compose=lambda s, row: proof_messages.code(device_messages.not_me_button, s, row),
        at_once={Verb.NOT_ME: device_messages.not_me},
        of_login=True,
        in_dialogue=True,
    ),
    MessageKind.NEW_DEVICE: MessageType(
        compose=device_messages.new_device,
        at_once={Verb.NOT_ME: device_messages.not_me},
        of_login=True,
        in_dialogue=True,
    ),
    MessageKind.CODE_GIVEN: MessageType(
        compose=lambda s, row: proof_messages.given(device_messages.not_me_button, s, row),
        at_once={Verb.NOT_ME: lambda s, row, verb: proof_messages.not_asked_for(device_messages.not_me, s, row, verb)},
        of_login=True,
        in_dialogue=True,
    ),
    MessageKind.TAKEN_OVER: MessageType(
        compose=invitation_messages.taken_over,
        at_once={Verb.NOT_ME: invitation_messages.dispute, **_STOP},
    ),
    MessageKind.DISPUTED: MessageType(compose=invitation_messages.disputed, at_once=_STOP),
    MessageKind.AWAY: MessageType(
        compose=outage_messages.away,
        at_once=_STOP,
        opens={Verb.GO: outage_messages.go_on},
        named=outage_messages.named,
        in_dialogue=True,
    ),
    MessageKind.CLOCK: MessageType(compose=privacy_messages.clock_in_doubt, at_once=_STOP),
    MessageKind.RESTORED: MessageType(
        compose=backup_messages.restored, at_once=_STOP, opens={Verb.GO: backup_messages.see_held}
    ),
    MessageKind.ERASURE_LATE: MessageType(compose=privacy_messages.erasure_late, at_once=_STOP),
    MessageKind.BACKUP: MessageType(compose=backup_messages.backup_missing, at_once=_STOP),
    MessageKind.BUDGET: MessageType(
        compose=budget_messages.used_up,
        at_once=_STOP,
        opens={Verb.GO: budget_messages.see_links},
        named=budget_messages.named,
    ),
    MessageKind.DELETION: MessageType(
        compose=privacy_messages.deletion, at_once=_STOP, opens={Verb.GO: privacy_messages.take_out}
    ),
    MessageKind.ERASURE_ASKED: MessageType(
        compose=hearing_messages.asked, at_once=_STOP, opens={Verb.GO: hearing_messages.see}
    ),
    MessageKind.OBJECTION_MADE: MessageType(
        compose=objection_messages.made, at_once=_STOP, opens={Verb.GO: objection_messages.see}
    ),
    MessageKind.OBJECTION_DECIDED: MessageType(compose=objection_messages.decided, at_once=_STOP, to_departed=True),
    MessageKind.ERASURE_ANSWERED: MessageType(compose=hearing_messages.answered, to_departed=True),
}

# Where reminders come from, and what else is due by itself.
EVENTS: Events = (
    EventSource(
        kinds=(MessageKind.DEADLINE,),
        events=step_reminders.events,
        recipients=step_reminders.not_answered,
        enqueue=openings.enqueue,
        ahead=openings.ahead,
    ),
    EventSource(
        kinds=(MessageKind.INVITED, MessageKind.SOON, MessageKind.MINUTES_DUE),
        events=meeting_reminders.events,
        recipients=meeting_reminders.whom,
    ),
    EventSource(enqueue=digests.enqueue),
    EventSource(enqueue=dispositions.enqueue),
    EventSource(enqueue=budgets.enqueue),
    EventSource(enqueue=deletion.announce, ahead=deletion.ahead),
)
