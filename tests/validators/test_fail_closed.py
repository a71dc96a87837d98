"""Nothing is waved through: each of these is never valid, and the command line never ends with 0 on it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import einvoice
from einvoice.errors import DocumentError, NotValid
from einvoice.report import Verdict

DATA = Path(__file__).parents[1] / "data"
INVOICE = (DATA / "ubl-invoice.xml").read_bytes()
SPECIFICATION = b"urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
SBDH = (
    b'<StandardBusinessDocument xmlns="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader">%s</StandardBusinessDocument>'
)
HEADER = b"<StandardBusinessDocumentHeader><HeaderVersion>1.0</HeaderVersion></StandardBusinessDocumentHeader>"


def bare(data: bytes) -> bytes:
    """A document without its declaration, so that it fits into another."""
    return data[data.index(b"?>") + 2 :] if data.startswith(b"<?xml") else data


def changed(old: bytes, new: bytes) -> bytes:
    assert old in INVOICE
    return INVOICE.replace(old, new, 1)


def wrong_total() -> bytes:
    start = INVOICE.index(b"<cbc:PayableAmount")
    end = INVOICE.index(b"<", INVOICE.index(b">", start))
    return INVOICE[: INVOICE.index(b">", start) + 1] + b"1.23" + INVOICE[end:]


CASES = {
    "a wrong total": (wrong_total(), Verdict.INVALID, 1),
    "an unknown specification": (changed(SPECIFICATION, b"urn:example:unheard-of"), Verdict.NOT_JUDGED, 2),
    "no specification": (changed(b"<cbc:CustomizationID>" + SPECIFICATION + b"</cbc:CustomizationID>", b""), Verdict.INVALID, 1),
    "a wrong total in an envelope": (SBDH % (HEADER + bare(wrong_total())), Verdict.INVALID, 1),
    "a wrong structure": (changed(b"<cbc:IssueDate>", b"<cbc:UUID>1</cbc:UUID><cbc:UUID>2</cbc:UUID><cbc:IssueDate>"), Verdict.INVALID, 1),
    "a comment inside a code": (changed(b"<cbc:InvoiceTypeCode>380", b"<cbc:InvoiceTypeCode>3<!-- -->80"), Verdict.INVALID, 1),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_never_valid(name: str, tmp_path: Path) -> None:
    document, verdict, code = CASES[name]
    report = einvoice.validate(document)
    assert report.verdict is verdict
    with pytest.raises(NotValid):
        report.require_valid()
    (tmp_path / "a.xml").write_bytes(document)
    run = subprocess.run([sys.executable, "-m", "einvoice.cli", "check", str(tmp_path / "a.xml")], check=False, capture_output=True)
    assert run.returncode == code


def test_the_base_of_these_is_valid() -> None:
    assert einvoice.validate(INVOICE).verdict is Verdict.VALID
    assert einvoice.validate(SBDH % (HEADER + bare(INVOICE))).verdict is Verdict.VALID


def test_an_entity_is_refused() -> None:
    document = b'<?xml version="1.0"?><!DOCTYPE Invoice [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + bare(INVOICE)
    with pytest.raises(DocumentError):
        einvoice.validate(document)


def test_a_profile_in_a_syntax_it_is_not_written_in_is_not_judged() -> None:
    report = einvoice.validate((DATA / "cii-invoice.xml").read_bytes(), "peppol")
    assert report.verdict is not Verdict.VALID
    assert {layer.name: layer.verdict for layer in report.layers}["peppol"] is Verdict.NOT_JUDGED


def test_a_specification_without_native_rules_is_not_judged() -> None:
    report = einvoice.validate(INVOICE, "ublbe")
    assert report.verdict is Verdict.NOT_JUDGED
    assert {layer.name: layer.verdict for layer in report.layers} == {
        "structure": Verdict.VALID,
        "en16931": Verdict.VALID,
        "ublbe": Verdict.NOT_JUDGED,
    }
