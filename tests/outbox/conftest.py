"""What the tests of the outbox share; they are skipped, visibly, where the extra is absent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import extras


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """A file of tests, skipped where it could not be imported."""
    return extras.module(module_path, parent, extras.DATABASE, "sql")


@pytest.fixture
def postgres() -> Iterator[str]:
    """The URL of a fresh PostgreSQL database; skips where no server can be started."""
    from tests import postgres as server

    with server.fresh() as url:
        yield url
