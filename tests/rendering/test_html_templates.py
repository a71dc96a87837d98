"""A template of the house is used, reaches nothing beyond what it is given, and its faults are named with file and line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from einvoice.errors import RenderError
from einvoice.rendering import house
from einvoice.rendering.render import render
from einvoice.samples import sample


def made(folder: Path, template: str) -> str:
    """The sample in a template of the house."""
    (folder / "invoice.html").write_text(template, "utf-8")
    return render(sample(), templates=folder).decode()


def test_a_changed_copy_is_used(tmp_path: Path) -> None:
    house.init(tmp_path)
    assert render(sample(), templates=tmp_path) == render(sample())
    copy = tmp_path / "invoice.html"
    copy.write_text(copy.read_text("utf-8").replace("<main>", "<main><p>Our own words</p>"), "utf-8")
    assert b"<main><p>Our own words</p>" in render(sample(), templates=tmp_path)
    assert b"Our own words" not in render(sample())


def test_a_template_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    assert made(tmp_path, "one {{ sheet.number }}") == "one 2026-0117"
    assert made(tmp_path, "and another") == "and another"
    (tmp_path / "invoice.html").unlink()
    assert render(sample(), templates=tmp_path) == render(sample())


def test_a_house_with_a_style_only_has_the_template_of_the_package(tmp_path: Path) -> None:
    (tmp_path / "style.toml").write_text('accent = "#990011"\n', "utf-8")
    page = render(sample(), templates=str(tmp_path)).decode()
    assert "--accent: #990011" in page
    assert re.sub("#990011|#[0-9a-f]{6}", "", page) == re.sub("#[0-9a-f]{6}", "", render(sample()).decode())


def test_pieces_stand_in_files_of_the_house(tmp_path: Path) -> None:
    (tmp_path / "foot.html").write_text("<b>{{ sheet.kind }}</b>", "utf-8")
    assert made(tmp_path, "{% include 'foot.html' %}") == "<b>Invoice</b>"


def test_fonts_of_the_house_are_within_the_page(tmp_path: Path) -> None:
    from tests.rendering.fonts import font

    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "house.ttf").write_bytes(font("House Sans"))
    (tmp_path / "style.toml").write_text('font = "house sans"\n', "utf-8")
    page = render(sample(), templates=tmp_path).decode()
    assert '@font-face { font-family: "House Sans"; font-weight: 400; font-style: normal; src: url("data:font/ttf;base64,' in page
    assert '--font: "House Sans", system-ui' in page


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("a\nb\n{% if %}", 3),
        ("a\n{{ sheet.number", 2),
        ("a\n\n\n{{ sheet.nothing }}", 4),
        ("{{ nothing }}", 1),
        ("a\n{{ 1 / 0 }}\nb", 2),
        ("a\n{{ sheet.number + 1 }}", 2),
        ("a\n{{ ''.__class__.__mro__ }}", 2),
        ("a\n{{ web.__globals__ }}", 2),
        ("a\n{{ style._replace(font='x').__class__.__base__.__subclasses__() }}", 2),
        ("{% macro m() %}\n{{ sheet.nothing }}\n{% endmacro %}\n{{ m() }}", 2),
    ],
)
def test_a_fault_is_named_with_file_and_line(tmp_path: Path, template: str, line: int) -> None:
    with pytest.raises(RenderError) as fault:
        made(tmp_path, template)
    assert str(fault.value).startswith(f"{tmp_path / 'invoice.html'}, line {line}: ")


def test_a_fault_in_a_piece_is_named_there(tmp_path: Path) -> None:
    (tmp_path / "piece.html").write_text("\n{{ nothing }}", "utf-8")
    with pytest.raises(RenderError) as fault:
        made(tmp_path, "\n\n\n{% include 'piece.html' %}")
    assert str(fault.value).startswith(f"{tmp_path / 'piece.html'}, line 2: ")


@pytest.mark.parametrize("name", ["absent.html", "../secret.html", "inner/../../secret.html", "/etc/passwd", "..\\secret.html", ".."])
def test_what_is_absent_or_outside_the_house_is_not_read(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "house"
    (folder / "inner").mkdir(parents=True)
    (tmp_path / "secret.html").write_text("secret", "utf-8")
    with pytest.raises(RenderError):
        made(folder, f"{{% include {name!r} %}}")


def test_a_template_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "invoice.html").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RenderError) as fault:
        render(sample(), templates=tmp_path)
    assert str(tmp_path / "invoice.html") in str(fault.value)
