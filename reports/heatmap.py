"""The coverage as a picture for a phone: rows in bands, a coloured cell per column. Not here: what is counted, words.

Colour never says anything alone: each cell has its text, and the ramp goes from light to dark in one hue. Marks are
placed purely, in pixels, then drawn.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from reports.fonts import Weight, face, lines, shortened, spelled

if TYPE_CHECKING:
    from PIL import Image, ImageFont


RGB = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class HeatmapCell:
    """`share` is 0 to 1, more counts as 1; None where there is nothing to measure, which is drawn hatched."""

    label: str
    share: float | None


HeatmapRow = tuple[str, tuple[HeatmapCell, ...]]


@dataclass(frozen=True, slots=True)
class Heatmap:
    """`bands` are (name, rows), a row is (label, a cell per column); `legend` is (words, share whose colour they show).
    Raises ValueError where there is no column, or a row has more or fewer cells than there are columns.
    """

    title: str
    columns: tuple[str, ...]
    bands: tuple[tuple[str, tuple[HeatmapRow, ...]], ...]
    legend: tuple[tuple[str, float | None], ...]
    footer: str

    def __post_init__(self) -> None:
        counts = {len(cells) for _, rows in self.bands for _, cells in rows}
        if not self.columns or counts - {len(self.columns)}:
            raise ValueError(f"rows of {sorted(counts)} cells under {len(self.columns)} columns")


def png(heatmap: Heatmap) -> bytes:
    """1,080 pixels wide, as high as it needs; made for up to 9 columns and 12 rows on a phone of 360 pixels. Texts
    break into lines; only a column heading that is too long even for that ends in «…».
    """
    marks = _placed(heatmap)
    return _drawn(marks, _bottom(marks) + _MARGIN)


# --- Colours ----------------------------------------------------------------------------------------------

BLACK: RGB = (0, 0, 0)
WHITE: RGB = (255, 255, 255)
STRIPES: tuple[RGB, RGB] = ((246, 244, 239), (214, 209, 198))  # of a cell with nothing to measure
_RAMP: tuple[RGB, ...] = ((228, 239, 250), (190, 216, 241), (140, 188, 230), (38, 104, 170), (9, 48, 98))
_INK: RGB = (27, 37, 33)  # --ink, --quiet, --accent and --edge in bot/channels/web/static/besyv.css
_QUIET: RGB = (75, 87, 81)
_ACCENT: RGB = (11, 90, 73)
_EDGE: RGB = (127, 139, 133)


def shade(share: float) -> RGB:
    """From nearly white at 0 to dark blue at 1, darker all the way: told apart by any eye, and in grey."""
    along = min(1.0, max(0.0, share)) * (len(_RAMP) - 1)
    step = min(int(along), len(_RAMP) - 2)
    low, high = _RAMP[step], _RAMP[step + 1]
    red, green, blue = (round(a + (b - a) * (along - step)) for a, b in zip(low, high, strict=True))
    return red, green, blue


def ink(share: float | None) -> RGB:
    """Black or white, whichever stands out more on the cell: always at least 4.5 to 1."""
    if share is None:
        return BLACK
    return BLACK if _luminance(shade(share)) > _EQUALLY_FAR else WHITE


_EQUALLY_FAR = (1.05 * 0.05) ** 0.5 - 0.05  # the luminance on which black and white have the same contrast


def _luminance(colour: RGB) -> float:
    """WCAG 2.2, relative luminance."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# --- Marks: what is drawn, and where ------------------------------------------------------------------------

WIDTH = 1080
_MARGIN = 30
_ROOM = WIDTH - 2 * _MARGIN
_GAP = 6  # between cells
_PAD = 12  # between a cell's edge and its words
_CELL = 80  # the least height of a cell
_SIDE = 306  # the least room for row labels, where they stand beside the cells
_PATCH = 56  # the width of a colour in the legend
_HIGHEST = 520  # of upright headings
_SURELY = 12  # letters of any width that stand in one line of that height
_STRIPE = 18  # from one stripe to the next
_CAP = 0.72  # Lato's capitals, in em


@dataclass(frozen=True, slots=True)
class _Words:
    """One line; `x` is its left end or, `centred`, its middle, and `y` its baseline."""

    x: float
    y: float
    text: str
    weight: Weight
    size: int
    colour: RGB
    centred: bool = False

    @property
    def bottom(self) -> float:
        return self.y + self.size * 0.21


@dataclass(frozen=True, slots=True)
class _Upright:
    """One line that is read from below; `x` is the middle of its height, `y` where it begins."""

    x: float
    y: float
    text: str

    @property
    def bottom(self) -> float:
        return self.y


@dataclass(frozen=True, slots=True)
class _Patch:
    """A cell's ground, or the same colour in the legend."""

    x: float
    y: float
    width: float
    height: float
    share: float | None

    @property
    def bottom(self) -> float:
        return self.y + self.height


_HeatmapMark = _Words | _Upright | _Patch


@dataclass(frozen=True, slots=True)
class _Type:
    weight: Weight
    size: int
    colour: RGB

    @property
    def line(self) -> float:
        return self.size * 1.18

    def width(self, text: str) -> float:
        return face(self.weight).width(text) * self.size

    def said(self, text: str) -> str:
        return spelled(text, face(self.weight).advance)

    def lines(self, text: str, room: float) -> tuple[str, ...]:
        return lines(self.said(text), self.width, room)

    def longest(self, text: str) -> float:
        """The width of its longest word."""
        return max(map(self.width, self.said(text).split(" ")))


_TITLE, _BAND = _Type("Bold", 52, _INK), _Type("Bold", 40, _ACCENT)
_TEXT, _NOTE = _Type("Regular", 34, _INK), _Type("Regular", 34, _QUIET)  # 11 pixels on a phone
_SMALLEST = 28


def _set(rows: Sequence[str], kind: _Type, x: float, top: float, centred: bool = False) -> list[_HeatmapMark]:
    """Lines below each other; the first one's capitals begin at the top."""
    first = top + kind.size * _CAP
    return [
        _Words(x, first + number * kind.line, row, kind.weight, kind.size, kind.colour, centred)
        for number, row in enumerate(rows)
    ]


def _tall(rows: Sequence[str], kind: _Type) -> float:
    """From the first line's capitals to the last one's baseline: what looks centred."""
    return kind.size * _CAP + kind.line * (len(rows) - 1)


def _bottom(marks: Sequence[_HeatmapMark]) -> float:
    return max((mark.bottom for mark in marks), default=_MARGIN)


# --- The picture, from the top down -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where the cells stand: `side` is the room for row labels on the left, 0 where they stand above their cells."""

    side: float
    step: float  # from one column to the next

    @property
    def cell(self) -> float:
        return self.step - _GAP

    def x(self, column: int) -> float:
        return _MARGIN + self.side + column * self.step


def _placed(heatmap: Heatmap) -> list[_HeatmapMark]:
    grid = _grid(heatmap)
    marks = _set(_TITLE.lines(heatmap.title, _ROOM), _TITLE, _MARGIN, _MARGIN)
    marks += _legend(heatmap.legend, _bottom(marks) + 26)
    marks += _headings(heatmap.columns, grid, _bottom(marks) + 40)
    for name, rows in heatmap.bands:
        marks += _set(_BAND.lines(name, _ROOM), _BAND, _MARGIN, _bottom(marks) + 34)
        for number, row in enumerate(rows):
            marks += _row(row, grid, _bottom(marks) + (_GAP if grid.side and number else 20))
    return marks + _set(_NOTE.lines(heatmap.footer, _ROOM), _NOTE, _MARGIN, _bottom(marks) + 40)


def _grid(heatmap: Heatmap) -> _Grid:
    """Row labels stand beside the cells as long as no word, in a label or in a cell, is broken by that."""
    rows = [row for _, rows in heatmap.bands for row in rows]
    side = max(_SIDE, 2 * _PAD + max((_TEXT.longest(label) for label, _ in rows), default=0))
    beside = _Grid(side, (_ROOM + _GAP - side) / len(heatmap.columns))
    longest = max((_TEXT.longest(cell.label) for _, cells in rows for cell in cells), default=0)
    return beside if longest + 2 * _PAD <= beside.cell else _Grid(0, (_ROOM + _GAP) / len(heatmap.columns))


def _legend(legend: Iterable[tuple[str, float | None]], top: float) -> list[_HeatmapMark]:
    """Patches and words one after the other, on as many lines as they need."""
    marks, x, y = list[_HeatmapMark](), float(_MARGIN), top
    for words, share in legend:
        rows = _TEXT.lines(words, _ROOM - _PATCH - 14)
        width = _PATCH + 14 + max(map(_TEXT.width, rows), default=0)
        if marks and x + width > WIDTH - _MARGIN:
            x, y = _MARGIN, _bottom(marks) + 16
        marks += [_Patch(x, y, _PATCH, _PATCH * 0.7, share)]
        marks += _set(rows, _TEXT, x + _PATCH + 14, y + (_PATCH * 0.7 - _tall(rows[:1], _TEXT)) / 2)
        x += width + 36
    return marks


def _headings(columns: Sequence[str], grid: _Grid, top: float) -> list[_HeatmapMark]:
    """Level where every word has room above its column; else upright. All end at the same line, above the cells."""
    if max(map(_TEXT.longest, columns)) > grid.cell:
        return _upright(columns, grid, top)
    headings = [_TEXT.lines(column, grid.cell) for column in columns]
    highest = max(_tall(rows, _TEXT) for rows in headings)
    marks = list[_HeatmapMark]()
    for number, rows in enumerate(headings):
        middle = grid.x(number) + grid.cell / 2
        marks += _set(rows, _TEXT, middle, top + highest - _tall(rows, _TEXT), centred=True)
    return marks


def _upright(columns: Sequence[str], grid: _Grid, top: float) -> list[_HeatmapMark]:
    most = max(1, int((grid.cell - _PAD) / _TEXT.line))
    headings = _upright_lines(columns, most)
    foot = top + max((_TEXT.width(row) for rows in headings for row in rows), default=0)
    marks = list[_HeatmapMark]()
    for number, rows in enumerate(headings):
        first = grid.x(number) + (grid.cell - (len(rows) - 1) * _TEXT.line) / 2
        marks += [_Upright(first + line * _TEXT.line, foot, row) for line, row in enumerate(rows)]
    return marks


def _upright_lines(columns: Sequence[str], most: int) -> list[tuple[str, ...]]:
    """At most so many lines each, in the least height in which that goes without breaking a word."""
    texts = [_within(_TEXT.said(column), most) for column in columns]
    heights = range(160, _HIGHEST, 20)
    height = next((height for height in heights if all(_fits_upright(text, most, height) for text in texts)), _HIGHEST)
    return [_TEXT.lines(text, height) for text in texts]


def _fits_upright(text: str, most: int, height: float) -> bool:
    return _TEXT.longest(text) <= height and len(_TEXT.lines(text, height)) <= most


def _within(text: str, most: int) -> str:
    """As much of it as stands in so many of the highest lines."""
    lengths = (len(text), 100, 80, 60, 40, 20)
    cut = (shortened(text, length) for length in lengths)
    return next((kept for kept in cut if len(_TEXT.lines(kept, _HIGHEST)) <= most), shortened(text, _SURELY))


def _row(row: HeatmapRow, grid: _Grid, top: float) -> list[_HeatmapMark]:
    label, cells = row
    rows = _TEXT.lines(label, grid.side - 2 * _PAD if grid.side else _ROOM)
    written = [_in_cell(cell, grid.cell) for cell in cells]
    height = max(_CELL, *(_tall(words, kind) + 2 * _PAD for words, kind in written))
    if grid.side:
        height = max(height, _tall(rows, _TEXT) + 2 * _PAD)
        marks = _set(rows, _TEXT, _MARGIN, top + (height - _tall(rows, _TEXT)) / 2)
    else:
        marks = _set(rows, _TEXT, _MARGIN, top)
        top = _bottom(marks) + 10
    for number, (cell, (words, kind)) in enumerate(zip(cells, written, strict=True)):
        marks += [_Patch(grid.x(number), top, grid.cell, height, cell.share)]
        middle = grid.x(number) + grid.cell / 2
        marks += _set(words, kind, middle, top + (height - _tall(words, kind)) / 2, centred=True)
    return marks


def _in_cell(cell: HeatmapCell, width: float) -> tuple[tuple[str, ...], _Type]:
    """The words in lines, smaller where the longest one has no room, and in a colour that stands out."""
    room = width - _PAD
    size = max(_SMALLEST, min(_TEXT.size, int(_TEXT.size * room / (_TEXT.longest(cell.label) or 1))))
    kind = _Type("Regular", size, ink(cell.share))
    return kind.lines(cell.label, room), kind


# --- Drawing ------------------------------------------------------------------------------------------------


def _drawn(marks: Iterable[_HeatmapMark], height: float) -> bytes:
    from PIL import Image, ImageDraw  # noqa: PLC0415  # loaded only when a picture is asked for

    picture = Image.new("RGB", (WIDTH, round(height)), WHITE)
    pen, out = ImageDraw.Draw(picture), io.BytesIO()
    for mark in marks:
        match mark:
            case _Words():
                font = _font(mark.weight, mark.size)
                pen.text((mark.x, mark.y), mark.text, mark.colour, font, anchor="ms" if mark.centred else "ls")
            case _Upright():
                _draw_upright(picture, mark)
            case _Patch():
                _fill(picture, mark)
            case _:
                assert_never(mark)
    few = picture.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)  # a third of the bytes
    few.save(out, "PNG", optimize=True)
    return out.getvalue()


def _font(weight: Weight, size: int) -> ImageFont.FreeTypeFont:
    """Laid out letter by letter, so that the picture is the same whatever text libraries the machine has."""
    from PIL import ImageFont  # noqa: PLC0415  # loaded only when a picture is asked for

    return ImageFont.truetype(face(weight).file, size, layout_engine=ImageFont.Layout.BASIC)


def _draw_upright(picture: Image.Image, words: _Upright) -> None:
    from PIL import Image, ImageDraw  # noqa: PLC0415  # loaded only when a picture is asked for

    long, high = round(_TEXT.width(words.text)) + _TEXT.size, 2 * _TEXT.size
    lying = Image.new("L", (long, high), 0)
    baseline = (high + _TEXT.size * _CAP) / 2
    ImageDraw.Draw(lying).text((0, baseline), words.text, 255, _font("Regular", _TEXT.size), anchor="ls")
    place = (round(words.x - high / 2), round(words.y - long))
    picture.paste(_TEXT.colour, place, lying.transpose(Image.Transpose.ROTATE_90))


def _fill(picture: Image.Image, patch: _Patch) -> None:
    from PIL import Image, ImageDraw  # noqa: PLC0415  # loaded only when a picture is asked for

    size = round(patch.width), round(patch.height)
    ground = Image.new("RGB", size, STRIPES[0] if patch.share is None else shade(patch.share))
    pen = ImageDraw.Draw(ground)
    if patch.share is None:
        for x in range(-size[1], size[0], _STRIPE):
            pen.line((x, size[1], x + size[1], 0), STRIPES[1], 5)
    pen.rectangle((0, 0, size[0] - 1, size[1] - 1), outline=_EDGE, width=2)
    picture.paste(ground, (round(patch.x), round(patch.y)))
