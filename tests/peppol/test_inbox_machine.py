"""Any order of coming, repeating, leasing, failing, dying and waiting: what was acknowledged is kept once, and handed over once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Connection, insert, select

from einvoice.database import connect, reading
from einvoice.errors import Unreadable
from einvoice_peppol.as4.ebms import Refused
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.identifiers import DocumentType, Participant, Process
from einvoice_peppol.inbox import ATTEMPTS, KINDS, LEASE, Arrival, Desk, Incoming, browsing, hand_over, keep_arrival
from tests.outbox.world import Clock, migrated
from tests.peppol.as4_messages import DOCUMENT, NOW, PROCESS
from tests.peppol.inbox_table import TAKEN
from tests.peppol.inbox_world import rows

IDS = st.integers(1, 4)
WORKERS = st.sampled_from(["a", "b"])


class Handler:
    """Writes a row, then fails as told."""

    kinds = KINDS

    def __init__(self) -> None:
        self.fault: Exception | None = None

    def handle(self, connection: Connection, incoming: Incoming) -> None:
        connection.execute(insert(TAKEN).values(message_id=incoming.message_id))
        if self.fault is not None:
            raise self.fault


class Inbox(RuleBasedStateMachine):
    """An inbox, two workers, access points that send whatever they like."""

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        self.context = migrated("sqlite", Path(self.folder.name), live=False)
        self.engine = self.context.__enter__()
        TAKEN.metadata.create_all(self.engine)
        self.clock = Clock()
        self.clock.now = NOW
        self.handler = Handler()
        self.bodies = Bodies(Path(self.folder.name) / "spool")
        self.desks = {name: Desk(self.engine, [self.handler], name, self.bodies) for name in "ab"}
        self.held: dict[str, list[Incoming]] = {"a": [], "b": []}
        self.receipts: dict[str, tuple[bytes, tuple[int, int]]] = {}
        self.documents: dict[int, int] = {}
        self.number = 0

    @rule(name=IDS, instance=IDS, content=st.integers(1, 2))
    def comes(self, name: int, instance: int, content: int) -> None:
        """A message comes: new, again, or at odds with one that is known."""
        self.number += 1
        message_id, what = f"m{name}", (instance, content)
        receipt = b"receipt %d" % self.number
        came = Arrival(
            message_id,
            f"i{instance}",
            "PBE000123",
            Participant("0208", "1"),
            Participant("0208", "2"),
            DocumentType(DOCUMENT),
            Process(PROCESS),
            self.bodies.of(b"document %d %d" % what),
            signed=f"signed {what}",
        )
        refused = ""
        try:
            with connect(self.engine) as connection:
                kept = keep_arrival(connection, came, receipt, self.clock())
        except Refused as fault:
            refused = fault.error.code
        known = self.receipts[message_id][1] if message_id in self.receipts else None
        is_at_odds = known != what if known else self.documents.get(instance, content) != content
        assert refused == ("EBMS:0003" if is_at_odds else "")
        if is_at_odds:
            return
        if message_id in self.receipts:
            assert (kept.receipt, what) == self.receipts[message_id]
            assert kept.repeated
            return
        assert kept.repeated is (instance in self.documents)
        assert self.documents.setdefault(instance, content) == content
        assert kept.receipt == receipt
        self.receipts[message_id] = receipt, what

    @rule(worker=WORKERS)
    def takes(self, worker: str) -> None:
        """A worker leases a message."""
        if (taken := self.desks[worker].take(self.clock())) is not None:
            self.held[worker].append(taken)

    @precondition(lambda self: any(self.held.values()))
    @rule(data=st.data(), fault=st.sampled_from([None, None, OSError("not now"), Unreadable("never")]))
    def hands(self, data: Any, fault: Exception | None) -> None:
        """A worker hands over what it leased, perhaps long ago; twice is possible too."""
        worker = data.draw(st.sampled_from([name for name, held in self.held.items() if held]))
        taken = data.draw(st.sampled_from(self.held[worker]))
        self.handler.fault = fault
        self.desks[worker].hand(taken, self.clock)
        self.handler.fault = None

    @rule(worker=WORKERS)
    def dies(self, worker: str) -> None:
        """A worker dies with what it leased."""
        self.held[worker].clear()

    @rule(seconds=st.sampled_from([1, 30, LEASE.total_seconds() + 1, 7_200]))
    def time_passes(self, seconds: float) -> None:
        self.clock.pass_(seconds=seconds)

    @rule()
    def a_person_retries(self) -> None:
        with connect(self.engine) as connection:
            for row in browsing.listing(connection, states=["failed"]):
                browsing.retry(connection, row, self.clock())

    @invariant()
    def what_is_handed_was_taken_once(self) -> None:
        if not hasattr(self, "engine"):
            return
        taken = self._taken()
        assert max(taken.values(), default=0) <= 1
        assert set(taken) == {row.message_id for row in rows(self.engine) if row.state == "handed"}

    def teardown(self) -> None:
        """In the end everything acknowledged is there, and handed over but for what a person was left."""
        if not hasattr(self, "engine"):
            return
        try:
            for _ in range(ATTEMPTS):
                self.clock.pass_(seconds=timedelta(hours=3).total_seconds())
                hand_over(self.engine, [self.handler], "last", self.clock, self.bodies)
            found = {row.message_id: row for row in rows(self.engine)}
            assert {name: row.receipt for name, row in found.items()} == {name: kept[0] for name, kept in self.receipts.items()}
            assert {row.state for row in found.values()} <= {"handed", "failed", "repeated"}
            self.what_is_handed_was_taken_once()
        finally:
            self.context.__exit__(None, None, None)
            self.folder.cleanup()

    def _taken(self) -> Counter[str]:
        with reading(self.engine) as connection:
            return Counter(connection.scalars(select(TAKEN.c.message_id)))


TestInbox = Inbox.TestCase
TestInbox.settings = settings(max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
