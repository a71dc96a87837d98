"""axe-core finds nothing on the pages: wide and narrow, by day and by night, in the style of the package and of a house."""

from __future__ import annotations

from pathlib import Path

import pytest

from einvoice.model import Invoice
from einvoice.rendering.render import render
from einvoice.samples import sample
from tests.rendering import axe, every_term

pytestmark = pytest.mark.slow

INVOICES = {"sample": sample(), "credit note": sample(credit_note=True), "every term": every_term.invoice(), "empty": Invoice()}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house with logo, foot and a pale colour."""
    folder = tmp_path / "house"
    folder.mkdir()
    (folder / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 3"><rect width="9" height="3"/></svg>', "utf-8"
    )
    (folder / "style.toml").write_text('logo = "logo.svg"\naccent = "#ffcc00"\nfooter = [["Name", "Street"], ["IBAN"]]\n', "utf-8")
    return folder


@pytest.mark.parametrize("dark", [False, True], ids=["day", "night"])
@pytest.mark.parametrize("width", [1100, 500])
@pytest.mark.parametrize("name", INVOICES)
def test_axe_finds_nothing(name: str, width: int, dark: bool, tmp_path: Path) -> None:
    found = axe.examine(render(INVOICES[name], language="de"), tmp_path, width=width, dark=dark)
    print(f"{name}, {width} px: {len(found.violated)} violated, {len(found.held)} held, {len(found.undecided)} to judge")
    assert found.violated == ()
    assert len(found.held) > 15


@pytest.mark.parametrize("dark", [False, True], ids=["day", "night"])
def test_nor_in_the_style_of_a_house(house: Path, dark: bool, tmp_path: Path) -> None:
    assert axe.examine(render(sample(), templates=house), tmp_path, width=1100, dark=dark).violated == ()


def test_it_finds_what_is_wrong(tmp_path: Path) -> None:
    page = render(sample()).replace(b'<html lang="en">', b"<html>").replace(b"--muted: #59616b", b"--muted: #c0c0c0", 1)
    found = axe.examine(page, tmp_path, width=1100)
    assert {rule.split()[0] for rule in found.violated} == {"html-has-lang", "color-contrast"}


@pytest.mark.parametrize("width", [320, 400, 768, 769, 1024, 1025])
@pytest.mark.parametrize("language", ["de", "fr"])
def test_no_page_is_wider_than_its_window(width: int, language: str, house: Path, tmp_path: Path) -> None:
    for invoice in INVOICES.values():
        assert axe.overflow(render(invoice, language=language), tmp_path, width=width) == 0
    assert axe.overflow(render(sample(), language=language, templates=house), tmp_path, width=width) == 0
