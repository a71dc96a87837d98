"""The structure check beside the official XSD: on every published file, and on random documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from einvoice.formats import guard, structure
from einvoice.formats.structure.lexical import BUILT_IN
from einvoice.formats.syntax import Document
from tests.agreement.official import ABSENT, differences, documents, judge, libxml2_differs, official
from tests.corpora import cases
from tests.scale import scaled


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


def xsd(document: Document) -> Path:
    """The official XSD; skips where it is absent."""
    path = official(document)
    if path is None:
        pytest.skip(ABSENT)
    return path


@pytest.mark.parametrize("document", Document)
def test_random_documents_get_the_verdict_of_libxml2(document: Document) -> None:
    assert libxml2_differs(document, xsd(document), 100) == []


@pytest.mark.slow
@pytest.mark.parametrize("document", Document)
def test_thousands_of_random_documents_get_the_verdict_of_libxml2(document: Document) -> None:
    assert libxml2_differs(document, xsd(document), scaled(3_000)) == []


@pytest.mark.slow
@pytest.mark.parametrize("document", Document)
def test_random_documents_get_the_verdict_of_xmlschema(document: Document) -> None:
    """But for faults of xmlschema: a comment in a value counts as an element, a no-break space as white space, any text as a URI."""
    wanted = BUILT_IN["anyURI"].wanted
    schema: Any = pytest.importorskip("xmlschema").XMLSchema(str(xsd(document)))
    for root in documents(document, range(10_000, 10_000 + scaled(600))):
        etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
        text = etree.tostring(root, encoding="unicode")
        lenient = "\u00a0" in text or any(wanted in found.text for found in structure.check(root))
        if not lenient:
            assert judge(root)[0] == schema.is_valid(root), text


def test_guarded_bytes_are_checked_as_trees_are(corpora: Path) -> None:
    for case in list(cases(corpora / "cen-examples"))[:10]:
        assert judge(guard.parse(case.path.read_bytes()).root)[0] == case.xsd_valid
