"""Early signals: a debtor who always pays the same number of days late, a credit score that fell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from einvoice import events
from einvoice.errors import ReceivablesError
from einvoice.receivables.cases.case import At, debtor_of, record
from einvoice.receivables.cases.news import tell
from einvoice.receivables.cases.tasks import Task, ask
from einvoice.receivables.store.tables import DEBTORS, INVOICES

LEAST, LATEST, SPREAD = 5, 12, 3
"""A habit shows in at least so many of the latest invoices, none of them further from the middle one than the spread in days."""
FALL = 10
"""Points that a score falls at once before a person looks at it."""


class Habit(NamedTuple):
    """A reliable late payer: pays `days` after the due date, give or take `spread` days, in `invoices` invoices in a row."""

    days: int
    spread: int
    invoices: int


def habit(days_late: Sequence[int]) -> Habit | None:
    """The habit in the days late of the latest settled invoices; None where they are too few, not late, or too far apart."""
    if len(days_late) < LEAST:
        return None
    middle = sorted(days_late)[len(days_late) // 2]
    spread = max(abs(days - middle) for days in days_late)
    return Habit(middle, spread, len(days_late)) if middle > 0 and spread <= SPREAD else None


def pattern(connection: Connection, debtor: int) -> Habit | None:
    """The habit of a debtor in its latest settled invoices: adjusted terms may suit it better than reminders."""
    settled = (INVOICES.c.debtor_id == debtor, INVOICES.c.kind == "invoice", INVOICES.c.settled_on.is_not(None))
    latest = select(INVOICES.c.settled_on, INVOICES.c.due).where(*settled).order_by(INVOICES.c.settled_on.desc(), INVOICES.c.id.desc())
    return habit([(row.settled_on - row.due).days for row in connection.execute(latest.limit(LATEST))])


def habits(connection: Connection, creditor: int) -> Iterator[tuple[int, Habit]]:
    """The debtors of a creditor that are reliable late payers, each with its habit."""
    late = (DEBTORS.c.creditor_id == creditor, DEBTORS.c.settled_late >= LEAST)
    for debtor in connection.scalars(select(DEBTORS.c.id).where(*late).order_by(DEBTORS.c.id)).all():
        found = pattern(connection, debtor)
        if found:
            yield debtor, found


def rescore(connection: Connection, debtor: int, score: int, at: At) -> bool:
    """Writes a debtor's new credit score (0 to 100, 100 is best); a fall raises an event, a steep one a task too; whether it fell.

    Raises ReceivablesError where it is no score.
    """
    if not 0 <= score <= 100:
        raise ReceivablesError(f"{score} is no score; they run from 0 to 100")
    row = debtor_of(connection, debtor)
    connection.execute(update(DEBTORS).where(DEBTORS.c.id == debtor).values(score=score, scored_on=at.day))
    if row.score is None or score >= row.score:
        return False
    record(connection, "score", debtor, str(row.score), str(score), at)
    tell(connection, events.DebtorDowngraded(time=at.now, debtor=str(debtor), score=score, was=row.score))
    if row.score - score >= FALL:
        text = f"The credit score of {row.key} fell from {row.score} to {score}: check its limit and its terms."
        key = f"downgrade:{debtor}:{at.day}:{score}"
        ask(connection, Task(key, "triage", row.creditor_id, debtor, (), at.day + timedelta(7), text), at.day)
    return True
