"""What people type for a number, a yes, a no: `4️⃣`, `nr. 4`, `fire`, `ja tak`, `yes please`. The whole text must say it:
a sentence with a number in it is a sentence. Not here: which choice is meant (bot.flows.engine)."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

YesNo = Literal["ja", "nej", "ved_ikke"]  # the keys of every question that asks for one

# --- as it is compared ------------------------------------------------------------------------------------

_DASHED = re.compile(r"\s*[-–—]\s*")
_AROUND = " \t\n.,;:!?«»\"'()"
_PICTURED = re.compile(
    "[\ufe0f\u20e3\u200b-\u200d\u2060\ufeff\u00ad]"
)  # what makes a key of a digit, and what nobody sees
_WIDE = {
    ord(wide): str(digit) for digits in ("０１２３４５６７８９", "⓪①②③④⑤⑥⑦⑧⑨") for digit, wide in enumerate(digits)
}


def seen(text: str) -> str:
    """As it looks: a digit in a key or a ring as a digit, letters composed, without signs that nobody sees."""
    return _PICTURED.sub("", unicodedata.normalize("NFC", text)).translate(_WIDE)


def plain(text: str) -> str:
    """As it looks, in small letters, without what stands around it."""
    return " ".join(_DASHED.sub("-", seen(text).casefold()).split()).strip(_AROUND)


_THANKS = re.compile(r"(?:[ ,]+(?:mange )?tak(?: skal du have)?|[ ,]+please|[ ,]+(?:many )?thanks|[ ,]+thank you)$")


def without_thanks(text: str) -> str:
    """`Nej tak` → `nej`: of a text as `plain` leaves it."""
    return _THANKS.sub("", text).strip(_AROUND)


# --- yes and no -------------------------------------------------------------------------------------------

_SAID: dict[YesNo, str] = {
    "ja": "ja jo jep jeps japs jaja jada ja-ja jatak klart selvfølgelig naturligvis absolut bestemt gerne ok okay okey"
    " y j yes yep yeah yup yess sure absolutely certainly definitely 👍 👍🏻 👍🏼 👍🏽 👍🏾 👍🏿 ✅ ✔"
    "|ja da|ja gerne|ja klart|ja helt klart|helt klart|ja selvfølgelig|meget gerne|ja meget gerne|ja for søren"
    "|of course|yes of course|yes sure|jo da|det vil jeg gerne|ja det vil jeg gerne|ja det må i gerne|det må i gerne",
    "nej": "nej næ næh nix niks nope nej-nej nejnej nejtak n no nah nay 👎 👎🏻 👎🏼 👎🏽 👎🏾 👎🏿 ❌"
    "|nej da|nej desværre|desværre nej|desværre ikke|ellers tak|nej ellers|slet ikke|på ingen måde|nej det vil jeg ikke"
    "|helst ikke|nej helst ikke|no way|not at all|rather not|absolut ikke|bestemt ikke",
    "ved_ikke": "vedikke dunno idk"
    "|ved det ikke|det ved jeg ikke|jeg ved ikke|jeg ved det ikke|ingen anelse|aner det ikke|det aner jeg ikke"
    "|dont know|i dont know|i don't know|no idea|not sure|i am not sure|i'm not sure",
}
_MEANT: dict[str, YesNo] = {
    word: key
    for key, said in _SAID.items()
    for place, part in enumerate(said.split("|"))
    for word in (part.split() if place == 0 else [part])
}


def yes_or_no(text: str) -> YesNo | None:
    """What it says, in Danish or English; None for anything else than that."""
    said = " ".join(plain(text).replace(",", " ").split()) or text.strip()
    return _MEANT.get(said) or _MEANT.get(without_thanks(said))


# --- numbers ----------------------------------------------------------------------------------------------

_TO_TWENTY = (
    "nul en to tre fire fem seks syv otte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen",
)
_TENS = (
    "tyve tredive fyrre halvtreds tres halvfjerds firs halvfems",
    "twenty thirty forty fifty sixty seventy eighty ninety",
)


def _numerals() -> dict[str, int]:
    (danish, english), (tens, of_ten) = map(str.split, _TO_TWENTY), map(str.split, _TENS)
    named = {word: number for words in (danish, english) for number, word in enumerate(words)}
    named |= {word: 10 * number for words in (tens, of_ten) for number, word in enumerate(words, 2)}
    for ten in range(2, 10):
        for one in range(1, 10):
            named[f"{danish[one]}og{tens[ten - 2]}"] = named[f"{of_ten[ten - 2]}-{english[one]}"] = 10 * ten + one
    return named | dict.fromkeys(("et", "én", "ét"), 1) | {"hundrede": 100, "hundred": 100}


_NUMERALS = _numerals()
_ONE = r"(?P<number>\d{1,9}|[a-zæøåé]+(?:-[a-z]+)?)"
_CALLED = r"(?:(?:nr|nummer|no|number|num|svar|valg|valgmulighed|punkt|option|choice|answer|#)[ .:]*)?"
_ABOUT = r"(?:(?P<about>ca|cirka|omkring|rundt regnet|about|around|approx|vel)[ .]*)?"
_AS_A_MARK = r"(?:[- ]?tal|-?'?er(?:en)?)?"
_NUMBER = re.compile(rf"(?:(?:et|en|a) )?{_ABOUT}{_CALLED}#?{_ONE}{_AS_A_MARK}")
_OF_PEOPLE = re.compile(
    rf"(?:(?:vi|jeg|der) (?:er|var|kommer) |(?:we|i|there) (?:are|am|were|is|was) )?{_ABOUT}{_ONE}"
    r"(?: (?:personer|mennesker|stykker|stk|mand|medlemmer|frivillige|deltagere|år|people|persons|members|volunteers"
    r"|years?(?: old)?))?"
)


def number(text: str) -> int | None:
    """The number that the text is: in digits, by name, or as a mark (`et 4-tal`)."""
    return _found(_NUMBER.fullmatch(plain(text)))


def count(text: str) -> int | None:
    """The same, and with what is counted: `vi er 12`, `12 personer`, `ca. 40`."""
    told = plain(text)
    return _found(_NUMBER.fullmatch(told) or _OF_PEOPLE.fullmatch(told))


def _found(found: re.Match[str] | None) -> int | None:
    if found is None:
        return None
    written = found["number"]
    if written.isascii() and written.isdecimal():
        return int(written)
    named = (written.removesuffix(mark) for mark in ("", "r", "er", "ren", "eren"))  # en firer, 2'eren
    return next((_NUMERALS[name] for name in named if name in _NUMERALS), None)
