"""Halftones (ISO 32000-1, 10.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from einvoice.pdf.conditions.seen.painted import Part
from einvoice.pdf.conditions.seen.values import Object, dictionary, integer, name


class Halftone(NamedTuple):
    """A halftone, the colorant that it is for within one of type 5, and where it stands."""

    dictionary: Object
    colorant: str | None
    place: str

    @property
    def kind(self) -> int | None:
        """Its type."""
        return integer(self.dictionary.get("/HalftoneType"))


def halftones(state: Part) -> Iterator[Halftone]:
    """Those of a graphics state: its own, and those for colorants within it."""
    found = dictionary(state.dictionary.get("/HT"))
    if found is not None and name(found) is None:
        whole = Halftone(found, None, f"{state.place}, halftone")
        yield whole
        if whole.kind == 5:
            for key, each in found.items():
                if dictionary(each) is not None:
                    yield Halftone(each, key[1:], f"{state.place}, halftone {key[1:]}")
