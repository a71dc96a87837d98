"""What the structure check says: the rule, the place, and in words the element, what was expected and the mend."""

from __future__ import annotations

import pytest

from einvoice.formats.structure import layer
from einvoice.report import Severity, Verdict
from tests.formats.structure_faults import FAULTS, Fault
from tests.formats.structure_samples import UBL, findings, parsed


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_named_with_its_place_what_was_expected_and_the_mend(fault: Fault) -> None:
    assert fault.unsaid(fault.told()) == []


def test_an_entity_reference_is_named() -> None:
    (found,) = findings(UBL.replace("<Invoice", '<!DOCTYPE Invoice [<!ENTITY e "x">]><Invoice', 1), ">first<", ">&e;<")
    assert (found.rule, found.xpath, found.line) == ("structure-entity", "/Invoice/cbc:Note", 6)
    assert "cbc:Note holds an entity reference" in found.text


def test_white_space_around_a_date_is_a_warning_only() -> None:
    (found,) = findings(UBL, "2026-03-02", " 2026-03-02")
    assert (found.rule, found.severity, found.xpath, found.line) == ("structure-padding", Severity.WARNING, "/Invoice/cbc:IssueDate", 5)
    assert "libxml2" in found.text
    assert layer(parsed(UBL, "2026-03-02", " 2026-03-02")).verdict is Verdict.VALID


def test_every_fault_is_told_in_the_order_of_lines() -> None:
    text = UBL.replace("2026-03-02", "x").replace("<cac:Contact/>", "<cac:Contakt/>").replace("<cac:Item/>", "")
    assert [(found.rule, found.line) for found in findings(text)] == [
        ("structure-value", 5),
        ("structure-unexpected", 9),
        ("structure-missing", 16),
    ]


def test_one_fault_is_told_once() -> None:
    assert len(findings(UBL, "<cac:InvoiceLine>", "<cbc:Note>a</cbc:Note><cbc:Note>b</cbc:Note><cac:InvoiceLine>")) == 1
    swapped = UBL.replace(
        "<cbc:ID>1</cbc:ID>\n<cbc:IssueDate>2026-03-02</cbc:IssueDate>", "<cbc:IssueDate>2026-03-02</cbc:IssueDate>\n<cbc:ID>1</cbc:ID>"
    )
    (found,) = findings(swapped)
    assert (found.rule, found.line) == ("structure-order", 5)


def test_a_path_counts_only_where_there_are_equals() -> None:
    line = UBL[UBL.index("<cac:InvoiceLine>") : UBL.index("</Invoice>")]
    (found,) = findings(UBL.replace("</Invoice>", f"{line}{line.replace('>12.50<', '>x<')}</Invoice>"))
    assert found.xpath == "/Invoice/cac:InvoiceLine[3]/cbc:LineExtensionAmount"
    assert found.value == "x"
