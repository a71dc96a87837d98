"""An e-invoice enters the ledger: what EN 16931 states of it becomes an invoice or credit note of a debtor."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, or_, select

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO
from einvoice.receivables import papers
from einvoice.receivables.ledger import parties
from einvoice.receivables.ledger.booking import Booking, Posted
from einvoice.receivables.ledger.invoices import InvoiceIn, post_credit_note, post_invoice
from einvoice.receivables.store.tables import CREDITORS, DEBTORS, INVOICES

if TYPE_CHECKING:
    from einvoice.model import Buyer, Invoice

T = TypeVar("T")


def from_einvoice(
    connection: Connection,
    creditor: int,
    invoice: Invoice,
    booked: Booking,
    *,
    due: date | None = None,
    debtor: int | None = None,
    document: str | None = None,
    add_debtor: bool = False,
    data: bytes | None = None,
    pdf: bytes | None = None,
) -> Posted:
    """Books an e-invoice: number, days, currency, amounts due and paid, references (BT-1, BT-2, BT-9, BT-5, BT-115, BT-113, BT-83, BT-13).

    The debtor is the buyer, found by identifier (BT-46, BT-47, BT-48), unless `debtor` is given; with `add_debtor` a business that is not
    known is added. `document` is the SHA-256 of the XML; where the XML itself is given (`data`), it is kept in `papers`, and so is the
    hybrid PDF that carried it (`pdf`). A credit note (BT-3 381 and the like, or an amount below zero) is set off against the invoice that
    it names (BG-3). Raises ReceivablesError for what is missing, naming the term and the mend.
    """
    ours(connection, creditor, invoice)
    document = document or (papers.sha256(data) if data is not None else None)
    made = invoice_in(invoice, debtor or debtor_of(connection, creditor, invoice.buyer, add=add_debtor), due, document)
    if made.kind == "invoice":
        posted = post_invoice(connection, made, booked)
    else:
        posted = post_credit_note(connection, made, booked, to=_preceding(connection, creditor, invoice, made))
    if data is not None:
        _kept(connection, creditor, posted.id, made, booked, data, pdf)
    return posted


def _kept(connection: Connection, creditor: int, ref: int, made: InvoiceIn, booked: Booking, data: bytes, pdf: bytes | None) -> None:
    """Keeps the bytes of an invoice; one that was booked from a table before gets them, one that has others keeps those."""
    document = papers.sha256(data)
    without = (INVOICES.c.id == ref, INVOICES.c.document.is_(None))
    connection.execute(INVOICES.update().where(*without).values(document=document))
    if connection.scalar(select(INVOICES.c.document).where(INVOICES.c.id == ref)) == document:
        papers.keep_invoice(connection, creditor, made.debtor, made.number, data, booked.at, pdf)


def invoice_in(invoice: Invoice, debtor: int, due: date | None = None, document: str | None = None) -> InvoiceIn:
    """What the ledger keeps of an e-invoice.

    Raises ReceivablesError where a term is missing that it cannot do without; a due date is never worked out from words (BT-20).
    """
    what = f"invoice {invoice.number or '(without a number)'}"
    number = _needed(invoice.number, what, "its number (BT-1)")
    issued = _needed(invoice.issue_date, what, "its day of issue (BT-2)")
    currency = _needed(invoice.currency_code, what, "its currency (BT-5)")
    totals = _needed(invoice.totals, what, "its totals (BG-22)")
    left, paid = _needed(totals.amount_due, what, "the amount due (BT-115)"), totals.paid_amount or ZERO
    is_credit = invoice.is_credit_note or left + paid < 0
    sign = -1 if left + paid < 0 else 1
    last = due or invoice.payment_due_date or (issued if is_credit else None)
    if last is None:
        said = f"only words ({invoice.payment_terms!r}, BT-20)" if invoice.payment_terms else "no payment terms"
        raise ReceivablesError(f"{what} states no due date (BT-9) and {said}; add BT-9 to it, or hand in the day on which it falls due")
    payment, first = invoice.payment, next(iter(invoice.lines), None)
    return InvoiceIn(
        debtor,
        number,
        issued,
        max(last, issued) if is_credit else last,
        currency,
        sign * (left + paid),
        "credit_note" if is_credit else "invoice",
        paid=sign * paid,
        reference=_cut(payment.remittance_information if payment else None, 140),
        order_number=_cut(invoice.purchase_order_reference, 80),
        product=_cut(first.item.name if first and first.item else None, 80),
        contract={"agreement": invoice.contract_reference} if invoice.contract_reference else None,
        document=document,
    )


def _needed(value: T | None, what: str, name: str) -> T:
    if value is None:
        raise ReceivablesError(f"{what} lacks {name}; add it to the e-invoice")
    return value


def debtor_of(connection: Connection, creditor: int, buyer: Buyer | None, *, add: bool = False) -> int:
    """The debtor that a buyer is: by your number of it (BT-46), its legal or VAT identifier (BT-47, BT-48).

    Raises ReceivablesError where none or several are, with the mend.
    """
    said = _identifiers(buyer)
    if buyer is None or not said:
        raise ReceivablesError("the buyer has no identifier (BT-46, BT-47, BT-48); add one, or hand in the debtor")
    same = or_(*(DEBTORS.c[column] == value for column, value in said.items()))
    found = connection.execute(select(DEBTORS.c.id).where(DEBTORS.c.creditor_id == creditor, same)).scalars().all()
    if len(found) == 1:
        return int(found[0])
    listed = ", ".join(said.values())
    if found:
        raise ReceivablesError(f"{len(found)} debtors have one of the buyer's identifiers {listed}; hand in the debtor, or correct them")
    if not add:
        raise ReceivablesError(f"there is no debtor with one of the buyer's identifiers {listed}; import it first, or have it added")
    return _added(connection, creditor, buyer, said)


def ours(connection: Connection, creditor: int, invoice: Invoice) -> None:
    """Refuses the invoice of another seller: its VAT identifier (BT-31) is not the creditor's.

    Raises ReceivablesError.
    """
    mine = connection.execute(select(CREDITORS.c.vat_id).where(CREDITORS.c.id == creditor)).scalar_one_or_none()
    theirs = invoice.seller.vat_identifier if invoice.seller else None
    if mine and theirs and _bare(mine) != _bare(theirs):
        raise ReceivablesError(
            f"invoice {invoice.number} is of another seller ({theirs}, BT-31; the creditor is {mine}); choose the creditor it is of"
        )


def _identifiers(buyer: Buyer | None) -> dict[str, str]:
    if buyer is None:
        return {}
    own, legal = buyer.identifier, buyer.legal_registration_identifier
    said = {"key": own.value if own else None, "legal_id": legal.value if legal else None, "vat_id": buyer.vat_identifier}
    return {column: value for column, value in said.items() if value}


def _added(connection: Connection, creditor: int, buyer: Buyer, said: dict[str, str]) -> int:
    address = buyer.address
    if not (buyer.name and address and address.country_code) or not said.keys() & {"legal_id", "vat_id"}:
        raise ReceivablesError(
            f"buyer {buyer.name or ', '.join(said.values())} may be a consumer, or has no name or country; add it by hand"
        )
    given: dict[str, Any] = {name: value for name, value in said.items() if name != "key"}
    ref = parties.save_debtor(
        connection, creditor, next(iter(said.values())), name=buyer.name, kind="b2b", country=address.country_code, **given
    )
    where = {"street": address.line_1, "street2": address.line_2, "postcode": address.post_code, "city": address.city}
    contact = {
        name: getattr(buyer.contact, field)
        for name, field in (("name", "point"), ("phone", "telephone"), ("email", "email"))
        if buyer.contact
    }
    electronic = buyer.electronic_address
    peppol = f"{electronic.scheme}:{electronic.value}" if electronic and electronic.scheme and electronic.scheme != "EM" else None
    full = {name: value for name, value in where.items() if value} | {"country": address.country_code}
    said_of = {name: value for name, value in {**contact, "peppol": peppol}.items() if value}
    parties.save_contact(connection, ref, address=full, **said_of)
    return ref


def _preceding(connection: Connection, creditor: int, invoice: Invoice, note: InvoiceIn) -> int | None:
    """The invoice that a credit note names, where the ledger has it."""
    named = [preceding.reference for preceding in invoice.preceding_invoices if preceding.reference]
    where = (
        INVOICES.c.creditor_id == creditor,
        INVOICES.c.number.in_(named),
        INVOICES.c.currency == note.currency,
        INVOICES.c.kind == "invoice",
    )
    found = connection.execute(select(INVOICES.c.id).where(*where).order_by(INVOICES.c.due, INVOICES.c.id)).scalars().first()
    return None if found is None else int(found)


def _bare(number: str) -> str:
    return "".join(sign for sign in number.upper() if sign.isalnum())


def _cut(text: str | None, most: int) -> str | None:
    return text[:most] if text else None
