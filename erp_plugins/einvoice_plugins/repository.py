"""The receivables repository over an ERP's own tables (`einvoice.receivables.store.Repository`), written once over `book.Desk`.

The planner, the law and the documents stay the library's; the ERP stays the ledger. Snapshots are those of today: an ERP shows what it
has now, so a run for an earlier day plans with today's balances.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from typing import Any

from einvoice.receivables.actions import Action
from einvoice.receivables.snapshot import DebtorSnapshot
from einvoice.receivables.store.bodies import action_from_json
from einvoice.receivables.store.saving import Saved
from einvoice.receivables.store.settling import Stored
from einvoice_plugins.book import Desk, Follow
from einvoice_plugins.debtors import merged
from einvoice_plugins.saving import BY_ACTIONS, save

WAITING = ("planned", "queued")


class Repository:
    """Debtors of an ERP, and what was planned for them; `desk` gives the tables within the ERP's transaction `connection`."""

    def __init__(self, desk: Callable[[Any], Desk]) -> None:
        self._desk = desk

    def snapshots(self, connection: Any, creditor: int, day: date, *, debtors: Collection[int] | None = None) -> Iterator[DebtorSnapshot]:
        """Debtors with something open on a day, by id, in ten queries whatever their number.

        Raises ReceivablesError where rows are out of order, or an open item's debtor is not among the parties.
        """
        yield from merged(self._desk(connection), creditor, day, debtors)

    def save(self, connection: Any, run_id: int, actions: Iterable[Action]) -> Saved:
        """Keeps actions, each once; those of debtors with another live action on the day are left out."""
        return save(self._desk(connection), run_id, actions)

    def pending(self, connection: Any, creditor: int, day: date) -> Iterator[Stored]:
        """Planned actions up to a day that are not on their way yet, by day and debtor."""
        for kept in self._desk(connection).planned(creditor, day):
            yield Stored(kept.id, kept.run, action_from_json(kept.body))

    def queue(self, connection: Any, action: str) -> bool:
        """Marks a planned action as on its way; False where it is no longer planned."""
        desk = self._desk(connection)
        found = desk.action(action)
        if found is None or found.state != "planned":
            return False
        desk.settle(action, "queued", None, None)
        return True

    def complete(self, connection: Any, action: str, day: date | None = None) -> bool:
        """Marks an action as done on a day (its own, unless told); False where it was settled before."""
        desk = self._desk(connection)
        found = desk.action(action)
        if found is None or found.state not in WAITING:
            return False
        desk.settle(action, "done", found.reason, day or found.day)
        return True

    def cancel(self, connection: Any, action: str, reason: str, day: date | None = None) -> bool:
        """Withdraws an action before anything of it went out: its invoices' follow-up stands where it stood before."""
        return self._withdraw(connection, action, "cancelled", reason, day)

    def fail(self, connection: Any, action: str, reason: str, day: date | None = None) -> bool:
        """Nothing of an action arrived, and nothing will: its invoices' follow-up stands where it stood before."""
        return self._withdraw(connection, action, "failed", reason, day)

    def _withdraw(self, connection: Any, action: str, state: str, reason: str, day: date | None) -> bool:
        desk = self._desk(connection)
        found = desk.action(action)
        if found is None or found.state not in WAITING:
            return False
        desk.settle(action, state, reason, day or found.day)
        taken = {row.invoice: row for row in desk.taken_by(action)}
        follow = desk.followed(taken)
        back: dict[int, Follow] = {}
        for invoice, row in taken.items():
            now = follow.get(invoice, Follow())
            if (now.flow, now.step, now.stepped) == (found.flow, found.step, found.day):
                back[invoice] = now._replace(
                    flow=row.was_flow,
                    step=row.was_step,
                    offset=row.was_offset,
                    stepped=row.was_on,
                    stage=row.was_stage if now.stage in BY_ACTIONS else now.stage,
                    trail=now.trail.removesuffix(f"{found.flow}.{found.step} "),
                )
        desk.set_follow(back)
        desk.give_back(action)
        return True
