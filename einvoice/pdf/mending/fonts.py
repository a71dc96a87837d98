"""Fonts without lists of their glyphs, which need not be there, but must be complete where they are (ISO 19005-3, 6.2.11)."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf

from einvoice.pdf.conditions.seen.values import Object, array, dictionary, name, stream
from einvoice.pdf.mending.painting import without

_LISTS = {"/CIDSet", "/CharSet"}
_PROGRAMS = ("/FontFile", "/FontFile2", "/FontFile3")


def mend(font: Object) -> Iterator[str]:
    """A font, and what it is made of."""
    for each in (font, *(inner for inner in array(font.get("/DescendantFonts")) if dictionary(inner) is not None)):
        described = dictionary(each.get("/FontDescriptor"))
        if described is None:
            continue
        for key in _LISTS & described.keys():
            del described[key]  # it shows nothing, so it is not worth saying
        for key in _PROGRAMS:
            if (program := stream(described.get(key))) is not None:
                yield from without(program, {"/Metadata": "metadata of parts of the document removed"})
        if name(each.get("/Subtype")) == "CIDFontType2" and "/FontFile2" in described and "/CIDToGIDMap" not in each:
            each["/CIDToGIDMap"] = pikepdf.Name.Identity
            yield "mapping to glyphs stated that held by default"
