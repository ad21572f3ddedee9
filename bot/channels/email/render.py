"""Reply → e-mail: the same words as plain text and as HTML, and each move as a link.

Not here: addresses, headers and sending (bot.channels.email.smtp). No picture, nothing to fetch, so
nothing that tells when it was read. No colours but the links' own: dark mode may have the rest as it likes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from bot.dialogue.reply import Move, Reply


@dataclass(frozen=True, slots=True)
class RenderedMail:
    subject: str
    text: str
    html: str


Links = Sequence[tuple[str, str]]  # what they say, and where they lead


def draw(
    reply: Reply, link: Callable[[Move], str], *, footer: tuple[str, ...] = (), municipality: str, aside: Links = ()
) -> RenderedMail:
    """A message of the outbox as a mail that the municipality signs. `link` gives a move's address, https://…;
    `aside` stands small under everything."""
    links = [(move.label, link(move)) for move in reply.buttons]
    subject = _subject(reply) or municipality
    below = [municipality, *(("\n".join(footer),) if footer else ())]
    return RenderedMail(subject, _text(reply, links, below, aside), _html(reply, links, below, aside, subject))


def _subject(reply: Reply) -> str:
    """The title, or the first line there is; one line."""
    first = reply.title or next((text.strip().splitlines()[0] for text in _paragraphs(reply)), "")
    return " ".join(first.split())


def _paragraphs(reply: Reply) -> Iterator[str]:
    return filter(str.strip, (*reply.notes, *reply.body))


def _text(reply: Reply, links: Links, below: Iterable[str], aside: Links) -> str:
    blocks = [
        *((reply.title,) if reply.title else ()),
        *_paragraphs(reply),
        *(f"{label}: {address}" for label, address in links),
        *below,
        *(f"{label}: {address}" for label, address in aside),
    ]
    return "\n\n".join(blocks) + "\n"


# 18 px is the pages' size of text. Links are 48 px high (WCAG 2.5.5 asks for 44). White on their green has 8 to 1,
# their edge 4 to 1 to white paper and 5 to 1 to black (1.4.11 asks for 3).
_BODY_STYLE = (
    "max-width:576px;margin:0 auto;padding:16px;font-family:-apple-system,'Segoe UI',Roboto,Arial,sans-serif;"
    "font-size:18px;line-height:1.5;overflow-wrap:anywhere;word-break:break-word"
)

_PARAGRAPH_STYLE = "margin:0 0 16px"

_LINK = (
    "display:block;padding:10px 16px;border:2px solid #2e8b74;border-radius:8px;background-color:#0b5a49;color:#ffffff;"
    "font-weight:bold;line-height:24px;text-align:center;text-decoration:none"
)

_PAGE = """\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{subject}</title>
</head>
<body style="margin:0;padding:0">
<div lang="{language}" style="{style}">
{blocks}
</div>
</body>
</html>
"""  # lang twice: web mail takes html and body away


def _html(reply: Reply, links: Links, below: Iterable[str], aside: Links, subject: str) -> str:
    blocks = [
        *((_heading(reply.title),) if reply.title else ()),
        *(_block(paragraph, _PARAGRAPH_STYLE) for paragraph in _paragraphs(reply)),
        *(_link(label, address) for label, address in links),
        *(_block(text, "margin:24px 0 0;font-size:16px") for text in below),
        *(_small_link(label, address) for label, address in aside),
    ]
    return _PAGE.format(
        language=reply.language, subject=escape(subject, quote=False), style=_BODY_STYLE, blocks="\n".join(blocks)
    )


def _heading(title: str) -> str:
    return f'<h1 style="margin:0 0 16px;font-size:24px;line-height:1.25">{_lines(title)}</h1>'


def _block(text: str, style: str) -> str:
    return f'<p style="{style}">{_lines(text)}</p>'


def _link(label: str, address: str) -> str:
    return f'<p style="margin:0 0 12px"><a href="{escape(address)}" style="{_LINK}">{_lines(label)}</a></p>'


def _small_link(label: str, address: str) -> str:
    style = "display:inline-block;padding:12px 0;line-height:24px"
    return (
        f'<p style="margin:12px 0 0;font-size:16px"><a href="{escape(address)}" style="{style}">{_lines(label)}</a></p>'
    )


def _lines(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>\n")
