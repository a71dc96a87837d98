"""Asking owners and telling them, such that a fault of one of them costs no transaction of another.

An owner works within the store's transaction. Where it raises, the transaction is rolled back and begins again without its word: the
effect it could not decide on waits, the news it could not take is logged and kept in the outbox all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine

from einvoice.database import connect
from einvoice.outbox.effect import Effect, Outcome, Owner, Permission, State

LOG = logging.getLogger("einvoice.outbox")
T = TypeVar("T")
C = TypeVar("C")


class _Faulty(Exception):
    """An owner raised; the transaction begins again."""


class Hearing:
    """The owners as one piece of work meets them: who raised is not asked or told the same thing again."""

    def __init__(self, owners: Mapping[str, Owner]) -> None:
        self._owners = owners
        self._faulty: set[tuple[str, State | None]] = set()

    def run(self, engine: Engine, work: Callable[[Connection], T]) -> T:
        """Does the work in one transaction, as often as owners raise in it."""
        return self.within(lambda: connect(engine), work)

    def within(self, begin: Callable[[], AbstractContextManager[C]], work: Callable[[C], T]) -> T:
        """The same in transactions of another kind: `begin` opens one, which is kept where the work ends well and rolled back else."""
        while True:
            try:
                with begin() as transaction:
                    return work(transaction)
            except _Faulty:
                continue

    def ask(self, connection: Connection, effect: Effect, now: datetime) -> Permission | None:
        """What the owner says; None where it cannot say."""
        if (effect.key, None) in self._faulty:
            return None
        try:
            return self._owners[effect.owner].may_send(connection, effect, now)
        except Exception as fault:
            LOG.exception("the owner %s could not be asked about effect %s", effect.owner, effect.key)
            self._faulty.add((effect.key, None))
            raise _Faulty from fault

    def tell(self, connection: Connection, effect: Effect, was: State, outcome: Outcome, now: datetime) -> None:
        """Tells the owner, if it is one of ours."""
        owner = self._owners.get(effect.owner)
        if owner is None or (effect.key, outcome.state) in self._faulty:
            return
        try:
            owner.happened(connection, effect, was, outcome, now)
        except Exception as fault:
            LOG.exception("the owner %s did not hear that effect %s is %s", effect.owner, effect.key, outcome.state)
            self._faulty.add((effect.key, outcome.state))
            raise _Faulty from fault
