"""What README says holds: its programs run, its first screen has two commands, each `einvoice …` is understood by its verb."""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

import einvoice
from einvoice.cli import VERBS
from einvoice.cli.verbs import member, parser

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
MARK = "<!-- shortest program -->\n"


def block(language: str, text: str = README) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert found, f"README has no block of {language}"
    return found[1]


def commands() -> list[str]:
    """Every `einvoice …` in README's blocks, without comment, redirection or other programs."""
    return sorted({command.strip() for command in re.findall(r"(?:\$|\||&&) (einvoice [^#|>\n]+)", README)})


def run(program: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    monkeypatch.chdir(folder)
    names: dict[str, object] = {"__name__": "readme"}
    exec(compile(program, "README.md", "exec"), names)  # noqa: S102 - our own README
    return names


def test_the_first_block_has_two_commands() -> None:
    assert [line.split()[:2] for line in block("bash").splitlines()] == [["pip", "install"]] * 2


def test_the_shortest_program_makes_a_peppol_invoice_at_two_rates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = block("python", README.partition(MARK)[2])
    assert len(program.splitlines()) <= 15
    names = run(program, tmp_path, monkeypatch)
    written = [value for value in names.values() if isinstance(value, bytes)] + [path.read_bytes() for path in tmp_path.iterdir()]
    assert written, "the program neither keeps nor writes an invoice"
    invoice = einvoice.read(written[0])
    assert einvoice.detect(written[0]).profile == "peppol"
    assert [row.rate for row in invoice.vat_breakdown] == [21, 6]
    assert len(invoice.lines) == 2


def test_the_other_program_runs_on_an_invoice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.speed import documents

    (tmp_path / "invoice.xml").write_bytes(documents.ubl(2))
    run(block("python", README.partition("## In Python")[2]), tmp_path, monkeypatch)
    assert einvoice.detect((tmp_path / "invoice-cii.xml").read_bytes()).syntax is einvoice.Syntax.CII


@pytest.mark.parametrize("command", commands())
def test_each_verb_understands_what_readme_tells_it(command: str) -> None:
    verb, *arguments = shlex.split(command)[1:]
    assert verb in VERBS
    module = import_module(f"einvoice.cli.{verb}")
    if hasattr(module, "VERBS"):
        word, *arguments = arguments
        assert word in module.VERBS
        module = member(module, word)
    parser(verb, module).parse_intermixed_args(arguments)
