"""What people see of an invoice: every term on the sheet, every text on the page, nothing over another, nothing from elsewhere."""

from __future__ import annotations

import io
import tempfile
from contextlib import redirect_stdout
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
    from tests.rendering.sheets import LANGUAGES
    from tests.rendering.test_pdf_pages import carried as read_again

    found = [read_again(200, language) for language in LANGUAGES]
    wrong = sum(len(each) for _, each in found)
    counted = ", ".join(str(pages) for pages, _ in found)
    return Figure(f"{counted} pages in {len(found)} languages, {wrong} amounts or lines otherwise", not wrong and found[0][0] > 5)


@figure("missing-glyph", bar="a character that no font has is named with its term; a font in the folder of the house cures it", item=1)
def glyph() -> Figure:
    from einvoice import render
    from einvoice.errors import MissingGlyph
    from einvoice.samples import sample
    from tests.rendering.fonts import font

    named = cured = 0
    for character in ("日", "한", "ߊ"):
        invoice = sample().model_copy(update={"buyer_reference": f"PO {character}"})
        try:
            render(invoice, "pdf")
        except MissingGlyph as refused:
            named += (refused.character, refused.term) == (character, "BT-10")
        with tempfile.TemporaryDirectory() as folder:
            fonts = Path(folder, "fonts")
            fonts.mkdir()
            (fonts / "tiny.ttf").write_bytes(font("Tiny", character))
            cured += render(invoice, "pdf", templates=folder).startswith(b"%PDF")
    return Figure(f"{named} of 3 named with BT-10, {cured} of 3 cured", named == cured == 3)


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
    from einvoice.cli import main
    from einvoice.samples import sample

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "house")
        with redirect_stdout(io.StringIO()):
            code = main(["render", "--init-template", str(home)])
        copy = (home / "invoice.html").read_text("utf-8")
        (home / "invoice.html").write_text(copy.replace("</main>", "<p>of our house</p></main>"), "utf-8")
        changed, given = render(sample(), "html", templates=home), render(sample(), "html")
        untouched = render(sample(), "pdf", templates=home) == render(sample(), "pdf")
    own = changed.replace(b"<p>of our house</p>", b"") == given and changed != given
    return Figure(f"changed HTML {own}, PDF as the package's {untouched}", own and untouched and code == 0)


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
