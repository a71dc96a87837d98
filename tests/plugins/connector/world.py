"""A folder with a connector, a database with a creditor and debtors, and files to hand in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine, select

import einvoice
from einvoice.database import connect, open_database, reading
from einvoice.drafts import read_draft
from einvoice.receivables.store.tables import DEBTORS, INVOICES
from einvoice_plugins.connector.settings import Files, Invoices, Ledger, Settings
from einvoice_plugins.connector.work import Connector, nothing
from tests.outbox.world import _migrated as migrated
from tests.receivables import books

SAMPLE = Path(einvoice.__file__).parent / "samples" / "invoice.json"
_SOLD = (("Bread", "2.50"), ("Rolls", "1.25"))
FILES = Files(settle=0.02, patience=60.0)


class World(NamedTuple):
    """Where a test works."""

    home: Path
    engine: Engine
    settings: Settings

    def put(self, name: str, data: bytes | str, source: str = "invoices") -> Path:
        """Hands a file in, whole."""
        folder = self.home / "IN" / source
        folder.mkdir(parents=True, exist_ok=True)
        aside = folder / f".{name}.part"
        aside.write_bytes(data if isinstance(data, bytes) else data.encode())
        return aside.rename(folder / name)

    def mark(self, name: str, source: str = "invoices") -> None:
        """Says that a file is whole."""
        (self.home / "IN" / source / f"{name}.ready").touch()

    def connector(self, reached: Callable[[str], None] = nothing, **sections: Any) -> Connector:
        """A connector that was just started."""
        return Connector(self.settings._replace(**sections), self.engine, lambda: datetime.now(UTC), reached)

    def worked(self, connector: Connector | None = None) -> Counter[str]:
        """What two looks do, as far apart as the settings want."""
        import time

        connector = connector or self.connector()
        first = connector.look()
        time.sleep(connector.settings.files.settle * 1.5)
        return first + connector.look()

    def out(self) -> list[str]:
        """The names of what went out."""
        return self.names("OUT")

    def names(self, folder: str) -> list[str]:
        """The names of the files in a folder and below, without those that are on their way."""
        found = (path for path in (self.home / folder).rglob("*") if path.is_file())
        return sorted(path.name for path in found if ".staged" not in path.parts)

    def ledger(self) -> dict[str, Any]:
        """What the ledger has: amounts by number."""
        with reading(self.engine) as connection:
            return {row.number: row.amount for row in connection.execute(select(INVOICES.c.number, INVOICES.c.amount))}


@contextmanager
def world(folder: Path, *, pdf: bool = False, url: str | None = None) -> Iterator[World]:
    """A folder and a database, by default a copy of a migrated SQLite one; every invoice is booked."""
    if url is None:
        (folder / "books.db").write_bytes(migrated())
    engine = open_database(url or f"sqlite:///{folder / 'books.db'}")
    with connect(engine) as connection:
        owed = books.creditor(connection, country="BE", vat_id="BE0999999031")
        books.debtor(connection, owed, "c1", country="BE")
    invoices = Invoices(profile="peppol", pdf=pdf, book=True)
    try:
        yield World(folder, engine, Settings(folder, FILES, invoices, Ledger(add_debtors=True)))
    finally:
        engine.dispose()


@cache
def _sample() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SAMPLE.read_text("utf-8"))
    return found


def draft(number: str, **changes: Any) -> dict[str, Any]:
    """A draft of that number."""
    return {**_sample(), "number": number, **changes}


def as_json(number: str, **changes: Any) -> bytes:
    """The same as a file."""
    return json.dumps(draft(number, **changes)).encode()


def as_xml(number: str, syntax: str = "ubl") -> bytes:
    """A finished invoice of that number: UBL of Peppol, or CII of EN 16931."""
    from einvoice.formats.profile import with_profile
    from einvoice.formats.syntax import Syntax

    invoice = with_profile(read_draft(as_json(number))[0], "peppol" if syntax == "ubl" else "en16931")
    return einvoice.write(einvoice.calculate(invoice).invoice, Syntax(syntax))


def as_pdf(number: str) -> bytes:
    """A finished hybrid PDF of that number."""
    return einvoice.embed(_page(), as_xml(number, "cii"), profile="facturx-en16931")


@cache
def _page() -> bytes:
    """A PDF to put invoices into; made by another process, because what renders has threads, which a fork does not take along."""
    program = "import sys; from tests.plugins.connector import world; sys.stdout.buffer.write(world.page())"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, cwd=Path(__file__).parents[3]).stdout


def page() -> bytes:
    """A rendered invoice."""
    return einvoice.render(einvoice.calculate(read_draft(as_json("PAGE"))[0]).invoice, "pdf")


def as_csv(number: str) -> bytes:
    """A draft of that number in CSV, of two lines."""
    seller, buyer = _sample()["seller"], _sample()["buyer"]
    shared = {
        "number": number,
        "issue_date": "2026-11-30",
        "payment_due_date": "2026-12-30",
        "type_code": "380",
        "currency_code": "EUR",
        "buyer_reference": "R-1",
        **{f"seller.{name}": seller[name] for name in ("name", "vat_identifier")},
        "seller.electronic_address.value": seller["electronic_address"]["value"],
        "seller.electronic_address.scheme": seller["electronic_address"]["scheme"],
        "seller.address.country_code": "BE",
        **{f"buyer.{name}": buyer[name] for name in ("name", "vat_identifier")},
        "buyer.electronic_address.value": buyer["electronic_address"]["value"],
        "buyer.electronic_address.scheme": buyer["electronic_address"]["scheme"],
        "buyer.address.country_code": "BE",
        "payment.means_code": "30",
        "payment.credit_transfers.account_identifier": "BE71096123456769",
    }
    lines = [{"line.item.name": name, "line.quantity": "2", "line.unit_code": "C62", "line.price.net": price} for name, price in _SOLD]
    rows = [{**shared, **line, "line.vat.category_code": "S", "line.vat.rate": "21"} for line in lines]
    return "".join(",".join(row) + "\n" for row in ([*rows[0]], *([*row.values()] for row in rows))).encode()


def as_table(number: str) -> bytes:
    """Open items in CSV: two invoices."""
    rows = "".join(f"c1,{number}-{each},2026-11-01,2026-12-01,{each}00.00\n" for each in (1, 2))
    return f"debtor,number,issued,due,amount\n{rows}".encode()


def as_json_table(number: str) -> bytes:
    """A payment in JSON."""
    return f'{{"payments": [{{"key": "{number}", "debtor": "c1", "amount": "5.00", "booked": "2026-11-20"}}]}}'.encode()


def without_price(number: str) -> bytes:
    """A draft that can never become an invoice."""
    line = {name: value for name, value in _sample()["lines"][0].items() if name not in ("price", "net_amount")}
    return as_json(number, lines=[line])


def debtors(world: World) -> set[str]:
    """The keys of the debtors in the ledger."""
    with reading(world.engine) as connection:
        return set(connection.scalars(select(DEBTORS.c.key)))
