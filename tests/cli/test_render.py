"""`einvoice render`: where it goes, in which format and style, and what becomes of what fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from einvoice import settings
from einvoice.cli.examination import folders
from tests.cli.conftest import Run

pytest.importorskip("jinja2", reason="pip install 'einvoice-toolkit[pdf]'")
pytest.importorskip("typst", reason="pip install 'einvoice-toolkit[pdf]'")
from einvoice.rendering.compose import sheet
from einvoice.rendering.render import render
from einvoice.rendering.sheet import shape
from einvoice.samples import sample


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house folder with a template of its own."""
    folder = tmp_path / "our house"
    folder.mkdir()
    (folder / "invoice.html").write_text("{{ sheet.title }} in our style", "utf-8")
    return folder


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Settings are read again, and once more afterwards."""
    settings.current.cache_clear()
    yield
    settings.current.cache_clear()


def test_html_to_standard_output(run: Run, folder: Path) -> None:
    ran = run("render", folder / "a.xml", "--language", "nl")
    assert (ran.code, ran.out.encode(), ran.err) == (0, render(sample(), language="nl"), "")
    assert run("render", "-", stdin=(folder / "a.xml").read_bytes()).out.encode() == render(sample())
    assert run("render", "--sample").out.encode() == render(sample())


@pytest.mark.parametrize(("name", "kind"), [("a.html", "html"), ("a.HTM", "html"), ("a.pdf", "pdf"), ("a", "html")])
def test_the_ending_says_the_format(run: Run, folder: Path, name: str, kind: str) -> None:
    out = folder / "out" / name
    assert run("render", folder / "a.xml", "-o", out).code == 0
    assert out.read_bytes() == render(sample(), kind)


def test_a_format_wins_over_no_ending_and_contradicts_another(run: Run, folder: Path) -> None:
    assert run("render", folder / "a.xml", "--format", "pdf", "-o", folder / "a").code == 0
    assert (folder / "a").read_bytes().startswith(b"%PDF-")
    assert run("render", folder / "a.xml", "--format", "pdf", "-o", folder / "a.html").code == 2
    assert not (folder / "a.html").exists()
    assert run("render", folder / "a.xml", "--format", "svg").code == 2


def test_json_is_what_a_template_is_given(run: Run, folder: Path) -> None:
    assert json.loads(run("render", folder / "a.xml", "--format", "json", "--language", "fr").out) == shape(sheet(sample(), "fr"))


def test_several_go_to_a_folder_and_one_that_fails_stops_none(run: Run, folder: Path) -> None:
    assert run("render", folder / "a.xml", folder / "inner" / "c.XML").code == 2
    ran = run("render", folder / "notes.txt", folder / "a.xml", folder / "inner", "--format", "pdf", "-o", f"{folder}/out/")
    assert ran.code == 2
    assert ran.err.startswith(f"{folder}/notes.txt: ")
    assert {path.name: path.read_bytes()[:5] for path in (folder / "out").iterdir()} == {"a.pdf": b"%PDF-", "c.pdf": b"%PDF-"}


def test_nothing_is_replaced_unasked_nor_twice(run: Run, folder: Path) -> None:
    out = folder / "a.html"
    out.write_text("mine", "utf-8")
    assert run("render", folder / "a.xml", "-o", out).code == 2
    assert out.read_text("utf-8") == "mine"
    assert run("render", folder / "a.xml", "-o", out, "--force").code == 0
    assert out.read_bytes() == render(sample())
    (folder / "inner" / "a.xml").write_bytes((folder / "a.xml").read_bytes())
    assert run("render", folder / "a.xml", folder / "inner" / "a.xml", "-o", f"{folder}/out/", "--force").code == 2


def test_nothing_half_made_is_left(run: Run, folder: Path, house: Path) -> None:
    (house / "invoice.html").write_text("{{ sheet.title }}\n{{ sheet.absent }}", "utf-8")
    ran = run("render", folder / "a.xml", "--templates", house, "-o", f"{folder}/out/a.html")
    assert ran.code == 2
    assert f"{house / 'invoice.html'}, line 2" in ran.err
    assert not (folder / "out").exists()
    assert run("render", folder / "a.xml", "-o", f"{folder}/out/a.html").code == 0
    assert [path.name for path in (folder / "out").iterdir()] == ["a.html"]


def test_the_style_of_a_house(run: Run, folder: Path, house: Path) -> None:
    assert run("render", folder / "a.xml", "--templates", house).out == "Invoice 2026-0117 in our style"
    assert run("render", folder / "a.xml", "--templates", folder / "absent").code == 2
    (house / "style.toml").write_text("acent = 1", "utf-8")
    ran = run("render", folder / "a.xml", "--templates", house)
    assert ran.code == 2
    assert str(house / "style.toml") in ran.err


@pytest.mark.usefixtures("forgotten")
def test_or_that_of_the_settings(run: Run, folder: Path, house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EINVOICE_RENDERING_TEMPLATES", str(house))
    assert run("render", folder / "a.xml").out == "Invoice 2026-0117 in our style"
    (folder / "other").mkdir()
    assert run("render", folder / "a.xml", "--templates", folder / "other").out.encode() == render(sample())


def test_a_folder_to_change(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    ran = run("render", "--init-template", folder)
    assert ran.code == 0
    assert sorted(ran.out.splitlines()) == sorted(map(str, folder.iterdir()))
    assert run("render", "--sample", "--templates", folder).out.encode() == render(sample())
    assert run("render", "--init-template", folder).code == 2


def test_nothing_named(run: Run) -> None:
    assert run("render").code == 2


def test_hybrids_are_rendered_from_their_xml(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("pikepdf", reason="pip install 'einvoice-toolkit[pdf]'")
    from einvoice.formats.syntax import Syntax
    from einvoice.formats.writer import write
    from tests.pdf.hybrids import Made, xmp

    xml = write(sample(), Syntax.CII, profile="en16931")
    (tmp_path / "a.pdf").write_bytes(Made().named(("factur-x.xml", xml)).claiming(xmp("factur-x.xml")).bytes())
    assert "2026-0117" in run("render", tmp_path / "a.pdf").out


def test_the_doctor_looks_at_the_style_of_the_settings(house: Path) -> None:
    def checked() -> list[tuple[str, str]]:
        found = folders(settings.load({"EINVOICE_RENDERING_TEMPLATES": str(house)}))
        return [(check.name, check.level) for check in found if check.name == "style"]

    assert checked() == [("style", "ok")]
    (house / "style.toml").write_text('accent = "blue"', "utf-8")
    assert checked() == [("style", "fail")]
    assert "style" not in [check.name for check in folders(settings.load({}))]
