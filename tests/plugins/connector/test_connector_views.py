"""Views of an ERP's database: read as they grow, each row once, nothing ever written there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from einvoice.errors import DatabaseError, SettingsError
from einvoice_plugins.connector.settings import View
from einvoice_plugins.connector.views import fetched
from tests import postgres
from tests.plugins.connector import killing
from tests.plugins.connector import world as worlds
from tests.plugins.connector.world import World

QUERY = "SELECT id, customer AS debtor, number, issued, due, amount FROM items"


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "erp.db", isolation_level=None)
    connection.execute("CREATE TABLE items (id INTEGER, customer TEXT, number TEXT, issued TEXT, due TEXT, amount NUMERIC)")
    yield connection
    connection.close()


def _add(erp: sqlite3.Connection, *ids: int, customer: str = "c1") -> None:
    erp.executemany("INSERT INTO items VALUES (?, ?, ?, '2026-11-01', '2026-12-01', 12.5)", [(key, customer, f"F-{key}") for key in ids])


def _view(world: World, **changes: Any) -> View:
    return View("items", f"sqlite:///{world.home / 'erp.db'}", QUERY, "id", "invoices")._replace(**changes)


def test_rows_enter_the_ledger_as_they_come(world: World, erp: sqlite3.Connection) -> None:
    _add(erp, 1, 2, 3)
    connector = world.connector(views=(_view(world, batch=2),))
    assert connector.look() == {"rows": 3, "accepted": 2}
    assert world.ledger() == {f"F-{key}": Decimal("12.5") for key in (1, 2, 3)}
    assert connector.look() == {}
    _add(erp, 4)
    assert world.connector(views=(_view(world),)).look() == {"rows": 1, "accepted": 1}
    assert len(world.ledger()) == 4
    assert not killing.left_over(world.home)


def test_rows_that_are_read_again_are_booked_once(world: World, erp: sqlite3.Connection) -> None:
    _add(erp, 1, 2)
    world.connector(views=(_view(world),)).look()
    _add(erp, 3)
    assert world.connector(views=(_view(world, name="other"),)).look()["rows"] == 3
    assert {number: count for number, (count, _) in killing.books(world).items()} == {"F-1": 1, "F-2": 1, "F-3": 1}


def test_rows_that_are_refused_are_a_file_with_reasons(world: World, erp: sqlite3.Connection) -> None:
    _add(erp, 1, customer="c404")
    connector = world.connector(views=(_view(world),), files=worlds.FILES._replace(patience=0.01))
    assert connector.look()["rows"] == 1
    for _ in range(3):
        world.worked(connector)
    assert [name.partition("-")[0] for name in world.names("REFUSED")] == ["view"] * 3


def test_a_key_is_never_cut_in_two(world: World, erp: sqlite3.Connection) -> None:
    _add(erp, 1, 1, 1, 2)
    assert [row["id"] for row in fetched(_view(world, batch=2), None)] == [1, 1, 1]
    assert [row["id"] for row in fetched(_view(world, batch=2), 1)] == [2]


def test_a_view_of_drafts_becomes_invoices(world: World, erp: sqlite3.Connection) -> None:
    head, *rows = [line.split(",") for number in ("V-1", "V-2") for line in worlds.as_csv(number).decode().splitlines()]
    names = ", ".join(f'"{name}"' for name in head)
    erp.execute(f"CREATE TABLE drafts ({names})")
    for row in rows:
        if row != head:
            erp.execute(f"INSERT INTO drafts VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 - only signs to fill in
    view = _view(world, query=f"SELECT {names} FROM drafts", key="number", kind="drafts")  # noqa: S608 - the names are ours
    assert world.connector(views=(view,)).look()["accepted"] == 1
    assert sorted(world.ledger()) == ["V-1", "V-2"]


def test_nothing_can_be_written_through_a_view(world: World, erp: sqlite3.Connection) -> None:
    _add(erp, 1)
    view = _view(world, query="WITH gone AS (SELECT 1) DELETE FROM items RETURNING id")
    with pytest.raises(DatabaseError):
        fetched(view, None)
    with pytest.raises(DatabaseError):
        fetched(_view(world, url=f"sqlite:///{world.home / 'none.db'}"), None)
    assert not (world.home / "none.db").exists()
    assert erp.execute("SELECT count(*) FROM items").fetchone() == (1,)


def test_a_database_that_is_down_keeps_no_file_waiting(world: World) -> None:
    connector = world.connector(views=(_view(world, url="postgresql://nobody@127.0.0.1:9/none"),))
    world.put("a.json", worlds.as_json("N-1"))
    world.mark("a.json")
    with pytest.raises(DatabaseError):
        connector.look()
    assert list(world.ledger()) == ["N-1"]


@pytest.mark.parametrize("change", [{"key": "nothing"}, {"key": "number", "query": "SELECT NULL AS number"}])
def test_keys_that_cannot_be_one_are_refused(world: World, erp: sqlite3.Connection, change: dict[str, str]) -> None:
    _add(erp, 1)
    with pytest.raises((SettingsError, DatabaseError)):
        fetched(_view(world, **change), None)


def test_postgresql_is_read_only_and_typed(world: World) -> None:
    with postgres.fresh() as url:
        engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE items (id bigint, number text, issued date, due timestamp, amount numeric(12,2))"))
            connection.execute(text("INSERT INTO items VALUES (7, 'F-7', '2026-11-01', '2026-12-01 00:00', 1234.50)"))
            connection.execute(text("CREATE FUNCTION sly() RETURNS bigint LANGUAGE sql AS 'DELETE FROM items RETURNING id'"))
        view = View("items", url, "SELECT id, 'c1' AS debtor, number, issued, due, amount FROM items", "id", "invoices")
        assert world.connector(views=(view,)).look() == {"rows": 1, "accepted": 1}
        with pytest.raises(DatabaseError):
            fetched(view._replace(query="SELECT sly() AS id"), None)
        assert world.connector(views=(view,)).look() == {}
        engine.dispose()
    assert world.ledger() == {"F-7": Decimal("1234.5")}
