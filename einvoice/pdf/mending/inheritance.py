"""What pages and forms have from elsewhere, written where they are (ISO 19005-3, 6.2.2)."""

from __future__ import annotations

from collections.abc import Iterator

from einvoice.pdf.conditions.seen.values import identity
from einvoice.pdf.mending.parts import Parts


def mend(parts: Parts) -> Iterator[str]:
    """Gives each page what it has from the tree of pages, and each form the resources of the only page that it is used on."""
    for page, lacking in parts.inherited:
        for key, value in lacking.items():
            page[key] = value
        if "/Resources" in lacking:
            yield "resources of the tree of pages written into each page"
    for form, pages in parts.bare.values():
        if len({identity(each) for each in pages}) == 1:
            form["/Resources"] = pages[0]
            yield "resources of the page written into its forms"
