"""Payments by link and the run of a day: what a webhook did not tell, the run asks; who paid is not reminded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from einvoice.database import connect
from einvoice.receivables.incoming import hearing
from einvoice.receivables.paying import checkouts, links
from einvoice.receivables.paying.providers import hooks, providers
from einvoice.receivables.store.tables import CHECKOUTS, INCOMING, INVOICES
from einvoice.settings import Secret
from einvoice.settings.providers import Mollie
from tests import smtp
from tests.providers import mollie
from tests.providers.paying import Reply
from tests.receivables.run_world import EARLY, MORNING, World, world

BASE = "https://pay.example"


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[smtp.Mailbox]:
    """A mail server."""
    with smtp.serving(tmp_path / "log") as box:
        yield box


@pytest.fixture
def server() -> Iterator[tuple[mollie.Mollie, str]]:
    """Mollie, and its address."""
    made = mollie.Mollie()
    with made.served() as address:
        yield made, address


@pytest.fixture
def made(tmp_path: Path, mail: smtp.Mailbox, server: tuple[mollie.Mollie, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A debtor whose reminder waits for its hour, and who began to pay by link."""
    monkeypatch.setenv("MOLLIE_KEY", mollie.KEY)
    with world(tmp_path, mail) as found:
        found.settings = found.settings._replace(mollie=Mollie(key=Secret("env:MOLLIE_KEY"), api=server[1]))
        debtor = found.debtor("a")
        assert found.run(EARLY).waiting == 1
        with connect(found.engine) as connection:
            refs = list(connection.scalars(select(INVOICES.c.id)))
            token = links.make(connection, found.creditor, debtor, refs, "en", EARLY.date())
        checkouts.begin(found.engine, token, "mollie", providers(found.settings), BASE, EARLY)
        yield found


def _states(made: World) -> list[str]:
    return [row.state for row in made.rows(select(CHECKOUTS.c.state))]


def test_a_lost_webhook_costs_no_reminder(made: World, mail: smtp.Mailbox, server: tuple[mollie.Mollie, str]) -> None:
    server[0].pay(next(iter(server[0].payments)))
    made.run(MORNING)
    assert (_states(made), mail.accepted()) == (["paid"], [])
    assert made.run(MORNING + timedelta(days=1)).clocks.get("checkouts.asked") is None


def test_a_provider_in_trouble_stops_no_run(made: World, mail: smtp.Mailbox, server: tuple[mollie.Mollie, str]) -> None:
    server[0].trouble = [Reply(500, {})] * 8
    made.run(MORNING)
    assert (_states(made), len(mail.accepted())) == (["open"], 1)


def test_without_its_key_the_run_goes_on(made: World, mail: smtp.Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOLLIE_KEY")
    made.run(MORNING)
    assert (_states(made), len(mail.accepted())) == (["open"], 1)


def test_a_webhook_is_followed_up_at_once(made: World, mail: smtp.Mailbox, server: tuple[mollie.Mollie, str]) -> None:
    ref = next(iter(server[0].payments))
    server[0].pay(ref)
    answer = hearing.receive(made.engine, hooks(made.settings), "mollie", mollie.classic(ref), EARLY, settings=made.settings)
    assert (answer.status, _states(made)) == (200, ["paid"])
    assert [row.result for row in made.rows(select(INCOMING.c.result).where(INCOMING.c.settled_at.is_not(None)))] == ["paid"]
    made.run(MORNING)
    assert mail.accepted() == []
