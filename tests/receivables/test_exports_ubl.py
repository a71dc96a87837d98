"""UBL reminders and statements: what they say, and that their structure is valid by the official schemas and by our tables."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import Connection, Engine

from einvoice.errors import ReceivablesError, UnknownFormat
from einvoice.formats.structure import others
from einvoice.receivables import exports
from einvoice.receivables.documents.facts import Loaded
from tests.receivables import books
from tests.receivables.exports_world import damaged, reminded, schema, stated
from tests.stylesheets import Absent

D = Decimal


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database of this release's shape."""
    with books.database(tmp_path_factory.mktemp("books")) as engine:
        yield engine


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """Empty books."""
    with books.undone(engine) as connection:
        yield connection


def official(document: str) -> Any:
    """The official schema; the test is skipped where it cannot be had."""
    try:
        return schema(document)
    except Absent as reason:
        pytest.skip(str(reason))


def test_a_reminder_says_who_what_and_how_much(connection: Connection) -> None:
    found, action, contact = reminded(connection, "NL", "BE")
    root = etree.fromstring(exports.reminder(found, action, contact, sequence=2))
    say = {name: root.findtext(f".//{{*}}{name}") for name in ("ID", "IssueDate", "ReminderSequenceNumeric", "PayableAmount")}
    assert say == {"ID": say["ID"], "IssueDate": "2026-11-30", "ReminderSequenceNumeric": "2", "PayableAmount": f"{action.amount:.2f}"}
    assert [one.get("schemeID") for one in root.iter("{*}EndpointID")] == ["0106", "0208"]
    assert [one.text for one in root.iter("{*}CompanyID")] == ["NL002455799B11", "12345678", "BE0202239951", "0202239951"]
    lines = [
        (line.findtext("{*}DebitLineAmount"), line.findtext(".//{*}InvoiceDocumentReference/{*}ID"))
        for line in root.iter("{*}ReminderLine")
    ]
    assert lines == [("100.10", "F1"), ("200.10", "F2")]
    parts = {one.findtext("{*}AllowanceChargeReason"): one.findtext("{*}Amount") for one in root.iter("{*}AllowanceCharge")}
    assert sorted(filter(None, parts.values())) == ["1.37", "2.00", "48.40", "7.50"]
    assert len([note for note in root.iter("{*}Note") if note.text and "10.15 %" in note.text]) == 1


@pytest.mark.parametrize("charged", [True, False])
@pytest.mark.parametrize(("seller", "buyer"), [("NL", "BE"), ("DE", "NO"), ("NO", "NO"), ("BE", "DE")])
def test_a_reminder_has_the_structure_of_the_schema(connection: Connection, seller: str, buyer: str, charged: bool) -> None:
    data = exports.reminder(*reminded(connection, seller, buyer, charged=charged))
    assert others.check(etree.fromstring(data)) == ()
    assert official("Reminder").validate(etree.fromstring(data)), official("Reminder").error_log


def test_a_statement_has_the_structure_of_the_schema_and_adds_up(connection: Connection) -> None:
    data = stated(connection, *reminded(connection, "NL", "BE"))
    root = etree.fromstring(data)
    assert others.check(root) == ()
    sums = {name: D(root.findtext(f"{{*}}Total{name}Amount") or "") for name in ("Debit", "Credit", "Balance")}
    opening = D(root.findtext("{*}StatementLine/{*}BalanceAmount") or "")
    assert opening + sums["Debit"] - sums["Credit"] == sums["Balance"] == D("308.60")
    assert opening == D("300.20")
    assert int(root.findtext("{*}LineCountNumeric") or 0) == len(root.findall("{*}StatementLine")) == 4
    assert official("Statement").validate(root), official("Statement").error_log


def test_the_same_input_gives_the_same_bytes(connection: Connection) -> None:
    given = reminded(connection, "NL", "BE")
    assert exports.reminder(*given) == exports.reminder(*given)


def test_our_tables_agree_with_the_official_schemas_on_damaged_documents(connection: Connection) -> None:
    with connection.begin_nested() as savepoint:
        documents = {"Reminder": exports.reminder(*reminded(connection, "NL", "BE"))}
        savepoint.rollback()
    documents["Statement"] = stated(connection, *reminded(connection, "NL", "BE"))
    verdicts = set()
    for name, data in documents.items():
        judge = official(name)
        for seed in range(10):
            for broken in damaged(data, seed):
                root = etree.fromstring(broken)
                ours = not others.check(root)
                verdicts.add(ours)
                assert ours == judge.validate(root), (name, seed, others.check(root), judge.error_log)
    assert verdicts == {True, False}


def test_what_is_neither_is_refused() -> None:
    with pytest.raises(UnknownFormat):
        others.check(etree.fromstring("<Invoice/>"))


def test_parts_that_do_not_add_up_are_refused(connection: Connection) -> None:
    found, action, contact = reminded(connection, "NL", "BE")
    for wrong in (action._replace(amount=D(1)), action._replace(invoices=(action.invoices[0]._replace(charges=D(0)),))):
        with pytest.raises(ReceivablesError):
            exports.reminder(found, wrong, contact)
    gone: Loaded = found._replace(invoices={})
    with pytest.raises(ReceivablesError):
        exports.reminder(gone, action, contact)
