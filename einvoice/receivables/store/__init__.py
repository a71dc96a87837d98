"""The SQL store of the receivables: tables, snapshots for the planner, what was decided.

    with reading(engine) as connection:
        actions = plan(snapshots(connection, creditor, day), policy, law, day)
        saved = save_all(engine, run_id, actions)

reads in one transaction while it writes in others. What is planned waits in `pending` until it is sent.
"""

from einvoice.receivables.store.protocol import Repository, SqlRepository
from einvoice.receivables.store.saving import Saved, save, save_all
from einvoice.receivables.store.settling import Stored, cancel, complete, fail, pending, queue
from einvoice.receivables.store.snapshots import snapshots

__all__ = [
    "Repository",
    "Saved",
    "SqlRepository",
    "Stored",
    "cancel",
    "complete",
    "fail",
    "pending",
    "queue",
    "save",
    "save_all",
    "snapshots",
]
