"""Text out of bytes of which nobody says how they are encoded: UTF-8, UTF-16, Windows', Mac's and DOS's letters. It is
read right or refused (docs/decisions/0021). Not here: what the text means.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_LOOKED_AT = 65_536  # bytes, to tell UTF-16
_MARKS = (b"\xff\xfe", b"\xfe\xff")  # of UTF-16


class UnknownEncoding(Exception):
    """No encoding gives a text whose letters are surely right."""


def decoded(content: bytes) -> str:
    """The text without a byte order mark; what was encoded twice is decoded twice. Raises UnknownEncoding."""
    utf_16 = _utf_16(content)
    try:
        text = content.decode(utf_16 or "utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        if utf_16 or b"\0" in content:
            raise UnknownEncoding from error
        return _likeliest(content)  # which is as good as never valid UTF-8
    return text if text.isascii() else _decoded_again(text) or text


def is_garbled(text: str) -> bool:
    """Whether letters in it went wrong before it was saved: lost, read in a wrong encoding, or encoded twice."""
    return any(_is_wrong(*place) for place in _places(text))


def _utf_16(content: bytes) -> str | None:
    """Its name, if it is that. Without a byte order mark every other byte tells: 0 in nearly all that Europe writes."""
    if content.startswith(_MARKS):
        return "utf-16"
    start = content[:_LOOKED_AT]
    even, odd = start[::2].count(0), start[1::2].count(0)
    most = len(start) // 4  # half of either
    if odd > most > 8 * even:
        return "utf-16-le"
    return "utf-16-be" if even > most > 8 * odd else None


# --- a byte for each letter -------------------------------------------------------------------------------

# Windows, Mac, DOS: page 865, the Nordic sister of 850, has every letter of Danish where 850 has it.
_SINGLE_BYTE = ("cp1252", "mac_roman", "cp850")
_MISTAKEN = (*_SINGLE_BYTE, "latin-1")  # what UTF-8 is taken for


def _likeliest(content: bytes) -> str:
    """The reading in which every letter makes sense, if it makes twice as much as any other."""
    places = Counter(found[1] for found in _PLACE_IN_BYTES.finditer(b" " + content + b" "))
    sense = {
        codec: _sense((place.decode(codec, "replace"), count) for place, count in places.items())
        for codec in _SINGLE_BYTE
    }
    texts = {codec: content.decode(codec, "replace") for codec in _SINGLE_BYTE}
    best = max(_SINGLE_BYTE, key=sense.__getitem__)
    second = max((sense[codec] for codec, text in texts.items() if text != texts[best]), default=0)
    if sense[best] <= 0 or sense[best] < 2 * second:
        raise UnknownEncoding
    return texts[best]


def _decoded_again(text: str) -> str | None:
    """UTF-8 that was read as something else and saved as UTF-8 once more; None where it is not."""
    if _SINGLE.search(text):  # a letter was two then, at least
        return None
    for codec in _MISTAKEN:
        try:
            again = text.encode(codec).decode().removeprefix("\ufeff")
        except UnicodeError:
            continue
        if _sense(_places(again).items()) > 0:
            return again
    return None


# --- letters where they stand -----------------------------------------------------------------------------

_PLACE = re.compile(r"(?s)(?=(.[^\x00-\x7f].))")
_PLACE_IN_BYTES = re.compile(rb"(?s)(?=(.[\x80-\xff].))")
_SINGLE = re.compile(r"(?<![^\x00-\x7f])[^\x00-\x7f](?![^\x00-\x7f])")


def _places(text: str) -> Counter[str]:
    """What stands beyond ASCII, each with what stands before and after it: how often each such three are there."""
    return Counter(found[1] for found in _PLACE.finditer(f" {text} "))


# --- sense ------------------------------------------------------------------------------------------------

_DANISH, _COMMON = "æøåÆØÅ", "éüöäÉÜÖÄ"
_WEIGHTS = {
    **dict.fromkeys("¤µ¶‰×±ªº¹÷¬", 0),
    **dict.fromkeys("àáâãçèêëìíîïðñòóôõùúûýþÿßœšžÀÁÂÃÇÈÊËÌÍÎÏÐÑÒÓÔÕÙÚÛÝÞŒŠŽŸ", 1),
    **dict.fromkeys("‘‚„•°§½¼¾€£®©™²³·´", 1),
    **dict.fromkeys(f"{_COMMON}“”«»…–—\xa0", 2),
    **dict.fromkeys(f"{_DANISH}’", 3),
}
_NONSENSE = -1_000_000_000  # outweighs all that a file can hold
_WITHIN_WORDS = "’´·–—"  # signs, as in «O’Brien»
_AFTER_WORDS = "®©™²³½¼¾"  # signs, as in «m²»
_ALONE = f"{_DANISH}éà"  # letters that are words


def _sense(places: Iterable[tuple[str, int]]) -> int:
    """0 or less where a letter or sign makes none. Danish letters weigh most."""
    return sum(count * _sense_of(*place) for place, count in places)


def _sense_of(before: str, character: str, after: str) -> int:
    if character not in _WEIGHTS:
        return _NONSENSE
    if character.isalpha():
        return _sense_of_letter(before, character, after)
    within = before.isalpha() and after.isalpha()
    if character == "\xa0":
        return 1 if within else _WEIGHTS[character]
    wrong = (within and character not in _WITHIN_WORDS) or (after.isalpha() and character in _AFTER_WORDS)
    return _NONSENSE if wrong else _WEIGHTS[character]


def _sense_of_letter(before: str, letter: str, after: str) -> int:
    """None in the wrong case, beside a digit, alone, or among others: «gŒrd», «ôHåb», «Ãîðîä». People do write common
    letters so; the rest are the sign of a wrong reading."""
    is_odd = (
        (letter.isupper() and (before.islower() or (before.isupper() and after.islower())))
        or (letter.islower() and after.isupper())
        or before.isdigit()
        or after.isdigit()
        or not (before.isalnum() or after.isalnum() or letter in _ALONE)
        or (before.isalpha() and after.isalpha() and not (before.isascii() or after.isascii()))
    )
    if is_odd:
        return 0 if letter in _DANISH + _COMMON else _NONSENSE
    return _WEIGHTS[letter]


# --- what went wrong before -------------------------------------------------------------------------------


_LOST = "\ufffd"
# How what Latin-1 has, and dashes and quotes, begin when they were encoded twice: «Ã¸», «Â«», «â€».
_TWICE = {
    character.encode().decode(codec, "replace")[:2]
    for character in (*(letter for letter in _WEIGHTS if "\x80" <= letter <= "\xff"), "–")
    for codec in _MISTAKEN
}
_MISREAD_SIGNS = frozenset("¿¾†¯°∆≈┼")  # what Danish letters become in a wrong encoding
_MISREAD_LETTERS = frozenset("µÂÊÕŒ")


def _is_wrong(before: str, character: str, after: str) -> bool:
    """A letter was lost, became two, or became what nobody writes between letters."""
    if character == _LOST or character + after in _TWICE:
        return True
    if character in _MISREAD_SIGNS:
        return before.isalpha() and after.isalpha()
    return character in _MISREAD_LETTERS and before.islower() and after.islower()
