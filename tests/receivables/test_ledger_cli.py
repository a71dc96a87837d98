"""`einvoice receivables import` and `ageing`, as they are called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from einvoice.cli import main
from einvoice.settings import current
from tests.receivables import ledger_files


@pytest.fixture(autouse=True)
def _at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with a database of one creditor."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EINVOICE_CONFIG", raising=False)
    monkeypatch.setenv("EINVOICE_DATABASE_URL", f"sqlite:///{tmp_path}/einvoice.db")
    current.cache_clear()
    assert main(["receivables", "init"]) == 0
    current.cache_clear()
    assert main(["receivables", "creditor", "add", "acme", "--name", "Acme", "--country", "NL"]) == 0
    capsys.readouterr()


def _files(folder: Path) -> list[str]:
    paths = ledger_files.written(folder, debtors=ledger_files.DEBTORS, invoices=ledger_files.INVOICES, payments=ledger_files.PAYMENTS)
    return [path.name for path in paths]


def test_an_import_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = _files(tmp_path)
    for option, said in ((["--dry-run"], {"debtors": 2}), ([], {"debtors": 2}), ([], {"same": 6})):
        assert main(["receivables", "import", *names, *option, "--format", "json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["imported"].items() >= said.items()
        assert told["dry_run"] is bool(option)
    assert main(["receivables", "import", *names]) == 0
    assert "same" in capsys.readouterr().out


def test_faults_are_told_a_line_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "debtors.csv").write_text("key,name,kind,country\nc1,X,b2b,XX\nc2,,b2b,NL\n", "utf-8")
    assert main(["receivables", "import", "debtors.csv"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(": ")[0] for line in lines[:2]] == ["debtors.csv:2", "debtors.csv:3"]
    assert main(["receivables", "import", "debtors.csv", "--format", "json"]) == 1
    assert [fault["code"] for fault in json.loads(capsys.readouterr().out)["faults"]] == ["bad-value", "missing"]


@pytest.mark.parametrize("wrong", [["--dates", "D/M"], ["--column", "x"], ["--encoding", "nonsense"], ["--creditor", "other"]])
def test_options_that_make_no_sense(tmp_path: Path, wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["receivables", "import", *_files(tmp_path), *wrong]) == 2
    assert capsys.readouterr().err


def test_what_is_open_on_a_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["receivables", "import", *_files(tmp_path)]) == 0
    capsys.readouterr()
    assert main(["receivables", "ageing", "--as-of", "2026-10-04", "--items", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (row,) = told["ageing"]
    assert (row["to_30"], row["open"], row["unallocated"]) == ("181.50", "181.50", "0.00")
    assert [(item["number"], item["days_late"]) for item in told["items"]] == [("F1", 3), ("F2", 2)]
    assert main(["receivables", "ageing", "--as-of", "2026-10-06", "--debtor", "c2", "--format", "json"]) == 0
    (owed,) = json.loads(capsys.readouterr().out)["balance"]
    assert (owed["principal"], owed["unallocated"]) == ("60.50", "10.00")
    assert main(["receivables", "ageing", "--as-of", "2020-01-01"]) == 0
    assert main(["receivables", "ageing", "--items"]) == 0
    assert "F2" in capsys.readouterr().out
    assert main(["receivables", "ageing", "--debtor", "nobody"]) == 2
