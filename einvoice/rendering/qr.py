"""QR codes as SVG, for paper and screen."""

from __future__ import annotations

import io

import segno


def svg(text: str) -> str:
    """A QR code: error correction M as EPC069-12 asks, a quiet zone of four modules (ISO/IEC 18004, 6.3.8)."""
    out = io.BytesIO()
    made = segno.make(text, error="m", micro=False, boost_error=False, encoding="utf-8")
    made.save(out, kind="svg", border=4, light="#fff", xmldecl=False, svgns=False, svgclass=None, lineclass=None, omitsize=True, nl=False)
    return out.getvalue().decode("ascii")
