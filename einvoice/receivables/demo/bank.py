"""The bank of the demo: what customers transfer on a day, as they write it, in a CAMT.053 statement (ISO 20022 camt.053.001.08)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from lxml import etree

from einvoice.receivables.demo.chance import Chance
from einvoice.receivables.demo.customers import Customer
from einvoice.receivables.demo.sales import Sale

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_WRITTEN = (("structured", 62), ("number", 20), ("sloppy", 8), ("nothing", 6), ("wrong", 4))


class Transfer(NamedTuple):
    """Money that a customer sends; `reference` is structured, `text` is what it wrote instead."""

    customer: Customer
    amount: Decimal
    reference: str
    text: str
    key: str


def transfer(sales: Sequence[Sale], amount: Decimal, seed: int, key: str) -> Transfer:
    """A payment of invoices of one customer, with what such a customer writes."""
    chance = Chance(seed, "transfer", key)
    how = "number" if len(sales) > 1 else chance.of(_WRITTEN)
    numbers = " ".join(sale.number for sale in sales)
    if how == "structured":
        return Transfer(sales[0].customer, amount, sales[0].reference, "", key)
    return Transfer(sales[0].customer, amount, "", _text(how, numbers, chance), key)


def _text(how: str, numbers: str, chance: Chance) -> str:
    if how == "number":
        return f"{chance.choice(('Invoice', 'Factuur', 'inv.', 'Rechnung'))} {numbers}"
    if how == "sloppy":
        return f"fact {numbers.replace('-', ' ').replace('0000', '')}"
    if how == "wrong":
        digits = list(numbers)
        digits[-1], digits[-2] = digits[-2], digits[-1]
        return f"invoice {''.join(digits)}"
    return chance.choice(("betaling", "thank you", "as agreed", ""))


def statement(account: str, day: date, number: int, opening: Decimal, transfers: Sequence[Transfer]) -> tuple[bytes, Decimal]:
    """A day's statement of an account, and its closing balance."""
    root = etree.Element(f"{{{_NAMESPACE}}}Document", nsmap={None: _NAMESPACE})
    message = _sub(root, "BkToCstmrStmt")
    header = _sub(message, "GrpHdr")
    _sub(header, "MsgId", f"DEMO{day:%Y%m%d}")
    _sub(header, "CreDtTm", f"{day.isoformat()}T19:00:00Z")
    found = _sub(message, "Stmt")
    _sub(found, "Id", f"{account}-{number}")
    _sub(found, "ElctrncSeqNb", str(number))
    _sub(found, "CreDtTm", f"{day.isoformat()}T19:00:00Z")
    _sub(_sub(_sub(found, "Acct"), "Id"), "IBAN", account)
    closing = opening + sum((one.amount for one in transfers), Decimal(0))
    _balance(found, "OPBD", opening, day)
    _balance(found, "CLBD", closing, day)
    for one in transfers:
        _entry(found, one, day)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True), closing


def _balance(found: etree._Element, code: str, amount: Decimal, day: date) -> None:
    made = _sub(found, "Bal")
    _sub(_sub(_sub(made, "Tp"), "CdOrPrtry"), "Cd", code)
    _sub(made, "Amt", f"{abs(amount):.2f}").set("Ccy", "EUR")
    _sub(made, "CdtDbtInd", "CRDT" if amount >= 0 else "DBIT")
    _sub(_sub(made, "Dt"), "Dt", day.isoformat())


def _entry(found: etree._Element, one: Transfer, day: date) -> None:
    made = _sub(found, "Ntry")
    _sub(made, "Amt", f"{one.amount:.2f}").set("Ccy", "EUR")
    _sub(made, "CdtDbtInd", "CRDT")
    _sub(_sub(made, "Sts"), "Cd", "BOOK")
    for name in ("BookgDt", "ValDt"):
        _sub(_sub(made, name), "Dt", day.isoformat())
    _sub(made, "AcctSvcrRef", one.key)
    family = _sub(_sub(made, "BkTxCd"), "Domn")
    _sub(family, "Cd", "PMNT")
    kind = _sub(family, "Fmly")
    _sub(kind, "Cd", "RCDT")
    _sub(kind, "SubFmlyCd", "ESCT")
    details = _sub(_sub(made, "NtryDtls"), "TxDtls")
    _sub(_sub(details, "Refs"), "AcctSvcrRef", one.key)
    parties = _sub(details, "RltdPties")
    _sub(_sub(_sub(parties, "Dbtr"), "Pty"), "Nm", one.customer.name)
    _sub(_sub(_sub(parties, "DbtrAcct"), "Id"), "IBAN", one.customer.iban)
    if one.reference or one.text:
        _remittance(_sub(details, "RmtInf"), one)


def _remittance(about: etree._Element, one: Transfer) -> None:
    if not one.reference:
        _sub(about, "Ustrd", one.text)
        return
    reference = _sub(_sub(about, "Strd"), "CdtrRefInf")
    _sub(_sub(_sub(reference, "Tp"), "CdOrPrtry"), "Cd", "SCOR")
    _sub(reference, "Ref", one.reference)


def _sub(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    made = etree.SubElement(parent, f"{{{_NAMESPACE}}}{name}")
    made.text = text
    return made
