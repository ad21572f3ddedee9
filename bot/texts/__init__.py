"""Interface phrases: a gettext catalogue per language (`da.po`, `en.po`), and dates and numbers as people write them.

Keys, not sentences, are looked up, so that both languages are equal. A missing key is a programmer's mistake.
"""

from __future__ import annotations

import gettext
import io
from datetime import UTC, datetime, time, timedelta
from functools import cache, lru_cache
from importlib.resources import files

from babel.dates import format_date, format_datetime, get_day_names
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from bot.flows import schedule
from bot.flows.model import Language

_LOCALE = {"da": "da_DK", "en": "en_GB"}
_MOMENT = {"da": "EEEE 'den' d. MMMM y 'kl.' HH.mm", "en": "EEEE d MMMM y 'at' HH:mm"}
_MIDNIGHT = {"da": "EEEE 'den' d. MMMM y 'ved midnat'", "en": "EEEE d MMMM y 'at midnight'"}
_SHORT_DAY = {"da": "d. MMM", "en": "d MMM"}
_DAY = {"da": "'den' d. MMMM y", "en": "d MMMM y"}
_QUOTES = {"da": "»{}«", "en": "“{}”"}
TO_SEVERAL = "@jer"  # what a phrase is called where it speaks to several, and has to say it
_SCANDINAVIAN = ("da", "nb", "nn", "no", "sv")  # who read Danish more easily than English


def for_reader_of(tag: str) -> Language:
    """Ours for somebody whose machine is set to this language (`da`, `en-GB`). Danish where it is not told, for the
    municipality is Danish."""
    code = tag.split("-", maxsplit=1)[0].strip().lower()
    return "da" if code in ("", "*", *_SCANDINAVIAN) else "en"


def language_of(stored: str) -> Language:
    """As it stands with a person."""
    return "da" if stored == "da" else "en"


def quoted(language: Language, words: str) -> str:
    """In the marks that the language sets around what is called so."""
    return _QUOTES[language].format(words)


def as_sentence(title: str) -> str:
    """With a full stop, where it does not end as a sentence yet."""
    return title if title.endswith((".", "?", "!")) else f"{title}."


class Heading(str):
    """A paragraph that stands over the next one; a channel sets it apart as it can."""

    __slots__ = ()


def say(language: Language, key: str, /, **values: object) -> str:
    """The phrase in the language, with `{names}` filled in. Raises KeyError for a phrase that is not there."""
    phrase = _catalogue(language).gettext(key)
    if phrase == key:
        raise KeyError(f"no phrase {key} in {language}")
    return phrase.format(**values) if values else phrase


def count(language: Language, key: str, number: int, /, **values: object) -> str:
    """A phrase with a plural: the catalogue has `key` (one) and `key.many`, and `key.zero` where none is told in a
    sentence of its own («Ingen har brugt linket endnu»)."""
    if number == 0 and has(language, f"{key}.zero"):
        return say(language, f"{key}.zero", **values)
    phrase = _catalogue(language).ngettext(key, f"{key}.many", number)
    if phrase in (key, f"{key}.many"):
        raise KeyError(f"no phrase {key} in {language}")
    return phrase.format(number=decimal(language, number), **values)


@cache
def on_channel(language: Language, key: str, channel: str, *, many: bool = False) -> str:
    """The key of the phrase as it is said on the channel, and to several where `many`: the first that there is of
    `how.text@web@jer`, `how.text@web`, `how.text@jer` and `how.text`. What several are told has its own form in Danish
    alone, which tells »du« from »I«."""
    for said in (f"{key}@{channel}", key):
        if many and has(language, said + TO_SEVERAL):
            return said + TO_SEVERAL
        if has(language, said):
            return said
    return key


def has(language: Language, key: str) -> bool:
    """Whether there is such a phrase, with a plural or without."""
    catalogue = _catalogue(language)
    return catalogue.gettext(key) != key or catalogue.ngettext(key, f"{key}.many", 1) != key


@lru_cache(4096)  # Babel takes its time, and deadlines are few
def moment(language: Language, at: int) -> str:
    """`tirsdag den 3. marts 2026 kl. 19.00`, in Danish time. `at` is UTC in seconds."""
    return format_datetime(
        datetime.fromtimestamp(at, UTC), _MOMENT[language], tzinfo=schedule.COPENHAGEN, locale=_LOCALE[language]
    )


@lru_cache(4096)
def deadline(language: Language, at: int) -> str:
    """As `moment`, of when something closes. Midnight belongs to the evening before, `onsdag den 9. december 2026 ved
    midnat`: «torsdag den 10. december kl. 00.00» is read as the end of Thursday."""
    local = schedule.to_local(at)
    if local.time() != time():
        return moment(language, at)
    return format_date(local.date() - timedelta(days=1), _MIDNIGHT[language], locale=_LOCALE[language])


@lru_cache(256)
def day(language: Language, at: int) -> str:
    """`den 3. marts 2026`, in Danish time."""
    return format_date(schedule.to_local(at).date(), _DAY[language], locale=_LOCALE[language])


@lru_cache(256)
def short_day(language: Language, at: int) -> str:
    """`3. mar.`, in Danish time."""
    return format_date(schedule.to_local(at).date(), _SHORT_DAY[language], locale=_LOCALE[language])


def clock(language: Language, at: int) -> str:
    """`19.00`, in Danish time."""
    return on_the_wall(language, schedule.to_local(at))


def on_the_wall(language: Language, moment: datetime | time) -> str:
    """`19.00`, of a moment by the clock on a wall."""
    return f"{moment:%H.%M}" if language == "da" else f"{moment:%H:%M}"


@cache
def weekday(language: Language, number: int) -> str:
    """`mandag`; 1 is Monday."""
    return str(get_day_names("wide", locale=_LOCALE[language])[number - 1])


def shortened(text: str, most: int) -> str:
    """At most so many characters, ending in «…» where something was left out."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


@lru_cache(4096)
def decimal(language: Language, number: float) -> str:
    return format_decimal(number, locale=_LOCALE[language])


def catalogue(language: Language) -> Catalog:
    """The catalogue as it is written, for checks."""
    text = files("bot.texts").joinpath(f"{language}.po").read_bytes()
    return read_po(io.BytesIO(text), locale=_LOCALE[language])


@cache
def _catalogue(language: Language) -> gettext.GNUTranslations:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
