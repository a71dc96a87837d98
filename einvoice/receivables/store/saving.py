"""Saves what was planned, many actions at once: the action with its explanation, what it takes of invoices, their follow-up.

All of an action or nothing of it. Saving an action again changes nothing, unless it was withdrawn meanwhile: then it is planned anew.
A debtor that has another live action on the day is left out, and so is an action whose step one of its invoices has met before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection, Engine, delete, func, insert, literal, select, update
from sqlalchemy.schema import CreateTable

from einvoice.database import connect
from einvoice.receivables.actions import Action
from einvoice.receivables.store import collector
from einvoice.receivables.store.loading import load
from einvoice.receivables.store.rows import ACTION, ARRIVING, Rows
from einvoice.receivables.store.tables import ACTIONS, INVOICES, TAKEN

AT_ONCE = 20_000
"""Actions in one transaction of `save_all`: nobody else who writes waits long."""

_WITHDRAWN = ("cancelled", "failed")
_LOCK = 0x7265_6365 << 32


class Saved(NamedTuple):
    """How many actions were saved; were there already; met another one of their debtor that day; or a step that was taken."""

    saved: int = 0
    there: int = 0
    other: int = 0
    taken: int = 0

    @property
    def skipped(self) -> int:
        """Those that were not saved now."""
        return self.there + self.other + self.taken


def save_all(engine: Engine, run_id: int, actions: Iterable[Action]) -> Saved:
    """Saves actions as they are planned, some thousand in a transaction; what a killed run has saved stays.

    Raises DatabaseError where the database cannot be used.
    """
    counts, left = Counter[str](), iter(actions)
    with collector.paused():
        while some := list(islice(left, AT_ONCE)):
            with connect(engine) as connection:
                counts.update(save(connection, run_id, some)._asdict())
    return Saved(**counts)


def save(connection: Connection, run_id: int, actions: Iterable[Action]) -> Saved:
    """Saves actions within the caller's transaction; of one debtor's on a day, the first.

    Others who save for the same creditor wait until it ends.
    """
    rows, counts, left = Rows(connection, run_id), Counter[str](), iter(actions)
    connection.execute(CreateTable(ARRIVING, if_not_exists=True))
    while some := list(islice(left, AT_ONCE)):
        for creditor in sorted({action.creditor for action in some}):
            _alone(connection, creditor)
        while some:  # a debtor's second action meets what the first has done
            first: dict[int, Action] = {}
            rest = [action for action in some if first.setdefault(action.debtor, action) is not action]
            counts.update(_some(connection, rows, {action.id: action for action in first.values()}))
            some = rest
    return Saved(**counts)


def _some(connection: Connection, rows: Rows, actions: Mapping[str, Action]) -> Counter[str]:
    """Saves actions of different debtors; how many, and how many were not for which reason."""
    load(connection, ARRIVING.name, ARRIVING.c.keys(), rows.arriving(actions))
    standing = _standing(connection)
    refused = dict.fromkeys(_met(connection), "taken")
    refused |= {key: why for key, action in actions.items() if (why := _why_not(key, standing.get(action.debtor, {})))}
    for key in refused:
        connection.execute(delete(ARRIVING).where(ARRIVING.c.action_id == key))
    kept = {key: action for key, action in actions.items() if key not in refused}
    _write(connection, rows, kept, {key for states in standing.values() for key in states if key in kept})
    return Counter(refused.values()) + Counter(saved=len(kept))


def _why_not(key: str, standing: Mapping[str, str]) -> str | None:
    """Why an action is not saved, by the states of its debtor's actions of that day."""
    live = {other for other, state in standing.items() if state not in _WITHDRAWN}
    return "there" if key in live else "other" if live else None


def _standing(connection: Connection) -> dict[int, dict[str, str]]:
    """By debtor, the actions of the arriving ones' days and their states."""
    columns = (ACTIONS.c.debtor_id, ACTIONS.c.id, ACTIONS.c.state)
    arriving = [ACTIONS.c[name].in_(select(ARRIVING.c[name])) for name in ("debtor_id", "day")]
    query = select(*columns).where(*arriving)  # no join: SQLite, without statistics, would read all actions for it
    found: dict[int, dict[str, str]] = {}
    for debtor, key, state in connection.execute(query):
        found.setdefault(debtor, {})[key] = state
    return found


def _met(connection: Connection) -> list[str]:
    """Arriving actions with a step that one of their invoices has met by a channel."""
    columns = ("invoice_id", "flow_version", "step", "channel")
    same = [TAKEN.c[name] == ARRIVING.c[name] for name in columns]
    query = select(ARRIVING.c.action_id).distinct().where(*same, TAKEN.c.live.is_(True))
    return list(connection.scalars(query))


def _write(connection: Connection, rows: Rows, actions: Mapping[str, Action], revived: set[str]) -> None:
    for key in revived:
        connection.execute(delete(TAKEN).where(TAKEN.c.action_id == key))
        connection.execute(update(ACTIONS).where(ACTIONS.c.id == key).values(rows.anew(actions[key])))
    fresh = {key: action for key, action in actions.items() if key not in revived}
    load(connection, ACTIONS.name, ACTION, rows.actions(fresh))
    _take(connection)
    _follow(connection)
    connection.execute(delete(ARRIVING))


def _take(connection: Connection) -> None:
    """Notes what the actions take, and where the invoices' follow-up stood. Invoices are locked in the order of their ids."""
    same = ("action_id", "invoice_id", "channel", "flow_version", "step", "amount")
    before = {"was_flow": "flow", "was_step": "step", "was_offset": "step_offset", "was_on": "step_on", "was_stage": "stage"}
    columns = (*(ARRIVING.c[name] for name in same), literal(True).label("live"), *(INVOICES.c[name] for name in before.values()))
    found = select(*columns).join_from(ARRIVING, INVOICES, INVOICES.c.id == ARRIVING.c.invoice_id)
    found = found.order_by(INVOICES.c.id).with_for_update(of=INVOICES)
    connection.execute(insert(TAKEN).from_select([*same, "live", *before], found))


def _follow(connection: Connection) -> None:
    """Moves the invoices' follow-up on."""
    moved = {name: ARRIVING.c[name] for name in ("flow", "step", "step_offset")}
    stage = func.coalesce(ARRIVING.c.stage, INVOICES.c.stage)
    trail = INVOICES.c.trail + ARRIVING.c.token
    values = {**moved, "step_on": ARRIVING.c.day, "stage": stage, "trail": trail}
    connection.execute(update(INVOICES).where(INVOICES.c.id == ARRIVING.c.invoice_id).values(values))


def _alone(connection: Connection, creditor: int) -> None:
    """On PostgreSQL, waits for others who save for the creditor; on SQLite, whoever writes is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK | creditor)))
