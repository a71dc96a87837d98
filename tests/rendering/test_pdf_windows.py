"""The address stands in the window of the envelope, and nothing else does."""

from __future__ import annotations

import pytest

from einvoice.model import Invoice
from einvoice.rendering.compose import sheet
from einvoice.rendering.house import House
from einvoice.rendering.style import Style
from einvoice.rendering.typst import pdf
from einvoice.rendering.windows import Area, names, window
from einvoice.samples import sample
from tests.rendering.layout import MM, Box, pages, pdfium, plain, raw
from tests.rendering.papers import faults, house, lost, saying

WINDOWS = tuple(name for name in names() if name != "none")
SHEET = Box(0, 0, 210, 297)
LONG = "Stichting Administratiekantoor Gemeenschappelijke Voorzieningen Noordzeekanaalgebied"


def box(area: Area) -> Box:
    """An area of the page in points."""
    return Box(area.left * MM, area.top * MM, (area.left + area.width) * MM, (area.top + area.height) * MM)


def invoices() -> list[Invoice]:
    """The sample, and one whose address is as long as can be."""
    given = sample()
    assert given.buyer
    assert given.buyer.address
    post = given.buyer.address.model_copy(update={"line_1": LONG, "line_2": LONG, "line_3": LONG, "country_code": "PT"})
    return [given, given.model_copy(update={"buyer": given.buyer.model_copy(update={"name": LONG, "address": post})})]


@pytest.mark.parametrize("invoice", invoices(), ids=["sample", "long"])
@pytest.mark.parametrize("name", WINDOWS)
def test_address_and_sender_stand_in_the_window_and_nothing_else(name: str, invoice: Invoice) -> None:
    given, made = window(name), sheet(invoice)
    assert given.window
    assert given.address
    page, *_ = on = pages(pdf(made, house(window=name)))
    within = [word for word in page.words if word.box.overlaps(box(given.window), 0)]
    addressed = [word for word in within if word.box.within(box(given.address))]
    sent = [word for word in within if word not in addressed]
    assert plain("".join(word.text for word in addressed)) == plain("".join(made.recipient))
    assert plain("".join(word.text for word in sent)) == plain(made.sender if given.sender else "")
    assert all(word.box.within(box(given.sender)) for word in sent if given.sender)
    assert lost(made, on) == []


def test_ids_of_windows_are_what_a_style_may_say() -> None:
    assert {name.split("-")[0] for name in names()} == {"din", "nen", "be", "none"}
    assert all(House(None, Style(window=name)) for name in names())


@pytest.mark.parametrize("name", WINDOWS)
def test_areas_lie_within_each_other_and_have_a_source(name: str) -> None:
    given = window(name)
    assert given.window
    assert given.address
    outer = Box(given.window.left, given.window.top, given.window.left + given.window.width, given.window.top + given.window.height)
    assert outer.within(SHEET)
    for area in (given.address, given.sender):
        if area:
            assert Box(area.left, area.top, area.left + area.width, area.top + area.height).within(outer)
    assert given.confidence in {"primary", "derived", "unverified"}
    assert len(given.source) > 40


@pytest.mark.parametrize(
    ("name", "left", "top", "width", "height", "folds", "punch"),
    [
        ("din-5008-a", 20, 27, 85, 45, (87, 192), 148.5),
        ("din-5008-b", 20, 45, 85, 45, (105, 210), 148.5),
    ],
)
def test_figures_of_din_5008(
    name: str, left: float, top: float, width: float, height: float, folds: tuple[float, ...], punch: float
) -> None:
    given = window(name)
    assert given.window == (left, top, width, height)
    assert (given.folds, given.punch) == (folds, punch)


def test_the_window_of_bpost_shows_wherever_the_sheet_lies() -> None:
    """95 to 205 mm and 40 to 80 mm of a DL envelope of 220 x 110 mm, in which a third of 105 mm of the sheet may slide."""
    area = window("be-right").window
    assert area
    for aside, down in ((0, 0), (220 - 210, 110 - 105)):
        assert 95 <= area.left + aside < area.left + area.width + aside <= 205
        assert 40 <= area.top + down < area.top + area.height + down <= 80


@pytest.mark.parametrize("name", names())
def test_marks_stand_where_the_standard_says(name: str) -> None:
    given = window(name)
    distances = sorted([*given.folds, *([given.punch] if given.punch else [])])
    assert marks(pdf(sheet(sample()), house(window=name))) == [[pytest.approx(distance, abs=0.1) for distance in distances], []]
    assert marks(pdf(sheet(sample()), house(window=name, fold_marks=False))) == [[], []]


def marks(made: bytes) -> list[list[float]]:
    """Of each page how far below the upper edge lines begin that stand in the outer 10 mm at the left."""

    document = pdfium.PdfDocument(made)
    found = []
    for page in document:
        height = page.get_height()
        bounds = [item.get_bounds() for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH])]
        found.append(sorted((height - (lower + upper) / 2) / MM for left, lower, right, upper in bounds if right < 11 * MM))
    document.close()
    return found


@pytest.mark.parametrize("name", names())
def test_in_each_window_the_page_is_whole(name: str) -> None:
    assert faults(sample(), "de", window=name) == {}
    assert faults(saying(LONG), "nl", window=name) == {}
