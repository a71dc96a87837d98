"""A world in which a debtor is reminded three times by mail and then handed over: agencies, e-invoices, what stands in the way."""

from __future__ import annotations

import email
import email.policy
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

import einvoice
from einvoice.database import connect
from einvoice.receivables import ledger, papers
from einvoice.receivables.cases.case import At
from einvoice.receivables.store.tables import CONTACTS, CREDITORS, DEBTORS, HISTORY, INVOICES
from einvoice.settings.providers import Agency
from tests.receivables import books
from tests.receivables.run_world import EARLY, MORNING, World, world
from tests.smtp import Mailbox

RULES = """
version: 1
name: hand-over
limits: {min_contacts_before_collection: 3}
segments: [{id: all, when: "true", flow: f}]
flows:
  f:
    - {id: r1, offset: 0, all_of: [email], firmness: 1}
    - {id: r2, offset: 5, all_of: [email], firmness: 2, claims: none}
    - {id: r3, offset: 10, all_of: [email], firmness: 3, claims: none}
    - {id: r4, offset: 20, handover: collection_agency, firmness: 4, final: true}
"""
BY_MAIL = Agency("nl", "Incasso BV", ("collection_agency",), ("NL",), "dossiers@agency.example", None, "nl")
ADDRESS = {"street": "Dam 1", "postcode": "1012 JS", "city": "Amsterdam", "country": "NL"}
Change = Callable[[Connection, World, int], None]


@contextmanager
def handing(where: Path, mail: Mailbox, *agencies: Agency, rules: str = RULES, url: str | None = None) -> Iterator[World]:
    """A world with agencies, on the morning of the first reminder."""
    with world(where, mail, rules=rules, url=url) as made:
        made.settings = made.settings._replace(agencies=agencies)
        with connect(made.engine) as connection:
            connection.execute(update(CREDITORS).values(address=ADDRESS, vat_id="NL002455799B11"))
        yield made


def owes(made: World, key: str = "a", amounts: tuple[str, ...] = ("100.00", "250.00"), *, xml: bool = True, **values: Any) -> int:
    """A debtor with invoices, their XML kept unless told otherwise."""
    debtor = made.debtor(key, amounts=amounts, **values)
    with connect(made.engine) as connection:
        connection.execute(update(CONTACTS).where(CONTACTS.c.debtor_id == debtor).values(address=ADDRESS))
        for row in connection.execute(select(INVOICES).where(INVOICES.c.debtor_id == debtor)).all() if xml else ():
            document = papers.keep_invoice(connection, made.creditor, debtor, row.number, issued(row.number, row.amount), made.clock())
            connection.execute(update(INVOICES).where(INVOICES.c.id == row.id).values(document=document))
    return debtor


def issued(number: str, amount: Decimal) -> bytes:
    """An invoice as it was issued."""
    vat = {"category_code": "Z", "rate": "0"}
    line = {"identifier": "1", "quantity": "1", "unit_code": "C62", "item": {"name": "Work"}, "price": {"net": str(amount)}, "vat": vat}
    made = {
        "process": {"specification_identifier": "urn:cen.eu:en16931:2017"},
        "number": number,
        "issue_date": date(2026, 10, 1),
        "type_code": "380",
        "currency_code": "EUR",
        "payment_due_date": date(2026, 10, 31),
        "seller": {"name": "Creditor acme", "vat_identifier": "NL002455799B11", "address": {"country_code": "NL"}},
        "buyer": {"name": "Customer", "address": {"country_code": "NL"}},
        "lines": [line],
    }
    return einvoice.write(einvoice.calculate(einvoice.Invoice.model_validate(made)).invoice)


def reminded(made: World, until: int = 18) -> None:
    """Runs every morning from the first reminder to a day before the hand-over."""
    for days in range(until):
        made.run(MORNING + timedelta(days=days))


def handed(made: World, days: int = 18) -> Any:
    """The run of the morning on which the hand-over is due."""
    return made.run(MORNING + timedelta(days=days))


def stages(made: World) -> list[str]:
    """Where the invoices stand."""
    return [row.stage for row in made.rows(select(INVOICES.c.stage).order_by(INVOICES.c.id))]


def at(made: World) -> At:
    """Now, by a test."""
    return At(made.clock().date(), made.clock(), "tests")


def attached(message: bytes) -> dict[str, bytes]:
    """The files of the dossier in a mail, by path."""
    parsed = email.message_from_bytes(message, policy=email.policy.default)
    (part,) = list(parsed.iter_attachments())
    return unzipped(part.get_content())


def unzipped(data: bytes) -> dict[str, bytes]:
    """The files of a zip, by path, in order."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def manifest(files: Mapping[str, bytes]) -> dict[str, Any]:
    """What a dossier says of itself, held against its files."""
    told: dict[str, Any] = json.loads(files["manifest.json"])
    assert [one["path"] for one in told["files"]] == [path for path in files if path != "manifest.json"]
    for one in told["files"]:
        assert (one["sha256"], one["size"]) == (papers.sha256(files[one["path"]]), len(files[one["path"]]))
    return told


def became(made: World, invoice: int) -> list[str]:
    """The stages that an invoice went through."""
    query = select(HISTORY.c.became).where(HISTORY.c.kind == "invoice", HISTORY.c.case_id == invoice).order_by(HISTORY.c.id)
    return [row.became for row in made.rows(query)]


def pays(connection: Connection, made: World, debtor: int) -> None:
    """The debtor pays all that is open."""
    for row in connection.execute(select(INVOICES).where(INVOICES.c.debtor_id == debtor, INVOICES.c.open > 0)).all():
        owed = row.open + row.charges
        money = ledger.PaymentIn(key=f"pay{row.id}", amount=owed, currency="EUR", booked=made.clock().date(), debtor=debtor)
        ledger.post_payment(connection, made.creditor, money, books.booking(made.clock().date()), to=[(row.id, None)])


def consumer(connection: Connection, made: World, debtor: int) -> None:
    """The debtor turns out to be a natural person."""
    connection.execute(update(DEBTORS).where(DEBTORS.c.id == debtor).values(kind="b2c"))


def early(days: int) -> datetime:
    """Before the hours of contact of a day: what is planned then waits."""
    return EARLY + timedelta(days=days)
