"""Parties, e-invoices, days gone by, and forgetting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Connection, Engine, LargeBinary, String, func, select

import einvoice
from einvoice.database import METADATA
from einvoice.errors import ReceivablesError
from einvoice.receivables import ledger
from einvoice.receivables.ledger import forgetting, parties
from einvoice.receivables.ledger.asof import ageing, balance
from einvoice.receivables.ledger.audit import check_ledger
from einvoice.receivables.ledger.einvoices import from_einvoice
from einvoice.receivables.ledger.importing import ImportRefused, Reading, import_files
from einvoice.receivables.ledger.retention import retention
from einvoice.receivables.store.tables import CONSENTS, CONTACTS, DEBTORS, ENTRIES, INVOICES
from tests.receivables import books
from tests.receivables.books import booking
from tests.receivables.ledger_persons import known_debtor, texts

D = Decimal
EXAMPLES = Path(__file__).parents[1] / "examples" / "bases"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database of this release's shape."""
    with books.database(tmp_path_factory.mktemp("books")) as engine:
        yield engine


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """Books with nothing wrong in them at the end."""
    with books.undone(engine) as connection:
        yield connection
        assert check_ledger(connection) == []


def test_parties_are_added_and_changed(connection: Connection) -> None:
    creditor = parties.save_creditor(connection, "acme", name="Acme", country="nl", iban="NL91 ABNA 0417 1643 00")
    assert parties.save_creditor(connection, "acme", size="small") == creditor
    group = parties.save_debtor(connection, creditor, "g", name="Group", kind="b2b", country="NL")
    child = parties.save_debtor(connection, creditor, "c", name="Child", kind="zakelijk", country="BE", parent_id=group)
    below = parties.save_debtor(connection, creditor, "d", name="Below", kind="b2b", country="BE", parent_id=child)
    assert parties.children(connection, group) == [child, below]
    for debtor, amount in ((group, "1.00"), (child, "10.00"), (below, "100.00")):
        books.invoice(connection, debtor, f"F{amount}", amount)
    day = date(2026, 11, 2)
    assert balance(connection, group, day)["EUR"].total == D("1.00")
    assert balance(connection, group, day, children=True)["EUR"].total == D("111.00")
    assert balance(connection, child, day, children=True)["EUR"].total == D("110.00")
    wrong: list[dict[str, Any]] = [
        {"parent_id": below},
        {"parent_id": group},
        {"country": "XX"},
        {"size": "huge"},
        {"colour": "red"},
        {"posted": 3},
        {"kind": "x"},
    ]
    for given in wrong:
        with pytest.raises(ReceivablesError), connection.begin_nested():
            parties.save_debtor(connection, creditor, "g", **given)
    with pytest.raises(ReceivablesError):
        parties.save_debtor(connection, creditor, "new", name="New")


def test_another_address_is_tried_again(connection: Connection) -> None:
    debtor = books.debtor(connection, books.creditor(connection))
    contact = parties.save_contact(connection, debtor, "finance", name="Desk", email="a@x.example", phone="1")
    connection.execute(CONTACTS.update().values(email_bounced_on=date(2026, 10, 1), phone_failed_on=date(2026, 10, 1)))
    assert parties.save_contact(connection, debtor, "finance", name="Desk", email="a@x.example") == contact
    assert parties.save_contact(connection, debtor, "finance", name="Desk", email="b@x.example") == contact
    row = connection.execute(select(CONTACTS).where(CONTACTS.c.id == contact)).one()
    assert (row.email, row.email_bounced_on, row.phone_failed_on) == ("b@x.example", None, date(2026, 10, 1))
    assert parties.save_contact(connection, debtor, "finance", name="Other") != contact


def test_the_latest_word_of_consent_holds(connection: Connection) -> None:
    debtor = books.debtor(connection, books.creditor(connection))
    now = datetime(2026, 11, 2, 9, tzinfo=UTC)
    for granted, news in ((True, True), (True, False), (False, True), (True, True)):
        assert parties.consent(connection, debtor, "sms", granted, now, "form") is news
    parties.consent(connection, debtor, "whatsapp", False, now, "call")
    assert parties.consents(connection, debtor) == {"sms": True, "whatsapp": False}
    assert connection.execute(select(func.count()).select_from(CONSENTS)).scalar_one() == 4


def test_a_deputy_acts(connection: Connection) -> None:
    creditor = books.creditor(connection)
    last = parties.save_person(connection, creditor, "c", name="C")
    deputy = parties.save_person(connection, creditor, "b", name="B", deputy_id=last, away_from=date(2026, 11, 5))
    person = parties.save_person(
        connection, creditor, "a", name="A", deputy_id=deputy, away_from=date(2026, 11, 2), away_until=date(2026, 11, 6)
    )
    found = [parties.acting(connection, person, date(2026, 11, day)) for day in (1, 2, 4, 5, 6, 7)]
    assert found == [person, deputy, deputy, last, last, person]
    parties.save_person(connection, creditor, "c", active=False)
    with pytest.raises(ReceivablesError):
        parties.acting(connection, person, date(2026, 11, 5))


def test_an_e_invoice_enters(connection: Connection, tmp_path: Path) -> None:
    creditor = books.creditor(connection)
    invoice = einvoice.read((EXAMPLES / "peppol-invoice.xml").read_bytes())
    assert invoice.buyer
    assert invoice.totals
    with pytest.raises(ReceivablesError):
        from_einvoice(connection, creditor, invoice, booking())
    posted = from_einvoice(connection, creditor, invoice, booking(), add_debtor=True)
    row = connection.execute(select(INVOICES).where(INVOICES.c.id == posted.id)).one()
    assert (row.number, row.issued, row.due, row.currency) == (
        invoice.number,
        invoice.issue_date,
        invoice.payment_due_date,
        invoice.currency_code,
    )
    assert row.open == invoice.totals.amount_due
    assert connection.execute(select(DEBTORS.c.name)).scalar_one() == invoice.buyer.name
    assert not from_einvoice(connection, creditor, invoice, booking()).new
    assert dict(import_files(connection, creditor, [EXAMPLES / "peppol-invoice.xml"], booking())) == {"same": 1}
    note = invoice.model_copy(update={"number": "C-1", "type_code": "381", "payment_due_date": None, "preceding_invoices": ()})
    credit = from_einvoice(connection, creditor, note, booking())
    assert connection.execute(select(INVOICES.c.open).where(INVOICES.c.id == credit.id)).scalar_one() == -row.open


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"payment_due_date": None, "payment_terms": "30 days"}, "BT-9"),
        ({"number": None}, "BT-1"),
        ({"issue_date": None}, "BT-2"),
        ({"currency_code": None}, "BT-5"),
        ({"totals": None}, "BG-22"),
        ({"buyer": None}, "BT-46"),
        ({"seller": einvoice.Seller(vat_identifier="NL001")}, "BT-31"),
    ],
)
def test_what_an_e_invoice_lacks_is_named(connection: Connection, change: dict[str, Any], word: str) -> None:
    creditor = books.creditor(connection, vat_id="NL999")
    invoice = einvoice.read((EXAMPLES / "peppol-invoice.xml").read_bytes())
    ours = {"seller": einvoice.Seller(vat_identifier="NL999"), "buyer": einvoice.Buyer(identifier="c1")}
    books.debtor(connection, creditor)
    with pytest.raises(ReceivablesError, match=word):
        from_einvoice(connection, creditor, invoice.model_copy(update=ours | change), booking())
    if word == "BT-9":
        assert from_einvoice(connection, creditor, invoice.model_copy(update=ours | change), booking(), due=date(2030, 1, 1)).new


def test_a_folder_of_e_invoices(connection: Connection, tmp_path: Path) -> None:
    creditor = books.creditor(connection)
    for name, number in (("peppol-invoice.xml", "F-17"), ("peppol-creditnote.xml", "C-17")):
        (tmp_path / name).write_bytes((EXAMPLES / name).read_bytes().replace(b">2026-17<", f">{number}<".encode(), 1))
    with pytest.raises(ImportRefused) as refused:
        import_files(connection, creditor, [tmp_path], booking())
    assert {fault.code for fault in refused.value.findings} == {"cannot-book"}
    assert {fault.file for fault in refused.value.findings} == {str(path) for path in tmp_path.iterdir()}
    counts = import_files(connection, creditor, [tmp_path], booking(), Reading(add_debtors=True))
    assert counts["e-invoices"] == 2


def test_ageing_by_bands(connection: Connection) -> None:
    creditor = books.creditor(connection)
    debtor, day = books.debtor(connection, creditor), date(2026, 11, 2)
    for late, cents in ((-5, 1), (0, 2), (1, 4), (30, 8), (31, 16), (60, 32), (61, 64), (90, 128), (91, 256), (120, 512), (121, 1024)):
        due = day - timedelta(days=late)
        books.invoice(connection, debtor, f"F{late}", str(D(cents) / 100), issued=date(2026, 1, 1), due=due)
    ledger.post_payment(connection, creditor, ledger.PaymentIn("b", D("7.00"), "EUR", day, debtor), booking())
    (row,) = ageing(connection, creditor, day)
    assert [int(amount * 100) for amount in row[1:]] == [3, 12, 48, 192, 768, 1024, 0, 700]
    assert row.principal == D("20.47")
    (before,) = ageing(connection, creditor, day - timedelta(days=1))
    assert [int(amount * 100) for amount in before[1:]] == [7, 24, 96, 384, 1536, 0, 0, 0]


def test_a_debtor_is_forgotten_when_the_law_lets_it(connection: Connection) -> None:
    debtor = known_debtor(connection)
    assert "Secret" in texts(connection)
    entries = connection.execute(select(ENTRIES)).all()
    before = balance(connection, debtor, date(2026, 10, 31))
    with pytest.raises(ReceivablesError, match="2034-01-01"):
        forgetting.forget(connection, debtor, date(2033, 12, 31))
    assert forgetting.forget(connection, debtor, date(2034, 1, 1))
    said = texts(connection).lower()
    for word in ("secret", "0612345678", "nl91abna", "1980-01-01"):
        assert word not in said, word
    assert connection.execute(select(ENTRIES)).all() == entries
    assert balance(connection, debtor, date(2026, 10, 31)) == before
    assert not forgetting.forget(connection, debtor, date(2034, 1, 2))
    assert connection.execute(select(DEBTORS.c.forgotten_on)).scalar_one() == date(2034, 1, 1)


def test_nothing_is_forgotten_that_is_open_or_of_an_unknown_country(connection: Connection) -> None:
    creditor = books.creditor(connection, country="US")
    debtor = books.debtor(connection, creditor)
    invoice = books.invoice(connection, debtor)
    late = date(2060, 1, 1)
    with pytest.raises(ReceivablesError):
        forgetting.forget(connection, debtor, late)
    with pytest.raises(ReceivablesError):
        forgetting.forget(connection, debtor, late, years=7)
    posted = ledger.post_payment(connection, creditor, ledger.PaymentIn("b1", D("130.00"), "EUR", date(2026, 11, 5), debtor), booking())
    ledger.allocate(connection, posted.transaction, booking())
    with pytest.raises(ReceivablesError):
        forgetting.forget(connection, debtor, late, years=7)
    ledger.refund(connection, posted.transaction, D("9.00"), booking(date(2026, 11, 6)))
    assert connection.execute(select(INVOICES.c.open).where(INVOICES.c.id == invoice)).scalar_one() == 0
    assert forgetting.forget(connection, debtor, late, years=7)
    assert forgetting.forget(connection, books.debtor(connection, creditor, "never booked"), date(2026, 11, 2), years=7)


def test_every_column_about_debtors_is_personal_or_harmless() -> None:
    """A new column with text needs a decision: does `forget` replace it? Others' tables, there where others' tests ran, are theirs."""
    without = ("creditors", "leases", "people", "policies", "runs", "switches", "alembic_version")
    about = {name for name in METADATA.tables if name not in without and not name.startswith(("peppol_", "connector_"))}
    for name in sorted(about):
        said = {column.name for column in METADATA.tables[name].c if isinstance(column.type, String | JSON | LargeBinary)}
        decided = set(forgetting.PERSONAL.get(name, {})) | set(forgetting.HARMLESS.get(name, "").split())
        assert said <= decided, f"{name}: {said - decided}"


def test_retention_is_stated_with_its_source() -> None:
    for country in "AT BE DE ES FR IT LU NL".split():
        found = retention(country)
        assert found
        assert found.source
        assert found.confidence in ("primary", "derived", "unverified")
    assert retention("US") is None
