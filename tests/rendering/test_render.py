"""`render`: formats, languages, house; what it needs is imported when it is called, and named where it is absent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from einvoice.errors import RenderError
from einvoice.rendering.compose import sheet
from einvoice.rendering.render import FORMATS, press, render
from einvoice.samples import sample
from einvoice_schemas.terms import LANGUAGES
from tests.rendering import every_term
from tests.rendering.pages import parse, shown, wanted


def test_html_unless_told() -> None:
    assert render(sample()) == render(sample(), "html", language="en", templates=None)
    assert render(sample()).startswith(b"<!DOCTYPE html>")


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_each_language(language: str) -> None:
    text = shown(parse(render(every_term.invoice(), language=language)))
    assert [each for each in wanted(sheet(every_term.invoice(), language)) if each not in text] == []
    assert render(sample(), "pdf", language=language).startswith(b"%PDF-1.7")


@pytest.mark.parametrize("arguments", [{"format": "htlm"}, {"format": "PDF"}, {"format": ""}, {"language": "es"}, {"language": "EN"}])
def test_what_there_is_not(arguments: dict[str, str]) -> None:
    with pytest.raises(RenderError):
        render(sample(), **arguments)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_house_that_is_wrong(tmp_path: Path, kind: str) -> None:
    with pytest.raises(RenderError):
        press(kind, templates=tmp_path / "absent")
    (tmp_path / "style.toml").write_text("accent = 1", "utf-8")
    with pytest.raises(RenderError):
        render(sample(), kind, templates=tmp_path)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_house_counts_in_both_formats(tmp_path: Path, kind: str) -> None:
    (tmp_path / "style.toml").write_text('accent = "#990011"\nfooter = [["Foot of the house"]]\n', "utf-8")
    assert render(sample(), kind, templates=tmp_path) != render(sample(), kind)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_press_makes_what_render_makes(kind: str) -> None:
    made = press(kind, language="de")
    for invoice in (sample(), sample(credit_note=True), sample()):
        assert made(invoice) == render(invoice, kind, language="de")


def python(program: str) -> str:
    """What a program prints in a Python of its own."""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout.strip()


def test_nothing_is_imported_before_it_is_needed() -> None:
    heavy = "{'typst', 'jinja2', 'segno', 'pikepdf', 'PIL'}"
    assert python(f"import sys, einvoice.rendering.render; print(sorted({heavy} & set(sys.modules)))") == "[]"
    assert python(
        f"import sys; from einvoice.rendering.render import render; from einvoice.samples import sample; render(sample()); "
        f"print(sorted({heavy} & set(sys.modules)))"
    ) == ("['jinja2', 'segno']")


@pytest.mark.parametrize(("kind", "absent"), [("html", "jinja2"), ("html", "segno"), ("pdf", "typst"), ("pdf", "segno")])
def test_an_extra_that_is_absent_is_named(kind: str, absent: str) -> None:
    program = f"""
import sys
sys.modules[{absent!r}] = None
from einvoice.errors import EInvoiceError
from einvoice.rendering.render import render
from einvoice.samples import sample
try:
    render(sample(), {kind!r})
except EInvoiceError as fault:
    print(type(fault).__name__, {absent!r} in str(fault), "einvoice-toolkit[pdf]" in str(fault))
"""
    assert python(program) == "EInvoiceError True True"
