"""These tests need the extra `pdf`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import extras


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Each file, or what says that it is skipped."""
    return extras.module(module_path, parent, extras.PDF, "pdf")
