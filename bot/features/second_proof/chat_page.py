"""The page on which a holder of a role shows for their chat who they are: a link for one chat, for ten minutes and
once, and worth nothing without the passkey or the municipal login of that very person (docs/decisions/0040).

Whoever opens it is logged in nowhere. What is proven counts in the chat, which then goes on by itself.
"""

from __future__ import annotations

from typing import Final, Literal

from bot import codes
from bot.dialogue import dispatch, panel_navigation, screens
from bot.dialogue.reply import Reply
from bot.dialogue.session import Context, Session, Visit, load, load_person
from bot.features.second_proof import municipality, passkeys
from bot.features.second_proof.service import CODE_LASTS, Way
from storage import people, proof_links
from storage.db import Tx
from storage.inbox import add_ours
from storage.proof_links import ProofLink

ADDRESS: Final = "/bevis/chat"  # and behind it the code
PageWay = Literal[Way.PASSKEY, Way.MUNICIPALITY]


def ways(s: Session) -> tuple[PageWay, ...]:
    """By what the person can show it on the page; nothing where there are no pages that others reach."""
    if s.visit.pages or s.process_host.web is None:
        return ()
    found: list[PageWay] = [Way.PASSKEY] if passkeys.may_use(s) else []
    return (*found, *((Way.MUNICIPALITY,) if municipality.is_noted(s) else ()))


def could_be_used(s: Session) -> bool:
    """Whether they would only have to make a passkey first."""
    return not s.visit.pages and passkeys.host(s) is not None


def make(s: Session, path: str) -> None:
    """A new link for this chat, in place of the one there was; the path is done when it is proven."""
    if not ways(s):
        return
    number, visit = proof_links.new_number(), s.visit
    link = ProofLink(s.person.id, visit.channel, visit.place, number, path, visit.now + CODE_LASTS)
    proof_links.put(s.tx, link, codes.hash_of(_code(s.tx, link)))


def address(s: Session, path: str) -> str | None:
    """Of the page, where one is open for this chat and what is asked for. Changes nothing."""
    link = proof_links.of_place(s.tx, s.person.id, s.visit.channel, s.visit.place)
    if link is None or link.path != path or s.visit.now >= link.expires_at or not ways(s):
        return None
    return f"{s.process_host.web}{ADDRESS}/{_code(s.tx, link)}"


def _code(tx: Tx, link: ProofLink) -> str:
    return codes.of_bytes(proof_links.secret_of(tx, link.person_id, link.number))


# --- on the page ------------------------------------------------------------------------------------------


def by_code(tx: Tx, context: Context, code: str, now: int) -> tuple[Session, ProofLink] | None:
    return _standing(tx, context, proof_links.find(tx, codes.hash_of(code)), now)


def by_number(tx: Tx, context: Context, number: str, now: int) -> tuple[Session, ProofLink] | None:
    return _standing(tx, context, proof_links.by_number(tx, number), now)


def _standing(tx: Tx, context: Context, link: ProofLink | None, now: int) -> tuple[Session, ProofLink] | None:
    """The person where they are in their chat; None where the link is used or over, they have left that chat, or hold
    no role any more."""
    if link is None or now >= link.expires_at:
        return None
    visit = Visit(channel=link.channel, address=link.place, now=now, sent_at=now)
    s = load_person(tx, context, visit, link.person_id)
    in_chat = any((each.channel, each.address) == visit.at for each in people.addresses(tx, link.person_id))
    return (s, link) if s is not None and in_chat and s.roles else None


def bound(link: ProofLink, browser: str = "") -> str:
    """What a challenge or a state for this link hangs on, and no other."""
    return f"{link.number}:{browser}"


def proven(s: Session, link: ProofLink) -> None:
    """It is shown: the link is used, and the chat goes on."""
    proof_links.close(s.tx, link.person_id)
    add_ours(s.tx, int(link.place), {"proven": link.person_id, "path": link.path}, s.visit.now)


def goes_on(tx: Tx, context: Context, visit: Visit, person_id: int, path: str) -> Reply | None:
    """In the chat: what was asked for, if it still waits; otherwise it is only told."""
    s = load(tx, context, visit)
    if s is None:
        return None
    if visit.again:
        return dispatch.shown_again(s)
    asked = panel_navigation.about(s).at == f"bevis/til/{path}" and s.prompt_holds
    if not asked or s.person.id != person_id:
        return screens.words(s, s.say("proof.checked.proven"))
    return panel_navigation.open_or_closed(s, f"bevis/vist/{path}")
