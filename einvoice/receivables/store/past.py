"""Invoices as they stood at the end of an earlier day: what was done about them since is taken back."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from einvoice.money import ZERO
from einvoice.receivables.snapshot import InvoiceSnapshot
from einvoice.receivables.store.streams import Days, Stream, amount


class Past:
    """Takes back what streams tell of the time after a day: `changes` of the follow-up, the latest first, and what was `charged`."""

    def __init__(self, changes: Stream, charged: Stream, day: date) -> None:
        self._changes = changes
        self._charged = charged
        self._day = day
        self._days = Days()

    def of(self, debtor: int, invoices: list[InvoiceSnapshot]) -> list[InvoiceSnapshot]:
        """A debtor's invoices as they stood."""
        changes, charged = defaultdict(list), defaultdict(list)
        for _, invoice, *change in self._changes.of(debtor):
            changes[invoice].append(change)
        for _, invoice, *charge in self._charged.of(debtor):
            charged[invoice].append(charge)
        return [self._followed(self._stood(invoice, charged[invoice.id]), changes[invoice.id]) for invoice in invoices]

    def _stood(self, invoice: InvoiceSnapshot, charged: list[Any]) -> InvoiceSnapshot:
        """Before the charges that were booked since."""
        stage = "open" if invoice.stage in ("settled", "written_off", "reversed") and invoice.open else invoice.stage
        interest = sum((amount(mills) for kind, mills in charged if kind == "interest"), ZERO)
        costs = sum((amount(mills) for kind, mills in charged if kind == "costs"), ZERO)
        return invoice._replace(
            stage=stage, interest_booked=max(invoice.interest_booked - interest, ZERO), costs_booked=max(invoice.costs_booked - costs, ZERO)
        )

    def _followed(self, invoice: InvoiceSnapshot, changes: list[Any]) -> InvoiceSnapshot:
        """Before the actions that were planned, withdrawn or counted since."""
        for change in changes:
            (on, withdrawn, _, counted, kind, flow, step, offset, final, notice, *was, _) = change
            planned_later = self._days[on] > self._day
            if counted is not None and self._days[counted] > self._day:
                invoice = invoice._replace(contacts=invoice.contacts - 1)
            if planned_later and not withdrawn:
                invoice = self._before(invoice, f"{flow}.{step} ", notice, was)
            elif withdrawn and not planned_later:
                stage = "handed_over" if kind == "handover" else "final" if final else invoice.stage
                again = {"flow": flow, "step": step, "offset": offset, "stepped": self._days[on], "stage": stage}
                invoice = invoice._replace(**again, trail=f"{invoice.trail}{flow}.{step} ")
        return invoice

    def _before(self, invoice: InvoiceSnapshot, token: str, notice: str | None, was: list[Any]) -> InvoiceSnapshot:
        flow, step, offset, on, stage = was
        if notice and notice == invoice.notice:
            invoice = invoice._replace(notice=None, notice_on=None, costs_stated=None)
        earlier = {"flow": flow, "step": step, "offset": offset, "stepped": self._days[on], "stage": stage or invoice.stage}
        return invoice._replace(**earlier, trail=invoice.trail.removesuffix(token))
