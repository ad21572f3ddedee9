"""What stands in a form that was sent → what the use cases take. Nothing in it is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from bot.flows.engine import MAX_PARTS

MOST_FIELDS = 2 * MAX_PARTS + 50
Fields = Mapping[str, list[str]]


class UnreadableForm(ValueError):
    """Not a form, or one with more fields than any of ours."""


def read(body: bytes, content_type: str) -> Fields:
    """`application/x-www-form-urlencoded`, as browsers send forms without files. Raises UnreadableForm.

    Browsers make CR LF of every line break, whatever was typed; here it is LF again. All else is as it was typed."""
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise UnreadableForm("not a form")
    try:
        pairs = parse_qsl(
            body.decode("ascii", "replace"), keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        raise UnreadableForm(str(error)) from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return fields


def one(fields: Fields, name: str) -> str:
    return fields.get(name, [""])[0]


def panel(fields: Fields) -> tuple[int, int]:
    """Which panel a form stood in: its prompt's number and revision."""
    return number(one(fields, "number"), 9), number(one(fields, "revision"), 6)


def typed_texts(fields: Fields) -> tuple[str, ...]:
    """The words in it, to be shown again where they can't be taken."""
    return tuple(text for name in ("text", "idea", "mail") for text in fields.get(name, ()) if text.strip())


@dataclass(frozen=True, slots=True)
class EnteredValues:
    """What a person put into a question's form, as it is to stand there again."""

    texts: tuple[str, ...]
    places: tuple[int, ...]
    mail: str = ""


def read_values(fields: Fields) -> EnteredValues:
    """After the button's own effect on the list: one more chosen, another order, one taken out."""
    texts = [*fields.get("idea", ()), *fields.get("text", ())]
    places = [number(value) for value in fields.get("choice", ())]
    verb, _, place = one(fields, "do").partition(":")
    at = number(place)
    listed: list[str] | list[int] = texts if "idea" in fields else places
    match verb:
        case "pick" | "put":
            places.append(at)
        case "drop" if 0 <= at < len(listed):
            del listed[at]
        case "up" if 0 < at < len(places):
            places[at - 1], places[at] = places[at], places[at - 1]
        case "down" if 0 <= at < len(places) - 1:
            places[at], places[at + 1] = places[at + 1], places[at]
    return EnteredValues(tuple(texts), tuple(places), one(fields, "mail"))


def number(text: str, digits: int = 3) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else -1


def moment(sent: Fields) -> int:
    """When a browser's options for a passkey were made, as it came back; long ago for what is no moment."""
    at = one(sent, "at")
    return int(at) if at.isascii() and at.isdigit() and len(at) <= 12 else 0
