"""E-mail against a real server on loopback: what arrives, what a refusal means, and what never leaves in the clear."""

from __future__ import annotations

import asyncio
import base64
import io
import logging
import re
import traceback
from collections.abc import Callable
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.utils import getaddresses

import pytest
from aiosmtplib.email import parse_address
from email_validator import SPECIAL_USE_DOMAIN_NAMES
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.email.smtp import Mail, Mailer, MailFile, Server, serialise, server_of
from bot.outbox.errors import RecipientUnreachable, RetryLater
from bot.texts.email_address import as_meant, folded, is_address, sender_of, wire_of
from tests.support.mailbox import HANG_UP, PASSWORD, SILENCE, USER, Mailbox, mailbox, trusting
from tests.support.patience import PATIENCE

SENDER = "Eksempel Kommune <frivillig@kommune.example>"
LOGIN = "frivillig@kommune.example:hemmelig%2Fkode@"
KIRSTEN, BENT = "kirsten@soeby.example", "bent@soeby.example"
NOW = 1772560800.5  # 3 March 2026, 18:00 UTC
ELSEWHERE = "127.1"  # this machine under a name that does not look like it: as good as any other machine
CALENDAR = MailFile("møde.ics", "BEGIN:VCALENDAR\r\nSUMMARY:Dialogmøde\r\n".encode(), "text/calendar; method=PUBLISH")

UNSUBSCRIBE = (
    ("List-Unsubscribe", f"<https://besyv.example/afmeld/{'Ab0_-' * 30}>"),
    ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
)

INVITATION = Mail(
    KIRSTEN,
    "Møde på Rådhuset: «Lokale dialogmøder» tirsdag den 3. marts 2026 kl. 19.00",
    "Kære Kirsten\n\nVi ses på Rådhuset.\n.\nFrom nu af er der kaffe.\n" + "Ét ord til. " * 200 + "\n",
    '<!doctype html>\n<html lang="da"><p>Vi ses på <b>Rådhuset</b>.</p></html>\n',
    UNSUBSCRIBE,
    (CALENDAR, MailFile("kort.pdf", bytes(range(256)), "application/pdf")),
)


def mail(to: str = KIRSTEN, subject: str = "Påmindelse") -> Mail:
    return Mail(to, subject, "Vi ses.\n", "<p>Vi ses.</p>\n")


SOON = 0.5  # seconds for each step, where the server is silent at one


def mailer(box: Mailbox, *, patience: float = PATIENCE, **where: str) -> Mailer:
    """One that does not know the server's certificate."""
    return Mailer(box.url(**where), SENDER, clock=lambda: NOW, patience=patience)


def mailer_that_trusts(box: Mailbox, **where: str) -> Mailer:
    return Mailer(box.url(**where), SENDER, clock=lambda: NOW, patience=PATIENCE, context=trusting())


async def outcome(sending: Mailer, what: Mail) -> str:
    try:
        await sending.send(what)
    except RecipientUnreachable as refused:
        return f"refused: {refused}"
    except RetryLater as later:
        return f"later for {'everybody' if later.whole_channel else 'this one'}: {later}"
    return "sent"


# --- what arrives -----------------------------------------------------------------------------------------


async def test_a_mail_arrives_with_every_letter_and_file_as_it_was_written() -> None:
    async with mailbox() as box:
        sending = mailer(box)
        await sending.send(INVITATION)
        await sending.close()
    (came,) = box.mails
    assert (came.sender, came.to) == ("frivillig@kommune.example", KIRSTEN)
    assert (came.text, came.html) == (INVITATION.text, INVITATION.html)
    assert [(file.get_content_type(), file["Content-Type"].params, file.get_filename()) for file in came.files] == [
        ("text/calendar", {"method": "PUBLISH", "charset": "utf-8"}, "møde.ics"),
        ("application/pdf", {}, "kort.pdf"),
    ]
    assert [file.get_payload(decode=True) for file in came.files] == [file.content for file in INVITATION.files]
    assert came.message.get_content_type() == "multipart/mixed"


async def test_its_headers_are_these_and_no_others() -> None:
    async with mailbox() as box:
        sending = mailer(box)
        await sending.send(INVITATION)
        await sending.close()
    headers = [(name, str(value)) for name, value in box.mails[0].message.items()]
    message_id = dict(headers)["Message-ID"]
    boundary = box.mails[0].message.get_boundary()
    assert headers == [
        ("From", SENDER),
        ("To", KIRSTEN),
        ("Subject", INVITATION.subject),
        ("Date", "Tue, 03 Mar 2026 18:00:00 +0000"),
        ("Message-ID", message_id),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, AutoReply"),
        *UNSUBSCRIBE,
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/mixed; boundary="{boundary}"'),
    ]
    assert re.fullmatch(r"<[0-9a-f]{32}@kommune\.example>", message_id)


async def test_no_two_mails_have_the_same_id() -> None:
    sender = sender_of(SENDER)
    ids = {re.search(rb"Message-ID: (.*)\r\n", serialise(mail(), KIRSTEN, sender, NOW))[1] for _ in range(50)}  # type: ignore[index]  # it is there
    assert len(ids) == 50


def test_a_message_is_ascii_in_lines_that_every_server_takes() -> None:
    raw = serialise(INVITATION, KIRSTEN, sender_of(SENDER), NOW)
    lines = raw.split(b"\r\n")
    assert raw.isascii()
    assert b"\n" not in b"".join(lines) and b"\r" not in b"".join(lines)
    assert max(map(len, lines)) <= 998


async def test_an_unsubscribing_link_is_longer_than_a_line_and_stays_in_one_piece() -> None:
    (name, value), _ = UNSUBSCRIBE
    assert f"\r\n{name}: {value}\r\n".encode() in serialise(INVITATION, KIRSTEN, sender_of(SENDER), NOW)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Eksempel Kommune",
        "Sønderborg Kommune, Frivillig & Fritid",
        "Kommune, Fritid (og Kultur) med et navn, der er så langt, at det ikke er til at holde ud, vel",
        "Kommune, Fritid (og Kultur) som har et navn der er længere end en linje; og mere, plus lidt til",
        "Kommune, Fritid (plain) that goes on for longer than a line; and then some, and then some more",
        "Lyngby-Taarbæk: " + "ø" * 80,
    ],
)
async def test_whom_it_is_from_is_one_name_and_one_address_whatever_the_name(name: str) -> None:
    async with mailbox() as box:
        sending = Mailer(box.url(), f"{name} <frivillig@kommune.example>")
        await sending.send(mail())
        await sending.close()
    # Not by email.policy, which puts blanks between the encoded words of a name (Python 3.11).
    read = getaddresses([message_from_bytes(box.mails[0].raw)["From"]])
    assert [(str(make_header(decode_header(shown))), address) for shown, address in read] == [
        (name, "frivillig@kommune.example")
    ]


async def test_a_domain_with_danish_letters_goes_over_the_wire_as_servers_know_it() -> None:
    async with mailbox() as box:
        sending = Mailer(box.url(), "Søby <frivillig@søby.example>")
        await sending.send(mail("kirsten@blåbærgrød.example"))
        await sending.close()
    (came,) = box.mails
    assert (came.sender, came.to) == ("frivillig@xn--sby-0na.example", "kirsten@xn--blbrgrd-fxak7p.example")
    assert (str(came.message["From"]), str(came.message["To"])) == (f"Søby <{came.sender}>", came.to)


# --- nothing comes in that is not what it seems -----------------------------------------------------------


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_a_subject_is_one_line_and_nothing_but_the_subject(subject: str) -> None:
    read = message_from_bytes(serialise(mail(subject=subject), KIRSTEN, sender_of(SENDER), NOW), policy=policy.default)
    shown = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", subject).strip()
    assert str(read["Subject"]).split() == shown.split()
    assert [name for name in read if name != "Content-Type"] == [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "MIME-Version",
    ]


@pytest.mark.parametrize("broken", ["\r\n", "\n", "\r", "\v", "\x00", "\x85", "\u2028", "\r\n\r\n"])
async def test_a_line_break_brings_in_no_header_and_no_recipient(broken: str) -> None:
    async with mailbox() as box:
        sending = mailer(box)
        smuggled = f"Hej{broken}Bcc: {BENT}"
        file = MailFile(smuggled, b"", "application/pdf")
        await sending.send(Mail(KIRSTEN, smuggled, "Hej\n", "<p>Hej</p>\n", files=(file,)))
        for address in (f"{KIRSTEN}{broken}", f"{KIRSTEN}{broken}{BENT}", f"{broken}{KIRSTEN}", f"a{broken}b@c.dk"):
            assert await outcome(sending, mail(address)) == "refused: not an address"
        for header in (("X-A", smuggled), (f"X-A: 1{broken}Bcc", BENT)):
            with pytest.raises(
                ValueError, match=r"^a header of a mail is ours to write, or is not one printable line$"
            ):
                await sending.send(Mail(KIRSTEN, "Hej", "Hej\n", "<p>Hej</p>\n", (header,)))
        await sending.close()
    (came,) = box.mails
    assert came.to == KIRSTEN and came.message["Bcc"] is None
    assert came.message["Subject"] == f"Hej Bcc: {BENT}"
    assert [part["Bcc"] for part in came.message.walk()] == [None] * 5
    assert came.files[0].get_filename() == f"Hej Bcc: {BENT}"


@pytest.mark.parametrize("name", ["From", "to", "SUBJECT", "Date", "Message-ID", "Auto-Submitted", "MIME-Version"])
def test_a_header_of_ours_is_not_the_callers_to_write(name: str) -> None:
    with pytest.raises(ValueError, match=r"^a header of a mail"):
        serialise(Mail(KIRSTEN, "", "", "", ((name, BENT),)), KIRSTEN, sender_of(SENDER), NOW)


# --- one connection ---------------------------------------------------------------------------------------


async def test_fifty_at_once_go_one_after_the_other_over_one_connection() -> None:
    async with mailbox() as box:
        sending = mailer(box)
        mails = [mail(f"nr{n}@soeby.example", f"Møde {n}") for n in range(50)]
        assert await asyncio.gather(*(outcome(sending, one) for one in mails)) == ["sent"] * 50
        await sending.close()
    assert box.connections == 1
    assert {(came.to, came.message["Subject"]) for came in box.mails} == {(one.to, one.subject) for one in mails}
    assert len(box.mails) == 50


async def test_a_connection_that_was_dropped_in_between_is_made_anew() -> None:
    async with mailbox() as box:
        sending = mailer(box)
        await sending.send(mail())
        box.hang_up()
        await sending.send(mail(BENT))
        await sending.close()
    assert [(came.to, came.connection) for came in box.mails] == [(KIRSTEN, 1), (BENT, 2)]


@pytest.mark.parametrize("answer", [HANG_UP, "421 4.4.2 Timeout", "451 4.3.2 Too much", "503 5.5.1 What?"])
async def test_a_kept_connection_that_is_of_no_use_any_more_is_made_anew(answer: str) -> None:
    async with mailbox() as box:
        sending = mailer(box)
        await sending.send(mail())
        box.at_sender.append(answer)
        await sending.send(mail(BENT))
        await sending.close()
    assert [(came.to, came.connection) for came in box.mails] == [(KIRSTEN, 1), (BENT, 2)]


async def test_a_server_that_takes_only_so_many_in_one_go_gets_the_rest_in_the_next() -> None:
    async with mailbox() as box:
        box.per_connection = 2
        sending = mailer(box)
        for _ in range(5):
            await sending.send(mail())
        await sending.close()
    assert [came.connection for came in box.mails] == [1, 1, 2, 2, 3]


async def test_after_a_goodbye_the_next_mail_connects_anew() -> None:
    async with mailbox() as box:
        sending = mailer(box)
        await sending.close()
        await sending.send(mail())
        await sending.close()
        await sending.close()
        assert bytes(box.in_the_clear).endswith(b"QUIT\r\n")
        await sending.send(mail(BENT))
        await sending.close()
    assert [came.connection for came in box.mails] == [1, 2]


async def test_closing_does_not_fail_where_nobody_is_there_any_more() -> None:
    async with mailbox() as box:
        sending = mailer(box)
        await sending.send(mail())
    await sending.close()
    assert await outcome(sending, mail()) == "later for everybody: SMTPConnectError ConnectionRefusedError"


async def test_a_send_that_is_cancelled_half_way_leaves_nothing_for_the_next_to_trip_over() -> None:
    async with mailbox() as box:
        box.at_content.append(SILENCE)
        sending = mailer(box)
        first = asyncio.create_task(sending.send(mail()))
        await box.silent.wait()
        waiting = asyncio.create_task(sending.send(mail()))
        await asyncio.sleep(0)
        waiting.cancel()
        first.cancel()
        for cancelled in (first, waiting):
            with pytest.raises(asyncio.CancelledError):
                await cancelled
        await box.left()
        await sending.send(mail(BENT))
        await sending.close()
    assert [(came.to, came.connection) for came in box.mails] == [(BENT, 2)]


@pytest.mark.parametrize("at", ["greeting", "sender", "recipient"])
async def test_wherever_it_is_cancelled_the_next_one_starts_afresh(at: str) -> None:
    async with mailbox() as box:
        if at == "greeting":
            box.at_greeting = SILENCE
        elif at == "sender":
            box.at_sender.append(SILENCE)
        else:
            box.at_recipient[KIRSTEN] = SILENCE
        # The greeting is waited for even so, where Python 3.11 has swallowed the cancellation of the connecting.
        sending = mailer(box, patience=SOON)
        first = asyncio.create_task(sending.send(mail()))
        await box.silent.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await box.left()
        box.at_greeting = None
        await sending.send(mail(BENT))
        await sending.close()
    assert [(came.to, came.connection) for came in box.mails] == [(BENT, 2)]


@pytest.mark.parametrize("ticks", range(60))
async def test_whenever_it_is_cancelled_it_is_over(ticks: int) -> None:
    """Also in the moment when an answer comes, where asyncio.wait_for of Python 3.11 sees nothing but the answer."""
    async with mailbox() as box:
        sending = mailer(box)
        first = asyncio.create_task(sending.send(mail()))
        for _ in range(ticks):
            await asyncio.sleep(0)
        sent = first.done()
        first.cancel()
        await asyncio.wait([first])
        assert first.cancelled() is not sent
        assert await outcome(sending, mail(BENT)) == "sent"
        await sending.close()
    assert [came.to for came in box.mails].count(BENT) == 1


@pytest.mark.parametrize(
    ("at", "answer", "setting"),
    [
        ("sender", "550 5.7.1 You are blocked", "BESYV_MAIL_FROM"),
        ("sender", "530 Log in first", "BESYV_SMTP_URL"),
        ("recipient", "550 5.1.0 Sender rejected", "BESYV_MAIL_FROM"),
        ("recipient", "554 5.7.1 Relay access denied", "BESYV_SMTP_URL"),
        ("recipient", "550 JunkMail rejected - in an RBL", "BESYV_SMTP_URL"),
        ("recipient", "552 5.2.2 Mailbox full", ""),
        ("recipient", "451 4.7.1 Greylisted", ""),
    ],
)
async def test_trouble_with_the_relay_names_the_setting_to_look_at(at: str, answer: str, setting: str) -> None:
    async with mailbox() as box:
        if at == "sender":
            box.at_sender.append(answer)
        else:
            box.at_recipient[KIRSTEN] = answer
        sending = mailer(box)
        with pytest.raises(RetryLater) as later:
            await sending.send(mail())
        assert later.value.setting == setting
        await sending.close()


# --- what a refusal means ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("550 5.1.1 No such user", "refused: SMTPRecipientRefused 550"),
        ("550 No such user here", "refused: SMTPRecipientRefused 550"),
        ("550 5.4.1 Recipient address rejected: Access denied", "refused: SMTPRecipientRefused 550"),
        ("553 5.1.2 No such domain", "refused: SMTPRecipientRefused 553"),
        ("556 5.1.10 That domain takes no mail", "refused: SMTPRecipientRefused 556"),
        ("450 4.2.1 Busy", "later for this one: SMTPRecipientRefused 450"),
        ("451 4.7.1 Greylisted, come back", "later for this one: SMTPRecipientRefused 451"),
        ("552 5.2.2 Mailbox full", "later for this one: SMTPRecipientRefused 552"),
        ("421 4.3.2 Closing", "later for everybody: SMTPRecipientRefused 421"),
        # About us, whatever the number says: nobody becomes unreachable because our relay is set up wrongly.
        # about us, and not about whom it is for
        (
            "550 JunkMail rejected - in an RBL, see https://blocklist.example/query",
            "later for this one: SMTPRecipientRefused 550",
        ),
        ("550 5.1.0 Sender rejected", "later for this one: SMTPRecipientRefused 550"),
        ("550 5.1.7 Bad sender's mailbox", "later for this one: SMTPRecipientRefused 550"),
        ("550 5.1.8 Bad sender's system", "later for this one: SMTPRecipientRefused 550"),
        ("550 5.1.1 Sender address rejected: User unknown", "later for this one: SMTPRecipientRefused 550"),
        ("550 Sender address rejected: User unknown", "later for this one: SMTPRecipientRefused 550"),
        ("550 Mailbox unavailable because of your reputation", "later for this one: SMTPRecipientRefused 550"),
        ("554 Client host blocked", "later for this one: SMTPRecipientRefused 554"),
        ("550 Rejected", "later for this one: SMTPRecipientRefused 550"),
        # about whom it is for
        ("550 5.1.3 Bad address", "refused: SMTPRecipientRefused 550"),
        ("550 5.1.6 Moved away", "refused: SMTPRecipientRefused 550"),
        ("550 5.2.1 Switched off", "refused: SMTPRecipientRefused 550"),
        ("550 <kirsten.spam@soeby.example> does not exist: user unknown", "refused: SMTPRecipientRefused 550"),
        ("550 Unknown user", "refused: SMTPRecipientRefused 550"),
        ("550 5.7.1 Not allowed", "later for this one: SMTPRecipientRefused 550"),
        ("554 5.7.1 Relay access denied", "later for this one: SMTPRecipientRefused 554"),
        ("550 relay not permitted", "later for this one: SMTPRecipientRefused 550"),
        ("550 Authentication is required", "later for this one: SMTPRecipientRefused 550"),
        ("530 Log in first", "later for this one: SMTPRecipientRefused 530"),
        ("503 Bad sequence", "later for this one: SMTPRecipientRefused 503"),
    ],
)
async def test_a_recipient_is_refused_for_good_only_where_it_is_about_the_address(answer: str, expected: str) -> None:
    async with mailbox() as box:
        box.at_recipient[KIRSTEN] = answer
        sending = mailer(box)
        assert [await outcome(sending, mail()), await outcome(sending, mail(BENT))] == [expected, "sent"]
        await sending.close()
    assert [(came.to, came.connection) for came in box.mails] == [(BENT, 2 if answer.startswith("421") else 1)]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("451 4.3.0 Try again", "later for this one: SMTPDataError 451"),
        ("554 5.7.1 Looks like spam", "later for this one: SMTPDataError 554"),
        ("550 5.1.1 No such user", "later for this one: SMTPDataError 550"),
        ("552 5.3.4 Too big", "later for this one: SMTPDataError 552"),
        ("421 4.3.2 Closing", "later for everybody: SMTPDataError 421"),
        (HANG_UP, "later for everybody: SMTPServerDisconnected"),
        (SILENCE, "later for everybody: SMTPReadTimeoutError"),
    ],
)
async def test_what_is_wrong_with_the_content_says_nothing_of_the_person(answer: str, expected: str) -> None:
    async with mailbox() as box:
        box.at_content.append(answer)
        sending = mailer(box, patience=SOON if answer == SILENCE else PATIENCE)
        assert [await outcome(sending, mail()), await outcome(sending, mail())] == [expected, "sent"]
        await sending.close()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("451 4.3.0 Try again", "SMTPSenderRefused 451"),
        ("550 5.7.1 You are blocked", "SMTPSenderRefused 550"),
        ("553 5.1.8 Sender's domain is unknown", "SMTPSenderRefused 553"),
        (HANG_UP, "SMTPServerDisconnected"),
        (SILENCE, "SMTPReadTimeoutError"),
    ],
)
async def test_a_server_that_does_not_want_the_sender_is_asked_again_later(answer: str, expected: str) -> None:
    async with mailbox() as box:
        box.at_sender.append(answer)
        sending = mailer(box, patience=SOON if answer == SILENCE else PATIENCE)
        assert [await outcome(sending, mail()), await outcome(sending, mail())] == [
            f"later for everybody: {expected}",
            "sent",
        ]
        await sending.close()


@pytest.mark.parametrize(
    ("greeting", "expected"),
    [
        ("421 4.3.2 Busy", "SMTPConnectResponseError 421"),
        ("554 5.7.1 Go away", "SMTPConnectResponseError 554"),
        ("nonsense", "SMTPResponseException -1"),
        (HANG_UP, "SMTPConnectError SMTPServerDisconnected"),
        (SILENCE, "SMTPConnectTimeoutError SMTPReadTimeoutError"),
    ],
)
async def test_a_server_that_does_not_want_to_talk_is_asked_again_later(greeting: str, expected: str) -> None:
    async with mailbox() as box:
        box.at_greeting = greeting
        sending = mailer(box, patience=SOON if greeting == SILENCE else PATIENCE)
        assert await outcome(sending, mail()) == f"later for everybody: {expected}"
        box.at_greeting = None
        assert await outcome(sending, mail()) == "sent"
        await sending.close()


async def test_where_no_server_is_it_is_tried_again_later(port: int) -> None:
    sending = Mailer(f"smtp://127.0.0.1:{port}", SENDER)
    assert await outcome(sending, mail()) == "later for everybody: SMTPConnectError ConnectionRefusedError"
    await sending.close()


# --- passwords and encryption -----------------------------------------------------------------------------


async def test_with_a_password_it_logs_in_after_the_connection_is_encrypted() -> None:
    async with mailbox(starttls=True) as box:
        box.wants_login = True
        sending = mailer_that_trusts(box, login=LOGIN, host="localhost", behind="?starttls=required")
        assert await outcome(sending, mail()) == "sent"
        await sending.close()
    assert [came.encrypted for came in box.mails] == [True]
    assert box.logins == [(USER, PASSWORD)]
    assert bytes(box.in_the_clear) == b"EHLO kommune.example\r\nSTARTTLS\r\n"


async def test_with_smtps_everything_is_encrypted_from_the_first_byte() -> None:
    async with mailbox(smtps=True) as box:
        box.wants_login = True
        sending = mailer_that_trusts(box, scheme="smtps", login=LOGIN)
        assert await outcome(sending, mail()) == "sent"
        await sending.close()
    assert (box.logins, [came.encrypted for came in box.mails]) == ([(USER, PASSWORD)], [True])
    assert bytes(box.in_the_clear) == b""


def has_heard_a_secret(box: Mailbox) -> bool:
    """Whether anything of the login, of the mail or of its envelope came over in the clear."""
    login = (PASSWORD, USER, f"\0{USER}\0{PASSWORD}")
    spellings = [word.encode() for word in login] + [base64.b64encode(word.encode()) for word in login]
    return any(word in box.in_the_clear for word in (*spellings, b"AUTH", b"MAIL FROM", KIRSTEN.encode()))


async def test_a_password_is_not_sent_in_the_clear_where_the_server_asks_for_it_so() -> None:
    async with mailbox() as box:
        box.wants_login = True
        sending = mailer(box, login=LOGIN, host=ELSEWHERE)
        expected = "later for everybody: SMTP STARTTLS extension not supported by server."
        assert await outcome(sending, mail()) == expected
        await sending.close()
    assert (box.logins, box.mails) == ([], [])
    assert not has_heard_a_secret(box)


@pytest.mark.parametrize("where", [{"starttls": True}, {"smtps": True}])
@pytest.mark.parametrize("knows_it", [True, False])
async def test_a_password_is_not_sent_to_a_server_that_can_not_prove_who_it_is(
    where: dict[str, bool], knows_it: bool
) -> None:
    async with mailbox(**where) as box:
        box.wants_login = True
        make = mailer_that_trusts if knows_it else mailer  # known or not: the certificate is for another name
        sending = make(box, scheme="smtps" if "smtps" in where else "smtp", login=LOGIN, host=ELSEWHERE)
        assert "SSLCertVerificationError" in await outcome(sending, mail())
        await sending.close()
    assert (box.logins, box.mails) == ([], [])
    assert not has_heard_a_secret(box)


async def test_to_this_machine_a_password_goes_as_the_server_can() -> None:
    async with mailbox() as box:
        box.wants_login = True
        sending = mailer(box, login=LOGIN)
        assert await outcome(sending, mail()) == "sent"
        await sending.close()
    assert (box.logins, [came.encrypted for came in box.mails]) == ([(USER, PASSWORD)], [False])
    assert has_heard_a_secret(box)  # so it would be seen where it must not be


@pytest.mark.parametrize(
    ("offered", "behind", "expected"),
    [
        (True, "", [True]),  # with a certificate that nobody knows: better than none
        (True, "?starttls=never", [False]),
        (False, "", [False]),
        (False, "?starttls=never", [False]),
    ],
)
async def test_without_a_password_it_is_encrypted_where_the_server_offers_it(
    offered: bool, behind: str, expected: list[bool]
) -> None:
    async with mailbox(starttls=offered) as box:
        sending = mailer(box, behind=behind, host=ELSEWHERE)
        assert await outcome(sending, mail()) == "sent"
        await sending.close()
    assert [came.encrypted for came in box.mails] == expected


@pytest.mark.parametrize("offered", [True, False])
async def test_where_encryption_is_demanded_nothing_is_sent_without_one_that_holds(offered: bool) -> None:
    async with mailbox(starttls=offered) as box:
        sending = mailer(box, behind="?starttls=required")
        assert (await outcome(sending, mail())).startswith("later for everybody: S")
        await sending.close()
    assert box.mails == []
    assert not has_heard_a_secret(box)


async def test_a_password_that_is_wrong_is_our_trouble_and_not_the_persons() -> None:
    async with mailbox(smtps=True) as box:
        box.wants_login = True
        sending = mailer_that_trusts(box, scheme="smtps", login="frivillig:forkert@")
        assert await outcome(sending, mail()) == "later for everybody: SMTPAuthenticationError 535"
        await sending.close()
    assert set(box.logins) == {("frivillig", "forkert")}


async def test_a_server_that_wants_a_password_we_do_not_have_is_our_trouble_too() -> None:
    async with mailbox() as box:
        box.wants_login = True
        sending = mailer(box)
        assert await outcome(sending, mail()) == "later for everybody: SMTPSenderRefused 530"
        await sending.close()


# --- nothing is told --------------------------------------------------------------------------------------


def everything_an_error_can_print(error: BaseException) -> str:
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None:
        chain.append(following)
        following = following.__cause__ or following.__context__
    return "".join(traceback.format_exception(error)) + repr([(each, each.args, vars(each)) for each in chain])


async def test_no_address_subject_content_or_password_is_in_the_log_or_in_an_error(logged: io.StringIO) -> None:
    logging.getLogger("asyncio").setLevel(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    spelled_out = f"550 5.1.1 <{KIRSTEN}>: no such user"
    told = ""
    async with mailbox() as box:
        box.wants_login = True
        sending = mailer(box, login=LOGIN, patience=SOON)
        box.at_recipient[KIRSTEN] = spelled_out
        box.at_content = [spelled_out, HANG_UP, SILENCE]
        box.at_sender = [f"550 <{KIRSTEN}> is not whom you are"]
        for one in [mail(), mail(), mail(BENT), mail(BENT), mail(BENT), mail("Påmindelse")]:
            try:
                await sending.send(one)
            except (RecipientUnreachable, RetryLater) as error:
                told += everything_an_error_can_print(error)
                logging.getLogger("bot").exception("failed %r at %r", error, sending)
        await sending.send(mail(BENT))
        await sending.close()
    asyncio.get_running_loop().set_debug(False)
    logging.getLogger("asyncio").setLevel(logging.NOTSET)
    assert told.count("Traceback") == 6 and logged.getvalue().count("Traceback") == 6
    secret = [KIRSTEN, BENT, "soeby", "Påmindelse", "Vi ses", PASSWORD, base64.b64encode(PASSWORD.encode()).decode()]
    assert [word for word in secret if word in told + logged.getvalue()] == []


# --- addresses --------------------------------------------------------------------------------------------

GOOD = [
    "kirsten@soeby.example",
    "Kirsten.Holm+besyv@Mail.Soeby.Example",
    "o'brien@soeby.example",
    "k@x.dk",
    "1@1.dk",
    "kirsten@blåbærgrød.dk",
    "kirsten@RØDGRØD.dk",
    "kirsten@xn--blbrgrd-fxak7p.dk",
    "kirsten@example.xn--p1ai",
    "kirsten@straße.de",
    "kirsten@пример.рф",
    "a" * 64 + "@soeby.example",
]

BAD = [
    "",
    "kirsten",
    "kirsten@",
    "@soeby.example",
    "kirsten@localhost",
    "kirsten@soeby.e",
    "kirsten@soeby.123",
    "kirsten@127.0.0.1",
    "kirsten@[127.0.0.1]",
    "kirsten@@soeby.example",
    "kirsten@soeby@example.dk",
    "kirsten@soeby..example",
    "kirsten@.soeby.example",
    "kirsten@soeby.example.",
    "kirsten@-soeby.example",
    "kirsten@soeby-.example",
    ".kirsten@soeby.example",
    "kirsten.@soeby.example",
    "kir..sten@soeby.example",
    "kir sten@soeby.example",
    " kirsten@soeby.example",
    "kirsten@soeby.example\n",
    "kirsten@soeby.example ",
    "kirsten@soeby.example\u200b",
    "kirsten@soeby.example,bent@soeby.example",
    "kirsten@soeby.example;",
    "Kirsten <kirsten@soeby.example>",
    "<kirsten@soeby.example>",
    "mailto:kirsten@soeby.example",
    '"kirsten holm"@soeby.example',
    "kirsten(mor)@soeby.example",
    "kirsten\\@soeby.example",
    "bjørn@soeby.example",  # servers that take letters like this before the @ are few (SMTPUTF8)
    "kirsten@soeby\u3002example",  # a full stop that is none
    "kirsten@ſoeby.example",
    "kirsten@ｓoeby.example",
    "kirsten@xn--0.dk",  # begins as one in other letters does, and is none
    "kirsten@soeby.local",  # no mail reaches what is only known in the house
    "kirsten@" + "a" * 64 + ".dk",
    "kirsten@" + "ø" * 60 + ".dk",  # longer than 63 as servers know it
    "a" * 65 + "@soeby.example",
    "kirsten@" + "soeby." * 50 + "example",
]


@pytest.mark.parametrize("address", GOOD)
def test_what_people_have_is_an_address(address: str) -> None:
    assert is_address(address)


@pytest.mark.parametrize("address", BAD)
def test_what_only_looks_like_one_is_none(address: str) -> None:
    assert not is_address(address)


@pytest.mark.parametrize(
    ("written_so", "kept_so"),
    [
        ("  kirsten@soeby.example\n", "kirsten@soeby.example"),
        ("\u00a0Kirsten.Holm@SOEBY.Example", "Kirsten.Holm@soeby.example"),
        ("kirsten@RØDGRØD.dk", "kirsten@rødgrød.dk"),
        ("kirsten@bla\u030abær.dk", "kirsten@blåbær.dk"),
        ("kirsten", "kirsten"),
        ("", ""),
    ],
)
def test_an_address_is_kept_in_one_way_however_it_was_typed(written_so: str, kept_so: str) -> None:
    assert (folded(written_so), folded(kept_so)) == (kept_so, kept_so)


@pytest.mark.parametrize(
    "written_so",
    [
        "kirsten@soeby.example\u200b",
        "\ufeffkirsten@soeby\u00ad.example",
        "<kirsten@soeby.example>",
        "kirsten@soeby.example.",
        "kirsten@soeby.example,",
        "kirsten@soeby.example;",
        "mailto:kirsten@soeby.example",
        "MAILTO:kirsten@soeby.example?subject=Hej",
        "Kirsten Hansen <kirsten@soeby.example>",
        "»kirsten@soeby.example«.",
        "(kirsten@soeby.example)",
        '"kirsten@soeby.example"',
        " kirsten@soeby.example\u2028",
    ],
)
def test_an_address_is_taken_with_what_comes_along_when_it_is_copied(written_so: str) -> None:
    assert as_meant(written_so) == "kirsten@soeby.example"


@pytest.mark.parametrize(
    ("written_so", "wire"),
    [
        ("kirsten@blåbærgrød.dk", "kirsten@xn--blbrgrd-fxak7p.dk"),
        ("kirsten@straße.de", "kirsten@xn--strae-oqa.de"),  # another domain than strasse.de (IDNA 2008)
        ("INFO@Soeby.Example", "INFO@soeby.example"),  # what stands before the @ is the server's to read
        ("kirsten@XN--BLBRGRD-FXAK7P.dk", "kirsten@xn--blbrgrd-fxak7p.dk"),
        ("kirsten@soeby", None),
    ],
)
def test_an_address_goes_over_the_wire_in_letters_that_every_server_knows(written_so: str, wire: str | None) -> None:
    assert wire_of(written_so) == wire


ADDRESSES = st.from_regex(
    r"[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]{1,20}(\.[a-z0-9'+-]{1,9})?@([a-zæøåÆ0-9]{1,20}\.){1,2}[a-z]{2,5}", fullmatch=True
).filter(lambda address: address.rpartition(".")[2] not in SPECIAL_USE_DOMAIN_NAMES)


@given(ADDRESSES)
def test_what_is_an_address_is_taken_as_it_stands(address: str) -> None:
    assert as_meant(address) == folded(address)


@given(ADDRESSES)
def test_whatever_is_an_address_reaches_the_server_as_that_and_nothing_else(address: str) -> None:
    assert is_address(address) and is_address(folded(address))
    assert folded(folded(address)) == folded(address)
    wire = sender_of(address).addr_spec
    assert (wire.isascii(), parse_address(wire), wire.count("@")) == (True, wire, 1)


# --- settings in words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", Server("mail.example", 25, False, None)),
        ("smtp://Mail.Example:2525/", Server("mail.example", 2525, False, None)),
        ("smtp://mail.example?starttls=required", Server("mail.example", 25, False, True)),
        ("smtp://mail.example:25?starttls=never", Server("mail.example", 25, False, False)),
        ("smtp://u:p@mail.example", Server("mail.example", 587, False, True, "u", "p")),
        ("smtp://u:p@mail.example:25?starttls=required", Server("mail.example", 25, False, True, "u", "p")),
        ("smtp://u@kommune.dk:p@a:b@mail_1:587", Server("mail_1", 587, False, True, "u@kommune.dk", "p@a:b")),
        ("smtp://u%3A:%2F%3F%23%25%C3%B8@mail.example", Server("mail.example", 587, False, True, "u:", "/?#%ø")),
        ("smtp://u:p@localhost", Server("localhost", 587, False, None, "u", "p")),
        ("smtp://u:p@127.0.0.1:25?starttls=never", Server("127.0.0.1", 25, False, False, "u", "p")),
        ("smtp://u:p@[::1]:25", Server("::1", 25, False, None, "u", "p")),
        ("smtp://u:p@localhost.example", Server("localhost.example", 587, False, True, "u", "p")),
        ("smtps://u:p@mail.example", Server("mail.example", 465, True, False, "u", "p")),
        ("smtps://mail.example:1465", Server("mail.example", 1465, True, False)),
    ],
)
def test_a_server_is_written_so(url: str, server: Server) -> None:
    assert server_of(url) == server


@pytest.mark.parametrize(
    ("written_so", "name", "address"),
    [
        ("frivillig@kommune.dk", "", "frivillig@kommune.dk"),
        ("<frivillig@kommune.dk>", "", "frivillig@kommune.dk"),
        (" Eksempel Kommune <frivillig@Kommune.DK> ", "Eksempel Kommune", "frivillig@kommune.dk"),
        ('"Søby Kommune, Fritid" <frivillig@søby.dk>', "Søby Kommune, Fritid", "frivillig@xn--sby-0na.dk"),
    ],
)
def test_whom_it_is_from_is_written_so(written_so: str, name: str, address: str) -> None:
    assert sender_of(written_so) == Address(name, addr_spec=address)


def test_a_server_does_not_show_its_password() -> None:
    assert "hemmelig" not in repr(server_of("smtp://u:hemmelig@mail.example"))


@pytest.mark.parametrize(
    "make", [lambda: Mailer("mail.example", SENDER), lambda: Mailer("smtp://mail.example", "Kommunen")]
)
def test_no_mailer_is_made_of_what_is_no_setting(make: Callable[[], Mailer]) -> None:
    with pytest.raises(ValueError, match=r"^is not an address like"):
        make()
