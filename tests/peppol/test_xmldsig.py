"""Canonical forms held against another implementation and the standards' own words; signatures that must not count."""

from __future__ import annotations

import base64
import threading

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from einvoice.errors import SignatureError, UnacceptedAlgorithm
from einvoice_peppol import xmldsig
from einvoice_peppol.xmldsig import EXCLUSIVE, INCLUSIVE, INCLUSIVE_11
from tests.peppol import canonical_forms

TREE = etree.fromstring(
    b'<?before?><a:r xmlns:a="u:a" xmlns:b="u:b" xmlns="u:d" xml:lang="en" xml:id="q"><m xmlns:z="u:z" xml:space="preserve">'
    b'<a:e a:x="1&#13;&#10;&#9; &lt;">t<!-- no -->&#13;<![CDATA[<&>]]><k xmlns=""/></a:e>tail</m><n xmlns=""><a:e2/></n></a:r><?behind?>'
)
INNER = b'a:x="1&#xD;&#xA;&#x9; &lt;">t&#xD;&lt;&amp;&gt;<k'

ALL = b'<a:e xmlns="u:d" xmlns:a="u:a" xmlns:b="u:b" xmlns:z="u:z" '
CASES = [
    (EXCLUSIVE, "", b'<a:e xmlns:a="u:a" ' + INNER + b"></k></a:e>"),
    (EXCLUSIVE, "b", b'<a:e xmlns:a="u:a" xmlns:b="u:b" ' + INNER + b"></k></a:e>"),
    (EXCLUSIVE, "z absent", b'<a:e xmlns:a="u:a" xmlns:z="u:z" ' + INNER + b"></k></a:e>"),
    (EXCLUSIVE, "#default", b'<a:e xmlns="u:d" xmlns:a="u:a" ' + INNER + b' xmlns=""></k></a:e>'),
    (INCLUSIVE, "", ALL + b'xml:id="q" xml:lang="en" xml:space="preserve" ' + INNER + b' xmlns=""></k></a:e>'),
    (INCLUSIVE_11, "", ALL + b'xml:lang="en" xml:space="preserve" ' + INNER + b' xmlns=""></k></a:e>'),
]


@pytest.mark.parametrize(("algorithm", "prefixes", "form"), CASES)
def test_an_element_in_its_tree(algorithm: str, prefixes: str, form: bytes) -> None:
    before = etree.tostring(TREE)
    assert xmldsig.canonical(TREE[0][0], algorithm, prefixes.split()) == form
    assert etree.tostring(TREE) == before


def test_the_default_namespace_is_included_in_any_thread() -> None:
    found: list[bytes] = []
    thread = threading.Thread(
        target=lambda: found.append(xmldsig.canonical(etree.fromstring('<a:r xmlns:a="u:a" xmlns="u:d"/>'), EXCLUSIVE, ["#default"]))
    )
    thread.start()
    thread.join()
    assert found == [b'<a:r xmlns="u:d" xmlns:a="u:a"></a:r>']


def test_an_unset_default_namespace_is_not_written_where_none_was() -> None:
    assert xmldsig.canonical(TREE[1][0], INCLUSIVE) == b'<a:e2 xmlns:a="u:a" xmlns:b="u:b" xml:id="q" xml:lang="en"></a:e2>'
    assert xmldsig.canonical(TREE[1][0], EXCLUSIVE, ["#default"]) == b'<a:e2 xmlns:a="u:a"></a:e2>'


def test_an_enveloped_signature_leaves_the_text_around_it() -> None:
    root = etree.fromstring("<r>one<s>signature</s>two<!-- c --><t/>three<s2><s3/>x</s2></r>")
    assert xmldsig.canonical(root, INCLUSIVE, without=root[0]) == b"<r>onetwo<t></t>three<s2><s3></s3>x</s2></r>"
    assert xmldsig.canonical(root, INCLUSIVE, without=root[3][0]) == b"<r>one<s>signature</s>two<t></t>three<s2>x</s2></r>"
    with pytest.raises(SignatureError):
        xmldsig.canonical(root, INCLUSIVE, without=root)
    with pytest.raises(SignatureError):
        xmldsig.canonical(root[0], INCLUSIVE, without=root[2])


def test_an_xml_base_above_has_no_form_1_1() -> None:
    root = etree.fromstring('<r xml:base="x/"><e/></r>')
    assert xmldsig.canonical(root[0], INCLUSIVE) == b'<e xml:base="x/"></e>'
    with pytest.raises(SignatureError):
        xmldsig.canonical(root[0], INCLUSIVE_11)


@pytest.mark.parametrize(
    "algorithm", ["", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments", "http://www.w3.org/TR/1999/REC-xslt-19991116"]
)
def test_other_forms_are_refused(algorithm: str) -> None:
    with pytest.raises(UnacceptedAlgorithm):
        xmldsig.canonical(TREE, algorithm)


def test_relative_namespaces_have_no_form() -> None:
    with pytest.raises(SignatureError):
        xmldsig.canonical(etree.fromstring('<r xmlns="relative"><e/></r>'), INCLUSIVE)


NAMES = st.sampled_from(["a", "b", "p:a", "p:c", "q:a"])
TEXTS = st.text(st.sampled_from("xy <>&\"'\t\n\r\u00e9\U0001f600"), max_size=6)
DECLARED = st.sampled_from(["", ' xmlns="u:1"', ' xmlns=""', ' xmlns:p="u:2"', ' xmlns:p="u:1"', ' xmlns:q="u:1" xmlns:p="u:3"'])


def _escaped(text: str) -> str:
    pairs = {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;", ">": "&gt;"}
    return "".join(pairs.get(letter, letter) for letter in text)


@st.composite
def xml(draw: st.DrawFn, depth: int = 3) -> str:
    name, declared = draw(NAMES), draw(DECLARED)
    attributes = draw(st.dictionaries(st.sampled_from(["z", "y", "p:z", "p:y"]), TEXTS, max_size=3))
    inside = draw(st.lists(st.one_of(TEXTS.map(_escaped), *([xml(depth=depth - 1)] if depth else []), st.just("<!--c-->")), max_size=3))
    held = "".join(f' {key}="{_escaped(value)}"' for key, value in attributes.items())
    return f"<{name}{declared}{held}>{''.join(inside)}</{name}>"


@settings(max_examples=100, deadline=None)
@given(xml(), st.integers(0, 100), st.sampled_from(["", "p", "q absent", "#default", "p #default"]))
def test_any_element_has_the_form_that_another_implementation_gives_it(text: str, at: int, prefixes: str) -> None:
    whole = f'<r xmlns:p="u:9" xmlns:q="u:8" xmlns="u:7" xml:lang="en"><m xml:space="preserve">{text}</m></r>'
    root = etree.fromstring(whole)
    elements = [found for found in root.iter() if isinstance(found.tag, str)]
    at %= len(elements)
    names = tuple(prefixes.split())
    assert xmldsig.canonical(elements[at], EXCLUSIVE, names).decode() == canonical_forms.canonical(
        whole, at, exclusive=True, prefixes=names
    )
    assert xmldsig.canonical(elements[at], INCLUSIVE).decode() == canonical_forms.canonical(whole, at, exclusive=False)


KEY = rsa.generate_private_key(65537, 2048)
DS = xmldsig.DS


def _signature(
    info: str = "", method: str = xmldsig.RSA_SHA256, form: str = EXCLUSIVE, value: str | None = None, rest: str = ""
) -> etree._Element:
    info = (
        info
        or f'<Reference URI="#x"><DigestMethod Algorithm="{xmldsig.SHA256}"/><DigestValue>{xmldsig.digest(b"x")}</DigestValue></Reference>'
    )
    signed = f'<SignedInfo><CanonicalizationMethod Algorithm="{form}"/><SignatureMethod Algorithm="{method}"/>{info}</SignedInfo>'
    root = etree.fromstring(f'<Signature xmlns="{DS}">{signed}<SignatureValue/>{rest}</Signature>')
    made = KEY.sign(etree.tostring(root[0], method="c14n", exclusive=True), PKCS1v15(), SHA256())
    root[1].text = base64.b64encode(made).decode() if value is None else value
    return root


def test_a_signature_holds_until_something_changes() -> None:
    root = _signature()
    xmldsig.verify(xmldsig.read(root), KEY.public_key())
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505  # that it does not count is the test
    for other in (rsa.generate_private_key(65537, 2048), short, ec.generate_private_key(ec.SECP256R1())):
        with pytest.raises(SignatureError):
            xmldsig.verify(xmldsig.read(root), other.public_key())
    root[0][2].set("URI", "#y")
    with pytest.raises(SignatureError):
        xmldsig.verify(xmldsig.read(root), KEY.public_key())


def _reference(digest: str = xmldsig.SHA256, value: str = xmldsig.digest(b"x"), transform: str = "", more: str = "") -> str:
    transforms = f"<Transforms>{transform}</Transforms>" if transform else ""
    return f'<Reference URI="#x">{transforms}<DigestMethod Algorithm="{digest}"/><DigestValue>{value}</DigestValue>{more}</Reference>'


XPATH = f'<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath>{"self::x"}</XPath></Transform>'
REFUSED = {
    "sha-1 signature": (UnacceptedAlgorithm, _signature(method="http://www.w3.org/2000/09/xmldsig#rsa-sha1")),
    "hmac": (UnacceptedAlgorithm, _signature(method="http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")),
    "sha-1 digest": (UnacceptedAlgorithm, _signature(_reference(digest="http://www.w3.org/2000/09/xmldsig#sha1"))),
    "with comments": (UnacceptedAlgorithm, _signature(form=f"{EXCLUSIVE}WithComments")),
    "xpath": (UnacceptedAlgorithm, _signature(_reference(transform=XPATH))),
    "no base64": (SignatureError, _signature(value="###")),
    "short digest": (SignatureError, _signature(_reference(value="AAAA"))),
    "no reference": (SignatureError, _signature("<!-- none -->")),
    "many references": (SignatureError, _signature(_reference() * (xmldsig.MOST + 1))),
    "text within": (SignatureError, _signature(_reference() + "text")),
    "surplus in reference": (SignatureError, _signature(_reference(more="<Manifest/>"))),
    "object": (SignatureError, _signature(rest="<KeyInfo/><Object/>")),
    "no key info first": (SignatureError, _signature(rest="<Object/>")),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_signatures_that_are_not_even_verified(name: str) -> None:
    error, root = REFUSED[name]
    with pytest.raises(error):
        xmldsig.read(root)


def test_a_comment_does_not_cut_a_value_short() -> None:
    root = _signature()
    root[1].text, comment = "", etree.Comment("cut")
    root[1].append(comment)
    comment.tail = "AAAA"
    with pytest.raises(SignatureError):
        xmldsig.read(root)
