"""Invoices that would break a page: markup, words without end, many digits, other scripts. All of it prints as it stands."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from einvoice.errors import MissingGlyph
from einvoice.model import Invoice
from einvoice.rendering.compose import sheet
from einvoice.rendering.typst import pdf
from tests.formats.strategies import INVOICES
from tests.rendering.layout import pages, plain
from tests.rendering.papers import costing, faults, house, lost, many, printed, saying

MARKUP = (
    "#[]*_$`<>@\\ = heading - list + enum / term: x // no comment /* none */ ~ -- --- ... https://a.example/b?c=d&e=f#g "
    "<label> @ref $x^2$ \"quoted\" 'single' #let x = 1 #pagebreak() #sys.inputs \\u{41} {{ x }} <script>alert(1)</script>"
)
TEXTS = {
    "markup": MARKUP,
    "x" * 10: "x" * 200,
    "W" * 10: "W" * 200,
    "digits": "0123456789" * 20,
    "words": "Lorem ipsum dolor " * 14,
    "compound": "Kraftfahrzeughaftpflichtversicherungsgesellschaft " * 4,
    "address": "https://example.test/" + "/".join(f"path{at}" for at in range(30)) + "?q=" + "x" * 50,
    "many long words": " ".join("y" * 60 for _ in range(12)),
    "break marks": "a\u200bb\u00adc\u2060d\ufeffe",
}
AMOUNTS = [
    Decimal("123456789012345.67"),
    Decimal("-123456789012345.67"),
    Decimal("12345678901234567890123456789.123456"),
    Decimal("0.0000000001"),
]


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("window", ["din-5008-b", "be-right", "none"])
def test_a_text_prints_as_it_stands(name: str, window: str) -> None:
    assert faults(saying(TEXTS[name]), window=window) == {}


@pytest.mark.parametrize("size", ["7pt", "14pt"])
@pytest.mark.parametrize("name", ["x" * 10, "compound", "address"])
def test_in_each_size_of_type(name: str, size: str) -> None:
    assert faults(saying(TEXTS[name]), size=size).keys() <= {"lost"}
    made = sheet(saying(TEXTS[name]))
    text = plain("".join(page.text for page in printed(saying(TEXTS[name]), size=size)))
    assert all(word in text for each in made.notes for word in plain(each.value).split())


@pytest.mark.parametrize("amount", AMOUNTS, ids=str)
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("size", ["9.5pt", "14pt"])
def test_amounts_of_many_digits_do_not_collide(amount: Decimal, language: str, size: str) -> None:
    assert faults(costing(amount), language, size=size) == {}


@pytest.mark.parametrize("text", ["\n".join(f"row{at}" for at in range(150)), "ab " * 1500])
def test_the_absurd_stays_on_the_page(text: str) -> None:
    on = printed(saying(text))
    assert [page.outside() for page in on] == [[]] * len(on)
    assert [page.collisions() for page in on] == [[]] * len(on)


@pytest.mark.parametrize("text", ["שלום עולם 1.234,50 €", "مرحبا بالعالم", "Ελλάδα Кирилица Հայ", "e\u0301 n\u0303 a\u0308"])
def test_other_scripts_print_every_letter(text: str) -> None:
    """A line of two directions is read in another order than it is written: the letters are counted."""
    made = saying(text)
    letters = Counter(plain("".join(page.text for page in printed(made))))
    for sign, count in Counter(plain(text)).items():
        assert letters[sign] >= 8 * count


def test_an_emoji_prints_or_is_named() -> None:
    with pytest.raises(MissingGlyph) as fault:
        printed(saying("Thanks 😀"))
    assert fault.value.character == "😀"


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(INVOICES, some.sampled_from(["en", "nl", "de", "fr"]))
def test_any_invoice_has_its_pages_or_a_named_refusal(invoice: Invoice, language: str) -> None:
    made = sheet(invoice, language)
    with suppress(MissingGlyph):
        on = pages(pdf(made, house()))
        assert [page.outside() for page in on] == [[]] * len(on)


def test_a_sheet_of_another_is_not_taken_for_its_own() -> None:
    assert len(lost(sheet(many(3), "de"), printed(saying("x")))) > 20
