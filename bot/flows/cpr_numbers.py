"""CPR numbers in what people write: a birthday, and four digits more, however they are spaced, cut, hidden or told.

What is said to be another number (of a phone, an account, a case) is none, nor is a day with a time. Where both can be
meant it counts as one: what was kept once can't be taken back. Not here: what is done about it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise

_FEWEST = 8  # digits: 1/2-03-1234
_FEWEST_BARE = 4  # where an O may stand for a zero
_OF_COMMON = re.compile(r"[ \na-zA-ZæøåÆØÅéÉ0-9.,:;!?()«»”“’'\"–—…&/-]*")


def is_in(text: str) -> bool:
    """Whether something in the text may be a CPR number."""
    if _hides_nothing(text) and _digits_in(text) < _FEWEST_BARE and not _has_numerals(text):
        return False
    plain = _as_seen(text)
    if _digits_in(plain) < _FEWEST:
        return False
    return any(_begins_at(plain, number.start()) for number in re.finditer(r"\d+", plain))


def _begins_at(plain: str, place: int) -> bool:
    """Whether one begins with the digit there."""
    shapes = ((pattern.match(plain, place), is_one) for pattern, is_one in _SHAPES)
    return any(found is not None and is_one(found) for found, is_one in shapes)


def _digits_in(text: str) -> int:
    return sum(map(text.count, "0123456789"))


def _hides_nothing(text: str) -> bool:
    """Whether only common letters and signs stand there."""
    return _OF_COMMON.fullmatch(text) is not None


# --- as it looks ------------------------------------------------------------------------------------------

_TAGS = range(0xE0020, 0xE007F)  # ASCII once more, which nobody sees
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"  # letters and signs that are nothing but room
_DASHES = "_\u2212\u2043\u02d7"  # besides those that Unicode calls so


class _Looks(dict[int, str]):
    """What a character looks like, for `str.translate`; nothing where it can't be seen."""

    def __missing__(self, code: int) -> str:
        made = self[code] = _look(chr(code))
        return made


def _look(char: str) -> str:
    if ord(char) in _TAGS:
        return chr(ord(char) - _TAGS.start + ord(" "))
    category, digit = unicodedata.category(char), unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    if category in ("Zl", "Zp") or char in "\n\r\v\f\x85":
        return "\n"
    if category == "Zs" or char == "\t" or char in _FILLERS:
        return " "
    if category == "Pd" or char in _DASHES:
        return "-"
    if category in ("Cf", "Cc", "Mn", "Me"):
        return ""
    wide = unicodedata.normalize("NFKC", char)
    return wide if any(map(str.isdecimal, wide)) else char


_LOOKS = _Looks()

_NUMERALS = "nul en to tre fire fem seks syv otte ni", "zero one two three four five six seven eight nine"
_READ = {word: str(number) for words in _NUMERALS for number, word in enumerate(words.split())}
_READ |= dict.fromkeys(("et", "én", "ét"), "1")
_IN_A_ROW = 4  # digits that are read aloud
_NUMERAL = rf"(?:{'|'.join(_READ)})"
_ALOUD = re.compile(rf"\b{_NUMERAL}(?:[ \n,.-]+{_NUMERAL}){{{_IN_A_ROW - 1},}}\b", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"[,.-]")
_O_FOR_ZERO = re.compile(r"(?<=\d)[oO](?=\d|\b)|\b[oO](?=\d)")


def _as_seen(text: str) -> str:
    """Without what can't be seen; each digit a digit, also one of another script, in a key, or read aloud."""
    plain = _O_FOR_ZERO.sub("0", text.translate(_LOOKS))
    return _ALOUD.sub(_written_out, plain) if _has_numerals(plain) else plain


def _has_numerals(text: str) -> bool:
    return sum(map(_READ.__contains__, _BETWEEN_WORDS.sub(" ", text.lower()).split())) >= _IN_A_ROW


def _written_out(aloud: re.Match[str]) -> str:
    return "".join(_READ[word.lower()] for word in re.findall(r"\w+", aloud[0]))


# --- what is said about it --------------------------------------------------------------------------------

_NEAR = 40  # characters before a number in which it may be said what it is
_NUMBERED = r"(?:[- .]{0,2}s?(?:nr|nummer(?:et)?|numre|number|no|id|kode))"
_IS = r"[.:#= -]*(?:(?:er|is|på|of|hedder)\b[.:#= -]*)?\s*"
_BEGUN = r"(?:\d{1,6}[-/.])?$"  # 26/010203-1234

_CASES = (
    rf"(?:sag(?:en)?|case|journal|ordren?|order|faktura|invoice|bilag|ref|reference|ean|gln|isbn|iban){_NUMBERED}?",
    rf"(?:j|p|sags?|medlems?|membership|kunde|customer|vare|produkt|serie|licens|løbe?|bestillings?|kvitterings?|pakke"
    rf"|dokument|rekvisitions?|billet|booking|ticket|matrikel|projekt|produktionsenheds?){_NUMBERED}",
)
_ACCOUNTS = (
    rf"(?:tlf|telefon|tel|phone|mobil|mobile|fax|sms|cvr|konto|account|reg|giro|bank){_NUMBERED}?",
    rf"(?:se|fi|kort|kreditor|registrerings?){_NUMBERED}",
)


def _before(*words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(words)}){_IS}{_BEGUN}", re.IGNORECASE)


_A_CASE, _ANOTHER = _before(*_CASES), _before(*_CASES, *_ACCOUNTS)


def _is_said(pattern: re.Pattern[str], found: re.Match[str]) -> bool:
    return pattern.search(found.string[max(found.start() - _NEAR, 0) : found.start()]) is not None


# --- which day, which time --------------------------------------------------------------------------------

_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_REPLACED = 60  # is added to the day of a replacement number
_OF_MEETINGS = range(10, 40)  # years of which somebody may tell a day and a time
_LATELY = 2010  # a day since then with the year in full is no birthday, but a file's or a case's


def _is_day(day: str, month: str) -> bool:
    number, of_year = int(day), int(month)
    number -= _REPLACED if number > _REPLACED else 0
    return 1 <= of_year <= len(_LONGEST_MONTHS) and 1 <= number <= _LONGEST_MONTHS[of_year - 1]


def _is_birthday(digits: str) -> bool:
    """`ddmmyy`, `ddmmyyyy` or `yyyymmdd`."""
    if len(digits) == len("ddmmyy"):
        return _is_day(digits[:2], digits[2:4])
    if digits[4:6] in ("19", "20") and _is_day(digits[:2], digits[2:4]):
        return True
    return digits[:2] in ("19", "20") and _is_day(digits[6:], digits[4:6])


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _is_time(found: re.Match[str]) -> bool:
    """12.03.26 1930, 12/3-26, 19.30: what stands behind the day is a time of it."""
    last = _digits(found["last"])
    if int(last[:2]) > 23 or int(last[2:]) > 59 or int(_digits(found["date"])[4:]) not in _OF_MEETINGS:
        return False
    by_clock = re.fullmatch(r"\d\d[.:]\d\d", found["last"]) is not None
    signs = re.fullmatch(r"\d\d ?[-./] ?\d\d ?[-./] ?\d\d", found["date"]) is not None
    return by_clock or (signs and found["last"] == last and not found["between"].strip(" ,"))


# --- its shapes -------------------------------------------------------------------------------------------

_GAP = r"(?: ?[^\w\s,;] ?|[ \n]{1,3})"  # between digits: one sign, or room
_PAIRS = rf"\d\d{_GAP}\d\d{_GAP}\d\d"
_SINGLES = rf"\d(?:{_GAP}\d){{5}}"
_LAST = rf"(?P<last>\d{{4}}|\d\d{_GAP}\d\d|\d{_GAP}\d{{3}}|\d{{3}}{_GAP}\d|\d(?:{_GAP}\d){{3}})"
_TELLING = "sidste|fire|cifre|streg|bindestreg|skråstreg|minus|punktum|mellemrum|løbenummer|løbenr|kontrolcifre"
_TELLING += "|last|four|digits|dash|hyphen|slash|space"
_LINKS = rf"(?:{_TELLING}|og|så|de|mine|er|nr|på|and|then|the|my|are|in|with)"
_WORDS = rf"\W+(?:{_LINKS}\W+)*?(?:{_TELLING})\W+(?:{_LINKS}\W+)*"
_BEGINS, _ENDS = r"(?<![\d/+])(?<!\d[-./ ])", r"(?!\d|[-/]\d)"  # no longer number goes on there
_NO_MORE = r"(?![ .]\d\d?(?!\d))"

# As it is written. Plausible or not, so that a mistyped one is refused as well.
_DASHED = re.compile(r"(?<!\d)(?P<date>\d{6})\s*-\s*(?P<last>\d{4})(?!\d|-\d)")

# In one go; not inside longer numbers.
_RUN = re.compile(r"(?<![\d/+-])(?<!\d[. ])(?P<date>\d{6})(?P<last>\d{4})(?![\d/]|-\d)")

# Six digits, and four by themselves: 010203 1234, 010203/12 34, 010203, og så de sidste fire: 1234.
_APART = re.compile(
    rf"(?<![\d-])(?P<date>\d{{6}})(?P<between>\W{{1,8}}|\W*(?:og så|og|and then|and)\W+|{_WORDS}){_LAST}"
    rf"(?!\d|-\d){_NO_MORE}"
)

# The birthday in pairs, or digit by digit: 01 02 03-1234, 01/02/03 12 34, 0 1 0 2 0 3 1 2 3 4.
_CUT = re.compile(rf"{_BEGINS}(?P<date>{_PAIRS}|{_SINGLES})(?P<between>\W{{1,8}}|{_WORDS}){_LAST}{_ENDS}{_NO_MORE}")

# Cut elsewhere before the dash, or with the year in full: 0102 03-1234, 1/2-03-1234, 01.02.1943-1234, 19430201-1234.
_ODD = re.compile(rf"{_BEGINS}(?P<date>\d{{4}}{_GAP}\d\d|\d\d{_GAP}\d{{4}}) ?[-/_.] ?(?P<last>\d{{4}}){_ENDS}")
_SHORT = re.compile(
    rf"{_BEGINS}(?P<day>\d\d?)[./](?P<month>\d\d?)[-./ ](?P<year>\d\d|(?:19|20)\d\d) ?- ?\d{{4}}{_ENDS}"
)
_FULL = re.compile(
    rf"{_BEGINS}(?P<date>\d{{8}}|\d\d{_GAP}\d\d{_GAP}\d{{4}}|\d{{4}}{_GAP}\d\d{_GAP}\d\d)"
    rf" ?- ?(?P<last>\d{{4}}){_ENDS}"
)

# Said to be one, and cut anywhere.
_CALLED = re.compile(r"(?P<digits>\d(?:\W{0,8}\d){9,11})(?!\d)")
_SAID_TO_BE_ONE = re.compile(
    r"(?:c\.? ?p\.? ?r\b|cpr|person-? ?(?:nr|nummer|number)|fødselsn|social security|\bssn\b)\D{0,24}$", re.IGNORECASE
)


def _dashed(found: re.Match[str]) -> bool:
    """Its very shape: no phone or account is written so, but a case may be."""
    return not _is_said(_A_CASE if _is_birthday(found["date"]) else _ANOTHER, found)


def _run(found: re.Match[str]) -> bool:
    return _is_birthday(found["date"]) and not _is_said(_ANOTHER, found)


def _apart(found: re.Match[str]) -> bool:
    return _is_birthday(_digits(found["date"])) and not _is_time(found) and not _is_said(_ANOTHER, found)


def _cut(found: re.Match[str]) -> bool:
    return _apart(found) and not _is_counting(found[0]) and not _is_town(found)


def _odd(found: re.Match[str]) -> bool:
    return _is_birthday(_digits(found["date"])) and not _is_said(_ANOTHER, found)


def _short(found: re.Match[str]) -> bool:
    year = int(found["year"])
    return _is_day(found["day"], found["month"]) and year < _LATELY and not _is_said(_ANOTHER, found)


def _full(found: re.Match[str]) -> bool:
    digits = _digits(found["date"])
    return _is_birthday(digits) and not _is_lately(digits) and not _is_said(_ANOTHER, found)


def _is_lately(digits: str) -> bool:
    by_day = digits[4:6] in ("19", "20") and _is_day(digits[:2], digits[2:4])
    return int(digits[4:] if by_day else digits[:4]) >= _LATELY


def _called(found: re.Match[str]) -> bool:
    digits = _digits(found["digits"])
    return len(digits) in (10, 12) and _is_birthday(digits[:-4]) and _is_said(_SAID_TO_BE_ONE, found)


def _is_counting(text: str) -> bool:
    """10 11 12 13 14"""
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    return all(later == earlier + 1 for earlier, later in pairwise(numbers))


def _is_town(found: re.Match[str]) -> bool:
    """12.03.26, 8000 Aarhus"""
    alone = not found["between"].strip(" ,") and found["last"].isdecimal() and "." in found["date"]
    return alone and re.match(r" [A-ZÆØÅ][a-zæøå]", found.string[found.end() :]) is not None


_SHAPES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    (_DASHED, _dashed),
    (_RUN, _run),
    (_APART, _apart),
    (_CUT, _cut),
    (_ODD, _odd),
    (_SHORT, _short),
    (_FULL, _full),
    (_CALLED, _called),
)
