"""Files within the PDF (ISO 19005-3, 6.8)."""

from __future__ import annotations

import re

from einvoice.pdf.conditions.condition import condition
from einvoice.pdf.conditions.seen.files import Embedded, Specification
from einvoice.pdf.conditions.seen.values import name, string

_MIME = re.compile(r"[-\w+.]+/[-\w+.]+", re.ASCII)


@condition("PDFA-6.8-1", "embedded")
def embedded_file_has_a_type(file: Embedded) -> object:
    """State the MIME type of the attached file as its Subtype, such as text/xml; application/octet-stream where it is not known."""
    return _MIME.fullmatch(name(file.dictionary.get("/Subtype")) or "")


@condition("PDFA-6.8-2", "specifications")
def embedded_file_has_both_names(file: Specification) -> object:
    """State the name of the attached file as both F and UF of its file specification."""
    stated = file.dictionary
    return "/EF" not in stated or (string(stated.get("/F")) is not None and string(stated.get("/UF")) is not None)


@condition("PDFA-6.8-3", "specifications")
def file_says_how_it_relates(file: Specification) -> object:
    """State AFRelationship of the attached file: Alternative, Source, Data, Supplement or Unspecified."""
    return name(file.dictionary.get("/AFRelationship")) is not None


@condition("PDFA-6.8-4", "specifications")
def file_is_associated(file: Specification) -> object:
    """Name the attached file in the array AF of the catalog, or of the page or part that it belongs to."""
    return file.associated
