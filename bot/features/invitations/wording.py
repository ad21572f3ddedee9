"""Wording of an invitation: its addresses, a text to copy, QR codes, a poster for the notice board."""

from __future__ import annotations

from functools import partial

from bot import texts
from bot.dialogue.reply import Attachment, Maker
from bot.dialogue.session import Session
from bot.features.invitations import handouts
from bot.process import policy_words
from bot.process.plan import START, State
from reports import qr
from reports.poster import Poster, Size, poster_pdf
from storage import invitations


def addresses(s: Session, code: str) -> tuple[str, ...]:
    """A line for each channel there is."""
    web, telegram = handouts.web_address(s.process_host, code), s.process_host.bot_address(code)
    lines = [
        *([s.say("invite.web", link=web)] if web else []),
        *([s.say("invite.telegram", link=telegram)] if telegram else []),
    ]
    return tuple(lines) or (f"/start {code}",)


def invitation_text(s: Session, code: str, name: str, group: str | None) -> str:
    """A ready-made invitation, to be copied into a mail. The deadline is the group's."""
    file = s.plan.file
    return s.say(
        "invite.letter",
        name=name,
        until=_answer_by(s, group),
        municipality=file.municipality.name,
        makes_policy=policy_words.makes_policy(file, s.language),
        links="\n".join(addresses(s, code)),
        phone=file.contacts.phone,
        email=file.contacts.email,
    )


def _answer_by(s: Session, group: str | None, only: str = "") -> str:
    """The first deadline of the steps that are open to the group, or to everybody; of one step alone where it is
    named."""
    now, plan = s.visit.now, s.plan
    asked = [key for key in plan.flows if key != START and (group is None or plan.asks(key, group))]
    is_open = [key for key in ([only] if only else asked) if plan.state(key, now, group) is State.OPEN]
    closings = [closes for key in is_open if (closes := plan.closes_at(key, now, group)) is not None]
    if not closings:
        return s.say("letter.no-deadline")
    return s.say("opened.until", moment=texts.deadline(s.language, min(closings)))


def reminder(s: Session, flow: str) -> str:
    """A ready-made message to those who have not been heard from in the step, or in any: with the newest public link
    that fills nothing in, or the front page."""
    public = next(
        (
            each.invitation.code
            for each in invitations.of_process(s.tx, s.plan.process_id)
            if each.invitation.code is not None and each.invitation.revoked_at is None and not each.invitation.tells
        ),
        None,
    )
    file = s.plan.file
    home = tuple(address for address in (s.process_host.web, s.process_host.bot_address()) if address)
    links = addresses(s, public) if public is not None else home
    return s.say(
        "missing.letter-text",
        until=_answer_by(s, None, flow),
        municipality=file.municipality.name,
        makes_policy=policy_words.makes_policy(file, s.language),
        links="\n".join(links),
        phone=file.contacts.phone,
        email=file.contacts.email,
    )


def qr_files(s: Session, code: str) -> tuple[Maker, Maker]:
    """The QR code as PNG and as SVG, of the page on the web where there is one."""
    address = handouts.address(s.process_host, code)
    return partial(_png, address, s.say("link.qr-invite")), partial(_svg, address)


def _png(address: str, what: str) -> Attachment:
    return Attachment(handouts.QR_PNG, qr.png(address), picture=what)


def _svg(address: str) -> Attachment:
    return Attachment(handouts.QR_SVG, qr.svg(address))


def poster_file(poster: Poster, size: Size) -> Attachment:
    return Attachment(handouts.poster_name(size), poster_pdf(poster, size))
