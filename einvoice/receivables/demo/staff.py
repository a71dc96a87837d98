"""What the people of the demo do: answer disputes, approve plans, make calls; the work of the last days is left for whoever looks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from einvoice.errors import ReceivablesError
from einvoice.receivables.cases import disputes, plans, tasks
from einvoice.receivables.cases.case import At
from einvoice.receivables.demo.chance import Chance
from einvoice.receivables.store.tables import DISPUTES, INVOICES, PLANS, TASKS

_ENDS = (("credit", 40), ("reject", 45), ("withdraw", 15))
_LEFT = timedelta(days=6)


class Staff:
    """People at work until a few days before the demo ends."""

    def __init__(self, last: date, seed: int) -> None:
        self._until = last - _LEFT
        self._seed = seed

    def work(self, connection: Connection, creditor: int, at: At) -> None:
        """A day's work."""
        if at.day > self._until:
            return
        for dispute in connection.execute(self._answerable(creditor, at.day)).all():
            self._answer(connection, dispute, at)
        proposed = (PLANS.c.creditor_id == creditor, PLANS.c.state == "proposed")
        for plan in connection.scalars(select(PLANS.c.id).where(*proposed).order_by(PLANS.c.id)).all():
            plans.approve(connection, plan, at._replace(by="elif"))
        calls = (TASKS.c.creditor_id == creditor, TASKS.c.kind == "call", TASKS.c.done_on.is_(None))
        for task in connection.scalars(select(TASKS.c.id).where(*calls).order_by(TASKS.c.id)).all():
            picked_up = Chance(self._seed, "call", task).is_so(0.6)
            tasks.done(connection, task, "answered" if picked_up else "no answer", at._replace(by="joris"))

    def _answerable(self, creditor: int, day: date) -> Any:
        """Open disputes that came some days ago; one in eight is left too long."""
        old = (DISPUTES.c.creditor_id == creditor, DISPUTES.c.closed_on.is_(None), DISPUTES.c.opened_on <= day - timedelta(days=5))
        return select(DISPUTES).where(*old).order_by(DISPUTES.c.id)

    def _answer(self, connection: Connection, dispute: Row[Any], at: At) -> None:
        chance = Chance(self._seed, "answer", dispute.id)
        if chance.is_so(0.125):
            return
        by, end = at._replace(by="noor"), chance.of(_ENDS)
        try:
            with connection.begin_nested():
                if end == "credit":
                    disputes.accept(connection, dispute.id, by)
                    number = connection.scalar(select(INVOICES.c.number).where(INVOICES.c.id == dispute.invoice_id))
                    disputes.credit(connection, dispute.id, f"C-{number}", by)
                elif end == "reject":
                    disputes.reject(connection, dispute.id, by, "what was delivered is what was agreed")
                else:
                    disputes.withdraw(connection, dispute.id, by, "the customer understood it meanwhile")
        except ReceivablesError:  # paid meanwhile: then there is nothing to credit
            disputes.withdraw(connection, dispute.id, by, "it was paid")
