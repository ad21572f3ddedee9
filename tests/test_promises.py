"""Each promise of the privacy notice (texts: `notice`), kept by code. The names follow the notice's sentences.
What it says of the cookie is kept in tests/web/test_middleware.py as well, over HTTP."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot import codes, texts
from bot.access import RIGHTS, NotAllowed, Right, Role
from bot.dialogue.navigation import proceed
from bot.dialogue.reply import Reply, Screen, Verb
from bot.dialogue.session import Context, Display, Session, Visit, load, somebody
from bot.features import MESSAGES, TABLES, process_file
from bot.features.answering import answers as answering
from bot.features.email_address import confirmation
from bot.features.export.command import begin
from bot.features.identity import personal_link
from bot.features.invitations import service as invitations
from bot.features.invitations.service import LinkPreset
from bot.features.meetings.service import scheduling
from bot.features.meetings.service.minutes import send_minutes
from bot.features.meetings.service.signup import SignedUp, SignupAnswer, sign_up, tell_needs
from bot.features.objections import panel as objection_panel
from bot.features.outages import service as outages
from bot.features.privacy import commands as privacy_commands
from bot.features.privacy import own_data
from bot.features.register import service as listed
from bot.flows.engine import Said
from bot.flows.schedule import start_of, to_local
from bot.outbox.sender import OutboundMessage, Sender
from bot.process.file import MeetingKind, ProcessFile
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from bot.process.notice import notice_of
from storage import (
    answers,
    broadcasts,
    calendar_feeds,
    channel_codes,
    digests,
    dispositions,
    email_addresses,
    held_words,
    joint_answers,
    late_answers,
    meetings,
    municipal_logins,
    objections,
    outbox,
    page_notes,
    passkeys,
    people,
    proof_links,
    proofs,
    question_drafts,
    register,
    runs,
    signups,
)
from storage.db import Database, Tx, connect
from storage.digests import Digest
from storage.encryption import Keyring
from storage.held_words import HeldWords
from storage.meetings import MeetingDetails, MeetingFacts
from storage.outbox import NewMessage
from storage.proof_links import ProofLink
from storage.recipients import ChosenAudience
from storage.register import NewParty, RegisterImport
from storage.sealed_columns import EMAIL_CODE
from tests.support import older_questions, titles
from tests.support.bureau import CONTACT, FILE, NOW, OPEN, VOLUNTEER, Bureau, Person, described
from tests.support.sealed import opened_in

DAY = 24 * 3600
MINE = partial(own_data.mine, objection_panel.in_short)
SECRET = "Vi mangler en ravnsort kaffekande i Nordby"
S7 = "Må vi sende dig beskeder om møder, frister, nye spørgsmål og hvad der kommer ud af svarene?"
NEED = "Jeg har brug for en teleslynge"


@pytest.fixture
async def bureau(tmp_path: Path) -> AsyncIterator[Bureau]:
    file = described(dialog_frivillige=OPEN, plan=OPEN, faelles_foer=(None, "2026-05-01 12:00"))
    database = await Database.open(tmp_path / "besyv.db", Keyring.open_or_create(tmp_path / "keys" / "besyv.key"))
    await database.write(lambda tx: process_file.save(tx, file, shipped_flows(file), NOW))
    yield Bureau(database, ProcessHost(file.process, "https://besyv.example"), tmp_path / "besyv.db")
    await database.close()


EVERY_TABLE_OF_A_PERSON = (
    "people",
    "addresses",
    "runs",
    "answers",
    "answer_history",
    "answers_apart",
    "prompts",
    "roles",
    "moves",
    "imports",
    "joints",
    "joint_members",
    "joint_backers",
    "dispositions_told",
    "late_links",
    "posted_entries",
    "outbox",
    "digests",
    "signups",
    "meeting_words",
    "meeting_drafts",
    "question_drafts",
    "mailboxes",
    "calendars",
    "held_words",
)


def menu_again(s: Session) -> Reply:
    """Where they are."""
    return proceed(s)


async def tells_a_secret(person: Person) -> None:
    await person.joins(*VOLUNTEER)
    await person.taps("Hvad ønsker du dig?")
    await person.says(SECRET)


async def test_the_notice_comes_before_the_first_question_and_needs_an_active_yes(bureau: Bureau) -> None:
    person = bureau.person()
    shown = await person.starts()
    assert shown.body == notice_of(described(plan=OPEN)).short("da", "telegram")
    await person.says("Frivillig")  # no answer before the yes
    assert bureau.rows("answers") == 0
    asked = await person.taps("Jeg er med")
    assert asked.title == "Hvem svarer du som? Vælg det, der passer bedst."
    row = await bureau.database.read(lambda tx: people.at_address(tx, "telegram", "700"))
    assert row is not None
    assert (row.notice_version, row.notice_at) == (notice_of(described(plan=OPEN)).version, person.now)


async def test_what_you_write_lies_encrypted(bureau: Bureau) -> None:
    await tells_a_secret(bureau.person())
    await bureau.person().says(SECRET)
    for piece in (SECRET, "ravnsort", json.dumps(SECRET)):
        assert piece.encode() not in bureau.raw()


async def test_minutes_stay_as_they_were_sent_also_when_they_are_corrected(bureau: Bureau) -> None:
    versions = (["Vi mødes i maj"], ["Vi mødes i juni"])

    def sends(tx: Tx) -> None:
        planned = bureau.process_host.plan(tx)
        meeting = meetings.by_id(tx, planned.process_id, _meeting(tx, bureau.process_host))
        assert meeting is not None
        for points in versions:
            meetings.write_minutes(tx, meeting.id, points)
            if meetings.latest_minutes(tx, meeting.id):
                meetings.write_what_changed(tx, meeting.id, "Måneden")
            send_minutes(tx, planned.hours, meeting, NOW)
        assert tuple(meetings.points(tx, meeting.id, version) for version in (1, 2)) == versions

    await bureau.database.write(sends)
    assert b"juni" not in bureau.raw() and b"maj" not in bureau.raw()


async def test_how_to_reach_you_is_kept_apart_and_encrypted(bureau: Bureau) -> None:
    person = bureau.person()
    await person.joins(*VOLUNTEER, payload="plan")
    for _ in range(4):
        await person.taps("Spring over")
    await person.taps("Ja")
    await person.says(CONTACT)
    assert bureau.rows("answers_apart") == 1
    contents = await bureau.database.read(opened_in)
    assert not any("Embla" in content for content in contents)
    assert b"Embla" not in bureau.raw()


async def test_the_leader_can_take_out_all_answers_and_the_steering_group_sees_numbers_alone(bureau: Bureau) -> None:
    await tells_a_secret(bureau.person())
    holders = {}
    for address, role in (("1", Role.LEADER), ("2", Role.STEERING)):
        process_id = await bureau.database.read(lambda tx: bureau.process_host.plan(tx).process_id)
        code = await bureau.database.write(partial(invitations.make, process_id=process_id, role=role, now=NOW))
        holders[role] = bureau.person(address)
        await holders[role].starts(code)
        await holders[role].taps("Jeg er med")
    status = await holders[Role.STEERING].types("daekning")
    assert "få har sendt svar" in "\n".join(status.body)
    assert "kaffekande" not in "\n".join(status.body)
    with pytest.raises(NotAllowed):
        await holders[Role.STEERING].asks(lambda s: begin(s, "csv"))
    assert (await holders[Role.LEADER].asks(lambda s: begin(s, "csv"))).files.follows is not None
    stranger = await bureau.person().types("daekning")
    assert stranger.screen is Screen.TEXT and "sendt" not in "\n".join(stranger.notes)


async def test_staff_are_told_who_sees_their_department_where_they_are_asked_and_so_it_is(bureau: Bureau) -> None:
    member = bureau.person()
    await member.starts()
    await member.taps("Jeg er med")
    asked = await member.taps("Ansat i kommunen")
    told = "\n".join(asked.body)
    assert "Projektlederen og stedfortræderen kan se, hvilken forvaltning du vælger." in told
    assert "Styregruppen ser kun, hvor mange der har svaret fra hver forvaltning, og aldrig tal under fem." in told
    for role in (Role.LEADER, Role.DEPUTY):
        assert Right.EXPORT in RIGHTS[role]
    for role in set(Role) - {Role.LEADER, Role.DEPUTY}:
        assert Right.EXPORT not in RIGHTS[role]
    assert Right.SEE_COVERAGE in RIGHTS[Role.STEERING] and Right.SEE_STATUS not in RIGHTS[Role.STEERING]


async def test_every_use_of_a_right_stands_in_the_audit_log_without_what_was_read(bureau: Bureau) -> None:
    process_id = await bureau.database.read(lambda tx: bureau.process_host.plan(tx).process_id)
    code = await bureau.database.write(lambda tx: invitations.make(tx, process_id, Role.LEADER, NOW))
    leader = bureau.person("1")
    await leader.starts(code)
    await leader.taps("Jeg er med")
    await leader.types("daekning")
    await leader.asks(lambda s: begin(s, "jsonl"))
    logged = await bureau.database.read(lambda tx: [tuple(r) for r in tx.all("SELECT action, detail FROM audit")])
    assert logged == [("invite", "leader"), ("role-granted", "leader"), ("coverage", ""), ("export", "jsonl")]
    assert code.encode() not in bureau.raw()


async def test_on_the_deletion_date_everything_about_everyone_goes(bureau: Bureau) -> None:
    await tells_a_secret(bureau.person())
    due = start_of(FILE.deletion_date)
    await bureau.announces_deletion(due - 30 * DAY)
    await bureau.forget(due - 1)
    assert bureau.rows("answers") > 0
    assert await bureau.forget(due) == 1
    assert {table: bureau.rows(table) for table in EVERY_TABLE_OF_A_PERSON} == dict.fromkeys(EVERY_TABLE_OF_A_PERSON, 0)


async def test_who_never_says_yes_is_forgotten_after_thirty_days(bureau: Bureau) -> None:
    await bureau.person("8").starts()
    await bureau.person("9").joins()
    assert await bureau.forget(NOW + 30 * DAY) == 0
    assert await bureau.forget(NOW + 30 * DAY + 60) == 1
    assert bureau.rows("people") == 1


async def test_what_was_told_for_a_meeting_goes_when_its_step_has_closed(bureau: Bureau) -> None:
    await older_questions.put(bureau.database, bureau.process_host, NOW, "faelles_foer")
    person = bureau.person()
    await person.joins(*VOLUNTEER, payload="faelles_foer")
    await person.taps("Ja")
    await person.taps("Ja, gem det til mødet")
    await person.says(NEED)
    closes = described(faelles_foer=(None, "2026-05-01 12:00")).steps[0].closes_at
    assert closes is not None
    assert (await bureau.forget(closes - 1), bureau.rows("answers_apart")) == (0, 2)
    assert (await bureau.forget(closes), bureau.rows("answers_apart")) == (2, 0)


async def test_mine_shows_everything_and_slet_leaves_nothing(bureau: Bureau) -> None:
    person = bureau.person()
    await tells_a_secret(person)
    mine = await person.asks(MINE)
    assert mine.files.attachment is not None
    held = json.loads(mine.files.attachment.content)
    assert SECRET in [answer["text"] for run in held["runs"] for answer in run["answers"]]
    assert held["addresses"][0]["address"] == "700"
    await person.asks(privacy_commands.erase)
    await person.taps("Ja, slet alt")
    assert {table: bureau.rows(table) for table in EVERY_TABLE_OF_A_PERSON} == dict.fromkeys(EVERY_TABLE_OF_A_PERSON, 0)
    again = await person.starts()
    assert again.body == notice_of(described(plan=OPEN)).short("da", "telegram")


async def test_mine_tells_all_that_a_run_keeps_of_whom_it_was_sent_as(bureau: Bureau) -> None:
    person = bureau.person()
    await tells_a_secret(person)
    mine = await person.asks(MINE)
    assert mine.files.attachment is not None
    held = json.loads(mine.files.attachment.content)
    with contextlib.closing(connect(bureau.path)) as connection:
        kept = {row[1] for row in connection.execute("PRAGMA table_info (runs)")}
    told_otherwise = {"party_id", "tied_by"}  # as the name of the entry, and how it is known: `belongs_to`
    of_us = {"key_id"}  # a number that we drew, for the key
    assert [kept - told_otherwise - of_us - run.keys() for run in held["runs"]] == [set()] * len(held["runs"])
    assert "belongs_to" in held["runs"][0]


async def test_on_the_web_only_a_hash_of_the_cookie_is_kept_and_slet_closes_every_way_in(bureau: Bureau) -> None:
    person = bureau.person()
    await person.joins()
    told = await person.asks(personal_link.to_web)
    secret = told.notes[0].rpartition("/s/")[2]
    at = await bureau.database.read(lambda tx: personal_link.address_of(tx, secret))
    assert at is not None
    browser = Person(bureau.database, bureau.context, at, "web")
    assert (await browser.asks(MINE)).files.attachment is not None
    code = await bureau.database.write(
        lambda tx: personal_link.code_for(
            somebody(tx, bureau.context, Visit(channel="web", address=browser.address, now=NOW, sent_at=NOW))
        )
    )
    assert bureau.rows("addresses") == 2
    for kept in (secret, code):
        assert kept.encode() not in bureau.raw()
    await browser.asks(privacy_commands.erase)
    await browser.taps("Ja, slet alt")
    assert [bureau.rows(table) for table in ("people", "addresses", "moves", "personal_links")] == [0] * 4
    refused = await Person(bureau.database, bureau.context, "701").starts(code)
    assert refused.notes[-1].startswith("Linket virker ikke")


# --- meetings and mail ------------------------------------------------------------------------------------

STARTS = NOW + 20 * DAY
MAIL = "ask.embla@nordby.example"


def _meeting(tx: Tx, process_host: ProcessHost) -> int:
    details = MeetingDetails(title="Fælles møde", place="Sognegården")
    facts = MeetingFacts(
        kind=MeetingKind.OTHER, details=details, starts_at=STARTS, ends_at=STARTS + 7200, invites_at=NOW
    )
    return scheduling.make(tx, process_host.plan(tx).process_id, facts, NOW)


def signs_up(
    tx: Tx,
    process_host: ProcessHost,
    meeting: int,
    person_id: int,
    answer: SignupAnswer = SignupAnswer.YES,
    many: int = 3,
) -> SignedUp:
    plan_, person = process_host.plan(tx), people.by_id(tx, person_id)
    found = meetings.by_id(tx, plan_.process_id, meeting)
    assert found is not None and person is not None
    return sign_up(tx, plan_.hours, found, person, answer, many, NOW)


async def at_a_meeting(
    bureau: Bureau, *, messages: str = "Ja", answer: SignupAnswer = SignupAnswer.YES
) -> tuple[Person, int]:
    """Somebody who has said whether they come to a meeting, and what they need there."""
    person = bureau.person()
    await person.joins("Frivillig", "Idræt", "Vil ikke svare", messages)

    def says(tx: Tx) -> int:
        known = people.at_address(tx, "telegram", person.address)
        assert known is not None
        meeting = _meeting(tx, bureau.process_host)
        assert signs_up(tx, bureau.process_host, meeting, known.id, answer).taken
        signup = signups.of(tx, meeting, known.id)
        assert signup is not None
        tell_needs(tx, signup, NEED, NOW)
        meetings.add_words(tx, meeting, known.id, "question", SECRET, NOW)
        return meeting

    return person, await bureau.database.write(says)


async def test_what_you_say_to_a_meeting_is_kept_and_told_and_your_questions_lie_encrypted(bureau: Bureau) -> None:
    person, meeting = await at_a_meeting(bureau)
    mine = await person.asks(MINE)
    assert mine.files.attachment is not None
    held = json.loads(mine.files.attachment.content)
    [signup] = held["meetings"]
    assert (signup["meeting_id"], signup["answer"], signup["people"]) == (meeting, "yes", 3)
    assert [words["text"] for words in held["said_of_meetings"]] == [SECRET]
    assert b"ravnsort" not in bureau.raw()


@pytest.mark.parametrize("change", ["moved", "cancelled"])
@pytest.mark.parametrize(("messages", "answer", "told"), [("Nej", SignupAnswer.YES, 1), ("Ja", SignupAnswer.NO, 0)])
async def test_who_said_yes_to_a_meeting_is_told_when_it_is_moved_or_cancelled(
    bureau: Bureau, change: str, messages: str, answer: SignupAnswer, told: int
) -> None:
    """Whatever they said to other messages; who said no is not."""
    _, number = await at_a_meeting(bureau, messages=messages, answer=answer)

    def changes(tx: Tx) -> int:
        plan_ = bureau.process_host.plan(tx)
        meeting = meetings.by_id(tx, plan_.process_id, number)
        assert meeting is not None
        if change == "cancelled":
            return scheduling.cancel(tx, plan_.hours, meeting, "", NOW)
        later = scheduling.at_another_time(meeting.facts, STARTS + DAY)
        return scheduling.change(tx, plan_.hours, meeting, later, "", NOW)

    assert await bureau.database.write(changes) == told


async def test_what_you_need_at_a_meeting_lies_apart_and_encrypted_and_goes_when_it_is_over(bureau: Bureau) -> None:
    await at_a_meeting(bureau)
    assert b"teleslynge" not in bureau.raw()
    contents = await bureau.database.read(opened_in)
    assert not any("teleslynge" in content for content in contents)
    ends = STARTS + 7200
    for at, left in ((ends - 1, 1), (ends, 0)):
        await bureau.forget(at)
        kept = await bureau.database.read(lambda tx: tx.all("SELECT 1 FROM signups WHERE needs IS NOT NULL"))
        assert (at, len(kept)) == (at, left)


async def test_only_those_who_run_the_meeting_see_what_you_need_there(bureau: Bureau) -> None:
    _, meeting = await at_a_meeting(bureau)

    async def holds(address: str, role: Role) -> Person:
        code = await bureau.database.write(
            lambda tx: invitations.make(tx, bureau.process_host.plan(tx).process_id, role, NOW)
        )
        holder = bureau.person(address)
        await holder.joins(payload=code)
        return holder

    lea, sten = await holds("1", Role.LEADER), await holds("2", Role.STEERING)
    path = f"moedeplan/{meeting}/tilmeldte/behov/se"
    assert "teleslynge" in "\n".join((await lea.opens(path)).body)
    refused = await sten.opens(path)
    assert (refused.screen, "teleslynge" in "\n".join((*refused.notes, *refused.body))) == (Screen.TEXT, False)


async def gives_mail(bureau: Bureau, person: Person, *, confirms: bool) -> int:
    def gives(tx: Tx) -> int:
        bureau.process_host.mails = True
        s = load(
            tx,
            bureau.context,
            Visit(
                channel=person.channel,
                address=person.address,
                now=person.now,
                sent_at=person.now,
                display=Display.PAGES,
            ),
        )
        assert s is not None and confirmation.ask(s, MAIL) is confirmation.ConfirmationAsked.ON_ITS_WAY
        if confirms:
            email_addresses.confirm(tx, s.person.id, person.now)
        return s.person.id

    return await bureau.database.write(gives)


async def test_a_mail_address_is_kept_only_if_you_give_one_and_lies_encrypted(bureau: Bureau) -> None:
    person = bureau.person()
    await person.joins(*VOLUNTEER)
    assert bureau.rows("mailboxes") == 0
    await gives_mail(bureau, person, confirms=True)
    assert bureau.rows("mailboxes") == 1
    assert b"embla" not in bureau.raw()


@pytest.mark.parametrize("confirms", [True, False])
async def test_a_mail_address_gets_only_messages_that_were_asked_for(bureau: Bureau, confirms: bool) -> None:
    """The question whether it is theirs; and with the yes to it what they said yes to: of a meeting here, for which
    they are not in the audience of anything else."""
    person = Person(bureau.database, bureau.context, codes.address_of("a secret of the pages"), "web")
    await person.joins("Frivillig", "Idræt", "Vil ikke svare", "Nej")
    sent: list[str] = []

    async def post(message: OutboundMessage) -> None:
        sent.append(message.reply.title or "")

    number = await gives_mail(bureau, person, confirms=confirms)
    sender = Sender(database=bureau.database, context=bureau.context, messages=MESSAGES, clock=lambda: NOW + 600)
    sender.connect_channel("email", post)

    def enqueue(tx: Tx) -> None:
        """An invitation, though they said no to messages; and that a meeting they said yes to is cancelled."""
        meeting = _meeting(tx, bureau.process_host)
        outbox.enqueue(tx, NewMessage("invited", number, "meeting-invited", str(meeting), NOW, STARTS))
        other = _meeting(tx, bureau.process_host)
        assert signs_up(tx, bureau.process_host, other, number).taken
        plan_ = bureau.process_host.plan(tx)
        found = meetings.by_id(tx, plan_.process_id, other)
        assert found is not None and scheduling.cancel(tx, plan_.hours, found, "", NOW) == 1

    await bureau.database.write(enqueue)
    await sender.send_due()
    assert sent == (["Mødet er aflyst: Fælles møde"] if confirms else ["Bekræft din mailadresse hos Eksempel Kommune"])


@pytest.mark.parametrize("how", ["by the link in a mail", "with /stop"])
async def test_a_mail_address_is_deleted_when_you_say_stop(bureau: Bureau, how: str) -> None:
    person = bureau.person()
    await person.joins(*VOLUNTEER)
    await gives_mail(bureau, person, confirms=True)
    if how == "with /stop":
        await person.asks(privacy_commands.stop)
    else:

        def stops(tx: Tx) -> None:
            [code] = opened_in(tx, EMAIL_CODE)
            held = confirmation.by_code(
                tx, bureau.context, Visit(channel="web", address="nobody", now=NOW, sent_at=NOW), code
            )
            assert held is not None
            confirmation.stop(held)

        await bureau.database.write(stops)
    assert bureau.rows("mailboxes") == 0
    assert bureau.rows("people") == 1


async def test_a_letter_is_kept_with_the_day_it_came(bureau: Bureau) -> None:
    await bureau.person().joins(*VOLUNTEER)
    lea = bureau.person("1")
    await lea.starts()
    await lea.taps("Jeg er med")

    def lead(tx: Tx) -> None:
        found = people.at_address(tx, "telegram", "1")
        assert found is not None
        people.grant(tx, found.id, Role.LEADER, NOW)

    await bureau.database.write(lead)
    await lea.opens("indtast")
    for label in ("Indtast nye svar", "Brev", titles.at_work("dialog_frivillige"), "Frivillig"):
        await lea.taps(label)
    await lea.says("i går")
    await lea.taps("Én person")
    kept = await bureau.database.read(lambda tx: [tuple(row) for row in tx.all("SELECT came_on FROM posted_entries")])
    assert kept == [(start_of(to_local(NOW).date() - timedelta(days=1)),)]


# --- everything about a person ----------------------------------------------------------------------------


def _has_one_of_everything(tx: Tx, process_host: ProcessHost, address: str) -> int:
    """Whatever can hang on a person hangs on this one. Their id."""
    person = people.at_address(tx, "telegram", address)
    assert person is not None
    process = process_host.plan(tx).process_id
    people.grant(tx, person.id, Role.LEADER, NOW, "frivillig")
    outbox.enqueue(tx, NewMessage("once", person.id, "digest", "", NOW, NOW + DAY))
    digests.put(tx, Digest(person.id, 3, 14, 0))
    channel_codes.put(tx, person.id, "hash of a code", NOW + DAY)
    register.keep_import(tx, person.id, RegisterImport(SECRET.encode(), '{"name": 0}'), NOW)
    joint_answers.add(tx, person.id, "plan", "s-theirs", NOW)
    other = people.add(tx, process, "another", "da", NOW)
    for number, flow in enumerate(("dialog_frivillige", "faelles_foer")):
        joint_answers.add(tx, other, flow, f"s-{number}", NOW)
        joint = joint_answers.by_code(tx, process, f"s-{number}")
        assert joint is not None
        joint_answers.ask(tx, joint.id, person.id)
        if flow == "dialog_frivillige":
            joint_answers.join(tx, joint.id, person.id, NOW)
            chair_run = runs.start(tx, other, flow, 1, NOW)
            joint_answers.note_sent(tx, chair_run.id, joint.id)
    dispositions.set_told(tx, person.id, "justering", {"J1.svar1"})
    entered = people.add(tx, process, "a-table", "da", NOW)
    people.add_entered(tx, entered, "table", 8, person.id)
    party = register.put(
        tx, process, NewParty(name="Ældrerådet", folded="aeldreraadet", kind="raad", source="by-hand"), NOW
    )
    people.speak_for(tx, person.id, party)
    to = LinkPreset(flow="plan", party_id=party)
    code = invitations.make_personal(tx, process, to, NOW, answers_until=NOW + DAY)
    assert invitations.redeem(tx, person, code, ("telegram", address), NOW) is not None
    late_answers.put_posted(tx, person.id, "plan", NOW)
    meeting = _meeting(tx, process_host)
    assert signs_up(tx, process_host, meeting, person.id).taken
    meetings.add_words(tx, meeting, person.id, "question", SECRET, NOW)
    meetings.set_facilitator(tx, meeting, person.id)
    meetings.put_draft(tx, person.id, 0, '{"title": "Et møde"}', NOW)
    question_drafts.put(tx, person.id, '{"da": "Hvad mangler du?"}', NOW)
    broadcasts.put_draft(tx, process, person.id, person.pseudonym, ChosenAudience(), SECRET, NOW)
    email_addresses.put(tx, person.id, MAIL, "a code", "hash of a mailbox's code", NOW)
    proofs.put(tx, person.id, "telegram", address, "mail", NOW)
    proofs.open_code(tx, person.id, "mail", ("telegram", address), NOW + 600)
    municipal_logins.put(tx, person.id, "hash", NOW)
    link = ProofLink(person.id, "telegram", address, "a number", "kontakter", NOW + 600)
    proof_links.put(tx, link, "hash of a link's code")
    passkeys.add(tx, person.id, credential="a key", public_key=b"", sign_count=0, device="", now=NOW)
    proofs.note_try(tx, person.id, proofs.WRONG, NOW)
    calendar_feeds.put(tx, person.id, "a code", "hash of a calendar's code", NOW)
    page_notes.leave(tx, person.id, address, ("Dit svar er rettet.",), NOW)
    words = HeldWords(text=SECRET, message=7, said_at=NOW, run_id=None, question=None)
    held_words.hold(tx, person.id, "telegram", words)
    objections.put(tx, person.id, SECRET, NOW)
    answers.remember(tx, next(run.id for run in runs.of_person(tx, person.id) if run.flow != "start"), "D1")
    return person.id


# What of `everything` tells of the rows of a table that refers to people.
TOLD_IN = {
    ("people", "entered_by"): "entered_for_others",
    ("capacities", "person_id"): "answers_as",
    ("addresses", "person_id"): "addresses",
    ("roles", "person_id"): "roles",
    ("runs", "person_id"): "runs",
    ("prompts", "person_id"): "shown_last",
    ("objections", "person_id"): "objections",
    ("moves", "person_id"): "code_for_another_channel_until",
    ("imports", "person_id"): "file_on_its_way",
    ("joints", "chair_id"): "collects_in",
    ("joint_members", "person_id"): "shows_answers_to",
    ("joint_backers", "person_id"): "stands_behind_joint_answers_in",
    ("late_links", "person_id"): "may_answer_late",
    ("posted_entries", "person_id"): "came_by_post",
    ("dispositions_told", "person_id"): "told_of_different_dispositions_in",
    ("outbox", "person_id"): "messages",
    ("digests", "person_id"): "overview",
    ("signups", "person_id"): "meetings",
    ("meeting_words", "person_id"): "said_of_meetings",
    ("meetings", "facilitator_id"): "leads_meetings",
    ("meeting_drafts", "person_id"): "plans_meetings",
    ("question_drafts", "person_id"): "writes_a_question",
    ("sendings", "drafted_by"): "writes_to_many",
    ("mailboxes", "person_id"): "mail",
    ("passkeys", "person_id"): "passkeys",
    ("municipal_logins", "person_id"): "municipal_login",
    ("proofs", "person_id"): "shown_who_they_are",
    ("proof_codes", "person_id"): "code_to_show_it_until",
    ("proof_links", "person_id"): "links_to_show_it_until",
    ("proof_tries", "person_id"): "codes_asked_for_or_wrong",
    ("held_words", "person_id"): "words_in_doubt",
    ("calendars", "person_id"): "calendar",
    ("page_notes", "person_id"): "to_be_told_on_the_next_page",
}


async def test_mine_tells_of_every_table_that_knows_of_people_and_slet_empties_each(bureau: Bureau) -> None:
    person = bureau.person()
    await tells_a_secret(person)
    number = await bureau.database.write(
        partial(_has_one_of_everything, process_host=bureau.process_host, address="700")
    )
    connection = connect(bureau.path)
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    referring = {
        (table, key[3])
        for table in tables
        for key in connection.execute(f"PRAGMA foreign_key_list ({table})")
        if key[2] == "people"
    }
    referring.remove(("erasure_requests", "person_id"))  # of somebody who is gone, and can't ask
    assert referring == TOLD_IN.keys()
    hanging = {
        at: connection.execute(f"SELECT count(*) FROM {at[0]} WHERE {at[1]} = ?", (number,)).fetchone()[0]
        for at in referring
    }
    assert all(hanging.values()), hanging

    mine = await person.asks(MINE)
    assert mine.files.attachment is not None
    held = json.loads(mine.files.attachment.content)
    assert [key for key in TOLD_IN.values() if not held[key]] == []
    assert (held["asked_to_show_answers"], held["speaks_for"]) == ("faelles_foer", "Ældrerådet")
    assert held["overview"]["weekday"] == 3

    await person.asks(privacy_commands.erase)
    await person.taps("Ja, slet alt")
    for table, column in referring:
        found = connection.execute(f"SELECT count(*) FROM {table} WHERE {column} = ?", (number,)).fetchone()[0]
        assert found == 0, table
    left = connection.execute("SELECT pseudonym, entered_by, behind FROM people ORDER BY id")
    assert [tuple(row) for row in left] == [("another", None, 1), ("a-table", None, 8)]
    connection.close()


async def test_which_link_one_came_by_and_whom_one_answers_for_is_kept_and_told(bureau: Bureau) -> None:
    def invite(tx: Tx) -> tuple[str, int]:
        process = bureau.process_host.plan(tx).process_id
        party = register.put(
            tx, process, NewParty(name="Ældrerådet", folded="aeldreraadet", kind="raad", source="by-hand"), NOW
        )
        return invitations.make_personal(tx, process, LinkPreset(party_id=party), NOW), party

    code, party = await bureau.database.write(invite)
    person = bureau.person()
    await person.joins(*VOLUNTEER, payload=code)
    await person.taps("Ældrerådet")
    mine = await person.asks(MINE)
    assert mine.files.attachment is not None
    held = json.loads(mine.files.attachment.content)
    assert (held["person"]["party_id"], held["speaks_for"]) == (party, "Ældrerådet")
    assert held["came_by"] is not None
    assert code.encode() not in bureau.raw()


async def test_what_a_link_fills_in_is_said(bureau: Bureau) -> None:
    def invite(tx: Tx) -> str:
        process = bureau.process_host.plan(tx).process_id
        return invitations.make_campaign(tx, process, LinkPreset(None, "frivillig", "havnen"), NOW).code

    person = bureau.person()
    await person.starts(await bureau.database.write(invite))
    shown = await person.taps("Jeg er med")
    assert "Du svarer som: Frivillig, fordi linket hører til den gruppe." in shown.body
    shown = await person.says("Idræt")
    assert "Dit lokalområde er sat til Havnen, fordi linket hører til Havnen." in shown.body


async def test_an_answer_may_be_tied_to_the_association_one_named_and_mine_tells(bureau: Bureau) -> None:
    person = bureau.person()
    await person.joins("Forening", "Skakklubben", "Idræt", "Vil ikke svare", "Nej", payload="plan")
    await person.says("Vi vil gerne høres")
    while (shown := await person.asks(menu_again)).screen != Screen.REVIEW:
        await person.taps("Færdig" if any(move.label == "Færdig" for move in shown.buttons) else "Spring over")
    await person.taps("Send")
    await bureau.database.write(
        lambda tx: listed.add(tx, bureau.process_host.plan(tx).process_id, "Skakklubben", "by-hand", NOW)
    )
    mine = await person.asks(MINE)
    assert mine.files.attachment is not None
    held = json.loads(mine.files.attachment.content)
    assert [run["belongs_to"] for run in held["runs"] if run["flow"] == "plan"] == [
        {"name": "Skakklubben", "by": "name"}
    ]


async def test_the_steering_group_never_sees_a_number_under_five(bureau: Bureau) -> None:
    """Two count as four at the most."""
    for number in range(2):
        await bureau.person(f"7{number}").joins(*VOLUNTEER, payload="dialog_frivillige")
    code = await bureau.database.write(
        lambda tx: invitations.make(tx, bureau.process_host.plan(tx).process_id, Role.STEERING, NOW)
    )
    sten = bureau.person("2")
    await sten.starts(code)
    await sten.taps("Jeg er med")
    told = await sten.types("daekning")
    assert told.table is not None
    figures = {figure for _, rows in told.table.bands for _, *row in rows for figure in row}
    assert figures == {"få", "–"}
    assert told.body[0] == "Deltagere i alt: få\nForeninger, frivillige og borgere: få\nKommunen: få"


@pytest.mark.parametrize("yes", [True, False])
async def test_who_collects_for_an_association_sees_your_answers_only_with_your_yes(bureau: Bureau, yes: bool) -> None:
    chair = bureau.person("1")
    await chair.joins("Forening", "Vil ikke sige det", "Idræt", "Nordby", "Nej")
    await chair.types("sammen")
    await chair.taps(f"Begynd et fælles svar: {titles.asked('dialog_frivillige', many=True)}")
    [(code,)] = await bureau.database.read(lambda tx: [tuple(row) for row in tx.all("SELECT code FROM joints")])
    member = bureau.person()
    await member.joins(*VOLUNTEER, payload=code)
    await member.taps("Ja, det må de gerne" if yes else "Nej")
    await member.says(SECRET)
    seen = "\n".join((await chair.taps("Opdatér")).body)
    assert (SECRET in seen) is yes
    assert code.encode() in bureau.raw()  # it is shared, and opens nothing without a yes


async def test_slet_can_be_regretted(bureau: Bureau) -> None:
    person = bureau.person()
    await tells_a_secret(person)
    await person.asks(privacy_commands.erase)
    assert person.seen is not None
    keep = next(m.label for m in person.seen.buttons if m.verb is Verb.CANCEL)
    await person.taps(keep)
    assert bureau.rows("answers") == 5


async def test_what_may_be_no_answer_is_kept_until_you_have_said_so(bureau: Bureau) -> None:
    person = bureau.person()
    await tells_a_secret(person)
    before = bureau.rows("answers")
    await person.says("hjælp")
    assert (bureau.rows("answers"), bureau.rows("held_words")) == (before, 1)
    await person.taps("Få hjælp")
    assert (bureau.rows("answers"), bureau.rows("held_words")) == (before, 0)


async def test_with_stop_you_stop_messages_alone(bureau: Bureau) -> None:
    person = bureau.person()
    await tells_a_secret(person)
    assert person.seen is not None
    await person.asks(privacy_commands.stop)
    screens, since = list(TABLES.screens), person.now

    def comes_back(tx: Tx) -> int:
        return outages.come_back(tx, bureau.process_host.plans(tx), "telegram", screens, since, since + 3600)

    assert await bureau.database.write(comes_back) == 0
    assert (
        await person.says("Flere borde")
    ).title == "Hvad ønsker du dig af politikken? Skriv ét ønske eller én idé ad gangen."
    assert (await person.starts()).title == S7  # who comes back is asked again
    assert bureau.rows("answers") == 5


async def test_who_does_not_want_to_take_part_any_more_is_asked_for_a_new_yes(bureau: Bureau) -> None:
    person = bureau.person()
    await tells_a_secret(person)
    await person.asks(privacy_commands.leave)
    assert (await person.starts()).body == notice_of(described(plan=OPEN)).short("da", "telegram")
    assert bureau.rows("answers") == 5  # leaving is not deleting


@pytest.mark.parametrize("cpr", ["010203-1234", "0102031234", "010203 1234"])
async def test_a_cpr_number_is_refused_before_it_is_stored(bureau: Bureau, cpr: str) -> None:
    person = bureau.person()
    await tells_a_secret(person)
    before = bureau.rows("answers")
    reply = await person.says(f"Mit nummer er {cpr}")
    assert reply.notes == (texts.say("da", "refusal.cpr"),)
    assert bureau.rows("answers") == before
    stored = await bureau.database.read(opened_in)
    assert not any(cpr in content for content in stored)


async def test_your_answers_of_before_a_change_are_kept_and_go_with_slet(bureau: Bureau) -> None:
    person = bureau.person()
    await tells_a_secret(person)
    at = person.now

    def edit(tx: Tx, context: Context, visit: Visit) -> Reply:
        reply = answering.edited(tx, context, visit, Said("Vi mangler en kande", at))
        assert reply is not None
        return reply

    await person.taps("Færdig")
    await person.does(edit)
    assert bureau.rows("answer_history") == 1


async def test_a_notice_that_changed_is_shown_again_and_no_answer_is_lost_by_it(bureau: Bureau) -> None:
    person = bureau.person()
    await tells_a_secret(person)
    changed = json.loads(described(dialog_frivillige=OPEN).model_dump_json())
    changed["contacts"]["email"] = "ny@eksempel-kommune.example"
    file = ProcessFile.model_validate(changed)
    await bureau.database.write(lambda tx: process_file.save(tx, file, shipped_flows(file), NOW))
    reply = await person.says("Endnu et ønske")
    assert reply.body == notice_of(file).short("da", "telegram")
    asked = await person.taps("Jeg er med")
    assert "Endnu et ønske" in "\n".join(asked.body)


def test_the_process_file_can_not_leave_a_gap_in_the_notice() -> None:
    for missing in ("email", "phone", "dpo", "supplier"):
        whole = json.loads(FILE.model_dump_json())
        whole["contacts"][missing] = ""
        with pytest.raises(ValueError, match=missing):
            ProcessFile.model_validate(whole)


def test_the_database_deletes_what_hangs_on_a_person(tmp_path: Path) -> None:
    """Foreign keys are on in every connection, or erasing would leave orphans."""
    connection = connect(tmp_path / "any.db")
    assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    connection.close()
    assert sqlite3.sqlite_version_info >= (3, 37)  # STRICT tables


async def test_someone_else_sees_nothing_of_yours(bureau: Bureau) -> None:
    await tells_a_secret(bureau.person("700"))
    other = bureau.person("701")
    await other.joins(*VOLUNTEER)
    mine = await other.asks(MINE)
    assert mine.files.attachment is not None
    assert "kaffekande" not in mine.files.attachment.content.decode()
    session = await bureau.database.read(
        lambda tx: load(tx, bureau.context, Visit(channel="telegram", address="702", now=NOW, sent_at=NOW))
    )
    assert session is None
