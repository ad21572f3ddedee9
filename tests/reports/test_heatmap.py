"""The coverage picture: every value as text, colours that any eye can tell apart, legible on a phone."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from reports import heatmap
from reports.fonts import face, spelled
from reports.heatmap import BLACK, RGB, STRIPES, WIDTH, Heatmap, HeatmapCell, ink, png, shade
from tests.support.sizes import examples

COLUMNS = (
    "Lokale dialogmøder: frivillige og foreninger",
    "Lokale dialogmøder: kommunens ansatte",
    "Plan og afgrænsning",
    "Spørgeskema",
    "Interview med ledere",
    "Høring",
    "Udkast til politik",
    "Workshop om bestyrelsesarbejde",
    "Opfølgning",
)

CELLS = (
    HeatmapCell("0", 0.0),
    HeatmapCell("under 5", 0.1),
    HeatmapCell("12", 0.5),
    HeatmapCell("40", 1.0),
    HeatmapCell("–", None),
)

CIVIL = ("Frivillige", "Foreninger", "Borgere, der ikke er frivillige", "Frivilligcentret", "Pårørende", "Brugere")
TOWN = ("Medarbejdere", "Ledere", "Forvaltningsmedarbejdere", "Politikere", "Ældrerådet", "Udsatterådet")


def drawn(columns: int, cells: tuple[HeatmapCell, ...] = CELLS) -> Heatmap:
    """Twelve rows on two sides, under so many columns."""

    def row(label: str, first: int) -> tuple[str, tuple[HeatmapCell, ...]]:
        return label, tuple(cells[(first + number) % len(cells)] for number in range(columns))

    return Heatmap(
        title="Hvem er hørt hvor?",
        columns=COLUMNS[:columns],
        bands=(
            ("Civilsamfund", tuple(row(label, number) for number, label in enumerate(CIVIL))),
            ("Kommune", tuple(row(label, number) for number, label in enumerate(TOWN))),
        ),
        legend=(("Ingen svar", 0.0), ("Halvvejs", 0.5), ("Målet nået", 1.0), ("Spørges ikke her", None)),
        footer="Tal under 5 vises ikke. Opgjort tirsdag den 3. marts 2026 kl. 19.00.",
    )


def opened(picture: Heatmap) -> Image.Image:
    return Image.open(io.BytesIO(png(picture))).convert("RGB")


widths = pytest.mark.parametrize("columns", [1, 3, 5, 7, 9])
SHARES = [number / 500 for number in range(501)]


# --- Colours ----------------------------------------------------------------------------------------------


def luminance(colour: RGB) -> float:
    linear = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def contrast(one: RGB, other: RGB) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_stands_out_from_every_colour_a_cell_can_have() -> None:
    assert min(contrast(shade(share), ink(share)) for share in SHARES) >= 4.5
    assert min(contrast(stripe, ink(None)) for stripe in STRIPES) >= 4.5


def test_more_is_darker_all_the_way_so_that_it_is_seen_without_seeing_colours() -> None:
    assert all(luminance(less) > luminance(more) for less, more in pairwise(shade(number / 50) for number in range(51)))
    assert all(red <= green <= blue for red, green, blue in map(shade, SHARES))  # one hue, never red against green


def test_the_words_of_the_legend_show_colours_that_are_clearly_apart() -> None:
    assert contrast(shade(0), shade(0.5)) > 1.5
    assert contrast(shade(0.5), shade(1)) > 3


def test_more_than_all_is_all() -> None:
    assert (shade(1.4), shade(-0.1)) == (shade(1), shade(0))


def test_a_cell_has_the_colour_of_its_share_and_none_is_striped() -> None:
    picture = drawn(5)
    seen = opened(picture)
    cells = [mark for mark in heatmap._placed(picture) if isinstance(mark, heatmap._Patch)][len(picture.legend) :]
    shares = [cell.share for _, rows in picture.bands for _, row in rows for cell in row]
    assert [cell.share for cell in cells] == shares
    for cell in cells:
        edge = [seen.getpixel((round(cell.x) + x, round(cell.y) + 5)) for x in range(4, 90)]
        if cell.share is None:
            assert set(STRIPES) <= set(edge)
        else:
            assert set(edge) == {shade(cell.share)}


# --- Words ------------------------------------------------------------------------------------------------


def words(picture: Heatmap) -> list[heatmap._Words]:
    return [mark for mark in heatmap._placed(picture) if isinstance(mark, heatmap._Words)]


@widths
def test_every_value_is_there_as_text_in_its_cell_with_colour_to_stand_out(columns: int) -> None:
    picture = drawn(columns)
    marks = heatmap._placed(picture)
    patches = [mark for mark in marks if isinstance(mark, heatmap._Patch)][len(picture.legend) :]
    cells = [cell for _, rows in picture.bands for _, row in rows for cell in row]
    said = [mark for mark in marks if isinstance(mark, heatmap._Words)]
    for patch, cell in zip(patches, cells, strict=True):
        within = [mark for mark in said if inside(mark, patch)]
        assert " ".join(mark.text for mark in within) == cell.label
        assert {mark.colour for mark in within} == {ink(cell.share)}


def inside(mark: heatmap._Words, patch: heatmap._Patch) -> bool:
    left, top, right, bottom = box(mark)
    return patch.x <= left and right <= patch.x + patch.width and patch.y <= top and bottom <= patch.y + patch.height


@widths
def test_words_are_eleven_pixels_high_on_a_phone_of_three_hundred_and_sixty(columns: int) -> None:
    assert min(mark.size for mark in words(drawn(columns))) >= 34
    longer = drawn(columns, (HeatmapCell("anonymiseret", 0.5),))
    assert min(mark.size for mark in words(longer)) >= 28


@widths
def test_no_words_stand_on_other_words_or_off_the_picture(columns: int) -> None:
    boxes = [box(mark) for mark in heatmap._placed(drawn(columns)) if not isinstance(mark, heatmap._Patch)]
    assert all(left >= 0 and top >= 0 and right <= WIDTH for left, top, right, _ in boxes)
    for one, other in combinations(boxes, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (one, other)


def box(mark: heatmap._Words | heatmap._Upright) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the letters."""
    match mark:
        case heatmap._Words():
            long = face(mark.weight).width(mark.text) * mark.size
            left = mark.x - long / 2 if mark.centred else mark.x
            return left, mark.y - 0.74 * mark.size, left + long, mark.bottom
        case heatmap._Upright():
            long = face("Regular").width(mark.text) * 34
            return mark.x - 0.47 * 34, mark.y - long, mark.x + 0.47 * 34, mark.y


@pytest.mark.parametrize(("columns", "upright"), [(3, False), (5, True), (9, True)])
def test_a_long_heading_falls_into_lines_and_stands_upright_where_its_words_have_no_room(
    columns: int, upright: bool
) -> None:
    marks = heatmap._placed(drawn(columns))
    standing = [mark.text for mark in marks if isinstance(mark, heatmap._Upright)]
    level = [mark.text for mark in marks if isinstance(mark, heatmap._Words)]
    assert bool(standing) == upright
    for heading in COLUMNS[:columns]:
        assert heading in " ".join(standing if upright else level)


def test_row_labels_stand_above_their_cells_where_these_need_the_room() -> None:
    def label(columns: int) -> float:
        return next(mark.y for mark in words(drawn(columns)) if mark.text == "Frivillige")

    def first_cell(columns: int) -> heatmap._Patch:
        return [mark for mark in heatmap._placed(drawn(columns)) if isinstance(mark, heatmap._Patch)][4]

    assert first_cell(3).y < label(3) < first_cell(3).bottom
    assert label(9) < first_cell(9).y


def test_danish_letters_and_signs_are_written_as_they_are() -> None:
    text = "Ærø Ålborg Østergård – «under 5» …"
    assert spelled(text, face("Regular").advance) == text


def test_what_lato_lacks_neither_stops_the_picture_nor_goes_unseen() -> None:
    title = words(replace(drawn(2), title="Kristő ✓"))[0]
    assert title.text == "Kristo ?"


# --- The file ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [1, 9])
def test_the_picture_is_as_wide_as_three_phones_and_small_to_send(columns: int) -> None:
    made = png(drawn(columns))
    assert len(made) < 200_000
    width, height = Image.open(io.BytesIO(made)).size
    assert width == 1080
    assert width + height < 10_000  # Telegram's limit for a photo
    assert made == png(drawn(columns))


texts = st.text(max_size=90)


@settings(max_examples=examples(10), deadline=None)
@given(title=texts, columns=st.lists(texts, min_size=1, max_size=9), label=texts, value=texts, footer=texts)
def test_any_words_make_a_picture(title: str, columns: list[str], label: str, value: str, footer: str) -> None:
    row = label, tuple(HeatmapCell(value, 0.5) for _ in columns)
    picture = Heatmap(title, tuple(columns), ((label, (row,)),), ((label, None),), footer)
    assert Image.open(io.BytesIO(png(picture))).width == WIDTH


def test_a_row_with_other_cells_than_there_are_columns_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="columns"):
        replace(drawn(3), columns=COLUMNS[:2])
    with pytest.raises(ValueError, match="columns"):
        replace(drawn(3), columns=(), bands=())


def test_nothing_to_show_is_a_picture_too() -> None:
    assert opened(replace(drawn(3), bands=(), legend=(), footer="")).getpixel((0, 0)) != BLACK
