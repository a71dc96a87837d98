"""Plugins with one fault each, and the checks of the kit that must find it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, update

from einvoice.outbox import Effect, Outcome, Resend
from einvoice.outbox.mode import Mode
from einvoice.outbox.relaying import deliver
from einvoice.receivables.snapshot import DebtorSnapshot
from einvoice_plugins import mapping, posting
from einvoice_plugins.book import Follow, Kept
from einvoice_plugins.conformance.cases import cases
from einvoice_plugins.conformance.checks import Killed
from einvoice_plugins.conformance.plugin import Blocked
from einvoice_plugins.delivery import Delivery
from einvoice_plugins.foreign import ForeignStore
from einvoice_plugins.records import Ledger, Record
from einvoice_plugins.repository import Repository
from tests.plugins.small.effects import beginning
from tests.plugins.small.erp import DOCUMENTS, EFFECTS, Ours, SmallErp
from tests.plugins.small.memory import MemoryDesk


class NeverBlocks(SmallErp):
    def before_posting(self, connection: Connection, document: int, record: Record) -> None:
        self.stored["weigh"] = "warn"
        super().before_posting(connection, document, record)


class AlwaysBlocks(SmallErp):
    def before_posting(self, connection: Connection, document: int, record: Record) -> None:
        self.stored.pop("weigh", None)
        super().before_posting(connection, document, record)


class SaysNoLink(SmallErp):
    def before_posting(self, connection: Connection, document: int, record: Record) -> None:
        judged = posting.judge(mapping.invoice(record))
        if judged.blocks:
            raise Blocked(posting.readable(judged, links=False))


class SendsWhatIsNotValid(SmallErp):
    def submit(self, document: str) -> None:
        self.plan(self.effect(document))


class TakesAnySetting(SmallErp):
    def set(self, name: str, value: Any) -> None:
        self.stored[name] = value


class SaysThatAllIsPaid(SmallErp):
    """What Tryton's own writer states of an invoice that it has just posted."""

    def balanced(self, ledger: Ledger) -> Ledger:
        return ledger._replace(prepaid=ledger.total, open=Decimal(0))


class SendsAtOnce(SmallErp):
    def plan(self, effect: Effect) -> None:
        super().plan(effect)
        assert self.sender is not None
        self.sender.send(effect)


class IsLiveByItself(SmallErp):
    def allowed(self, handle: Any) -> Mode:
        return Mode("live")


class WritesAnew(SmallErp):
    """It sends other bytes than those that it has kept."""

    def effect(self, document: str) -> Effect:
        made = super().effect(document)
        return made._replace(payload=made.payload + b"\n")


class CommitsAtOnce(SmallErp):
    @contextmanager
    def unit(self) -> Iterator[None]:
        with self._work() as connection:
            self._within = connection
            try:
                yield
            except Killed:
                pass
            finally:
                self._within = None


class HasNoKey(SmallErp):
    def effect(self, document: str) -> Effect:
        return super().effect(document)._replace(key=str(uuid4()))


class SendsWhatIsUnknown(SmallErp):
    def effect(self, document: str) -> Effect:
        return super().effect(document)._replace(resend=Resend.SAME_BYTES)


class NeverSweeps(SmallErp):
    def cron(self) -> None:
        assert self.sender is not None
        store = ForeignStore(beginning(self.engine, EFFECTS), {"plugin": Ours()}, self.allowed)
        deliver(store, {"peppol": self.sender}, lambda: self.now, worker="cron")


class GivesUp(SmallErp):
    def cron(self) -> None:
        assert self.sender is not None
        store = ForeignStore(beginning(self.engine, EFFECTS), {"plugin": Ours()}, self.allowed, attempts=1)
        store.sweep(self.now)
        deliver(store, {"peppol": self.sender}, lambda: self.now, worker="cron")


class SaysSent(SmallErp):
    def delivery(self, document: str) -> Delivery:
        return Delivery.SENT


class HearsNoReport(SmallErp):
    def report(self, document: str, outcome: Outcome) -> None:
        """Nobody listens."""


class BelievesTheLast(SmallErp):
    def answer(self, document: str, status: str, at: str) -> None:
        with self._work() as connection:
            changed = update(DOCUMENTS).where(DOCUMENTS.c.id == int(document))
            connection.execute(changed.values(response=status, responded=at))


class CountsCreditAsDebt(SmallErp):
    def snapshots(self, day: date) -> list[DebtorSnapshot]:
        return [
            debtor._replace(invoices=tuple(item._replace(open=abs(item.open)) for item in debtor.invoices))
            for debtor in super().snapshots(day)
        ]


class ForgetsHolds(SmallErp):
    def snapshots(self, day: date) -> list[DebtorSnapshot]:
        return [debtor._replace(holds=()) for debtor in super().snapshots(day)]


class _NoMemory(MemoryDesk):
    def of_days(self, debtors: Collection[int], days: Collection[date]) -> list[Kept]:
        return []


class _NoWayBack(MemoryDesk):
    def set_follow(self, follow: Mapping[int, Follow]) -> None:
        super().set_follow({invoice: values for invoice, values in follow.items() if values.trail})


class KeepsTwice(SmallErp):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.desk = _NoMemory()
        self.repository = Repository(lambda _: self.desk)


class GivesNothingBack(SmallErp):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.desk = _NoWayBack()
        self.repository = Repository(lambda _: self.desk)


class LeavesItsHook(SmallErp):
    def uninstall(self) -> None:
        EFFECTS.drop(self.engine)


@dataclass(frozen=True)
class Fault:
    """A faulty plugin, and the checks that find it."""

    plugin: type[SmallErp]
    found_by: Sequence[str]


_ASKING = ("posting is blocked",)
FAULTS = (
    Fault(NeverBlocks, _ASKING),
    Fault(SaysNoLink, _ASKING),
    Fault(AlwaysBlocks, ("posting is lowered",)),
    Fault(SendsWhatIsNotValid, ("posting is lowered",)),
    Fault(TakesAnySetting, ("settings are judged",)),
    Fault(SaysThatAllIsPaid, tuple(f"case: {name}" for name in cases())),
    Fault(SendsAtOnce, ("nothing leaves before commit", "sent once")),
    Fault(IsLiveByItself, ("nothing leaves before commit",)),
    Fault(WritesAnew, ("nothing leaves before commit",)),
    Fault(CommitsAtOnce, ("rollback leaves nothing",)),
    Fault(HasNoKey, ("sent once",)),
    Fault(SendsWhatIsUnknown, ("killed is unknown",)),
    Fault(NeverSweeps, ("killed is unknown",)),
    Fault(GivesUp, ("tried again",)),
    Fault(SaysSent, ("tried again", "refused is told", "states come back", "killed is unknown")),
    Fault(HearsNoReport, ("states come back",)),
    Fault(BelievesTheLast, ("states come back",)),
    Fault(CountsCreditAsDebt, ("snapshots are right",)),
    Fault(ForgetsHolds, ("snapshots are right",)),
    Fault(KeepsTwice, ("actions are kept once",)),
    Fault(GivesNothingBack, ("actions are kept once",)),
    Fault(LeavesItsHook, ("uninstalling leaves the ERP",)),
)
