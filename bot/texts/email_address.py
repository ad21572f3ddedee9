"""Mail addresses: what is one, how one is kept and compared, and as it goes over the wire. Not here: sending
(bot.channels.email.smtp), and whose they are."""

from __future__ import annotations

import re
from email.headerregistry import Address
from unicodedata import category, normalize

from email_validator import EmailNotValidError, validate_email

_SENDER = re.compile(r'(?:"?(?P<name>[^<>"\\\x00-\x1f\x7f]*?)"?\s*<(?P<within>[^<>\s]+)>|(?P<bare>\S+))')
_WITHIN = re.compile(r"<\s*([^<>]*@[^<>]*?)\s*>")  # Anna Hansen <anna@…>
_AROUND = " \t<>()[]\"'«»“”„.,;:"
_SHORTEST_TOP = 2  # letters of a top-level domain: «.d» is «.dk» cut short


def is_address(text: str) -> bool:
    """Whether mail can be sent there: strict, with no blanks around (`folded` takes them away first)."""
    return wire_of(text) is not None


def as_meant(text: str) -> str:
    """What was typed or copied, without what comes along: signs that nobody sees, «<…>», «mailto:», a full stop. What
    is an address stays as it is."""
    seen = "".join(char for char in text if category(char) not in ("Cf", "Cc", "Zl", "Zp"))
    if is_address(folded(seen)):
        return folded(seen)
    within = _WITHIN.search(seen)
    bare = (within[1] if within else seen).strip(_AROUND)
    if bare.lower().startswith("mailto:"):
        bare = bare[len("mailto:") :].partition("?")[0]
    return folded(bare.strip(_AROUND))


def folded(text: str) -> str:
    """As an address is kept and compared: no blanks around it, its domain in small letters, its letters composed."""
    local, at, domain = normalize("NFC", text).strip().rpartition("@")
    return f"{local}{at}{domain.lower()}"


def wire_of(address: str) -> str | None:
    """As it goes over the wire, the domain in IDNA, the local part as it was typed; None where it is no address."""
    try:
        # No letters beyond ASCII before the @: few servers take them (SMTPUTF8).
        found = validate_email(address, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        return None
    local, _, domain = folded(address).rpartition("@")
    # The library reads «。» as a full stop and «ſ» as an s; what only looks like an address is a slip.
    as_typed = domain in (found.domain, found.ascii_domain)
    is_whole = len(found.ascii_domain.rpartition(".")[2]) >= _SHORTEST_TOP
    return f"{local}@{found.ascii_domain}" if as_typed and is_whole else None


def sender_of(text: str) -> Address:
    """`frivillig@kommune.dk` or `Eksempel Kommune <frivillig@kommune.dk>`. Raises ValueError."""
    # Not the library's own reading of names: it wants quotes around every name with an æ, ø or å.
    found = _SENDER.fullmatch(text.strip())
    wire = wire_of(folded(found["within"] or found["bare"])) if found is not None else None
    if found is None or wire is None:
        raise ValueError("is not an address like Eksempel Kommune <frivillig@kommune.dk>")
    return Address(normalize("NFC", (found["name"] or "").strip()), addr_spec=wire)
