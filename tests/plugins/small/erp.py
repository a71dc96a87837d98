"""A small ERP of our own, with tables of its own in SQLite, and a plugin on the contract: what the conformance kit is proven with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, Integer, LargeBinary, MetaData, String, Table, Text, func, insert, select, update

from einvoice.database import connect, open_database
from einvoice.database.types import Instant, Money
from einvoice.errors import EInvoiceError
from einvoice.money import rounded
from einvoice.outbox import Effect, Outcome, Permission, Sender, State
from einvoice.outbox.mode import Mode
from einvoice.outbox.relaying import deliver
from einvoice.receivables.actions import Action
from einvoice.receivables.snapshot import DebtorSnapshot
from einvoice.receivables.store.saving import Saved
from einvoice_plugins import foreign, mapping, posting, settings
from einvoice_plugins.conformance.plugin import Blocked
from einvoice_plugins.delivery import Delivery, Known
from einvoice_plugins.foreign import ForeignStore
from einvoice_plugins.records import Ledger, Posted, Record, Tax
from einvoice_plugins.repository import Repository
from tests.plugins.small.effects import beginning
from tests.plugins.small.memory import MemoryDesk

TABLES = MetaData()
DOCUMENTS = Table(
    "erp_document", TABLES, Column("id", Integer, primary_key=True), Column("number", Text, unique=True), Column("state", Text),
    Column("xml", LargeBinary), Column("sendable", Boolean), Column("response", Text), Column("responded", Text),
)  # fmt: skip
MOVES = Table("erp_move", TABLES, Column("document", Integer), Column("account", String), Column("amount", Money))
EFFECTS = Table(
    "erp_effect", TABLES, Column("id", Integer, primary_key=True), Column("key", Text, unique=True),
    *(Column(name, Text) for name in "owner subject channel address resend state worker provider proof reason redirected".split()),
    *(Column(name, Instant) for name in ("next_at", "not_after", "lease_until", "created_at", "sent_at", "settled_at")),
    Column("payload", LargeBinary), Column("headers", JSON), Column("attempts", Integer), Column("doubtful", Boolean),
)  # fmt: skip


class Ours:
    """The owner of the effects: all that was asked for may go."""

    def may_send(self, connection: Any, effect: Effect, now: datetime) -> Permission:
        return Permission()

    def happened(self, connection: Any, effect: Effect, was: State, outcome: Outcome, now: datetime) -> None:
        """The state is read of the effect."""


class SmallErp:
    """The ERP with the plugin in it (`conformance.Plugin`)."""

    def __init__(self, folder: Path) -> None:
        self.engine = open_database(f"sqlite:///{folder / 'erp.db'}")
        TABLES.create_all(self.engine)
        self.stored: dict[str, Any] = {}
        self.installed = True
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)
        self.sender: Sender | None = None
        self.desk = MemoryDesk()
        self.repository = Repository(lambda _: self.desk)
        self._within: Connection | None = None

    @property
    def chosen(self) -> settings.Chosen:
        return settings.read(self.stored)

    def set(self, name: str, value: Any) -> None:
        settings.read({**self.stored, name: value})
        self.stored[name] = value

    def post(self, record: Record) -> str:
        with self._work() as connection:
            document = self._draft(connection, record)
        with self._work() as connection:
            posted = self.posted(record)
            if self.installed:
                self.before_posting(connection, document, posted)
            for account, amount in (("receivable", posted.ledger.total), ("receivable", -posted.ledger.prepaid)):
                connection.execute(insert(MOVES).values(document=document, account=account, amount=amount))
            connection.execute(update(DOCUMENTS).where(DOCUMENTS.c.id == document).values(state="posted"))
        return str(document)

    def posted(self, record: Record) -> Record:
        """The record by this ERP's own arithmetic: quantities, prices and rates give the rest."""
        lines = tuple(
            line._replace(net=rounded(line.quantity * line.price) + sum((item.amount for item in line.adjustments), Decimal(0)))
            for line in record.lines
        )
        bases: dict[Tax, Decimal] = {}
        for tax, amount in [(line.taxes[0], line.net) for line in lines] + [(item.taxes[0], item.amount) for item in record.adjustments]:
            bases[tax] = bases.get(tax, Decimal(0)) + amount
        taxes = tuple(Posted(tax, base, rounded(base * tax.rate / 100)) for tax, base in bases.items())
        untaxed, vat = sum(bases.values(), Decimal(0)), sum((each.amount for each in taxes), Decimal(0))
        total = untaxed + vat + record.ledger.rounding
        ledger = record.ledger._replace(untaxed=untaxed, tax=vat, total=total, open=total - record.ledger.prepaid)
        return record._replace(lines=lines, taxes=taxes, ledger=self.balanced(ledger))

    def balanced(self, ledger: Ledger) -> Ledger:
        """What the plugin reads of the ledger."""
        return ledger

    def before_posting(self, connection: Connection, document: int, record: Record) -> None:
        """The plugin's hook in posting."""
        judged = posting.judge(mapping.invoice(record), self.chosen.profile, weigh=self.chosen.weigh)
        if judged.blocks:
            raise Blocked(posting.readable(judged))
        values = {"xml": judged.xml, "sendable": judged.may_send}
        connection.execute(update(DOCUMENTS).where(DOCUMENTS.c.id == document).values(values))

    def draft(self, number: str) -> str | None:
        with self._work() as connection:
            found = connection.scalar(select(DOCUMENTS.c.id).where(DOCUMENTS.c.number == number))
        return None if found is None else str(found)

    def is_posted(self, document: str) -> bool:
        state: str = self._value(document, "state")
        return state == "posted"

    def open(self, document: str) -> Decimal:
        with self._work() as connection:
            query = select(func.sum(MOVES.c.amount, type_=Money())).where(MOVES.c.document == int(document))
            return Decimal(connection.scalar(query) or 0)

    def xml(self, document: str) -> bytes | None:
        found: bytes | None = self._value(document, "xml")
        return found

    def submit(self, document: str) -> None:
        if not self._value(document, "sendable"):
            raise EInvoiceError("it is not valid")
        self.plan(self.effect(document))

    def effect(self, document: str) -> Effect:
        xml = self.xml(document)
        assert xml is not None
        return Effect(f"invoice:{document}", "plugin", document, "peppol", "0208:0999912325", xml)

    def plan(self, effect: Effect) -> None:
        with self._work() as connection:
            if connection.scalar(select(EFFECTS.c.id).where(EFFECTS.c.key == effect.key)) is None:
                connection.execute(insert(EFFECTS).values(foreign.planned(effect, self.now)))

    @contextmanager
    def unit(self) -> Iterator[None]:
        with self._work() as connection:
            self._within = connection
            try:
                yield
            finally:
                self._within = None

    def network(self, sender: Sender) -> None:
        self.sender = sender

    def cron(self) -> None:
        assert self.sender is not None
        store = ForeignStore(beginning(self.engine, EFFECTS), {"plugin": Ours()}, self.allowed)
        store.sweep(self.now)
        deliver(store, {"peppol": self.sender}, lambda: self.now, worker="cron")

    def allowed(self, handle: Any) -> Mode:
        return Mode(self.chosen.mode, self.chosen.redirect or None)

    def later(self, time: timedelta) -> datetime:
        self.now += time
        return self.now

    def delivery(self, document: str) -> Delivery:
        known = Known(self._state(document), False, self._value(document, "response"), self._value(document, "responded") or "")
        return known.delivery

    def report(self, document: str, outcome: Outcome) -> None:
        with beginning(self.engine, EFFECTS)() as rows:
            row = rows.handle.scalar(select(EFFECTS.c.id).where(EFFECTS.c.subject == document))
            foreign.report(rows, row, outcome, self.now, {"plugin": Ours()})

    def answer(self, document: str, status: str, at: str) -> None:
        known = Known(None, False, self._value(document, "response"), self._value(document, "responded") or "").answered(status, at)
        with self._work() as connection:
            values = {"response": known.response, "responded": known.responded}
            connection.execute(update(DOCUMENTS).where(DOCUMENTS.c.id == int(document)).values(values))

    def enter(self, debtors: Sequence[DebtorSnapshot]) -> None:
        for debtor in debtors:
            self.desk.enter(debtor)

    def snapshots(self, day: date) -> list[DebtorSnapshot]:
        return list(self.repository.snapshots(None, 1, day))

    def save(self, actions: Sequence[Action]) -> Saved:
        return self.repository.save(None, 1, actions)

    def cancel(self, action: str) -> bool:
        return self.repository.cancel(None, action, "paid")

    def uninstall(self) -> None:
        self.installed = False
        EFFECTS.drop(self.engine)

    @contextmanager
    def _work(self) -> Iterator[Connection]:
        if self._within is not None:
            yield self._within
        else:
            with connect(self.engine) as connection:
                yield connection

    def _draft(self, connection: Connection, record: Record) -> int:
        found = connection.scalar(select(DOCUMENTS.c.id).where(DOCUMENTS.c.number == record.number))
        if found is None:
            found = connection.execute(insert(DOCUMENTS).values(number=record.number, state="draft")).inserted_primary_key[0]  # type: ignore[index]
        return int(found)

    def _value(self, document: str, name: str) -> Any:
        with self._work() as connection:
            return connection.scalar(select(DOCUMENTS.c[name]).where(DOCUMENTS.c.id == int(document)))

    def _state(self, document: str) -> str | None:
        with self._work() as connection:
            state: str | None = connection.scalar(select(EFFECTS.c.state).where(EFFECTS.c.subject == document))
            return state
