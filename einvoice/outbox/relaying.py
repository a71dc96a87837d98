"""The relay: takes what is due, sends it, says what became of it, until nothing is due. One fault never stops it."""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from time import sleep
from typing import NamedTuple

from sqlalchemy import Engine

from einvoice.database import reading
from einvoice.errors import DatabaseError, OutboxError
from einvoice.outbox import mode
from einvoice.outbox.breaker import Breaker
from einvoice.outbox.effect import Effect, Outcome, Owner, Sender, Settled, State, Store
from einvoice.outbox.hearing import LOG
from einvoice.outbox.pace import Paces
from einvoice.outbox.sql import LEASE, SqlStore
from einvoice.settings import Sending, current

Senders = Mapping[str, Sender]
Clock = Callable[[], datetime]
_PAUSES = (1, 3, 9)
_LONGEST_NAP = 0.5


class Counts(NamedTuple):
    """What a relay did: how many effects the senders took, delivered, refused, lost sight of, or will try again.

    `swept` were left by workers that died, or expired; `resting` are the channels that did not answer; `mode` is what held.
    """

    sent: int = 0
    delivered: int = 0
    failed: int = 0
    unknown: int = 0
    again: int = 0
    swept: int = 0
    resting: frozenset[str] = frozenset()
    mode: str = mode.LIVE


def relay(
    engine: Engine,
    senders: Senders | Callable[[], Senders],
    owners: Mapping[str, Owner],
    clock: Clock,
    *,
    worker: str | None = None,
    workers: int = 1,
    ceiling: Sending | None = None,
    lease: timedelta = LEASE,
    stopped: Callable[[], bool] = lambda: False,
) -> Counts:
    """Sends what is due, over the channels that have a sender and for the owners given, with `workers` threads.

    Several threads need their own senders: a function that makes them. Nothing is sent while the mode is dry_run; in redirect
    everything goes to one address. `clock` gives aware times; a worker that says nothing for a `lease` counts as dead; `stopped` ends
    the relay between two effects. A channel that has a pace (`ceiling.pace`) is waited for. Raises DatabaseError.
    """
    ceiling = ceiling or current().sending
    make = senders if callable(senders) else lambda: senders
    if workers > 1 and not callable(senders):
        raise ValueError("several workers need their own senders: give a function that makes them")
    with reading(engine) as connection:
        allowed = mode.effective(connection, ceiling)
    first = make()
    recognising = frozenset(channel for channel, sender in first.items() if sender.recognises_keys)
    paces = Paces(ceiling.pace)
    store = SqlStore(engine, owners, recognising=recognising, ceiling=ceiling, lease=lease, paces=paces)
    counts = Counts(mode=str(allowed), swept=store.sweep(clock()))
    if allowed.name == mode.DRY_RUN:
        return counts
    name, breaker = worker or f"{socket.gethostname()[:40]}:{os.getpid()}", Breaker()

    def work(number: int) -> Counter[State]:
        mine = first if number == 0 else make()
        return deliver(store, mine, clock, worker=f"{name}:{number}", breaker=breaker, stopped=stopped, paces=paces)

    with ThreadPoolExecutor(workers, "relay") as pool:
        found = sum(pool.map(work, range(workers)), Counter[State]())
    return _counted(counts, found)._replace(resting=breaker.resting(clock()))


def _counted(counts: Counts, found: Counter[State]) -> Counts:
    return counts._replace(
        sent=found[State.SENT],
        delivered=found[State.DELIVERED],
        failed=found[State.FAILED],
        unknown=found[State.UNKNOWN],
        again=found[State.PLANNED],
    )


def deliver(
    store: Store,
    senders: Senders,
    clock: Clock,
    *,
    worker: str,
    breaker: Breaker | None = None,
    stopped: Callable[[], bool] = lambda: False,
    paces: Paces | None = None,
) -> Counter[State]:
    """One worker of any store: claims and sends until nothing is due, and gives the outcomes. The senders are closed at the end."""
    breaker, paces = breaker or Breaker(), paces or Paces()
    found: Counter[State] = Counter()
    settled: Settled | None = None
    try:
        more = True
        while more:
            now = clock()
            channels = frozenset(senders) - breaker.resting(now) - paces.resting(now)
            effect, settled = _claimed(store, worker, channels, clock, settled, stopped), None
            if effect is None:
                more = _rested(paces, breaker, frozenset(senders), clock, stopped)
                continue
            settled = Settled(effect, _sent(senders[effect.channel], effect))
            found[settled.outcome.state] += 1
            breaker.heard(effect.channel, settled.outcome.state, clock(), answered=settled.outcome.answered)
    finally:
        for sender in senders.values():
            with suppress(Exception):
                getattr(sender, "close", lambda: None)()
    return found


def _rested(paces: Paces, breaker: Breaker, channels: frozenset[str], clock: Clock, stopped: Callable[[], bool]) -> bool:
    """Waits until a channel has room again; False where none is waited for."""
    while not stopped():
        now = clock()
        wait = paces.wait(now, channels - breaker.resting(now))
        if wait is None:
            return False
        if wait <= timedelta(0):
            return True
        sleep(min(wait.total_seconds(), _LONGEST_NAP))
    return False


def _claimed(
    store: Store, worker: str, channels: frozenset[str], clock: Clock, settled: Settled | None, stopped: Callable[[], bool]
) -> Effect | None:
    """Settles the last effect and claims the next; nothing more is claimed once the relay is stopped.

    What became of an effect is known here alone until it is written down: a database that is away for a moment is asked again.
    """
    for pause in _PAUSES if settled else ():
        try:
            return _once(store, worker, channels, clock, settled, stopped)
        except DatabaseError as fault:
            LOG.warning("%s; it is asked again in %d s", fault, pause)
            sleep(pause)
    return _once(store, worker, channels, clock, settled, stopped)


def _once(
    store: Store, worker: str, channels: frozenset[str], clock: Clock, settled: Settled | None, stopped: Callable[[], bool]
) -> Effect | None:
    wanted = frozenset() if stopped() else channels
    try:
        return store.claim(worker, wanted, clock(), settled)
    except OutboxError as late:  # what we know of it came after somebody else's word
        LOG.warning("%s", late)
        return store.claim(worker, wanted, clock())


def _sent(sender: Sender, effect: Effect) -> Outcome:
    """What the sender says; UNKNOWN where it raises, since nobody knows how far it came."""
    try:
        return sender.send(effect)
    except Exception as fault:
        LOG.exception("the sender of %s raised at effect %s", effect.channel, effect.key)
        return Outcome(State.UNKNOWN, reason=f"the sender raised {type(fault).__name__}: {fault}")
