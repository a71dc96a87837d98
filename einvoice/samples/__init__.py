"""Invoices of our own to try things on: a bakery in Ghent supplies a café in Namur. Its people, numbers and accounts are invented."""

from __future__ import annotations

from pathlib import Path

from einvoice.model import Invoice


def sample(*, credit_note: bool = False) -> Invoice:
    """A complete invoice under Peppol BIS Billing 3.0, at two VAT rates, or the credit note that corrects it in part."""
    name = "credit-note" if credit_note else "invoice"
    return Invoice.model_validate_json(Path(__file__).with_name(f"{name}.json").read_bytes())
