"""Handouts of an invitation: its addresses, QR codes, a poster for the notice board.

Made from the plan and from where the channels are found, for nobody in particular.
"""

from __future__ import annotations

from functools import partial

from bot import texts
from bot.process import policy_words
from bot.process.host import ProcessHost
from bot.process.plan import Plan
from reports import qr
from reports.poster import Poster, Size

QR_PNG, QR_SVG = "besyv-qr.png", "besyv-qr.svg"


def web_address(process_host: ProcessHost, code: str) -> str | None:
    return f"{process_host.web}/i/{code}" if process_host.web is not None else None


def address(process_host: ProcessHost, code: str) -> str:
    """What a camera is to find: the page on the web where there is one."""
    return web_address(process_host, code) or process_host.bot_address(code) or code


def qr_files(process_host: ProcessHost, code: str) -> dict[str, bytes]:
    """Their names and contents, PNG and SVG."""
    wanted = address(process_host, code)
    return {QR_PNG: qr.png(wanted), QR_SVG: qr.svg(wanted)}


def poster(process_host: ProcessHost, plan: Plan, code: str, flow: str | None, group: str | None, now: int) -> Poster:
    """Always in Danish: it hangs on a Danish notice board. The deadline is the group's. Raises ValueError where no
    channel has an address."""
    file, contacts = plan.file, plan.file.contacts
    closes = plan.closes_at(flow, now, group) if flow is not None else None
    until = closes is not None and closes > now
    say = partial(texts.say, "da")
    return Poster(
        municipality=file.municipality.name,
        heading=say("poster.heading", the_policy=policy_words.the_policy(file, "da")),
        what=say("poster.what-step", step=texts.as_sentence(plan.flows[flow].flow.title_for(group).da))
        if flow
        else say("poster.what"),
        when=say("poster.when", moment=texts.deadline("da", closes)) if until and closes else None,
        how=(say("poster.how-scan"), say("poster.how-answer"), say("poster.how-pause")),
        web=web_address(process_host, code),
        telegram=process_host.bot_address(code),
        otherwise=say("poster.otherwise", phone=contacts.phone, email=contacts.email),
        language="da",
        web_label=say("poster.web"),
        telegram_label=say("poster.telegram"),
    )


def poster_name(size: Size) -> str:
    return f"besyv-plakat-{size}.pdf"
