"""Handing over: by lease, once, later and later where it fails, and to a folder."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, insert, select

from einvoice.database import connect, reading
from einvoice.errors import PeppolError, Unreadable
from einvoice_peppol.inbox import ATTEMPTS, LEASE, Desk, Handed, Handler, Incoming, arrival, hand_over, keep_arrival
from einvoice_peppol.inbox.folder import FolderHandler, name
from einvoice_peppol.server.desk import Means
from tests.outbox.world import Clock, migrated
from tests.peppol.as4_messages import NOW
from tests.peppol.inbox_table import TAKEN
from tests.peppol.inbox_world import RECEIPT, Keeper, means, message, received, rows


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with migrated(request.param, tmp_path, live=False) as found:
        TAKEN.metadata.create_all(found)
        yield found


@pytest.fixture
def ours(tmp_path: Path) -> Means:
    return means(tmp_path)


@pytest.fixture
def clock() -> Clock:
    made = Clock()
    made.now = NOW
    return made


class Writer(Keeper):
    """A handler that writes a row for each message, and then does as told."""

    table: Table = TAKEN

    def handle(self, connection: Connection, incoming: Incoming) -> None:
        connection.execute(insert(self.table).values(message_id=incoming.message_id))
        super().handle(connection, incoming)


def fill(engine: Engine, ours: Means, count: int = 1, **more: Any) -> None:
    for number in range(1, count + 1):
        came = arrival(received(message(number, **more), ours))
        with connect(engine) as connection:
            keep_arrival(connection, came, RECEIPT, NOW)


def taken(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(select(TAKEN.c.message_id).order_by(TAKEN.c.message_id)))


def states(engine: Engine) -> list[tuple[str, int]]:
    return [(row.state, row.attempts) for row in rows(engine)]


def test_a_handler_gets_what_came_and_its_document(engine: Engine, ours: Means, clock: Clock) -> None:
    fill(engine, ours)
    keeper = Keeper()
    assert hand_over(engine, [keeper], "w", clock, ours.bodies) == Handed(handed=1)
    (one,) = keeper.taken
    assert (one.message_id, one.kind, one.sender.id, one.receiver.id) == (
        "message-1@sender.test",
        "invoice",
        "9930:de123456789",
        "0208:0123456749",
    )
    assert b"<ID>1</ID>" in one.document(1_000)
    assert b"StandardBusinessDocument" not in one.document(1_000)
    with pytest.raises(PeppolError):
        one.document(20)
    assert states(engine) == [("handed", 1)]
    assert hand_over(engine, [keeper], "w", clock, ours.bodies) == Handed()


def test_what_a_handler_writes_and_the_mark_are_committed_together(engine: Engine, ours: Means, clock: Clock) -> None:
    fill(engine, ours)
    writer = Writer()
    writer.faults = [ValueError("not now"), PeppolError("not now either")]
    assert hand_over(engine, [writer], "w", clock, ours.bodies) == Handed(retried=1)
    assert taken(engine) == []
    assert rows(engine)[0].reason == "ValueError: not now"
    clock.pass_(seconds=9)
    assert hand_over(engine, [writer], "w", clock, ours.bodies) == Handed()
    clock.pass_(seconds=1)
    assert hand_over(engine, [writer], "w", clock, ours.bodies) == Handed(retried=1)
    clock.pass_(seconds=20)
    assert hand_over(engine, [writer], "w", clock, ours.bodies) == Handed(handed=1)
    assert taken(engine) == ["message-1@sender.test"]
    assert states(engine) == [("handed", 3)]
    assert rows(engine)[0].reason is None


def test_what_can_never_be_taken_fails_at_once_and_the_rest_after_so_many(engine: Engine, ours: Means, clock: Clock) -> None:
    fill(engine, ours, 2)
    told: list[tuple[str, str | None]] = []
    keeper = Keeper()
    keeper.faults = [Unreadable("it is no invoice"), *(OSError("full") for _ in range(ATTEMPTS))]
    for _ in range(ATTEMPTS):
        hand_over(engine, [keeper], "w", clock, ours.bodies, after=lambda _, incoming, reason: told.append((incoming.message_id, reason)))
        clock.pass_(hours=2)
    assert states(engine) == [("failed", 1), ("failed", ATTEMPTS)]
    assert told == [("message-1@sender.test", "Unreadable: it is no invoice"), ("message-2@sender.test", "OSError: full")]


def test_what_follows_from_a_failure_is_not_forgotten_where_it_fails_itself(engine: Engine, ours: Means, clock: Clock) -> None:
    fill(engine, ours)
    keeper = Keeper()
    keeper.faults = [Unreadable("no"), Unreadable("no")]
    faults = [ValueError("no answer could be planned")]

    def after(connection: Connection, incoming: Incoming, reason: str | None) -> None:
        connection.execute(insert(TAKEN).values(message_id=f"answer to {incoming.message_id}"))
        if faults:
            raise faults.pop()

    assert hand_over(engine, [keeper], "w", clock, ours.bodies, after=after) == Handed(retried=1)
    assert taken(engine) == []
    clock.pass_(hours=2)
    assert hand_over(engine, [keeper], "w", clock, ours.bodies, after=after) == Handed(failed=1)
    assert taken(engine) == ["answer to message-1@sender.test"]


def test_a_lease_ends_and_a_late_worker_changes_nothing(engine: Engine, ours: Means, clock: Clock) -> None:
    fill(engine, ours)
    writer = Writer()
    slow, quick = Desk(engine, [writer], "slow", ours.bodies), Desk(engine, [writer], "quick", ours.bodies)
    first = slow.take(clock())
    assert first is not None
    assert quick.take(clock()) is None
    clock.pass_(seconds=LEASE.total_seconds() + 1)
    second = quick.take(clock())
    assert second is not None
    assert slow.hand(first, clock) == "leased"
    assert quick.hand(second, clock) == "handed"
    assert slow.hand(first, clock) == "leased"
    assert taken(engine) == ["message-1@sender.test"]
    assert states(engine) == [("handed", 2)]


def test_a_message_whose_workers_die_fails_in_the_end(engine: Engine, ours: Means, clock: Clock) -> None:
    fill(engine, ours)
    for number in range(ATTEMPTS):
        assert Desk(engine, [Keeper()], f"w{number}", ours.bodies).take(clock()) is not None
        clock.pass_(hours=1)
    assert Desk(engine, [Keeper()], "last", ours.bodies).take(clock()) is None
    assert states(engine)[0][0] == "failed"
    assert "w11" in rows(engine)[0].reason


def test_only_kinds_that_somebody_takes_are_taken(engine: Engine, ours: Means, clock: Clock) -> None:
    fill(engine, ours)
    assert hand_over(engine, [Keeper(frozenset({"mls"}))], "w", clock, ours.bodies) == Handed()
    assert hand_over(engine, [], "w", clock, ours.bodies) == Handed()
    assert states(engine) == [("received", 0)]


def test_several_workers_hand_each_message_over_once(engine: Engine, ours: Means, clock: Clock) -> None:
    fill(engine, ours, 30)
    desks = [threading.Thread(target=hand_over, args=(engine, [Writer()], f"w{each}", clock, ours.bodies)) for each in range(4)]
    for one in desks:
        one.start()
    for one in desks:
        one.join()
    assert taken(engine) == sorted(f"message-{number}@sender.test" for number in range(1, 31))
    assert states(engine) == [("handed", 1)] * 30


def test_a_folder_gets_each_document_once_and_whole(engine: Engine, ours: Means, clock: Clock, tmp_path: Path) -> None:
    fill(engine, ours, 3)
    folder, after_fault = tmp_path / "in", Keeper()
    after_fault.faults = [OSError("another handler fails after the file is there")]
    handlers: list[Handler] = [FolderHandler(folder), after_fault]
    assert hand_over(engine, handlers, "w", clock, ours.bodies) == Handed(handed=2, retried=1)
    clock.pass_(seconds=10)
    before = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    assert hand_over(engine, handlers, "w", clock, ours.bodies) == Handed(handed=1)
    assert {file.name: file.stat().st_mtime_ns for file in folder.iterdir()} == before
    assert sorted(file.name for file in folder.iterdir()) == sorted(map(name, after_fault.taken))
    assert all((folder / name(one)).read_bytes() == one.document(10_000) for one in after_fault.taken)


def test_a_folder_that_cannot_be_written_keeps_the_message(engine: Engine, ours: Means, clock: Clock, tmp_path: Path) -> None:
    fill(engine, ours)
    (tmp_path / "file").write_text("in the way")
    assert hand_over(engine, [FolderHandler(tmp_path / "file" / "in")], "w", clock, ours.bodies) == Handed(retried=1)
    assert states(engine) == [("received", 1)]


def test_a_name_says_what_it_can_and_leads_nowhere_else(engine: Engine, ours: Means, clock: Clock) -> None:
    fill(engine, ours, instance="../../etc/pass:wd")
    keeper = Keeper()
    hand_over(engine, [keeper], "w", clock, ours.bodies)
    found = name(keeper.taken[0])
    assert Path(found).name == found
    assert found.startswith("invoice-9930_de123456789-..")
    assert name(keeper.taken[0]._replace(instance_id=".._.._etc_pass_wd")) != found
