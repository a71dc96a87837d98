"""HTML on paper: A4 or what the house has, the heads of tables on every page, each page numbered, nothing lost."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from einvoice.rendering.compose import sheet
from einvoice.rendering.render import render
from einvoice.samples import sample
from tests.rendering import axe
from tests.rendering.pages import wanted
from tests.rendering.sheets import squeezed

pdfium = pytest.importorskip("pypdfium2", reason="pip install 'einvoice-toolkit[dev]'")
pytestmark = pytest.mark.slow

LONG = sample().model_copy(update={"lines": tuple(line for _ in range(50) for line in sample().lines)})


def printed(page: bytes, folder: Path) -> list[Any]:
    """The pages that Chromium prints."""
    (folder / "page.html").write_bytes(page)
    command = [
        axe.browser(),
        "--headless",
        "--disable-gpu",
        "--no-sandbox",
        f"--user-data-dir={folder / 'profile'}",
        "--no-pdf-header-footer",
    ]
    command += [f"--print-to-pdf={folder / 'page.pdf'}", (folder / "page.html").as_uri()]
    subprocess.run(command, capture_output=True, check=True, timeout=120)
    return list(pdfium.PdfDocument(folder / "page.pdf"))


def text(page: Any) -> str:
    """What stands on a page."""
    return squeezed(page.get_textpage().get_text_bounded())


def test_two_hundred_lines_on_paper(tmp_path: Path) -> None:
    pages = printed(render(LONG), tmp_path)
    said = [text(page) for page in pages]
    assert len(pages) > 10
    assert [f"Page{number}of{len(pages)}" in each for number, each in enumerate(said, 1)] == [True] * len(pages)
    with_lines = [each for each in said if "Sourdoughloaf" in each or "Buttercroissant" in each]
    assert len(with_lines) >= len(pages) - 2
    assert all("#ItemQuantityPriceVATNet" in each for each in with_lines)
    whole = "".join(said)
    assert [each for each in wanted(sheet(LONG)) if each not in whole and not each.startswith(("BT-", "BG-"))] == []
    assert sum(each.count("Sourdoughloaf") for each in said) == 50


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("us-letter", (612, 792))])
def test_the_paper_is_that_of_the_house(tmp_path: Path, paper: str, size: tuple[int, int]) -> None:
    (tmp_path / "style.toml").write_text(f'paper = "{paper}"', "utf-8")
    (first, *_) = printed(render(sample(), templates=tmp_path), tmp_path)
    assert (round(first.get_width()), round(first.get_height())) == size
