"""QR codes as SVG, for paper and screen, by segno."""

from __future__ import annotations

import re

import segno

QUIET = 4
"""Modules around a symbol that stay light (ISO/IEC 18004, 6.3.8)."""

MASK = 4
"""The pattern that is laid over the modules. A reader takes it from the symbol, whichever it is; of payments, it is the one that the
standard's search ends with most often, and that search takes longer than all else of the symbol."""

_DARK = re.compile(b"\1+")


def svg(text: str) -> str:
    """A QR code with error correction M, as EPC069-12 asks, and its quiet zone: a line for each run of dark modules."""
    rows = segno.make(text, error="m", micro=False, boost_error=False, encoding="utf-8", mask=MASK).matrix
    size = len(rows) + 2 * QUIET
    dark = "".join(
        f"M{run.start() + QUIET} {at}.5h{run.end() - run.start()}" for at, row in enumerate(rows, QUIET) for run in _DARK.finditer(row)
    )
    ground = f"M0 0h{size}v{size}h-{size}z"
    return f'<svg viewBox="0 0 {size} {size}"><path fill="#fff" d="{ground}"/><path stroke="#000" d="{dark}"/></svg>'
