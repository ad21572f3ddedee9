"""«Din mail»: an address to which what we owe a person on the web is sent, once it is confirmed."""

from __future__ import annotations

from bot.conversation import mail
from bot.conversation.lead.panel import Args, Elsewhere, Go, Panel, Sent, column
from bot.conversation.mail import Asked
from bot.conversation.situation import Situation
from storage import mailboxes
from storage.mailboxes import Mailbox

LONGEST_QUOTED = 60  # characters of what was typed and is no address


def show(s: Situation, args: Args, sent: Sent) -> Panel | Elsewhere:
    match args:
        case ("videre",):
            return Elsewhere()
        case ("ny",) if sent.text and _takes(s):
            return _asked(s, sent.text)
        case ("ny",) if _takes(s):
            return _ask(s)
        case ("igen",):
            return _again(s)
        case ("slet",):
            return _deleted(s)
        case _:
            return _stands(s)


def _takes(s: Situation) -> bool:
    """On Telegram messages come there; and an address needs not pass through it."""
    return s.house.mails and s.visit.pages


def _stands(s: Situation, *notes: str) -> Panel:
    mailbox = mailboxes.of_person(s.tx, s.person.id)
    if mailbox is None:
        return _ask(s, *notes) if _takes(s) else _here_alone(s, *notes)
    if mailbox.refused_at is not None:
        refused = s.say("mail.refused", address=mailbox.address)
        return _ask(s, *notes, told=(refused,)) if _takes(s) else _kept(s, (refused,), *notes)
    if mailbox.confirmed_at is None:
        return _waiting(s, mailbox, *notes)
    return _kept(s, (s.say("mail.works", address=mailbox.address), s.say("mail.works-what")), *notes)


def _here_alone(s: Situation, *notes: str) -> Panel:
    """Where no address is asked for, and why."""
    by_mail = s.house.mails and not s.visit.pages
    told = s.say("mail.on-pages") if by_mail else s.say("mail.off")
    return Panel("mail", s.say("lead.mail"), (told,), column(_onward(s)), notes)


def _ask(s: Situation, *notes: str, told: tuple[str, ...] = ()) -> Panel:
    """`told`: what is wrong with the one there is."""
    has_one = mailboxes.of_person(s.tx, s.person.id) is not None
    body = told or (s.say("mail.what"), s.say("mail.first"))
    rows = (
        *((Go(s.say("mail.delete"), "mail/slet"),) if told else ()),
        *((Go(s.say("mail.keep-as-it-is"), "mail"),) if has_one and not told else ()),
        _onward(s),
    )
    at = "mail/ny" if has_one and not told else "mail"
    return Panel(at, s.say("mail.ask"), body, column(*rows), notes, asks="mail/ny", asks_mail=True)


def _waiting(s: Situation, mailbox: Mailbox, *notes: str) -> Panel:
    body = (s.say("mail.waiting", address=mailbox.address), s.say("mail.waiting-what"))
    again = (Go(s.say("mail.again"), "mail/igen"),) if s.house.mails else ()
    rows = column(*again, *_other(s), Go(s.say("mail.delete"), "mail/slet"), _onward(s))
    return Panel("mail", s.say("lead.mail"), body, rows, notes)


def _kept(s: Situation, body: tuple[str, ...], *notes: str) -> Panel:
    rows = column(*_other(s), Go(s.say("mail.stop"), "mail/slet"), _onward(s))
    return Panel("mail", s.say("lead.mail"), body, rows, notes)


def _other(s: Situation) -> tuple[Go, ...]:
    return (Go(s.say("mail.other"), "mail/ny"),) if _takes(s) else ()


def _onward(s: Situation) -> Go:
    return Go(s.say("meetings.onward"), "mail/videre")


# --- what is done -----------------------------------------------------------------------------------------


def _asked(s: Situation, typed: str) -> Panel:
    match mail.ask(s, typed):
        case Asked.NO_ADDRESS:
            return _ask(s, s.say("mail.no-address", typed=" ".join(typed.split())[:LONGEST_QUOTED]))
        case outcome:
            return _stands(s, s.say(f"mail.asked.{outcome}"))


def _again(s: Situation) -> Panel:
    mailbox = mailboxes.of_person(s.tx, s.person.id)
    if mailbox is None or mailbox.confirmed_at is not None or not s.house.mails:
        return _stands(s)
    return _stands(s, s.say(f"mail.asked.{mail.again(s)}"))


def _deleted(s: Situation) -> Panel:
    mail.forget(s)
    return _stands(s, s.say("mail.deleted"))
