"""A run that is started twice or killed anywhere: nothing twice, nothing lost, judged by the mail server's log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from einvoice.receivables.lease import Lease, died
from tests.receivables.run_kills import Plan, carried_out, judged
from tests.receivables.run_world import Clock, World, world
from tests.scale import scaled
from tests.smtp import Mailbox, apart


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[Mailbox]:
    with apart(tmp_path / "mail.log") as found:
        yield found


def holds(made: World, mail: Mailbox, debtors: int, plan: Plan, url: str) -> None:
    made.debtors(debtors)
    killed = carried_out(url, mail, plan)
    found = judged(made.engine, mail, debtors)
    assert (found.twice, found.lost, found.actions) == (0, 0, debtors)
    assert found.unknown <= killed


def test_two_processes_at_once_send_each_message_once(tmp_path: Path, mail: Mailbox) -> None:
    with world(tmp_path, mail) as made:
        holds(made, mail, 20, Plan(together=2), f"sqlite:///{tmp_path / 'books.db'}")


def test_killed_three_times_nothing_is_twice_or_lost(tmp_path: Path, mail: Mailbox) -> None:
    with world(tmp_path, mail) as made:
        holds(made, mail, 30, Plan(kills=3, longest=0.3), f"sqlite:///{tmp_path / 'books.db'}")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(scaled(10)))
def test_killed_often(tmp_path: Path, mail: Mailbox, seed: int) -> None:
    with world(tmp_path, mail) as made:
        holds(made, mail, 150, Plan(kills=10, longest=1.5, together=2, seed=seed), f"sqlite:///{tmp_path / 'books.db'}")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(scaled(10)))
def test_killed_often_on_postgresql(tmp_path: Path, mail: Mailbox, postgres: str, seed: int) -> None:
    with world(tmp_path, mail, url=postgres) as made:
        holds(made, mail, 150, Plan(kills=10, longest=1.5, together=2, seed=seed), postgres)


def test_a_lease_is_held_by_one_and_taken_over_when_it_ends(tmp_path: Path) -> None:
    clock = Clock()
    with world(tmp_path) as made:
        first, second = (Lease(made.engine, "run:1", clock) for _ in range(2))
        assert first.taken_by() is None
        assert second.taken_by() == first.holder
        clock.on(hours=0.05)
        assert first.keep()
        clock.on(hours=0.06)
        assert second.taken_by() == first.holder
        clock.on(hours=0.1)
        assert second.taken_by() is None
        assert not first.keep()
        first.release()
        second.release()
        assert first.taken_by() is None


def test_who_died_on_this_machine_is_succeeded_at_once() -> None:
    import os
    import socket

    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    here = socket.gethostname()[:40]
    assert died(f"{here}:{child}:x")
    assert not died(f"{here}:{os.getpid()}:x")
    assert not died(f"elsewhere:{child}:x")
