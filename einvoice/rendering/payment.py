"""How to pay an invoice: accounts, mandate, card, remittance information, and the text of its EPC QR code."""

from __future__ import annotations

from decimal import Decimal

from einvoice.model import CreditTransfer, Invoice
from einvoice.rendering.compose_pen import Pen
from einvoice.rendering.epc import EEA, LARGEST, NAME, PAYLOAD, SEPA, SMALLEST, TEXT, Code, bare, epc, line, reached
from einvoice.rendering.references import Reference, is_iban, structured
from einvoice.rendering.sheet import Block, Fact, Payment
from einvoice.rendering.values import clean

__all__ = ["EEA", "LARGEST", "NAME", "PAYLOAD", "SEPA", "SMALLEST", "TEXT", "TRANSFERS", "Code", "code", "payment", "reference"]

TRANSFERS = frozenset({"30", "42", "58"})
"""Payment means (UNTDID 4461) that a payer transfers by: credit transfer, payment to bank account, SEPA credit transfer."""


def payment(invoice: Invoice, pen: Pen) -> Payment | None:
    """The block on the sheet; None where the invoice says nothing of payment."""
    given = invoice.payment
    if not given and not invoice.payment_terms:
        return None
    facts = pen.facts(given, "remittance_information")
    found = reference(invoice)
    written = found.written if found else clean(given.remittance_information or "") if given else ""
    if written:
        facts.append(pen.fact("BT-83", written))
    if given:
        facts += [*pen.facts(given.card), *pen.facts(given.direct_debit)]
        if given.card and given.card.network:
            facts.append(Fact(pen.labels.word("network"), clean(given.card.network)))
    if invoice.payment_terms:
        facts.append(pen.fact("BT-20", clean(invoice.payment_terms)))
    accounts = tuple(_account(row, pen) for row in given.credit_transfers) if given else ()
    text = code(invoice).text
    return Payment(pen.labels.term("BG-16"), tuple(facts), accounts, written, text, pen.labels.word("scan") if text else "")


def _account(row: CreditTransfer, pen: Pen) -> Block:
    return Block(pen.labels.term("BG-17"), "BG-17", facts=tuple(pen.facts(row)))


def reference(invoice: Invoice) -> Reference | None:
    """The remittance information as a structured reference, None where it is a free text or has wrong check digits."""
    given = invoice.payment
    if given is None or given.remittance_information is None:
        return None
    return structured(given.remittance_information, _country(invoice))


def code(invoice: Invoice) -> Code:
    """The text of the EPC QR code of an invoice, where one may be shown."""
    account = _sepa_account(invoice)
    due = invoice.totals.amount_due if invoice.totals else None
    if reason := _refused(invoice):
        return Code("", reason)
    iban, bic = (account.account_identifier, account.service_provider_identifier) if account else ("", "")
    name = _name(invoice, account) if account else ""
    creditors, text = _remittance(invoice)
    amount = due if due is not None else Decimal(0)
    return epc(name, iban or "", bic, amount, creditors, text, invoice.currency_code or "")


def _refused(invoice: Invoice) -> str:
    """Why an invoice is none that a payer transfers euros for, "" where it is."""
    if invoice.payment is None or invoice.payment.means_code not in TRANSFERS:
        return "not paid by credit transfer"
    if invoice.currency_code != "EUR":
        return "the currency is not EUR"
    return "a credit note" if invoice.is_credit_note else ""


def _sepa_account(invoice: Invoice) -> CreditTransfer | None:
    rows = invoice.payment.credit_transfers if invoice.payment else ()
    return next((row for row in rows if reached(row.account_identifier)), None)


def _name(invoice: Invoice, account: CreditTransfer) -> str:
    """The first name of the beneficiary that fits: the account's, the payee's, the seller's."""
    names = (account.account_name, invoice.payee and invoice.payee.name, invoice.seller and invoice.seller.name)
    return next((short for name in names if name and len(short := line(name)) <= NAME), "")


def _remittance(invoice: Invoice) -> tuple[str, str]:
    """The structured reference (ISO 11649 only), or a text: what the payer is asked to repeat, else the invoice's number."""
    found = reference(invoice)
    if found and found.kind == "RF":
        return found.compact, ""
    stated = invoice.payment.remittance_information if invoice.payment else None
    return "", found.written if found and found.kind == "OGM" else line(stated or invoice.number or "")


def _country(invoice: Invoice) -> str | None:
    """The country of the account paid to, else the seller's."""
    rows = invoice.payment.credit_transfers if invoice.payment else ()
    ibans = [bare(row.account_identifier)[:2] for row in rows if is_iban(row.account_identifier or "")]
    address = invoice.seller.address if invoice.seller else None
    return ibans[0] if ibans else address.country_code if address else None
