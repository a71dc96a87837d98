"""Databases for figures: migrated, with a creditor, on SQLite and on a PostgreSQL server of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.evidence import NotMeasured

if TYPE_CHECKING:
    from sqlalchemy import Engine


@contextmanager
def sqlite() -> Iterator[Engine]:
    """A database in a file."""
    from tests.receivables import books

    with TemporaryDirectory() as folder, books.database(Path(folder)) as engine:
        yield engine


@contextmanager
def postgresql() -> Iterator[Engine]:
    """A database of a server; NotMeasured where none can be started."""
    from tests import postgres
    from tests.receivables import books

    try:
        with postgres.database() as url, books.database(url) as engine:
            yield engine
    except postgres.NoServer as reason:
        raise NotMeasured(str(reason)) from None
