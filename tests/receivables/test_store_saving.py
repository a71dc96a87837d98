"""Saving actions, and what becomes of them, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from einvoice.database import connect, reading
from einvoice.receivables import ledger
from einvoice.receivables.store import Repository, Saved, SqlRepository, cancel, complete, fail, pending, queue, save, save_all, snapshots
from einvoice.receivables.store.bodies import action_from_json
from einvoice.receivables.store.tables import ACTIONS, TAKEN
from tests.receivables import books
from tests.receivables.stores import DAY, action, follow_up, live, place, states, store

UNTOUCHED = (None, None, None, None, "open", "")
LATER = DAY + timedelta(days=7)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with place(request.param, tmp_path) as where, store(where) as made:
        yield made


def test_an_action_is_saved_with_its_explanation_and_moves_its_invoices_on(engine: Engine) -> None:
    planned = action(1, (1, 2), "email", "sms", notice="nl-14-day-letter")
    with connect(engine) as connection:
        assert save(connection, 1, [planned]) == Saved(saved=1)
        assert follow_up(connection, 1) == follow_up(connection, 2) == ("nl", "r1", 0, DAY, "open", "nl.r1 ")
        assert follow_up(connection, 3) == UNTOUCHED
        row = connection.execute(select(ACTIONS)).mappings().one()
        assert action_from_json(row["body"]) == planned
        columns = ("id", "state", "amount", "not_before", "not_after", "notice", "final", "debtor_id", "day")
        wanted = (planned.id, "planned", planned.amount, planned.not_before, planned.not_after, "nl-14-day-letter", False, 1, DAY)
        assert tuple(row[name] for name in columns) == wanted
        taken = connection.execute(select(TAKEN.c.invoice_id, TAKEN.c.channel, TAKEN.c.amount, TAKEN.c.was_stage)).all()
        assert sorted(map(tuple, taken)) == [(number, by, Decimal("100.00"), "open") for number in (1, 2) for by in ("email", "sms")]


def test_saving_again_changes_nothing(engine: Engine) -> None:
    planned = [action(1, (1, 2)), action(2, (3,))]
    assert save_all(engine, 1, planned) == Saved(saved=2)
    assert save_all(engine, 1, planned) == Saved(there=2)
    with connect(engine) as connection:
        assert follow_up(connection, 1)[5] == "nl.r1 "
        assert live(connection) == 3


def test_another_action_of_the_debtor_that_day_is_left_out(engine: Engine) -> None:
    assert save_all(engine, 1, [action(1, (1,)), action(1, (2,)), action(2, (3,))]) == Saved(saved=2, other=1)
    assert save_all(engine, 1, [action(1, (2,))]) == Saved(other=1)
    with connect(engine) as connection:
        assert follow_up(connection, 2) == UNTOUCHED


def test_a_step_that_an_invoice_has_met_is_not_taken_again(engine: Engine) -> None:
    assert save_all(engine, 1, [action(1, (1,))]) == Saved(saved=1)
    assert save_all(engine, 1, [action(1, (1, 2), day=LATER), action(2, (3,), day=LATER)]) == Saved(saved=1, taken=1)
    assert save_all(engine, 1, [action(1, (1, 2), day=LATER, step="r2")]) == Saved(saved=1)
    with connect(engine) as connection:
        assert follow_up(connection, 1)[5] == "nl.r1 nl.r2 "


@pytest.mark.parametrize(("withdraw", "state"), [(cancel, "cancelled"), (fail, "failed")])
def test_a_withdrawn_action_gives_its_invoices_back(engine: Engine, withdraw: object, state: str) -> None:
    first, second = action(1, (1, 2)), action(1, (1, 2), "letter", "email", day=LATER, step="r2", final=True)
    save_all(engine, 1, [first, second])
    with connect(engine) as connection:
        assert follow_up(connection, 1) == ("nl", "r2", 7, LATER, "final", "nl.r1 nl.r2 ")
        assert withdraw(connection, second.id, "paid", LATER)  # type: ignore[operator]
        assert not withdraw(connection, second.id, "paid", LATER)  # type: ignore[operator]
        assert follow_up(connection, 1) == follow_up(connection, 2) == ("nl", "r1", 0, DAY, "open", "nl.r1 ")
        assert states(connection)[second.id] == state
        assert live(connection) == 2


def test_a_withdrawn_action_is_planned_anew(engine: Engine) -> None:
    planned = action(1, (1, 2))
    save_all(engine, 1, [planned])
    with connect(engine) as connection:
        cancel(connection, planned.id, "the address was wrong")
    again = planned._replace(language="fr")
    assert again.id == planned.id
    assert save_all(engine, 1, [again]) == Saved(saved=1)
    with connect(engine) as connection:
        assert states(connection) == {planned.id: "planned"}
        assert [stored.action for stored in pending(connection, 1, DAY)] == [again]
        assert live(connection) == 2
        assert follow_up(connection, 1)[5] == "nl.r1 "


def test_the_stage_goes_back_though_the_invoice_was_paid_and_the_payment_returned(engine: Engine) -> None:
    planned = action(1, (1,), kind="handover", messages=(), handover="agency")
    save_all(engine, 1, [planned])
    with connect(engine) as connection:
        assert follow_up(connection, 1)[4] == "final"
        assert connection.scalar(select(TAKEN.c.channel)) == "-"
        ledger.write_off(connection, 1, books.booking(DAY))
        assert follow_up(connection, 1)[4] == "written_off"
        cancel(connection, planned.id, "paid")
        assert follow_up(connection, 1)[4] == "written_off"


def test_pending_actions_come_by_day_and_debtor_and_may_be_settled_meanwhile(engine: Engine) -> None:
    planned = [action(3, (5,)), action(1, (1,), day=DAY - timedelta(days=1)), action(2, (3,)), action(1, (2,), day=LATER)]
    save_all(engine, 1, planned)
    with connect(engine) as connection:
        met = []
        for stored in pending(connection, 1, DAY):
            met.append(stored.action.debtor)
            assert queue(connection, stored.id)
            assert not queue(connection, stored.id)
            assert complete(connection, stored.id, DAY) is True
            assert cancel(connection, stored.id, "too late") is False
        assert met == [1, 2, 3]
        assert list(pending(connection, 1, DAY)) == []
        assert connection.scalar(select(func.count()).where(ACTIONS.c.settled_on == DAY)) == 3


def test_pages_of_pending_actions_leave_none_out(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("einvoice.receivables.store.settling._PAGE", 2)
    save_all(engine, 1, [action(debtor, (2 * debtor,)) for debtor in (1, 2, 3)])
    with connect(engine) as connection:
        assert [stored.action.debtor for stored in pending(connection, 1, DAY)] == [1, 2, 3]


def test_a_debtor_with_a_pending_action_says_so(engine: Engine) -> None:
    planned = action(2, (3,))
    save_all(engine, 1, [planned])
    with reading(engine) as connection:
        found = {debtor.id: (debtor.pending, debtor.steps_on) for debtor in snapshots(connection, 1, DAY)}
    assert found == {1: (False, ()), 2: (True, (DAY,)), 3: (False, ())}
    with connect(engine) as connection:
        complete(connection, planned.id)
        assert not any(debtor.pending for debtor in snapshots(connection, 1, DAY))


def test_an_amount_finer_than_the_database_keeps_saves_nothing(engine: Engine) -> None:
    with pytest.raises(ValueError, match="decimals"):
        save_all(engine, 1, [action(1, (1,)), action(2, (3,), amount=Decimal("1.00001"))])
    with connect(engine) as connection:
        assert states(connection) == {}
        assert follow_up(connection, 1) == UNTOUCHED


def test_the_functions_are_a_repository() -> None:
    repository: Repository = SqlRepository()
    assert repository.save is save
