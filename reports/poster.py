"""A poster for the notice board, as a PDF of one page. Not here: its words, which the caller brings.

Marks are placed purely, in millimetres from the upper left corner, at the largest scale at which all fit; then drawn.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, assert_never

from reports import qr
from reports.fonts import ADDRESS, WORDS, Weight, face, lines, shortened, spelled

if TYPE_CHECKING:
    from fpdf import FPDF


Size = Literal["a4", "a5"]
MOST_STEPS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """What stands on it. `when` is a whole line; `how` are at most six short steps, numbered here; `web` and `telegram`
    are addresses with https://, at least one of them. Raises ValueError for more steps or no address.
    """

    municipality: str
    heading: str
    what: str
    when: str | None
    how: tuple[str, ...]
    web: str | None
    telegram: str | None
    otherwise: str
    language: Literal["da", "en"]
    web_label: str
    telegram_label: str

    def __post_init__(self) -> None:
        if len(self.how) > MOST_STEPS:
            raise ValueError(f"{len(self.how)} steps on a poster, at most {MOST_STEPS}")
        if not (self.web or self.telegram):
            raise ValueError("a poster without an address")


def poster_pdf(poster: Poster, size: Size) -> bytes:
    """One page. Type shrinks until everything fits; what is too long even then ends in «…» (the municipality's name
    only above 200 characters). Addresses can be clicked. The same poster gives the same bytes.

    Raises segno.DataOverflowError for an address too long for a QR code.
    """
    return _drawn(poster, _PAPERS[size], _fitted(poster, _PAPERS[size]))


# --- Marks: what is drawn, and where ------------------------------------------------------------------------

_INK, _QUIET, _ACCENT, _TINT, _PAPER = (
    "#1b2521",
    "#4b5751",
    "#0b5a49",
    "#e7f2ee",
    "#ffffff",
)  # bot/channels/web/static/besyv.css

_CODE = "#000000"
_MM = 25.4 / 72  # a point in millimetres
_CAP, _DROP = 0.72, 0.21  # Lato's capitals above the baseline and tails below it, in em


@dataclass(frozen=True, slots=True)
class _TextLine:
    """`y` is the baseline; `size` is in points."""

    x: float
    y: float
    text: str
    weight: Weight
    size: float
    colour: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class _Box:
    """`radius` is below half of the smaller side (fpdf2 takes more for a share). `edge` is the width of a line in the
    accent's colour, half of it outside; 0 for none."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    fill: str
    edge: float = 0


@dataclass(frozen=True, slots=True)
class _Tail:
    """What makes a speech bubble of the box above it; the upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Code:
    """`side` is with the quiet zone."""

    x: float
    y: float
    side: float
    address: str


_PosterMark = _TextLine | _Box | _Tail | _Code


@dataclass(frozen=True, slots=True)
class _PosterBlock:
    """Marks from their own upper left corner on, and how much height they take."""

    height: float
    marks: tuple[_PosterMark, ...]

    def at(self, x: float, y: float) -> tuple[_PosterMark, ...]:
        return tuple(replace(mark, x=mark.x + x, y=mark.y + y) for mark in self.marks)


_NOTHING = _PosterBlock(0, ())


def _stacked(blocks: Iterable[_PosterBlock], gap: float) -> _PosterBlock:
    """One below the other; empty ones take no room."""
    y, marks = -gap, list[_PosterMark]()
    for block in blocks:
        if block.marks:
            marks += block.at(0, y + gap)
            y += gap + block.height
    return _PosterBlock(max(y, 0), tuple(marks))


# --- Paper and scale ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Paper:
    """Millimetres; `least` type in points. `unit` is its size beside A4, for which all measures below are given."""

    width: float
    height: float
    margin: float
    least: float
    unit: float

    @property
    def inner(self) -> tuple[float, float]:
        return self.width - 2 * self.margin, self.height - 2 * self.margin


_PAPERS: Mapping[Size, _Paper] = {"a4": _Paper(210, 297, 15, 9, 1), "a5": _Paper(148, 210, 12, 8, 2**-0.5)}
_FACTORS = tuple(1.24 - step * 0.02 for step in range(46))  # to 0.34, where nearly all type is the least
_LENGTHS = (2000, 1000, 500, 250, 120, 60, 30)  # characters per text, where nothing else helps
_APART = 7.0  # between two sections, at the least
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class _Scale:
    """How large everything is beside the measures below, and at most how many characters of a text are shown."""

    paper: _Paper
    factor: float
    most: int

    def type(self, points: float) -> float:
        return max(self.paper.least, points * self.paper.unit * self.factor)

    def said(self, text: str, weight: Weight) -> str:
        """What is shown of it; shortened again, for a sign that Lato lacks may be spelled with eighteen."""
        return shortened(spelled(shortened(text, self.most), face(weight).advance), self.most)

    def space(self, millimetres: float) -> float:
        return millimetres * self.paper.unit * self.factor

    def whole_name(self) -> _Scale:
        return replace(self, most=max(self.most, _LONGEST_NAME))

    def paragraph(
        self, text: str, weight: Weight, size: float, colour: str, room: float, leading: float = 1.3
    ) -> _PosterBlock:
        letters = face(weight)
        said = self.said(text, weight)
        return _set(_even(said, letters.width, room / (size * _MM)), weight, size, colour, leading)


def _set(
    rows: tuple[str, ...], weight: Weight, size: float, colour: str, leading: float, link: str | None = None
) -> _PosterBlock:
    """Lines from the top of the first one's capitals to the last one's tails."""
    em = size * _MM
    marks = tuple(
        _TextLine(0, em * (_CAP + leading * number), row, weight, size, colour, link) for number, row in enumerate(rows)
    )
    return _PosterBlock(em * (_CAP + leading * (len(rows) - 1) + _DROP), marks) if rows else _NOTHING


_FEW = 5  # lines


def _even(text: str, width: Callable[[str], float], room: float) -> tuple[str, ...]:
    """The lines in the narrowest room that gives no more of them and breaks no word that was whole; where there are
    few, a last word alone would be seen.
    """
    rows = lines(text, width, room)
    if not 1 < len(rows) <= _FEW:
        return rows
    longest = max(map(width, text.split(" ")))
    narrower = (lines(text, width, room * share / 20) for share in range(10, 20) if room * share / 20 >= longest)
    return next((even for even in narrower if len(even) == len(rows)), rows)


def _fitted(poster: Poster, paper: _Paper) -> tuple[_PosterMark, ...]:
    """At the largest scale at which everything fits, and only if there is none, with less of the long texts."""
    for most in _LENGTHS:
        scales = [_Scale(paper, factor, most) for factor in _FACTORS]
        first = bisect(scales, False, key=lambda scale: _spare(_sections(poster, scale), scale) >= 0)
        if first < len(scales):
            return _placed(_sections(poster, scales[first]), scales[first])
    raise AssertionError("thirty characters of each text fit on any paper")


def _spare(sections: list[_PosterBlock], scale: _Scale) -> float:
    """Height that is left when the sections stand with the least distance; below 0 where they do not fit."""
    height = sum(section.height for section in sections)
    return scale.paper.inner[1] - height - scale.space(_APART) * (len(sections) - 1)


def _placed(sections: list[_PosterBlock], scale: _Scale) -> tuple[_PosterMark, ...]:
    """From margin to margin: what is left is shared between the gaps."""
    gap = scale.space(_APART) + _spare(sections, scale) / max(1, len(sections) - 1)
    return _stacked(sections, gap).at(scale.paper.margin, scale.paper.margin)


# --- The sections, from the top down ------------------------------------------------------------------------


def _sections(poster: Poster, scale: _Scale) -> list[_PosterBlock]:
    room = scale.paper.inner[0]
    sections = [
        _bubble(poster.municipality, poster.heading, scale, room),
        scale.paragraph(poster.what, "Regular", scale.type(23), _INK, room, 1.36),
        _deadline(poster.when, scale, room),
        _way_in(poster, scale, room),
        _foot(poster.otherwise, scale, room),
    ]
    return [section for section in sections if section.marks]


def _bubble(municipality: str, heading: str, scale: _Scale, room: float) -> _PosterBlock:
    """Who asks, and the heading large, in a speech bubble."""
    pad, tail = scale.space(11), scale.space(11)
    inner = _stacked(
        (
            scale.whole_name().paragraph(municipality, "Bold", scale.type(22), _TINT, room - 2 * pad, 1.2),
            _headline(heading, scale, room - 2 * pad),
        ),
        scale.space(8),
    )
    height = inner.height + 2 * pad - scale.space(2)  # tails hang below the line
    box = _Box(0, 0, room, height, scale.space(8), _ACCENT)
    return _PosterBlock(height + tail, (box, _Tail(scale.space(20), height, tail * 1.25, tail), *inner.at(pad, pad)))


def _headline(heading: str, scale: _Scale, room: float) -> _PosterBlock:
    """So large that its longest word is not broken, within reason; lines of nearly the same length."""
    letters = face("Bold")
    said = scale.said(heading, "Bold")
    longest = max((letters.width(word.strip()) for word in WORDS.findall(said)), default=1) or 1
    size = max(scale.type(30), min(scale.type(64), room / _MM / longest))
    return _set(_even(said, letters.width, room / (size * _MM)), "Bold", size, _PAPER, 1.12)


def _deadline(when: str | None, scale: _Scale, room: float) -> _PosterBlock:
    """On a tinted strip with the accent's edge."""
    if not when:
        return _NOTHING
    pad, edge = scale.space(6), scale.space(2.4)
    words = scale.paragraph(when, "Bold", scale.type(22), _ACCENT, room - 2 * pad - edge, 1.25)
    height = words.height + 2 * pad - scale.space(2)
    strip = (_Box(0, 0, room, height, 0, _TINT), _Box(0, 0, edge, height, 0, _ACCENT))
    return _PosterBlock(height, (*strip, *words.at(pad + edge, pad - scale.space(0.5))))


def _way_in(poster: Poster, scale: _Scale, room: float) -> _PosterBlock:
    """The large code on the left; beside it the steps, and the small code where there are two ways."""
    both = ((poster.web_label, poster.web), (poster.telegram_label, poster.telegram))
    ways = [(label, address) for label, address in both if address]
    large, gap = max(scale.space(92 if len(ways) > 1 else 104), 62 * scale.paper.unit), scale.space(10)
    beside = room - large - gap
    steps = _stacked(
        [_step(number, step, scale, beside) for number, step in enumerate(poster.how, 1)], scale.space(6.5)
    )
    left = _code_above(*ways[0], scale, large)
    right = [steps, *(_code_beside(*way, scale, beside) for way in ways[1:])]
    spare = left.height - sum(block.height for block in right)
    column = _stacked(right, max(scale.space(9), spare))
    return _PosterBlock(max(left.height, column.height), (*column.at(large + gap, 0), *left.marks))


def _step(number: int, words: str, scale: _Scale, room: float) -> _PosterBlock:
    """A white number on a disc, and what to do."""
    size = scale.type(21)
    disc = size * _MM * 1.5
    top = (disc - size * _MM * _CAP) / 2  # so that the first line stands level with the number
    said = scale.paragraph(words, "Regular", size, _INK, room - disc * 1.35, 1.22)
    marks = (_Box(0, 0, disc, disc, disc * 0.49, _ACCENT), _in_disc(str(number), scale.type(19), disc))
    return _PosterBlock(max(disc, top + said.height), (*marks, *said.at(disc * 1.35, top)))


def _in_disc(figure: str, size: float, disc: float) -> _TextLine:
    em = size * _MM
    x, y = (disc - face("Bold").width(figure) * em) / 2, (disc + em * _CAP) / 2
    return _TextLine(x, y, figure, "Bold", size, _PAPER)


def _code_above(label: str, address: str, scale: _Scale, side: float) -> _PosterBlock:
    card = _card(address, side, scale)
    named = _stacked(
        (
            scale.paragraph(label, "Regular", scale.type(18), _QUIET, side, 1.2),
            _printed(address, scale, side, 25),
        ),
        scale.space(2.2),
    )
    return _stacked((card, named), scale.space(5))


def _code_beside(label: str, address: str, scale: _Scale, room: float) -> _PosterBlock:
    side = max(scale.space(37), 31 * scale.paper.unit)
    gap = scale.space(4.5)
    named = _stacked(
        (
            scale.paragraph(label, "Regular", scale.type(16), _QUIET, room - side - gap, 1.2),
            _printed(address, scale, room - side - gap, 18),
        ),
        scale.space(2),
    )
    height = max(side, named.height)
    return _PosterBlock(
        height,
        (*_card(address, side, scale).at(0, 0), *named.at(side + gap, max(0, (side - named.height) / 2))),
    )


def _card(address: str, side: float, scale: _Scale) -> _PosterBlock:
    """The code in a frame that does not touch its quiet zone, with its round corners neither."""
    edge, radius = scale.space(1.1), side / 16
    frame = _Box(edge / 2, edge / 2, side - edge, side - edge, radius, _PAPER, edge)
    inset = edge + radius * (1 - 2**-0.5)
    return _PosterBlock(side, (frame, _Code(inset, inset, side - 2 * inset, address)))


def _printed(address: str, scale: _Scale, room: float, points: float) -> _PosterBlock:
    """As it is typed: without https://. On one line if it is not too long for that."""
    letters = face("Bold")
    said = scale.said(re.sub(r"^https?://", "", address).rstrip("/"), "Bold")
    size = max(scale.type(points * 0.6), min(scale.type(points), room / _MM / (letters.width(said) or 1)))
    rows = lines(said, letters.width, room / (size * _MM), ADDRESS, "")
    return _set(rows, "Bold", size, _ACCENT, 1.2, address)


def _foot(otherwise: str, scale: _Scale, room: float) -> _PosterBlock:
    words = scale.paragraph(otherwise, "Regular", scale.type(21), _INK, room)
    if not words.marks:
        return _NOTHING
    above = scale.space(6)
    return _PosterBlock(words.height + above, (_Box(0, 0, room, 0.35, 0, _ACCENT), *words.at(0, above)))


# --- Drawing ------------------------------------------------------------------------------------------------

_FAMILY = "lato"
_MADE = datetime(2026, 1, 1, tzinfo=UTC)  # always the same, so that the same poster gives the same bytes


def _drawn(poster: Poster, paper: _Paper, marks: Iterable[_PosterMark]) -> bytes:
    from fpdf import FPDF, ViewerPreferences  # noqa: PLC0415  # a tenth of a second, only for who wants a poster

    page = FPDF(unit="mm", format=(paper.width, paper.height))
    page.set_auto_page_break(False)
    page.set_title(poster.heading)
    page.set_author(poster.municipality)
    page.set_lang(poster.language)
    page.set_creation_date(_MADE)
    page.viewer_preferences = ViewerPreferences(display_doc_title=True)
    page.add_font(_FAMILY, "", face("Regular").file)
    page.add_font(_FAMILY, "B", face("Bold").file)
    page.add_page()
    for mark in marks:
        _draw(page, mark)
    return bytes(page.output())


def _draw(page: FPDF, mark: _PosterMark) -> None:
    match mark:
        case _TextLine():
            _draw_line(page, mark)
        case _Box():
            _draw_box(page, mark)
        case _Tail(x, y, width, height):
            page.set_fill_color(_ACCENT)
            page.polygon([(x, y - 0.1), (x + width, y - 0.1), (x, y + height)], style="F")
        case _Code():
            _draw_code(page, mark)
        case _:
            assert_never(mark)


def _draw_line(page: FPDF, line: _TextLine) -> None:
    page.set_font(_FAMILY, "B" if line.weight == "Bold" else "", line.size)
    page.set_text_color(line.colour)
    page.text(line.x, line.y, line.text)
    if line.link:
        em = line.size * _MM
        page.link(line.x, line.y - em * _CAP, face(line.weight).width(line.text) * em, em, line.link)


def _draw_box(page: FPDF, box: _Box) -> None:
    page.set_fill_color(box.fill)
    page.set_draw_color(_ACCENT)
    page.set_line_width(box.edge)
    page.rect(
        box.x, box.y, box.width, box.height, "DF" if box.edge else "F", bool(box.radius), corner_radius=box.radius
    )


def _draw_code(page: FPDF, code: _Code) -> None:
    """One path, so that no hairline shows between two modules that touch."""
    matrix = qr.code(code.address).matrix
    module = code.side / (len(matrix) + 2 * qr.QUIET)
    with page.new_path() as path:
        path.style.fill_color, path.style.stroke_color = _CODE, None
        for row, modules in enumerate(matrix, qr.QUIET):
            for start, length in _runs(modules):
                x, y = code.x + (start + qr.QUIET) * module, code.y + row * module
                path.rectangle(x, y, length * module, module)
    page.link(code.x, code.y, code.side, code.side, code.address)


def _runs(modules: bytearray) -> Iterable[tuple[int, int]]:
    """Where dark modules begin, and how many follow each other."""
    return ((found.start(), found.end() - found.start()) for found in re.finditer(rb"\x01+", bytes(modules)))
