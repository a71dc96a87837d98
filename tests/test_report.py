"""Reports are values: they travel, are equal by what they hold, and are objects in JSON."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from einvoice.report import Finding, Layer, Report, Severity

FINDING = Finding("BR-1", Severity.WARNING, "text", "BT-1", "/Invoice", 3)
REPORT = Report("a.xml", "ubl-invoice", None, (Layer.judged("en16931", "1", (FINDING,)), Layer.not_judged("peppol", "", "none")))


def test_a_report_is_a_value() -> None:
    assert pickle.loads(pickle.dumps(REPORT)) == REPORT  # noqa: S301 - our own
    assert REPORT._replace(source="b.xml") != REPORT
    assert repr(FINDING).startswith("Finding(rule='BR-1', severity=<Severity.WARNING: 'warning'>, text='text'")


def test_for_pydantic_it_is_an_object_by_the_names_of_its_fields() -> None:
    class Kept(BaseModel):
        report: Report

    adapter = TypeAdapter(Report)
    kept = Kept(report=REPORT)
    assert kept.report is REPORT
    assert Kept.model_validate_json(kept.model_dump_json()) == kept
    assert adapter.dump_python(REPORT, mode="json")["layers"][0]["findings"][0] == {**FINDING._asdict(), "severity": "warning"}
    assert adapter.validate_python({"source": None, "syntax": None, "profile": None}) == Report(None, None, None)
    with pytest.raises(ValidationError):
        adapter.validate_python({"source": None})


def test_a_check_imports_no_dataclasses() -> None:
    code = "import sys, einvoice.cli.check, einvoice_validators.batch_worker; sys.exit('dataclasses' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
