"""The spool is cleared of what nobody refers to, and of nothing else."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from einvoice.database import connect, migrate, open_database
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.identifiers import Participant, Process
from einvoice_peppol.inbox import Arrival, keep_arrival
from einvoice_peppol.lookup.words import WORDS
from einvoice_peppol.sending import sweeping

LARGE = bytes(400_000)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(f"sqlite:///{tmp_path}/ours.db")
    migrate(made)
    yield made
    made.dispose()


def came(engine: Engine, bodies: Bodies, data: bytes) -> Path:
    """A message that was acknowledged; the file of its body."""
    body = bodies.of(data)
    who = Participant("0208", "0428759497")
    arrival = Arrival(f"{body.sha256[:9]}@a", body.sha256, "PNL000001", who, who, WORDS["invoice"], Process("p"), body)
    with connect(engine) as connection:
        keep_arrival(connection, arrival, b"receipt", datetime.now(UTC))
    return Path(str(body.file))


def aged(file: Path) -> Path:
    """The file, last written two days ago."""
    before = time.time() - 2 * 86_400
    os.utime(file, (before, before))
    return file


def test_what_another_database_refers_to_stays(engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ours, theirs = Bodies(tmp_path / "spool", owner="ours"), Bodies(tmp_path / "spool", owner="theirs")
    other = open_database(f"sqlite:///{tmp_path}/theirs.db")
    migrate(other)
    kept, orphan = (aged(tmp_path / "spool" / name) for name in (came(other, theirs, LARGE), str(ours.of(LARGE + b"1").file)))
    other.dispose()
    assert sweeping.sweep(engine, ours, datetime.now(UTC)) == 0
    assert kept.exists()
    assert theirs._mark in caplog.text
    (tmp_path / "spool" / theirs._mark).unlink()
    kept.unlink()  # the other database and what it kept are gone
    assert sweeping.sweep(engine, ours, datetime.now(UTC)) == 1
    assert not orphan.exists()


def test_what_is_kept_again_at_this_moment_stays(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bodies, ask = Bodies(tmp_path / "spool"), sweeping._referred
    file = aged(tmp_path / "spool" / str(bodies.of(LARGE).file))

    def late(connection: Connection) -> set[str]:
        found = ask(connection)
        came(engine, bodies, LARGE)
        return found

    monkeypatch.setattr(sweeping, "_referred", late)
    assert sweeping.sweep(engine, bodies, datetime.now(UTC)) == 0
    assert file.read_bytes() == LARGE


def test_what_is_referred_to_stays_however_old_it_is(engine: Engine, tmp_path: Path) -> None:
    bodies = Bodies(tmp_path / "spool", owner="ours")
    file = aged(tmp_path / "spool" / came(engine, bodies, LARGE))
    assert sweeping.sweep(engine, bodies, datetime.now(UTC)) == 0
    assert file.exists()
