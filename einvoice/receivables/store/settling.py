"""What becomes of saved actions: waiting to be sent, on their way, done, or withdrawn, which gives their invoices back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Text, case, cast, func, literal, select, tuple_, update

from einvoice.receivables.actions import Action
from einvoice.receivables.store.bodies import action_from_json
from einvoice.receivables.store.tables import ACTIONS, INVOICES, TAKEN

_PAGE = 500
_WAITING = ("planned", "queued")
_BY_ACTIONS = ("final", "handed_over")  # the stages that actions bring about
_ORDER = (ACTIONS.c.day, ACTIONS.c.debtor_id, ACTIONS.c.id)


class Stored(NamedTuple):
    """A saved action: its id, the run that planned it last, and what it says."""

    id: str
    run: int
    action: Action


def pending(connection: Connection, creditor: int, day: date) -> Iterator[Stored]:
    """Planned actions up to a day that are not on their way yet, by day and debtor.

    They are read some hundred at a time, so the caller may settle each before it asks for the next.
    """
    columns = (ACTIONS.c.id, ACTIONS.c.run_id, cast(ACTIONS.c.body, Text).label("body"), ACTIONS.c.day, ACTIONS.c.debtor_id)
    waits = (ACTIONS.c.creditor_id == creditor, ACTIONS.c.state == "planned", ACTIONS.c.day <= day)
    query = select(*columns).where(*waits).order_by(*_ORDER).limit(_PAGE)
    page = connection.execute(query).all()
    while page:
        yield from (Stored(row.id, row.run_id, action_from_json(row.body)) for row in page)
        last = page[-1]
        place = [literal(value, column.type) for value, column in zip((last.day, last.debtor_id, last.id), _ORDER, strict=True)]
        page = connection.execute(query.where(tuple_(*_ORDER) > tuple_(*place))).all() if len(page) == _PAGE else []


def queue(connection: Connection, action: str) -> bool:
    """Marks a planned action as on its way; False where it is no longer planned: another has it, or it was withdrawn."""
    return _set(connection, action, ("planned",), {"state": "queued"})


def complete(connection: Connection, action: str, day: date | None = None) -> bool:
    """Marks an action as done on a day (its own, unless told); False where it was settled before."""
    return _set(connection, action, _WAITING, {"state": "done", "settled_on": func.coalesce(day, ACTIONS.c.day)})


def cancel(connection: Connection, action: str, reason: str, day: date | None = None) -> bool:
    """Withdraws an action before anything of it went out: its invoices' follow-up stands where it stood before.

    `day` is when (the action's own, unless told). False where it was settled before.
    """
    return _withdraw(connection, action, "cancelled", reason, day)


def fail(connection: Connection, action: str, reason: str, day: date | None = None) -> bool:
    """Notes that nothing of an action arrived, and nothing will; its invoices' follow-up stands where it stood before.

    `day` is when (the action's own, unless told). False where it was settled before.
    """
    return _withdraw(connection, action, "failed", reason, day)


def _withdraw(connection: Connection, action: str, state: str, reason: str, day: date | None) -> bool:
    values = {"state": state, "reason": reason, "settled_on": func.coalesce(day, ACTIONS.c.day)}
    if not _set(connection, action, _WAITING, values):
        return False
    columns = ("invoice_id", "was_flow", "was_step", "was_offset", "was_on", "was_stage")
    taken = select(*(TAKEN.c[name] for name in columns)).distinct().where(TAKEN.c.action_id == action, TAKEN.c.live.is_(True))
    found = connection.execute(taken.order_by(TAKEN.c.invoice_id)).mappings().all()
    flow, step, on = connection.execute(select(ACTIONS.c.flow, ACTIONS.c.step, ACTIONS.c.day).where(ACTIONS.c.id == action)).one()
    for was in found:
        still = (INVOICES.c.id == was["invoice_id"], INVOICES.c.flow == flow, INVOICES.c.step == step, INVOICES.c.step_on == on)
        connection.execute(update(INVOICES).where(*still).values(_back(dict(was), f"{flow}.{step} ")))
    connection.execute(update(TAKEN).where(TAKEN.c.action_id == action).values(live=False))
    return True


def _back(was: Mapping[str, Any], token: str) -> dict[str, Any]:
    """An invoice's follow-up before an action. The stage too, also where a payment has put it aside meanwhile."""
    trail, length = INVOICES.c.trail, func.length(INVOICES.c.trail) - len(token)
    values = {"flow": was["was_flow"], "step": was["was_step"], "step_offset": was["was_offset"], "step_on": was["was_on"]}
    stages = {
        name: case((INVOICES.c[name].in_(_BY_ACTIONS), was["was_stage"]), else_=INVOICES.c[name]) for name in ("stage", "stage_before")
    }
    return {**values, **stages, "trail": case((trail.endswith(token, autoescape=True), func.substr(trail, 1, length)), else_=trail)}


def _set(connection: Connection, action: str, states: tuple[str, ...], values: Mapping[str, Any]) -> bool:
    """Changes an action that is in one of the states; whether it was."""
    return connection.execute(update(ACTIONS).where(ACTIONS.c.id == action, ACTIONS.c.state.in_(states)).values(values)).rowcount == 1
