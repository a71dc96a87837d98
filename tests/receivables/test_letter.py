"""Letters: the address in every window, pages, marks, codes, hostile texts, fonts, the same bytes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from einvoice.errors import MissingGlyph, RenderError
from einvoice.pdf.container import findings
from einvoice.receivables.documents import letter, sample
from einvoice.receivables.documents.content import Content, Line
from einvoice.receivables.documents.letter_press import pages
from einvoice.receivables.documents.templates import load
from einvoice.rendering.house import House
from einvoice.rendering.house import load as house_of
from einvoice.rendering.style import Style
from einvoice.rendering.windows import Area, names, window
from tests.receivables.forms_samples import ADDRESS, DAY, EDGE, wrong_letter
from tests.receivables.letters import Box, boxes, codes, each, place, signs, written

LONG = (
    "Vereniging van Eigenaars Appartementengebouw De Zeven Provinciën te Rotterdam",
    "t.a.v. mevrouw A. van der Bellen-Oosterhuis, afdeling crediteurenadministratie",
    "Burgemeester Baron van Voorst tot Voorstlaan 1234-C bis",
    "Gebouw Westerlicht, vierde verdieping",
    "3011 AB ROTTERDAM",
    "NEDERLAND",
)
HOUSE = Path(__file__).parents[2] / "docs" / "pictures" / "house"


def content(kind: str = "reminder", language: str = "en") -> Content:
    return sample.message(kind, language, None, 2, "letter", load(None))


def styled(**changes: object) -> House:
    return House(None, Style()._replace(**changes))  # type: ignore[arg-type]


def many(count: int) -> Content:
    made = content()
    assert made.table is not None
    lines = tuple(Line("invoice", (f"2026-{number:04}", "1 Oct 2026", "31 Oct 2026", "€1.00")) for number in range(count))
    return made._replace(table=made.table._replace(lines=(*lines, made.table.lines[-1])))


@pytest.mark.parametrize("name", [name for name in names() if name != "none"])
@pytest.mark.parametrize("address", [ADDRESS, LONG])
@pytest.mark.parametrize("registered", [False, True])
def test_the_address_stands_in_the_window_of_every_house(name: str, address: tuple[str, ...], registered: bool) -> None:
    made = letter.pdf(content(), address, DAY, styled(window=name), registered=registered)
    area = window(name).window
    assert area is not None
    inside = [box for box in boxes(made) if _touches(box, area.left, area.top, area.left + area.width, area.top + area.height)]
    assert all(_within(box, area) for box in inside)
    for word in (line.split()[-1] for line in address[:-1]):
        assert _within(place(made, word), area)
    assert ("REGISTERED" in written(made)) is registered


def _within(box: Box, area: Area) -> bool:
    right, bottom = area.left + area.width + 0.01, area.top + area.height + 0.01
    return box.left >= area.left - 0.01 and box.top >= area.top - 0.01 and box.right <= right and box.bottom <= bottom


def _touches(box: Box, left: float, top: float, right: float, bottom: float) -> bool:
    return box.left < right and box.right > left and box.top < bottom and box.bottom > top


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.text(st.sampled_from("WMQiljábc 0123456789-.,&äö"), min_size=1, max_size=90).map(str.strip).filter(bool), max_size=6),
    st.sampled_from([name for name in names() if name != "none"]),
)
@example(["W" * 90] * 6, "nen-1026-left")
def test_no_address_leaves_its_window(lines: list[str], name: str) -> None:
    made = letter.pdf(content(), tuple(lines), DAY, styled(window=name), registered=True)
    area = window(name).address
    assert area is not None
    wide = [box for sign, box in signs(made) if sign.strip() and area.top + 0.5 < (box.top + box.bottom) / 2 < area.top + area.height - 0.5]
    mine = [box for box in wide if area.left - 1 < box.left < area.left + area.width]
    assert all(box.right <= area.left + area.width + 0.2 for box in mine)
    if lines:
        last = [box.bottom for box in mine]
        assert max(last) <= area.top + area.height


def test_no_window_has_the_address_below_the_head() -> None:
    made = letter.pdf(content(), ADDRESS, DAY, styled(window="none"))
    assert wrong_letter(made, content()) == []
    assert place(made, "Bakery").top > 40


@pytest.mark.parametrize("count", [1, 20, 30, 41, 120])
def test_every_page_says_which_it_is_of_how_many(count: int) -> None:
    made = letter.pdf(many(count), ADDRESS, DAY, House())
    total = pages(made)
    text = written(made)
    assert [f"Page {number} of {total}" in text for number in range(1, total + 1)] == [True] * total
    assert f"Page {total + 1}" not in text
    assert (total > 1) is (count > 12)
    assert len(codes(made)) == 1
    assert wrong_letter(made, many(count)) == []
    with_rows = sum("1 Oct 2026" in text_of for text_of in each(made))
    assert text.count("Issued") == with_rows


def test_a_letter_without_table_code_or_links_is_one() -> None:
    made = content()._replace(table=None, transfer=None, links=(), remarks=(), code="", check="")
    data = letter.pdf(made, ADDRESS, DAY, House())
    assert codes(data) == []
    assert wrong_letter(data, made) == []


def test_the_house_may_go_without_a_code() -> None:
    assert codes(letter.pdf(content(), ADDRESS, DAY, styled(qr=False))) == []


@pytest.mark.parametrize("house", [House(), house_of(HOUSE)])
@pytest.mark.parametrize("registered", [False, True])
def test_a_letter_is_pdf_a(house: House, registered: bool) -> None:
    data = letter.pdf(content("notice_of_default", "de"), LONG, DAY, house, registered=registered)
    with pikepdf.open(BytesIO(data)) as opened:
        faults = [finding for finding in findings(opened, data=data) if not str(finding.rule).startswith("FX-")]
    assert faults == []


def test_the_same_letter_is_the_same_bytes_whatever_was_printed_between() -> None:
    made = letter.pdf(content(), ADDRESS, DAY, House())
    letter.pdf(content("aanmaning", "fr"), LONG, date(2026, 1, 1), house_of(HOUSE), registered=True)
    assert letter.pdf(content(), ADDRESS, DAY, House()) == made
    each = letter.Letter(content(), ADDRESS, DAY)
    assert next(letter.many([each, each._replace(day=date(2026, 11, 29))], House())) == made


def test_a_character_without_a_font_is_named_with_its_place() -> None:
    with pytest.raises(MissingGlyph) as caught:
        letter.pdf(content(), ("株式会社",), DAY, House())
    assert caught.value.character == "株"
    assert "address" in str(caught.value)
    with pytest.raises(MissingGlyph) as caught:
        letter.pdf(content()._replace(remarks=("𒀀",)), ADDRESS, DAY, House())
    assert "remarks" in str(caught.value)


HOSTILE = '#panic("x") *bold* _i_ $x$ <label> @ref `raw` \\u{41} // comment /* " #{1+1} [a](b) = head - list + 1. ~ --- ...'


def test_what_looks_like_typst_is_text() -> None:
    made = content()._replace(remarks=(HOSTILE,), greeting=HOSTILE, subject=HOSTILE)
    data = letter.pdf(made, (HOSTILE[:60], ADDRESS[1]), DAY, House())
    assert wrong_letter(data, made) == []


def test_words_that_fit_no_line_stay_on_the_page() -> None:
    made = content()
    assert made.table is not None
    assert made.transfer is not None
    long = "Donaudampfschiffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3
    table = made.table._replace(lines=(Line("invoice", (long[:80], "1 Oct 2026", "31 Oct 2026", "€1,000,000,000.00")), *made.table.lines))
    transfer = made.transfer._replace(name=long[:70], qr="", reference="9" * 35)
    made = made._replace(remarks=(long,), table=table, transfer=transfer, links=(made.links[0]._replace(url=f"https://e.example/{long}"),))
    assert wrong_letter(letter.pdf(made, ADDRESS, DAY, House()), made) == []


@pytest.mark.parametrize("size", ["7pt", "14pt", "4mm"])
def test_sizes_of_type_keep_everything_on_the_page(size: str) -> None:
    assert wrong_letter(letter.pdf(content(), ADDRESS, DAY, styled(size=size)), content()) == []


def test_letters_on_us_paper() -> None:
    data = letter.pdf(content(), ADDRESS, DAY, styled(paper="us-letter"))
    assert all(box.left >= EDGE and box.right <= 215.9 - EDGE and box.bottom <= 279.4 - EDGE for box in boxes(data))


def test_a_layout_of_the_users_is_printed_and_its_fault_named(tmp_path: Path) -> None:
    (tmp_path / "layouts").mkdir()
    file = tmp_path / "layouts" / "letter.typ"
    file.write_text("#let data = json(bytes(sys.inputs.data))\n#set document(date: datetime(..data.about.date))\nours: #data.subject")
    data = letter.pdf(content(), ADDRESS, DAY, House(), templates=load(tmp_path))
    assert "ours: Second reminder" in written(data)
    file.write_text("#let data = json(bytes(sys.inputs.data))\n#data.nothing")
    with pytest.raises(RenderError) as caught:
        letter.pdf(content(), ADDRESS, DAY, House(), templates=load(tmp_path))
    assert "letter.typ, line 2" in str(caught.value)


def test_the_amount_of_the_code_is_that_of_the_letter() -> None:
    made = content()
    assert made.transfer is not None
    read = codes(letter.pdf(made, ADDRESS, DAY, House()))[0].split("\n")
    assert (Decimal(read[7].removeprefix("EUR")), read[6], read[10]) == (made.transfer.amount, "BE71096123456769", made.transfer.reference)
