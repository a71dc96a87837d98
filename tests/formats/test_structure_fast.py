"""The fast pass and the walk: on whatever document, the fast one says valid only where the walk finds nothing."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from einvoice.formats import structure
from einvoice.formats.structure.fast import PIECE, pieces
from einvoice.formats.structure.table import Table
from einvoice.formats.structure.walk import Walk
from einvoice.formats.syntax import Document
from einvoice.report import Finding
from tests.formats.structure_documents import Writer, damaged
from tests.formats.structure_samples import UBL, parsed


def both(root: etree._Element) -> tuple[bool, tuple[Finding, ...]]:
    """What the fast pass and the walk say, each alone."""
    fast, made = structure._table(root)
    return fast.valid(root, made), Walk(fast, root).run(made)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(list(Document)), st.integers(0, 2**32), st.integers(0, 4))
def test_what_the_fast_pass_lets_through_the_walk_does_too(document: Document, seed: int, faults: int) -> None:
    root = Writer(document, seed).invoice()
    said, found = both(damaged(root, random.Random(seed), Table.of(document), faults))
    assert not (said and found)


@pytest.mark.parametrize("document", Document)
def test_the_fast_pass_lets_plain_documents_through(document: Document) -> None:
    said = [both(Writer(document, seed).invoice()) for seed in range(60)]
    assert all(fast == (not found) for fast, found in said)
    assert sum(fast for fast, _ in said) > 20


@pytest.mark.parametrize(("old", "new"), [
    ("<cac:Item/>", "<cac:Item><!-- > --></cac:Item>"), ("first", "<![CDATA[<b>]]>"), ("2026-03-02", " 2026-03-02"), ("", ""),
])  # fmt: skip
def test_whatever_the_fast_pass_says_the_check_says_what_the_walk_finds(old: str, new: str) -> None:
    root = parsed(UBL, old, new)
    assert structure.check(root) == both(root)[1]


def test_a_long_document_is_looked_at_in_pieces_that_begin_with_a_tag() -> None:
    for text in ("<a>" + "x" * (PIECE * 3) + "</a>", "<a>" * PIECE, "<a/>", "<a>" + "<b>1</b>" * PIECE + "</a>"):
        parts = list(pieces(text))
        assert "".join(parts) == text
        assert all(part[0] == "<" for part in parts)
        assert len(text) <= PIECE or len(parts) > 1


def test_large_values_and_many_lines_are_valid() -> None:
    attachment = "<cbc:EmbeddedDocumentBinaryObject mimeCode='a/b'>" + "QUJD\n" * 300_000 + "</cbc:EmbeddedDocumentBinaryObject>"
    reference = f"<cbc:ID>1</cbc:ID><cac:Attachment>{attachment}</cac:Attachment></cac:AdditionalDocumentReference>"
    text = UBL.replace("<cac:AccountingSupplierParty>", f"<cac:AdditionalDocumentReference>{reference}<cac:AccountingSupplierParty>")
    line = UBL[UBL.index("<cac:InvoiceLine>") : UBL.index("</Invoice>")]
    root = etree.fromstring(text.replace(line, line * 9_000), etree.XMLParser(huge_tree=True))
    assert both(root)[0]
    assert structure.check(root) == ()
