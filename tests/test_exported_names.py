"""The public names: each can be had, the list is the one that was agreed, and the face itself costs nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import einvoice

PUBLIC = [
    *("Calculated", "Converted", "Detected", "EInvoiceError", "Finding", "Report", "Severity", "Syntax", "Verdict"),
    *("Address", "AllowanceCharge", "Attachment", "Buyer", "Classification", "Contact", "CreditTransfer", "Delivery"),
    *("DirectDebit", "DocumentAllowanceCharge", "Identifier", "Invoice", "Item", "ItemAttribute", "Line", "LineVAT"),
    *("Note", "Payee", "PaymentCard", "PaymentInstructions", "Period", "PrecedingInvoice", "Price", "ProcessControl"),
    *("Seller", "SupportingDocument", "TaxRepresentative", "ThirdPartyPayment", "Totals", "Unread", "VATBreakdown"),
    *("calculate", "convert", "detect", "embed", "extract", "read", "render", "validate", "write"),
]
OF_PDF = ("embed", "extract")
"""Names whose home needs the extra `pdf`: without it they say so."""


def in_a_fresh_process(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_the_public_names_are_these() -> None:
    assert dir(einvoice) == sorted(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_each_can_be_had(name: str) -> None:
    if name in OF_PDF and find_spec("pikepdf") is None:
        with pytest.raises(einvoice.EInvoiceError, match=r"einvoice-toolkit\[pdf\]"):
            getattr(einvoice, name)
    else:
        assert getattr(einvoice, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = einvoice.nothing_of_the_kind  # type: ignore[attr-defined]


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(einvoice.__file__).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.asname: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert seen == einvoice._PUBLIC


def test_the_function_stays_the_function_once_its_module_is_loaded() -> None:
    code = "import einvoice, einvoice.calculation, einvoice.conversion; print(callable(einvoice.calculate), callable(einvoice.convert))"
    assert in_a_fresh_process(code).split() == ["True", "True"]


def test_the_import_loads_nothing_else() -> None:
    code = "import sys; before = {*sys.modules}; import einvoice; print(*{*sys.modules} - before)"
    assert in_a_fresh_process(code).split() == ["einvoice"]
