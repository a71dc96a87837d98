"""Folders of tests that need an extra: where it is absent each of their files is skipped, and says so."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import pytest

DATABASE = ("sqlalchemy", "alembic")
PDF = ("typst", "pikepdf", "segno", "jinja2")
RECEIVABLES = (*DATABASE, *PDF, "yaml", "holidays", "babel", "requests", "stdnum", "mt940", "sepaxml")
PEPPOL = (*DATABASE, "cryptography", "requests", "dns", "stdnum")
SERVER = (*RECEIVABLES, "starlette", "uvicorn")


class Absent(pytest.Module):
    """A file of tests that cannot even be imported here."""

    reason = ""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Nothing, with the reason."""
        pytest.skip(self.reason, allow_module_level=True)


def module(path: Path, parent: pytest.Collector, needed: Iterable[str], extra: str) -> pytest.Module | None:
    """What a `conftest.py` answers to `pytest_pycollect_makemodule`: None where everything needed is there."""
    absent = [name for name in needed if find_spec(name) is None]
    if not absent:
        return None
    found: Absent = Absent.from_parent(parent, path=path)
    found.reason = f"{path.name}: {', '.join(absent)} absent; pip install 'einvoice-toolkit[{extra}]'"
    return found
