"""Migrations: the revisions make exactly the declared tables, once, on both databases, whoever else migrates at the time."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from subprocess import run

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, insert, inspect, text
from sqlalchemy.exc import DBAPIError

from einvoice.database import METADATA, connect, migrate, open_database, pending, reading
from einvoice.database.migration import _config
from einvoice.errors import DatabaseError
from einvoice.outbox import tables as outbox_tables
from einvoice.receivables.store import tables as receivables_tables
from einvoice_peppol import tables as peppol_tables
from einvoice_plugins.connector import tables as connector_tables
from tests import postgres

OWNERS = (outbox_tables, receivables_tables, peppol_tables, connector_tables)  # importing them declares their tables


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of each kind."""
    url = f"sqlite:///{tmp_path}/test.db" if request.param == "sqlite" else request.getfixturevalue("postgres")
    made = open_database(url)
    yield made
    made.dispose()


def _differences(engine: Engine) -> list[object]:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection)
        return [*compare_metadata(context, METADATA)]


def test_the_revisions_make_exactly_the_declared_tables(engine: Engine, tmp_path: Path) -> None:
    assert len(METADATA.tables) >= 25
    assert _differences(engine)
    migrate(engine)
    assert _differences(engine) == []
    with _declared(engine.name, tmp_path) as declared:
        for table in METADATA.tables:
            assert _shape(engine, table) == _shape(declared, table)


@contextmanager
def _declared(kind: str, folder: Path) -> Iterator[Engine]:
    """A database whose tables SQLAlchemy makes from their declarations."""
    with nullcontext(f"sqlite:///{folder}/declared.db") if kind == "sqlite" else postgres.fresh() as url:
        made = open_database(url)
        with connect(made) as connection:
            METADATA.create_all(connection)
        yield made
        made.dispose()


def _shape(engine: Engine, table: str) -> list[object]:
    """Everything of a table that the database tells, what Alembic does not compare with it: keys, checks, conditions, defaults."""
    seen = inspect(engine)
    columns = [{**column, "type": str(column["type"])} for column in seen.get_columns(table)]
    keys = [seen.get_pk_constraint(table), *seen.get_foreign_keys(table), *seen.get_unique_constraints(table)]
    indexes = [
        (index["name"], index["column_names"], index["unique"], {key: str(value) for key, value in index["dialect_options"].items()})
        for index in seen.get_indexes(table)
    ]
    return [columns, *(sorted(map(str, part)) for part in (keys, seen.get_check_constraints(table), indexes))]


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    assert pending(engine)
    migrate(engine)
    with connect(engine) as connection:
        connection.execute(text("INSERT INTO leases VALUES ('run', 'me', '2026-01-01 00:00:00', :no)"), {"no": False})
    migrate(engine)
    assert pending(engine) == ()
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM leases")).scalar() == 1


def test_one_line_of_revisions() -> None:
    assert len(ScriptDirectory.from_config(_config()).get_heads()) == 1


def test_a_newer_database_is_refused_with_the_mend(engine: Engine) -> None:
    migrate(engine)
    with connect(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for refused in (migrate, pending):
        with pytest.raises(DatabaseError, match="update einvoice-toolkit"):
            refused(engine)


def test_several_processes_migrate_at_once(engine: Engine) -> None:
    program = "import sys; from einvoice.database import migrate, open_database; migrate(open_database(sys.argv[1]))"
    command = [sys.executable, "-c", program, engine.url.render_as_string(hide_password=False)]
    with ThreadPoolExecutor(3) as pool:
        ended = [*pool.map(lambda _: run(command, capture_output=True, text=True, check=False), range(3))]
    assert [(one.returncode, one.stderr) for one in ended] == [(0, "")] * 3
    assert _differences(engine) == []


def test_what_was_booked_cannot_be_changed(engine: Engine) -> None:
    migrate(engine)
    tables, day, now = METADATA.tables, date(2026, 1, 5), datetime(2026, 1, 5, tzinfo=UTC)
    with connect(engine) as connection:
        connection.execute(insert(tables["creditors"]), {"id": 1, "key": "us", "name": "Us", "country": "BE"})
        connection.execute(insert(tables["debtors"]), {"id": 1, "creditor_id": 1, "key": "d", "name": "D", "kind": "b2b", "country": "BE"})
        booking = {"id": 1, "creditor_id": 1, "key": "k", "kind": "invoice", "booked": day, "posted_at": now, "posted_by": "test"}
        connection.execute(insert(tables["transactions"]), booking)
        entry = {"id": 1, "transaction_id": 1, "creditor_id": 1, "account": "sales", "currency": "EUR", "amount": 0, "booked": day}
        connection.execute(insert(tables["entries"]), entry)
        connection.execute(
            insert(tables["consents"]), {"id": 1, "debtor_id": 1, "channel": "sms", "granted": True, "at": now, "source": "form"}
        )
        connection.execute(
            insert(tables["history"]), {"id": 1, "kind": "plan", "case_id": 1, "became": "proposed", "on": day, "at": now, "by": "test"}
        )
    changes = [change for table in ("entries", "transactions", "consents", "history") for change in _changes(table, engine.name)]
    for change in changes:
        with pytest.raises(DBAPIError, match="append-only"), connect(engine) as connection:
            connection.execute(text(change))
    with reading(engine) as connection:
        assert all(connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() == 1 for name in ("entries", "history"))  # noqa: S608


def _changes(table: str, kind: str) -> list[str]:
    changes = [f"UPDATE {table} SET id = 2", f"DELETE FROM {table}"]  # noqa: S608 - the names are ours
    return [*changes, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}" if kind == "sqlite" else f"TRUNCATE {table} CASCADE"]  # noqa: S608
