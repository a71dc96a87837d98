"""What a store of receivables does, whatever lies behind it: the SQL store, and each ERP's own tables.

`connection` is the store's own transaction: a SQLAlchemy Connection, an ERP's cursor. The functions of the SQL store say more of each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any, Protocol

from einvoice.receivables.actions import Action
from einvoice.receivables.snapshot import DebtorSnapshot
from einvoice.receivables.store.saving import Saved, save
from einvoice.receivables.store.settling import Stored, cancel, complete, fail, pending, queue
from einvoice.receivables.store.snapshots import snapshots


class Repository(Protocol):
    """Yields debtors to plan for, keeps what was planned, and knows what became of it."""

    def snapshots(self, connection: Any, creditor: int, day: date, *, debtors: Collection[int] | None = None) -> Iterator[DebtorSnapshot]:
        """Debtors with something open on a day, by id, in a constant number of queries; who owes nothing due by then may be left out."""

    def save(self, connection: Any, run_id: int, actions: Iterable[Action]) -> Saved:
        """Keeps actions, each once; those of debtors with another live action on the day are left out."""

    def pending(self, connection: Any, creditor: int, day: date) -> Iterator[Stored]:
        """Planned actions up to a day that are not on their way yet."""

    def queue(self, connection: Any, action: str) -> bool:
        """A planned action is on its way."""

    def complete(self, connection: Any, action: str, day: date | None = None) -> bool:
        """An action is done."""

    def cancel(self, connection: Any, action: str, reason: str, day: date | None = None) -> bool:
        """An action is withdrawn before anything of it went out."""

    def fail(self, connection: Any, action: str, reason: str, day: date | None = None) -> bool:
        """Nothing of an action arrived."""


class SqlRepository:
    """The SQL store."""

    snapshots = staticmethod(snapshots)
    save = staticmethod(save)
    pending = staticmethod(pending)
    queue = staticmethod(queue)
    complete = staticmethod(complete)
    cancel = staticmethod(cancel)
    fail = staticmethod(fail)
