"""The file: header, trailer, end (ISO 19005-3, 6.1)."""

from __future__ import annotations

from einvoice.pdf.conditions.condition import condition
from einvoice.pdf.conditions.document import Trailer


@condition("PDFA-6.1.3-1", "trailer")
def trailer_has_an_identifier(trailer: Trailer) -> object:
    """Write a file identifier: the key ID of the trailer with two byte strings."""
    return any(len(bytes(each)) for each in trailer.dictionary.get("/ID", ()))


@condition("PDFA-6.1.3-2", "trailer")
def file_is_not_encrypted(trailer: Trailer) -> object:
    """Save the PDF without encryption and without permissions: the trailer has the key Encrypt."""
    return "/Encrypt" not in trailer.dictionary
