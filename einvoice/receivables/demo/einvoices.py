"""The invoices of the demo as e-invoices: EN 16931, as they would come from a sales program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import einvoice
from einvoice.model import Invoice
from einvoice.receivables.demo.sales import VAT, Item, Sale


def document(sale: Sale, seller: Mapping[str, Any]) -> tuple[Invoice, bytes]:
    """An invoice and its XML in UBL; `seller` has the columns of a creditor."""
    invoice = einvoice.calculate(_draft(sale, seller)).invoice
    return invoice, einvoice.write(invoice)


def _draft(sale: Sale, seller: Mapping[str, Any]) -> Invoice:
    return Invoice.model_validate(
        {
            "process": {"specification_identifier": "urn:cen.eu:en16931:2017"},
            "number": sale.number,
            "issue_date": sale.issued,
            "type_code": "380",
            "currency_code": "EUR",
            "payment_due_date": sale.due,
            "seller": _seller(seller),
            "buyer": _buyer(sale),
            "payment": {
                "means_code": "58",
                "remittance_information": sale.reference,
                "credit_transfers": [{"account_identifier": seller["iban"], "account_name": seller["name"]}],
            },
            "lines": [_line(number, item) for number, item in enumerate(sale.items, 1)],
        }
    )


def _line(number: int, item: Item) -> dict[str, Any]:
    return {
        "identifier": str(number),
        "quantity": item.quantity,
        "unit_code": item.unit,
        "item": {"name": item.name},
        "price": {"net": item.price},
        "vat": {"category_code": "S", "rate": VAT},
    }


def _seller(seller: Mapping[str, Any]) -> dict[str, Any]:
    address = seller["address"]
    return {
        "name": seller["name"],
        "vat_identifier": seller["vat_id"],
        "legal_registration_identifier": {"value": seller["legal_id"]},
        "address": {
            "line_1": address["street"],
            "city": address["city"],
            "post_code": address["postcode"],
            "country_code": address["country"],
        },
    }


def _buyer(sale: Sale) -> dict[str, Any]:
    who = sale.customer
    made: dict[str, Any] = {
        "name": who.name,
        "identifier": {"value": who.key},
        "address": {"line_1": who.street, "city": who.city, "post_code": who.postcode, "country_code": who.country},
    }
    if who.vat_id:
        made["vat_identifier"] = who.vat_id
    if who.legal_id:
        made["legal_registration_identifier"] = {"value": who.legal_id}
    return made
