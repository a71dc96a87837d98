"""What these tests need; they are skipped, visibly, where an extra is absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import extras


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """A file of tests, skipped where it could not be imported."""
    needed = dict.fromkeys((*extras.RECEIVABLES, *extras.PEPPOL))
    return extras.module(module_path, parent, needed, "receivables,peppol")
