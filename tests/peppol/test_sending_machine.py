"""Any order of submitting, preparing, sending, dying, answers, withdrawing and taking up again keeps the laws of sending.

The laws, after every step: nothing is `sent` without the receipt that the other side gave for that message; a document is at the other side
under one message id as long as nobody is certain otherwise, always with the same bytes; what was withdrawn while surely nothing had left
never leaves; and in the end, when everybody answers again, everything that was not withdrawn or refused is sent.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from einvoice.database import connect, reading
from einvoice.errors import PeppolError
from einvoice_peppol import sending
from einvoice_peppol.sending import running
from einvoice_peppol.sending.hosts import Hosts
from einvoice_peppol.sending.means import STEPS
from einvoice_peppol.tables import OUTGOING
from tests.peppol import networks, sending_world
from tests.peppol.sending_world import World

LEASE = timedelta(minutes=10)
FATES = ("fine", "silent", "cut", "lost", "busy", "mute", "forged", "EBMS:0005")
"""What may happen to a call. None of these is a refusal for good: in the end everything arrives."""


class Died(BaseException):
    """The process ended here, as SIGKILL ends it: nothing behind it runs, and what was not committed is undone."""


class Machine(RuleBasedStateMachine):
    """The sender, its database, and the other side."""

    here: networks.Here

    @initialize()
    def begin(self) -> None:
        """A new database."""
        self.stack = contextlib.ExitStack()
        folder = Path(self.stack.enter_context(TemporaryDirectory()))
        self.here.clock.now = networks.NOW
        self.world: World = self.stack.enter_context(sending_world.standing(folder, self.here))
        self.withdrawn: set[int] = set()
        self.ids: list[int] = []

    @rule()
    def submit(self) -> None:
        """One more invoice."""
        self.ids.append(self.world.submit(str(len(self.ids) + 1)))

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def submit_again(self, data: st.DataObject) -> None:
        """The same invoice again is the same row."""
        row = data.draw(st.sampled_from(self.ids))
        assert self.world.submit(str(self.ids.index(row) + 1)) == row

    @rule(fates=st.lists(st.sampled_from(FATES), max_size=4))
    def send(self, fates: list[str]) -> None:
        """A round, in which the other side does as it likes."""
        self._round(fates, lambda _: None)

    @rule(step=st.sampled_from(STEPS), nth=st.integers(0, 2), fates=st.lists(st.sampled_from(FATES), max_size=2))
    def die(self, step: str, nth: int, fates: list[str]) -> None:
        """A round whose worker dies when it has taken a step for the nth time."""
        left = [nth]

        def reached(name: str) -> None:
            if name == step:
                left[0] -= 1
                if left[0] < 0:
                    raise Died

        self._round(fates, reached)

    @rule(minutes=st.sampled_from((1, 11, 130)))
    def wait(self, minutes: int) -> None:
        """Time passes."""
        self.here.clock.turn(60 * minutes)

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        """Somebody no longer wants one."""
        row = data.draw(st.sampled_from(self.ids))
        with contextlib.suppress(PeppolError), connect(self.world.engine) as connection:
            sending.cancel(connection, row, "no longer", self.here.clock())
            self.withdrawn.add(row)
            assert self._instance(row) not in {took.instance_id for took in self.world.peer.took}

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def take_up(self, data: st.DataObject) -> None:
        """Somebody wants one again."""
        row = data.draw(st.sampled_from(self.ids))
        with contextlib.suppress(PeppolError), connect(self.world.engine) as connection:
            sending.resend(connection, row, self.here.clock())
            self.withdrawn.discard(row)

    @invariant()
    def what_is_sent_is_proven(self) -> None:
        """A receipt of the other side for exactly this message."""
        for row in self._rows():
            if row.state in ("sent", "delivered"):
                assert bytes(row.receipt) in self.world.peer.receipts[row.message_id]

    @invariant()
    def one_document_is_one_message(self) -> None:
        """Under one id, with the same bytes, however often it came."""
        if not hasattr(self, "world"):
            return
        messages: dict[str, set[tuple[str, bytes]]] = defaultdict(set)
        for took in self.world.peer.took:
            messages[took.instance_id].add((took.message_id, took.request))
        assert all(len(found) == 1 for found in messages.values())

    @invariant()
    def what_was_withdrawn_stays_here(self) -> None:
        """It never left."""
        rows = {row.id: row for row in self._rows()}
        arrived = {took.instance_id for took in self.world.peer.took} if rows else set()
        assert not [row for row in self.withdrawn if row in rows and rows[row].instance_id in arrived]

    def teardown(self) -> None:
        """In the end everything arrives."""
        if not hasattr(self, "world"):
            return
        try:
            for _ in range(30):
                self.here.clock.turn(130 * 60)
                self._round([], lambda _: None)
                if all(row.state in ("sent", "cancelled") for row in self._rows()):
                    break
            states = {row.id: row.state for row in self._rows()}
            assert states == {row: "cancelled" if row in self.withdrawn else "sent" for row in self.ids}
            self.what_is_sent_is_proven()
            self.one_document_is_one_message()
        finally:
            self.stack.close()

    def _round(self, fates: list[str], reached: Callable[[str], None]) -> None:
        self.world.peer.next = [*fates]
        means = self.world.means._replace(reached=reached, hosts=Hosts())
        with contextlib.suppress(Died):
            running.run(self.world.engine, means, self.world.settings, lease=LEASE)
        self.world.peer.next = []

    def _rows(self) -> list[Any]:
        if not hasattr(self, "world"):
            return []
        with reading(self.world.engine) as connection:
            return list(connection.execute(select(OUTGOING).order_by(OUTGOING.c.id)))

    def _instance(self, row: int) -> str:
        return str(self.world.row(row).instance_id)


def _holds(examples: int, steps: int) -> None:
    with networks.standing() as here:
        Machine.here = here
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=[*HealthCheck], derandomize=False
            ),
        )


def test_any_order_keeps_the_laws() -> None:
    _holds(6, 10)


@pytest.mark.slow
def test_any_long_order_keeps_the_laws() -> None:
    from tests.scale import scaled

    _holds(scaled(300), 30)
