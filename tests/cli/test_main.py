"""The face of the command line: help, version, unknown verbs, what is loaded, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from einvoice.cli import VERBS, main
from einvoice.cli.verbs import parser
from einvoice.formats.syntax import Syntax
from einvoice.formats.writer import write
from einvoice.samples import sample
from tests.cli.conftest import Run

HEAVY = {"pydantic", "rich", "email", "importlib.metadata", "shutil", "einvoice.model"}


def process(*arguments: str, **more: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "einvoice.cli", *arguments], capture_output=True, check=False, **more)  # type: ignore[call-overload,no-any-return]


def test_without_arguments_it_helps(run: Run) -> None:
    ran = run()
    assert ran.code == 0
    assert all(verb in ran.out for verb in VERBS)


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_it_says_its_version(run: Run, option: str) -> None:
    assert run(option).out.startswith("einvoice-toolkit ")


def test_an_unknown_verb_is_2_with_the_nearest(run: Run) -> None:
    ran = run("chek")
    assert (ran.code, ran.out) == (2, "")
    assert "einvoice check" in ran.err


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_examples_that_its_parser_understands(run: Run, verb: str) -> None:
    ran = run(verb, "--help")
    assert ran.code == 0
    module = import_module(f"einvoice.cli.{verb}")
    assert module.EXAMPLES.strip() in ran.out
    for example in module.EXAMPLES.splitlines():
        words = example.partition(" | ")[0].partition(" > ")[0].replace("'", "").split()
        if words[0] == "einvoice":
            parser(words[1], import_module(f"einvoice.cli.{words[1]}")).parse_intermixed_args(words[2:])


@pytest.mark.parametrize("command", ["check", "check --nonsense a.xml", "sample --profile nonsense", "convert a.xml"])
def test_a_wrong_command_is_2(run: Run, command: str) -> None:
    assert run(*command.split()).code == 2


def test_check_loads_neither_the_model_nor_what_is_heavy(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(write(sample(), Syntax.UBL))
    code = "import sys; from einvoice.cli import main; main(['check', sys.argv[1]]); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.xml")], capture_output=True, check=True, text=True)
    assert not HEAVY & set(ran.stdout.split())


def test_a_fault_of_ours_is_a_message_not_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("einvoice.samples.sample", lambda **_: 1 // 0)
    ran = run("sample")
    assert ran.code == 2
    assert "ZeroDivisionError" in ran.err
    assert "Traceback" not in ran.err


def test_an_interrupt_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("einvoice.cli._main", interrupted)
    assert main([]) == 130


@pytest.mark.skipif(os.name == "nt", reason="pipes break otherwise there")
def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    for number in range(200):
        (tmp_path / f"{number}.xml").write_bytes(b"<a/>" if number else write(sample(), Syntax.UBL))
    command = f"{sys.executable} -m einvoice.cli show --sample {tmp_path}/0.xml {' '.join([f'{tmp_path}/0.xml'] * 40)} | head -1"
    ran = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=False)
    assert ran.stderr == b""
    assert ran.stdout.startswith(b"Invoice")


def test_an_output_that_knows_ascii_only_prints_what_it_can() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    ran = process("show", "--sample", env=environment)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout.isascii()
