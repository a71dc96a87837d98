"""What each verb does."""

from __future__ import annotations

import json
import signal
import sys
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from einvoice.database import migrate, open_database
from einvoice.errors import DatabaseError, SettingsError
from einvoice.settings import current
from einvoice_plugins.connector import overview, retrying, settings
from einvoice_plugins.connector.folders import SOURCES, Folders
from einvoice_plugins.connector.lock import locked
from einvoice_plugins.connector.work import Connector

_SETTINGS = """\
# Settings of the connector; docs/connector.md explains every key. Database, Peppol and webhooks stand in einvoice.toml.

[files]
settle = 2            # seconds that a file must stay as it is before it is taken
patience = 300        # seconds that half a file may wait for its rest
# ready = true        # take only files with a marker beside them: a.csv and a.csv.ready

[invoices]
profile = "peppol"    # of drafts that name none
pdf = true            # a hybrid PDF beside the XML
# book = true         # enter each invoice in the receivables
# send = true         # submit each invoice to Peppol

[ledger]
# creditor = "acme"   # whose receivables
add_debtors = true    # businesses that invoices name and the ledger does not know

# [views.open]        # a view of the ERP's database, read as it grows
# url = "env:ERP_DATABASE"
# query = "SELECT id, customer AS debtor, number, issued, due, amount FROM open_items"
# key = "id"
# kind = "invoices"
"""


def init(options: Namespace) -> int:
    """Makes folders, settings and tables; what is there stays."""
    home: Path = options.folder.expanduser().resolve()
    home.mkdir(parents=True, exist_ok=True)
    Folders(home).make()
    place = home / "connector.toml"
    try:
        with place.open("x", encoding="utf-8") as file:
            file.write(_SETTINGS)
        print(f"written   {place}")
    except FileExistsError:
        print(f"kept      {place}")
    with _database() as engine:
        migrate(engine)
        print(f"database  {engine.url.render_as_string(hide_password=True)}")
    print(f"Next: put files into {home / 'IN'}, and let `einvoice-connector --config {place} run --watch 5` run")
    return 0


def run(options: Namespace) -> int:
    """Takes what is there; 1 where files were refused."""
    stated = settings.load(options.config)
    with locked(stated.folder), _database() as engine:
        connector = Connector(stated, engine)
        if options.watch is None:
            counts = _once(connector)
            _print(counts, options)
            return 1 if counts["refused"] else 0
        return _watch(connector, options)


def status(options: Namespace) -> int:
    """Says how things stand; 1 where refused files lie there."""
    stated = settings.load(options.config)
    with _database() as engine:
        found = overview.overview(engine, stated)
    if options.format == "json":
        print(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        _print_status(found)
    return 1 if any(each["refused"] for each in found["sources"].values()) else 0


def retry(options: Namespace) -> int:
    """Hands refused files in again."""
    stated = settings.load(options.config)
    moved = [str(path) for path in retrying.retry(stated.folder, options.names)]
    if options.format == "json":
        print(json.dumps(moved, indent=1, ensure_ascii=False))
    else:
        print("\n".join(moved) if moved else "nothing was refused")
    return 0


@contextmanager
def _database() -> Iterator[Engine]:
    engine = open_database(current().database.address())
    try:
        yield engine
    finally:
        engine.dispose()


def _once(connector: Connector) -> Counter[str]:
    """Two looks, so that a file is known to stay as it is."""
    counts = connector.look()
    if any(connector.looks.unsettled(connector.folders, source) for source in SOURCES):
        time.sleep(connector.settings.files.settle + 0.01)
        counts.subtract({"waiting": counts["waiting"]})
        counts += connector.look()
    return counts


def _watch(connector: Connector, options: Namespace) -> int:
    """Looks again and again; what stands in the way is told, and tried again, but for settings."""
    ended: list[int] = []
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda number, _frame: ended.append(number))
    while not ended:
        try:
            if any(counts := _news(connector.look())):
                _print(counts, options, at=True)
        except SettingsError:
            raise
        except (DatabaseError, SQLAlchemyError, OSError) as fault:
            print(f"einvoice-connector: {fault}; trying again", file=sys.stderr, flush=True)
        until = time.monotonic() + options.watch
        while not ended and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.2))
    return 0


def _news(counts: Counter[str]) -> Counter[str]:
    return Counter({name: count for name, count in counts.items() if name not in ("waiting", "changing")})


def _print(counts: Counter[str], options: Namespace, *, at: bool = False) -> None:
    if options.format == "json":
        moment = {"at": datetime.now().astimezone().isoformat(timespec="seconds")} if at else {}
        print(json.dumps(moment | dict(counts)), flush=True)
        return
    said = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "nothing to take"
    print(f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S}  {said}" if at else said, flush=True)


def _print_status(found: dict[str, Any]) -> None:
    print(f"folder      {found['folder']}")
    for name, each in found["sources"].items():
        print(
            f"{name:12}{len(each['waiting']):,} wait, {each['open']:,} under way, {each['done']:,} done, {len(each['refused']):,} refused"
        )
        for one in each["refused"]:
            print(f"  refused   {one['file']}: {one['reason'] or 'see its reasons'}")
    print(f"invoices    {found['invoices']:,} went out")
    for name, reached in found["views"].items():
        print(f"view        {name}: {'not read yet' if reached is None else f'read up to {reached}'}")
