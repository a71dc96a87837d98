"""What every test may ask for: the corpora, a PostgreSQL database, and how much of a long test to run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import corpora as published
from tests import postgres as server
from tests.scale import scale as chosen


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of published invoices with their official verdicts; skips where it is absent."""
    folder = published.folder()
    if folder is None:
        pytest.skip(published.ABSENT)
    return folder


@pytest.fixture(scope="session")
def scale() -> float:
    """The share of a long test's size to run, from EINVOICE_SCALE: 1.0 in full, 0.1 in CI."""
    return chosen()


@pytest.fixture
def postgres() -> Iterator[str]:
    """The URL of a new, empty PostgreSQL database; skips where no server can be started."""
    with server.fresh() as url:
        yield url
