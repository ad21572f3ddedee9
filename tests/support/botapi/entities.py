"""Formatted text: what a bot writes with a parse mode becomes plain text and entities, or a refusal.

Only text belongs here: no chats, no limits other than the length of a text, no keyboards.
"""

from __future__ import annotations

import re
from typing import Any

Entity = dict[str, Any]
TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
ENTITY_LIMIT = 100

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "pre": "pre",
    "code": "code",
    "blockquote": "blockquote",
}

_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]*)|#([0-9]*)|([A-Za-z]*))(;?)")
_STOP = re.compile(r"[<&]")
_SPACE = " \t\r\n\0\v"
_LINK = re.compile(r"^(?:https?://|tg://|ton://|tonsite://|mailto:|tel:)?[^\s<>\"]*[^\s<>\".][.:/][^\s<>\"]+$", re.I)
_USER_LINK = re.compile(r"^tg://user\?id=(\d+)$", re.I)


class CannotParse(ValueError):
    """The text breaks the rules of its parse mode; the message is Telegram's own, without its prefix."""


def utf16_length(text: str) -> int:
    """The length Telegram counts: UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse(text: str, parse_mode: str) -> tuple[str, list[Entity], list[str]]:
    """Plain text, its entities, and oddities that Telegram lets pass but a person would see as a slip.

    Source: https://core.telegram.org/bots/api#formatting-options. Raises CannotParse.
    """
    match parse_mode.lower():
        case "html":
            return parse_html(text)
        case "markdownv2":
            return *parse_markdown(text, version=2), []
        case "markdown":
            return *parse_markdown(text, version=1), []
        case _:
            return text, [], []


def parse_html(text: str) -> tuple[str, list[Entity], list[str]]:
    """Telegram's HTML: a closed list of tags, four named references, numeric ones, strict nesting."""
    if "<" not in text and "&" not in text:
        return text, [], []
    return _HtmlParser(text).run()


class _HtmlParser:
    """One pass over the source; `at` is the reading position in characters, errors speak of bytes."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.size = len(source)
        self.at = 0
        self.out: list[str] = []
        self.length = 0
        self.open: list[tuple[str, str, int, int]] = []
        self.entities: list[Entity] = []
        self.oddities: list[str] = []

    def run(self) -> tuple[str, list[Entity], list[str]]:
        while self.at < self.size:
            found = _STOP.search(self.source, self.at)
            if found is None:
                self._emit(self.source[self.at :])
                break
            if found.start() > self.at:
                self._emit(self.source[self.at : found.start()])
                self.at = found.start()
            if self.source[self.at] == "&":
                self._emit(self._reference())
            elif self._peek(1) == "/":
                self._end_tag()
            else:
                self._start_tag()
        if self.open:
            raise CannotParse(f'Can\'t find end tag corresponding to start tag "{self.open[-1][0]}"')
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.out), self.entities, self.oddities

    def _emit(self, piece: str) -> None:
        self.out.append(piece)
        self.length += utf16_length(piece)

    def _peek(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.source[at] if at < self.size else ""

    def _byte(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))

    def _skip_space(self) -> None:
        while self.at < self.size and self.source[self.at] in _SPACE:
            self.at += 1

    def _reference(self) -> str:
        """The character meant by a reference; one that Telegram does not know stays as it is written."""
        found = _REFERENCE.match(self.source, self.at)
        assert found is not None
        hexadecimal, decimal, name, semicolon = found.groups()
        if name is not None:
            character = _NAMED.get(name, "")
            if not character:
                if semicolon and name:
                    self.oddities.append(f"&{name}; is not decoded by Telegram and is shown as it stands")
                self.at += 1
                return "&"
        else:
            digits = hexadecimal if hexadecimal is not None else decimal
            code = int(digits, 16 if hexadecimal is not None else 10) if digits else 0
            if code == 0 or code >= 0x10FFFF or found.end() - found.start() - len(semicolon) >= 10:
                self.at += 1
                return "&"
            if 0xD800 <= code <= 0xDFFF:
                raise CannotParse(
                    "Text contains invalid Unicode characters after decoding HTML entities, "
                    "check for unmatched surrogate code units"
                )
            character = chr(code)
        self.at = found.end()
        return character

    def _start_tag(self) -> None:
        begin = self.at
        byte = self._byte(begin)
        self.at += 1
        while self.at < self.size and self.source[self.at] not in _SPACE and self.source[self.at] != ">":
            self.at += 1
        if self.at >= self.size:
            raise CannotParse(f"Unclosed start tag at byte offset {byte}")
        tag = self.source[begin + 1 : self.at].lower()
        if tag not in _TAGS:
            raise CannotParse(f'Unsupported start tag "{tag}" at byte offset {byte}')
        argument = ""
        while self._peek() != ">":
            self._skip_space()
            if self._peek() == ">":
                break
            name, value = self._attribute(tag, byte)
            if tag == "a" and name == "href":
                argument = value or ""
            elif tag == "code" and name == "class" and (value or "").startswith("language-"):
                argument = (value or "")[9:]
            elif tag == "span" and name == "class" and (value or "").startswith("tg-"):
                argument = (value or "")[3:]
            elif tag == "tg-emoji" and name == "emoji-id":
                argument = value or ""
            elif tag == "blockquote" and name == "expandable":
                argument = "expandable"
            else:
                self.oddities.append(f'attribute "{name}" of <{tag}> is ignored by Telegram')
        self.at += 1
        if tag == "span" and argument != "spoiler":
            raise CannotParse(f'Tag "span" must have class "tg-spoiler" at byte offset {byte}')
        self.open.append((tag, argument, self.length, len(self.out)))

    def _attribute(self, tag: str, byte: int) -> tuple[str, str | None]:
        begin = self.at
        while self.at < self.size and self.source[self.at] not in _SPACE and self.source[self.at] not in "=>/\"'":
            self.at += 1
        name = self.source[begin : self.at]
        if not name:
            raise CannotParse(f'Empty attribute name in the tag "{tag}" at byte offset {byte}')
        self._skip_space()
        if self._peek() != "=":
            if tag == "blockquote" and name == "expandable" and self._peek():
                return name, None
            if not self._peek():
                raise CannotParse(f'Unclosed start tag "{tag}" at byte offset {byte}')
            raise CannotParse(
                f'Expected equal sign in declaration of an attribute of the tag "{tag}" at byte offset {byte}'
            )
        self.at += 1
        self._skip_space()
        if not self._peek():
            raise CannotParse(f'Unclosed start tag "{tag}" at byte offset {byte}')
        quote = self._peek()
        if quote in "'\"":
            self.at += 1
            value: list[str] = []
            while self.at < self.size and self.source[self.at] != quote:
                if self.source[self.at] == "&":
                    value.append(self._reference())
                else:
                    value.append(self.source[self.at])
                    self.at += 1
            self.at += 1
            if self.at >= self.size:
                raise CannotParse(f"Unclosed start tag at byte offset {byte}")
            return name, "".join(value)
        token = self.at
        while self.at < self.size and (
            (self.source[self.at].isascii() and self.source[self.at].isalnum()) or self.source[self.at] in ".-"
        ):
            self.at += 1
        if self._peek() and self._peek() not in _SPACE and self._peek() != ">":
            raise CannotParse(f"Unexpected end of name token at byte offset {self._byte(token)}")
        if not self._peek():
            raise CannotParse(f"Unclosed start tag at byte offset {byte}")
        return name, self.source[token : self.at].lower()

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise CannotParse(f"Unexpected end tag at byte offset {self._byte(begin)}")
        self.at += 2
        name_begin = self.at
        while self.at < self.size and self.source[self.at] not in _SPACE and self.source[self.at] != ">":
            self.at += 1
        name = self.source[name_begin : self.at].lower()
        self._skip_space()
        if self._peek() != ">":
            raise CannotParse(f"Unclosed end tag at byte offset {self._byte(begin)}")
        self.at += 1
        tag, argument, offset, first_piece = self.open.pop()
        if name and name != tag:
            raise CannotParse(
                f'Unmatched end tag at byte offset {self._byte(begin)}, expected "</{tag}>", found "</{name}>"'
            )
        if self.length > offset:
            self._close(tag, argument, offset, first_piece)

    def _close(self, tag: str, argument: str, offset: int, first_piece: int) -> None:
        entity: Entity = {"type": _TAGS[tag], "offset": offset, "length": self.length - offset}
        last = self.entities[-1] if self.entities else {}
        same_stretch = (last.get("offset"), last.get("length")) == (offset, entity["length"])
        match tag:
            case "tg-emoji":
                if not argument.isdigit() or int(argument) == 0:
                    raise CannotParse("Invalid custom emoji identifier specified")
                entity["custom_emoji_id"] = argument
            case "a":
                link = argument or "".join(self.out[first_piece:])
                user = _USER_LINK.match(link)
                if user:
                    entity["type"] = "text_mention"
                    entity["user"] = {"id": int(user[1]), "is_bot": False, "first_name": ""}
                elif _LINK.match(link):
                    entity["url"] = link
                else:
                    self.oddities.append("a link without a valid address is dropped by Telegram")
                    return
            case "pre" if same_stretch and last.get("type") == "code" and last.get("language"):
                last["type"] = "pre"
                return
            case "code" if same_stretch and last.get("type") == "pre" and argument:
                last["language"] = argument
                return
            case "code" if argument and any(opened[0] == "pre" for opened in self.open):
                entity["language"] = argument
            case "blockquote" if argument:
                entity["type"] = "expandable_blockquote"
        self.entities.append(entity)


_MARKDOWN_V2 = {
    "**": ("*", "bold", "Bold"),
    "*": ("*", "bold", "Bold"),
    "_": ("_", "italic", "Italic"),
    "__": ("__", "underline", "Underline"),
    "~": ("~", "strikethrough", "Strikethrough"),
    "||": ("||", "spoiler", "Spoiler"),
}

_RESERVED = set("_*[]()~`>#+-=|{}.!")


def parse_markdown(text: str, version: int) -> tuple[str, list[Entity]]:
    """MarkdownV2, or the legacy Markdown that has no nesting. Besyv writes HTML: this checks, roughly.

    Covered: bold, italic, underline, strike, spoiler, code, pre, links, reserved characters.
    """
    out: list[str] = []
    length = 0
    entities: list[Entity] = []
    opened: list[tuple[str, str, str, int, int]] = []
    at = 0

    def byte(position: int) -> int:
        return len(text[:position].encode())

    def emit(piece: str) -> None:
        nonlocal length
        out.append(piece)
        length += utf16_length(piece)

    def code(mark: str, kind: str, name: str) -> None:
        nonlocal at
        end = text.find(mark, at + len(mark))
        if end < 0:
            raise CannotParse(
                f"Can't find end of {name} entity at byte offset {byte(at)}"
                if version == 2
                else f"Can't find end of the entity starting at byte offset {byte(at)}"
            )
        start = length
        body = text[at + len(mark) : end]
        language = re.match(r"([\w+-]+)\n", body) if kind == "pre" else None
        emit(body[language.end() :] if language else body)
        entity: Entity = {"type": kind, "offset": start, "length": length - start}
        if language:
            entity["language"] = language[1]
        if length > start:
            entities.append(entity)
        at = end + len(mark)

    while at < len(text):
        character = text[at]
        if character == "\\" and at + 1 < len(text) and (version == 2 or text[at + 1] in "_*`["):
            emit(text[at + 1])
            at += 2
        elif text.startswith("```", at):
            code("```", "pre", "Pre")
        elif character == "`":
            code("`", "code", "Code")
        elif character == "]" and opened and opened[-1][0] == "]":
            _, _, _, start, _ = opened.pop()
            at += 1
            link = re.compile(r"\(((?:\\.|[^)\\])*)\)").match(text, at)
            if link:
                at = link.end()
                entities.append({"type": "text_link", "offset": start, "length": length - start, "url": link[1]})
        elif (
            opened
            and opened[-1][0] != "]"
            and text.startswith(opened[-1][0], at)
            and not (opened[-1][0] == "_" and text.startswith("__", at) and any(mark == "__" for mark, *_ in opened))
        ):
            mark, kind, _, start, _ = opened.pop()
            if length > start:
                entities.append({"type": kind, "offset": start, "length": length - start})
            at += len(mark)
        elif character == "[" and (version == 2 or "]" in text[at:]):
            opened.append(("]", "text_link", "TextUrl", length, at))
            at += 1
        elif version == 2 and (text[at : at + 2] in _MARKDOWN_V2 or character in _MARKDOWN_V2):
            written = text[at : at + 2] if text[at : at + 2] in ("__", "||") else character
            mark, kind, name = _MARKDOWN_V2[written]
            opened.append((mark, kind, name, length, at))
            at += len(mark)
        elif version == 1 and character in "_*[":
            kind = {"_": "italic", "*": "bold", "[": "text_link"}[character]
            opened.append(("]" if character == "[" else character, kind, "", length, at))
            at += 1
        elif version == 2 and character == ">" and (at == 0 or text[at - 1] == "\n"):
            at += 1
        elif version == 2 and character in _RESERVED:
            raise CannotParse(f"Character '{character}' is reserved and must be escaped with the preceding '\\'")
        else:
            emit(character)
            at += 1
    if opened:
        _, _, name, _, position = opened[-1]
        raise CannotParse(
            f"Can't find end of {name} entity at byte offset {byte(position)}"
            if version == 2
            else f"Can't find end of the entity starting at byte offset {byte(position)}"
        )
    entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return "".join(out), entities


def trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """The text as Telegram keeps it: no space at either end, entities moved accordingly."""
    stripped = text.strip(" \t\r\n\v\f\u200b")
    if stripped == text:
        return text, entities
    lead = utf16_length(text[: text.find(stripped)]) if stripped else 0
    total = utf16_length(stripped)
    moved: list[Entity] = []
    for entity in entities:
        begin = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] + entity["length"] - lead, total)
        if end > begin:
            moved.append({**entity, "offset": begin, "length": end - begin})
    return stripped, moved


_FOUND = (
    ("bot_command", re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?!\w|/)")),
    ("url", re.compile(r"(?:https?://|www\.|t\.me/)[^\s]+", re.I)),
    ("email", re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+\w")),
    ("mention", re.compile(r"(?<!\w)@[A-Za-z]\w{3,31}")),
    ("hashtag", re.compile(r"(?<!\w)#[^\W\d]\w*")),
)


def found_in(text: str) -> list[Entity]:
    """Entities a client or the server finds by itself in what a person writes: commands, links, mentions."""
    if not any(mark in text for mark in "/@#.:"):
        return []
    entities: list[Entity] = []
    taken: list[tuple[int, int]] = []
    for kind, pattern in _FOUND:
        for hit in pattern.finditer(text):
            begin, end = hit.span()
            if all(end <= other_begin or begin >= other_end for other_begin, other_end in taken):
                taken.append((begin, end))
                entities.append({"type": kind, "offset": utf16_length(text[:begin]), "length": utf16_length(hit[0])})
    entities.sort(key=lambda entity: entity["offset"])
    return entities
