"""Direct debits collected, returned, refused: to the cent, once, in any order; what a reason means."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, Engine, select

from einvoice.errors import ReceivablesError
from einvoice.receivables.cases.holds import hold
from einvoice.receivables.ledger.audit import check_ledger
from einvoice.receivables.paying import pain002
from einvoice.receivables.paying.collections import collected, collected_batch
from einvoice.receivables.paying.returns import meaning, returned
from einvoice.receivables.snapshot import Reason
from einvoice.receivables.store.tables import MANDATES
from tests.receivables.books import undone
from tests.receivables.cases_books import held, tasks, told
from tests.receivables.paying_debits import at, booked, debits, exported, mandate, open_of, payments, planned, rows
from tests.receivables.paying_orders import faults, tell, tellings

ZERO = Decimal("0.00")


def test_collected_on_its_day_the_invoices_are_paid(connection: Connection) -> None:
    found = debits(connection, "121.00", "79.50")
    mandate(connection, found)
    exported(connection, found)
    (row,) = rows(connection, found)
    collected(connection, found.creditor, row.end_to_end, Decimal("200.50"), row.due, booked(16))
    collected(connection, found.creditor, row.end_to_end, Decimal("200.50"), row.due, booked(17))
    assert open_of(connection, found) == [ZERO, ZERO]
    assert [(each.booked, each.amount) for each in payments(connection)] == [(date(2026, 11, 17), Decimal("200.50"))]
    assert rows(connection, found)[0].state == "collected"
    assert held(connection, at(16).day) == set()
    assert told(connection)["payment.matched"] == 1


def test_a_batch_of_the_bank_pays_all_that_stands_in_it(connection: Connection) -> None:
    first = debits(connection, "121.00")
    second = debits(connection, "79.50", key="c2", creditor=first.creditor)
    for one in (first, second):
        mandate(connection, one)
    (file,) = exported(connection, first)
    assert collected_batch(connection, first.creditor, file.id, Decimal("200.49"), date(2026, 11, 17), booked(16)) is None
    assert collected_batch(connection, first.creditor, "DD0", Decimal("200.50"), date(2026, 11, 17), booked(16)) is None
    made = collected_batch(connection, first.creditor, f"{file.id}-20261117-RCUR", Decimal("200.50"), date(2026, 11, 17), booked(16))
    assert made is not None
    assert len(made) == 2
    assert collected_batch(connection, first.creditor, file.id, Decimal("200.50"), date(2026, 11, 17), booked(17)) == made
    assert open_of(connection, first) + open_of(connection, second) == [ZERO, ZERO]


def test_a_return_reopens_to_the_cent(connection: Connection) -> None:
    found = debits(connection, "121.00", "79.53")
    mandate(connection, found, "M1")
    exported(connection, found)
    (row,) = rows(connection, found)
    collected(connection, found.creditor, row.end_to_end, row.amount, row.due, booked(16))
    returned(connection, found.creditor, row.end_to_end, "MD06", at(20).day, booked(20))
    returned(connection, found.creditor, row.end_to_end, "MD06", at(20).day, booked(21))
    assert open_of(connection, found) == [Decimal("121.00"), Decimal("79.53")]
    assert (rows(connection, found)[0].state, rows(connection, found)[0].reason) == ("returned", "MD06")
    assert [(each.kind, each.invoices) for each in tasks(connection)] == [("triage", list(found.invoices))]
    assert told(connection)["payment.reversed"] == 1
    assert check_ledger(connection, found.creditor) == []


@pytest.mark.parametrize(
    ("reason", "state"), [("AC04", "cancelled"), ("MD01", "cancelled"), ("AM04", "active"), ("MD06", "active"), ("XX99", "active")]
)
def test_what_a_reason_means_for_the_mandate(connection: Connection, reason: str, state: str) -> None:
    found = debits(connection)
    mandate(connection, found)
    exported(connection, found)
    returned(connection, found.creditor, rows(connection, found)[0].end_to_end, reason, at(16).day, booked(16))
    assert connection.scalar(select(MANDATES.c.state)) == state


def test_too_little_money_is_tried_once_more(connection: Connection) -> None:
    found = debits(connection, pay_day=17)
    mandate(connection, found)
    exported(connection, found)
    returned(connection, found.creditor, rows(connection, found)[0].end_to_end, "AM04", at(16).day, booked(16))
    second = planned(connection, found, 20)[-1]
    assert (second.state, second.due) == ("planned", date(2026, 12, 17))
    returned(connection, found.creditor, second.end_to_end, "AM04", date(2026, 12, 18), booked(46))
    assert len(planned(connection, found, 50)) == 2


@pytest.mark.parametrize("reason", ["MD06", "MS03", "AC04"])
def test_other_returns_wait_for_a_person(connection: Connection, reason: str) -> None:
    found = debits(connection)
    mandate(connection, found)
    exported(connection, found)
    returned(connection, found.creditor, rows(connection, found)[0].end_to_end, reason, at(16).day, booked(16))
    assert len(planned(connection, found, 20)) == 1


def test_a_collection_of_somebody_else_is_none(connection: Connection) -> None:
    found = debits(connection)
    assert collected(connection, found.creditor, "NOTPROVIDED", Decimal(1), at().day, booked()) is None
    assert returned(connection, found.creditor, "NOTPROVIDED", "AM04", at().day, booked()) is None


def test_another_amount_than_before_is_refused(connection: Connection) -> None:
    found = debits(connection)
    mandate(connection, found)
    exported(connection, found)
    (row,) = rows(connection, found)
    collected(connection, found.creditor, row.end_to_end, row.amount, row.due, booked(16))
    with pytest.raises(ReceivablesError):
        collected(connection, found.creditor, row.end_to_end, Decimal("1.00"), row.due, booked(16))


def test_costs_of_the_bank_are_nobodys_debt(connection: Connection) -> None:
    found = debits(connection)
    mandate(connection, found)
    exported(connection, found)
    (row,) = rows(connection, found)
    collected(connection, found.creditor, row.end_to_end, row.amount, row.due, booked(16))
    with pytest.raises(ReceivablesError):
        returned(connection, found.creditor, row.end_to_end, "MD06", at(20).day, booked(20), amount=Decimal("120.99"))
    returned(connection, found.creditor, row.end_to_end, "MD06", at(20).day, booked(20), amount=Decimal("124.50"))
    assert open_of(connection, found) == [Decimal("121.00")]
    assert "3.50" in tasks(connection)[0].text


def test_other_holds_stay(connection: Connection) -> None:
    found = debits(connection)
    mandate(connection, found)
    exported(connection, found)
    hold(connection, found.debtor, Reason.DISPUTE, at(14).day, invoices=found.invoices)
    returned(connection, found.creditor, rows(connection, found)[0].end_to_end, "MD06", at(16).day, booked(16))
    assert held(connection, at(16).day) == {("dispute", found.invoices[0])}


REPORT = """<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"><CstmrPmtStsRpt>
<GrpHdr><MsgId>R1</MsgId><CreDtTm>2026-11-16T08:00:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>{file}</OrgnlMsgId><OrgnlMsgNmId>pain.008.001.08</OrgnlMsgNmId>{group}</OrgnlGrpInfAndSts>
{batch}</CstmrPmtStsRpt></Document>"""
WHY = "<StsRsnInf><Rsn><Cd>{}</Cd></Rsn></StsRsnInf>"


@pytest.mark.parametrize("version", ["03", "10"])
@pytest.mark.parametrize("level", ["collection", "batch", "file"])
def test_refusals_of_a_status_report(connection: Connection, version: str, level: str) -> None:
    found = debits(connection)
    mandate(connection, found)
    (file,) = exported(connection, found)
    (row,) = rows(connection, found)
    one = f"<TxInfAndSts><OrgnlEndToEndId>{row.end_to_end}</OrgnlEndToEndId><TxSts>RJCT</TxSts>{WHY.format('AC04')}</TxInfAndSts>"
    of = f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{file.id}-20261117-RCUR</OrgnlPmtInfId>{{}}</OrgnlPmtInfAndSts>"
    group, batch = {
        "collection": ("<GrpSts>PART</GrpSts>", of.format(one)),
        "batch": ("", of.format(f"<PmtInfSts>RJCT</PmtInfSts>{WHY.format('AC04')}")),
        "file": (f"<GrpSts>RJCT</GrpSts>{WHY.format('AC04')}", ""),
    }[level]
    data = REPORT.format(version=version, file=file.id, group=group, batch=batch).encode()
    assert pain002.read(connection, found.creditor, data, at(14)) == (row.id,)
    assert pain002.read(connection, found.creditor, data, at(14)) == (row.id,)
    (row,) = rows(connection, found)
    assert (row.state, row.reason, row.payment_id) == ("cancelled", "AC04", None)
    assert held(connection, at(14).day) == set()
    assert connection.scalar(select(MANDATES.c.state)) == "cancelled"
    assert len(tasks(connection)) == 1


def test_an_accepted_file_changes_nothing(connection: Connection) -> None:
    found = debits(connection)
    mandate(connection, found)
    (file,) = exported(connection, found)
    data = REPORT.format(version="10", file=file.id, group="<GrpSts>ACCP</GrpSts>", batch="").encode()
    assert pain002.read(connection, found.creditor, data, at(14)) == ()
    assert rows(connection, found)[0].state == "exported"


@pytest.mark.parametrize("data", [b"", b"<a/>", b"<Document><Other/></Document>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", b"PK\x03\x04"])
def test_what_is_no_status_report_is_refused(connection: Connection, data: bytes) -> None:
    with pytest.raises(ReceivablesError):
        pain002.refused(data)


def test_reasons_are_known() -> None:
    assert meaning("am04").again
    assert meaning("MD01").ends_mandate
    assert not meaning("ZZ99").ends_mandate


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database whose transactions are undone."""
    from tests.receivables import books

    with books.database(tmp_path_factory.mktemp("returns")) as engine:
        yield engine


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(news=tellings())
def test_in_any_order_and_repetition_the_ledger_equals_the_statement(base: Engine, news: list[tuple[str, int, str]]) -> None:
    with undone(base) as connection:
        found = tell(connection, news)
        assert faults(connection, found, news) == []
        assert check_ledger(connection, found[0].creditor) == []
