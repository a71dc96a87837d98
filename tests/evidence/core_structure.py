"""The structure check: its verdicts beside the official XSD, its messages, and what a fault costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from einvoice.formats import structure
from einvoice.formats.structure.walk import Walk
from einvoice.formats.syntax import Document
from einvoice_schemas.structure import NAMES
from tests.agreement.official import ABSENT, derived_again, differences, documents, fetch, libxml2_differs
from tests.corpora import cases
from tests.evidence import Figure, NotMeasured, corpora, figure, scaled
from tests.formats.structure_faults import FAULTS
from tests.speed.documents import ubl


@figure("structure-agreement", bar="the official XSD's verdict on every file; those libxml2 refuses for a padded date by name", item=2)
def agreement() -> Figure:
    judged = [case for case in cases(corpora()) if case.xsd_valid is not None]
    found = differences(judged)
    padded = f"; padded date: {', '.join(sorted(path.name for path in found['padded']))}" if found["padded"] else ""
    other = f"; other: {', '.join(path.name for path in found['other'][:5])}" if found["other"] else ""
    same = len(judged) - len(found["padded"]) - len(found["other"])
    return Figure(f"{same} of {len(judged)} files{padded}{other}", not found["other"] and len(judged) > 6_000)


def official_xsd(document: Document) -> Path:
    """The official XSD, or NotMeasured."""
    path = fetch(document)
    if path is None:
        raise NotMeasured(ABSENT)
    return path


@figure("structure-tables", bar="the script derives the committed tables again from the official XSD", item=2)
def tables() -> Figure:
    same = derived_again(*map(official_xsd, Document))
    return Figure(f"{len(same)} of {len(NAMES)} tables the same: {', '.join(same)}", len(same) == len(NAMES))


def random_documents(document: Document) -> Figure:
    """Our verdict beside libxml2's on random documents, most of them damaged."""
    xsd = official_xsd(document)
    count = scaled(3_000)
    wrong = len(libxml2_differs(document, xsd, count))
    return Figure(f"{count - wrong} of {count} documents", not wrong)


@figure("structure-random-invoice", bar="libxml2's verdict with the official XSD on every random document, padded dates aside", item=2)
def random_invoices() -> Figure:
    return random_documents(Document.UBL_INVOICE)


@figure("structure-random-creditnote", bar="libxml2's verdict with the official XSD on every random document, padded dates aside", item=2)
def random_credit_notes() -> Figure:
    return random_documents(Document.UBL_CREDIT_NOTE)


@figure("structure-random-cii", bar="libxml2's verdict with the official XSD on every random document, padded dates aside", item=2)
def random_cii() -> Figure:
    return random_documents(Document.CII)


@figure("structure-fast", bar="wherever the fast pass says valid, the walk finds nothing", item=2)
def fast_pass() -> Figure:
    said = wrong = total = 0
    for document in Document:
        for root in documents(document, range(50_000, 50_000 + scaled(1_000))):
            fast, made = structure._prepared(document)
            valid = fast.valid(root, made)
            total, said, wrong = total + 1, said + valid, wrong + bool(valid and Walk(fast, root).run(made))
    return Figure(f"{said} of {total} documents let through, {wrong} wrongly", not wrong and said > total / 4)


@figure("structure-messages", bar="at least ten classes of faults, each naming element, expectation, place and mend", item=2)
def messages() -> Figure:
    unsaid = {name: fault.unsaid(fault.told()) for name, fault in FAULTS.items()}
    wrong = [name for name, missing in unsaid.items() if missing]
    classes = len({fault.rule for fault in FAULTS.values()})
    shown = f"; not: {', '.join(wrong)}" if wrong else ""
    return Figure(f"{len(FAULTS)} cases of {classes} classes{shown}", not wrong and classes >= 10)


@figure("structure-fault", bar="a fault in the last of 10,000 lines costs at most 4 × the check of the sound document", item=2)
def one_fault() -> Figure:
    data = ubl(scaled(10_000))
    place = data.rindex(b"<cac:Price>")
    sound, faulty = (etree.fromstring(text) for text in (data, data[:place] + b"<cac:Thing/>" + data[place:]))
    first, second = quickest(lambda: structure.check(sound)), quickest(lambda: structure.check(faulty))
    (found,) = structure.check(faulty)
    value = f"{second / first:.2g} × ({second * 1e3:.0f} ms against {first * 1e3:.0f} ms), told in line {found.line}"
    return Figure(value, second <= 4 * first)


def quickest(work: Callable[[], object]) -> float:
    """Processor time of one call in seconds, the best of five."""
    times = []
    for _ in range(5):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)
