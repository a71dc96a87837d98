"""What each Invoice Response means, written down once more from the design, and what differs from it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, func, select

from einvoice.events import Clarification, InvoiceResponse, Status
from einvoice.receivables.cases.clocks import tick
from einvoice.receivables.cases.responses import respond
from einvoice.receivables.store.tables import DISPUTES, HISTORY, HOLDS
from tests.receivables.cases_books import POLICY, Here, at, held, here, tasks, undone

STATUSES = ("AB", "IP", "AP", "PD", "UQ", "CA", "RE")
REASONS = {
    "REF": "po_number_missing",
    "PRI": "price_not_as_agreed",
    "QTY": "invoice_incorrect",
    "ITM": "invoice_incorrect",
    "LEG": "invoice_incorrect",
    "FIN": "invoice_incorrect",
    "PAY": "invoice_incorrect",
    "QUA": "delivery_quality",
    "DEL": "delivery_quality",
    "REC": "invoice_incorrect",
    "UNR": "other",
    "OTH": "other",
    "NON": "other",
    "PPD": "other",
}
TRIAGE = frozenset({"UNR", "OTH", "NON", "PPD"})
ACTIONS = {"CNF": "credit", "CNP": "credit", "CNA": "credit", "NIN": "new_invoice", "PIN": "information", "NOA": None}
DAYS = {"po_number_missing": 14, "price_not_as_agreed": 14, "invoice_incorrect": 14, "delivery_quality": 14, "other": 3}


def response(invoice: int, status: str, *reasons: str, actions: tuple[str, ...] = (), message: str = "m1") -> InvoiceResponse:
    """A response to an invoice."""
    told: dict[str, Any] = {"reasons": [Clarification(code=code) for code in reasons], "actions": [Clarification(code=c) for c in actions]}
    return InvoiceResponse(time=at().now, invoice=str(invoice), number="F1", message=message, status=Status(status), **told)


def wrong(engine: Engine, status: str, reason: str | None, action: str | None) -> list[str]:
    """What differs from the design when this response comes twice and time passes."""
    with undone(engine) as connection:
        found = here(connection)
        came = response(found.invoices[0], status, *([reason] if reason else []), actions=(action,) if action else ())
        for _ in range(2):
            respond(connection, came, POLICY, at())
        differs = [] if _kept(connection, found) == [status] else ["the proof is not kept once"]
        if status in ("UQ", "CA", "RE"):
            assert reason is not None
            return differs + _as_dispute(connection, found, status, reason, action)
        return differs + _as_pause(connection, found, pauses=status == "PD" and reason != "PPD")


def _kept(connection: Connection, found: Here) -> list[str]:
    wanted = select(HISTORY.c.became).where(HISTORY.c.kind == "response", HISTORY.c.case_id == found.invoices[0])
    return list(connection.scalars(wanted))


def _as_pause(connection: Connection, found: Here, *, pauses: bool) -> list[str]:
    held_on = [day for day in range(12) if ("payment_pending", found.invoices[0]) in held(connection, at(day).day)]
    disputes = connection.scalar(select(func.count()).select_from(DISPUTES))
    return [*(["pause"] if held_on != (list(range(8)) if pauses else []) else []), *(["a dispute"] if disputes else [])]


def _as_dispute(connection: Connection, found: Here, status: str, reason: str, action: str | None) -> list[str]:
    rows = connection.execute(select(DISPUTES)).all()
    if len(rows) != 1:
        return [f"{len(rows)} disputes"]
    (row,), asked = rows, tasks(connection)
    proposal = ACTIONS.get(action or "")
    days = DAYS[REASONS[reason]]
    tick(connection, found.creditor, POLICY, at(days + 1).day, at(days + 1).now)
    goes_on = not held(connection, at(days + 1).day)
    checks = {
        "category": row.category == REASONS[reason],
        "binding": row.binding == (status == "RE"),
        "state": row.state == "waiting_us",
        "answer due": row.answer_due == at(days).day,
        "hold": connection.scalar(select(func.count()).select_from(HOLDS)) == 1,
        "never reminded": goes_on == (status != "RE"),
        "task": len(asked) == bool(reason in TRIAGE or proposal),
        "proposal": proposal is None or proposal in asked[0].text,
        "owner": all(task.owner_id == found.person for task in asked),
    }
    return [name for name, holds in checks.items() if not holds]
