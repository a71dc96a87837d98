"""QR codes as SVG, for paper and screen, by segno."""

from __future__ import annotations

import segno

QUIET = 4
"""Modules around a symbol that stay light (ISO/IEC 18004, 6.3.8)."""

MASK = 4
"""The pattern that is laid over the modules. A reader takes it from the symbol, whichever it is; of payments, it is the one that the
standard's search ends with most often, and that search takes longer than all else of the symbol."""


def svg(text: str) -> str:
    """A QR code with error correction M, as EPC069-12 asks, and its quiet zone."""
    made = segno.make(text, error="m", micro=False, boost_error=False, encoding="utf-8", mask=MASK)
    return made.svg_inline(border=QUIET, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None)
