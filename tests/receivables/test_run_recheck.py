"""Invariant 1: whatever happens between plan and sending is seen in the sending transaction, and stops the message."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from einvoice.database import connect
from einvoice.receivables.store.tables import ACTIONS, TAKEN
from tests.receivables.run_world import CHANGES, EARLY, MORNING, NO_REASON, World, world
from tests.smtp import Mailbox, serving


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    with serving(tmp_path_factory.mktemp("mail") / "mail.log") as found:
        yield found


@pytest.fixture
def made(tmp_path: Path, mail: Mailbox) -> Iterator[World]:
    with world(tmp_path, mail) as found:
        yield found


def changed(made: World, name: str) -> int:
    """A debtor whose reminder waits to be sent when something changes."""
    debtor = made.debtor("a")
    assert made.run(EARLY).waiting == 1
    with connect(made.engine) as connection:
        {**CHANGES, **NO_REASON}[name](connection, made, debtor)
    made.clock.now = MORNING
    return debtor


@pytest.mark.parametrize("name", CHANGES)
def test_what_changed_after_the_plan_withdraws_the_message(made: World, mail: Mailbox, name: str) -> None:
    before = len(mail.accepted())
    changed(made, name)
    from einvoice.outbox import relay
    from einvoice.receivables import law
    from einvoice.receivables.channels.installed import installed
    from einvoice.receivables.guard import ReceivablesOwner

    counts = relay(
        made.engine, installed(made.settings), {"receivables": ReceivablesOwner(law.load())}, made.clock, ceiling=made.settings.sending
    )
    assert counts.sent == 0
    assert len(mail.accepted()) == before
    states = made.states()
    assert (states["actions"], states["messages"], states["outbox"]) == (["cancelled"], ["cancelled"], ["cancelled"])
    assert made.rows(select(ACTIONS.c.reason))[0].reason
    assert made.rows(select(TAKEN.c.live)) == [(False,)]


@pytest.mark.parametrize("name", NO_REASON)
def test_what_is_no_reason_stops_nothing(made: World, mail: Mailbox, name: str) -> None:
    before = len(mail.accepted())
    changed(made, name)
    assert made.run().sent.sent == 1
    assert len(mail.accepted()) == before + 1
