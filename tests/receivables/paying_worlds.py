"""What the tests of payment links share: a world with a link, a provider's local server, news as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine, select

from einvoice.database import connect, open_database
from einvoice.receivables.documents.codes import token
from einvoice.receivables.incoming import hearing
from einvoice.receivables.incoming.hooks.mollie import MollieHook
from einvoice.receivables.incoming.hooks.stripe import StripeHook
from einvoice.receivables.incoming.port import Hook, Request
from einvoice.receivables.law import load
from einvoice.receivables.paying import checkouts, links, settling
from einvoice.receivables.paying.calling import Api
from einvoice.receivables.paying.mollie import Mollie
from einvoice.receivables.paying.port import Provider
from einvoice.receivables.paying.stripe import VERSION, Stripe
from einvoice.receivables.store.tables import CHECKOUTS, ENTRIES, INVOICES
from tests.providers import mollie as mollie_server
from tests.providers import stripe as stripe_server
from tests.providers.paying import Service
from tests.receivables import books
from tests.receivables.run_world import migrated

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
BASE = "https://pay.example"
SECRET = "whsec_tests"


class Shop(NamedTuple):
    """A database with a creditor, a debtor with two invoices, a link about both, and providers with their servers."""

    engine: Engine
    creditor: int
    debtor: int
    invoices: tuple[int, int]
    token: str
    providers: Mapping[str, Provider]
    mollie: mollie_server.Mollie
    stripe: stripe_server.Stripe

    def begin(self, name: str = "mollie", now: datetime = NOW) -> checkouts.Begun:
        """Presses a button."""
        return checkouts.begin(self.engine, self.token, name, self.providers, BASE, now)

    def told(self, request: Request, now: datetime = NOW) -> int:
        """A webhook arrives, and is followed up; the status that it is answered with."""
        answer = hearing.receive(self.engine, hooks(), request.url.rpartition("/")[2], request, now, law=load())
        settling.settle_with(self.engine, self.providers, now)
        return answer.status

    def open(self) -> list[Decimal]:
        """What is open of each invoice."""
        with connect(self.engine) as connection:
            found = dict(connection.execute(select(INVOICES.c.id, INVOICES.c.open)).all())
        return [found[ref] for ref in self.invoices]

    def rows(self) -> list[Any]:
        """The checkouts."""
        with connect(self.engine) as connection:
            return list(connection.execute(select(CHECKOUTS).order_by(CHECKOUTS.c.id)))

    def bank(self) -> Decimal:
        """What came in, in all."""
        with connect(self.engine) as connection:
            return sum(connection.scalars(select(ENTRIES.c.amount).where(ENTRIES.c.account == "bank")), Decimal(0))

    def server(self, name: str) -> Service:
        """The server of a provider."""
        return self.mollie if name == "mollie" else self.stripe

    def ref(self, number: int = -1) -> str:
        """The provider's id of a checkout."""
        return str(self.rows()[number].provider_id)


def hooks() -> Mapping[str, Hook]:
    """The hooks of both."""
    return {"mollie": MollieHook(SECRET), "stripe": StripeHook(SECRET)}


@contextmanager
def database(where: Path | str) -> Iterator[Engine]:
    """A database of this release's shape."""
    if isinstance(where, str):
        with books.database(where) as engine:
            yield engine
        return
    (where / "books.db").write_bytes(migrated())
    engine = open_database(f"sqlite:///{where / 'books.db'}")
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def shop(where: Path | str, *, timeout: float = 5, pause: Callable[[float], None] = lambda _: None) -> Iterator[Shop]:
    """A shop in a folder, or in a database by URL."""
    mollie, stripe = mollie_server.Mollie(), stripe_server.Stripe()
    with database(where) as engine, mollie.served() as here, stripe.served() as there:
        with connect(engine) as connection:
            creditor = books.creditor(connection, iban="BE71096123456769", secret="s" * 64)
            debtor = books.debtor(connection, creditor)
            invoices = (books.invoice(connection, debtor, "F1", "121.00"), books.invoice(connection, debtor, "F2", "79.53"))
            made = token("s" * 64, "action:1")
            links.keep(connection, [links.row(creditor, debtor, invoices, "EUR", None, "nl", made, books.DAY)])
        providers: dict[str, Provider] = {
            "mollie": Mollie(Api("Mollie", here, mollie_server.KEY, timeout=timeout, pause=pause)),
            "stripe": Stripe(Api("Stripe", there, stripe_server.KEY, headers={"Stripe-Version": VERSION}, timeout=timeout, pause=pause)),
        }
        yield Shop(engine, creditor, debtor, invoices, made, providers, mollie, stripe)
