"""What people see of an invoice: every term on the sheet, every text on the page, nothing over another, nothing from elsewhere."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from einvoice.model import Invoice
from tests.evidence import Figure, corpora, figure, scaled


def published(count: int) -> list[tuple[Path, Invoice]]:
    """So many invoices of the corpora, evenly chosen."""
    from tests.rendering.test_pdf_published import published as chosen

    return list(chosen(corpora(), count))


@figure("sheet-terms", bar="every value of every invoice stands on its sheet, in 4 languages", item=1)
def terms() -> Figure:
    from tests.rendering import every_term
    from tests.rendering.sheets import LANGUAGES, absent

    invoices = [invoice for _, invoice in published(scaled(400))] + [every_term.invoice()]
    lost = [each for invoice in invoices for language in LANGUAGES for each in absent(invoice, language)]
    return Figure(f"{len(invoices)} invoices in {len(LANGUAGES)} languages, {len(lost)} values lost", not lost and len(invoices) > 30)


@figure("pdf-layout", bar="20 published invoices, 4 languages: no text lost in extraction, no box over another, no glyph outside", item=1)
def layout() -> Figure:
    from tests.rendering.papers import faults
    from tests.rendering.sheets import LANGUAGES

    invoices = published(24)
    found = [faults(invoice, language) for _, invoice in invoices for language in LANGUAGES]
    kinds = {kind: sum(len(each.get(kind, [])) for each in found) for kind in ("lost", "outside", "over")}
    counted = ", ".join(f"{kind} {count}" for kind, count in kinds.items())
    return Figure(f"{len(found)} PDFs of {len(invoices)} invoices: {counted}", not any(kinds.values()) and len(invoices) >= 20)


@figure("pdf-carried", bar="200 lines: what each page brings and carries is the sum worked out apart", item=1)
def carried() -> Figure:
    from tests.rendering import test_pdf_pages as pages
    from tests.rendering.papers import many, printed
    from tests.rendering.sheets import LANGUAGES

    for language in LANGUAGES:
        pages.test_two_hundred_lines_carry_their_sum_from_page_to_page(language)
    return Figure(f"{len(printed(many(200)))} pages in each of {len(LANGUAGES)} languages agree", True)


@figure("missing-glyph", bar="a character that no font has is named with its term, and nothing is rendered", item=1)
def glyph() -> Figure:
    from einvoice import render
    from einvoice.errors import MissingGlyph
    from einvoice.samples import sample

    named = 0
    for character in ("日", "한", "\U0001f600"):
        try:
            render(sample().model_copy(update={"buyer_reference": f"PO {character}"}), "pdf")
        except MissingGlyph as refused:
            named += (refused.character, refused.term) == (character, "BT-10")
    return Figure(f"{named} of 3 named with U+ and BT-10", named == 3)


@figure("html-closed", bar="every text of the sheet is in the HTML; nothing from elsewhere, no script", item=1)
def closed() -> Figure:
    from einvoice.rendering.compose import sheet
    from einvoice.rendering.render import press
    from tests.rendering import pages
    from tests.rendering.sheets import LANGUAGES

    lost, foreign, made = 0, 0, 0
    for language in LANGUAGES:
        make = press("html", language=language)
        for _, invoice in published(24):
            root = pages.parse(make(invoice))
            shown = pages.shown(root)
            lost += sum(text not in shown for text in pages.wanted(sheet(invoice, language)))
            followed = ("data:", "#", "https://", "http://")  # a link that a reader may follow (BT-124); nothing else leads outside
            foreign += sum(not to.startswith(followed if place == "a/@href" else followed[:2]) for place, to in pages.references(root))
            foreign += len(root.xpath("//@src[not(starts-with(., 'data:'))] | //link | //script | //iframe | //object"))
            foreign += len(root.xpath("//@*[starts-with(name(), 'on')]"))
            made += 1
    return Figure(f"{made} pages: {lost} texts lost, {foreign} references or scripts", not lost and not foreign)


@figure("html-axe", bar="axe-core in Chromium: no violation, wide and narrow, by day and by night", item=1)
def accessible() -> Figure:
    from einvoice import render
    from einvoice.samples import sample
    from tests.rendering import axe, every_term

    found = []
    with tempfile.TemporaryDirectory() as folder:
        for number, invoice in enumerate((sample(), every_term.invoice())):
            page = render(invoice, "html", language="de")
            for width, dark in ((1000, False), (360, True)):
                home = Path(folder, f"{number}-{width}")
                home.mkdir()
                found.append(axe.examine(page, home, width=width, dark=dark))
    violated, held = sum(len(each.violated) for each in found), min(len(each.held) for each in found)
    return Figure(f"{len(found)} runs, {violated} violations, at least {held} rules held", not violated and held > 10)


@figure("templates", bar="a folder written by --init-template and changed is what renders; the rest is the package's", item=1)
def templates() -> Figure:
    from einvoice import render
    from einvoice.rendering import house
    from einvoice.samples import sample

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "house")
        house.init(home)
        (home / "invoice.html").write_text("<html lang='en'><title>x</title><h1>{{ sheet.number }} of our house</h1></html>", "utf-8")
        changed = render(sample(), "html", templates=home)
        untouched = render(sample(), "pdf", templates=home) == render(sample(), "pdf")
    own = b"2026-0117 of our house" in changed
    return Figure(f"changed HTML {own}, PDF as the package's {untouched}", own and untouched)


@figure("pictures", bar="the pages shown in the documentation are what is rendered now", item=1)
def pictures() -> Figure:
    import runpy

    from PIL import Image, ImageChops

    script = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "pictures"))
    shown = (Path(__file__).parents[2] / "docs" / "render.md").read_text("utf-8")
    same = 0
    for name in script["PICTURES"]:
        kept = Image.open(script["FOLDER"] / f"{name}.png").convert("RGB")
        drawn = Image.open(io.BytesIO(script["picture"](name))).convert("RGB")
        differs = ImageChops.difference(kept, drawn).convert("L").point(lambda value: 255 if value > 40 else 0)
        share = differs.histogram()[255] / (kept.width * kept.height)
        same += kept.size == drawn.size and share < 0.001 and f"pictures/{name}.png" in shown
    return Figure(f"{same} of {len(script['PICTURES'])} pictures", same == len(script["PICTURES"]) > 0)
