"""«Dine enheder»: the browsers in which one is logged in, and how to log them out (OWASP ASVS 5.0, 7.5.2)."""

from __future__ import annotations

from collections.abc import Callable

from bot import texts
from bot.dialogue import acting_as
from bot.dialogue.panel import Args, Elsewhere, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import onward, sure
from bot.dialogue.reply import Reply
from bot.dialogue.session import TELEGRAM, WEB, Session
from bot.features.devices.wording import name_of, name_of_device
from storage import municipal_logins, passkeys, people, proofs, sessions
from storage.passkeys import Passkey
from storage.proofs import Shown
from storage.sessions import WebSession


def show(to_web: Callable[[Session], Reply], s: Session, args: Args, _sent: PanelInput) -> Panel | Elsewhere:
    """`to_web`: what shows the personal link in a chat."""
    own = acting_as.oneself(s)
    match args:
        case ("link",):
            return Elsewhere(then=to_web)
        case ("noegle", "fjern", number):
            if passkeys.remove(s.tx, own.person.id, int(number)):
                own.audit("passkey-removed")
            return _list(s, own, s.say("devices.passkey-removed"))
        case ("noegle", "lavet"):
            return _list(s, own, s.say("devices.passkey-made"))
        case ("noegle", "ikke"):
            return _list(s, own, s.say("devices.passkey-not-made"))
        case ("kommune", "fjern"):
            if municipal_logins.forget(s.tx, own.person.id):
                own.audit("login-forgotten")
            return _list(s, own, s.say("devices.login-removed"))
        case ("kommune", "noteret"):
            return _list(s, own, s.say("devices.login-noted"))
        case ("telegram",):
            return _list(s, own, s.say("devices.now-telegram"))
        case ("luk", which):
            found = next((each for each in _of(own) if each.id_hash.startswith(which)), None)
            if found is None or found.id_hash == s.visit.session:
                return _list(s, own, s.say("devices.gone"))
            sessions.end(s.tx, found.id_hash)
            return _list(s, own, s.say("devices.logged-out", device=name_of(s, found)))
        case ("luk-alle",):
            return _ask(s)
        case ("luk-alle", "ja"):
            ended = sessions.end_all(s.tx, own.person.id, but=s.visit.session or None)
            return _list(s, own, texts.count(s.language, "devices.ended", ended))
        case ("videre",):
            return Elsewhere()
        case _:
            return _list(s, own)


def _of(own: Session) -> list[WebSession]:
    """The one they sit at first, and then the one used last."""
    found = sessions.of_person(own.tx, own.person.id, own.visit.now)
    return sorted(found, key=lambda each: each.id_hash != own.visit.session)


def _list(s: Session, own: Session, *notes: str) -> Panel:
    found = _of(own)
    others = [each for each in found if each.id_hash != s.visit.session]
    shown = proofs.of_person(s.tx, own.person.id) if own.roles else {}
    keys = passkeys.of_person(s.tx, own.person.id) if own.roles else []
    numbered = list(enumerate(keys, 1))
    login = municipal_logins.of_person(s.tx, own.person.id) if own.roles else None
    on_telegram = any(each.channel == TELEGRAM for each in people.addresses(s.tx, own.person.id))
    body = (
        s.say("devices.what") if found or on_telegram else s.say("devices.none"),
        *(_line(s, each, shown.get((WEB, each.id_hash))) for each in found),
        *((s.say("devices.telegram"),) if on_telegram else ()),
        *(_passkey(s, number, key) for number, key in numbered),
        *((s.say("devices.login", day=texts.day(s.language, login[1])),) if login is not None else ()),
        s.say("devices.not-mine"),
    )
    rows = column(
        *(_log_out(s, each) for each in others),
        *(Go(s.say("devices.passkey-remove", number=each), f"enheder/noegle/fjern/{key.id}") for each, key in numbered),
        *((Go(s.say("devices.login-remove"), "enheder/kommune/fjern"),) if login is not None else ()),
        *((Go(s.say("devices.log-out-others"), "enheder/luk-alle"),) if len(others) > 1 else ()),
        onward(s, "enheder/videre"),
    )
    may_add = bool(own.roles) and s.visit.pages
    key = ((s.say("devices.passkey-make"), "/enheder/noegle"),) if may_add else ()
    notes_login = may_add and s.process_host.signs_in and login is None
    links = (*key, *(((s.say("devices.login-note"), "/enheder/kommune"),) if notes_login else ()))
    return Panel(at="enheder", title=s.say("lead.enheder"), body=body, rows=rows, notes=notes, links=links)


def _passkey(s: Session, number: int, key: Passkey) -> str:
    """«• Adgangsnøgle 1, lavet tirsdag den 3. marts 2026 på Firefox på Android»."""
    day, made_on = texts.day(s.language, key.made_at), name_of_device(s, key.device)
    return s.say("devices.passkey", number=number, day=day, device=made_on)


def _line(s: Session, found: WebSession, shown: Shown | None) -> str:
    """«• Firefox på Android, brugt sidst i dag kl. 12.30», and when its person showed there who they are."""
    proven = s.say("devices.proven", moment=texts.moment(s.language, shown.proven_at)) if shown is not None else ""
    return " ".join(filter(None, (_device(s, found), proven)))


def _device(s: Session, found: WebSession) -> str:
    if found.id_hash == s.visit.session:
        return s.say("devices.this", device=name_of(s, found))
    device, moment = name_of(s, found), texts.moment(s.language, found.seen_at)
    if found.step is not None:
        return s.say("devices.by-mail", device=device, moment=moment)
    return s.say("devices.other", device=device, moment=moment)


def _log_out(s: Session, found: WebSession) -> Go:
    return Go(s.say("devices.log-out", device=name_of(s, found)), f"enheder/luk/{found.id_hash[: sessions.SHORT]}")


def _ask(s: Session) -> Panel:
    return sure(
        s,
        "enheder/luk-alle",
        s.say("devices.log-out-others"),
        (s.say("devices.sure"),),
        s.say("devices.yes"),
        "enheder/luk-alle/ja",
        "enheder",
    )
