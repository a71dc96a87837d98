"""How to pay: accounts, mandate, card, remittance information, and the text of the EPC QR code.

The code follows EPC069-12 (European Payments Council, Quick Response Code: Guidelines to Enable the Data Capture for the Initiation of a
SEPA Credit Transfer), version 002 with UTF-8.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from einvoice.model import CreditTransfer, Invoice
from einvoice.rendering.compose_pen import Pen
from einvoice.rendering.references import Reference, is_iban, structured
from einvoice.rendering.sheet import Block, Fact, Payment
from einvoice.rendering.values import clean

TRANSFERS = frozenset({"30", "42", "58"})
"""Payment means (UNTDID 4461) that a payer transfers by: credit transfer, payment to bank account, SEPA credit transfer."""
EEA = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split())
"""Countries whose accounts need no BIC in version 002."""
SEPA = EEA | frozenset("AD AL CH GB GI MC MD ME MK RS SM VA".split())
"""Countries whose accounts SEPA credit transfers reach (EPC409-09)."""
SMALLEST, LARGEST = Decimal("0.01"), Decimal("999999999.99")
NAME, TEXT, PAYLOAD = 70, 140, 331
"""The most characters of a name and of a remittance text, and the most bytes of the whole, which is what QR version 13 takes."""

_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")


class Code(NamedTuple):
    """The text of an EPC QR code, or "" and why there is none."""

    text: str
    reason: str = ""


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
    reason = _refused(invoice, due) or ("" if account else "no account with the IBAN of a country in SEPA")
    if reason or account is None or due is None:
        return Code("", reason)
    iban, bic = _bare(account.account_identifier), _bare(account.service_provider_identifier)
    if not _BIC.fullmatch(bic):
        bic = ""
    if not bic and iban[:2] not in EEA:
        return Code("", "an account outside the European Economic Area needs a BIC")
    name = _name(invoice, account)
    rf, text = _remittance(invoice)
    if not name or len(text) > TEXT:
        return Code(
            "", f"no name of at most {NAME} characters" if not name else f"the remittance information has more than {TEXT} characters"
        )
    made = "\n".join(("BCD", "002", "1", "SCT", bic, name, iban, f"EUR{due:.2f}", "", rf, text)).rstrip("\n")
    return Code(made) if len(made.encode()) <= PAYLOAD else Code("", f"the text has more than {PAYLOAD} bytes")


def _refused(invoice: Invoice, due: Decimal | None) -> str:
    """Why an invoice is none that a payer transfers euros for, "" where it is."""
    if invoice.payment is None or invoice.payment.means_code not in TRANSFERS:
        return "not paid by credit transfer"
    if invoice.currency_code != "EUR":
        return "the currency is not EUR"
    if invoice.is_credit_note:
        return "a credit note"
    if due is None or not SMALLEST <= due <= LARGEST:
        return "no amount due between 0.01 and 999999999.99"
    return "" if due == round(due, 2) else "an amount due with parts of a cent"


def _sepa_account(invoice: Invoice) -> CreditTransfer | None:
    rows = invoice.payment.credit_transfers if invoice.payment else ()
    return next((row for row in rows if is_iban(row.account_identifier or "") and _bare(row.account_identifier)[:2] in SEPA), None)


def _name(invoice: Invoice, account: CreditTransfer) -> str:
    """The first name of the beneficiary that fits: the account's, the payee's, the seller's."""
    names = (account.account_name, invoice.payee and invoice.payee.name, invoice.seller and invoice.seller.name)
    return next((line for name in names if name and len(line := _line(name)) <= NAME), "")


def _remittance(invoice: Invoice) -> tuple[str, str]:
    """The structured reference (ISO 11649 only), or a text: what the payer is asked to repeat, else the invoice's number."""
    found = reference(invoice)
    if found and found.kind == "RF":
        return found.compact, ""
    stated = invoice.payment.remittance_information if invoice.payment else None
    return "", found.written if found and found.kind == "OGM" else _line(stated or invoice.number or "")


def _country(invoice: Invoice) -> str | None:
    """The country of the account paid to, else the seller's."""
    rows = invoice.payment.credit_transfers if invoice.payment else ()
    ibans = [_bare(row.account_identifier)[:2] for row in rows if is_iban(row.account_identifier or "")]
    address = invoice.seller.address if invoice.seller else None
    return ibans[0] if ibans else address.country_code if address else None


def _bare(text: str | None) -> str:
    return (text or "").replace(" ", "").upper()


def _line(text: str) -> str:
    """The text in one line."""
    return " ".join(clean(text).split())
