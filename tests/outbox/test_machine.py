"""Any order of sending, dying, sweeping and late words: once means at most once, the same bytes arrive, and states change as allowed."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from einvoice.database import connect
from einvoice.errors import OutboxError
from einvoice.outbox import NEXT, Effect, Outcome, Permission, Resend, Settled, SqlStore, State, add
from einvoice.outbox.sql import LEASE
from tests.outbox.world import START, Listener, effect, migrated, states
from tests.scale import scaled

EMAIL = frozenset({"email"})
SOON = timedelta(hours=3)


class Worker(NamedTuple):
    """What a worker holds: the effect it claimed, and what its sender said of it."""

    effect: Effect
    outcome: Outcome | None = None


LATE = {(State.PLANNED, State.SENT), (State.PLANNED, State.DELIVERED)}
"""An attempt whose lease had ended, and which arrived after all."""


class Outbox(RuleBasedStateMachine):
    """Three workers that may die between any two steps; `arrived` is what the other side has."""

    kind = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(TemporaryDirectory()))
        self.engine = self.stack.enter_context(migrated(self.kind, folder))
        self.listener = Listener()
        self.store = SqlStore(self.engine, {"test": self.listener}, attempts=10**6, chance=Random(1))
        self.now = START
        self.workers: dict[int, Worker] = {}
        self.arrived: Counter[str] = Counter()
        self.expire: set[str] = set()
        self.seen: dict[str, State] = {}
        self.count = 0

    def teardown(self) -> None:
        self._drain()
        self.stack.close()

    @rule(resend=st.sampled_from(Resend), expires=st.booleans(), times=st.integers(1, 2))
    def plan(self, resend: Resend, expires: bool, times: int) -> None:
        """Somebody asks for an effect, once or twice."""
        key = f"{resend}-{self.count}"
        self.count += 1
        wanted = effect(key, resend, not_after=self.now + timedelta(minutes=15) if expires else None)
        with connect(self.engine) as connection:
            for _ in range(times):
                add(connection, wanted, self.now)
        if expires:
            self.expire.add(key)

    @rule(worker=st.integers(0, 2), owner=st.sampled_from(["yes", "yes", "yes", "later", "faulty"]))
    def claim(self, worker: int, owner: str) -> None:
        """A worker settles what it has, and takes the next; a new one has nothing to settle."""
        held = self.workers.pop(worker, None)
        answers: dict[str, Permission | Exception] = {"later": Permission(until=self.now + timedelta(minutes=1)), "faulty": ValueError()}
        self.listener.answers = dict.fromkeys(self.seen, answers[owner]) if owner in answers else {}
        settled = Settled(held.effect, held.outcome) if held and held.outcome else None
        try:
            taken = self.store.claim(f"w{worker}", EMAIL, self.now, settled)
        except OutboxError:  # its word came too late; another has been believed
            return
        if taken:
            assert taken.key not in {other.effect.key for other in self.workers.values() if other.effect.attempts == taken.attempts}
            self.workers[worker] = Worker(taken)

    @precondition(lambda self: any(held.outcome is None for held in self.workers.values()))
    @rule(data=st.data(), end=st.sampled_from(["sent", "delivered", "refused", "nothing left", "broke before", "broke after", "raised"]))
    def send(self, data: st.DataObject, end: str) -> None:
        """A worker's sender does its work, in each way that it may end; the worker may be long past its lease."""
        worker = data.draw(st.sampled_from(sorted(number for number, held in self.workers.items() if held.outcome is None)))
        held = self.workers[worker]
        self.arrived[held.effect.key] += end in ("sent", "delivered", "broke after")
        state = {"sent": State.SENT, "delivered": State.DELIVERED, "refused": State.FAILED, "nothing left": State.PLANNED}
        self.workers[worker] = held._replace(outcome=Outcome(state.get(end, State.UNKNOWN)))

    @precondition(lambda self: self.workers)
    @rule(data=st.data(), arrives=st.booleans())
    def die(self, data: st.DataObject, arrives: bool) -> None:
        """A worker is killed: before, while or after its bytes left, but before it said so."""
        held = self.workers.pop(data.draw(st.sampled_from(sorted(self.workers))))
        if held.outcome is None:
            self.arrived[held.effect.key] += arrives

    @rule(minutes=st.sampled_from([1, 11, 60]))
    def wait(self, minutes: int) -> None:
        """Time passes."""
        self.now += timedelta(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        """Somebody sweeps."""
        self.store.sweep(self.now)

    @invariant()
    def once_is_at_most_once(self) -> None:
        """Whatever happens, nothing that is sent once arrives twice."""
        assert not [key for key, times in self.arrived.items() if times > 1 and key.startswith(Resend.ONCE)]

    @invariant()
    def states_change_as_allowed(self) -> None:
        """Between two steps a state changes along the arrows, several of them where a transaction settles and takes."""
        found = states(self.engine)
        for key, state in found.items():
            assert state in _reached(self.seen.get(key, State.PLANNED))
        self.seen = found
        assert all(became in NEXT[was] or (was, became) in LATE for _, was, became in self.listener.heard)

    def _drain(self) -> None:
        """In the end every worker has died and the network is well: what may be sent again has arrived, the rest is told."""
        self.listener.answers = {}
        self.now += LEASE + SOON
        self.store.sweep(self.now)
        settled = None
        while taken := self.store.claim("last", EMAIL, self.now, settled):
            self.arrived[taken.key] += 1
            settled = Settled(taken, Outcome(State.SENT))
            self.now += timedelta(seconds=1)
        self.once_is_at_most_once()
        self.states_change_as_allowed()
        for key, state in self.seen.items():
            assert state not in (State.PLANNED, State.SENDING)
            if state in (State.SENT, State.DELIVERED):
                assert self.arrived[key]
            if key.startswith(Resend.SAME_BYTES) and key not in self.expire and state is not State.FAILED:
                assert self.arrived[key]
            if not self.arrived[key]:
                assert state in (State.UNKNOWN, State.CANCELLED, State.FAILED)


def _reached(state: State) -> frozenset[State]:
    """A state and those that follow it by up to two arrows."""
    return frozenset({state, *NEXT[state], *(later for following in NEXT[state] for later in NEXT[following])})


def _run(machine: Any, examples: int) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        machine, settings=settings(max_examples=examples, stateful_step_count=25, deadline=None, suppress_health_check=checks)
    )


def test_any_order_of_things() -> None:
    _run(Outbox, 12)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_any_order_of_many_things(kind: str) -> None:
    _run(type("On", (Outbox,), {"kind": kind}), scaled(500 if kind == "sqlite" else 200))
