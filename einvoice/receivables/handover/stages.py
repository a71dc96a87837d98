"""Where invoices stand that are handed over: `handed_over` once the agency's copy was sent, `final` again where it came back."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from einvoice.receivables import store
from einvoice.receivables.aftermath import book_charges
from einvoice.receivables.cases.case import At, record
from einvoice.receivables.store.bodies import action_from_json
from einvoice.receivables.store.tables import ACTIONS, INVOICES, TAKEN


def handed_over(connection: Connection, action: str, at: At, note: str | None = None) -> int:
    """Marks the invoices of a hand-over as handed over; how many. Those that were settled meanwhile stay settled."""
    return _move(connection, action, "final", "handed_over", at, note)


def by_hand(connection: Connection, action: str, went: bool, at: At, result: str) -> None:
    """What a person says of a hand-over: it went, so that its charges are owed and its invoices handed over, or it did not.

    An action that is no hand-over is left alone.
    """
    row = connection.execute(select(ACTIONS.c.kind, ACTIONS.c.body).where(ACTIONS.c.id == action)).one_or_none()
    if row is None or row.kind != "handover":
        return
    if went:
        book_charges(connection, action, action_from_json(row.body), at.day, at.now)
        handed_over(connection, action, at, result)
        store.complete(connection, action, at.day)
    else:
        store.fail(connection, action, result, at.day)


def came_back(connection: Connection, action: str, at: At, note: str | None = None) -> int:
    """Marks the invoices of a hand-over as no longer handed over, because the copy did not arrive; how many."""
    return _move(connection, action, "handed_over", "final", at, note)


def _move(connection: Connection, action: str, was: str, becomes: str, at: At, note: str | None) -> int:
    mine = select(TAKEN.c.invoice_id).where(TAKEN.c.action_id == action, TAKEN.c.live.is_(True))
    stood = select(INVOICES.c.id).where(INVOICES.c.id.in_(mine), INVOICES.c.stage == was).order_by(INVOICES.c.id).with_for_update()
    found = list(connection.scalars(stood))
    for invoice in found:
        connection.execute(update(INVOICES).where(INVOICES.c.id == invoice).values(stage=becomes))
        record(connection, "invoice", invoice, was, becomes, at, note)
    before = update(INVOICES).where(
        INVOICES.c.id.in_(mine), INVOICES.c.stage_before == was, INVOICES.c.stage.in_(("settled", "written_off"))
    )
    connection.execute(before.values(stage_before=becomes))
    return len(found)
