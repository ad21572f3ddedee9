"""An address as a QR code, in a file of its own. Not here: where a code stands on a poster or a page."""

from __future__ import annotations

import io

import segno

QUIET = 4  # modules of light around the code, as ISO/IEC 18004 asks
_PRINTED = 1000  # pixels: 85 mm at 300 dots per inch


def code(address: str) -> segno.QRCode:
    """The code that every form of it shows. Raises segno.DataOverflowError (a ValueError) above 2,331 bytes."""
    return segno.make_qr(address, error="m")


def png(address: str) -> bytes:
    """Black on white, each module the same whole number of pixels, about 1,000 pixels wide."""
    made, out = code(address), io.BytesIO()
    modules = made.symbol_size(border=QUIET)[0]
    made.save(out, kind="png", scale=round(_PRINTED / modules), border=QUIET, dark="#000", light="#fff")
    return out.getvalue()


def svg(address: str) -> bytes:
    """Black on white, a whole SVG file in UTF-8 that is drawn as large as its place."""
    out = io.BytesIO()
    code(address).save(out, kind="svg", border=QUIET, dark="#000", light="#fff", omitsize=True)
    return out.getvalue()
