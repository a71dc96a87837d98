"""What these tests need; they are skipped, visibly, where the extra is absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import extras


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """A file of tests, skipped where it could not be imported."""
    return extras.module(module_path, parent, extras.DATABASE, "sql")
