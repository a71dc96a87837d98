"""What the tests of the receivables share; they are skipped, visibly, where the extra is absent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import extras

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from tests.receivables.cases_books import Here


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """A file of tests, skipped where it could not be imported."""
    return extras.module(module_path, parent, extras.RECEIVABLES, "receivables")


@pytest.fixture
def postgres() -> Iterator[str]:
    """The URL of a fresh PostgreSQL database; skips where no server can be started."""
    from tests import postgres as server

    with server.fresh() as url:
        yield url


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A migrated SQLite database with a creditor."""
    from tests.receivables import books

    with books.database(tmp_path_factory.mktemp("cases")) as engine:
        yield engine


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A transaction of it that is undone."""
    from tests.receivables.cases_books import undone

    with undone(engine) as connection:
        yield connection


@pytest.fixture
def found(connection: Connection) -> Here:
    """A creditor with people, a debtor and its invoices."""
    from tests.receivables.cases_books import here

    return here(connection)
