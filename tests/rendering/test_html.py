"""Invoices as HTML: every text is there, marked with its business term, in a page that stands alone and reads well aloud."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
import segno

from einvoice.model import Invoice
from einvoice.rendering import house, qr
from einvoice.rendering.compose import sheet
from einvoice.rendering.html import html
from einvoice.rendering.style import Style
from einvoice.samples import sample
from tests.rendering import every_term
from tests.rendering.pages import page, parse, references, shown, wanted
from tests.rendering.sheets import LANGUAGES, facts, squeezed

INVOICES = {"sample": sample(), "credit note": sample(credit_note=True), "every term": every_term.invoice(), "empty": Invoice()}


@pytest.fixture(params=INVOICES)
def invoice(request: pytest.FixtureRequest) -> Invoice:
    """One of several invoices."""
    return INVOICES[request.param]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_sheet_is_shown(invoice: Invoice, language: str) -> None:
    text = shown(page(invoice, language))
    assert [each for each in wanted(sheet(invoice, language)) if each not in text] == []


def test_values_carry_their_business_term() -> None:
    made, root = sheet(every_term.invoice()), page(every_term.invoice())
    marked = {(element.get("data-term"), squeezed(element.text_content())) for element in root.xpath("//*[@data-term]")}
    assert [fact for fact in facts(made) if fact.term and fact.term != "BG-1" and (fact.term, squeezed(fact.value)) not in marked] == []
    tables = [made.lines, made.allowances, made.charges, made.vat, made.preceding, made.documents, made.third_party_payments]
    cells = {
        (column.term, squeezed(cell))
        for table in tables
        if table
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
    }
    assert len(cells) > 60
    assert cells <= marked


def test_the_same_bytes_each_time(invoice: Invoice) -> None:
    first = html(sheet(invoice), house.load())
    assert first == html(sheet(invoice.model_copy(deep=True)), house.load())
    assert first.startswith(b"<!DOCTYPE html>\n")
    assert b"\r" not in first


def test_nothing_comes_from_elsewhere_and_nothing_runs(invoice: Invoice) -> None:
    root = page(invoice)
    assert [(place, to) for place, to in references(root) if not to.startswith(("data:", "#"))] == []
    assert not root.xpath("//script | //link | //iframe | //object | //embed | //form | //base | //@style")
    assert not [name for element in root.iter() if isinstance(element.tag, str) for name in element.attrib if name.startswith("on")]
    (policy,) = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert dict(part.strip().split(" ", 1) for part in policy.split(";")) == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "font-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_its_language_and_title(language: str) -> None:
    root = page(sample(), language)
    assert root.get("lang") == language
    assert root.findtext(".//title").startswith(sheet(sample(), language).title)


def test_landmarks_and_headings_are_in_order(invoice: Invoice) -> None:
    root = page(invoice)
    assert [len(root.xpath(f"//{name}")) for name in ("main", "header", "h1")] == [1, 1, 1]
    levels = [int(element.tag[1]) for element in root.xpath("//h1 | //h2 | //h3 | //h4")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(element.text_content().strip() for element in root.xpath("//h1 | //h2 | //h3"))
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_tables_have_captions_and_heads_with_a_scope(invoice: Invoice) -> None:
    for table in page(invoice).iter("table"):
        assert table.findtext("caption") == table.getprevious().text
        assert {cell.get("scope") for cell in table.xpath("thead//th")} == {"col"}
        assert {cell.get("scope") for cell in table.xpath("tbody//th")} <= {"row", "rowgroup"}
        assert all(cell.text_content().strip() for cell in table.iter("th"))
        width = len(table.xpath("thead//th"))
        assert {sum(int(cell.get("colspan", 1)) for cell in row) for row in table.iter("tr")} == {width}


def test_a_table_that_is_shown_as_cards_is_a_table_all_the_same(invoice: Invoice) -> None:
    roles = {
        "table": {"table"},
        "thead": {"rowgroup"},
        "tbody": {"rowgroup"},
        "tr": {"row"},
        "td": {"cell"},
        "th": {"columnheader", "rowheader"},
    }
    root = page(invoice)
    assert {
        name: {element.get("role") for element in root.iter(name)} for name in roles if root.find(f".//{name}") is not None
    }.items() <= roles.items()


def test_pictures_have_an_alternative(invoice: Invoice) -> None:
    root = page(invoice)
    assert all(element.get("alt") for element in root.iter("img"))
    assert all(element.getparent().get("role") == "img" and element.getparent().get("aria-label") for element in root.iter("svg"))


def modules(code: Any) -> set[tuple[int, int]]:
    """The dark modules that the path of a code's picture draws."""
    (path,) = code.xpath(".//*[local-name() = 'path'][@stroke]/@d")
    column, row, dark = 0.0, 0.0, set[tuple[int, int]]()
    for sign, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?", path):
        if sign == "h":
            dark |= {(int(row - 0.5), int(column) + step) for step in range(int(first))}
            column += float(first)
        elif sign == "M":
            column, row = float(first), float(second)
        else:
            column, row = column + float(first), row + float(second)
    return dark


def test_the_code_holds_what_the_sheet_says() -> None:
    made = sheet(sample())
    assert made.payment
    assert made.payment.qr
    (code,) = page(sample()).iter("svg")
    expected = segno.make(made.payment.qr, error="m", micro=False, boost_error=False, encoding="utf-8", mask=qr.MASK).matrix
    assert modules(code) == {(row + 4, column + 4) for row, line in enumerate(expected) for column, dark in enumerate(line) if dark}
    assert code.get("viewbox") == f"0 0 {len(expected) + 8} {len(expected) + 8}"


def test_no_code_where_none_may_be_or_the_house_wants_none() -> None:
    assert not page(sample(credit_note=True)).xpath("//svg | //figure")
    assert not page(sample(), style=house.House(None, Style(qr=False))).xpath("//svg | //figure")


def test_codes_of_any_text_are_drawn() -> None:
    for text in ("x", "BCD\n002\n1\nSCT\n\nCafé Élan\n", "ß" * 300):
        expected = segno.make(text, error="m", micro=False, boost_error=False, encoding="utf-8", mask=qr.MASK).matrix
        assert len(modules(parse(qr.svg(text).encode()))) == sum(sum(bool(dark) for dark in line) for line in expected)
