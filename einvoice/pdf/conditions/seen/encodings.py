"""How the codes of simple fonts become names of glyphs (ISO 32000-1, 9.6.6, annex D)."""

from __future__ import annotations

from einvoice.pdf.conditions.seen.values import Object, array, at, integer, name


def differences(font: Object) -> dict[int, str]:
    """The names that a font's encoding states itself, by code."""
    found: dict[int, str] = {}
    code = 0
    for each in array(at(font.get("/Encoding"), "/Differences")):
        if (stated := name(each)) is not None:
            found[code] = stated
            code += 1
        elif (number := integer(each)) is not None:
            code = number
    return found
