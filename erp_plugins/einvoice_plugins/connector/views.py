"""SQL views of an ERP's database: what is new by a key becomes a file in IN, and goes the way of any file.

The query is read only: the transaction is never committed, and says so where the database knows how. Rows come in the order of the
key, which must grow: a row that appears below a key that was read is not seen. The file stands in IN before the key is moved on; a kill
between both gives the same rows again, which the ledger and the numbers of invoices know.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Engine, bindparam, column, create_engine, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from einvoice.database import connect, reading
from einvoice.errors import DatabaseError, SettingsError
from einvoice_plugins.connector.folders import INVOICES, OPEN_ITEMS, READY, Folders
from einvoice_plugins.connector.settings import Settings, View
from einvoice_plugins.connector.tables import VIEWS
from einvoice_plugins.connector.taking import VIEW

Row = dict[str, Any]


def pull(engine: Engine, settings: Settings, folders: Folders, now: datetime, reached: Callable[[str], None]) -> int:
    """Reads what is new of every view into files of IN; how many rows that was.

    Raises DatabaseError where a database or query cannot be used, SettingsError where a key does not fit.
    """
    return sum(_pull(engine, view, folders, now, reached) for view in settings.views)


def _pull(engine: Engine, view: View, folders: Folders, now: datetime, reached: Callable[[str], None]) -> int:
    count = 0
    while True:
        with reading(engine) as connection:
            after = connection.execute(select(VIEWS.c.reached).where(VIEWS.c.name == view.name)).scalar_one_or_none()
        rows = fetched(view, None if after is None else _value(after))
        if not rows:
            return count
        last = rows[-1][view.key]
        _write(view, rows, folders)
        reached("view written")
        with connect(engine) as connection:
            values = {"reached": _stored(last), "at": now}
            if after is None:
                connection.execute(VIEWS.insert().values(name=view.name, **values))
            else:
                connection.execute(VIEWS.update().where(VIEWS.c.name == view.name).values(**values))
        reached("view read")
        count += len(rows)


def fetched(view: View, after: Any) -> list[Row]:
    """The next rows of a view above a key, at least all of the first key; in the order of keys, none of them cut in two.

    Raises DatabaseError, SettingsError.
    """
    try:
        source = create_engine(_address(view), poolclass=NullPool)
        asked = _asked(view, after)
        with source.connect() as connection:
            _only_reads(connection)
            found = connection.execution_options(stream_results=True).execute(asked, {} if after is None else {"after": after})
            names = [*found.keys()]
            if view.key not in names:
                raise SettingsError(f"[views.{view.name}] key: the query has no column {view.key}; it has {', '.join(names)}")
            return _some((dict(zip(names, row, strict=True)) for row in found), view)
    except (SQLAlchemyError, ArgumentError, ModuleNotFoundError) as fault:
        words = " ".join(str(getattr(fault, "orig", None) or fault).split())[:300]
        raise DatabaseError(f"[views.{view.name}] cannot be read: {words}; see that it runs, and try url and query by hand") from None


def _address(view: View) -> Any:
    address = make_url(view.address())
    if address.drivername in ("postgres", "postgresql"):
        return address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() == "sqlite" and address.database and not address.database.startswith("file:"):
        return address.set(database=f"file:{address.database}", query={"mode": "ro", "uri": "true"})
    return address


def _asked(view: View, after: Any) -> Any:
    """The query around the view's own: above the key, in its order."""
    inner = text(f"({view.query}) AS source")
    found = select(text("source.*")).select_from(inner)
    key: Any = column(view.key)
    return (found if after is None else found.where(key > bindparam("after", after))).order_by(key)


def _only_reads(connection: Any) -> None:
    """Says that nothing is written, where the database knows how; nothing is committed anywhere."""
    if connection.dialect.name in ("postgresql", "mysql", "mariadb"):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def _some(rows: Iterator[Row], view: View) -> list[Row]:
    found: list[Row] = []
    for key, group in groupby(rows, lambda row: row[view.key]):
        if key is None:
            raise SettingsError(f"[views.{view.name}] key: {view.key} is empty in a row; choose a column that every row has")
        found += group
        if len(found) >= view.batch:
            break
    return found


def _write(view: View, rows: Sequence[Row], folders: Folders) -> None:
    """Writes rows as a file of IN; its marker first, so that it is taken at once."""
    source, suffix, data = (INVOICES, "csv", _drafts(view, rows)) if view.kind == "drafts" else (OPEN_ITEMS, "json", _table(view, rows))
    name = f"{VIEW}{view.name}-{hashlib.sha256(data).hexdigest()[:16]}.{suffix}"
    place = folders.incoming(source) / name
    place.with_name(f"{name}{READY}").touch()
    folders.put(place, data)


def _table(view: View, rows: Sequence[Row]) -> bytes:
    """Rows for the ledger: JSON, under the name of their kind; the key only where it is a column of the ledger's."""
    said = [{name: _text(value) for name, value in _columns(view, row).items() if value is not None} for row in rows]
    return (json.dumps({view.kind: said}, indent=1, ensure_ascii=False) + "\n").encode()


def _drafts(view: View, rows: Sequence[Row]) -> bytes:
    """Rows as drafts: CSV whose columns are paths, a row a line."""
    into = io.StringIO(newline="")
    written = csv.writer(into)
    columns = [_columns(view, row) for row in rows]
    written.writerow(columns[0].keys())
    written.writerows([["" if value is None else _text(value) for value in row.values()] for row in columns])
    return into.getvalue().encode()


def _columns(view: View, row: Row) -> Row:
    """A row without the key where nothing but reading on needs it: where drafts or ledger have no such column."""
    return row if _knows(view.kind, view.key) else {name: value for name, value in row.items() if name != view.key}


@cache
def _knows(kind: str, name: str) -> bool:
    if kind == "drafts":
        from einvoice import paths  # noqa: PLC0415 - only views of drafts need them
        from einvoice.model import Invoice  # noqa: PLC0415 - the same

        return name in paths.fields(Invoice)
    from einvoice.receivables.ledger.importing.columns import Unknown, known  # noqa: PLC0415 - only views of tables need them

    return not isinstance(known(kind, [name], {})[0], Unknown)


def _text(value: Any) -> str:
    """A value as files write it: dates in ISO, numbers with a point and all their digits."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.timetz() == time(0) else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


_TYPES: dict[str, tuple[type, Callable[[Any], Any]]] = {
    "datetime": (datetime, datetime.fromisoformat),
    "date": (date, date.fromisoformat),
    "decimal": (Decimal, Decimal),
    "int": (int, int),
    "float": (float, float),
    "text": (str, str),
}


def _stored(value: Any) -> dict[str, str]:
    """A key as it is kept: its type and its text.

    Raises SettingsError for a type that does not grow.
    """
    for name, (kind, _) in _TYPES.items():
        if isinstance(value, kind):
            return {name: value.isoformat() if isinstance(value, date) else str(value)}
    raise SettingsError(f"a key of type {type(value).__name__} cannot be kept; choose a number, a date or text")


def _value(stored: dict[str, str]) -> Any:
    ((name, said),) = stored.items()
    return _TYPES[name][1](said)
