"""Where XML is not what it seems: each trap with the verdict of the standard."""

from __future__ import annotations

import time

import pytest
from lxml import etree

from einvoice.errors import UnknownFormat
from einvoice.formats import structure
from einvoice.formats.syntax import Document
from tests.formats.structure_samples import CII, UBL, extended, findings, parsed

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
VALID = {
    "nothing": (UBL, "", ""),
    "comment in a value": (UBL, ">12.50<", ">12<!-- > <a> -->.5<?pi > ?>0<"),
    "comment between elements": (UBL, "<cac:Contact/>", "<!-- <cac:Contact> --><cac:Contact/><?x y?>"),
    "comment in an empty element": (UBL, "<cac:Item/>", "<cac:Item><!-- --></cac:Item>"),
    "character data section": (UBL, ">first<", "><![CDATA[<b> &amp; ]]>second<"),
    "escaped text": (UBL, ">first<", ">&lt;&amp;&gt;&quot;&#13;<"),
    "carriage return between elements": (UBL, "<cac:Contact/>", "<cac:Contact/>&#13;"),
    "white space around a number": (UBL, ">12.50<", ">\t12.50\n<"),
    "no text at all": (UBL, ">first<", "><"),
    "odd attribute": (UBL, "<cbc:ID>", '<cbc:ID schemeName="&lt;&quot;&#10;é>" schemeURI="a?b&amp;c">'),
    "schema location": (UBL, "<cac:Item/>", f'<cac:Item {XSI} xsi:schemaLocation="a b" xsi:noNamespaceSchemaLocation="c"/>'),
    "own xsi:type": (UBL, "<cac:Item/>", f'<cac:Item {XSI} xsi:type="cac:ItemType"/>'),
    "prefix declared below": (
        UBL,
        "<cac:Item/>",
        '<a:Item xmlns:a="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"/>',
    ),
    "default namespace below": (
        UBL,
        "<cac:Contact/>",
        '<Contact xmlns="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"/>',
    ),
    "prefix meaning another": (
        UBL,
        "<cac:Contact/>",
        '<cbc:Contact xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"/>',
    ),
    "fixed attribute with white space": (CII, 'listID="1001"', 'listID=" 1001 "'),
    "the other of a choice": (
        CII,
        '<udt:DateTimeString format="102">20260302</udt:DateTimeString>',
        "<udt:DateTime>2026-03-02T00:00:00</udt:DateTime>",
    ),
}
INVALID = {
    "no-break space between elements": (UBL, "<cac:Contact/>", "<cac:Contact/>\u00a0"),
    "text after a comment": (UBL, "<cac:Contact/>", "<!-- --><cac:Contact/><!-- -->x"),
    "no-break space in a number": (UBL, ">12.50<", ">12.50\u00a0<"),
    "Arabic digits": (UBL, ">12.50<", ">١٢<"),
    "CDATA between elements": (UBL, "<cac:Contact/>", "<cac:Contact/><![CDATA[x]]>"),
    "nil that is not": (UBL, "<cac:Item/>", f'<cac:Item {XSI} xsi:nil="false"/>'),
    "another xsi attribute": (UBL, "<cac:Item/>", f'<cac:Item {XSI} xsi:foo="1"/>'),
    "language of XML": (UBL, "<cbc:Note>", '<cbc:Note xml:lang="en">'),
    "attribute in a namespace": (UBL, "<cbc:ID>", '<cbc:ID cbc:schemeID="x">'),
    "prefix undone below": (UBL, "<cac:Contact/>", '<cac:Contact xmlns:cac="urn:x"/>'),
    "end of the other document": (UBL, "<cac:InvoiceLine>", "<cac:CreditNoteLine/><cac:InvoiceLine>"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "old", "new"), VALID.values(), ids=VALID)
def test_what_looks_wrong_but_is_right_is_valid(text: str, old: str, new: str) -> None:
    assert findings(text, old, new) == ()


@pytest.mark.parametrize(("text", "old", "new"), INVALID.values(), ids=INVALID)
def test_what_looks_right_but_is_wrong_is_told(text: str, old: str, new: str) -> None:
    assert len(findings(text, old, new)) == 1


@pytest.mark.parametrize("content", [
    "<a/>", "<a b='c'>text<b/>text</a>", f'<a {XSI} xsi:nil="true"/>', '<a xmlns="urn:x"><cbc:ID>1</cbc:ID></a>',
    '<cbc:IssueDate>2026-01-01</cbc:IssueDate>', '<cn:CreditNote xmlns:cn="urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"/>',
    f'<a {XSI} xmlns:xs="http://www.w3.org/2001/XMLSchema" xsi:type="xs:decimal">1.5</a>',
    f'<s:RSAKeyValue xmlns:s="{SIGNATURE}"><s:Modulus>YQ==</s:Modulus><s:Exponent>YQ==</s:Exponent></s:RSAKeyValue>',
])  # fmt: skip
def test_an_extension_may_hold_what_no_schema_knows(content: str) -> None:
    found = extended(content.replace("<a", '<a xmlns="urn:x"', 1) if content.startswith("<a") and "xmlns=" not in content else content)
    assert found == ()


@pytest.mark.parametrize(("content", "rule"), [
    ("", "structure-missing"),
    ('<a xmlns="urn:x"/><b xmlns="urn:x"/>', "structure-unexpected"),
    ('<ext:ID xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"/>', "structure-unexpected"),
    ("<cbc:IssueDate>today</cbc:IssueDate>", "structure-value"),
    ('<a xmlns="urn:x"><cbc:IssueDate>today</cbc:IssueDate></a>', "structure-value"),
    ("<Invoice/>", "structure-missing"),
    (f'<s:Manifest xmlns:s="{SIGNATURE}"><s:Reference/></s:Manifest>', "structure-missing"),
    (f'<s:Transform xmlns:s="{SIGNATURE}" Algorithm="%"/>', "structure-value"),
    (f'<a xmlns="urn:x" xmlns:s="{SIGNATURE}"><s:Object Id="i"/><s:Object Id="i"/></a>', "structure-value"),
    (f'<a xmlns="urn:x" {XSI} xmlns:xs="http://www.w3.org/2001/XMLSchema" xsi:type="xs:decimal">x</a>', "structure-value"),
    (f'<a xmlns="urn:x" {XSI} xsi:type="nothing"/>', "structure-xsi-type"),
])  # fmt: skip
def test_an_extension_is_checked_as_far_as_the_schema_knows_it(content: str, rule: str) -> None:
    assert {found.rule for found in extended(content)} == {rule}


def test_an_invoice_within_another_document_is_checked_alone() -> None:
    envelope = etree.fromstring(f"<envelope xmlns:cbc='urn:x'>{UBL}text</envelope>")
    assert structure.check(envelope[0]) == ()
    envelope[0].find("{*}IssueDate").text = "x"
    assert [found.xpath for found in structure.check(envelope[0])] == ["/Invoice/cbc:IssueDate"]


def test_a_tree_that_was_never_parsed_has_no_lines() -> None:
    root = etree.Element(parsed(UBL).tag)
    (found,) = structure.check(root)
    assert (found.rule, found.line) == ("structure-missing", None)


def test_what_is_no_invoice_is_refused() -> None:
    with pytest.raises(UnknownFormat):
        structure.check(etree.fromstring("<Invoice/>"))


@pytest.mark.parametrize(("text", "document"), [(UBL, "UBL 2.1"), (CII, "CII D16B")])
def test_a_layer_names_the_schema(text: str, document: str) -> None:
    layer = structure.layer(parsed(text))
    assert (layer.name, layer.version, layer.verdict) == ("structure", document, "valid")


def lines(count: int, old: str, new: str) -> etree._Element:
    """The UBL sample with that many lines, `old` replaced by `new` in each."""
    line = UBL[UBL.index("<cac:InvoiceLine>") : UBL.index("</Invoice>")]
    return parsed(UBL.replace(line, line.replace(old, new) * count))


@pytest.mark.parametrize(("old", "new"), [
    ("1", "2"), (">12.50<", ">x<"), ("<cac:Item/>", ""), ("<cbc:ID>1</cbc:ID>", "<cbc:ID>1</cbc:ID><cbc:ID>2</cbc:ID>"),
    ("<cac:InvoiceLine>", "x<cac:InvoiceLine>"), ("<cac:InvoiceLine>", "<cbc:Note/><cac:InvoiceLine>"),
    ("<cac:InvoiceLine>", "<!-- --><cac:InvoiceLine>"), ("cac:InvoiceLine", "cac:Invoiceline"),
])  # fmt: skip
def test_time_grows_with_the_document_whatever_is_wrong(old: str, new: str) -> None:
    assert taken(lines(5_000, old, new)) < 25 * taken(lines(500, old, new))  # ten times as much, and room for a busy machine


def taken(root: etree._Element) -> float:
    """Processor time of one check, in seconds: the best of three."""
    times = []
    for _ in range(3):
        start = time.process_time()
        structure.check(root)
        times.append(time.process_time() - start)
    return max(min(times), 1e-3)


def test_unknown_names_do_not_fill_memory() -> None:
    fast = structure._prepared(Document.UBL_INVOICE)[0]
    for number in range(300):
        findings(UBL, "<cbc:ID>", f'<cbc:ID schemeID="{number:0900}">')
    assert fast.steps <= 20_001
    assert all(len(known) <= 4_096 for known in fast.known.values())


def test_a_long_name_is_shortened() -> None:
    (found,) = findings(UBL, "<cac:Contact/>", f"<cac:{'x' * 40_000}/>")
    assert len(found.text) < 400
