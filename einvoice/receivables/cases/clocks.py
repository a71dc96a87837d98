"""The clocks: moves every case of a creditor whose time has come. Started twice on a day, the second time nothing is left to move."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection

from einvoice.receivables.cases import discounts, keeping, overdue, people, promises
from einvoice.receivables.cases.case import At, fetch
from einvoice.receivables.cases.machine import PLAN
from einvoice.receivables.policy.model import Policy

_log = logging.getLogger(__name__)
Move = Callable[[Connection, At], str | None]


def tick(connection: Connection, creditor: int, policy: Policy, day: date, now: datetime) -> Mapping[str, int]:
    """Moves the disputes, promises, payment plans and discounts of a creditor whose time has come by a day, in the caller's transaction.

    Counts what became of them: `disputes.reassigned`, `disputes.escalated`, `discounts.granted`, `promises.kept`, `plans.broken`, … and
    `failed`. A case that fails is logged, left as it was and tried again by the next tick; it stops no other.
    """
    at = At(day, now, "clock")
    counts: Counter[str] = Counter()
    for name, move in _moves(connection, creditor, policy, at):
        became = _safely(connection, name, move, at)
        if became:
            counts[became] += 1
    return dict(counts)


def _moves(connection: Connection, creditor: int, policy: Policy, at: At) -> Iterator[tuple[str, Move]]:
    """What may have to be done, one case at a time."""
    yield from _each("dispute", people.orphans(connection, creditor), _reassign)
    yield "the tasks of who is not active", partial(_adopt_tasks, creditor=creditor)
    yield from _each("dispute", overdue.overdue(connection, creditor, at), partial(_escalate, policy=policy))
    yield from _each("discount of invoice", discounts.due(connection, creditor, policy, at.day), partial(_discount, policy=policy))
    yield from _each("promise", promises.due(connection, creditor, at.day), _promise)
    yield from _each("plan", keeping.due(connection, creditor, at.day), partial(_plan, policy=policy))


def _each(kind: str, cases: Iterable[int], move: Callable[..., str | None]) -> Iterator[tuple[str, Move]]:
    for case in cases:
        yield f"{kind} {case}", partial(move, case=case)


def _safely(connection: Connection, name: str, move: Move, at: At) -> str | None:
    """Does it behind a savepoint: where it fails, nothing of it stays."""
    try:
        with connection.begin_nested():
            return move(connection, at)
    except Exception:
        _log.exception("%s could not be moved; it is tried again by the next run", name)
        return "failed"


def _reassign(connection: Connection, at: At, *, case: int) -> str:
    people.adopt(connection, case, at)
    return "disputes.reassigned"


def _adopt_tasks(connection: Connection, at: At, *, creditor: int) -> str | None:
    return "tasks.reassigned" if people.adopt_tasks(connection, creditor, at) else None


def _escalate(connection: Connection, at: At, *, case: int, policy: Policy) -> str:
    overdue.escalate(connection, case, policy, at)
    return "disputes.escalated"


def _discount(connection: Connection, at: At, *, case: int, policy: Policy) -> str | None:
    return "discounts.granted" if discounts.settle(connection, case, policy, at) else None


def _promise(connection: Connection, at: At, *, case: int) -> str | None:
    state = promises.judge(connection, case, at)
    return None if state == "made" else f"promises.{state}"


def _plan(connection: Connection, at: At, *, case: int, policy: Policy) -> str | None:
    was = fetch(connection, PLAN, case).state
    state = keeping.judge(connection, case, policy, at)
    return None if was == state else f"plans.{state}"
