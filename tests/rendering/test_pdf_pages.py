"""Invoices of many pages: what is carried from one to the next, rows that stay whole, texts that go on."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from einvoice.model import Invoice
from einvoice.rendering.labels import labels
from tests.rendering.layout import Page
from tests.rendering.papers import faults, many, printed
from tests.rendering.sheets import LANGUAGES, written


def articles(page: Page) -> list[int]:
    """The numbers of the lines that begin on a page."""
    return [int(found) - 1 for found in re.findall(r"Article(\d{4})", page.text)]


def amount_after(words: str, page: Page) -> str | None:
    """What is written at the end of the line that begins with some words."""
    return next((line.removeprefix(words).strip() for line in page.lines() if line.startswith(words)), None)


def carried(count: int, language: str) -> tuple[int, list[str]]:
    """How many pages so many lines fill, and every line or carried amount on them that is not the one worked out here."""
    invoice, words = many(count), labels(language).words
    on = printed(invoice, language)
    rows = [page for page in on if articles(page)]
    wrong = [] if [line for page in rows for line in articles(page)] == list(range(count)) else ["lines"]
    seen = 0
    for at, page in enumerate(on):
        for word, part in (("brought", top(page)), ("carried", foot(page))):
            if word == "carried" and at < len(rows):
                seen += len(articles(page))
            stands = "".join((amount_after(words[word], part) or "").split())
            if stands != (said(invoice, seen, language) if 0 < seen < count else ""):
                wrong.append(f"page {at + 1}: {word} {stands}")
    return len(rows), wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_hundred_lines_carry_their_sum_from_page_to_page(language: str) -> None:
    pages, wrong = carried(200, language)
    assert pages > 5
    assert wrong == []


def top(page: Page) -> Page:
    """The upper quarter of a page."""
    return page._replace(words=tuple(word for word in page.words if word.box.bottom < page.height / 4))


def foot(page: Page) -> Page:
    """The lower quarter of a page."""
    return page._replace(words=tuple(word for word in page.words if word.box.top > page.height * 3 / 4))


def said(invoice: Invoice, count: int, language: str) -> str:
    """The sum of the first lines, as it is written."""
    total = sum((line.net_amount or Decimal(0) for line in invoice.lines[:count]), Decimal(0))
    return "".join(written(total.quantize(Decimal("0.01")), language).split())


def test_two_hundred_lines_are_all_there() -> None:
    assert faults(many(200)) == {}


def test_nothing_is_carried_on_a_single_page_nor_where_an_amount_is_absent() -> None:
    short = many(3).model_copy(update={"notes": (), "supporting_documents": (), "payment": None, "allowances": (), "charges": ()})
    unknown = many(60)
    line = unknown.lines[40].model_copy(update={"net_amount": None})
    unknown = unknown.model_copy(update={"lines": (*unknown.lines[:40], line, *unknown.lines[41:])})
    for invoice in (short, unknown):
        text = " ".join(page.text for page in printed(invoice))
        assert "Carried forward" not in text
        assert "Brought forward" not in text


def test_the_heads_of_columns_stand_on_each_page_of_a_table() -> None:
    on = [page for page in printed(many(60)) if articles(page)]
    assert len(on) > 2
    assert all(any(line.startswith("# Item") for line in page.lines()) for page in on)


def test_a_row_stays_on_one_page_with_what_is_below_it() -> None:
    invoice = many(60)
    lines = tuple(
        line.model_copy(update={"note": " ".join(f"word{at}x{number}" for number in range(60))}) for at, line in enumerate(invoice.lines)
    )
    on = printed(invoice.model_copy(update={"lines": lines}))
    first = {line: number for number, page in enumerate(on) for line in articles(page)}
    for at in range(60):
        pages = {number for number, page in enumerate(on) for _ in re.findall(rf"\bword{at}x\d+\b", page.text)}
        assert pages == {first[at]}


@pytest.mark.parametrize("where", ["name", "description"])
def test_a_row_higher_than_a_page_goes_on_over_the_next(where: str) -> None:
    invoice = many(3)
    text = "\n".join(f"row{number}" for number in range(150))
    line = invoice.lines[1]
    assert line.item
    tall = line.model_copy(update={"item": line.item.model_copy(update={where: text})})
    invoice = invoice.model_copy(update={"lines": (invoice.lines[0], tall, invoice.lines[2])})
    assert faults(invoice).keys() <= {"lost"}  # the heads of the columns stand between its parts
    on = printed(invoice)
    assert [int(found) for page in on for found in re.findall(r"\brow(\d+)\b", page.text)] == list(range(150))


def test_long_notes_go_on_over_pages() -> None:
    invoice = many(2)
    text = " ".join(f"note{number}" for number in range(3000))
    invoice = invoice.model_copy(update={"notes": tuple(note.model_copy(update={"text": text}) for note in invoice.notes)})
    on = printed(invoice)
    assert [int(found) for page in on for found in re.findall(r"\bnote(\d+)\b", page.text)] == list(range(3000))
    assert [page.outside() for page in on] == [[]] * len(on)


@pytest.mark.slow
def test_a_thousand_lines_are_all_there() -> None:
    assert faults(many(1000)) == {}
