"""How large things may be (ISO 19005-3, 6.1.13), and what a document may not do without (6.1.12, 6.10, 6.11)."""

from __future__ import annotations

from einvoice.pdf.conditions.condition import condition
from einvoice.pdf.conditions.document import Document
from einvoice.pdf.conditions.parts import Box, Reference, Thing
from einvoice.pdf.conditions.seen.objects import Large
from einvoice.pdf.conditions.seen.pages import Page
from einvoice.pdf.conditions.seen.painted import Coloured, Content
from einvoice.pdf.conditions.seen.values import array, at

_LARGEST = 2**31 - 1


@condition("PDFA-6.1.12-1", "permissions")
def permissions_are_of_signatures(permissions: Thing) -> object:
    """Remove everything but UR3 and DocMDP from the permissions dictionary."""
    return set(permissions.dictionary.keys()) <= {"/UR3", "/DocMDP"}


@condition("PDFA-6.1.12-2", "references")
def certified_signature_has_no_digest(reference: Reference) -> object:
    """Remove DigestLocation, DigestMethod and DigestValue from the signature's reference: the document is certified by DocMDP."""
    return not reference.certified or not {"/DigestLocation", "/DigestMethod", "/DigestValue"} & set(reference.dictionary.keys())


@condition("PDFA-6.1.13-1", "values")
def integers_have_32_bits(value: Large) -> object:
    """Write no integer beyond -2147483648 to 2147483647."""
    return value.kind != "integer" or -_LARGEST - 1 <= value.value <= _LARGEST


@condition("PDFA-6.1.13-2", "values")
def reals_are_bounded(value: Large) -> object:
    """Write no number beyond 3.403 × 10^38."""
    return value.kind != "real" or abs(value.value) <= 3.403e38


@condition("PDFA-6.1.13-3", "values")
def strings_are_bounded(value: Large) -> object:
    """Cut strings to 32,767 bytes, or put the text into a stream."""
    return value.kind != "string" or value.value < 32_768


@condition("PDFA-6.1.13-4", "values")
def names_are_bounded(value: Large) -> object:
    """Cut names to 127 bytes."""
    return value.kind != "name" or value.value <= 127


@condition("PDFA-6.1.13-5", "values")
def reals_are_not_too_near_to_nothing(value: Large) -> object:
    """Write 0 for numbers that are nearer to it than 1.175 × 10^-38."""
    return value.kind != "real" or value.value == 0 or abs(value.value) >= 1.175e-38


@condition("PDFA-6.1.13-7", "itself")
def objects_are_bounded(document: Document) -> object:
    """Split the PDF: it has more than 8,388,607 indirect objects."""
    return len(document.pdf.objects) <= 8_388_607


@condition("PDFA-6.1.13-8", "contents")
def graphics_states_are_not_nested_too_deep(content: Content) -> object:
    """Nest the operators q and Q at most 28 deep."""
    return content.nesting <= 28


@condition("PDFA-6.1.13-9", "colours")
def inks_are_bounded(colour: Coloured) -> object:
    """Use at most 32 colorants in a DeviceN colour space."""
    return colour.space.kind != "DeviceN" or len(array(colour.space.array[1])) <= 32


@condition("PDFA-6.1.13-11", "boxes")
def pages_have_a_size(box: Box) -> object:
    """Give the boundaries of the page sides of 3 to 14,400 units."""
    return 3 <= box.width <= 14_400 and 3 <= box.height <= 14_400


@condition("PDFA-6.10-1", "catalog")
def there_is_one_presentation(catalog: Thing) -> object:
    """Remove AlternatePresentations from the name dictionary."""
    return at(catalog.dictionary, "/Names", "/AlternatePresentations") is None


@condition("PDFA-6.10-2", "pages")
def pages_have_no_steps(page: Page) -> object:
    """Remove PresSteps from the page."""
    return page.dictionary.get("/PresSteps") is None


@condition("PDFA-6.11-1", "catalog")
def document_requires_nothing(catalog: Thing) -> object:
    """Remove Requirements from the catalog: an archive's reader cannot be required to have anything."""
    return catalog.dictionary.get("/Requirements") is None
