"""A receipt that comes while nobody can say whether its signer was revoked: kept, and judged again before anything is posted again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.x509 import Certificate

from einvoice.errors import CertificateError, NotChecked
from einvoice_peppol.pki.identity import Trust
from einvoice_peppol.sending import running
from tests.peppol import networks, sending_world
from tests.peppol.sending_world import World


class Doubtful:
    """Trusts as another does, once it can ask; `word` is what it hears until then."""

    def __init__(self, inner: Trust) -> None:
        self._inner = inner
        self.word: CertificateError | None = NotChecked("no responder answers")

    def check(self, certificate: Certificate, role: str, now: datetime) -> str:
        """See Trust."""
        if self.word is not None:
            raise self.word
        return self._inner.check(certificate, role, now)


@pytest.fixture(scope="module")
def here() -> Iterator[networks.Here]:
    """A network."""
    with networks.standing() as found:
        yield found


@pytest.fixture
def doubtful(here: networks.Here) -> Doubtful:
    """The trust of the sender."""
    return Doubtful(here.pki.trust())


@pytest.fixture
def world(tmp_path: Path, here: networks.Here, doubtful: Doubtful) -> Iterator[World]:
    """A database in it, live."""
    here.clock.now = networks.NOW
    with sending_world.standing(tmp_path, here) as found:
        yield found._replace(means=found.means._replace(trust=doubtful))


def run(world: World) -> None:
    running.run(world.engine, world.means, world.settings)
    world.here.clock.now += timedelta(hours=3)


def test_a_receipt_is_kept_until_its_signer_can_be_checked(world: World, doubtful: Doubtful) -> None:
    row_id = world.submit()
    run(world)
    run(world)
    assert (world.row(row_id).state, world.row(row_id).receipt) == ("planned", None)
    doubtful.word = None
    run(world)
    row = world.row(row_id)
    assert (row.state, len(world.peer.took)) == ("sent", 1)
    assert [bytes(row.receipt)] == world.peer.receipts[row.message_id]
    assert world.effects()[0].proof == row.receipt_hash


def test_it_proves_nothing_where_the_signer_was_revoked(world: World, doubtful: Doubtful) -> None:
    row_id = world.submit()
    run(world)
    doubtful.word = CertificateError("it was revoked")
    run(world)
    assert (world.row(row_id).state, world.row(row_id).receipt, len(world.peer.took)) == ("planned", None, 2)


def test_what_fits_in_nothing_is_not_kept(world: World, doubtful: Doubtful) -> None:
    world.peer.next = ["forged"]
    row_id = world.submit()
    run(world)
    assert (world.row(row_id).state, world.effects()[0].proof) == ("planned", None)
    doubtful.word = None
    run(world)
    assert (world.row(row_id).state, len(world.peer.took)) == ("sent", 2)
