"""RGB in a document whose output intent is another's: it means sRGB, as viewers take it anyway (ISO 19005-3, 6.2.4.3)."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf

from einvoice.pdf import colour
from einvoice.pdf.conditions.seen.values import dictionary
from einvoice.pdf.mending.parts import Parts

RGB = 3


def mend(pdf: pikepdf.Pdf, parts: Parts) -> Iterator[str]:
    """Says what RGB is wherever something is painted, unless the output intent says it, or the PDF does."""
    if colour.components(pdf) in {None, RGB}:
        return
    space = pdf.make_indirect(pikepdf.Array([pikepdf.Name.ICCBased, colour.held(pdf)]))
    for resources in parts.resources:
        spaces = dictionary(resources.get("/ColorSpace"))
        if spaces is None:
            spaces = resources["/ColorSpace"] = pikepdf.Dictionary()
        if "/DefaultRGB" not in spaces:
            resources["/ColorSpace"]["/DefaultRGB"] = space
            yield "RGB said to be sRGB"
