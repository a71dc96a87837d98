"""What conditions look at: one PDF, and its parts by subject, each collected when a condition first asks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

import pikepdf


class Trailer(NamedTuple):
    """The trailer, which says where everything else is."""

    dictionary: Any
    place: str = "trailer"


class Catalog(NamedTuple):
    """The document catalog."""

    dictionary: Mapping[str, Any]
    place: str = "document catalog"


class Document:
    """One PDF that conditions are held against; `data` are its bytes, where the conditions of its syntax shall be looked at."""

    def __init__(self, pdf: pikepdf.Pdf, data: bytes | None = None) -> None:
        self.pdf, self.data = pdf, data

    @cached_property
    def trailer(self) -> tuple[Trailer]:
        """The trailer."""
        return (Trailer(self.pdf.trailer),)

    @cached_property
    def catalog(self) -> tuple[Catalog]:
        """The catalog."""
        return (Catalog(self.pdf.Root),)
