"""Mail addresses: what is one, how one is kept and compared, and as it goes over the wire. Not here: sending
(bot.channels.email.smtp), and whose they are."""

from __future__ import annotations

import re
from email.headerregistry import Address
from unicodedata import normalize

# What people have: no quoted local parts, no comments, no bare hosts (RFC 5321 § 4.1.2 allows more). Beyond a–z a
# domain has the letters that a name under .dk may have (https://punktum.dk).
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LETTER = "A-Za-z0-9æøåäöüéÆØÅÄÖÜÉ"
_LABEL = rf"[{_LETTER}](?:[{_LETTER}-]{{0,61}}[{_LETTER}])?"
_ADDRESS = re.compile(rf"({_LOCAL})@((?:{_LABEL}\.)+(?:[A-Za-z]{{2,63}}|xn--[a-z0-9-]{{1,57}}[a-z0-9]))")
_SENDER = re.compile(r'(?:"?(?P<name>[^<>"\\\x00-\x1f\x7f]*?)"?\s*<(?P<within>[^<>\s]+)>|(?P<bare>\S+))')


def is_address(text: str) -> bool:
    """Whether mail can be sent there: strict, with no blanks around (`folded` takes them away first)."""
    return wire_of(text) is not None


def folded(text: str) -> str:
    """As an address is kept and compared: no blanks around it, its domain in small letters, its letters composed."""
    local, at, domain = normalize("NFC", text).strip().rpartition("@")
    return f"{local}{at}{domain.lower()}"


def wire_of(address: str) -> str | None:
    """As it goes over the wire, the domain in IDNA; None where it is no address."""
    found = _ADDRESS.fullmatch(address) if len(address) <= 254 else None  # RFC 5321 § 4.5.3.1.3, without <>
    if found is None or len(found[1]) > 64:
        return None
    try:
        wire = f"{found[1]}@{found[2].encode('idna').decode('ascii')}"
    except UnicodeError:  # a label of more than 63 letters, once it is in IDNA
        return None
    return wire if len(wire) <= 254 else None


def sender_of(text: str) -> Address:
    """`frivillig@kommune.dk` or `Eksempel Kommune <frivillig@kommune.dk>`. Raises ValueError."""
    found = _SENDER.fullmatch(text.strip())
    wire = wire_of(folded(found["within"] or found["bare"])) if found is not None else None
    if found is None or wire is None:
        raise ValueError("is not an address like Eksempel Kommune <frivillig@kommune.dk>")
    return Address(normalize("NFC", (found["name"] or "").strip()), addr_spec=wire)
