"""An address as a QR code: read back pixel by pixel, large enough to print."""

from __future__ import annotations

import io

import pytest
import segno
from lxml import etree
from PIL import Image

from reports import qr

ADDRESSES = (
    "https://frivillig.eksempel.dk/",
    "https://t.me/EksempelBesyvBot?start=plakat",
    "https://frivillig.eksempel.dk/" + "a" * 400,
)


def modules(picture: Image.Image, count: int) -> list[list[int]]:
    """The middle of each module of a picture that is `count` modules wide: 1 where it is dark."""
    grey, step = picture.convert("L"), picture.width / count
    middles = [round((number + 0.5) * step) for number in range(count)]
    return [[int(grey.getpixel((x, y)) == 0) for x in middles] for y in middles]


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_picture_shows_the_code_at_error_level_m_in_a_quiet_zone_of_four_modules(address: str) -> None:
    code = segno.make(address, micro=False, error="m")
    count = len(code.matrix) + 8
    picture = Image.open(io.BytesIO(qr.png(address)))
    assert modules(picture, count) == [list(row) for row in code.matrix_iter(border=4)]


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_picture_is_about_a_thousand_pixels_wide_and_no_module_is_wider_than_another(address: str) -> None:
    count = len(qr.code(address).matrix) + 8
    width, height = Image.open(io.BytesIO(qr.png(address))).size
    assert width == height
    assert width % count == 0
    assert 900 <= width <= 1100


def test_even_a_short_address_is_no_micro_code() -> None:
    assert len(qr.code("1").matrix) == 21


def test_the_drawing_fills_its_place_and_is_dark_on_light() -> None:
    drawing = etree.fromstring(qr.svg(ADDRESSES[0]))
    side = str(len(qr.code(ADDRESSES[0]).matrix) + 8)
    assert drawing.get("viewBox") == f"0 0 {side} {side}"
    assert (drawing.get("width"), drawing.get("height")) == (None, None)
    paths = drawing.findall("{http://www.w3.org/2000/svg}path")
    assert [path.get("fill") or path.get("stroke") for path in paths] == ["#fff", "#000"]


def test_an_address_that_no_code_can_hold_is_refused() -> None:
    for form in (qr.png, qr.svg):
        with pytest.raises(ValueError, match="too large"):
            form("https://" + "a" * 3000)
