"""Rendering for Telegram: Reply → messages and a keyboard.

Limits: 4096 UTF-16 units after parsing, 64 bytes of callback data, HTML with everything escaped
(https://core.telegram.org/bots/api#formatting-options).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from bot.dialogue.reply import Reply, data_of
from bot.flows.text_length import utf16_units
from bot.texts import Heading

Keyboard = dict[str, list[list[dict[str, str]]]]  # https://core.telegram.org/bots/api#inlinekeyboardmarkup
LONGEST_MESSAGE = 4096  # UTF-16 units, after parsing
LONGEST_CAPTION = 1024  # https://core.telegram.org/bots/api#senddocument
LONGEST_DATA = 64  # bytes of callback data


@dataclass(frozen=True, slots=True)
class Drawn:
    html: str
    keyboard: Keyboard | None = None


def draw(reply: Reply) -> list[Drawn]:
    """The reply as messages, each within Telegram's limit; the buttons stand under the last."""
    pieces = list(_fitted(_paragraphs(reply)))
    keyboard = _keyboard(reply)
    return [Drawn(piece, keyboard if place == len(pieces) else None) for place, piece in enumerate(pieces, 1)]


def _paragraphs(reply: Reply) -> Iterator[tuple[str, str]]:
    """(tag, text) of each paragraph, in order."""
    for note in reply.notes:
        yield _tag(note), note
    if reply.lead is not None:
        yield "i", reply.lead
    if reply.title is not None:
        yield "b", reply.title
    for paragraph in reply.body:
        yield _tag(paragraph), paragraph
    for label, url in reply.links:
        if _is_address(url) and not _is_button(url):
            yield "", f"{label}: {url}"


def _tag(paragraph: str) -> str:
    return "b" if isinstance(paragraph, Heading) else ""


def _fitted(paragraphs: Iterator[tuple[str, str]]) -> Iterator[str]:
    """As many in a message as there is room for; a heading stays with what it stands over."""
    held, units, heading, of_heading = "", 0, "", 0
    for tag, text in paragraphs:
        for piece in filter(str.strip, _cut(text, of_heading)):
            more = utf16_units(piece) + 2 + of_heading
            html = heading + (f"<{tag}>{escape(piece, quote=False)}</{tag}>" if tag else escape(piece, quote=False))
            if isinstance(text, Heading):
                heading, of_heading = html + "\n", more
                continue
            if held and units + more > LONGEST_MESSAGE:
                yield held
                held, units = "", 0
            held = f"{held}\n\n{html}" if held else html
            units += more
            heading, of_heading = "", 0
    last = heading.rstrip("\n")  # it stands over nothing
    if held and last and units + of_heading > LONGEST_MESSAGE:
        yield held
        held = ""
    if held or last:
        yield "\n\n".join(filter(None, (held, last)))


def _cut(text: str, taken: int) -> Iterator[str]:
    """A paragraph longer than a message, in pieces: at a line's or a word's end where there is one. `taken`: units of
    the heading over it."""
    room = LONGEST_MESSAGE - 2 - taken
    while utf16_units(text) > room:
        size = room if text.isascii() else room // 2
        break_at = max(text.rfind("\n", size // 2, size), text.rfind(" ", size // 2, size))
        end = break_at if break_at > 0 else size
        yield text[:end]
        text = text[end:].lstrip("\n ")
    yield text


def _keyboard(reply: Reply) -> Keyboard | None:
    to_pages = [[{"text": label, "url": url}] for label, url in reply.links if _is_button(url)]
    rows = [[{"text": move.label, "callback_data": data_of(reply, move)} for move in row] for row in reply.moves if row]
    return {"inline_keyboard": [*to_pages, *rows]} if to_pages or rows else None


def _is_address(url: str) -> bool:
    """Whether it is a whole one: paths are for pages alone."""
    return url.startswith(("https://", "http://"))


def _is_button(url: str) -> bool:
    """Telegram takes no button to a name without a full stop, as `localhost`."""
    return _is_address(url) and "." in (urlsplit(url).hostname or "")


def fits_caption(html: str) -> bool:
    """Counted with the markup, which is not quite right and never too long."""
    return utf16_units(html) <= LONGEST_CAPTION


def link_button(label: str, url: str) -> Keyboard:
    return {"inline_keyboard": [[{"text": label, "url": url}]]}
