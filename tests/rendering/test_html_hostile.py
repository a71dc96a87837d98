"""Invoices and houses that mean harm: whatever they say is text, and only an address on the web becomes a link."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from einvoice.model import Attachment, Invoice, SupportingDocument
from einvoice.rendering import house
from einvoice.rendering.compose import sheet
from einvoice.rendering.html import css, html, web
from einvoice.samples import sample
from tests.rendering import every_term
from tests.rendering.pages import page, parse, references, shown, wanted
from tests.rendering.sheets import squeezed

ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '" onload="alert(1)" x="',
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "</title><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "<!--",
    "]]>&lt;b&gt;&#60;b&#62;",
    "@import url(https://evil.example/x.css);",
)


def tags(root: Any) -> list[str]:
    """The elements of a page with the names of their attributes, in order."""
    return [f"{element.tag} {' '.join(sorted(element.attrib))}" for element in root.iter() if isinstance(element.tag, str)]


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_an_invoice_says_is_text(attack: str) -> None:
    fields = re.sub("Wört-(?=[0-9])", lambda _: attack.replace("\\", r"\\").replace('"', r"\""), every_term.invoice().model_dump_json())
    hostile = Invoice.model_validate_json(fields)
    root, clean = page(hostile), page(every_term.invoice())
    text = shown(root)
    assert text.count(squeezed(attack)) > 100
    assert [each for each in wanted(sheet(hostile)) if each not in text] == []
    assert {tag.replace(" class", "") for tag in tags(root)} == {tag.replace(" class", "") for tag in tags(clean)}
    assert attack in root.findtext(".//title")
    assert not [to for _, to in references(root) if not to.startswith("data:")]


def linking(url: str) -> Any:
    """The page of an invoice with a supporting document there."""
    document = SupportingDocument(reference="R", location=url, attachment=Attachment(filename=url, mime_code="text/csv", content="eA=="))
    return page(sample().model_copy(update={"supporting_documents": (document,)}))


@pytest.mark.parametrize("url", ["https://example.com/a?b=c&d=%20", "http://example.com:8080/", "HTTPS://EXAMPLE.COM/x#y"])
def test_the_location_of_a_document_is_a_link(url: str) -> None:
    (link,) = linking(url).xpath("//a")
    assert (link.get("href"), link.text) == (url, url)
    assert set(link.get("rel").split()) >= {"noopener", "noreferrer"}


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "ftp://example.com/",
        "//example.com/",
        "https:example.com",
        "https://bank.example@evil.example/",
        "https://example.com/ x",
        'https://example.com/"onclick="x',
        "https://example.com/\njavascript:alert(1)",
        "https://",
    ],
)
def test_unless_it_is_no_plain_address_on_the_web(url: str) -> None:
    root = linking(url)
    assert not web(url)
    assert not root.xpath("//a")
    assert squeezed(url) in shown(root)


def test_a_hostile_house_is_only_ugly(tmp_path: Path) -> None:
    name = "\"onload='x'.svg"
    (tmp_path / name).write_text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "utf-8")
    (tmp_path / "style.toml").write_text(f"logo = '''{name}'''\nfooter = [['<script>alert(1)</script>', '</style>']]\n", "utf-8")
    root = parse(html(sheet(sample()), house.load(tmp_path)))
    (logo,) = root.iter("img")
    assert logo.get("src").startswith("data:image/svg+xml;base64,")
    assert set(logo.attrib) == {"class", "src", "alt"}
    assert not root.xpath("//script")
    assert "<script>alert(1)</script>" in root.xpath("string(//footer)")


@pytest.mark.parametrize("text", ['"; } </style><script>', "\\", "a\nb", "Élan\u202f7", "/* */ */"])
def test_a_text_in_a_style_sheet_stays_within_its_marks(text: str) -> None:
    made = str(css(text))
    assert re.fullmatch(r'"[A-Za-z0-9 \\]*"', made)
    assert re.sub(r"\\([0-9a-f]+) ", lambda found: chr(int(found[1], 16)), made[1:-1]) == text
