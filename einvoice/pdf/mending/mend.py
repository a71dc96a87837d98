"""All that is mended, in order."""

from __future__ import annotations

from collections.abc import Iterator

from einvoice.pdf.mending import catalog, fonts, forms, inheritance, layers, notes, packing, painting, spaces
from einvoice.pdf.mending.parts import Parts, parts
from einvoice.pdf.opening import Opened


def mend(found: Opened) -> tuple[str, ...]:
    """Makes the PDF conform where nothing visible changes; what was done, each once.

    Raises UnsafePDF where a stream unpacks to more than it may.
    """
    return tuple(dict.fromkeys(_changes(found)))


def _changes(found: Opened) -> Iterator[str]:
    root = found.pdf.Root
    yield from packing.mend(found)
    yield from catalog.mend(root)
    yield from forms.mend(root)
    yield from layers.mend(root)
    made: Parts = parts(root)
    yield from inheritance.mend(made)
    yield from spaces.mend(found.pdf, made)
    for page in made.pages:
        yield from painting.mend_page(page)
        yield from notes.mend(found.pdf, page)
    for state in made.states:
        yield from painting.mend_state(state)
    for image in made.images:
        yield from painting.mend_image(image)
    for form in made.forms:
        yield from painting.mend_form(form)
    for font in made.fonts:
        yield from fonts.mend(font)
