"""The payment code as it is printed: the modules that a telephone sees, as large and as clear as it needs them."""

from __future__ import annotations

from typing import Any

import pytest
import segno

from einvoice.rendering.compose import sheet
from einvoice.rendering.qr import MASK
from einvoice.rendering.typst import pdf
from einvoice.samples import sample
from tests.rendering.layout import pdfium
from tests.rendering.papers import house, printed

SCALE = 6
"""Pixels in a point."""


@pytest.fixture(scope="module")
def picture() -> Any:
    """The page with the code, in black where it is wholly black."""
    made = sheet(sample(), "de")
    document = pdfium.PdfDocument(pdf(made, house()))
    page = next(page for page in document if made.payment and made.payment.scan in page.get_textpage().get_text_range())
    grey = page.render(scale=SCALE).to_pil().convert("L")
    document.close()
    return grey.point(lambda value: 255 if value < 8 else 0)


def expected() -> tuple[tuple[int, ...], ...]:
    """The modules of the code."""
    made = sheet(sample(), "de")
    assert made.payment
    code = segno.make(made.payment.qr, error="m", micro=False, boost_error=False, encoding="utf-8", mask=MASK)
    return tuple(tuple(row) for row in code.matrix)


def test_every_module_is_printed(picture: Any) -> None:
    left, upper, right, lower = picture.getbbox()
    modules = expected()
    step = (right - left) / len(modules)
    assert abs((lower - upper) - (right - left)) <= 1
    seen = tuple(
        tuple(int(picture.getpixel((left + (column + 0.5) * step, upper + (row + 0.5) * step)) > 0) for column in range(len(modules)))
        for row in range(len(modules))
    )
    assert seen == modules


def test_it_is_large_enough_with_a_quiet_zone(picture: Any) -> None:
    left, upper, right, lower = picture.getbbox()
    millimetres = (right - left) / SCALE / 72 * 25.4
    assert 25 <= millimetres <= 34
    module = (right - left) / len(expected())
    around = picture.crop((left - 4 * module, upper - 4 * module, right + 4 * module, lower + 4 * module))
    assert around.getbbox() == (round(4 * module), round(4 * module), round(4 * module) + right - left, round(4 * module) + lower - upper)


def test_the_reference_stands_beside_it() -> None:
    made = sheet(sample(), "de")
    assert made.payment
    text = " ".join(page.text for page in printed(sample(), "de"))
    assert f"{made.payment.scan} {made.payment.reference}" in text


def test_a_house_may_do_without() -> None:
    made = sheet(sample(), "de")
    assert made.payment
    text = " ".join(page.text for page in printed(sample(), "de", qr=False))
    assert made.payment.scan not in text
    assert made.payment.reference in text


def test_a_credit_note_has_none() -> None:
    made = sheet(sample(credit_note=True), "de")
    assert not made.payment or made.payment.qr == ""
    assert b"/Subtype/Link" not in pdf(made, house())
