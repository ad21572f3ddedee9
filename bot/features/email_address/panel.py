"""The panel «Din mail»: where somebody on the web gives an address for their messages."""

from __future__ import annotations

from bot.dialogue.panel import Args, Elsewhere, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import onward
from bot.dialogue.session import Session
from bot.features.email_address import confirmation
from bot.features.email_address.confirmation import ConfirmationAsked
from storage import email_addresses
from storage.email_addresses import EmailAddress


def show(s: Session, args: Args, sent: PanelInput) -> Panel | Elsewhere:
    match args:
        case ("videre",):
            return Elsewhere()
        case ("ny",) if sent.text and _takes(s):
            return _asked(s, sent.text)
        case ("ny",) if _takes(s):
            return _ask(s)
        case ("igen",):
            return _again(s)
        case ("koder",):
            email_addresses.use_for_codes(s.tx, s.person.id)
            return _status(s, s.say("mail.for-codes"))
        case ("slet",):
            return _deleted(s)
        case _:
            return _status(s)


def _takes(s: Session) -> bool:
    """On Telegram messages come there; and an address needs not pass through it."""
    return s.process_host.mails and s.visit.pages


def _status(s: Session, *notes: str) -> Panel:
    email = email_addresses.of_person(s.tx, s.person.id)
    if email is None:
        return _ask(s, *notes) if _takes(s) else _here_alone(s, *notes)
    if email.refused_at is not None:
        refused = s.say("mail.refused", address=email.address)
        return _ask(s, *notes, told=(refused,)) if _takes(s) else _kept(s, (refused,), *notes)
    if email.confirmed_at is None:
        return _waiting(s, email, *notes)
    return _kept(s, (s.say("mail.works", address=email.address), s.say("mail.works-what")), *notes)


def _here_alone(s: Session, *notes: str) -> Panel:
    """Where no address is asked for, and why."""
    by_mail = s.process_host.mails and not s.visit.pages
    told = s.say("mail.on-pages") if by_mail else s.say("mail.off")
    return Panel(at="mail", title=s.say("lead.mail"), body=(told,), rows=column(_continue_button(s)), notes=notes)


def _ask(s: Session, *notes: str, told: tuple[str, ...] = ()) -> Panel:
    """`told`: what is wrong with the one there is."""
    has_one = email_addresses.of_person(s.tx, s.person.id) is not None
    body = told or (s.say("mail.what"), s.say("mail.first"))
    rows = (
        *((Go(s.say("mail.delete"), "mail/slet"),) if told else ()),
        *((Go(s.say("mail.keep-as-it-is"), "mail"),) if has_one and not told else ()),
        _continue_button(s),
    )
    at = "mail/ny" if has_one and not told else "mail"
    return Panel(
        at=at,
        title=s.say("mail.ask"),
        body=body,
        rows=column(*rows),
        notes=notes,
        asks="mail/ny",
        send=s.say("send.mail"),
        asks_mail=True,
    )


def _waiting(s: Session, email: EmailAddress, *notes: str) -> Panel:
    body = (s.say("mail.waiting", address=email.address), s.say("mail.waiting-what"))
    again = (Go(s.say("mail.again"), "mail/igen"),) if s.process_host.mails else ()
    rows = column(*again, *_other(s), Go(s.say("mail.delete"), "mail/slet"), _continue_button(s))
    return Panel(at="mail", title=s.say("lead.mail"), body=body, rows=rows, notes=notes)


def _kept(s: Session, body: tuple[str, ...], *notes: str) -> Panel:
    email = email_addresses.of_person(s.tx, s.person.id)
    takes_no_codes = bool(s.roles) and email is not None and email.works and not email.for_codes
    codes = (Go(s.say("mail.use-for-codes"), "mail/koder"),) if takes_no_codes else ()
    rows = column(*codes, *_other(s), Go(s.say("mail.stop"), "mail/slet"), _continue_button(s))
    return Panel(at="mail", title=s.say("lead.mail"), body=body, rows=rows, notes=notes)


def _other(s: Session) -> tuple[Go, ...]:
    return (Go(s.say("mail.other"), "mail/ny"),) if _takes(s) else ()


def _continue_button(s: Session) -> Go:
    return onward(s, "mail/videre")


# --- what is done -----------------------------------------------------------------------------------------


def _asked(s: Session, typed: str) -> Panel:
    match confirmation.ask(s, typed):
        case ConfirmationAsked.NO_ADDRESS:
            return _ask(s, s.say("mail.no-address", typed=" ".join(typed.split())[: confirmation.LONGEST_QUOTED]))
        case outcome:
            return _status(s, s.say(f"mail.asked.{outcome}"))


def _again(s: Session) -> Panel:
    email = email_addresses.of_person(s.tx, s.person.id)
    if email is None or email.confirmed_at is not None or not s.process_host.mails:
        return _status(s)
    return _status(s, s.say(f"mail.asked.{confirmation.again(s, email.address)}"))


def _deleted(s: Session) -> Panel:
    confirmation.forget(s)
    return _status(s, s.say("mail.deleted"))
