"""A creditor's day for tests of the run: a fake clock, a ledger, real channels, and what may change between plan and sending."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from einvoice.database import connect, open_database
from einvoice.outbox import mode
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables import law, ledger, policy
from einvoice.receivables.policy import Policy
from einvoice.receivables.run import Report, run
from einvoice.receivables.store.tables import ACTIONS, CONSENTS, CONTACTS, CREDITORS, DEBTORS, HOLDS, INVOICES, MESSAGES, TASKS
from einvoice.settings import Receivables, Sending, Settings, Smtp
from tests.receivables import books
from tests.smtp import Mailbox

EARLY = datetime(2026, 11, 2, 5, tzinfo=UTC)
"""Monday 2026-11-02, six o'clock in Amsterdam: before the hours of contact."""
MORNING = datetime(2026, 11, 2, 9, tzinfo=UTC)
"""Ten o'clock: within them."""
REMINDERS = """
version: 1
name: tests
segments: [{id: all, when: "true", flow: f}]
flows:
  f:
    - {id: r1, offset: 0, all_of: [email], firmness: 1}
    - {id: r2, offset: 10, all_of: [email], firmness: 2}
    - {id: r3, offset: 20, all_of: [call], firmness: 2}
"""


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def on(self, days: float = 0, hours: float = 0) -> None:
        """Moves on."""
        self.now += timedelta(days=days, hours=hours)


class World:
    """A database, a clock, settings and a policy; `live` until told."""

    def __init__(self, engine: Engine, settings: Settings, rules: str = REMINDERS) -> None:
        self.engine = engine
        self.settings = settings
        self.clock = Clock()
        self.policy: Policy = policy.load(rules)
        with connect(engine) as connection:
            self.creditor = books.creditor(
                connection, iban="BE71096123456769", email="ar@acme.example", phone="+31 20 000 00 00", legal_id="12345678"
            )
        self.mode("live")

    def mode(self, name: str, address: str = "me@acme.example") -> None:
        """Sets the mode."""
        with connect(self.engine) as connection:
            if name == "live":
                mode.set_live(connection, {}, mode.confirmation({}), self.clock(), "tests")
            elif name == "redirect":
                mode.set_redirect(connection, address, self.clock(), "tests")
            else:
                mode.set_dry_run(connection, self.clock(), "tests")

    def debtor(self, key: str, *, email: str | None = None, amounts: tuple[str, ...] = ("100.00",), **values: Any) -> int:
        """A debtor who owes invoices that were due on Saturday 2026-10-31."""
        with connect(self.engine) as connection:
            made = self._debtor(connection, key, email=email or f"{key}@customer.example", **values)
            for number, amount in enumerate(amounts, 1):
                books.invoice(connection, made, f"{key}-{number}", amount)
        return made

    def _debtor(self, connection: Connection, key: str, **values: Any) -> int:
        """A debtor who can be called, too."""
        made = books.debtor(connection, self.creditor, key, **values)
        connection.execute(update(CONTACTS).where(CONTACTS.c.debtor_id == made).values(phone="+31 6 00000000"))
        return made

    def debtors(self, count: int) -> list[int]:
        """Many of them."""
        with connect(self.engine) as connection:
            found = []
            for number in range(count):
                key = f"d{number}"
                found.append(self._debtor(connection, key, email=f"{key}@customer.example"))
                books.invoice(connection, found[-1], f"{key}-1", "100.00")
        return found

    def run(self, at: datetime | None = None, **more: Any) -> Report:
        """A run, at a moment where one is named."""
        if at is not None:
            self.clock.now = at
        return run(self.engine, "acme", self.policy, law.load(), self.settings, clock=self.clock, **more)

    def states(self) -> Mapping[str, list[Any]]:
        """The states of actions, messages and effects, and the kinds of open tasks, in order."""
        with connect(self.engine) as connection:
            return {
                "actions": sorted(connection.scalars(select(ACTIONS.c.state))),
                "messages": sorted(connection.scalars(select(MESSAGES.c.state))),
                "outbox": sorted(connection.scalars(select(OUTBOX.c.state))),
                "tasks": sorted(connection.scalars(select(TASKS.c.kind).where(TASKS.c.done_on.is_(None)))),
            }

    def rows(self, statement: Any) -> list[Any]:
        """What a query finds."""
        with connect(self.engine) as connection:
            return list(connection.execute(statement).all())


@contextmanager
def world(where: Path, mail: Mailbox | None = None, *, url: str | None = None, rules: str = REMINDERS) -> Iterator[World]:
    """A world whose mail goes to a server, where one is named, and whose letters go to the folder `letters`."""
    smtp = Smtp(host=mail and mail.host, port=mail and mail.port, security="none", sender="ar@acme.example", timeout=10)
    settings = Settings(smtp=smtp, receivables=Receivables(print_folder=where / "letters"), sending=Sending(workers=1))
    if url is not None:
        with books.database(url) as engine:
            yield World(engine, settings, rules)
        return
    (where / "books.db").write_bytes(migrated())
    engine = open_database(f"sqlite:///{where / 'books.db'}")
    try:
        yield World(engine, settings, rules)
    finally:
        engine.dispose()


@cache
def migrated() -> bytes:
    """An empty database of this release's shape: to copy one takes a tenth of the time of making one."""
    with TemporaryDirectory() as folder:
        with books.database(Path(folder)):
            pass
        return (Path(folder) / "books.db").read_bytes()


Change = Callable[[Connection, World, int], None]


def _booking(made: World) -> ledger.Booking:
    return ledger.Booking(made.clock().date(), "tests", made.clock())


def _invoice(connection: Connection, debtor: int) -> int:
    return int(connection.execute(select(INVOICES.c.id).where(INVOICES.c.debtor_id == debtor)).scalars().first() or 0)


def pays(connection: Connection, made: World, debtor: int, amount: str = "100.00") -> None:
    """The debtor pays its invoice, or a part of it."""
    money = ledger.PaymentIn(key=f"p{debtor}-{amount}", amount=Decimal(amount), currency="EUR", booked=made.clock().date(), debtor=debtor)
    ledger.post_payment(connection, made.creditor, money, _booking(made), to=[(_invoice(connection, debtor), None)])


def pays_on_account(connection: Connection, made: World, debtor: int) -> None:
    """Money comes in that no invoice gets yet."""
    money = ledger.PaymentIn(key=f"a{debtor}", amount=Decimal("100.00"), currency="EUR", booked=made.clock().date(), debtor=debtor)
    ledger.post_payment(connection, made.creditor, money, _booking(made))


def holds(reason: str, *, whole: bool = True, part: str | None = None, until: date | None = None) -> Change:
    """A pause of the invoice, of a part of it, or of the debtor."""

    def change(connection: Connection, made: World, debtor: int) -> None:
        invoice = None if whole else _invoice(connection, debtor)
        row: dict[str, Any] = {
            "debtor_id": debtor,
            "invoice_id": invoice,
            "reason": reason,
            "amount": None,
            "until": until,
            "since": date(2026, 11, 2),
        }
        if part is not None:
            row["amount"] = Decimal(part)
        connection.execute(HOLDS.insert().values(row))

    return change


def sets(**values: Any) -> Change:
    """A change of the debtor's row."""

    def change(connection: Connection, made: World, debtor: int) -> None:
        connection.execute(update(DEBTORS).where(DEBTORS.c.id == debtor).values(values))

    return change


def contact(**values: Any) -> Change:
    """A change of the debtor's contact."""

    def change(connection: Connection, made: World, debtor: int) -> None:
        connection.execute(update(CONTACTS).where(CONTACTS.c.debtor_id == debtor).values(values))

    return change


def withdraws_consent(connection: Connection, made: World, debtor: int) -> None:
    """The debtor wants no more e-mail."""
    row = {"debtor_id": debtor, "channel": "email", "granted": False, "at": made.clock(), "source": "tests"}
    connection.execute(CONSENTS.insert().values(row))


def tampered(connection: Connection, made: World, debtor: int) -> None:
    """Somebody changed the bytes in the outbox."""
    connection.execute(update(OUTBOX).values(payload=b"Subject: pay me instead\r\n\r\n"))


CHANGES: Mapping[str, Change] = {
    "paid": pays,
    "paid in part": lambda connection, made, debtor: pays(connection, made, debtor, "10.00"),
    "money on account": pays_on_account,
    "dispute": holds("dispute", whole=False),
    "dispute of a part": holds("dispute", whole=False, part="10.00"),
    "plan": holds("plan"),
    "promise": holds("promise", until=date(2026, 11, 2)),
    "payment pending": holds("payment_pending", until=date(2026, 11, 9)),
    "manual": holds("manual", whole=False),
    "insolvent": sets(insolvent_on=date(2026, 11, 1)),
    "held by a person": sets(hold_until=date(2026, 11, 2)),
    "consent withdrawn": withdraws_consent,
    "bounced": contact(email_bounced_on=date(2026, 11, 2)),
    "address changed": contact(email="new@customer.example"),
    "address gone": contact(email=None),
    "bytes changed": tampered,
}
"""What may happen between plan and sending, each of which stops the message."""
NO_REASON: Mapping[str, Change] = {
    "a promise that ended yesterday": holds("promise", until=date(2026, 11, 1)),
    "a hold until yesterday": sets(hold_until=date(2026, 11, 1)),
    "another contact field": contact(name="Somebody else"),
    "nothing": lambda connection, made, debtor: None,
}
"""What stops nothing."""


def creditor_row(made: World) -> Any:
    """The creditor."""
    return made.rows(select(CREDITORS))[0]


def sent_after(where: Path, mail: Mailbox, change: Change) -> int:
    """How many messages leave when something changes between plan and sending."""
    from einvoice.outbox import relay
    from einvoice.receivables.channels.installed import installed
    from einvoice.receivables.guard import ReceivablesOwner

    where.mkdir(parents=True, exist_ok=True)
    with world(where, mail) as made:
        debtor = made.debtor("a")
        assert made.run(EARLY).waiting == 1
        with connect(made.engine) as connection:
            change(connection, made, debtor)
        made.clock.now = MORNING
        owners = {"receivables": ReceivablesOwner(law.load())}
        return relay(made.engine, installed(made.settings), owners, made.clock, ceiling=made.settings.sending).sent
