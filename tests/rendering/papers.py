"""Invoices made to be set on paper: many lines, long texts, large amounts; and what their pages have to show."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from einvoice.model import Invoice
from einvoice.rendering.compose import sheet
from einvoice.rendering.house import House
from einvoice.rendering.sheet import Sheet
from einvoice.rendering.style import Style
from einvoice.rendering.typst import pdf
from einvoice.samples import sample
from tests.rendering.layout import MM, Page, pages, plain, shown

BODY = (23 * MM, 274 * MM)
"""Where the text of a page begins and ends that is neither its head nor its foot, in a house without columns at the foot."""


def house(**style: Any) -> House:
    """A house style without a folder."""
    return House(None, Style(**style))


def printed(invoice: Invoice, language: str = "en", **style: Any) -> list[Page]:
    """The pages of an invoice."""
    return pages(pdf(sheet(invoice, language), house(**style)))


def lost(made: Sheet, on: list[Page]) -> list[str]:
    """The texts of a sheet that its pages do not show: neither in all that stands there, nor in what stands between heads and feet."""
    everything = plain(" ".join(page.text for page in on))
    first, *others = on
    words = [word for word in first.words if word.box.bottom < BODY[1]]
    words += [word for page in others for word in page.words if word.box.top > BODY[0] and word.box.bottom < BODY[1]]
    between = plain(" ".join(word.text for word in words))
    return [text for text in shown(made) if plain(text) not in everything and plain(text) not in between]


def faults(invoice: Invoice, language: str = "en", **style: Any) -> dict[str, list[Any]]:
    """What is wrong with the pages of an invoice: texts that are lost, words outside, words over each other."""
    made = sheet(invoice, language)
    on = pages(pdf(made, house(**style)))
    found: dict[str, list[Any]] = {
        "lost": lost(made, on),
        "outside": [page.outside() for page in on],
        "over": [page.collisions() for page in on],
    }
    return {name: [fault for fault in each if fault] for name, each in found.items() if any(each)}


def many(count: int) -> Invoice:
    """An invoice with so many lines, each with a name and an amount of its own."""
    given = sample()
    lines = []
    for at in range(count):
        line = given.lines[at % len(given.lines)]
        assert line.item
        item = line.item.model_copy(update={"name": f"Article{at + 1:04}"})
        amount = Decimal(at * 37 % 9973) / 4 - (5 if at % 11 == 3 else 0)
        lines.append(line.model_copy(update={"identifier": str(at + 1), "item": item, "net_amount": round(amount, 2)}))
    return given.model_copy(update={"lines": tuple(lines)})


def saying(text: str) -> Invoice:
    """An invoice that says a text wherever it can."""
    given = sample()
    assert given.seller
    assert given.buyer
    assert given.seller.address
    assert given.buyer.address
    lines = tuple(
        line.model_copy(update={"item": line.item and line.item.model_copy(update={"name": text, "description": text})})
        for line in given.lines
    )
    seller = {"name": text, "address": given.seller.address.model_copy(update={"line_1": text, "city": text})}
    buyer = {"name": text, "address": given.buyer.address.model_copy(update={"line_1": text, "line_2": text, "city": text})}
    return given.model_copy(
        update={
            "number": text,
            "lines": lines,
            "seller": given.seller.model_copy(update=seller),
            "buyer": given.buyer.model_copy(update=buyer),
            "payment_terms": text,
            "buyer_reference": text,
            "notes": tuple(note.model_copy(update={"text": text}) for note in given.notes),
        }
    )


def costing(amount: Decimal) -> Invoice:
    """An invoice of which each figure is the same."""
    given = sample()
    assert given.totals
    totals = {name: amount for name, value in given.totals if value is not None}
    lines = tuple(
        line.model_copy(
            update={"net_amount": amount, "quantity": amount, "price": line.price and line.price.model_copy(update={"net": amount})}
        )
        for line in given.lines
    )
    vat = tuple(row.model_copy(update={"taxable_amount": amount, "tax_amount": amount}) for row in given.vat_breakdown)
    return given.model_copy(update={"lines": lines, "vat_breakdown": vat, "totals": given.totals.model_copy(update=totals)})
