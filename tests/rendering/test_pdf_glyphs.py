"""Characters that no font has, fonts that cure it, templates that are wrong: each refusal says what and where."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from PIL import Image

from einvoice.errors import MissingGlyph, RenderError
from einvoice.model import Invoice
from einvoice.rendering import house
from einvoice.rendering.compose import sheet
from einvoice.rendering.typst import pdf
from einvoice.samples import sample
from tests.rendering.fonts import font
from tests.rendering.layout import MM, pages, pdfium
from tests.rendering.papers import saying


def named(text: str) -> Invoice:
    """The sample with an article of that name."""
    given = sample()
    line = given.lines[0]
    assert line.item
    return given.model_copy(update={"lines": (line.model_copy(update={"item": line.item.model_copy(update={"name": text})}),)})


@pytest.mark.parametrize("character", ["日", "😀", "ߊ", "\u0e01", "\U00020000"])
def test_a_character_that_no_font_has_is_named_with_its_term(character: str) -> None:
    with pytest.raises(MissingGlyph) as fault:
        pdf(sheet(named(f"Bread {character}")), house.load())
    assert (fault.value.character, fault.value.term) == (character, "BT-153")


@pytest.mark.parametrize(
    ("update", "term"),
    [
        ({"number": "日"}, "BT-1"),
        ({"buyer_reference": "日"}, "BT-10"),
        ({"payment_terms": "日"}, "BT-20"),
        ({"notes": tuple(note.model_copy(update={"text": "日"}) for note in sample().notes)}, "BG-1"),
        ({"buyer": sample().buyer and sample().buyer.model_copy(update={"identifier": None, "name": "日"})}, "BG-7"),  # type: ignore[union-attr]
    ],
)
def test_the_term_is_found_wherever_it_stands(update: dict[str, object], term: str) -> None:
    with pytest.raises(MissingGlyph) as fault:
        pdf(sheet(sample().model_copy(update=update)), house.load())
    assert (fault.value.character, fault.value.term) == ("日", term)


def test_a_font_of_the_house_cures_it(tmp_path: Path) -> None:
    made = sheet(named("Bread 日"))
    with pytest.raises(MissingGlyph):
        pdf(made, house.load(tmp_path))
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "tiny.ttf").write_bytes(font("Tiny", "日"))
    assert "Bread 日" in pages(pdf(made, house.load(tmp_path)))[0].text
    with pytest.raises(MissingGlyph):
        pdf(made, house.load())


def test_the_font_of_the_house_is_used(tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "tiny.ttf").write_bytes(font("Tiny", "ABCabc"))
    (tmp_path / "style.toml").write_text('font = "Tiny"', "utf-8")
    assert b"Tiny" in pdf(sheet(sample()), house.load(tmp_path))


@pytest.mark.parametrize(
    ("family", "name"),
    [("Libertinus Serif", b"LibertinusSerif"), ("DejaVu Sans Mono", b"DejaVuSansMono"), ("New Computer Modern", b"NewCM10")],
)
def test_each_font_at_hand_shows_the_sample(tmp_path: Path, family: str, name: bytes) -> None:
    (tmp_path / "style.toml").write_text(f'font = "{family}"', "utf-8")
    assert name in pdf(sheet(sample()), house.load(tmp_path))


def test_every_letter_of_the_languages_of_the_union_has_a_glyph() -> None:
    blocks = (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x386, 0x3CF), *range(0x400, 0x460))
    letters = "".join(chr(code) for code in blocks if unicodedata.name(chr(code), ""))
    text = f"{letters} ȘșȚț €₽₴ – — ‘’ “” „ « » … • † ‰ № ™ − × ÷ ½ ²"
    assert pages(pdf(sheet(saying(text)), house.load()))


def test_a_piece_of_the_house_takes_the_place_of_that_of_the_package(tmp_path: Path) -> None:
    (tmp_path / "parts.typ").write_text(
        (house.TEMPLATES / "parts.typ").read_text("utf-8").replace("#let notes =", "#let notes = [Thanks for all the fish]\n#let others ="),
        "utf-8",
    )
    text = " ".join(page.text for page in pages(pdf(sheet(sample()), house.load(tmp_path))))
    assert "Thanks for all the fish" in text
    assert sample().number in text  # type: ignore[operator]


def test_a_template_of_the_house_may_be_small(tmp_path: Path) -> None:
    (tmp_path / "mine.typ").write_text('#let greeting = "Bonjour"\n', "utf-8")
    (tmp_path / "invoice.typ").write_text(
        '#import "base.typ": *\n#import "mine.typ": greeting\n#set document(title: sheet.title, date: datetime(..data.about.date))\n'
        "#greeting #sheet.number\n",
        "utf-8",
    )
    assert [page.text for page in pages(pdf(sheet(sample()), house.load(tmp_path)))] == [f"Bonjour {sample().number}"]


@pytest.mark.parametrize(
    ("piece", "text", "line"),
    [
        ("invoice.typ", "#set text(size: 9pt)\n\n#let x = \n#unknown-thing\n", 3),
        ("invoice.typ", "line one\n#unknown-thing\n", 2),
        ("tables.typ", "// ours\n// two\n#let broken = 1 + [a]\nREST", 3),
        ("parts.typ", '#let notes = [\n  #(1 + "a")\n]\nREST', 2),
    ],
)
def test_a_fault_in_a_template_is_named_with_file_and_line(tmp_path: Path, piece: str, text: str, line: int) -> None:
    (tmp_path / piece).write_text(text.replace("REST", (house.TEMPLATES / piece).read_text("utf-8")), "utf-8")
    with pytest.raises(RenderError) as fault:
        pdf(sheet(sample()), house.load(tmp_path))
    assert f"{tmp_path / piece}, line {line}" in str(fault.value)


def test_a_fault_in_a_file_that_a_template_imports_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.typ").write_text('#let greeting = 1 + "a"\n', "utf-8")
    (tmp_path / "invoice.typ").write_text('#import "mine.typ": greeting\n', "utf-8")
    with pytest.raises(RenderError) as fault:
        pdf(sheet(sample()), house.load(tmp_path))
    assert "mine.typ, line 1" in str(fault.value)


def test_a_template_reads_no_file_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "house").mkdir()
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    for name in ("../secret.txt", str(tmp_path / "secret.txt")):
        (tmp_path / "house" / "invoice.typ").write_text(f'#read("{name}")\n', "utf-8")
        with pytest.raises(RenderError):
            pdf(sheet(sample()), house.load(tmp_path / "house"))


SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
PICTURES = {
    "broken.png": "\x89PNG\r\n\x1a\n" + "x" * 100,
    "broken.svg": f"{SVG}<rect",
    "file.svg": f'{SVG}<image href="/etc/hostname" width="5" height="5"/></svg>',
    "above.svg": f'{SVG}<image href="../x.png" width="5" height="5"/></svg>',
    "net.svg": f'{SVG}<image href="http://127.0.0.1:9/x.png" width="5" height="5"/></svg>',
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_logo_that_cannot_be_set_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(PICTURES[name].encode("latin-1"))
    (tmp_path / "style.toml").write_text(f'logo = "{name}"', "utf-8")
    with pytest.raises(RenderError) as fault:
        pdf(sheet(sample()), house.load(tmp_path))
    assert "picture" in str(fault.value)


def test_a_logo_in_the_colours_of_print_is_refused(tmp_path: Path) -> None:
    Image.new("CMYK", (40, 20), (10, 200, 30, 0)).save(tmp_path / "logo.jpg")
    (tmp_path / "style.toml").write_text('logo = "logo.jpg"', "utf-8")
    with pytest.raises(RenderError) as fault:
        pdf(sheet(sample()), house.load(tmp_path))
    assert "RGB" in str(fault.value)


@pytest.mark.parametrize("name", ["logo.png", "logo.jpg", "logo.svg"])
def test_a_logo_stands_above_the_window(tmp_path: Path, name: str) -> None:
    if name.endswith("svg"):
        (tmp_path / name).write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30"><path d="M0 0h90v30H0z"/></svg>', "utf-8")
    else:
        Image.new("RGB", (90, 30), (10, 20, 30)).save(tmp_path / name)
    (tmp_path / "style.toml").write_text(f'logo = "{name}"\nlogo_height = "60mm"\nwindow = "din-5008-a"', "utf-8")
    made = pdf(sheet(sample()), house.load(tmp_path))
    document = pdfium.PdfDocument(made)
    page = document[0]
    wide = [page.get_height() - item.get_bounds()[1] for item in page.get_objects(max_depth=9) if _large(item.get_bounds())]
    document.close()
    assert wide
    assert min(wide) < 27 * MM
    assert pages(made)[0].collisions() == []


def _large(bounds: tuple[float, float, float, float]) -> bool:
    left, lower, right, upper = bounds
    return right - left > 8 * MM and upper - lower > 8 * MM
