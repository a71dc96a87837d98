"""Direct debit from mandate to file: who may be collected from, on which day, announced, handed over once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import Connection, func, select, update

from einvoice.errors import ReceivablesError
from einvoice.outbox import mode
from einvoice.receivables.cases import promises
from einvoice.receivables.cases.holds import hold
from einvoice.receivables.paying import days, identifiers, mandates, pain008, proposing
from einvoice.receivables.snapshot import Reason
from einvoice.receivables.store.tables import CONTACTS, CREDITORS, DEBTORS, INVOICES, MANDATES, PAPERS
from einvoice.settings import Sending
from tests.receivables import books
from tests.receivables.cases_books import held
from tests.receivables.paying_debits import LIVE, POLICY, THEIRS, announced, at, debits, exported, mandate, planned, rows

_OF = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"}


def _left(connection: Connection, creditor: int) -> dict[str, int]:
    return dict(proposing.propose(connection, creditor, POLICY, at().day).left)


@pytest.mark.parametrize(
    "values",
    [
        {"iban": "NL91ABNA0417164301"},
        {"iban": "BR1800360305000010009795493C1"},
        {"scheme": "COR1"},
        {"signed": date(2026, 11, 3)},
        {"signed": date(2023, 11, 2)},
        {"holder": "  "},
        {"bic": "ABNANL"},
    ],
)
def test_a_mandate_that_cannot_be_one_is_refused(connection: Connection, values: dict[str, Any]) -> None:
    found = debits(connection)
    with pytest.raises(ReceivablesError):
        mandate(connection, found, **values)
    assert mandates.listed(connection, found.creditor) == []


@pytest.mark.parametrize("reference", ["", " M1", "M" * 36, "/M1", "M//1", "Mä"])
def test_a_reference_has_the_characters_of_sepa(connection: Connection, reference: str) -> None:
    found = debits(connection)
    given = mandates.MandateIn(found.debtor, reference, THEIRS, "Customer", date(2026, 9, 1), "paper")
    with pytest.raises(ReceivablesError):
        mandates.create(connection, found.creditor, given, at())


def test_a_consumer_gives_a_core_mandate_only(connection: Connection) -> None:
    found = debits(connection, kind="b2c")
    with pytest.raises(ReceivablesError):
        mandate(connection, found, scheme="B2B")
    assert mandate(connection, found)


def test_a_reference_is_used_once(connection: Connection) -> None:
    found = debits(connection)
    assert mandate(connection, found, "M1") == mandate(connection, found, "M1")
    with pytest.raises(ReceivablesError):
        mandate(connection, found, "M1", iban="NL20INGB0001234567")


def test_a_mandate_that_is_not_used_for_36_months_expires(connection: Connection) -> None:
    found = debits(connection)
    mandate(connection, found, signed=date(2023, 11, 3))
    assert mandates.active(connection, found.creditor, date(2026, 11, 2)).keys() == {found.debtor}
    assert mandates.active(connection, found.creditor, date(2026, 11, 3)) == {}
    assert mandates.expire(connection, found.creditor, date(2026, 11, 2)) == 0
    assert mandates.expire(connection, found.creditor, date(2026, 11, 3)) == 1
    assert connection.scalar(select(MANDATES.c.state)) == "expired"


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 12, 24), 1, date(2026, 12, 28)),  # Christmas, then a week-end
        (date(2026, 4, 2), 1, date(2026, 4, 7)),  # Good Friday, Easter Monday
        (date(2027, 4, 30), 1, date(2027, 5, 3)),  # 1 May on a Saturday
        (date(2026, 5, 13), 1, date(2026, 5, 14)),  # Ascension Day is a TARGET day
    ],
)
def test_target_days(day: date, count: int, expected: date) -> None:
    assert days.later(day, count) == expected


@pytest.mark.parametrize(
    ("earliest", "pay_day", "expected"),
    [
        (date(2026, 11, 17), None, date(2026, 11, 17)),
        (date(2026, 11, 21), None, date(2026, 11, 23)),
        (date(2026, 11, 17), 25, date(2026, 11, 25)),
        (date(2026, 11, 26), 25, date(2026, 12, 28)),  # 25 December is closed, then a week-end
        (date(2026, 2, 10), 31, date(2026, 3, 2)),  # 28 February is a Saturday
        (date(2026, 11, 28), 28, date(2026, 11, 30)),  # a Saturday
        (date(2026, 11, 29), 28, date(2026, 11, 30)),  # moved past it, still this month's
    ],
)
def test_the_pay_day_is_the_anchor(earliest: date, pay_day: int | None, expected: date) -> None:
    assert days.anchored(earliest, pay_day) == expected


def test_what_is_planned(connection: Connection) -> None:
    found = debits(connection, "121.00", "79.50", pay_day=25)
    mandate(connection, found)
    (row,) = planned(connection, found)
    assert (row.amount, row.due, row.sequence, row.state) == (Decimal("200.50"), date(2026, 11, 25), "RCUR", "planned")
    assert held(connection, at().day) == {("payment_pending", ref) for ref in found.invoices}
    assert len(planned(connection, found)) == 1
    assert len(planned(connection, found, 20)) == 1


def test_without_a_pay_day_the_first_business_day_after_the_notice(connection: Connection) -> None:
    found = debits(connection)
    mandate(connection, found, recurrent=False)
    (row,) = planned(connection, found)
    assert (row.due, row.sequence) == (date(2026, 11, 17), "OOFF")


def test_a_flow_has_a_pay_day_too(connection: Connection) -> None:
    found = debits(connection)
    mandate(connection, found)
    flows = {name: flow.model_copy(update={"pay_day": 20}) for name, flow in POLICY.flows.items()}
    (one,) = proposing.propose(connection, found.creditor, POLICY.model_copy(update={"flows": flows}), at().day).proposed
    assert one.due == date(2026, 11, 20)


def test_a_shorter_notice_is_agreed_in_the_contract(connection: Connection) -> None:
    found = debits(connection)
    mandate(connection, found)
    connection.execute(update(INVOICES).values(contract={"prenotice_days": 5}))
    (row,) = planned(connection, found)
    assert row.due == date(2026, 11, 9)  # the eighth is a Sunday


def test_what_is_held_or_covered_is_left_out(connection: Connection) -> None:
    found = debits(connection, "121.00", "50.00", "60.00", "70.00")
    mandate(connection, found)
    hold(connection, found.debtor, Reason.DISPUTE, at().day, invoices=found.invoices[:1])
    hold(connection, found.debtor, Reason.DISPUTE, at().day, invoices=found.invoices[1:2], amount=Decimal("20.00"))
    promises.make(connection, found.debtor, found.invoices[2:3], Decimal("60.00"), at(5).day, POLICY, at())
    (row,) = planned(connection, found)
    assert row.invoices == [[found.invoices[1], "30.00"], [found.invoices[3], "70.00"]]
    assert _left(connection, found.creditor)["dispute"] == 1


@pytest.mark.parametrize("change", [{"insolvent_on": date(2026, 11, 1)}, {"hold_until": date(2026, 11, 9)}])
def test_who_is_held_is_left_out(connection: Connection, change: dict[str, Any]) -> None:
    found = debits(connection)
    mandate(connection, found)
    connection.execute(update(DEBTORS).values(change))
    assert planned(connection, found) == []


def test_without_a_mandate_nothing_is_planned(connection: Connection) -> None:
    found = debits(connection)
    assert planned(connection, found) == []


def test_cancelling_a_mandate_withdraws_what_is_not_at_the_bank(connection: Connection) -> None:
    found = debits(connection)
    mandate(connection, found, "M1")
    planned(connection, found)
    mandates.cancel(connection, found.creditor, "M1", at())
    assert [row.state for row in rows(connection, found)] == ["cancelled"]
    assert held(connection, at().day) == set()


def test_the_file_is_valid_and_says_what_was_planned(connection: Connection) -> None:
    found = debits(connection, "121.00", "79.50", pay_day=25)
    mandate(connection, found)
    other = debits(connection, "10.01", key="ö2", creditor=found.creditor, kind="b2c", name="Zoë Müller")
    mandate(connection, other, holder="Zoë Müller", recurrent=False)
    planned(connection, found)
    announced(connection, found)
    assert pain008.export(connection, found.creditor, LIVE, at(8)).files[0].collections == 1  # the other is due on the 25th
    (file,) = pain008.export(connection, found.creditor, LIVE, at(15)).files
    root = etree.fromstring(file.data)
    assert pain008._schema().validate(root)
    (batch,) = root.findall(".//p:PmtInf", _OF)
    assert batch.find("p:PmtInfId", _OF).text == f"{file.id}-20261125-RCUR"
    assert batch.find("p:BtchBookg", _OF).text == "true"
    assert batch.find(".//p:InstdAmt", _OF).text == "200.50"
    assert batch.find(".//p:CdtrSchmeId//p:Othr/p:Id", _OF).text == "NL08ZZZ502057730000"
    assert [each.text for each in batch.findall(".//p:DrctDbtTxInf/p:RmtInf/p:Ustrd", _OF)] == ["c1-1 c1-2"]
    assert file.total == Decimal("200.50")


def test_addresses_are_structured_or_absent(connection: Connection) -> None:
    found = debits(connection)
    mandate(connection, found)
    other = debits(connection, key="c2", creditor=found.creditor)
    mandate(connection, other)
    connection.execute(update(CONTACTS).where(CONTACTS.c.debtor_id == other.debtor).values(address={"street": "Dam 1", "city": "Gent"}))
    (file,) = exported(connection, found, 10)
    root = etree.fromstring(file.data)
    shown = [[etree.QName(part).localname for part in each] for each in root.findall(".//p:PstlAdr", _OF)]
    assert shown == [["PstCd", "TwnNm", "Ctry"], ["StrtNm", "PstCd", "TwnNm", "Ctry"]]
    assert root.findall(".//p:AdrLine", _OF) == []


def test_exporting_again_gives_the_same_bytes_and_no_second_collection(connection: Connection) -> None:
    found = debits(connection)
    mandate(connection, found)
    (file,) = exported(connection, found, 10)
    assert pain008.export(connection, found.creditor, LIVE, at(11)).files == ()
    assert pain008.kept(connection, found.creditor) == [file]
    assert pain008.kept(connection, found.creditor, file.id) == [file]
    assert connection.scalar(select(func.count()).select_from(PAPERS)) == 1
    assert [row.state for row in rows(connection, found)] == ["exported"]
    assert connection.scalar(select(MANDATES.c.last_used_on)) == date(2026, 11, 17)


def test_the_same_file_has_the_same_bytes(connection: Connection) -> None:
    made = []
    for _ in range(2):
        with connection.begin_nested() as saved:
            found = debits(connection)
            mandate(connection, found)
            made.append(exported(connection, found, 10)[0].data)
            saved.rollback()
    assert made[0] == made[1]


@pytest.mark.parametrize("name", ["dry_run", "redirect"])
def test_outside_of_mode_live_no_file_is_made(connection: Connection, name: str) -> None:
    found = debits(connection)
    mandate(connection, found)
    planned(connection, found)
    announced(connection, found)
    with pytest.raises(ReceivablesError):
        pain008.export(connection, found.creditor, Sending(mode=name, redirect="me@acme.example"), at(10))
    mode.set_dry_run(connection, books.NOW, "tests")
    with pytest.raises(ReceivablesError):
        pain008.export(connection, found.creditor, LIVE, at(10))
    assert [row.state for row in rows(connection, found)] == ["announced"]


def _pays(connection: Connection, found: Any) -> None:
    from einvoice.receivables.ledger.payments import PaymentIn, post_payment

    post_payment(
        connection,
        found.creditor,
        PaymentIn("p", Decimal("1.00"), "EUR", at(1).day, found.debtor),
        books.booking(),
        to=[(found.invoices[0], None)],
    )


def _on_account(connection: Connection, found: Any) -> None:
    from einvoice.receivables.ledger.payments import PaymentIn, post_payment

    post_payment(connection, found.creditor, PaymentIn("p", Decimal("1.00"), "EUR", at(1).day, found.debtor), books.booking())


def _disputes(connection: Connection, found: Any) -> None:
    hold(connection, found.debtor, Reason.DISPUTE, at(1).day, invoices=found.invoices)


def _disputes_a_part(connection: Connection, found: Any) -> None:
    hold(connection, found.debtor, Reason.DISPUTE, at(1).day, invoices=found.invoices, amount=Decimal("0.01"))


def _insolvent(connection: Connection, found: Any) -> None:
    connection.execute(update(DEBTORS).values(insolvent_on=at(1).day))


def _announced_late(connection: Connection, found: Any) -> None:
    announced(connection, found)
    from einvoice.receivables.store.tables import COLLECTIONS

    connection.execute(update(COLLECTIONS).values(announced_on=at(2).day))


CHANGES = {"PAID": (_pays, _on_account, _disputes_a_part), "HELD": (_disputes, _insolvent), "LATE": (_announced_late,)}


@pytest.mark.parametrize(("reason", "change"), [(reason, change) for reason, all_ in CHANGES.items() for change in all_])
def test_what_no_longer_holds_is_withdrawn_instead(connection: Connection, reason: str, change: Any) -> None:
    found = debits(connection)
    mandate(connection, found)
    planned(connection, found)
    announced(connection, found)
    change(connection, found)
    made = pain008.export(connection, found.creditor, LIVE, at(10))
    assert (made.files, made.withdrawn) == ((), {reason: 1})
    assert ("payment_pending", found.invoices[0]) not in held(connection, at(10).day)


def test_a_day_before_it_is_too_late_for_the_bank(connection: Connection) -> None:
    found = debits(connection)
    mandate(connection, found)
    planned(connection, found)
    announced(connection, found)
    assert pain008.export(connection, found.creditor, LIVE, at(15)).withdrawn == {"LATE": 1}  # it is due on that day


def test_an_account_outside_the_eea_needs_bic_and_address(connection: Connection) -> None:
    found = debits(connection)
    mandate(connection, found, iban="CH9300762011623852957")
    assert exported(connection, found, 10) == ()
    assert [row.reason for row in rows(connection, found)] == ["ADDRESS"]


@pytest.mark.parametrize("lacks", ["iban", "sepa_id"])
def test_a_creditor_without_account_or_identifier_collects_nothing(connection: Connection, lacks: str) -> None:
    found = debits(connection)
    mandate(connection, found)
    connection.execute(update(CREDITORS).values({lacks: None}))
    with pytest.raises(ReceivablesError):
        exported(connection, found, 10)


@pytest.mark.parametrize("text", ["DE98ZZZ09999999999", "NL08ZZZ502057730000", "BE69ZZZ050D000000008", "de98 zzz 0999 9999 999"])
def test_a_creditor_identifier(text: str) -> None:
    assert identifiers.sepa_id(text) == text.replace(" ", "").upper()


@pytest.mark.parametrize("text", ["DE99ZZZ09999999999", "DE98", "1298ZZZ09999999999", "NL08ZZZ502057730001"])
def test_no_creditor_identifier(text: str) -> None:
    with pytest.raises(ReceivablesError):
        identifiers.sepa_id(text)


def test_a_mandate_for_once_is_used_up(connection: Connection) -> None:
    found = debits(connection)
    mandate(connection, found, recurrent=False)
    exported(connection, found, 10)
    assert connection.scalar(select(MANDATES.c.state)) == "used"
    assert timedelta(0) < rows(connection, found)[0].due - at(10).day
