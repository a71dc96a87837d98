"""Disputes: they stop follow-up, have an owner, and what passes its time is escalated once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import Connection, select, update

from einvoice.errors import ReceivablesError
from einvoice.receivables.cases import disputes, overdue, people
from einvoice.receivables.cases.categories import DAYS, in_events
from einvoice.receivables.cases.clocks import tick
from einvoice.receivables.cases.disputes import Objection
from einvoice.receivables.store.tables import DEBTORS, INVOICES, PEOPLE, TASKS
from tests.receivables.cases_books import POLICY, Here, at, changed, dispute, held, here, history, person, tasks, told


def test_a_dispute_stops_its_invoice_and_ends_with_it(connection: Connection, found: Here) -> None:
    case = disputes.register(connection, Objection(found.invoices[0], "price_not_as_agreed", Decimal("20.00")), POLICY, at())
    row = dispute(connection, case)
    assert (row.state, row.owner_id, row.amount, (row.answer_due - row.opened_on).days) == ("open", found.person, Decimal("20.00"), 14)
    assert held(connection, at().day) == {("dispute", found.invoices[0])}
    disputes.assign(connection, case, found.person, at(1))
    disputes.wait(connection, case, "customer", at(2))
    disputes.wait(connection, case, "us", at(3))
    disputes.reject(connection, case, at(4))
    assert held(connection, at(4).day) == set()
    assert history(connection, "dispute", case) == ["open", "assigned", "waiting_customer", "waiting_us", "rejected"]
    assert told(connection) == {"dispute.opened": 1, "dispute.resolved": 1}


def test_the_same_message_is_one_dispute(connection: Connection, found: Here) -> None:
    twice = [disputes.register(connection, Objection(found.invoices[0], "other", key="mail-1"), POLICY, at(day)) for day in (0, 1)]
    assert twice[0] == twice[1]
    assert told(connection) == {"dispute.opened": 1}


@pytest.mark.parametrize("category", DAYS)
def test_every_category_has_its_days_and_its_name_in_events(connection: Connection, found: Here, category: str) -> None:
    case = disputes.register(connection, Objection(found.invoices[0], category), POLICY, at())
    assert dispute(connection, case).answer_due == at(DAYS[category]).day
    assert in_events(category)


def test_the_policy_decides_the_days(connection: Connection, found: Here) -> None:
    case = disputes.register(connection, Objection(found.invoices[0], "other"), changed(disputes={"categories": {"other": 9}}), at())
    assert dispute(connection, case).answer_due == at(9).day


@pytest.mark.parametrize(
    "wrong",
    [
        Objection(999, "other"),
        Objection(1, "no such category"),
        Objection(1, "other", Decimal(0)),
        Objection(1, "other", Decimal("121.01")),
    ],
)
def test_what_is_no_objection_is_refused(connection: Connection, found: Here, wrong: Objection) -> None:
    with pytest.raises(ReceivablesError):
        disputes.register(connection, wrong, POLICY, at())
    assert held(connection, at().day) == set()


def test_an_illegal_move_names_what_is_allowed(connection: Connection, found: Here) -> None:
    case = disputes.register(connection, Objection(found.invoices[0], "other"), POLICY, at())
    with pytest.raises(ReceivablesError, match="accepted or rejected or withdrawn"):
        disputes.credit(connection, case, "C1", at())
    disputes.withdraw(connection, case, at())
    with pytest.raises(ReceivablesError, match="withdrawn"):
        disputes.assign(connection, case, found.person, at())


def test_a_credit_is_posted_and_set_off(connection: Connection, found: Here) -> None:
    case = disputes.register(connection, Objection(found.invoices[1], "price_not_as_agreed", Decimal("200.00")), POLICY, at())
    disputes.accept(connection, case, at(1))
    assert held(connection, at(1).day) == {("dispute", found.invoices[1])}  # conceded: nobody is reminded of it before it is credited
    with pytest.raises(ReceivablesError):
        disputes.resume(connection, case, at(1))
    note = disputes.credit(connection, case, "C1", at(2))
    assert held(connection, at(2).day) == set()
    row = dispute(connection, case)
    assert (row.state, row.outcome, row.credit_note_id) == ("credited", "credited", note)
    left = {row.number: row.open for row in connection.execute(select(INVOICES.c.number, INVOICES.c.open))}
    assert (left["F2"], left["C1"]) == (Decimal("800.00"), 0)


def test_accepted_without_a_credit_it_ends(connection: Connection, found: Here) -> None:
    case = disputes.register(connection, Objection(found.invoices[1], "po_number_missing"), POLICY, at())
    disputes.accept(connection, case, at(1), credit_due=False)
    assert held(connection, at(1).day) == set()
    assert dispute(connection, case).outcome == "accepted"
    with pytest.raises(ReceivablesError):
        disputes.credit(connection, case, "C1", at(2))


@pytest.mark.parametrize("kind", ["b2b", "b2c", "public"])
def test_a_day_past_its_time_it_escalates_once(connection: Connection, kind: str) -> None:
    found = here(connection, kind=kind)
    deputy = person(connection, found.creditor, "bob")
    connection.execute(update(PEOPLE).where(PEOPLE.c.id == found.person).values(deputy_id=deputy))
    case = disputes.register(connection, Objection(found.invoices[0], "other"), POLICY, at())
    counts = [tick(connection, found.creditor, POLICY, at(day).day, at(day).now) for day in (2, 3, 4, 4, 5)]
    assert counts == [{}, {}, {"disputes.escalated": 1}, {}, {}]
    assert told(connection)["dispute.escalated"] == 1
    assert [(task.owner_id, task.kind) for task in tasks(connection)] == [(deputy, "escalation" if kind == "b2b" else "decide")]
    resumed = kind == "b2b"
    assert dispute(connection, case).resumed == resumed
    assert held(connection, at(5).day) == (set() if resumed else {("dispute", found.invoices[0])})


def test_a_person_lets_follow_up_go_on(connection: Connection) -> None:
    found = here(connection, kind="b2c")
    case = disputes.register(connection, Objection(found.invoices[0], "other"), POLICY, at())
    tick(connection, found.creditor, POLICY, at(4).day, at(4).now)
    disputes.resume(connection, case, at(5))
    assert held(connection, at(5).day) == set()
    assert tasks(connection) == []


def test_what_was_conceded_and_what_the_receiver_rejected_never_resumes(connection: Connection, found: Here) -> None:
    conceded = disputes.register(connection, Objection(found.invoices[0], "other"), POLICY, at())
    disputes.accept(connection, conceded, at())
    disputes.register(connection, Objection(found.invoices[1], "other", binding=True), POLICY, at())
    assert tick(connection, found.creditor, POLICY, at(9).day, at(9).now) == {"disputes.escalated": 2}
    assert held(connection, at(9).day) == {("dispute", found.invoices[0]), ("dispute", found.invoices[1])}


def test_what_resumed_and_was_then_conceded_is_held_again(connection: Connection, found: Here) -> None:
    case = disputes.register(connection, Objection(found.invoices[0], "other"), POLICY, at())
    tick(connection, found.creditor, POLICY, at(4).day, at(4).now)
    assert held(connection, at(4).day) == set()
    disputes.accept(connection, case, at(5))
    assert held(connection, at(5).day) == {("dispute", found.invoices[0])}


def test_the_owner_is_who_takes_the_category(connection: Connection, found: Here) -> None:
    pricing = person(connection, found.creditor, "pia", categories=["price_not_as_agreed"])
    cases = [disputes.register(connection, Objection(found.invoices[0], name), POLICY, at()) for name in ("price_not_as_agreed", "other")]
    assert [dispute(connection, case).owner_id for case in cases] == [pricing, found.person]


def test_while_the_owner_is_away_the_deputy_has_it(connection: Connection, found: Here) -> None:
    deputy = person(connection, found.creditor, "bob", categories=["price_not_as_agreed"])
    away = {"deputy_id": deputy, "away_from": at(1).day, "away_until": at(3).day}
    connection.execute(update(PEOPLE).where(PEOPLE.c.id == found.person).values(away))
    owners = [
        dispute(connection, disputes.register(connection, Objection(found.invoices[0], "other"), POLICY, at(day))).owner_id
        for day in range(5)
    ]
    assert owners == [found.person, deputy, deputy, deputy, found.person]


def test_without_anybody_active_a_dispute_is_refused(connection: Connection, found: Here) -> None:
    connection.execute(update(PEOPLE).values(active=False))
    with pytest.raises(ReceivablesError):
        disputes.register(connection, Objection(found.invoices[0], "other"), POLICY, at())
    assert held(connection, at().day) == set()


def test_whoever_leaves_hands_over(connection: Connection, found: Here) -> None:
    case = disputes.register(connection, Objection(found.invoices[0], "other"), POLICY, at())
    with pytest.raises(ReceivablesError):
        people.deactivate(connection, found.person, at())
    heir = person(connection, found.creditor, "bob")
    assert people.deactivate(connection, found.person, at()) == 1
    assert dispute(connection, case).owner_id == heir


def test_the_clock_finds_an_owner_for_what_lost_its_own(connection: Connection, found: Here) -> None:
    case = disputes.register(connection, Objection(found.invoices[0], "other"), POLICY, at())
    connection.execute(update(PEOPLE).values(active=False))
    assert tick(connection, found.creditor, POLICY, at().day, at().now) == {"failed": 1}
    heir = person(connection, found.creditor, "bob")
    assert tick(connection, found.creditor, POLICY, at().day, at().now) == {"disputes.reassigned": 1}
    assert dispute(connection, case).owner_id == heir


def test_a_failing_case_stops_no_other(connection: Connection, found: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (disputes.register(connection, Objection(invoice, "other"), POLICY, at()) for invoice in found.invoices[:2])
    escalate = overdue.escalate

    def broken(connection: Connection, case: int, *rest: object) -> bool:
        escalate(connection, case, *rest)  # type: ignore[arg-type]
        if case == first:
            connection.execute(DEBTORS.insert().values(id=found.debtor))  # what breaks in the middle leaves nothing
        return True

    monkeypatch.setattr(overdue, "escalate", broken)
    assert tick(connection, found.creditor, POLICY, at(9).day, at(9).now) == {"failed": 1, "disputes.escalated": 1}
    assert (dispute(connection, first).escalated_on, dispute(connection, second).escalated_on) == (None, at(9).day)
    monkeypatch.undo()
    assert tick(connection, found.creditor, POLICY, at(9).day, at(9).now) == {"disputes.escalated": 1}


def test_tasks_of_whoever_left_go_on(connection: Connection, found: Here) -> None:
    disputes.register(connection, Objection(found.invoices[0], "other"), POLICY, at())
    tick(connection, found.creditor, POLICY, at(9).day, at(9).now)
    heir = person(connection, found.creditor, "bob")
    people.deactivate(connection, found.person, at(9))
    assert connection.scalars(select(TASKS.c.owner_id)).all() == [heir]
