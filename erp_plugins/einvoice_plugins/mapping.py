"""An ERP's record as an invoice of EN 16931, with everything in which the record contradicts itself or the ledger.

Every amount is the one that the ERP posted; what does not add up is named as a mismatch and never mended. A credit note states its
amounts the other way round, as EN 16931 does, so that what is credited is positive there.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from einvoice.model import Invoice
from einvoice_plugins import taxing
from einvoice_plugins.checking import Mismatch, mismatches
from einvoice_plugins.records import Adjustment, Line, Number, Party, Payment, Place, Posted, Record, Treatment

INVOICE, CREDIT_NOTE = "380", "381"


class Mapped(NamedTuple):
    """The invoice, and what of the record does not fit; an invoice with mismatches is not one to send."""

    invoice: Invoice
    mismatches: tuple[Mismatch, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the invoice says what the ledger says."""
        return not self.mismatches


def invoice(record: Record) -> Mapped:
    """The invoice that a record states, and its mismatches.

    Raises pydantic.ValidationError (a ValueError) where a value is none of its term: a float, an empty name.
    """
    return Mapped(Invoice.model_validate(_document(record)), mismatches(record))


def _document(record: Record) -> dict[str, Any]:
    sign = -1 if record.credits else 1
    bears_vat = any(taxing.treatment(posted.tax) is not Treatment.OUT_OF_SCOPE for posted in record.taxes)
    return {
        "number": record.number,
        "issue_date": record.issued,
        "type_code": CREDIT_NOTE if record.credits else INVOICE,
        "currency_code": record.currency,
        "vat_accounting_currency_code": _home(record),
        "tax_point_date": record.tax_point,
        "payment_due_date": record.due,
        "payment_terms": record.terms,
        "notes": [{"text": record.note}] if record.note else [],
        **_references(record),
        "seller": _seller(record.seller, bears_vat=bears_vat),
        "buyer": _party(record.buyer, bears_vat=bears_vat),
        "delivery": _delivery(record),
        "payment": _payment(record.payment) if record.payment else None,
        "lines": [_line(line, number, sign) for number, line in enumerate(record.lines, 1)],
        **_adjustments(record.adjustments, sign, on_document=True),
        "vat_breakdown": _breakdown(record, sign),
        "totals": _totals(record, sign),
    }


def _home(record: Record) -> str | None:
    """The currency of the books (BT-6), where it is another one."""
    return record.ledger.home if record.ledger.home != record.currency else None


def _references(record: Record) -> dict[str, Any]:
    told = record.references
    return {
        "buyer_reference": told.buyer,
        "purchase_order_reference": told.order,
        "sales_order_reference": told.sales_order,
        "contract_reference": told.contract,
        "project_reference": told.project,
        "despatch_advice_reference": told.despatch,
        "preceding_invoices": [{"reference": number, "issue_date": day} for number, day in told.preceding],
    }


def _totals(record: Record, sign: int) -> dict[str, Any]:
    ledger = record.ledger
    taken_off = sum((-item.amount for item in record.adjustments if _is_allowance(item, sign)), Decimal(0)) * sign
    added = sum((item.amount for item in record.adjustments if not _is_allowance(item, sign)), Decimal(0)) * sign
    return {
        "sum_of_line_net_amounts": sum((line.net for line in record.lines), Decimal(0)) * sign,
        "sum_of_allowances": taken_off or None,
        "sum_of_charges": added or None,
        "total_without_vat": ledger.untaxed * sign,
        "vat": ledger.tax * sign,
        "vat_in_accounting_currency": ledger.home_tax * sign if _home(record) and ledger.home_tax is not None else None,
        "total_with_vat": (ledger.untaxed + ledger.tax) * sign,
        "paid_amount": ledger.prepaid * sign or None,
        "rounding_amount": ledger.rounding * sign or None,
        "amount_due": ledger.open * sign,
    }


def _breakdown(record: Record, sign: int) -> list[dict[str, Any]]:
    """BG-23: what the ERP posted, by category and rate; taxes that differ in nothing else there are one."""
    groups: dict[Any, list[Posted]] = {}
    for posted in record.taxes:
        groups.setdefault((taxing.category(posted.tax), taxing.rate(posted.tax)), []).append(posted)
    return [
        {
            "taxable_amount": sum((posted.base for posted in group), Decimal(0)) * sign,
            "tax_amount": sum((posted.amount for posted in group), Decimal(0)) * sign,
            "category_code": category,
            "rate": rate,
            "exemption_reason": "; ".join(dict.fromkeys(words for posted in group if (words := taxing.notice(posted.tax)))) or None,
            "exemption_reason_code": _only({taxing.exemption(posted.tax) for posted in group}),
        }
        for (category, rate), group in groups.items()
    ]


def _only(codes: set[str | None]) -> str | None:
    """The code that all have; none where they differ, since EN 16931 has room for one and the words name them all."""
    return codes.pop() if len(codes) == 1 else None


def _line(line: Line, number: int, sign: int) -> dict[str, Any]:
    quantity, price, gross = line.quantity * sign, line.price, line.gross
    if price < 0:  # BR-27: a price is never negative, a quantity may be
        quantity, price, gross = -quantity, -price, None if gross is None else -gross
    return {
        "identifier": line.id or str(number),
        "note": line.note,
        "quantity": quantity,
        "unit_code": line.unit,
        "net_amount": line.net * sign,
        "purchase_order_line_reference": line.order_line,
        "buyer_accounting_reference": line.account,
        "period": {"start_date": line.start, "end_date": line.end},
        **_adjustments(line.adjustments, sign, on_document=False),
        "price": {
            "net": price,
            "gross": gross,
            "discount": None if gross is None else gross - price,
            "base_quantity": None if line.per == 1 else line.per,
            "base_quantity_unit_code": None if line.per == 1 else line.unit,
        },
        "vat": _vat(line.taxes),
        "item": {
            "name": line.name,
            "description": line.description,
            "sellers_identifier": line.sellers_code,
            "buyers_identifier": line.buyers_code,
            "standard_identifier": _identifier(line.standard_code),
        },
    }


def _vat(taxes: tuple[Any, ...]) -> dict[str, Any] | None:
    if len(taxes) != 1:
        return None
    return {"category_code": taxing.category(taxes[0]), "rate": taxing.rate(taxes[0])}


def _is_allowance(item: Adjustment, sign: int) -> bool:
    return item.amount * sign < 0


def _adjustments(items: tuple[Adjustment, ...], sign: int, *, on_document: bool) -> dict[str, Any]:
    found: dict[str, list[dict[str, Any]]] = {"allowances": [], "charges": []}
    for item in items:
        told: dict[str, Any] = {
            "amount": abs(item.amount),
            "base_amount": None if item.base is None else abs(item.base),
            "percentage": None if item.percentage is None else abs(item.percentage),
            "reason": item.reason,
            "reason_code": item.code,
        }
        if on_document and (vat := _vat(item.taxes)):
            told |= {"vat_category_code": vat["category_code"], "vat_rate": vat["rate"]}
        found["allowances" if _is_allowance(item, sign) else "charges"].append(told)
    return found


def _seller(party: Party, *, bears_vat: bool) -> dict[str, Any]:
    tax = _identifier(Number(party.tax_registration)) if party.tax_registration else None
    told = _party(party, bears_vat=bears_vat)
    return {**told, "tax_registration_identifier": tax, "additional_legal_information": party.legal_form}


def _party(party: Party, *, bears_vat: bool) -> dict[str, Any]:
    """A party; where nothing of the invoice is subject to VAT, EN 16931 wants no VAT identifier (BR-O-02)."""
    return {
        "name": party.name,
        "trading_name": party.trading_name,
        "legal_registration_identifier": _identifier(party.registration),
        "vat_identifier": party.vat if bears_vat else None,
        "electronic_address": _identifier(party.electronic),
        "address": _address(party.place),
        "contact": {"point": party.contact, "telephone": party.phone, "email": party.email},
    }


def _address(place: Place) -> dict[str, Any]:
    return {
        "line_1": place.street,
        "line_2": place.more,
        "city": place.city,
        "post_code": place.post_code,
        "subdivision": place.region,
        "country_code": place.country,
    }


def _delivery(record: Record) -> dict[str, Any]:
    return {
        "date": record.delivered,
        "period": {"start_date": record.start, "end_date": record.end},
        "address": _address(record.shipped_to) if record.shipped_to else None,
    }


def _payment(payment: Payment) -> dict[str, Any]:
    transfer = {
        "account_identifier": payment.account,
        "account_name": payment.account_name,
        "service_provider_identifier": payment.bic,
    }
    debit = {
        "mandate_reference": payment.mandate,
        "creditor_identifier": payment.creditor_id,
        "debited_account_identifier": payment.debited_account,
    }
    return {
        "means_code": payment.means,
        "remittance_information": payment.reference,
        "credit_transfers": [transfer] if payment.account else [],
        "direct_debit": debit,
    }


def _identifier(number: Number | None) -> dict[str, Any] | None:
    return {"value": number.value, "scheme": number.scheme} if number else None
