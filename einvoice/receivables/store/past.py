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
        interest = sum((amount(mills) for kind, mills in charged if kind == "interest"), ZERO)
        costs = sum((amount(mills) for kind, mills in charged if kind == "costs"), ZERO)
        return invoice._replace(
            interest_booked=max(invoice.interest_booked - interest, ZERO), costs_booked=max(invoice.costs_booked - costs, ZERO)
        )

    def _followed(self, invoice: InvoiceSnapshot, changes: list[Any]) -> InvoiceSnapshot:
        """Before the actions that were planned, done, withdrawn or counted since."""
        for on, withdrawn, settled, counted, kind, flow, step, offset, final, notice, *was, _ in changes:
            if self._is_later(counted):
                invoice = invoice._replace(contacts=invoice.contacts - 1)
            if notice and notice == invoice.notice and not withdrawn and self._is_later(settled or on):
                invoice = invoice._replace(notice=None, notice_on=None, costs_stated=None)
            if self._is_later(on) and not withdrawn:
                invoice = self._before(invoice, f"{flow}.{step} ", was)
            elif withdrawn and not self._is_later(on):
                reached = "final" if final or kind == "handover" else None
                stage = reached if reached and invoice.open else invoice.stage
                again = {"flow": flow, "step": step, "offset": offset, "stepped": self._days[on], "stage": stage}
                invoice = invoice._replace(**again, trail=f"{invoice.trail}{flow}.{step} ")
        return invoice

    def _before(self, invoice: InvoiceSnapshot, token: str, was: list[Any]) -> InvoiceSnapshot:
        flow, step, offset, on, stage = was
        stood_at = stage if stage and invoice.open else invoice.stage
        earlier = {"flow": flow, "step": step, "offset": offset, "stepped": self._days[on], "stage": stood_at}
        return invoice._replace(**earlier, trail=invoice.trail.removesuffix(token))

    def _is_later(self, on: Any) -> bool:
        return on is not None and self._days[on] > self._day
