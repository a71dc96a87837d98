"""Columns: figures stand below each other by their decimals, units beside them; long words can be broken and leave no mark."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import pairwise

import pytest

from einvoice.model import Invoice, SupportingDocument
from einvoice.rendering.columns import MANY, arranged
from einvoice.rendering.compose import sheet
from einvoice.rendering.metrics import Metrics
from einvoice.rendering.sheet import Column, Row, Table, shape
from einvoice.rendering.wrapping import MARK, WIDEST, breakable, width
from tests.rendering.layout import Glyph, Page
from tests.rendering.papers import faults, many, printed, saying

PRICES = ("3.40", "85", "0.0375", "1234567.5")
LEVEL = 0.35
"""By how many points figures may be out of line."""


def priced(language: str) -> Page:
    """A page with lines of those prices."""
    invoice = many(4)
    lines = tuple(
        line.model_copy(
            update={
                "price": line.price
                and line.price.model_copy(update={"net": Decimal(price), "base_quantity": None, "base_quantity_unit_code": None}),
                "quantity": Decimal(quantity),
                "unit_code": unit,
            }
        )
        for line, price, quantity, unit in zip(invoice.lines, PRICES, ("1", "20.5", "300", "4"), ("C62", "HUR", "MON", "KGM"), strict=True)
    )
    return printed(invoice.model_copy(update={"lines": lines}), language)[0]


def glyphs(page: Page, text: str) -> tuple[Glyph, ...]:
    """Those of a word."""
    return next(word.glyphs for word in page.words if word.text == text)


@pytest.mark.parametrize(
    ("language", "texts", "point"), [("en", ("3.40", "0.0375", "1,234,567.50"), "."), ("de", ("3,40", "0,0375", "1.234.567,50"), ",")]
)
def test_decimals_stand_below_each_other(language: str, texts: tuple[str, ...], point: str) -> None:
    page = priced(language)
    points = [[glyph.box.left for glyph in glyphs(page, text) if glyph.sign == point][-1] for text in texts]
    assert max(points) - min(points) < LEVEL


def test_amounts_end_below_each_other() -> None:
    page = printed(many(12))[0]
    ends = {round(word.box.right, 1) for word in page.words if word.text in {"0.00", "9.25", "18.50", "37.00", "46.25"}}
    assert len(ends) >= 1
    assert max(ends) - min(ends) < 1


def test_digits_are_as_wide_as_each_other() -> None:
    invoice = saying("x")
    page = printed(invoice.model_copy(update={"number": "1234567890"}))[0]
    steps = [other.box.left + other.box.right - one.box.left - one.box.right for one, other in pairwise(glyphs(page, "1234567890"))]
    assert max(steps) - min(steps) < 2.5


def test_units_begin_below_each_other() -> None:
    page = priced("en")
    starts = [next(word.box.left for word in page.words if word.text == unit) for unit in ("unit", "h", "mo", "kg")]
    assert max(starts) - min(starts) < 1.2


class Even(Metrics):
    """Digits and all else are one wide."""

    def __init__(self) -> None:
        super().__init__((), lambda _, inputs: json.dumps([[[1000, 700], [1000, 700]] for _ in json.loads(inputs["signs"])]))


def test_a_table_is_taken_apart() -> None:
    rows = [Row(("1", "12 pc")), Row(("2", "3.5 h")), Row(("3", "4.25 / 100 pc")), Row(("4", "")), Row(("5\n6", "7.25 pc"))]
    given = Table("", None, (Column("#"), Column("Quantity", number=True)), tuple(rows))
    made = arranged(shape(given), "en", Even())  # type: ignore[arg-type]
    assert [row["cells"][1] for row in made["rows"]] == [
        {"written": "12", "gap": 3, "tail": " pc", "rest": 0, "below": ""},
        {"written": "3.5", "gap": 1, "tail": " h", "rest": 1, "below": ""},
        {"written": "4.25", "gap": 0, "tail": "", "rest": 3, "below": "/ 100 pc"},
        "",
        "7.25 pc",
    ]
    assert [(row["line"], row["two"]) for row in made["rows"]] == [(1, False), (1, False), (1, True), (1, False), (MANY, False)]
    assert [(column["head"], column["wide"]) for column in made["columns"]] == [(1, 1), (8, 8)]


@pytest.mark.parametrize("language", ["en", "nl", "de", "fr"])
def test_units_of_any_width_stay_beside_their_figures(language: str) -> None:
    """Which unit is the widest depends on the font, not on its letters."""
    invoice = many(6)
    units = ("KWH", "MON", "H87", "HUR", "MTK", "XPK")
    lines = tuple(
        line.model_copy(update={"unit_code": unit, "quantity": Decimal(quantity)})
        for line, unit, quantity in zip(invoice.lines, units, ("40.1234", "1", "1500", "7.5", "11.11", "0.5"), strict=True)
    )
    assert faults(invoice.model_copy(update={"lines": lines}), language) == {}


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Rechnungsempfänger und Auftragsbestätigung", "Rechnungsempfänger und Auftragsbestätigung"),
        ("urn:cen.eu:en16931:2017#compliant#urn", f"urn:{MARK}cen.{MARK}eu:en16931:{MARK}2017#{MARK}compliant#{MARK}urn"),
        ("a" * 30, MARK.join(["aaaa"] * 7 + ["aa"])),
        ("e\u0301" * 30, MARK.join(["e\u0301" * 2] * 15)),
        ("", ""),
    ],
)
def test_where_a_word_may_be_broken(text: str, marked: str) -> None:
    assert breakable(text) == marked


def test_no_piece_is_wider_than_a_column() -> None:
    for sign in "xWmi1é日-/":
        pieces = breakable(sign * 80).split(MARK)
        assert all(width(piece) <= WIDEST for piece in pieces)


def test_the_marks_are_not_on_the_page() -> None:
    given = saying("https://example.test/" + "y" * 80)
    assert all(MARK not in page.text for page in printed(given))


def test_many_documents_have_their_table() -> None:
    rows = tuple(SupportingDocument(reference=f"DOC-{at:03}", description=f"Delivery note {at}") for at in range(60))
    on = printed(Invoice(number="1", supporting_documents=rows))
    text = " ".join(page.text for page in on)
    assert all(f"DOC-{at:03}" in text for at in range(60))
    assert [page.collisions() for page in on] == [[]] * len(on)
    assert sheet(Invoice(number="1", supporting_documents=rows)).documents
