"""QR codes as SVG, for paper and screen."""

from __future__ import annotations

import re

from einvoice.rendering.masks import symbol

QUIET = 4
"""Modules around a symbol that stay light (ISO/IEC 18004, 6.3.8)."""


def svg(text: str) -> str:
    """A QR code with error correction M, as EPC069-12 asks, and its quiet zone."""
    rows = symbol(text)
    size = len(rows) + 2 * QUIET
    ground = f'<path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/>'
    return f'<svg viewBox="0 0 {size} {size}">{ground}<path stroke="#000" d="{_path(rows)}"/></svg>'


def _path(rows: tuple[str, ...]) -> str:
    """A line of the height of a module along each run of dark ones, from the end of the one before."""
    made: list[str] = []
    column = down = 0
    for number, row in enumerate(rows):
        for run in re.finditer("1+", row):
            start, end = run.span()
            move = f"m{start - column} {down}" if made else f"M{QUIET + start} {QUIET + number + 0.5}"
            made.append(f"{move}h{end - start}")
            column, down = end, 0
        down += 1
    return "".join(made)
