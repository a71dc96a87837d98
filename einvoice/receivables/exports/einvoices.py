"""What the e-invoice channel sends of an action: to Norway EHF Reminder 3.0, elsewhere an invoice for costs and interest, or nothing.

OpenPeppol issues no reminder. EHF Reminder 3.0 is a profile of the UBL invoice for receivers in Norway, without a type code (BT-3), whose
fee is a document charge with the reason REM (DFØ, EHF Post-Award G3, Reminder 3.0). Where no such profile is known, only what is newly
claimed can be invoiced: damages outside the scope of VAT (`vat.json`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from einvoice.errors import ReceivablesError
from einvoice.formats.writer import write
from einvoice.model import Invoice, Note
from einvoice.receivables.actions import Action
from einvoice.receivables.documents.facts import Loaded
from einvoice.receivables.exports.reminder import added, numbered
from einvoice.receivables.exports.sides import Side, of_creditor, of_debtor
from einvoice.receivables.exports.words import word

PEPPOL = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
BILLING = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
EHF = f"{PEPPOL}#conformant#urn:fdc:anskaffelser.no:2019:ehf:reminder:3.0"
EHF_PROCESS = "urn:fdc:anskaffelser.no:2019:ehf:postaward:g3:06:1.0"
FEE = "REM"
"""The reason code of a reminder's fee, beside those of UNTDID 7161 (EHF Reminder 3.0, Reminder charge reason code)."""
DEVIATIONS = ("BR-04", "BR-CL-20")
"""Rules of EN 16931 that EHF Reminder 3.0 sets aside: no type code is stated, and REM is none of UNTDID 7161."""
EXEMPT, ONE = "E", "C62"


def einvoice(found: Loaded, action: Action, contact: Row[Any] | None = None, *, note: str = "") -> bytes | None:
    """The e-invoice of an action to a contact, with a note; None where there is nothing that could be sent as one.

    Raises ReceivablesError where the store no longer has what the action is about, or a party lacks what the profile wants.
    """
    debtor = found.debtors.get(action.debtor)
    if debtor is None or any(claimed.invoice not in found.invoices for claimed in action.invoices):
        raise ReceivablesError("the action is about rows that are no longer there")
    seller, buyer = of_creditor(found.creditor), of_debtor(debtor, contact)
    if debtor.country == "NO":
        made = _reminder(found, action, seller, buyer)
    elif action.charges:
        made = _claim(found, action, seller, buyer)
    else:
        return None
    for side, what in ((seller, "the creditor"), (buyer, f"debtor {debtor.key}")):
        if side.endpoint is None:
            raise ReceivablesError(f"{what} has no electronic address (a Peppol identifier, a legal or VAT identifier); add one")
    return write(made.model_copy(update={"notes": (Note(text=note),)}) if note else made)


def _reminder(found: Loaded, action: Action, seller: Side, buyer: Side) -> Invoice:
    """EHF Reminder 3.0: the principal asked for as lines, interest, costs and fees as charges, all of category E."""
    lines = [
        _line(place, word(action.language, "invoice", **_dates(found, claimed.invoice)), claimed.amount, EXEMPT)
        for place, claimed in enumerate(action.invoices, 1)
    ]
    charges = [
        {"amount": amount, "vat_category_code": EXEMPT, "vat_rate": "0", "reason": word(action.language, kind)} | _code(kind)
        for kind, amount in added(action)
    ]
    stated = _stated(found, action, seller, buyer) | {
        "process": {"business_process_type": EHF_PROCESS, "specification_identifier": EHF},
        "lines": lines,
        "charges": charges,
    }
    return _summed(stated, word(action.language, "reminded"), None)


def _claim(found: Loaded, action: Action, seller: Side, buyer: Side) -> Invoice:
    """An invoice for what the action newly claims: a line for each charge."""
    kind = _vat(str(found.creditor["country"]))
    numbers = {claimed.invoice: claimed.number for claimed in action.invoices}
    lines = []
    for place, charge in enumerate(action.charges, 1):
        name = word(action.language, "claim", what=word(action.language, charge.kind), number=numbers[charge.invoice])
        lines.append(_line(place, name, charge.amount + charge.vat, kind["category"]))
    outside = kind["category"] == "O"
    sides = (seller._replace(vat=None), buyer._replace(vat=None)) if outside else (seller, buyer)  # BR-O-02: no VAT identifiers
    stated = _stated(found, action, *sides) | {
        "type_code": "380",
        "process": {"business_process_type": BILLING, "specification_identifier": PEPPOL},
        "lines": lines,
    }
    return _summed(stated, word(action.language, "damages"), kind["code"])


def _stated(found: Loaded, action: Action, seller: Side, buyer: Side) -> dict[str, Any]:
    """What both documents say: numbers, days, parties, how to pay, which invoices it is about."""
    rows = [found.invoices[claimed.invoice] for claimed in action.invoices]
    creditor = found.creditor
    account = {
        "account_identifier": creditor.get("iban"),
        "account_name": creditor["name"],
        "service_provider_identifier": creditor.get("bic"),
    }
    payment = {"means_code": "58", "credit_transfers": [account], "remittance_information": _reference(rows)}
    return {
        "number": numbered(action),
        "issue_date": action.day,
        "currency_code": action.currency,
        "payment_due_date": action.day,
        "payment_terms": word(action.language, "terms", numbers=", ".join(row.number for row in rows)),
        "buyer_reference": next((row.order_number for row in rows if row.order_number), None) or buyer.key,
        "preceding_invoices": [{"reference": row.number, "issue_date": row.issued} for row in rows],
        "seller": _party(seller, {"vat_identifier": seller.vat}),
        "buyer": _party(buyer, {"vat_identifier": buyer.vat, "identifier": {"value": buyer.key}}),
        **({"payment": payment} if creditor.get("iban") else {}),
    }


def _reference(rows: list[Row[Any]]) -> str:
    """What the payer states: the reference of the one invoice, else the numbers as far as they fit into 140 characters."""
    if len(rows) == 1:
        return str(rows[0].reference or rows[0].number)
    return " ".join(row.number for row in rows)[:140]


def _party(side: Side, more: Mapping[str, Any]) -> dict[str, Any]:
    kept = side.address
    made: dict[str, Any] = {
        "name": side.name,
        "electronic_address": {"value": side.endpoint[0], "scheme": side.endpoint[1]} if side.endpoint else None,
        "legal_registration_identifier": {"value": side.legal[0], "scheme": side.legal[1]} if side.legal else None,
        "address": {
            "line_1": kept.get("street"),
            "line_2": kept.get("street2"),
            "city": kept.get("city"),
            "post_code": kept.get("postcode"),
            "country_code": kept.get("country") or side.country,
        },
        "contact": {"point": side.contact, "telephone": side.phone, "email": side.email},
        **more,
    }
    return {name: value for name, value in made.items() if value}


def _line(place: int, name: str, amount: Decimal, category: str) -> dict[str, Any]:
    return {
        "identifier": str(place),
        "quantity": "1",
        "unit_code": ONE,
        "net_amount": amount,
        "item": {"name": name},
        "price": {"net": amount},
        "vat": {"category_code": category} | ({"rate": "0"} if category != "O" else {}),
    }


def _summed(stated: Mapping[str, Any], reason: str, code: str | None) -> Invoice:
    """The invoice with its totals: one VAT category, no VAT."""
    lines = sum((line["net_amount"] for line in stated["lines"]), Decimal(0))
    charges = sum((charge["amount"] for charge in stated.get("charges", ())), Decimal(0))
    total, category = lines + charges, stated["lines"][0]["vat"]["category_code"]
    sums: dict[str, Any] = {
        "sum_of_line_net_amounts": lines,
        "total_without_vat": total,
        "vat": Decimal(0),
        "total_with_vat": total,
        "amount_due": total,
    }
    if stated.get("charges"):
        sums["sum_of_charges"] = charges
    kept: dict[str, Any] = {"taxable_amount": total, "tax_amount": Decimal(0), "category_code": category, "exemption_reason": reason}
    kept |= {"exemption_reason_code": code} if code else {}
    kept |= {"rate": "0"} if category != "O" else {}
    return Invoice.model_validate({**stated, "totals": sums, "vat_breakdown": [kept]})


def _code(kind: str) -> dict[str, str]:
    return {"reason_code": FEE} if kind == "fee" else {}


def _dates(found: Loaded, invoice: int) -> dict[str, str]:
    row = found.invoices[invoice]
    return {"number": row.number, "issued": row.issued.isoformat(), "due": row.due.isoformat()}


def _vat(country: str) -> Mapping[str, Any]:
    kinds = _kinds()
    found: Mapping[str, Any] = kinds["countries"].get(country, kinds["default"])
    return found


@cache
def _kinds() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((Path(__file__).parent / "vat.json").read_text("utf-8"))
    return found
