"""What the tests of the connector share; they are skipped, visibly, where the extra is absent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import extras

if TYPE_CHECKING:
    from tests.plugins.connector.world import World


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """A file of tests, skipped where it could not be imported."""
    return extras.module(module_path, parent, extras.RECEIVABLES, "receivables")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A folder, a database with a creditor, settings."""
    from tests.plugins.connector import world as worlds

    with worlds.world(tmp_path) as made:
        yield made
