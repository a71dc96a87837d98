"""Tasks: what a person has to do; asked once, however often a clock or a run asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, insert, select, update

from einvoice.errors import ReceivablesError
from einvoice.receivables.cases.case import At
from einvoice.receivables.cases.holds import release
from einvoice.receivables.snapshot import Reason
from einvoice.receivables.store.tables import TASKS

HANDED = "handed"
"""How the result of a task begins by which a person handed over, or learned that a copy arrived."""
_HANDS_OVER = ("hand_over", "unknown")


class Task(NamedTuple):
    """What a person should do: `key` makes it one, `kind` is a word of the table, `owner` None where anybody may, `action` its action."""

    key: str
    kind: str
    creditor: int
    debtor: int
    invoices: tuple[int, ...]
    due: date
    text: str
    owner: int | None = None
    action: str | None = None


def ask(connection: Connection, task: Task, day: date) -> int:
    """Writes a task, unless one with its key is there; its id."""
    known = connection.scalar(select(TASKS.c.id).where(TASKS.c.key == task.key))
    if known is not None:
        return int(known)
    row = {
        "creditor_id": task.creditor,
        "debtor_id": task.debtor,
        "key": task.key,
        "kind": task.kind,
        "invoices": list(task.invoices),
        "owner_id": task.owner,
        "created_on": day,
        "due": task.due,
        "text": task.text,
        "action_id": task.action,
    }
    made = connection.execute(insert(TASKS).values(row)).inserted_primary_key
    assert made is not None
    return int(made[0])


def done(connection: Connection, task: int, result: str, at: At) -> Row[Any]:
    """Marks a task done with its result (`answered`, `no answer`, …) and ends the hold that waited for it; the task as it was.

    A hand-over whose result begins with `handed` makes its invoices handed over.

    Raises ReceivablesError where there is no such task, or it is done already.
    """
    row = connection.execute(select(TASKS).where(TASKS.c.id == task).with_for_update()).one_or_none()
    if row is None:
        raise ReceivablesError(f"there is no task {task}; list those there are: einvoice receivables task list")
    if row.done_on is not None:
        raise ReceivablesError(f"the task {task} was done on {row.done_on} ({row.result}); nothing is left to do")
    connection.execute(update(TASKS).where(TASKS.c.id == task).values(done_on=at.day, result=result))
    release(connection, row.debtor_id, Reason.MANUAL, at.day, case=task)
    if row.kind in _HANDS_OVER and row.action_id:
        from einvoice.receivables.handover.stages import by_hand  # noqa: PLC0415 - which records changes of cases, as this does

        by_hand(connection, row.action_id, result.startswith(HANDED), at, result)
    return row


def finish(connection: Connection, keys: Iterable[str], result: str, at: At) -> None:
    """Marks the open tasks with these keys done: what they asked for came about another way."""
    for task in connection.scalars(select(TASKS.c.id).where(TASKS.c.key.in_(list(keys)), TASKS.c.done_on.is_(None))).all():
        done(connection, task, result, at)


def waiting(connection: Connection, creditor: int, owner: int | None = None) -> Sequence[Row[Any]]:
    """The open tasks of a creditor, or of one of its people, by the day they are due."""
    found = select(TASKS).where(TASKS.c.creditor_id == creditor, TASKS.c.done_on.is_(None))
    if owner is not None:
        found = found.where(TASKS.c.owner_id == owner)
    return connection.execute(found.order_by(TASKS.c.due, TASKS.c.id)).all()
