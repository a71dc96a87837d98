"""A posted customer invoice of Tryton as the record that the plugin contract knows: what Tryton posted, nothing worked out anew."""

from decimal import Decimal

from einvoice_plugins.records import Adjustment, Ledger, Line, Number, Payment, Record, References

from . import parties, taxes

_ZERO = Decimal(0)
_UNNAMED = "ZZ"
"""UN/ECE Recommendation 20: a unit that the parties have agreed on; for units of Tryton that carry no code."""


def record(invoice):
    """The record of a posted invoice; `invoice` must have its move."""
    kept, taken_off, recalled = _sorted(invoice)
    prepaid = -sum((line.amount for line in recalled), _ZERO)
    dues = invoice.lines_to_pay
    dates = sorted({line.maturity_date for line in dues if line.maturity_date})
    return Record(
        number=invoice.number,
        issued=invoice.invoice_date,
        currency=invoice.currency.code,
        seller=parties.seller(invoice),
        buyer=parties.buyer(invoice),
        lines=tuple(_line(line) for line in kept),
        taxes=taxes.posted(invoice),
        ledger=_ledger(invoice, prepaid),
        due=dates[-1] if dates else None,
        terms=_terms(invoice, dues, dates),
        payment=_payment(invoice),
        references=_references(invoice),
        adjustments=tuple(_adjustment(line) for line in taken_off),
        is_credit=invoice.sequence_type == "credit_note",
        note=invoice.comment or None,
        delivered=invoice.einvoice_delivered,
        shipped_to=parties.place(invoice.einvoice_delivery_address),
    )


def _sorted(invoice):
    """Lines of goods and services, allowances and charges of the whole, and deposits that are set off."""
    kept, taken_off, recalled = [], [], []
    for line in invoice.lines:
        if line.type != "line":
            continue
        if not line.taxes and getattr(line.account.type, "deposit", False):
            recalled.append(line)
        elif _reason(line):
            taken_off.append(line)
        else:
            kept.append(line)
    return kept, taken_off, recalled


def _reason(line):
    """The code of an allowance (UNTDID 5189) or a charge (7161), by the product of the line."""
    if not line.product or not line.quantity:
        return None
    is_credit = line.invoice.sequence_type == "credit_note"
    is_charge = (line.amount < 0) == is_credit
    return line.product.unece_special_service_code if is_charge else line.product.unece_allowance_charge_code


def _ledger(invoice, prepaid):
    """The totals; what is open is read from the receivable lines of the move.

    A deposit is a negative line to Tryton and set off from what is due to EN 16931, so the totals are those before it.
    """
    home = invoice.company.currency
    rounding = invoice.total_amount - invoice.untaxed_amount - invoice.tax_amount
    return Ledger(
        untaxed=invoice.untaxed_amount + prepaid,
        tax=invoice.tax_amount,
        total=invoice.total_amount + prepaid,
        open=sum((_in_currency(line, invoice) for line in invoice.lines_to_pay), _ZERO),
        prepaid=prepaid,
        rounding=rounding,
        home=home.code,
        home_tax=_home_tax(invoice) if home != invoice.currency else None,
    )


def _in_currency(line, invoice):
    return line.amount_second_currency if line.second_currency == invoice.currency else line.debit - line.credit


def _home_tax(invoice):
    """The tax in the currency of the books, as the move has it."""
    ours = {f"account.invoice.tax,{tax.id}" for tax in invoice.taxes}
    return sum((line.credit - line.debit for line in invoice.move.lines if str(line.origin) in ours), _ZERO)


def _line(line):
    product, unit = line.product, line.unit
    words = [each for each in (line.description or "").splitlines() if each.strip()]
    name = product.name if product else (words.pop(0) if words else "")
    barcode = _barcode(product)
    return Line(
        name=name,
        quantity=Decimal(str(line.quantity or 0)),
        price=line.unit_price,
        net=line.amount,
        taxes=taxes.of_line(line),
        unit=(unit.unece_code or _UNNAMED) if unit else "C62",
        note=line.note or None,
        description="\n".join(words) or None,
        sellers_code=(product.code if product else None) or None,
        standard_code=Number(barcode, "0160") if barcode else None,
    )


def _barcode(product):
    """The GTIN of a product, where it has one."""
    for identifier in product.identifiers if product else ():
        if identifier.type in {"ean", "upc", "ean8", "ean13", "ean14"}:
            return identifier.code
    return None


def _adjustment(line):
    reason = line.product.name or line.description
    return Adjustment(line.amount, reason, _reason(line), taxes.of_line(line))


def _terms(invoice, dues, dates):
    """The name of the term, and each instalment where there are several."""
    told = [invoice.payment_term.name] if invoice.payment_term else []
    if len(dates) > 1:
        told += [
            f"{line.maturity_date:%Y-%m-%d}: {abs(_in_currency(line, invoice))} {invoice.currency.code}"
            for line in dues
            if line.maturity_date
        ]
    return "\n".join(told) or None


def _payment(invoice):
    """The first means that has a code; where there is none, how it is paid is left open."""
    reference = (invoice.customer_payment_reference or "").replace(" ", "") or None
    for means in invoice.payment_means:
        if means.instrument.__name__ == "bank.account" and means.instrument.iban:
            account = means.instrument
            owner = account.owners[0].name if account.owners else None
            bic = account.bank.bic if account.bank else None
            return Payment(means.unece_code or "30", account.iban_compact, owner, bic or None, reference)
    return None


def _references(invoice):
    sales = getattr(invoice, "sales", ())
    orders = [sale.reference for sale in sales if sale.reference]
    numbers = [sale.number for sale in sales if sale.number]
    return References(
        buyer=invoice.reference or invoice.party.einvoice_reference or None,
        order=", ".join(orders) or None,
        sales_order=", ".join(numbers) or None,
        preceding=tuple((origin.number, origin.invoice_date) for origin in invoice.origin_invoices if origin.number),
    )
